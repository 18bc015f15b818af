// SPDX-License-Identifier: GPL-2.0-or-later
/* When a load thread ends: by time, when it is told to, when a region is used up. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_harness.h"

#define MIX "size=1m\nbs=4k\nmix=overwrite:50,append:30,read:20\n"

/* Most completions come only to who waits, so that the queue gets full. */
static bool ready_late(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr % 3 == 0 && sim.nr > nr + 2;
}

static void test_runtime(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, MIX "iodepth=4\nruntime=50ms");
	sim.ready = ready_late;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_TIME);
	assert_true(r.thread[0].measured_ns >= 50000000);
	assert_true(run_ops(&r, NULL) > 0);
	run_close(&r);
	/* The runtime starts behind the ramp. */
	run_job(&r, MIX "iodepth=4\nruntime=20ms\nramp_time=20ms");
	assert_int_equal(r.thread[0].end, DRIVER_END_TIME);
	assert_true(r.log[0].op[r.log[0].nr - 1].op.complete_ns >= r.go_ns + 40000000);
	run_close(&r);
	/* A limit that comes first ends it. */
	run_job(&r, MIX "iodepth=4\nruntime=1000s\nnumber_ios=10");
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_int_equal(run_ops(&r, NULL), 10);
	run_close(&r);
}

static void stop_soon(struct run *r)
{
	struct timespec ts = { 0, 5000000 };

	(void)nanosleep(&ts, NULL);
	driver_stop(&r->group, r->thread, r->thread_nr);
}

static void test_stop(void **state)
{
	struct run r;
	unsigned int n;

	(void)state;
	run_open(&r, MIX "iodepth=8\nappend_depth=1\nruntime=1000s\nnumjobs=2");
	r.meanwhile = stop_soon;
	run_go(&r);
	for (n = 0; n < 2; n++) {
		assert_int_equal(r.thread[n].end, DRIVER_END_STOPPED);
		assert_int_equal(run_ops(&r, NULL), r.log[0].nr + r.log[1].nr);
	}
	run_close(&r);
	/* A stop that is older than the start. */
	run_open(&r, MIX "iodepth=8\nruntime=1000s");
	r.stopped = true;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_STOPPED);
	assert_in_range(r.log[0].nr, 0, 1);
	run_close(&r);
}

static struct run *stopping;

/* Four looks come behind the four calls; the fifth is when all is planned. */
static bool stop_when_planned(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	if (sim.looks >= 5)
		driver_stop(&stopping->group, stopping->thread, 1);
	return false;
}

static int64_t stop_at_2(uint64_t nr, const struct load_op *op)
{
	if (nr == 2)
		driver_stop(&stopping->group, stopping->thread, 1);
	return op->len;
}

static uint64_t service_20ms(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return 20000000;
}

static void test_stop_late(void **state)
{
	struct run r;

	(void)state;
	/* All that was asked for is under way: the limit it was. */
	run_open(&r, MIX "iodepth=8\nnumber_ios=4");
	stopping = &r;
	sim.ready = stop_when_planned;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_int_equal(run_ops(&r, NULL), 4);
	run_close(&r);
	/* In the ramp, whose end must not begin anew. */
	run_open(&r, MIX "iodepth=4\nnumber_ios=100\nramp_time=10ms");
	r.lean = true;
	sim.result = stop_at_2;
	sim.service_ns = service_20ms;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_STOPPED);
	assert_int_equal(sim.nr, 3);
	run_close(&r);
}

/* 64 blocks of holes, each once; and what is in flight then comes back. */
static void test_used_up(void **state)
{
	static const char *const rw[] = { "", "rw=randwrite\n" };
	char keys[200];
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		char seen[64] = { 0 };

		snprintf(keys, sizeof(keys),
			 "size=256k\nbs=4k\nmix=hole:1\n%siodepth=8\nnumber_ios=1000",
			 rw[i]);
		run_open(&r, keys);
		sim.ready = ready_late;
		run_go(&r);
		assert_int_equal(r.thread[0].end, DRIVER_END_USED_UP);
		assert_int_equal(run_ops(&r, "hole"), 64);
		for (k = 0; k < 64; k++)
			seen[r.log[0].op[k].op.offset / 4096]++;
		for (k = 0; k < 64; k++)
			assert_int_equal(seen[k], 1);
		run_close(&r);
	}
	run_job(&r,
		"size=256k\nbs=4k\nmix=append-prealloc:1\nio_size=64k\nruntime=1000s");
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_int_equal(run_ops(&r, NULL), 16);
	run_close(&r);
}

/* Threads that share a region use it up together. */
static void test_used_up_shared(void **state)
{
	struct run r;
	char seen[256] = { 0 };
	unsigned int n;
	size_t k;

	(void)state;
	run_job(&r, "size=1m\nbs=4k\nmix=unwritten:1\nfilename=f\nnumjobs=4\niodepth=4\n"
		    "number_ios=1000");
	assert_int_equal(run_ops(&r, NULL), 256);
	for (n = 0; n < 4; n++) {
		assert_int_equal(r.thread[n].end, DRIVER_END_USED_UP);
		for (k = 0; k < r.log[n].nr; k++)
			seen[r.log[n].op[k].op.offset / 4096]++;
	}
	for (k = 0; k < 256; k++)
		assert_int_equal(seen[k], 1);
	run_close(&r);
}

static _Atomic unsigned int racers;

/* The second thread to come waits in its first call for the first one's end. */
static uint64_t slow_second(uint64_t nr, const struct load_op *op)
{
	static _Thread_local bool known;
	struct timespec ms = { 0, 1000000 };
	unsigned int i;

	(void)nr;
	(void)op;
	if (known)
		return 0;
	known = true;
	if (!racers++)
		return 0;
	for (i = 0; i < 5000 && !stopping->group.stop; i++)
		(void)nanosleep(&ms, NULL);
	return 0;
}

/* With time_based the others stop, too: the region is rebuilt for all. */
static void test_used_up_time_based(void **state)
{
	struct run r;
	unsigned int n, used_up = 0;

	(void)state;
	run_open(&r, "size=256k\nbs=4k\nmix=hole:1\nnumjobs=2\nruntime=1000s\n"
		     "time_based\n");
	stopping = &r;
	racers = 0;
	sim.call_ns = slow_second;
	run_go(&r);
	assert_int_equal(r.thread[0].end + r.thread[1].end,
			 DRIVER_END_USED_UP + DRIVER_END_STOPPED);
	/* The second may not even have begun. */
	assert_in_range(run_ops(&r, "hole"), 64, 64 + 1);
	run_close(&r);
	run_job(&r, "size=1m\nbs=4k\nmix=hole:1,overwrite:1\nfilename=f\nnumjobs=2\n"
		    "runtime=1000s\ntime_based\niodepth=4");
	for (n = 0; n < 2; n++) {
		used_up += r.thread[n].end == DRIVER_END_USED_UP;
		assert_true(r.thread[n].end == DRIVER_END_USED_UP ||
			    r.thread[n].end == DRIVER_END_STOPPED);
	}
	assert_true(used_up >= 1);
	assert_int_equal(run_ops(&r, "hole"), 128);
	run_close(&r);
}

/* The first to come fails, when another is at work. */
static int64_t fail_first(uint64_t nr, const struct load_op *op)
{
	static _Thread_local bool known;
	struct timespec ms = { 0, 1000000 };
	unsigned int i;

	(void)nr;
	if (known)
		return op->len;
	known = true;
	if (racers++)
		return op->len;
	for (i = 0; i < 5000 && racers < 2; i++)
		(void)nanosleep(&ms, NULL);
	return -EIO;
}

/* An error of one thread is the end of all: half of it is not what was asked. */
static void test_error_stops_group(void **state)
{
	struct run r;
	unsigned int n, errors = 0;

	(void)state;
	run_open(&r, MIX "numjobs=3\nruntime=20s");
	r.lean = true;
	racers = 0;
	sim.result = fail_first;
	run_go(&r);
	for (n = 0; n < 3; n++) {
		errors += r.thread[n].end == DRIVER_END_ERROR;
		assert_true(r.thread[n].end == DRIVER_END_ERROR ||
			    r.thread[n].end == DRIVER_END_STOPPED);
	}
	assert_int_equal(errors, 1);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runtime),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_stop_late),
		cmocka_unit_test(test_used_up),
		cmocka_unit_test(test_used_up_shared),
		cmocka_unit_test(test_used_up_time_based),
		cmocka_unit_test(test_error_stops_group),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
