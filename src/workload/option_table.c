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
static const struct option_word rw_words[] = { { "write", WORKLOAD_WRITE },
					       { "randwrite", WORKLOAD_RANDWRITE },
					       { NULL, 0 } };

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

#define BOOL(key, text, defval) FIXED_BOOL(key, text, defval, 0, 1)

/* One whose other value is an error. */
#define FIXED_BOOL(key, text, defval, lo, hi) \
	.name = #key, .type = OPTION_BOOL, .offset = FIELD(key), .min = lo, .max = hi, \
	.def = defval, .help = text

#define INT(key, lo, hi, defval, text) \
	.name = #key, .type = OPTION_INT, .offset = FIELD(key), .min = lo, .max = hi, \
	.def = defval, .help = text

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
		.help = "order of the offsets: ascending or random",
		.why = "diowait measures writes",
	},
	{
		.name = "mix",
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
		.name = "size",
		.type = OPTION_SHARE,
		.offset = FIELD(size),
		.max = SIZE_MAX_BYTES,
		.unit = "bytes",
		.help = "bytes laid out before the first write",
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

	/* Where it is written. */
	{
		.name = "filename",
		.type = OPTION_TEXT,
		.offset = FIELD(filename),
		.help = "file, or files divided by ':'; "
			"if not JOB.THREAD.0",
	},
	{
		.name = "directory",
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
	},
	{
		.name = "reap",
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
		.name = "extend_wait",
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
		.name = "sweep",
		.type = OPTION_TEXT,
		.offset = FIELD(sweep),
		.adds_up = true,
		.help = "KEY:VALUE,VALUE,...: a variant for each value; "
			"lines make a cross product",
	},
	{ INT(rounds, 1, 10000, "1", "repetitions of the whole run") },

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
	{ BOOL(fixedbufs, "io_uring: buffers registered before the run", "0") },
	{ BOOL(registerfiles, "io_uring: files registered before the run", "0") },
	{
		.name = "percentile_list",
		.type = OPTION_PERCENTILES,
		.offset = FIELD(percentile_list),
		.help = "more percentiles for the result, divided by ':'",
	},
	{
		.name = "blocked_min",
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
		.type = OPTION_TEXT,
		.offset = FIELD(antagonists),
		.help = "stress only: threads beside the load, NAME,NAME,...",
	},

	/*
	 * fio's other keys, up to 3.42 with those of its libaio and io_uring
	 * engines, in fio's order. A later issue moves them up, one by one.
	 */
	REFUSED("description"),
	REFUSED("name"),
	REFUSED("wait_for"),
	REFUSED("lockfile"),
	REFUSED("filename_format"),
	REFUSED("unique_filename"),
	REFUSED("opendir"),
	REFUSED2("ba", "blockalign"),
	REFUSED("bssplit"),
	REFUSED2("bs_unaligned", "blocksize_unaligned"),
	REFUSED("bs_is_seq_rand"),
	REFUSED2("randrepeat", "allrandrepeat"),
	REFUSED("norandommap"),
	REFUSED("softrandommap"),
	REFUSED("ignore_error"),
	REFUSED("rw_sequencer"),
	REFUSED("ioengine_so_path"),
	REFUSED("iodepth_low"),
	REFUSED("serialize_overlap"),
	REFUSED("io_submit_mode"),
	REFUSED2("fill_device", "fill_fs"),
	REFUSED("filesize"),
	REFUSED("offset_increment"),
	REFUSED("offset_align"),
	REFUSED("num_range"),
	REFUSED("random_generator"),
	REFUSED("random_distribution"),
	REFUSED("percentage_random"),
	REFUSED2("nrfiles", "nr_files"),
	REFUSED("file_service_type"),
	REFUSED("openfiles"),
	REFUSED("fadvise_hint"),
	REFUSED("write_barrier"),
	REFUSED("sync_file_range"),
	REFUSED("atomic"),
	REFUSED("dontcache"),
	REFUSED("loops"),
	REFUSED("startdelay"),
	REFUSED("verify_only"),
	REFUSED("ramp_size"),
	REFUSED("clocksource"),
	REFUSED2("mem", "iomem"),
	REFUSED2("iomem_align", "mem_align"),
	REFUSED("verify"),
	REFUSED("do_verify"),
	REFUSED("verifysort"),
	REFUSED("verifysort_nr"),
	REFUSED("verify_interval"),
	REFUSED("verify_offset"),
	REFUSED("verify_pattern"),
	REFUSED("verify_pattern_interval"),
	REFUSED("verify_fatal"),
	REFUSED("verify_dump"),
	REFUSED("verify_async"),
	REFUSED("verify_async_cpus"),
	REFUSED("verify_backlog"),
	REFUSED("verify_backlog_batch"),
	REFUSED("verify_header_seed"),
	REFUSED("verify_policy"),
	REFUSED("verify_write_sequence"),
	REFUSED("experimental_verify"),
	REFUSED("verify_state_load"),
	REFUSED("verify_state_save"),
	REFUSED("trim_percentage"),
	REFUSED("trim_verify_zero"),
	REFUSED("trim_backlog"),
	REFUSED("trim_backlog_batch"),
	REFUSED("write_iolog"),
	REFUSED("read_iolog"),
	REFUSED("read_iolog_chunked"),
	REFUSED("replay_no_stall"),
	REFUSED("replay_redirect"),
	REFUSED("replay_scale"),
	REFUSED("replay_align"),
	REFUSED("replay_time_scale"),
	REFUSED("replay_skip"),
	REFUSED("merge_blktrace_file"),
	REFUSED("merge_blktrace_scalars"),
	REFUSED("merge_blktrace_iters"),
	REFUSED("exec_prerun"),
	REFUSED("exec_postrun"),
	REFUSED("ioscheduler"),
	REFUSED("zonemode"),
	REFUSED("zonesize"),
	REFUSED("zonecapacity"),
	REFUSED("zonerange"),
	REFUSED("zoneskip"),
	REFUSED("read_beyond_wp"),
	REFUSED("max_open_zones"),
	REFUSED("job_max_open_zones"),
	REFUSED("ignore_zone_limits"),
	REFUSED("recover_zbd_write_error"),
	REFUSED("zone_reset_threshold"),
	REFUSED("zone_reset_frequency"),
	REFUSED("fdp"),
	REFUSED("fdp_pli"),
	REFUSED("fdp_pli_select"),
	REFUSED("dataplacement"),
	REFUSED("dp_scheme"),
	REFUSED("plids"),
	REFUSED("plid_select"),
	REFUSED("lockmem"),
	REFUSED("rwmixcycle"),
	REFUSED("rwmixread"),
	REFUSED("rwmixwrite"),
	REFUSED("nice"),
	REFUSED("prio"),
	REFUSED("prioclass"),
	REFUSED("priohint"),
	REFUSED("thinktime"),
	REFUSED("thinktime_spin"),
	REFUSED("thinktime_blocks"),
	REFUSED("thinktime_blocks_type"),
	REFUSED("thinktime_iotime"),
	REFUSED("thinkcycles"),
	REFUSED2("rate_min", "ratemin"),
	REFUSED2("rate_cycle", "ratecycle"),
	REFUSED("rate_ignore_thinktime"),
	REFUSED("rate_iops_min"),
	REFUSED("max_latency"),
	REFUSED("latency_target"),
	REFUSED("latency_window"),
	REFUSED("latency_percentile"),
	REFUSED("latency_run"),
	REFUSED("invalidate"),
	REFUSED("write_hint"),
	REFUSED("create_serialize"),
	REFUSED("create_fsync"),
	REFUSED("create_only"),
	REFUSED("allow_file_create"),
	REFUSED("allow_mounted_write"),
	REFUSED("pre_read"),
	REFUSED("cpumask"),
	REFUSED("cpus_allowed"),
	REFUSED("cpus_allowed_policy"),
	REFUSED("numa_cpu_nodes"),
	REFUSED("numa_mem_policy"),
	REFUSED("end_fsync"),
	REFUSED("fsync_on_close"),
	REFUSED("unlink_each_loop"),
	REFUSED("exitall"),
	REFUSED("exit_what"),
	REFUSED("exitall_on_error"),
	REFUSED("new_group"),
	REFUSED("per_job_logs"),
	REFUSED("write_bw_log"),
	REFUSED("write_lat_log"),
	REFUSED("write_iops_log"),
	REFUSED("write_hist_log"),
	REFUSED("bwavgtime"),
	REFUSED("iopsavgtime"),
	REFUSED("log_entries"),
	REFUSED("log_avg_msec"),
	REFUSED("log_hist_msec"),
	REFUSED("log_hist_coarseness"),
	REFUSED2("log_window_value", "log_max_value"),
	REFUSED("log_offset"),
	REFUSED("log_prio"),
	REFUSED("log_issue_time"),
	REFUSED("log_compression"),
	REFUSED("log_compression_cpus"),
	REFUSED("log_store_compressed"),
	REFUSED("log_unix_epoch"),
	REFUSED("log_alternate_epoch"),
	REFUSED2("log_alternate_epoch_clock_id", "job_start_clock_id"),
	REFUSED("block_error_percentiles"),
	REFUSED("group_reporting"),
	REFUSED("stats"),
	REFUSED("zero_buffers"),
	REFUSED("refill_buffers"),
	REFUSED("scramble_buffers"),
	REFUSED("buffer_pattern"),
	REFUSED("buffer_compress_percentage"),
	REFUSED("buffer_compress_chunk"),
	REFUSED("dedupe_percentage"),
	REFUSED("dedupe_mode"),
	REFUSED("dedupe_working_set_percentage"),
	REFUSED("dedupe_global"),
	REFUSED("clat_percentiles"),
	REFUSED("lat_percentiles"),
	REFUSED("slat_percentiles"),
	REFUSED("significant_figures"),
	REFUSED("disk_util"),
	REFUSED("gtod_reduce"),
	REFUSED("disable_lat"),
	REFUSED("disable_clat"),
	REFUSED("disable_slat"),
	REFUSED2("disable_bw_measurement", "disable_bw"),
	REFUSED("gtod_cpu"),
	REFUSED("job_start_offset"),
	REFUSED("unified_rw_reporting"),
	REFUSED("continue_on_error"),
	REFUSED("error_dump"),
	REFUSED("profile"),
	REFUSED("cgroup"),
	REFUSED("cgroup_nodelete"),
	REFUSED("cgroup_weight"),
	REFUSED("uid"),
	REFUSED("gid"),
	REFUSED("kb_base"),
	REFUSED("unit_base"),
	REFUSED("hugepage-size"),
	REFUSED("flow_id"),
	REFUSED("flow"),
	REFUSED("flow_watermark"),
	REFUSED("flow_sleep"),
	REFUSED2("steadystate", "ss"),
	REFUSED2("steadystate_duration", "ss_dur"),
	REFUSED2("steadystate_ramp_time", "ss_ramp"),
	REFUSED2("steadystate_check_interval", "ss_interval"),
	REFUSED("userspace_reap"),
	REFUSED("libaio_vectored"),
	REFUSED("cmdprio_percentage"),
	REFUSED("cmdprio_class"),
	REFUSED("cmdprio_hint"),
	REFUSED("cmdprio"),
	REFUSED("cmdprio_bssplit"),
	REFUSED("hipri"),
	REFUSED("sqthread_poll"),
	REFUSED("sqthread_poll_cpu"),
	REFUSED("nonvectored"),
	REFUSED("uncached"),
	REFUSED("force_async"),
	REFUSED("cmd_type"),
	REFUSED("md_per_io_size"),
	REFUSED("pi_act"),
	REFUSED("pi_chk"),
	REFUSED("apptag"),
	REFUSED("apptag_mask"),
	REFUSED("writefua"),
	REFUSED("readfua"),
	REFUSED("write_mode"),
	REFUSED("verify_mode"),
	REFUSED("deac"),
	{ .name = NULL }
};

const size_t option_table_nr = sizeof(option_table) / sizeof(option_table[0]) - 1;
