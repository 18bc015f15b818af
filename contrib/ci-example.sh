#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A change of a kernel, gated by a CI that keeps a folder from run to run:
#
#	sh ci-example.sh RESULTS IMAGES
#
# on the machine that has booted the kernel, as root. The first five runs are the
# baseline. Ends with 0: nothing is slower; 2: something is (RESULTS/HOST/report.txt);
# 1: it could not be measured. After a change that is meant to cost what it costs:
# diowait nightly --results=RESULTS --accept
set -eu
results=$1
images=$2
mkdir -p "$results" "$images"
exec diowait nightly --results="$results" -d "$images"
