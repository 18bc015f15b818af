/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steadystate= of one job in one round: its threads tell what they did, once a second, and
 * the one that completes an interval judges the window that ends with it.
 */
#ifndef DIOWAIT_STEADY_JOB_H
#define DIOWAIT_STEADY_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/steady.h"

struct workload_job;
struct steady_job;

/* What a thread did since its round began. */
struct steady_sum {
	uint64_t ops, bytes, lat_ns;
};

/* NULL: no memory. job is borrowed. */
struct steady_job *steady_job_new(const struct workload_job *job);

/* Takes NULL. No thread may use it any more. */
void steady_job_free(struct steady_job *s);

/*
 * Thread `thread` of the job: since it told *told, ns have passed, and now it has sum, which
 * *told becomes. True: with this the job is steady, and its threads are to end.
 */
bool steady_job_tell(struct steady_job *s, unsigned int thread, uint64_t ns,
		     const struct steady_sum *sum, struct steady_sum *told);

/* Nothing more comes from the thread, and nobody waits for it. */
void steady_job_leave(struct steady_job *s, unsigned int thread);

bool steady_job_attained(struct steady_job *s);

/*
 * Of the window that was steady, or else of the last one; both 0 before the first was
 * full. *after_s is when it ended, in seconds of measurement. All threads have ended.
 */
struct steady_verdict steady_job_verdict(const struct steady_job *s, double *after_s);

#endif
