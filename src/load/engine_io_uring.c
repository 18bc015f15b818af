// SPDX-License-Identifier: GPL-2.0-or-later
/* io_uring through liburing: one ring a thread, made and used by that thread. */
#include "load/engine.h"

#include <errno.h>
#include <stdlib.h>

#ifdef HAVE_LIBURING

#include <liburing.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/uio.h>

struct engine {
	struct io_uring ring;
	bool have_ring;
	unsigned int mask, cq_mask; /* entries - 1 */
	unsigned int tail;	    /* of the submission queue: the kernel has its head */
	unsigned int head;	    /* of the completion queue: only ours moves it */
	unsigned int enter_flags;
	uint8_t opcode[4]; /* by enum load_opcode */
	unsigned int force_async, since_async;
};

static void io_uring_engine_close(struct engine *e)
{
	if (!e)
		return;
	if (e->have_ring)
		io_uring_queue_exit(&e->ring);
	free(e);
}

/*
 * Asks for the flags that spare interrupts and locks, and takes fewer where the
 * kernel is older. DEFER_TASKRUN posts completions only when the thread enters
 * the kernel to wait, so a look without a system call would never see one: it
 * is for reap=full only. A thread of the kernel that submits has no use for either.
 */
static int io_uring_engine_ring(struct engine *e, const struct engine_setup *setup)
{
	const bool sqpoll = setup->sqthread_poll;
	const unsigned int asked =
		(sqpoll ? IORING_SETUP_SQPOLL : 0) |
		(sqpoll && setup->sqthread_poll_cpu >= 0 ? IORING_SETUP_SQ_AFF : 0) |
		(setup->hipri ? IORING_SETUP_IOPOLL : 0);
	const unsigned int all = IORING_SETUP_SUBMIT_ALL;
	const unsigned int coop = sqpoll ? 0 : IORING_SETUP_COOP_TASKRUN;
	const unsigned int defer = sqpoll ? 0 : IORING_SETUP_DEFER_TASKRUN;
	const unsigned int wanted[] = {
		all | IORING_SETUP_SINGLE_ISSUER | (setup->reap_each ? coop : defer),
		all | coop,
		0,
	};
	size_t i;
	int rc = -EINVAL;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && rc == -EINVAL; i++) {
		struct io_uring_params p = { .flags = wanted[i] | asked };

		if (asked & IORING_SETUP_SQ_AFF)
			p.sq_thread_cpu = (unsigned int)setup->sqthread_poll_cpu;
		rc = io_uring_queue_init_params(setup->depth, &e->ring, &p);
	}
	return rc;
}

static int io_uring_engine_buffers(struct engine *e, const struct engine_setup *setup)
{
	struct iovec *iov = calloc(setup->depth, sizeof(*iov));
	unsigned int i;
	int rc;

	if (!iov)
		return -ENOMEM;
	for (i = 0; i < setup->depth; i++) {
		iov[i].iov_base = (char *)setup->buffer + i * setup->buffer_bytes;
		iov[i].iov_len = setup->buffer_bytes;
	}
	rc = io_uring_register_buffers(&e->ring, iov, setup->depth);
	free(iov);
	return rc;
}

/* What stays the same in the entries, and the operations' codes. */
static void io_uring_engine_entries(struct engine *e, const struct engine_setup *setup)
{
	unsigned int i;

	for (i = 0; i <= e->mask; i++) {
		struct io_uring_sqe *sqe = &e->ring.sq.sqes[i];

		memset(sqe, 0, sizeof(*sqe));
		sqe->flags = setup->registerfiles ? IOSQE_FIXED_FILE : 0;
	}
	e->force_async = setup->force_async;
	e->opcode[LOAD_READ] = setup->fixedbufs ? IORING_OP_READ_FIXED : IORING_OP_READ;
	e->opcode[LOAD_WRITE] = setup->fixedbufs ? IORING_OP_WRITE_FIXED :
						   IORING_OP_WRITE;
	e->opcode[LOAD_FSYNC] = e->opcode[LOAD_FDATASYNC] = IORING_OP_FSYNC;
}

static int io_uring_engine_open(const struct engine_setup *setup, struct engine **out,
				const char **what)
{
	struct engine *e = calloc(1, sizeof(*e));
	int rc = -ENOMEM;

	*what = "calloc";
	if (!e)
		return rc;
	*what = "io_uring_setup";
	rc = io_uring_engine_ring(e, setup);
	if (rc)
		goto out;
	e->have_ring = true;
	e->mask = *e->ring.sq.kring_mask;
	e->cq_mask = *e->ring.cq.kring_mask;
	io_uring_engine_entries(e, setup);
	/* Spares the lookup of the ring's file; older kernels do without. */
	if (io_uring_register_ring_fd(&e->ring) == 1)
		e->enter_flags = IORING_ENTER_REGISTERED_RING;
	if (setup->fixedbufs) {
		*what = "io_uring_register_buffers (fixedbufs=1)";
		rc = io_uring_engine_buffers(e, setup);
		if (rc)
			goto out;
	}
	if (setup->registerfiles) {
		*what = "io_uring_register_files (registerfiles=1)";
		rc = io_uring_register_files(&e->ring, setup->fd, setup->fd_nr);
		if (rc)
			goto out;
	}
	*out = e;
	return 0;
out:
	io_uring_engine_close(e);
	return rc;
}

/* Everything of an entry but the offset. */
static void io_uring_engine_fill(const struct engine *e, struct io_uring_sqe *sqe,
				 struct load_op *op)
{
	const struct load_class *class = op->class;

	sqe->opcode = e->opcode[class->opcode];
	sqe->fd = op->fd;
	sqe->addr = (uint64_t)(uintptr_t)op->buffer;
	sqe->len = op->len;
	sqe->user_data = (uint64_t)(uintptr_t)op;
	if (__builtin_expect(class->is_sync, 0)) {
		/* A sync must come without a buffer. */
		sqe->buf_index = 0;
		sqe->fsync_flags = class->opcode == LOAD_FDATASYNC ?
					   IORING_FSYNC_DATASYNC :
					   0;
		return;
	}
	sqe->buf_index = op->slot; /* looked at with fixed buffers only */
	sqe->rw_flags = (int)class->rw_flags;
}

/*
 * Each slot of the driver has an entry of its own, which the index array points
 * at: what does not change from one use of the slot to the next stays in it.
 * Later libraries (2.6) make rings without that array, where entries are used in
 * turn.
 */
static void io_uring_engine_prep(struct engine *e, struct load_op *op)
{
	unsigned int at = e->tail++ & e->mask;
	struct io_uring_sqe *sqe;

	/* Only where there is an array is an operation known. */
	if (__builtin_expect(op->known, 1)) {
		e->ring.sq.array[at] = op->slot;
		e->ring.sq.sqes[op->slot].off = op->offset;
		return;
	}
	if (e->ring.sq.array) {
		e->ring.sq.array[at] = op->slot;
		at = op->slot;
		op->known = true;
	}
	sqe = &e->ring.sq.sqes[at];
	sqe->off = op->offset;
	io_uring_engine_fill(e, sqe, op);
	if (!e->force_async)
		return;
	/* Which ones follows the order of submission: an entry is never the same. */
	op->known = false;
	sqe->flags &= (uint8_t)~IOSQE_ASYNC;
	if (++e->since_async == e->force_async) {
		sqe->flags |= IOSQE_ASYNC;
		e->since_async = 0;
	}
}

/*
 * The library's bare system call, which returns -errno: its others do the index
 * array over again.
 */
static inline int io_uring_engine_enter(struct engine *e, unsigned int submit,
					unsigned int wait, unsigned int flags)
{
	return io_uring_enter((unsigned int)e->ring.enter_ring_fd, submit, wait,
			      flags | e->enter_flags, NULL);
}

static int io_uring_engine_submit(struct engine *e)
{
	unsigned int tail = e->tail;

	io_uring_smp_store_release(e->ring.sq.ktail, tail);
	/* A request that the ring refuses comes back as a completion. */
	return io_uring_engine_enter(
		e, tail - io_uring_smp_load_acquire(e->ring.sq.khead), 0, 0);
}

static unsigned int io_uring_engine_look(struct engine *e, unsigned int max,
					 struct engine_done *done)
{
	struct io_uring_cq *cq = &e->ring.cq;
	unsigned int head = e->head;
	unsigned int nr = io_uring_smp_load_acquire(cq->ktail) - head, end;

	if (!nr)
		return 0;
	if (nr > max)
		nr = max;
	end = head + nr;
	do {
		const struct io_uring_cqe *cqe = &cq->cqes[head & e->cq_mask];

		done->op = (struct load_op *)(uintptr_t)cqe->user_data;
		done++->res = cqe->res;
	} while (++head != end);
	e->head = end;
	io_uring_smp_store_release(cq->khead, end);
	return nr;
}

static int io_uring_engine_wait(struct engine *e, unsigned int min, unsigned int max,
				struct engine_done *done)
{
	int rc;

	/* The call may come back early, with nothing wrong and too few. */
	do {
		rc = io_uring_engine_enter(e, 0, min, IORING_ENTER_GETEVENTS);
		if (rc < 0)
			return rc;
	} while (io_uring_smp_load_acquire(e->ring.cq.ktail) - e->head < min);
	return (int)io_uring_engine_look(e, max, done);
}

static int io_uring_engine_wait_for(struct engine *e, unsigned int max, uint64_t ns,
				    struct engine_done *done)
{
	struct __kernel_timespec t = { (int64_t)(ns / 1000000000u),
				       (long long)(ns % 1000000000u) };
	struct io_uring_getevents_arg arg = { .ts = (uint64_t)(uintptr_t)&t };
	int rc = io_uring_enter2((unsigned int)e->ring.enter_ring_fd, 0, 1,
				 IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG |
					 e->enter_flags,
				 (void *)&arg, sizeof(arg));

	if (rc < 0 && rc != -ETIME)
		return rc;
	return (int)io_uring_engine_look(e, max, done);
}

/* ---- sqthread_poll: the kernel's thread takes what it sees, or has to be woken ---- */

static int io_uring_engine_hand_over(struct engine *e)
{
	unsigned int nr = e->tail - *e->ring.sq.ktail;
	int rc = 0;

	io_uring_smp_store_release(e->ring.sq.ktail, e->tail);
	/* The thread looks for entries once more after it has set the flag. */
	atomic_thread_fence(memory_order_seq_cst);
	if (__builtin_expect(
		    IO_URING_READ_ONCE(*e->ring.sq.kflags) & IORING_SQ_NEED_WAKEUP, 0))
		rc = io_uring_engine_enter(e, nr, 0, IORING_ENTER_SQ_WAKEUP);
	/* What was handed over is on its way, woken or not. */
	return rc < 0 && rc != -EINTR && rc != -EAGAIN && rc != -EBUSY ? rc : (int)nr;
}

/* ---- hipri: the device is asked, in a call, whether it is done ---- */

static int io_uring_engine_submit_hipri(struct engine *e)
{
	return e->ring.flags & IORING_SETUP_SQPOLL ? io_uring_engine_hand_over(e) :
						     io_uring_engine_submit(e);
}

static unsigned int io_uring_engine_poll(struct engine *e, unsigned int max,
					 struct engine_done *done)
{
	if (io_uring_smp_load_acquire(e->ring.cq.ktail) == e->head)
		(void)io_uring_engine_enter(e, 0, 0, IORING_ENTER_GETEVENTS);
	return io_uring_engine_look(e, max, done);
}

/*
 * The kernel does not poll while completions lie in the ring: those that are there are taken
 * before it is asked for more.
 */
static int io_uring_engine_wait_hipri(struct engine *e, unsigned int min,
				      unsigned int max, struct engine_done *done)
{
	unsigned int nr = io_uring_engine_look(e, max, done);
	int rc;

	while (nr < min) {
		rc = io_uring_engine_enter(e, 0, min - nr, IORING_ENTER_GETEVENTS);
		if (rc < 0)
			return nr ? (int)nr : rc;
		nr += io_uring_engine_look(e, max - nr, done + nr);
	}
	return (int)nr;
}

/* What all rings have in common. */
#define RING \
	.name = "io_uring", .needs_target = true, .may_punt = true, .registers = true, \
	.open = io_uring_engine_open, .prep = io_uring_engine_prep, \
	.close = io_uring_engine_close

const struct engine_ops engine_io_uring = {
	RING,
	.submit = io_uring_engine_submit,
	.look = io_uring_engine_look,
	.wait = io_uring_engine_wait,
	.wait_for = io_uring_engine_wait_for,
};

const struct engine_ops engine_io_uring_sqpoll = {
	RING,
	.looks_late = true,
	.submit = io_uring_engine_hand_over,
	.look = io_uring_engine_look,
	.wait = io_uring_engine_wait,
	.wait_for = io_uring_engine_wait_for,
};

const struct engine_ops engine_io_uring_hipri = {
	RING,
	.looks_late = true,
	.submit = io_uring_engine_submit_hipri,
	.look = io_uring_engine_poll,
	.wait = io_uring_engine_wait_hipri,
};

#else

#define UNAVAILABLE \
	{ \
		.name = "io_uring", .needs_target = true, .may_punt = true, \
		.unavailable = "built without liburing" \
	}

const struct engine_ops engine_io_uring = UNAVAILABLE;
const struct engine_ops engine_io_uring_sqpoll = UNAVAILABLE;
const struct engine_ops engine_io_uring_hipri = UNAVAILABLE;

#endif
