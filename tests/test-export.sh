#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diowait export: every format is read again by readers that are not ours, and each count
# of each bin is found again, also with a job's name that means something to every format,
# with zeros, and with values past all ranges; and what is refused.
. "${srcdir:-.}/tests/lib.sh"
t_need jq python3
mkdir "$t_tmp/cwd"
cd "$t_tmp/cwd"
t_watched=$t_tmp/cwd

cat >"$t_tmp/m.job" <<'END'
[global]
ioengine=null
direct=1
bs=4k
size=4m
number_ios=1000
rounds=2
[m]
mix=overwrite:60,append+dsync:25,read:10,fdatasync:5
[second]
stonewall
rw=randwrite
END
t_run 0 run -q --format none "$t_tmp/m.job"
t_run 0 run -q --format none -o swept.json --sweep iodepth=1,8 "$t_tmp/m.job"
t_run 0 run -q --format none -o compact.json --compact "$t_tmp/m.job"

# A name with what any of the formats could stumble over; zeros, a write of 20 s, one past
# the range of bins; errors; a document that was cut short.
cat >"$t_tmp/hostile.jq" <<'END'
("a \"b\", c\\d\\n\ne\t<&>'/#=-8 \u0001\u2028\u00a0\u00e4\ud83d\ude80 ]]>" ) as $name |
def hostile: if .job == "m" then .job = $name else . end;
.workload.name = "x\"\\\n<&>,.job" | .interrupted = true |
.variants |= map(.kinds |= map(hostile) | .rounds |= map(.kinds |= map(hostile)) |
	.series |= map(hostile)) |
.variants[0].kinds[0] |= (.errors = {"EIO": 3, "ENOSPC": 1} | .lat_ns |=
	(.N += 12 | .saturated = 3 | .max = 200000000000 | .min = 0 |
	.bins = {"0": (4 + (.bins["0"] // 0))} + (.bins | del(.["0"])) +
	{"17179869184": 5})) |
# ... and bins of every size, at which the null engine has none.
.variants[0].kinds[1] |= (.clat_ns |= ([range(1; 36) | {key: (pow(2; .) + pow(2;
	[. - 9, 0] | max) * (. * 7 % 512) | floor | tostring), value: (. * 1000 + 1)}] |
	unique_by(.key) | from_entries) as $more |
	.bins = ((.bins | to_entries) + ($more | to_entries) | group_by(.key) |
		map({key: .[0].key, value: (map(.value) | add)}) | from_entries) |
	.N = ([.bins[]] | add) | .max = 68719476735 | .mean = 1e8) |
# Sleeps of one cause in submissions and in completions, as kernel events would tell.
.variants[0].kinds[0] |= (.stages = {slat_ns: {}, lat_ns: {}} |
	.causes = [(true, false) as $completion | {cause: "a\",", named: true,
		in_completion: $completion, help: null, stack: null, count: 3,
		total_ns: 300, sleep_ns: (.lat_ns | del(.saturated) |
		.bins = {"100": 3} | .N = 3 | .max = 100 | .min = 100 | .mean = 100)}]) |
# A job that does not write stands first.
.variants[0].kinds |= [.[2] + {job: "reader"}] + .
END
jq -f "$t_tmp/hostile.jq" diowait.json >hostile.json

# exported FORMAT RESULT ARGUMENT...: into the file FORMAT.
exported() {
	format=$1 result=$2
	shift 2
	t_run 0 export -f "$format" "$@" "$result"
	[ ! -s "$t_tmp/stderr" ] || t_fail "export -f $format said something" "$t_tmp/stderr"
	cp "$t_tmp/stdout" "$t_tmp/$format"
}

again() {
	python3 "$top_srcdir/tests/export-read.py" "$1" "$2" "$t_tmp/$1" ${3:+"$3"} \
		>"$t_tmp/python" 2>&1 || t_fail "$1 of $2 is not what the result is" "$t_tmp/python"
	t_note "$2: $(cat "$t_tmp/python")"
}

# fio's script runs with any Python that has its one library.
clat2csv=$(command -v fio_jsonplus_clat2csv) || clat2csv=
python=
for one in python3 /usr/bin/python3; do
	[ -n "$python" ] || ! $one -c 'import six' 2>/dev/null || python=$one
done
lacks=
for result in diowait.json swept.json hostile.json; do
	for format in fio-json csv prometheus ktap junit gobench; do
		exported $format "$result"
		again "$format" "$result"
	done
	if [ -n "$clat2csv" ] && [ -n "$python" ]; then
		for how in '' --validate; do
			$python "$clat2csv" "$t_tmp/fio-json" "$t_tmp/clat.csv" $how \
				>"$t_tmp/clat" 2>&1 || t_fail "fio's reader, $result" "$t_tmp/clat"
		done
		[ "$(grep -c validated "$t_tmp/clat")" -eq \
			"$(jq '.jobs | length' "$t_tmp/fio-json")" ] ||
			t_fail "fio's reader did not read all jobs" "$t_tmp/clat"
	else
		lacks="$lacks fio_jsonplus_clat2csv(python3-six)"
	fi
	if command -v promtool >/dev/null; then
		promtool check metrics <"$t_tmp/prometheus" >"$t_tmp/promtool" 2>&1 ||
			t_fail "promtool, $result" "$t_tmp/promtool"
		[ ! -s "$t_tmp/promtool" ] || t_fail "promtool, $result" "$t_tmp/promtool"
	else
		lacks="$lacks promtool"
	fi
	if command -v xmllint >/dev/null; then
		xmllint --noout "$t_tmp/junit" >"$t_tmp/xmllint" 2>&1 ||
			t_fail "xmllint, $result" "$t_tmp/xmllint"
	else
		lacks="$lacks xmllint"
	fi
done

exported hgrm hostile.json -k overwrite
again hgrm hostile.json overwrite
exported hgrm diowait.json --kind=append+dsync --times=lat
again hgrm diowait.json append+dsync

# Without bins: those that need none.
for format in csv ktap junit gobench; do
	exported $format compact.json
done
again csv compact.json
# A part of a result.
exported csv swept.json --variant=2 --job=second
awk -F, 'NR > 1 && ($1 != 2 || $3 != "second") { exit 1 } END { exit NR < 10 }' \
	"$t_tmp/csv" || t_fail '--variant and --job do not choose' "$t_tmp/csv"
head -n 1 "$t_tmp/csv" | grep -qx '.*,unit,value,iodepth' ||
	t_fail 'no column of the swept key' "$t_tmp/csv"

# Stress: the scenarios, one of them with a name of all sorts, and broken.
jq '.stress = {seed: 1, writes: 5, rounds: 1, seconds: 1, hung: false, left_pid: null,
	contracts: [{name: "stale", promise: "p", checked: 5, broken: 2}],
	findings: [{contract: "stale", where: "a#b<&\n\"c", seed: 1, writes: 5, at_s: 0.5,
		offset: 0, bytes: 512, text: "expected <x>\nfound &", replay: "diowait <b>"}],
	scenarios: [{where: "append, libaio", broken: 0}, {where: "a#b<&\n\"c", broken: 2}]}' \
	diowait.json >stress.json
for format in ktap junit; do
	exported "$format" stress.json
	again "$format" stress.json
done

# ---- refused ----

echo '{"schema": "diowait-compare-1"}' >compare.json
echo '{"schema": "diowait-probe-1"}' >probe.json
t_refused 'compare\.json.*diowait-compare-1' export -f csv compare.json
t_refused 'probe\.json.*diowait-probe-1' export -f junit probe.json
for format in fio-json csv hgrm prometheus gobench; do
	t_refused 'stress\.json: .*diowait stress.*ktap and junit' export -f $format stress.json
done
t_refused 'stress\.json: .*no --job, --kind' export -f ktap -k append stress.json
for format in fio-json hgrm prometheus; do
	t_refused 'compact\.json: .*no bins.*csv, ktap, junit and gobench' \
		export -f $format compact.json
done
t_refused '-f FORMAT is missing: must be fio-json, .* or gobench$' export
t_refused '-f xml: must be fio-json, .* or gobench$' export -f xml
t_refused 'nowhere\.json' export -f csv nowhere.json
t_refused 'one result at a time: swept\.json' export -f csv diowait.json swept.json
t_refused '--variant=0: must be a number from 1' export -f csv --variant=0
t_refused '--variant=9: the result has 1' export -f csv --variant=9
t_refused 'no kind gap: the result has overwrite of job m, append\+dsync of job m' \
	export -f csv -k gap
t_refused '--times is of -f hgrm' export -f csv --times=slat
t_refused '--times=late: must be slat, clat, lat, victim or resp' export -f hgrm --times=late
t_refused 'several kinds, overwrite and append\+dsync: choose with --kind' export -f hgrm
t_refused '2 variants: choose with --variant' export -f hgrm -k append+dsync swept.json
t_refused 'resp of append\+dsync has no values' export -f hgrm -k append+dsync --times=resp

# A full disk is a failure, and said so.
for format in fio-json csv prometheus ktap junit gobench; do
	got=0
	"$DIOWAIT" export -f $format >/dev/full 2>"$t_tmp/stderr" 7>&- || got=$?
	[ $got -eq 1 ] || t_fail "export -f $format to a full disk: exit $got"
	grep -qx 'diowait: export: standard output: No space left on device' "$t_tmp/stderr" ||
		t_fail "export -f $format to a full disk" "$t_tmp/stderr"
done
[ -z "$lacks" ] || t_missing "not here:$(echo "$lacks" | tr ' ' '\n' | sort -u | tr '\n' ' ')"
