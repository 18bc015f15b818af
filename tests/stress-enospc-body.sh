#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# stress-enospc-body.sh FSTYPE [TURNS]
#
# Extending writes at depth 32 run a small file system full, and stress judges size,
# blocks and contents; then fsck, of the file system with the file in it, has to find
# nothing: it counts the blocks of extents and of their tree one by one.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
fstype=$1
turns=${2:-2}
case $fstype in
ext4) t_need e2fsck ;;
xfs) t_need xfs_repair ;;
esac
# The smallest XFS is larger than what is to be filled.
free_kib=$(df -Pk "$MNT" | awk 'NR == 2 { print $4 }')
if [ "$free_kib" -gt 65536 ]; then
	fallocate -l $((free_kib - 65536))K "$MNT/filler"
fi
# The device stays while nothing is mounted.
exec 8<"$LOOP_DEVICE"
cd "$t_tmp"
room_kib=$(df -Pk "$MNT" | awk 'NR == 2 { print $4 }')
has_room() {
	[ "$(df -Pk "$MNT" | awk 'NR == 2 { print $4 }')" -ge $((room_kib - 4096)) ]
}
turn=1
while [ "$turn" -le "$turns" ]; do
	engine=libaio
	[ $((turn % 2)) -eq 1 ] || engine=io_uring
	status=0
	"$DIOWAIT" stress -d "$MNT" --cycles=1 --seed="$turn" -s ioengine=$engine \
		-s unlink=0 -s number_ios=0 -s bsrange=4k-64k -s runtime=20 -o result.json \
		"$top_srcdir/workloads/stress/fill.job" >report 2>err || status=$?
	[ $status -eq 0 ] || t_fail "turn $turn, $engine: exit $status: $(cat err)" report
	[ ! -s err ] || t_fail "turn $turn: on standard error" err
	jq -e '[.variants[].kinds[].errors.ENOSPC // 0] | add > 0' result.json >/dev/null ||
		t_fail "turn $turn, $engine: nothing was full" report
	jq -e '.stress.contracts[] | select(.name == "blocks-exact" or .name == "size-exact") |
		.checked > 0' result.json >/dev/null || t_fail "turn $turn: not checked" report
	umount "$MNT"
	if [ "$fstype" = ext4 ]; then
		e2fsck -fn "$LOOP_DEVICE" >fsck 2>&1 || t_fail "turn $turn, $engine: e2fsck" fsck
	else
		xfs_repair -n "$LOOP_DEVICE" >fsck 2>&1 ||
			t_fail "turn $turn, $engine: xfs_repair" fsck
	fi
	mount "$LOOP_DEVICE" "$MNT"
	rm "$MNT"/fill.*
	# XFS frees what was removed in the background.
	t_wait_for 60 has_room || t_fail "turn $turn: $(df -Pk "$MNT")"
	turn=$((turn + 1))
done
t_note "$fstype: full $turns times; $(jq -r '"\(.stress.writes) writes in the last turn"' result.json)"
