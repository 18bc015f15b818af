#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package: built from what make dist would ship, accepted by lintian, installed
# into a root of its own, and run from a clean directory as if it were the system's, in a
# mount namespace. About a minute; not part of make check. From the build tree:
#	sh tests/soak-package.sh
. "${srcdir:-.}/tests/lib.sh"
t_need_root
t_need dpkg-buildpackage dh lintian jq gnuplot
unset DIOWAIT_PLOTS DIOWAIT_STRESS DIOWAIT_WORKLOADS MAKEFLAGS MFLAGS MAKELEVEL
version=$("$DIOWAIT" --version | cut -d ' ' -f 2)
source=$t_tmp/diowait-$version
root=$t_tmp/root

# quiet COMMAND...
quiet() {
	"$@" >"$t_tmp/out" 2>&1 </dev/null 7>&- || t_fail "$*" "$t_tmp/out"
}

grep -q "^diowait ($version)" "$top_srcdir/debian/changelog" ||
	t_fail "debian/changelog does not begin with version $version"
quiet make -C "$top_builddir" distdir distdir="$source"
chmod -R u+w "$source"
cd "$source"
quiet env DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc -b
deb=$(find "$t_tmp" -maxdepth 1 -name "diowait_*.deb")
quiet lintian --allow-root --fail-on error,warning --info "$t_tmp"/diowait_*.changes
t_note "lintian: $(wc -l <"$t_tmp/out") lines, no errors, no warnings"

# Its own root has nothing but it; what it depends on is there, or it would not run.
mkdir -p "$root/var/lib/dpkg"
: >"$root/var/lib/dpkg/status"
quiet dpkg --root="$root" --force-depends --force-not-root --log="$t_tmp/dpkg.log" -i "$deb"
for file in bin/diowait share/bash-completion/completions/diowait \
	share/man/man1/diowait.1.gz share/diowait/plots/common.gp \
	share/diowait/workloads/mixed.job share/diowait/stress/append.job; do
	[ -s "$root/usr/$file" ] || t_fail "the package has no /usr/$file"
done

# Nothing is started, now or at the next boot, because it was installed.
dpkg-deb -e "$deb" "$t_tmp/control"
if grep -E 'systemd-helper (enable|.*start)|systemd-invoke' "$t_tmp"/control/* >"$t_tmp/out"; then
	t_fail 'the package starts something' "$t_tmp/out"
fi

# The main job as a user would type it.
mkdir "$t_tmp/clean"
cd "$t_tmp/clean"
# shellcheck disable=SC2016 # of the inner shell
quiet unshare -m --propagation private sh -euc '
	mount -t overlay -o "lowerdir=$1/usr:/usr" diowait /usr
	diowait --version
	diowait run mixed.job >report
	diowait export -f fio-json >fio.json
	diowait plot -o spectrum.svg
	diowait stress --list >scenarios' sh "$root"
t_json diowait.json '(.variants[0].kinds | map(.kind)) == ["overwrite", "append"] and
	(.variants[0].rounds | length) == 10 and all(.variants[0].kinds[]; .ops > 1000)' \
	'the main job was not run'
t_json fio.json '.jobs[0].write.total_ios > 10000' 'no export'
for file in report spectrum.svg scenarios; do
	[ -s $file ] || t_fail "the installed program left no $file"
done
[ "$(find . -type f | wc -l)" -eq 5 ] || t_fail 'other files are left'
t_note "$(basename "$deb"): built, checked, installed, and it ran the main job"
