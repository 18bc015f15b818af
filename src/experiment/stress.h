/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stress run: scenarios with both engines, again and again with other seeds, in a
 * child process; the parent watches it, and tells of it even if it hangs.
 */
#ifndef DIOWAIT_EXPERIMENT_STRESS_H
#define DIOWAIT_EXPERIMENT_STRESS_H

#include "experiment/experiment.h"

/* Where a stress run stands; valid during the call. */
struct stress_progress {
	double seconds;
	uint64_t writes, rounds, broken;
	const char *where; /* scenario and engine */
};

/*
 * Loads end in crashes of file systems that are made for it (image_fs() of image.h), in
 * images below a directory. As root only.
 */
struct stress_crash {
	const char *directory;
	const unsigned int *fs; /* by variant: number of the file system */
	/* Called as a crash begins, before its shutdown; NULL: nobody asks. */
	void (*falls)(void *ctx);
	/* Called with each image between crash and recovery; NULL: nobody asks. */
	void (*down)(void *ctx, const char *image);
	void *ctx;
};

struct stress_setup {
	const struct workload *whole; /* of all scenarios: name, text, sha256 */
	const struct experiment_variant *variant;
	const char *const *where;  /* by variant: its name */
	const char *const *replay; /* ... what a command that replays it ends with */
	size_t variant_nr;
	const char *command;  /* ... and begins with, in front of its seed */
	uint64_t seed;	      /* of the first cycle; each next one has one more */
	uint64_t duration_ns; /* UINT64_MAX: no end by time */
	uint64_t cycles; /* of all scenarios, or crashes; end after so many; 0: by time */
	uint64_t watchdog_ns;		  /* an operation that takes longer hangs */
	bool stop_on_first;		  /* end with the first contract that breaks */
	const struct stress_crash *crash; /* NULL: no crash */
	const volatile int *stop;
	void (*progress)(void *ctx, const struct stress_progress *p);
	void *ctx;
};

/*
 * Ends within 5 s of its duration. 0 and *out (result_free()), whose stress is there,
 * contracts broken or not; -errno and err->text when it could not be done. No thread
 * may have been started before: it forks.
 */
int stress_run(const struct stress_setup *setup, struct result **out,
	       struct load_error *err);

#endif
