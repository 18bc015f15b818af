#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every engine, kind and modifier on a loop-mounted btrfs.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory btrfs 320 "$dir/conformance-body.sh" btrfs
