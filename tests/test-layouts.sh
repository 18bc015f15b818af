#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Job files of fio, without mix, on a loop-mounted ext4.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory ext4 320 "$dir/layouts-body.sh" ext4
