#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stress on a small ext4 that runs full.
dir=$(dirname "$0")
MKFS_ARGS='-J size=4'
export MKFS_ARGS
exec "$dir/with-loop.sh" --memory ext4 64 "$dir/stress-enospc-body.sh" ext4 "${T_TURNS:-2}"
