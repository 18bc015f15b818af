#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How close extend_wait=own is to pwrite(): `make bench-own`, as root, some minutes. On
# loop-mounted ext4 and XFS, in turns: appends by that model, one at a time, and a bare
# loop of pwrite() on written space (bench/pwrite-loop.c). Printed is the median over
# all turns of the ratio of their median submissions, with its 95 % interval.
#
# In the environment: DIOWAIT, PWRITE_LOOP (the binaries), PAIRS (default 30).
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${T_PRIVATE:-}" ]; then
	for fs in ext4 xfs; do
		"$here/../tests/with-loop.sh" $fs 900 "$0" $fs
	done
	exit 0
fi

# shellcheck source=bench/pairs.sh
. "$here/pairs.sh"

diowait=${DIOWAIT:-src/diowait}
pwrite_loop=${PWRITE_LOOP:-bench/pwrite-loop}
pairs=${PAIRS:-30}
tmp=$(mktemp -d "$T_PRIVATE/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
printf '[w]\ndirect=1\nbs=4k\nsize=64m\nruntime=1\nmix=append:1\nextend_wait=own\n' >"$tmp/own.job"

own() {
	"$diowait" run -q --format=none -d "$MNT" -o "$tmp/r.json" "$tmp/own.job"
	jq '.variants[0].kinds[0].slat_ns.percentile["50.000000"]' "$tmp/r.json"
}

bare() {
	"$pwrite_loop" "$MNT/file" 1
}

i=0
while [ $i -lt "$pairs" ]; do
	case $((i % 2)) in
	0) own >"$tmp/own" && bare >"$tmp/bare" ;;
	1) bare >"$tmp/bare" && own >"$tmp/own" ;;
	esac
	paste -d ' ' "$tmp/bare" "$tmp/own"
	i=$((i + 1))
done >"$tmp/pairs"
for column in 1 2; do
	awk -v column=$column '{ print $column }' "$tmp/pairs" | pairs_median >"$tmp/$column"
done
awk '{ print $2 / $1 }' "$tmp/pairs" | pairs_median |
	awk -v fs="$1" -v nr="$pairs" -v bare="$(cut -d ' ' -f 1 "$tmp/1")" \
		-v own="$(cut -d ' ' -f 1 "$tmp/2")" '
		{ printf "%-5s own by pwrite: %.3f (%.3f .. %.3f) of %d turns; medians %d and %d ns\n",
			fs, $1, $2, $3, nr, own, bare }'
