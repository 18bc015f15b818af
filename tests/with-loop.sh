#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# with-loop.sh [--memory] FSTYPE SIZE_MIB COMMAND...
#
# Runs COMMAND with a fresh file system of type ext4, xfs or btrfs, on a loop
# device in direct I/O mode, mounted on $MNT; or with a tmpfs or ramfs. Ends with
# COMMAND's status; with private_missing's, and the reason, where that can't be had.
#
# Nothing is left on the machine, even when any part is killed: the mount is in a
# namespace of its own, the loop device clears itself when it is unmounted
# (mount -o loop: set as the device is attached), and the image has no name from
# the start. The image is written throughout: a hole or an unwritten extent would
# make the loop thread allocate in the middle of a measurement.
#
# With --memory the image is in memory, where there is room and direct I/O for it: for tests
# that ask nothing of the device's times, which then don't wait for it.
#
# In the environment: MKFS_ARGS and MOUNT_OPTIONS (added to the defaults),
# DIOWAIT_TEST_DIR (where the image is, whatever else is said; default the current folder).
set -eu
LC_ALL=C
export LC_ALL
# shellcheck source=tests/private.sh
. "$(dirname "$0")/private.sh"
private_enter "$@"

memory=
if [ "$1" = --memory ]; then
	memory=yes
	shift
fi
fstype=$1 size_mib=$2
shift 2
private_tmpfs

case $fstype in
tmpfs)
	mount -t tmpfs -o "size=${size_mib}m" diowait-test "$MNT"
	exec "$@"
	;;
ramfs)
	mount -t ramfs diowait-test "$MNT"
	exec "$@"
	;;
ext4)
	mkfs='-q -F -b 4096 -J size=32 -E lazy_itable_init=0,lazy_journal_init=0'
	options=noinit_itable
	;;
xfs)
	mkfs='-q -f'
	options=
	;;
btrfs)
	mkfs='-q -f'
	# By default it would discard, and punch holes into the image.
	options=nodiscard
	;;
*)
	echo "with-loop.sh: no file system '$fstype' here" >&2
	exit 1
	;;
esac

grep -qw "$fstype" /proc/filesystems || modprobe -q "$fstype" 2>/dev/null ||
	private_missing "the kernel has no $fstype"
[ -e /dev/loop-control ] || modprobe -q loop 2>/dev/null ||
	private_missing 'no loop devices: /dev/loop-control is missing'
command -v "mkfs.$fstype" >/dev/null || private_missing "no mkfs.$fstype here"
# Seen through the namespace: a result names its image, and nobody's folders.
images=$T_PRIVATE/images
mkdir "$images"

# Some four of them at a time, and the rest of the machine's memory.
memory_holds() {
	[ "$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)" -gt \
		$((4 * size_mib + 2048)) ] || return 1
	mount -t tmpfs -o "size=$((size_mib + 192))m" diowait-image "$images"
	if dd if=/dev/zero of="$images/direct" bs=4k count=1 oflag=direct status=none 2>/dev/null
	then
		rm "$images/direct"
		return 0
	fi
	umount "$images"
	return 1
}

dir=${DIOWAIT_TEST_DIR:-.}
if [ -n "$memory" ] && [ -z "${DIOWAIT_TEST_DIR:-}" ] && memory_holds; then
	dir=$images
fi
[ "$(df -Pk "$dir" | awk 'NR == 2 { print int($4 / 1024) }')" -gt $((size_mib + 128)) ] ||
	private_missing "less than $((size_mib + 128)) MiB free in $dir"

[ "$dir" = "$images" ] || mount --bind "$dir" "$images"
name=$(mktemp "$images/loop.XXXXXX")
exec 9<>"$name"
rm -f "$name"
image=/proc/$$/fd/9
fallocate -l "${size_mib}M" "$image" 2>/dev/null || truncate -s "${size_mib}M" "$image"
# shellcheck disable=SC2086 # words
said=$("mkfs.$fstype" $mkfs ${MKFS_ARGS:-} "$image" 2>&1) || {
	echo "$said" >&2
	exit 1
}
# Memory has no unwritten extents.
[ "$dir" = "$images" ] || dd if="$image" of="$image" bs=1M conv=notrunc,fsync status=none

# Another test may take the free device that mount has found.
tries=0
until mount -t "$fstype" -o "loop${options:+,$options}${MOUNT_OPTIONS:+,$MOUNT_OPTIONS}" \
	"$image" "$MNT"; do
	tries=$((tries + 1))
	# All that it needs is here: the file system was just made.
	if [ $tries -ge 10 ]; then
		echo "with-loop.sh: the new $fstype can't be mounted" >&2
		exit 1
	fi
	sleep 0.2
done
LOOP_DEVICE=$(findmnt -n -o SOURCE "$MNT")
export LOOP_DEVICE
losetup --direct-io=on "$LOOP_DEVICE" ||
	private_missing "$LOOP_DEVICE has no direct I/O on $(df -PT "$dir" | awk 'NR == 2 { print $2 }')"
exec 9<&-
exec "$@"
