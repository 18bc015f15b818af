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

static const struct option_word continue_words[] = {
	{ "none", 0 },
	{ "read", WORKLOAD_CONTINUE_READ },
	{ "write", WORKLOAD_CONTINUE_WRITE },
	{ "io", WORKLOAD_CONTINUE_READ | WORKLOAD_CONTINUE_WRITE },
	{ "verify", 0 },
	{ "all", WORKLOAD_CONTINUE_READ | WORKLOAD_CONTINUE_WRITE },
	{ "0", 0 },
	{ "1", WORKLOAD_CONTINUE_READ | WORKLOAD_CONTINUE_WRITE },
	{ NULL, 0 }
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
		.name = "steadystate",
		.alias = "ss",
		.type = OPTION_TEXT,
		.offset = FIELD(steadystate),
		.help = "a round ends when iops, bw or lat, or its slope, is within a limit",
	},
	{
		.name = "steadystate_duration",
		.alias = "ss_dur",
		.type = OPTION_TIME,
		.offset = FIELD(steadystate_duration_ns),
		.max = DAY_NS,
		.bare_ns = S_NS,
		.def = "0s",
		.help = "the time that steadystate looks at",
	},
	{
		.name = "steadystate_ramp_time",
		.alias = "ss_ramp",
		.type = OPTION_TIME,
		.offset = FIELD(steadystate_ramp_time_ns),
		.max = DAY_NS,
		.bare_ns = S_NS,
		.def = "0s",
		.help = "that begins so long after the measurement",
	},
	{
		.name = "steadystate_check_interval",
		.alias = "ss_interval",
		.type = OPTION_TIME,
		.offset = FIELD(steadystate_check_interval_ns),
		.min = S_NS,
		.max = DAY_NS,
		.bare_ns = S_NS,
		.def = "1s",
		.help = "of which each so long a part is a value",
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
		.name = "ignore_error",
		.type = OPTION_TEXT,
		.offset = FIELD(ignore_error),
		.help = "errors that are counted, and do not end the run: of reads, of writes",
	},
	{
		.name = "continue_on_error",
		.type = OPTION_ENUM,
		.offset = FIELD(continue_on_error),
		.def = "none",
		.word = continue_words,
		.help = "whose EIO is counted, and does not end the run",
	},
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
	{ BOOL(sqthread_poll,
	       "io_uring: a thread of the kernel submits; slat is the handing over to it",
	       "0") },
	{
		INT(sqthread_poll_cpu, 0, 65535, NULL,
		    "the processor of that thread, if not any"),
	},
	{ BOOL(hipri, "io_uring: completions are polled for, not told by interrupts",
	       "0") },
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

#include "workload/option_table_fio.h"
	{ .name = NULL }
};

const size_t option_table_nr = sizeof(option_table) / sizeof(option_table[0]) - 1;
