/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of one operation, the spine of the program, and the interface of
 * those who watch it. No code: evidence and verify see of load only this file.
 */
#ifndef DIOWAIT_OP_H
#define DIOWAIT_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "workload/kind.h"

/* The values are those of Linux's IOCB_CMD_*, so that libaio needs no table. */
enum load_opcode { LOAD_READ, LOAD_WRITE, LOAD_FSYNC, LOAD_FDATASYNC };

/* What all operations of one kind in one thread have in common. */
struct load_class {
	uint32_t rw_flags; /* RWF_* */
	uint16_t row;	   /* statistics row in the thread */
	struct kind kind;
	uint8_t opcode; /* enum load_opcode */
	bool is_write, is_sync, is_extending;
	bool is_modelled; /* extending, and extend_wait= is not kernel */
	bool is_pwrite;	  /* modelled by a synchronous write: no engine sees it */
};

/*
 * What a submission looked like from tiers 0 and 1, bits or-ed. Without SLEPT
 * and PREEMPTED the call was either seen not to switch, or too short for it.
 */
enum load_seen {
	LOAD_SEEN_DONE = 1,	 /* complete at the first look after the call */
	LOAD_SEEN_SLEPT = 2,	 /* the call slept, however short */
	LOAD_SEEN_PREEMPTED = 4, /* switched out, but did not sleep */
	LOAD_SEEN_SHARED = 8,	 /* the call carried other operations too */
	LOAD_SEEN_BLOCKED = 16,	 /* the call counts as blocked, by the tier in force */
	LOAD_SEEN_UNLOOKED = 32, /* reap=full: nobody looked right after the call */
	LOAD_SEEN_MODEL = 64,	 /* it waited in user space, for extend_wait= */
	LOAD_SEEN_NR = 128
};

/*
 * All times are CLOCK_MONOTONIC nanoseconds, stamped by the driver alone.
 * A batch shares its call: submit and accepted are then the same in each.
 */
struct load_op {
	uint64_t due_ns;      /* when the plan wanted it; closed loop: submit_ns */
	uint64_t submit_ns;   /* just before the submission call */
	uint64_t accepted_ns; /* the submission call returned */
	uint64_t complete_ns; /* its completion was seen */
	uint64_t victim_ns;   /* blocked submissions of others, accepted..complete */
	uint64_t offset;      /* bytes; 0 for syncs */
	uint64_t index;	      /* i of the plan, in its thread */
	int64_t res;	      /* bytes, or -errno */
	const struct load_class *class;
	void *buffer;	/* len bytes, aligned for O_DIRECT; NULL for syncs */
	uint32_t len;	/* bytes asked; 0 for syncs */
	uint32_t batch; /* writes in the same call, >= 1 */
	int32_t fd;	/* of the file; registered: its index */
	uint16_t slot;	/* 0 .. iodepth - 1, unique among those in flight */
	uint16_t file;	/* index in the thread's files */
	uint8_t seen;	/* enum load_seen */
	bool counts;	/* for observers: complete, and past the ramp */
	bool known;	/* the engine's: see its prep */
	bool flying;	/* where somebody observes: queued, and not come back */
	bool ignored;	/* for observers, of a res below len: the job ignores the error */
};

/* Context switches of a thread, from evidence of tier 1. */
struct load_switches {
	uint64_t voluntary, involuntary;
};

typedef struct load_switches load_switches_fn(void);

/* True when worker threads of the ring that thread tid made exist. */
typedef bool load_workers_fn(pid_t tid);

/*
 * Somebody who watches every operation of a load thread: the verify ledger, the
 * evidence ring. Any hook may be NULL. All run in the load thread: prepare
 * before the submit stamp, accepted after the accepted stamp, complete after
 * the complete stamp; none may block, and the time they take is not in slat.
 */
struct load_observer {
	const char *name;
	void *ctx;
	/* A thread starts a round; state is what its other hooks are given. */
	int (*open)(void *ctx, unsigned int thread, unsigned int iodepth, void **state);
	/* May fill op->buffer. */
	void (*prepare)(void *state, const struct load_op *op, void *buffer);
	void (*accepted)(void *state, const struct load_op *op);
	void (*complete)(void *state, const struct load_op *op);
	/* The engine hands op back, with res, though it is not in flight. */
	void (*again)(void *state, const struct load_op *op, int64_t res);
	/* The thread's round is over, everything reaped. Frees state. */
	void (*round_end)(void *state);
};

#endif
