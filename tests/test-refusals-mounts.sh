#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What diowait refuses, and what it does not, on file systems that a test has to
# mount: too small, read-only, without O_DIRECT, a block device in use or in danger.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 160 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
result=$t_tmp/result.json
job=$t_tmp/w.job

# job LINE...: a job file of these lines.
job() {
	printf '%s\n' '[global]' 'ioengine=libaio' 'direct=1' 'bs=64k' 'iodepth=4' '[w]' "$@" >"$job"
}

t_watched=$MNT
job 'mix=overwrite:1' 'size=1g' 'number_ios=10'
t_refused 'size
free' run -d "$MNT" -o "$result" "$job"

# Growth may run into ENOSPC: that ends the appends, and is no error of the run.
job 'mix=overwrite:1,append:9' 'size=8m' 'io_size=1g'
t_run 0 run -d "$MNT" -o "$result" "$job"
t_json "$result" '[.variants[].kinds[] | select(.kind == "append")][0].errors.ENOSPC > 0' \
	'no ENOSPC on a full file system'
t_json "$result" '[.variants[].kinds[] | select(.kind == "overwrite")][0].ops >
	1073741824 / 65536 / 2' 'the overwrites ended with the appends'
job 'rw=write' 'size=1g' 'fallocate=none' 'number_ios=16'
t_run 0 run -d "$MNT" -o "$result" "$job"

job 'mix=overwrite:1' 'size=1m' 'number_ios=10' "filename=$LOOP_DEVICE"
t_refused "$LOOP_DEVICE
mounted" run -o "$result" "$job"
t_refused "$LOOP_DEVICE
mounted" run --destroy-data -o "$result" "$job"

job 'mix=overwrite:1' 'size=1m' 'number_ios=10'
mount -o remount,ro "$MNT"
t_refused "$MNT
[Rr]ead-only" run -d "$MNT" -o "$result" "$job"
mount -o remount,rw "$MNT"

mkdir "$T_PRIVATE/ram" "$T_PRIVATE/tmpfs"
mount -t ramfs diowait-test "$T_PRIVATE/ram"
t_watched=$T_PRIVATE/ram
t_refused "$T_PRIVATE/ram
O_DIRECT" run -d "$T_PRIVATE/ram" -o "$result" "$job"

# tmpfs takes O_DIRECT since 6.6, and writes to the page cache all the same.
mount -t tmpfs -o size=64m diowait-test "$T_PRIVATE/tmpfs"
if : | dd of="$T_PRIVATE/tmpfs/x" oflag=direct 2>/dev/null; then
	rm -f "$T_PRIVATE/tmpfs/x"
	t_run 0 run -d "$T_PRIVATE/tmpfs" -o "$result" "$job"
	t_report_fits
	grep -q buffered "$t_tmp/stdout" || t_fail 'tmpfs: not called buffered' "$t_tmp/stdout"
	t_json "$result" 'all(.variants[].kinds[]; .paths.buffered == .ops)' \
		'tmpfs: not all writes were buffered'
else
	t_note 'tmpfs has no O_DIRECT on this kernel'
	t_watched=$T_PRIVATE/tmpfs
	rm -f "$T_PRIVATE/tmpfs/x"
	t_refused "$T_PRIVATE/tmpfs
O_DIRECT" run -d "$T_PRIVATE/tmpfs" -o "$result" "$job"
fi

# A block device that nobody uses: only with --destroy-data, and then it works.
# While it is open here, the unmount does not clear it.
exec 8<"$LOOP_DEVICE"
umount "$MNT"
job 'mix=overwrite:1' 'size=1m' 'number_ios=10' "filename=$LOOP_DEVICE"
cksum <"$LOOP_DEVICE" >"$t_tmp/sum"
t_refused "$LOOP_DEVICE
destroy-data" run -o "$result" "$job"
cksum <"$LOOP_DEVICE" | cmp -s - "$t_tmp/sum" || t_fail 'the refused run wrote to the device'
t_run 0 run --destroy-data -o "$result" "$job"
t_json "$result" 'all(.variants[].kinds[]; .ops == 10 and .errors == {})' 'block device'
