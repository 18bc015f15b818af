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

# peak WRITES LINE...: KiB, the least of three runs.
peak() {
	writes=$1
	shift
	printf '%s\n' '[w]' ioengine=null direct=1 iodepth=32 size=64m "number_ios=$writes" \
		"$@" >"$t_tmp/w.job"
	least=
	for _ in 1 2 3; do
		"$peak_rss" "$DIOWAIT" run --format=none -o "$result" "$t_tmp/w.job" \
			>"$t_tmp/kib" 2>"$t_tmp/stderr" || t_fail 'the run failed' "$t_tmp/stderr"
		t_json "$result" '[.variants[].kinds[].ops] | add == $writes' 'ops' \
			--argjson writes "$writes"
		[ -n "$least" ] && [ "$least" -le "$(cat "$t_tmp/kib")" ] || least=$(cat "$t_tmp/kib")
	done
	[ "$least" -gt 1000 ] || t_fail "$least KiB can not be"
}

for mix in mix=overwrite:70,append:30 'rw=randwrite
overwrite=1
io_size=1t'; do
	peak 100000 "$mix"
	short=$least
	peak 10000000 "$mix"
	t_note "$(echo "$mix" | tr '\n' ' '): $short KiB for 10^5 writes, $least KiB for 10^7"
	[ $((least * 100)) -le $((short * 105)) ] || t_fail 'memory grows with the run'
done
