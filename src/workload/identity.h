/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are two workloads the same? The only includer of libmd. */
#ifndef DIOWAIT_IDENTITY_H
#define DIOWAIT_IDENTITY_H

#include "workload/workload.h"

/*
 * The canonical form: job by job its name and the keys that were given, in the
 * table's order, with canonical values. directory is left out, and a file's
 * name becomes #N, N counting the names in the order of their first use: where
 * a workload runs does not change what it is. The caller frees it. NULL: no
 * memory.
 */
char *identity_text(const struct workload *w);

/* Fills w->sha256 with the hash of that. 0 or -ENOMEM. */
int identity_fill(struct workload *w);

#endif
