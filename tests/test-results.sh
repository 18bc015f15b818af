#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What stands in results/ rests on the documents beside it: tables and plots are derived
# anew, and each time, rate and triple that a page names is where the page says it is. In
# a page's own table that is the file system of the column, the variant of the row (and
# the model of the column), and the line of the column (slat, lat, p99, IOPS); in its
# text, a file system that the paragraph names.
. "${srcdir:-.}/tests/lib.sh"
t_need jq gnuplot
cd "$top_srcdir/results"

# The page's figures that are not in the table, with what they were taken for.
figures() {
	awk -f "$top_srcdir/tests/results-figures.awk" "$2" "$1"
}

# That this finds a wrong one: figures that are somewhere in the table, but not there.
sed 's/^| 5 % | 70.6 k |/| 5 % | 84.2 k |/' q2/README.md >"$t_tmp/column"
sed 's/^| 5 % | 70.6 k |/| 5 % | 72.1 k |/' q2/README.md >"$t_tmp/variant"
sed 's/(1\.38 us \.\. 1\.42 us)/(1.37 us .. 1.42 us)/' q2/README.md >"$t_tmp/triple"
for wrong in column variant triple; do
	[ "$(figures "$t_tmp/$wrong" q2/table.txt | grep -c '^wrong')" = 1 ] ||
		t_fail "a wrong $wrong is not found"
done

nr=0
for page in q*/README.md; do
	[ -e "$page" ] || t_fail 'no page of a question'
	dir=${page%/README.md}
	sh tables.sh "$dir" >"$t_tmp/table"
	diff "$t_tmp/table" "$dir/table.txt" >"$t_tmp/diff" ||
		t_fail "$dir/table.txt is not what its documents say" "$t_tmp/diff"
	figures "$page" "$dir/table.txt" >"$t_tmp/figures"
	! grep '^wrong' "$t_tmp/figures" >"$t_tmp/wrong" ||
		t_fail "$page has figures that are not in $dir/table.txt" "$t_tmp/wrong"
	found=$(grep -c '^right' "$t_tmp/figures") || :
	[ "$found" -ge 10 ] || t_fail "$page has only $found figures: not read?"
	nr=$((nr + found))
	plot=$(sh run.sh --plot "$dir")
	for fs in ext4 xfs btrfs; do
		[ "$(wc -c <"$dir/$fs.json")" -lt 524288 ] || t_fail "$dir/$fs.json is too large"
		# 0 and 2 are verdicts; 1 is right where it says that rounds are too few.
		rc=0
		"$DIOWAIT" compare --variants --format=none "$dir/$fs.json" >/dev/null \
			2>"$t_tmp/said" || rc=$?
		case $rc in
		0 | 2) [ ! -s "$t_tmp/said" ] ;;
		1) grep -q ': no verdict: ' "$t_tmp/said" &&
			! grep -qv ': no verdict: ' "$t_tmp/said" ;;
		*) false ;;
		esac || t_fail "$dir/$fs.json: compare ended with $rc" "$t_tmp/said"
		# shellcheck disable=SC2086 # words
		for kind in svg plot.txt; do
			"$DIOWAIT" plot $plot -o "$t_tmp/again.$kind" "$dir/$fs.json"
		done
		# Another version of gnuplot may draw the same in other words, and the last
		# digits of a place in a picture are not the same on all machines.
		if grep -qF "$(grep 'Produced by GNUPLOT' "$t_tmp/again.svg")" "$dir/$fs.svg"; then
			grep -o '<text>.*</text>' "$t_tmp/again.svg" >"$t_tmp/again"
			grep -o '<text>.*</text>' "$dir/$fs.svg" | diff "$t_tmp/again" - >"$t_tmp/diff" ||
				t_fail "$dir/$fs.svg is not what its document says" "$t_tmp/diff"
			diff "$t_tmp/again.plot.txt" "$dir/$fs.plot.txt" >"$t_tmp/diff" ||
				t_fail "$dir/$fs.plot.txt is not what its document says" "$t_tmp/diff"
		fi
		for kind in svg plot.txt; do
			[ -s "$dir/$fs.$kind" ] || t_fail "$dir/$fs.$kind is missing"
		done
	done
	grep -q "($dir/README.md)" README.md || t_fail "results/README.md does not name $dir"
done
t_note "$nr figures of the pages are where they say"
