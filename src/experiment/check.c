// SPDX-License-Identifier: GPL-2.0-or-later
/* What stress adds to a round: stamped layouts, readers beside it, reading back. */
#include "experiment/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "verify/verify.h"

#define FILE_BYTES_MAX (UINT64_C(128) << 30) /* what the ledger has room for */
#define CALLS_MAX (BOARD_CALLS_MAX - 64)     /* the rest: antagonists, and our own */

#define EXT4_MAGIC 0xEF53
#define XFS_MAGIC 0x58465342
#define FUSE_MAGIC 0x65735546

/* What the file system of the first target is; 0: not known. */
static long check_fs(const struct experiment *x)
{
	struct statfs fs;
	size_t i;

	for (i = 0; i < x->run->dir_nr; i++)
		if (!statfs(x->run->dir[i].path, &fs))
			return (long)fs.f_type;
	return 0;
}

/*
 * Appends of one thread are acknowledged in order, each after its data, where the file
 * system makes the next wait for the one before. btrfs moves the size first; workers
 * of io_uring take appends in any order.
 */
static bool check_is_strict(const struct experiment *x)
{
	const struct workload_job *job = x->w->job;
	long fs = check_fs(x);
	unsigned int i;

	if (x->w->job_nr > 1 || job->numjobs > 1 || !job->mix.nr ||
	    (job->ioengine != WORKLOAD_LIBAIO && job->iodepth > 1))
		return false;
	for (i = 0; i < job->mix.nr; i++)
		if (job->mix.item[i].kind.mods & KIND_NOWAIT)
			return false;
	return fs == EXT4_MAGIC || fs == XFS_MAGIC || fs == FUSE_MAGIC;
}

/* What is not on the board is watched by nobody. */
static int check_calls(const struct experiment *x, const struct workload_job *job)
{
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < x->w->job_nr; i++)
		nr += (uint64_t)x->w->job[i].iodepth * x->w->job[i].numjobs;
	if (nr <= CALLS_MAX)
		return 0;
	load_error_job(
		x->run->err, job, "iodepth",
		"stress watches %d operations in flight at most, of all threads: this comes to %llu",
		CALLS_MAX, (unsigned long long)nr);
	return -E2BIG;
}

int experiment_check_antagonists(const struct experiment *x,
				 const struct workload_job *job)
{
	const char *bad = NULL, *name, *help;
	char known[256] = "";
	size_t i, at = 0;

	if (x->run->setup->verify && check_calls(x, job))
		return -E2BIG;
	if (x->run->setup->verify && job->size.bytes > FILE_BYTES_MAX) {
		load_error_job(
			x->run->err, job, "size",
			"stress judges the first 128 GiB of a file: size must not be more");
		return -EFBIG;
	}
	if (x->run->setup->verify && !engine_find(job)->needs_target) {
		load_error_job(
			x->run->err, job, "ioengine",
			"stress reads back what was written: not with this engine");
		return -EINVAL;
	}
	if (!job->antagonists)
		return 0;
	if (!x->run->setup->verify) {
		load_error_job(x->run->err, job, "antagonists",
			       "antagonists are for diowait stress");
		return -EINVAL;
	}
	if (verify_antagonists_known(job->antagonists, &bad))
		return 0;
	for (i = 0; (name = verify_antagonist(i, &help)) && at < sizeof(known); i++)
		at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s",
				       i ? ", " : "", name);
	load_error_job(x->run->err, job, "antagonists", "unknown antagonist '%.*s': %s",
		       (int)strcspn(bad, ","), bad, known);
	return -EINVAL;
}

int experiment_check_paths(const struct experiment *x)
{
	size_t i, j;

	for (i = 0; i < x->target_nr && x->run->setup->verify; i++)
		for (j = 0; j < i; j++) {
			const struct target_spec *spec = &x->target[i].target.spec;

			if (strcmp(x->target[j].target.spec.path, spec->path))
				continue;
			load_error_job(
				x->run->err, spec->job, "filename",
				"%s is laid out anew while stress still checks what job %s has left there: give another filename",
				spec->path, x->target[j].target.spec.job->name);
			return -EINVAL;
		}
	return 0;
}

int experiment_check_begin(struct experiment *x)
{
	const struct experiment_crash *crash = x->run->setup->crash;
	const struct workload_job *job = x->w->job;
	struct verify_round r = {
		.variant = crash ? crash->variant : (uint32_t)(x - x->run->variant),
		.seed = job->randseed,
		.antagonists = job->antagonists,
		.block_bytes = x->run->dir_nr ? x->run->dir[0].limits.block_bytes : 4096,
		.sector_bytes = x->run->dir_nr ? x->run->dir[0].limits.sector_bytes : 512,
		.strict_append = !crash && check_is_strict(x),
		.sizes_race = check_fs(x) == FUSE_MAGIC,
		.crash = crash,
	};
	size_t i;

	if (!x->run->setup->verify || x->checking)
		return 0;
	for (i = 0; i < x->group_nr; i++)
		if (r.threads < x->group[i].thread_nr)
			r.threads = x->group[i].thread_nr;
	x->checking = true;
	return verify_round_begin(x->run->setup->verify, &r);
}

void experiment_check_end(struct experiment *x)
{
	size_t i;

	if (!x->checking)
		return;
	if (!x->run->crashed)
		verify_round_end(x->run->setup->verify);
	for (i = 0; i < x->target_nr; i++)
		x->target[i].checked = NULL;
	x->checking = false;
}

int experiment_check_layout(struct experiment *x, struct experiment_target *t)
{
	if (!x->run->setup->verify)
		return 0;
	t->checked = verify_file(x->run->setup->verify);
	t->target.stamp = verify_layout;
	t->target.stamp_ctx = t->checked;
	return t->checked ? 0 : -ENOMEM;
}

int experiment_check_ready(struct experiment *x, struct experiment_target *t)
{
	return x->run->setup->verify ?
		       verify_file_ready(t->checked, t->target.real_path) :
		       0;
}

int experiment_check_load(struct experiment *x, struct experiment_group *g)
{
	struct verify *v = x->run->setup->verify;
	unsigned int n, f;
	size_t i;
	int rc = 0;

	for (n = 0; v && n < g->thread_nr && !rc; n++)
		for (f = 0; f < g->thread[n].file_nr && !rc; f++)
			for (i = 0; i < x->target_nr; i++)
				if (&x->target[i].target == g->thread[n].file[f].target)
					rc = verify_map(v, g->thread[n].thread, f,
							x->target[i].checked);
	return v && !rc ? verify_load_begin(v) : rc;
}

/*
 * st_blocks is what the extents take, and blocks of the tree that lists them: one
 * for 80 extents at least, with the smallest blocks, half full, and those above.
 */
static void check_blocks(const struct experiment *x, const struct target *t)
{
	struct target_extents e;
	uint64_t taken, more;
	struct stat st;
	long fs = check_fs(x);

	if (fs != EXT4_MAGIC && fs != XFS_MAGIC)
		return;
	target_extents(t, &e);
	if (!e.known || fstat(t->fd, &st))
		return;
	taken = e.written_bytes + e.unwritten_bytes + e.delalloc_bytes;
	more = (e.count / 40 + 4) * t->limits.block_bytes;
	/* Where to write what is shared XFS reserves ahead, and counts as the file's. */
	if (verify_blocks_shared(x->w->job[0].antagonists))
		more = UINT64_MAX - taken;
	verify_blocks(x->run->setup->verify, t->real_path, (uint64_t)st.st_blocks * 512,
		      taken, taken + more);
}

int experiment_check_after(struct experiment *x)
{
	struct verify *v = x->run->setup->verify;
	size_t i;
	int rc = 0;

	if (!v)
		return 0;
	verify_load_end(v);
	/* Also where all had ended before its time. */
	if (x->run->setup->crash)
		return experiment_check_crash(x);
	for (i = 0; i < x->target_nr; i++)
		if (x->target[i].checked)
			check_blocks(x, &x->target[i].target);
	rc = verify_read_back(v);
	for (i = 0; i < x->target_nr && !rc; i++)
		if (x->target[i].checked)
			rc = target_reopen(&x->target[i].target);
	if (!rc)
		rc = verify_read_again(v);
	if (rc && !x->run->err->text[0])
		load_error_set(x->run->err, "reading back: %s", strerror(-rc));
	if (!rc && !verify_judged(v)) {
		load_error_set(
			x->run->err,
			"nothing was judged: no memory for what may be read, or a file of more than 128 GiB");
		rc = -ENOMEM;
	}
	return rc;
}

int experiment_check_crash(struct experiment *x)
{
	const struct experiment_crash *crash = x->run->setup->crash;
	int rc;

	if (x->run->crashed)
		return 0;
	verify_crashed(x->run->setup->verify);
	rc = crash->now(crash->ctx, x->run->err);
	x->run->crashed = !rc;
	return rc;
}

bool experiment_check_found(const struct experiment *x)
{
	return x->run->setup->verify && verify_found(x->run->setup->verify);
}
