#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak-compare.sh [PART]...
#
# How often diowait compare is wrong, by parts:
#	aa	  the same against the same: twenty pairs of three sittings a side, each
#		  on a new ext4 on a loop device, old and new in turns. At most one pair
#		  may have anything slower, and at most one anything faster. One sitting
#		  against the five others is wrong more often (14 of 120 nights, see
#		  ARCHITECTURE.md): in a quarter of the pairs at most.
#	variants  the same by --variants: twenty runs of a sweep whose two variants are
#		  alike but for their seed.
#	planted	  a device of 5.0 ms against one of 5.25 ms, twenty times: found at least
#		  18 times. (5.5 ms is tests/test-compare-fuse.sh.)
# Part of `make soak`, not of `make check`. SOAK_PAIRS asks for another number than
# twenty. With SOAK_DIR the results are kept there, and those that are there already,
# with all their rounds, are not measured again: a soak that was stopped goes on.
#
# Who asks for a soak is not served by a part that was skipped.
T_COMPLETE=yes
export T_COMPLETE
if [ $# -ne 1 ]; then
	status=0
	[ $# -gt 0 ] || set -- aa variants planted
	for part; do
		echo "--- $part"
		sh "$0" "$part" || status=1
	done
	exit $status
fi
part=$1
if [ "$part" = planted ] && [ -z "${T_PRIVATE:-}" ]; then
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=5000 --extend-us=5000 "$0" "$part"
fi
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_need_root
t_timing_lock
pairs=${SOAK_PAIRS:-20}
keep=${SOAK_DIR:-$t_tmp}
mkdir -p "$keep"
# with-loop.sh changes to no other folder, but its command might.
keep=$(cd "$keep" && pwd)

# job SIZE DEPTH WRITES [LINE]: the job of a part, in $t_tmp/w.job.
job() {
	cat >"$t_tmp/w.job" <<-END
	[global]
	ioengine=libaio
	direct=1
	bs=4k
	iodepth=$2
	size=$1
	number_ios=$3
	rounds=10
	${4:-}
	[w]
	mix=overwrite:70,append:30
	END
}

# is_whole FILE: a result of all rounds is there.
is_whole() {
	[ -s "$1" ] && jq -e '.interrupted == false and
		all(.variants[]; .rounds | length == 10)' "$1" >/dev/null 2>&1
}

# sitting NAME: one run of the job on a new ext4, unless NAME is there already.
sitting() {
	out=$keep/$1.json
	! is_whole "$out" || return 0
	status=0
	# shellcheck disable=SC2016 # the inner shell's
	"$top_srcdir/tests/with-loop.sh" ext4 320 sh -c '
		exec "$DIOWAIT" run -q --format none -d "$MNT" -o "$1" "$2"' \
		sh "$out" "$t_tmp/w.job" 7>&- </dev/null || status=$?
	[ $status -eq 0 ] || t_fail "a run ended with $status"
}

# compare ARGUMENT...: the numbers of slower and faster rows are $slower and $faster.
compare() {
	status=0
	"$DIOWAIT" compare --format=json "$@" >"$t_tmp/c.json" 7>&- || status=$?
	[ $status -eq 0 ] || [ $status -eq 2 ] || t_fail "compare ended with $status" "$t_tmp/c.json"
	slower=$(jq .slower "$t_tmp/c.json")
	faster=$(jq .faster "$t_tmp/c.json")
}

# Which rows, with ratio and p, for the log.
named() {
	jq -r '[.pairs[].kinds[] | .kind as $kind | .rows[] |
		select(.verdict == "slower" or .verdict == "faster") |
		"\($kind) \(.measure) \(.ratio * 1000 | round / 1000) p \(.p_holm)"] |
		join(", ")' "$t_tmp/c.json"
}

# count LABEL: adds up what compare has found.
with_slower=0 with_faster=0
count() {
	[ "$slower" -eq 0 ] || with_slower=$((with_slower + 1))
	[ "$faster" -eq 0 ] || with_faster=$((with_faster + 1))
	t_note "$1: $slower slower, $faster faster of $(jq .gate "$t_tmp/c.json") $(named)"
}

at_most_one() {
	t_note "of $pairs comparisons of the same $with_slower had something slower," \
		"$with_faster something faster"
	[ "$with_slower" -le 1 ] || t_fail 'more than one is slower'
	[ "$with_faster" -le 1 ] || t_fail 'more than one is faster'
}

soak_aa() {
	nights=0
	job 16m 16 4000
	pair=1
	while [ $pair -le "$pairs" ]; do
		for i in 1 2 3; do
			# In turns, and who begins takes turns, too.
			if [ $(((pair + i) % 2)) -eq 0 ]; then order='old new'; else order='new old'; fi
			for side in $order; do
				sitting "aa-$pair-$side-$i"
			done
		done
		old=$keep/aa-$pair-old new=$keep/aa-$pair-new
		compare "$old-1.json" "$old-2.json" "$old-3.json" -- \
			"$new-1.json" "$new-2.json" "$new-3.json"
		count "pair $pair"
		# The last sitting as if it were a night's, and the others the nights before.
		compare "$old-1.json" "$new-1.json" "$old-2.json" "$new-2.json" "$old-3.json" \
			-- "$new-3.json"
		[ "$slower" -eq 0 ] || nights=$((nights + 1))
		pair=$((pair + 1))
	done
	t_note "one sitting against five of the same: $nights of $pairs had something slower"
	at_most_one
	# A single one may be wrong however few they are.
	[ "$nights" -le 1 ] || [ $((4 * nights)) -le "$pairs" ] ||
		t_fail 'more than a quarter of the nights are wrong'
}

soak_variants() {
	# Plans of different seeds are as alike as anything can be, and not the same.
	job 32m 16 4000 sweep=randseed:1,2
	pair=1
	while [ $pair -le "$pairs" ]; do
		sitting "variants-$pair"
		compare --variants "$keep/variants-$pair.json"
		count "run $pair"
		pair=$((pair + 1))
	done
	at_most_one
}

# device NAME US: one run of the job on the slow device.
device() {
	out=$keep/$1.json
	echo "overwrite-us=$2 extend-us=$2" >"$MNT/.slowfs"
	is_whole "$out" || t_run 0 run -q --format none -d "$MNT" -o "$out" "$t_tmp/w.job"
}

both_found='[.pairs[0].kinds[] | .rows[] | select(.measure == "lat_p50_ns")] |
	length == 2 and all(.[]; .verdict == "slower")'

soak_planted() {
	job 4m 4 160
	found=0 pair=1
	while [ $pair -le "$pairs" ]; do
		device "planted-$pair-old" 5000
		device "planted-$pair-new" 5250
		compare --rounds-suffice "$keep/planted-$pair-old.json" "$keep/planted-$pair-new.json"
		! jq -e "$both_found" "$t_tmp/c.json" >/dev/null || found=$((found + 1))
		count "pair $pair"
		pair=$((pair + 1))
	done
	t_note "5 % were found in $found of $pairs"
	[ $((10 * found)) -ge $((9 * pairs)) ] || t_fail 'that is less than 9 of 10'
}

case $part in
aa | variants | planted) "soak_$part" ;;
*) t_fail "no part '$part': aa, variants or planted" ;;
esac
