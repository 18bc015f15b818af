#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# layouts-body.sh FSTYPE
#
# What test-layouts.sh and test-layouts-xfs.sh run: job files of fio, without mix.
# What lay in the file first, what the writes then really were, what the report says
# of it, and what they left behind; and, where fio is installed, that fio leaves the
# same behind.
. "${srcdir:-.}/tests/lib.sh"
t_need jq filefrag
fstype=$1
result=$t_tmp/result.json
mkdir "$MNT/ours" "$MNT/fio"
fio=$(command -v fio) || t_note "without the comparison: no fio here"
block_kib=$(($(stat -f -c %S "$MNT") / 1024))
compared=0 nr=0

# job LINE...: w.job of these lines, one file "f", kept for a look at it.
job() {
	printf '%s\n' '[global]' ioengine=libaio direct=1 iodepth=4 unlink=0 filename=f "$@" \
		>"$t_tmp/w.job"
}

# state FILE: its size, and what its extents hold, KiB: "size written unwritten".
state() {
	filefrag -v "$1" | awk -v size="$(stat -c %s "$1")" -v kib="$block_kib" '
		/^ *[0-9]+:/ {
			sub(/^[^.]*\.\.[^.]*\.\.[^:]*: */, "")
			blocks = $1
			sub(/:.*/, "", blocks)
			if (/unwritten/)
				unwritten += blocks
			else
				written += blocks
		}
		END { print size / 1024, written * kib, unwritten * kib }'
}

# run: w.job through diowait; what holds for every job is checked. What the result says is
# left in $t_tmp/first (the notes that come first), kinds (kind and ops) and holds.
run() {
	rm -f "$MNT/ours/f"
	t_run 0 run -d "$MNT/ours" -o "$result" "$t_tmp/w.job"
	t_report_fits
	jq -r '(.growth | .extents.before as $x | .extents.after as $y |
		def line($size; $e): "holds \([$size, $e.written_bytes, $e.unwritten_bytes] |
			map(. / 1024 | tostring) | join(" "))";
		(select(.size_after - .size_before != .extended_bytes or
			$x.delalloc_bytes != 0 or $y.delalloc_bytes != 0) | "broken growth: \(.)"),
		line(.size_before; $x), line(.size_after; $y)),
		(.variants[].kinds[] | select(.errors != {} or .short != 0 or
			.ops != (.paths | del(.flagged, .then) | map(. // 0) | add)) |
			"broken errors, or paths: \({errors, short, ops, paths})"),
		(.variants[0].kinds[] | "kinds \(.kind) \(.ops)"),
		(.notes[] | select(.level == "first") | "first \(.)")' "$result" >"$t_tmp/said" ||
		t_fail 'the result cannot be read' "$t_tmp/said"
	if grep '^broken ' "$t_tmp/said" >"$t_tmp/diff"; then
		t_fail "$fstype: $(tail -n +7 "$t_tmp/w.job" | tr '\n' ' ')" "$t_tmp/diff"
	fi
	for what in first kinds holds; do
		sed -n "s/^$what //p" "$t_tmp/said" >"$t_tmp/$what"
	done
	nr=$((nr + 1))
}

# did KIND:OPS...: exactly these, in the order of the result; OPS - is above 0.
did() {
	printf '%s\n' "$@" | sort >"$t_tmp/want"
	while read -r kind ops; do
		if [ "$ops" -gt 0 ] && grep -q -x -e "$kind:-" "$t_tmp/want"; then ops=-; fi
		echo "$kind:$ops"
	done <"$t_tmp/kinds" | sort >"$t_tmp/is"
	diff "$t_tmp/want" "$t_tmp/is" >"$t_tmp/diff" ||
		t_fail "$fstype: not what was written: $(tail -n +7 "$t_tmp/w.job" | tr '\n' ' ')" \
			"$t_tmp/diff"
}

# held BEFORE AFTER: as "size written unwritten", KiB. What the file holds now is
# asked of filefrag, too.
held() {
	state "$MNT/ours/f" >>"$t_tmp/holds"
	printf '%s\n' "$1" "$2" "$2" | paste -d ' ' - "$t_tmp/holds" | awk '{
		for (i = 1; i <= 3; i++)
			if ($i != $(i + 3))
				print "size written unwritten, line " NR ": " $0
	}' >"$t_tmp/diff"
	[ ! -s "$t_tmp/diff" ] ||
		t_fail "$fstype: not what was held: $(tail -n +7 "$t_tmp/w.job" | tr '\n' ' ')" \
			"$t_tmp/diff"
}

# says REGEX: the report says it first; -: there is nothing to be said first.
says() {
	if [ "$1" = - ]; then
		[ ! -s "$t_tmp/first" ] || t_fail 'a note that is none' "$t_tmp/first"
		return 0
	fi
	head -n 4 "$t_tmp/stdout" | tr -s '\n ' ' ' | grep -q -E "^! job [a-z]*: its writes really were $1" ||
		t_fail "the report does not begin with: $1" "$t_tmp/stdout"
}

# fio_begin: fio is given the same job file. It sleeps more than it works, so it does so
# while diowait and the checks are at work.
fio_begin() {
	[ -n "$fio" ] || return 0
	rm -f "$MNT/fio/f"
	"$fio" --minimal --directory="$MNT/fio" "$t_tmp/w.job" >"$t_tmp/fio.out" 2>&1 7>&- &
	fio_pid=$!
}

# like_fio: it has left a file of the same states.
like_fio() {
	[ -n "$fio" ] || return 0
	wait "$fio_pid" ||
		t_fail "fio failed: $(tail -n +7 "$t_tmp/w.job" | tr '\n' ' ')" "$t_tmp/fio.out"
	state "$MNT/fio/f" >"$t_tmp/fio.state"
	state "$MNT/ours/f" | diff "$t_tmp/fio.state" - >"$t_tmp/diff" ||
		t_fail "$fstype: not what fio leaves: $(tail -n +7 "$t_tmp/w.job" | tr '\n' ' ')" \
			"$t_tmp/diff"
	compared=$((compared + 1))
}

# check LINES KINDS BEFORE AFTER FIRST
check() {
	# shellcheck disable=SC2086 # words
	job $1
	fio_begin
	run
	# shellcheck disable=SC2086
	did $2
	held "$3" "$4"
	says "$5"
	like_fio
}

# A quarter of the file is written, so that the layout shows in what is left.
some='[w] rw=write size=1m io_size=256k'
native='fallocate=native set i_size first; none extended'
check "$some" unwritten:64 '1024 0 1024' '1024 256 768' "100 % unwritten: $native"
check "$some fallocate=native" unwritten:64 '1024 0 1024' '1024 256 768' "100 % unwritten: $native"
check "$some fallocate=posix" unwritten:64 '1024 0 1024' '1024 256 768' \
	'100 % unwritten: fallocate=posix set i_size first; none extended'
check "$some fallocate=keep" append-prealloc:64 '0 0 1024' '256 256 768' -
check "$some fallocate=none" append:64 '0 0 0' '256 256 0' -
check "$some fallocate=truncate" hole:64 '1024 0 0' '1024 256 0' \
	'100 % hole: fallocate=truncate set i_size first; none extended'
check "$some fallocate=0" append:64 '0 0 0' '256 256 0' -
check "$some fallocate=1" unwritten:64 '1024 0 1024' '1024 256 768' '100 % unwritten: fallocate=posix'
check "$some overwrite=1" overwrite:64 '1024 1024 0' '1024 1024 0' -
check "$some create_on_open=1" append:64 '0 0 0' '256 256 0' -

# Random order.
some='[w] rw=randwrite size=1m io_size=256k'
check "$some" unwritten:64 '1024 0 1024' '1024 256 768' "100 % unwritten: $native"
check "$some fallocate=truncate" hole:64 '1024 0 0' '1024 256 0' '100 % hole: fallocate=truncate'
check "$some overwrite=1" overwrite:64 '1024 1024 0' '1024 1024 0' -
# In the order of this seed some writes begin at EOF, others past it.
check "[w] rw=randwrite size=1m randseed=1 fallocate=keep" \
	'append-prealloc:- gap:- unwritten:-' '0 0 1024' '1024 1024 0' '.* % unwritten'
check "[w] rw=randwrite size=1m randseed=1 fallocate=none" 'append:- gap:- hole:-' '0 0 0' '1024 1024 0' '.* % hole'

# Reads need data: all of the file is written first.
check '[w] rw=rw size=1m' 'overwrite:- read:-' '1024 1024 0' '1024 1024 0' -
check '[w] rw=randrw rwmixread=70 size=1m' 'overwrite:- read:-' '1024 1024 0' '1024 1024 0' -
t_json "$result" '[.variants[].kinds[].ops] | add == 256' 'not size bytes in all'
check '[w] rw=randrw rwmixwrite=100 size=1m' unwritten:256 '1024 0 1024' '1024 1024 0' \
	"100 % unwritten: $native"
check '[r] rw=read size=1m [w] stonewall rw=write size=1m' 'read:256 overwrite:256' '1024 1024 0' \
	'1024 1024 0' '100 % overwrite: another job had the file written first; none extended'

# More than the file holds: round and round.
check '[w] rw=write size=1m io_size=2m' 'unwritten:256 overwrite:256' '1024 0 1024' '1024 1024 0' \
	'50 % overwrite, 50 % unwritten: fallocate=native set i_size first'
check '[w] rw=randwrite size=1m io_size=2m' 'unwritten:256 overwrite:256' '1024 0 1024' \
	'1024 1024 0' '50 % overwrite, 50 % unwritten'
check '[w] rw=write size=1m io_size=1536k fallocate=none' 'append:256 overwrite:128' '0 0 0' \
	'1024 1024 0' '33.33 % overwrite, 66.67 % append'
check '[w] rw=write size=256k time_based runtime=500ms' 'unwritten:64 overwrite:-' '256 0 256' \
	'256 256 0' '.* % overwrite, .* % unwritten: fallocate=native'
check '[w] rw=write size=256k time_based runtime=500ms fallocate=none' 'append:64 overwrite:-' \
	'0 0 0' '256 256 0' '.* % overwrite, .* % append'

# Where it starts, how much, how long each.
check '[w] rw=write size=1m offset=256k io_size=256k' unwritten:64 '1280 0 1280' '1280 256 1024' \
	"100 % unwritten: $native"
check '[w] rw=write size=1m offset=256k io_size=256k fallocate=none' 'gap:1 append:63' '0 0 0' \
	'512 256 0' -
check '[w] rw=randwrite size=1m offset=512k io_size=256k overwrite=1' overwrite:64 \
	'1536 1536 0' '1536 1536 0' -
check '[w] rw=write size=1m number_ios=10' unwritten:10 '1024 0 1024' '1024 40 984' \
	"100 % unwritten: $native"
check '[w] rw=write size=1m io_size=25% fallocate=none' append:64 '0 0 0' '256 256 0' -
check '[w] rw=write size=1m bs=16k io_size=100k' unwritten:7 '1024 0 1024' '1024 112 912' \
	"100 % unwritten: $native"
check '[w] rw=write size=64k bs=512 fallocate=none' append+unaligned:128 '0 0 0' '64 64 0' -
check '[w] rw=write size=96k bs=6k fallocate=none' append+unaligned:16 '0 0 0' '96 96 0' -

check 'thread numjobs=2 [w] rw=write size=256k offset_increment=512k io_size=128k' unwritten:64 \
	'768 0 768' '768 256 512' "100 % unwritten: $native"
check 'thread numjobs=3 [w] rw=write size=256k offset=256k offset_increment=256k overwrite=1' \
	overwrite:192 '1024 1024 0' '1024 1024 0' -

# Keys that are part of a kind, or kinds of their own.
check '[w] rw=write size=1m sync=dsync' unwritten+dsync:256 '1024 0 1024' '1024 1024 0' \
	"100 % unwritten.dsync: $native"
check '[w] rw=write size=1m sync=sync fallocate=none' append+dsync:256 '0 0 0' '1024 1024 0' -
check '[w] rw=write size=1m sync=1 overwrite=1' overwrite+dsync:256 '1024 1024 0' '1024 1024 0' -
check '[w] rw=write size=1m fallocate=none fsync=16 fdatasync=8' 'append:256 fsync:16 fdatasync:32' \
	'0 0 0' '1024 1024 0' -
[ "$fstype" != ext4 ] ||
	check '[w] rw=randwrite size=1m overwrite=1 nowait=1 io_size=256k' overwrite+nowait:64 \
		'1024 1024 0' '1024 1024 0' -

# Several threads and sections: one after another they go on with one file.
check 'thread numjobs=2 [w] rw=write size=1m fallocate=none' 'append:256 overwrite:256' '0 0 0' \
	'1024 1024 0' '50 % overwrite, 50 % append'
check 'fallocate=none [a] rw=write size=1m io_size=256k [b] stonewall rw=write size=1m io_size=256k' \
	'append:64 overwrite:64' '0 0 0' '256 256 0' '100 % overwrite; none extended'
check '[a] rw=write size=1m io_size=256k [b] stonewall rw=randwrite size=1m' \
	'unwritten:64 unwritten:192 overwrite:64' '1024 0 1024' '1024 1024 0' '100 % unwritten'
check 'fallocate=none [a] rw=write size=256k [b] stonewall rw=write size=1m [c] stonewall rw=write size=512k' \
	'append:64 overwrite:64 append:192 overwrite:128' '0 0 0' '1024 1024 0' '.* % overwrite'
t_json "$result" '.growth.extended_bytes == 1048576' 'each section counts what it extended'

# file_append, first of a new file, then of one that has 1 MiB.
check '[w] rw=write size=1m file_append=1 fallocate=none' append:256 '0 0 0' '1024 1024 0' -
check '[w] rw=write size=1m file_append=1 fallocate=keep io_size=256k' append-prealloc:64 \
	'0 0 1024' '256 256 768' -
check '[w] rw=write size=1m file_append=1 create_on_open=1 io_size=256k' append:64 '0 0 0' \
	'256 256 0' -

# again LINES KINDS BEFORE AFTER: the job runs on the file of a first one, both of
# diowait and of fio.
again() {
	job '[w]' rw=write size=1m overwrite=1
	fio_begin
	run
	like_fio
	[ -z "$fio" ] || mv "$MNT/fio/f" "$MNT/fio/kept"
	mv "$MNT/ours/f" "$MNT/ours/kept"
	# shellcheck disable=SC2086
	job $1
	sed -i 's/^filename=.*/filename=kept/' "$t_tmp/w.job"
	run
	# shellcheck disable=SC2086
	did $2
	mv "$MNT/ours/kept" "$MNT/ours/f"
	held "$3" "$4"
	[ -n "$fio" ] || return 0
	"$fio" --minimal --directory="$MNT/fio" "$t_tmp/w.job" >"$t_tmp/fio.out" 2>&1 ||
		t_fail 'fio failed' "$t_tmp/fio.out"
	state "$MNT/fio/kept" >"$t_tmp/fio.state"
	state "$MNT/ours/f" | diff "$t_tmp/fio.state" - >"$t_tmp/diff" ||
		t_fail "$fstype: not what fio leaves, again: $1" "$t_tmp/diff"
	compared=$((compared + 1))
}
again '[w] rw=write size=1m file_append=1 fallocate=none' append:256 '1024 1024 0' '2048 2048 0'
again '[w] rw=write size=1m file_append=1 fallocate=keep io_size=256k' append-prealloc:64 \
	'1024 1024 1024' '1280 1280 768'
again '[w] rw=write size=1m fallocate=none' overwrite:256 '1024 1024 0' '1024 1024 0'
again '[w] rw=write size=2m fallocate=none' append:512 '0 0 0' '2048 2048 0'
# Lengths that vary are cut where the file, or what is asked for, ends.
check '[w] rw=write size=1m bsrange=4k-16k' unwritten:- '1024 0 1024' '1024 1024 0' \
	"100 % unwritten: $native"
check '[w] rw=write size=1m bsrange=4k-16k io_size=512k fallocate=none' append:- '0 0 0' \
	'512 512 0' -
check '[w] rw=randwrite size=1m bsrange=4k-16k overwrite=1' overwrite:- '1024 1024 0' '1024 1024 0' -
t_json "$result" '[.variants[].kinds[].bytes] | add == 1048576' 'not size bytes'

# The end of a file that is new is its beginning, however much is laid out.
again '[w] rw=write size=1m file_append=1' unwritten:256 '2048 1024 1024' '2048 2048 0'
check '[w] rw=write size=1m file_append=1' unwritten:256 '1024 0 1024' '1024 1024 0' \
	"100 % unwritten: $native"
t_note "$fstype: $nr layouts in order, $compared of them as fio's"
