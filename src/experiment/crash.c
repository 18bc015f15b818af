// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "load/plan.h"
#include "load/scratch.h"
#include "verify/verify.h"

#define ROOM_BYTES (16u << 20) /* to be left where the images are */
#define SAID_BYTES 2000	       /* of what fsck said */

/* A load lives so long: time to begin, and chance. */
#define LIFE_LEAST_NS 20000000u
#define LIFE_SPREAD_NS 980000000u

struct crash {
	const struct stress_setup *setup;
	struct scratch *scratch;
	char *mount; /* the images' own folder, seen by nobody else */
	struct image image[IMAGE_FS_MAX];
	bool used[IMAGE_FS_MAX];
	char skipped[IMAGE_FS_MAX][CRASH_SKIPPED_MAX]; /* "": not */
};

/* One cycle at work. */
struct cycle {
	struct crash *c;
	struct image *im;
	struct verify *v;
	struct board *board;
	const volatile int *stop;
	struct load_error *err;
	bool down; /* shut down */
};

/* ---- the parent ---- */

/* File names lead nowhere but into the image. */
static int check_names(const struct stress_setup *in, struct load_error *err)
{
	size_t i, k;

	for (i = 0; i < in->variant_nr; i++)
		for (k = 0; k < in->variant[i].w->job_nr; k++) {
			struct workload_job *job = &in->variant[i].w->job[k];

			if (job->filename && strchr(job->filename, '/')) {
				load_error_job(
					err, job, "filename",
					"filename=%s: --crash writes to file systems of its own: give names without /",
					job->filename);
				return -EINVAL;
			}
			if (job->antagonists && verify_sizes_change(job->antagonists)) {
				load_error_job(
					err, job, "antagonists",
					"antagonists=%s: --crash takes none that change the size (truncate, grow, falloc)",
					job->antagonists);
				return -EINVAL;
			}
		}
	return 0;
}

static int check_room(const struct crash *c, struct load_error *err)
{
	const char *dir = c->setup->crash->directory;
	uint64_t need = ROOM_BYTES, avail;
	struct statvfs vfs;
	size_t i;

	for (i = 0; i < IMAGE_FS_MAX; i++)
		need += c->used[i] ? (uint64_t)image_fs(i)->mib << 20 : 0;
	if (statvfs(dir, &vfs))
		return 0; /* scratch_open() says it better */
	avail = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	if (!vfs.f_blocks || need <= avail)
		return 0;
	load_error_set(
		err,
		"--crash needs %llu MiB for its images, but %s has %llu MiB free: give another directory, or --crash=ext4",
		(unsigned long long)need >> 20, dir, (unsigned long long)avail >> 20);
	return -ENOSPC;
}

static int make_files(struct crash *c)
{
	char name[32];
	size_t i;
	int fd;

	for (i = 0; i < IMAGE_FS_MAX; i++) {
		struct image *im = &c->image[i];

		im->fs = image_fs(i);
		im->loop_fd = im->root_fd = -1;
		if (!c->used[i])
			continue;
		(void)snprintf(name, sizeof(name), "%s.image", im->fs->name);
		fd = scratch_create(c->scratch, name, 0, &im->path);
		if (fd < 0)
			return fd;
		close(fd);
		if (!c->mount) {
			c->mount = strndup(im->path,
					   (size_t)(strrchr(im->path, '/') - im->path));
			if (!c->mount)
				return -ENOMEM;
		}
		im->mount = c->mount;
	}
	return 0;
}

int crash_open(const struct stress_setup *setup, struct crash **out,
	       struct load_error *err)
{
	struct crash *c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t i;
	int rc;

	if (c == MAP_FAILED)
		return -ENOMEM;
	c->setup = setup;
	for (i = 0; i < setup->variant_nr; i++)
		c->used[setup->crash->fs[i]] = true;
	rc = check_names(setup, err);
	if (!rc)
		rc = check_room(c, err);
	if (!rc)
		rc = scratch_open(setup->crash->directory, &c->scratch, err);
	if (!rc)
		rc = scratch_begin_round(c->scratch);
	if (!rc)
		rc = make_files(c);
	if (rc) {
		if (!err->text[0])
			load_error_set(err, "directory %s: %s", setup->crash->directory,
				       strerror(-rc));
		crash_close(c);
		return rc;
	}
	*out = c;
	return 0;
}

void crash_close(struct crash *c)
{
	size_t i;

	if (!c)
		return;
	(void)scratch_close(c->scratch);
	for (i = 0; i < IMAGE_FS_MAX; i++)
		free(c->image[i].path);
	free(c->mount);
	(void)munmap(c, sizeof(*c));
}

bool crash_used(const struct crash *c, size_t i, const char **skipped)
{
	*skipped = c->skipped[i];
	return c->used[i];
}

/* ---- the child: what can be crashed here ---- */

/* Whether the file system can be made, mounted and shut down: once, while empty. */
static int try_image(struct crash *c, size_t i, struct load_error *err)
{
	struct image *im = &c->image[i];
	char *why = c->skipped[i];
	int rc = image_attach(im, err), down;

	if (rc)
		return rc;
	rc = image_make(im, err);
	if (rc == -ENOENT)
		(void)snprintf(why, CRASH_SKIPPED_MAX, "no %s here", im->fs->make[0]);
	if (rc)
		return rc == -ENOENT ? 0 : rc;
	rc = image_mount(im, err);
	if (rc == -ENODEV)
		(void)snprintf(why, CRASH_SKIPPED_MAX, "the kernel has no %s",
			       im->fs->name);
	if (rc)
		return rc == -ENODEV ? 0 : rc;
	down = image_shutdown(im);
	if (down == -ENOTTY || down == -EOPNOTSUPP)
		(void)snprintf(why, CRASH_SKIPPED_MAX,
			       "the kernel has no ioctl that shuts %s down",
			       im->fs->name);
	else if (down)
		load_error_set(err, "shutting %s down: %s", im->fs->name,
			       strerror(-down));
	rc = image_unmount(im, err);
	return *why ? rc : down ? down : rc;
}

/* All that are used; those that are not skipped have written images then. */
static int prepare(struct crash *c, struct board *board, uint64_t run,
		   const volatile int *stop, struct load_error *err)
{
	int rc = image_own_mounts();
	bool any = false;
	size_t i, at = 0;

	if (rc)
		load_error_set(err, "mounts of its own: %s", strerror(-rc));
	for (i = 0; i < IMAGE_FS_MAX && !rc; i++) {
		if (!c->used[i])
			continue;
		rc = try_image(c, i, err);
		if (c->skipped[i][0]) {
			image_detach(&c->image[i]);
			err->text[0] = '\0';
			continue;
		}
		if (!rc)
			rc = image_fill(&c->image[i], run, stop, &board->beats, err);
		any = true;
	}
	if (rc || any)
		return rc;
	for (i = 0; i < IMAGE_FS_MAX && at < sizeof(err->text); i++)
		if (c->used[i])
			at += (size_t)snprintf(
				err->text + at, sizeof(err->text) - at, "%s%s: %s",
				at ? "; " : "nothing to crash: ", image_fs(i)->name,
				c->skipped[i]);
	return -ENODEV;
}

/* ---- one cycle ---- */

/* Called by the experiment in the middle of the load. */
static int go_down(void *ctx, struct load_error *err)
{
	struct cycle *y = ctx;
	const struct stress_crash *crash = y->c->setup->crash;
	int slot = board_slots(y->board, 1), rc;

	if (crash->falls)
		crash->falls(crash->ctx);
	board_begin(y->board, slot, gettid(), "shutdown", 0, 0);
	rc = image_shutdown(y->im);
	board_end(y->board, slot);
	y->down = !rc;
	if (rc)
		load_error_set(err, "shutting %s on %s down: %s", y->im->fs->name,
			       y->im->loop, strerror(-rc));
	return rc;
}

/* It mounted before: when it does not any more, that is what was to be found. */
static bool mounts(struct cycle *y)
{
	if (!image_mount(y->im, y->err))
		return true;
	board_broke(y->board, CONTRACT_FSCK, 0, 0, "%s\n", y->err->text);
	y->err->text[0] = '\0';
	return false;
}

/* The log is replayed by mounting, since fsck -n does not; then fsck; then the files. */
static int recover(struct cycle *y)
{
	const struct stress_crash *crash = y->c->setup->crash;
	char said[SAID_BYTES];
	int rc = image_unmount(y->im, y->err);

	if (!rc && crash->down)
		crash->down(crash->ctx, y->im->path);
	if (rc || !mounts(y))
		return rc;
	rc = image_unmount(y->im, y->err);
	if (!rc)
		rc = image_check(y->im, said, sizeof(said), y->err);
	if (rc < 0)
		return rc;
	board_checked(y->board, CONTRACT_FSCK, 1);
	if (rc)
		board_broke(y->board, CONTRACT_FSCK, 0, 0,
			    "%s, after its log was replayed:\n%s\n", y->im->fs->check[0],
			    said);
	if (!mounts(y))
		return 0;
	verify_recovered(y->v);
	verify_round_end(y->v);
	return image_unmount(y->im, y->err);
}

/* 0, also when *stop ended it before the crash; or -errno with err. */
static int cycle_run(struct cycle *y, size_t variant, uint64_t seed)
{
	const struct experiment_variant *in = &y->c->setup->variant[variant];
	const struct experiment_crash crash = {
		.after_ns = LIFE_LEAST_NS + plan_mix64(seed) % LIFE_SPREAD_NS,
		.variant = (uint32_t)variant,
		.now = go_down,
		.ctx = y,
	};
	const struct experiment_setup setup = { .stop = y->stop,
						.verify = y->v,
						.crash = &crash };
	struct result *unused = NULL;
	struct load_error err;
	size_t i;
	int rc;

	for (i = 0; i < in->w->job_nr; i++)
		in->w->job[i].randseed = seed;
	rc = image_make(y->im, y->err);
	if (!rc)
		rc = image_mount(y->im, y->err);
	if (rc)
		return rc;
	/* Figures of a load that ends so are of no use. */
	rc = experiment_run(y->c->setup->whole, in, 1, &setup, &unused, y->err);
	result_free(unused);
	if (y->down)
		rc = rc ? rc : recover(y);
	else if (*y->stop)
		rc = 0;
	else if (!rc)
		rc = -EIO;
	verify_round_end(y->v);
	(void)image_unmount(y->im, &err);
	return rc;
}

/* The jobs write below the mount, for as long as this lasts. */
static void set_directory(struct crash *c, char *directory)
{
	const struct stress_setup *in = c->setup;
	size_t i, k;

	for (i = 0; i < in->variant_nr; i++)
		for (k = 0; k < in->variant[i].w->job_nr; k++)
			in->variant[i].w->job[k].directory = directory;
}

int crash_cycles(struct crash *c, struct verify *v, struct board *board, uint64_t run,
		 const volatile int *stop, struct load_error *err)
{
	const struct stress_setup *in = c->setup;
	uint64_t nr, turn;
	size_t i;
	int rc = prepare(c, board, run, stop, err);

	if (!rc)
		set_directory(c, c->mount);
	for (nr = turn = 0; !rc && !*stop && (!in->cycles || nr < in->cycles); turn++) {
		size_t variant = turn % in->variant_nr, fs = in->crash->fs[variant];
		struct cycle y = { .c = c,
				   .im = &c->image[fs],
				   .v = v,
				   .board = board,
				   .stop = stop,
				   .err = err };

		if (!c->skipped[fs][0])
			rc = cycle_run(&y, variant, in->seed + nr++);
	}
	for (i = 0; i < IMAGE_FS_MAX; i++)
		image_detach(&c->image[i]);
	return rc == -EINTR && *stop ? 0 : rc;
}
