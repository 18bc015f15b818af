#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# conformance-body.sh FSTYPE
#
# What test-conformance-FSTYPE.sh runs: every engine, every kind, every modifier,
# and reads and syncs, held against what each must have done to its file. Then
# threads, files and sections side by side and one after another.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
fstype=$1
result=$t_tmp/result.json
block=$(stat -f -c %S "$MNT")
ls -A "$MNT" >"$t_tmp/was"

# Of pairs of documents, what was asked for and a result: one object a broken claim, and
# one a kind that was seen. files is how many files there were, size what each of them held.
cat >"$t_tmp/claims.jq" <<'END'
def check($engine; $fs; $mix; $bs; $ios; $threads; $files; $size; $block):
def total(f): map(f) | add // 0;
def has(word): .kind | split("+") | index(word) != null;
def base: .kind | split("+")[0];
def good: .ops - (.errors | add // 0);
def up: (. + $block - 1) / $block | floor * $block;

# By base: how much longer one write of $bs makes the file; the state before it.
def table: {
	"overwrite":       { grows: 0,       before: "written" },
	"unwritten":       { grows: 0,       before: "unwritten" },
	"hole":            { grows: 0,       before: "hole" },
	"append":          { grows: $bs,     before: "hole" },
	"append-prealloc": { grows: $bs,     before: "unwritten" },
	"straddle":        { grows: ($bs/2), before: "half" },
	"gap":             { grows: (2*$bs), before: "hole" },
	"read":            { grows: 0,       before: "written" },
	"fdatasync":       { grows: 0,       before: "written" }
};
def grows: table[base].grows;
# Kinds that a file system refuses under NOWAIT, and those it takes at least once
# where others keep the times of the inode up.
def refuses: {
	"ext4": ["hole", "append", "append-prealloc", "straddle", "gap"],
	"xfs":  ["hole", "append", "straddle", "gap"]
}[$fs] // [];
def takes: { "ext4": ["overwrite"], "xfs": ["overwrite"] }[$fs] // [];
# Blocks that a write makes written, bytes: unaligned ones reach into one more.
def touched: if has("unaligned") then ($bs + $block) else $bs end;

def claim(what; held; seen): if held then empty else { what: what, seen: seen } end;

def of_kind:
	(.paths | del(.flagged, .then) | map(. // 0) | add) as $paths |
	(.errors.EAGAIN // 0) as $refused |
	claim("engine"; .engine == $engine; .engine),
	claim("ops above 0"; .ops > 0; .ops),
	claim("paths sum to ops"; $paths == .ops; [$paths, .ops]),
	claim("no short ones"; .short == 0; .short),
	claim("no error but EAGAIN with +nowait"; .errors ==
		(if $refused > 0 and has("nowait") then { EAGAIN: $refused } else {} end); .errors),
	claim("refused are EAGAIN"; .paths.refused == $refused; [.paths.refused, $refused]),
	claim("the null engine refuses nothing"; $engine != "null" or $refused == 0; $refused),
	claim("refused under NOWAIT"; $engine == "null" or (has("nowait") and
		(base as $b | refuses | index($b) != null) | not) or $refused == .ops; [.ops, .errors]),
	claim("taken under NOWAIT"; $engine == "null" or (has("nowait") and
		(base as $b | takes | index($b) != null) | not) or good > 0; [.ops, .errors]),
	claim("bytes"; .bytes == (if base == "fdatasync" then 0 else good * $bs end);
		[.bytes, good, $bs]),
	(good as $n | ["slat_ns", "clat_ns", "lat_ns", "victim_ns"][] as $t |
		claim($t + " holds the good ones"; .[$t].N == $n and
			([.[$t].bins[]] | add // 0) + (.[$t].saturated // 0) == $n;
			[.[$t].N, $n])),
	claim("victim is no longer than lat"; .victim_ns.mean <= .lat_ns.mean;
		[.victim_ns.mean, .lat_ns.mean]);

# All of them together, and their files. Refused writes leave places behind them
# empty: what is exact then is only that the proofs agree with each other.
def of_files:
	.growth as $g | $g.extents.before as $x | $g.extents.after as $y |
	.variants[0].kinds as $k |
	($k | map(select(grows > 0))) as $ext |
	($ext | all(.errors == {})) as $exact |
	($k | map(select(has("unaligned"))) | length > 0) as $unaligned |
	claim("size_before"; $size < 0 or $g.size_before == $files * $size +
		(if $bs % $block == 0 and ($ext | any(has("unaligned"))) then $files * 512
		 else 0 end); $g.size_before),
	claim("size_after"; $g.size_after - $g.size_before == $g.extended_bytes; $g),
	claim("extended_bytes"; ($exact | not) or
		$g.extended_bytes == ($ext | total(.ops * grows)); $g.extended_bytes),
	claim("not extended"; ($ext | all(good == 0) | not) or $g.extended_bytes == 0;
		$g.extended_bytes),
	claim("appended_bytes"; $g.appended_bytes == ($ext | total(.bytes)); $g.appended_bytes),
	claim("extents are known"; $x != null and $y != null; $g.extents),
	claim("nothing is delayed allocation"; $x.delalloc_bytes + $y.delalloc_bytes == 0; [$x, $y]),
	# Before: unwritten blocks where a kind wants them and nowhere else; a hole is
	# what the size has more than the extents.
	claim("unwritten before"; ($k | any(table[base].before == "unwritten")) ==
		($x.unwritten_bytes > 0); $x),
	claim("preallocated"; ($k | all(base == "append-prealloc") | not) or
		$x.unwritten_bytes == ($ios * $threads * $bs); $x),
	claim("hole before"; $size < 0 or ($k | any(base == "append-prealloc")) or
		($k | any(base == "hole")) ==
		($x.written_bytes + $x.unwritten_bytes < $g.size_before); [$x, $g.size_before]),
	claim("unwritten after"; ($ext | any(has("unaligned"))) or $x.unwritten_bytes - $y.unwritten_bytes ==
		($k | map(select(table[base].before == "unwritten")) | total(good * touched)); [$x, $y]),
	claim("written after"; ($ext | any(has("unaligned"))) or $y.written_bytes - $x.written_bytes ==
		($k | total(if table[base].before == "written" then 0
			elif table[base].before == "half" then good * $bs / 2
			else good * touched end)); [$x, $y]),
	# Unaligned ones share blocks with their neighbours; a gap leaves some.
	claim("written to the end"; ($ext | all(has("unaligned") and base != "gap" and .errors == {}) | not) or
		($ext | length) == 0 or $files != 1 or
		($y.written_bytes == ($g.size_after | up) and
		 $y.unwritten_bytes == 0); [$y, $g.size_after]);

(.variants[0].kinds | total(if base == "fdatasync" then 0 else .ops end)) as $ops |
claim("schema"; .schema == "diowait-result-1" and .interrupted == false; .schema),
claim("kinds"; ([.variants[0].kinds[].kind] | sort) == ($mix | split(",") | map(split(":")[0]) | unique);
	[.variants[0].kinds[].kind]),
claim("number_ios"; $ops == $ios * $threads; $ops),
claim("one round, like the whole"; (.variants[0].rounds | length) == 1 and
	([.variants[0].rounds[0].kinds[] | [.kind, .ops, .bytes]] ==
	 [.variants[0].kinds[] | [.kind, .ops, .bytes]]); .variants[0].rounds),
(.variants[0].kinds[] | .kind as $name | of_kind | .what = $name + ": " + .what),
if $engine == "null" then claim("no files"; .growth == null; .growth) else of_files end,
(.variants[0].kinds[] | select(.ops > 0) | { seen_kind: .kind });

. as $all | range(0; length; 2) | $all[.] as $asked | $all[. + 1] |
$asked + check($asked.engine; $asked.fs; $asked.mix; $asked.bs; $asked.ios; $asked.threads;
	$asked.files; $asked.size; $asked.block)
END

# conform MIX BS IOS THREADS FILES SIZE ARGUMENT...: runs a job section, for conformed to
# look at its result. SIZE -1: files of different sizes.
runs=0
conform() {
	mix=${1%,} bs=$2 ios=$3 threads=$4 files=$5 size=$6
	shift 6
	{
		echo '[global]'
		echo 'direct=1'
		echo "ioengine=$engine"
		echo "iodepth=8"
		echo "bs=$bs"
		echo "number_ios=$ios"
		echo "numjobs=$threads"
		[ "$size" -lt 0 ] || echo "size=$size"
		echo '[w]'
		printf '%s\n' "$@"
		echo "mix=$mix"
	} >"$t_tmp/w.job"
	t_run 0 run -d "$MNT" -o "$result" "$t_tmp/w.job"
	t_report_fits
	{
		printf '{"engine":"%s","fs":"%s","mix":"%s","bs":%s,"ios":%s,"threads":%s,"files":%s,' \
			"$engine" "$fstype" "$mix" "$bs" "$ios" "$threads" "$files"
		printf '"size":%s,"block":%s,"lines":"%s"}\n' "$size" "$block" "$*"
		cat "$result"
	} >>"$t_tmp/runs"
	runs=$((runs + 1))
}

# conformed: all claims hold of what was run since the last time; kinds seen in $t_tmp/seen.
conformed() {
	jq -s -c -f "$t_tmp/claims.jq" "$t_tmp/runs" >"$t_tmp/claims" 2>&1 ||
		t_fail 'claims.jq' "$t_tmp/claims"
	sed -n 's/.*,"seen_kind":"\(.*\)"}$/\1/p' "$t_tmp/claims" >"$t_tmp/seen"
	if grep -v ',"seen_kind":"' "$t_tmp/claims" >"$t_tmp/broken"; then
		t_fail 'claims that are broken' "$t_tmp/broken"
	fi
	: >"$t_tmp/runs"
}

# sections LINE...: a job file of these lines, run; checks are the caller's.
sections() {
	printf '%s\n' '[global]' 'direct=1' "ioengine=$engine" 'bs=4k' 'iodepth=8' "$@" \
		>"$t_tmp/w.job"
	t_run 0 run -d "$MNT" -o "$result" "$t_tmp/w.job"
	t_json "$result" 'all(.variants[].kinds[]; .errors == {} and .short == 0 and .ops ==
		(.paths | del(.flagged, .then) | map(. // 0) | add))' "$engine: $*"
	runs=$((runs + 1))
}

# kinds JOB KIND OPS ...: exactly these, in this order; OPS - is above 0.
kinds() {
	printf '%s %s %s\n' "$@" | jq -Rn '[inputs | split(" ")]' >"$t_tmp/want"
	t_json "$result" '[.variants[0].kinds[] | [.job, .kind, .ops]] as $is |
		($want[0] | length) == ($is | length) and
		([$want[0], $is] | transpose | all(.[0][0] == .[1][0] and .[0][1] == .[1][1] and
			(.[0][2] == "-" and .[1][2] > 0 or .[0][2] == (.[1][2] | tostring))))' \
		"$engine: other kinds than $*" --slurpfile want "$t_tmp/want"
}

# grown KIB: the files are so much longer, and nothing says otherwise.
grown() {
	[ "$engine" = null ] || t_json "$result" '.growth.extended_bytes == $kib * 1024 and
		.growth.size_after - .growth.size_before == $kib * 1024' \
		"$engine: not grown by $1 KiB" --argjson kib "$1"
}

aligned='none +dsync'
unaligned='+unaligned +unaligned+dsync'
extending='append append-prealloc straddle gap'
: >"$t_tmp/wanted"

# members KIND... -- MODIFIER...: the mix of all of these with each other.
members() {
	members_kinds=
	while [ "$1" != -- ]; do
		members_kinds="$members_kinds $1"
		shift
	done
	shift
	for modifier; do
		for kind in $members_kinds; do
			printf '%s%s:1,' "$kind" "${modifier#none}"
		done
	done
}

# The whole table of one engine. Kinds inside EOF share runs; kinds that extend
# have one each, so that the size after each is known.
table() {
	# shellcheck disable=SC2086 # words
	conform "$(members overwrite unwritten hole -- $aligned $unaligned)read:1,read+unaligned:1,fdatasync:1" \
		4096 600 1 1 -1 size=16m
	# Random order, in which all modifiers of a kind still use each block once; and
	# ascending order of what may be written again.
	# shellcheck disable=SC2086
	conform "$(members unwritten hole -- $aligned $unaligned)" 4096 600 1 1 -1 \
		size=16m rw=randwrite
	# shellcheck disable=SC2086
	conform "$(members overwrite read -- none +unaligned)" 4096 600 1 1 1048576 rw=write
	# Plain overwrites beside: they take the time stamps on.
	conform "$(members overwrite unwritten hole read -- +nowait)overwrite:1" \
		4096 300 1 1 -1 size=16m
	for kind in $extending; do
		for modifier in $aligned $unaligned +nowait; do
			conform "$kind${modifier#none}:1" 8192 200 1 1 1048576
		done
	done
	# All that one EOF allows, whatever lies before it: a straddle starts in
	# written blocks.
	for last in unwritten:1,hole:1,overwrite:5,read:1 overwrite:5,read:1,unwritten:1,hole:1 \
		hole:1,overwrite:5,read:1,unwritten:1; do
		conform "append:3,straddle:2,gap:1,$last" 8192 400 1 1 -1 size=16m
	done
	conform "append+unaligned:1,straddle+unaligned+dsync:1,gap+unaligned:1" \
		1024 200 1 1 1048576
	conform "append-prealloc+dsync:1,append-prealloc:1" 4096 200 1 1 1048576
}

# Threads and files.
together() {
	# Four threads, one file, and a file for each.
	conform append:1,overwrite:1,straddle:1 8192 150 4 1 4194304 filename=shared
	conform append:1,overwrite:1,gap:1 4096 150 4 4 1048576
	conform append-prealloc:1 4096 100 4 1 1048576 filename=shared
	# Unwritten blocks and holes of one file are used once, by whomever.
	conform unwritten:1,hole:1 4096 100 4 1 -1 filename=shared size=8m
	# Files take turns.
	conform append:1 4096 300 1 3 1048576 filename=a:b:c
	conform append:1,overwrite:1 4096 100 2 3 1048576 filename=a:b:c

	# Two sections on one file at once, the shape of a log among pages.
	sections size=4m filename=f '[log]' mix=append+dsync:1 append_depth=1 number_ios=60 \
		'[pages]' mix=overwrite:1 number_ios=400
	kinds log append+dsync 60 pages overwrite 400
	grown 240
	# Each on a file of its own.
	sections size=4m '[log]' mix=append:1 number_ios=60 '[pages]' mix=append:1 number_ios=40
	kinds log append 60 pages append 40
	grown 400
}

# A section behind a stonewall goes on with the file of the first, as in fio; with
# a mix it lays out its own.
one_after_another() {
	sections size=1m filename=f fallocate=none '[first]' rw=write \
		'[second]' stonewall rw=randwrite '[third]' stonewall rw=write
	kinds first append 256 second overwrite 256 third overwrite 256
	grown 1024
	sections filename=f fallocate=none '[first]' rw=write size=1m \
		'[second]' stonewall rw=write size=2m
	kinds first append 256 second overwrite 256 second append 256
	grown 2048
	# One file, however many sections.
	t_json "$result" '.growth.size_before == 0' "$engine: size_before counts a file again"
	sections size=1m filename=f '[first]' mix=append:1 number_ios=64 \
		'[second]' stonewall mix=overwrite:1,append:1 number_ios=64
	kinds first append 64 second overwrite - second append -
}

t_run 0 run --help-keys
engines=$(sed -n 's/^ioengine\t.*word\t\([^\t]*\).*/\1/p' "$t_tmp/stdout" | sed 's/,/ /g; s/ or / /')
[ "$(echo "$engines" | wc -w)" -ge 3 ] || t_fail "not all engines are there: $engines"
for engine in $engines; do
	: >"$t_tmp/runs"
	table
	together
	conformed
	[ "$engine" = null ] || one_after_another

	# shellcheck disable=SC2086 # words
	{
		members overwrite unwritten hole $extending -- $aligned $unaligned +nowait
		echo read:1,fdatasync:1
	} | tr ',' '\n' | sed 's/:1$//' | sort -u >"$t_tmp/wanted"
	sort -u "$t_tmp/seen" | comm -13 - "$t_tmp/wanted" >"$t_tmp/missing"
	[ ! -s "$t_tmp/missing" ] || t_fail "$engine: never seen" "$t_tmp/missing"
	ls -A "$MNT" >"$t_tmp/is"
	diff "$t_tmp/was" "$t_tmp/is" >"$t_tmp/diff" || t_fail 'files were left' "$t_tmp/diff"
	t_note "$fstype, $engine: $(wc -l <"$t_tmp/wanted") kinds in order, $runs runs so far"
done

# A file system that knows no NOWAIT says so: counted, reported, and the end of it.
mkdir "$T_PRIVATE/tmpfs"
printf '%s\n' '[w]' direct=1 iodepth=4 size=1m number_ios=50 mix=overwrite+nowait:1 >"$t_tmp/w.job"
"$DIOWAIT" run -d "$T_PRIVATE/tmpfs" -s mix=overwrite:1 -o "$result" "$t_tmp/w.job" \
	>"$t_tmp/stdout" 2>&1 || {
	t_note 'without a tmpfs, which knows no NOWAIT: no direct I/O there'
	exit 0
}
for engine in libaio io_uring; do
	t_run 1 run -d "$T_PRIVATE/tmpfs" -s ioengine=$engine -o "$result" "$t_tmp/w.job"
	if [ "$(wc -l <"$t_tmp/stderr")" -ne 1 ] || ! grep -q \
		'job w: overwrite+nowait of 4096 bytes at .*w\.0\.0: Operation not supported' \
		"$t_tmp/stderr"; then
		t_fail 'not the one line that says what failed' "$t_tmp/stderr"
	fi
	t_report_fits
	t_json "$result" '.variants[0].kinds | length == 1 and (.[0] | .bytes == 0 and .ops > 0 and
		.errors == { EOPNOTSUPP: .ops } and .paths.unknown == .ops)' \
		"$engine: EOPNOTSUPP is not what is counted"
	[ -z "$(ls -A "$T_PRIVATE/tmpfs")" ] || t_fail "files were left: $(ls -A "$T_PRIVATE/tmpfs")"
done
