#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What stands in results/ rests on the documents beside it: each table is derived anew,
# each time and rate that a page names is in its table, and each document can be read.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
cd "$top_srcdir/results"
nr=0
for page in q*/README.md; do
	[ -e "$page" ] || t_fail 'no page of a question'
	dir=${page%/README.md}
	sh tables.sh "$dir" >"$t_tmp/table"
	diff "$t_tmp/table" "$dir/table.txt" >"$t_tmp/diff" ||
		t_fail "$dir/table.txt is not what its documents say" "$t_tmp/diff"
	# "131 us", "2.45 ms", "87.1 k": times and rates of the page.
	tr '\n' ' ' <"$page" | tr -s ' ' | grep -oE '[0-9]+(\.[0-9]+)? (us|ms|k)\b' | sort -u >"$t_tmp/named"
	while IFS= read -r figure; do
		grep -qE "(^|[ (])$(echo "$figure" | sed 's/\./\\./')( |\)|\$)" "$dir/table.txt" ||
			t_fail "$page names $figure, which is not in $dir/table.txt"
		nr=$((nr + 1))
	done <"$t_tmp/named"
	for fs in ext4 xfs btrfs; do
		[ "$(wc -c <"$dir/$fs.json")" -lt 524288 ] || t_fail "$dir/$fs.json is too large"
		# Whatever it says of the differences: not that it can't be read.
		"$DIOWAIT" compare --variants --format=none "$dir/$fs.json" >/dev/null \
			2>"$t_tmp/said" || :
		grep -v ': no verdict: ' "$t_tmp/said" >"$t_tmp/stderr" || :
		[ ! -s "$t_tmp/stderr" ] || t_fail "$dir/$fs.json can't be read" "$t_tmp/stderr"
		for plot in svg plot.txt; do
			[ -s "$dir/$fs.$plot" ] || t_fail "$dir/$fs.$plot is missing"
		done
	done
	grep -q "($dir/README.md)" README.md || t_fail "results/README.md does not name $dir"
done
t_note "$nr figures of the pages are in their tables"
