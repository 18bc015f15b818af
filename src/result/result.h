/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The result of one invocation, as a tree of plain structs: experiment fills
 * it, document.c writes it as "diowait-result-1", report.c prints it. Everything is
 * owned by the tree and freed by result_free(). man/diowait-result.5 describes
 * every key with its unit.
 */
#ifndef DIOWAIT_RESULT_H
#define DIOWAIT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "result/facts.h"
#include "stats/hist.h"

#define RESULT_SCHEMA "diowait-result-1"

/* What the kernel did with a write: exactly one each, first that applies. */
enum result_path {
	RESULT_REFUSED,
	RESULT_PUNTED,
	RESULT_BUFFERED,
	RESULT_DRAINED,
	RESULT_FORCED_WAIT,
	RESULT_INLINE,
	RESULT_QUEUED,
	RESULT_UNKNOWN,
	RESULT_PATH_NR
};

/* Why the evidence at hand can't tell a write's path. */
enum result_unknown {
	RESULT_UNKNOWN_SLEPT_DONE,   /* its call slept, and it was done at the return */
	RESULT_UNKNOWN_SLEPT_QUEUED, /* its call slept, and it was done later */
	RESULT_UNKNOWN_UNLOOKED,     /* reap=full: nobody looked when the call returned */
	RESULT_UNKNOWN_WORKER,	     /* io-wq workers took some: this one? */
	RESULT_UNKNOWN_INSIDE,	     /* done at return of a shared or preempted call */
	RESULT_UNKNOWN_FAILED,	     /* it failed, and not by refusal */
	RESULT_UNKNOWN_MODEL,	     /* it waited in user space, for extend_wait= */
	RESULT_UNKNOWN_LOST,	     /* its record, with --why, was lost */
	RESULT_UNKNOWN_NR
};

/* "slept", "worker", ... as in the document. */
const char *result_unknown_name(enum result_unknown why);

/* "queued", "forced_wait", ... as in the document. */
const char *result_path_name(enum result_path path);

#define RESULT_NO_NS UINT64_MAX /* a percentile that was not kept */

/* A distribution of nanoseconds. */
struct result_dist {
	struct hist_summary sum;
	uint64_t *percentile_ns; /* result.percentile_nr values */
	struct hist *hist;	 /* bins; NULL in a round */
};

/* Where a write ran, by i_size and its offset when its I/O began. */
enum result_ran_as { RESULT_RAN_INSIDE, RESULT_RAN_AT, RESULT_RAN_PAST, RESULT_RAN_NR };

/* Sleeps of one cause: in submissions, in workers, in completions. */
struct result_cause {
	char *label;
	char *help;  /* a line for people, no full stop */
	char *stack; /* "a < b < c" of one such sleep; NULL where the label says it */
	bool named;  /* false: OTHER and the like, which explain nothing */
	bool in_completion; /* slept in the work that completes the write */
	struct result_dist sleep;
};

/* What a part of a write's life went to. */
enum result_stage {
	RESULT_STAGE_RUNNING,	  /* on a processor */
	RESULT_STAGE_SLEEP,	  /* slept, for a cause */
	RESULT_STAGE_RUNQUEUE,	  /* awake, but not yet on a processor */
	RESULT_STAGE_PREEMPTED,	  /* another thread had the processor */
	RESULT_STAGE_IOWQ,	  /* waited for an io_uring worker */
	RESULT_STAGE_DEVICE,	  /* in flight, until its completion was queued */
	RESULT_STAGE_IN_FLIGHT,	  /* in flight, its completion not watched */
	RESULT_STAGE_WQ_WAIT,	  /* waited for a kernel thread that completes it */
	RESULT_STAGE_WQ_RUN,	  /* that thread at work on it, asleep or not */
	RESULT_STAGE_REAP,	  /* complete, but not yet seen by the program */
	RESULT_STAGE_UNACCOUNTED, /* none of these, by any event */
	RESULT_STAGE_NR
};

/* "running", "wq_wait", ... as in the document. */
const char *result_stage_name(enum result_stage stage);

/* A stage of one write. */
struct result_step {
	enum result_stage stage;
	bool after;	    /* past the return of its submission call */
	uint64_t at_ns, ns; /* since its submit; how long */
	char *cause;	    /* label of a sleep, else NULL */
	char *stack;	    /* of a sleep, else NULL */
	char *by;	    /* what held it up: "append at 4096", else NULL */
};

/* One of the slowest writes of a kind. */
struct result_worst {
	unsigned int round; /* from 1 */
	unsigned int thread;
	uint64_t index; /* of the plan */
	uint64_t offset, len;
	int64_t res;
	uint64_t slat_ns, lat_ns;
	enum result_path path, then; /* then: RESULT_PATH_NR if not punted */
	struct result_step *step;    /* in order of time */
	size_t step_nr;
};

struct result_error_count {
	int err; /* positive errno */
	uint64_t count;
};

struct result_kind {
	char *job;  /* section name */
	char *kind; /* with modifiers */
	char *engine;
	bool is_write;
	bool is_extending;
	bool modelled;
	double weight;	   /* asked share of the mix in (0, 1]; 0: no mix */
	uint64_t ops;	   /* completions after the ramp, whatever the result */
	uint64_t bytes;	   /* sum of results > 0 */
	uint64_t short_nr; /* 0 < result < asked */
	struct result_error_count *error;
	size_t error_nr;
	double iops;			     /* ops per second of measured time */
	uint64_t path[RESULT_PATH_NR];	     /* sums to ops */
	uint64_t unknown[RESULT_UNKNOWN_NR]; /* sums to path[RESULT_UNKNOWN] */
	uint64_t flagged;		     /* inline although told to wait; tier 2 */
	uint64_t blocked;	 /* writes whose submission call was blocked */
	uint64_t batched;	 /* writes that shared their submission call */
	uint64_t done_at_return; /* complete at the first look after the call */
	struct result_dist slat, clat, lat, victim;
	struct result_dist resp; /* open loop only; n 0 */
	/*
	 * Open loop: how much later than due its operations were submitted, sums: the
	 * thread was in a submission call, the queue was full, the generator itself.
	 */
	uint64_t late_call_ns, late_full_ns, late_own_ns, late_own_max_ns;
	/* Below, tier 2 only (else empty, and null in the document). */
	bool why;			/* kernel events were watched */
	uint64_t then[RESULT_PATH_NR];	/* what workers met; sums to punted */
	uint64_t ran_as[RESULT_RAN_NR]; /* of those whose begin was seen */
	struct result_dist held, convoy, behind;
	/* Sums over all writes, of slat and of lat (which contains slat). */
	uint64_t slat_stage_ns[RESULT_STAGE_NR], lat_stage_ns[RESULT_STAGE_NR];
	struct result_cause *cause; /* by total, largest first */
	size_t cause_nr;
	struct result_worst *worst; /* by lat, longest first */
	size_t worst_nr;
};

struct result_extents {
	bool known;	/* false: no FIEMAP on this file system */
	uint64_t count; /* extents */
	uint64_t written_bytes;
	uint64_t unwritten_bytes;
	uint64_t delalloc_bytes;
};

/* Sums over files and rounds, ramp included. */
struct result_growth {
	bool known;			  /* false: nothing to grow (null engine) */
	uint64_t size_before, size_after; /* st_size, bytes */
	uint64_t extended_bytes;	  /* furthest acknowledged end - size_before */
	uint64_t appended_bytes;	  /* results > 0 of extending writes */
	uint64_t gaps; /* extending writes not whole, with later ones behind them */
	struct result_extents before, after;
};

/* About a second of one kind in one round; percentiles within 1/32 of the value. */
struct result_point {
	unsigned int round; /* from 1 */
	double at_s;	    /* its start, in measured time of the variant */
	double seconds;	    /* how long it is */
	uint64_t ops;	    /* completions in it that have a lat */
	uint64_t lat_p50_ns, lat_p99_ns, lat_p99_9_ns, lat_max_ns;
	uint64_t slat_p50_ns, slat_p99_ns, slat_p99_9_ns, slat_max_ns;
};

#define RESULT_POINTS_MAX 3600 /* of one series; neighbours are merged */

/* How a kind did over time. */
struct result_series {
	char *job, *kind, *engine;
	struct result_point *point; /* in order of time */
	size_t point_nr;
};

/* What became of steadystate= in one round of a job. */
struct result_steady {
	char *job;
	char *criterion; /* as given: "iops_slope:0.3%" */
	bool attained;
	double after_s; /* seconds of measurement at the end of the window; 0: none */
	/* Of that window; without attained of the last one: see stats/steady.h. */
	double mean, value;
};

struct result_round {
	double seconds;		  /* measured time */
	struct result_kind *kind; /* as variant.kind, without bins */
	size_t kind_nr;
	struct result_steady *steady; /* by job; none: nobody asked */
	size_t steady_nr;
	struct facts noise;
};

struct result_variant {
	struct facts keys;	  /* what tells this variant from the others */
	struct result_kind *kind; /* all rounds merged */
	size_t kind_nr;
	double seconds; /* measured time, sum over rounds */
	struct result_growth growth;
	struct result_series *series;
	size_t series_nr;
	struct result_round *round;
	size_t round_nr;
};

/* A sentence for the reader. level: what stands first in the report. */
enum result_note_level {
	RESULT_NOTE_FIRST, /* the numbers are not what the job seems to ask */
	RESULT_NOTE_WARN,
	RESULT_NOTE_INFO
};

/* A first note begins so where an error ended the run. */
#define RESULT_ENDED_BY_ERROR "ended by an error: "

struct result_note {
	enum result_note_level level;
	char *text;
};

/* What a file system promises, and whether it held. */
struct result_contract {
	char *name, *promise;
	uint64_t checked, broken; /* times */
};

/* One break of a contract, with its evidence. */
struct result_finding {
	char *contract;
	char *where;	 /* scenario and engine */
	uint64_t seed;	 /* of the plan of the round */
	uint64_t writes; /* acknowledged until then, of all */
	double at_s;	 /* since the start */
	uint64_t offset, bytes;
	char *text;   /* lines: what was expected, what was found */
	char *replay; /* the command that issues the same plan again */
};

/* What diowait stress --crash did to a file system. */
struct result_crash {
	char *filesystem;
	uint64_t cycles; /* crashes, recovered from and judged */
	char *skipped;	 /* why it was not crashed at all; NULL: it was */
};

/* What diowait stress adds to a result. */
struct result_stress {
	uint64_t seed, writes, rounds;
	double seconds;	  /* of the whole command */
	bool hung;	  /* something took too long: the process that wrote was killed */
	int64_t left_pid; /* ... and lives, since it hangs in the kernel; 0: no */
	struct result_contract *contract;
	size_t contract_nr;
	struct result_finding *finding; /* the first ones, in order of time */
	size_t finding_nr;
	/* By scenario and engine: what broke there. */
	char **where;
	uint64_t *broken;
	size_t where_nr;
	struct result_crash *crash; /* NULL: nothing was to be crashed */
	size_t crash_nr;
	char **kernel; /* warnings of the kernel's log meanwhile, where something broke */
	size_t kernel_nr;
};

struct result {
	struct timespec started; /* CLOCK_REALTIME */
	bool interrupted;
	bool compact;  /* the document is written without blanks */
	char *version; /* of diowait that wrote it; NULL: this one */
	struct facts host;
	char *workload_name, *workload_text, *workload_sha256;
	int evidence_tier;
	uint64_t evidence_lost;
	uint64_t blocked_ns;
	bool named_known; /* false below tier 2: named_ns is null */
	uint64_t named_ns;
	char *evidence_missing; /* what would enable tier 2; NULL: nothing, or not asked */
	uint64_t unplaced;	/* context switches that no write owns */
	uint64_t blocked_min_ns; /* the tier 0 bound in force; 0: not used */
	struct result_growth growth;
	double *percentile; /* the list, ascending */
	size_t percentile_nr;
	struct result_variant *variant;
	size_t variant_nr;
	struct result_note *note;
	size_t note_nr;
	struct result_stress *stress; /* NULL: not of diowait stress */
};

/* Empty result with the default percentile list merged with extra (ascending,
 * may be NULL). NULL: no memory. */
struct result *result_new(const double *extra, size_t extra_nr);
void result_free(struct result *r);
void result_series_free(struct result_series *series, size_t nr);

/* The percentiles of every dist, always part of the list. */
extern const double result_default_percentile[];
extern const size_t result_default_percentile_nr;

/* Whether a key has another value in some variant than in others. */
bool result_key_varies(const struct result *r, const char *key);

/* Fills d from h; keeps a copy of h when bins is true. 0 or -ENOMEM. */
int result_dist_fill(const struct result *r, struct result_dist *d, const struct hist *h,
		     bool bins);

/* Value of percentile p in d, ns; NaN where it is not in the list, or was not kept. */
double result_percentile_ns(const struct result *r, const struct result_dist *d,
			    double p);

/* The same of one that must be in the list, and kept; 0 when d is empty. */
uint64_t result_dist_ns(const struct result *r, const struct result_dist *d, double p);

/* The one of list with this job, kind and engine (NULL: any); NULL when there is none. */
struct result_kind *result_kind_find(struct result_kind *list, size_t nr, const char *job,
				     const char *kind, const char *engine);

int result_note_add(struct result *r, enum result_note_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds g to into; nothing, where g is not known. Extents are known if both are. */
void result_growth_add(struct result_growth *into, const struct result_growth *g);

/* ---- merge.c ---- */

/*
 * Leaves out what only large documents can hold: bins, series, and percentiles: all are
 * kept of slat and lat, 50, 99 and 99.9 of other times and of slat and lat in rounds,
 * none of other times there.
 */
void result_compact(struct result *r);

/*
 * Puts the rounds of first, an interrupted run of the same variants, before those of
 * into, and adds up all that is summed over rounds. first is consumed. 0 or -ENOMEM.
 */
int result_merge(struct result *into, struct result *first);

/* Adds the variants of a later result, of another variant on the same host. 0 or -errno.
 * Frees next. */
int result_append(struct result *into, struct result *next);

/* ---- document.c, write.c, read.c ---- */

/*
 * Writes the document to path: to a temporary name beside it, synced, then
 * renamed; an older path becomes path.old first (as perf does). 0 or -errno; on
 * error nothing that stood there is lost and the temporary file is gone.
 */
int result_write(const struct result *r, const char *path);

/* The same document to a stream. 0 or -errno. */
int result_dump(const struct result *r, FILE *out);

/*
 * The tree of a document in a file ("-": standard input), as result_dump() wrote
 * it: written again it is the same. 0 and *out (result_free()), or -errno and
 * one line in err (err_size bytes) that names the file and what is wrong in it.
 */
int result_read(const char *path, struct result **out, char *err, size_t err_size);

/* ---- report.c ---- */

struct report_style {
	unsigned int columns; /* at most so many bytes a line; 0: 72 */
	bool utf8;	      /* a terminal that shows it; else ASCII */
};

/* The report for people. 0 or -errno of the stream. */
int report_write(const struct result *r, const struct report_style *style, FILE *out);

/* ---- stress.c ---- */

/* An empty one; NULL: no memory. It is freed with its result. */
struct result_stress *result_stress_new(void);

/* Times that contracts broke, all together. */
uint64_t result_stress_broken(const struct result_stress *s);

/* The report of diowait stress (r->stress is there). 0 or -errno of the stream. */
int stress_report(const struct result *r, const struct report_style *style, FILE *out);

/* The same as KTAP, version 1: a test for each scenario and engine. */
int stress_ktap(const struct result *r, FILE *out);

/* ---- host.c ---- */

/*
 * Facts about the machine and the file system of dir (NULL: no file system,
 * null engine), all keys of design, missing = null. 0 or -ENOMEM.
 */
int host_collect(struct facts *host, const char *dir);

/* Noise of a round: counters now, then what happened since. Opaque. */
struct host_noise;
struct host_noise *host_noise_start(const char *dir);
/* Fills facts and frees n. own_bytes: written by ourselves meanwhile. */
int host_noise_stop(struct host_noise *n, uint64_t own_bytes, struct facts *out);

#endif
