/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What join.c (state), join_op.c (operations) and join_task.c (threads) share. */
#ifndef DIOWAIT_JOIN_PRIVATE_H
#define DIOWAIT_JOIN_PRIVATE_H

#include "evidence/join.h"

#define JOIN_SLEEPS 4096 /* of each load thread; powers of two all */
#define JOIN_CALLS 2048	 /* with a switch inside, of each load thread */
#define JOIN_BEGINS 4096 /* of each load thread */
#define JOIN_TABLE 8192	 /* slots of each table of evidence */
#define JOIN_TASKS 4096	 /* threads known */
#define JOIN_PROBES 8	 /* slots that a request of a ring may lie in */
#define JOIN_SERVED_SLEEPS 8
#define JOIN_COMPLETERS 16

/* A stay off the processor. */
struct join_sleep {
	uint64_t out_ns, wake_ns, in_ns; /* wake_ns 0: nobody was seen waking it */
	const struct chain *chain;	 /* NULL: preempted, or not watched */
	uint64_t by_offset;		 /* of the write whose end woke it */
	bool preempted, has_by;
	bool in_call;
};

struct join_begun {
	uint64_t ns, ino, start, isize;
	bool forced;
};

/* Only our own threads have switches: so a thread that has is ours, a worker. */
enum join_role { JOIN_UNKNOWN, JOIN_WORKER, JOIN_LOAD, JOIN_COMPLETER, JOIN_IGNORED };

/* What a worker did for one write. */
struct join_served {
	uint64_t start_ns; /* when the worker was free for it */
	uint64_t end_ns;   /* its reply; 0: it went on asynchronously */
	uint64_t user_data;
	struct join_begun begun; /* ns 0: none seen */
	struct join_sleep sleep[JOIN_SERVED_SLEEPS];
	unsigned int sleep_nr, sleeps_lost;
};

/*
 * A request of a ring: the driver's record, which comes back with each of its turns. So two
 * that shared a slot would take it from each other in every turn, and each has its own.
 */
struct join_request {
	uint64_t user_data;	   /* 0: nobody's */
	uint64_t punt_ns;	   /* 0: never */
	struct join_served served; /* where no begin tells its place */
};

/* A completion in a kernel thread. */
struct join_done {
	uint64_t ns, ino, start;
	int64_t bytes;
	uint64_t queue_ns, run_ns; /* work item queued, begun; 0: not seen */
	struct join_sleep sleep[JOIN_SERVED_SLEEPS];
	unsigned int sleep_nr;
};

/* A submission call with switches inside. */
struct join_slept {
	uint64_t submit_ns, accepted_ns;
	uint64_t first; /* sleep number */
	unsigned int nr;
	bool claimed; /* an operation without a begin took the sleeps */
};

struct join_task {
	int32_t tid;
	uint8_t role; /* enum join_role */
	/* Off the processor since, if `off`. */
	bool off;
	struct join_sleep now;
	/* JOIN_LOAD: numbers count up, slots are modulo the ring's size. */
	struct join_sleep *sleep;
	uint64_t sleep_nr, sleep_next; /* next: first not yet put to a call */
	struct join_slept *slept;
	uint64_t slept_nr;
	struct join_begun *begun;
	uint64_t begun_nr;
	/* JOIN_WORKER: the write at hand; JOIN_COMPLETER: the work item at hand. */
	struct join_served serve;
	uint64_t queue_ns, run_ns;
	uint64_t last_start; /* offset that it completed, or works on */
	bool has_last;
};

struct join_thread {
	struct join_task *task;
	struct why_row *row;
	unsigned int row_nr;
};

struct join {
	unsigned int round;
	uint64_t watched_ns;
	bool lossy;
	struct join_task *task[JOIN_TASKS];
	unsigned int task_nr;
	struct join_thread *thread;
	unsigned int thread_nr;
	/* Of the latest in the tables below: what is older need not be looked up. */
	uint64_t begun_ns, done_ns, punt_ns;
	struct join_served *served; /* by place; JOIN_TABLE each */
	struct join_done *done;
	struct join_begun *begun; /* load threads', by place */
	struct join_request *request;
	struct {
		uint64_t work, ns;
	} * queued;
	int32_t new_completer[JOIN_COMPLETERS];
	unsigned int new_completer_nr;
};

static inline uint64_t join_hash(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b >> 9) * 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull;

	return (h ^ h >> 32) % JOIN_TABLE;
}

/* The request's slot, or the one that it may have. */
static inline struct join_request *join_request(const struct join *j, uint64_t user_data)
{
	uint64_t at = join_hash(user_data, 0);
	unsigned int i;

	for (i = 0; i < JOIN_PROBES; i++) {
		struct join_request *r = &j->request[(at + i) % JOIN_TABLE];

		if (r->user_data == user_data || !r->user_data)
			return r;
	}
	return &j->request[at];
}

static inline struct join_sleep *join_sleep_at(const struct join_task *t, uint64_t nr)
{
	return &t->sleep[nr % JOIN_SLEEPS];
}

/* ---- join_task.c ---- */

/* The thread of that tid, made a worker where it was unknown. NULL: no memory. */
struct join_task *join_task(struct join *j, int32_t tid);

/* What a worker did for the write, or NULL. */
const struct join_served *join_served_find(const struct join *j,
					   const struct join_op *op);

#endif
