#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of the manual pages work: every literal block behind a line
# '.\" example: run' is a workload file that `diowait run --check` takes, and every
# command line behind '.\" example: shell' ends with 0, in a folder with a small
# mixed.job. Marks that nothing follows are errors.
# shellcheck source=tests/lib.sh
. "${srcdir:-.}/tests/lib.sh"

mkdir "$t_tmp/bin" "$t_tmp/examples" "$t_tmp/shell"
ln -s "$DIOWAIT" "$t_tmp/bin/diowait"
PATH=$t_tmp/bin:$PATH
export PATH

# What the shell examples find: the mixed.job of the pages, but small.
cat >"$t_tmp/mixed.job" <<'END'
[global]
ioengine=libaio
direct=1
bs=4k
iodepth=16
size=1m
number_ios=200
rounds=2

[mixed]
mix=overwrite:70,append:30
END

# extract PAGE: the marked examples into examples/PAGE.LINE.KIND.
extract() {
	awk -v prefix="$t_tmp/examples/$(basename "$1")." '
	function fail(what) {
		print FILENAME ":" mark ": " what
		failed = 1
		exit 1
	}
	function text(line) {
		gsub(/\\&/, "", line)
		gsub(/\\-/, "-", line)
		gsub(/\\e/, "\\", line)
		return line
	}
	/^\.\\" example: / {
		if (out)
			fail("a mark without an example")
		mark = NR
		if ($3 != "run" && $3 != "shell")
			fail("neither example: run nor example: shell")
		out = prefix NR "." $3
		inside = 0
		next
	}
	!out { next }
	inside && /^\.Ed/ { close(out); out = ""; next }
	inside && /^\./ { fail("a macro inside the example: " $0) }
	inside { print text($0) >out; next }
	/^\.Bd -literal/ { inside = 1; printf "" >out; next }
	/^\.Dl / { print text(substr($0, 5)) >out; close(out); out = ""; next }
	{ fail("neither .Bd -literal nor .Dl behind the mark") }
	END { if (out && !failed) fail("an example without an end") }' "$1"
}

for page in "$top_srcdir"/man/*.[1-9]; do
	extract "$page" >"$t_tmp/extract" || t_fail "$(cat "$t_tmp/extract")"
done

# Switched off here, it says nothing about the pages.
io_uring=yes
(cd "$t_tmp" && diowait run -q --format none -s ioengine=io_uring mixed.job) \
	>"$t_tmp/log" 2>&1 7>&- </dev/null || io_uring=no
grep -q 'ioengine=io_uring: ' "$t_tmp/log" || io_uring=yes

gnuplot=yes
command -v gnuplot >/dev/null || gnuplot=no

nr=0
for example in "$t_tmp"/examples/*; do
	[ -e "$example" ] || t_fail 'no examples in any page'
	name=$(basename "$example")
	[ -s "$example" ] || t_fail "$name is empty"
	case $example in
	*.run)
		t_run 0 run --check "$example"
		[ -s "$t_tmp/stdout" ] || t_fail "$name: --check printed nothing"
		;;
	*.shell)
		if [ $io_uring = no ] && grep -q io_uring "$example"; then
			t_note "not run, io_uring is refused here: $name"
			continue
		fi
		if [ $gnuplot = no ] && grep -q 'diowait plot' "$example"; then
			t_note "not run, there is no gnuplot here: $name"
			continue
		fi
		# A line without diowait would show no more than that it was forgotten.
		sed 's/^\$ //' "$example" >"$t_tmp/shell/$name"
		if grep -v '^diowait ' "$t_tmp/shell/$name" >"$t_tmp/log"; then
			t_fail "$name: a line does not start with diowait" "$t_tmp/log"
		fi
		;;
	esac
	nr=$((nr + 1))
done

# Four at a time, each in a folder of its own: a probe takes as long as it takes. What
# fails leaves a file "failed" there.
cat >"$t_tmp/try" <<'END'
mkdir "$1.cwd" "$1.cwd/data" && cp mixed.job "$1.cwd" && cd "$1.cwd" &&
	sh -eu "$1" >log 2>&1 </dev/null || : >failed
END
(
	cd "$t_tmp"
	printf '%s\n' "$t_tmp"/shell/*.shell | xargs -n 1 -P 4 sh "$t_tmp/try" 7>&-
)
for script in "$t_tmp"/shell/*.shell; do
	name=$(basename "$script")
	[ -e "$script.cwd/log" ] || t_fail "$name was not run"
	[ ! -e "$script.cwd/failed" ] || t_fail "$name: $(cat "$script")" "$script.cwd/log"
	if t_has_scratch "$script.cwd" || t_has_scratch "$script.cwd/data"; then
		t_fail "$name left a scratch directory"
	fi
done
t_note "$nr examples"
