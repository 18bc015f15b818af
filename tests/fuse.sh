# shellcheck shell=sh
# shellcheck disable=SC2154 # what lib.sh and with-fuse.sh set
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests that hold diowait against the log of a device with known service times;
# to be read after lib.sh: . "${srcdir:-.}/tests/fuse.sh"
#
# The log's lines of 4096 bytes are the workload's. Others, of other lengths, are the
# scratch directory's list and tries of direct I/O.

# fuse_job LINE...: a job of 4 KiB writes at a depth of 8, in $t_tmp/w.job.
fuse_job() {
	printf '%s\n' '[w]' ioengine=libaio direct=1 bs=4k iodepth=8 size=16m io_size=1g "$@" \
		>"$t_tmp/w.job"
}

# What is in the log so far is not looked at any more.
fuse_seen=0
fuse_forget() {
	echo flush >"$MNT/.slowfs"
	fuse_seen=$(wc -l <"$SLOWFS_LOG")
}

# The workload's lines since then, of this kind (an awk pattern: extend|read).
fuse_log() {
	echo flush >"$MNT/.slowfs"
	tail -n +$((fuse_seen + 1)) "$SLOWFS_LOG" |
		awk -v kind="^($1)\$" '$5 == 4096 && $6 ~ kind'
}

# The median of the numbers on standard input, of which there have to be more than $1.
fuse_median() {
	sort -n >"$t_tmp/numbers"
	nr=$(wc -l <"$t_tmp/numbers")
	[ "$nr" -gt "$1" ] || t_fail "the device saw only $nr writes"
	sed -n "$(((nr + 1) / 2))p" "$t_tmp/numbers"
}

# The device's median service of a kind, ns.
fuse_p50() {
	fuse_log "$1" | awk '{ print $3 - $1 }' | fuse_median 100
}

# fuse_agree WHAT DIOWAIT DEVICE PERCENT NS: within so many percent and ns.
fuse_agree() {
	t_note "$1: diowait $2 ns, the device $3 ns"
	off=$(($2 > $3 ? $2 - $3 : $3 - $2))
	[ $off -le $(($3 * $4 / 100 + $5)) ] || t_fail "$1 is off by $off ns" "$t_tmp/stdout"
}
