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

enum experiment_phase { EXPERIMENT_LAYOUT, EXPERIMENT_LOAD };

/* Where a run stands; valid during the call. */
struct experiment_progress {
	enum experiment_phase phase;
	unsigned int round, round_nr; /* from 1 */
	uint64_t ops;		      /* of this round, issued so far */
	double seconds;		      /* of this round's load so far */
};

struct experiment_setup {
	bool destroy_data;	  /* block devices may be overwritten */
	bool why;		  /* kernel events: paths and causes (tier 2) */
	bool why_full;		  /* ... all of them all the time, whatever it costs */
	size_t why_ring_bytes;	  /* of events, each processor; 0: the default */
	const volatile int *stop; /* set from outside: drain and report */
	/* Called now and then from the calling thread; NULL: nobody asks. */
	void (*progress)(void *ctx, const struct experiment_progress *p);
	void *ctx;
};

/*
 * Runs w, in which shares of a target (size=50%) become bytes. 0 and *out (free with result_free()); a write error met on the way
 * leaves 0, a result of what was measured until then, and err->text filled.
 * -errno and err->text when it could not be done at all; nothing is left on
 * disk then.
 */
int experiment_run(struct workload *w, const struct experiment_setup *setup,
		   struct result **out, struct load_error *err);

#endif
