#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device that takes 20 ms for every write, against the same that takes 22: diowait
# compare has to find both kinds' median lat, and the ratio that the device's own log has
# of them, which is 1.1 and what the machine adds. A device that does not drift is what
# --rounds-suffice is for.
[ -n "${T_PRIVATE:-}" ] ||
	exec "$(dirname "$0")/with-fuse.sh" --overwrite-us=20000 --extend-us=20000 "$0"
. "${srcdir:-.}/tests/lib.sh"
. "${srcdir:-.}/tests/fuse.sh"
t_need jq
t_device_lock

# Both sides end by number_ios: the same writes, and the same growth. The kinds run one
# after the other: an overwrite beside appends waits for these as well, how long is chance.
cat >"$t_tmp/w.job" <<'END'
[global]
ioengine=libaio
direct=1
bs=4k
iodepth=4
size=4m
rounds=10
[overwrites]
number_ios=60
mix=overwrite:1
[appends]
stonewall
number_ios=24
mix=append:1
END

# measure NAME OVERWRITE_US EXTEND_US
measure() {
	echo "overwrite-us=$2 extend-us=$3" >"$MNT/.slowfs"
	fuse_forget
	t_run 0 run -q --format none -d "$MNT" -o "$t_tmp/$1.json" "$t_tmp/w.job"
	echo "$(fuse_p50 overwrite) $(fuse_p50 extend)" >"$t_tmp/$1.device"
}
measure old 20000 20000
measure new 22000 22000
read -r old_overwrite old_extend <"$t_tmp/old.device"
read -r new_overwrite new_extend <"$t_tmp/new.device"
t_note "the device: overwrite $old_overwrite ns, then $new_overwrite; extending" \
	"$old_extend ns, then $new_extend"

t_run 2 compare --rounds-suffice --format=json "$t_tmp/old.json" "$t_tmp/new.json"
cp "$t_tmp/stdout" "$t_tmp/c.json"
t_run 2 compare --rounds-suffice "$t_tmp/old.json" "$t_tmp/new.json"
t_report_fits
cat "$t_tmp/stdout"
# $1: kind, $2 and $3: the device's medians, ns.
agree() {
	t_json "$t_tmp/c.json" '[.pairs[].kinds[] | select(.kind == $kind) | .rows[] |
		select(.measure == "lat_p50_ns")] | length == 1 and all(.[]; .verdict == "slower"
		and .ratio_low > 1.05 and (.ratio / ($new / $old) - 1 | fabs) <= 0.02)' \
		"$1: lat p50 is not slower by the device's ratio" \
		--arg kind "$1" --argjson old "$2" --argjson new "$3"
}
agree overwrite "$old_overwrite" "$new_overwrite"
agree append "$old_extend" "$new_extend"
t_json "$t_tmp/c.json" '.faster == 0' 'something is faster'
