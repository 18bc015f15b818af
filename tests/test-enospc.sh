#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A loop-mounted ext4 that fills up, and a limit on sizes of files.
dir=$(dirname "$0")
MKFS_ARGS='-J size=4' exec "$dir/with-loop.sh" --memory ext4 64 "$dir/enospc-body.sh" ext4
