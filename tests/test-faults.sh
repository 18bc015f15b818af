#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each fault that slowfs can plant: what is seen without it, with it, and when it has
# healed; and that its log names the place.
[ -n "${T_PRIVATE:-}" ] || exec "$(dirname "$0")/with-fuse.sh" --fault-every=1 "$0"
. "${srcdir:-.}/tests/lib.sh"
poke=$top_builddir/tests/fuse/poke
file=$MNT/file
heal_ms=200
t_device_lock

# seen WANT WORD...: on a new file, poke has to print WANT (lines joined by ";").
seen() {
	want=$1
	shift
	rm -f "$file"
	logged=$(wc -l <"$SLOWFS_FAULT_LOG")
	timeout -s KILL 20 "$poke" "$file" "$@" >"$t_tmp/out" 2>&1 || t_fail "poke $*" "$t_tmp/out"
	got=$(paste -s -d ';' "$t_tmp/out")
	[ "$got" = "$want" ] || t_fail "poke $*
	prints $got
	not    $want" "$SLOWFS_FAULT_LOG"
}

# logs WANT: the log has got these places, "OFFSET LENGTH" joined by ";", and no others.
# All are of the fault, the file's inode, and last or end as they have to.
logs() {
	tail -n +$((logged + 1)) "$SLOWFS_FAULT_LOG" >"$t_tmp/log"
	got=$(awk '{ print $4, $5 }' "$t_tmp/log" | paste -s -d ';')
	[ "$got" = "$1" ] || t_fail "$fault: the log has places $got, not $1" "$t_tmp/log"
	awk -v fault="$fault" -v ino="$(stat -c %i "$file")" -v heal="$heal" '
		$2 != fault || $3 != ino { exit 1 }
		heal ? $6 !~ /^until=[0-9]+$/ || substr($6, 7) + 0 > $1 + heal * 1e6 : $6 != "lasting" {
			exit 1
		}' "$t_tmp/log" || t_fail "$fault: a line of the log is wrong" "$t_tmp/log"
}

# both FAULT CLEAN WRONG HEALED PLACES BEFORE -- WRITE -- LOOK: three runs.
# BEFORE, WRITE and LOOK are words of poke.
both() {
	fault=$1 clean=$2 faulty=$3 healed=$4 places=$5
	shift 5
	before=$1 write=$2 look=$3
	# shellcheck disable=SC2086 # words
	{
		heal=0
		seen "$clean" =fault=none =fault-heal-ms=0 $before $write $look
		logs ''
		seen "$faulty" $before "=fault=$fault" $write =fault=none $look t20 $look
		logs "$places"
		[ "$healed" != never ] || return 0
		heal=$heal_ms
		seen "$healed" "=fault-heal-ms=$heal_ms" $before "=fault=$fault" $write \
			=fault=none $look "t$((heal_ms + 20))" $look =fault-heal-ms=0
		logs "$places"
	}
}

# data FAULT WRONG RIGHT PLACES BEFORE WRITE LOOK: faults that a look shows.
data() {
	both "$1" "$3" "$2;$2" "$2;$3" "$4" "$5" "$6" "$7"
}

three='w0,4096,A w4096,4096,B w8192,4096,C'
data lost 'r A4096 B4096 C4096' 'r A4096 X4096 C4096' '4096 4096' \
	"$three" w4096,4096,X r0,12288
data lost 'r A4096 B4096 C4096 .4096' 'r A4096 B4096 C4096 X4096' '12288 4096' \
	"$three" w12288,4096,X r0,16384
data torn 'r A4096 X2048 B2048 C4096' 'r A4096 X4096 C4096' '6144 2048' \
	"$three" w4096,4096,X r0,12288
data torn 'r X512 A3584' 'r X1536 A2560' '512 1024' w0,4096,A w0,1536,X r0,4096
data misdirected 'r A4096 B4096 X4096' 'r A4096 X4096 C4096' '4096 4096;8192 4096' \
	"$three" w4096,4096,X r0,12288
data misdirected 'r A4096 X4096 C4096' 'r A4096 B4096 X4096' '8192 4096;4096 4096' \
	"$three" w8192,4096,X r0,12288
data zeros 'r A4096 .4096 C4096' 'r A4096 X4096 C4096' '4096 4096' \
	"$three" w4096,4096,X r0,12288
data garbage 'r random4096 X4096' 'r A4096 X4096' '0 4096' \
	'w0,4096,A w4096,4096,B' w4096,4096,X r0,8192
data neighbour 'r A4096 X4096 .4096' 'r A4096 X4096 C4096' '8192 4096' \
	"$three" w4096,4096,X r0,12288
data neighbour 'r A4096 .4096 X4096' 'r A4096 B4096 X4096' '4096 4096' \
	"$three" w8192,4096,X r0,12288
data swapped 'r A4096 X4096 C4096' 'r A4096 C4096 X4096' '8192 4096;4096 4096' \
	'w0,4096,A' 'w4096,4096,C w8192,4096,X' r0,12288

# One byte of X, one bit off.
fault=bitflip
for heal in 0 $heal_ms; do
	rm -f "$file"
	logged=$(wc -l <"$SLOWFS_FAULT_LOG")
	"$poke" "$file" "=fault-heal-ms=$heal" w0,4096,B "=fault=$fault" w0,4096,X \
		=fault=none r0,4096 "t$((heal + 20))" r0,4096 =fault-heal-ms=0 >"$t_tmp/out"
	at=$(tail -n 1 "$SLOWFS_FAULT_LOG" | cut -d ' ' -f 4)
	logs "$at 1"
	awk -v at="$at" -v heal="$heal" '
		function flipped(line) {
			sub(/^r/, "", line)
			if (at > 0 && !sub("^ X" at, "", line))
				return 0
			if (at < 4095 && !sub(" X" 4095 - at "$", "", line))
				return 0
			return line ~ /^ [^X]1$/
		}
		NR == 1 && !flipped($0) { bad = 1 }
		NR == 2 && (heal > 0 ? $0 != "r X4096" : !flipped($0)) { bad = 1 }
		END { exit bad || NR != 2 }' "$t_tmp/out" || t_fail "$fault at $at" "$t_tmp/out"
done

# An extending write: the data of the write before.
fault=stale-extension
heal=0
seen 'r Z512 A3584 Z4096;s 8192 8192' w0,4096,A =fault=$fault w0,512,Z w4096,4096,X \
	=fault=none r0,8192 s
logs '4096 4096'
# While it is under way, and the size is raised; not once it is answered.
heal=$((3 * heal_ms))
seen 's 4096 4096;s 8192 8192;r Z512 A3584 Z4096;n Z512 A3584 Z4096;- done;r Z512 A3584 X4096;s 8192 8192' \
	w0,4096,A =fault=$fault w0,512,Z s "=fault-heal-ms=$heal" +4096,4096,X \
	s r0,8192 n0,8192 - r0,8192 s =fault=none =fault-heal-ms=0
logs '4096 4096'

two='w0,4096,A w4096,4096,B'
for w in w a; do
	both size-late 's 12288 12288;r X4096' \
		's 8192 8192;r nothing;s 8192 8192;r nothing' \
		's 8192 8192;r nothing;s 12288 12288;r X4096' '8192 4096' \
		"$two" ${w}8192,4096,X 's r8192,4096'
	# What a read by AIO gets depends on the kernel's own i_size, too.
	both size-back 's 12288 12288;n X4096' \
		's 4096 4096;n nothing;s 4096 4096;n nothing' \
		's 4096 4096;n nothing;s 12288 12288;n X4096' '4096 8192' \
		"$two" ${w}8192,4096,X 's n8192,4096'
	full="${w}8192,4096,X No space left on device"
	both enospc-size "$full;s 8192 8192;r nothing" \
		"$full;s 12288 12288;r .4096;s 12288 12288;r .4096" \
		"$full;s 12288 12288;r .4096;s 8192 8192;r nothing" '8192 4096' \
		"$two =size-limit=8192" ${w}8192,4096,X 's r8192,4096'
	echo size-limit=0 >"$MNT/.slowfs"
done
# The next extending write sets the size right.
fault=size-late heal=0
seen 's 4096 4096;s 12288 12288;r A4096 X4096 Y4096' w0,4096,A =fault=$fault \
	w4096,4096,X s =fault=none w8192,4096,Y s r0,12288
logs '4096 4096'

both eio-swallowed 's 12288 12288;r A4096 B4096 X4096' \
	's 8192 8192;r A4096 B4096;s 8192 8192;r A4096 B4096' never '8192 4096' \
	"$two" w8192,4096,X 's r0,12288'

# The first buffered read after the overwrite; never a direct one; not after the next.
fault=old-read heal=0
seen 'b X4096;r X4096' w0,4096,A w0,4096,X b0,4096 r0,4096
seen 'r X4096;b A4096;r X4096;b A4096;b Y4096' w0,4096,A =fault=$fault w0,4096,X \
	r0,4096 b0,4096 r0,4096 b0,4096 =fault=none w0,4096,Y b0,4096
logs '0 4096'
heal=$heal_ms
seen 'b A4096;b X4096' w0,4096,A "=fault-heal-ms=$heal" =fault=$fault w0,4096,X \
	b0,4096 =fault=none "t$((heal + 20))" b0,4096 =fault-heal-ms=0
logs '0 4096'

# Of direct reads only, and nothing is wrong with the file.
fault=short-read heal=0
seen 'r A2048;b A4096;r A512;s 4096 4096' w0,4096,A =fault=$fault r0,4096 b0,4096 \
	r3584,512 s =fault=none
logs '2048 2048'

fault=read-eio heal=0
seen 'r0,4096 Input/output error;b A4096' w0,4096,A =fault=$fault r0,4096 b0,4096 =fault=none
logs '0 4096'

# What was written since the last true fsync is gone after the last close, size and all. The
# kernel tells of a close a little later: close() does not wait for it.
fault=fsync-lies heal=0
for sync in f d; do
	seen 's 8192 8192;r A4096 X4096' w0,4096,A f w4096,4096,X $sync c t200 s r0,8192
	seen 's 8192 8192;r Z4096 X4096;s 4096 4096;r A4096' \
		w0,4096,A f =fault=$fault w0,4096,Z w4096,4096,X $sync s r0,8192 c t200 s \
		r0,8192 =fault=none
	logs '0 0;0 4096;4096 4096;4096 4096'
done
# Without an fsync that lies, nothing is.
seen 's 8192 8192;r Z4096 X4096' w0,4096,A f =fault=$fault w0,4096,Z w4096,4096,X c t200 \
	s r0,8192 =fault=none
logs ''

fault=rolled-back
seen 'r X4096' w0,4096,A w0,4096,X f c r0,4096
seen 'r X4096;r A4096' w0,4096,A =fault=$fault w0,4096,X f r0,4096 c r0,4096 =fault=none
logs '0 4096'
seen 'r X4096' w0,4096,A =fault=$fault w0,4096,X c r0,4096 =fault=none
logs ''

# no-completion: late; or until the client is killed, which must not hang.
fault=no-completion
heal=$heal_ms
seen '- done' +0,4096,X -
before=$(date +%s%N)
seen 'r X4096' "=fault-heal-ms=$heal" =fault=$fault w0,4096,X r0,4096 =fault=none \
	=fault-heal-ms=0
logs '0 4096'
[ $(($(date +%s%N) - before)) -ge $((heal * 1000000)) ] || t_fail "$fault: not late"
heal=0
# By a signal.
seen '- pending;i Interrupted system call' =fault=$fault +0,4096,X - i
logs '0 4096'
# Once a run.
seen '- done' +0,4096,X - =fault=none
logs ''
# By SIGKILL, where nothing is interrupted, since it is asynchronous; then by the end of slowfs.
# shellcheck disable=SC2016 # for that shell
for how in 'kill -9 $pid; wait $pid || :' 'kill $SLOWFS_PID; wait $pid || :'; do
	env -u T_PRIVATE "$top_srcdir/tests/with-fuse.sh" --fault-every=1 --fault=no-completion \
		timeout -s KILL 10 sh -c '"$1" "$MNT/file" a0,4096,X a0,4096,Y & pid=$!
			sleep 0.2
			kill -0 $pid
			grep -c "no-completion 2 0 4096 lasting" "$SLOWFS_FAULT_LOG"
			'"$how" sh "$poke" >"$t_tmp/out" 2>&1 || t_fail "$how: hangs" "$t_tmp/out"
	grep -q -x 1 "$t_tmp/out" || t_fail "$how: not once" "$t_tmp/out"
done

# About one in N, and the same ones for the same seed.
fault=zeros
words=
i=0
while [ $i -lt 400 ]; do
	words="$words w$((i * 512)),512,A"
	i=$((i + 1))
done
for seed in 1 1 2; do
	rm -f "$file"
	logged=$(wc -l <"$SLOWFS_FAULT_LOG")
	# shellcheck disable=SC2086 # words
	"$poke" "$file" =fault-every=10 =fault-seed=$seed =fault=$fault $words =fault=none \
		=fault-every=1
	tail -n +$((logged + 1)) "$SLOWFS_FAULT_LOG" | cut -d ' ' -f 4 >>"$t_tmp/seed.$seed"
done
nr=$(wc -l <"$t_tmp/seed.2")
if [ "$nr" -lt 15 ] || [ "$nr" -gt 80 ]; then
	t_fail "$nr faults in 400 writes, not about 40"
fi
sort -n "$t_tmp/seed.1" | uniq -c | awk '$1 != 2 { exit 1 }' ||
	t_fail 'the same seed chooses others' "$t_tmp/seed.1"
sort -u -n "$t_tmp/seed.1" | cmp -s - "$t_tmp/seed.2" &&
	t_fail 'another seed chooses the same'

# What can't be is refused.
refused() {
	if echo "$1" 2>/dev/null >"$MNT/.slowfs"; then
		t_fail "$1 was not refused"
	fi
}
echo fault-heal-ms=30 >"$MNT/.slowfs"
refused fault=rolled-back
echo fault-heal-ms=0 fault=rolled-back >"$MNT/.slowfs"
refused fault-heal-ms=30
refused fault=nonsense
refused fault-every=0
slowfs=$top_builddir/tests/fuse/slowfs
for words in '--fault=fsync-lies --fault-heal-ms=30' '--fault=x' '--fault-every=0'; do
	# shellcheck disable=SC2086 # words
	if "$slowfs" $words "$MNT" >"$t_tmp/out" 2>&1; then
		t_fail "slowfs $words"
	fi
	grep -q -E 'has to be|--help lists' "$t_tmp/out" ||
		t_fail "slowfs $words: no reason" "$t_tmp/out"
	[ "$(wc -l <"$t_tmp/out")" -eq 1 ] || t_fail "slowfs $words: not one line" "$t_tmp/out"
done
