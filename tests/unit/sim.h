/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted engine: what each operation's submission call takes, when it
 * completes and with what, is up to the test. Threads share the script, so that
 * hooks of a test with several of them must go by the operation alone.
 */
#ifndef DIOWAIT_TEST_SIM_H
#define DIOWAIT_TEST_SIM_H

#include "load/engine.h"

#define SIM_NONE 1

/* All hooks may be NULL. nr counts operations from 0, in order of acceptance. */
struct sim_script {
	/* The submission call sleeps so long because of this operation, ns. */
	uint64_t (*call_ns)(uint64_t nr, const struct load_op *op);
	/* From the call's end to the completion, ns. */
	uint64_t (*service_ns)(uint64_t nr, const struct load_op *op);
	/*
	 * Whether a look finds it complete; a wait makes as many complete as it
	 * waits for, the oldest first. Not read of a clock, so exact.
	 */
	bool (*ready)(uint64_t nr, const struct load_op *op);
	/* The completion's result. Called once, in order of acceptance. */
	int64_t (*result)(uint64_t nr, const struct load_op *op);
	/*
	 * What a submission call returns instead of taking this operation (SIM_NONE
	 * for 0); 0: nothing special. Called at every try.
	 */
	int (*refuse)(uint64_t nr, const struct load_op *op);
	/*
	 * An operation is accepted, with in_flight others that were not taken back yet,
	 * of whatever thread. Called after call_ns(), by one thread at a time.
	 */
	void (*accepted)(const struct load_op *op, unsigned int in_flight);
	unsigned int accept_max; /* operations a call takes at most; 0: all */
	uint64_t planned;	 /* below: looks count until so many are accepted */
	uint64_t wait_switches;	 /* voluntary switches of every wait */

	/* seen by the engine */
	_Atomic uint64_t nr;	/* accepted */
	_Atomic uint64_t calls; /* of submit, those that took nothing, too */
	_Atomic uint64_t slept; /* times that call_ns() slept */
	_Atomic uint64_t dropped;
	_Atomic uint64_t looks, waits;
	unsigned int inflight_all; /* of all threads; where accepted() is set */
	_Atomic unsigned int inflight_max;
	/* In flight at a look before `planned`; UINT_MAX: there was none. */
	_Atomic unsigned int look_inflight_min;
	_Atomic unsigned int look_max;	   /* what a look may take, at most */
	_Atomic unsigned int wait_min_max; /* what a wait waits for, at most */
	_Atomic unsigned int wait_max_max; /* what a wait may take, at most */
	_Atomic unsigned int take_max;	   /* what one of both took, at most */
};

extern struct sim_script sim;

/* Makes ioengine=sim exist and empties the script. */
void sim_reset(void);

/*
 * Context switches as a tier-1 driver reads them: one, voluntary, for each time
 * that call_ns() slept, and wait_switches for each wait. A load_switches_fn.
 */
struct load_switches sim_switches(void);

#endif
