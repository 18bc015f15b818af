#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nights that are not compared: of several sittings, with an entry that can't be run, refused
# before any load, on a file system of their own.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=10000 --extend-us=10000 "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/nightly.sh"
t_need jq

# --- three sittings a night are one result, and one of them is what a kill costs
cat >"$t_tmp/three.suite" <<END
[three]
workload=w.job
engine=libaio
directory=$MNT
set=mix=append:1
set=iodepth=2
sittings=3
END
t_start nightly --results="$results" --host=h "$t_tmp/three.suite"
t_wait_for 20 grep -q '^1/1 three, sitting 2 of 3: ' "$t_tmp/stderr" ||
	t_fail 'the second sitting was not begun'
kill -9 "$t_pid"
t_ended 30
first=$(jq -r .started "$host/three/.night-1.json")
night 0 "$t_tmp/three.suite"
grep -q '^1/1 three, sitting 1 of 3: done already' "$t_tmp/stderr" ||
	t_fail 'a sitting was done twice' "$t_tmp/stderr"
[ "$(stored three)" -eq 1 ] || t_fail 'three sittings are not one result'
[ -z "$(find "$host/three" -name '.night*')" ] || t_fail 'parts are left'
result=$(find "$host/three" -name '2*.json')
t_json "$result" '.started == $first and (.variants[0] | (.rounds | length) == 6 and
	.kinds[0].ops == 180 and .kinds[0].lat_ns.N == 180)' 'not all of three sittings' \
	--arg first "$first"
grep -q '^ *append .*180' "${result%.json}.txt" || t_fail 'its report' "${result%.json}.txt"
night 0 "$t_tmp/three.suite"
[ "$(stored three)" -eq 2 ] || t_fail 'the night after'
# Sittings of two workloads are not one result.
t_start nightly --results="$results" --host=h "$t_tmp/three.suite"
t_wait_for 20 grep -q '^1/1 three, sitting 2 of 3: ' "$t_tmp/stderr" ||
	t_fail 'the second sitting was not begun, again'
kill -9 "$t_pid"
t_ended 30
sed 's/^set=iodepth=2/set=iodepth=3/' "$t_tmp/three.suite" >"$t_tmp/other.suite"
night 1 "$t_tmp/other.suite"
grep -q '^ three *FAILED: its workload has changed' "$t_tmp/stdout" ||
	t_fail 'sittings of two workloads' "$t_tmp/stdout"
night 0 "$t_tmp/other.suite"
[ "$(stored three)" -eq 3 ] || t_fail 'the night after that'

# --- an entry that can't be run costs the others nothing
cat >"$t_tmp/broken.suite" <<END
[broken]
workload=w.job
directory=$MNT
set=mix=appendix:1
[overwrites]
workload=w.job
engine=libaio
directory=$MNT
set=mix=overwrite:1
END
night 1 "$t_tmp/broken.suite"
grep -q '^FAILED: 1 of 2 entries' "$t_tmp/stdout" || t_fail 'failed' "$t_tmp/stdout"
grep -q '^ broken *FAILED: .*appendix' "$t_tmp/stdout" || t_fail 'why' "$t_tmp/stdout"
[ "$(stored overwrites)" -eq 1 ] || t_fail 'the other was not run'

# --- refused before any load
t_watched=$MNT
bad() {
	printf '%s\n' "$2" >"$t_tmp/bad.suite"
	t_refused "$1" nightly --results="$results" "$t_tmp/bad.suite"
}
bad 'bad.suite:1: workload stands before' 'workload=w.job'
bad 'bad.suite:2: unknown key workloads: did you mean workload' '[a]
workloads=w.job'
bad 'bad.suite:1: \[a\] has no workload' '[a]'
bad 'bad.suite:1: \[a\] has neither' '[a]
workload=w.job'
bad 'bad.suite:2: filesystem=ntfs: must be' '[a]
filesystem=ntfs'
bad 'bad.suite:2: rounds=0: must be' '[a]
rounds=0'
bad 'bad.suite:2: sittings=10: must be a whole number, 1 .. 9' '[a]
sittings=10'
bad 'bad.suite:1: \[../x\]: an entry' '[../x]'
bad 'bad.suite:4: \[a\] is there already, in line 1' '[a]
workload=w.job
directory=/
[a]'
bad 'bad.suite:1: \[a\] workload=.*none.job: No such file' "[a]
workload=none.job
directory=$MNT"
bad 'no entry' '; nothing'
bad 'bad.suite:1: \[lock\] is the name of a file' "[lock]
workload=w.job
directory=$MNT"
t_refused 'results=.*No such file' nightly --results="$t_tmp/none" "$t_tmp/two.suite"
t_refused 'results=DIR is missing' nightly "$t_tmp/two.suite"
mkdir "$t_tmp/small"
mount -t tmpfs -o size=5m none "$t_tmp/small"
t_refused 'has [0-9]* MiB free, and 2 results may take' nightly \
	--results="$t_tmp/small" "$t_tmp/two.suite"
mount -o remount,ro "$t_tmp/small"
t_refused 'Read-only file system' nightly --results="$t_tmp/small" --host=other "$t_tmp/two.suite"
umount "$t_tmp/small"
t_run 0 nightly --check "$t_tmp/two.suite"
grep -q '^set=mix=append:1$' "$t_tmp/stdout" || t_fail '--check' "$t_tmp/stdout"
t_run 0 nightly --check

# --- a file system made for an entry
made=$(mktemp -d "$top_builddir/tests/tmp.XXXXXX")
t_at_exit rm -rf "$made"
cat >"$t_tmp/made.suite" <<END
[made]
workload=w.job
engine=io_uring
filesystem=xfs
set=mix=append:1
END
night 0 -d "$made" "$t_tmp/made.suite"
result=$(find "$host/made" -name '2*.json')
t_json "$result" '.host.filesystem.type == "xfs" and .host.loop.dio' 'the file system'
[ -z "$(ls -A "$made")" ] || t_fail 'an image was left'
