# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The prelude of every shell test: . "${srcdir:-.}/tests/lib.sh"
#
# A test runs in the build tree's top folder, as automake starts it, and ends
# with 0 (passed), 77 (t_skip REASON, t_missing REASON) or anything else (t_fail
# MESSAGE). After the prelude:
#	$DIOWAIT	the binary, absolute
#	$top_srcdir	the source tree, absolute
#	$t_tmp		a folder of the test's own, in the build tree, removed
#			when the test ends
# Inside with-loop.sh and with-fuse.sh also $MNT, and $t_tmp vanishes with it.
set -eu
LC_ALL=C
export LC_ALL
unset DIOWAIT_DIRECTORY 2>/dev/null || :

top_srcdir=$(cd "${srcdir:-.}" && pwd)
top_builddir=${abs_top_builddir:-$(pwd)}
DIOWAIT=${DIOWAIT:-$top_builddir/src/diowait}
DIOWAIT_PLOTS=$top_srcdir/plots
DIOWAIT_STRESS=$top_srcdir/workloads/stress
DIOWAIT_WORKLOADS=$top_srcdir/workloads
export top_srcdir top_builddir DIOWAIT DIOWAIT_PLOTS DIOWAIT_STRESS DIOWAIT_WORKLOADS
t_name=$(basename "$0")

t_note() {
	echo "$t_name: $*"
}

# What this build can't show, on any machine.
t_skip() {
	t_note "SKIP: $*" >&2
	exit 77
}

# What this machine lacks: a failure where T_COMPLETE says that it has all.
t_missing() {
	[ -z "${T_COMPLETE:-}" ] || t_fail "$*"
	t_skip "$*"
}

# With a second argument: a file to show.
t_fail() {
	# What failed stands last, where whoever is shown only the end of a log sees it.
	if [ -n "${2:-}" ] && [ -e "$2" ]; then
		sed 's/^/  | /' "$2" >&2
	fi
	t_note "FAIL: $1" >&2
	exit 1
}

t_need() {
	for t_command; do
		command -v "$t_command" >/dev/null || t_missing "no $t_command here"
	done
}

t_need_root() {
	[ "$(id -u)" -eq 0 ] || t_missing 'needs root'
}

# Calls its arguments when the test ends, however it ends; the last one first.
t_at_exit() {
	t_exit_command="$*${t_exit_command:+; $t_exit_command}"
}

# Called by trap.
# shellcheck disable=SC2317
t_end() {
	t_status=$?
	trap - EXIT
	set +e
	eval "${t_exit_command:-:}"
	rm -rf "$t_tmp"
	exit $t_status
}

mkdir -p "$top_builddir/tests"
t_tmp=$(mktemp -d "${T_PRIVATE:-$top_builddir/tests}/tmp.XXXXXX")
trap t_end EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# All tests share the lock. What compares times waits until those before it have ended, and
# then lets go of it: in Makefile.am no shell test that does not compare times is behind it.
exec 7>>"$top_builddir/tests/timing.lock"
flock -s 7

# To be called before the first measurement: from here on none runs that has called it, no
# unit test, and no other test but those of t_device_lock.
t_timing_lock() {
	t_device_lock
	exec 8>>"$top_builddir/tests/alone.lock"
	flock -x 8
}

# The same where all times are those of the tests' device, a hundred times what a processor
# takes: others may run beside it that compare times.
t_device_lock() {
	flock -x 7
	exec 8>>"$top_builddir/tests/timed.lock"
	flock -s 8
	exec 7>&8 8>&-
}

# A command that t_run starts diowait through.
t_prefix=

# t_run STATUS ARGUMENT...: runs diowait, which has to end with STATUS. Its
# output is in $t_tmp/stdout and $t_tmp/stderr. Nobody inherits the lock. One that
# hangs ends after five minutes, with 124.
t_run() {
	t_want=$1
	shift
	t_got=0
	# shellcheck disable=SC2086 # words
	timeout --foreground -k 5 300 $t_prefix "$DIOWAIT" "$@" >"$t_tmp/stdout" 2>"$t_tmp/stderr" \
		</dev/null 7>&- 8>&- || t_got=$?
	if [ "$t_got" -ne "$t_want" ]; then
		sed 's/^/  > /' "$t_tmp/stdout" >&2
		t_fail "exit $t_got, not $t_want: diowait $*" "$t_tmp/stderr"
	fi
}

# The folder that a refused run must not touch; each test sets its own.
t_watched=

# t_refused PATTERN ARGUMENT...: diowait has to end with 1, to print nothing but
# one line on standard error that matches each of the patterns in PATTERN (one a
# line, grep -E), and to leave everything below $t_watched as it was.
t_refused() {
	t_patterns=$1
	shift
	t_list "$t_watched" >"$t_tmp/before"
	t_run 1 "$@"
	t_list "$t_watched" >"$t_tmp/after"
	[ ! -s "$t_tmp/stdout" ] ||
		t_fail "a refusal printed to standard output: diowait $*" "$t_tmp/stdout"
	[ "$(wc -l <"$t_tmp/stderr")" -eq 1 ] ||
		t_fail "not one line on standard error: diowait $*" "$t_tmp/stderr"
	echo "$t_patterns" | while IFS= read -r t_pattern; do
		grep -E -q -e "$t_pattern" "$t_tmp/stderr" ||
			t_fail "the message has no '$t_pattern': diowait $*" "$t_tmp/stderr"
	done
	diff "$t_tmp/before" "$t_tmp/after" >"$t_tmp/diff" ||
		t_fail "files were touched: diowait $*" "$t_tmp/diff"
	t_note "refused: $(cat "$t_tmp/stderr")"
}

# Every file below $1 with what a touched one would show: size, inode, times (not
# a folder's: what direct I/O there needs may be tried on a file without a name).
t_list() {
	find "$1" -type d -printf '%p %y %i %m\n' -o -printf '%p %y %s %i %m %T@ %C@\n' | sort
}

# t_json FILE FILTER WHAT [JQ-ARGUMENT]...: the jq filter has to be true.
t_json() {
	t_file=$1 t_filter=$2 t_what=$3
	shift 3
	jq -e "$@" "$t_filter" "$t_file" >"$t_tmp/jq" 2>&1 || {
		jq '{interrupted, growth, kinds: [.variants[].kinds[] |
			{kind, engine, ops, bytes, short, errors, paths,
			slat_ns: (.slat_ns.percentile? // null),
			lat_ns: (.lat_ns.percentile? // null)}]}' "$t_file" \
			>"$t_tmp/digest" 2>&1 || cp "$t_file" "$t_tmp/digest"
		t_fail "$t_what: $t_filter: $(cat "$t_tmp/jq")" "$t_tmp/digest"
	}
}

# The report of t_run: 72 bytes a line at most, ASCII.
t_report_fits() {
	[ -s "$t_tmp/stdout" ] || t_fail 'no report on standard output'
	# A command that is to be pasted is not folded.
	if grep -n -E '^.{73}' "$t_tmp/stdout" | grep -v '^[0-9]*:   again: ' >"$t_tmp/wide"; then
		t_fail 'lines of more than 72 bytes in the report' "$t_tmp/wide"
	fi
	if grep -n '[^ -~]' "$t_tmp/stdout" >"$t_tmp/wide"; then
		t_fail 'bytes that are not ASCII in the report' "$t_tmp/wide"
	fi
}

# Waits until the command is true, for at most $1 seconds.
t_wait_for() {
	t_left=$(($1 * 20))
	shift
	until "$@"; do
		[ $t_left -gt 0 ] || return 1
		t_left=$((t_left - 1))
		sleep 0.05
	done
}

# t_start ARGUMENT...: starts diowait in the background, its process is $t_pid,
# its output as with t_run. Its parent never asks for its status, so that
# t_ended can tell a signal from an exit code, which a shell's wait can't.
# SIGINT is set to its default: a shell has it ignored in what it starts with &.
t_start() {
	t_pid=
	rm -f "$t_tmp/pid"
	sh -c 'tmp=$1; shift
		env --default-signal=INT,QUIT "$@" >"$tmp/stdout" 2>"$tmp/stderr" &
		echo $! >"$tmp/pid.new"
		mv "$tmp/pid.new" "$tmp/pid"
		exec sleep 600' sh "$t_tmp" "$DIOWAIT" "$@" </dev/null 7>&- 8>&- &
	t_parent=$!
	t_at_exit t_stop
	t_wait_for 10 test -s "$t_tmp/pid" || t_fail 'diowait did not start'
	t_pid=$(cat "$t_tmp/pid")
}

# t_is_zombie PID: a leader is one before its threads have let go of their files.
t_is_zombie() {
	[ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -eq 1 ] &&
		# The name, in parentheses, may hold anything.
		sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | grep -q '^Z'
}

# t_gone "PID...": nothing is left of them but their names: no thread.
t_gone() {
	for t_child in $1; do
		[ ! -e "/proc/$t_child" ] || t_is_zombie "$t_child" || return 1
	done
}

# t_ended SECONDS: waits for what t_start has started. Sets t_got to its wait
# status: a signal's number, or 256 times its exit code.
t_ended() {
	t_wait_for "$1" t_is_zombie "$t_pid" || t_fail "diowait goes on after $1 s" "$t_tmp/stderr"
	t_got=$(sed 's/.*) //' "/proc/$t_pid/stat" | cut -d ' ' -f 50)
	t_stop
}

# Ends what t_start has started, if that has not been done.
t_stop() {
	[ -z "${t_pid:-}" ] || kill -9 "$t_pid" 2>/dev/null || :
	t_pid=
	[ -n "${t_parent:-}" ] || return 0
	kill "$t_parent" 2>/dev/null || :
	wait "$t_parent" 2>/dev/null || :
	t_parent=
}

# Whether folder $1 holds a scratch directory of diowait.
t_has_scratch() {
	[ -n "$(find "$1" -maxdepth 1 -name 'diowait.scratch.*')" ]
}

# t_percentile FILE KIND TIMES P: e.g. t_percentile r.json append slat_ns 50.
t_percentile() {
	jq -r --arg kind "$2" --arg times "$3" --arg p "$4.000000" \
		'[.variants[].kinds[] | select(.kind == $kind)][0][$times].percentile[$p]' "$1"
}
