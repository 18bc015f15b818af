#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How stress ends otherwise: the process that writes dies, whatever our caller thinks of
# SIGCHLD; the file system goes, and what was found before is told all the same; stopped for
# longer than the watchdog allows, as with ^Z, nothing has hung.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 320 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need_root
t_need jq xfs_io
result=$t_tmp/r.json
job=$top_srcdir/workloads/stress/mixed.job

# begin ARGUMENT...: stress in the background; $child is the process that writes.
begin() {
	t_start stress -d "$MNT" -o "$result" "$@" "$job"
	t_wait_for 20 has_child || t_fail 'no process that writes'
	child=$(cat "/proc/$t_pid/task/$t_pid/children")
	child=${child%% *}
	t_wait_for 20 t_has_scratch "$MNT" || t_fail "nothing is written"
	sleep 1
}
has_child() {
	[ -n "$(cat "/proc/$t_pid/task/$t_pid/children" 2>/dev/null)" ]
}

# What would be watched by nobody.
t_watched=$MNT
t_refused 'stress watches 1984 operations in flight at most, of all threads: .* 4096' \
	stress -d "$MNT" -s iodepth=1024 "$top_srcdir/workloads/stress/threads.job"

printf '%s\n' '[global]' direct=1 size=1m filename=x '[a]' mix=append:1 '[b]' stonewall \
	mix=overwrite:1 >"$t_tmp/twice.job"
t_refused 'twice.job:4: .*x is laid out anew .* job a ' stress -d "$MNT" "$t_tmp/twice.job"

t_refused 'the first 128 GiB of a file' stress -d "$MNT" -s size=129g "$job"

# Whoever starts us may ignore SIGCHLD, which is inherited.
printf '%s\n' '#!/bin/sh' "exec env --ignore-signal=CHLD '$DIOWAIT' \"\$@\"" >"$t_tmp/ignores"
chmod +x "$t_tmp/ignores"
real=$DIOWAIT
DIOWAIT=$t_tmp/ignores
begin --duration=60s
DIOWAIT=$real
kill -9 "$child"
t_ended 20
[ "$t_got" -eq $((1 << 8)) ] || t_fail "wait status $t_got, not exit 1" "$t_tmp/stderr"
grep -q 'died of signal 9' "$t_tmp/stderr" || t_fail 'no word of it' "$t_tmp/stderr"
rm -rf "$MNT"/diowait.scratch.*

# Stopped, both of them, for three times as long as a write may take.
begin --duration=8s --watchdog=1s
kill -STOP "$t_pid" "$child"
sleep 3
kill -CONT "$child" "$t_pid"
t_ended 20
[ "$t_got" -eq 0 ] || t_fail "stopped and continued: wait status $t_got" "$t_tmp/stdout"

# The file system is shut down: writes fail, and then nothing can be read back.
begin --duration=60s
xfs_io -x -c shutdown "$MNT"
t_ended 30
[ "$t_got" -eq $((2 << 8)) ] || t_fail "shut down: wait status $t_got" "$t_tmp/stderr"
t_json "$result" '[.stress.contracts[] | select(.name == "error")][0].broken > 0' \
	'EIO is not what broke'
t_json "$result" '.stress.findings | length > 0' 'no finding'
