/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/option.h"

#define FIELD(f) offsetof(struct workload_job, f)

#define SIZE_MAX_BYTES (UINT64_C(1) << 60)
#define BS_MAX_BYTES (UINT64_C(1) << 30)
#define SECTOR_BYTES 512
#define S_NS UINT64_C(1000000000)
#define US_NS UINT64_C(1000)
#define DAY_NS (86400 * S_NS)

static const struct option_word ioengine_words[] = { { "libaio", WORKLOAD_LIBAIO },
						     { "io_uring", WORKLOAD_IO_URING },
						     { "null", WORKLOAD_NULL },
#ifdef DIOWAIT_TEST_ENGINES
						     { "sim", WORKLOAD_SIM },
#endif
						     { NULL, 0 } };

/* WORKLOAD_RW_NONE has no word: it means that the key is not there. */
static const struct option_word rw_words[] = {
	{ "write", WORKLOAD_WRITE },  { "randwrite", WORKLOAD_RANDWRITE },
	{ "read", WORKLOAD_READ },    { "randread", WORKLOAD_RANDREAD },
	{ "rw", WORKLOAD_RW },	      { "randrw", WORKLOAD_RANDRW },
	{ "readwrite", WORKLOAD_RW }, { NULL, 0 }
};

static const struct option_word fallocate_words[] = {
	{ "none", WORKLOAD_FALLOC_NONE },	  { "native", WORKLOAD_FALLOC_NATIVE },
	{ "posix", WORKLOAD_FALLOC_POSIX },	  { "keep", WORKLOAD_FALLOC_KEEP },
	{ "truncate", WORKLOAD_FALLOC_TRUNCATE }, { "0", WORKLOAD_FALLOC_NONE },
	{ "1", WORKLOAD_FALLOC_POSIX },		  { NULL, 0 }
};

static const struct option_word sync_words[] = {
	{ "none", WORKLOAD_SYNC_NONE }, { "dsync", WORKLOAD_SYNC_DSYNC },
	{ "sync", WORKLOAD_SYNC_SYNC }, { "0", WORKLOAD_SYNC_NONE },
	{ "1", WORKLOAD_SYNC_SYNC },	{ NULL, 0 }
};

static const struct option_word reap_words[] = { { "each", WORKLOAD_REAP_EACH },
						 { "full", WORKLOAD_REAP_FULL },
						 { NULL, 0 } };

static const struct option_word extend_wait_words[] = {
	{ "kernel", WORKLOAD_EXTEND_KERNEL }, { "none", WORKLOAD_EXTEND_NONE },
	{ "own", WORKLOAD_EXTEND_OWN },	      { "all", WORKLOAD_EXTEND_ALL },
	{ "drain", WORKLOAD_EXTEND_DRAIN },   { NULL, 0 }
};

static const struct option_word rate_process_words[] = {
	{ "linear", WORKLOAD_RATE_LINEAR },
	{ "poisson", WORKLOAD_RATE_POISSON },
	{ NULL, 0 }
};

static const struct option_word cpus_policy_words[] = {
	{ "shared", WORKLOAD_CPUS_SHARED }, { "split", WORKLOAD_CPUS_SPLIT }, { NULL, 0 }
};

static const struct option_word think_words[] = { { "complete", WORKLOAD_THINK_COMPLETE },
						  { "issue", WORKLOAD_THINK_ISSUE },
						  { NULL, 0 } };

#define BOOL(key, text, defval) FIXED_BOOL(key, text, defval, 0, 1)

/* One whose other value is an error. */
#define FIXED_BOOL(key, text, defval, lo, hi) \
	.name = #key, .type = OPTION_BOOL, .offset = FIELD(key), .min = lo, .max = hi, \
	.def = defval, .help = text

#define INT(key, lo, hi, defval, text) \
	.name = #key, .type = OPTION_INT, .offset = FIELD(key), .min = lo, .max = hi, \
	.def = defval, .help = text

/* The name of a log; by itself, the job's. */
#define LOG(key, text) \
	{ \
		.name = #key, .type = OPTION_TEXT, .offset = FIELD(key), \
		.bare = "$jobname", .keywords = true, .output = true, .help = text \
	}

/* A key of fio that changes nothing here; a note says what happens instead. */
#define NOTED2(key, key2, text) \
	{ \
		.name = key, .alias = key2, .status = OPTION_NOTED, .why = text \
	}
#define NOTED(key, text) NOTED2(key, NULL, text)

/*
 * A key of fio that can't be had, what ignoring it would hide or what to do
 * instead, and the value that asks for nothing (NULL: each asks for something).
 */
#define REFUSED_FOR2(key, key2, off, text) \
	{ \
		.name = key, .alias = key2, .status = OPTION_REFUSED, .def = off, \
		.why = text \
	}
#define REFUSED_FOR(key, off, text) REFUSED_FOR2(key, NULL, off, text)

/* A key of fio that is known by name, so that the error can say so. */
#define REFUSED(key) \
	{ \
		.name = key, .status = OPTION_REFUSED \
	}
#define REFUSED2(key, key2) \
	{ \
		.name = key, .alias = key2, .status = OPTION_REFUSED \
	}

const struct option_row option_table[] = {
	/* What is written, and how it is passed to the kernel. */
	{
		.name = "ioengine",
		.type = OPTION_ENUM,
		.offset = FIELD(ioengine),
		.def = "libaio",
		.word = ioengine_words,
		.help = "the interface that passes writes to the kernel",
		.why = "diowait measures asynchronous writes",
	},
	{
		FIXED_BOOL(direct, "O_DIRECT; there is no other way here", "1", 1, 1),
		.why = "diowait measures direct I/O only",
	},
	{
		FIXED_BOOL(buffered, "the opposite of direct", "0", 0, 0),
		.why = "diowait measures direct I/O only",
	},
	{
		.name = "rw",
		.alias = "readwrite",
		.type = OPTION_ENUM,
		.offset = FIELD(rw),
		.word = rw_words,
		.help = "order of the offsets, ascending or random; reads, writes or both",
		.why = "there are no trims, and no :nr",
	},
	{
		INT(rwmixread, 0, 100, "50", "percent of reads in rw=rw and randrw"),
	},
	{
		INT(rwmixwrite, 0, 100, "50",
		    "percent of writes, where rwmixread is not given"),
	},
	{
		.name = "mix",
		.own = true,
		.type = OPTION_MIX,
		.offset = FIELD(mix),
		.help = "kinds of operation and their weights",
	},
	{
		.name = "bs",
		.alias = "blocksize",
		.type = OPTION_SIZE,
		.offset = FIELD(bs),
		.min = SECTOR_BYTES,
		.max = BS_MAX_BYTES,
		.step = SECTOR_BYTES,
		.def = "4k",
		.unit = "bytes",
		.shares_field = true,
		.help = "length of each write",
	},
	{
		.name = "bsrange",
		.alias = "blocksize_range",
		.type = OPTION_RANGE,
		.offset = FIELD(bs),
		.min = SECTOR_BYTES,
		.max = BS_MAX_BYTES,
		.step = SECTOR_BYTES,
		.unit = "bytes",
		.shares_field = true,
		.help = "lengths, multiples of the lower one",
	},
	{
		.name = "bssplit",
		.type = OPTION_SPLIT,
		.offset = FIELD(bssplit),
		.min = SECTOR_BYTES,
		.max = BS_MAX_BYTES,
		.step = SECTOR_BYTES,
		.shares_field = true,
		.help = "lengths and how often each is, in percent",
	},
	{
		.name = "blockalign",
		.alias = "ba",
		.type = OPTION_SIZE,
		.offset = FIELD(blockalign),
		.min = SECTOR_BYTES,
		.max = BS_MAX_BYTES,
		.step = SECTOR_BYTES,
		.unit = "bytes",
		.help = "random positions are multiples of it, if not of bs",
	},
	{
		.name = "random_distribution",
		.type = OPTION_DISTRIBUTION,
		.offset = FIELD(random_distribution),
		.def = "random",
		.help = "how often each random position is hit; random: all alike",
	},
	{
		INT(percentage_random, 0, 100, "100",
		    "percent of rw=randwrite and the like at random positions; "
		    "the others follow what was before"),
	},
	{
		.name = "size",
		.type = OPTION_SHARE,
		.offset = FIELD(size),
		.max = SIZE_MAX_BYTES,
		.unit = "bytes",
		.help = "bytes laid out before the first write",
	},
	{
		.name = "filesize",
		.type = OPTION_SHARE,
		.offset = FIELD(filesize),
		.max = SIZE_MAX_BYTES,
		.unit = "bytes",
		.help = "size, where that is not given",
	},
	{
		.name = "io_size",
		.alias = "io_limit",
		.type = OPTION_SHARE,
		.offset = FIELD(io_size),
		.max = SIZE_MAX_BYTES,
		.unit = "bytes",
		.help = "bytes of I/O per thread and round, if not size",
	},
	{
		.name = "offset",
		.alias = "fileoffset",
		.type = OPTION_SHARE,
		.offset = FIELD(offset),
		.max = SIZE_MAX_BYTES,
		.step = SECTOR_BYTES,
		.def = "0",
		.unit = "bytes",
		.help = "where in the file the job starts",
	},
	{
		.name = "offset_increment",
		.type = OPTION_U64,
		.offset = FIELD(offset_increment),
		.max = SIZE_MAX_BYTES,
		.step = SECTOR_BYTES,
		.def = "0",
		.unit = "bytes",
		.help = "added to offset for each thread of the job before",
	},
	{
		.name = "offset_align",
		.type = OPTION_U64,
		.offset = FIELD(offset_align),
		.max = BS_MAX_BYTES,
		.step = SECTOR_BYTES,
		.def = "0",
		.unit = "bytes",
		.help = "an offset in percent is rounded up to it; 0: to bs",
	},

	/* Where it is written. */
	{
		.name = "filename",
		.type = OPTION_TEXT,
		.offset = FIELD(filename),
		.help = "file, or files divided by ':'; "
			"if not JOB.THREAD.0",
	},
	{
		.name = "filename_format",
		.type = OPTION_TEXT,
		.offset = FIELD(filename_format),
		.keywords = true,
		.help = "the file of each thread, with $jobname, $jobnum and $filenum in it",
	},
	{
		INT(nrfiles, 1, 65536, "1",
		    "files of each thread, which share size, where filename names none"),
		.alias = "nr_files",
	},
	{
		.name = "directory",
		.output = true,
		.type = OPTION_TEXT,
		.offset = FIELD(directory),
		.help = "where the files are, if not here; -d overrides it",
	},
	{
		.name = "fallocate",
		.type = OPTION_ENUM,
		.offset = FIELD(fallocate),
		.def = "native",
		.word = fallocate_words,
		.help = "how space is reserved before the first write",
	},
	{ BOOL(overwrite, "write the file before the run", "0") },
	{ BOOL(file_append, "start at the end of the file", "0") },
	{ BOOL(create_on_open, "create the file empty, without layout", "0") },
	{ BOOL(unlink, "remove the files at the end", "1") },

	/* How much at once. */
	{
		INT(iodepth, 1, 65536, "1", "operations in flight at most"),
	},
	{
		INT(iodepth_batch_submit, 0, 65536, "1",
		    "operations passed on by one call; 0: iodepth"),
		.alias = "iodepth_batch",
	},
	{
		INT(iodepth_batch_complete_min, 0, 65536, "1",
		    "completions that a wait waits for; 0 is taken as 1"),
		.alias = "iodepth_batch_complete",
	},
	{
		INT(iodepth_batch_complete_max, 0, 65536, "0",
		    "completions taken at once; 0: iodepth, with reap=full as many as waited for"),
	},
	{
		INT(append_depth, 1, 65536, NULL,
		    "extending writes in flight at most, if not iodepth"),
		.own = true,
	},
	{
		.name = "reap",
		.own = true,
		.type = OPTION_ENUM,
		.offset = FIELD(reap),
		.def = "each",
		.word = reap_words,
		.help = "completions are looked for after each call, "
			"or when the queue is full",
	},
	{
		INT(rate_iops, 1, 10000000, NULL,
		    "operations due a second, in each thread, done or not: an open loop"),
	},
	{
		.name = "rate",
		.type = OPTION_U64,
		.offset = FIELD(rate),
		.min = 1,
		.max = SIZE_MAX_BYTES,
		.unit = "bytes",
		.help = "the same in bytes a second",
	},
	{
		.name = "rate_process",
		.type = OPTION_ENUM,
		.offset = FIELD(rate_process),
		.def = "linear",
		.word = rate_process_words,
		.help = "when they are due: evenly spaced, or at random as from many clients",
	},
	{
		.name = "latency_target",
		.type = OPTION_TIME,
		.offset = FIELD(latency_target_ns),
		.max = DAY_NS,
		.bare_ns = US_NS,
		.def = "0s",
		.help = "search the highest rate that keeps resp below it; 0: none",
	},
	{
		.name = "latency_percentile",
		.type = OPTION_PERCENTILES,
		.offset = FIELD(latency_percentile),
		.def = "100",
		.help = "the one of resp that has to stay below latency_target",
	},
	{
		.name = "latency_window",
		.type = OPTION_TIME,
		.offset = FIELD(latency_window_ns),
		.max = 1000 * DAY_NS,
		.bare_ns = US_NS,
		.def = "0s",
		.help = "runtime of each rate of that search, if not runtime",
	},
	{
		.name = "max_latency",
		.type = OPTION_TIME,
		.offset = FIELD(max_latency_ns),
		.max = DAY_NS,
		.bare_ns = US_NS,
		.def = "0s",
		.help = "a longer lat ends the run with an error; 0: any may be",
	},
	{
		.name = "thinktime",
		.type = OPTION_TIME,
		.offset = FIELD(thinktime_ns),
		.max = DAY_NS,
		.bare_ns = US_NS,
		.def = "0s",
		.help = "pause between writes, when all in flight are done; 0: none",
	},
	{
		.name = "thinktime_spin",
		.type = OPTION_TIME,
		.offset = FIELD(thinktime_spin_ns),
		.max = DAY_NS,
		.bare_ns = US_NS,
		.def = "0s",
		.help = "so much of a pause is spent working, the rest asleep",
	},
	{
		INT(thinktime_blocks, 1, 1000000000, "1",
		    "operations from one pause to the next"),
	},
	{
		.name = "thinktime_blocks_type",
		.type = OPTION_ENUM,
		.offset = FIELD(thinktime_blocks_type),
		.def = "complete",
		.word = think_words,
		.help = "those that are done, or those that were submitted",
	},
	{
		.name = "thinktime_iotime",
		.type = OPTION_TIME,
		.offset = FIELD(thinktime_iotime_ns),
		.max = DAY_NS,
		.bare_ns = S_NS,
		.def = "0s",
		.help = "or the time from one pause to the next; 0: thinktime_blocks decides",
	},
	{
		.name = "extend_wait",
		.own = true,
		.type = OPTION_ENUM,
		.offset = FIELD(extend_wait),
		.def = "kernel",
		.word = extend_wait_words,
		.help = "what an extending write waits for, in user space; "
			"kernel: the real thing",
	},
	{ INT(numjobs, 1, 1024, "1", "threads that run this job") },
	{ BOOL(thread, "threads, not processes; always so here", "0") },
	{ BOOL(stonewall, "wait for the jobs above to end", "0"),
	  .alias = "wait_for_previous" },
	{
		.name = "wait_for",
		.type = OPTION_TEXT,
		.offset = FIELD(wait_for),
		.help = "wait for all threads of this job, one above, to end",
	},
	{
		.name = "startdelay",
		.type = OPTION_TIME,
		.offset = FIELD(startdelay_ns),
		.max = 1000 * DAY_NS,
		.bare_ns = S_NS,
		.def = "0s",
		.help = "start so long after the other jobs",
	},
	{
		.name = "cpus_allowed",
		.type = OPTION_TEXT,
		.offset = FIELD(cpus_allowed),
		.help = "processors that the threads run on, as 0-3,8; if not all",
	},
	{
		.name = "cpus_allowed_policy",
		.type = OPTION_ENUM,
		.offset = FIELD(cpus_allowed_policy),
		.def = "shared",
		.word = cpus_policy_words,
		.help = "all threads on all of them, or each on one",
	},
	{
		.name = "cpumask",
		.type = OPTION_U64,
		.offset = FIELD(cpumask),
		.min = 1,
		.max = UINT64_MAX,
		.help = "the same as a number whose bits are processors",
	},

	/* How long. */
	{
		.name = "runtime",
		.alias = "timeout",
		.type = OPTION_TIME,
		.offset = FIELD(runtime_ns),
		.max = 1000 * DAY_NS,
		.bare_ns = S_NS,
		.def = "0s",
		.help = "a round ends after this time; 0: no limit",
	},
	{ BOOL(time_based, "start again until runtime is over", "0") },
	{
		.name = "ramp_time",
		.type = OPTION_TIME,
		.offset = FIELD(ramp_time_ns),
		.max = 1000 * DAY_NS,
		.bare_ns = S_NS,
		.def = "0s",
		.help = "time before each round's measurement starts",
	},
	{
		.name = "number_ios",
		.type = OPTION_U64,
		.offset = FIELD(number_ios),
		.max = UINT64_MAX,
		.def = "0",
		.help = "a round ends after so many reads and writes; "
			"0: no limit",
	},
	{
		INT(loops, 1, 1000000, "1",
		    "io_size and number_ios, or else size, so many times over"),
	},
	{ BOOL(exitall, "the first thread that is done ends all", "0") },
	{
		.name = "sweep",
		.own = true,
		.type = OPTION_TEXT,
		.offset = FIELD(sweep),
		.adds_up = true,
		.help = "KEY:VALUE,VALUE,...: a variant for each value; "
			"lines make a cross product",
	},
	{ INT(rounds, 1, 10000, "1", "repetitions of the whole run"), .own = true },

	/* Synchronisation. */
	{
		.name = "sync",
		.type = OPTION_ENUM,
		.offset = FIELD(sync),
		.def = "none",
		.word = sync_words,
		.help = "open the file with O_DSYNC or O_SYNC",
	},
	{ INT(fsync, 0, UINT32_MAX, "0", "a fsync after every so many writes; 0: none") },
	{ INT(fdatasync, 0, UINT32_MAX, "0",
	      "a fdatasync after every so many writes; 0: none") },

	/* The rest. */
	{
		.name = "randseed",
		.type = OPTION_U64,
		.offset = FIELD(randseed),
		.max = UINT64_MAX,
		.def = "137",
		.help = "seed of kinds, lengths and offsets",
	},
	{ BOOL(nowait, "RWF_NOWAIT on every read and write", "0") },
	{ BOOL(atomic, "RWF_ATOMIC on every write: whole or not at all", "0") },
	{ BOOL(fixedbufs, "io_uring: buffers registered before the run", "0") },
	{ BOOL(registerfiles, "io_uring: files registered before the run", "0") },
	{
		INT(force_async, 0, 1000000, "0",
		    "io_uring: each so many-th goes to a worker (IOSQE_ASYNC); 0: none"),
	},
	{
		.name = "percentile_list",
		.type = OPTION_PERCENTILES,
		.offset = FIELD(percentile_list),
		.help = "more percentiles for the result, divided by ':'",
	},
	LOG(write_lat_log,
	    "slat, clat and lat of each read and write go to NAME_lat.N.log and others"),
	LOG(write_bw_log, "KiB/s go to NAME_bw.N.log"),
	LOG(write_iops_log, "IOPS go to NAME_iops.N.log"),
	LOG(write_hist_log, "histograms of clat go to NAME_clat_hist.N.log"),
	{
		INT(log_avg_msec, 0, 86400000, "0",
		    "a line of a log is the mean of so many milliseconds; 0: one operation"),
		.output = true,
	},
	{
		INT(log_hist_msec, 0, 86400000, "0",
		    "a histogram of write_hist_log is of so many milliseconds"),
		.output = true,
	},
	{
		INT(log_hist_coarseness, 0, 6, "0",
		    "bins of write_hist_log are joined, 2 to the power of it"),
		.output = true,
	},
	{ BOOL(log_offset, "lines of logs have the offset of the operation", "0"),
	  .output = true },
	{
		.name = "blocked_min",
		.own = true,
		.type = OPTION_TIME,
		.offset = FIELD(blocked_min_ns),
		.min = 1,
		.max = 1000 * S_NS,
		.bare_ns = US_NS,
		.help = "calls this long count as blocked without evidence, "
			"if not max(5us, 8 * p50)",
	},
	{
		.name = "antagonists",
		.own = true,
		.type = OPTION_TEXT,
		.offset = FIELD(antagonists),
		.help = "stress only: threads beside the load, NAME,NAME,...",
	},

	/*
	 * fio's other keys, up to 3.42 with those of its libaio and io_uring
	 * engines, in fio's order: noted, or refused.
	 */
	NOTED("description",
	      "a text for people, which stays in the copy of the workload file"),
	NOTED("name", "a job has the name of its section"),
	REFUSED_FOR("lockfile", NULL,
		    "it would order the writes of threads that share a file"),
	REFUSED_FOR("unique_filename", "1", "it would change which threads share a file"),
	REFUSED_FOR("opendir", NULL,
		    "files of others are never written to: name a new one with filename"),
	REFUSED_FOR2("bs_unaligned", "blocksize_unaligned", "0",
		     "direct writes have to be aligned; mix has +unaligned"),
	REFUSED_FOR("bs_is_seq_rand", "0", "it would change the lengths of writes"),
	NOTED2("randrepeat", "allrandrepeat",
	       "sequences follow from randseed alone, and are the same in every run"),
	NOTED("norandommap",
	      "a random pass still visits each block once, so that no block is hit twice in it"),
	NOTED("softrandommap",
	      "the random map is computed and takes no memory, so that it is always there"),
	NOTED("ignore_error",
	      "ENOSPC ends the kinds that need space, EAGAIN under nowait is counted, any other error ends the run"),
	REFUSED_FOR("rw_sequencer", NULL, "it would change the offsets of writes"),
	REFUSED_FOR("ioengine_so_path", NULL,
		    "engines are built in: libaio, io_uring and null"),
	REFUSED_FOR(
		"iodepth_low", "0",
		"it would change how many writes are in flight: the queue is always filled up again"),
	REFUSED_FOR("serialize_overlap", "0",
		    "it would change how many writes are in flight"),
	NOTED("io_submit_mode",
	      "each thread submits its own writes; where that makes them late, the report says by what"),
	REFUSED_FOR2("fill_device", "fill_fs", "0",
		     "it would write until the device is full: give size"),
	REFUSED_FOR("num_range", NULL, "it belongs to trims"),
	NOTED("random_generator",
	      "offsets are a computed permutation: each block once, in an order of its own"),
	REFUSED_FOR("file_service_type", "roundrobin",
		    "it would change which file a write goes to: they take turns"),
	NOTED("openfiles", "all files of a job are open, and take turns"),
	NOTED("fadvise_hint",
	      "advice is for the page cache, which direct writes do not use"),
	REFUSED_FOR(
		"write_barrier", NULL,
		"it would add calls between the writes; fsync and fdatasync can be given"),
	REFUSED_FOR(
		"sync_file_range", NULL,
		"it would add calls between the writes; fsync and fdatasync can be given"),
	REFUSED_FOR("dontcache", "0", "it is about writes through the page cache"),
	REFUSED_FOR("verify_only", NULL, "nothing would be written"),
	REFUSED_FOR("ramp_size", "0",
		    "it would change when the measurement begins: use ramp_time"),
	NOTED("clocksource", "all times are CLOCK_MONOTONIC"),
	NOTED2("mem", "iomem",
	       "buffers are private memory, aligned to pages; no huge pages and no shared memory"),
	NOTED2("iomem_align", "mem_align",
	       "buffers are aligned to pages, or to what the device asks for if that is more"),
	NOTED("verify",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("do_verify",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verifysort",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verifysort_nr",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_interval",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_offset",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_pattern",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_pattern_interval",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_fatal",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_dump",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_async",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_async_cpus",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_backlog",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_backlog_batch",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_header_seed",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_policy",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("verify_write_sequence",
	      "nothing is verified in a run; diowait stress verifies each write"),
	NOTED("experimental_verify",
	      "nothing is verified in a run; diowait stress verifies each write"),
	REFUSED_FOR("verify_state_load", "0",
		    "nothing is verified in a run: use diowait stress"),
	NOTED("verify_state_save",
	      "nothing is verified in a run; diowait stress verifies each write"),
	REFUSED_FOR("trim_percentage", "0", "there are no trims"),
	NOTED("trim_verify_zero", "there are no trims"),
	NOTED("trim_backlog", "there are no trims"),
	NOTED("trim_backlog_batch", "there are no trims"),
	REFUSED_FOR("write_iolog", NULL, "logs of I/O are neither written nor replayed"),
	REFUSED_FOR("read_iolog", NULL, "logs of I/O are neither written nor replayed"),
	NOTED("read_iolog_chunked", "nothing is replayed"),
	NOTED("replay_no_stall", "nothing is replayed"),
	NOTED("replay_redirect", "nothing is replayed"),
	NOTED("replay_scale", "nothing is replayed"),
	NOTED("replay_align", "nothing is replayed"),
	NOTED("replay_time_scale", "nothing is replayed"),
	NOTED("replay_skip", "nothing is replayed"),
	REFUSED_FOR("merge_blktrace_file", NULL,
		    "logs of I/O are neither written nor replayed"),
	NOTED("merge_blktrace_scalars", "nothing is merged"),
	NOTED("merge_blktrace_iters", "nothing is merged"),
	REFUSED_FOR(
		"exec_prerun", NULL,
		"no name of a workload file reaches a shell: run the command yourself"),
	REFUSED_FOR(
		"exec_postrun", NULL,
		"no name of a workload file reaches a shell: run the command yourself"),
	REFUSED_FOR(
		"ioscheduler", NULL,
		"nothing of the machine is changed: set it in /sys/block before the run"),
	REFUSED_FOR("zonemode", "none", "it would change the offsets of writes"),
	REFUSED_FOR("zonesize", "0", "zoned devices and strided zones are not done"),
	REFUSED_FOR("zonecapacity", "0", "zoned devices and strided zones are not done"),
	REFUSED_FOR("zonerange", "0", "zoned devices and strided zones are not done"),
	REFUSED_FOR("zoneskip", "0", "zoned devices and strided zones are not done"),
	REFUSED_FOR("read_beyond_wp", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("max_open_zones", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("job_max_open_zones", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("ignore_zone_limits", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("recover_zbd_write_error", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("zone_reset_threshold", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("zone_reset_frequency", "0",
		    "zoned devices and strided zones are not done"),
	REFUSED_FOR("fdp", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("fdp_pli", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("fdp_pli_select", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("dataplacement", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("dp_scheme", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("plids", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("plid_select", "0", "it belongs to engines of NVMe"),
	REFUSED_FOR("lockmem", "0",
		    "it would take memory from the page cache: do it outside"),
	NOTED("rwmixcycle", "fio does nothing with it either"),
	REFUSED_FOR("nice", "0",
		    "it would change who runs first: start diowait under nice(1)"),
	REFUSED_FOR("prio", "0",
		    "it would change who is served first: start diowait under ionice(1)"),
	REFUSED_FOR("prioclass", "0",
		    "it would change who is served first: start diowait under ionice(1)"),
	REFUSED_FOR("priohint", "0",
		    "it would change who is served first: start diowait under ionice(1)"),
	REFUSED_FOR("thinkcycles", "0", "it would change how many writes are in flight"),
	REFUSED2("rate_min", "ratemin"),
	REFUSED2("rate_cycle", "ratecycle"),
	REFUSED("rate_ignore_thinktime"),
	REFUSED("rate_iops_min"),
	REFUSED_FOR("latency_run", "0", "the run ends when the rate is found"),
	NOTED("invalidate",
	      "direct writes do not use the page cache, and each round has fresh files"),
	REFUSED_FOR("write_hint", "none", "it would change where a device puts the data"),
	NOTED("create_serialize", "files are laid out one after another"),
	NOTED("create_fsync", "the layout always ends with fsync and syncfs"),
	REFUSED_FOR("create_only", "0", "nothing would be written"),
	REFUSED_FOR("allow_file_create", "1",
		    "files are always made: each round has fresh ones"),
	NOTED("allow_mounted_write",
	      "a block device needs --destroy-data, and must not be mounted"),
	NOTED("pre_read", "direct writes do not use the page cache"),
	REFUSED_FOR(
		"numa_cpu_nodes", NULL,
		"it would change where the threads run: start diowait under numactl(8)"),
	REFUSED_FOR(
		"numa_mem_policy", NULL,
		"it would change where the threads run: start diowait under numactl(8)"),
	NOTED("end_fsync",
	      "no fsync ends a job: fio counts its time in the bandwidth, and no latency shows it"),
	NOTED("fsync_on_close",
	      "no fsync ends a job: fio counts its time in the bandwidth, and no latency shows it"),
	NOTED("unlink_each_loop", "each round has fresh files"),
	REFUSED_FOR("exit_what", "group",
		    "exitall ends the jobs that run beside each other, and no others"),
	NOTED("exitall_on_error", "an error always ends the whole run"),
	NOTED("new_group", "each job section is reported by itself"),
	REFUSED_FOR(
		"per_job_logs", "1",
		"it would put the lines of all threads into one file: each has its own"),
	NOTED("bwavgtime", "the result has a point a second"),
	NOTED("iopsavgtime", "the result has a point a second"),
	NOTED("log_entries", "logs are kept in memory, and grow as they have to"),
	NOTED2("log_window_value", "log_max_value",
	       "a line of a window is its mean, never its maximum"),
	NOTED("log_prio", "lines of logs have priority 0"),
	NOTED("log_issue_time", "lines of logs have the time of completion alone"),
	NOTED("log_compression", "logs are not compressed"),
	NOTED("log_compression_cpus", "logs are not compressed"),
	NOTED("log_store_compressed", "logs are not compressed"),
	NOTED("log_unix_epoch", "times of logs count from the thread's first submission"),
	NOTED("log_alternate_epoch",
	      "times of logs count from the thread's first submission"),
	NOTED2("log_alternate_epoch_clock_id", "job_start_clock_id",
	       "times of logs count from the thread's first submission"),
	NOTED("block_error_percentiles",
	      "errors are counted by kind, without percentiles"),
	NOTED("group_reporting", "the threads of a job are always added up"),
	NOTED("stats", "the job is reported all the same"),
	NOTED("zero_buffers",
	      "buffers hold random bytes: a layer that skips zeros or compresses does more work than in fio"),
	NOTED("refill_buffers",
	      "buffers are filled once, each with random bytes of its own, and repeat after iodepth writes: a layer that finds copies does less work than in fio"),
	NOTED("scramble_buffers",
	      "buffers are filled once, each with random bytes of its own, and repeat after iodepth writes: a layer that finds copies does less work than in fio"),
	NOTED("buffer_pattern",
	      "buffers hold random bytes: a layer that skips zeros or compresses does more work than in fio"),
	NOTED("buffer_compress_percentage",
	      "buffers hold random bytes, which can not be compressed"),
	NOTED("buffer_compress_chunk",
	      "buffers hold random bytes, which can not be compressed"),
	NOTED("dedupe_percentage",
	      "buffers repeat after iodepth writes, however many copies are wanted"),
	NOTED("dedupe_mode",
	      "buffers repeat after iodepth writes, however many copies are wanted"),
	NOTED("dedupe_working_set_percentage",
	      "buffers repeat after iodepth writes, however many copies are wanted"),
	NOTED("dedupe_global",
	      "buffers repeat after iodepth writes, however many copies are wanted"),
	NOTED("clat_percentiles",
	      "percentiles of slat, clat and lat are always in the result"),
	NOTED("lat_percentiles",
	      "percentiles of slat, clat and lat are always in the result"),
	NOTED("slat_percentiles",
	      "percentiles of slat, clat and lat are always in the result"),
	NOTED("significant_figures",
	      "figures have three digits in the report, and all of them in the result"),
	NOTED("disk_util", "the devices that are below are in the result as host facts"),
	NOTED("gtod_reduce",
	      "all times are always taken: two clock readings and three histograms for each write"),
	NOTED("disable_lat",
	      "all times are always taken: two clock readings and three histograms for each write"),
	NOTED("disable_clat",
	      "all times are always taken: two clock readings and three histograms for each write"),
	NOTED("disable_slat",
	      "all times are always taken: two clock readings and three histograms for each write"),
	NOTED2("disable_bw_measurement", "disable_bw",
	       "all times are always taken: two clock readings and three histograms for each write"),
	NOTED("gtod_cpu", "each thread reads the clock itself"),
	REFUSED("job_start_offset"),
	NOTED("unified_rw_reporting", "each kind is reported by itself"),
	NOTED("continue_on_error",
	      "ENOSPC ends the kinds that need space, EAGAIN under nowait is counted, any other error ends the run"),
	NOTED("error_dump", "an error that ends the run is always said"),
	REFUSED_FOR("profile", NULL, "profiles of jobs are not done"),
	REFUSED_FOR(
		"cgroup", NULL,
		"nothing of the machine is changed: start diowait in the control group"),
	REFUSED_FOR(
		"cgroup_nodelete", NULL,
		"nothing of the machine is changed: start diowait in the control group"),
	REFUSED_FOR(
		"cgroup_weight", NULL,
		"nothing of the machine is changed: start diowait in the control group"),
	REFUSED_FOR("uid", NULL, "start diowait as that user"),
	REFUSED_FOR("gid", NULL, "start diowait as that user"),
	REFUSED_FOR("kb_base", "1024", "it would change what k means: it is 1024"),
	NOTED("unit_base", "figures are in bytes"),
	NOTED("hugepage-size", "buffers are in no huge pages"),
	REFUSED_FOR("flow_id", "0",
		    "it would change the share of jobs: use the weights of a mix"),
	REFUSED_FOR("flow", "0",
		    "it would change the share of jobs: use the weights of a mix"),
	REFUSED_FOR("flow_watermark", "0",
		    "it would change the share of jobs: use the weights of a mix"),
	REFUSED_FOR("flow_sleep", "0",
		    "it would change the share of jobs: use the weights of a mix"),
	REFUSED2("steadystate", "ss"),
	REFUSED2("steadystate_duration", "ss_dur"),
	REFUSED2("steadystate_ramp_time", "ss_ramp"),
	REFUSED2("steadystate_check_interval", "ss_interval"),
	NOTED("userspace_reap",
	      "completions are always read from the ring that both share"),
	NOTED("libaio_vectored",
	      "each write is one buffer, and is passed on without a vector"),
	REFUSED_FOR("cmdprio_percentage", "0",
		    "it would change who is served first: start diowait under ionice(1)"),
	REFUSED_FOR("cmdprio_class", NULL, "it would change who is served first"),
	REFUSED_FOR("cmdprio_hint", NULL, "it would change who is served first"),
	REFUSED_FOR("cmdprio", NULL, "it would change who is served first"),
	REFUSED_FOR("cmdprio_bssplit", NULL, "it would change who is served first"),
	REFUSED_FOR("hipri", "0", "completions would be polled for, without interrupts"),
	REFUSED_FOR("sqthread_poll", "0",
		    "a thread of the kernel would submit, and no call could be timed"),
	REFUSED_FOR("sqthread_poll_cpu", NULL,
		    "it belongs to sqthread_poll, which is not done"),
	NOTED("nonvectored",
	      "each write is one buffer, and is passed on without a vector"),
	REFUSED_FOR("uncached", "0", "it is about writes through the page cache"),
	REFUSED_FOR("cmd_type", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("md_per_io_size", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("pi_act", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("pi_chk", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("apptag", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("apptag_mask", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("writefua", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("readfua", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("write_mode", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("verify_mode", NULL, "it belongs to engines of NVMe and SCSI"),
	REFUSED_FOR("deac", NULL, "it belongs to engines of NVMe and SCSI"),
	{ .name = NULL }
};

const size_t option_table_nr = sizeof(option_table) / sizeof(option_table[0]) - 1;
