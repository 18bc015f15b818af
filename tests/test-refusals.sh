#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What diowait refuses, without needing root: one clear line, exit 1, and no file
# touched. test-refusals-mounts.sh has what needs a mount.
. "${srcdir:-.}/tests/lib.sh"
work=$t_tmp/work
mkdir "$work"
t_watched=$work

# job LINE...: a job file, w.job, of these lines below [global], directory, and a
# [w] section before the last line.
job() {
	{
		echo '[global]'
		echo 'ioengine=libaio'
		echo 'direct=1'
		echo "directory=$work"
		echo 'size=1m'
		echo 'number_ios=10'
		echo '[w]'
		printf '%s\n' "$@"
	} >"$work/w.job"
}

# refused PATTERNS: w.job is refused with a line that names it.
refused() {
	t_refused "$1" run -o "$work/out.json" "$work/w.job"
}

job 'iodpeth=4' 'mix=overwrite:1'
refused "w\.job:8: .*'?iodpeth
did you mean '?iodepth"
job 'mix=overwrite:1' 'bs=0'
refused 'w\.job:9: .*bs'
job 'mix=overwrite:1' 'iodepth=0'
refused 'w\.job:9: .*iodepth'
job 'mix=overwrite:0,append:0'
refused 'w\.job:8: .*mix
0'
job 'mix=append:1,append-prealloc:1'
refused 'w\.job:8: .*mix
append-prealloc'
job 'mix=overwrit:1'
refused 'w\.job:8: .*mix.*overwrit
overwrite'
job 'mix=overwrite:1' 'direct=0'
refused 'w\.job:9: .*direct'
job 'mix=overwrite:1' 'bs=3k'
refused 'bs
unaligned'
job 'mix=overwrite:1' "directory=$work/nowhere"
refused 'directory
nowhere
No such file or directory|does not exist|exists'

# A line is one line whatever a name has in it.
t_refused 'no\?\?such' run "$(printf '%s/no\n\033such' "$work")"

echo 'not made by diowait' >"$work/precious"
job 'mix=overwrite:1' 'filename=precious'
refused 'precious'
job 'rw=write' 'filename=precious'
refused 'precious'
[ "$(cat "$work/precious")" = 'not made by diowait' ] || t_fail 'precious was written to'

free_kib=$(df -Pk "$work" | awk 'NR == 2 { print $4 }')
job 'mix=overwrite:1' "size=$((free_kib + 1048576))k"
refused 'size
free'

t_refused 'nofile\.job
No such file' run -o "$work/out.json" "$work/nofile.job"
t_refused 'iodpeth' run -o "$work/out.json" -s iodpeth=3 "$top_srcdir/workloads/mixed.job"
t_refused 'no-such-option' run --no-such-option "$top_srcdir/workloads/mixed.job"
t_refused 'no-such-command' no-such-command

# A container runtime that has switched io_uring off.
refuse=$top_builddir/tests/seccomp/refuse-io-uring
if [ -x "$refuse" ] && "$refuse" true; then
	job 'ioengine=io_uring' 'mix=overwrite:1'
	t_prefix=$refuse
	refused 'io_uring
not permitted'
	t_prefix=
else
	t_note 'without the refused io_uring: no seccomp filter here'
fi

# And none of that was about the rest of these jobs.
job 'mix=overwrite:1' 'iodepth=4'
t_run 0 run -o "$work/out.json" "$work/w.job"
[ -s "$work/out.json" ] || t_fail 'no result'
