/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crash cycles: mkfs, mount, load, shut down, replay, check, judge; again and again. */
#ifndef DIOWAIT_EXPERIMENT_CRASH_H
#define DIOWAIT_EXPERIMENT_CRASH_H

#include "experiment/image.h"
#include "experiment/stress.h"

struct verify;
struct board;

#define CRASH_SKIPPED_MAX 200

/* What the process that crashes, and the one that watches it, both see. */
struct crash;

/*
 * Makes the images' files, empty, in a scratch directory (load/scratch.h) of this
 * process: crash_close() removes them, whatever becomes of the child. 0 and *out, or
 * -errno with err.
 */
int crash_open(const struct stress_setup *setup, struct crash **out,
	       struct load_error *err);
void crash_close(struct crash *c); /* takes NULL */

/*
 * In the child, which has no thread: cycles until *stop, or as many as the setup says.
 * Mounts and loop devices end with it, however it does. 0 or -errno with err.
 */
int crash_cycles(struct crash *c, struct verify *v, struct board *board, uint64_t run,
		 const volatile int *stop, struct load_error *err);

/* Whether any variant was to run on image_fs(i); *skipped: why it did not, or "". */
bool crash_used(const struct crash *c, size_t i, const char **skipped);

#endif
