#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device that fails: the file system lies on a loop device whose image slowfs holds, and
# about one in 50 data writes gets EIO. Of such a write the old data may be there, or the new;
# the size and the blocks are as if it had not been, where it was to extend; and all the
# others are whole.
#
# unaligned.job is left out: the rest of a block in which an append ends is zeroed through the
# page cache, and of an error of that writeback nobody is told who writes directly. On XFS of
# Linux 6.18.44 an acknowledged append read zeros then, once.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-fuse.sh" "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need_root
t_need jq mkfs.ext4 mkfs.xfs
[ -e /dev/loop-control ] || t_missing 'no loop devices: /dev/loop-control is missing'
disk=$T_PRIVATE/disk
mkdir "$disk"
cd "$t_tmp"

leave() {
	if mountpoint -q "$disk"; then
		umount "$disk"
	fi
}
t_at_exit leave

# stress STATUS JOB WORD...: its result in result.json.
stress() {
	eio_status=$1 eio_job=$2
	shift 2
	status=0
	"$DIOWAIT" stress -d "$disk" --cycles="${T_CYCLES:-1}" --seed="${T_SEED:-1}" \
		-s runtime=500ms -o result.json "$@" "$top_srcdir/workloads/stress/$eio_job.job" \
		>report 2>err 7>&- || status=$?
	cat err >>report
	[ $status -eq "$eio_status" ] || t_fail "$fs, $eio_job: exit $status" report
	[ ! -s err ] || t_fail "$fs, $eio_job: on standard error" err
}

for fs in ext4 xfs; do
	case $fs in
	ext4) size=256m ;;
	xfs) size=400m ;;
	esac
	truncate -s "$size" "$MNT/$fs.img"
	mkfs.$fs -q "$MNT/$fs.img"
	mount -t $fs -o loop "$MNT/$fs.img" "$disk"
	echo eio-stamped=50 >"$MNT/.slowfs"
	for job in append extend holes mixed prealloc; do
		stress 0 $job -s ignore_error=,EIO
		errors=$(jq '[.variants[].kinds[].errors.EIO // 0] | add' result.json)
		[ "$errors" -gt 0 ] || t_fail "$fs, $job: no write has failed" report
		t_note "$fs, $job: $errors of $(jq '.stress.writes' result.json) writes failed"
	done
	# Who does not expect it, is told.
	stress 2 mixed
	jq -e '[.stress.contracts[] | select(.broken > 0).name] == ["error"]' result.json \
		>/dev/null || t_fail "$fs: EIO is not what broke" report
	echo eio-stamped=0 >"$MNT/.slowfs"
	umount "$disk"
	rm "$MNT/$fs.img"
done
