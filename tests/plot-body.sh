#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What test-plot.sh runs: with "why" on $MNT, else without kernel events.
. "${srcdir:-.}/tests/lib.sh"
t_need jq gnuplot
# Where the source tree is beside the binary, its scripts are found.
[ "$top_srcdir" != "$top_builddir" ] || unset DIOWAIT_PLOTS
mkdir "$t_tmp/cwd" "$t_tmp/tmp"
TMPDIR=$t_tmp/tmp
export TMPDIR
cd "$t_tmp/cwd"
t_watched=$t_tmp/cwd

cat >"$t_tmp/m.job" <<'END'
[global]
direct=1
bs=4k
iodepth=8
size=8m
number_ios=2000
rounds=3
[m]
mix=overwrite:70,append:30
END
run() {
	t_run 0 run -q --format none -s ioengine=null -o "$@" "$t_tmp/m.job"
}

run null.json
run other.json -s iodepth=4
types='spectrum sweep timeline'
if [ "${1:-}" = why ]; then
	t_run 0 run -q --format none --why -d "$MNT" -s ioengine=libaio -o real.json \
		"$t_tmp/m.job"
	t_json real.json '.evidence.tier == 2' 'kernel events were not watched'
	types="$types causes worst"
else
	cp null.json real.json
fi

# A sweep, with something to see over time, as a document would have it.
jq '.variants |= [.[0] as $v | ("own", "all", "drain") as $wait | (1, 30) as $share |
	$v | .keys += {extend_wait: $wait, "append%": ($share | tostring),
		mix: "overwrite:\(100 - $share),append:\($share)"} |
	.series = [.kinds[] | {job, kind, engine, points: [range(0; 6) | {round: (1 + . / 2 | floor),
		at_s: ., seconds: 1, ops: 100, slat_p50_ns: 1000, slat_p99_ns: 2000,
		slat_p99_9_ns: 3000, slat_max_ns: 4000, lat_p50_ns: 10000, lat_p99_ns: 20000,
		lat_p99_9_ns: 30000, lat_max_ns: 40000}]}]]' real.json >swept.json
# Without bins and with a longer list, as results in the repository are.
jq 'walk(if type == "object" then del(.bins, .series) else . end)' real.json >compact.json

# drawn FILE ARGUMENT...: plots into FILE, which then is what its ending says.
drawn() {
	file=$1
	shift
	rm -f "$file"
	t_run 0 plot -o "$file" "$@"
	[ ! -s "$t_tmp/stdout" ] || t_fail "plot printed something: $*" "$t_tmp/stdout"
	[ ! -s "$t_tmp/stderr" ] || t_fail "plot printed something: $*" "$t_tmp/stderr"
	[ -z "$(ls "$t_tmp/tmp")" ] || t_fail 'a temporary folder was left'
	case $file in
	*.svg)
		grep -q '<path' "$file" || t_fail "$file has no lines"
		grep -q 'kernel' "$file" || t_fail "$file has no caption"
		if command -v xmllint >/dev/null; then
			xmllint --noout --nonet "$file" 2>"$t_tmp/log" ||
				t_fail "$file is not XML" "$t_tmp/log"
		fi
		;;
	*.png)
		[ "$(od -An -tx1 -N8 "$file" | tr -d ' ')" = 89504e470d0a1a0a ] ||
			t_fail "$file is no PNG"
		# Width and height, each 4 bytes.
		od -An -tu1 -j16 -N8 "$file" | awk '{
			w = ($1 * 256 + $2) * 65536 + $3 * 256 + $4
			h = ($5 * 256 + $6) * 65536 + $7 * 256 + $8
			exit w < 500 || w > 3000 || h < 200 || h > 30000 }' ||
			t_fail "$file has a strange size"
		[ "$(wc -c <"$file")" -gt 5000 ] || t_fail "$file is nearly empty"
		;;
	*.txt)
		cp "$file" "$t_tmp/stdout"
		t_report_fits
		[ "$(wc -l <"$file")" -gt 8 ] || t_fail 'hardly a line' "$file"
		grep -q '^ kernel' "$file" || t_fail 'no caption' "$file"
		if grep -n ' $' "$file" >"$t_tmp/log"; then
			t_fail 'blanks at the ends of lines' "$t_tmp/log"
		fi
		# Titles are right above a frame, tics right below it.
		awk '/\+---+\+$/ {
				inside = !inside
				if (inside && (last !~ /[a-zA-Z]/ || last ~ /[|+]$/))
					bad = NR
				below = inside ? 0 : NR + 1
			}
			NR == below && ($0 !~ /[0-9a-z]/ || $0 ~ /\|$/) { bad = NR }
			{ last = $0 }
			END { if (inside || bad) { print "line " bad; exit 1 } }' \
			"$file" >"$t_tmp/log" || t_fail "frames: $(cat "$t_tmp/log")" "$file"
		;;
	esac
}

# A sweep of which the second half is slower, for its variants to be compared.
jq '.variants |= (to_entries | map(.key as $i | .value | .rounds |= [.[] | . as $r |
	range(0; 3) as $n | $r | .kinds |= map(.lat_ns.percentile |=
		with_entries(.value = ((if $i > 1 then 1.2 else 1 end) * (1000 + $n) *
			(.key | tonumber) | floor)))]))' swept.json >varied.json

for ending in svg png txt; do
	drawn "compare.$ending" -t compare null.json null.json
	drawn "compare-2.$ending" -t compare --variants varied.json
	for type in $types; do
		case $type in
		sweep | timeline) drawn "$type.$ending" -t "$type" swept.json ;;
		*)
			drawn "$type.$ending" -t "$type" real.json
			drawn "$type-2.$ending" -t "$type" real.json swept.json
			;;
		esac
	done
done

# Of a comparison: sides and options are those of diowait compare, and so is the answer.
compared() {
	drawn ratios.txt -t compare "$@"
	t_got=0
	"$DIOWAIT" compare "$@" >"$t_tmp/report" 7>&- || t_got=$?
	# Each row of the picture: its name, its ratio and its verdict, as in the report.
	sed -n 's/^ *\([a-zI][a-zO][a-zP][^|]*[^ |]\) |.*| \([0-9][^ ]*\) *\(.*\)$/\1 \2 \3/p' \
		ratios.txt | sed 's/ *$//' >"$t_tmp/drawn"
	awk '/^ (slat|lat|IOPS|victim)/ {
			line = substr($0, 2, 13)
			sub(/ *$/, "", line)
			ratio = substr($0, 33, 8)
			gsub(/ /, "", ratio)
			word = substr($0, 64)
			gsub(/ /, "", word)
			if (ratio ~ /^[0-9]/)
				print line " " ratio (word ? " " word : "")
		}' "$t_tmp/report" >"$t_tmp/said"
	[ -s "$t_tmp/said" ] || t_fail "no rows: $*" "$t_tmp/report"
	cmp -s "$t_tmp/said" "$t_tmp/drawn" || {
		cat "$t_tmp/said" >&2
		t_fail "the picture says otherwise than the report: $*" ratios.txt
	}
	# What is slower is right of 1, and what is faster left of it.
	grep '| [^|]*\(slow\|fast\)er$' ratios.txt | grep -v \
		-e '|[^|]*|[^|]*O[^|]*| [^ ]* slower$' \
		-e '|[^|]*O[^|]*|[^|]*| [^ ]* faster$' >"$t_tmp/log" &&
		t_fail 'marks on the wrong side of 1' "$t_tmp/log"
	# The verdict, too, is the report's.
	head -n 1 "$t_tmp/report" | cut -c 1-40 >"$t_tmp/first"
	grep -qF -e "$(cat "$t_tmp/first")" ratios.txt ||
		t_fail "the verdict is not $(cat "$t_tmp/first")" ratios.txt
}
compared --variants varied.json
grep -q '| .*slower$' ratios.txt || t_fail 'nothing is slower' ratios.txt
compared --variants --base 4 --seed 7 varied.json
grep -q '| .*faster$' ratios.txt || t_fail 'nothing is faster' ratios.txt
compared --variants --threshold 90 varied.json
grep -q '| .*small$' ratios.txt || t_fail 'the threshold is not seen' ratios.txt
compared null.json null.json
grep -q 'NO VERDICT' ratios.txt || t_fail 'it is not said why' ratios.txt
compared --rounds-suffice null.json null.json null.json -- null.json
jq '.workload.sha256 = "00"' null.json >elsewhere.json
compared --any-workload null.json elsewhere.json
mkdir standard
cp null.json standard/diowait.json
cp null.json standard/diowait.json.old
(cd standard && t_run 0 plot -t compare -o ratios.txt)
drawn one-kind.txt -t compare -k append --variants varied.json
grep -q 'overwrite, ' one-kind.txt && t_fail 'a kind that was not asked for' one-kind.txt
# Elsewhere -- ends the options, and says no more.
drawn default.txt -- null.json
drawn both.txt null.json -- other.json
grep -q 'other' both.txt || t_fail 'what is behind -- is not drawn' both.txt
drawn default.txt null.json
drawn compact.txt compact.json null.json other.json
drawn sweep-2.txt -t sweep null.json other.json
grep -q iodepth sweep-2.txt || t_fail 'the key that differs is not named' sweep-2.txt
drawn slat.txt --times slat -k append swept.json
# Thousands of bands.
jq -c '(.variants[0] | del(.series) | walk(if type == "object" then del(.bins) else . end)) as $v |
	.variants = [range(0; 40) as $a | range(0; 40) as $b |
		$v | .keys = {a: "a\($a)", b: "b\($b)"}]' null.json >many.json
drawn many.svg -t sweep --times lat -k append --x a many.json
rm many.json
drawn sweep-x.txt -t sweep --x extend_wait --times lat swept.json
grep -q drain sweep-x.txt || t_fail 'no words on x' sweep-x.txt
cp null.json diowait.json
t_run 0 plot -o ./default.svg
mkdir 'd $(touch X) ;'
drawn 'd $(touch X) ;/$(touch X)`touch X`;".svg' null.json
: >linked.svg
ln -s linked.svg link.svg
t_run 0 plot -o link.svg null.json
[ -L link.svg ] || t_fail 'a link was replaced'
[ -s linked.svg ] || t_fail 'a link was not followed'

# Names that would be commands to a shell or to gnuplot, had they a chance.
cat >"$t_tmp/evil.jq" <<'END'
("'; system(\"touch X\") #`touch X`$(touch X)\n\u001b\u007f@A\\n%s%n|<{}_^\\\"") as $evil |
.host.kernel = $evil | .host.filesystem.type = $evil | .workload.name = $evil |
.variants |= (to_entries | map(.key as $i | .value |
	.keys += {($evil): "\($evil)\($i)", "append%": "\($evil)\($i)", "x": "`touch X`\($i)"} |
	.series |= map(.job |= $evil + . | .kind |= $evil + .) |
	.kinds |= map(.job |= $evil + . | .kind |= $evil + . | .engine |= $evil + . |
		.causes |= map(.cause |= $evil + .) |
		.worst |= map(.stages |= map(if .cause then .cause |= $evil + . else . end))) |
	.rounds |= map(.kinds |= map(.job |= $evil + . | .kind |= $evil + . |
		.engine |= $evil + .))))
END
jq -f "$t_tmp/evil.jq" swept.json >'evil $(touch X) ;.json'
jq -f "$t_tmp/evil.jq" varied.json >'evil $(touch X) ; varied.json'
for ending in svg png txt; do
	for type in $types; do
		drawn "evil-$type.$ending" -t "$type" 'evil $(touch X) ;.json'
	done
	drawn "evil-compare.$ending" -t compare --variants 'evil $(touch X) ; varied.json'
done
grep -qF '{}_^' evil-spectrum.svg || t_fail 'a name was formatted'
drawn evil-x.svg -t sweep --x x null.json 'evil $(touch X) ;.json'
[ -z "$(find "$t_tmp" -name X)" ] || t_fail 'a name was run as a command'

# What is refused, each in a line.
mkdir folder.svg
echo 'my notes' >notes.txt
echo '<html/>' >page.svg
cp null.json not.png
t_refused '-o FILE is missing' plot null.json
t_refused 'must end in .svg, .png or .txt' plot -o plot.pdf null.json
t_refused 'must end in' plot -o .svg null.json
t_refused 'is a directory' plot -o folder.svg null.json
t_refused 'is no txt plot of diowait' plot -o notes.txt null.json
t_refused 'is no svg plot of diowait' plot -o page.svg null.json
t_refused 'is no png plot of diowait' plot -o not.png null.json
t_refused 'No such file' plot -o nowhere/plot.svg null.json
t_refused 'must be spectrum, sweep, .* or compare' plot -t pie -o plot.svg null.json
t_refused 'must be lat, slat' plot --times fun -o plot.svg null.json
t_refused 'missing.json: ' plot -o plot.svg missing.json
# shellcheck disable=SC2046 # words
t_refused 'plot: more than 64 results' plot -o plot.svg $(yes null.json | head -n 65)
t_refused 'notes.txt:1: not JSON' plot -o plot.svg notes.txt
t_refused "unknown option '--pie'" plot --pie -o plot.svg null.json
t_refused 'plot: --variants takes one' plot -t compare --variants -o plot.svg null.json null.json
t_refused 'plot: 3 files: put --' plot -t compare -o plot.svg null.json null.json null.json
t_refused 'workloads of .* differ' plot -t compare -o plot.svg null.json elsewhere.json
t_refused 'missing.json: ' plot -t compare -o plot.svg null.json -- missing.json
t_refused 'threshold=x' plot -t compare --threshold=x -o plot.svg null.json null.json
t_refused 'spectrum compares nothing' plot --rounds-suffice -o plot.svg null.json
for type in causes worst compare; do
	t_refused "-t $type takes no --times: it is of -t spectrum, sweep or timeline\$" \
		plot -t $type --times lat -o plot.svg null.json null.json
done
for type in spectrum timeline causes worst compare; do
	t_refused "-t $type takes no --x: it is of -t sweep\$" \
		plot --x bs -t $type -o plot.svg null.json null.json
done
t_refused "of the kind 'hole'" plot -t compare -k hole -o plot.svg null.json null.json
t_refused 'run --why' plot -t causes -o plot.svg null.json
t_refused 'run --why' plot -t worst -o plot.svg null.json
t_refused 'nothing was swept' plot -t sweep -o plot.svg null.json
jq '.variants |= [.[] | range(0; 3) as $i | .keys.i = $i]' swept.json >large.json
t_refused 'too many for a text' plot -t timeline -o plot.txt large.json
rm large.json
t_refused 'no series' plot -t timeline -o plot.svg compact.json
t_refused "of the kind 'hole'" plot -k hole -o plot.svg null.json
t_refused 'no key that differs.*iodepth' plot -t sweep --x bs -o plot.svg null.json other.json
t_prefix="env PATH=$t_tmp/cwd"
t_refused 'gnuplot is missing: apt-get install gnuplot-nox' plot -o plot.svg null.json
t_prefix=
DIOWAIT_PLOTS=$t_tmp/cwd t_refused 'script .*common.gp: No such file' plot -o plot.svg null.json
cp "$top_srcdir"/plots/*.gp "$t_tmp/tmp"
chmod u+w "$t_tmp"/tmp/*.gp
echo 'no command' >>"$t_tmp/tmp/lines.gp"
DIOWAIT_PLOTS=$t_tmp/tmp t_refused 'gnuplot failed: .*line' plot -o plot.svg null.json
[ ! -e plot.svg ] || t_fail 'a refused plot left a file'
[ -z "$(find . -name '*.tmp[0-9]*')" ] || t_fail 'a temporary file was left'
