# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What with-loop.sh and with-fuse.sh have in common: a mount namespace of the
# test's own. All that a test mounts, and all that it puts below $T_PRIVATE,
# lives in the namespace and ends with its last process, however that one ends.

# As t_missing of lib.sh, which is not read before the namespace is there.
private_missing() {
	if [ -n "${T_COMPLETE:-}" ]; then
		echo "$(basename "$0"): FAIL: $*" >&2
		exit 1
	fi
	echo "$(basename "$0"): SKIP: $*" >&2
	exit 77
}

# private_enter ARGUMENT...: starts the script that calls it again, in a new
# namespace, with these arguments; returns there.
private_enter() {
	[ -z "${T_INSIDE:-}" ] || return 0
	[ "$(id -u)" -eq 0 ] || private_missing 'needs root'
	command -v unshare >/dev/null || private_missing 'no unshare here'
	unshare -m --propagation private true 2>/dev/null ||
		private_missing 'no mount namespace to be had'
	T_INSIDE=1 exec unshare -m --propagation private "$0" "$@"
}

# Sets T_PRIVATE to a small tmpfs that only this namespace sees, with a folder
# "fs" to mount the test's file system on: MNT.
private_tmpfs() {
	unset T_INSIDE	# one inside the other is two namespaces
	for dir in /mnt /media /srv /opt; do
		case $(pwd -P)/ in
		"$dir"/*) continue ;;
		esac
		case ${DIOWAIT:-/}/ in
		"$dir"/*) continue ;;
		esac
		case ${MNT:-/}/ in
		"$dir"/*) continue ;;
		esac
		[ -d "$dir" ] || continue
		T_PRIVATE=$dir
		MNT=$dir/fs
		export T_PRIVATE MNT
		mount -t tmpfs -o size=64m,mode=755 diowait-test "$dir" ||
			private_missing "no tmpfs on $dir"
		mkdir "$MNT"
		return 0
	done
	private_missing 'no folder to mount on: /mnt, /media, /srv, /opt'
}
