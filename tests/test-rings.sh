#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# io_uring's other rings on ext4; and the thread that submits is woken where it sleeps.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 640 "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/rings.sh"
t_need jq
rings ext4

# A processor that is not there.
t_run 1 run -d "$MNT" -o "$t_tmp/r.json" -r 1 -s ioengine=io_uring -s sqthread_poll=1 \
	-s sqthread_poll_cpu=65535 "$top_srcdir/workloads/mixed.job"
grep -q 'io_uring_setup: Invalid argument; the processor of sqthread_poll_cpu is not online' \
	"$t_tmp/stderr" || t_fail 'no such processor' "$t_tmp/stderr"

# It sleeps after a second without work.
result=$t_tmp/result.json
t_run 0 run -d "$MNT" -o "$result" -r 1 -s ioengine=io_uring -s sqthread_poll=1 -s iodepth=1 \
	-s thinktime=1100ms -s number_ios=2 -s runtime=30s "$top_srcdir/workloads/mixed.job"
t_json "$result" '[.variants[].kinds[].ops] | add == 2' 'not two writes'
t_json "$result" '.variants[0].rounds[0].seconds < 9' 'the thread was not woken'
