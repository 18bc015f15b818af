#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Stands for the unit tests where they can't be built, so that they are missed.
. "${srcdir:-.}/tests/lib.sh"
t_missing 'no unit tests: built without libcmocka'
