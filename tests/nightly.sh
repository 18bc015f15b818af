# shellcheck shell=sh
# shellcheck disable=SC2154 # what lib.sh and with-fuse.sh set
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of nights on the tests' device share; to be read after lib.sh.
results=$t_tmp/results
host=$results/h
mkdir "$results" "$t_tmp/images"

cat >"$t_tmp/w.job" <<'END'
[w]
direct=1
bs=4k
iodepth=4
size=1m
number_ios=30
rounds=2
END
cat >"$t_tmp/two.suite" <<END
; both in one place, which may be slow for one of them
[global]
workload=w.job
engine=libaio
directory=$MNT
[overwrites]
set=mix=overwrite:1
[appends]
set=mix=append:1
END

# night STATUS [ARGUMENT]...
night() {
	t_want_night=$1
	shift
	t_run "$t_want_night" nightly --results="$results" --host=h -d "$t_tmp/images" "$@"
}
stored() {
	find "$host/$1" -name '2*.json' | wc -l
}
