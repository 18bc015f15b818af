#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ctrl-C and kill -9 in the middle of a run: the first drains, reports and dies by
# the signal; what the second leaves is removed by the next run.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
work=$t_tmp/work
result=$t_tmp/result.json
mkdir "$work"
cat >"$t_tmp/w.job" <<'END'
[global]
direct=1
bs=4k
iodepth=16
size=16m
runtime=60
io_size=100g
[w]
mix=overwrite:90,append:10
END

for engine in libaio io_uring; do
	t_start run -d "$work" -o "$result" -s ioengine=$engine "$t_tmp/w.job"
	t_wait_for 20 t_has_scratch "$work" || t_fail 'no scratch directory' "$t_tmp/stderr"
	sleep 1.5
	kill -INT "$t_pid"
	t_ended 30
	[ "$t_got" -eq 2 ] || t_fail "$engine: wait status $t_got, not death by SIGINT" "$t_tmp/stderr"
	t_report_fits
	grep -q -i interrupted "$t_tmp/stdout" ||
		t_fail 'the report does not say interrupted' "$t_tmp/stdout"
	t_json "$result" '.interrupted == true' 'interrupted is not true'
	t_json "$result" 'all(.variants[].kinds[]; .ops > 0 and .errors == {})' 'not drained'
	t_json "$result" '.growth | .size_after - .size_before == .extended_bytes' 'growth'
	[ -z "$(ls -A "$work")" ] || t_fail "$engine: files were left: $(ls -A "$work")"
done

t_start run -d "$work" -o "$result" -s ioengine=libaio "$t_tmp/w.job"
t_wait_for 20 t_has_scratch "$work" || t_fail 'no scratch directory' "$t_tmp/stderr"
sleep 1
kill -9 "$t_pid"
t_ended 30
[ "$t_got" -eq 9 ] || t_fail "wait status $t_got, not death by SIGKILL"
t_has_scratch "$work" || t_fail 'kill -9 left nothing: did the run begin?'
t_run 0 run -d "$work" -o "$result" -s ioengine=libaio -s runtime=1 "$t_tmp/w.job"
[ -z "$(ls -A "$work")" ] || t_fail "the left-over was not removed: $(ls -A "$work")"
t_json "$result" '.interrupted == false' 'interrupted is not false'
