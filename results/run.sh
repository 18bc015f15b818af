#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# results/run.sh [QUESTION]...: measures workloads/qN.job again, as root, on loop-mounted
# ext4, XFS and btrfs, into results/qN/FS.json, FS.svg and FS.plot.txt, and table.txt of
# all three; each file system takes at most three minutes. Without an argument all
# eight. From the top of a built tree. --plot QUESTION only prints what its plots are.
#
# The page of each question, qN/README.md, is written by hand; tests/test-results.sh
# derives its tables anew from the documents (results/tables.sh).
set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- q1 q2 q3 q4 q5 q6 q7 q8

# what QUESTION: the arguments of its plot, and whether kernel events are watched.
what() {
	case $1 in
	q1) why='' plot='-t sweep --kind append --x flight/bs' ;;
	q2) why='' plot='-t sweep --kind overwrite --x append%' ;;
	q3) why=--why plot='-t sweep --kind overwrite --x iodepth_batch_submit' ;;
	q4) why='' plot='-t sweep --kind append --x iodepth' ;;
	q5) why='' plot='-t sweep --kind overwrite --x append%' ;;
	q6) why='' plot='-t spectrum --kind overwrite' ;;
	q7) why='' plot='-t spectrum --kind overwrite' ;;
	q8) why='' plot='-t spectrum --kind overwrite' ;;
	*) echo "results/run.sh: no question $1" >&2 && exit 1 ;;
	esac
}

if [ "$1" = --plot ]; then
	what "$2"
	echo "$plot"
	exit
fi
for question; do
	what "$question"
	mkdir -p "results/$question"
	for fs in ext4 xfs btrfs; do
		echo "$question on $fs"
		out=results/$question/$fs
		# shellcheck disable=SC2016,SC2086 # the inner shell's; words
		sh tests/with-loop.sh $fs 1400 sh -c 'exec timeout 180 src/diowait run -q \
			--compact --format=none -d "$MNT" "$@"' sh $why -o "$out.json" \
			"workloads/$question.job"
		rm -f "$out.json.old"
		# It may be older than the mark without which plot replaces none.
		rm -f "$out.svg"
		# shellcheck disable=SC2086
		for kind in svg plot.txt; do
			src/diowait plot $plot -o "$out.$kind" "$out.json"
		done
	done
	sh results/tables.sh "results/$question" >"results/$question/table.txt"
done
