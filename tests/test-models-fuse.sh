#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# extend_wait= on a device that takes 20 ms for an overwrite and 5 ms for a write into
# the part that has grown: what each model has an extending write wait for is computed
# from the device's own log, and diowait's slat has to agree.
#	own	its own service
#	all	whatever was in flight when it arrived, itself among it, to its end
#	drain	from when there was room for it until what was in flight had ended
#	none	nothing
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=20000 --read-us=20000 \
		--extend-us=5000 --extend-from=16m "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/fuse.sh"
t_need jq
result=$t_tmp/result.json
t_device_lock
fuse_job runtime=6 mix=overwrite:85,read:5,append:10

# By model $1: "slat lat" of each extending write as the device has it, ns.
predict() {
	fuse_log 'overwrite|read|extend' |
		awk -v model="$1" -v depth=8 '
		{ arrival[NR] = $1; end[NR] = $3; kind[NR] = $6 }
		END {
			for (i = 2; i <= NR; i++) {
				if (kind[i] != "extend")
					continue
				at = arrival[i]
				slat = 0
				if (model == "own")
					slat = end[i] - at
				# What had arrived, and went on.
				for (k = 1; model == "all" && k <= NR; k++)
					if (arrival[k] <= at && end[k] > at && end[k] - at > slat)
						slat = end[k] - at
				if (model == "drain") {
					# There was room when the one before had arrived,
					# or the first of a full queue ended after that.
					from = arrival[i - 1]
					nr = 0
					first = at
					for (k = 1; k < i; k++)
						if (end[k] > from) {
							nr++
							if (end[k] < first)
								first = end[k]
						}
					slat = at - (nr >= depth ? first : from)
				}
				print slat, slat + (model == "drain" ? end[i] - at : 0)
			}
		}'
}

for model in own all drain none; do
	fuse_forget
	t_run 0 run -d "$MNT" -o "$result" -s extend_wait=$model "$t_tmp/w.job"
	t_report_fits
	t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
		.modelled and .ops > 40 and .errors == {} and .short == 0' 'the appends'
	t_json "$result" '.growth | .size_after == .size_before and .extended_bytes == 0' 'growth'
	slat=$(t_percentile "$result" append slat_ns 50)
	if [ $model = none ]; then
		t_note "none: slat $slat ns"
		[ "$slat" -lt 1000000 ] || t_fail 'none waits' "$t_tmp/stdout"
		continue
	fi
	predict $model >"$t_tmp/predicted"
	fuse_agree "$model, slat p50" "$slat" \
		"$(cut -d ' ' -f 1 "$t_tmp/predicted" | fuse_median 40)" 5 0
	t_note "$model, mean slat: diowait $(jq '.variants[0].kinds[] |
		select(.kind == "append").slat_ns.mean | floor' "$result") ns, the device" \
		"$(awk '{ s += $1 } END { printf "%d", s / NR }' "$t_tmp/predicted") ns"
	if [ $model = drain ]; then
		fuse_agree 'drain, lat p50' "$(t_percentile "$result" append lat_ns 50)" \
			"$(cut -d ' ' -f 2 "$t_tmp/predicted" | fuse_median 40)" 5 0
	fi
	# Others wait meanwhile: they are its victims.
	t_json "$result" '.variants[0].kinds[] | select(.kind == "overwrite") |
		.victim_ns.mean > 0' "$model has no victims"
done
