#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A loop-mounted XFS that fills up, and a limit on sizes of files.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory xfs 320 "$dir/enospc-body.sh" xfs
