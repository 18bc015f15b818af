#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Job files in the styles of fio's users: those in tests/fio run to their end, write
# and read what fio does of them, where fio is installed, and leave files of the same
# size; those named refused-* fail with the error in their first line.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-loop.sh" --memory ext4 320 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
fio=$(command -v fio) || t_note "without the comparison: no fio here"
jobs=$top_srcdir/tests/fio
ENGINE=libaio COUNT=256
export ENGINE COUNT
mkdir "$MNT/ours" "$MNT/fio" "$t_tmp/jobs"
# Where both leave their logs.
cp "$jobs"/* "$t_tmp/jobs"
mkdir "$t_tmp/cwd"
cd "$t_tmp/cwd"
ran=0 refused=0 compared=0

# ops FILTER FILE: "job direction operations bytes", threads added up.
ops() {
	jq -r "$1 | group_by(.[:2])[] | \"\(.[0][0]) \(.[0][1]) \(map(.[2]) | add) \(map(.[3]) | add)\"" \
		"$2" | sort
}

for job in "$jobs"/*.job; do
	name=$(basename "$job" .job)
	case $name in
	refused-*)
		t_run 1 run -d "$MNT/ours" -o "$t_tmp/r.json" "$job"
		grep -q -F -e "$(sed -n '1s/^# //p' "$job")" "$t_tmp/stderr" ||
			t_fail "$name: not refused for its reason" "$t_tmp/stderr"
		refused=$((refused + 1))
		continue
		;;
	esac
	t_run 0 run --check "$job"
	# Both at once, in folders of their own: what they do is compared, not how long it takes.
	if [ -n "$fio" ]; then
		(cd "$t_tmp/jobs" && exec "$fio" --output-format=json --output="$t_tmp/fio.json" \
			--directory="$MNT/fio" "$job") >"$t_tmp/fio.out" 2>&1 7>&- &
		fio_pid=$!
	fi
	t_run 0 run -d "$MNT/ours" -s unlink=0 -o "$t_tmp/r.json" "$job"
	t_json "$t_tmp/r.json" 'all(.variants[].kinds[]; .errors == {} and .short == 0)' \
		"$name: errors"
	ran=$((ran + 1))
	if [ -n "$fio" ]; then
		wait "$fio_pid" || t_fail "$name: fio failed" "$t_tmp/fio.out"
		# It says some things in front of the document.
		sed -i -n '/^{/,$p' "$t_tmp/fio.json"
		ops '[.variants[0].kinds[] | select(.kind | test("sync$") | not) |
			[.job, if .write then "write" else "read" end, .ops, .bytes]]' \
			"$t_tmp/r.json" >"$t_tmp/ours"
		ops '[.jobs[] | .jobname as $job | ("read", "write") as $d | .[$d] |
			select(.total_ios > 0) | [$job, $d, .total_ios, .io_bytes]]' \
			"$t_tmp/fio.json" >"$t_tmp/fio.ops"
		# What is drawn is near, and the sum is the same.
		case $name in
		bssplit)
			# Without a random map fio does not cut the last one, of 64k at most.
			for f in ours fio.ops; do
				awk '{ print $1, $2, int($4 / 131072) }' "$t_tmp/$f" >"$t_tmp/sum" &&
					mv "$t_tmp/sum" "$t_tmp/$f"
			done
			;;
		mixed)
			for f in ours fio.ops; do
				awk '{ n += $3; b += $4 } END { print n, b }' "$t_tmp/$f" \
					>"$t_tmp/sum" && mv "$t_tmp/sum" "$t_tmp/$f"
			done
			;;
		esac
		diff "$t_tmp/fio.ops" "$t_tmp/ours" >"$t_tmp/diff" ||
			t_fail "$name: not what fio does (<)" "$t_tmp/diff"
		for d in fio ours; do
			(cd "$MNT/$d" && stat -c '%s %n' -- *) >"$t_tmp/files.$d"
		done
		diff "$t_tmp/files.fio" "$t_tmp/files.ours" >"$t_tmp/diff" ||
			t_fail "$name: not the files that fio leaves (<)" "$t_tmp/diff"
		compared=$((compared + 1))
	fi
	rm -f "$MNT/ours"/* "$MNT/fio"/*
done
[ $ran -gt 0 ] || t_fail 'no job files'
t_note "$ran job files ran, $compared of them as in fio; $refused refused"
