#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The open loop on a device that serves one append at a time: resp p99 is what a queueing
# simulation makes of the device's own log and of the times that writes were due; and a
# stall shows in every write that was due meanwhile, not in the one that met it alone.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=40000 --extend-us=40000 "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/fuse.sh"
t_need jq
t_device_lock
dues=$top_builddir/tests/load/dues
result=$t_tmp/result.json

cat >"$t_tmp/w.job" <<'END'
[w]
ioengine=libaio
direct=1
bs=4k
size=4m
iodepth=64
mix=append:1
END

# run LINE...: the job with these lines, too; what was before is not in the log.
run() {
	printf '%s\n' "$@" | cat "$t_tmp/w.job" - >"$t_tmp/run.job"
	fuse_forget
	t_run 0 run -q -d "$MNT" -o "$result" "$t_tmp/run.job"
}

# percentile FILE P: of a number a line.
percentile() {
	sort -n "$1" | awk -v p="$2" '{ v[NR] = $1 }
		END { i = int(p / 100 * NR + 0.9999999); print v[i < 1 ? 1 : i] }'
}

# --- Poisson, at half of what a closed loop reaches
run number_ios=25
rate=$(jq '[.variants[].kinds[].iops] | add / 2 | round' "$result")
for engine in libaio io_uring; do
	run ioengine=$engine number_ios=100 rate_process=poisson "rate_iops=$rate"
	fuse_log extend >"$t_tmp/log"
	nr=$(wc -l <"$t_tmp/log")
	[ "$nr" -eq 100 ] || t_fail "the device saw $nr writes"
	"$dues" "$t_tmp/run.job" "$nr" >"$t_tmp/dues"
	# The queue has one server, and from the log all of its times: how long each write was
	# served, and how long the server then stood still though the next one was due.
	paste "$t_tmp/dues" "$t_tmp/log" | awk '{
		begin = $1
		if (NR > 1 && $1 < end)
			begin = end + $2 - left
		end = begin + $4 - $2
		left = $4
		printf "%.0f\n", end - $1 }' >"$t_tmp/resp"
	want=$(percentile "$t_tmp/resp" 99)
	is=$(t_percentile "$result" append resp_ns 99)
	t_note "$engine, $rate/s, resp p99: diowait $is ns, the simulation $want ns"
	t_json "$result" '($is / $want - 1 | fabs) <= 0.05' "$engine: resp p99" \
		--argjson is "$is" --argjson want "$want"
done
t_json "$result" '[.variants[].kinds[]] | .[0].resp_ns.N == .[0].lat_ns.N' 'resp of all'

# --- a stall of 200 ms
echo 'extend-us=20000' >"$MNT/.slowfs"
run number_ios=60 rate_iops=25
before=$(jq '[.variants[].kinds[].resp_ns.max] | max' "$result")
t_note "without a stall: resp at most $before ns"
printf 'stall-ms=200 stall-at-ms=900' >"$MNT/.slowfs"
run number_ios=60 rate_iops=25
# Writes are due every 40 ms and take 20: five were due in the stall, the first is served
# in its end, and as many more have a queue before them until it is used up.
beyond='def beyond: [.bins | to_entries[] | select((.key | tonumber) > 45e6) | .value] |
	add // 0; [.variants[].kinds[]][0]'
t_json "$result" "$beyond | .resp_ns | beyond >= 5 and beyond <= 12" \
	'resp of those that were due in the stall'
t_json "$result" "$beyond | .lat_ns | beyond <= 2" 'lat of others than met it'
t_json "$result" '[.variants[].kinds[].late.call_ns] | add > 300e6' 'late in calls'
t_note "with one: $(jq -c '[.variants[].kinds[]][0] | {lat_max: .lat_ns.max,
	resp_max: .resp_ns.max, late}' "$result")"
t_run 0 run -q -d "$MNT" -o "$result" -s rate_process=poisson "$t_tmp/run.job"
t_report_fits
grep -q '^ *resp ' "$t_tmp/stdout" || t_fail 'no resp in the report' "$t_tmp/stdout"
grep -q '^   late ' "$t_tmp/stdout" || t_fail 'no late in the report' "$t_tmp/stdout"

# --- what makes no sense
t_watched=$MNT
t_refused 'rate=1m: .*rate_iops= is given' run -d "$MNT" -s rate=1m "$t_tmp/run.job"
t_refused 'rate_process=poisson: needs rate_iops' run -d "$MNT" -s rate_process=poisson \
	"$t_tmp/w.job"
t_refused 'rate_iops=0: must be 1' run -d "$MNT" -s rate_iops=0 "$t_tmp/w.job"
