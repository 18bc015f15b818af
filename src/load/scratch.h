/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scratch directories: DIR/diowait.scratch.PID.N, one a run and directory, with
 * a fresh directory for each round inside (XFS starts a new allocation group
 * with it). A file "owner" in it is locked while the run lives and lists, before
 * each is made, what the run makes; so the next run in DIR can tell a left-over
 * from a neighbour's directory, whatever pid or boot it came from, and removes
 * what is listed and nothing else.
 */
#ifndef DIOWAIT_SCRATCH_H
#define DIOWAIT_SCRATCH_H

#include <stddef.h>

#include "load/load_error.h"

#define SCRATCH_PREFIX "diowait.scratch."

struct scratch;

/*
 * Removes what dead runs left in dir, then makes this run's directory. 0 or
 * -errno with err filled (missing, read-only, not permitted, ...).
 */
int scratch_open(const char *dir, struct scratch **out, struct load_error *err);

/* Other runs that were at work in the directory when this one began. */
unsigned int scratch_neighbours(const struct scratch *s);

/*
 * Makes and opens a file of the current round (O_CREAT | O_EXCL | O_RDWR |
 * flags, mode 0600). Returns the descriptor or -errno. When path is not NULL,
 * *path is its path, which the caller frees.
 */
int scratch_create(struct scratch *s, const char *name, int flags, char **path);

/* Removes one file of the round before its end. 0 or -errno. */
int scratch_remove(struct scratch *s, const char *name);

/* A fresh directory for the next round. 0 or -errno. */
int scratch_begin_round(struct scratch *s);

/* Removes the round's files and directory. 0 or the first -errno. */
int scratch_end_round(struct scratch *s);

/* Removes everything, forgets s. Takes NULL. 0 or the first -errno. */
int scratch_close(struct scratch *s);

#endif
