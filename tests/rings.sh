# shellcheck shell=sh
# shellcheck disable=SC2154 # what lib.sh and with-loop.sh set
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rings FSTYPE: io_uring where a thread of the kernel submits, where completions are polled
# for, and both, on $MNT. Sourced after lib.sh.
rings() {
	for ring in sqthread_poll=1 hipri=1 'hipri=1 -s sqthread_poll=1'; do
		# shellcheck disable=SC2086 # more keys are more words
		set -- "$1" run -d "$MNT" -o "$t_tmp/ring.json" -r 1 -s ioengine=io_uring \
			-s runtime=300ms -s $ring "$top_srcdir/workloads/mixed.job"
		if [ "$1 ${ring%%=*}" = 'btrfs hipri' ]; then
			# Its files can't be polled for: the kernel says so of the first write.
			shift
			t_run 1 "$@"
			grep -q 'Operation not supported; hipri: this file' "$t_tmp/stderr" || t_fail "$ring: no error"
			set -- btrfs
			continue
		fi
		t_fstype=$1
		shift
		# Several at once, that have to be waited for.
		t_run 0 "$@" -s iodepth_batch_complete_min=8 -s reap=full
		t_run 0 "$@"
		set -- "$t_fstype"
		t_json "$t_tmp/ring.json" 'all(.variants[].kinds[]; .engine == "io_uring" and
			.ops > 0 and .short == 0 and .errors == {} and .ops ==
			(.paths | del(.flagged, .then) | map(. // 0) | add))' "$ring: kinds"
		t_json "$t_tmp/ring.json" '.growth |
			.size_after - .size_before == .extended_bytes' "$ring: growth"
		t_json "$t_tmp/ring.json" 'all(.variants[].kinds[];
			.paths.inline + .paths.queued == 0)' \
			"$ring: the path of a write that nobody could see"
	done
}
