/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What no single key can say: the rules between keys, and between jobs. */
#ifndef DIOWAIT_CHECK_H
#define DIOWAIT_CHECK_H

#include "workload/workload.h"

/*
 * Checks every job of a complete workload, then all of them together, and
 * resolves what follows from other keys. Adds notes. 0; or -EINVAL and err
 * filled; or -ENOMEM.
 */
int check_workload(struct workload *w, struct workload_error *err);

/*
 * The part of it about files that jobs of one concurrent group (those between
 * two stonewalls) share.
 */
int check_shared_files(const struct workload *w, struct workload_error *err);

/* Of each job by itself: when, and on which processors, its threads work. */
int check_threads(struct workload *w, struct workload_job *job,
		  struct workload_error *err);

/* ... and what its engine has and has not. */
int check_engine(struct workload *w, const struct workload_job *job,
		 struct workload_error *err);

/* Of all of them: who waits for whom, and ends whom. */
int check_order(const struct workload *w, struct workload_error *err);

/*
 * An error about a key: with its value where it was given, else about the section that
 * lacks it. -EINVAL or -ENOMEM.
 */
int check_fail(struct workload_error *err, const struct workload_job *job,
	       const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Where the job has the key from, or its section's line. */
struct workload_where check_where(const struct workload_job *job, const char *key);

#endif
