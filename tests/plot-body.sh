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

for ending in svg png txt; do
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
drawn default.txt null.json
drawn compact.txt compact.json null.json other.json
drawn sweep-2.txt -t sweep null.json other.json
grep -q iodepth sweep-2.txt || t_fail 'the key that differs is not named' sweep-2.txt
drawn slat.txt --times slat -k append swept.json
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
	.rounds |= map(.kinds |= map(.job |= $evil + . | .kind |= $evil + .))))
END
jq -f "$t_tmp/evil.jq" swept.json >'evil $(touch X) ;.json'
for ending in svg png txt; do
	for type in $types; do
		drawn "evil-$type.$ending" -t "$type" 'evil $(touch X) ;.json'
	done
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
t_refused 'is no txt of diowait' plot -o notes.txt null.json
t_refused 'is no svg of diowait' plot -o page.svg null.json
t_refused 'is no png of diowait' plot -o not.png null.json
t_refused 'No such file' plot -o nowhere/plot.svg null.json
t_refused 'must be spectrum, sweep, .* or worst' plot -t pie -o plot.svg null.json
t_refused 'must be lat, slat' plot --times fun -o plot.svg null.json
t_refused 'missing.json: ' plot -o plot.svg missing.json
t_refused 'notes.txt' plot -o plot.svg notes.txt
t_refused "unknown option '--pie'" plot --pie -o plot.svg null.json
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
