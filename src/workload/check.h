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

/* Where the job has the key from, or its section's line. */
struct workload_where check_where(const struct workload_job *job, const char *key);

#endif
