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

# probed FILTER WHAT: the filter has to be true of the document.
probed() {
	jq -e "$1" "$result" >"$t_tmp/jq" 2>&1 || t_fail "$2: $1" "$result"
}

t_run 0 probe -d "$MNT" -o "$result"
t_report_fits
ls -A "$MNT" >"$t_tmp/is"
diff "$t_tmp/was" "$t_tmp/is" >"$t_tmp/diff" || t_fail 'files were left' "$t_tmp/diff"
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
probed '.tier == 2' 'no kernel events'
# A sanitizer's build runs out of its minute, and says of which rows; and of 1500 writes
# it is preempted in its calls more often than others.
begun='true' share=0.99
if [ -n "${T_SANITIZED:-}" ]; then
	begun='.error != "not begun: the time was up"' share=0.9
fi
probed "all(.rows[]; if $begun then .ops > 0 or (.error != null and
	(.error | test(\"not begun\") | not)) else .ops == 0 end)" 'a row is silent, or late'
probed "[.rows[] | select(.kind == \"append\" and .engine == \"libaio\" and $begun)] |
	length > 0 and all(.ops > 0 and .path == \"forced_wait\" and .share >= 0.99)" \
	'append does not wait'
probed "[.rows[] | select(.kind == \"overwrite\" and .engine == \"libaio\" and $begun)] |
	length > 0 and all((.path == \"queued\" or .path == \"inline\") and .share >= $share)" \
	'overwrite waits'
if [ -z "${T_SANITIZED:-}" ] || jq -e "all(.rows[]; $begun)" "$result" >/dev/null; then
	probed '.append_concurrency == 0' 'an append goes through'
	grep -q 'appends block the submitter (forced_wait' "$t_tmp/stdout" ||
		t_fail 'no advice about appends' "$t_tmp/stdout"
fi
