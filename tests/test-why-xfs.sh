#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The path and the cause of every blocked write, on a loop-mounted xfs.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" xfs 320 "$dir/why-body.sh" xfs
