#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a plot may replace: an older one of the same kind, by its mark, or an empty
# file. Whatever else is there stays as it is, however much it looks like one.
. "${srcdir:-.}/tests/lib.sh"
t_need jq gnuplot gzip od
[ "$top_srcdir" != "$top_builddir" ] || unset DIOWAIT_PLOTS
mkdir "$t_tmp/cwd"
cd "$t_tmp/cwd"
t_watched=$t_tmp/cwd
t_run 0 run -q --format none -o r.json -s ioengine=null -s number_ios=500 \
	-s rounds=2 "$top_srcdir/workloads/mixed.job"

# What a plot of another program's has, with our words in it.
t_run 0 plot -o own.png r.json
head -c 33 own.png >foreign.png
tail -c +67 own.png >>foreign.png
head -c 300 own.png | sed 's/Software/software/' >chunk.png
printf '<?xml version="1.0"?>\n<svg><!-- diowait plot --><text>diowait 0.1.0, %s</text></svg>\n' \
	2026-01-01 >foreign.svg
t_run 0 plot -o own.svg r.json
grep -v '^<!-- diowait plot -->$' own.svg >unmarked.svg
printf 'Notes on diowait\n\ndiowait 0.1.0, 2026-01-01 is what I ran.\n' >notes.txt
t_run 0 plot -o own.txt r.json
{
	printf 'Hello list,\n\nthis is what diowait says:\n\n'
	cat own.txt
} >mail.txt
{
	cat own.txt
	printf '\nIs this a regression?\n'
} >question.txt
sed 's/diowait/fio/' own.txt >renamed.txt
sed '2s/+$//' own.txt >frameless.txt
for file in foreign chunk; do
	t_refused 'is there and is no png plot of diowait' plot -o $file.png r.json
done
for file in foreign unmarked; do
	t_refused 'is there and is no svg plot of diowait' plot -o $file.svg r.json
done
for file in notes mail question renamed frameless; do
	t_refused 'is there and is no txt plot of diowait' plot -o $file.txt r.json
done
mkfifo pipe.svg
t_refused 'is there and is no file' plot -o pipe.svg r.json
# One of ours in another of the three is none of that kind.
cp own.svg svg.png
cp own.png png.txt
t_refused 'is no png plot' plot -o svg.png r.json
t_refused 'is no txt plot' plot -o png.txt r.json

# Our own are replaced, of each type of plot, also twice; and so is an empty file.
for ending in svg png txt; do
	: >"empty.$ending"
	t_run 0 plot -o "empty.$ending" r.json
	t_run 0 plot -o "empty.$ending" r.json
	cp "empty.$ending" first
	t_run 0 plot --times slat -o "empty.$ending" r.json
	cmp -s "empty.$ending" first && t_fail "$ending: not drawn anew"
	t_run 0 plot -t compare -o "empty.$ending" r.json r.json
	t_run 0 plot -t compare -o "empty.$ending" r.json r.json
	t_run 0 plot -o "empty.$ending" r.json
done
# It is the same file as before to others: links, mode, a name that is taken.
ln -s later.svg link.svg
t_run 0 plot -o link.svg r.json
[ -L link.svg ] || t_fail 'a link was replaced by what it leads to'
grep -q '^<!-- diowait plot -->$' later.svg || t_fail 'what a link leads to was not made'
chmod 640 later.svg
t_run 0 plot -o link.svg r.json
[ "$(stat -c %a later.svg)" = 640 ] || t_fail 'the mode is another one'
cat >taken.sh <<'END'
echo precious >"taken.svg.tmp$$"
echo precious >"taken.svg.tmp$$.0"
exec "$@"
END
t_prefix='sh taken.sh'
t_run 0 plot -o taken.svg r.json
t_prefix=
[ "$(cat taken.svg.tmp*)" = "precious
precious" ] || t_fail 'a file with the name of a temporary one was lost'

# A caption is folded where it must be, also between version and date.
for length in 34 36 38 40 42 44; do
	jq --arg name "$(printf '%0*d' $length 0).job" '.workload.name = $name' r.json >named.json
	t_run 0 plot -o named.txt named.json
	t_run 0 plot -o named.txt named.json
	tail -n 2 named.txt | grep -q 'diowait [^ ]*,$' && folded=yes
done
[ -n "${folded:-}" ] || t_fail 'no caption was folded before its date' named.txt

# The chunk in a png has the checksum that readers ask for: gzip's, the other way round.
tail -c +34 own.png | head -c 33 >chunk
[ "$(head -c 4 chunk | od -An -tx1 | tr -d ' ')" = 00000015 ] || t_fail 'length of the chunk'
[ "$(tail -c +5 chunk | head -c 12)" = tEXtSoftware ] || t_fail 'type of the chunk'
want=$(tail -c +5 chunk | head -c 25 | gzip -nc | tail -c 8 | head -c 4 | od -An -tx1)
# shellcheck disable=SC2086 # words
set -- $want
[ "$(tail -c 4 chunk | od -An -tx1 | tr -d ' ')" = "$4$3$2$1" ] || t_fail 'checksum of the chunk'
# A second look after the last one: IHDR of a png is where we think it is.
[ "$(head -c 16 own.png | tail -c 4)" = IHDR ] || t_fail 'no IHDR'
