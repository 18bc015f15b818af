/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between keys and between jobs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "parse_helper.h"

/* One of the other engine: lines 1..4. */
#define RING "[a]\nioengine=io_uring\nsize=1m\nrw=write\n"

struct row {
	const char *text, *err; /* err NULL: fine */
};

static void check_rows(const struct row *row, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct workload *w;

		if (row[i].err) {
			parse_fails(row[i].text, NULL, 0, row[i].err);
			continue;
		}
		w = parse_ok(row[i].text, NULL, 0);
		check_fixpoint(w);
		workload_free(w);
	}
}

static void test_mix(void **state)
{
	static const struct row row[] = {
		{ MIX "mix=overwrite:70,append:30\n", NULL },
		{ MIX "mix=overwrite:0.7,unwritten:1,hole:2,append:30,"
		      "straddle:1,gap:1,read:1,fdatasync:0.001\n",
		  NULL },
		{ MIX "mix=append+unaligned:1,append+unaligned+dsync:1,"
		      "overwrite:3,overwrite+nowait:1,read+nowait:1\n",
		  NULL },
		{ MIX "mix=append:0\n", "t.job:6: mix=append:0: the weights "
					"sum to 0; one at least must be above 0" },
		{ MIX "mix=append:0,overwrite:0.0\n",
		  "t.job:6: "
		  "mix=append:0,overwrite:0.0: the weights sum to 0; one at "
		  "least must be above 0" },
		{ MIX "mix=append:0,gap:1\n",
		  "t.job:6: mix=append:0,gap:1: "
		  "weight of append must be above 0; leave the kind out "
		  "instead" },
		{ MIX "mix=append:-1\n",
		  "t.job:6: mix=append:-1: weight '-1' "
		  "of append must be a decimal above 0, at most 1000000 and 9 "
		  "digits behind the point" },
		{ MIX "mix=append:1e3\n",
		  "t.job:6: mix=append:1e3: weight "
		  "'1e3' of append must be a decimal above 0, at most 1000000 "
		  "and 9 digits behind the point" },
		{ MIX "mix=append:\n",
		  "t.job:6: mix=append:: weight '' of "
		  "append must be a decimal above 0, at most 1000000 and 9 "
		  "digits behind the point" },
		{ MIX "mix=append\n", "t.job:6: mix=append: 'append' has no "
				      "weight; must be KIND:WEIGHT, as in append:30" },
		{ MIX "mix=appnd:1\n", "t.job:6: mix=appnd:1: unknown kind "
				       "'appnd' (did you mean 'append'?)" },
		{ MIX "mix=trim:1\n", "t.job:6: mix=trim:1: unknown kind 'trim'" },
		{ MIX "mix=append+sync:1\n",
		  "t.job:6: mix=append+sync:1: "
		  "unknown modifier '+sync': must be +unaligned, +dsync or "
		  "+nowait" },
		{ MIX "mix=append+atomic:1\n", "t.job:6: mix=append+atomic:1: "
					       "'+atomic' is not supported yet" },
		{ MIX "mix=append+dsync+dsync:1\n",
		  "t.job:6: "
		  "mix=append+dsync+dsync:1: '+dsync' is given twice" },
		{ MIX "mix=append+nowait+dsync:1,append+dsync+nowait:2\n",
		  "t.job:6: mix=append+nowait+dsync:1,append+dsync+nowait:2: "
		  "append+dsync+nowait is given twice" },
		{ MIX "mix=append:1,,gap:1\n",
		  "t.job:6: mix=append:1,,gap:1: "
		  "empty member; must be KIND[+MOD]...:WEIGHT" },
		{ MIX "mix=append:1,\n", "t.job:6: mix=append:1,: "
					 "empty member; must be KIND[+MOD]...:WEIGHT" },
		{ MIX "mix=\n", "t.job:6: mix=: needs a value: "
				"KIND[+MOD]...:WEIGHT,..., at most 32" },
		{ MIX "mix=read:1,fdatasync:1\n",
		  "t.job:6: "
		  "mix=read:1,fdatasync:1: no kind of it writes; add one of "
		  "overwrite, unwritten, hole, append, append-prealloc, "
		  "straddle, gap" },
		{ MIX "mix=append:1,fsync:1\n",
		  "t.job:6: "
		  "mix=append:1,fsync:1: 'fsync' can't be a member; use "
		  "fdatasync, or the key fsync=N" },
		{ MIX "mix=append:1,fdatasync+dsync:1\n",
		  "t.job:6: "
		  "mix=append:1,fdatasync+dsync:1: 'fdatasync' takes no "
		  "modifier" },
		{ MIX "mix=append:1,read+dsync:1\n",
		  "t.job:6: "
		  "mix=append:1,read+dsync:1: 'read' takes no +dsync: it "
		  "writes nothing" },
		{ MIX "mix=append:1,append-prealloc:1\n",
		  "t.job:6: "
		  "mix=append:1,append-prealloc:1: append and append-prealloc "
		  "can't share a file: the space past its one EOF is reserved "
		  "or is not" },
		{ MIX "mix=append+unaligned:1,gap:1\n",
		  "t.job:6: "
		  "mix=append+unaligned:1,gap:1: append+unaligned and gap "
		  "share one EOF: all extending kinds must have +unaligned, "
		  "or none" },
	};

	(void)state;
	check_rows(row, NR(row));
}

static void test_mix_too_many(void **state)
{
	struct workload_error err;
	char *text;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	fputs(MIX "mix=append:1", out);
	for (i = 0; i < 32; i++)
		fputs(",append:1", out);
	fclose(out);
	assert_int_equal(workload_parse_text("t", text, NULL, 0, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, ": more than 32 members"));
	free(text);
}

static void test_rules(void **state)
{
	static const struct row row[] = {
		/* threads */
		{ PLAIN "cpus_allowed=0-3,8\n", NULL },
		{ PLAIN "cpus_allowed=3-0\n",
		  "t.job:7: cpus_allowed=3-0: must be processors, as 0-3,8, below 1024" },
		{ PLAIN "cpus_allowed=0,\n",
		  "t.job:7: cpus_allowed=0,: must be processors, as 0-3,8, below 1024" },
		{ PLAIN "cpus_allowed=1024\n",
		  "t.job:7: cpus_allowed=1024: must be processors, as 0-3,8, below 1024" },
		{ PLAIN "cpus_allowed=0\ncpumask=1\n",
		  "t.job:8: cpumask=1: cpus_allowed= is given, too: one of both" },
		{ PLAIN "cpus_allowed_policy=split\n",
		  "t.job:7: cpus_allowed_policy=split: needs cpus_allowed= or cpumask=" },
		{ PLAIN "thinktime_spin=1\n",
		  "t.job:7: thinktime_spin=1us: needs thinktime=" },
		{ PLAIN "thinktime=1\nthinktime_spin=2\n",
		  "t.job:8: thinktime_spin=2us: is more than thinktime, of which it is a part" },
		{ PLAIN "thinktime=1\nrate_iops=5\n",
		  "t.job:7: thinktime=1us: can't be given with rate_iops=, which says "
		  "when writes are due" },
		{ PLAIN
		  "latency_target=1ms\nlatency_percentile=99.9\nrate_process=poisson\n",
		  NULL },
		{ PLAIN "latency_percentile=99\n",
		  "t.job:7: latency_percentile=99: needs latency_target=" },
		{ PLAIN "latency_target=1\nlatency_percentile=99:50\n",
		  "t.job:8: latency_percentile=50:99: must be one percentage" },
		{ PLAIN "latency_target=1\nrate=5\n",
		  "t.job:7: latency_target=1us: can't be given with rate=, which it searches" },
		{ PLAIN "latency_target=1\nsweep=iodepth:1,2\n",
		  "t.job:7: latency_target=1us: can't be given with a sweep: it is one, by "
		  "rate_iops" },
		{ PLAIN "latency_target=1\nwrite_lat_log=x\n",
		  "t.job:8: write_lat_log=x: is for one run, and latency_target= makes several" },
		{ PLAIN "write_lat_log=x/$jobname.$jobnum\nwrite_bw_log\n", NULL },
		{ PLAIN "[b]\nwait_for=a\n", NULL },
		{ PLAIN "wait_for=b\n[b]\n",
		  "t.job:7: wait_for=b: must be the name of a job above" },
		{ PLAIN "wait_for=a\n",
		  "t.job:7: wait_for=a: must be the name of a job above" },
		{ PLAIN "percentage_random=50\nrandom_distribution=zipf:1.2\n",
		  "t.job:7: percentage_random=50: can't be given with random_distribution" },
		/* engines */
		{ RING "hipri=1\nsqthread_poll=1\nsqthread_poll_cpu=1\n", NULL },
		{ RING "sqthread_poll_cpu=1\n",
		  "t.job:5: sqthread_poll_cpu=1: needs sqthread_poll=1" },
		{ RING "hipri=1\nfsync=8\n",
		  "t.job:6: fsync=8: can't be given with hipri=1: the kernel polls for no "
		  "syncs" },
		{ RING "hipri=1\nfdatasync=8\n",
		  "t.job:6: fdatasync=8: can't be given with hipri=1: the kernel polls for no "
		  "syncs" },
		{ RING "hipri=1\nmix=append:1,fdatasync:1\n",
		  "t.job:6: mix=append:1,fdatasync:1: can't have fdatasync with hipri=1: the "
		  "kernel polls for no syncs" },
		{ RING "hipri=1\nrate_iops=8\n",
		  "t.job:6: rate_iops=8: can't be given with hipri=1: between due times nobody "
		  "polls" },
		/* a steady state */
		{ PLAIN "ss=iops_slope:0.3%\nss_dur=10\nss_ramp=5\nss_interval=2\n",
		  NULL },
		{ PLAIN "ss=bw:1m\nss_dur=2\n", NULL },
		{ PLAIN "ss=lat:20us\nss_dur=2\n", NULL },
		{ PLAIN "ss=cpu:1%\nss_dur=2\n",
		  "t.job:7: steadystate=cpu:1%: must be iops, bw, lat, iops_slope, bw_slope or "
		  "lat_slope, a colon, and a limit above 0, as iops_slope:0.3%" },
		{ PLAIN "ss=iops:0%\nss_dur=2\n",
		  "t.job:7: steadystate=iops:0%: must be iops, bw, lat, iops_slope, bw_slope or "
		  "lat_slope, a colon, and a limit above 0, as iops_slope:0.3%" },
		{ PLAIN "ss=iops\nss_dur=2\n",
		  "t.job:7: steadystate=iops: must be iops, bw, lat, iops_slope, bw_slope or "
		  "lat_slope, a colon, and a limit above 0, as iops_slope:0.3%" },
		{ PLAIN "ss=iops:2%\n",
		  "t.job:7: steadystate=iops:2%: needs a steadystate_duration of several whole "
		  "steadystate_check_intervals" },
		{ PLAIN "ss=iops:2%\nss_dur=5\nss_interval=2\n",
		  "t.job:8: steadystate_duration=5s: needs a steadystate_duration of several "
		  "whole steadystate_check_intervals" },
		{ PLAIN "ss=iops:2%\nss_dur=2500ms\n",
		  "t.job:8: steadystate_duration=2500ms: must be whole seconds" },
		{ PLAIN "ss_dur=2\n",
		  "t.job:7: steadystate_duration=2s: needs steadystate=" },
		{ PLAIN "ss=iops:2%\nss_dur=2\nlatency_target=5ms\n",
		  "t.job:7: steadystate=iops:2%: can't be given with latency_target=" },
		/* files */
		{ PLAIN "nrfiles=256\n", NULL },
		{ PLAIN "nrfiles=257\n",
		  "t.job:4: size=1m: must be at least bs, 4096 bytes, for each file" },
		{ PLAIN "nrfiles=2\nfilename_format=$jobname\n",
		  "t.job:8: filename_format=$jobname: gives all 2 files (nrfiles) one "
		  "name: put $filenum in it" },
		{ PLAIN "nrfiles=256\nfilename_format=quite.a.long.name.$filenum\n",
		  NULL },
		{ PLAIN
		  "nrfiles=256\nfilename_format=quite.a.long.name.$filenum\nnumjobs=2\n",
		  "t.job:8: filename_format=quite.a.long.name.$filenum: the 2 threads share 256 "
		  "files, whose names do not fit into a line of 4096 bytes: put $jobnum in it, or "
		  "give fewer files (nrfiles)" },
		/* mix beside fio's keys */
		{ MIX "mix=append:1\nrw=randwrite\n", NULL },
		{ MIX "mix=append:1\nfallocate=none\n", NULL },
		{ MIX "mix=append:1\nfallocate=keep\n",
		  "t.job:7: "
		  "fallocate=keep: can't be given with mix, whose kinds decide "
		  "the layout (but fallocate=none can: no space check)" },
		{ MIX "mix=append:1\noverwrite=1\n",
		  "t.job:7: overwrite=1: "
		  "can't be given with mix, whose kinds decide the layout" },
		{ MIX "file_append\nmix=append:1\n",
		  "t.job:6: file_append=1: "
		  "can't be given with mix, whose kinds decide the layout" },
		{ MIX "mix=append:1\ncreate_on_open\n",
		  "t.job:7: "
		  "create_on_open=1: can't be given with mix, whose kinds "
		  "decide the layout" },
		{ MIX "mix=append:1\noffset=4k\n",
		  "t.job:7: offset=4k: can't "
		  "be given with mix, whose kinds decide the layout" },
		{ MIX "mix=append:1\nrw=read\n",
		  "t.job:7: rw=read: must be "
		  "write or randwrite with mix, of which read is a member" },
		/* size with mix */
		{ HEAD "[a]\nmix=append:1\nruntime=1\n", NULL },
		{ HEAD "[a]\nsize=0\nmix=gap:1\nnumber_ios=5\n", NULL },
		{ HEAD "[a]\nmix=append:1,overwrite:1\nruntime=1\n",
		  "t.job:4: [a]: size= is needed: overwrite needs a file with "
		  "data" },
		{ HEAD "[a]\nmix=straddle:1\nruntime=1\n",
		  "t.job:4: [a]: "
		  "size= is needed: straddle needs a file with data" },
		{ HEAD "[a]\nmix=append:1,read:1\nruntime=1\nsize=0\n",
		  "t.job:7: size=0: is too small: the share of read must be "
		  "at least 4096 bytes" },
		{ MIX "mix=hole:1,overwrite:999\n",
		  "t.job:4: size=1m: is too "
		  "small: the share of hole must be at least 4096 bytes" },
		/* One share for each state: overwrite and read have one. */
		{ HEAD "[a]\nmix=overwrite:1,read:1,hole:2\nsize=8k\n", NULL },
		{ HEAD "[a]\nmix=overwrite+unaligned:1,read:1,hole:2\nsize=8k\n",
		  "t.job:6: size=8k: is too small: the share of "
		  "overwrite+unaligned must be at least 8192 bytes" },
		{ HEAD "[a]\nmix=append:1\nsize=10%\n",
		  "t.job:6: size=10%: "
		  "must be in bytes with mix: it is laid out in a new file" },
		{ HEAD "[a]\nmix=append:1\n",
		  "t.job:4: [a]: has no end: give "
		  "one of size, io_size, number_ios and runtime" },
		{ HEAD "[a]\nmix=append:1\nio_size=50%\n",
		  "t.job:6: "
		  "io_size=50%: is a share of size, which is not given" },
		/* block size */
		{ MIX "mix=straddle:1\nbs=1k\n", NULL },
		{ MIX "mix=straddle:1\nbs=512\n",
		  "t.job:7: bs=512: straddle "
		  "starts bs/2 inside EOF: bs must be a multiple of 1024 "
		  "bytes" },
		{ MIX "mix=straddle:1\nbsrange=1536-3k\n",
		  "t.job:7: "
		  "bsrange=1536-3k: straddle starts bs/2 inside EOF: bs must "
		  "be a multiple of 1024 bytes" },
		{ MIX "mix=append:1\nbs=513\n", "t.job:7: bs=513: must be "
						"512..1g bytes, a multiple of 512" },
		{ PLAIN "bsrange=4k-8200k\nsize=10m\n", NULL },
		{ PLAIN "bsrange=4k-8k\nbs=4k\n",
		  "t.job:8: bs=4k: bsrange is "
		  "given, too; only one of the two can be" },
		/* without mix */
		{ HEAD "[a]\nsize=1m\n", "t.job:4: [a]: rw= or mix= is needed "
					 "(no writes at all)" },
		{ HEAD "[a]\nrw=write\nruntime=5\n", "t.job:4: [a]: size= is needed" },
		{ HEAD "[a]\nrw=write\nsize=2k\n",
		  "t.job:6: size=2k: must be at least bs, 4096 bytes" },
		{ HEAD "[a]\nrw=write\nsize=50%\n",
		  "t.job:6: size=50%: a "
		  "share needs filename= of a block device" },
		{ HEAD "[a]\nrw=write\nsize=50%\nfilename=/dev/x\n", NULL },
		{ PLAIN "offset=50%\n", "t.job:7: offset=50%: a share needs "
					"filename= of a block device" },
		{ PLAIN "offset=4k\n", NULL },
		{ PLAIN "offset=100\n", "t.job:7: offset=100: must be "
					"1%..100% or 0..1024p bytes, a multiple of 512" },
		{ PLAIN "io_size=1k\n",
		  "t.job:7: io_size=1k: must be at least bs, 4096 bytes" },
		{ PLAIN "time_based\n", "t.job:7: time_based=1: needs "
					"runtime=" },
		{ PLAIN "time_based\nruntime=1\n", NULL },
		/* depths */
		{ PLAIN "iodepth=4\niodepth_batch=8\n",
		  "t.job:8: "
		  "iodepth_batch_submit=8: must be 1..4, the iodepth, or 0 for "
		  "all of it" },
		{ PLAIN "iodepth=4\niodepth_batch_complete_min=3\n"
			"iodepth_batch_complete_max=2\n",
		  "t.job:9: "
		  "iodepth_batch_complete_max=2: must be 0 or at least "
		  "iodepth_batch_complete_min, 3" },
		{ MIX "mix=append:1\niodepth=4\nappend_depth=4\n", NULL },
		{ MIX "mix=append:1\niodepth=4\nappend_depth=5\n",
		  "t.job:8: append_depth=5: must be 1..4, the iodepth" },
		{ PLAIN "iodepth=4\nappend_depth=4\n",
		  "t.job:8: append_depth=4: needs mix=: without it a write's kind shows "
		  "only at its place" },
		{ MIX "mix=append:1\nextend_wait=own\n", NULL },
		{ MIX "mix=overwrite:1\nextend_wait=own\n", NULL },
		{ PLAIN "extend_wait=none\n",
		  "t.job:7: extend_wait=none: needs a mix= with an extending kind, whose wait "
		  "it models" },
		{ MIX
		  "mix=append:1\niodepth=4\niodepth_batch_submit=2\nextend_wait=all\n",
		  "t.job:8: iodepth_batch_submit=2: must be 1 with extend_wait, which models "
		  "single writes" },
		{ PLAIN "append_depth=0\n", "t.job:7: append_depth=0: must be 1..65536" },
		/* rounds */
		{ PLAIN "rounds=5\n[b]\nrounds=5\n[c]\n", NULL },
		{ PLAIN "rounds=5\n[b]\nrounds=6\n",
		  "t.job:9: rounds=6: is "
		  "run-wide, and [a] has rounds=5; give it once, in "
		  "[global]" },
	};

	(void)state;
	check_rows(row, NR(row));
}

#define TWO HEAD "size=1m\nfilename=f\n[a]\n"
#define AT_ONCE "[b] and [a] write file 'f' at the same time: "

static void test_shared_files(void **state)
{
	static const struct row row[] = {
		{ TWO "mix=append:1\n[b]\nmix=overwrite:1\n", NULL },
		{ TWO "rw=write\n[b]\nrw=randwrite\nsize=2m\n", NULL },
		{ TWO "mix=append:1\n[b]\nrw=write\n",
		  "t.job:8: " AT_ONCE "both must have mix, or neither" },
		{ TWO "rw=write\n[b]\nmix=append:1\n",
		  "t.job:9: " AT_ONCE "both must have mix, or neither" },
		{ TWO "mix=append:1\n[b]\nmix=append:1\nsize=2m\n",
		  "t.job:10: " AT_ONCE "both must have the same size" },
		{ TWO "mix=append:1\n[b]\nmix=append-prealloc:1\n",
		  "t.job:9: " AT_ONCE "append and append-prealloc can't share "
		  "a file" },
		{ TWO "mix=append-prealloc:1\n[c]\nmix=overwrite:1\n[b]\n"
		      "mix=append:1\n",
		  "t.job:11: " AT_ONCE "append and "
		  "append-prealloc can't share a file" },
		{ TWO "mix=append:1\n[b]\nmix=gap+unaligned:1\n",
		  "t.job:9: " AT_ONCE "all extending kinds must have "
		  "+unaligned, or none" },
		/* A stonewall ends it; so do other names and directories. */
		{ TWO "mix=append:1\n[b]\nstonewall\nmix=append-prealloc:1\n", NULL },
		{ TWO "mix=append:1\n[b]\nfilename=g\nrw=write\n", NULL },
		{ TWO "mix=append:1\n[b]\ndirectory=d\nrw=write\n", NULL },
		{ HEAD "size=1m\n[a]\nmix=append:1\n[b]\nrw=write\n", NULL },
		/* Lists of names. */
		{ TWO "mix=append:1\n[b]\nfilename=x:f:y\nrw=write\n",
		  "t.job:8: " AT_ONCE "both must have mix, or neither" },
		{ TWO "mix=append:1\n[b]\nfilename=f\\:y\nrw=write\n", NULL },
		{ TWO "rw=write\nfilename=x:y:x\n", "t.job:8: filename has 'x' twice" },
		{ TWO "rw=write\nfilename=x::y\n", "t.job:8: filename=x::y: "
						   "has an empty name in its list" },
		{ TWO "rw=write\nfilename=x:\n", "t.job:8: filename=x:: has "
						 "an empty name in its list" },
		{ TWO "rw=write\nfilename=:x\n", "t.job:8: filename=:x: has "
						 "an empty name in its list" },
	};

	(void)state;
	check_rows(row, NR(row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mix),
		cmocka_unit_test(test_mix_too_many),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_shared_files),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
