# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -f results-figures.awk TABLE PAGE: says "right" or "wrong" of each figure of PAGE,
# which tests/test-results.sh describes. TABLE is what results/tables.sh prints.
BEGIN {
	figure = "[0-9]+([.][0-9]+)? (us|ms|k)"
	number = "([0-9]+([.][0-9]+)?( (us|ms|k))?)"
	triple = number " [(]" number " [.][.] " number "[)]"
}

# The table: each line with its file system and its variant.
FNR == NR && /^(ext4|xfs|btrfs),/ { fs = $1; sub(/,/, "", fs); variant = ""; next }
FNR == NR && /^  [^ ]/ { variant = " " $0 " "; next }
FNR == NR {
	gsub(/[+]/, "@") # not an operator
	line[++lines] = " " $0 " "
	line_fs[lines] = fs
	line_variant[lines] = variant
	next
}

function said(ok, what, where) {
	print (ok ? "right" : "wrong") ": " what " (" where ")"
}

# Whether what stands on a line of the file systems in list.
function holds(what, list, key,    i) {
	for (i = 1; i <= lines; i++)
		if (index(list, " " line_fs[i] " ") && (key == "" || index(line[i], key)) &&
		    match_whole(line[i], what))
			return 1
	return 0
}

function match_whole(text, what,    at, before, after) {
	at = index(text, what)
	while (at) {
		before = at == 1 ? " " : substr(text, at - 1, 1)
		after = substr(text, at + length(what), 1)
		if (before ~ /[ (]/ && after !~ /[0-9.a-z]/)
			return 1
		text = substr(text, at + 1)
		at = index(text, what)
	}
	return 0
}

# ---- tables of the page ----

function has_word(text, word,    at, after) {
	at = index(text, word)
	while (at) {
		after = substr(text, at + length(word), 1)
		if (substr(text, at - 1, 1) ~ /[=,:]/ && after ~ /[ ,:%|]/)
			return 1
		text = substr(text, at + 1)
		at = index(text, word)
	}
	return 0
}

function cell(text) {
	gsub(/^ +| +$/, "", text)
	return text
}

function header(   i, words, n, j) {
	fs = ""
	labels = 0
	for (i = 2; i < columns; i++) {
		col_model[i] = col_key[i] = ""
		n = split(tolower(cell(part[i])), words, " ")
		for (j = 1; j <= n; j++) {
			if (words[j] ~ /^(ext4|xfs|btrfs)$/)
				fs = words[j]
			if (words[j] ~ /^(kernel|none|own|all|drain)$/)
				col_model[i] = words[j]
		}
		col_fs[i] = fs
		if (fs == "")
			labels = i
		text = tolower(part[i])
		col_key[i] = text ~ /slat/ ? "slat p50" : text ~ /p99/ ? "lat p99 " : \
			text ~ /lat|us/ ? "lat p50 " : text ~ /overwrites|iops/ ? "IOPS" : ""
	}
}

function row(   i, j, k, label, ok, found, value) {
	for (i = labels + 1; i < columns; i++) {
		value = cell(part[i])
		if (value == "")
			continue
		found = 0
		for (j = 1; j <= lines && !found; j++) {
			if (line_fs[j] != col_fs[i])
				continue
			ok = index(line[j], col_key[i]) && match_whole(line[j], value)
			for (k = 2; k <= labels && ok; k++) {
				label = cell(part[k])
				sub(/ %$/, "", label)
				ok = has_word(line_variant[j], label)
			}
			if (ok && col_model[i] != "")
				ok = has_word(line_variant[j], col_model[i])
			found = ok
		}
		said(found, value, col_fs[i] " " cell(part[2]) " column " i - 1)
	}
}

/^[|]/ {
	paragraph()
	columns = split($0, part, "|")
	if (!in_table)
		header()
	else if ($0 !~ /^[|]-/)
		row()
	in_table = 1
	next
}
{ in_table = 0 }

# ---- text ----

function paragraph(   list, what) {
	list = " "
	if (text_all ~ /ext4/)
		list = list "ext4 "
	if (text_all ~ /XFS/)
		list = list "xfs "
	if (text_all ~ /btrfs/)
		list = list "btrfs "
	while (match(text_all, triple)) {
		what = substr(text_all, RSTART, RLENGTH)
		said(holds(what, list), what, "text," list)
		text_all = substr(text_all, 1, RSTART - 1) "; " substr(text_all, RSTART + RLENGTH)
	}
	while (match(text_all, figure)) {
		what = substr(text_all, RSTART, RLENGTH)
		if (substr(text_all, RSTART + RLENGTH, 1) !~ /[a-zA-Z0-9]/)
			said(holds(what, list), what, "text," list)
		text_all = substr(text_all, RSTART + RLENGTH)
	}
	text_all = ""
}
/^$/ { paragraph(); next }
{
	gsub(/[*`]/, "")
	text_all = text_all (text_all == "" ? "" : " ") $0
	gsub(/  +/, " ", text_all)
}
END { paragraph() }
