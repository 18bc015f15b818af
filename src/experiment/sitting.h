/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program, diowait itself, on a file system that was made for it: what a night is made
 * of. The program is a process of its own, so that a night outlives what it crashes of.
 */
#ifndef DIOWAIT_EXPERIMENT_SITTING_H
#define DIOWAIT_EXPERIMENT_SITTING_H

#include <stddef.h>

#include "load/load_error.h"

#define SITTING_IMAGE_MIB 1024

struct sitting_setup {
	const char *filesystem; /* ext4, xfs or btrfs; NULL: none is made */
	const char
		*directory; /* for the image, in a scratch directory (load/scratch.h) */
	/* NULL-terminated. Where *where is in it stands, then, where the file system is. */
	char **argv;
	char **where;
	int out_fd;		  /* its standard output; it has no input */
	const volatile int *stop; /* set from outside: SIGINT is passed on, once */
};

/*
 * Runs it to its end: its wait status, or -errno with err when it could not be started.
 * said (size bytes) gets the last line of its standard error, without "diowait: ". It
 * dies with us; the mount and the loop device die with it, the image goes in the end, or
 * with the next scratch directory that is made there.
 */
int sitting_run(const struct sitting_setup *setup, char *said, size_t size,
		struct load_error *err);

#endif
