#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Crashes on a device whose cache loses its content: the file system lies on a loop device
# whose image slowfs holds (power= of slowfs), and of what was written since the last flush a
# half is gone, sector by sector. What was acknowledged as durable is there all the same; but
# not where the device lies about it, which has to be found. $T_CYCLES: of each (default 1).
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-fuse.sh" "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need_root
t_need losetup mkfs.ext4 mkfs.xfs
[ -e /dev/loop-control ] || t_missing 'no loop devices: /dev/loop-control is missing'
jobs=$top_srcdir/workloads/stress/crash
lie=$top_builddir/tests/crash/lie

# cut POWER FILE-SYSTEM JOB: what broke, one line, in $t_tmp/found.
cut() {
	echo "power=$1" >"$MNT/.slowfs"
	"$lie" "$2" power "$MNT" "$jobs/$3.job" "${T_SEED:-5}" "${T_CYCLES:-1}" \
		>"$t_tmp/stdout" 2>"$t_tmp/stderr" 7>&- ||
		t_fail "$2, $3: the cycle failed" "$t_tmp/stderr"
	# As in test-stress-crash.sh: XFS lets syncs succeed that the shutdown made impossible.
	grep -v '^crash-ack ' "$t_tmp/stdout" | tr '\n' ' ' >"$t_tmp/found"
}

for fs in ext4 xfs; do
	for job in dsync fdatasync ${T_CYCLES:+append mixed}; do
		cut 1 $fs "$job"
		[ "$(cat "$t_tmp/found")" = "cycles ${T_CYCLES:-1} " ] ||
			t_fail "$fs, $job: $(cat "$t_tmp/found")" "$t_tmp/stderr"
	done
	# It flushes all but what was stamped.
	T_CYCLES='' cut 4 $fs dsync
	grep -q '^crash-durable [1-9]' "$t_tmp/stdout" || t_fail "$fs: a lying device: $(cat "$t_tmp/found")"
done
