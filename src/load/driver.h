/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The load driver: the one I/O loop, and the only clock. A thread plans, places
 * and queues operations, stamps around the submission call, takes completions,
 * and adds them to its own histograms. Nothing is shared between threads while
 * it runs but the targets' cursors; results are merged after the join.
 */
#ifndef DIOWAIT_DRIVER_H
#define DIOWAIT_DRIVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "load/engine.h"
#include "load/op.h"
#include "load/plan.h"
#include "load/series.h"
#include "load/steady_job.h"
#include "load/target.h"
#include "stats/hist.h"
#include "workload/workload.h"

/* Why a thread's round ended. */
enum driver_end {
	DRIVER_END_LIMIT,   /* number_ios or io_size */
	DRIVER_END_TIME,    /* runtime */
	DRIVER_END_USED_UP, /* a consumable region, or every kind ended (ENOSPC) */
	DRIVER_END_STOPPED, /* from outside: signal, another thread's error */
	DRIVER_END_ERROR
};

#define DRIVER_ERRORS_MAX 8 /* different errnos per row; more share the last */

struct driver_error {
	int err; /* positive errno */
	uint64_t count;
};

/* Open loop: what operations were submitted later for than they were due, sums. */
struct driver_late {
	uint64_t call_ns; /* the thread was in a submission call, most blocked */
	uint64_t full_ns; /* the queue was full */
	uint64_t own_ns, own_max_ns; /* the generator itself */
};

/*
 * Statistics of one kind in one thread. Histograms hold results > 0 (syncs: 0);
 * a clat or victim time of 0 is left out: as many as lat has more.
 */
struct driver_row {
	struct kind kind;
	uint64_t bytes;
	uint64_t short_nr; /* 0 < result < asked */
	/* Operations: those in seen[], and these. */
	uint64_t refused;	     /* -EAGAIN under NOWAIT */
	uint64_t failed;	     /* other errors */
	uint64_t seen[LOAD_SEEN_NR]; /* by enum load_seen */
	struct driver_error error[DRIVER_ERRORS_MAX];
	unsigned int error_nr;
	struct driver_late late;
	struct hist slat, clat, lat, victim;
	struct hist resp; /* open loop: since it was due */
};

/* Completions, whatever the result. */
uint64_t driver_row_ops(const struct driver_row *row);

/* What one thread did in one file, ramp included. */
struct driver_file {
	struct target *target;
	int fd;
	uint64_t acked_end;	 /* furthest acknowledged end of a write */
	uint64_t appended_bytes; /* results > 0 of extending writes */
	uint64_t gaps; /* extending writes that did not happen, with later ones behind */
};

/* What every thread of a group shares. */
struct driver_group {
	pthread_mutex_t lock;
	pthread_cond_t changed;	      /* ready, go, running */
	unsigned int ready;	      /* threads set up, waiting for go */
	int go;			      /* 1: start; -1: go home */
	unsigned int running;	      /* threads not yet at their end */
	_Atomic int stop;	      /* by driver_stop(): no more submissions */
	bool end_all;		      /* exitall: the first at its end stops the others */
	struct driver_thread *thread; /* all of them, for driver_stop() */
	unsigned int thread_nr;
	load_switches_fn *switches; /* NULL: tier 0 */
	load_workers_fn *workers;
	struct load_observer *observer;
	unsigned int observer_nr;
};

struct driver_thread {
	/* in */
	struct driver_group *group;
	const struct workload_job *job;
	unsigned int job_thread;  /* 0 .. numjobs - 1: the plan's thread */
	unsigned int thread;	  /* number in the group */
	struct driver_file *file; /* owned by the caller; fd opened here */
	unsigned int file_nr;
	uint64_t ramp_ns, runtime_ns; /* of this segment; 0: none */
	uint64_t delay_ns;	      /* in, out: before it begins, what is left of it */
	bool map_unaligned;	      /* no mix: writes may be off block boundaries */
	/* out */
	struct driver_row *row;
	struct series **series;	       /* by row; NULL: nobody wants one */
	struct steady_job *steady;     /* in; NULL: not asked for */
	struct steady_sum steady_told; /* in: 0 */
	unsigned int row_nr;
	enum driver_end end;
	bool over;		  /* it is at its end; under the group's lock */
	uint64_t measured_ns;	  /* end of ramp (or start) to the last completion */
	_Atomic uint64_t next_op; /* in, out: the plan's i; meanwhile progress */
	uint64_t issued;	 /* in, out: reads and writes that count for number_ios */
	uint64_t issued_bytes;	 /* in, out: ... for io_size */
	uint64_t ramp_bytes;	 /* written in the ramp */
	uint64_t blocked_ns;	 /* submission calls that count as blocked */
	uint64_t unplaced;	 /* voluntary switches that no call owns */
	uint64_t blocked_min_ns; /* tier 0 bound at the end; 0 where not used */
	bool had_workers;	 /* io-wq may have taken writes over */
	uint64_t no_space_ns;	 /* since the start: first ENOSPC of a write; 0: none */
	uint32_t no_space_kinds; /* 1 << base of those that ended by it */
	_Atomic uint64_t end_ns; /* when to stop planning; 0: now */
	struct load_error error; /* DRIVER_END_ERROR: one line */
	pthread_t pthread;
};

/*
 * Rows for thread t (t->row, t->row_nr), fresh. They may outlive several
 * driver_run() calls, which add to them. 0 or -ENOMEM.
 */
int driver_rows_new(struct driver_thread *t, bool map_unaligned);
void driver_rows_free(struct driver_thread *t);

/* A series of at most max points for each row, freed with the rows. 0 or -ENOMEM. */
int driver_series_new(struct driver_thread *t, unsigned int max);

/* Thread body: argument struct driver_thread. Sets t->end, never fails loudly. */
void *driver_run(void *arg);

/* Asks the nr threads of g to drain and end. From any thread. */
void driver_stop(struct driver_group *g, struct driver_thread *t, unsigned int nr);

/*
 * Open loop: from operation i - 1 (Poisson; linear: i) of the plan to the next, ns; a pure
 * function, so that a test can tell when operations were due.
 */
double driver_rate_gap_ns(const struct plan *p, const struct workload_job *job,
			  uint64_t i);

/* CLOCK_MONOTONIC, ns. */
uint64_t driver_now_ns(void);

#endif
