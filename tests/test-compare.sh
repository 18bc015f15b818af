#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diowait compare on real documents of the null engine, whose times are replaced by
# made-up ones, so that the answer is known: exit statuses, refusals in one line, what
# is given as old and new, 72 columns whatever the documents hold.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
work=$t_tmp/work
mkdir "$work"
cd "$work"
t_watched=$work

cat >n.job <<'END'
[global]
ioengine=null
direct=1
bs=4k
iodepth=16
size=16m
number_ios=6000
rounds=10
[mixed]
mix=overwrite:60,append:40
END
t_run 0 run -q --format none -o base.json n.job

# made NAME SEED [FACTOR]: base.json with times of its own: overwrites of 1 ms, appends
# of 5 ms times FACTOR, each round off by up to half a percent that SEED decides.
made() {
	jq --argjson seed "$2" --argjson factor "${3:-1}" '
		def off($i): (($seed * 7919 + $i * 104729) * 31 % 1000) / 100000;
		.started = "2026-11-\(10 + $seed % 20)T00:00:00Z" |
		.variants[0].rounds |= [to_entries[] | .key as $i | .value |
			.kinds[] |= (. as $k |
				(if .kind == "append" then 5000000 * $factor else 1000000 end *
				 (1 + off($i))) as $p50 |
				.lat_ns.percentile |= with_entries(.value =
					($p50 * (.key | tonumber) / 50 | floor)) |
				.slat_ns.percentile = .lat_ns.percentile)]' base.json >"$1"
}
for i in 1 2 3 4 5 6; do
	made "old$i.json" $i
	made "same$i.json" $((i + 6))
	made "slow$i.json" $((i + 12)) 1.05
done
old='old1.json old2.json old3.json'

says() {
	grep -q -e "$1" "$t_tmp/stdout" || t_fail "the report has no '$1'" "$t_tmp/stdout"
}

first_says() {
	head -n 1 "$t_tmp/stdout" | grep -q -e "$1" ||
		t_fail "the first line has no '$1'" "$t_tmp/stdout"
}

# --- verdicts

# shellcheck disable=SC2086 # names
t_run 0 compare $old -- same1.json same2.json same3.json
t_report_fits
first_says '^no difference shown in 6 rows'
[ "$(grep -c '^ s*lat p.*~$' "$t_tmp/stdout")" -eq 6 ] || t_fail 'not all of the gate is ~' "$t_tmp/stdout"
cp "$t_tmp/stdout" same.txt
# shellcheck disable=SC2086
t_run 0 compare --seed=1 $old -- same1.json same2.json same3.json
cmp "$t_tmp/stdout" same.txt || t_fail 'the same again is not the same'

# shellcheck disable=SC2086
t_run 2 compare $old -- slow1.json slow2.json slow3.json
t_report_fits
first_says '^SLOWER: 3 of 6 rows'
says '^append: lat p50 is [45]\.[0-9] % longer (5.* ms -> 5.* ms,'
[ "$(grep -c '^ s*lat p.*slower$' "$t_tmp/stdout")" -eq 3 ] || t_fail 'not three rows' "$t_tmp/stdout"
cat "$t_tmp/stdout"

# The other way round it is faster, which is fine.
# shellcheck disable=SC2086
t_run 0 compare slow1.json slow2.json slow3.json -- $old
first_says '^FASTER: 3 of 6 rows'
says '^append: lat p50 is [45]\.[0-9] % shorter'
# shellcheck disable=SC2086
t_run 0 compare -t 10 $old -- slow1.json slow2.json slow3.json
first_says '^no difference shown'
says 'below the threshold'

# One new sitting: two old ones are too few, five are not.
t_run 1 compare old1.json slow1.json
t_report_fits
first_says '^NO VERDICT: 1 old and 1 new sitting: .*needs 3 of each'
says '^ lat p50 '
t_run 2 compare old1.json old2.json old3.json old4.json old5.json -- slow1.json
says '^test .*prediction interval'
t_run 0 compare old1.json old2.json old3.json old4.json old5.json -- same1.json

t_run 2 compare --rounds-suffice old1.json slow1.json
says '^test .*ranks of rounds'
t_run 0 compare --rounds-suffice old1.json old1.json
for side in old slow; do
	jq '.variants[0].rounds |= .[:4]' "${side}1.json" >"$side-few.json"
done
t_run 1 compare --rounds-suffice old-few.json slow-few.json
first_says '^NO VERDICT: 4 old and 4 new rounds'
says 'needs 5 rounds a side'
t_run 1 compare --format=none old1.json slow1.json
[ ! -s "$t_tmp/stdout" ] || t_fail '--format=none prints' "$t_tmp/stdout"
[ "$(wc -l <"$t_tmp/stderr")" -eq 1 ] || t_fail 'not one line' "$t_tmp/stderr"

# --- which file is which

cp old1.json diowait.json.old
cp slow1.json diowait.json
t_run 2 compare --rounds-suffice
t_run 2 compare --rounds-suffice old2.json
t_run 0 compare --rounds-suffice slow2.json
t_run 2 compare --rounds-suffice old2.json --
t_run 2 compare --rounds-suffice -- old1.json slow1.json
cp old1.json ./-old.json
t_run 2 compare --rounds-suffice -- -old.json -- slow1.json
# Options may follow the files.
t_run 2 compare old1.json slow1.json --rounds-suffice
"$DIOWAIT" compare --rounds-suffice --format=json old1.json - <slow1.json >in.json || [ $? -eq 2 ]
t_json in.json '.verdict == "slower"' 'standard input'

# --- refusals

jq '.workload.sha256 = "00" | .workload.name = "a\nb\u001b[31m.job"' slow1.json >other.json
t_refused 'workloads of old1.json \(n.job\) and other.json .*differ
any-workload' compare old1.json other.json
t_run 2 compare --rounds-suffice --any-workload old1.json other.json
t_report_fits
t_refused 'put -- between' compare old1.json old2.json old3.json
t_refused 'nowhere.json: No such file' compare old1.json nowhere.json
t_refused '\.: Is a directory' compare . old1.json
t_refused 'n.job:1: not JSON' compare old1.json n.job
t_refused 'given twice' compare - -
t_refused '^diowait: compare: unknown option .--tresh' compare --tresh=2 old1.json
t_refused "unknown option '-x'" compare -xy old1.json
t_refused "unknown option '-x'" compare --seed=1 -x old1.json
t_refused 'needs a value' compare old1.json -t
t_refused 'nothing in front: name the old result' compare -- old1.json
t_refused 'threshold=two.*percentage' compare -t two old1.json old2.json
t_refused 'threshold=-1' compare -t -1 old1.json old2.json
t_refused 'threshold=nan' compare -t nan old1.json old2.json
t_refused 'seed=-1' compare --seed=-1 old1.json old2.json
t_refused 'format=xml' compare --format=xml old1.json old2.json
t_refused 'one variant' compare --variants old1.json
t_refused 'takes one result' compare --variants old1.json old2.json
t_refused 'compare: --base is of --variants' compare --base=1 old1.json old2.json
t_refused 'compare: --variants are of one workload' compare --variants --any-workload old1.json
t_refused 'threshold=1000.1: must be a percentage, 0 .. 1000' compare -t 1000.1 old1.json old2.json
jq '.variants[0].rounds[].kinds[].job = "x" | .variants[0].kinds[].job = "x"' old1.json >x.json
t_refused 'nothing to compare' compare old1.json x.json
# What is no JSON, or no result, may not spoil the terminal either.
printf '{"a\033[31m' >evil.json
t_refused 'evil.json:1: not JSON' compare old1.json evil.json
t_refused 'evil.*name: No such file' compare old1.json "$(printf 'evil\n\033name')"
echo '{"schema": "diowait-probe-1"}' >probe.json
t_refused 'no result of diowait run' compare probe.json old1.json

# --- variants: interleaved by the run, so that rounds are the unit

jq '.variants[0].keys.iodepth = "32" | .variants' slow1.json >variant.json
jq --slurpfile more variant.json '.variants += $more[0]' old1.json >sweep.json
t_run 2 compare --variants sweep.json
t_report_fits
says '^iodepth 32 (new) against iodepth 16 (old)'
t_run 0 compare --variants --base=2 sweep.json
first_says '^FASTER'
t_refused 'base must be 1 .. 2' compare --variants --base=3 sweep.json
t_refused 'base=0: must be a whole number, at least 1' compare --variants --base=0 sweep.json

# --- growth, samples, hosts

grown() {
	jq --argjson bytes "$1" '.variants[0].growth = {size_before: 0, size_after: $bytes,
		extended_bytes: $bytes, appended_bytes: $bytes, gaps: 0, extents: null}'
}
grown 1000000 <old1.json >grown-old.json
grown 1090000 <slow1.json >grown-nearly.json
grown 1110000 <slow1.json >grown-new.json
t_run 2 compare --rounds-suffice grown-old.json grown-nearly.json
says '^growth   old .* new .* a round'
t_run 0 compare --rounds-suffice grown-old.json grown-new.json
t_report_fits
says 'not compared: the growths differ'

jq '(.variants[0].rounds[3].kinds[] | select(.kind == "append") | .lat_ns.N) = 999 |
	.interrupted = true | .host.kernel = "7.0.0" | .host.boot_id = "another" |
	.host.loop = {dio: true, backing_file: ("/x\n" + ("y" * 300))}' slow1.json >odd.json
t_run 2 compare --rounds-suffice old1.json odd.json
t_report_fits
says 'too few samples in a round: .*lat p99 (999 of 1000)'
says 'interrupted run: its last round is left out'
says '^differs  kernel: .* -> 7.0.0'
says '^differs  loop.dio: - -> yes'
grep -q 'boot_id' "$t_tmp/stdout" && t_fail 'boot_id always differs' "$t_tmp/stdout"

# A document's words are words of others: nothing may leave the line, or the width.
jq '(.. | strings | select(. == "append")) |=
	"a\n\u001b]0;x\u0007\u202e\u0085" + ("w" * 100) |
	.notes += [{level: "first", text: ("n\r\n" + ("\u4e2d" * 50))}] |
	.host["k\n"] = {"l\t": "v\u007f"}' slow1.json >evil.json
t_run 0 compare --rounds-suffice evil.json evil.json
t_report_fits
t_run 0 compare --rounds-suffice old1.json evil.json
t_report_fits
says 'is only on the new side'

# --- the document

# shellcheck disable=SC2086
t_run 2 compare --format=json $old -- slow1.json slow2.json slow3.json
t_json "$t_tmp/stdout" '.schema == "diowait-compare-1" and .verdict == "slower" and
	.cannot == null and .test == "welch_log" and .gate == 6 and .slower == 3 and
	.faster == 0 and .old.sittings == 3 and .new.rounds == 30 and .seed == 1 and
	(.pairs | length) == 1 and (.pairs[0].kinds | map(.kind)) == ["overwrite", "append"]' \
	'the head of the document'
t_json "$t_tmp/stdout" '.pairs[0].kinds[1].rows | (map(.measure) == ["slat_p50_ns",
	"lat_p50_ns", "lat_p99_ns", "slat_p99_ns", "slat_p99_9_ns", "lat_p99_9_ns", "iops",
	"victim_share"]) and (.[1] | .state == "gate" and .verdict == "slower" and
	.ratio_low < .ratio and .ratio < .ratio_high and .ratio_low > 1.03 and
	.ratio_high < 1.07 and .p <= .p_holm and .p_holm < 0.05 and
	((.new / .old - .ratio) | fabs) < 1e-9) and (.[5].state == "too_few_samples")' \
	'the rows of the document'
for key in $(jq -r '[paths | map(strings) | .[-1]] | unique[]' "$t_tmp/stdout"); do
	grep -q "^\.It Va.*\<$key\>" "$top_srcdir/man/diowait-compare.1" ||
		t_fail "the manual page does not describe '$key'"
done
t_run 1 compare --format=json old1.json slow1.json
t_json "$t_tmp/stdout" '.verdict == null and (.cannot | test("needs 3 of each")) and
	.pairs[0].kinds[0].rows[0].p == null' 'a document without a verdict'

# --- nowhere to write it

for format in text json; do
	status=0
	"$DIOWAIT" compare --format=$format --rounds-suffice old1.json old1.json \
		>/dev/full 2>"$t_tmp/stderr" || status=$?
	[ $status -eq 1 ] || t_fail "exit $status: a full disk is no report" "$t_tmp/stderr"
	grep -q 'compare: .*No space left on device' "$t_tmp/stderr" ||
		t_fail 'a wrong message' "$t_tmp/stderr"
done

# --- help

t_run 0 compare --help
says '^Usage: diowait compare'
says '^Examples:'
awk 'length > 80' "$t_tmp/stdout" >wide
[ ! -s wide ] || t_fail 'wide lines' wide
t_run 0 compare --version
says '^diowait '
