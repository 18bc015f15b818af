#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stress on a small xfs that runs full.
dir=$(dirname "$0")
exec "$dir/with-loop.sh" --memory xfs 320 "$dir/stress-enospc-body.sh" xfs "${T_TURNS:-2}"
