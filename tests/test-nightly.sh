#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nights on the tests' device: too few for a verdict, as before, slower, accepted; killed
# and gone on with; refused before any load. An entry on a file system of its own.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=10000 --extend-us=10000 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_device_lock
results=$t_tmp/results
host=$results/h
mkdir "$results" "$t_tmp/images"

cat >"$t_tmp/w.job" <<'END'
[w]
direct=1
bs=4k
iodepth=4
size=1m
number_ios=30
rounds=2
END
cat >"$t_tmp/two.suite" <<END
; both in one place, which may be slow for one of them
[global]
workload=w.job
engine=libaio
directory=$MNT
[overwrites]
set=mix=overwrite:1
[appends]
set=mix=append:1
END

# night STATUS [ARGUMENT]...
night() {
	t_want_night=$1
	shift
	t_run "$t_want_night" nightly --results="$results" --host=h -d "$t_tmp/images" "$@"
}
stored() {
	find "$host/$1" -name '2*.json' | wc -l
}

# --- six nights: the first five have no verdict
for nr in 1 2 3 4 5; do
	night 0 "$t_tmp/two.suite"
	t_report_fits
	grep -q '^no verdict yet: ' "$t_tmp/stdout" || t_fail "night $nr" "$t_tmp/stdout"
	grep -q "^ appends *no verdict: $((nr - 1)) of the 5 nights that it needs" \
		"$t_tmp/stdout" || t_fail "night $nr" "$t_tmp/stdout"
done
grep -q '^2/2 appends: ' "$t_tmp/stderr" || t_fail 'no progress' "$t_tmp/stderr"
[ "$(stored appends)" -eq 5 ] || t_fail 'five nights were not kept'
night 0 -q "$t_tmp/two.suite"
[ ! -s "$t_tmp/stderr" ] || t_fail 'not quiet' "$t_tmp/stderr"
grep -q '^nothing is slower in 2 of 2 entries' "$t_tmp/stdout" ||
	t_fail 'the sixth' "$t_tmp/stdout"
cmp "$t_tmp/stdout" "$host/report.txt" || t_fail 'another report is kept'

# --- a slower device, for one of them
echo 'extend-us=15000' >"$MNT/.slowfs"
night 2 "$t_tmp/two.suite"
t_report_fits
grep -q '^SLOWER: 2 rows of 1 of 2 entries' "$t_tmp/stdout" || t_fail 'slower' "$t_tmp/stdout"
grep -q '^ overwrites *as before' "$t_tmp/stdout" || t_fail 'the other' "$t_tmp/stdout"
grep -q '^ append, libaio, job w: lat p50 10\.[0-9] ms -> 15\.[0-9] ms, 1\.[45]' \
	"$t_tmp/stdout" || t_fail 'the row' "$t_tmp/stdout"
grep -q 'appends' "$results/index.html" || t_fail 'the page'
last=$(find "$host/appends" -name '2*.json' | sort | tail -n 1)
[ -s "${last%.json}.txt" ] || t_fail 'no report beside the result'
! command -v gnuplot >/dev/null || [ -s "${last%.json}.svg" ] || t_fail 'no plot'
# Accepted, it is where the next nights begin.
t_run 0 nightly --results="$results" --host=h --accept=appends
grep -q "^appends: nights count from ${last##*/} on" "$t_tmp/stdout" || t_fail 'accept'
night 0 "$t_tmp/two.suite"
grep -q '^ appends *no verdict: 1 of the 5 nights' "$t_tmp/stdout" ||
	t_fail 'what was accepted' "$t_tmp/stdout"

# --- killed in the second entry; the next start does what is left, and no more
before=$(stored overwrites)
echo 'extend-us=150000' >"$MNT/.slowfs"
t_start nightly --results="$results" --host=h -d "$t_tmp/images" "$t_tmp/two.suite"
t_wait_for 20 grep -q '^2/2 appends: ' "$t_tmp/stderr" || t_fail 'the second entry was not begun'
[ "$(stored overwrites)" -eq $((before + 1)) ] || t_fail 'the first was not kept'
# Meanwhile another one is refused.
t_watched=$host/overwrites
t_refused "another night is at work, pid $t_pid" nightly --results="$results" --host=h \
	"$t_tmp/two.suite"
children=$(cat "/proc/$t_pid/task/$t_pid/children")
kill -9 "$t_pid"
t_ended 30
t_wait_for 30 t_gone "$children" || t_fail "what it had started lives on: $children"
echo 'extend-us=15000' >"$MNT/.slowfs"
night 0 "$t_tmp/two.suite"
grep -q '^1/2 overwrites: done already' "$t_tmp/stderr" || t_fail 'done twice' "$t_tmp/stderr"
[ "$(stored overwrites)" -eq $((before + 1)) ] || t_fail 'overwrites: lost or double'
[ "$(stored appends)" -eq $((before + 1)) ] || t_fail 'appends: lost or double'
[ ! -e "$host/night" ] || t_fail 'the night has no end'
[ -z "$(find "$MNT" "$t_tmp/images" -name 'diowait.scratch.*')" ] || t_fail 'left-overs'

# --- a signal: what is finished is kept
echo 'extend-us=150000' >"$MNT/.slowfs"
t_start nightly --results="$results" --host=h -d "$t_tmp/images" "$t_tmp/two.suite"
t_wait_for 20 grep -q '^2/2 appends: ' "$t_tmp/stderr" || t_fail 'the second entry was not begun'
sleep 0.5
kill -INT "$t_pid"
t_ended 30
[ "$t_got" -eq 2 ] || t_fail "wait status $t_got, not death by SIGINT" "$t_tmp/stderr"
[ "$(stored overwrites)" -eq $((before + 2)) ] || t_fail 'SIGINT: the first was not kept'
rm "$host/night"
echo 'extend-us=10000' >"$MNT/.slowfs"

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
[ "$(stored overwrites)" -eq $((before + 3)) ] || t_fail 'the other was not run'

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
# The fingerprint is of the workload, too: another one has no history here.
sed 's/^iodepth=4/iodepth=2/' "$t_tmp/w.job" >"$t_tmp/x" && cp "$t_tmp/x" "$t_tmp/w.job"
night 0 "$t_tmp/two.suite"
grep -q '^ overwrites *no verdict: 0 of the 5 nights' "$t_tmp/stdout" ||
	t_fail 'another workload is compared' "$t_tmp/stdout"
