#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 10^8 writes through the null engine: every counter and every histogram holds
# exactly all of them. Part of `make soak`, not of `make check`. SOAK_WRITES asks
# for another number (a multiple of 4).
. "${srcdir:-.}/tests/lib.sh"
t_need jq
result=$t_tmp/result.json
writes=${SOAK_WRITES:-100000000}

# soak THREADS LINE...
soak() {
	threads=$1
	shift
	printf '%s\n' '[w]' ioengine=null direct=1 bs=4k iodepth=32 size=64m \
		"number_ios=$((writes / threads))" "numjobs=$threads" thread "$@" >"$t_tmp/w.job"
	t_run 0 run -o "$result" "$t_tmp/w.job"
	t_report_fits
	t_json "$result" '[.variants[].kinds[].ops] | add == $writes' 'ops' --argjson writes "$writes"
	t_json "$result" '[.variants[].kinds[].bytes] | add == 4096 * $writes' 'bytes' \
		--argjson writes "$writes"
	t_json "$result" 'all(.variants[].kinds[]; . as $k | .bytes == 4096 * .ops and
		.short == 0 and .errors == {} and .blocked <= .ops and
		(.paths | del(.flagged, .then) | map(. // 0) | add) == .ops and
		([.slat_ns, .clat_ns, .lat_ns, .victim_ns] | all(.N == $k.ops and
			([.bins[]] | add) == .N and (has("saturated") | not) and
			.min <= .mean and .mean <= .max and
			.percentile["50.000000"] >= .min and .percentile["99.990000"] <= .max)) and
		# All times are whole ns: so is their exact sum, as far as the digits of
		# the mean go. slat and clat make up lat, in the sum as in each write.
		((.slat_ns.mean + .clat_ns.mean - .lat_ns.mean) | fabs) < 1e-6 * .lat_ns.mean)' \
		'counts and sums are not exact'
	# The one round is the whole, and shares are those of the plan.
	t_json "$result" '.variants[0] | (.rounds | length) == 1 and
		([.kinds[] | [.kind, .ops, .bytes, .paths, .slat_ns.N, .lat_ns.max]] ==
		 [.rounds[0].kinds[] | [.kind, .ops, .bytes, .paths, .slat_ns.N, .lat_ns.max]])' \
		'the round is not the whole'
	t_json "$result" 'all(.variants[].kinds[]; ((.ops / $writes - .weight) | fabs) < 0.001)' \
		'shares are off' --argjson writes "$writes"
	t_note "$* $threads threads: $(jq -r '.variants[0] | "\([.kinds[].ops] | add) writes, \(.seconds) s"' \
		"$result")"
}

soak 1 mix=overwrite:70,append:30
soak 4 mix=overwrite:60,append:30,gap:10 iodepth_batch_submit=32 filename=shared
