// SPDX-License-Identifier: GPL-2.0-or-later
/* When a load thread begins and pauses, and where it runs. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "evidence/rusage.h"
#include "load_harness.h"

#define MS UINT64_C(1000000)
#define WRITES "size=1m\nbs=4k\nmix=overwrite:1\n"

static const struct load_op *op_at(const struct run *r, size_t i)
{
	return &r->log[0].op[i].op;
}

/* Operation i comes after a pause of ns, for which all before it were waited for. */
static void check_pause(const struct run *r, size_t i, uint64_t ns)
{
	size_t k;

	for (k = 0; k < i; k++)
		assert_true(op_at(r, k)->complete_ns + ns <= op_at(r, i)->submit_ns);
}

/* A look finds nothing: what is in flight comes only to who waits. */
static bool never_ready(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return false;
}

static void test_thinktime(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r,
		 WRITES "iodepth=4\nnumber_ios=40\nthinktime=2000\nthinktime_spin=1ms\n"
			"thinktime_blocks=8");
	r.switches = rusage_switches;
	run_go(&r);
	assert_int_equal(r.log[0].nr, 40);
	for (i = 8; i < 40; i += 8)
		check_pause(&r, i, 2 * MS);
	/* None behind the last one, and it counts as part of the time. */
	assert_true(r.thread[0].measured_ns >= 8 * MS);
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	/* The pause is no sleep of the call behind it. */
	for (i = 0; i < 40; i++)
		assert_false(op_at(&r, i)->seen & LOAD_SEEN_SLEPT);
	run_close(&r);
}

/* Counted by what was submitted, with others in flight. */
static void test_issue(void **state)
{
	struct run r;

	(void)state;
	run_open(&r,
		 WRITES "iodepth=4\nnumber_ios=12\nthinktime=2ms\nthinktime_blocks=3\n"
			"thinktime_blocks_type=issue");
	sim.ready = never_ready;
	run_go(&r);
	check_pause(&r, 3, 2 * MS);
	check_pause(&r, 6, 2 * MS);
	check_pause(&r, 9, 2 * MS);
	run_close(&r);
}

/* By time; the number of operations has no say unless it was given. */
static void test_iotime(void **state)
{
	unsigned int pauses = 0;
	struct run r;
	size_t i;

	(void)state;
	run_job(&r,
		WRITES "iodepth=2\nruntime=60ms\nthinktime=10ms\nthinktime_iotime=5ms");
	for (i = 1; i < r.log[0].nr; i++)
		pauses += op_at(&r, i)->submit_ns - op_at(&r, i - 1)->submit_ns >=
			  10 * MS;
	/* At 5, 20, 35 and 50 ms, if nothing comes between. */
	assert_in_range(pauses, 1, 4);
	assert_true(op_at(&r, 1)->submit_ns - op_at(&r, 0)->submit_ns < 10 * MS);
	run_close(&r);
}

static void stop_soon(struct run *r)
{
	struct timespec ts = { 0, 5000000 };

	(void)nanosleep(&ts, NULL);
	driver_stop(&r->group, r->thread, r->thread_nr);
}

static void test_startdelay(void **state)
{
	struct run r;

	(void)state;
	run_job(&r, WRITES "number_ios=10\nstartdelay=30ms");
	assert_true(op_at(&r, 0)->submit_ns >= r.go_ns + 30 * MS);
	assert_int_equal(r.thread[0].delay_ns, 0);
	run_close(&r);
	/* Whoever wants an end meanwhile is heard. */
	run_open(&r, WRITES "number_ios=10\nstartdelay=1000s");
	r.meanwhile = stop_soon;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_STOPPED);
	assert_int_equal(r.log[0].nr, 0);
	assert_in_range(r.thread[0].delay_ns, 990000 * MS, 1000000 * MS - 1);
	run_close(&r);
	/* The same in a pause. */
	run_open(&r, WRITES "iodepth=2\nnumber_ios=10\nthinktime=1000s");
	r.meanwhile = stop_soon;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_STOPPED);
	run_close(&r);
}

/* Where threads ran: bit i is processor i, of the first 64. */
static _Atomic uint64_t ran_on;
static _Atomic unsigned int allowed_max;

static void note_cpus(const struct load_op *op, unsigned int in_flight)
{
	cpu_set_t set;
	unsigned int nr;

	(void)op;
	(void)in_flight;
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	nr = (unsigned int)CPU_COUNT(&set);
	if (nr > allowed_max)
		allowed_max = nr;
	ran_on |= UINT64_C(1) << sched_getcpu();
}

static void test_cpus(void **state)
{
	cpu_set_t may;
	char keys[200];
	int first, last;
	struct run r;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(may), &may), 0);
	for (first = 0; !CPU_ISSET(first, &may); first++)
		;
	for (last = CPU_SETSIZE - 1; !CPU_ISSET(last, &may); last--)
		;
	(void)snprintf(keys, sizeof(keys), WRITES "number_ios=50\ncpus_allowed=%d", last);
	run_open(&r, keys);
	ran_on = allowed_max = 0;
	sim.accepted = note_cpus;
	run_go(&r);
	assert_int_equal(ran_on, UINT64_C(1) << last);
	assert_int_equal(allowed_max, 1);
	run_close(&r);
	/* Each of two threads on one of two. */
	(void)snprintf(keys, sizeof(keys),
		       WRITES "number_ios=50\nnumjobs=2\ncpus_allowed=%d,%d\n"
			      "cpus_allowed_policy=split",
		       first, last);
	run_open(&r, keys);
	ran_on = allowed_max = 0;
	sim.accepted = note_cpus;
	run_go(&r);
	assert_int_equal(ran_on, UINT64_C(1) << first | UINT64_C(1) << last);
	assert_int_equal(allowed_max, 1);
	run_close(&r);
}

static void test_no_cpu(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, WRITES "number_ios=50\ncpus_allowed=1023");
	r.lean = true;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
	assert_non_null(strstr(r.thread[0].error.text,
			       "cpus_allowed=1023: no such processor is online here"));
	assert_int_equal(run_ops(&r, NULL), 0);
	run_close(&r);
}

/* So that none is done before the others begin. */
static uint64_t slow(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return MS;
}

static void test_exitall(void **state)
{
	struct run r;
	unsigned int ended = 0, i;

	(void)state;
	/* Both have the same to do; whoever is first stops the other. */
	run_open(&r, WRITES "number_ios=60\nnumjobs=3\nexitall");
	sim.call_ns = slow;
	run_go(&r);
	for (i = 0; i < 3; i++)
		ended += r.thread[i].end == DRIVER_END_LIMIT;
	assert_in_range(ended, 1, 3);
	assert_true(r.group.stop);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thinktime), cmocka_unit_test(test_issue),
		cmocka_unit_test(test_iotime),	  cmocka_unit_test(test_startdelay),
		cmocka_unit_test(test_cpus),	  cmocka_unit_test(test_no_cpu),
		cmocka_unit_test(test_exitall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
