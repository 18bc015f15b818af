/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boundary to the kernel's asynchronous interfaces. An engine queues
 * operations, passes them on in one call, and hands back completions. It never
 * reads a clock and knows neither kinds nor statistics: the driver stamps
 * around submit, look and wait, with the same lines for every engine.
 */
#ifndef DIOWAIT_ENGINE_H
#define DIOWAIT_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/op.h"

/* What a thread asks of its engine. Borrowed: valid until close. */
struct engine_setup {
	unsigned int depth; /* operations in flight at most */
	const int *fd;	    /* files, by index */
	unsigned int fd_nr;
	void *buffer; /* depth buffers of buffer_bytes each */
	size_t buffer_bytes;
	bool fixedbufs;
	bool registerfiles;
	unsigned int force_async; /* each so many-th goes to a worker; 0: none */
	bool sqthread_poll;	  /* a thread of the kernel submits */
	int sqthread_poll_cpu;	  /* ... on this processor; -1: any */
	bool hipri;		  /* completions are polled for */
	bool reap_each;		  /* completions are looked for after each call */
};

struct engine_done {
	struct load_op *op; /* as it was given to prep */
	int64_t res;	    /* bytes, or -errno */
};

struct engine; /* private to each engine */

struct engine_ops {
	const char *name;
	/* Why it can't be used in this build; NULL: it can. */
	const char *unavailable;
	bool needs_target; /* false: no file is opened or laid out (null) */
	bool may_punt;	   /* a worker thread may take an operation over */
	bool registers;	   /* registerfiles=1 makes op->fd an index into setup.fd */
	/*
	 * What a look right after the submission finds need not have been done inside
	 * it: the look is a system call, too, or another thread submits.
	 */
	bool looks_late;
	/* 0 and *out, or -errno; *what then names the step that failed. */
	int (*open)(const struct engine_setup *setup, struct engine **out,
		    const char **what);
	/*
	 * Queues; at most setup.depth between two submits. op stays as it is
	 * until its completion was taken. Read of it are fd, slot (for fixed
	 * buffers), buffer, len, offset, class->opcode and class->rw_flags. The
	 * engine may set op->known, and need then not look again at any but
	 * slot and offset until it finds it cleared: by the driver, when
	 * another of them may have changed.
	 */
	void (*prep)(struct engine *e, struct load_op *op);
	/*
	 * Passes everything queued to the kernel. Returns how many were
	 * accepted, from the front of the queue; the rest stays queued. 0 or
	 * -errno when none was: 0, -EAGAIN and -EINTR want another try (after a
	 * reap). Any other is the fault of the first in the queue where the engine has
	 * drop, and the end of the thread's run where it has not.
	 */
	int (*submit)(struct engine *e);
	/* Takes the first queued operation off the queue. May be NULL. */
	void (*drop)(struct engine *e);
	/*
	 * Takes at most max completions that are there, without a system call (but see
	 * looks_late).
	 */
	unsigned int (*look)(struct engine *e, unsigned int max,
			     struct engine_done *done);
	/*
	 * Waits, after a look that found fewer, until min completions are
	 * there, and takes at most max. Returns their number or -errno (-EINTR:
	 * a signal).
	 */
	int (*wait)(struct engine *e, unsigned int min, unsigned int max,
		    struct engine_done *done);
	/*
	 * Waits for one, but no longer than ns; what is there then is taken, at most
	 * max. Returns their number, 0 when the time was over, or -errno. NULL: it can't.
	 */
	int (*wait_for)(struct engine *e, unsigned int max, uint64_t ns,
			struct engine_done *done);
	/* Nothing may be in flight. Takes NULL. */
	void (*close)(struct engine *e);
};

struct workload_job;

/* The one that a checked job asks for; never NULL. */
const struct engine_ops *engine_find(const struct workload_job *job);

extern const struct engine_ops engine_libaio;
extern const struct engine_ops engine_io_uring;
extern const struct engine_ops engine_io_uring_sqpoll; /* sqthread_poll=1 */
extern const struct engine_ops engine_io_uring_hipri;  /* hipri=1, with or without it */
extern const struct engine_ops engine_null;
extern const struct engine_ops *engine_sim; /* set by the tests, else NULL */

#endif
