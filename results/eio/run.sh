#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh: the table of README.md here, as root, in the build tree. btrfs without checksums
# on a loop device whose file lies in DIOWAIT_TEST_DIR (/dev/shm). It takes four minutes, or
# six with READS_DIRECT, a second binary (README.md says how to build it), whose runs take
# turns with those of DIOWAIT (src/diowait).
# BESIDE: so many seconds stress runs on ext4 and XFS beside it.
set -eu
if [ -z "${T_PRIVATE:-}" ]; then
	DIOWAIT_TEST_DIR=${DIOWAIT_TEST_DIR:-/dev/shm}
	export DIOWAIT_TEST_DIR
	loop=$(dirname "$0")/../../tests/with-loop.sh
	for fs in ${BESIDE:+ext4 xfs}; do
		# shellcheck disable=SC2016 # $MNT is set inside
		"$loop" "$fs" 2048 sh -c "${DIOWAIT:-src/diowait} stress -d \$MNT --seed=1 \
			--duration=${BESIDE}s workloads/stress/append.job workloads/stress/mixed.job" \
			>/dev/null 2>&1 &
	done
	status=0
	"$loop" btrfs 2048 "$0" || status=$?
	wait
	exit $status
fi
diowait=${DIOWAIT:-src/diowait}
job=$(dirname "$0")/../../workloads/stress/dsync.job
result=$(mktemp)
trap 'rm -f "$result" "$result".*' EXIT
chattr +C "$MNT"

# one BINARY SECONDS SEED ARGUMENT...: "writes 1" when there was EIO, else "writes 0".
one() {
	binary=$1 seconds=$2 seed=$3
	shift 3
	status=0
	"$binary" stress -d "$MNT" --duration="${seconds}s" --seed="$seed" -o "$result" "$@" \
		"$job" >"$result.report" 2>&1 || status=$?
	case $status in
	0 | 2) ;;
	*)
		cat "$result.report" >&2
		exit 1
		;;
	esac
	jq -r '[.stress.writes, (if any(.stress.findings[]; .text | test("Input/output error"))
		then 1 else 0 end)] | @tsv' "$result"
}

# row NAME: adds up the lines of standard input.
row() {
	awk -v name="$1" '{ writes += $1; eio += $2 }
		END { printf "| %s | %d | %d | %d |\n", name, NR, writes, eio }'
}

echo '| | runs | writes | runs with EIO |'
echo '|---|---|---|---|'
for seed in 301 302 303 304 305; do
	one "$diowait" 15 $seed -s ioengine=io_uring >>"$result.uring"
	[ -z "${READS_DIRECT:-}" ] ||
		one "$READS_DIRECT" 15 "$seed" -s ioengine=io_uring >>"$result.direct"
done
row 'io_uring' <"$result.uring"
[ -z "${READS_DIRECT:-}" ] || row 'io_uring, all reads direct' <"$result.direct"
for seed in 306 307; do one "$diowait" 15 $seed -s ioengine=libaio; done | row libaio
for seed in 308 309; do
	one "$diowait" 15 $seed -s ioengine=io_uring -s mix=overwrite+dsync:1
done | row 'io_uring, `mix=overwrite+dsync:1`'
for seed in 310 311; do
	one "$diowait" 15 $seed -s ioengine=io_uring -s mix=overwrite:50,fdatasync:1
done | row 'io_uring, `mix=overwrite:50,fdatasync:1`'
grep -v '^antagonists' "$job" >"$result.job"
for engine in io_uring libaio; do
	"$diowait" run -q --format=none -d "$MNT" -o "$result" -s ioengine=$engine -s rounds=20 \
		-s ignore_error=EIO,EIO "$result.job"
	jq -r '[([.variants[].kinds[] | .ops] | add),
		(if any(.variants[].kinds[]; .errors != {}) then 1 else 0 end)] | @tsv' "$result"
done | row '`diowait run`, which reads nothing; both engines'
