/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A validated workload: what the job files ask for, resolved. Filled by
 * workload_parse_*() through the option table; const for everything below.
 */
#ifndef DIOWAIT_WORKLOAD_H
#define DIOWAIT_WORKLOAD_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/distribution.h"
#include "workload/kind.h"

enum workload_engine {
	WORKLOAD_LIBAIO,
	WORKLOAD_IO_URING,
	WORKLOAD_NULL,
	WORKLOAD_SIM /* in the tests' build only */
};
enum workload_rw {
	WORKLOAD_RW_NONE, /* not given */
	WORKLOAD_WRITE,
	WORKLOAD_RANDWRITE,
	WORKLOAD_READ,
	WORKLOAD_RANDREAD,
	WORKLOAD_RW, /* both, by rwmixread */
	WORKLOAD_RANDRW
};
enum workload_fallocate {
	WORKLOAD_FALLOC_NONE,
	WORKLOAD_FALLOC_NATIVE,
	WORKLOAD_FALLOC_POSIX,
	WORKLOAD_FALLOC_KEEP,
	WORKLOAD_FALLOC_TRUNCATE
};
enum workload_sync { WORKLOAD_SYNC_NONE, WORKLOAD_SYNC_DSYNC, WORKLOAD_SYNC_SYNC };
/* What a kernel's design imposes on extending writes, imposed in user space. */
enum workload_extend_wait {
	WORKLOAD_EXTEND_KERNEL, /* nothing: the real thing */
	WORKLOAD_EXTEND_NONE,	/* the rest: on space that is written already */
	WORKLOAD_EXTEND_OWN,
	WORKLOAD_EXTEND_ALL,
	WORKLOAD_EXTEND_DRAIN
};
/* When operations of an open loop are due. */
enum workload_rate_process { WORKLOAD_RATE_LINEAR, WORKLOAD_RATE_POISSON };
enum workload_cpus_policy { WORKLOAD_CPUS_SHARED, WORKLOAD_CPUS_SPLIT };
/* What thinktime_blocks counts. */
enum workload_think { WORKLOAD_THINK_COMPLETE, WORKLOAD_THINK_ISSUE };
/* Whose EIO does not end the run; bits. */
enum workload_continue { WORKLOAD_CONTINUE_READ = 1, WORKLOAD_CONTINUE_WRITE = 2 };
/* What steadystate= looks at: each second, of all threads of the job. */
enum workload_steady_of { WORKLOAD_STEADY_IOPS, WORKLOAD_STEADY_BW, WORKLOAD_STEADY_LAT };
enum workload_reap { WORKLOAD_REAP_EACH, WORKLOAD_REAP_FULL };

#define WORKLOAD_MIX_MAX 32 /* members of one mix */
#define WORKLOAD_PERCENTILES_MAX 64
#define WORKLOAD_SPLIT_MAX 64 /* as in fio */

/* A length that may be given as a share of the target: percent > 0 then. */
struct workload_size {
	uint64_t bytes;
	unsigned int percent;
};

/* bs: lengths are multiples of min_bytes in [min_bytes, max_bytes]. */
struct workload_range {
	uint64_t min_bytes, max_bytes;
};

struct workload_mix_item {
	struct kind kind;
	double weight; /* > 0, as written */
};

struct workload_mix {
	struct workload_mix_item item[WORKLOAD_MIX_MAX];
	unsigned int nr; /* 0: the job has no mix */
};

/* Lengths and their shares; all are multiples of the smallest. */
struct workload_split {
	struct {
		uint64_t bytes;
		unsigned int percent; /* all together 100 */
	} item[WORKLOAD_SPLIT_MAX];
	unsigned int nr; /* 0: none given, see bs */
};

struct workload_percentiles {
	double p[WORKLOAD_PERCENTILES_MAX]; /* ascending, 0 < p <= 100 */
	unsigned int nr;		    /* 0: the default list only */
};

/* Where a key was given. line 0: not in a file; file is an override's origin. */
struct workload_where {
	const char *file; /* owned by the workload, see its source */
	int line;
};

/* A line of a key whose lines add up. */
struct workload_line {
	char *text; /* its value */
	struct workload_where at;
};

/*
 * One job section. Fields carry the names of their keys; see the option table
 * for meaning, range and default. "unset" is said where a value may be absent.
 */
struct workload_job {
	char *name;		      /* section name */
	char *file;		      /* job file that holds the section */
	int line;		      /* of its [name] */
	uint64_t *set;		      /* bitmap by option index: keys given by the user */
	struct workload_where *where; /* by option index, for the set ones */

	int ioengine; /* enum workload_engine */
	bool direct;
	bool buffered;
	struct workload_range bs; /* with bssplit the smallest and the largest of it */
	struct workload_split bssplit;
	struct workload_range blockalign; /* of random positions; 0: bs */
	struct distribution random_distribution;
	unsigned int percentage_random;
	struct workload_size size;
	struct workload_size filesize; /* as given; size is what counts */
	struct workload_size io_size;
	struct workload_size offset;
	uint64_t offset_increment; /* bytes, by thread of the job */
	uint64_t offset_align;	   /* bytes, of an offset in percent; 0: bs */
	char *filename;		   /* NULL: jobname.jobnum.0; ':' separates several */
	char *filename_format;	   /* NULL, or of more than one thread without filename */
	unsigned int nrfiles;	   /* where there is no filename */
	char *directory;	   /* NULL: the current directory */
	unsigned int iodepth;
	unsigned int iodepth_batch_submit;
	unsigned int iodepth_batch_complete_min;
	unsigned int iodepth_batch_complete_max; /* 0: see reap */
	unsigned int numjobs;
	bool thread;
	uint64_t runtime_ns; /* 0: no limit */
	bool time_based;
	uint64_t ramp_time_ns;
	uint64_t number_ios;		    /* 0: no limit */
	unsigned int loops;		    /* as given; io_size and number_ios have it */
	int rw;				    /* enum workload_rw */
	unsigned int rwmixread, rwmixwrite; /* percent */
	unsigned int read_percent;	    /* no key: what the two come to */
	int fallocate;			    /* enum workload_fallocate */
	bool overwrite;
	bool file_append;
	bool create_on_open;
	int sync;	    /* enum workload_sync */
	unsigned int fsync; /* a fsync after every so many writes; 0: none */
	unsigned int fdatasync;
	bool stonewall;
	char *wait_for; /* name of a job; NULL: none */
	uint64_t startdelay_ns;
	char *cpus_allowed;	 /* see workload_cpus(); NULL: all */
	int cpus_allowed_policy; /* enum workload_cpus_policy */
	uint64_t cpumask;	 /* as given; cpus_allowed is what counts */
	bool exitall;
	int continue_on_error; /* enum workload_continue, or-ed */
	char *ignore_error;    /* see workload_errors() */
	uint64_t randseed;
	bool nowait;
	bool atomic;
	bool fixedbufs;
	bool registerfiles;
	unsigned int force_async; /* each so many-th operation; 0: none */
	bool sqthread_poll;
	unsigned int sqthread_poll_cpu; /* where it is given */
	bool hipri;
	bool unlink;
	struct workload_percentiles percentile_list;
	struct workload_mix mix;
	unsigned int append_depth;  /* 0: iodepth */
	int reap;		    /* enum workload_reap */
	int extend_wait;	    /* enum workload_extend_wait */
	unsigned int rate_iops;	    /* operations a second, each thread; 0: closed loop */
	uint64_t rate;		    /* or bytes a second */
	int rate_process;	    /* enum workload_rate_process */
	uint64_t latency_target_ns; /* 0: no search */
	struct workload_percentiles latency_percentile; /* one */
	uint64_t latency_window_ns;			/* 0: runtime */
	uint64_t max_latency_ns;			/* 0: any */
	uint64_t thinktime_ns; /* 0: no pauses, whatever the next four say */
	uint64_t thinktime_spin_ns;
	unsigned int thinktime_blocks;
	int thinktime_blocks_type; /* enum workload_think */
	uint64_t thinktime_iotime_ns;
	char *steadystate; /* see workload_steady(); NULL: none */
	uint64_t steadystate_duration_ns;
	uint64_t steadystate_ramp_time_ns;
	uint64_t steadystate_check_interval_ns;
	char *sweep;	     /* run-wide; see sweep.h; NULL: nothing is swept */
	unsigned int rounds; /* run-wide: the same in every job */
	/* Logs in fio's format: the beginnings of their names; NULL: none. */
	char *write_lat_log, *write_bw_log, *write_iops_log, *write_hist_log;
	unsigned int log_avg_msec, log_hist_msec, log_hist_coarseness;
	bool log_offset;
	uint64_t blocked_min_ns; /* 0: the default rule */
	char *antagonists;	 /* stress: names, comma between; NULL: none */
};

struct workload {
	char *name;	 /* base names of the files, joined with '+' */
	char *text;	 /* all files, includes expanded, and -s lines */
	char sha256[65]; /* of the canonical form: see workload_identity() */
	struct workload_job *job;
	size_t job_nr; /* >= 1 */
	char **note;   /* lines for the user: defaults, warnings */
	size_t note_nr;
	char **source; /* names that where[] points to */
	size_t source_nr;
	struct workload_line *sweep_line; /* all of them, in the order of reading */
	size_t sweep_line_nr;
};

/* A key set from outside the files: -s KEY=VALUE, -d DIR, -r ROUNDS. */
struct workload_override {
	const char *key;
	const char *value;
	const char *origin; /* how errors name it: "-s iodepth=0", "-d" */
};

/* One line, complete, without newline: "mixed.job:7: ...". */
struct workload_error {
	char text[512];
};

/*
 * Reads the job files in order (each file's first job has an implied stonewall
 * after the first file, as in fio), applies the overrides to every job, checks
 * every job alone and all together, and resolves defaults. Opens no target.
 * 0 and *out (free with workload_free()), or -errno and err->text filled.
 * "-" as path reads standard input.
 */
int workload_parse_files(const char *const *path, size_t path_nr,
			 const struct workload_override *ovr, size_t ovr_nr,
			 struct workload **out, struct workload_error *err);

/* The same for a text in memory; name is used in errors. For tests, too. */
int workload_parse_text(const char *name, const char *text,
			const struct workload_override *ovr, size_t ovr_nr,
			struct workload **out, struct workload_error *err);

/* Takes NULL. */
void workload_free(struct workload *w);

/* True when the user gave the key (by file or override) for this job. */
bool workload_is_set(const struct workload_job *job, const char *key);

/* Where a thread of a job without mix starts, bytes; checked not to overflow. */
static inline uint64_t workload_start(const struct workload_job *job, unsigned int thread)
{
	return job->offset.bytes + job->offset_increment * thread;
}

/* What rw= has a job without mix do. */
static inline bool workload_reads(const struct workload_job *job)
{
	return job->rw == WORKLOAD_READ || job->rw == WORKLOAD_RANDREAD ||
	       ((job->rw == WORKLOAD_RW || job->rw == WORKLOAD_RANDRW) &&
		job->read_percent);
}

static inline bool workload_writes(const struct workload_job *job)
{
	return job->rw == WORKLOAD_WRITE || job->rw == WORKLOAD_RANDWRITE ||
	       ((job->rw == WORKLOAD_RW || job->rw == WORKLOAD_RANDRW) &&
		job->read_percent < 100);
}

static inline bool workload_is_random(const struct workload_job *job)
{
	return job->rw == WORKLOAD_RANDWRITE || job->rw == WORKLOAD_RANDREAD ||
	       job->rw == WORKLOAD_RANDRW;
}

/* Room for workload_who(), with its NUL. */
#define WORKLOAD_WHO_MAX 512

/*
 * "FILE:LINE: job NAME" for an error about key of job: where it was given (an
 * override's origin has no line), else where the section begins. Returns buf,
 * which has WORKLOAD_WHO_MAX bytes.
 */
const char *workload_who(const struct workload_job *job, const char *key, char *buf);

/* Adds a note; returns 0 or -ENOMEM. printf-like. */
int workload_note(struct workload *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- files.c ---- */

/*
 * Takes the first name off *list, a value of filename=: names divided by ':',
 * where "\:" is a colon of the name itself. 0, *name (the caller frees it) and
 * *list behind it, at the NUL after the last one; -EINVAL: an empty name;
 * -ENOMEM.
 */
int workload_filename_next(const char **list, char **name);

/*
 * File filenum of a thread (0 .. numjobs - 1), by a value of filename_format=: $jobname,
 * $jobnum and $filenum are replaced. 0 and *name (the caller frees it); -EINVAL: another
 * $; -ENOMEM.
 */
int workload_format_filename(const char *format, const char *jobname, unsigned int jobnum,
			     unsigned int filenum, char **name);

/* Files of each thread, at least 1. */
unsigned int workload_file_nr(const struct workload_job *job);

/* Bytes of each: all of size with mix, else its part, as in fio. */
uint64_t workload_file_bytes(const struct workload_job *job);

/* ---- steady.c ---- */

/* What steadystate= says, "iops_slope:0.3%". */
struct workload_steady {
	int of;	      /* enum workload_steady_of */
	bool slope;   /* of a line through the window; else the distance from its mean */
	bool percent; /* the limit is a share of the mean */
	double limit; /* ... or operations or bytes a second, or ns */
};

/* 0 or -EINVAL. */
int workload_steady(const char *text, struct workload_steady *out);

/* ---- cpus.c ---- */

/*
 * The processors of a list as the kernel writes them, "0-3,8", below CPU_SETSIZE. 0 or
 * -EINVAL.
 */
int workload_cpus(const char *text, cpu_set_t *set);

/* The list of a mask whose bit i is processor i; buf has 256 bytes. Returns buf. */
char *workload_cpus_print(uint64_t mask, char *buf);

/* ---- ignored.c ---- */

/*
 * Whether list 0 (reads), 1 (writes) or 2 (verification) of the text, commas between
 * them, has that error; in a list are names or numbers with colons between. 1, 0, or
 * -EINVAL where the text is none.
 */
int workload_errors(const char *text, unsigned int list, int error);

/* Whether the job goes on after such an error of a read, or else of a write or sync. */
bool workload_ignores_error(const struct workload_job *job, bool is_read, int error);

/*
 * Prints the resolved jobs as a job file (every key that differs from its
 * default or was given), to a string that the caller frees; NULL: no memory.
 */
char *workload_print(const struct workload *w);

#endif
