#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device that takes 5.0 ms for every write, against the same that takes 5.5: diowait
# compare has to find both kinds' median lat, and their ratio of 1.1. A device that
# does not drift is what --rounds-suffice is for.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=5000 --extend-us=5000 "$0"
. "${srcdir:-.}/tests/lib.sh"
t_need jq
t_timing_lock

# Both sides end by number_ios: the same writes, and the same growth. The kinds run one
# after the other: an overwrite beside appends waits for these as well, how long is chance.
cat >"$t_tmp/w.job" <<'END'
[global]
ioengine=libaio
direct=1
bs=4k
iodepth=4
size=4m
number_ios=80
rounds=10
[overwrites]
mix=overwrite:1
[appends]
stonewall
mix=append:1
END

# measure NAME OVERWRITE_US EXTEND_US
measure() {
	echo "overwrite-us=$2 extend-us=$3" >"$MNT/.slowfs"
	t_run 0 run -q --format none -d "$MNT" -o "$t_tmp/$1.json" "$t_tmp/w.job"
}
measure old 5000 5000
measure new 5500 5500

t_run 2 compare --rounds-suffice --format=json "$t_tmp/old.json" "$t_tmp/new.json"
cp "$t_tmp/stdout" "$t_tmp/c.json"
t_run 2 compare --rounds-suffice "$t_tmp/old.json" "$t_tmp/new.json"
t_report_fits
cat "$t_tmp/stdout"
t_json "$t_tmp/c.json" '[.pairs[].kinds[] | .rows[] | select(.measure == "lat_p50_ns")] |
	length == 2 and all(.[]; .verdict == "slower" and .ratio_low >= 1.07 and
		.ratio_high <= 1.12)' \
	'lat p50 is not 1.1 times as long for both kinds'
t_json "$t_tmp/c.json" '.faster == 0' 'something is faster'
