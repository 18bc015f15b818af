#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What --why costs: `make bench-why`, as root, about ten minutes. On a loop-mounted
# ext4, appends and overwrites at full speed, each run
#	plain		without events
#	control		with one event open that never fires
#	why		with --why
# in turns, whose order goes round, so that what drifts meets all three alike. Printed
# is the median, over all turns, of the IOPS of control and of why by those of plain in
# the same turn, with the interval that holds the true median in at least 95 % of cases
# (order statistics, binomial: no distribution is assumed).
#
# In the environment: DIOWAIT, IDLE_EVENT (the binaries), PAIRS (default 60).
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
[ -n "${T_PRIVATE:-}" ] || exec "$here/../tests/with-loop.sh" ext4 900 "$0"

# shellcheck source=bench/pairs.sh
. "$here/pairs.sh"

diowait=${DIOWAIT:-src/diowait}
idle_event=${IDLE_EVENT:-bench/idle-event}
pairs=${PAIRS:-60}
# In this script's mount namespace only; the control needs an event's number.
[ -d /sys/kernel/tracing/events ] || mount -t tracefs tracefs /sys/kernel/tracing
tmp=$(mktemp -d "$T_PRIVATE/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$tmp/append.job" <<END
[w]
direct=1
bs=4k
iodepth=16
size=16m
io_size=1g
runtime=1
mix=append:1
END
sed 's/append:1/overwrite:1/; s/size=16m/size=128m/' "$tmp/append.job" >"$tmp/overwrite.job"

# iops KIND MODE: one run.
iops() {
	set -- "$1" "$2" run -q --format=none -d "$MNT" -o "$tmp/r.json" "$tmp/$1.job"
	case $2 in
	plain) shift 2 && "$diowait" "$@" ;;
	control) shift 2 && "$idle_event" "$diowait" "$@" ;;
	why) shift 2 && "$diowait" "$@" --why ;;
	esac
	jq '.variants[0] | ([.kinds[].ops] | add) / .seconds' "$tmp/r.json"
}

# median MODE FILE: of column MODE by plain, with its interval.
median() {
	awk -v mode="$1" '{ print $mode / $1 }' "$2" | pairs_median |
		awk '{ printf "%+.2f %% (%+.2f .. %+.2f)", 100 * ($1 - 1), 100 * ($2 - 1),
			100 * ($3 - 1) }'
}

echo "$("$diowait" --version), $(uname -sr), $(date -u +%Y-%m-%d), $pairs turns of 1 s runs"
echo "IOPS by those of the plain run: median, its 95 % interval"
"$idle_event" true
for kind in append overwrite; do
	iops $kind plain >/dev/null
	i=0
	while [ $i -lt "$pairs" ]; do
		case $((i % 3)) in
		0) order='plain control why' ;;
		1) order='control why plain' ;;
		2) order='why plain control' ;;
		esac
		for mode in $order; do
			iops $kind "$mode" >"$tmp/$mode"
		done
		paste -d ' ' "$tmp/plain" "$tmp/control" "$tmp/why"
		i=$((i + 1))
	done >"$tmp/$kind"
	printf '%-10s plain %.0f IOPS\n' $kind "$(awk '{ print $1 }' "$tmp/$kind" | sort -n |
		sed -n "$(((pairs + 1) / 2))p")"
	printf '%-10s control %s\n%-10s why     %s\n' '' "$(median 2 "$tmp/$kind")" '' \
		"$(median 3 "$tmp/$kind")"
done
