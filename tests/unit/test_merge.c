// SPDX-License-Identifier: GPL-2.0-or-later
/* Two parts of a sweep into one result: each figure is their sum, or says why not. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "result_sample.h"

/* A part with kernel events, 2 ms at worst. */
static struct result *part(void)
{
	struct result *r = sample_result();

	sample_why(r);
	return r;
}

static void test_counts(void **state)
{
	struct result *into = part(), *first = part(), *one = part();
	const struct result_kind *was, *is;
	unsigned int i;
	size_t k;

	(void)state;
	for (k = 0; k < 2; k++) {
		first->variant->kind[k].short_nr = 3;
		first->variant->kind[k].batched = 5;
	}
	assert_int_equal(result_merge(into, first), 0);
	assert_int_equal(into->variant->kind_nr, 2);
	for (k = 0; k < 2; k++) {
		was = &one->variant->kind[k];
		is = &into->variant->kind[k];
		assert_int_equal(is->ops, 2 * was->ops);
		assert_int_equal(is->bytes, 2 * was->bytes);
		assert_int_equal(is->short_nr, 3);
		assert_int_equal(is->batched, 5);
		assert_int_equal(is->blocked, 2 * was->blocked);
		assert_int_equal(is->done_at_return, 2 * was->done_at_return);
		assert_int_equal(is->flagged, 2 * was->flagged);
		assert_true(fabs(is->iops - was->iops) < 1e-6 * was->iops);
		for (i = 0; i < RESULT_PATH_NR; i++) {
			assert_int_equal(is->path[i], 2 * was->path[i]);
			assert_int_equal(is->then[i], 2 * was->then[i]);
		}
		for (i = 0; i < RESULT_UNKNOWN_NR; i++)
			assert_int_equal(is->unknown[i], 2 * was->unknown[i]);
		for (i = 0; i < RESULT_RAN_NR; i++)
			assert_int_equal(is->ran_as[i], 2 * was->ran_as[i]);
		for (i = 0; i < RESULT_STAGE_NR; i++) {
			assert_int_equal(is->slat_stage_ns[i], 2 * was->slat_stage_ns[i]);
			assert_int_equal(is->lat_stage_ns[i], 2 * was->lat_stage_ns[i]);
		}
		assert_int_equal(is->why, was->why);
	}
	result_free(one);
	result_free(into);
}

/* The same values twice: twice as many, and all else as it was. */
static void assert_twice(const struct result *r, const struct result_dist *is,
			 const struct result_dist *was)
{
	size_t i;

	assert_int_equal(is->sum.n, 2 * was->sum.n);
	assert_int_equal(is->sum.min_ns, was->sum.min_ns);
	assert_int_equal(is->sum.max_ns, was->sum.max_ns);
	assert_true(fabs(is->sum.mean_ns - was->sum.mean_ns) <= 1e-9 * was->sum.mean_ns);
	assert_int_equal(!is->hist, !was->hist);
	if (!was->hist)
		return;
	assert_int_equal(hist_count(is->hist), 2 * hist_count(was->hist));
	for (i = 0; i < r->percentile_nr; i++)
		assert_int_equal(is->percentile_ns[i], was->percentile_ns[i]);
}

static void test_distributions(void **state)
{
	struct result *into = part(), *one = part();
	size_t k, i;

	(void)state;
	assert_int_equal(result_merge(into, part()), 0);
	for (k = 0; k < 2; k++) {
		const struct result_kind *is = &into->variant->kind[k];
		const struct result_kind *was = &one->variant->kind[k];

		assert_twice(into, &is->slat, &was->slat);
		assert_twice(into, &is->clat, &was->clat);
		assert_twice(into, &is->lat, &was->lat);
		assert_twice(into, &is->victim, &was->victim);
		assert_twice(into, &is->held, &was->held);
		assert_twice(into, &is->convoy, &was->convoy);
		assert_twice(into, &is->behind, &was->behind);
		assert_int_equal(is->cause_nr, was->cause_nr);
		for (i = 0; i < is->cause_nr; i++)
			assert_twice(into, &is->cause[i].sleep, &was->cause[i].sleep);
	}
	assert_true(into->variant->kind[1].cause_nr == 2);
	result_free(one);
	result_free(into);
}

/* Each unknown chain is a cause of its own; the largest sum stands first. */
static void test_causes(void **state)
{
	struct result *into = part(), *first = part();
	struct result_kind *k = &first->variant->kind[1];
	const struct result_cause *c;

	(void)state;
	free(k->cause[1].stack);
	k->cause[1].stack = strdup("schedule < another");
	sample_dist(first, &k->cause[1].sleep, 100000000, 1000, true);
	k->cause[0].in_completion = true;
	assert_int_equal(result_merge(into, first), 0);
	c = into->variant->kind[1].cause;
	assert_int_equal(into->variant->kind[1].cause_nr, 4);
	assert_string_equal(c[0].label, "OTHER");
	assert_string_equal(c[0].stack, "schedule < another");
	assert_int_equal(c[0].sleep.sum.n, 1000);
	assert_string_equal(c[1].label, "FORCED_WAIT");
	assert_string_equal(c[2].label, "FORCED_WAIT");
	assert_true(c[1].in_completion != c[2].in_completion);
	assert_string_equal(c[3].label, "OTHER");
	assert_int_equal(c[3].sleep.sum.n, 2);
	result_free(into);
}

/* So many more writes in the list, of lat_ns, lat_ns - 1, ... */
static void add_worst(struct result *r, unsigned int nr, uint64_t lat_ns,
		      unsigned int round)
{
	struct result_kind *k = &r->variant->kind[1];
	unsigned int i;

	k->worst = realloc(k->worst, (k->worst_nr + nr) * sizeof(*k->worst));
	for (i = 0; i < nr; i++) {
		struct result_worst *w = &k->worst[k->worst_nr++];

		*w = (struct result_worst){ .round = round, .lat_ns = lat_ns - i };
		w->step = calloc(1, sizeof(*w->step));
		w->step_nr = 1;
		w->step->cause = strdup("FORCED_WAIT");
	}
}

/* Ten of both, with their stories, and nobody's is freed twice or lost. */
static void test_worst(void **state)
{
	struct result *into = part(), *first = part();
	const struct result_worst *w;
	unsigned int i;

	(void)state;
	add_worst(into, 9, 1900000, 7);
	add_worst(first, 9, 1950000, 1);
	first->variant->kind[1].worst[0].lat_ns = 3000000;
	assert_int_equal(result_merge(into, first), 0);
	assert_int_equal(into->variant->kind[1].worst_nr, 10);
	w = into->variant->kind[1].worst;
	assert_int_equal(w[0].lat_ns, 3000000);
	assert_int_equal(w[1].lat_ns, 2000000);
	assert_int_equal(w[1].step_nr, 4);
	assert_string_equal(w[1].step[2].by, "the write at 4096");
	for (i = 2; i < 10; i++) {
		assert_int_equal(w[i].lat_ns, 1950002 - i);
		assert_int_equal(w[i].round, 1);
		assert_string_equal(w[i].step->cause, "FORCED_WAIT");
	}
	result_free(into);
}

static void test_rounds(void **state)
{
	struct result *into = part(), *first = part();
	struct result_variant *v = into->variant;
	unsigned int i;

	(void)state;
	for (i = 0; i < SAMPLE_ROUNDS; i++)
		first->variant->round[i].seconds = 10 + i;
	first->variant->seconds = 33;
	free(first->variant->series->kind);
	first->variant->series->kind = strdup("append");
	assert_int_equal(result_merge(into, first), 0);
	assert_int_equal(v->round_nr, 2 * SAMPLE_ROUNDS);
	for (i = 0; i < SAMPLE_ROUNDS; i++) {
		assert_true(v->round[i].seconds == 10 + i);
		assert_true(v->round[SAMPLE_ROUNDS + i].seconds == 1);
		assert_int_equal(v->round[i].kind_nr, 2);
	}
	assert_true(v->seconds == 33 + SAMPLE_ROUNDS);
	/* Of a kind that only one part has, the points are moved all the same. */
	assert_int_equal(v->series_nr, 2);
	assert_string_equal(v->series[0].kind, "overwrite");
	assert_int_equal(v->series[0].point[0].round, 1 + SAMPLE_ROUNDS);
	assert_true(v->series[0].point[1].at_s == 34);
	assert_int_equal(v->series[1].point[0].round, 1);
	assert_true(v->series[1].point[1].at_s == 1);
	result_free(into);

	into = part();
	assert_int_equal(result_merge(into, part()), 0);
	assert_int_equal(into->variant->series_nr, 1);
	assert_int_equal(into->variant->series->point_nr, 4);
	for (i = 0; i < 4; i++)
		assert_int_equal(into->variant->series->point[i].round,
				 i % 2 + 1 + i / 2 * SAMPLE_ROUNDS);
	assert_true(into->variant->series->point[2].at_s == SAMPLE_ROUNDS);
	result_free(into);
}

static void test_run(void **state)
{
	struct result *into = part(), *first = part(), *one = part();

	(void)state;
	first->started.tv_sec = 1;
	first->evidence_lost = 4;
	first->blocked_min_ns = 9000;
	assert_int_equal(result_merge(into, first), 0);
	assert_int_equal(into->started.tv_sec, 1);
	assert_int_equal(into->evidence_tier, 2);
	assert_int_equal(into->evidence_lost, 4);
	assert_int_equal(into->blocked_ns, 2 * one->blocked_ns);
	assert_int_equal(into->named_ns, 2 * one->named_ns);
	assert_int_equal(into->unplaced, 2 * one->unplaced);
	assert_int_equal(into->blocked_min_ns, 9000);
	assert_int_equal(into->growth.extended_bytes, 2 * one->growth.extended_bytes);
	assert_int_equal(into->growth.size_after, 2 * one->growth.size_after);
	assert_int_equal(into->growth.after.count, 2 * one->growth.after.count);
	assert_int_equal(into->variant->growth.appended_bytes,
			 2 * one->variant->growth.appended_bytes);
	result_free(into);
	result_free(one);
}

/* A kind, and an error, that only one part met; of two lengths. */
static void test_one_part_alone(void **state)
{
	struct result *into = part(), *first = sample_make(sample_mixed, 1);
	struct result_kind *k = &first->variant->kind[0];

	(void)state;
	k->error = calloc(2, sizeof(*k->error));
	k->error_nr = 2;
	k->error[0] = (struct result_error_count){ ENOSPC, 3 };
	k->error[1] = (struct result_error_count){ EAGAIN, 1 };
	free(k->kind);
	k->kind = strdup("hole");
	first->variant->seconds = 1;
	into->variant->kind[0].error = calloc(1, sizeof(*k->error));
	assert_int_equal(result_merge(into, first), 0);
	assert_int_equal(into->variant->kind_nr, 3);
	k = result_kind_find(into->variant->kind, 3, "mixed", "hole", "libaio");
	assert_int_equal(k->ops, sample_mixed[0].ops);
	assert_int_equal(k->error_nr, 2);

	/* Once more: now both have it. 300 operations a second, then 100. */
	k->iops = 100;
	into->variant->seconds = 3;
	first = sample_make(sample_mixed, 1);
	free(first->variant->kind->kind);
	first->variant->kind->kind = strdup("hole");
	first->variant->kind->iops = 300;
	first->variant->kind->error = calloc(1, sizeof(*k->error));
	first->variant->kind->error_nr = 1;
	first->variant->kind->error[0] = (struct result_error_count){ ENOSPC, 5 };
	first->variant->seconds = 1;
	assert_int_equal(result_merge(into, first), 0);
	k = result_kind_find(into->variant->kind, into->variant->kind_nr, "mixed", "hole",
			     "libaio");
	assert_true(k->iops == 150);
	assert_int_equal(k->error_nr, 2);
	assert_int_equal(k->error[0].err, ENOSPC);
	assert_int_equal(k->error[0].count, 8);
	assert_int_equal(k->error[1].count, 1);
	result_free(into);
}

/* What is moved is read by the other list of percentiles from then on. */
static void test_percentiles(void **state)
{
	static const double extra[] = { 12.5 };
	struct result *into = result_new(extra, 1), *first = part(), *one = part();
	const struct result_dist *is, *was;
	size_t i;

	(void)state;
	into->variant = calloc(1, sizeof(*into->variant));
	into->variant_nr = 1;
	into->evidence_tier = 2;
	assert_int_equal(result_merge(into, first), 0);
	is = &into->variant->round[1].kind[1].lat;
	was = &one->variant->round[1].kind[1].lat;
	for (i = 0; i < one->percentile_nr; i++)
		assert_true(result_percentile_ns(into, is, one->percentile[i]) ==
			    result_percentile_ns(one, was, one->percentile[i]));
	assert_true(isnan(result_percentile_ns(into, is, 12.5)));
	is = &into->variant->kind[1].cause[0].sleep;
	was = &one->variant->kind[1].cause[0].sleep;
	assert_true(result_percentile_ns(into, is, 99.9) ==
		    result_percentile_ns(one, was, 99.9));
	result_free(one);
	result_free(into);
}

static void test_notes(void **state)
{
	struct result *into = part(), *first = part();

	(void)state;
	assert_int_equal(result_note_add(into, RESULT_NOTE_INFO, "of both"), 0);
	assert_int_equal(result_note_add(first, RESULT_NOTE_INFO, "of both"), 0);
	assert_int_equal(result_note_add(first, RESULT_NOTE_WARN, "of the first"), 0);
	assert_int_equal(
		result_note_add(first, RESULT_NOTE_FIRST, RESULT_ENDED_BY_ERROR "EIO"),
		0);
	assert_int_equal(result_merge(into, first), 0);
	assert_int_equal(into->note_nr, 3);
	assert_string_equal(into->note[0].text, "of both");
	assert_string_equal(into->note[1].text, "of the first");
	assert_int_equal(into->note[1].level, RESULT_NOTE_WARN);
	assert_string_equal(into->note[2].text,
			    "resumed: an earlier part ended by an error: EIO");
	assert_int_equal(into->note[2].level, RESULT_NOTE_WARN);
	result_free(into);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),	    cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_causes),	    cmocka_unit_test(test_worst),
		cmocka_unit_test(test_rounds),	    cmocka_unit_test(test_run),
		cmocka_unit_test(test_percentiles), cmocka_unit_test(test_one_part_alone),
		cmocka_unit_test(test_notes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
