// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stamps, blocked calls and their victims, batches, looks and waits. What a
 * clock has to do with it is asserted as a lower bound, or as an exact relation
 * between the stamps of one run (load_harness.c has most of them).
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_harness.h"

#define MS UINT64_C(1000000)
#define WRITES "size=1m\nbs=4k\nmix=overwrite:1\n"

static bool ready_never(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return false;
}

static uint64_t slat_ns(const struct run *r, size_t i)
{
	return r->log[0].op[i].op.accepted_ns - r->log[0].op[i].op.submit_ns;
}

/* ---- one blocked call among others in flight ---- */

#define SLOW 40 /* the operation whose call takes 5 ms */
#define OTHERS 7

static uint64_t slow_call(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr == SLOW ? 5 * MS : 0;
}

/* Seven before the slow one are in flight until its call is over. */
static bool slow_ready(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr < SLOW - OTHERS || sim.nr > SLOW;
}

static void slow_open(struct run *r, const char *keys)
{
	run_open(r, keys);
	sim.call_ns = slow_call;
	sim.ready = slow_ready;
}

static void test_victims(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	slow_open(&r, WRITES "iodepth=8\nnumber_ios=100");
	r.switches = sim_switches;
	run_go(&r);
	assert_true(slat_ns(&r, SLOW) >= 5 * MS);
	assert_int_equal(r.thread[0].blocked_ns, slat_ns(&r, SLOW));
	assert_int_equal(r.thread[0].blocked_min_ns, 0);
	for (i = 0; i < 100; i++) {
		const struct load_op *op = &r.log[0].op[i].op;
		bool victim = i >= SLOW - OTHERS && i < SLOW;
		unsigned int slept = i == SLOW ? LOAD_SEEN_BLOCKED | LOAD_SEEN_SLEPT : 0;

		assert_int_equal(op->seen & ~LOAD_SEEN_DONE, slept);
		assert_int_equal(op->victim_ns, victim ? slat_ns(&r, SLOW) : 0);
		/* It ended with the call, and was seen at once then. */
		if (victim)
			assert_int_equal(op->complete_ns,
					 r.log[0].op[SLOW].op.accepted_ns);
	}
	assert_int_equal(hist_count(&r.thread[0].row[0].victim), OTHERS);
	run_close(&r);
}

/* The same on the path that jobs without observers take. */
static void test_victims_lean(void **state)
{
	const struct driver_row *row;
	struct run r;

	(void)state;
	slow_open(&r, WRITES "iodepth=8\nnumber_ios=100");
	r.switches = sim_switches;
	r.lean = true;
	run_go(&r);
	row = &r.thread[0].row[0];
	assert_true(r.thread[0].blocked_ns >= 5 * MS);
	assert_int_equal(row->slat.max_ns, r.thread[0].blocked_ns);
	assert_int_equal(hist_count(&row->slat), 100);
	assert_int_equal(hist_count(&row->lat), 100);
	assert_int_equal(hist_count(&row->clat), OTHERS);
	assert_int_equal(row->lat.sum_ns, row->slat.sum_ns + row->clat.sum_ns);
	assert_int_equal(hist_count(&row->victim), OTHERS);
	assert_int_equal(row->victim.sum_ns, OTHERS * r.thread[0].blocked_ns);
	assert_int_equal(row->victim.min_ns, r.thread[0].blocked_ns);
	assert_int_equal(row->seen[LOAD_SEEN_BLOCKED | LOAD_SEEN_SLEPT | LOAD_SEEN_DONE],
			 1);
	assert_int_equal(row->seen[0], OTHERS);
	assert_int_equal(row->seen[LOAD_SEEN_DONE], 100 - OTHERS - 1);
	run_close(&r);
}

/* Its own call is no victim time of an operation, nor that of its batch. */
static void test_victims_batch(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	slow_open(&r, WRITES "iodepth=16\niodepth_batch_submit=4\nnumber_ios=100");
	r.switches = sim_switches;
	run_go(&r);
	/* 40 .. 43 share the call; 33 .. 39 were in flight. */
	assert_int_equal(r.thread[0].blocked_ns, slat_ns(&r, SLOW));
	for (i = 0; i < 100; i++) {
		const struct load_op *op = &r.log[0].op[i].op;

		assert_int_equal(!!(op->seen & LOAD_SEEN_BLOCKED), i / 4 == SLOW / 4);
		assert_int_equal(op->victim_ns,
				 i >= SLOW - OTHERS && i < SLOW ? slat_ns(&r, SLOW) : 0);
	}
	run_close(&r);
}

static uint64_t every_tenth(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr % 10 == 9 ? MS / 2 : 0;
}

static bool ready_odd(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr % 2 && sim.nr > nr + 3;
}

/* In the ramp and behind it: sums start anew, victims know of both. */
static void test_victims_ramp(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, WRITES "iodepth=8\nramp_time=10ms\nnumber_ios=300");
	r.switches = sim_switches;
	sim.call_ns = every_tenth;
	sim.ready = ready_odd;
	sim.wait_switches = 1;
	run_go(&r);
	assert_true(r.thread[0].blocked_ns >= 29 * MS / 2);
	assert_int_equal(r.thread[0].unplaced, 0);
	run_close(&r);
}

/* ---- what counts as blocked ---- */

static uint64_t every_second(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr % 2 ? MS / 5 : 0;
}

/* Tier 0, by the length alone, however many calls are that long. */
static void test_tier0_given(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, WRITES "iodepth=4\nnumber_ios=200\nblocked_min=100us");
	sim.call_ns = every_second;
	run_go(&r);
	assert_int_equal(r.thread[0].blocked_min_ns, MS / 10);
	for (i = 0; i < 200; i++) {
		unsigned int seen = r.log[0].op[i].op.seen;

		assert_int_equal(!!(seen & LOAD_SEEN_BLOCKED), slat_ns(&r, i) >= MS / 10);
		assert_false(seen & (LOAD_SEEN_SLEPT | LOAD_SEEN_PREEMPTED));
		assert_true(!(i % 2) || slat_ns(&r, i) >= MS / 5);
	}
	run_close(&r);
	/* A bound below every call: all are blocked. */
	run_job(&r, WRITES "iodepth=4\nnumber_ios=200\nblocked_min=1ns");
	for (i = 0; i < 200; i++)
		assert_true(r.log[0].op[i].op.seen & LOAD_SEEN_BLOCKED);
	run_close(&r);
}

/* blocked_min decides, even where sleeping is known: that is still said. */
static void test_tier0_beats_tier1(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, WRITES "iodepth=4\nnumber_ios=50\nblocked_min=1000s");
	r.switches = sim_switches;
	sim.call_ns = every_tenth;
	run_go(&r);
	assert_int_equal(r.thread[0].blocked_ns, 0);
	for (i = 0; i < 50; i++)
		assert_int_equal(r.log[0].op[i].op.seen & ~LOAD_SEEN_DONE,
				 i % 10 == 9 ? LOAD_SEEN_SLEPT : 0);
	run_close(&r);
}

static uint64_t slow_overwrites(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	return op->class->is_extending ? 0 : MS / 4;
}

/* By itself the bound is eight times the p50 of what does not extend. */
static void test_tier0_rule(void **state)
{
	struct run r;

	(void)state;
	run_open(&r,
		 "size=1m\nbs=4k\nmix=append:7,overwrite:3\niodepth=4\nnumber_ios=300");
	sim.call_ns = slow_overwrites;
	run_go(&r);
	/* hist.h: 0.1 % */
	assert_true(r.thread[0].blocked_min_ns >= 8 * MS / 4 * 999 / 1000);
	run_close(&r);
	run_job(&r, WRITES "number_ios=300");
	assert_true(r.thread[0].blocked_min_ns >= 5000);
	run_close(&r);
}

/* Longer than what else takes the processor from a call. */
static uint64_t spin(uint64_t nr, const struct load_op *op)
{
	uint64_t until_ns = driver_now_ns() + 10 * MS;

	(void)op;
	while (nr % 10 == 9 && driver_now_ns() < until_ns)
		;
	return 0;
}

static struct load_switches switches_preempted(void)
{
	return (struct load_switches){ .involuntary = sim.nr };
}

/* Tier 1: long is not blocked, and who was only preempted did not sleep. */
static void test_tier1_not_slept(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, WRITES "iodepth=4\nnumber_ios=100");
	r.switches = sim_switches;
	sim.call_ns = spin;
	run_go(&r);
	assert_int_equal(r.thread[0].blocked_ns, 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(r.log[0].op[i].op.seen & ~LOAD_SEEN_DONE, 0);
	run_close(&r);
	run_open(&r, WRITES "iodepth=4\nnumber_ios=100");
	r.switches = switches_preempted;
	sim.call_ns = spin;
	run_go(&r);
	assert_int_equal(r.thread[0].blocked_ns, 0);
	for (i = 9; i < 100; i += 10)
		assert_int_equal(r.log[0].op[i].op.seen & ~LOAD_SEEN_DONE,
				 LOAD_SEEN_PREEMPTED);
	run_close(&r);
}

/* A wait may sleep once; what is more than that belongs to no call. */
static void test_unplaced(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, WRITES "iodepth=4\nnumber_ios=100");
	r.switches = sim_switches;
	sim.ready = ready_never;
	sim.wait_switches = 3;
	run_go(&r);
	assert_true(sim.waits > 90);
	assert_int_equal(r.thread[0].unplaced, 2 * sim.waits);
	assert_int_equal(r.thread[0].blocked_ns, 0);
	run_close(&r);
}

/* ---- completions: when they are looked for, how many are waited for ---- */

/* Even ones complete inside their call, odd ones a few calls later. */
static bool ready_even(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr % 2 == 0 || sim.nr > nr + 2;
}

static void test_done(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, WRITES "iodepth=8\nnumber_ios=200");
	sim.ready = ready_even;
	run_go(&r);
	for (i = 0; i < 200; i++)
		assert_int_equal(!!(r.log[0].op[i].op.seen & LOAD_SEEN_DONE), !(i % 2));
	assert_int_equal(hist_count(&r.thread[0].row[0].clat), 100);
	assert_int_equal(hist_count(&r.thread[0].row[0].lat), 200);
	run_close(&r);
	/* Nobody looks right after the call. */
	run_open(&r, WRITES "iodepth=8\nnumber_ios=200\nreap=full");
	run_go(&r);
	for (i = 0; i < 200; i++)
		assert_false(r.log[0].op[i].op.seen & LOAD_SEEN_DONE);
	run_close(&r);
}

static void test_reap(void **state)
{
	static const struct {
		const char *keys;
		unsigned int look_inflight_min, look_max, wait_min, wait_max;
	} t[] = {
		{ "reap=each", 1, 8, 1, 8 },
		{ "reap=full", 8, 1, 1, 1 },
		{ "reap=each\niodepth_batch_complete_min=4", 1, 8, 4, 8 },
		{ "reap=full\niodepth_batch_complete_min=4", 8, 4, 4, 4 },
		{ "reap=full\niodepth_batch_complete_min=2\niodepth_batch_complete_max=6",
		  8, 6, 2, 6 },
		{ "reap=each\niodepth_batch_complete_max=3", 1, 3, 1, 3 },
	};
	char keys[300];
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2 * sizeof(t) / sizeof(t[0]); i++) {
		k = i / 2;
		snprintf(keys, sizeof(keys), WRITES "iodepth=8\nnumber_ios=400\n%s",
			 t[k].keys);
		run_open(&r, keys);
		r.lean = i % 2;
		sim.ready = ready_never;
		sim.planned = 400;
		run_go(&r);
		assert_int_equal(run_ops(&r, NULL), 400);
		assert_int_equal(sim.inflight_max, 8);
		assert_int_equal(sim.look_inflight_min, t[k].look_inflight_min);
		assert_int_equal(sim.look_max, t[k].look_max);
		assert_int_equal(sim.wait_min_max, t[k].wait_min);
		assert_int_equal(sim.wait_max_max, t[k].wait_max);
		assert_in_range(sim.take_max, 1, t[k].look_max);
		run_close(&r);
	}
}

static bool ready_eighth(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr == 7;
}

static void test_complete_min(void **state)
{
	struct run r;

	(void)state;
	/*
	 * Full at 8, 12, ... 400: 99 waits for four. Then no more comes, and
	 * the last four are taken one by one.
	 */
	run_open(&r, WRITES "iodepth=8\nnumber_ios=400\niodepth_batch_complete_min=4");
	sim.ready = ready_never;
	run_go(&r);
	assert_int_equal(sim.waits, 99 + 4);
	run_close(&r);
	/* What the look found counts. */
	run_open(&r, WRITES "iodepth=8\nnumber_ios=8\niodepth_batch_complete_min=4");
	sim.ready = ready_eighth;
	run_go(&r);
	assert_int_equal(sim.wait_min_max, 3);
	run_close(&r);
	/* As many as are waited for were found: no wait, until the end.
 */
	run_open(&r, WRITES "iodepth=8\nnumber_ios=400\nreap=full\n"
			    "iodepth_batch_complete_min=4");
	run_go(&r);
	assert_int_equal(sim.waits, 0);
	run_close(&r);
}

/* Whole latencies: nothing is seen before it is there. */
static uint64_t service_1ms(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return MS;
}

static void test_service(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	/*
	 * reap=full: a look right after a call would share the call's stamp,
	 * however late it comes.
	 */
	run_open(&r, WRITES "iodepth=8\nnumber_ios=80\nreap=full");
	sim.service_ns = service_1ms;
	sim.call_ns = every_tenth;
	run_go(&r);
	for (i = 0; i < 80; i++) {
		const struct load_op *op = &r.log[0].op[i].op;

		assert_true(op->complete_ns - op->submit_ns >= MS);
	}
	assert_true(r.thread[0].row[0].lat.min_ns >= MS);
	assert_true(r.thread[0].measured_ns >= 10 * MS);
	run_close(&r);
}

/*
 * Done late, and then in a stall across two seconds: a point for each of the three,
 * and for what is left at the end.
 */
static uint64_t late_calls(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr == 0 ? 1900 * MS : nr == 1 ? 1200 * MS : 0;
}

static void test_seconds(void **state)
{
	const struct series *s;
	struct run r;
	unsigned int i;
	uint64_t ns = 0;

	(void)state;
	run_open(&r, WRITES "iodepth=1\nnumber_ios=3");
	sim.call_ns = late_calls;
	r.lean = true;
	r.points_max = 100;
	run_go(&r);
	s = r.thread[0].series[0];
	assert_int_equal(s->nr, 4);
	/* To the clock's reading, to the second, and on from it. */
	assert_true(s->point[0].ns >= 1900 * MS && s->point[0].ns < 2000 * MS);
	assert_true(s->point[0].ns + s->point[1].ns == 2000 * MS);
	for (i = 0; i < 4; i++)
		ns += s->point[i].ns;
	assert_true(ns == r.thread[0].measured_ns);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_victims),
		cmocka_unit_test(test_victims_lean),
		cmocka_unit_test(test_victims_batch),
		cmocka_unit_test(test_victims_ramp),
		cmocka_unit_test(test_tier0_given),
		cmocka_unit_test(test_tier0_beats_tier1),
		cmocka_unit_test(test_tier0_rule),
		cmocka_unit_test(test_tier1_not_slept),
		cmocka_unit_test(test_unplaced),
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_reap),
		cmocka_unit_test(test_complete_min),
		cmocka_unit_test(test_service),
		cmocka_unit_test(test_seconds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
