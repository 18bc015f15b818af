/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one round of a workload on the scripted engine, as experiment.c does, and
 * holds what the threads report against what an observer saw. Include after
 * cmocka.h.
 */
#ifndef DIOWAIT_TEST_LOAD_HARNESS_H
#define DIOWAIT_TEST_LOAD_HARNESS_H

#include "experiment/private.h"
#include "load/driver.h"
#include "sim.h"

#define RUN_THREADS_MAX 8

/* One operation as the hooks of an observer saw it. */
struct run_op {
	struct load_op op;	 /* as it was at completion; class is gone */
	struct load_class class; /* ... what that was */
	bool complete;
};

/* What one thread's observer saw. Operations in the order of prepare. */
struct run_log {
	struct run_op *op;
	size_t nr, room;
	size_t *by_slot; /* 1 + index of what the slot carries; 0: free */
	unsigned int iodepth, inflight, inflight_max;
	unsigned int extending, extending_max; /* prepared, not complete */
	bool ended, rated;
	const char *wrong; /* the first broken promise */
};

struct run {
	/* may be set between run_open() and run_go() */
	bool lean;		 /* no observer */
	unsigned int points_max; /* of series; 0: there are none */
	bool stopped;		 /* somebody wants an end before the start */
	load_switches_fn *switches;
	void (*meanwhile)(struct run *r); /* the threads run */
	/* out */
	struct experiment_run run;
	struct experiment x;
	struct workload_job *job;     /* the only one */
	struct driver_thread *thread; /* x.group[0].thread */
	unsigned int thread_nr;
	struct driver_group group;
	struct run_log log[RUN_THREADS_MAX];
	struct load_error err;
	uint64_t go_ns; /* before the first submission */
	struct experiment_setup setup;
};

/* Empties the engine's script and resolves a job of these keys ("bs=4k\n..."). */
void run_open(struct run *r, const char *keys);

/* Lays out, runs, joins; then run_check() for every thread. */
void run_go(struct run *r);

void run_close(struct run *r);

/* run_open() and run_go(). */
void run_job(struct run *r, const char *keys);

/* When the ramp of a thread was over; 0 without one. */
uint64_t run_counts_from_ns(const struct run *r, unsigned int thread);

/* Row of a thread by the kind's name; fails without it. */
const struct driver_row *run_row(const struct run *r, unsigned int thread,
				 const char *kind);

/* Results, and bytes, of all threads' rows; kind NULL: of all kinds. */
uint64_t run_ops(const struct run *r, const char *kind);
uint64_t run_bytes(const struct run *r);

#endif
