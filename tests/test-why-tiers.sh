#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --why where it can't have all: an ordinary user gets tier 1 and a line that says
# what is missing; a small ring loses events and says so; a killed run leaves no
# thread, no mount and no file but its scratch directory.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" ext4 320 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq setpriv
t_need_root
result=$t_tmp/result.json
printf '[w]\ndirect=1\nbs=4k\niodepth=16\nsize=32m\nmix=overwrite:70,append:30\n' >"$MNT/w.job"

# A ring of a page, drained a hundred times a second. Nobody says inline of a write
# whose sleep was lost.
t_run 0 run --why --why-ring=4k -d "$MNT" -o "$result" "$MNT/w.job"
t_report_fits
t_json "$result" '.evidence.tier == 2 and .evidence.lost > 0' 'nothing was lost'
t_json "$result" 'all(.variants[].kinds[]; .ops == (.paths | del(.flagged, .then) | add))' \
	'paths do not add up to ops'
t_json "$result" '.variants[0].kinds[] | select(.kind == "append") |
	.paths.forced_wait + .paths.unknown >= 0.9 * .ops and .unknown.lost > 0' \
	'lost sleeps are taken for none'
tr -s '\n ' '  ' <"$t_tmp/stdout" | grep -q 'lower bounds' ||
	t_fail 'the report is silent about it' "$t_tmp/stdout"

t_refused "--why-ring=3000
power of two" run --why --why-ring=3000 -d "$MNT" -o "$result" "$MNT/w.job"
t_refused "--why=ful
--why=full" run --why=ful -d "$MNT" -o "$result" "$MNT/w.job"

# Everything, always: it costs, but misses no begin.
t_run 0 run --why=full -d "$MNT" -o "$result" "$MNT/w.job"
t_json "$result" '.variants[0].kinds[] | select(.kind == "overwrite") |
	.ran_as.inside >= 0.99 * .ops and .held_ns.N >= 0.9 * .ops' 'begins or completions are missing'

# kill -9 while it is at work.
mount >"$t_tmp/mounts"
t_start run --why -d "$MNT" -o "$result" -s runtime=60 -s time_based=1 -s size=64m "$MNT/w.job"
pid=$t_pid
t_wait_for 20 t_has_scratch "$MNT" || t_fail 'it did not begin'
sleep 1
kill -9 "$pid"
t_ended 10
t_wait_for 5 test ! -d "/proc/$pid" || t_fail 'threads are left'
mount | diff "$t_tmp/mounts" - || t_fail 'a mount is left'
t_run 0 run -d "$MNT" -o "$result" "$MNT/w.job"
! t_has_scratch "$MNT" || t_fail 'the next run left the scratch directory'

install -m 755 "$DIOWAIT" "$MNT/diowait"
mkdir "$MNT/own"
chown 65534:65534 "$MNT/own"
chmod 755 "$MNT"
chmod 644 "$MNT/w.job"
DIOWAIT=$MNT/diowait
t_prefix='setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --no-new-privs'
cd "$MNT/own"
for engine in libaio io_uring; do
	t_run 0 run --why -d . -o r.json -s ioengine=$engine "$MNT/w.job"
	t_report_fits
	t_json r.json '.evidence.tier == 1 and .evidence.named_ns == null and
		(.evidence.missing | length) > 10' 'tier'
	t_json r.json 'all(.variants[].kinds[]; .ops > 0 and .causes == [] and .stages == null)' \
		'evidence that this user can not have'
	# Folded or not.
	tr -s '\n ' '  ' <"$t_tmp/stdout" |
		grep -qF "$(jq -r .evidence.missing r.json)" ||
		t_fail 'the report does not say what is missing' "$t_tmp/stdout"
	t_note "$engine: $(jq -r .evidence.missing r.json)"
done
