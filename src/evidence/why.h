/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --why: kernel events beside a run, joined to the driver's records. Every write
 * gets its path, every sleep its cause, the slowest writes their whole story.
 *
 * A thread of its own reads the events and the rings into which the load threads
 * copy their operations. Joining is streaming: what is kept is bounded, however
 * long a run is.
 */
#ifndef DIOWAIT_WHY_H
#define DIOWAIT_WHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/cause.h"
#include "evidence/chain.h"
#include "load/op.h"
#include "stats/hist.h"

#define WHY_WORST_NR 10
#define WHY_STEPS_MAX 24

/* As enum result_path; evidence does not see results. */
enum why_path {
	WHY_REFUSED,
	WHY_PUNTED,
	WHY_BUFFERED,
	WHY_DRAINED,
	WHY_FORCED_WAIT,
	WHY_INLINE,
	WHY_QUEUED,
	WHY_UNKNOWN,
	WHY_PATH_NR
};

/* As enum result_stage. */
enum why_stage {
	WHY_RUNNING,
	WHY_SLEEP,
	WHY_RUNQUEUE,
	WHY_PREEMPTED,
	WHY_IOWQ,
	WHY_DEVICE,
	WHY_IN_FLIGHT,
	WHY_WQ_WAIT,
	WHY_WQ_RUN,
	WHY_REAP,
	WHY_UNACCOUNTED,
	WHY_STAGE_NR
};

enum why_ran_as { WHY_RAN_INSIDE, WHY_RAN_AT, WHY_RAN_PAST, WHY_RAN_NR };

struct why_cause {
	const struct cause_row *row;
	const struct chain *chain; /* of one such sleep */
	bool in_completion;
	struct hist *sleep;
};

/* True where a sleep of that cause belongs: each unknown chain is one by itself. */
static inline bool why_cause_is(const struct why_cause *c, const struct cause_row *row,
				const struct chain *chain, bool in_completion)
{
	return c->row == row && c->in_completion == in_completion &&
	       (!row->unnamed || c->chain == chain);
}

struct why_step {
	enum why_stage stage;
	bool after;		   /* past the return of the submission call */
	uint64_t at_ns, ns;	   /* since the submit stamp; how long */
	const struct chain *chain; /* of a sleep */
	bool has_by;
	uint64_t by_offset; /* of the write whose end woke it */
};

struct why_worst {
	unsigned int round, thread;
	uint64_t index, offset, len;
	int64_t res;
	uint64_t slat_ns, lat_ns;
	enum why_path path, then; /* then: WHY_PATH_NR if not punted */
	struct why_step step[WHY_STEPS_MAX];
	unsigned int step_nr; /* what did not fit is missing at the end */
};

/* What the join found for one row of statistics. Times in ns. */
struct why_row {
	uint64_t joined; /* operations that it is about */
	uint64_t path[WHY_PATH_NR], then[WHY_PATH_NR], ran_as[WHY_RAN_NR];
	uint64_t flagged;
	uint64_t lost;	   /* of path[WHY_UNKNOWN], those whose sleep was lost */
	uint64_t modelled; /* of the rest of it, those that waited for extend_wait= */
	uint64_t slat_stage_ns[WHY_STAGE_NR], lat_stage_ns[WHY_STAGE_NR];
	uint64_t blocked_ns, named_ns;	     /* sleeps; those with a named cause */
	struct hist *held, *convoy, *behind; /* NULL: nothing but zeros */
	uint64_t held_nr; /* writes whose completion was watched, zeros too */
	struct why_cause *cause;
	size_t cause_nr;
	struct why_worst *worst; /* by lat, longest first */
	size_t worst_nr;
};

/* Adds all of from to into (zeroed, or filled before). 0 or -ENOMEM. */
int why_row_merge(struct why_row *into, const struct why_row *from);

/* Frees what row holds, and zeroes it. */
void why_row_clear(struct why_row *row);

struct why;

/*
 * What takes long at the beginning and the end, for who begins time and again: the kernel's
 * symbols, and tracepoints that stay in use (events_hold()). NULL: no memory. What can't be
 * had is left out; why_open() then says why. why_release() takes NULL.
 */
struct why_hold;
struct why_hold *why_hold(void);
void why_release(struct why_hold *h);

struct why_setup {
	size_t ring_bytes;	     /* of events, each processor; 0: the default */
	bool full;		     /* every begin, and no rest for frequent events */
	const struct why_hold *hold; /* outlives the why; NULL: none */
};

/*
 * Starts the joining thread and opens the events, for threads that the caller
 * starts from now on. 0 and *out; -errno with *missing, a line that says what
 * would enable it.
 */
int why_open(const struct why_setup *setup, struct why **out, const char **missing);

/* Nothing may be running. Takes NULL. */
void why_close(struct why *w);

/* The hooks for the driver. Threads number 0 .. WHY_THREADS_MAX - 1. */
#define WHY_THREADS_MAX 1024
struct load_observer why_observer(struct why *w);

/* What is about to be loaded. */
struct why_load {
	unsigned int round; /* from 1 */
	bool io_uring, batched;
	bool interruptible;	 /* sleeps in a submission may be */
	uint64_t extending_from; /* bytes; smallest EOF of the files */
	const uint64_t *ino;	 /* files of all threads, by thread_file */
	size_t ino_nr;
	/* Index in ino of file 0 of each thread; its other files follow. */
	const size_t *thread_file;
	unsigned int thread_nr;
};

/* All threads have opened their observers; they are about to start. 0 or -errno. */
int why_start(struct why *w, const struct why_load *load);

/* All threads have ended: joins what is left. */
void why_stop(struct why *w);

/*
 * What was found since why_reset() for a thread's row; NULL: nothing. Valid until
 * the next why_start() or why_reset(). Not between start and stop.
 */
const struct why_row *why_row(const struct why *w, unsigned int thread, unsigned int row);
void why_reset(struct why *w);

/* Events, or operations, that were lost since why_open(). */
uint64_t why_lost(const struct why *w);

#endif
