#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What test-loop-ext4.sh, test-loop-xfs.sh and test-loop-btrfs.sh run: the main
# job, shortened, through both engines, and whether the result agrees with
# itself and with the file system.
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/rings.sh"
t_need jq
fstype=$1
result=$t_tmp/result.json
[ "$fstype" != ext4 ] || t_timing_lock
ls -A "$MNT" >"$t_tmp/was"

for engine in libaio io_uring; do
	t_run 0 run -d "$MNT" -o "$result" -r 2 -s ioengine=$engine "$top_srcdir/workloads/mixed.job"
	t_report_fits

	t_json "$result" '.schema == "diowait-result-1" and .interrupted == false' 'schema'
	t_json "$result" '.host.filesystem.type == $fs' "the result names another file system" \
		--arg fs "$fstype"
	t_json "$result" '[.variants[].kinds[].kind] | sort == ["append", "overwrite"]' 'kinds'
	t_json "$result" 'all(.variants[].kinds[]; .engine == $engine and .ops > 0 and .bytes > 0)' \
		'a kind did nothing' --arg engine $engine
	t_json "$result" 'all(.variants[].kinds[]; .short == 0 and .errors == {})' 'errors'
	# "flagged" and "then" say more of writes that a path has counted.
	t_json "$result" 'all(.variants[].kinds[]; .ops ==
		(.paths | del(.flagged, .then) | map(. // 0) | add))' 'paths do not add up to ops'
	t_json "$result" '.growth | .size_after - .size_before == .extended_bytes' \
		'growth is not extended_bytes'
	t_json "$result" '.growth.extended_bytes > 0 and .growth.extended_bytes ==
		([.variants[].kinds[] | select(.kind == "append") | .bytes] | add)' \
		'extended_bytes is not what the appends wrote'
	t_json "$result" '(.variants[0].rounds | length) == 2' 'two rounds were asked for'
	t_json "$result" 'all(.variants[].kinds[]; . as $k |
		[.slat_ns, .clat_ns, .lat_ns] | all(([.bins[]] | add) == $k.ops))' \
		'a histogram does not hold all ops'
	t_json "$result" '.variants[0] | [.kinds[].ops] == [.series[].points | map(.ops) | add] and
		all(.series[].points[]; .lat_p50_ns > 0 and .lat_max_ns >= .lat_p99_ns and
			.round >= 1 and .round <= 2)' 'the series does not add up'

	ls -A "$MNT" >"$t_tmp/is"
	diff "$t_tmp/was" "$t_tmp/is" >"$t_tmp/diff" || t_fail 'files were left' "$t_tmp/diff"

	if [ "$fstype-$engine" = ext4-libaio ] && [ -z "${T_SANITIZED:-}" ]; then
		append=$(t_percentile "$result" append slat_ns 50)
		overwrite=$(t_percentile "$result" overwrite slat_ns 50)
		t_note "slat p50: append $append ns, overwrite $overwrite ns"
		[ "$append" -ge $((overwrite * 20)) ] ||
			t_fail 'an append is not submitted 20 times slower than an overwrite' \
				"$t_tmp/stdout"
	fi
	t_note "$fstype, $engine:"
	cat "$t_tmp/stdout"
done

# On ext4 test-rings.sh does it: here times are compared.
[ "$fstype" = ext4 ] || rings "$fstype"
