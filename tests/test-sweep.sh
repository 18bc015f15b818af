#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A sweep: each variant has all rounds, in turns; SIGINT leaves whole rounds only, and
# --resume does the rest, so that the totals are those of a run that was never stopped.
. "${srcdir:-.}/tests/lib.sh"
t_need jq setpriv
mkdir "$t_tmp/r"
result=$t_tmp/r/result.json
printf '[w]\ndirect=1\nioengine=null\nbs=4k\nsize=16m\nnumber_ios=2000\nmix=overwrite:70,append:30\nsweep=append%%:0,10,50 iodepth:1,8\n' \
	>"$t_tmp/w.job"

t_run 0 run --check "$t_tmp/w.job"
[ "$(grep -c '^# variant [1-6] of 6: append%=.* iodepth=' "$t_tmp/stdout")" -eq 6 ] ||
	t_fail '--check does not show the variants' "$t_tmp/stdout"

t_run 0 run -r 3 -o "$result" "$t_tmp/w.job"
t_report_fits
t_json "$result" '[.variants[].keys | [."append%", .iodepth]] ==
	[["0", "1"], ["0", "8"], ["10", "1"], ["10", "8"], ["50", "1"], ["50", "8"]]' 'keys'
t_json "$result" 'all(.variants[]; (.rounds | length) == 3 and ([.kinds[].ops] | add) == 6000)' \
	'a variant lacks rounds'
t_json "$result" '[.variants[0, 1].kinds[].kind] == ["overwrite", "overwrite"]' 'append%=0'
t_json "$result" '.variants[5].kinds[] | select(.kind == "append") | .ops > 2700 and .ops < 3300' \
	'append%=50'
[ "$(grep -c '^variant [1-6] of 6: append% ' "$t_tmp/stdout")" -eq 6 ] ||
	t_fail 'the report does not tell the variants apart' "$t_tmp/stdout"

# A compact one has no bins, 60 percentiles, three in each round; and is read as well.
t_run 0 run --compact -r 6 -o "$result" "$t_tmp/w.job"
t_json "$result" '[.. | objects | select(has("bins"))] == [] and
	all(.variants[].kinds[].lat_ns.percentile; length == 60) and
	all(.variants[].rounds[].kinds[].lat_ns.percentile, .variants[].kinds[].clat_ns.percentile;
		keys == ["50.000000", "99.000000", "99.900000"]) and
	all(.variants[].rounds[].kinds[].clat_ns.percentile; . == {})' 'it is not compact'
[ "$(wc -l <"$result")" -eq 1 ] || t_fail 'a compact result is not one line'
"$DIOWAIT" compare --variants --format=none "$result" >"$t_tmp/stdout" 2>"$t_tmp/stderr" ||
	[ $? -eq 2 ] || t_fail 'a compact result is not compared' "$t_tmp/stderr"

# totals FILE: what must not depend on an interruption.
totals() {
	jq -S '[.variants[] | {keys, rounds: [.rounds[].kinds | map({kind, ops, bytes})],
		series: [.series[] | [.kind, (.points | map(.round) | unique), (.points | map(.ops) | add)]],
		kinds: [.kinds[] | {kind, ops, bytes, short, errors, paths, n: .lat_ns.N,
			bins: ([.lat_ns.bins[]] | add), weight}]}]' "$1"
}

# Long enough to be stopped in the middle, a round at a time.
sed -i 's/number_ios=2000/number_ios=150000/' "$t_tmp/w.job"
t_run 0 run -r 6 -o "$result" "$t_tmp/w.job"
totals "$result" >"$t_tmp/whole"
cp "$result" "$t_tmp/r/whole.json"
# Earlier or later, by the machine: in the middle is where some rounds are done.
for delay in 0.5 2 6 0.1; do
	rm -f "$result.2"
	t_start run -r 6 -o "$result.2" "$t_tmp/w.job"
	sleep $delay
	kill -INT "$t_pid"
	t_ended 60
	[ ! -e "$result.2" ] || ! jq -e .interrupted "$result.2" >"$t_tmp/jq" || break
done
[ "$t_got" -eq 2 ] || t_fail "wait status $t_got, not death by SIGINT" "$t_tmp/stderr"
t_json "$result.2" '.interrupted and ([.variants[].rounds | length] | add) < 36' \
	'it was not stopped in the middle'
t_json "$result.2" 'all(.variants[].rounds[]; ([.kinds[].ops] | add) == 150000)' \
	'a round is not whole'
t_note "stopped after $(jq '[.variants[].rounds | length] | add' "$result.2") of 36 rounds"
t_watched=$t_tmp/r
t_run 0 run -r 6 --resume -o "$result.2" "$t_tmp/w.job"
t_report_fits
t_json "$result.2" '.interrupted | not' 'the resumed run is not complete'
totals "$result.2" >"$t_tmp/resumed"
diff "$t_tmp/whole" "$t_tmp/resumed" >"$t_tmp/diff" ||
	t_fail 'the totals differ from those of a run that was not stopped' "$t_tmp/diff"

# With another list of percentiles than the first part had, either way.
for compact in --compact ''; do
	jq '.interrupted = true | .variants[].rounds |= .[:4] | .variants[].kinds |= map(.ops = 1)' \
		"$t_tmp/r/whole.json" >"$result.5"
	# shellcheck disable=SC2086 # none, or one
	t_run 0 run -r 6 --resume $compact -o "$result.5" "$t_tmp/w.job"
	t_json "$result.5" 'all(.variants[]; (.rounds | length) == 6 and
		all(.rounds[].kinds[].lat_ns.percentile; ."50.000000" > 0 and ."99.900000" > 0))' \
		'percentiles of the resumed rounds'
done

# What an error ended lacks rounds, too, whatever it says of signals; and it is kept
# whole until then.
jq '.interrupted = false | .variants[3].rounds |= .[:4] | .variants[].kinds |= map(.ops = 1) |
	.notes += [{level: "first", text: "ended by an error: of the disk"}]' \
	"$t_tmp/r/whole.json" >"$result.6"
t_run 0 run -r 6 --resume -o "$result.6" "$t_tmp/w.job"
t_json "$result.6" 'all(.variants[]; .rounds | length == 6)' 'it was not resumed'
t_json "$result.6" '[.notes[] | select(.text | test("ended by an error"))] ==
	[{level: "warn", text: "resumed: an earlier part ended by an error: of the disk"}]' 'notes'

# --why that is not to be had, and then not to be had again, is the same run.
[ "$(id -u)" -ne 0 ] || t_prefix='setpriv --bounding-set=-all --inh-caps=-all --securebits=+noroot'
t_run 0 run --why -r 6 -o "$result.7" "$t_tmp/w.job"
[ -z "$t_prefix" ] || t_json "$result.7" '.evidence.tier == 1 and .evidence.missing' 'tier'
jq '.interrupted = true | .variants[].rounds |= .[:5]' "$result.7" >"$result.8"
cp "$result.8" "$t_tmp/part.json"
t_run 0 run --why -r 6 --resume -o "$result.8" "$t_tmp/w.job"
t_json "$result.8" 'all(.variants[]; .rounds | length == 6)' 'it was not resumed'
jq '.evidence |= (.tier = 3 - .tier | .missing = null)' "$t_tmp/part.json" >"$result.8"
t_refused '(had evidence of tier [12], this one has tier [12])|(of a run without --why)' \
	run --why -r 6 --resume -o "$result.8" "$t_tmp/w.job"
t_prefix=
jq '.interrupted = true | .evidence.tier = 2' "$result.2" >"$result.3"
t_refused 'of a run with --why' run -r 6 --resume -o "$result.3" "$t_tmp/w.job"

t_refused 'is complete' run -r 6 --resume -o "$result.2" "$t_tmp/w.job"
jq '.interrupted = true' "$result.2" >"$result.3"
t_refused 'of another workload' run -r 6 --resume -o "$result.3" -s bs=8k "$t_tmp/w.job"
t_refused 'of a run without --why' run --why -r 6 --resume -o "$result.3" "$t_tmp/w.job"
jq '.interrupted = true | .host.kernel = "5.4.0"' "$result.2" >"$result.3"
t_refused 'had kernel 5.4.0, this one has' run -r 6 --resume -o "$result.3" "$t_tmp/w.job"
jq '.interrupted = true | .host.boot_id = "another"' "$result.2" >"$result.3"
t_refused 'had boot_id another, this one has [0-9a-f-]{36}:' \
	run -r 6 --resume -o "$result.3" "$t_tmp/w.job"
for key in type source; do
	jq --arg key $key '.interrupted = true | .host.filesystem[$key] = "other"' \
		"$result.2" >"$result.3"
	t_refused "had filesystem.$key other, this one has none: results of both are for compare" \
		run -r 6 --resume -o "$result.3" "$t_tmp/w.job"
done
t_refused 'No such file' run -r 6 --resume -o "$t_tmp/r/none.json" "$t_tmp/w.job"
t_refused '^diowait: --sweep=iodepth: must be KEY=VALUE' run --sweep iodepth -o "$result.4" \
	"$t_tmp/w.job"
t_refused '^diowait: --sweep bs=5: must be' run --sweep bs=4k,5 -o "$result.4" "$t_tmp/w.job"
grep -v sweep "$t_tmp/w.job" >"$t_tmp/plain.job"
t_refused 'there is no sweep' run --resume -o "$result.3" "$t_tmp/plain.job"
if "$DIOWAIT" run --sweep bs=4k,8k -o "$result.4" - <"$t_tmp/plain.job" 2>"$t_tmp/stderr"; then
	t_fail 'standard input was read several times'
fi
grep -q 'a sweep reads its files once for each variant' "$t_tmp/stderr" ||
	t_fail 'a wrong message' "$t_tmp/stderr"
