#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What fuzzing starts from, and what it has found, through the readers: none of it makes
# them crash, or break what tests/fuzz/targets.c holds against them.
. "${srcdir:-.}/tests/lib.sh"
replay=$top_builddir/tests/fuzz/replay
[ -x "$replay" ] || t_fail "no $replay: run make check"

# fed TARGET FILE...
fed() {
	"$replay" "$@" >"$t_tmp/stdout" 2>"$t_tmp/stderr" || t_fail "$1" "$t_tmp/stderr"
	t_note "$(cat "$t_tmp/stdout")"
}
for target in job number result suite symbols format; do
	fed $target "$top_srcdir/tests/fuzz/corpus/$target"/*
done
fed job "$top_srcdir"/tests/fio/*.job "$top_srcdir"/workloads/*.job "$top_srcdir"/workloads/*/*.job
fed suite "$top_srcdir"/workloads/*.suite

# What can't be fed is no success.
if "$replay" result "$t_tmp/none" >"$t_tmp/stdout" 2>&1; then
	t_fail 'a missing input was passed over'
fi
if "$replay" none "$top_srcdir/tests/fuzz/corpus/number/1" >"$t_tmp/stdout" 2>&1; then
	t_fail 'a target that is none was taken'
fi
