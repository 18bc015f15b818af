// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The statistics of a comparison agree with published examples and tables, each named
 * where it stands, and with plain enumeration where that can be had.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stats/bootstrap.h"
#include "stats/compare.h"
#include "stats/student.h"

#define NR(list) (sizeof(list) / sizeof((list)[0]))

static void near_to(double value, double want, double off)
{
	if (!(fabs(value - want) <= off))
		fail_msg("%.10g, not %.10g within %g", value, want, off);
}

/* ---- Student's t ---- */

static void test_student_table(void **state)
{
	/* The table in every textbook, as Fisher and Yates, Statistical Tables for
	 * Biological, Agricultural and Medical Research, table III. */
	static const struct {
		double df, p, t;
	} row[] = {
		{ 1, 0.05, 12.706 },  { 2, 0.05, 4.303 },   { 4, 0.05, 2.776 },
		{ 5, 0.05, 2.571 },   { 9, 0.05, 2.262 },   { 10, 0.05, 2.228 },
		{ 30, 0.05, 2.042 },  { 120, 0.05, 1.980 }, { 1, 0.01, 63.657 },
		{ 5, 0.01, 4.032 },   { 10, 0.01, 3.169 },  { 30, 0.01, 2.750 },
		{ 10, 0.001, 4.587 }, { 10, 0.1, 1.812 },   { 4, 0.5, 0.741 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		near_to(student_t(row[i].p, row[i].df), row[i].t, 0.0005);
		near_to(student_p(-student_t(row[i].p, row[i].df), row[i].df), row[i].p,
			1e-9);
	}
	assert_true(student_p(0, 3) == 1);
	assert_true(student_p(INFINITY, 3) == 0);
	/* One and two degrees of freedom have closed forms. */
	near_to(student_p(2, 1), 1 - 2 * atan(2) / M_PI, 1e-13);
	near_to(student_p(3, 2), 1 - 3 / sqrt(2 + 9), 1e-13);
}

static void test_student_beta(void **state)
{
	/* I_x(1, b) = 1 - (1 - x)^b; I_x(a, 1) = x^a; I_1/2(a, a) = 1/2. */
	(void)state;
	near_to(student_beta(1, 7.5, 0.3), 1 - pow(0.7, 7.5), 1e-13);
	near_to(student_beta(3.25, 1, 0.9), pow(0.9, 3.25), 1e-13);
	near_to(student_beta(40, 40, 0.5), 0.5, 1e-13);
	near_to(student_beta(200.5, 3, 0.97) + student_beta(3, 200.5, 0.03), 1, 1e-12);
	assert_true(student_beta(2, 3, 0) == 0);
	assert_true(student_beta(2, 3, 1) == 1);
}

/* ---- ranks ---- */

static void rank(const double *a, size_t a_nr, const double *b, size_t b_nr, double u,
		 double p, double off, bool exact)
{
	struct compare_rank r;

	assert_int_equal(compare_rank(a, a_nr, b, b_nr, &r), 0);
	near_to(r.u, u, 0);
	near_to(r.p, p, off);
	assert_int_equal(r.exact, exact);
	/* Turned round, it is the same. */
	assert_int_equal(compare_rank(b, b_nr, a, a_nr, &r), 0);
	near_to(r.u, (double)(a_nr * b_nr) - u, 0);
	near_to(r.p, p, off);
}

static void test_rank_permeability(void **state)
{
	/* Hollander and Wolfe, example 4.1, permeability of the chorioamnion: U 35,
	 * one-sided p 0.1272, as help(wilcox.test) of R has it. */
	static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45,
				       1.38, 1.91, 1.64, 0.73, 1.46 };
	static const double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

	(void)state;
	rank(term, NR(term), early, NR(early), 35, 2 * 0.1272, 0.0001, true);
}

/* Mann and Whitney 1947, table I: the probability of a U not larger. */
static void check_table(size_t nr, const double *want, size_t want_nr)
{
	double a[4], b[4];
	size_t u, i;

	for (u = 0; u < want_nr; u++) {
		/* a: 1 .. nr, its largest pushed past u of b's, one after the other. */
		size_t left = u;

		for (i = 0; i < nr; i++)
			b[i] = 10 * (double)(i + 1);
		for (i = nr; i-- > 0;) {
			size_t past = left < nr ? left : nr;

			a[i] = 10 * (double)past + 1 + (double)i;
			left -= past;
		}
		assert_int_equal(left, 0);
		rank(a, nr, b, nr, (double)u, fmin(1, 2 * want[u]), 0.00101, true);
	}
}

static void test_rank_table(void **state)
{
	static const double three[] = { 0.050, 0.100, 0.200, 0.350, 0.500 };
	static const double four[] = { 0.014, 0.029, 0.057, 0.100, 0.171,
				       0.243, 0.343, 0.443, 0.557 };

	(void)state;
	check_table(3, three, NR(three));
	check_table(4, four, NR(four));
}

static void test_rank_ozone(void **state)
{
	/* Ozone of May and August, New York 1973 (Chambers et al., Graphical Methods
	 * for Data Analysis, 1983). help(wilcox.test) of R: W 127.5, p 0.0001208, with
	 * ties and by the normal approximation. */
	static const double may[] = {
		41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,	18,
		14, 34, 6,  30, 11, 1,	11, 4, 32, 23, 45, 115, 37
	};
	static const double august[] = { 39, 9,	 16,  78, 35, 66,  122, 89, 110,
					 44, 28, 65,  22, 59, 23,  31,	44, 21,
					 9,  45, 168, 73, 76, 118, 84,	85 };

	(void)state;
	rank(may, NR(may), august, NR(august), 127.5, 0.0001208, 5e-8, false);
}

/* All choices of na of n values, by their masks: how many lie as far out as a's. */
static double enumerated(const double *a, size_t na, const double *b, size_t nb)
{
	size_t n = na + nb, far = 0, all = 0, i, j;
	double rank_of[16], sum_a = 0, mean = (double)(na * (n + 1)) / 2;
	unsigned int mask;

	for (i = 0; i < n; i++) {
		double x = i < na ? a[i] : b[i - na];

		rank_of[i] = 0.5;
		for (j = 0; j < n; j++) {
			double y = j < na ? a[j] : b[j - na];

			rank_of[i] += y < x ? 1 : y == x ? 0.5 : 0;
		}
		sum_a += i < na ? rank_of[i] : 0;
	}
	for (mask = 0; mask < 1u << n; mask++) {
		double sum = 0;

		if ((size_t)__builtin_popcount(mask) != na)
			continue;
		for (i = 0; i < n; i++)
			sum += mask >> i & 1 ? rank_of[i] : 0;
		all++;
		far += fabs(sum - mean) >= fabs(sum_a - mean) - 1e-9;
	}
	return (double)far / (double)all;
}

static void test_rank_ties(void **state)
{
	static const double a[] = { 1, 2, 2, 3, 3, 3 }, b[] = { 2, 3, 4, 4, 5 };
	static const double apart_a[] = { 5, 5, 5, 5, 5 }, apart_b[] = { 6, 6, 6, 6, 6 };
	struct compare_rank r;

	(void)state;
	assert_int_equal(compare_rank(a, NR(a), b, NR(b), &r), 0);
	near_to(r.p, enumerated(a, NR(a), b, NR(b)), 1e-12);
	/* Wholly apart: ties inside the sides cost nothing. */
	rank(apart_a, 5, apart_b, 5, 0, 2.0 / 252, 1e-12, true);
	rank(apart_a, 5, apart_a, 5, 12.5, 1, 0, true);
}

/* nr values from first on. */
static void fill(double *list, size_t nr, double first)
{
	size_t i;

	for (i = 0; i < nr; i++)
		list[i] = first + (double)i;
}

static void test_rank_least(void **state)
{
	double a[30], b[30];
	struct compare_rank r;
	size_t nr;

	(void)state;
	near_to(compare_rank_least_p(3, 3), 0.1, 1e-12);
	near_to(compare_rank_least_p(5, 5), 2.0 / 252, 1e-12);
	near_to(compare_rank_least_p(10, 10), 2.0 / 184756, 1e-15);
	assert_true(compare_rank_least_p(0, 7) == 1);
	assert_true(compare_rank_least_p(1, 1) == 1);
	/* Never below what the test can say. */
	for (nr = 2; nr <= 30; nr++) {
		fill(a, nr, 1);
		fill(b, nr, 100);
		assert_int_equal(compare_rank(a, nr, b, nr, &r), 0);
		near_to(r.p, compare_rank_least_p(nr, nr), 1e-9 * r.p);
	}
}

/* ---- t ---- */

static void test_welch_sleep(void **state)
{
	/* "Student" 1908, additional hours of sleep; help(t.test) of R: t -1.8608, df
	 * 17.776, p 0.07939. */
	static const double one[] = {
		0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0
	};
	static const double two[] = { 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4 };

	(void)state;
	near_to(compare_welch_p(one, 10, two, 10, 0), 0.07939, 5e-6);
	near_to(compare_welch_p(two, 10, one, 10, 0), 0.07939, 5e-6);
}

static void test_welch_edges(void **state)
{
	static const double same[] = { 2, 2, 2 }, other[] = { 3, 3, 3 };
	double p;

	(void)state;
	assert_true(compare_welch_p(same, 3, same, 3, 0) == 1);
	assert_true(compare_welch_p(same, 3, other, 3, 0) == 0);
	/* With a standard deviation of 0.5 believed: t = 1 / (0.5 sqrt(2 / 3)), df 4,
	 * whose distribution has a closed form (Abramowitz and Stegun, 26.7.4). */
	p = compare_welch_p(same, 3, other, 3, 0.5);
	{
		double t = 1 / (0.5 * sqrt(2.0 / 3)), q = 1 + t * t / 4;

		near_to(p, 1 - 0.75 * t / sqrt(q) * (1 - t * t / (12 * q)), 1e-12);
	}
}

static void test_predict(void **state)
{
	/* t = (8 - 3) / (sqrt(2.5) sqrt(6 / 5)), df 4; 2.776 is the table's. */
	static const double old[] = { 1, 2, 3, 4, 5 };
	double t = 5 / sqrt(2.5 * 1.2), q = 1 + t * t / 4, half;

	(void)state;
	near_to(compare_predict_p(old, 5, 8, 0, &half),
		1 - 0.75 * t / sqrt(q) * (1 - t * t / (12 * q)), 1e-12);
	near_to(half, 2.776 * sqrt(3), 0.001);
	/* At the end of the interval p is 0.05. */
	near_to(compare_predict_p(old, 5, 3 + half, 0, &half), 0.05, 1e-9);
	near_to(compare_predict_p(old, 5, 3, 0, &half), 1, 1e-12);
}

static void test_holm(void **state)
{
	/* p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") of R. */
	static const double p[] = { 0.01, 0.04, 0.03, 0.005 };
	static const double want[] = { 0.03, 0.06, 0.06, 0.02 };
	double out[4], all[] = { 0.9, 0.5 };
	size_t i;

	(void)state;
	assert_int_equal(compare_holm(p, 4, out), 0);
	for (i = 0; i < 4; i++)
		near_to(out[i], want[i], 1e-12);
	assert_int_equal(compare_holm(all, 2, all), 0);
	assert_true(all[0] == 1 && all[1] == 1);
	assert_int_equal(compare_holm(NULL, 0, NULL), 0);
}

/* ---- bootstrap ---- */

/* Efron and Tibshirani 1993, table 2.1: days that mice survived. */
static const double mouse_treated[] = { 94, 197, 16, 38, 99, 141, 23 };
static const double mouse_control[] = { 52, 104, 146, 10, 51, 30, 40, 27, 46 };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Probability that at least k of n tries succeed. */
static double at_least(unsigned int k, unsigned int n, double p)
{
	double sum = 0;

	for (; k <= n; k++)
		sum += exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0)) *
		       pow(p, k) * pow(1 - p, n - k);
	return sum;
}

/* How often the median of n drawn values (n odd) is the i-th smallest, exactly. */
static double median_share(size_t i, size_t n)
{
	unsigned int half = (unsigned int)n / 2 + 1, all = (unsigned int)n;
	double below = (double)i / (double)n, to = (double)(i + 1) / (double)n;

	return at_least(half, all, to) - (i ? at_least(half, all, below) : 0);
}

static void test_bootstrap_median(void **state)
{
	/* The standard error of the treated mice's median by infinitely many samples
	 * is 37.83: table 2.2 of the same book. */
	enum { DRAWS = 200000 };
	size_t nr = NR(mouse_treated), i;
	struct bootstrap_side side = { mouse_treated, &nr, 1 };
	double *draw = malloc(DRAWS * sizeof(*draw)), sum = 0, square = 0, value;

	(void)state;
	assert_int_equal(bootstrap_value(&side, &value), 0);
	near_to(value, 94, 1e-9);
	assert_int_equal(bootstrap_draw(&side, 1, draw, DRAWS), 0);
	for (i = 0; i < DRAWS; i++) {
		sum += exp(draw[i]);
		square += exp(2 * draw[i]);
	}
	sum /= DRAWS;
	near_to(sqrt(square / DRAWS - sum * sum), 37.83, 0.2);
	free(draw);
}

struct weighed {
	double ratio, share;
};

static int by_ratio(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	return (x->ratio > y->ratio) - (x->ratio < y->ratio);
}

static void test_bootstrap_ratio(void **state)
{
	/* The ratio of two medians of drawn values has 63 values, whose shares are
	 * known exactly: so are its percentiles. */
	struct weighed all[NR(mouse_treated) * NR(mouse_control)];
	size_t a_nr = NR(mouse_control), b_nr = NR(mouse_treated), i, k;
	struct bootstrap_side a = { mouse_control, &a_nr, 1 };
	struct bootstrap_side b = { mouse_treated, &b_nr, 1 };
	double sorted_a[NR(mouse_control)], sorted_b[NR(mouse_treated)];
	double low, high, again_low, again_high, under = 0, over = 0, sum = 0;

	(void)state;
	for (i = 0; i < a_nr; i++)
		sorted_a[i] = mouse_control[i];
	for (i = 0; i < b_nr; i++)
		sorted_b[i] = mouse_treated[i];
	qsort(sorted_a, a_nr, sizeof(*sorted_a), by_value);
	qsort(sorted_b, b_nr, sizeof(*sorted_b), by_value);
	for (i = 0; i < a_nr; i++)
		for (k = 0; k < b_nr; k++)
			all[i * b_nr + k] = (struct weighed){
				sorted_b[k] / sorted_a[i],
				median_share(i, a_nr) * median_share(k, b_nr)
			};
	qsort(all, NR(all), sizeof(*all), by_ratio);
	assert_int_equal(bootstrap_ratio(&a, &b, 7, 100000, &low, &high), 0);
	for (i = 0; i < NR(all); i++) {
		sum += all[i].share;
		under += all[i].ratio < low * 0.999 ? all[i].share : 0;
		over += all[i].ratio > high * 1.001 ? all[i].share : 0;
	}
	near_to(sum, 1, 1e-12);
	/* No more than the tails lie outside, and with the next value they'd be more. */
	assert_true(under <= 0.026 && over <= 0.026);
	for (i = 0; i < NR(all); i++) {
		under += fabs(all[i].ratio / low - 1) < 0.001 ? all[i].share : 0;
		over += fabs(all[i].ratio / high - 1) < 0.001 ? all[i].share : 0;
	}
	assert_true(under >= 0.024 && over >= 0.024);
	/* The same seed, the same answer. */
	assert_int_equal(bootstrap_ratio(&a, &b, 7, 100000, &again_low, &again_high), 0);
	assert_true(low == again_low && high == again_high);
}

static void test_bootstrap_levels(void **state)
{
	/*
	 * Three sittings of equal rounds: only which sittings are drawn matters. The
	 * mean of three drawn of the logs 0, 1, 2 has the variance (2 / 3) / 3. And
	 * many rounds in a sitting don't make it narrower.
	 */
	enum { DRAWS = 100000 };
	double value[30], *draw = malloc(DRAWS * sizeof(*draw)), sum = 0, square = 0;
	size_t rounds[] = { 5, 10, 15 }, i, k, at = 0;
	struct bootstrap_side side = { value, rounds, 3 };
	double middle;

	(void)state;
	for (i = 0; i < 3; i++)
		for (k = 0; k < rounds[i]; k++)
			value[at++] = exp((double)i);
	assert_int_equal(bootstrap_value(&side, &middle), 0);
	near_to(middle, exp(1), 1e-9);
	assert_int_equal(bootstrap_draw(&side, 3, draw, DRAWS), 0);
	for (i = 0; i < DRAWS; i++) {
		sum += draw[i];
		square += draw[i] * draw[i];
	}
	sum /= DRAWS;
	near_to(sum, 1, 0.01);
	near_to(square / DRAWS - sum * sum, 2.0 / 9, 0.005);
	assert_int_equal(bootstrap_spread(&side, 3, DRAWS, &middle), 0);
	near_to(middle, sqrt(2.0 / 9), 0.005);
	free(draw);
}

static void test_bootstrap_even(void **state)
{
	/* Of an even number the median is between the two in the middle. */
	static const double value[] = { 8, 1, 2, 100 };
	size_t nr = NR(value);
	struct bootstrap_side side = { value, &nr, 1 };
	double out;

	(void)state;
	assert_int_equal(bootstrap_value(&side, &out), 0);
	near_to(out, 4, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_student_table),
		cmocka_unit_test(test_student_beta),
		cmocka_unit_test(test_rank_permeability),
		cmocka_unit_test(test_rank_table),
		cmocka_unit_test(test_rank_ozone),
		cmocka_unit_test(test_rank_ties),
		cmocka_unit_test(test_rank_least),
		cmocka_unit_test(test_welch_sleep),
		cmocka_unit_test(test_welch_edges),
		cmocka_unit_test(test_predict),
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_bootstrap_median),
		cmocka_unit_test(test_bootstrap_ratio),
		cmocka_unit_test(test_bootstrap_levels),
		cmocka_unit_test(test_bootstrap_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
