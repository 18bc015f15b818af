#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak-stress.sh [PART]...
#
# The long proofs of diowait stress; a part of `make soak`. As root. Results are kept in
# $SOAK_DIR (default: tests/soak of the build tree), so that a run that was stopped
# goes on where it was: what has a whole result is not done again.
#
#	faults	each fault of slowfs, lasting and passing, found with --duration and
#		--seed alone, in a minute at most
#	enospc	50 times full: ext4 with blocks of 4 and 1 KiB, XFS
#	crash	100 crashes of ext4 and of XFS
#	power	100 of each on a device whose cache loses its content
#	writes	no finding in $SOAK_WRITES (10^8) writes, over ext4, XFS, btrfs with
#		and without checksums, and FUSE; $SOAK_MINUTES (10) each turn.
#		$SOAK_FS: some of `ext4 xfs btrfs nocow fuse`; two that run at once
#		with different ones count together, and take both processors
#
# XFS is spared grow.job, and btrfs without checksums dsync.job, which find something there:
# results/grow, results/eio.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_need_root
soak=${SOAK_DIR:-$top_builddir/tests/soak}
mkdir -p "$soak"
wanted=${SOAK_WRITES:-100000000}
minutes=${SOAK_MINUTES:-10}
dir=$top_srcdir/tests

faults() {
	T_SECONDS=60 T_SEED=${SOAK_SEED:-5} "$dir/test-stress-faults.sh" | tee "$soak/faults.txt"
}

enospc() {
	for soak_test in ext4 ext4-1k xfs; do
		T_TURNS=50 "$dir/test-stress-enospc-$soak_test.sh"
	done
}

crash() {
	for soak_fs in ext4 xfs; do
		soak_result=$soak/crash-$soak_fs.json
		[ ! -s "$soak_result" ] || continue
		soak_status=0
		"$DIOWAIT" stress --crash=$soak_fs --cycles=100 --seed="${SOAK_SEED:-1}" -d "$soak" \
			-o "$soak_result.part" || soak_status=$?
		# What a shutdown took may be acknowledged on XFS: crash-ack, nothing else.
		soak_may=none
		[ $soak_fs != xfs ] || soak_may=crash-ack
		jq -e --arg may $soak_may '[.stress.contracts[] |
			select(.broken > 0 and .name != $may)] == []' "$soak_result.part" \
			>/dev/null || t_fail "$soak_fs: exit $soak_status"
		mv "$soak_result.part" "$soak_result"
	done
}

power() {
	T_CYCLES=25 "$dir/test-stress-power.sh"
}

# One turn on $MNT; $1: its name, $2: its seed. Called by this script, inside a mount.
turn() {
	case $1 in
	nocow) chattr +C "$MNT" ;;
	esac
	set -- "$1" "$2" "$soak/writes-$1-$2.json"
	soak_jobs=
	for soak_job in "$top_srcdir"/workloads/stress/*.job; do
		case $1:${soak_job##*/} in
		xfs:grow.job | nocow:dsync.job) ;;
		*) soak_jobs="$soak_jobs $soak_job" ;;
		esac
	done
	# shellcheck disable=SC2086 # a file a word
	"$DIOWAIT" stress -d "$MNT" --duration="${minutes}m" --seed="$2" -o "$3.part" \
		$soak_jobs >"$3.txt" || t_fail "$1, seed $2" "$3.txt"
	mv "$3.part" "$3"
	t_note "$1, seed $2: $(jq '.stress.writes' "$3") writes"
}

writes() {
	soak_seed=1
	while :; do
		soak_done=$(find "$soak" -name 'writes-*.json' -exec cat {} + |
			jq -s '[.[].stress.writes] | add // 0')
		t_note "$soak_done of $wanted writes"
		[ "$soak_done" -lt "$wanted" ] || return 0
		for soak_name in ${SOAK_FS:-ext4 xfs btrfs nocow fuse}; do
			[ ! -s "$soak/writes-$soak_name-$soak_seed.json" ] || continue
			case $soak_name in
			fuse) set -- "$dir/with-fuse.sh" ;;
			nocow) set -- "$dir/with-loop.sh" btrfs 2048 ;;
			*) set -- "$dir/with-loop.sh" "$soak_name" 2048 ;;
			esac
			"$@" "$0" turn "$soak_name" $soak_seed
		done
		soak_seed=$((soak_seed + 1))
	done
}

case ${1:-} in
turn)
	turn "$2" "$3"
	exit
	;;
'') set -- faults enospc crash power writes ;;
esac
for soak_part; do
	case $soak_part in
	faults | enospc | crash | power | writes) $soak_part ;;
	*) t_fail "no part $soak_part" ;;
	esac
done
