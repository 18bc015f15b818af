#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What test-stress-FS.sh runs on a fresh file system at $MNT: the shipped scenarios
# hold there, the result counts what was checked, and nothing is left behind.
# $1: scenarios that are left out, by name, blanks between.
. "${srcdir:-.}/tests/lib.sh"

left_out=$1
scenarios=
for job in "$top_srcdir"/workloads/stress/*.job; do
	name=${job##*/}
	case " $left_out " in
	*" ${name%.job} "*) ;;
	*) scenarios="$scenarios $job" ;;
	esac
done

cd "$t_tmp"
status=0
# A sanitizer's build needs longer for as many writes.
seconds=8
[ -z "${T_SANITIZED:-}" ] || seconds=28
# shellcheck disable=SC2086 # a file a word
"$DIOWAIT" stress -d "$MNT" --duration=$seconds --seed=1 -s runtime=300ms -o result.json \
	$scenarios >report 2>err || status=$?
[ $status -eq 0 ] || t_fail "exit $status" report err
[ ! -s err ] || t_fail 'something on standard error' err
awk 'length > 72 && !/again: /' report >long
[ ! -s long ] || t_fail 'lines above 72 characters' long
tail -n 1 report | grep -qx 'all contracts held' || t_fail 'no verdict' report
jq -e '.stress.writes > 1000 and .stress.rounds > 5 and .stress.hung == false and
	([.stress.contracts[].broken] | add) == 0 and (.stress.findings | length) == 0 and
	([.stress.contracts[] | select(.checked == 0)] | length) <= 1' result.json \
	>/dev/null || t_fail 'the result' result.json
# What the threads did is in the document as of any run.
jq -e '[.variants[].kinds[].ops] | add > 1000' result.json >/dev/null ||
	t_fail 'no kinds' result.json
find "$MNT" -mindepth 1 -maxdepth 1 ! -name lost+found >left
[ ! -s left ] || t_fail 'left behind' left
t_note "$(jq -r '"\(.stress.writes) writes, \(.stress.rounds) rounds"' result.json)"
