#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Job files of fio, without mix, on a loop-mounted xfs.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory xfs 320 "$dir/layouts-body.sh" xfs
