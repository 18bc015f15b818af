#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the instructions of a write go, by the source file that they were compiled from:
# `sh bench/stages.sh`, started in the build tree. callgrind, in a load thread, of 300000
# writes of 4 KiB, overwrite:70,append:30, iodepth 32, one write a call. What a thread does
# before and after its loop is in it, too.
#
# In the environment: DIOWAIT, BENCH_DIR, as bench.sh has them; ENGINES.
set -eu
LC_ALL=C
export LC_ALL
diowait=${DIOWAIT:-src/diowait}
writes=300000
tmp=$(mktemp -d ./bench.tmp.XXXXXX)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
printf '[w]\ndirect=1\nbs=4k\niodepth=32\nsize=64m\nmix=overwrite:70,append:30\nnumber_ios=%s\n' \
	$writes >"$tmp/w.job"
for engine in ${ENGINES:-null libaio io_uring}; do
	valgrind -q --tool=callgrind --toggle-collect=driver_run --compress-strings=no \
		--callgrind-out-file="$tmp/callgrind" "$diowait" run -q --format=none \
		-d "${BENCH_DIR:-.}" -o "$tmp/result.json" -s ioengine="$engine" "$tmp/w.job"
	awk -v writes=$writes -v engine="$engine" '
		/^f[lie]=/ {
			file = $0
			sub(/^f[lie]=/, "", file)
			sub(/.*\//, "", file)
			if (file !~ /\.[ch]$/)
				file = "(libraries)"
		}
		# What comes next is the cost of what was called.
		/^calls=/ { getline; next }
		/^[0-9+*-]/ && NF == 2 { sum[file] += $2; all += $2 }
		END {
			for (file in sum)
				if (sum[file] / writes >= 0.5)
					printf "%-9s %-20s %6.1f\n", engine, file,
						sum[file] / writes
			printf "%-9s %-20s %6.1f\n", engine, "all", all / writes
		}' "$tmp/callgrind" | sort -k 3 -n -r
done
