#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may include whom (ARCHITECTURE.md), who includes the headers of others, who
# prints, who reads a clock: as src/ is, and in copies of it in which each rule is
# broken once, so that the checks themselves are known to work.
. "${srcdir:-.}/tests/lib.sh"

# Folders or headers that each folder, or file, of src/ may include; the first
# line that matches counts. The evidence and the verifier see of load its record
# only, and the engines know no target, no clock and no statistics.
cat >"$t_tmp/rules" <<'END'
main.c cmd
cmd/ cmd experiment workload result
experiment/ experiment load evidence verify result workload stats
evidence/ evidence load/op.h stats
verify/ verify load/op.h
load/op.h workload/kind.h
load/engine load/engine.h load/op.h workload
load/ load workload stats
result/ result stats
workload/ workload
stats/ stats
END

# What needs no library of its own, beside linux/ and sys/.
standard='assert ctype dirent elf endian errno fcntl float fnmatch getopt glob
	inttypes langinfo libgen limits link locale malloc math mntent poll pthread
	sched semaphore setjmp signal spawn stdalign stdarg stdatomic stdbool stddef
	stdint stdio stdlib string strings syscall termios time unistd wchar'

# sources: every C file below the current folder.
sources() {
	find . -name '*.[ch]' | sed 's|^\./||' | sort
}

# includes: "file header" of each include, quotes or brackets kept.
includes() {
	sources | xargs awk '
		/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]/ {
			sub(/^[[:space:]]*#[[:space:]]*include[[:space:]]*/, "")
			sub(/[>"][^>"]*$/, substr($0, 1, 1) == "<" ? ">" : "\"")
			print FILENAME " " $0
		}'
}

check_directions() {
	awk '
		NR == FNR { rule[++nr] = $1; $1 = ""; allowed[nr] = $0 " "; next }
		$2 ~ /^</ { next }
		{
			gsub(/"/, "", $2)
			folder = $2
			sub(/\/.*/, "", folder)
			for (i = 1; i <= nr && index($1, rule[i]) != 1; i++)
				;
			if (i > nr)
				print $1 ": no rule says what it may include"
			else if (!index(allowed[i], " " folder " ") &&
				 !index(allowed[i], " " $2 " "))
				print $1 " must not include " $2
		}' "$t_tmp/rules" "$t_tmp/includes"
}

check_third_party() {
	awk -v standard="$standard" '
		BEGIN {
			split(standard, name)
			for (i in name)
				known["<" name[i] ".h>"] = 1
		}
		$2 !~ /^</ || $2 in known || $2 ~ /^<(linux|sys)\// { next }
		$1 ~ /\.h$/ { print $1 ": a header includes " $2; next }
		by[$2]++ { print $1 " includes " $2 ", and " first[$2] " does"; next }
		{ first[$2] = $1 }' "$t_tmp/includes"
}

# code: "file:line:text" of all sources, without comments and without what stands
# in quotes.
code() {
	sources | xargs awk '
		FNR == 1 { inside = 0 }
		{
			gsub(/\\["\\]/, "")
			gsub(/"[^"]*"/, "\"\"")
			line = ""
			while ($0 != "") {
				at = index($0, inside ? "*/" : "/*")
				if (!inside)
					line = line (at ? substr($0, 1, at - 1) : $0)
				$0 = at ? substr($0, at + 2) : ""
				if (at)
					inside = !inside
			}
			sub(/\/\/.*/, "", line)
			print FILENAME ":" FNR ":" line
		}'
}

check_printing() {
	grep -v -e '^cmd/' -e '^main\.c:' "$t_tmp/code" |
		grep -E '(^|[^[:alnum:]_])(v?printf|v?dprintf|puts|putchar|perror|v?errx?|v?warnx?|v?syslog)[[:space:]]*\(|(^|[^[:alnum:]_])(stdout|stderr|STD(OUT|ERR)_FILENO)([^[:alnum:]_]|$)' |
		sed 's/$/ -- only src\/cmd prints/'
}

check_clocks() {
	grep '^load/engine' "$t_tmp/code" |
		grep -E '(clock_gettime|gettimeofday|driver_now_ns|rdtscp?)[[:space:]]*\(' |
		sed 's/$/ -- engines read no clock/'
}

check_all() {
	includes >"$t_tmp/includes"
	code >"$t_tmp/code"
	check_directions
	check_third_party
	check_printing
	check_clocks
}

cd "$top_srcdir/src"
[ "$(sources | wc -l)" -gt 30 ] || t_fail "no sources in $top_srcdir/src"
check_all >"$t_tmp/found"
for header in liburing.h libaio.h event-parse.h jansson.h sha256.h xxhash.h; do
	[ "$(grep -c " <$header>\$" "$t_tmp/includes")" -eq 1 ] ||
		t_fail "not exactly one file includes $header" "$t_tmp/includes"
done
[ ! -s "$t_tmp/found" ] || t_fail 'src/ breaks its rules' "$t_tmp/found"

# broken FILE LINE WORDS: with LINE at its end FILE is found out, and only it.
broken() {
	mkdir -p "$(dirname "$1")"
	rm -f "$t_tmp/was"
	[ ! -e "$1" ] || cp "$1" "$t_tmp/was"
	printf '%s\n' "$2" >>"$1"
	check_all >"$t_tmp/found"
	if [ "$(wc -l <"$t_tmp/found")" -ne 1 ] || ! grep -qF "$1" "$t_tmp/found" ||
		! grep -qF "$3" "$t_tmp/found"; then
		t_fail "'$2' in $1 is not what was found" "$t_tmp/found"
	fi
	rm "$1"
	[ ! -e "$t_tmp/was" ] || cp "$t_tmp/was" "$1"
	nr=$((nr + 1))
}

cp -R "$top_srcdir/src" "$t_tmp/src"
chmod -R u+w "$t_tmp/src"
cd "$t_tmp/src"
nr=0
broken main.c '#include "experiment/experiment.h"' 'must not include'
broken cmd/run.c '#include "load/driver.h"' 'must not include'
broken cmd/run.c '#include "stats/hist.h"' 'must not include'
broken experiment/setup.c '#include "cmd/cmd.h"' 'must not include'
broken evidence/rusage.c '#include "load/driver.h"' 'must not include'
broken evidence/rusage.h '  #  include "load/target.h"' 'must not include'
broken verify/ledger.c '#include "load/target.h"' 'must not include'
broken load/op.h '#include "load/driver.h"' 'must not include'
broken load/engine_null.c '#include "load/target.h"' 'must not include'
broken load/engine_null.c '#include "stats/hist.h"' 'must not include'
broken load/driver.c '#include "evidence/rusage.h"' 'must not include'
broken load/target.c '#include "result/result.h"' 'must not include'
broken result/report.c '#include "workload/kind.h"' 'must not include'
broken result/doc.c '#include "load/op.h"' 'must not include'
broken workload/kind.c '#include "stats/hist.h"' 'must not include'
broken stats/hist.c '#include "workload/units.h"' 'must not include'
broken stats/hist.c '#include "hist.h"' 'must not include'
broken new/new.c '#include "stats/hist.h"' 'no rule'
broken result/report.c '#include <jansson.h>' 'result/doc.c'
broken result/result.h '#include <jansson.h>' 'a header includes'
broken load/driver_setup.c '#include <liburing.h>' 'load/engine_io_uring.c'
broken load/plan.c '#include <libaio.h>' 'load/engine_libaio.c'
broken stats/hist.c '#include <sha256.h>' 'workload/identity.c'
broken evidence/events.c '#include <event-parse.h>' 'evidence/tracefs.c'
broken verify/verify.c '#include <xxhash.h>' 'verify/stamp.c'
broken load/engine.h '#include <libaio.h>' 'a header includes'
broken load/driver.c 'static void f(void) { printf("x"); }' 'only src/cmd prints'
broken result/report.c 'static void f(void) { fprintf(stderr, "x"); }' 'only src/cmd prints'
broken stats/hist.c 'static void f(void) { /* a */ puts("x"); }' 'only src/cmd prints'
broken workload/kind.c 'static void f(void) { perror("x"); }' 'only src/cmd prints'
broken load/engine_libaio.c 'static void f(void) { clock_gettime(0, 0); }' 'no clock'
cd "$top_builddir"
t_note "$(wc -l <"$t_tmp/includes") includes are in order; $nr broken ones were found"
