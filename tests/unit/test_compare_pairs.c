// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is compared with what: growths, workloads, hosts, variants; and what documents
 * of others may do to a comparison and its report.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare_sample.h"

static void test_growth(void **state)
{
	const struct compare *c;
	struct sides s;
	size_t i;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = ROUNDS << 19;
	c = sides_compare(&s);
	assert_true(c->pair[0].growth_known);
	assert_true(c->pair[0].growth_bytes[COMPARE_OLD] == 1 << 20);
	assert_true(c->pair[0].kind[1].refused && !c->pair[0].kind[0].refused);
	assert_int_equal(c->gate_nr, 3);
	assert_says(c, "not compared: the growths differ by more than 10 %");
	/* A twelfth less is allowed. */
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = (ROUNDS << 20) / 4 * 3;
	assert_false(sides_compare(&s)->pair[0].kind[1].refused);
	/* The gate of what was refused is empty for that, not for want of samples. */
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = ROUNDS << 18;
	for (i = 0; i < 2; i++)
		s.r[i][0]->variant->kind[0].is_extending = true;
	c = sides_compare(&s);
	assert_int_equal(c->gate_nr, 0);
	assert_says(c, "empty: the growths differ by more than 10 %");
	for (i = 0; i < 2; i++)
		s.r[i][0]->variant->kind[0].is_extending = false;
	/* One that was cut short has grown by a round that is left out. */
	s.r[COMPARE_NEW][0]->interrupted = true;
	assert_false(sides_compare(&s)->pair[0].kind[1].refused);
	assert_true(s.c->pair[0].growth_known);
	assert_true(s.c->pair[0].growth_bytes[COMPARE_NEW] == 1 << 20);
	s.r[COMPARE_NEW][1]->interrupted = s.r[COMPARE_NEW][2]->interrupted = true;
	assert_false(sides_compare(&s)->pair[0].growth_known);
	for (i = 0; i < 3; i++)
		s.r[COMPARE_NEW][i]->interrupted = false;
	/* More rounds are not more growth. */
	s.r[COMPARE_NEW][0]->variant->round_nr = 5;
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = 5 << 20;
	assert_false(sides_compare(&s)->pair[0].kind[1].refused);
	s.r[COMPARE_NEW][0]->variant->round_nr = ROUNDS;
	sides_free(&s);
}

static void test_refusals(void **state)
{
	struct sides s;

	(void)state;
	sides_make(&s, 2, 2, 1);
	set_text(&s.r[COMPARE_NEW][1]->workload_sha256, "4567");
	assert_int_equal(compare_sittings(s.in, &s.options, &s.c, s.err, sizeof(s.err)),
			 -EINVAL);
	assert_null(s.c);
	assert_non_null(
		strstr(s.err, "the workloads of a (mixed.job) and b (mixed.job)"));
	s.options.any_workload = true;
	sides_compare(&s);
	sides_free(&s);

	sides_make(&s, 1, 1, 1);
	set_text(&s.r[COMPARE_NEW][0]->variant->kind[0].engine, "io_uring");
	sides_compare(&s);
	assert_int_equal(s.c->pair[0].kind_nr, 1);
	assert_int_equal(s.c->warning_nr, 2);
	assert_non_null(strstr(s.c->warning[0], "is only on the old side"));
	set_text(&s.r[COMPARE_NEW][0]->variant->kind[1].job, "other");
	compare_free(s.c);
	assert_int_equal(compare_sittings(s.in, &s.options, &s.c, s.err, sizeof(s.err)),
			 -EINVAL);
	assert_non_null(strstr(s.err, "nothing to compare"));
	sides_free(&s);
}

static void test_differences(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1);
	assert_int_equal(sides_compare(&s)->difference_nr, 0);
	facts_text(&s.r[COMPARE_NEW][0]->host, "kernel", "6.19.0");
	facts_text(&s.r[COMPARE_NEW][2]->host, "kernel", "6.19.0");
	facts_null(&s.r[COMPARE_OLD][2]->host, "block.fua");
	facts_null(&s.r[COMPARE_NEW][1]->host, "governor.none");
	c = sides_compare(&s);
	assert_int_equal(c->difference_nr, 2);
	assert_string_equal(c->difference[0].what, "kernel");
	assert_string_equal(c->difference[0].old_text, "6.18.44");
	assert_string_equal(c->difference[0].new_text, "6.19.0 | 6.18.44");
	assert_string_equal(c->difference[1].old_text, "no | -");
	assert_says(c, "differs  kernel: 6.18.44 -> 6.19.0 | 6.18.44");
	sides_free(&s);
}

static void test_warnings(void **state)
{
	const struct compare *c;
	struct sides s;
	size_t i;

	(void)state;
	sides_make(&s, 3, 3, 1);
	s.r[COMPARE_NEW][1]->interrupted = true;
	s.r[COMPARE_NEW][1]->variant->round[ROUNDS - 1].kind[0].lat.sum.n = 1;
	result_note_add(s.r[COMPARE_OLD][0], RESULT_NOTE_FIRST, "none extended");
	result_note_add(s.r[COMPARE_OLD][0], RESULT_NOTE_INFO, "never mind");
	for (i = 0; i < 5; i++)
		result_note_add(s.r[i / 3][i % 3], RESULT_NOTE_FIRST, "all say it");
	c = sides_compare(&s);
	assert_int_equal(c->side[COMPARE_NEW].round_nr, 3 * ROUNDS - 1);
	assert_int_equal(c->gate_nr, 6);
	assert_int_equal(c->warning_nr, 3);
	assert_says(c, "warning: a: none extended");
	assert_says(c, "warning: a, and 4 more: all say it");
	assert_says(c, "b is of an interrupted run");
	/* With one round there is none to leave out. */
	s.r[COMPARE_NEW][1]->variant->round_nr = 1;
	assert_says(sides_compare(&s), "interrupted run: its only round was cut short");
	assert_int_equal(s.c->side[COMPARE_NEW].round_nr, 2 * ROUNDS + 1);
	s.r[COMPARE_NEW][1]->variant->round_nr = ROUNDS;
	/* One file given twice is one sitting. */
	s.r[COMPARE_OLD][1]->started = s.r[COMPARE_OLD][0]->started;
	s.r[COMPARE_OLD][1]->variant->seconds = s.r[COMPARE_OLD][0]->variant->seconds;
	facts_text(&s.r[COMPARE_OLD][1]->host, "boot_id", "two");
	assert_says(sides_compare(&s), "a and b are the same run");
	sides_free(&s);
}

/* ---- variants ---- */

/* Variants of factors, told apart by iodepth. */
static struct result *sweep(const double *factor, size_t nr)
{
	struct result *r = made((struct plan){ 1, 0, 2000, ROUNDS });
	struct result_variant *grown = calloc(nr, sizeof(*grown));
	size_t i;

	grown[0] = r->variant[0];
	free(r->variant);
	r->variant = grown;
	r->variant_nr = nr;
	for (i = 0; i < nr; i++) {
		char depth[16];

		if (i)
			set_variant(r, &grown[i],
				    (struct plan){ factor[i], 5 * (unsigned int)i, 2000,
						   ROUNDS });
		snprintf(depth, sizeof(depth), "%d", 16 << i);
		facts_text(&grown[i].keys, "iodepth", depth);
		facts_text(&grown[i].keys, "bs", "4k");
	}
	return r;
}

static void test_variants(void **state)
{
	static const double factor[] = { 1, 1, 1.1 };
	struct compare_options options = COMPARE_DEFAULTS;
	struct result *r = sweep(factor, 3);
	struct compare *c;
	char err[256];
	unsigned int m;

	(void)state;
	assert_int_equal(compare_variants(r, "r", 0, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->design, COMPARE_ROUNDS);
	assert_int_equal(c->pair_nr, 2);
	assert_int_equal(c->gate_nr, 12);
	assert_int_equal(c->slower_nr, 5);
	assert_string_equal(c->pair[1].name[COMPARE_OLD], "iodepth 16");
	assert_string_equal(c->pair[1].name[COMPARE_NEW], "iodepth 64");
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P50)->verdict, COMPARE_SAME);
	assert_says(c, "iodepth 64 (new) against iodepth 16 (old)");
	assert_says(c, "iodepth 64, append: lat p50 is ");
	compare_free(c);

	/* With the last as the base the others are faster. */
	assert_int_equal(compare_variants(r, "r", 2, &options, &c, err, sizeof(err)), 0);
	assert_true(c->slower_nr == 0 && c->faster_nr == 10);
	compare_free(c);
	assert_int_equal(compare_variants(r, "r", 3, &options, &c, err, sizeof(err)),
			 -EINVAL);
	assert_non_null(strstr(err, "1 .. 3"));

	/* Another engine is allowed here, but its slat is another thing. */
	for (m = 0; m < ROUNDS; m++)
		set_text(&r->variant[2].round[m].kind[1].engine, "io_uring");
	set_text(&r->variant[2].kind[1].engine, "io_uring");
	assert_int_equal(compare_variants(r, "r", 0, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->pair[1].kind[1].row[COMPARE_SLAT_P50].state, COMPARE_ENGINES);
	assert_int_equal(c->pair[1].kind[1].row[COMPARE_LAT_P50].verdict, COMPARE_SLOWER);
	assert_int_equal(c->gate_nr, 11);
	assert_says(c, "not compared: of two engines");
	compare_free(c);
	result_free(r);

	r = made((struct plan){ 1, 0, 2000, ROUNDS });
	assert_int_equal(compare_variants(r, "r", 0, &options, &c, err, sizeof(err)),
			 -EINVAL);
	assert_non_null(strstr(err, "one variant"));
	result_free(r);
}

/* Sittings of sweeps: each variant with its like, in whatever order. */
static void test_sweeps(void **state)
{
	static const double same[] = { 1, 1 }, slow[] = { 1, 1.2 };
	struct compare_options options = COMPARE_DEFAULTS;
	const struct result *old_side[3], *new_side[3];
	const struct compare_input in[] = { { old_side, names, 3 },
					    { new_side, names, 3 } };
	struct result *r[6];
	struct compare *c;
	char err[256];
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		r[i] = sweep(i < 3 ? same : slow, 2);
		/* The base is always the same: let it wobble otherwise. */
		r[i]->variant->seconds += (double)i;
		*(i < 3 ? &old_side[i] : &new_side[i - 3]) = r[i];
	}
	{
		struct result_variant swap = r[4]->variant[0];

		r[4]->variant[0] = r[4]->variant[1];
		r[4]->variant[1] = swap;
	}
	assert_int_equal(compare_sittings(in, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->pair_nr, 2);
	assert_string_equal(c->pair[1].name[COMPARE_NEW], "iodepth 32");
	assert_int_equal(c->gate_nr, 12);
	assert_int_equal(c->slower_nr, 5);
	assert_int_equal(c->pair[0].kind[1].row[COMPARE_LAT_P50].verdict, COMPARE_SAME);
	assert_int_equal(c->pair[1].kind[1].row[COMPARE_LAT_P50].verdict, COMPARE_SLOWER);
	compare_free(c);
	facts_text(&r[5]->variant[1].keys, "iodepth", "99");
	assert_int_equal(compare_sittings(in, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->pair_nr, 1);
	assert_says(c, "variant 2 of a is not in c: left out");
	compare_free(c);
	/* The new ones' first is of the result that names them. */
	facts_text(&r[5]->variant[1].keys, "iodepth", "32");
	facts_text(&r[3]->variant[1].keys, "iodepth", "99");
	assert_int_equal(compare_sittings(in, &options, &c, err, sizeof(err)), 0);
	assert_says(c, "1 variant of a is not in a: left out");
	compare_free(c);
	facts_text(&r[3]->variant[1].keys, "iodepth", "32");
	/* Of a sweep that was interrupted each round that is there is whole. */
	r[3]->interrupted = true;
	assert_int_equal(compare_sittings(in, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->side[COMPARE_NEW].round_nr, 2 * 3 * ROUNDS);
	assert_says(c, "a is of an interrupted run: it lacks rounds");
	compare_free(c);
	for (i = 0; i < 6; i++)
		result_free(r[i]);
}

/* ---- what a document may do to it ---- */

static void test_hostile(void **state)
{
	static const char evil[] = "x\n\033[31m\xff\xe2\x80\xae"
				   "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
				   "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";
	struct sides s;
	size_t i, k;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	for (i = 0; i < 6; i++) {
		struct result *r = s.r[i / 3][i % 3];

		for (k = 0; k < ROUNDS; k++) {
			set_text(&r->variant->round[k].kind[1].job, evil);
			set_text(&r->variant->round[k].kind[1].kind, evil);
			r->variant->round[k].kind[0].lat.sum.mean_ns = 0;
		}
		set_text(&r->variant->kind[1].job, evil);
		set_text(&r->variant->kind[1].kind, evil);
		set_text(&r->workload_name, evil);
		facts_text(&r->host, "kernel", i < 3 ? evil : evil + 1);
		facts_text(&r->host, evil, names[i]);
	}
	s.r[COMPARE_OLD][0]->variant->round[0].kind[0].victim.sum.n = 0;
	/* Percentiles that are not in the list are no values. */
	s.r[COMPARE_OLD][1]->percentile[12] = 98.5;
	sides_compare(&s);
	assert_int_equal(row_of(s.c, 0, COMPARE_LAT_P99)->state, COMPARE_FEW);
	free(report_of(s.c));
	/* Nor are those that were not kept. */
	s.r[COMPARE_OLD][1]->percentile[12] = s.r[COMPARE_OLD][0]->percentile[12];
	assert_int_equal(sides_compare(&s)->pair[0].kind[0].row[COMPARE_LAT_P99].state,
			 COMPARE_IN_GATE);
	s.r[COMPARE_OLD][1]->variant->round[2].kind[0].lat.percentile_ns[12] =
		RESULT_NO_NS;
	assert_int_equal(sides_compare(&s)->pair[0].kind[0].row[COMPARE_LAT_P99].state,
			 COMPARE_FEW);
	sides_free(&s);
}

static void test_zero(void **state)
{
	struct sides s;
	const struct compare_row *row;
	size_t i;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	/* A clock that stands still: no ratio, and not in the gate. */
	for (i = 0; i < s.r[COMPARE_NEW][0]->percentile_nr; i++)
		s.r[COMPARE_NEW][0]->variant->round[0].kind[0].slat.percentile_ns[i] = 0;
	sides_compare(&s);
	row = row_of(s.c, 0, COMPARE_SLAT_P50);
	assert_int_equal(row->state, COMPARE_ZERO);
	assert_true(isnan(row->ratio) && row->value[COMPARE_OLD] > 4000);
	assert_int_equal(s.c->gate_nr, 5);
	/* Without a call there is no slat, and no row. */
	for (i = 0; i < 60; i++)
		s.r[i / 30][i / 10 % 3]->variant->round[i % 10].kind[0].slat.sum.n = 0;
	sides_compare(&s);
	assert_int_equal(row_of(s.c, 0, COMPARE_SLAT_P50)->state, COMPARE_ABSENT);
	sides_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),	    cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_differences), cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_variants),    cmocka_unit_test(test_sweeps),
		cmocka_unit_test(test_hostile),	    cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
