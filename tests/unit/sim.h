/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scripted engine: what each operation's submission call takes, when it
 * completes and with what, is up to the test.
 */
#ifndef DIOWAIT_TEST_SIM_H
#define DIOWAIT_TEST_SIM_H

#include "load/engine.h"

/* All hooks may be NULL. nr counts operations from 0, in order of submission. */
struct sim_script {
	/* The submission call sleeps so long because of this operation, ns. */
	uint64_t (*call_ns)(uint64_t nr, const struct load_op *op);
	/* From the call's end to the completion, ns. */
	uint64_t (*service_ns)(uint64_t nr, const struct load_op *op);
	/* The completion's result. */
	int64_t (*result)(uint64_t nr, const struct load_op *op);
	/* What a submission call returns instead; 0: nothing special. */
	int (*refuse)(uint64_t nr, const struct load_op *op);
	unsigned int accept_max; /* operations a call takes at most; 0: all */
	/* seen by the engine */
	uint64_t nr, calls;
	unsigned int inflight_max;
	unsigned int writes_inflight;
};

extern struct sim_script sim;

/* Makes ioengine=sim exist and empties the script. */
void sim_reset(void);

#endif
