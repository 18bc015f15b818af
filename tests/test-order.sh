#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# When the jobs of a group begin and end: wait_for, startdelay, exitall. On the null engine,
# by the time of day and by how much was done.
. "${srcdir:-.}/tests/lib.sh"
t_need jq

# run NAME: runs NAME.job; the milliseconds that it took, in $took.
run() {
	t_order_began=$(date +%s%N)
	t_run 0 run -o "$t_tmp/r.json" --format=none "$t_tmp/$1.job"
	took=$((($(date +%s%N) - t_order_began) / 1000000))
}

cat >"$t_tmp/wait.job" <<'END'
[global]
ioengine=null
size=1m
mix=overwrite:1
time_based
runtime=300ms
[first]
numjobs=2
[second]
wait_for=first
[third]
wait_for=second
startdelay=200ms
END
run wait
[ $took -ge 1100 ] || t_fail "wait_for and startdelay: done after $took ms"
[ $took -lt 10000 ] || t_fail "wait_for and startdelay: took $took ms"
t_json "$t_tmp/r.json" '[.variants[0].kinds[] | select(.ops > 0) | .job] ==
	["first", "second", "third"]' 'a job did nothing'

# The first is done at once; with the key in whichever job the other ends with it.
cat >"$t_tmp/exit.job" <<'END'
[global]
ioengine=null
size=1m
mix=overwrite:1
[short]
number_ios=10
[long]
time_based
runtime=60s
exitall
END
run exit
[ $took -lt 20000 ] || t_fail "exitall: took $took ms"
t_json "$t_tmp/r.json" '[.variants[0].kinds[] | select(.job == "short").ops] == [10]' \
	'exitall: not all of the short job'
t_json "$t_tmp/r.json" '.interrupted == false' 'exitall: said to be interrupted'

# Who waits for a job that can't begin ends with it.
sed 's/^\[first\]/&\ncpus_allowed=1023/; s/300ms/60s/' "$t_tmp/wait.job" >"$t_tmp/bad.job"
t_began=$(date +%s)
t_run 1 run -o "$t_tmp/r.json" "$t_tmp/bad.job"
[ $(($(date +%s) - t_began)) -lt 20 ] || t_fail 'waited for a job that failed'
grep -q 'bad.job:8: job first: cpus_allowed=1023: no such processor' "$t_tmp/stderr" ||
	t_fail 'not told why' "$t_tmp/stderr"
