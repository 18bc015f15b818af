#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diowait trend: a store of nights with a planted change, its index, the page in a
# browser, and names that would like to be markup.
. "${srcdir:-.}/tests/lib.sh"
t_need jq setpriv

cat >"$t_tmp/w.job" <<'END'
[w]
ioengine=null
direct=1
bs=4k
size=1m
number_ios=1500
rounds=3
mix=overwrite:70,append:30
END
t_run 0 run -q --format none --compact -o "$t_tmp/one.json" "$t_tmp/w.job"

# nights HOST ENTRY NR FACTOR-OF-NIGHT(jq, of $i) [JQ]: every night's lat is the factor
# times 100 us, but for one in a hundred that the place of the night adds.
nights() {
	folder=$root/$1/$2
	mkdir -p "$folder"
	jq -r --argjson nr "$3" '. as $r | range($nr) as $i | ('"$4"') as $f |
		$r | .started = (1767232800 + 86400 * $i | todate) |
		.host.kernel = "6.18.\($i / 10 | floor)" |
		(.variants[] | .kinds[], .rounds[].kinds[] | .lat_ns | .percentile) |=
			with_entries(.value = (100000 * $f * (1 + ($i * $i * 37 % 11) / 1000) |
				floor)) | '"${5:-.}"' |
		(.started | fromdate | strftime("%Y%m%dT%H%M%SZ")), tojson' "$t_tmp/one.json" |
		while IFS= read -r name && IFS= read -r line; do
			printf '%s\n' "$line" >"$folder/$name-k.json"
		done
}
root=$t_tmp/results
nights h slow 24 'if $i < 20 then 1 else 1.2 end'
nights h steady 24 'if $i == 12 then 3 else 1 end'

# --- the change, and what is none
t_run 2 trend "$root"
t_report_fits
grep -q '^SLOWER: [34] rows changed in the last 7 nights; 0 faster' "$t_tmp/stdout" ||
	t_fail 'verdict' "$t_tmp/stdout"
grep -A1 '2026-01-21  10. us -> 12. us, +\(19\|20\)\.. %, p <0.0001' "$t_tmp/stdout" |
	grep -q 'kernel 6.18.1 -> 6.18.2' || t_fail 'the change' "$t_tmp/stdout"
t_run 0 trend --entry=steady "$root"
grep -q ', 1 outlier$' "$t_tmp/stdout" || t_fail 'the outlier' "$t_tmp/stdout"
t_run 0 trend --recent=3 "$root"
t_run 0 trend --threshold=50 "$root"
t_run 2 trend --format=json "$root"
jq -e '.schema == "diowait-trend-1" and ([.entries[] | .series[] |
	select(.measure == "lat_p50_ns")] | length == 4 and all(.points | length == 24)) and
	([.entries[] | .series[] | select(.verdict == "slower" and .gate) | .changes |
	length == 1 and .[0].ratio > 1.15 and .[0].ratio < 1.25] | length > 0 and all)' \
	"$t_tmp/stdout" >/dev/null || t_fail 'the document' "$t_tmp/stdout"

# --- the index: of the same figures, made anew when it does not fit
folder=$root/h/slow
[ -s "$folder/index.json" ] || t_fail 'no index'
cp "$t_tmp/stdout" "$t_tmp/first"
t_run 2 trend --format=json "$root"
jq '(.. | numbers) |= (. * 10000 | round)' "$t_tmp/stdout" >"$t_tmp/second"
jq '(.. | numbers) |= (. * 10000 | round)' "$t_tmp/first" >"$t_tmp/want"
cmp -s "$t_tmp/first" "$t_tmp/stdout" || jq -s -e '
	def close(a; b): (a - b | fabs) <= 1e-5 * (a | fabs);
	[.[0], .[1] | [.entries[].series[].points[].value]] |
	[.[0], .[1]] | transpose | all(close(.[0]; .[1]))' "$t_tmp/first" "$t_tmp/stdout" \
	>/dev/null || t_fail 'the index has other figures'
echo '{' >"$folder/index.json"
t_run 2 trend "$root"
jq -e '.runs | length == 24' "$folder/index.json" >/dev/null || t_fail 'a broken index'
# Whole for JSON, and of these files, but not what was written. (jq would round mtime_ns.)
sed 's/"rows"/"lines"/g' "$folder/index.json" >"$t_tmp/x"
cp "$t_tmp/x" "$folder/index.json"
t_run 2 trend --entry=slow "$root"
grep -q 'slow on h: 24 nights' "$t_tmp/stdout" || t_fail 'an index without rows' "$t_tmp/stdout"
grep -q '"rows"' "$folder/index.json" || t_fail 'an index without rows is kept'
rm "$folder/20260101T020000Z-k.json"
t_run 2 trend "$root"
jq -e '.runs | length == 23' "$folder/index.json" >/dev/null || t_fail 'a night less'
# A file that was changed is read again.
jq '.interrupted = true' "$folder/20260102T020000Z-k.json" >"$t_tmp/x"
cp "$t_tmp/x" "$folder/20260102T020000Z-k.json"
t_run 2 trend "$root"
grep -q ' 1 left out: interrupted' "$t_tmp/stdout" || t_fail 'interrupted' "$t_tmp/stdout"
echo nonsense >"$folder/20260103T020000Z-k.json"
t_run 2 trend "$root"
grep -q '^skipped: ' "$t_tmp/stdout" || t_fail 'what is no result' "$t_tmp/stdout"
t_run 2 trend --format=json "$root"
jq -e '.skipped | length == 1 and (.[0] | test("20260103T020000Z-k.json:1: not JSON"))' \
	"$t_tmp/stdout" >/dev/null || t_fail 'what is no result, by name' "$t_tmp/stdout"
# Another machine's nights are not of this history.
jq '.host.cpus = 77' "$t_tmp/x" | jq '.interrupted = false' >"$folder/20260104T020000Z-k.json"
t_run 2 trend "$root"
grep -q ' 1 left out: of another workload or machine' "$t_tmp/stdout" ||
	t_fail 'another machine' "$t_tmp/stdout"

# A folder that can't be read is said, and the others are gone on with. Root could.
mkdir -m 000 "$root/h/closed"
[ "$(id -u)" -ne 0 ] || t_prefix='setpriv --bounding-set=-dac_override,-dac_read_search'
t_run 2 trend --format=json "$root"
t_prefix=
jq -e '(.skipped | any(endswith("/h/closed: Permission denied"))) and
	(.entries | length == 2)' "$t_tmp/stdout" >/dev/null ||
	t_fail 'a folder that is closed' "$t_tmp/stdout"
rmdir "$root/h/closed"

# --- what was taken back in part is slower than it was, what was taken back whole is not
root=$t_tmp/back
nights h part 24 'if $i < 18 then 1 elif $i < 21 then 1.5 else 1.35 end'
nights h whole 24 'if $i < 18 or $i > 20 then 1 else 1.5 end'
t_run 2 trend --entry=part "$root"
grep -q '^SLOWER: [34] rows .*; 0 faster' "$t_tmp/stdout" || t_fail 'part' "$t_tmp/stdout"
t_run 0 trend --entry=whole "$root"
grep -q '^nothing became slower .*; 0 faster' "$t_tmp/stdout" ||
	t_fail 'whole' "$t_tmp/stdout"
t_run 0 trend --entry=whole --threshold=0 --recent=1 "$root"
grep -q '; 0 faster' "$t_tmp/stdout" || t_fail 'no change at all' "$t_tmp/stdout"
root=$t_tmp/results

# --- what can't be
t_watched=$root
t_refused '--measure=lat: must be one of slat_p50_ns' trend --measure=lat "$root"
t_refused 'no kind appendix' trend --kind=appendix "$root"
t_refused 'no results of entry none' trend --entry=none "$root"
t_refused 'nowhere: No such file' trend "$root/nowhere"
t_refused 'one folder' trend
t_refused '--recent=0: must be a number' trend --recent=0 "$root"
t_refused '--html=.*: No such file' trend --format=none "--html=$root/none/x.html" "$root"

# --- the page
# shellcheck disable=SC2016 # jq's
evil='.variants[].kinds[].job = "</td><script>document.title=1</script>\"'"'"'" |
	.variants[].rounds[].kinds[].job = "</td><script>document.title=1</script>\"'"'"'" |
	.host.kernel = "\"><img src=x onerror=document.title=2>"'
nights 'h"><b>' 'javascript:alert(1)' 8 1 "$evil"
t_run 2 trend --format=none "--html=$root/index.html" "$root"
grep -q 'h%22%3E%3Cb%3E/javascript%3Aalert%281%29/20260101' "$root/index.html" ||
	t_fail 'the link of a hostile name'
! grep -q '<img\|<b>\|<script>document' "$root/index.html" || t_fail 'a name became markup'
[ "$(grep -c '<script>' "$root/index.html")" -eq 1 ] || t_fail 'scripts'
! grep -qE '(src|href)="(https?:|//)' "$root/index.html" || t_fail 'the page needs a network'

command -v chromium >/dev/null || t_missing 'no chromium here: the page was not opened'
# What the arrow keys do is told by the page itself, when all that could run in it has. It
# is in a frame, as a window of chromium is never as narrow as a phone.
sed 's|</body>|<script>addEventListener("load",()=>setTimeout(()=>{\
const g=document.querySelector("svg.g"),read=()=>g.parentNode.querySelector("output").\
textContent,key=k=>g.dispatchEvent(new KeyboardEvent("keydown",{key:k}));\
g.focus();key("Home");const first=read();key("ArrowRight");\
const over=document.querySelector("table.o").parentNode;\
parent.postMessage({first:first,second:read(),title:document.title,width:innerWidth,\
wide:document.documentElement.scrollWidth>innerWidth,cut:over.scrollWidth>over.clientWidth,\
entries:[...document.querySelectorAll("table.o th.e")].map(e=>e.textContent).join("; ")},\
"*")},300))</script>&|' "$root/index.html" >"$root/asked.html"
cat >"$root/phone.html" <<'END'
<!DOCTYPE html><body><script>
addEventListener("message", e => Object.assign(document.body.dataset, e.data))
</script><iframe src="asked.html" style="width:360px;height:800px;border:0"></iframe>
END
HOME=$t_tmp chromium --headless --no-sandbox --disable-gpu --no-first-run \
	--disable-background-networking --disable-component-update --disable-sync \
	--user-data-dir="$t_tmp/chromium" --virtual-time-budget=10000 --dump-dom \
	"file://$root/phone.html" >"$t_tmp/dom" 2>"$t_tmp/log" </dev/null 7>&- ||
	t_fail 'chromium' "$t_tmp/log"
grep -q 'data-title="diowait: every night"' "$t_tmp/dom" || t_fail 'a script ran' "$t_tmp/dom"
grep -q 'data-first="[0-9.]* [un]s, 2026-01-0[0-9]T02:00:00Z, kernel ' "$t_tmp/dom" ||
	t_fail 'Home does not go to the first night' "$t_tmp/dom"
[ "$(sed -n 's/.*data-first="\([^"]*\)".*/\1/p' "$t_tmp/dom")" != \
	"$(sed -n 's/.*data-second="\([^"]*\)".*/\1/p' "$t_tmp/dom")" ] ||
	t_fail 'the arrow key does not go on' "$t_tmp/dom"
grep -q 'data-width="360"' "$t_tmp/dom" || t_fail 'not asked at the width of a phone' "$t_tmp/dom"
grep -q 'data-wide="false"' "$t_tmp/dom" || t_fail 'wider than a phone' "$t_tmp/dom"
grep -q 'data-cut="false"' "$t_tmp/dom" || t_fail 'a phone shows no lat p99' "$t_tmp/dom"
grep -q 'data-entries="[^"]*slow on h; steady on h' "$t_tmp/dom" ||
	t_fail 'the overview does not say which host' "$t_tmp/dom"
! grep -q '^\[.*CONSOLE' "$t_tmp/log" || t_fail 'an error in the page' "$t_tmp/log"
