#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The contracts of direct writes on a loop-mounted btrfs, in short.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory btrfs 640 "$dir/stress-body.sh" ""
