#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The logs of write_lat_log and its relatives: each operation has a line that agrees with
# the result, windows add up, fio's reader of histograms reads them where it is, and what had a
# log's name before is kept.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
cd "$t_tmp"

cat >raw.job <<'END'
[global]
ioengine=null
size=1m
bs=4k
rw=randrw
write_lat_log=a
write_bw_log=a
write_iops_log
write_hist_log=a
log_hist_msec=10
log_offset=1
[first]
rwmixread=30
numjobs=2
[second]
stonewall
bssplit=4k/50:8k/50
number_ios=100
END
t_run 0 run -o r.json --format=none raw.job
printf '%s\n' a_bw.1.log a_bw.2.log a_bw.3.log a_clat.1.log a_clat.2.log a_clat.3.log \
	a_clat_hist.1.log a_clat_hist.2.log a_clat_hist.3.log a_lat.1.log a_lat.2.log \
	a_lat.3.log a_slat.1.log a_slat.2.log a_slat.3.log first_iops.1.log first_iops.2.log \
	second_iops.3.log >want
find . -name '*.log' | sed 's,^\./,,' | sort >got
diff want got >differ || t_fail 'not the files (<)' differ

# lines JOB DIRECTION KIND FILE...: number and mean of the logs, as in the result.
agree() {
	agree_dir=$2 agree_job=$1 agree_kind=$3 agree_ns=$4
	shift 4
	cat "$@" | awk -F', ' -v dir="$agree_dir" '
		NF != 6 || $6 != 0 || $5 % 4096 || $5 >= 1048576 || $4 % 4096 || $4 == 0 { bad++ }
		$3 == dir { n++; sum += $2; bytes += $4 }
		END { printf "%d %.4f %d %d\n", n, sum / n, bytes, bad }' >got
	jq -r --arg job "$agree_job" --arg kind "$agree_kind" --arg ns "$agree_ns" '
		.variants[0].kinds[] | select(.job == $job and .kind == $kind) |
		"\(.ops) \(.[$ns].mean) \(.bytes)"' r.json |
		awk '{ printf "%d %.4f %d 0\n", $1, $2, $3 }' >want
	diff want got >differ || t_fail "$* of $agree_kind: not as in the result (<)" differ
}
for measure in slat clat lat; do
	agree first 0 read ${measure}_ns a_$measure.1.log a_$measure.2.log
	agree first 1 overwrite ${measure}_ns a_$measure.1.log a_$measure.2.log
	agree second 1 overwrite ${measure}_ns a_$measure.3.log
done
awk -F', ' '$2 != 1 || NF != 6 { bad++ } END { exit bad || NR != 100 }' second_iops.3.log ||
	t_fail 'not a 1 for each operation' second_iops.3.log
# All bins, each operation in one.
cat a_clat_hist.[12].log | awk -F', ' 'NF != 3 + 1856 || $1 % 10 { bad++ }
	{ for (i = 4; i <= NF; i++) n += $i }
	END { exit bad || n != 512 }' || t_fail 'not all operations in the bins'

# By windows: of a hundred milliseconds, at a thousand a second. The same workload by its
# sum, since where it logs to is no part of that.
cat >window.job <<'END'
[w]
ioengine=null
size=1m
mix=overwrite:1
rate_iops=1000
runtime=1
END
t_run 0 run -o r0.json --format=none window.job
t_run 0 run -o r.json --format=none -s write_iops_log=w -s write_bw_log=w -s write_lat_log=w \
	-s write_hist_log=w -s log_avg_msec=100 -s log_hist_msec=250 -s log_hist_coarseness=6 \
	window.job
[ "$(jq .workload.sha256 r0.json)" = "$(jq .workload.sha256 r.json)" ] ||
	t_fail 'another workload with logs'
ops=$(jq '.variants[0].kinds[0].ops' r.json)
awk -F', ' -v ops="$ops" '$1 % 100 || $3 != 1 || $4 != 0 || NF != 5 { bad++ }
	{ n += $2 / 10 } END { exit bad || n != ops || NR < 9 }' w_iops.1.log ||
	t_fail "windows are not the $ops operations" w_iops.1.log
awk -F', ' -v ops="$ops" '{ n += $2 / 40 } END { exit n != ops }' w_bw.1.log ||
	t_fail 'windows are not the bytes' w_bw.1.log
awk -F', ' -v ops="$ops" '$1 % 250 || NF != 3 + 29 { bad++ }
	{ for (i = 4; i <= NF; i++) n += $i } END { exit bad || n != ops }' w_clat_hist.1.log ||
	t_fail 'coarse bins are not the operations' w_clat_hist.1.log

# What was there before is kept; more than one round or variant has no names.
cp w_lat.1.log before
t_run 0 run -o r.json --format=none -s write_lat_log=w window.job
cmp -s before w_lat.1.log.old || t_fail 'the log before is lost'
[ "$(wc -l <w_lat.1.log)" -gt 900 ] || t_fail 'no line for each operation' w_lat.1.log
mkdir kept w w/0
t_watched=kept
t_refused 'write_lat_log=w: is for one round without a sweep: give rounds=1, or -r 1' \
	run -s write_lat_log=w -r 2 window.job
t_refused 'write_lat_log=w: is for one round without a sweep: leave sweep= out' \
	run -s write_lat_log=w --sweep iodepth=1,2 window.job
t_refused 'write_lat_log=.x: must have no other . than .jobname' run -s 'write_lat_log=$x' window.job
t_refused 'write_hist_log=w: needs log_hist_msec=' run -s write_hist_log=w window.job
t_refused 'job w: write_lat_log=none/w: none/: No such file or directory: must be in a folder that can be written to' \
	run -s write_lat_log=none/w window.job
t_refused 'write_bw_log=.jobname/.jobnum/b: w/1/: No such file or directory: must be' \
	run -s 'write_bw_log=$jobname/$jobnum/b' -s numjobs=2 window.job
mkdir w/1
t_run 0 run -o r.json --format=none -s 'write_bw_log=$jobname/$jobnum/b' -s numjobs=2 \
	-s log_avg_msec=100 window.job
for log in w/0/b_bw.1.log w/1/b_bw.2.log; do
	[ -s $log ] || t_fail "no log $log"
done

# fio's reader of histograms (its others do not take the logs of fio 3.33 itself).
doc=/usr/share/doc/fio
if command -v python3 >/dev/null && [ -r $doc/fio-histo-log-pctiles.py.gz ]; then
	gzip -dc $doc/fio-histo-log-pctiles.py.gz >pctiles.py
	python3 pctiles.py --fio-version 3 --time-quantum 1 a_clat_hist.1.log >got 2>&1 ||
		t_fail 'fio-histo-log-pctiles' got
	grep -qE '^ *0, +256,' got || t_fail 'fio-histo-log-pctiles: not 256 samples' got
else
	t_note 'without readers of fio: none here'
fi
