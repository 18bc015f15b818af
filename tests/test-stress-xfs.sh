#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The contracts of direct writes on a loop-mounted xfs, in short.
# grow is left out: XFS loses acknowledged writes there (results/grow).
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory xfs 640 "$dir/stress-body.sh" "grow"
