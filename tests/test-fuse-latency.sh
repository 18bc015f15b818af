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
. "${srcdir:-.}/tests/fuse.sh"
t_need jq
result=$t_tmp/result.json
t_device_lock

# measure MIX
measure() {
	fuse_job runtime=6 mix="$1"
	t_run 0 run -d "$MNT" -o "$result" "$t_tmp/w.job"
	t_note "$1:"
	cat "$t_tmp/stdout"
}

# The share of the overwrites' latency in which others were being submitted, %.
victim_share() {
	jq -r '[.variants[].kinds[] | select(.kind == "overwrite")][0] |
		100 * .victim_ns.mean / .lat_ns.mean * 1000 | floor / 1000' "$result"
}

measure overwrite:1
fuse_agree 'an overwrite, lat p50' "$(t_percentile "$result" overwrite lat_ns 50)" \
	"$(fuse_p50 overwrite)" 3 200000
share=$(victim_share)
t_note "without extending writes: victim share $share %"
t_json "$result" '$share < 1' 'overwrites are victims of nobody' --argjson share "$share"

fuse_forget
measure overwrite:90,append:10
fuse_agree 'an extending write, slat p50' "$(t_percentile "$result" append slat_ns 50)" \
	"$(fuse_p50 extend)" 3 200000
share=$(victim_share)
t_note "with 10 % extending writes: victim share $share %"
t_json "$result" '$share > 20' 'overwrites are not seen as victims' --argjson share "$share"

# The log and the result count the same writes: there is no ramp.
for kind in overwrite:overwrite append:extend; do
	logged=$(fuse_log "${kind#*:}" | wc -l)
	t_json "$result" '[.variants[].kinds[] | select(.kind == $kind)][0].ops == $logged' \
		"the device logged $logged of ${kind%:*}" \
		--arg kind "${kind%:*}" --argjson logged "$logged"
done
t_json "$result" '.growth | .size_after - .size_before == .extended_bytes' 'growth'
