#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The path and the cause of every blocked write, on a loop-mounted ext4.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" ext4 320 "$dir/why-body.sh" ext4
