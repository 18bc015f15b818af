#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Proof of the checker: the tests' file system answers wrongly, one way at a time,
# about once in a thousand writes. Without it nothing may be found; with it stress has
# to find it and to call it by its name. $T_FAULTS: rows to run, by name. With
# $T_SECONDS, which each may take, rounds are as long as they are shipped (make soak
# gives 60); without it they are short. A sanitizer's build writes so slowly that it needs
# the 60 s, and that a round of 1 s fills nothing.
#
# Seed 1 would begin with threads.job, where four threads write over a small file so fast that
# what was misdirected may be gone when it is looked for, and is called lost, in one run of
# some twenty: diowait-stress(1).
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-fuse.sh" --space=34m --fault-seed=3 "$0"
. "${srcdir:-.}/tests/lib.sh"
seconds=${T_SECONDS:-${T_SANITIZED:+60}}
seconds=${seconds:-20}
short=${T_SECONDS:+runtime=1}
short=${short:-runtime=250ms}
seed=${T_SEED:-2}
failed=
cd "$t_tmp"

# stress WORD...: its result in result.json, its status in $status.
stress() {
	status=0
	"$DIOWAIT" stress -d "$MNT" --seed="$seed" --watchdog=3s -o result.json "$@" \
		>report 2>err || status=$?
	# Where a read of the load fails, the run ends, which is said.
	[ ! -s err ] || [ "$fault" = read-eio ] || t_fail "$fault: on standard error" err
}

# fault NAME HEAL_MS EVERY FOUND...: one of the contracts FOUND is what breaks first,
# and where the log knows places, it was at one of them.
fault() {
	fault=$1 heal=$2 every=$3
	shift 3
	case " ${T_FAULTS:-$fault} " in
	*" $fault "*) ;;
	*) return 0 ;;
	esac
	echo "fault-every=$every fault-heal-ms=$heal fault=$fault" >"$MNT/.slowfs"
	stress --duration="$seconds" --stop-on-first -s "$short"
	echo 'fault=none fault-heal-ms=0' >"$MNT/.slowfs"
	first=$(jq -r '.stress.findings[0] | "\(.contract), \(.where), after \(.writes) writes and \((.at_s // 0) * 10 | floor / 10) s"' result.json)
	found=${first%%,*}
	case " $* " in
	*" $found "*) [ $status -eq 2 ] || t_fail "$fault: exit $status" report ;;
	*)
		t_note "FAIL: $fault, $heal ms: found: $first; wanted: $*" >&2
		sed 's/^/  | /' report >&2
		failed="$failed $fault"
		;;
	esac
	t_note "$fault, $([ "$heal" -gt 0 ] && echo "passing" || echo "lasting"): $first"
}

# Layouts that are not done in time: then nothing was checked, which is no success; and an
# error is one, however late it comes.
if [ -z "${T_FAULTS:-}" ]; then
	echo 'layout-above=0 extend-us=1500000' >"$MNT/.slowfs"
	t_run 1 stress -d "$MNT" --duration=1s -o result.json
	grep -q 'nothing was checked: ' "$t_tmp/stderr" || t_fail 'no word of it' "$t_tmp/stderr"
	echo 'eio-at=1' >"$MNT/.slowfs"
	t_run 1 stress -d "$MNT" --duration=1s -o result.json
	grep -q 'Input/output error' "$t_tmp/stderr" || t_fail 'no word of it' "$t_tmp/stderr"
	echo 'layout-above=65536 extend-us=0 eio-at=0' >"$MNT/.slowfs"
fi

fault=none
if [ -z "${T_FAULTS:-}" ]; then
	quiet_seconds=6
	[ -z "${T_SANITIZED:-}" ] || quiet_seconds=26
	stress --duration=$quiet_seconds -s runtime=200ms
	[ $status -eq 0 ] || t_fail 'something is found where nothing is wrong' report
	jq -e '.stress.writes > 1000' result.json >/dev/null || t_fail 'few writes' report
fi

# What was to grow and is zeros was lost, or zeroed: there are no older data to tell.
fault lost 0 1000 lost zeroed
fault torn 0 1000 torn
fault misdirected 0 1000 misdirected
fault zeros 0 1000 zeroed
fault zeros 30 1000 zeroed
fault stale-extension 0 1000 stale
fault stale-extension 30 1000 stale
fault size-late 0 1000 size-late
fault size-late 30 1000 size-late
# So far back that whoever made it larger has seen it: until then nobody can tell that from
# a size that is late.
echo fault-back=128 >"$MNT/.slowfs"
fault size-back 0 1000 size-back
fault size-back 30 1000 size-back
fault garbage 0 1000 foreign
# What has not been read before it was zeroed may never have been there.
fault neighbour 0 1000 untouched zeroed torn
fault bitflip 0 1000 flipped
fault swapped 0 1000 swapped
fault old-read 0 1000 cached
fault old-read 30 1000 cached
fault short-read 0 1000 result
fault read-eio 0 1000 error
# Of an append neither data nor size are stored.
fault eio-swallowed 0 1000 lost zeroed size-late
# Syncs, last closes and refusals are not as many as writes are.
fault rolled-back 0 100 durable
fault fsync-lies 0 2 durable
filling=1
[ -z "${T_SANITIZED:-}" ] || filling=4
short=runtime=$filling
fault enospc-size 0 1 size-exact
# Last: it leaves a request that is answered when the file system ends.
fault no-completion 0 1000 completion
[ -z "$failed" ] || t_fail "not found, or by another name:$failed"
