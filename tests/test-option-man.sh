#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The option table and man/diowait-workload.5 say the same of every key: its
# names, type, range, default and help, in the table's order. A key that only
# one of the two has is a difference, too.
# shellcheck source=tests/lib.sh
. "${srcdir:-.}/tests/lib.sh"

page=$top_srcdir/man/diowait-workload.5

# Both sides: ".It Cm NAME , ALIAS", "Type, range; default X.", "Help.".
from_table() {
	awk -F '\t' '
	function upper(s) { return toupper(substr(s, 1, 1)) substr(s, 2) }
	{
		print ".It Cm " $1 ($2 == "-" ? "" : " , " $2)
		print upper($3) ", " $4 ($5 == "-" ? "" : " " $5) \
			"; default " $6 "."
		print upper($7) "."
	}'
}

# An item is its first three lines; what follows is free text.
from_page() {
	awk '/^\.It Cm / { left = 3 } left > 0 { print; left-- }' "$page"
}

"$DIOWAIT" run --help-keys >"$t_tmp/keys"
[ -s "$t_tmp/keys" ] || t_fail 'run --help-keys prints nothing'
from_table <"$t_tmp/keys" >"$t_tmp/table"
from_page >"$t_tmp/page"
if ! diff -u "$t_tmp/table" "$t_tmp/page" >"$t_tmp/diff"; then
	t_fail "the option table (-) and $page (+) differ" "$t_tmp/diff"
fi
