#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What diowait itself costs: `make bench` prints these tables; README.md, beside
# this script, keeps the last ones and says how to read them.
#
#	instructions	per write in user space, counted by callgrind in a load thread
#	memory		peak of a run with the null engine, by its length
#	ceiling		writes per second through the null engine, one thread and two
#
# Started in the build tree. In the environment:
#	DIOWAIT		the binary (default src/diowait)
#	PEAK_RSS	(default bench/peak-rss)
#	ENGINES		which to count (default all three)
#	BENCH_DIR	where the scratch files are (default the current folder);
#			its file system needs 1 GiB free
set -eu
LC_ALL=C
export LC_ALL
unset DIOWAIT_DIRECTORY 2>/dev/null || :

diowait=${DIOWAIT:-src/diowait}
peak_rss=${PEAK_RSS:-bench/peak-rss}
dir=${BENCH_DIR:-.}

# Of two run lengths only the difference counts: start, layout and end cancel.
short=100000
long=300000
# vDSO code, which valgrind replaces by a system call: instructions of one
# clock_gettime(CLOCK_MONOTONIC) less those of libc's wrapper, which it counts.
clock_read=81
depth=32
budget_one=320
budget_batch=220

die() {
	echo "bench: $*" >&2
	exit 1
}

for command in valgrind jq awk; do
	command -v $command >/dev/null || die "$command is missing: install it"
done
[ -x "$diowait" ] || die "no $diowait: run make first"
[ -x "$peak_rss" ] || die "no $peak_rss: run make bench"

tmp=$(mktemp -d ./bench.tmp.XXXXXX)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# run COMMAND...: must succeed; shows its standard error otherwise.
run() {
	"$@" 2>"$tmp/stderr" || {
		cat "$tmp/stderr" >&2
		die "failed: $*"
	}
}

job() {
	cat >"$tmp/$1.job" <<-END
	[global]
	direct=1
	bs=4k
	iodepth=$depth
	size=64m
	directory=$dir
	[bench]
	ioengine=$2
	mix=$3
	$4
	END
}

# count JOB WRITES: of a load thread, all told: instructions, reads of the clock, long
# calls and their instructions, waits and theirs (of what is called in both cases).
count() {
	run valgrind -q --tool=callgrind --toggle-collect=driver_run \
		--compress-strings=no --callgrind-out-file="$tmp/callgrind" \
		"$diowait" run -q --format=none -o "$tmp/result.json" \
		-s number_ios="$2" "$tmp/$1.job"
	[ "$(jq '[.variants[].kinds[] | select(.errors == {}) | .ops] | add' \
		"$tmp/result.json")" = "$2" ] || die "not $2 good writes: $1"
	awk '/^totals: / { total = $2 }
		/^cfn=/ { callee = $0 }
		/^calls=/ {
			sub(/^calls=/, "", $1)
			if (callee ~ /clock_gettime/)
				clock += $1
			nr = $1
			getline
			if (callee ~ /^cfn=driver_long_call/) {
				long_nr += nr
				long_cost += $2
			} else if (callee ~ /^cfn=[a-z_]*_wait$/) {
				wait_nr += nr
				wait_cost += $2
			} else if (callee ~ /^cfn=driver_waited/) {
				wait_cost += $2
			}
		}
		END {
			print total, clock + 0, long_nr + 0, long_cost + 0, wait_nr + 0,
				wait_cost + 0
		}' "$tmp/callgrind"
}

# cell ENGINE BATCH MIX BUDGET: one line of the table, the middle one of three.
cell() {
	batch=
	[ "$2" -eq 1 ] || batch="iodepth_batch_submit=$2
iodepth_batch_complete_min=$2"
	job cell "$1" "$3" "$batch"
	for _ in 1 2 3; do
		count cell $short >"$tmp/short"
		count cell $long >"$tmp/long"
		paste -d ' ' "$tmp/short" "$tmp/long"
	done | awk -v writes=$((long - short)) '
		function each(cost, nr) { return nr > 100 ? cost / nr : 0 }
		{
			print ($7 - $1) / writes, ($8 - $2) / writes,
				($9 - $3) / writes, each($10, $9),
				($11 - $5) / writes, each($12, $11)
		}' | sort -n | awk -v engine="$1" -v batch="$2" -v mix="$3" -v budget="$4" \
		-v hidden=$clock_read '
		NR == 1 { least = $1 }
		NR == 2 {
			instr = $1
			line = sprintf("%6.3f %6.3f %4.0f %6.3f %4.0f %6.1f", $2, $3, $4,
				$5, $6, $1 + hidden * $2)
		}
		NR == 3 {
			printf "%-8s %2d %-22s %5.1f %5.1f..%5.1f %s %4d %s\n", engine,
				batch, mix, instr, least, $1, line, budget,
				instr <= budget ? "met" : "MISSED"
		}'
}

field() {
	sed -n "s/^$1[[:space:]]*: //p" /proc/cpuinfo | head -n 1
}

echo "date     $(date -u +%Y-%m-%d)"
echo "diowait  $("$diowait" --version)"
echo "command  make bench${BENCH_DIR:+ BENCH_DIR=$BENCH_DIR}"
echo "cpu      $(field 'model name'), family $(field 'cpu family') model $(field model), $(nproc) online"
echo "kernel   $(uname -sr)"
echo "built    ${BENCH_CC:-cc} ${BENCH_CFLAGS-(CFLAGS unknown)}"
echo "files    $(df -PT "$dir" | awk 'NR == 2 { print $2 " on " $1 }')"
echo "valgrind $(valgrind --version)"
echo
echo 'User-space instructions per write in a load thread: callgrind,'
echo "--toggle-collect=driver_run, ($long writes - $short writes) / $((long - short)),"
echo "the middle one of three. bs=4k, iodepth=$depth, size=64m. A batch of 32:"
echo 'iodepth_batch_submit=32, iodepth_batch_complete_min=32.'
echo 'clock: reads of the clock per write. long: submissions per write after which'
echo 'the context switches of the thread were read. wait: waits for completions per'
echo 'write. each: instructions in the functions that one of these calls. sum: with'
echo "$clock_read more for each read of the clock, which valgrind hides. The budget is for"
echo 'the callgrind count.'
echo
echo 'engine batch mix                    instr  of three     clock   long each   wait each    sum budget'
for engine in ${ENGINES:-null libaio io_uring}; do
	for mix in overwrite:100 overwrite:70,append:30; do
		cell "$engine" 1 $mix $budget_one
		cell "$engine" 32 $mix $budget_batch
	done
done

echo
echo 'Peak resident memory of a null run (overwrite:70,append:30, iodepth=32):'
echo
job null null overwrite:70,append:30 ''
for writes in 100000 1000000 10000000; do
	best=
	for _ in 1 2 3; do
		run "$peak_rss" "$diowait" run -q --format=none -o "$tmp/result.json" \
			-s number_ios=$writes "$tmp/null.job" >"$tmp/kib"
		[ -n "$best" ] && [ "$best" -le "$(cat "$tmp/kib")" ] || best=$(cat "$tmp/kib")
	done
	first=${first:-$best}
	echo "$writes $best $first" | awk '{
		printf "%9d writes  %6d KiB  %+.1f %%\n", $1, $2, 100 * ($2 / $3 - 1) }'
done

echo
echo 'Writes per second through the null engine, 10^7 writes a thread, best of 3, for'
echo 'information:'
echo
for batch in 1 32; do
	more=
	[ $batch -eq 1 ] || more='iodepth_batch_submit=32
iodepth_batch_complete_min=32'
	job null null overwrite:70,append:30 "$more"
	for threads in 1 2; do
		best=0
		for _ in 1 2 3; do
			run "$diowait" run -q --format=none -o "$tmp/result.json" \
				-s number_ios=10000000 -s numjobs=$threads "$tmp/null.job"
			best=$(jq --argjson best "$best" '.variants[0] |
				[([.kinds[].ops] | add) / .seconds, $best] | max | floor' \
				"$tmp/result.json")
		done
		printf 'batch %2d  threads %d  %9d\n' "$batch" "$threads" "$best"
	done
done
