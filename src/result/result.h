/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The result of one invocation, as a tree of plain structs: experiment fills
 * it, json.c writes it as "diowait-result-1", report.c prints it. Everything is
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
	RESULT_UNKNOWN_NR
};

/* "slept", "worker", ... as in the document. */
const char *result_unknown_name(enum result_unknown why);

/* "queued", "forced_wait", ... as in the document. */
const char *result_path_name(enum result_path path);

/* A distribution of nanoseconds. */
struct result_dist {
	struct hist_summary sum;
	uint64_t *percentile_ns; /* result.percentile_nr values */
	struct hist *hist;	 /* bins; NULL in a round */
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
	struct result_extents before, after;
};

struct result_round {
	double seconds;		  /* measured time */
	struct result_kind *kind; /* as variant.kind, without bins */
	size_t kind_nr;
	struct facts noise;
};

struct result_variant {
	struct facts keys;	  /* what tells this variant from the others */
	struct result_kind *kind; /* all rounds merged */
	size_t kind_nr;
	double seconds; /* measured time, sum over rounds */
	struct result_round *round;
	size_t round_nr;
};

/* A sentence for the reader. level: what stands first in the report. */
enum result_note_level {
	RESULT_NOTE_FIRST, /* the numbers are not what the job seems to ask */
	RESULT_NOTE_WARN,
	RESULT_NOTE_INFO
};

struct result_note {
	enum result_note_level level;
	char *text;
};

struct result {
	struct timespec started; /* CLOCK_REALTIME */
	bool interrupted;
	struct facts host;
	char *workload_name, *workload_text, *workload_sha256;
	int evidence_tier;
	uint64_t evidence_lost;
	uint64_t blocked_ns;
	bool named_known; /* false below tier 2: named_ns is null */
	uint64_t named_ns;
	uint64_t unplaced;	 /* context switches that no write owns */
	uint64_t blocked_min_ns; /* the tier 0 bound in force; 0: not used */
	struct result_growth growth;
	double *percentile; /* the list, ascending */
	size_t percentile_nr;
	struct result_variant *variant;
	size_t variant_nr;
	struct result_note *note;
	size_t note_nr;
};

/* Empty result with the default percentile list merged with extra (ascending,
 * may be NULL). NULL: no memory. */
struct result *result_new(const double *extra, size_t extra_nr);
void result_free(struct result *r);

/* The percentiles of every dist, always part of the list. */
extern const double result_default_percentile[];
extern const size_t result_default_percentile_nr;

/* Fills d from h; keeps a copy of h when bins is true. 0 or -ENOMEM. */
int result_dist_fill(const struct result *r, struct result_dist *d, const struct hist *h,
		     bool bins);

/* Value of percentile p in d, which must be in the list; 0 when empty. */
uint64_t result_dist_ns(const struct result *r, const struct result_dist *d, double p);

int result_note_add(struct result *r, enum result_note_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- json.c, the only includer of jansson ---- */

/*
 * Writes the document to path: to a temporary name beside it, synced, then
 * renamed; an older path becomes path.old first (as perf does). 0 or -errno; on
 * error nothing that stood there is lost and the temporary file is gone.
 */
int result_write(const struct result *r, const char *path);

/* The same document to a stream. 0 or -errno. */
int result_dump(const struct result *r, FILE *out);

/* ---- report.c ---- */

struct report_style {
	unsigned int columns; /* at most so many bytes a line; 0: 72 */
	bool utf8;	      /* a terminal that shows it; else ASCII */
};

/* The report for people. 0 or -errno of the stream. */
int report_write(const struct result *r, const struct report_style *style, FILE *out);

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
