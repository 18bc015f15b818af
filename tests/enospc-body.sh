#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# enospc-body.sh FSTYPE
#
# What test-enospc.sh and test-enospc-xfs.sh run: a file system fills up under a
# run. Kinds that need new blocks end, the others go on, everything is counted, and
# it is no error. A limit on the size of files is one.
. "${srcdir:-.}/tests/lib.sh"
t_need jq prlimit fallocate
fstype=$1
result=$t_tmp/result.json
ios=24000

# Room for 40 MiB, whatever the smallest file system of this type is.
free_kib=$(df -Pk "$MNT" | awk 'NR == 2 { print $4 }')
if [ "$free_kib" -gt 45056 ]; then
	fallocate -l $((free_kib - 40960))K "$MNT/filler"
fi
ls -A "$MNT" >"$t_tmp/was"

cat >"$t_tmp/w.job" <<-END
	[global]
	direct=1
	bs=4k
	iodepth=32
	number_ios=$ios
	[w]
	size=8m
	mix=append:50,overwrite:50
	END
sed -e '/^mix/d' -e '/^number_ios/d' -e '/^size/d' "$t_tmp/w.job" >"$t_tmp/fio.job"

# full STATUS ARGUMENT...: a run, and what holds for each of them.
full() {
	full_status=$1
	shift
	t_run "$full_status" run -d "$MNT" -o "$result" -s ioengine=$engine "$@"
	t_report_fits
	t_json "$result" 'all(.variants[].kinds[]; .ops ==
		(.paths | del(.flagged, .then) | map(. // 0) | add))' 'paths do not add up to ops'
	t_json "$result" 'all(.variants[].kinds[]; .lat_ns.N == .ops - (.errors | add // 0))' \
		'a histogram holds what failed'
	t_json "$result" '.growth | .size_after - .size_before == .extended_bytes' 'growth'
	t_json "$result" '.growth.appended_bytes == ([.variants[].kinds[] |
		select(.kind | test("append|straddle|gap")) | .bytes] | add // 0)' \
		'appended_bytes is not what the kinds wrote'
	ls -A "$MNT" >"$t_tmp/is"
	diff "$t_tmp/was" "$t_tmp/is" >"$t_tmp/diff" || t_fail 'files were left' "$t_tmp/diff"
}

# errors ERRNO KIND: this kind met ERRNO, every other kind nothing.
errors() {
	t_json "$result" 'all(.variants[].kinds[]; if .kind == $kind
		then (.errors | keys) == [$errno] and .errors[$errno] > 0 else .errors == {} end)' \
		"$engine: not $1 of $2 alone" --arg errno "$1" --arg kind "$2"
	grep -q "^ *errors $1 " "$t_tmp/stdout" ||
		t_fail "the report does not say $1" "$t_tmp/stdout"
}

# first_line REGEX: what the report says before all else.
first_line() {
	head -n 3 "$t_tmp/stdout" | tr '\n' ' ' | grep -q -E "$1" ||
		t_fail "the report does not begin with '$1'" "$t_tmp/stdout"
}

# says REGEX: anywhere in the report, lines joined.
says() {
	tr -s '\n ' ' ' <"$t_tmp/stdout" | grep -q -E "$1" ||
		t_fail "the report does not say '$1'" "$t_tmp/stdout"
}

# explained: where less was appended than extended, the report says why.
explained() {
	t_json "$result" '.growth | .gaps > 0 or .appended_bytes == .extended_bytes' \
		'less was appended than extended, without a gap'
	if jq -e '.growth | .appended_bytes < .extended_bytes' "$result" >/dev/null; then
		says 'the difference is gaps: later ones landed behind [0-9]* that failed'
	fi
}

for engine in libaio io_uring; do
	# Appends end, overwrites go on up to number_ios.
	full 0 "$t_tmp/w.job"
	errors ENOSPC append
	t_json "$result" '([.variants[].kinds[].ops] | add) == $ios' 'not number_ios' \
		--argjson ios "$ios"
	t_json "$result" '[.variants[].kinds[] | select(.kind == "overwrite")][0] |
		.ops > $ios * 0.55' 'the overwrites did not go on' --argjson ios "$ios"
	t_json "$result" '.growth.extended_bytes > 16 * 1048576' 'it was full too early'
	first_line 'the mix is not as asked: append got'
	says 'file system full in round 1 after [0-9.e-]* s: append not issued any more, other'
	if [ $engine = libaio ]; then
		# One at a time: the first that finds no space is the last.
		t_json "$result" '.growth.appended_bytes == .growth.extended_bytes' \
			'a hole in what was appended'
		t_json "$result" '[.variants[].kinds[] | select(.kind == "append")][0].errors ==
			{ ENOSPC: 1 }' 'more appends than one found no space'
	else
		t_json "$result" '.growth as $g | ([.variants[].kinds[].errors.ENOSPC // 0] | add) as $n |
			$g.appended_bytes <= $g.extended_bytes and
			$g.appended_bytes + $n * 4096 >= $g.extended_bytes' \
			'more is missing than what failed'
	fi

	explained
	# All kinds that extend end together; in each round, as each has a new file.
	full 0 -r 2 -s mix=append:1,straddle:1,gap:1,overwrite:2 -s bs=8k "$t_tmp/w.job"
	t_json "$result" '[.variants[].kinds[] | select(.kind == "overwrite")][0] |
		.errors == {} and .ops > 0.45 * 2 * $ios' 'the overwrites did not go on' \
		--argjson ios "$ios"
	t_json "$result" 'all(.variants[0].rounds[]; [.kinds[].errors.ENOSPC // 0] | add > 0) and
		([.variants[0].rounds[] | [.kinds[] | select(.kind == "straddle") | .ops][0]] |
		all(. > 100))' 'the rounds are not alike'

	# Holes need blocks, too; and nobody extends then.
	free_kib=$(df -Pk "$MNT" | awk 'NR == 2 { print $4 }')
	full 0 -s mix=hole:1,overwrite:1 -s size=$((free_kib * 3 / 2))k -s rw=randwrite "$t_tmp/w.job"
	errors ENOSPC hole
	says 'file system full in round 1 after [0-9.e-]* s: hole not issued any more, other'
	t_json "$result" '.growth.extended_bytes == 0 and ([.variants[].kinds[].ops] | add) == $ios' \
		'holes extend nothing' --argjson ios "$ios"

	# Nothing but appends: the round ends early, and says why; two threads alike.
	full 0 -s mix=append:1 -s numjobs=2 -s filename=shared "$t_tmp/w.job"
	errors ENOSPC append
	says 'job w: file system full in round 1 after [0-9.]* s: the round ended'
	t_json "$result" '[.variants[].kinds[].ops] | add < 2 * $ios' 'it was not full' \
		--argjson ios "$ios"
	# As fio's job: no space is asked for before.
	full 0 -s rw=write -s fallocate=none -s size=100m "$t_tmp/fio.job"
	errors ENOSPC append
	explained
	says 'job w: file system full in round 1 after [0-9.]* s: the round ended'
	# With time_based a full file is made anew, until the time is over.
	full 0 -s mix=append:1 -s runtime=1500ms -s time_based=1 -s number_ios=0 -s bs=64k "$t_tmp/w.job"
	errors ENOSPC append
	t_json "$result" '.variants[0].seconds | . > 1.4 and . < 2' 'not for the time asked'

	# Nobody may write past a limit on sizes of files: the write before it is
	# short, the next is an error, and the last of the run.
	limit=$((8 * 1048576 + 25 * 4096))
	for more in 0 512; do
		t_prefix="prlimit --fsize=$((limit + more))"
		full 1 "$t_tmp/w.job"
		t_prefix=
		errors EFBIG append
		[ "$(wc -l <"$t_tmp/stderr")" -eq 1 ] || t_fail 'not one line of error' "$t_tmp/stderr"
		grep -q 'job w: append of 4096 bytes at 8[0-9]* in .*/w\.0\.0: File too large' \
			"$t_tmp/stderr" || t_fail 'another error' "$t_tmp/stderr"
		t_json "$result" '[.variants[].kinds[] | select(.kind == "append")][0] as $append |
			.growth.size_after == $limit and .growth.appended_bytes == $limit - 8388608 and
			$append.bytes == $limit - 8388608 and
			$append.short == (if $limit % 4096 > 0 then 1 else 0 end)' \
			"$engine: not written up to the limit" --argjson limit $((limit + more))
		t_json "$result" '[.variants[].kinds[].ops] | add < $ios' 'the run went on' \
			--argjson ios "$ios"
	done
	t_note "$fstype, $engine: in order"
done
