#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The path and the cause of every blocked write, on a loop-mounted btrfs.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" btrfs 640 "$dir/why-body.sh" btrfs
