// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdicts on synthetic results: what is tested how, and under which conditions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare_sample.h"

static void test_sittings(void **state)
{
	const struct compare *c;
	const struct compare_row *row;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	c = sides_compare(&s);
	assert_int_equal(c->design, COMPARE_SITTINGS);
	assert_null(c->cannot);
	assert_int_equal(c->gate_nr, 6);
	assert_int_equal(c->slower_nr, 5); /* overwrites are submitted as fast */
	assert_int_equal(c->faster_nr, 0);
	row = row_of(c, 1, COMPARE_LAT_P50);
	assert_true(fabs(row->ratio - 1.1) < 0.002);
	assert_true(row->low > 1.097 && row->low < row->ratio);
	assert_true(row->high < 1.103 && row->high > row->ratio);
	assert_true(fabs(row->value[COMPARE_NEW] - 5.5e6) < 2e4);
	assert_int_equal(row_of(c, 0, COMPARE_SLAT_P50)->verdict, COMPARE_SAME);
	row = row_of(c, 1, COMPARE_SLAT_P99);
	assert_int_equal(row->state, COMPARE_RATIO);
	assert_true(isnan(row->p) && row->ratio > 1.09);
	assert_int_equal(row->verdict, COMPARE_NO_VERDICT);
	/* 2000 samples leave two past p99.9. */
	row = row_of(c, 1, COMPARE_LAT_P99_9);
	assert_int_equal(row->state, COMPARE_FEW);
	assert_true(row->samples == 2000 && row->needed == 10000);
	assert_int_equal(c->side[COMPARE_OLD].boot_nr, 2);
	assert_int_equal(c->side[COMPARE_NEW].round_nr, 30);
	assert_says(c, "SLOWER: 5 of 6 rows");
	assert_says(c, "append: lat p50 is ");
	sides_free(&s);

	sides_make(&s, 3, 3, 0.9);
	c = sides_compare(&s);
	assert_true(c->slower_nr == 0 && c->faster_nr == 5);
	assert_says(c, "FASTER: 5 of 6 rows");
	assert_says(c, " shorter ");
	sides_free(&s);

	sides_make(&s, 3, 3, 1);
	c = sides_compare(&s);
	assert_true(!c->slower_nr && !c->faster_nr && !c->cannot);
	assert_says(c, "no difference shown in 6 rows");
	sides_free(&s);
}

static void test_too_few_sittings(void **state)
{
	static const size_t nr[][2] = {
		{ 1, 1 }, { 2, 3 }, { 4, 1 }, { 5, 2 }, { 1, 7 }
	};
	const struct compare *c;
	struct sides s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nr) / sizeof(nr[0]); i++) {
		sides_make(&s, nr[i][0], nr[i][1], 1.1);
		c = sides_compare(&s);
		assert_int_equal(c->design, COMPARE_NONE);
		assert_non_null(c->cannot);
		assert_non_null(strstr(c->cannot, "needs 3 of each"));
		assert_int_equal(c->slower_nr, 0);
		assert_true(fabs(row_of(c, 1, COMPARE_LAT_P50)->ratio - 1.1) < 0.01);
		assert_says(c, "NO VERDICT: ");
		sides_free(&s);
	}
}

static void test_night(void **state)
{
	const struct compare_row *row;
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 5, 1, 1.1);
	c = sides_compare(&s);
	assert_int_equal(c->design, COMPARE_NIGHT);
	assert_int_equal(c->slower_nr, 5);
	sides_free(&s);
	/* The old ones themselves are spread so far. */
	sides_make(&s, 5, 1, 1.001);
	c = sides_compare(&s);
	assert_true(!c->cannot && !c->slower_nr);
	row = row_of(c, 1, COMPARE_LAT_P50);
	assert_true(row->low < 1);
	/* The prediction interval: as far up as down, in logs. */
	assert_true(row->ratio / row->low > 1.001);
	assert_true(fabs(row->ratio / row->low - row->high / row->ratio) < 1e-9);
	/* Of what is for looking only as well, which has no p. */
	row = row_of(c, 1, COMPARE_SLAT_P99);
	assert_true(fabs(row->ratio / row->low - row->high / row->ratio) < 1e-9);
	assert_true(row->low < row->ratio && isnan(row->p));
	sides_free(&s);
}

static void test_rounds(void **state)
{
	const struct compare *c;
	struct sides s;
	size_t i;

	(void)state;
	sides_make(&s, 1, 1, 1.1);
	s.options.rounds_suffice = true;
	c = sides_compare(&s);
	assert_int_equal(c->design, COMPARE_ROUNDS);
	assert_int_equal(c->slower_nr, 5);
	/* With 4 rounds p is 2 / 70 at best, which six rows can't be given. */
	for (i = 0; i < COMPARE_SIDES; i++)
		s.r[i][0]->variant->round_nr = 4;
	c = sides_compare(&s);
	assert_int_equal(c->slower_nr, 0);
	assert_non_null(strstr(c->cannot, "needs 5 rounds a side"));
	for (i = 0; i < COMPARE_SIDES; i++)
		s.r[i][0]->variant->round_nr = 5;
	c = sides_compare(&s);
	assert_true(!c->cannot && c->slower_nr == 5);
	for (i = 0; i < COMPARE_SIDES; i++)
		s.r[i][0]->variant->round_nr = ROUNDS;
	sides_free(&s);
}

/* All rounds of a side's results: this median of overwrites, and step_ns more each. */
static void set_rounds(struct sides *s, size_t side, bool slat, double p50,
		       double step_ns)
{
	size_t i, k;

	for (i = 0; i < s->in[side].nr; i++)
		for (k = 0; k < ROUNDS; k++) {
			struct result *r = s->r[side][i];
			struct result_kind *kind = &r->variant->round[k].kind[0];

			set_dist(r, slat ? &kind->slat : &kind->lat,
				 p50 + step_ns * (double)k, 2000);
		}
}

/* 7 us against 5 us is 40 %, and nothing beside 5 ms. */
static void test_threshold(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1);
	set_rounds(&s, COMPARE_NEW, true, 7000, 10);
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 0, COMPARE_SLAT_P50)->verdict, COMPARE_SMALL);
	assert_int_equal(c->slower_nr, 0);
	assert_says(c, "below the threshold");
	s.options.threshold = 0.0001;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 0, COMPARE_SLAT_P50)->verdict, COMPARE_SLOWER);
	sides_free(&s);

	/* 10 % is shown, but asked are 15 %. */
	sides_make(&s, 3, 3, 1.1);
	s.options.threshold = 0.15;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P50)->verdict, COMPARE_SMALL);
	assert_int_equal(c->slower_nr, 0);
	sides_free(&s);
}

static void test_samples(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	/* One round of one sitting is enough to spoil p99. */
	s.r[COMPARE_OLD][1]->variant->round[4].kind[1].lat.sum.n = 999;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P99)->state, COMPARE_FEW);
	assert_true(row_of(c, 1, COMPARE_LAT_P99)->samples == 999);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P50)->state, COMPARE_IN_GATE);
	assert_int_equal(c->gate_nr, 5);
	assert_says(c, "too few samples in a round: lat p99 (999 of 1000)");
	s.r[COMPARE_OLD][1]->variant->round[4].kind[1].lat.sum.n = 1000;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P99)->state, COMPARE_IN_GATE);
	sides_free(&s);
	/* Nothing left in the gate is no pass. */
	sides_make(&s, 3, 3, 1.1);
	s.r[COMPARE_OLD][0]->variant->round[0].kind_nr = 0;
	c = sides_compare(&s);
	assert_int_equal(c->gate_nr, 0);
	assert_non_null(c->cannot);
	s.r[COMPARE_OLD][0]->variant->round[0].kind_nr = 2;
	sides_free(&s);
}

/* Round k of the side's i-th result gets this median of overwrites' lat. */
static void set_round(struct sides *s, size_t side, size_t i, size_t k, double p50)
{
	struct result *r = s->r[side][i];

	set_dist(r, &r->variant->round[k].kind[0].lat, p50, 2000);
}

/* Every condition of a verdict alone is not enough. */
static void test_conditions(void **state)
{
	const struct compare_row *row;
	struct sides s;
	size_t i, k;

	(void)state;
	/* An interval off 1, which three sittings easily make, and a p that is not. */
	sides_make(&s, 3, 3, 1);
	for (i = 0; i < 3; i++)
		for (k = 0; k < ROUNDS; k++) {
			set_round(&s, COMPARE_OLD, i, k, 4.9e6 + 2e5 * (double)i);
			set_round(&s, COMPARE_NEW, i, k, 5.2e6 + 2e5 * (double)i);
		}
	sides_compare(&s);
	row = row_of(s.c, 0, COMPARE_LAT_P50);
	assert_true(row->low > 1 && row->p > 0.05);
	assert_int_equal(row->verdict, COMPARE_SAME);
	sides_free(&s);

	/* Ranks that differ, and an interval of the median that spans the two modes. */
	sides_make(&s, 2, 2, 1);
	s.options.rounds_suffice = true;
	for (i = 0; i < 2; i++)
		for (k = 0; k < ROUNDS; k++) {
			double mode = k % 2 ? 1.3 : 1, off = 1 + 1e-4 * (double)k;

			set_round(&s, COMPARE_OLD, i, k, 5e6 * mode * off);
			set_round(&s, COMPARE_NEW, i, k, 5e6 * (mode + 0.05) * off);
		}
	sides_compare(&s);
	row = row_of(s.c, 0, COMPARE_LAT_P50);
	assert_true(row->p_holm < 0.05 && row->low < 1 && row->high > 1);
	assert_int_equal(row->verdict, COMPARE_SAME);
	sides_free(&s);
}

/* A sitting that is not sure of itself is not slower than old ones that agree. */
static void test_wild(void **state)
{
	const struct compare_row *row;
	struct sides s;
	size_t i, k;

	(void)state;
	sides_make(&s, 5, 1, 1);
	for (k = 0; k < ROUNDS; k++)
		set_round(&s, COMPARE_NEW, 0, k, k < 6 ? 7e6 : 5e6);
	sides_compare(&s);
	row = row_of(s.c, 0, COMPARE_LAT_P50);
	assert_true(row->ratio > 1.39 && row->low < 1);
	assert_int_equal(row->verdict, COMPARE_SAME);
	/* As sure as the others, it is. */
	set_rounds(&s, COMPARE_NEW, false, 7e6, 1e3);
	sides_compare(&s);
	assert_int_equal(row_of(s.c, 0, COMPARE_LAT_P50)->verdict, COMPARE_SLOWER);
	/* The same of the old ones, of which each has such a median by chance. */
	for (i = 0; i < 5; i++)
		for (k = 0; k < ROUNDS; k++)
			set_round(&s, COMPARE_OLD, i, k, k < 6 ? 5e6 : 7e6);
	sides_compare(&s);
	assert_int_equal(row_of(s.c, 0, COMPARE_LAT_P50)->verdict, COMPARE_SAME);
	sides_free(&s);
}

static void test_holm(void **state)
{
	struct sides s;
	double least = 1;
	unsigned int k, m;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	sides_compare(&s);
	for (k = 0; k < 2; k++)
		for (m = 0; m < COMPARE_GATE_MEASURES; m++) {
			const struct compare_row *row = row_of(s.c, k, m);

			assert_true(row->p_holm >= row->p);
			least = fmin(least, row->p);
		}
	/* The smallest p is taken times the rows, all that are as small with it. */
	for (k = 0, m = 0; k < 6; k++)
		if (row_of(s.c, k / 3, k % 3)->p == least)
			m += fabs(row_of(s.c, k / 3, k % 3)->p_holm - 6 * least) < 1e-12;
	assert_true(m > 0);
	sides_free(&s);
}

/* With rounds as the unit the sittings' bounds are forgotten. */
static void test_pooled(void **state)
{
	struct sides s;
	size_t k;

	(void)state;
	sides_make(&s, 2, 2, 1);
	s.options.rounds_suffice = true;
	for (k = 0; k < ROUNDS; k++)
		set_round(&s, COMPARE_OLD, 1, k, 20e6);
	s.r[COMPARE_OLD][1]->variant->round_nr = 3;
	sides_compare(&s);
	/* Three rounds of 13: no geometric mean of 5 and 20 ms. */
	assert_true(row_of(s.c, 0, COMPARE_LAT_P50)->value[COMPARE_OLD] < 5.1e6);
	s.r[COMPARE_OLD][1]->variant->round_nr = ROUNDS;
	sides_free(&s);
}

/* 23 ns three times, and 24 ns three times, is rounding more than it is knowledge. */
static void test_rounding(void **state)
{
	const struct compare_row *row;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1);
	set_rounds(&s, COMPARE_OLD, false, 23.1, 0);
	set_rounds(&s, COMPARE_NEW, false, 24.1, 0);
	sides_compare(&s);
	row = row_of(s.c, 0, COMPARE_LAT_P50);
	assert_true(row->p > 0.001 && row->p < 0.05);
	assert_int_equal(row->verdict, COMPARE_SAME);
	sides_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sittings),
		cmocka_unit_test(test_too_few_sittings),
		cmocka_unit_test(test_night),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_wild),
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_pooled),
		cmocka_unit_test(test_rounding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
