// SPDX-License-Identifier: GPL-2.0-or-later
/* Rounds, groups, rebuilt regions and ends of a whole run, on the sim engine. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "experiment/experiment.h"
#include "sim.h"

/* Resolves a whole job file; its engine is the script then. */
static struct workload *parse(const char *text)
{
	struct workload_error err = { "" };
	struct workload *w;
	size_t i;

	sim_reset();
	if (workload_parse_text("t.job", text, NULL, 0, &w, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < w->job_nr; i++)
		w->job[i].ioengine = WORKLOAD_SIM;
	return w;
}

static struct result *run_ok(struct workload *w, const struct experiment_setup *setup)
{
	static const struct experiment_setup plain;
	struct load_error err;
	struct result *r = NULL;

	if (experiment_run(w, &(struct experiment_variant){ .w = w }, 1,
			   setup ? setup : &plain, &r, &err) ||
	    err.text[0])
		fail_msg("%s", err.text);
	assert_non_null(r);
	assert_int_equal(r->variant_nr, 1);
	return r;
}

static const struct result_kind *kind_of(const struct result_kind *k, size_t nr,
					 const char *job, const char *kind)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(k[i].job, job) && !strcmp(k[i].kind, kind))
			return &k[i];
	fail_msg("no %s of job %s", kind, job);
	return NULL;
}

/* Merged over rounds. */
static const struct result_kind *merged(const struct result *r, const char *job,
					const char *kind)
{
	return kind_of(r->variant[0].kind, r->variant[0].kind_nr, job, kind);
}

static uint64_t paths(const struct result_kind *k)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < RESULT_PATH_NR; i++)
		sum += k->path[i];
	return sum;
}

static bool has_note(const struct result *r, const char *part)
{
	size_t i;

	for (i = 0; i < r->note_nr; i++)
		if (strstr(r->note[i].text, part))
			return true;
	return false;
}

#define HEAD "[global]\nioengine=null\ndirect=1\nbs=4k\nsize=1m\niodepth=4\n"

static void test_rounds(void **state)
{
	struct workload *w = parse(HEAD "mix=overwrite:7,append:3\nnumber_ios=200\n"
					"rounds=3\nnumjobs=2\n[a]\n");
	struct result *r = run_ok(w, NULL);
	const struct result_variant *v = &r->variant[0];
	const struct result_kind *o = merged(r, "a", "overwrite");
	const struct result_kind *a = merged(r, "a", "append");
	uint64_t ops = 0;
	size_t i;

	(void)state;
	assert_int_equal(v->round_nr, 3);
	assert_int_equal(o->ops + a->ops, 3 * 2 * 200);
	assert_int_equal(o->bytes + a->bytes, 3 * 2 * 200 * 4096);
	assert_int_equal(paths(o), o->ops);
	assert_int_equal(paths(a), a->ops);
	assert_int_equal(a->lat.sum.n, a->ops);
	for (i = 0; i < 3; i++) {
		const struct result_round *rr = &v->round[i];

		ops += kind_of(rr->kind, rr->kind_nr, "a", "append")->ops;
		assert_int_equal(
			kind_of(rr->kind, rr->kind_nr, "a", "append")->ops +
				kind_of(rr->kind, rr->kind_nr, "a", "overwrite")->ops,
			400);
	}
	assert_int_equal(ops, a->ops);
	assert_false(r->interrupted);
	result_free(r);
	workload_free(w);
}

/* Behind a stonewall a job has the file as its own mix lays it out. */
static void test_groups(void **state)
{
	struct workload *w = parse(
		HEAD "filename=f\nnumber_ios=100\n[a]\nmix=hole:1\n"
		     "[b]\nstonewall\nmix=hole:1\n[c]\nstonewall\nmix=append:1\n");
	struct result *r = run_ok(w, NULL);

	(void)state;
	assert_int_equal(merged(r, "a", "hole")->ops, 100);
	assert_int_equal(merged(r, "b", "hole")->ops, 100);
	assert_int_equal(merged(r, "c", "append")->ops, 100);
	result_free(r);
	workload_free(w);
}

/* What is used up ends the round, and the report says so. */
static void test_used_up(void **state)
{
	struct workload *w = parse(HEAD "mix=hole:1\nnumber_ios=1000\n[a]\n");
	struct result *r = run_ok(w, NULL);

	(void)state;
	assert_int_equal(merged(r, "a", "hole")->ops, 256);
	assert_true(has_note(r, "used up"));
	result_free(r);
	workload_free(w);
}

/* ... but with time_based it is rebuilt, and no operation is lost by that. */
static void test_rebuilt(void **state)
{
	static const char *const keys[] = {
		"mix=hole:1\nnumber_ios=600\n",
		"mix=hole:5,overwrite:5\nnumber_ios=2000\n",
		"mix=hole:1\nnumber_ios=600\nrw=randwrite\n",
		"mix=hole:1\nio_size=2400k\n",
	};
	static const uint64_t ops[] = { 600, 2000, 600, 600 };
	char text[400];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct workload *w;
		struct result *r;
		uint64_t nr = 0;

		snprintf(text, sizeof(text), HEAD "runtime=1000s\ntime_based\n%s[a]\n",
			 keys[i]);
		w = parse(text);
		r = run_ok(w, NULL);
		for (k = 0; k < r->variant[0].kind_nr; k++)
			nr += r->variant[0].kind[k].ops;
		assert_int_equal(nr, ops[i]);
		assert_false(has_note(r, "used up"));
		result_free(r);
		workload_free(w);
	}
}

/* ---- errors ---- */

static uint64_t fail_nr;

static int64_t fail_at(uint64_t nr, const struct load_op *op)
{
	return nr == fail_nr ? -EIO : (int64_t)op->len;
}

/* What was measured until then stands, the rounds to come don't. */
static void test_error(void **state)
{
	struct workload *w = parse(HEAD
				   "mix=overwrite:1\nnumber_ios=100\nrounds=5\n[a]\n");
	const struct experiment_setup setup = { 0 };
	struct result *r = NULL;
	struct load_error err;

	(void)state;
	fail_nr = 150;
	sim.result = fail_at;
	assert_int_equal(experiment_run(w, &(struct experiment_variant){ .w = w }, 1,
					&setup, &r, &err),
			 0);
	assert_non_null(strstr(err.text, "job a: overwrite of 4096 bytes at "));
	assert_non_null(strstr(err.text, strerror(EIO)));
	assert_int_equal(r->variant[0].round_nr, 2);
	assert_in_range(merged(r, "a", "overwrite")->ops, 151, 154);
	assert_int_equal(merged(r, "a", "overwrite")->error_nr, 1);
	assert_int_equal(merged(r, "a", "overwrite")->error[0].err, EIO);
	result_free(r);
	workload_free(w);
}

/* ---- a full file system ---- */

static unsigned int full_base;

static int64_t full_for(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	return op->class->kind.base == full_base ? -ENOSPC : (int64_t)op->len;
}

/* The note names the kinds that ended, in every thread, and no others. */
static void test_no_space(void **state)
{
	static const struct {
		unsigned int base;
		const char *note;
	} t[] = {
		{ KIND_HOLE, " s: hole not issued any more, other kinds went on alone" },
		{ KIND_GAP, " s: append, gap not issued any more, other kinds went on" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct workload *w = parse(
			HEAD "mix=append:1,gap+dsync:1,hole:1,hole+dsync:1,overwrite:4\n"
			     "number_ios=200\nnumjobs=2\n[a]\n");
		struct result *r;

		full_base = t[i].base;
		sim.result = full_for;
		r = run_ok(w, NULL);
		assert_true(has_note(r, "job a: file system full in round 1 after "));
		assert_true(has_note(r, t[i].note));
		result_free(r);
		workload_free(w);
	}
}

/* ---- a stop from outside ---- */

static volatile int stop;

static unsigned int told;

/* Who asks for an end is not a load thread. */
static void progress(void *ctx, const struct experiment_progress *p)
{
	assert_ptr_equal(ctx, &told);
	assert_int_equal(p->round_nr, 2);
	assert_int_equal(p->round, 1);
	told++;
	stop = p->phase == EXPERIMENT_LOAD && p->ops > 0;
}

/* It drains, and reports what was measured. */
static void test_stop(void **state)
{
	struct workload *w = parse(HEAD "mix=overwrite:1\nruntime=1000s\nrounds=2\n"
					"numjobs=2\n[a]\n");
	const struct experiment_setup setup = {
		.stop = &stop,
		.progress = progress,
		.ctx = &told,
	};
	struct result *r;

	(void)state;
	stop = 0;
	told = 0;
	r = run_ok(w, &setup);
	assert_true(r->interrupted);
	assert_int_equal(r->variant[0].round_nr, 1);
	assert_int_equal(merged(r, "a", "overwrite")->ops, sim.nr);
	assert_true(sim.nr > 0);
	assert_true(told > 1);
	result_free(r);
	workload_free(w);
}

/* A ramp that has no end would go on for ever: then it is stopped. */
static int64_t stop_at_2000(uint64_t nr, const struct load_op *op)
{
	stop |= nr >= 2000;
	return op->len;
}

/*
 * All 256 holes fall into the ramp. On the rebuilt ones the threads go on without
 * another: all that is done there counts.
 */
static void test_rebuilt_ramp(void **state)
{
	struct workload *w = parse(HEAD "mix=hole:1\nnumber_ios=600\nruntime=1000s\n"
					"time_based\nramp_time=1000s\n[a]\n");
	const struct experiment_setup setup = { .stop = &stop };
	struct result *r = NULL;
	struct load_error err;

	(void)state;
	stop = 0;
	sim.result = stop_at_2000;
	assert_int_equal(experiment_run(w, &(struct experiment_variant){ .w = w }, 1,
					&setup, &r, &err),
			 0);
	assert_false(r->interrupted);
	assert_int_equal(sim.nr, 256 + 600);
	assert_int_equal(merged(r, "a", "hole")->ops, 600);
	result_free(r);
	workload_free(w);
}

static int64_t result_fails_at_500(uint64_t nr, const struct load_op *op)
{
	return nr == 500 ? -EIO : (int64_t)op->len;
}

/*
 * An error ends a sweep in a round that is none then; what goes on from there comes to
 * the totals of a run without an error.
 */
static void test_sweep_error(void **state)
{
	struct workload *w = parse(HEAD "mix=overwrite:7,append:3\nnumber_ios=200\n"
					"rounds=3\n[a]\n");
	struct experiment_variant variant[2] = { { .w = w }, { .w = w } };
	struct experiment_setup setup = { 0 };
	struct load_error err;
	struct result *r;
	size_t i;

	(void)state;
	sim.result = result_fails_at_500;
	assert_int_equal(experiment_run(w, variant, 2, &setup, &r, &err), 0);
	assert_non_null(strstr(err.text, strerror(EIO)));
	assert_false(r->interrupted);
	/* Of two whole rounds and the half of a third. */
	assert_int_equal(r->variant[0].round_nr + r->variant[1].round_nr, 2);
	for (i = 0; i < 2; i++) {
		const struct result_variant *v = &r->variant[i];

		assert_int_equal(v->round_nr, 1);
		assert_int_equal(v->kind[0].ops + v->kind[1].ops, 200);
	}
	assert_true(has_note(r, "ended by an error: "));

	sim.result = NULL;
	setup.resume = r;
	assert_int_equal(experiment_run(w, variant, 2, &setup, &r, &err), 0);
	assert_string_equal(err.text, "");
	for (i = 0; i < 2; i++) {
		const struct result_variant *v = &r->variant[i];

		assert_int_equal(v->round_nr, 3);
		assert_int_equal(v->kind[0].ops + v->kind[1].ops, 600);
		assert_int_equal(v->kind[0].error_nr + v->kind[1].error_nr, 0);
	}
	result_free(r);
	workload_free(w);
}

/* Once, what is true of all variants; the rest names the first of those it is true of. */
static void test_sweep_notes(void **state)
{
	static const char *const key[] = { "size" };
	static const char *const value[][1] = { { "1m" }, { "2m" }, { "8m" }, { "9m" } };
	struct workload *w = parse(HEAD "mix=append:1\nnumber_ios=10\nrounds=2\n[a]\n");
	struct workload *batch = parse(HEAD "mix=append:1\nnumber_ios=10\nrounds=2\n"
					    "iodepth_batch_submit=2\n[a]\n");
	struct workload *hole = parse(HEAD
				      "mix=hole:1\nnumber_ios=1000\nrounds=2\n[a]\n");
	struct experiment_variant variant[4] = {
		{ .w = w }, { .w = batch }, { .w = hole }, { .w = batch }
	};
	const struct experiment_setup setup = { 0 };
	struct load_error err;
	struct result *r;
	size_t i, all = 0, full = 0, shared = 0;

	(void)state;
	for (i = 0; i < 4; i++) {
		variant[i].key_nr = 1;
		variant[i].key = key;
		variant[i].value = value[i];
		/* batch twice: once. */
		if (i < 3 && workload_note(variant[i].w, "of all of them"))
			fail();
	}
	if (experiment_run(w, variant, 4, &setup, &r, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < r->note_nr; i++) {
		const char *text = r->note[i].text;

		all += !strcmp(text, "of all of them");
		full += !strncmp(text, "size=8m: job a: round 1 ended", 29);
		shared += !strncmp(text, "size=2m and 1 more variant: writes of one", 41);
	}
	assert_int_equal(all, 1);
	assert_int_equal(full, 1);
	assert_int_equal(shared, 1);
	assert_int_equal(r->note_nr, 3);
	result_free(r);
	workload_free(w);
	workload_free(batch);
	workload_free(hole);
}

/* Histograms are kept of every variant: it is their number that memory limits. */
static void test_memory(void **state)
{
	struct workload *w = parse(HEAD "mix=overwrite:7,append:3\nnumber_ios=20\n[a]\n");
	struct workload *many = parse(HEAD "numjobs=100\nmix=append:1\n"
					   "number_ios=20\n[a]\n");
	const struct experiment_setup setup = { .memory_bytes = 16 << 20 };
	struct experiment_variant variant[40];
	struct load_error err;
	struct result *r;
	size_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		variant[i] = (struct experiment_variant){ .w = w };
	if (experiment_run(w, variant, 4, &setup, &r, &err))
		fail_msg("%s", err.text);
	result_free(r);
	assert_int_equal(experiment_run(w, variant, 40, &setup, &r, &err), -ENOMEM);
	if (!strstr(err.text, "the histograms of 40 variants need 5"))
		fail_msg("%s", err.text);
	assert_non_null(strstr(err.text, "16 MiB may be taken: sweep fewer values"));

	variant[0].w = many;
	assert_int_equal(experiment_run(many, variant, 1, &setup, &r, &err), -ENOMEM);
	assert_non_null(strstr(err.text, "lower numjobs"));
	workload_free(many);
	workload_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sweep_notes),  cmocka_unit_test(test_sweep_error),
		cmocka_unit_test(test_memory),	     cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_groups),	     cmocka_unit_test(test_used_up),
		cmocka_unit_test(test_rebuilt),	     cmocka_unit_test(test_error),
		cmocka_unit_test(test_no_space),     cmocka_unit_test(test_stop),
		cmocka_unit_test(test_rebuilt_ramp),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
