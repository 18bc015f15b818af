#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job on a loop-mounted xfs, through libaio and io_uring.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory xfs 640 "$dir/loop-body.sh" xfs
