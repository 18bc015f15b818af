/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file system of our own making, on a loop device over a file of ours: made, mounted
 * where nobody else sees it, shut down, checked. Nothing here can touch another one.
 */
#ifndef DIOWAIT_EXPERIMENT_IMAGE_H
#define DIOWAIT_EXPERIMENT_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "load/load_error.h"

#define IMAGE_ARGS_MAX 10

/* How a file system is made and checked; the device is the last argument. */
struct image_fs {
	const char *name;
	const char *make[IMAGE_ARGS_MAX];
	const char *check[IMAGE_ARGS_MAX];
	unsigned int mib; /* of the image */
	bool anonymous;	  /* its files' device number is not the block device's */
};

/* The i-th of those that can be crashed; NULL: none more. */
#define IMAGE_FS_MAX 3
const struct image_fs *image_fs(size_t i);

struct image {
	const struct image_fs *fs;
	char *path;	   /* of the file, which is there */
	const char *mount; /* where it is mounted */
	int loop_fd;	   /* reading only: then mount may have it; -1: none */
	char loop[32];	   /* /dev/loopN */
	dev_t loop_dev, under_dev;
	int root_fd; /* of the mounted file system; -1: it is not */
};

/*
 * Mounts of this process are its own from here on, and end with it. 0 or -errno.
 * Others' mounts and unmounts still arrive. No thread may have been started.
 */
int image_own_mounts(void);

/*
 * A loop device over the file, which gets its size. It clears itself with the last
 * process that has it. 0 or -errno with err.
 */
int image_attach(struct image *im, struct load_error *err);
void image_detach(struct image *im); /* takes what was never attached */

/*
 * Writes all of the file, so that no write in it allocates: stamps of that run and of
 * no generation, by which it is known if it turns up in a file. *stop ends it: -EINTR.
 * Each MiB is told of in *beats (NULL: nobody counts).
 */
int image_fill(struct image *im, uint64_t run, const volatile int *stop,
	       _Atomic uint64_t *beats, struct load_error *err);

/* mkfs. -ENOENT: there is none. */
int image_make(struct image *im, struct load_error *err);

/* -EIO, and err, when what was mounted is not the image: then it is not shut down. */
int image_mount(struct image *im, struct load_error *err);
int image_unmount(struct image *im, struct load_error *err);

/* The file system stops as if the power failed, its log not written. 0 or -errno. */
int image_shutdown(struct image *im);

/*
 * Runs fsck, which changes nothing, on the unmounted file system. 0: it is clean; 1: it
 * is not, and text has what fsck said in the end; -errno with err: could not be run.
 */
int image_check(struct image *im, char *text, size_t size, struct load_error *err);

#endif
