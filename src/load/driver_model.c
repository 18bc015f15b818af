// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extend_wait=: what the kernel's designs impose on an extending write, imposed here
 * on space that is written already, where the kernel itself adds nothing.
 *
 *	none	nothing
 *	own	it is a pwrite(): the kernel waits for it, as iomap_dio_rw() told to wait
 *	all	it is submitted, then nothing more until nothing is in flight on the file
 *	drain	it is submitted when nothing is in flight on the file
 *
 * All this with the file's lock, which stands for i_rwsem: extending writes hold it
 * alone, others share it while they are submitted. A thread that waits for the lock,
 * or for what is in flight, submits nothing; but it takes completions off its queue,
 * since others may wait for these. Nobody could have seen them from inside a system
 * call, so they are stamped when the wait ends.
 */
#include "load/driver_private.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <time.h>

#define YIELDS 64 /* before a thread that waits for others sleeps between looks */
#define NAP_NS 20000

void driver_model_prepare(void)
{
	/* The usual slack may add 50 us to a nap of 20. */
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
}

/* ---- what is in flight ---- */

static struct target_model *model_of(const struct driver *d, const struct load_op *op)
{
	return &d->t->file[op->file].target->model;
}

void driver_model_took(struct driver *d, const struct engine_done *done, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!done[i].op->class->is_sync)
			atomic_fetch_sub(&model_of(d, done[i].op)->in_flight, 1);
}

/* Of this thread; op is the one that is being submitted. */
static unsigned int model_mine(const struct driver *d, bool submitted)
{
	return d->depth - d->free_nr - d->queued - d->waited_nr + submitted;
}

/*
 * Takes off the queue what is there; sleeps for one, where this thread has some in
 * flight and may. 0 or -errno.
 */
static int model_reap(struct driver *d, bool submitted, bool may_sleep)
{
	struct engine_done *to = d->waited_done + d->waited_nr;
	unsigned int mine = model_mine(d, submitted);
	int rc;

	if (!mine)
		return 0;
	rc = (int)d->look(d->e, mine, to);
	if (!rc && may_sleep)
		rc = d->ops->wait(d->e, 1, mine, to);
	if (rc == -EINTR)
		return 0;
	if (rc < 0)
		return rc;
	driver_model_took(d, to, (unsigned int)rc);
	d->waited_nr += (unsigned int)rc;
	return 0;
}

/* Somebody else has to do something: others may run. */
static void model_nap(unsigned int *tries)
{
	static const struct timespec nap = { 0, NAP_NS };

	if ((*tries)++ < YIELDS)
		(void)sched_yield();
	else
		(void)nanosleep(&nap, NULL);
}

/* Until nothing is in flight on the file, of whatever thread. */
static int model_drain(struct driver *d, struct target_model *m, bool submitted)
{
	unsigned int tries = 0;
	int rc = 0;

	while (atomic_load(&m->in_flight) && !rc) {
		d->waited = true;
		rc = model_reap(d, submitted, true);
		if (!rc && !model_mine(d, submitted) && atomic_load(&m->in_flight))
			model_nap(&tries);
	}
	return rc;
}

/* ---- the lock ---- */

static int model_lock(struct driver *d, struct target_model *m, bool alone)
{
	uint32_t number = atomic_fetch_add(&m->next, 1);
	unsigned int tries = 0;
	int rc = 0, err = 0;

	/* Who has a number waits for its turn, whatever happens: others wait for it. */
	while (atomic_load(&m->serving) != number ||
	       (alone && atomic_load(&m->readers))) {
		d->waited = true;
		/* With reap=full a look may find nothing, ever (DEFER_TASKRUN). */
		rc = model_reap(d, false, !d->reap_each);
		err = err ? err : rc;
		model_nap(&tries);
	}
	if (!alone) {
		atomic_fetch_add(&m->readers, 1);
		atomic_fetch_add(&m->serving, 1);
	}
	return err;
}

static void model_unlock(struct target_model *m, bool alone)
{
	if (alone)
		atomic_fetch_add(&m->serving, 1);
	else
		atomic_fetch_sub(&m->readers, 1);
}

/* ---- a submission ---- */

/* The write by itself, in the kernel from its begin to its end. */
static void model_pwrite(struct driver *d, struct load_op *op)
{
	struct iovec iov = { op->buffer, op->len };
	ssize_t rc;

	do {
		rc = pwritev2(d->t->file[op->file].fd, &iov, 1, (off_t)op->offset,
			      (int)op->class->rw_flags);
	} while (rc < 0 && errno == EINTR);
	d->waited = true;
	d->waited_done[d->waited_nr++] = (struct engine_done){ op, rc < 0 ? -errno : rc };
}

/* By the engine; *gone: it never began, and has been dealt with. */
static int model_engine(struct driver *d, struct load_op *op, uint64_t t0, bool *gone)
{
	int rc;

	do {
		rc = d->submit(d->e);
		if (rc <= 0)
			rc = driver_not_accepted(d, rc, t0, driver_now_ns());
		else
			break;
	} while (!rc && d->queued);
	*gone = !d->queued;
	if (rc > 0 && !op->class->is_sync)
		atomic_fetch_add(&model_of(d, op)->in_flight, 1);
	return rc < 0 ? rc : 0;
}

/* Where a model waits, and for what. */
static int model_submit(struct driver *d, struct load_op *op, uint64_t t0, bool *gone)
{
	struct target_model *m = model_of(d, op);
	bool modelled = op->class->is_modelled;
	int rc = 0;

	if (modelled && d->extend_wait == WORKLOAD_EXTEND_DRAIN)
		rc = model_drain(d, m, false);
	if (rc)
		return rc;
	if (op->class->is_pwrite) {
		model_pwrite(d, op);
		return 0;
	}
	rc = model_engine(d, op, t0, gone);
	if (rc || *gone)
		return rc;
	if (modelled && (d->extend_wait == WORKLOAD_EXTEND_ALL ||
			 d->extend_wait == WORKLOAD_EXTEND_OWN))
		rc = model_drain(d, m, true);
	/* It is in flight, and not queued any more, for who drains after the error. */
	if (rc)
		d->queued = 0;
	return rc;
}

int driver_model_submit(struct driver *d)
{
	struct load_op *op = d->free_op[d->free_nr];
	struct target_model *m = op->class->is_sync ? NULL : model_of(d, op);
	uint64_t t0 = driver_now_ns(), t1;
	bool gone = false;
	int rc = 0;

	d->waited = false;
	d->waited_nr = 0;
	if (m)
		rc = model_lock(d, m, op->class->is_modelled);
	if (!rc)
		rc = m ? model_submit(d, op, t0, &gone) : model_engine(d, op, t0, &gone);
	if (m)
		model_unlock(m, op->class->is_modelled);
	t1 = driver_now_ns();
	if (!rc && !gone)
		driver_accepted_one(d, t0, t1);
	d->waited = false;
	driver_take_all(d, d->waited_done, d->waited_nr, t1);
	if (rc && !d->t->error.text[0])
		load_error_set(&d->t->error, "job %s: waiting as extend_wait asks: %s",
			       d->job->name, strerror(-rc));
	return rc;
}
