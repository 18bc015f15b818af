#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nights on the tests' device: too few for a verdict, as before, slower, accepted; killed
# and gone on with; another workload.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=25000 --extend-us=25000 "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/nightly.sh"
t_need jq
t_device_lock

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
echo 'extend-us=37500' >"$MNT/.slowfs"
night 2 "$t_tmp/two.suite"
t_report_fits
grep -q '^SLOWER: 2 rows of 1 of 2 entries' "$t_tmp/stdout" || t_fail 'slower' "$t_tmp/stdout"
grep -q '^ overwrites *as before' "$t_tmp/stdout" || t_fail 'the other' "$t_tmp/stdout"
grep -q '^ append, libaio, job w: lat p50 25\.[0-9] ms -> 3[78]\.[0-9] ms, 1\.[45]' \
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
echo 'extend-us=37500' >"$MNT/.slowfs"
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
echo 'extend-us=25000' >"$MNT/.slowfs"

# --- the fingerprint is of the workload, too: another one has no history here.
sed 's/^iodepth=4/iodepth=2/' "$t_tmp/w.job" >"$t_tmp/x" && cp "$t_tmp/x" "$t_tmp/w.job"
night 0 "$t_tmp/two.suite"
grep -q '^ overwrites *no verdict: 0 of the 5 nights' "$t_tmp/stdout" ||
	t_fail 'another workload is compared' "$t_tmp/stdout"
