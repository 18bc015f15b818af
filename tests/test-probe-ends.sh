#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diowait probe, interrupted, and told what it can't do.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 320 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_need_root
result=$t_tmp/probe.json
ls -A "$MNT" >"$t_tmp/was"

# A signal: what is known is printed.
t_start probe -d "$MNT" -o "$result"
sleep 4
kill -INT "$t_pid"
t_ended 20
[ "$t_got" -eq 2 ] || t_fail "wait status $t_got, not death by SIGINT" "$t_tmp/stderr"
t_report_fits
t_json "$result" '.interrupted == true' 'interrupted is not true'
ls -A "$MNT" >"$t_tmp/is"
diff "$t_tmp/was" "$t_tmp/is" >"$t_tmp/diff" || t_fail 'files were left' "$t_tmp/diff"

t_watched=$MNT
t_refused 'nowhere.*No such file' probe -d "$MNT/nowhere"
t_refused '^diowait: probe: ' probe "$MNT"
