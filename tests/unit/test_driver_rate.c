// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The open loop: operations are due when the plan says, whatever became of those before;
 * resp counts from then; and what they were late for is told apart.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "evidence/rusage.h"
#include "load_harness.h"

#define MS UINT64_C(1000000)
#define WRITES "size=1m\nbs=4k\nmix=overwrite:1\n"

static const struct load_op *op_at(const struct run *r, size_t i)
{
	return &r->log[0].op[i].op;
}

/* What holds of every open loop. */
static void check_all(const struct run *r, size_t nr)
{
	const struct driver_row *row = &r->thread[0].row[0];
	uint64_t late = 0, resp = 0;
	struct hist_summary sum;
	size_t i;

	assert_int_equal(r->log[0].nr, nr);
	for (i = 0; i < nr; i++) {
		const struct load_op *op = op_at(r, i);

		assert_true(op->submit_ns >= op->due_ns);
		assert_true(op->due_ns >= r->go_ns);
		late += op->submit_ns - op->due_ns;
		resp += op->complete_ns - op->due_ns;
	}
	/* To the nanosecond: nothing is counted twice, nothing left out. */
	assert_int_equal(row->late.call_ns + row->late.full_ns + row->late.own_ns, late);
	hist_summarise(&row->resp, &sum);
	assert_int_equal(sum.n, nr);
	assert_true(fabs(sum.mean_ns * (double)nr - (double)resp) < (double)nr);
}

static void test_linear(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_job(&r, WRITES "iodepth=4\nnumber_ios=50\nrate_iops=1000");
	check_all(&r, 50);
	for (i = 1; i < 50; i++)
		assert_int_equal(op_at(&r, i)->due_ns - op_at(&r, 0)->due_ns, i * MS);
	run_close(&r);
}

/* By bytes: the gap behind a write is as long as the write, as it was planned. */
static void test_bytes(void **state)
{
	struct plan_op p;
	struct plan plan;
	struct run r;
	uint64_t due = 0;
	size_t i;

	(void)state;
	run_job(&r, "size=1m\nbsrange=4k-16k\nmix=overwrite:1\niodepth=4\nnumber_ios=50\n"
		    "rate=16m");
	check_all(&r, 50);
	plan_init(&plan, r.job, 0);
	for (i = 0; i < 50; i++) {
		uint64_t is = op_at(&r, i)->due_ns - op_at(&r, 0)->due_ns;

		assert_true(is <= due + 50 && due <= is + 50);
		plan_at(&plan, i, &p, false);
		due += (uint64_t)(1e9 * p.len / (16 << 20));
	}
	run_close(&r);
}

/* Gaps of a Poisson process: their mean, and the share above it, which is 1/e. */
static void test_poisson(void **state)
{
	struct run r, again;
	double sum = 0, above = 0, gap;
	struct plan plan;
	size_t i;

	(void)state;
	run_job(&r, WRITES "iodepth=4\nnumber_ios=100\nrate_iops=2000\n"
			   "rate_process=poisson\nrandseed=7");
	check_all(&r, 100);
	plan_init(&plan, r.job, 0);
	for (i = 0; i < 20000; i++) {
		gap = driver_rate_gap_ns(&plan, r.job, i);
		assert_true(gap > 0);
		sum += gap;
		above += gap > 500000;
	}
	assert_true(fabs(sum / 20000 / 500000 - 1) < 0.03);
	assert_true(fabs(above / 20000 - 0.3679) < 0.015);
	/* Due times are sums of them, the same in each run of the seed. */
	run_job(&again, WRITES "iodepth=4\nnumber_ios=100\nrate_iops=2000\n"
			       "rate_process=poisson\nrandseed=7");
	for (i = 1; i < 100; i++) {
		gap = (double)(op_at(&r, i)->due_ns - op_at(&r, i - 1)->due_ns);
		assert_true(fabs(gap - driver_rate_gap_ns(&plan, r.job, i)) < 2);
		assert_true(fabs(gap - (double)(op_at(&again, i)->due_ns -
						op_at(&again, i - 1)->due_ns)) < 2);
	}
	run_close(&again);
	run_close(&r);
}

/* One call of 50 ms: those that were due meanwhile have waited, though each was quick. */
static uint64_t call_once(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr == 10 ? 50 * MS : 0;
}

static void test_blocked_call(void **state)
{
	struct run r;
	uint64_t waited = 0;
	size_t i, due = 0;

	(void)state;
	run_open(&r, WRITES "iodepth=4\nnumber_ios=100\nrate_iops=1000");
	sim.call_ns = call_once;
	run_go(&r);
	check_all(&r, 100);
	for (i = 11; i < 100; i++) {
		const struct load_op *op = op_at(&r, i), *slow = op_at(&r, 10);

		if (op->due_ns < slow->submit_ns || op->due_ns >= slow->accepted_ns)
			continue;
		due++;
		waited += slow->accepted_ns - op->due_ns;
		assert_true(op->complete_ns - op->due_ns >=
			    slow->accepted_ns - op->due_ns);
	}
	assert_true(due >= 45);
	assert_true(r.thread[0].row[0].late.call_ns >= waited);
	run_close(&r);
}

/* The queue is full for 20 ms at a time. */
static uint64_t serve_20ms(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return 20 * MS;
}

static void test_full_queue(void **state)
{
	const struct driver_row *row;
	struct run r;

	(void)state;
	run_open(&r, WRITES "iodepth=2\nnumber_ios=20\nrate_iops=1000");
	sim.service_ns = serve_20ms;
	run_go(&r);
	check_all(&r, 20);
	row = &r.thread[0].row[0];
	/* The last two of 20 wait for some 180 ms, and all 18 for 90 on the average. */
	assert_true(row->late.full_ns > 18 * 60 * MS);
	assert_true(row->late.full_ns > row->late.own_ns);
	run_close(&r);
}

/* What append_depth holds back is due when it was planned. */
static void test_held(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=append:1\niodepth=4\nappend_depth=1\n"
		     "number_ios=12\nrate_iops=1000");
	sim.service_ns = serve_20ms;
	run_go(&r);
	check_all(&r, 12);
	for (i = 1; i < 12; i++)
		assert_int_equal(op_at(&r, i)->due_ns - op_at(&r, 0)->due_ns, i * MS);
	run_close(&r);
}

/* An end by time, by a signal, and a ramp. */
static void test_ends(void **state)
{
	struct run r;

	(void)state;
	run_job(&r, WRITES "iodepth=4\nrate_iops=10\nruntime=150ms");
	assert_int_equal(r.thread[0].end, DRIVER_END_TIME);
	assert_in_range(r.log[0].nr, 1, 2);
	run_close(&r);
	run_open(&r, WRITES "iodepth=4\nrate_iops=1\nnumber_ios=100");
	r.stopped = true;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_STOPPED);
	run_close(&r);
}

/* A thread that naps until the next is due has slept, and its next call has not. */
static void test_naps(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, WRITES "iodepth=4\nnumber_ios=50\nrate_iops=1000");
	r.switches = rusage_switches;
	run_go(&r);
	check_all(&r, 50);
	for (i = 0; i < 50; i++)
		assert_false(op_at(&r, i)->seen & LOAD_SEEN_SLEPT);
	assert_true(r.thread[0].unplaced < 5);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_linear),	   cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_poisson),	   cmocka_unit_test(test_blocked_call),
		cmocka_unit_test(test_full_queue), cmocka_unit_test(test_held),
		cmocka_unit_test(test_ends),	   cmocka_unit_test(test_naps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
