#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests whose threads wait for each other for most of their time: as a shell test they
# begin with the first, and others compute meanwhile.
. "${srcdir:-.}/tests/lib.sh"
for unit in test_driver_model test_stress; do
	"$top_builddir/tests/unit/$unit" 7>&-
done
