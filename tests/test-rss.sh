#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory does not grow with the length of a run: the peak of 10^7 writes through
# the null engine is within 5 % of that of 10^5.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
[ -z "${T_SANITIZED:-}" ] || t_skip 'the memory of a sanitizer is not that of diowait'
peak_rss=$top_builddir/bench/peak-rss
[ -x "$peak_rss" ] || t_fail "no $peak_rss"
result=$t_tmp/result.json

# peak WRITES ENOUGH LINE...: KiB, the least of three runs, or the first of ENOUGH at most.
peak() {
	writes=$1 enough=$2
	shift 2
	printf '%s\n' '[w]' ioengine=null direct=1 iodepth=32 size=64m "number_ios=$writes" \
		"$@" >"$t_tmp/w.job"
	least=
	for _ in 1 2 3; do
		"$peak_rss" "$DIOWAIT" run --format=none -o "$result" "$t_tmp/w.job" \
			>"$t_tmp/kib" 2>"$t_tmp/stderr" || t_fail 'the run failed' "$t_tmp/stderr"
		t_json "$result" '[.variants[].kinds[].ops] | add == $writes' 'ops' \
			--argjson writes "$writes"
		[ -n "$least" ] && [ "$least" -le "$(cat "$t_tmp/kib")" ] || least=$(cat "$t_tmp/kib")
		[ "$least" -gt "$enough" ] || break
	done
	[ "$least" -gt 1000 ] || t_fail "$least KiB can not be"
}

for mix in mix=overwrite:70,append:30 'rw=randwrite
overwrite=1
io_size=1t'; do
	peak 100000 0 "$mix"
	short=$least
	enough=$((short * 105 / 100))
	peak 10000000 "$enough" "$mix"
	t_note "$(echo "$mix" | tr '\n' ' '): $short KiB for 10^5 writes, $least KiB for 10^7"
	[ "$least" -le "$enough" ] || t_fail 'memory grows with the run'
done
