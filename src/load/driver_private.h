/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What driver.c (the loop) and driver_setup.c share: a load thread at work. */
#ifndef DIOWAIT_DRIVER_PRIVATE_H
#define DIOWAIT_DRIVER_PRIVATE_H

#include "load/driver.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define BLOCKED_MIN_NS 5000 /* default bound of tier 0, and of a look */
#define BLOCKED_MIN_TIMES 8 /* ... in times the p50 of quick writes */
#define FIRST_ADAPT 64	    /* operations planned */

/*
 * One member of the mix, or one row of a job whose kinds only the block map
 * tells. Operations point at its class, so that the class leads back here.
 */
struct driver_item {
	struct load_class class;      /* first: see driver_item_of() */
	struct driver_row *row;	      /* of the set in use: ramp, or what counts */
	struct target_stream *stream; /* in file 0; the next file's is item_nr on */
	bool counts;		      /* for number_ios and io_size */
	bool ended;		      /* ENOSPC: not issued any more */
};

static inline struct driver_item *driver_item_of(const struct load_op *op)
{
	return (struct driver_item *)op->class;
}

/* An operation that append_depth holds back. */
struct driver_held {
	uint64_t i;
	uint32_t len; /* as counted off io_size: the last is cut */
	uint64_t due_ns;
};

/* Open loop: the thread was in a submission call, or waited for a place in the queue. */
struct driver_span {
	uint64_t begin_ns, end_ns;
	uint64_t call_ns, full_ns; /* sums of those before it */
	bool is_call;
};

/* A load thread at work; all of it is its own. */
struct driver {
	struct driver_thread *t;
	const struct workload_job *job;
	const struct engine_ops *ops;
	struct engine *e;
	/* Of ops, what every turn calls. */
	void (*prep)(struct engine *e, struct load_op *op);
	int (*submit)(struct engine *e);
	unsigned int (*look)(struct engine *e, unsigned int max,
			     struct engine_done *done);
	struct plan plan;
	unsigned int depth, batch, complete_min, complete_max;
	bool reap_each;
	bool looks; /* ... and tells what was done at the call's return */
	bool plain; /* see driver.c, planning */
	bool one;   /* plain, and batch is 1 */
	bool alike; /* operations differ by nothing that the engine reads but place */

	struct load_op *op;	  /* by slot */
	struct load_op **free_op; /* a stack */
	unsigned int free_nr;
	/* Prepared, not yet accepted: above the stack. Where one is, it is not counted. */
	unsigned int queued;
	struct load_op **aside; /* see driver_wait_queued() */
	struct engine_done *done;
	int *fd; /* by file: what op->fd is */

	struct driver_item *item;    /* item_nr of the plan, then one a row */
	unsigned int item_nr;	     /* at least 1 */
	struct driver_item *sync[2]; /* of the keys fsync=, fdatasync= */
	unsigned int sync_every[2], sync_count[2], sync_nr;
	uint16_t sync_file;		  /* of the last write */
	struct target_stream *stream;	  /* [file][item] */
	bool by_map;			  /* no mix: the block map tells the kind */
	uint16_t row_of[KIND_BASE_NR][2]; /* by_map: by base, unaligned */

	uint64_t next; /* the plan's i */
	unsigned int next_file, file_nr;
	struct driver_held *held; /* a ring: append_depth */
	unsigned int held_first, held_nr;
	bool holds;			       /* append_depth is below iodepth */
	unsigned int extending, extending_max; /* in flight or queued; if holds */
	uint64_t limit;			       /* the plan ends before this i */
	uint64_t pause;			       /* ... or there is something to do then */
	uint64_t bytes_left;		       /* where bytes_limited */
	bool bytes_limited;		       /* by io_size, with lengths that vary */
	bool planned;			       /* nothing more comes from the plan */

	struct driver_row *ramp_row; /* NULL when there is no ramp */
	bool ramping;
	uint64_t begin_ns; /* of the run; start_ns: of what counts */
	uint64_t start_ns, ramp_end_ns, now_ns;
	uint64_t end_ns; /* of planning; t->end_ns may be a tick before */
	uint64_t tick_ns,
		ticked_ns;	/* series: when the next point is due; the last was */
	uint64_t ios;		/* number_ios, or what io_size comes to */
	uint64_t not_counted;	/* planned i's since the ramp that don't count */
	uint64_t first_counted; /* the first i past the ramp */

	bool rated;	 /* an open loop: operations are due at times of their own */
	uint64_t rate_i; /* rate_ns: when that one is due, since begin_ns */
	double rate_ns;
	struct driver_span *span;	     /* a ring of SPANS: the last ones, by time */
	uint64_t span_nr;		     /* all there were */
	uint64_t span_call_ns, span_full_ns; /* sums of all */

	uint64_t max_latency_ns; /* UINT64_MAX: any may be */
	uint64_t think_i;	 /* thinktime: operations before the last pause */
	uint64_t think_ns;	 /* ... and when that was over */

	int extend_wait; /* the job's model; WORKLOAD_EXTEND_KERNEL: none */
	bool waited;	 /* the submission at hand waited for the model */
	struct engine_done *waited_done; /* what came back meanwhile: depth at most */
	unsigned int waited_nr;

	uint64_t blocked_sum_ns; /* ramp included */
	uint64_t look_ns;	 /* calls this long have switches read */
	uint64_t slept_min_ns;	 /* the shortest call seen to sleep */
	uint64_t blocked_min_ns; /* the bound of tier 0 */
	bool tier0;
	load_switches_fn *switches_now; /* NULL: tier 0 */
	struct load_switches switches;	/* at the last reading */
	uint64_t next_adapt;		/* i of the plan */
	unsigned int tries;		/* to submit, with now_ns still at tried_ns */
	uint64_t tried_ns;

	struct load_observer *observer;
	unsigned int observer_nr;
	void **observer_state;
	void *buffer;
	size_t buffer_bytes;
};

/* ---- driver_setup.c ---- */

/*
 * Everything a run needs, allocated before the clock starts. 0 or -errno, with
 * t->error filled where there is more to say than the errno. driver_fini() is
 * due in either case.
 */
int driver_init(struct driver *d, struct driver_thread *t);

/* number_ios and io_size count from operation i on: the ramp is over. */
void driver_count_from(struct driver *d, uint64_t i);

/* Closes and frees; nothing may be in flight. Takes a half-made driver. */
void driver_fini(struct driver *d);

/* ---- driver.c ---- */

/* Issues and measures until the plan's end, the clock's, or a stop. 0 or -errno. */
int driver_loop(struct driver *d);

/* The one operation that is queued was accepted by a call from t0 to t1. */
void driver_accepted_one(struct driver *d, uint64_t t0, uint64_t t1);

/* Takes in nr completions, seen at now_ns. */
void driver_take_all(struct driver *d, const struct engine_done *done, unsigned int nr,
		     uint64_t now_ns);

/* Until nothing is in flight. 0, or -errno with the error told. */
int driver_wait_all(struct driver *d);

/* What to do when a submission call took nothing, but said rc, 0 or -errno. 0: go on. */
int driver_not_accepted(struct driver *d, int rc, uint64_t t0, uint64_t t1);

/* ---- driver_model.c ---- */

/* Has the calling thread's naps end on time; once, before its first submission. */
void driver_model_prepare(void);

/*
 * Passes on the one operation that is queued, as extend_wait= has it: with the lock
 * of its file, and a wait where the model has one. 0 or -errno.
 */
int driver_model_submit(struct driver *d);

/* nr of the thread's operations are off the engine's queue. */
void driver_model_took(struct driver *d, const struct engine_done *done, unsigned int nr);

/* ---- driver_rate.c: only where rate= or rate_iops= asks for it ---- */

/* Once, after the plan is known. 0 or -ENOMEM. */
int driver_rate_init(struct driver *d);

/* The thread was in a submission call (else: waited for a place in the queue). */
void driver_rate_span(struct driver *d, uint64_t begin_ns, uint64_t end_ns, bool is_call);

/* The clock starts: d->begin_ns is set. */
void driver_rate_begin(struct driver *d);

/* When the plan's next operation is due. */
uint64_t driver_rate_due_ns(struct driver *d);

/* Whether it is, by d->now_ns, which is read anew where it may have passed. */
bool driver_rate_is_due(struct driver *d);

/* An operation was accepted; why it was late goes to its row. */
void driver_rate_late(struct driver *d, const struct load_op *op);

/*
 * Waits until the next one is due, or something completes, or for 50 ms, whichever is
 * first. 0 or -errno.
 */
int driver_rate_wait(struct driver *d);

/* ---- driver_thread.c ---- */

/* The calling thread to the processors of its job. 0, or -errno with t->error. */
int driver_place(struct driver_thread *t);

/* Asleep until then, or until the group is stopped. */
void driver_sleep(struct driver_group *g, uint64_t until_ns);

/* ---- driver_think.c: only where thinktime= asks for it ---- */

/* After a turn: pauses, if one is due. 0 or -errno. */
int driver_think(struct driver *d);

/* ---- driver_rare.c ---- */

/* Makes rows, one per row of the thread, the set that completions go to. */
void driver_use_rows(struct driver *d, struct driver_row *rows);

/* Sets the bound of a look, and tier 0's, from what was written so far. */
void driver_adapt(struct driver *d);

/* The plan ends before operation i. */
void driver_set_limit(struct driver *d, uint64_t i);

/* Planning has come to d->pause. True: to the limit. */
bool driver_pause(struct driver *d);

/* How far the plan is, for whoever watches; not at every write. */
void driver_tell(struct driver *d);

/*
 * After a call too long to be taken on trust: reads the thread's switches, and
 * decides whether the call counts as blocked. Returns enum load_seen bits.
 */
unsigned int driver_long_call(struct driver *d, uint64_t slat_ns);

/* The same after a call that waited for the model, however short. */
unsigned int driver_waited_call(struct driver *d, uint64_t slat_ns);

/* After a wait for min completions, which may sleep once for each. */
void driver_waited(struct driver *d, unsigned int min);

/* Nothing more comes from the plan; the lean path knows it by the limit. */
void driver_planned(struct driver *d);

/* The same, because a region is used up or every write's kind has ended. */
void driver_used_up(struct driver *d);

/* The ramp is over: what completes from now on counts. */
void driver_ramp_over(struct driver *d, uint64_t now_ns);

/* What was done since the last point of the series is another one. */
void driver_tick(struct driver *d);

/* The engine says of an operation that is not in flight that it is done. */
void driver_again(struct driver *d, const struct load_op *op, int64_t res);

/* It took longer than max_latency= allows: the run ends. */
void driver_too_late(struct driver *d, const struct load_op *op, uint64_t lat_ns);

/* A result that is not the whole length: an error, or short. */
void driver_not_whole(struct driver *d, struct load_op *op, struct driver_row *row);

#endif
