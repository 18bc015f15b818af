#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What test-why-ext4.sh, test-why-xfs.sh and test-why-btrfs.sh run: --why against
# what each file system is known to do with each kind of write. The thresholds are
# shares of writes, not times.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_need_root
fstype=$1
result=$t_tmp/result.json
t_timing_lock

# why ENGINE MIX [ARGUMENT]...: runs it; the checks below are about its result.
how=--why
why() {
	engine=$1 mix=$2
	shift 2
	printf '[w]\ndirect=1\nbs=4k\niodepth=16\nsize=32m\nio_size=16m\n' >"$t_tmp/w.job"
	t_run 0 run $how -d "$MNT" -o "$result" -s ioengine="$engine" -s mix="$mix" "$@" \
		"$t_tmp/w.job"
	t_report_fits
	t_json "$result" '.evidence.tier == 2 and .evidence.missing == null' 'tier'
	t_json "$result" 'all(.variants[].kinds[]; .ops > 0 and .errors == {})' 'a kind did nothing'
	t_json "$result" 'all(.variants[].kinds[]; .ops ==
		(.paths | del(.flagged, .then) | add))' 'paths do not add up to ops'
	t_json "$result" 'all(.variants[].kinds[] | select(.paths.then); .paths.punted ==
		(.paths.then | add))' 'then does not add up to punted'
	t_json "$result" '.evidence | .named_ns >= $least * .blocked_ns' 'too few causes have a name' \
		--argjson least "$([ "$fstype" = btrfs ] && echo 0.95 || echo 0.98)"
	# Unless something was lost, every nanosecond went to something.
	t_json "$result" '.evidence.lost > 0 or all(.variants[].kinds[].stages |
		.slat_ns, .lat_ns; .unaccounted <= 0.02 * add)' 'too much is unaccounted'
	t_json "$result" 'all(.variants[].kinds[]; (.slat_ns.mean * .slat_ns.N) as $slat |
		(.stages.slat_ns | add) as $sum | $sum >= 0.98 * $slat and $sum <= 1.02 * $slat)' \
		'the stages of slat are not slat'
	t_note "$fstype, $engine, $mix $*:" \
		"$(jq -c '.variants[0].kinds[] | [.kind, (.paths | del(.then) |
			with_entries(select(.value))), .paths.then, .ran_as,
			[.causes[] | {(.cause): .count}]]' "$result")"
}

# share KIND PATHS LEAST: at least that share of the kind's writes took one of PATHS.
share() {
	t_json "$result" '.variants[0].kinds[] | select(.kind == $kind) |
		([.paths[$paths | split(" ")[]]] | add) >= $least * .ops' \
		"$1: not $3 of the writes were $2" --arg kind "$1" --arg paths "$2" --argjson least "$3"
}

# queued LEAST: overwrites are queued or inline. Of a call in which others took the processor
# that is known from its completion alone, and completions take turns at being watched; so
# on a machine that is busy with something else they are asked for all of them.
queued() {
	why libaio overwrite:1
	if jq -e '.variants[0].kinds[0] | .paths.unknown > 0.01 * .ops' "$result" >/dev/null; then
		t_note "$(jq '.variants[0].kinds[0].paths.unknown' "$result") unknown: once more"
		how=--why=full
		why libaio overwrite:1
		how=--why
	fi
	share overwrite 'queued inline' "$1"
}

# cause KIND LABEL: it slept for that cause.
cause() {
	t_json "$result" '.variants[0].kinds[] | select(.kind == $kind) |
		any(.causes[]; .cause == $why and .count > 0)' "$1 never slept for $2" \
		--arg kind "$1" --arg why "$2"
}

case $fstype in
ext4)
	why libaio append:1
	share append forced_wait 0.99
	cause append FORCED_WAIT
	t_json "$result" '.variants[0].kinds[0].worst | length == 10 and
		all(.[]; (.stages | length) > 1 and .lat_ns >= .slat_ns) and
		([.[].lat_ns] | . == (sort | reverse))' 'the slowest writes'
	queued 0.99
	# Of one kind each uses its blocks once, with nothing else in flight.
	why libaio hole+unaligned:1
	cause hole+unaligned FORCED_WAIT
	why libaio overwrite:50,hole+unaligned:50
	cause hole+unaligned FORCED_WAIT
	cause hole+unaligned DIO_DRAIN
	why libaio overwrite:70,append:30
	t_json "$result" '.variants[0].kinds[] | select(.kind == "overwrite") |
		.victim_ns.mean > 0 and .held_ns.N > 0' 'overwrites are not delayed'
	# A call of eight is told apart by their begins.
	why libaio overwrite:70,append:30 -s iodepth_batch_submit=8 \
		-s iodepth_batch_complete_min=8
	share append forced_wait 0.95
	t_json "$result" '.variants[0].kinds[] | select(.kind == "overwrite") |
		.behind_ns.mean > 0' 'nobody stood behind another in a shared call'

	why io_uring append:1
	share append punted 0.95
	cause append I_RWSEM_W
	cause append FORCED_WAIT
	t_json "$result" '.variants[0].kinds[0] | .paths.then.forced_wait > 0 and
		.paths.then.queued > 0 and .ran_as.inside > 0 and .ran_as.at > 0 and
		(.ran_as | add) >= 0.95 * .ops' 'workers reorder appends'
	# A fourth is asked to go to workers; little else does.
	why io_uring overwrite:1 -s force_async=4
	t_json "$result" '.variants[0].kinds[0] | .paths.punted >= 0.25 * .ops and
		.paths.punted < 0.5 * .ops' 'not each fourth was punted'
	why io_uring overwrite:70,append:30
	t_json "$result" '.variants[0].kinds[] | select(.kind == "overwrite") |
		.convoy_ns.mean > 0 and .victim_ns.mean < 0.01 * .lat_ns.mean' \
		'overwrites are not in a convoy, or are victims'
	;;
xfs)
	why libaio append:1 -s append_depth=16
	share append drained 0.90
	cause append DIO_DRAIN
	why libaio append:1 -s append_depth=1
	share append 'queued inline' 0.90
	queued 0.98
	why libaio overwrite:50,hole+unaligned:50
	cause hole+unaligned DIO_DRAIN
	cause hole+unaligned FORCED_WAIT
	;;
btrfs)
	why libaio append:1
	share append buffered 0.90
	cause append BUFFERED_FALLBACK
	why io_uring append:1
	share append punted 0.95
	t_json "$result" '.variants[0].kinds[0].paths |
		.then.buffered >= 0.9 * .punted' 'workers do not fall back'
	# Without checksums and copies direct writes are direct.
	mkdir "$MNT/nocow"
	chattr +C "$MNT/nocow"
	MNT=$MNT/nocow
	why libaio append:1
	share append 'queued inline' 0.90
	;;
esac

# What may not wait is refused or queued, and sleeps in no call. Linux 6.18 has exceptions:
# the queue of completions (DIO_WQ_INIT) is made within the first write after a mount that
# completes later, whatever that write's flags; ext4 looks its blocks up under i_data_sem, for
# which it waits while a completion converts an unwritten extent; and on btrfs, where data are
# written in place, a write waits for the lock of a tree's block now and then.
may=DIO_WQ_INIT
case $fstype in
ext4) may="$may EXT4_I_DATA_SEM" ;;
btrfs) may="$may BTRFS_TREE_LOCK" ;;
esac
# Locks of the thread sanitizer's own sleep, too, and are no cause of the kernel's.
own=0
case ${T_SANITIZED:-} in
*thread*) own=20 ;;
esac
printf '[w]\ndirect=1\nbs=4k\niodepth=8\nsize=16m\nnumber_ios=2000\nmix=%s\n' \
	'overwrite+nowait:50,append+nowait:20,hole+nowait:10,unwritten+nowait:20' >"$t_tmp/nowait.job"
for engine in libaio io_uring; do
	t_run 0 run --why=full -d "$MNT" -o "$result" -s ioengine=$engine "$t_tmp/nowait.job"
	t_json "$result" '[.variants[].kinds[].paths | .queued, .inline, .refused] | add >= 1980' \
		'writes that may not wait were neither refused nor queued'
	t_note "NOWAIT, $engine: $(jq -c '[.variants[].kinds[] | [.kind, .blocked,
		(.causes[] | select(.in_completion | not) | .cause, .count)]]' "$result")"
	t_json "$result" '[.variants[].kinds[].causes[] | select(.in_completion | not) |
		select(.cause | IN($may | split(" ")[]) | not) | .cause] == []' \
		'a write that may not wait slept' --arg may "$may"
	t_json "$result" '([.variants[].kinds[].causes[] | select(.in_completion | not) |
		.count] | add // 0) as $slept | $slept <= 20 and
		([.variants[].kinds[].blocked] | add) <= $slept + $own' \
		'it was blocked' --argjson own $own
done
