// SPDX-License-Identifier: GPL-2.0-or-later
/* io_uring through liburing: one ring a thread, made and used by that thread. */
#include "load/engine.h"

#include <errno.h>
#include <stdlib.h>

#ifdef HAVE_LIBURING

#include <liburing.h>
#include <sys/uio.h>

struct engine {
	struct io_uring ring;
	bool have_ring;
	bool fixedbufs;
	bool registerfiles;
	const int *fd;
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
 * is for reap=full only.
 */
static int io_uring_engine_ring(struct engine *e, unsigned int depth,
				bool reap_each)
{
	const unsigned int all = IORING_SETUP_SUBMIT_ALL;
	const unsigned int wanted[] = {
		all | IORING_SETUP_SINGLE_ISSUER |
			(reap_each ? IORING_SETUP_COOP_TASKRUN :
				     IORING_SETUP_DEFER_TASKRUN),
		all | IORING_SETUP_COOP_TASKRUN,
		0,
	};
	size_t i;
	int rc = -EINVAL;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && rc == -EINVAL; i++) {
		struct io_uring_params p = { .flags = wanted[i] };

		rc = io_uring_queue_init_params(depth, &e->ring, &p);
	}
	return rc;
}

static int io_uring_engine_buffers(struct engine *e,
				   const struct engine_setup *setup)
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

static int io_uring_engine_open(const struct engine_setup *setup,
				struct engine **out, const char **what)
{
	struct engine *e = calloc(1, sizeof(*e));
	int rc = -ENOMEM;

	*what = "calloc";
	if (!e)
		return rc;
	e->fd = setup->fd;
	e->fixedbufs = setup->fixedbufs;
	e->registerfiles = setup->registerfiles;
	*what = "io_uring_setup";
	rc = io_uring_engine_ring(e, setup->depth, setup->reap_each);
	if (rc)
		goto out;
	e->have_ring = true;
	/* Spares the lookup of the ring's file; older kernels do without. */
	(void)io_uring_register_ring_fd(&e->ring);
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

static void io_uring_engine_prep(struct engine *e,
				 const struct load_op *op)
{
	static const uint8_t opcode[] = {
		[LOAD_WRITE] = IORING_OP_WRITE,
		[LOAD_READ] = IORING_OP_READ,
		[LOAD_FSYNC] = IORING_OP_FSYNC,
		[LOAD_FDATASYNC] = IORING_OP_FSYNC,
	};
	/* Never NULL: the ring is as deep as the driver's queue. */
	struct io_uring_sqe *sqe = io_uring_get_sqe(&e->ring);
	int fd = e->registerfiles ? (int)op->file : e->fd[op->file];

	io_uring_prep_rw(opcode[op->class->opcode], sqe, fd,
			 op->buffer, op->len, op->offset);
	if (op->class->opcode == LOAD_FDATASYNC) {
		sqe->fsync_flags = IORING_FSYNC_DATASYNC;
	} else if (op->len) {
		sqe->rw_flags = (int)op->class->rw_flags;
		if (e->fixedbufs) {
			sqe->opcode = op->class->opcode == LOAD_WRITE ?
					      IORING_OP_WRITE_FIXED :
					      IORING_OP_READ_FIXED;
			sqe->buf_index = (uint16_t)op->slot;
		}
	}
	if (e->registerfiles)
		sqe->flags = IOSQE_FIXED_FILE;
	sqe->user_data = op->slot;
}

static int io_uring_engine_submit(struct engine *e)
{
	int rc = io_uring_submit(&e->ring);

	/* A request that the ring refuses comes back as a completion. */
	return rc ? rc : -EAGAIN;
}

static int io_uring_engine_reap(struct engine *e, unsigned int min,
				unsigned int max, struct engine_done *done)
{
	struct io_uring_cqe *cqe;
	unsigned int head, nr;
	int rc;

	for (;;) {
		nr = 0;
		io_uring_for_each_cqe(&e->ring, head, cqe) {
			if (nr == max)
				break;
			done[nr].slot = (unsigned int)cqe->user_data;
			done[nr++].res = cqe->res;
		}
		if (nr >= min)
			break;
		rc = io_uring_wait_cqe_nr(&e->ring, &cqe, min);
		if (rc < 0)
			return rc;
	}
	if (nr)
		io_uring_cq_advance(&e->ring, nr);
	return (int)nr;
}

const struct engine_ops engine_io_uring = {
	.name = "io_uring",
	.needs_target = true,
	.may_punt = true,
	.open = io_uring_engine_open,
	.prep = io_uring_engine_prep,
	.submit = io_uring_engine_submit,
	.reap = io_uring_engine_reap,
	.close = io_uring_engine_close,
};

#else

const struct engine_ops engine_io_uring = {
	.name = "io_uring",
	.needs_target = true,
	.may_punt = true,
	.unavailable = "built without liburing",
};

#endif
