// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libaio: io_submit() and, for completions, the ring that the kernel shares
 * with the process. Looking at the ring costs no system call, so a look after
 * every submission is nearly free; waiting goes through io_getevents().
 */
#include "load/engine.h"

#include <errno.h>
#include <stdlib.h>

#ifdef HAVE_LIBAIO

#include <libaio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's struct aio_ring (fs/aio.c); its layout is ABI by magic. */
#define AIO_RING_MAGIC 0xa10a10a1u

struct aio_ring {
	unsigned int id;
	unsigned int nr;
	unsigned int head; /* ours */
	unsigned int tail; /* the kernel's */
	unsigned int magic;
	unsigned int compat_features;
	unsigned int incompat_features;
	unsigned int header_length;
	struct io_event event[];
};

struct engine {
	io_context_t ctx;
	struct aio_ring *ring; /* NULL: unknown layout, look by system call */
	unsigned int queued;
	struct iocb *iocb; /* by slot */
	struct iocb **queue;
	struct io_event *event;
};

static void libaio_close(struct engine *e)
{
	if (!e)
		return;
	if (e->ctx)
		(void)io_destroy(e->ctx);
	free(e->iocb);
	free(e->queue);
	free(e->event);
	free(e);
}

static int libaio_open(const struct engine_setup *setup, struct engine **out,
		       const char **what)
{
	struct engine *e = calloc(1, sizeof(*e));
	int rc;

	*what = "calloc";
	if (!e)
		return -ENOMEM;
	e->iocb = calloc(setup->depth, sizeof(*e->iocb));
	e->queue = calloc(setup->depth, sizeof(*e->queue));
	e->event = calloc(setup->depth, sizeof(*e->event));
	rc = -ENOMEM;
	if (!e->iocb || !e->queue || !e->event)
		goto out;
	/* -EAGAIN here means that fs.aio-max-nr is used up. */
	*what = "io_setup";
	rc = io_setup((int)setup->depth, &e->ctx);
	if (rc < 0)
		goto out;
	e->ring = (struct aio_ring *)e->ctx;
	if (e->ring->magic != AIO_RING_MAGIC || e->ring->incompat_features)
		e->ring = NULL;
	*out = e;
	return 0;
out:
	libaio_close(e);
	return rc;
}

_Static_assert((int)LOAD_READ == (int)IO_CMD_PREAD &&
		       (int)LOAD_WRITE == (int)IO_CMD_PWRITE &&
		       (int)LOAD_FSYNC == (int)IO_CMD_FSYNC &&
		       (int)LOAD_FDATASYNC == (int)IO_CMD_FDSYNC,
	       "operations are numbered as the kernel's");

static void libaio_prep(struct engine *e, struct load_op *op)
{
	struct iocb *cb = &e->iocb[op->slot];

	cb->u.c.offset = (long long)op->offset;
	e->queue[e->queued++] = cb;
	if (__builtin_expect(op->known, 1))
		return;
	op->known = true;
	cb->aio_lio_opcode = op->class->opcode;
	cb->aio_rw_flags = (int)op->class->rw_flags;
	cb->data = op;
	cb->aio_fildes = op->fd;
	cb->u.c.buf = op->buffer;
	cb->u.c.nbytes = op->len;
}

/*
 * The kernel stops at the first request that it refuses by itself (an
 * unsupported RWF flag, say); the next call has its error.
 */
static __attribute__((noinline)) int libaio_submitted_less(struct engine *e, long rc)
{
	if (rc <= 0)
		return rc ? -errno : 0;
	e->queued -= (unsigned int)rc;
	memmove(e->queue, e->queue + rc, e->queued * sizeof(*e->queue));
	return (int)rc;
}

/*
 * By syscall(2): io_submit() of the library is this call with a detour for
 * errno that costs more than the rest of our submission.
 */
static int libaio_submit(struct engine *e)
{
	long rc = syscall(SYS_io_submit, e->ctx, (long)e->queued, e->queue);

	if (__builtin_expect(rc == (long)e->queued, 1)) {
		e->queued = 0;
		return (int)rc;
	}
	return libaio_submitted_less(e, rc);
}

static void libaio_drop(struct engine *e)
{
	e->queued--;
	memmove(e->queue, e->queue + 1, e->queued * sizeof(*e->queue));
}

static int libaio_getevents(struct engine *e, unsigned int min, unsigned int max,
			    struct timespec *timeout, struct engine_done *done)
{
	int i, rc;

	rc = io_getevents(e->ctx, (long)min, (long)max, e->event, timeout);
	for (i = 0; i < rc; i++) {
		done[i].op = e->event[i].data;
		done[i].res = (int64_t)e->event[i].res;
	}
	return rc;
}

static __attribute__((noinline)) unsigned int libaio_look_by_call(
	struct engine *e, unsigned int max, struct engine_done *done)
{
	struct timespec zero = { 0, 0 };
	int rc = libaio_getevents(e, 0, max, &zero, done);

	return rc > 0 ? (unsigned int)rc : 0;
}

/* Passes on the events from, up to but not including to; returns the next place. */
static inline struct engine_done *libaio_pass(const struct io_event *from,
					      const struct io_event *to,
					      struct engine_done *done)
{
	do {
		done->op = from->data;
		done++->res = (int64_t)from++->res;
	} while (from != to);
	return done;
}

/* Takes events straight from the ring: its one consumer is this thread. */
static unsigned int libaio_look(struct engine *e, unsigned int max,
				struct engine_done *done)
{
	struct aio_ring *ring = e->ring;
	unsigned int head, tail, nr, ahead;

	if (__builtin_expect(!ring, 0))
		return libaio_look_by_call(e, max, done);
	head = ring->head;
	tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
	if (head == tail)
		return 0;
	nr = tail - head;
	if (tail < head)
		nr += ring->nr;
	if (nr > max)
		nr = max;
	ahead = ring->nr - head;
	if (__builtin_expect(nr < ahead, 1)) {
		(void)libaio_pass(ring->event + head, ring->event + head + nr, done);
		head += nr;
	} else {
		done = libaio_pass(ring->event + head, ring->event + ring->nr, done);
		head = nr - ahead;
		if (head)
			(void)libaio_pass(ring->event, ring->event + head, done);
	}
	__atomic_store_n(&ring->head, head, __ATOMIC_RELEASE);
	return nr;
}

static int libaio_wait(struct engine *e, unsigned int min, unsigned int max,
		       struct engine_done *done)
{
	return libaio_getevents(e, min, max, NULL, done);
}

static int libaio_wait_for(struct engine *e, unsigned int max, uint64_t ns,
			   struct engine_done *done)
{
	struct timespec t = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };

	return libaio_getevents(e, 1, max, &t, done);
}

const struct engine_ops engine_libaio = {
	.name = "libaio",
	.needs_target = true,
	.open = libaio_open,
	.prep = libaio_prep,
	.submit = libaio_submit,
	.drop = libaio_drop,
	.look = libaio_look,
	.wait = libaio_wait,
	.wait_for = libaio_wait_for,
	.close = libaio_close,
};

#else

const struct engine_ops engine_libaio = {
	.name = "libaio",
	.needs_target = true,
	.unavailable = "built without libaio",
};

#endif
