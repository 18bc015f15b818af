#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What test-probe.sh runs on ext4: every kind has a row for each engine, the
# paths are what ext4 does, the report fits, and nothing is left.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_need_root
result=$t_tmp/probe.json
t_timing_lock
ls -A "$MNT" >"$t_tmp/was"

nothing_left() {
	ls -A "$MNT" >"$t_tmp/is"
	diff "$t_tmp/was" "$t_tmp/is" >"$t_tmp/diff" || t_fail 'files were left' "$t_tmp/diff"
}

# probed FILTER WHAT: the filter has to be true of the document.
probed() {
	jq -e "$1" "$result" >"$t_tmp/jq" 2>&1 || t_fail "$2: $1" "$result"
}

t_run 0 probe -d "$MNT" -o "$result"
t_report_fits
nothing_left
cat "$t_tmp/stdout"
probed '.schema == "diowait-probe-1" and .interrupted == false' 'schema'
probed '[.rows[] | select(.append_depth == null and .iodepth == 16)] | length == 56' 'rows'
for engine in libaio io_uring; do
	for kind in overwrite unwritten hole append append-prealloc straddle gap; do
		for mod in '' +unaligned +dsync +nowait; do
			probed "[.rows[] | select(.kind == \"$kind$mod\" and .engine == \"$engine\")] |
				length > 0 and all(.ops > 0 or .error != null)" "no row $kind$mod"
		done
	done
done
probed '[.rows[] | select(.kind == "append" and .engine == "io_uring")] | all(.ops > 0) or
	all(.error != null)' 'io_uring'
probed '.rows | all(.error == null or (.error | test("mix|probe:") | not))' 'a row has a wrong job'
if jq -e '.tier == 2' "$result" >/dev/null; then
	# A slow build runs out of its minute, and says of which rows.
	probed '[.rows[] | select(.kind == "append" and .engine == "libaio" and .ops > 0)] |
		length > 0 and all(.path == "forced_wait" and .share >= 0.99)' 'append does not wait'
	# Of 1500 writes; a sanitizer's build is preempted in its calls more often than that.
	share=0.99
	[ -z "${T_SANITIZED:-}" ] || share=0.9
	probed "[.rows[] | select(.kind == \"overwrite\" and .engine == \"libaio\")] |
		all((.path == \"queued\" or .path == \"inline\") and .share >= $share)" 'overwrite waits'
	probed 'all(.rows[]; .ops > 0 or .error != null)' 'a row is silent'
fi
if jq -e '.tier == 2 and all(.rows[]; .error != "not begun: the time was up")' "$result" >/dev/null; then
	probed '.append_concurrency == 0' 'an append goes through'
	grep -q 'appends block the submitter (forced_wait' "$t_tmp/stdout" ||
		t_fail 'no advice about appends' "$t_tmp/stdout"
fi

# A signal: what is known is printed.
t_start probe -d "$MNT" -o "$result"
sleep 4
kill -INT "$t_pid"
t_ended 20
[ "$t_got" -eq 2 ] || t_fail "wait status $t_got, not death by SIGINT" "$t_tmp/stderr"
t_report_fits
probed '.interrupted == true' 'interrupted is not true'
nothing_left

t_watched=$MNT
t_refused 'nowhere.*No such file' probe -d "$MNT/nowhere"
t_refused '^diowait: probe: ' probe "$MNT"
