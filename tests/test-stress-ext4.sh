#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The contracts of direct writes on a loop-mounted ext4, in short.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory ext4 320 "$dir/stress-body.sh" ""
