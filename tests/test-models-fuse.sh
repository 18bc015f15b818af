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
t_need jq
result=$t_tmp/result.json
t_timing_lock
cat >"$t_tmp/w.job" <<-END
[w]
ioengine=libaio
direct=1
bs=4k
iodepth=8
size=16m
runtime=6
io_size=1g
mix=overwrite:85,read:5,append:10
END

# The lines of the log that model $1 is about, since line $2: "slat lat" of each
# extending write as the device has it, ns.
predict() {
	tail -n +$(($2 + 1)) "$SLOWFS_LOG" |
		awk '$5 == 4096 && ($6 == "overwrite" || $6 == "read" || $6 == "extend")' |
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

median() {
	sort -n "$1" | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'
}

# agree WHAT DIOWAIT DEVICE: within 5 %.
agree() {
	t_note "$1: diowait $2 ns, the device $3 ns"
	off=$(($2 > $3 ? $2 - $3 : $3 - $2))
	[ $((off * 20)) -le "$3" ] || t_fail "$1 is off by $off ns" "$t_tmp/stdout"
}

for model in own all drain none; do
	echo flush >"$MNT/.slowfs"
	seen=$(wc -l <"$SLOWFS_LOG")
	t_run 0 run -d "$MNT" -o "$result" -s extend_wait=$model "$t_tmp/w.job"
	t_report_fits
	t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
		.modelled and .ops > 40 and .errors == {} and .short == 0' 'the appends'
	t_json "$result" '.growth | .size_after == .size_before and .extended_bytes == 0' 'growth'
	echo flush >"$MNT/.slowfs"
	slat=$(t_percentile "$result" append slat_ns 50)
	if [ $model = none ]; then
		t_note "none: slat $slat ns"
		[ "$slat" -lt 1000000 ] || t_fail 'none waits' "$t_tmp/stdout"
		continue
	fi
	predict $model "$seen" >"$t_tmp/predicted"
	[ "$(wc -l <"$t_tmp/predicted")" -gt 40 ] || t_fail "no log of $model"
	agree "$model, slat p50" "$slat" "$(median "$t_tmp/predicted")"
	t_note "$model, mean slat: diowait $(jq '.variants[0].kinds[] |
		select(.kind == "append").slat_ns.mean | floor' "$result") ns, the device" \
		"$(awk '{ s += $1 } END { printf "%d", s / NR }' "$t_tmp/predicted") ns"
	if [ $model = drain ]; then
		cut -d ' ' -f 2 "$t_tmp/predicted" >"$t_tmp/lat"
		agree 'drain, lat p50' "$(t_percentile "$result" append lat_ns 50)" \
			"$(median "$t_tmp/lat")"
	fi
	# Others wait meanwhile: they are its victims.
	t_json "$result" '.variants[0].kinds[] | select(.kind == "overwrite") |
		.victim_ns.mean > 0' "$model has no victims"
done
