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
# In the environment: DIOWAIT, BARE_LOOP, FIO (the binaries), PAIRS (default 20), DEPTH (32),
# BESIDE (default bare; fio: the same beside fio, with all of its measuring on).
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
fio=${FIO:-fio}
beside=${BESIDE:-bare}
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

fio() {
	case $1 in
	file) set -- "$1" "$2" --filename="$MNT/bare" --overwrite=1 ;;
	device) set -- "$1" "$2" --filename="$LOOP_DEVICE" ;;
	esac
	fio_engine=$2
	shift 2
	command "$fio" --output-format=json --output="$tmp/fio.json" --name=w --direct=1 --bs=4k \
		--iodepth="$depth" --size=64m --runtime=1 --time_based --rw=randwrite \
		--ioengine="$fio_engine" "$@" >/dev/null
	jq '.jobs[0].write.iops' "$tmp/fio.json"
}

# compare WHERE ENGINE
compare() {
	i=0
	while [ $i -lt "$pairs" ]; do
		case $((i % 2)) in
		0) ours "$@" >"$tmp/ours" && "$beside" "$@" >"$tmp/other" ;;
		1) "$beside" "$@" >"$tmp/other" && ours "$@" >"$tmp/ours" ;;
		esac
		paste -d ' ' "$tmp/ours" "$tmp/other"
		i=$((i + 1))
	done >"$tmp/pairs"
	awk '{ print $1 }' "$tmp/pairs" | pairs_median >"$tmp/ours"
	awk '{ print $2 }' "$tmp/pairs" | pairs_median >"$tmp/other"
	awk '{ print $1 / $2 }' "$tmp/pairs" | pairs_median |
		awk -v where="$1" -v engine="$2" -v ours="$(cut -d ' ' -f 1 "$tmp/ours")" \
			-v other="$(cut -d ' ' -f 1 "$tmp/other")" '
			{ printf "%-7s %-9s %7d %7d  %.3f (%.3f .. %.3f)\n", where, engine,
				ours, other, $1, $2, $3 }'
}

echo "$("$diowait" --version), $(uname -sr), $(date -u +%Y-%m-%d), $pairs turns of 1 s runs, depth $depth"
printf 'where   engine    diowait %7s  ratio of IOPS in a turn\n' "$beside"
for engine in libaio io_uring; do
	compare file $engine
done
# Kept by a descriptor: the device clears itself when nobody has it any more.
exec 8<"$LOOP_DEVICE"
umount "$MNT"
for engine in libaio io_uring; do
	compare device $engine
done
