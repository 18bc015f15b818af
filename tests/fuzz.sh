#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make fuzz: libFuzzer on each reader of what others wrote, for FUZZ_RUNS inputs each.
# Starts from tests/fuzz/corpus, and from what ships or is tested; what it finds new stays
# in fuzz.tmp, in the build tree, and what broke something as fuzz.tmp/TARGET/crash-*. An
# input that broke something goes to tests/fuzz/corpus with what mends it.
#
# In the environment: FUZZ (the binary), FUZZ_RUNS, FUZZ_SEED (default 1: the same inputs each
# time), FUZZ_TARGETS. By default all but format: what it reads the kernel wrote, and the
# parser is libtraceevent's, which leaks, and falls, over formats that no kernel has.
set -eu
# The targets go to a folder of their own.
srcdir=$(cd "$srcdir" && pwd)
tmp=$PWD/fuzz.tmp
for target in ${FUZZ_TARGETS:-job number suite result symbols}; do
	max_len=2000 seeds="$srcdir/tests/fuzz/corpus/$target" more=
	case $target in
	job) seeds="$seeds $srcdir/tests/fio $srcdir/workloads" ;;
	suite) seeds="$seeds $srcdir/workloads" ;;
	number) max_len=64 ;;
	result) max_len=12000 ;;
	format) more=-detect_leaks=0 ;;
	esac
	mkdir -p "$tmp/$target"
	# shellcheck disable=SC2086 # words
	FUZZ_TARGET=$target "$FUZZ" -seed="${FUZZ_SEED:-1}" -runs="$FUZZ_RUNS" -max_len=$max_len -timeout=10 $more \
		-artifact_prefix="$tmp/$target/crash-" "$tmp/$target" $seeds \
		>"$tmp/$target.log" 2>&1 || {
		cat "$tmp/$target.log" >&2
		exit 1
	}
	echo "$target: $(grep '^Done' "$tmp/$target.log")"
done
