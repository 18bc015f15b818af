#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# steadystate= ends its job and no other, in each round; what never is steady ends by time.
# On the null engine, whose rate is steady within half of it.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
result=$t_tmp/r.json
cat >"$t_tmp/global.inc" <<'END'
ioengine=null
direct=1
rw=randwrite
bs=4k
size=1m
rate_iops=5000
END
cat >"$t_tmp/w.job" <<'END'
[global]
include global.inc
time_based=1
[soon]
ss=iops:50%
ss_dur=2s
runtime=60
numjobs=2
[never]
steadystate=lat_slope:0.000000001%
steadystate_duration=2
runtime=3
END
t_run 0 run -o "$result" -r 2 "$t_tmp/w.job"
t_report_fits
t_json "$result" '[.variants[0].rounds[].steadystate] | length == 2 and all(length == 2)' \
	'not each job of each round'
t_json "$result" 'all(.variants[0].rounds[]; .seconds >= 2.9 and .seconds < 20 and
	(.steadystate[0] | .job == "soon" and .criterion == "iops:50%" and .attained and
		.after_s >= 2 and .after_s < 20 and .mean > 5000 and .mean < 11000 and
		.value < 50) and
	(.steadystate[1] | .job == "never" and (.attained | not) and .after_s >= 2))' 'verdicts'
t_json "$result" '[.variants[0].kinds[] | select(.job == "soon").ops] | add < 200000' \
	'the steady job went on'
grep -q '^steady   job soon, iops:50%: in 2 of 2 rounds, after [0-9]* s' "$t_tmp/stdout" ||
	t_fail 'the report of what is steady' "$t_tmp/stdout"
grep -q '^steady   job never, lat_slope:0.000000001%: NOT STEADY, ' "$t_tmp/stdout" ||
	t_fail 'the report of what is not' "$t_tmp/stdout"

# What has written all that it has to is over; whoever runs beside it goes on.
cat >"$t_tmp/used.job" <<'END'
[global]
include global.inc
ss=iops:50%
ss_dur=2s
runtime=60
[used]
numjobs=2
[longer]
time_based=1
END
t_run 0 run -o "$result" "$t_tmp/used.job"
t_json "$result" '.variants[0].rounds[0] | .seconds < 20 and
	(.steadystate[0].attained | not) and .steadystate[1].attained' 'one that was used up'
grep -q '^steady   job used, iops:50%: NOT STEADY, it ended before a window did' \
	"$t_tmp/stdout" || t_fail 'the report of what was used up' "$t_tmp/stdout"
