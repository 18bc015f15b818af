// SPDX-License-Identifier: GPL-2.0-or-later
/* What a load thread needs before the clock starts, and its end. */
#include "load/driver_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_ATOMIC
#define RWF_ATOMIC 0x40 /* linux/fs.h, since 6.11 */
#endif

static struct load_class driver_class(struct kind kind, unsigned int row,
				      const struct workload_job *job)
{
	const struct kind_row *kr = kind_row(kind.base);
	struct load_class c = {
		.row = (uint16_t)row,
		.kind = kind,
		.opcode = kind.base == KIND_FSYNC     ? LOAD_FSYNC :
			  kind.base == KIND_FDATASYNC ? LOAD_FDATASYNC :
			  kr->is_write		      ? LOAD_WRITE :
							LOAD_READ,
		.is_write = kr->is_write,
		.is_sync = kr->is_sync,
		.is_extending = kind_is_extending(kind),
		.is_modelled = kind_is_extending(kind) &&
			       job->extend_wait != WORKLOAD_EXTEND_KERNEL,
		/* Without a file, as with the null engine, the engine does it. */
		.is_pwrite = kind_is_extending(kind) &&
			     job->extend_wait == WORKLOAD_EXTEND_OWN &&
			     engine_find(job)->needs_target,
	};

	if (!kr->is_sync && job->nowait)
		c.kind.mods |= KIND_NOWAIT;
	if (c.kind.mods & KIND_NOWAIT)
		c.rw_flags |= RWF_NOWAIT;
	if (c.kind.mods & KIND_DSYNC)
		c.rw_flags |= RWF_DSYNC;
	if (kr->is_write && job->atomic)
		c.rw_flags |= RWF_ATOMIC;
	/* The descriptor's O_DSYNC needs no flag, but is the kind's all the same. */
	if (kr->is_write && job->sync != WORKLOAD_SYNC_NONE)
		c.kind.mods |= KIND_DSYNC;
	return c;
}

int driver_rows_new(struct driver_thread *t, bool map_unaligned)
{
	const struct workload_job *job = t->job;
	unsigned int nr = job->mix.nr, i;
	struct kind kind[WORKLOAD_MIX_MAX + 2];

	for (i = 0; i < nr; i++)
		kind[i] = job->mix.item[i].kind;
	for (i = 0; !job->mix.nr && i < KIND_BASE_NR; i++) {
		if (!kind_row(i)->is_write)
			continue;
		kind[nr++] = (struct kind){ (uint8_t)i, 0 };
		if (map_unaligned)
			kind[nr++] = (struct kind){ (uint8_t)i, KIND_UNALIGNED };
	}
	if (!job->mix.nr && workload_reads(job))
		kind[nr++] = (struct kind){ KIND_READ, 0 };
	if (job->fsync)
		kind[nr++] = (struct kind){ KIND_FSYNC, 0 };
	if (job->fdatasync)
		kind[nr++] = (struct kind){ KIND_FDATASYNC, 0 };
	t->row = calloc(nr, sizeof(*t->row));
	if (!t->row)
		return -ENOMEM;
	t->row_nr = nr;
	for (i = 0; i < nr; i++) {
		/* The job's own keys add to the kind. */
		t->row[i].kind = driver_class(kind[i], i, job).kind;
		hist_init(&t->row[i].slat);
		hist_init(&t->row[i].clat);
		hist_init(&t->row[i].lat);
		hist_init(&t->row[i].victim);
		hist_init(&t->row[i].resp);
	}
	return 0;
}

int driver_series_new(struct driver_thread *t, unsigned int max)
{
	unsigned int i;

	t->series = calloc(t->row_nr, sizeof(struct series *));
	for (i = 0; t->series && i < t->row_nr; i++) {
		t->series[i] = series_new(t->job->runtime_ns, max);
		if (!t->series[i])
			return -ENOMEM;
	}
	return t->series ? 0 : -ENOMEM;
}

void driver_rows_free(struct driver_thread *t)
{
	unsigned int i;

	for (i = 0; t->series && i < t->row_nr; i++)
		series_free(t->series[i]);
	free(t->series);
	t->series = NULL;
	free(t->row);
	t->row = NULL;
	t->row_nr = 0;
}

/* One item a row: for kinds that the block map tells, and syncs by key. */
static void driver_init_row_items(struct driver *d)
{
	const struct workload_job *job = d->job;
	unsigned int i;

	for (i = 0; i < d->t->row_nr; i++) {
		struct driver_item *item = &d->item[d->item_nr + i];
		const struct kind k = d->t->row[i].kind;
		bool unaligned = k.mods & KIND_UNALIGNED;

		item->class = driver_class(k, i, job);
		d->row_of[k.base][unaligned] = (uint16_t)i;
		/* Aligned rows come first: the other is a row of its own, or this. */
		if (!unaligned)
			d->row_of[k.base][1] = (uint16_t)i;
		if (i < job->mix.nr || !kind_row(k.base)->is_sync)
			continue;
		d->sync_every[d->sync_nr] = k.base == KIND_FSYNC ? job->fsync :
								   job->fdatasync;
		d->sync[d->sync_nr++] = item;
	}
}

/* Items of the plan, and where each finds its places in each file. */
static int driver_init_items(struct driver *d)
{
	const struct workload_job *job = d->job;
	struct driver_thread *t = d->t;
	unsigned int i, f;

	d->by_map = !job->mix.nr;
	d->item_nr = job->mix.nr ? job->mix.nr :
				   1u + (workload_reads(job) && workload_writes(job));
	d->stream = calloc((size_t)t->file_nr * d->item_nr, sizeof(*d->stream));
	d->item = calloc(d->item_nr + t->row_nr, sizeof(*d->item));
	if (!d->stream || !d->item)
		return -ENOMEM;
	for (i = 0; i < d->item_nr; i++) {
		struct driver_item *item = &d->item[i];
		struct kind kind = { KIND_OVERWRITE, 0 };

		if (job->mix.nr)
			kind = job->mix.item[i].kind;
		else if (i || (workload_reads(job) && !workload_writes(job)))
			kind.base = KIND_READ;
		item->class = driver_class(kind, i, job);
		item->counts = !item->class.is_sync;
		item->stream = &d->stream[i];
		for (f = 0; f < t->file_nr; f++) {
			struct target_stream *s = &d->stream[f * d->item_nr + i];

			if (job->mix.nr)
				target_stream_init(s, t->file[f].target, job, kind,
						   t->job_thread);
			else
				target_stream_init_fio(s, t->file[f].target, job,
						       t->job_thread);
		}
	}
	driver_init_row_items(d);
	driver_use_rows(d, d->ramp_row ? d->ramp_row : t->row);
	return 0;
}

void driver_count_from(struct driver *d, uint64_t i)
{
	d->first_counted = i;
	driver_set_limit(d, d->planned		    ? 0 :
			    d->ios < UINT64_MAX - i ? i + d->ios :
						      UINT64_MAX);
}

/* Depth, batches and limits as the job wants them, minus what is used up. */
static void driver_init_limits(struct driver *d)
{
	const struct workload_job *job = d->job;
	bool full = job->reap == WORKLOAD_REAP_FULL;
	uint64_t io_bytes = job->io_size.bytes;

	d->depth = job->iodepth;
	d->batch = job->iodepth_batch_submit;
	d->reap_each = !full;
	d->looks = !full && !d->ops->looks_late;
	d->complete_min = job->iodepth_batch_complete_min;
	if (d->complete_min < 1)
		d->complete_min = 1;
	d->complete_max = job->iodepth_batch_complete_max;
	if (!d->complete_max)
		/* fio takes no more than it waits for, unless told. */
		d->complete_max = full ? d->complete_min : d->depth;
	d->extending_max = job->append_depth;
	d->holds = job->append_depth && job->append_depth < d->depth;
	/*
	 * Without a mix a job ends after size bytes, as in fio; with one, where
	 * nothing else ends it.
	 */
	if (!io_bytes && !job->time_based &&
	    (!job->mix.nr || (!job->runtime_ns && !job->number_ios)))
		io_bytes = job->size.bytes;
	d->ios = d->bytes_left = UINT64_MAX;
	if (job->number_ios)
		d->ios = job->number_ios;
	if (io_bytes && job->bs.min_bytes == job->bs.max_bytes) {
		uint64_t ios = (io_bytes + job->bs.min_bytes - 1) / job->bs.min_bytes;

		d->ios = ios < d->ios ? ios : d->ios;
	} else if (io_bytes) {
		d->bytes_limited = true;
		d->bytes_left = io_bytes > d->t->issued_bytes ?
					io_bytes - d->t->issued_bytes :
					0;
	}
	if (d->ios != UINT64_MAX)
		d->ios -= d->t->issued < d->ios ? d->t->issued : d->ios;
	driver_set_limit(d, UINT64_MAX);
	if (!d->t->ramp_ns)
		driver_count_from(d, d->next);
}

/* Payload that no layer can take for zeros or fold into one block. */
static int driver_init_buffers(struct driver *d)
{
	uint64_t page = 4096, total, i;
	uint64_t *word;

	for (i = 0; i < d->t->file_nr; i++)
		if (d->t->file[i].target->limits.mem_bytes > page)
			page = d->t->file[i].target->limits.mem_bytes;
	d->buffer_bytes = (size_t)((d->job->bs.max_bytes + page - 1) / page * page);
	total = d->buffer_bytes * d->depth;
	if (total / (uint64_t)sysconf(_SC_PAGESIZE) >
	    (uint64_t)sysconf(_SC_PHYS_PAGES) / 2)
		return -ENOMEM;
	d->buffer = aligned_alloc(page, total);
	if (!d->buffer)
		return -ENOMEM;
	word = d->buffer;
	for (i = 0; i < total / sizeof(*word); i++)
		word[i] = plan_mix64(d->plan.key + i);
	return 0;
}

static int driver_init_memory(struct driver *d)
{
	unsigned int i;
	int rc;

	d->op = calloc(d->depth, sizeof(*d->op));
	d->free_op = calloc(d->depth, sizeof(*d->free_op));
	d->aside = calloc(d->depth, sizeof(*d->aside));
	d->held = calloc(d->depth, sizeof(*d->held));
	d->done = calloc(d->depth, sizeof(*d->done));
	d->waited_done = calloc(d->depth, sizeof(*d->waited_done));
	d->observer_state = calloc(d->t->group->observer_nr + 1,
				   sizeof(*d->observer_state));
	if (!d->op || !d->free_op || !d->aside || !d->held || !d->done ||
	    !d->waited_done || !d->observer_state)
		return -ENOMEM;
	rc = driver_init_buffers(d);
	if (rc)
		return rc;
	d->free_nr = d->depth;
	for (i = 0; i < d->depth; i++) {
		d->op[i].slot = (uint16_t)i;
		d->op[i].len = (uint32_t)d->job->bs.min_bytes;
		d->op[i].buffer = (char *)d->buffer + i * d->buffer_bytes;
		/* The lowest slot is taken first. */
		d->free_op[d->depth - 1 - i] = &d->op[i];
	}
	return 0;
}

static int driver_open_files(struct driver *d)
{
	int flags = d->job->sync == WORKLOAD_SYNC_SYNC	? O_SYNC :
		    d->job->sync == WORKLOAD_SYNC_DSYNC ? O_DSYNC :
							  0;
	unsigned int i;

	for (i = 0; i < d->t->file_nr; i++)
		d->t->file[i].fd = -1;
	for (i = 0; i < d->t->file_nr && d->ops->needs_target; i++) {
		struct driver_file *f = &d->t->file[i];

		f->fd = target_open_fd(f->target, flags);
		if (f->fd < 0) {
			load_error_set(&d->t->error, "job %s: open %s: %s", d->job->name,
				       f->target->spec.path, strerror(-f->fd));
			return f->fd;
		}
	}
	return 0;
}

static int driver_open_engine(struct driver *d)
{
	struct engine_setup setup = {
		.depth = d->depth,
		.fd_nr = d->t->file_nr,
		.buffer = d->buffer,
		.buffer_bytes = d->buffer_bytes,
		.fixedbufs = d->job->fixedbufs,
		.registerfiles = d->job->registerfiles,
		.force_async = d->job->force_async,
		.sqthread_poll = d->job->sqthread_poll,
		.sqthread_poll_cpu = workload_is_set(d->job, "sqthread_poll_cpu") ?
					     (int)d->job->sqthread_poll_cpu :
					     -1,
		.hipri = d->job->hipri,
		.reap_each = d->reap_each,
	};
	const char *what = d->ops->name, *hint = "";
	unsigned int i;
	int rc;

	d->fd = calloc(d->t->file_nr, sizeof(*d->fd));
	if (!d->fd)
		return -ENOMEM;
	for (i = 0; i < d->t->file_nr; i++)
		d->fd[i] = d->t->file[i].fd;
	setup.fd = d->fd;
	rc = d->ops->open(&setup, &d->e, &what);
	/* From here on d->fd is what operations carry. */
	for (i = 0;
	     !rc && d->job->registerfiles && d->ops->registers && i < d->t->file_nr; i++)
		d->fd[i] = (int)i;
	for (i = 0; !rc && i < d->depth; i++)
		d->op[i].fd = d->fd[0];
	if (!rc)
		return 0;
	if (d->ops == &engine_libaio && rc == -EAGAIN)
		hint = "; fs.aio-max-nr is used up: raise it or lower iodepth";
	else if (d->job->ioengine == WORKLOAD_IO_URING && (rc == -EPERM || rc == -ENOSYS))
		hint = "; io_uring is switched off here (sysctl kernel.io_uring_disabled, or a seccomp filter)";
	else if (rc == -EINVAL && d->job->ioengine == WORKLOAD_IO_URING &&
		 d->depth > 32768)
		hint = "; a ring holds at most 32768: lower iodepth";
	else if (rc == -EINVAL && setup.sqthread_poll && setup.sqthread_poll_cpu >= 0 &&
		 !strcmp(what, "io_uring_setup"))
		hint = "; the processor of sqthread_poll_cpu is not online here";
	else if (rc == -EINVAL && setup.fixedbufs)
		hint = "; the kernel registers at most 16384 buffers: lower iodepth";
	else if (rc == -ENOMEM)
		hint = "; lower iodepth or bs, or raise the limit on locked memory (ulimit -l)";
	load_error_set(&d->t->error, "job %s: ioengine=%s: %s: %s%s", d->job->name,
		       d->ops->name, what, strerror(-rc), hint);
	return rc;
}

static int driver_open_observers(struct driver *d)
{
	unsigned int i;
	int rc;

	for (i = 0; i < d->t->group->observer_nr; i++) {
		struct load_observer *o = &d->observer[i];

		rc = o->open ? o->open(o->ctx, d->t->thread, d->depth,
				       &d->observer_state[i]) :
			       0;
		if (rc) {
			load_error_set(&d->t->error, "job %s: %s: %s", d->job->name,
				       o->name, strerror(-rc));
			return rc;
		}
		d->observer_nr = i + 1;
	}
	return 0;
}

static bool driver_has_sync(const struct driver *d)
{
	unsigned int i;

	for (i = 0; i < d->item_nr; i++)
		if (d->item[i].class.is_sync)
			return true;
	return false;
}

/* Does a record that is used again ask the engine for the same, but elsewhere? */
static bool driver_alike(const struct driver *d)
{
	const struct load_class *first = &d->item[0].class;
	unsigned int i;

	for (i = 1; i < d->item_nr; i++)
		if (d->item[i].class.opcode != first->opcode ||
		    d->item[i].class.rw_flags != first->rw_flags)
			return false;
	return true;
}

int driver_init(struct driver *d, struct driver_thread *t)
{
	/* Not a copy: others may end the thread meanwhile. */
	struct driver_thread ramp = { .job = t->job };
	unsigned int i;
	int rc;

	/* What an earlier segment closed must not be closed again. */
	for (i = 0; i < t->file_nr; i++)
		t->file[i].fd = -1;
	d->t = t;
	d->job = t->job;
	d->ops = engine_find(t->job);
	d->observer = t->group->observer;
	d->switches_now = t->group->switches;
	d->next = t->next_op;
	d->extend_wait = t->job->extend_wait;
	if (d->extend_wait)
		driver_model_prepare();
	d->prep = d->ops->prep;
	d->submit = d->ops->submit;
	d->look = d->ops->look;
	d->file_nr = t->file_nr;
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): each thread has a file */
	d->next_file = (unsigned int)(d->next % t->file_nr);
	d->tier0 = !t->group->switches || t->job->blocked_min_ns;
	d->blocked_min_ns = t->job->blocked_min_ns ? t->job->blocked_min_ns :
						     BLOCKED_MIN_NS;
	/* Every call is looked at until there is something to go by. */
	d->look_ns = 0;
	d->slept_min_ns = UINT64_MAX;
	d->next_adapt = d->next + FIRST_ADAPT;
	plan_init(&d->plan, t->job, t->job_thread);
	driver_init_limits(d);
	/* Before there are buffers, which lie near the processor that fills them. */
	rc = driver_place(t);
	if (!rc)
		rc = driver_rate_init(d);
	if (rc)
		return rc;
	if (t->ramp_ns) {
		rc = driver_rows_new(&ramp, t->map_unaligned);
		if (rc)
			return rc;
		d->ramp_row = ramp.row;
		d->ramping = true;
	}
	rc = driver_init_items(d);
	if (!rc)
		rc = driver_init_memory(d);
	if (!rc)
		rc = driver_open_files(d);
	if (!rc)
		rc = driver_open_engine(d);
	if (!rc)
		rc = driver_open_observers(d);
	d->max_latency_ns = t->job->max_latency_ns ? t->job->max_latency_ns : UINT64_MAX;
	d->plain = !d->extend_wait && !d->rated && !d->job->thinktime_ns &&
		   !d->job->max_latency_ns && d->looks && !d->by_map &&
		   d->job->bs.min_bytes == d->job->bs.max_bytes && d->file_nr == 1 &&
		   !d->bytes_limited && !d->sync_nr && !d->observer_nr && !d->holds &&
		   !driver_has_sync(d);
	d->one = d->plain && d->batch == 1;
	d->alike = d->plain && driver_alike(d);
	return rc;
}

/*
 * After an error operations may be in flight, whose buffers the kernel still
 * uses. Waits for them; false: some are left.
 */
static bool driver_drain(struct driver *d)
{
	unsigned int left = d->e ? d->depth - d->free_nr - d->queued : 0;

	while (left) {
		int rc = d->ops->wait(d->e, 1, left, d->done);

		if (rc < 0 && rc != -EINTR)
			return false;
		if (rc > 0 && d->extend_wait)
			driver_model_took(d, d->done, (unsigned int)rc);
		left -= rc > 0 ? (unsigned int)rc : 0;
	}
	return true;
}

void driver_fini(struct driver *d)
{
	struct driver_thread *t = d->t;
	unsigned int i;
	bool drained;

	if (d->e && d->ops->may_punt && t->group->workers)
		t->had_workers |= t->group->workers(gettid());
	drained = driver_drain(d);
	if (d->e)
		d->ops->close(d->e);
	for (i = 0; i < d->observer_nr; i++)
		if (d->observer[i].round_end)
			d->observer[i].round_end(d->observer_state[i]);
	for (i = 0; d->ramp_row && i < t->row_nr; i++)
		if (kind_row(t->row[i].kind.base)->is_write)
			t->ramp_bytes += d->ramp_row[i].bytes;
	for (i = 0; i < t->file_nr; i++) {
		if (t->file[i].fd >= 0)
			close(t->file[i].fd);
		t->file[i].fd = -1;
	}
	free(d->fd);
	free(d->stream);
	free(d->item);
	free(d->ramp_row);
	/* Memory that the kernel may still read or write is never given back. */
	if (drained)
		free(d->op);
	free(d->free_op);
	free(d->aside);
	free(d->held);
	free(d->span);
	free(d->done);
	free(d->waited_done);
	free(d->observer_state);
	if (drained)
		free(d->buffer);
}
