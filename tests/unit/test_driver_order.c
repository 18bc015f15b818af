// SPDX-License-Identifier: GPL-2.0-or-later
/* append_depth: extending operations are held, in order, and none is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_harness.h"

/* Extending writes come back only to who waits: they are held most of the time. */
static bool ready_unless_extending(uint64_t nr, const struct load_op *op)
{
	return !op->class->is_extending || sim.nr > nr + 40;
}

/* The queue is full, and one place gets free at a time. */
static bool ready_never(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return false;
}

/* What the plan asks of each kind among its first nr operations. */
static void planned_kinds(const struct run *r, uint64_t nr, uint64_t *count)
{
	struct plan_op op;
	struct plan p;
	uint64_t i;

	plan_init(&p, r->job, 0);
	for (i = 0; i < nr; i++) {
		plan_at(&p, i, &op, false);
		count[op.item]++;
	}
}

/* Held when operation k was prepared: extending, of the plan before it, later. */
static unsigned int held_at(const struct run_log *log, size_t k)
{
	unsigned int held = 0;
	size_t i;

	for (i = k + 1; i < log->nr; i++)
		held += log->op[i].class.is_extending &&
			log->op[i].op.index < log->op[k].op.index;
	return held;
}

static void check_order(const struct run *r)
{
	const struct run_log *log = &r->log[0];
	uint64_t next_extending = 0, next_other = 0, end = 0;
	size_t i;

	for (i = 0; i < log->nr; i++) {
		const struct load_op *op = &log->op[i].op;

		if (log->op[i].class.is_sync && !log->op[i].op.len)
			continue;
		if (!log->op[i].class.is_extending) {
			assert_true(op->index >= next_other);
			next_other = op->index + 1;
			continue;
		}
		assert_true(op->index >= next_extending);
		next_extending = op->index + 1;
		assert_true(op->offset + op->len > end);
		end = op->offset + op->len;
	}
}

static void test_append_depth(void **state)
{
	static const char *const mix[] = {
		"mix=overwrite:5,append:5\n",
		"mix=overwrite:4,append:2,straddle:2,gap:2\n",
		"mix=read:4,overwrite:1,append:3,fdatasync:2\n",
	};
	static const unsigned int depth[] = { 1, 3, 7 };
	char keys[300];
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < 18; i++) {
		const unsigned int most = depth[i % 3];
		uint64_t count[4] = { 0 };
		bool overtaken = false;

		snprintf(keys, sizeof(keys),
			 "size=1m\nbs=8k\n%siodepth=8\nappend_depth=%u\nnumber_ios=600",
			 mix[i / 3 % 3], most);
		run_open(&r, keys);
		sim.ready = i < 9 ? ready_unless_extending : ready_never;
		run_go(&r);
		/* Where others fill the queue, too, seven may never meet. */
		if (i < 9 || most < 7)
			assert_int_equal(r.log[0].extending_max, most);
		check_order(&r);
		planned_kinds(&r, r.thread[0].next_op, count);
		for (k = 0; k < r.job->mix.nr; k++)
			assert_int_equal(driver_row_ops(&r.thread[0].row[k]), count[k]);
		for (k = 0; k < r.log[0].nr; k++)
			overtaken |= held_at(&r.log[0], k) > 0;
		assert_true(overtaken || (i >= 9 && most == 7));
		assert_int_equal(r.thread[0].issued, 600);
		run_close(&r);
	}
}

/* At most iodepth are held: then nothing overtakes any more. */
static void test_held_full(void **state)
{
	uint64_t count[2] = { 0 };
	unsigned int most = 0;
	struct run r;
	size_t k;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=append:90,overwrite:10\niodepth=8\n"
		     "append_depth=1\nnumber_ios=1000");
	sim.ready = ready_unless_extending;
	run_go(&r);
	assert_int_equal(r.log[0].extending_max, 1);
	check_order(&r);
	for (k = 0; k < r.log[0].nr; k++) {
		unsigned int held = held_at(&r.log[0], k);

		if (!r.log[0].op[k].class.is_extending && held > most)
			most = held;
	}
	assert_int_equal(most, 8);
	planned_kinds(&r, 1000, count);
	for (k = 0; k < 2; k++)
		assert_int_equal(driver_row_ops(&r.thread[0].row[k]), count[k]);
	run_close(&r);
}

/* A region is used up: what is held is not issued either. */
static void test_held_used_up(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, "size=256k\nbs=4k\nmix=hole:7,append:3\niodepth=8\n"
		     "append_depth=1\nnumber_ios=1000");
	sim.ready = ready_unless_extending;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_USED_UP);
	assert_int_equal(run_ops(&r, "hole"), 64);
	/* next_op - 1 is the hole that found no place. */
	assert_true(r.log[0].nr < r.thread[0].next_op - 1);
	/* Neither counts. */
	assert_int_equal(r.thread[0].issued, r.log[0].nr);
	run_close(&r);
}

static struct run *stopping;

static int64_t stop_at_100(uint64_t nr, const struct load_op *op)
{
	if (nr == 100)
		driver_stop(&stopping->group, stopping->thread, 1);
	return op->len;
}

/* The same at a stop. */
static void test_held_stopped(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=overwrite:5,append:5\niodepth=8\n"
		     "append_depth=1\nnumber_ios=1000");
	stopping = &r;
	sim.result = stop_at_100;
	sim.ready = ready_unless_extending;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_STOPPED);
	assert_int_equal(sim.nr, 101);
	assert_true(r.thread[0].next_op > 102);
	run_close(&r);
}

/* Held lengths and files are those of the plan. */
static void test_held_is_planned(void **state)
{
	struct plan_op want;
	struct plan p;
	struct run r;
	size_t k;

	(void)state;
	run_open(&r, "size=1m\nbsrange=4k-32k\nmix=append:6,overwrite:4\nfilename=a:b:c\n"
		     "iodepth=8\nappend_depth=2\nnumber_ios=600");
	sim.ready = ready_unless_extending;
	run_go(&r);
	plan_init(&p, r.job, 0);
	for (k = 0; k < r.log[0].nr; k++) {
		const struct load_op *op = &r.log[0].op[k].op;

		plan_at(&p, op->index, &want, false);
		assert_int_equal(op->file, op->index % 3);
		assert_int_equal(r.log[0].op[k].class.row, want.item);
		/* Inside a region a length may be cut at its end. */
		if (r.log[0].op[k].class.is_extending)
			assert_int_equal(op->len, want.len);
	}
	run_close(&r);
}

/* The last of what io_size asks for is cut, though it was held first. */
static void test_held_is_cut(void **state)
{
	char keys[300];
	struct run r;
	unsigned int i;

	(void)state;
	for (i = 0; i < 64; i++) {
		snprintf(keys, sizeof(keys),
			 "size=1m\nbsrange=4k-64k\nmix=append:6,overwrite:4\niodepth=8\n"
			 "append_depth=2\nio_size=%uk",
			 1024 + 4 * i);
		run_open(&r, keys);
		sim.ready = ready_unless_extending;
		run_go(&r);
		assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
		assert_int_equal(run_bytes(&r), (1024 + 4 * i) * 1024);
		assert_int_equal(r.thread[0].issued_bytes, run_bytes(&r));
		run_close(&r);
	}
}

/* The default, and append_depth = iodepth: nothing is ever held. */
static void test_not_held(void **state)
{
	static const char *const depth[] = { "", "append_depth=8\n" };
	char keys[300];
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		snprintf(keys, sizeof(keys),
			 "size=1m\nbs=4k\nmix=append:9,overwrite:1\niodepth=8\n%s"
			 "number_ios=600",
			 depth[i]);
		run_open(&r, keys);
		sim.ready = ready_unless_extending;
		run_go(&r);
		assert_int_equal(r.log[0].extending_max, 8);
		for (k = 0; k < 600; k++)
			assert_int_equal(r.log[0].op[k].op.index, k);
		run_close(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append_depth),
		cmocka_unit_test(test_held_full),
		cmocka_unit_test(test_held_used_up),
		cmocka_unit_test(test_held_stopped),
		cmocka_unit_test(test_held_is_planned),
		cmocka_unit_test(test_held_is_cut),
		cmocka_unit_test(test_not_held),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
