#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What surroundings may do to a run: resource limits of next to nothing, its directory
# removed under it, a stop for a second. It ends, says why in one line where it could not,
# leaves nothing behind, and what was measured is kept.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 320 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq setpriv prlimit
[ -z "${T_SANITIZED:-}" ] || t_skip 'limits on memory and files are less than a sanitizer needs'

own=$MNT/own
install -m 755 "$DIOWAIT" "$MNT/diowait"
mkdir "$own"
chown 65534:65534 "$own"
chmod 755 "$MNT"
DIOWAIT=$MNT/diowait
cat >"$MNT/w.job" <<'END'
[w]
size=4m
bs=4k
iodepth=8
mix=overwrite:70,append:30
number_ios=500
END
cd "$own"

# ---- limits: as a user who has no way around them ----

# limited STATUS PATTERN LIMIT...: with each limit, through both engines, the run ends with
# STATUS; with one line that has PATTERN, if that is not empty, else with none.
limited() {
	limited_status=$1 limited_pattern=$2
	shift 2
	for limit; do
		t_prefix="timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups
			--inh-caps=-all --no-new-privs prlimit $limit"
		t_run "$limited_status" run -q --format=none -d "$own" -s ioengine="$engine" \
			"$MNT/w.job"
		[ "$(wc -l <"$t_tmp/stderr")" -eq $((limited_status > 0)) ] ||
			t_fail "$engine, $limit: not one line" "$t_tmp/stderr"
		grep -q -e "$limited_pattern" "$t_tmp/stderr" || [ "$limited_status" -eq 0 ] ||
			t_fail "$engine, $limit: not '$limited_pattern'" "$t_tmp/stderr"
		rm -f diowait.json diowait.json.old
		[ -z "$(ls -A)" ] || t_fail "$engine, $limit: left $(ls -A)"
	done
}
for engine in libaio io_uring; do
	limited 0 '' --cpu=10 --core=0 --sigpending=1 --msgqueue=1 --locks=1 --rss=1 \
		--stack=65536 --nofile=12
	limited 1 'Too many open files' --nofile=4
	limited 1 'starting a load thread: Resource temporarily unavailable' --nproc=1
	limited 1 'annot allocate memory\|out of memory' --data=1000000 --as=50000000
done
engine=libaio limited 0 '' --memlock=0
engine=io_uring
limited 1 'io_uring_setup: Cannot allocate memory; .*ulimit -l' --memlock=0
t_prefix=

# Its files may have no byte, nor may what it prints to one.
prlimit --fsize=1 "$DIOWAIT" run -q --format=none -d "$own" "$MNT/w.job" 2>&1 >/dev/null |
	cat >"$t_tmp/stderr"
grep -q 'File too large' "$t_tmp/stderr" || t_fail '--fsize=1: not told' "$t_tmp/stderr"
[ -z "$(ls -A)" ] || t_fail "--fsize=1: left $(ls -A)"
cd "$MNT"

# ---- the directory is removed in the second of many rounds ----
cat >"$t_tmp/long.job" <<'END'
[w]
size=4m
bs=4k
iodepth=8
mix=overwrite:70,append:30
time_based
runtime=1
rounds=50
END
t_start run -q --format=none -d "$own" -o "$t_tmp/r.json" "$t_tmp/long.job"
t_wait_for 20 test -d "$own/diowait.scratch.$t_pid.0/r3" ||
	t_fail 'no third round within 20 s' "$t_tmp/stderr"
rm -rf "$own"
t_ended 60
[ "$t_got" -eq 256 ] || t_fail "directory removed: wait status $t_got, not exit 1" "$t_tmp/stderr"
grep -q "^diowait: .*$own.*: No such file or directory" "$t_tmp/stderr" ||
	t_fail 'directory removed: not told' "$t_tmp/stderr"
t_json "$t_tmp/r.json" '.variants[0].rounds | length >= 1 and length < 50' 'rounds are lost'
t_json "$t_tmp/r.json" '[.notes[].text] | any(test("No such file or directory"))' \
	'the result does not say why it ended'
mkdir "$own"

# ---- a stop, which lasts as long as somebody wants ----
for engine in libaio io_uring; do
	t_start run -q --format=none -d "$own" -s ioengine=$engine -r 1 -s runtime=3 \
		-o "$t_tmp/r.json" "$t_tmp/long.job"
	t_wait_for 20 test -d "$own/diowait.scratch.$t_pid.0" ||
		t_fail 'no round within 20 s' "$t_tmp/stderr"
	sleep 1
	kill -STOP "$t_pid"
	sleep 1
	kill -CONT "$t_pid"
	t_ended 60
	[ "$t_got" -eq 0 ] || t_fail "$engine: after SIGSTOP: wait status $t_got" "$t_tmp/stderr"
	# It shows as what it was: one long time, of a call or of a write in flight.
	t_json "$t_tmp/r.json" '[.variants[0].kinds[].lat_ns.max] | max >= 9e8' \
		"$engine: the stop does not show"
	t_json "$t_tmp/r.json" 'all(.variants[0].kinds[]; .errors == {} and .ops > 0)' \
		"$engine: errors after the stop"
	[ -z "$(ls -A "$own")" ] || t_fail "$engine: files were left"
done
