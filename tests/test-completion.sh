#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The completion for bash, as bash uses it: commands, options, keys and their values are
# those of the help and of the option table, no more and no less; files and directories
# stand where they belong, whatever their names are.
. "${srcdir:-.}/tests/lib.sh"
t_need bash
"$DIOWAIT" --completion >"$t_tmp/diowait.bash" || t_fail 'no completion'

cat >"$t_tmp/complete.bash" <<'END'
set -u
. "$1/diowait.bash"
complete -p diowait | grep -q -e '-F _diowait diowait$' || exit 3
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMPREPLY=()
_diowait diowait "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
END

# words WORD...: what completes the last of them, sorted; bash divides words at '='.
words() {
	bash --norc --noprofile "$t_tmp/complete.bash" "$t_tmp" diowait "$@" \
		>"$t_tmp/words.new" 2>"$t_tmp/stderr" || t_fail "completion of: $*" "$t_tmp/stderr"
	[ ! -s "$t_tmp/stderr" ] || t_fail "completion of: $*" "$t_tmp/stderr"
	sort "$t_tmp/words.new" >"$t_tmp/words"
	nr=$((nr + 1))
}
nr=0

# are EXPECTED...: exactly these, in any order.
are() {
	[ $# -eq 0 ] || printf '%s\n' "$@" | sort >"$t_tmp/want"
	[ $# -gt 0 ] || : >"$t_tmp/want"
	diff -u "$t_tmp/want" "$t_tmp/words" >"$t_tmp/diff" ||
		t_fail "not what completes it (-), but (+)" "$t_tmp/diff"
}

"$DIOWAIT" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' >"$t_tmp/commands"
[ "$(wc -l <"$t_tmp/commands")" -ge 6 ] || t_fail 'the help has no commands'
words ''
# shellcheck disable=SC2046 # words
are $(cat "$t_tmp/commands") help --help --version
words comp
are compare
words help st
are stress
words help stress ''
are

# What the help of each command explains.
while read -r command; do
	"$DIOWAIT" "$command" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' |
		grep -oE -e '--[a-z-]+' | sort -u >"$t_tmp/help"
	words "$command" --
	sed 's/=$//' "$t_tmp/words" | sort >"$t_tmp/offered"
	diff -u "$t_tmp/help" "$t_tmp/offered" >"$t_tmp/diff" ||
		t_fail "the help of $command (-) and its completion (+)" "$t_tmp/diff"
	# Each short one is an option; nothing is run, because of the other that is none.
	words "$command" -
	grep -xE -e '-[a-zA-Z]' "$t_tmp/words" | grep -vx -e -h -e -V >"$t_tmp/short" || :
	while read -r option; do
		t_run 1 "$command" "$option" x --no-such
		! grep -q -e "unknown option '$option'" "$t_tmp/stderr" ||
			t_fail "$command has no $option" "$t_tmp/stderr"
	done <"$t_tmp/short"
done <"$t_tmp/commands"

# Keys, and the values of those that have words.
words run -s ''
sed 's/=$//' "$t_tmp/words" >"$t_tmp/keys"
"$DIOWAIT" run --help-keys | cut -f 1 | sort | diff -u - "$t_tmp/keys" >"$t_tmp/diff" ||
	t_fail 'the option table (-) and the completion of -s (+)' "$t_tmp/diff"
words plot --x ''
diff -u "$t_tmp/keys" "$t_tmp/words" >"$t_tmp/diff" ||
	t_fail 'the option table (-) and the completion of --x (+)' "$t_tmp/diff"
words run -s ioengine = ''
are libaio io_uring null
words run --sweep extend_wait = o
are own
words stress --set readwrite = r
are randread randrw randwrite read readwrite rw
words run -s bs = ''
are

words export -f ''
are fio-json csv hgrm prometheus ktap junit gobench
words export --format = j
are junit
words export -f csv -k appe
are append append-prealloc
words plot -t s
are spectrum sweep
words plot --times ''
are slat clat lat victim resp
words stress --format k
are ktap
words stress --crash = x
are xfs
words run --why = ''
are full
words compare --base ''
are

mkdir "$t_tmp/cwd"
cd "$t_tmp/cwd"
mkdir folder
: >'file with blanks.job'
# shellcheck disable=SC2016 # as it is
: >'$(touch x); `y`.job'
words run f
are folder 'file with blanks.job'
# shellcheck disable=SC2016
words run '$'
# shellcheck disable=SC2016
are '$(touch x); `y`.job'
words run -d ''
are folder
words export -f csv fo
are folder
# A value that may be left out is no word of its own.
words stress --crash fo
are folder
words run -o f
are folder 'file with blanks.job'
[ "$(find . -mindepth 1 | wc -l)" -eq 3 ] || t_fail 'completion made files'
t_note "$nr words were completed"
