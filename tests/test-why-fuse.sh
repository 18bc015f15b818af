#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device that takes 5 ms for every write: --why has to see the forced wait of an
# extending write, and as long as the device's own log has it.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=5000 --extend-us=5000 "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/fuse.sh"
t_need jq
t_need_root
result=$t_tmp/result.json
t_device_lock
fuse_job runtime=4 mix=overwrite:90,append:10
t_run 0 run --why -d "$MNT" -o "$result" "$t_tmp/w.job"
t_report_fits
cat "$t_tmp/stdout"
t_json "$result" '.evidence.tier == 2' 'tier'
t_json "$result" '.evidence | .named_ns >= 0.95 * .blocked_ns' 'too few causes have a name'
t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
	.paths.forced_wait >= 0.99 * .ops' 'appends are not forced waits'

slept=$(jq '.variants[0].kinds[] | select(.kind == "append") | .causes[] |
	select(.cause == "FORCED_WAIT") | .sleep_ns.percentile["50.000000"]' "$result")
fuse_agree 'a forced wait, p50' "$slept" "$(fuse_p50 extend)" 3 200000
