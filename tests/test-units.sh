#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The units of diowait nightly: as they are installed, systemd takes them, and their
# command line is one that diowait takes.
. "${srcdir:-.}/tests/lib.sh"
service=$top_builddir/contrib/diowait-nightly.service
exec=$(sed -n 's/^ExecStart=//p' "$service")
case $exec in
/*/diowait\ nightly\ *) ;;
*) t_fail "ExecStart=$exec" ;;
esac
# shellcheck disable=SC2086 # words
t_run 0 ${exec#* } --check

command -v systemd-analyze >/dev/null || t_missing 'no systemd-analyze here'
mkdir "$t_tmp/units"
cp "$top_srcdir/contrib/diowait-nightly.timer" "$t_tmp/units"
sed "s|^ExecStart=[^ ]*|ExecStart=$DIOWAIT|" "$service" >"$t_tmp/units/diowait-nightly.service"
systemd-analyze verify --man=no "$t_tmp/units/diowait-nightly.service" \
	"$t_tmp/units/diowait-nightly.timer" >"$t_tmp/log" 2>&1 7>&- ||
	t_fail 'systemd-analyze verify' "$t_tmp/log"
! grep -q 'diowait' "$t_tmp/log" || t_fail 'systemd-analyze verify' "$t_tmp/log"
