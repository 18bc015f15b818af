/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An experiment: variants x rounds of a workload, each round laid out afresh,
 * loaded, and merged into one result. The only caller of load/.
 */
#ifndef DIOWAIT_EXPERIMENT_H
#define DIOWAIT_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "load/load_error.h"
#include "result/result.h"
#include "workload/workload.h"

struct verify;	 /* verify/verify.h */
struct why_hold; /* evidence/why.h */

/* A point of a sweep, or all there is. */
struct experiment_variant {
	struct workload *w;
	size_t key_nr; /* of what it is swept by; 0 in a run without a sweep */
	const char *const *key, *const *value;
};

enum experiment_phase { EXPERIMENT_LAYOUT, EXPERIMENT_LOAD };

/* Where a run stands; valid during the call. */
struct experiment_progress {
	enum experiment_phase phase;
	unsigned int round, round_nr; /* from 1 */
	size_t variant, variant_nr;   /* from 1 */
	size_t done, todo;	      /* rounds of all variants, whole; those to do */
	uint64_t ops;		      /* of this round, issued so far */
	double seconds;		      /* of this round's load so far */
};

/*
 * The end of a load in mid-flight: now() shuts down the file system that the targets
 * lie in. 0, or -errno with err: then the load is stopped. Of one variant, one round.
 */
struct experiment_crash {
	uint64_t after_ns; /* since the load began; sooner when it ends before */
	uint32_t variant;  /* what findings call it */
	int (*now)(void *ctx, struct load_error *err);
	void *ctx;
};

struct experiment_setup {
	bool destroy_data;     /* block devices may be overwritten */
	bool why;	       /* kernel events: paths and causes (tier 2) */
	bool why_full;	       /* ... all of them all the time, whatever it costs */
	size_t why_ring_bytes; /* of events, each processor; 0: the default */
	const struct why_hold *why_hold; /* of experiment_why_hold(); NULL: none */
	uint64_t memory_bytes;		 /* that may be taken; 0: half of the machine's */
	const volatile int *stop;	 /* set from outside: drain and report */
	struct verify *verify; /* stress: what checks the writes; NULL: nobody */
	/*
	 * With verify: no file is read back or removed, and the checker's round is left
	 * open, for verify_recovered() and verify_round_end(). NULL: no crash.
	 */
	const struct experiment_crash *crash;
	bool fine; /* 60 percentiles in the result, not only the default ones */
	/*
	 * Of an interrupted run of the same variants: rounds that are whole there are
	 * left out, and its figures added to the result. Consumed, also on errors.
	 */
	struct result *resume;
	/* Called now and then from the calling thread; NULL: nobody asks. */
	void (*progress)(void *ctx, const struct experiment_progress *p);
	void *ctx;
};

/*
 * Runs the variants, in which shares of a target (size=50%) become bytes: round by
 * round, in each round all variants in an order of chance that follows from randseed.
 * name, text and sha256 are those of the whole workload. 0 and *out (free with
 * result_free()); a write error met on the way leaves 0, a result of what was measured
 * until then, and err->text filled. -errno and err->text when it could not be done at
 * all; nothing is left on disk then.
 */
int experiment_run(const struct workload *whole, const struct experiment_variant *variant,
		   size_t variant_nr, const struct experiment_setup *setup,
		   struct result **out, struct load_error *err);

/* For setups with why, one after another: begins and ends them faster. See why_hold(). */
struct why_hold *experiment_why_hold(void);
void experiment_why_release(struct why_hold *hold);

#endif
