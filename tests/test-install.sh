#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install puts everything where it belongs, below DESTDIR and nowhere else; what is
# installed works without the source tree; make uninstall leaves no file behind.
. "${srcdir:-.}/tests/lib.sh"
unset DIOWAIT_PLOTS DIOWAIT_STRESS DIOWAIT_WORKLOADS MAKEFLAGS MFLAGS MAKELEVEL
prefix=$(sed -n 's/^prefix = //p' "$top_builddir/Makefile")
dest=$t_tmp/dest

# quiet COMMAND...
quiet() {
	"$@" >"$t_tmp/out" 2>&1 </dev/null 7>&- || t_fail "$*" "$t_tmp/out"
}

quiet make -C "$top_builddir" install DESTDIR="$dest"
at=$dest$prefix
data=$at/share/diowait
[ -x "$at/bin/diowait" ] || t_fail "no $at/bin/diowait"
cd "$top_srcdir"
nr=0
for file in man/*.[1-9] plots/*.gp workloads/*.job workloads/stress/*.job \
	workloads/stress/crash/*.job; do
	case $file in
	man/*) to=$at/share/man/man${file##*.}/${file#man/} ;;
	plots/*) to=$data/$file ;;
	workloads/stress/*) to=$data/${file#workloads/} ;;
	*) to=$data/$file ;;
	esac
	cmp -s "$file" "$to" || t_fail "$file is not installed as $to"
	nr=$((nr + 1))
done
if grep -q '^nodist_bashcompletion_DATA' "$top_builddir/Makefile"; then
	completion=$(find "$dest" -path '*/completions/diowait')
	"$DIOWAIT" --completion | cmp - "$completion" || t_fail 'another completion'
fi
[ -z "$(find "$dest" -type f ! -path "$at/*")" ] || t_fail "files outside of $prefix"
t_note "$nr files are where they belong"

# At its real place, in a mount namespace of its own.
if [ "$(id -u)" -eq 0 ] && [ -d "$prefix" ]; then
	mkdir "$t_tmp/clean"
	cd "$t_tmp/clean"
	# shellcheck disable=SC2016 # of the inner shell
	quiet unshare -m --propagation private sh -euc '
		mount --bind "$1" "$2"
		"$2/bin/diowait" run -q -s ioengine=null -s number_ios=500 -r 2 mixed.job
		"$2/bin/diowait" export -f fio-json >fio.json
		"$2/bin/diowait" stress --list >scenarios
		if command -v gnuplot >/dev/null; then
			"$2/bin/diowait" plot -o spectrum.txt
		fi' sh "$at" "$prefix"
	for file in diowait.json fio.json scenarios; do
		[ -s $file ] || t_fail "the installed program left no $file"
	done
	[ ! -e "$prefix/share/diowait" ] || t_note "$prefix has a diowait of its own"
	cd "$top_builddir"
else
	t_note "not run: that takes root, and $prefix"
fi

quiet make -C "$top_builddir" uninstall DESTDIR="$dest"
find "$dest" ! -type d >"$t_tmp/left"
[ ! -s "$t_tmp/left" ] || t_fail 'make uninstall leaves files behind' "$t_tmp/left"
