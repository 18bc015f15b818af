#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device that takes 5 ms for every write: --why has to see the forced wait of an
# extending write, and as long as the device's own log has it.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=5000 --extend-us=5000 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_need_root
result=$t_tmp/result.json
t_timing_lock
cat >"$t_tmp/w.job" <<-END
[w]
ioengine=libaio
direct=1
bs=4k
iodepth=8
size=16m
runtime=4
io_size=1g
mix=overwrite:90,append:10
END
t_run 0 run --why -d "$MNT" -o "$result" "$t_tmp/w.job"
t_report_fits
cat "$t_tmp/stdout"
t_json "$result" '.evidence.tier == 2' 'tier'
t_json "$result" '.evidence | .named_ns >= 0.95 * .blocked_ns' 'too few causes have a name'
t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
	.paths.forced_wait >= 0.99 * .ops' 'appends are not forced waits'

echo flush >"$MNT/.slowfs"
awk '$6 == "extend" && $5 == 4096 { print $3 - $1 }' "$SLOWFS_LOG" | sort -n >"$t_tmp/device"
nr=$(wc -l <"$t_tmp/device")
[ "$nr" -gt 100 ] || t_fail "the device saw only $nr extending writes"
device=$(sed -n "$((nr / 2 + 1))p" "$t_tmp/device")
slept=$(jq '.variants[0].kinds[] | select(.kind == "append") | .causes[] |
	select(.cause == "FORCED_WAIT") | .sleep_ns.percentile["50.000000"]' "$result")
t_note "forced wait p50: diowait $slept ns, the device $device ns"
off=$((slept > device ? slept - device : device - slept))
[ $off -le $((device * 3 / 100 + 200000)) ] || t_fail "the forced wait is off by $off ns"
