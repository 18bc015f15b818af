#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# unit.sh TEST: runs a unit test while no test compares times. make starts some of them
# last, whatever their order in Makefile.am.
flock tests/timed.lock true
exec flock -s tests/timing.lock "$@"
