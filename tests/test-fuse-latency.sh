#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device that takes 5 ms for every write, at a depth of 8: what diowait says of
# an extending write's submission and of an overwrite's latency has to agree with
# the device's own log, and the overwrites have to be victims of the extending
# writes, and only of them.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=5000 --extend-us=5000 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
result=$t_tmp/result.json
t_timing_lock

# The device's median service, ns, of this kind, since the log was last looked at.
seen=0
device_p50() {
	echo flush >"$MNT/.slowfs"
	tail -n +$((seen + 1)) "$SLOWFS_LOG" |
		awk -v kind="$1" '$6 == kind && $5 == 4096 { print $3 - $1 }' | sort -n >"$t_tmp/device"
	nr=$(wc -l <"$t_tmp/device")
	[ "$nr" -gt 100 ] || t_fail "the device saw only $nr writes of kind $1"
	sed -n "$((nr / 2 + 1))p" "$t_tmp/device"
}

# measure MIX
measure() {
	cat >"$t_tmp/w.job" <<-END
	[global]
	ioengine=libaio
	direct=1
	bs=4k
	iodepth=8
	size=16m
	runtime=6
	io_size=1g
	[w]
	mix=$1
	END
	t_run 0 run -d "$MNT" -o "$result" "$t_tmp/w.job"
	t_note "$1:"
	cat "$t_tmp/stdout"
}

# agree WHAT DIOWAIT DEVICE: within 3 % + 0.2 ms.
agree() {
	t_note "$1: diowait $2 ns, the device $3 ns"
	off=$(($2 > $3 ? $2 - $3 : $3 - $2))
	[ $off -le $(($3 * 3 / 100 + 200000)) ] || t_fail "$1 is off by $off ns" "$t_tmp/stdout"
}

# The share of the overwrites' latency in which others were being submitted, %.
victim_share() {
	jq -r '[.variants[].kinds[] | select(.kind == "overwrite")][0] |
		100 * .victim_ns.mean / .lat_ns.mean * 1000 | floor / 1000' "$result"
}

measure overwrite:1
agree 'an overwrite, lat p50' "$(t_percentile "$result" overwrite lat_ns 50)" \
	"$(device_p50 overwrite)"
share=$(victim_share)
t_note "without extending writes: victim share $share %"
t_json "$result" '$share < 1' 'overwrites are victims of nobody' --argjson share "$share"

seen=$(wc -l <"$SLOWFS_LOG")
measure overwrite:90,append:10
agree 'an extending write, slat p50' "$(t_percentile "$result" append slat_ns 50)" \
	"$(device_p50 extend)"
share=$(victim_share)
t_note "with 10 % extending writes: victim share $share %"
t_json "$result" '$share > 20' 'overwrites are not seen as victims' --argjson share "$share"

# The log and the result count the same writes: there is no ramp. The log's others,
# of other lengths, are the scratch directory's list and tries of direct I/O.
for kind in overwrite:overwrite append:extend; do
	logged=$(tail -n +$((seen + 1)) "$SLOWFS_LOG" |
		awk -v kind="${kind#*:}" '$6 == kind && $5 == 4096' | wc -l)
	t_json "$result" '[.variants[].kinds[] | select(.kind == $kind)][0].ops == $logged' \
		"the device logged $logged of ${kind%:*}" \
		--arg kind "${kind%:*}" --argjson logged "$logged"
done
t_json "$result" '.growth | .size_after - .size_before == .extended_bytes' 'growth'
