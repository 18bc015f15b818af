#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fio-beside.sh [JOB...]
#
# Runs the same job files through fio and diowait in turns, on a loop-mounted file
# system, as root: `make bench-fio` takes those of tests/fio. diowait takes completions
# when fio does (reap=full). Printed for each job section and direction are medians
# over all turns of fio, of diowait, and of the ratio within a turn:
#	iops
#	lat	mean, and its 50th and 99th percentile: from before the call
#	clat p50	of fio, the one that it prints by default: after the call
# and below, where they differ, bytes moved, and sizes and extents of the files.
# A lat p50 far above fio's clat p50 is time in the submission call, which the
# latter hides.
#
# In the environment: DIOWAIT, FIO (the binaries), PAIRS (default 10), FSTYPE (default
# ext4), and what the job files name.
set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || for job in "$here"/../tests/fio/[!r]*.job; do set -- "$@" "$job"; done
[ -n "${T_PRIVATE:-}" ] ||
	exec "$here/../tests/with-loop.sh" "${FSTYPE:-ext4}" 1024 "$0" "$@"

diowait=${DIOWAIT:-src/diowait}
fio=${FIO:-fio}
pairs=${PAIRS:-10}
: "${ENGINE:=libaio}" "${COUNT:=20000}"
export ENGINE COUNT
for command in "$fio" jq filefrag; do
	command -v "$command" >/dev/null || {
		echo "fio-beside: $command is missing" >&2
		exit 1
	}
done
tmp=$(mktemp -d "$T_PRIVATE/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$MNT/fio" "$MNT/diowait"

# A line a job and direction: name, iops, mean, p50, p99, clat p50, bytes (us).
ours() {
	jq -r '
	def at($p): (map(.bins | to_entries[]) | map({ns: (.key | tonumber), n: .value}) |
		sort_by(.ns)) as $b | ($b | map(.n) | add) as $all |
		reduce $b[] as $x ({sum: 0};
			if .ns then . else .sum += $x.n |
				if .sum >= $all * $p then .ns = $x.ns else . end end) | .ns;
	.variants[0].kinds | map(select((.kind | test("sync$") | not) and .ops > 0)) |
	group_by([.job, .write])[] | map(.lat_ns) as $l | ($l | map(.N) | add) as $n |
	[(.[0].job | gsub(" "; "_")) + (if .[0].write then ":w" else ":r" end),
	 (map(.iops) | add), ($l | map(.mean * .N) | add / $n / 1000),
	 ($l | at(0.5) / 1000), ($l | at(0.99) / 1000), 0, (map(.bytes) | add)] |
	join(" ")' "$1"
}

# Threads of a section are added up; the percentiles are the middle one of theirs.
fios() {
	jq -r '
	def mid: sort | .[length / 2 | floor];
	[.jobs[] | .jobname as $j | ("read", "write") as $d | .[$d] |
		select(.total_ios > 0) + {name: (($j | gsub(" "; "_")) + ":" + $d[:1])}] |
	group_by(.name)[] | (map(.total_ios) | add) as $n |
	[.[0].name, (map(.iops) | add), (map(.lat_ns.mean * .total_ios) | add / $n / 1000),
	 (map(.lat_ns.percentile["50.000000"]) | mid / 1000),
	 (map(.lat_ns.percentile["99.000000"]) | mid / 1000),
	 (map(.clat_ns.percentile["50.000000"]) | mid / 1000), (map(.io_bytes) | add)] |
	join(" ")' "$1"
}

# Name, size and blocks (KiB) of each file, written and unwritten.
files() {
	for file in "$1"/*; do
		filefrag -v -b1024 "$file" | awk -v name="${file##*/}" -v \
			size="$(stat -c %s "$file")" '
			/^ *[0-9]+:/ {
				sub(/^[^.]*\.\.[^.]*\.\.[^:]*: */, "")
				n = $1
				sub(/:.*/, "", n)
				if (/unwritten/) unwritten += n; else written += n
			}
			END { print name, size, written + 0, unwritten + 0 }'
	done
}

# turn WHO JOB: one run; its lines to $tmp/WHO, its files to $tmp/WHO.files.
turn() {
	if [ "$1" = fio ]; then
		"$fio" --output-format=json --output="$tmp/fio.json" --directory="$MNT/fio" \
			--lat_percentiles=1 --clat_percentiles=1 "$2" >/dev/null
		fios "$tmp/fio.json" >"$tmp/fio"
	else
		"$diowait" run -q --format=none -d "$MNT/diowait" -s reap=full -s unlink=0 \
			-o "$tmp/diowait.json" "$2"
		ours "$tmp/diowait.json" >"$tmp/diowait"
	fi
	files "$MNT/$1" >"$tmp/$1.files"
	rm -f "$MNT/$1"/*
}

echo "$("$diowait" --version), $("$fio" --version), $(uname -sr), $(date -u +%Y-%m-%d)"
echo "${FSTYPE:-ext4}, $pairs turns; fio, diowait, and the ratio in a turn; us"
for job in "$@"; do
	: >"$tmp/all"
	i=0
	while [ $i -lt "$pairs" ]; do
		[ $((i % 2)) -eq 0 ] && order='fio diowait' || order='diowait fio'
		for who in $order; do
			turn "$who" "$job"
		done
		join -j 1 "$tmp/fio" "$tmp/diowait" >>"$tmp/all"
		i=$((i + 1))
	done
	echo
	echo "${job##*/}"
	awk '
	function median(a, n,    i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
				t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
			}
		return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
	}
	{ n[$1]++; for (k = 2; k <= 13; k++) v[$1, k, n[$1]] = $k }
	END {
		split("iops lat_mean lat_p50 lat_p99", what, " ")
		for (j in n) for (k = 2; k <= 5; k++) {
			for (i = 1; i <= n[j]; i++) {
				f[i] = v[j, k, i]; d[i] = v[j, k + 6, i]
				r[i] = f[i] ? d[i] / f[i] : 0; c[i] = v[j, 6, i]
			}
			printf "%-24.24s %-8s %10.1f %10.1f %6.3f%s\n", j, what[k - 1],
				median(f, n[j]), median(d, n[j]), median(r, n[j]),
				k == 4 ? sprintf("  clat %.1f", median(c, n[j])) : ""
		}
	}' "$tmp/all"
	awk '$7 != $13 { print "bytes differ: " $1, $7, $13 }' "$tmp/all" | sort -u
	diff "$tmp/fio.files" "$tmp/diowait.files" >"$tmp/diff" ||
		{ echo 'files differ: name size written unwritten (KiB)' && cat "$tmp/diff"; }
done
