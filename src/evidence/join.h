/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins kernel events to the driver's operations. Pure: no clock, no thread, no
 * system call; whoever feeds it (why.c, the unit test) keeps the order.
 *
 * Events come in order of time. A record comes when every event up to its stamp
 * has come. What an operation needs waits for it in rings and tables of fixed
 * size, so memory is flat; what was overwritten meanwhile is not found, and the
 * operation then has less evidence, never another's.
 */
#ifndef DIOWAIT_JOIN_H
#define DIOWAIT_JOIN_H

#include "evidence/event.h"
#include "evidence/why.h"

/* A submission call, told once, in the order of time of its thread. */
struct join_call {
	uint64_t submit_ns, accepted_ns;
};

/* An operation that completed with a result > 0 (a sync: 0). */
struct join_op {
	uint64_t submit_ns, accepted_ns, complete_ns;
	uint64_t offset, index;
	uint64_t user_data; /* as the ring knows it */
	int64_t res;
	uint64_t ino;
	uint32_t len, batch;
	uint16_t row;
	uint8_t seen; /* enum load_seen */
	bool is_write;
	bool counts; /* false: in the ramp */
};

struct join;

/* 0 or -ENOMEM. */
int join_new(struct join **out);
void join_free(struct join *j);

/* Forgets all evidence of earlier rounds, but no statistics. */
void join_begin(struct join *j, unsigned int round);

/* Load thread `thread` has this tid. 0 or -ENOMEM. */
int join_thread(struct join *j, unsigned int thread, int32_t tid);

/* A thread of the program whose events mean nothing. 0 or -ENOMEM. */
int join_ignore(struct join *j, int32_t tid);

/*
 * Completions are all seen from since_ns on (UINT64_MAX: not), so that one that
 * was not seen did not happen in a kernel thread.
 */
void join_watched(struct join *j, uint64_t since_ns);

/* Events were lost from here on: a sleep that was not seen may have been one. */
void join_lossy(struct join *j);

void join_event(struct join *j, const struct event *event);
void join_call_add(struct join *j, unsigned int thread, const struct join_call *call);
void join_op_add(struct join *j, unsigned int thread, const struct join_op *op);

/*
 * A kernel thread that began to complete one of our writes, whose sleeps are to
 * be watched; 0: none new.
 */
int32_t join_new_completer(struct join *j);

/* Statistics: row `row` of thread, NULL where nothing was joined. */
const struct why_row *join_row(const struct join *j, unsigned int thread,
			       unsigned int row);
void join_reset(struct join *j);

#endif
