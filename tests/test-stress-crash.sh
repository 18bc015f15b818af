#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# stress --crash: cycles of ext4 and XFS, in which what is durable survives; lies told
# to it in the image between crash and recovery are found, each by its contract; a run
# that is killed leaves nothing that the next one does not remove.
. "${srcdir:-.}/tests/lib.sh"

jobs=$top_srcdir/workloads/stress/crash
lie=$top_builddir/tests/crash/lie
dir=$t_tmp/images
mkdir "$dir"

# --- what can't be
t_watched=$dir
t_refused '--crash=ext3: must be ext4, xfs or btrfs' stress --crash=ext3 -d "$dir"
t_refused '--cycles=0: .*1 \.\.' stress --crash --cycles=0 -d "$dir"
t_need_root
t_need jq losetup mkfs.ext4 mkfs.xfs setpriv
[ -e /dev/loop-control ] || t_missing 'no loop devices: /dev/loop-control is missing'
t_prefix='setpriv --reuid=65534 --regid=65534 --clear-groups'
t_refused 'only root may' stress --crash -d "$dir"
t_prefix=
printf '[a]\ndirect=1\nsize=1m\nmix=append:1\nfilename=/tmp/x\n' >"$t_tmp/away.job"
t_refused 'away.job:5: .*names without /' stress --crash -d "$dir" "$t_tmp/away.job"
printf '[a]\ndirect=1\nsize=1m\nmix=append:1\nantagonists=fsync,truncate\n' >"$t_tmp/cut.job"
t_refused 'cut.job:5: .*truncate' stress --crash -d "$dir" "$t_tmp/cut.job"
t_refused 'No such file' stress --crash -d "$dir/none"

# Whether folder $1 is empty, and no loop device has a file that was in it.
left_nothing() {
	[ -z "$(ls -A "$1")" ] && ! losetup -n -O BACK-FILE | grep -q -F "$1/"
}

# --- cycles that hold
# XFS lets syncs succeed that a shutdown in the same moment made impossible: what was
# acknowledged after it began may break crash-ack there, and nothing else may break.
cycles() {
	fs=$1 may=$2
	rc=0
	"$DIOWAIT" stress --crash="$fs" --cycles=4 --seed=1 -d "$dir" -o "$t_tmp/r.json" \
		>"$t_tmp/stdout" 2>"$t_tmp/stderr" </dev/null 7>&- || rc=$?
	[ $rc -eq 0 ] || [ $rc -eq 2 ] || t_fail "$fs: exit $rc" "$t_tmp/stderr"
	jq -e --arg fs "$fs" --arg may "$may" '.stress
		| (.crashes == [{filesystem: $fs, cycles: 4, skipped: null}])
		and ([.contracts[] | select(.broken > 0 and .name != $may)] == [])
		and ([.contracts[] | select(.name | test("^(crash-(durable|size|stale)|fsck)$"))
			| .checked > 0] == [true, true, true, true])' \
		"$t_tmp/r.json" >/dev/null || t_fail "$fs: cycles" "$t_tmp/stdout"
	[ $rc -eq 0 ] || [ -n "$may" ] || t_fail "$fs: exit $rc" "$t_tmp/stdout"
	grep -q "^$fs: 4 cycles of load, crash and recovery" "$t_tmp/stdout" ||
		t_fail "$fs: the report does not count" "$t_tmp/stdout"
	# A command to be pasted is not folded.
	sed -i '/^   again: /d' "$t_tmp/stdout"
	t_report_fits
	t_wait_for 10 left_nothing "$dir" || t_fail "$fs: left-overs: $(ls -A "$dir")"
}
cycles ext4 ''
cycles xfs crash-ack

# mkfs hangs: it is no write, and nothing else moves meanwhile.
mkdir "$t_tmp/bin"
printf '%s\n' '#!/bin/sh' 'exec sleep 1000' >"$t_tmp/bin/mkfs.ext4"
chmod +x "$t_tmp/bin/mkfs.ext4"
(
	PATH=$t_tmp/bin:$PATH
	t_run 2 stress --crash=ext4 --watchdog=1s --cycles=1 -d "$dir" -o "$t_tmp/r.json"
)
t_json "$t_tmp/r.json" '.stress.hung and .stress.findings[0].contract == "completion" and
	(.stress.findings[0].text | test("nothing was begun or ended for [67]"))' 'no word of mkfs'
t_wait_for 10 left_nothing "$dir" || t_fail "mkfs hung: left-overs: $(ls -A "$dir")"

# The folder's own file system is alive.
: >"$dir/alive" && rm "$dir/alive"

# The plan of a cycle is that of its seed; and all are done in turns.
t_run 0 stress --crash --list
grep -q '^btrfs, append, io_uring$' "$t_tmp/stdout" || t_fail 'variants' "$t_tmp/stdout"

# --- lies
# Of a job that never writes to what is changed.
# $1: file system, $2: what is changed, $3: what is to be found, and how often.
lies() {
	"$lie" "$1" "$2" "$dir" "$jobs/append.job" >"$t_tmp/stdout" 2>"$t_tmp/stderr" \
		7>&- || t_fail "$1, $2: the cycle failed" "$t_tmp/stderr"
	grep -v '^crash-ack ' "$t_tmp/stdout" | tr '\n' ' ' >"$t_tmp/found"
	[ "$(cat "$t_tmp/found")" = "${3:+$3 }cycles 1 " ] ||
		t_fail "$1, $2: found $(cat "$t_tmp/found")"
}
for fs in ext4 xfs; do
	lies $fs none ''
	# Each is told of once, though it is read in three ways.
	lies $fs zero 'crash-durable 1'
	lies $fs flip 'crash-stale 1'
	lies $fs swap 'crash-stale 1'
done
lies ext4 inode 'fsck 1'

# --- killed at any moment
for after in 0.3 1.2 2.1; do
	t_start stress --crash -d "$dir" -o "$t_tmp/killed.json"
	sleep $after
	children=$(cat "/proc/$t_pid/task/$t_pid/children")
	kill -9 "$t_pid"
	t_ended 30
	# The child dies with it, but unmounts as it does, and as long holds its lock.
	[ -n "$children" ] || t_fail "killed after $after s: it had no child"
	t_wait_for 30 t_gone "$children" || t_fail "killed after $after s: $children live on"
	! grep -q "$dir" /proc/self/mountinfo || t_fail "killed after $after s: mounted"
done
t_run 0 stress --crash=ext4 --cycles=1 -d "$dir" -o "$t_tmp/r.json"
t_wait_for 10 left_nothing "$dir" || t_fail "left of killed runs: $(ls -A "$dir")"

# --- a signal ends it in order, and what was checked is reported
t_start stress --crash=ext4 -d "$dir" -o "$t_tmp/int.json"
sleep 3
kill -INT "$t_pid"
t_ended 30
[ "$t_got" -eq 2 ] || t_fail "SIGINT: wait status $t_got" "$t_tmp/stderr"
t_json "$t_tmp/int.json" '.interrupted and .stress.crashes[0].cycles > 0' 'SIGINT: the result'
t_wait_for 10 left_nothing "$dir" || t_fail "left after SIGINT: $(ls -A "$dir")"

# --- no room
mkdir "$t_tmp/small"
unshare -m --propagation private sh -c 'mount -t tmpfs -o size=8m none "$1" && shift && "$@"' \
	sh "$t_tmp/small" "$DIOWAIT" stress --crash -d "$t_tmp/small" \
	>"$t_tmp/stdout" 2>"$t_tmp/stderr" && t_fail 'there was room in 8 MiB'
grep -q 'needs 928 MiB .* has 8 MiB free' "$t_tmp/stderr" || t_fail 'no room' "$t_tmp/stderr"
