// SPDX-License-Identifier: GPL-2.0-or-later
/* From a workload to groups, targets and threads; and every check on the way. */
#include "experiment/private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "workload/mix.h"

#define GROWN_BYTES (64u << 20) /* extend_wait: at most, where less is laid out */

static bool experiment_job_is_virt(const struct workload_job *job)
{
	return !engine_find(job)->needs_target;
}

/* ---- names ---- */

/*
 * Path of file nr of thread k, as fio names it: the n-th of filename=, or as
 * filename_format= has it, or JOB.K.NR without either. 0 or -errno.
 */
static int experiment_path(const struct workload_job *job, unsigned int k,
			   unsigned int nr, char **path)
{
	const char *dir = job->directory ? job->directory : ".";
	const char *list = job->filename;
	char *name = NULL;
	int rc = 0;

	*path = NULL;
	if (!list && !job->filename_format)
		return asprintf(path, "%s/%s.%u.%u", dir, job->name, k, nr) < 0 ?
			       -ENOMEM :
			       0;
	if (!list)
		rc = workload_format_filename(job->filename_format, job->name, k, nr,
					      &name);
	while (list && !rc) {
		free(name);
		name = NULL;
		rc = *list ? workload_filename_next(&list, &name) : -ENOENT;
		if (!nr--)
			break;
	}
	if (rc)
		return rc;
	assert(name);
	if (*name == '/') {
		*path = name;
		return 0;
	}
	rc = asprintf(path, "%s/%s", dir, name) < 0 ? -ENOMEM : 0;
	free(name);
	return rc;
}

/* Bytes of what a share (size=50%) can be taken of. 0 or -errno. */
static int experiment_target_bytes(const char *path, uint64_t *bytes)
{
	struct stat st;
	int fd, rc = 0;

	if (stat(path, &st))
		return -errno;
	if (S_ISREG(st.st_mode)) {
		*bytes = (uint64_t)st.st_size;
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, bytes))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

static void experiment_share(struct workload_size *s, uint64_t of_bytes, uint64_t unit)
{
	if (s->percent)
		s->bytes = of_bytes / 100 * s->percent / unit * unit;
	s->percent = 0;
}

/* Shares of the job's target become bytes, in whole bs; offsets are rounded up. */
static int experiment_resolve(struct workload_job *job, struct load_error *err)
{
	uint64_t align = job->offset_align ? job->offset_align : job->bs.min_bytes;
	uint64_t bytes = 0, bs = job->bs.max_bytes;
	unsigned int files = 1;
	char *path = NULL;
	int rc;

	if (!job->size.percent && !job->offset.percent && !job->io_size.percent)
		return 0;
	rc = experiment_path(job, 0, 0, &path);
	if (!rc)
		rc = experiment_target_bytes(path, &bytes);
	if (rc)
		load_error_job(
			err, job, job->size.percent ? "size" : "offset",
			"a share is of what filename= names, but %s: %s: give bytes",
			path ? path : "", strerror(-rc));
	free(path);
	/* Of several files each has such a share. */
	if (job->size.percent && !job->mix.nr)
		files = workload_file_nr(job);
	experiment_share(&job->size, bytes, bs);
	job->size.bytes *= files;
	if (job->offset.percent)
		job->offset.bytes = (bytes / 100 * job->offset.percent + align - 1) /
				    align * align;
	job->offset.percent = 0;
	experiment_share(&job->io_size, job->size.bytes, bs);
	return rc;
}

static int experiment_dir_find(struct experiment *x, const char *path, size_t len,
			       size_t *out)
{
	struct experiment_dir *grown;

	for (*out = 0; *out < x->run->dir_nr; ++*out)
		if (strlen(x->run->dir[*out].path) == len &&
		    !memcmp(x->run->dir[*out].path, path, len))
			return 0;
	grown = realloc(x->run->dir, (x->run->dir_nr + 1) * sizeof(*x->run->dir));
	if (!grown)
		return -ENOMEM;
	x->run->dir = grown;
	x->run->dir[x->run->dir_nr] = (struct experiment_dir){ .path = strndup(path,
									       len) };
	return x->run->dir[x->run->dir_nr++].path ? 0 : -ENOMEM;
}

/* ---- what the jobs together want of a target ---- */

/* a * b bytes, or more than any file system has. */
static uint64_t experiment_times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) || product > 1ull << 60 ?
		       1ull << 60 :
		       product;
}

/*
 * What extend_wait grows into beforehand: what the job will write, as far as is known,
 * but no more than it lays out (or GROWN_BYTES); a power of two; and at least twice what
 * can be in flight (least_bytes: four times), so that no two writes meet.
 */
static uint64_t experiment_grown(const struct workload_job *job, uint64_t growth,
				 uint64_t least_bytes)
{
	uint64_t most = job->size.bytes > GROWN_BYTES ? job->size.bytes : GROWN_BYTES;
	uint64_t bytes;

	if (!growth || growth > most)
		growth = most;
	if (growth < least_bytes)
		growth = least_bytes;
	/* Rounded down, which leaves more than half. */
	for (bytes = 1; bytes <= growth / 2; bytes *= 2)
		;
	return bytes;
}

static void experiment_spec_mix(struct target_spec *spec, const struct workload_job *job)
{
	/* Threads of the job that share the file. */
	const unsigned int threads = job->filename ? job->numjobs : 1;
	uint64_t growth = job->io_size.bytes, grown;
	bool prealloc = false;
	unsigned int i, j;

	spec->mix = true;
	spec->size_bytes = job->size.bytes;
	spec->unchecked |= workload_is_set(job, "fallocate") &&
			   job->fallocate == WORKLOAD_FALLOC_NONE;
	if (job->bs.max_bytes > spec->round_bytes)
		spec->round_bytes = job->bs.max_bytes;
	if (!growth && job->number_ios)
		growth = experiment_times(job->number_ios, job->bs.max_bytes);
	growth = experiment_times(growth, threads);
	if (job->extend_wait != WORKLOAD_EXTEND_KERNEL && mix_extending(&job->mix)) {
		/* Jobs that share the file are in flight together. */
		spec->least_bytes += 4ull * job->iodepth * threads * job->bs.max_bytes;
		grown = experiment_grown(job, growth, spec->least_bytes);
		if (grown > spec->grown_bytes)
			spec->grown_bytes = grown;
	}
	if (!growth)
		growth = experiment_times(job->size.bytes, threads);
	for (i = 0; i < job->mix.nr; i++) {
		const struct workload_mix_item *item = &job->mix.item[i];
		const struct kind_row *row = kind_row(item->kind.base);

		if (row->place == KIND_PLACE_EOF && (item->kind.mods & KIND_UNALIGNED))
			spec->shift_eof = true;
		spec->starts_inside |= row->place == KIND_PLACE_EOF &&
				       row->eof_halves < 0;
		/* Once, however many members share the space. */
		prealloc |= row->place == KIND_PLACE_EOF && row->consumes;
		if (row->place != KIND_PLACE_INSIDE)
			continue;
		for (j = 0; j < spec->order_nr && spec->order[j] != row->state; j++)
			;
		if (j == spec->order_nr) {
			spec->order[spec->order_nr++] = row->state;
			spec->weight[j] = 0;
		}
		spec->weight[j] += item->weight;
	}
	if (prealloc && !spec->grown_bytes)
		spec->prealloc_bytes += growth;
}

/* last: of the job's threads in the file. */
static void experiment_spec_add(struct target_spec *spec, const struct workload_job *job,
				unsigned int last)
{
	const uint64_t end = workload_start(job, last) + workload_file_bytes(job);

	spec->keep |= workload_is_set(job, "unlink") && !job->unlink;
	if (job->mix.nr) {
		experiment_spec_mix(spec, job);
		return;
	}
	if (end > spec->size_bytes)
		spec->size_bytes = end;
	spec->fallocate = job->fallocate;
	/* What is read fio writes first, whatever fallocate says. */
	spec->overwrite |= job->overwrite || workload_reads(job);
	spec->bare |= job->create_on_open;
	spec->append |= job->file_append;
}

/* Whole blocks and whole lengths only: then no EOF is shifted by a sector. */
static bool experiment_shifts(const struct target_spec *spec, uint64_t block)
{
	return spec->shift_eof && spec->round_bytes % block == 0;
}

/*
 * With a mix the layout belongs to the group; without one a later group goes on
 * with the file of an earlier, as in fio. group: SIZE_MAX without a mix.
 */
static int experiment_target_find(struct experiment *x, char *path, bool virt,
				  size_t group, size_t *out)
{
	struct experiment_target *grown, *t;
	struct stat st;
	const char *slash;

	assert(path);
	for (*out = 0; *out < x->target_nr; ++*out)
		if (x->target[*out].group == group &&
		    !strcmp(x->target[*out].target.spec.path, path)) {
			free(path);
			return 0;
		}
	grown = realloc(x->target, (x->target_nr + 1) * sizeof(*x->target));
	if (!grown) {
		free(path);
		return -ENOMEM;
	}
	x->target = grown;
	t = &x->target[x->target_nr++];
	*t = (struct experiment_target){ .virt = virt, .group = group };
	t->target.fd = -1;
	t->target.spec.path = path;
	t->target.spec.virt = virt;
	t->target.spec.destroy_data = x->run->setup->destroy_data;
	/* Always there: every path has its directory in front. */
	slash = strrchr(path, '/');
	t->target.spec.dir_len = slash == path ? 1 : (size_t)(slash - path);
	t->is_block = !virt && !stat(path, &st) && S_ISBLK(st.st_mode);
	t->target.is_block = t->is_block;
	if (virt || t->is_block)
		return 0;
	return experiment_dir_find(x, path, t->target.spec.dir_len, &t->dir);
}

/* Targets of one thread, entered in the group and in the thread's file list. */
static int experiment_thread(struct experiment *x, struct experiment_group *g,
			     const struct workload_job *job, unsigned int k,
			     size_t **file_target)
{
	unsigned int nr = workload_file_nr(job), f;
	size_t *list = calloc(nr, sizeof(*list)), *grown, i;
	int rc = list ? 0 : -ENOMEM;

	for (f = 0; f < nr && !rc; f++) {
		struct target_spec *spec;
		char *path;

		rc = experiment_path(job, k, f, &path);
		if (!rc)
			rc = experiment_target_find(x, path, experiment_job_is_virt(job),
						    job->mix.nr ? g->first_job : SIZE_MAX,
						    &list[f]);
		if (rc)
			break;
		spec = &x->target[list[f]].target.spec;
		if (!spec->job)
			spec->job = job;
		/* A job counts once for a file, however many threads share it. */
		if (!job->filename || !k)
			experiment_spec_add(spec, job,
					    job->filename ? job->numjobs - 1 : k);
		for (i = 0; i < g->target_nr && g->target[i] != list[f]; i++)
			;
		if (i < g->target_nr)
			continue;
		grown = realloc(g->target, (g->target_nr + 1) * sizeof(*grown));
		rc = grown ? 0 : -ENOMEM;
		if (rc)
			break;
		g->target = grown;
		g->target[g->target_nr++] = list[f];
	}
	*file_target = list;
	return rc;
}

static int experiment_threads(struct experiment *x, struct experiment_group *g)
{
	unsigned int nr = 0, n = 0, k, f;
	size_t j;
	int rc;

	for (j = 0; j < g->job_nr; j++)
		nr += x->w->job[g->first_job + j].numjobs;
	g->thread = calloc(nr, sizeof(*g->thread));
	if (!g->thread)
		return -ENOMEM;
	g->thread_nr = nr;
	for (j = 0; j < g->job_nr; j++) {
		const struct workload_job *job = &x->w->job[g->first_job + j];

		for (k = 0; k < job->numjobs; k++, n++) {
			struct driver_thread *t = &g->thread[n];
			size_t *list = NULL;

			t->job = job;
			t->job_thread = k;
			t->thread = n;
			t->file_nr = workload_file_nr(job);
			t->file = calloc(t->file_nr, sizeof(*t->file));
			rc = t->file ? experiment_thread(x, g, job, k, &list) : -ENOMEM;
			/*
			 * x->target moves as it grows: the index is kept in
			 * fd until all are known, see experiment_link().
			 */
			for (f = 0; !rc && f < t->file_nr; f++)
				t->file[f].fd = (int)list[f];
			free(list);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* ---- checks that touch nothing ---- */

static int experiment_check_job(const struct workload_job *job, struct load_error *err)
{
	const struct engine_ops *ops = engine_find(job);
	unsigned int i;

	if (ops->unavailable) {
		load_error_job(err, job, "ioengine", "ioengine=%s: %s", ops->name,
			       ops->unavailable);
		return -ENOTSUP;
	}
	for (i = 0; i < job->mix.nr; i++)
		if (job->mix.item[i].kind.base == KIND_APPEND_PREALLOC &&
		    !job->io_size.bytes && !job->number_ios && !job->size.bytes) {
			load_error_job(
				err, job, "mix",
				"mix: append-prealloc preallocates io_size, number_ios * bs or size bytes: give one of them");
			return -EINVAL;
		}
	return 0;
}

/* What target i takes of its file system, when all groups have run. */
static uint64_t experiment_space(const struct experiment *x, size_t i)
{
	const struct experiment_target *t = &x->target[i];
	uint64_t bytes, other;
	size_t j;

	if (t->virt || t->is_block || t->target.spec.unchecked)
		return 0;
	bytes = target_layout_bytes(&t->target.spec);
	/* Layouts of one path follow each other: only the largest counts. */
	for (j = 0; j < x->target_nr; j++) {
		if (j == i || strcmp(x->target[j].target.spec.path, t->target.spec.path))
			continue;
		other = target_layout_bytes(&x->target[j].target.spec);
		if (other > bytes || (other == bytes && j < i))
			return 0;
	}
	return bytes;
}

/* All layouts must fit where they lie: files stay until the round's end. */
static int experiment_check_space(const struct experiment *x, struct load_error *err)
{
	/* By folder; several may be of one file system. */
	struct statvfs *vfs = calloc(x->run->dir_nr + 1, sizeof(*vfs));
	uint64_t *need = calloc(x->run->dir_nr + 1, sizeof(*need)), bytes, avail;
	int rc = vfs && need ? 0 : -ENOMEM;
	size_t i, d;

	/* No blocks at all: the file system does not count (ramfs), or can't be asked. */
	for (d = 0; d < x->run->dir_nr && !rc; d++)
		if (statvfs(x->run->dir[d].path, &vfs[d]))
			vfs[d].f_blocks = 0;
	for (i = 0; i < x->target_nr && !rc; i++) {
		bytes = experiment_space(x, i);
		for (d = 0; d < x->run->dir_nr && bytes; d++)
			if (vfs[d].f_blocks &&
			    vfs[d].f_fsid == vfs[x->target[i].dir].f_fsid)
				need[d] += bytes;
	}
	for (i = 0; i < x->target_nr && !rc; i++) {
		const struct experiment_target *t = &x->target[i];

		d = t->dir;
		if (t->virt || t->is_block || !vfs[d].f_blocks)
			continue;
		avail = (uint64_t)vfs[d].f_bavail * vfs[d].f_frsize;
		if (need[d] <= avail)
			continue;
		load_error_job(
			err, t->target.spec.job, "size",
			"size: the layout needs %llu MiB, but %s has %llu MiB free: lower size or give another directory",
			(unsigned long long)need[d] >> 20, x->run->dir[d].path,
			(unsigned long long)avail >> 20);
		rc = -ENOSPC;
	}
	free(vfs);
	free(need);
	return rc;
}

static int experiment_check_targets(struct experiment *x)
{
	struct load_error err;
	struct stat st;
	size_t i;
	int rc;

	for (i = 0; i < x->target_nr; i++) {
		struct experiment_target *t = &x->target[i];
		struct target_spec *spec = &t->target.spec;

		if (t->virt)
			continue;
		if (!t->is_block &&
		    (stat(x->run->dir[t->dir].path, &st) || !S_ISDIR(st.st_mode))) {
			rc = errno == ENOENT || errno == EACCES ? -errno : -ENOTDIR;
			load_error_job(x->run->err, spec->job,
				       spec->job->filename &&
						       strchr(spec->job->filename, '/') ?
					       "filename" :
					       "directory",
				       "directory %s: %s: give one that exists",
				       x->run->dir[t->dir].path, strerror(-rc));
			return rc;
		}
		rc = target_check_path(spec, &err);
		if (rc) {
			*x->run->err = err;
			return rc;
		}
	}
	return 0;
}

int experiment_prepare(struct experiment *x)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < x->w->job_nr && !rc; i++) {
		struct experiment_group *g;

		rc = experiment_check_job(&x->w->job[i], x->run->err);
		if (!rc)
			rc = experiment_check_antagonists(x, &x->w->job[i]);
		if (!rc)
			rc = experiment_resolve(&x->w->job[i], x->run->err);
		if (!i || x->w->job[i].stonewall) {
			g = realloc(x->group, (x->group_nr + 1) * sizeof(*g));
			if (!g)
				return -ENOMEM;
			x->group = g;
			x->group[x->group_nr++] =
				(struct experiment_group){ .first_job = i };
		}
		x->group[x->group_nr - 1].job_nr++;
	}
	for (i = 0; i < x->group_nr && !rc; i++)
		rc = experiment_threads(x, &x->group[i]);
	if (!rc)
		rc = experiment_check_targets(x);
	if (!rc)
		rc = experiment_check_paths(x);
	return rc ? rc : experiment_check_space(x, x->run->err);
}

/* ---- what needs a file made ---- */

/* Limits reach the targets; threads learn their targets for good. */
static int experiment_link(struct experiment *x)
{
	static const struct target_limits virt = { 4096, 512, 512, false, false };
	unsigned int n, f;
	size_t i;
	int rc;

	for (i = 0; i < x->target_nr; i++) {
		struct experiment_target *t = &x->target[i];

		if (t->is_block) {
			int fd = open(t->target.spec.path, O_RDONLY | O_CLOEXEC);

			rc = fd < 0 ? -errno : target_probe_device(fd, &t->target.limits);
			if (fd >= 0)
				close(fd);
			if (rc) {
				load_error_job(x->run->err, t->target.spec.job,
					       "filename", "%s: %s", t->target.spec.path,
					       strerror(-rc));
				return rc;
			}
		} else {
			t->target.limits = t->virt ? virt : x->run->dir[t->dir].limits;
			t->target.spec.shift_eof = experiment_shifts(
				&t->target.spec, t->target.limits.block_bytes);
		}
	}
	for (i = 0; i < x->group_nr; i++)
		for (n = 0; n < x->group[i].thread_nr; n++) {
			struct driver_thread *t = &x->group[i].thread[n];

			for (f = 0; f < t->file_nr; f++) {
				struct target *target = &x->target[t->file[f].fd].target;
				uint64_t block = target->limits.block_bytes;

				t->file[f].target = target;
				t->file[f].fd = -1;
				t->map_unaligned |= t->job->bs.min_bytes % block ||
						    t->job->offset.bytes % block ||
						    t->job->offset_increment % block ||
						    t->job->file_append;
				rc = target_check_job(&target->limits, t->job,
						      x->run->err);
				if (!rc && target->is_block)
					rc = target_check_device_job(t->job, x->run->err);
				if (rc)
					return rc;
			}
		}
	return 0;
}

int experiment_open_dirs(struct experiment *x)
{
	struct load_error err = { "" };
	size_t i, j;
	int rc;

	for (i = 0; i < x->run->dir_nr; i++) {
		struct experiment_dir *d = &x->run->dir[i];

		for (j = 0; j < x->target_nr; j++)
			if (!x->target[j].virt && !x->target[j].is_block &&
			    x->target[j].dir == i)
				break;
		/* Another variant's, or opened by one. */
		if (j == x->target_nr || d->scratch)
			continue;
		rc = scratch_open(d->path, &d->scratch, &err);
		if (!rc && scratch_neighbours(d->scratch))
			rc = result_note_add(
				x->run->result, RESULT_NOTE_WARN,
				"another diowait run was at work in %s when this one began: each measured the other, too",
				d->path);
		if (!rc)
			rc = scratch_begin_round(d->scratch);
		if (!rc)
			rc = target_probe_dir(d->scratch, d->path, &d->limits, &err);
		if (!rc)
			rc = scratch_end_round(d->scratch);
		if (!rc)
			continue;
		load_error_job(x->run->err, x->target[j].target.spec.job, "directory",
			       "%s", err.text[0] ? err.text : strerror(-rc));
		return rc;
	}
	return experiment_link(x);
}

void experiment_release(struct experiment *x)
{
	unsigned int n;
	size_t i;

	for (i = 0; i < x->group_nr; i++) {
		for (n = 0; n < x->group[i].thread_nr; n++) {
			driver_rows_free(&x->group[i].thread[n]);
			free(x->group[i].thread[n].file);
		}
		experiment_why_free(&x->group[i]);
		experiment_steady_free(&x->group[i]);
		free(x->group[i].thread);
		free(x->group[i].target);
	}
	for (i = 0; i < x->target_nr; i++) {
		target_close(&x->target[i].target);
		free(x->target[i].target.spec.path);
	}
	experiment_notes_free(x);
	free(x->noted);
	free(x->group);
	free(x->target);
	experiment_rows_free(&x->total);
}

void experiment_close_dirs(struct experiment_run *run)
{
	size_t i;

	for (i = 0; i < run->dir_nr; i++) {
		(void)scratch_close(run->dir[i].scratch);
		free(run->dir[i].path);
	}
	free(run->dir);
	run->dir = NULL;
	run->dir_nr = 0;
}
