#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Without any privilege: user 65534 measures in a folder of its own, through both
# engines, and is told so where it may not.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 320 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq setpriv
own=$MNT/own
result=$own/result.json

# The build tree may be out of that user's reach.
install -m 755 "$DIOWAIT" "$MNT/diowait"
install -m 644 "$top_srcdir/workloads/mixed.job" "$MNT/mixed.job"
mkdir "$own" "$MNT/roots"
chown 65534:65534 "$own"
chmod 755 "$MNT"
DIOWAIT=$MNT/diowait
t_prefix='setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --no-new-privs'
cd "$own"

for engine in libaio io_uring; do
	t_run 0 run -d "$own" -o "$result" -r 1 -s ioengine=$engine "$MNT/mixed.job"
	t_report_fits
	t_json "$result" 'all(.variants[].kinds[]; .ops > 0 and .errors == {})' 'a kind did nothing'
	t_json "$result" '.evidence.tier < 2' 'evidence that this user can not have'
	rm -f "$result"
	[ -z "$(ls -A "$own")" ] || t_fail 'files were left'
done

t_watched=$MNT/roots
t_refused "$MNT/roots
[Pp]ermission denied" run -d "$MNT/roots" -o "$result" "$MNT/mixed.job"

# The default result file, in a folder that is the user's, and one that is not.
t_run 0 run -d "$own" -r 1 "$MNT/mixed.job"
[ -s "$own/diowait.json" ] || t_fail 'no diowait.json in the current directory'
t_run 0 run -d "$own" -r 1 "$MNT/mixed.job"
[ -s "$own/diowait.json.old" ] || t_fail 'the result before was not kept'
t_refused "roots/r\.json
[Pp]ermission denied" run -d "$own" -o "$MNT/roots/r.json" -r 1 "$MNT/mixed.job"
