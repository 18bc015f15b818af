#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# unlink=0: the file stays where filename says, with the mark user.diowait, and a
# later run goes on with it; files without the mark are never touched; two runs do
# not share one; and without unlink=0 nothing stays.
. "${srcdir:-.}/tests/lib.sh"
t_need jq
work=$t_tmp/work
result=$t_tmp/result.json
mkdir "$work"

cat >"$t_tmp/w.job" <<-END
	[global]
	ioengine=libaio
	direct=1
	bs=4k
	iodepth=4
	directory=$work
	filename=kept
	unlink=0
	[w]
	rw=write
	fallocate=none
	size=1m
	END

# cp takes the mark along only when it is told to; a file system that has none
# can't have kept files.
plain_copy() {
	cp --no-preserve=xattr "$1" "$2"
}
marked_copy() {
	cp --preserve=xattr "$1" "$2" 2>"$t_tmp/stderr" ||
		t_missing "no extended attributes in $work: $(cat "$t_tmp/stderr")"
}

keep() {
	t_run 0 run -o "$result" "$@" "$t_tmp/w.job"
	t_report_fits
	t_json "$result" 'all(.variants[].kinds[]; .errors == {} and .ops > 0)' 'a kind did nothing'
	t_json "$result" '.growth | .size_after - .size_before == .extended_bytes' 'growth'
}

# files NAME...: exactly these are in the folder.
files() {
	printf '%s\n' "$@" >"$t_tmp/want"
	ls -A "$work" >"$t_tmp/is"
	diff "$t_tmp/want" "$t_tmp/is" >"$t_tmp/diff" || t_fail "not these files: $*" "$t_tmp/diff"
}

# size BYTES: of the kept file.
size() {
	[ "$(stat -c %s "$work/kept")" -eq "$1" ] ||
		t_fail "the kept file has $(stat -c %s "$work/kept") bytes, not $1"
}

# in_use: a run holds the kept file.
# Who tried to lock it would be in its way.
in_use() {
	grep -q "FLOCK.*:$(stat -c %i "$work/kept") " /proc/locks
}

# did KIND:OPS...
did() {
	printf '%s\n' "$@" >"$t_tmp/want"
	jq -r '.variants[0].kinds[] | "\(.kind):\(.ops)"' "$result" >"$t_tmp/is"
	diff "$t_tmp/want" "$t_tmp/is" >"$t_tmp/diff" || t_fail "not these kinds: $*" "$t_tmp/diff"
}

# A first run makes it, later ones overwrite it, through either engine.
keep
files kept
size 1048576
did append:256
marked_copy "$work/kept" "$work/copy"
if command -v getfattr >/dev/null; then
	getfattr --absolute-names -n user.diowait "$work/kept" >/dev/null ||
		t_fail 'the file is not marked'
fi
rm "$work/copy"
for engine in io_uring libaio; do
	was=$(stat -c %i "$work/kept")
	keep -s ioengine=$engine
	files kept
	size 1048576
	did overwrite:256
	[ "$(stat -c %i "$work/kept")" -eq "$was" ] || t_fail 'it is another file'
	t_json "$result" '[.notes[] | select(.level == "first" and (.text | test("overwrite")))] |
		length == 1' 'the report does not say that the writes were overwrites'
done
# What it has is enough for a smaller job; a larger one makes it anew.
keep -s size=512k
size 1048576
did overwrite:128
keep -s size=2m
size 2097152
did append:512
keep -s file_append=1 -s size=1m
size 3145728
did append:256

# Only what an earlier run left is used again: each later round makes it anew.
rm "$work/kept"
keep -r 3
size 1048576
did append:768
keep -r 3
files kept
size 1048576
did overwrite:256 append:512
t_json "$result" '[.variants[0].rounds[] | [.kinds[].kind] | join(" ")] ==
	["overwrite", "append", "append"]' 'rounds 2 and 3 are not on new files'
t_json "$result" 'any(.notes[]; .level == "first" and
	(.text | test("round 1 used the file of an earlier run again")))' \
	'the report does not say which round used the old file'

# With a mix the layout is part of what is asked for: always made anew.
for _ in 1 2; do
	keep -s mix=overwrite:1,append:1 -s rw=randwrite -s number_ios=100
	files kept
	t_json "$result" '.growth.size_before == 1048576 and .growth.size_after == $is' \
		'not laid out anew' --argjson is "$(stat -c %s "$work/kept")"
done
keep -s mix=overwrite:1,append:1 -s rw=randwrite -s number_ios=100 -r 3
files kept
t_json "$result" '.growth.size_before == 3 * 1048576 and
	([.variants[0].rounds[] | [.kinds[] | [.kind, .ops, .bytes]]] | unique | length) == 1' \
	'three rounds are not alike'

# What has no mark is not ours, whatever it looks like; a copy with it is.
plain_copy "$work/kept" "$work/foreign"
ln -s kept "$work/link"
mkdir "$work/folder"
mkfifo "$work/fifo"
: >"$work/empty"
touch -d 2001-01-01 "$work/foreign"
cksum <"$work/foreign" >"$t_tmp/cksum"
t_watched=$work
for name in foreign link folder fifo empty; do
	for unlink in 0 1; do
		t_refused "work/$name exists and was not made by diowait" \
			run -o "$result" -s filename=$name -s unlink=$unlink "$t_tmp/w.job"
	done
done
# One of several is enough, and then no file is made.
t_refused 'work/foreign' run -o "$result" -s filename=new:foreign "$t_tmp/w.job"
cksum <"$work/foreign" | cmp -s - "$t_tmp/cksum" || t_fail 'the content of a foreign file changed'
rm -r "$work/foreign" "$work/link" "$work/folder" "$work/fifo" "$work/empty"
marked_copy "$work/kept" "$work/ours"
keep -s filename=ours
did overwrite:256
rm "$work/ours"

# A run that does not keep works beside a kept file, and leaves nothing of its own.
cksum <"$work/kept" >"$t_tmp/cksum"
keep -s unlink=1
did append:256
files kept
cksum <"$work/kept" | cmp -s - "$t_tmp/cksum" || t_fail 'the kept file changed'
keep -s unlink=1 -s filename=other
files kept

# Two at once: the second refuses, and the first does not notice.
t_start run -o "$t_tmp/first.json" -s runtime=60 -s time_based=1 "$t_tmp/w.job"
t_wait_for 20 in_use || t_fail 'the run does not hold its file' "$t_tmp/stderr"
sleep 0.2
for mix in none overwrite:1; do
	mix_key="-s fallocate=none"
	[ $mix = none ] || mix_key="-s mix=$mix -s rw=randwrite"
	rc=0
	# shellcheck disable=SC2086 # words
	timeout 30 "$DIOWAIT" run -o "$t_tmp/second.json" $mix_key "$t_tmp/w.job" \
		>"$t_tmp/second.out" 2>&1 7>&- || rc=$?
	if [ $rc -ne 1 ] || [ "$(wc -l <"$t_tmp/second.out")" -ne 1 ] ||
		! grep -q 'work/kept.*busy' "$t_tmp/second.out"; then
		t_fail "a second run on the file in use: exit $rc" "$t_tmp/second.out"
	fi
	[ ! -e "$t_tmp/second.json" ] || t_fail 'a refused run wrote a result'
done
kill -INT "$t_pid"
t_ended 30
[ "$t_got" -eq 2 ] || t_fail "wait status $t_got, not death by SIGINT" "$t_tmp/stderr"
t_json "$t_tmp/first.json" '.interrupted and all(.variants[].kinds[]; .errors == {} and .ops > 0)' \
	'the first run noticed'
files kept
[ "$(stat -c %s "$work/kept")" -ge 1048576 ] || t_fail 'the first run lost its file'

# It outlives a kill -9, too; and what that leaves besides is removed.
t_start run -o "$t_tmp/first.json" -s runtime=60 -s time_based=1 "$t_tmp/w.job"
t_wait_for 20 in_use || t_fail 'the run does not hold its file' "$t_tmp/stderr"
sleep 0.2
kill -9 "$t_pid"
t_ended 30
keep
did overwrite:256
files kept
