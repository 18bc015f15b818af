// SPDX-License-Identifier: GPL-2.0-or-later
/* extend_wait=: what each model lets be in flight, and that nobody waits for ever. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "load_harness.h"

#define JOB "size=1m\nmix=overwrite:7,append:2,straddle:1\n"

/* Nothing comes back but to who waits: without a model the queue is always full. */
static bool ready_never(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return false;
}

static bool is_before(const struct load_op *a, const struct load_op *b)
{
	return a->submit_ns < b->submit_ns;
}

/* Operations accepted before E, and not complete when E's call returned. */
static unsigned int left_at_return(const struct run_log *log, const struct load_op *e)
{
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < log->nr; i++)
		nr += is_before(&log->op[i].op, e) &&
		      log->op[i].op.complete_ns > e->accepted_ns;
	return nr;
}

/* Submitted between E's submission and its completion. */
static unsigned int behind(const struct run_log *log, const struct load_op *e)
{
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < log->nr; i++)
		nr += is_before(e, &log->op[i].op) &&
		      log->op[i].op.submit_ns < e->complete_ns;
	return nr;
}

static void test_what_is_in_flight(void **state)
{
	static const char *const model[] = { "none", "own", "all", "drain" };
	char keys[300];
	struct run r;
	size_t m, i;

	(void)state;
	for (m = 0; m < 4; m++) {
		unsigned int extending = 0, left = 0, passed = 0, waited = 0, done = 0;

		snprintf(keys, sizeof(keys),
			 JOB "bs=8k\niodepth=8\nnumber_ios=600\nextend_wait=%s",
			 model[m]);
		run_open(&r, keys);
		sim.ready = ready_never;
		run_go(&r);
		for (i = 0; i < r.log[0].nr; i++) {
			const struct run_op *o = &r.log[0].op[i];

			assert_int_equal(o->class.is_modelled, o->class.is_extending);
			/* What did not wait for a model says nothing of one. */
			if (!o->class.is_extending)
				assert_false(o->op.seen & LOAD_SEEN_MODEL);
			if (!o->class.is_extending)
				continue;
			extending++;
			left += left_at_return(&r.log[0], &o->op) > 0;
			passed += behind(&r.log[0], &o->op) > 0;
			waited += !!(o->op.seen & LOAD_SEEN_MODEL);
			done += !!(o->op.seen & LOAD_SEEN_DONE);
		}
		assert_true(extending > 100);
		if (m == 0) {
			assert_true(left > extending / 2);
			assert_true(passed > extending / 2);
			assert_int_equal(waited, 0);
		} else if (m == 3) {
			/* Others are done when it begins; it is not when others do. */
			assert_int_equal(left, 0);
			assert_true(passed > extending / 2);
			assert_true(waited > extending / 2);
			assert_int_equal(done, 0);
		} else {
			assert_int_equal(left, 0);
			assert_int_equal(passed, 0);
			assert_int_equal(waited, extending);
			assert_int_equal(done, extending);
		}
		run_close(&r);
	}
}

/* The file does not grow: places go round in what was laid out, and never meet. */
static void test_places(void **state)
{
	struct target *t;
	uint64_t from, bytes;
	struct run r;
	size_t i, k;

	(void)state;
	run_open(&r, "size=256k\nbs=8k\nmix=append:5,straddle:3,gap:2\niodepth=4\n"
		     "number_ios=30000\nextend_wait=none");
	run_go(&r);
	t = r.thread[0].file[0].target;
	bytes = t->spec.grown_bytes;
	from = t->grown_start;
	assert_true(bytes && !(bytes & (bytes - 1)));
	assert_int_equal(from, 256 << 10);
	assert_int_equal(t->start_eof, from + bytes + 8192);
	for (i = 0; i < r.log[0].nr; i++) {
		const struct load_op *op = &r.log[0].op[i].op;

		assert_true(op->offset >= from);
		assert_true(op->offset + op->len <= t->start_eof);
		for (k = i > 4 ? i - 4 : 0; k < i; k++) {
			const struct load_op *o = &r.log[0].op[k].op;

			/* A straddle begins in what an earlier write wrote. */
			assert_true(op->offset != o->offset);
		}
	}
	assert_int_equal(r.thread[0].file[0].appended_bytes, 0);
	assert_int_equal(r.thread[0].file[0].acked_end, 0);
	run_close(&r);
}

/* ---- of several threads ---- */

static struct {
	bool behind_extending;	/* the last one accepted was extending */
	unsigned int extending; /* accepted */
	unsigned int met;	/* of these, by how many something was in flight */
	unsigned int passed;	/* accepted right behind one that was still in flight */
} met;

static void note_accepted(const struct load_op *op, unsigned int in_flight)
{
	met.passed += met.behind_extending && in_flight;
	met.extending += op->class->is_extending;
	met.met += op->class->is_extending && in_flight;
	met.behind_extending = op->class->is_extending;
}

/* Long enough for others to come in between, where they may. */
static uint64_t call_lasts(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	return op->class->is_extending ? 0 : 30000;
}

static uint64_t service_lasts(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return 200000;
}

/*
 * The same promises between threads, by what the engine has taken and not given back:
 * what one thread waits for is also the other's.
 */
static void test_what_is_in_flight_of_others(void **state)
{
	static const char *const model[] = { "none", "own", "all", "drain" };
	char keys[300];
	struct run r;
	size_t m;

	(void)state;
	for (m = 0; m < 8; m++) {
		snprintf(keys, sizeof(keys),
			 JOB "bs=8k\niodepth=8\nnumber_ios=400\nnumjobs=2\nfilename=a\n"
			     "extend_wait=%s\nreap=%s",
			 model[m % 4], m > 3 ? "full" : "each");
		run_open(&r, keys);
		memset(&met, 0, sizeof(met));
		sim.accepted = note_accepted;
		sim.call_ns = call_lasts;
		sim.service_ns = service_lasts;
		if (m > 3)
			sim.ready = ready_never;
		run_go(&r);
		assert_int_equal(sim.inflight_all, 0);
		assert_true(met.extending > 150);
		if (m % 4 == 3)
			assert_int_equal(met.met, 0);
		else if (m % 4)
			assert_int_equal(met.passed, 0);
		/*
		 * And where it need not wait it doesn't; that only shows where nothing
		 * is taken back before somebody waits, however slow the machine. After a
		 * drain the next one may have drained, too: of one thread it is told
		 * above.
		 */
		if (m > 3 && m % 4 != 3)
			assert_true(met.met > 10);
		if (m == 4)
			assert_true(met.passed > 10);
		run_close(&r);
	}
}

/* As much is grown into as is written there: by all threads, or by none. */
static void test_growth(void **state)
{
	static const struct {
		const char *keys;
		uint64_t grown, prealloc;
	} want[] = {
		{ "mix=append:1\nextend_wait=own", 512 << 10, 0 },
		{ "mix=append:1\nextend_wait=own\nnumjobs=3", 512 << 10, 0 },
		{ "mix=append:1\nextend_wait=own\nnumjobs=3\nfilename=a", 2 << 20, 0 },
		{ "mix=overwrite:1,fdatasync:1\nextend_wait=own", 0, 0 },
		{ "mix=append-prealloc:1\nextend_wait=all", 512 << 10, 0 },
		{ "mix=append-prealloc:1\nnumjobs=3", 0, 800 << 10 },
		{ "mix=append-prealloc:1\nnumjobs=3\nfilename=a", 0, 2400 << 10 },
	};
	char keys[300];
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct target_spec *spec;

		snprintf(keys, sizeof(keys), "size=64m\nbs=8k\nnumber_ios=100\n%s",
			 want[i].keys);
		run_open(&r, keys);
		spec = &r.thread[0].file[0].target->spec;
		assert_int_equal(spec->grown_bytes, want[i].grown);
		assert_int_equal(spec->prealloc_bytes, want[i].prealloc);
		run_close(&r);
	}
}

/* Not every unknown of a modelled job is the model's doing. */
static void test_unknowns(void **state)
{
	struct why_row why[2] = {
		{ .path = { [WHY_UNKNOWN] = 7 }, .lost = 1, .modelled = 2 },
		{ .path = { [WHY_UNKNOWN] = 5 } }
	};
	struct experiment_rows rows = { 0 };
	struct run r;
	size_t i;

	(void)state;
	run_job(&r, "size=1m\nbs=4k\nmix=append:1,overwrite:1\nnumber_ios=200\n"
		    "extend_wait=all");
	for (i = 0; i < 2; i++) {
		why[i].joined = driver_row_ops(&r.thread[0].row[i]);
		why[i].path[WHY_QUEUED] = why[i].joined - why[i].path[WHY_UNKNOWN];
	}
	assert_int_equal(experiment_rows_add(&rows, r.thread, why), 0);
	assert_int_equal(rows.nr, 2);
	assert_int_equal(rows.row[0].path[RESULT_UNKNOWN], 7);
	assert_int_equal(rows.row[0].unknown[RESULT_UNKNOWN_LOST], 1);
	assert_int_equal(rows.row[0].unknown[RESULT_UNKNOWN_MODEL], 2);
	assert_int_equal(rows.row[0].unknown[RESULT_UNKNOWN_INSIDE], 4);
	assert_int_equal(rows.row[1].unknown[RESULT_UNKNOWN_MODEL], 0);
	assert_int_equal(rows.row[1].unknown[RESULT_UNKNOWN_INSIDE], 5);
	experiment_rows_free(&rows);
	run_close(&r);
}

/* Threads on one file: each comes to its end, and nothing is left in flight. */
static void test_threads(void **state)
{
	static const char *const model[] = { "none", "own", "all", "drain" };
	char keys[300];
	struct run r;
	size_t m;

	(void)state;
	for (m = 0; m < 8; m++) {
		struct target_model *tm;

		snprintf(keys, sizeof(keys),
			 "size=1m\nbs=8k\nmix=overwrite:5,append:3,fdatasync:2\n"
			 "filename=a\nnumjobs=3\niodepth=4\nnumber_ios=4000\n"
			 "extend_wait=%s\nreap=%s",
			 model[m % 4], m > 3 ? "full" : "each");
		run_open(&r, keys);
		if (m > 3)
			sim.ready = ready_never;
		r.lean = true;
		run_go(&r);
		assert_int_equal(run_ops(&r, "overwrite") + run_ops(&r, "append"), 12000);
		tm = &r.thread[0].file[0].target->model;
		assert_int_equal(tm->in_flight, 0);
		assert_int_equal(tm->readers, 0);
		assert_int_equal(tm->serving, tm->next);
		assert_int_equal(tm->next, 12000);
		run_close(&r);
	}
}

/* A stop in the middle, errors, and append_depth leave nothing behind either. */
static int64_t result_eio(uint64_t nr, const struct load_op *op)
{
	return nr == 200 && op->class->is_extending ? -5 : (int64_t)op->len;
}

static int refuse_busy(uint64_t nr, const struct load_op *op)
{
	static uint64_t last;

	(void)op;
	/* Each third once. */
	if (nr % 3 || nr == last)
		return 0;
	last = nr;
	return -11;
}

static int slack_seen;

static int refuse_none(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	slack_seen = prctl(PR_GET_TIMERSLACK);
	return 0;
}

/* A thread that models a wait naps on time; other threads are left as they are. */
static void test_slack(void **state)
{
	int ours = prctl(PR_GET_TIMERSLACK);
	struct run r;

	(void)state;
	assert_int_not_equal(ours, 1);
	run_open(&r, JOB "bs=8k\niodepth=8\nnumber_ios=60\nextend_wait=all");
	sim.refuse = refuse_none;
	run_go(&r);
	assert_int_equal(slack_seen, 1);
	run_close(&r);

	run_open(&r, JOB "bs=8k\niodepth=8\nnumber_ios=60\nextend_wait=kernel");
	sim.refuse = refuse_none;
	run_go(&r);
	assert_int_equal(slack_seen, ours);
	assert_int_equal(prctl(PR_GET_TIMERSLACK), ours);
	run_close(&r);
}

/* From here on no submission is taken, and never again will one be. */
static int refuse_all(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr >= 100 ? -EAGAIN : 0;
}

/* An error of the engine ends the run; it does not wait for what never began. */
static void test_refused(void **state)
{
	static const char *const model[] = { "none", "own", "all", "drain" };
	char keys[300];
	struct run r;
	size_t m;

	(void)state;
	for (m = 0; m < 4; m++) {
		snprintf(keys, sizeof(keys),
			 JOB "bs=8k\niodepth=8\nnumber_ios=600\nextend_wait=%s",
			 model[m]);
		run_open(&r, keys);
		sim.refuse = refuse_all;
		sim.ready = ready_never;
		r.lean = true;
		alarm(60);
		run_go(&r);
		alarm(0);
		assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
		assert_non_null(strstr(r.thread[0].error.text, strerror(EAGAIN)));
		assert_int_equal(sim.nr, 100);
		run_close(&r);
	}
}

static void test_ends(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, JOB "bs=8k\niodepth=8\nappend_depth=2\nnumber_ios=600\n"
			 "extend_wait=all");
	sim.result = result_eio;
	sim.ready = ready_never;
	r.lean = true;
	run_go(&r);
	assert_int_equal(r.thread[0].file[0].target->model.in_flight, 0);
	run_close(&r);

	run_open(&r, JOB "bs=8k\niodepth=8\nnumber_ios=600\nextend_wait=drain");
	sim.refuse = refuse_busy;
	run_go(&r);
	assert_int_equal(run_ops(&r, NULL), 600);
	assert_int_equal(r.thread[0].file[0].target->model.in_flight, 0);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_in_flight),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_what_is_in_flight_of_others),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_unknowns),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_slack),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
