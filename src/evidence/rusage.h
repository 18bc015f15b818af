/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tier 1: what an unprivileged process can know of its own sleeps. */
#ifndef DIOWAIT_RUSAGE_H
#define DIOWAIT_RUSAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "load/op.h"

/* Context switches of the calling thread since its start. A load_switches_fn. */
struct load_switches rusage_switches(void);

/*
 * True when io-wq workers of thread tid exist, so that some operation of its
 * ring was punted to one. The last worker of a ring stays until the ring is
 * closed, so a look before that misses none. A load_workers_fn.
 */
bool rusage_has_workers(pid_t tid);

#endif
