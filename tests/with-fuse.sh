#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# with-fuse.sh [--SLOWFS-OPTION]... COMMAND...
#
# Runs COMMAND with slowfs (tests/fuse/slowfs.c has its options) mounted on $MNT,
# its logs in $SLOWFS_LOG and $SLOWFS_FAULT_LOG and its process in $SLOWFS_PID; then unmounts it and
# waits for it to end. Ends with COMMAND's status; with private_missing's, and the
# reason, where that can't be had. While COMMAND runs, `echo flush >$MNT/.slowfs`
# writes out the log.
#
# Nothing is left on the machine, even when any part is killed: the mount and the
# log are in a namespace of its own, and slowfs ends with this script.
set -eu
LC_ALL=C
export LC_ALL
# shellcheck source=tests/private.sh
. "$(dirname "$0")/private.sh"

slowfs=${SLOWFS:-${abs_top_builddir:-.}/tests/fuse/slowfs}
[ -x "$slowfs" ] || private_missing "no $slowfs: built without libfuse3"
[ -c /dev/fuse ] || modprobe -q fuse 2>/dev/null || private_missing 'no /dev/fuse here'
private_enter "$@"
private_tmpfs

SLOWFS_LOG=$T_PRIVATE/slowfs.log
SLOWFS_FAULT_LOG=$T_PRIVATE/faults.log
export SLOWFS_LOG SLOWFS_FAULT_LOG
status=0
options=
while [ $# -gt 0 ]; do
	case $1 in
	--) shift; break ;;
	--*) options="$options $1"; shift ;;
	*) break ;;
	esac
done

# slowfs writes one byte when it answers; if it dies instead, read fails.
mkfifo "$T_PRIVATE/ready"
# shellcheck disable=SC2086 # one word an option
setpriv --pdeathsig TERM "$slowfs" $options --log="$SLOWFS_LOG" \
	--fault-log="$SLOWFS_FAULT_LOG" --ready-fd=9 "$MNT" 9>"$T_PRIVATE/ready" </dev/null &
SLOWFS_PID=$!
export SLOWFS_PID
if ! read -r _ <"$T_PRIVATE/ready"; then
	wait "$SLOWFS_PID" || :
	echo 'with-fuse.sh: slowfs did not start' >&2
	exit 1
fi

"$@" || status=$?

# Still in use, or slowfs is gone already: then it is told to end.
umount "$MNT" 2>/dev/null || kill "$SLOWFS_PID" 2>/dev/null || :
if ! wait "$SLOWFS_PID"; then
	echo "with-fuse.sh: slowfs ended badly" >&2
	[ $status -ne 0 ] || status=1
fi
exit $status
