#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# diowait plot: every type as svg, png and text, from real runs; what it refuses; and
# that no name of a result becomes a command. As root also with the causes of a run
# on a loop-mounted ext4.
dir=$(dirname "$0")
if [ "$(id -u)" -eq 0 ]; then
	status=0
	"$dir/with-loop.sh" --memory ext4 320 "$dir/plot-body.sh" why || status=$?
	[ $status -eq 77 ] || exit $status
fi
exec "$dir/plot-body.sh"
