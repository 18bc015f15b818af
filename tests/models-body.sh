#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What test-models.sh runs on ext4: with a model the file does not grow and the kernel
# adds nothing (each extending write is an overwrite to it), two threads on one file
# come to their end under each model with each engine, and --why puts the waits down
# to the model.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
result=$t_tmp/result.json
writes=100000
printf '%s\n' '[w]' direct=1 bs=4k iodepth=8 size=16m filename=w numjobs=2 \
	number_ios=$((writes / 2)) mix=overwrite:80,append:20 >"$t_tmp/w.job"

for engine in libaio io_uring; do
	for model in none own all drain; do
		t_run 0 run -d "$MNT" -o "$result" -s ioengine=$engine -s extend_wait=$model \
			"$t_tmp/w.job"
		t_report_fits
		t_json "$result" '[.variants[0].kinds[].ops] | add == $writes' "not $writes writes" \
			--argjson writes "$writes"
		t_json "$result" 'all(.variants[0].kinds[]; .errors == {} and .short == 0 and
			.modelled == (.kind == "append") and
			.ops == (.paths | del(.flagged, .then) | add))' 'kinds'
		t_json "$result" '.growth | .size_after == .size_before and
			.extended_bytes == 0 and .appended_bytes == 0' 'growth'
		t_json "$result" '.growth.extents | .before != null and .before == .after' 'extents changed'
	done
done

[ "$(id -u)" -eq 0 ] || exit 0
for model in own all drain; do
	t_run 0 run --why -d "$MNT" -o "$result" -s numjobs=1 -s number_ios=10000 \
		-s extend_wait=$model "$t_tmp/w.job"
	t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
		any(.causes[]; .cause == "MODEL" and (.named | not)) and
		all(.causes[]; .cause != "FORCED_WAIT" and .cause != "WAIT_EVENTS")' \
		"$model: the wait is not the model's"
	t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
		.paths.forced_wait == 0 and .paths.drained == 0' "$model: paths"
done
