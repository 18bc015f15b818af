// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stress with an engine that lies: what no file system can do to a write, since the
 * kernel's interfaces hide it. Each lie has to be found and rightly named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "experiment/stress.h"
#include "load/engine.h"
#include "load/scratch.h"

enum lie { LIE_NONE, LIE_WHOLE, LIE_SHORT, LIE_TWICE, LIE_AGAIN, LIE_ERROR, LIE_HANG };

#define EVERY 500 /* operations, about */
#define MIXED "overwrite:70,append:30"

static enum lie lie;
static const struct engine_ops *real;
static struct engine_ops liar;

static bool chosen(const struct load_op *op)
{
	return op->class->is_write &&
	       op->index * 0x9e3779b97f4a7c15ull >> 32 < (1ull << 32) / EVERY;
}

static void lie_prep(struct engine *e, struct load_op *op)
{
	uint32_t len = op->len;

	/* Half of it is all that the kernel ever sees. */
	if (lie == LIE_WHOLE && chosen(op))
		op->len /= 2;
	real->prep(e, op);
	op->len = len;
}

/*
 * What is told twice is told in one call, or once only where that has no room: in a later
 * one its record may have another operation, which then would end before its time.
 */
static unsigned int lie_about(struct engine_done *done, unsigned int nr, unsigned int max)
{
	struct engine_done twice = { 0 };
	unsigned int i, out = 0;

	for (i = 0; i < nr; i++) {
		struct engine_done d = done[i];

		if (chosen(d.op) && d.res > 0) {
			if (lie == LIE_WHOLE)
				d.res = d.op->len;
			else if (lie == LIE_SHORT)
				d.res /= 2;
			else if (lie == LIE_AGAIN)
				d.res = -11;
			else if (lie == LIE_ERROR)
				d.res = -5;
			else if (lie == LIE_HANG)
				continue;
			else if (lie == LIE_TWICE)
				twice = d;
		}
		done[out++] = d;
	}
	if (twice.op && out < max)
		done[out++] = twice;
	return out;
}

static unsigned int lie_look(struct engine *e, unsigned int max, struct engine_done *done)
{
	return lie_about(done, real->look(e, max, done), max);
}

static int lie_wait(struct engine *e, unsigned int min, unsigned int max,
		    struct engine_done *done)
{
	int nr = real->wait(e, min, max, done);

	return nr > 0 ? (int)lie_about(done, (unsigned int)nr, max) : nr;
}

/* Runs it until the first finding, or for a while; checks what is found. */
static void expect(enum lie what, const struct engine_ops *engine, const char *mix,
		   const char *contract)
{
	const char *where[] = { "lies" }, *replay[] = { " lies.job" };
	const char *key[] = { "scenario" }, *value[] = { "lies" };
	struct experiment_variant variant = { .key_nr = 1, .key = key, .value = value };
	struct stress_setup setup = {
		.variant = &variant,
		.where = where,
		.replay = replay,
		.variant_nr = 1,
		.command = "diowait stress",
		.seed = 7,
		.duration_ns = what == LIE_NONE ? 2000000000ull : 20000000000ull,
		.watchdog_ns = 2000000000ull,
		.stop_on_first = true,
	};
	struct workload_error werr;
	char text[256];
	struct workload *w;
	struct load_error err;
	struct result *r = NULL;

	lie = what;
	real = engine;
	liar = *engine;
	liar.name = "sim";
	liar.prep = lie_prep;
	liar.look = lie_look;
	liar.wait = lie_wait;
	engine_sim = &liar;
	snprintf(text, sizeof(text),
		 "[lies]\ndirect=1\nbs=4k\niodepth=8\nsize=2m\nruntime=1\n"
		 "number_ios=4000\nmix=%s\n",
		 mix);
	if (workload_parse_text("lies.job", text, NULL, 0, &w, &werr))
		fail_msg("%s", werr.text);
	w->job[0].ioengine = WORKLOAD_SIM;
	variant.w = w;
	setup.whole = w;
	if (stress_run(&setup, &r, &err))
		fail_msg("%s", err.text);
	if (contract) {
		assert_true(result_stress_broken(r->stress) > 0);
		assert_true(r->stress->finding_nr > 0);
		assert_string_equal(r->stress->finding[0].contract, contract);
		assert_string_equal(r->stress->finding[0].replay,
				    "diowait stress --seed=7 lies.job");
	} else {
		assert_true(r->stress->writes > 100);
		assert_int_equal(result_stress_broken(r->stress), 0);
	}
	assert_int_equal(r->stress->hung, what == LIE_HANG);
	result_free(r);
	workload_free(w);
}

static void test_honest(void **state)
{
	(void)state;
	expect(LIE_NONE, &engine_libaio, MIXED, NULL);
	expect(LIE_NONE, &engine_io_uring, MIXED, NULL);
}

static void test_whole(void **state)
{
	(void)state;
	expect(LIE_WHOLE, &engine_libaio, "overwrite:1", "torn");
	/* Of an append the size tells first. */
	expect(LIE_WHOLE, &engine_libaio, "append:1", "size-late");
}

static void test_short(void **state)
{
	(void)state;
	expect(LIE_SHORT, &engine_libaio, MIXED, "result");
}

static void test_twice(void **state)
{
	(void)state;
	expect(LIE_TWICE, &engine_libaio, MIXED, "once");
	expect(LIE_TWICE, &engine_io_uring, MIXED, "once");
}

static void test_again(void **state)
{
	(void)state;
	expect(LIE_AGAIN, &engine_io_uring, MIXED, "eagain");
}

static void test_error(void **state)
{
	(void)state;
	expect(LIE_ERROR, &engine_libaio, MIXED, "error");
}

/* Its child was killed, and what that has left is removed by the next in the folder. */
static void test_hang(void **state)
{
	const struct timespec nap = { 0, 50000000 };
	unsigned int tries = 100, busy;
	struct scratch *s;
	struct load_error err;

	(void)state;
	expect(LIE_HANG, &engine_libaio, MIXED, "completion");
	do {
		assert_int_equal(scratch_open(".", &s, &err), 0);
		busy = scratch_neighbours(s);
		assert_int_equal(scratch_close(s), 0);
	} while (busy && tries-- && !nanosleep(&nap, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_honest), cmocka_unit_test(test_whole),
		cmocka_unit_test(test_short),  cmocka_unit_test(test_twice),
		cmocka_unit_test(test_again),  cmocka_unit_test(test_error),
		cmocka_unit_test(test_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
