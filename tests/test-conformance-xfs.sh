#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every engine, kind and modifier on a loop-mounted xfs.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory xfs 320 "$dir/conformance-body.sh" xfs
