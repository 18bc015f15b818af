#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What diowait itself costs where the device is fast: `make bench-bare`, as root, some ten
# minutes. Random overwrites of 4 KiB, in runs of one second, in turns with a bare loop of
# libaio or liburing calls that measures nothing (bench/bare-loop.c): in a file of a
# loop-mounted ext4, then on the loop device itself. Printed are the median IOPS of both,
# and the median over all turns of diowait's by those of the bare loop, with the interval
# that holds the true one in at least 95 % of cases.
#
# In the environment: DIOWAIT, BARE_LOOP (the binaries), PAIRS (default 20), DEPTH (32).
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
[ -n "${T_PRIVATE:-}" ] || exec "$here/../tests/with-loop.sh" ext4 900 "$0"
# shellcheck source=bench/pairs.sh
. "$here/pairs.sh"

diowait=${DIOWAIT:-src/diowait}
bare_loop=${BARE_LOOP:-bench/bare-loop}
pairs=${PAIRS:-20}
depth=${DEPTH:-32}
tmp=$(mktemp -d "$T_PRIVATE/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
printf '[w]\ndirect=1\nbs=4k\niodepth=%s\nsize=64m\nruntime=1\nmix=overwrite:1\n' "$depth" \
	>"$tmp/file.job"
# It is opened in its folder, and on the device there is no layout.
printf '[w]\ndirect=1\nbs=4k\niodepth=%s\nsize=64m\nruntime=1\ntime_based\nrw=randwrite\nfilename=%s\n' \
	"$depth" "$LOOP_DEVICE" >"$tmp/device.job"

ours() {
	case $1 in
	file) set -- "$1" "$2" -d "$MNT" ;;
	device) set -- "$1" "$2" --destroy-data ;;
	esac
	ours_job=$tmp/$1.job ours_engine=$2
	shift 2
	"$diowait" run -q --format=none "$@" -s ioengine="$ours_engine" -o "$tmp/r.json" \
		"$ours_job"
	jq '.variants[0] | ([.kinds[].ops] | add) / .seconds' "$tmp/r.json"
}

bare() {
	case $1 in
	file) "$bare_loop" "$2" "$MNT/bare" 1 "$depth" ;;
	device) "$bare_loop" "$2" "$LOOP_DEVICE" 1 "$depth" ;;
	esac
}

# compare WHERE ENGINE
compare() {
	i=0
	while [ $i -lt "$pairs" ]; do
		case $((i % 2)) in
		0) ours "$@" >"$tmp/ours" && bare "$@" >"$tmp/bare" ;;
		1) bare "$@" >"$tmp/bare" && ours "$@" >"$tmp/ours" ;;
		esac
		paste -d ' ' "$tmp/ours" "$tmp/bare"
		i=$((i + 1))
	done >"$tmp/pairs"
	awk '{ print $1 }' "$tmp/pairs" | pairs_median >"$tmp/ours"
	awk '{ print $2 }' "$tmp/pairs" | pairs_median >"$tmp/bare"
	awk '{ print $1 / $2 }' "$tmp/pairs" | pairs_median |
		awk -v where="$1" -v engine="$2" -v ours="$(cut -d ' ' -f 1 "$tmp/ours")" \
			-v bare="$(cut -d ' ' -f 1 "$tmp/bare")" '
			{ printf "%-7s %-9s %7d %7d  %.3f (%.3f .. %.3f)\n", where, engine,
				ours, bare, $1, $2, $3 }'
}

echo "$("$diowait" --version), $(uname -sr), $(date -u +%Y-%m-%d), $pairs turns of 1 s runs, depth $depth"
echo 'where   engine    diowait    bare  ratio of IOPS in a turn'
for engine in libaio io_uring; do
	compare file $engine
done
# Kept by a descriptor: the device clears itself when nobody has it any more.
exec 8<"$LOOP_DEVICE"
umount "$MNT"
for engine in libaio io_uring; do
	compare device $engine
done
