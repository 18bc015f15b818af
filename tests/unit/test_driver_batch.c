// SPDX-License-Identifier: GPL-2.0-or-later
/* Submission calls: batches, calls that take a part, calls that take nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "load_harness.h"

#define WRITES "size=1m\nbs=4k\nmix=overwrite:1\n"
/* Eight come back at once, so that there is room for a whole batch. */
#define BATCHES \
	WRITES "iodepth=16\niodepth_batch_submit=8\niodepth_batch_complete_min=8\n"

static bool ready_never(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return false;
}

static void test_batch(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_job(&r, BATCHES "number_ios=801");
	assert_int_equal(sim.calls, 101);
	for (i = 0; i < 801; i++) {
		const struct load_op *op = &r.log[0].op[i].op;

		assert_int_equal(op->batch, i < 800 ? 8 : 1);
		assert_int_equal(!!(op->seen & LOAD_SEEN_SHARED), i < 800);
		/* The call's stamps are the batch's. */
		assert_int_equal(op->submit_ns, r.log[0].op[i / 8 * 8].op.submit_ns);
		assert_true(op->seen & LOAD_SEEN_DONE);
	}
	run_close(&r);
	run_job(&r, WRITES "iodepth=16\niodepth_batch_submit=0\nnumber_ios=160");
	assert_int_equal(sim.calls, 10);
	assert_int_equal(r.log[0].op[0].op.batch, 16);
	run_close(&r);
}

static void test_batch_lean(void **state)
{
	const uint64_t *seen;
	struct run r;

	(void)state;
	run_open(&r, BATCHES "number_ios=801");
	r.lean = true;
	/* None is blocked: the bound is out of reach. */
	r.job->blocked_min_ns = UINT64_MAX;
	run_go(&r);
	seen = r.thread[0].row[0].seen;
	assert_int_equal(sim.calls, 101);
	assert_int_equal(seen[LOAD_SEEN_SHARED | LOAD_SEEN_DONE], 800);
	assert_int_equal(seen[LOAD_SEEN_DONE], 1);
	run_close(&r);
}

/* What a call leaves is passed on by the next, with stamps of its own. */
static void test_partial(void **state)
{
	static const unsigned int batch[] = { 3, 3, 3, 3, 3, 3, 2, 2 };
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, BATCHES "number_ios=800");
	sim.accept_max = 3;
	run_go(&r);
	assert_int_equal(sim.calls, 300);
	assert_int_equal(run_ops(&r, NULL), 800);
	for (i = 0; i < 800; i++) {
		const struct load_op *op = &r.log[0].op[i].op;

		assert_int_equal(op->batch, batch[i % 8]);
		/* Only the last call's own are known to have been done in it. */
		assert_int_equal(!!(op->seen & LOAD_SEEN_DONE), i % 8 >= 6);
		/* Queued in the plan's order, passed on in that order. */
		assert_int_equal(op->index, i);
	}
	run_close(&r);
	run_open(&r, BATCHES "number_ios=800");
	sim.accept_max = 1;
	sim.ready = ready_never;
	run_go(&r);
	assert_int_equal(sim.calls, 800);
	for (i = 0; i < 800; i++)
		assert_int_equal(r.log[0].op[i].op.batch, 1);
	run_close(&r);
}

/* ---- calls that take nothing ---- */

static int refuse_rc, refuse_every;
static uint64_t refused_nr, refusals;

/* Every so many operations have to be tried twice. */
static int refuse_once(uint64_t nr, const struct load_op *op)
{
	(void)op;
	if (nr % (unsigned int)refuse_every || refused_nr == nr + 1)
		return 0;
	refused_nr = nr + 1;
	refusals++;
	return refuse_rc;
}

static void refuse_open(struct run *r, const char *keys, int rc, int every)
{
	refuse_rc = rc;
	refuse_every = every;
	refused_nr = refusals = 0;
	run_open(r, keys);
	sim.refuse = refuse_once;
	sim.ready = ready_never;
}

/*
 * With others in flight the driver waits for one of them and tries again; what
 * is queued keeps its order and its records meanwhile (load_harness.c: a slot is
 * never two operations').
 */
static void test_again(void **state)
{
	static const char *const keys[] = {
		WRITES "iodepth=8\nnumber_ios=500",
		BATCHES "number_ios=500",
		"size=1m\nbs=4k\nmix=overwrite:5,append:5\niodepth=16\nappend_depth=2\n"
		"iodepth_batch_submit=8\nnumber_ios=500",
	};
	static const int rc[] = { -EAGAIN, -EINTR, -EBUSY, SIM_NONE };
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		for (k = 0; k < 2 * sizeof(rc) / sizeof(rc[0]); k++) {
			refuse_open(&r, keys[i], rc[k / 2], 5);
			r.lean = k % 2;
			run_go(&r);
			assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
			assert_int_equal(run_ops(&r, NULL), 500);
			assert_int_equal(run_bytes(&r), 500 * 4096);
			assert_int_equal(r.thread[0].row[0].failed, 0);
			assert_int_equal(r.thread[0].row[0].refused, 0);
			assert_int_equal(refusals, 100);
			run_close(&r);
		}
	}
}

/* Nothing is in flight that could make room: it is tried again all the same. */
static void test_again_alone(void **state)
{
	struct run r;

	(void)state;
	refuse_open(&r, WRITES "iodepth=1\nnumber_ios=20", -EAGAIN, 1);
	run_go(&r);
	assert_int_equal(run_ops(&r, NULL), 20);
	assert_int_equal(refusals, 20);
	assert_int_equal(sim.calls, 40);
	/* A pause of 1 ms before every other try. */
	assert_true(r.thread[0].measured_ns >= 20 * 1000000);
	run_close(&r);
	refuse_open(&r, BATCHES "number_ios=16", -EAGAIN, 16);
	run_go(&r);
	assert_int_equal(run_ops(&r, NULL), 16);
	run_close(&r);
}

static bool skip_pauses;

/* In place of the C library's: five thousand pauses are too long for a test. */
int nanosleep(const struct timespec *ts, struct timespec *left)
{
	return skip_pauses ? 0 : clock_nanosleep(CLOCK_MONOTONIC, 0, ts, left);
}

static uint64_t tries_each;

static int refuse_long(uint64_t nr, const struct load_op *op)
{
	static uint64_t last, tries;

	(void)op;
	if (nr != last)
		tries = 0;
	last = nr;
	return tries++ < tries_each ? -EAGAIN : 0;
}

/* Only tries in a row, with nothing done between them, come to an end. */
static void test_again_long(void **state)
{
	struct run r;

	(void)state;
	skip_pauses = true;
	run_open(&r, WRITES "iodepth=1\nnumber_ios=20");
	tries_each = 4000;
	sim.refuse = refuse_long;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_int_equal(run_ops(&r, NULL), 20);
	assert_int_equal(sim.calls, 20 * 4001);
	run_close(&r);
	run_open(&r, WRITES "iodepth=1\nnumber_ios=20");
	r.lean = true;
	tries_each = UINT64_MAX;
	sim.refuse = refuse_long;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
	assert_non_null(strstr(r.thread[0].error.text, strerror(EAGAIN)));
	assert_int_equal(sim.calls, 5000);
	run_close(&r);
	skip_pauses = false;
}

/* ---- one operation that the call refuses for good ---- */

static uint64_t bad_nr;
static int bad_rc;

/* The next one has the same number: nothing was accepted. */
static int refuse_bad(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr == bad_nr && !sim.dropped ? bad_rc : 0;
}

/* It is its completion; those behind it in the queue go their way. */
static void test_drop(void **state)
{
	static const uint64_t at[] = { 0, 50, 51, 55, 99 };
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		const struct load_op *bad;

		bad_nr = at[i];
		bad_rc = -EOPNOTSUPP;
		run_open(&r, BATCHES "number_ios=100");
		sim.refuse = refuse_bad;
		sim.ready = ready_never;
		run_go(&r);
		assert_int_equal(sim.dropped, 1);
		assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
		assert_non_null(strstr(r.thread[0].error.text, strerror(EOPNOTSUPP)));
		bad = &r.log[0].op[at[i]].op;
		assert_int_equal(bad->res, -EOPNOTSUPP);
		assert_int_equal(bad->batch, 1);
		assert_true(bad->seen & LOAD_SEEN_DONE);
		assert_int_equal(r.thread[0].row[0].failed, 1);
		/* The rest of its batch was passed on, but nothing behind it. */
		for (k = 0; k < r.log[0].nr; k++)
			if (k != at[i])
				assert_int_equal(r.log[0].op[k].op.res, 4096);
		assert_int_equal(r.log[0].nr,
				 at[i] / 8 * 8 + 8 > 100 ? 100 : at[i] / 8 * 8 + 8);
		run_close(&r);
	}
}

/* Under +nowait -EAGAIN of the call is a full queue, not a refused write. */
static void test_drop_lean(void **state)
{
	struct run r;

	(void)state;
	bad_nr = 50;
	bad_rc = -EINVAL;
	run_open(&r, BATCHES "number_ios=100");
	r.lean = true;
	sim.refuse = refuse_bad;
	sim.ready = ready_never;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
	assert_int_equal(run_ops(&r, NULL), 56);
	assert_int_equal(r.thread[0].row[0].failed, 1);
	assert_int_equal(r.thread[0].row[0].error[0].err, EINVAL);
	assert_int_equal(run_bytes(&r), 55 * 4096);
	run_close(&r);
	refuse_open(&r, BATCHES "number_ios=100\nnowait=1", -EAGAIN, 5);
	run_go(&r);
	assert_int_equal(r.thread[0].row[0].refused, 0);
	assert_int_equal(run_bytes(&r), 100 * 4096);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch),	    cmocka_unit_test(test_batch_lean),
		cmocka_unit_test(test_partial),	    cmocka_unit_test(test_again),
		cmocka_unit_test(test_again_alone), cmocka_unit_test(test_again_long),
		cmocka_unit_test(test_drop),	    cmocka_unit_test(test_drop_lean),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
