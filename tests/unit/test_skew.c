// SPDX-License-Identifier: GPL-2.0-or-later
/* Positions that are not hit alike: how often each is, by the distribution's own formula. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/skew.h"

enum { POSITIONS = 1000, DRAWS = 400000 };

/* How often each rank was drawn, of POSITIONS. */
static void draw(const char *value, unsigned int *count)
{
	struct distribution d;
	struct skew s;
	char why[256];
	uint64_t i;

	assert_int_equal(distribution_parse(value, &d, why, sizeof(why)), 0);
	memset(count, 0, POSITIONS * sizeof(*count));
	skew_init(&s, &d, POSITIONS, 4711);
	for (i = 0; i < DRAWS; i++) {
		uint64_t at = skew_at(&s, i);

		assert_true(at < POSITIONS);
		count[at]++;
	}
}

static double share(const unsigned int *count, size_t from, size_t to)
{
	double sum = 0;

	for (; from < to; from++)
		sum += count[from];
	return sum / DRAWS;
}

/* A share as it is to be, but for chance (5 standard deviations) and slack. */
static void near(double is, double want, double slack)
{
	double chance = 5 * sqrt(want * (1 - want) / DRAWS);

	if (fabs(is - want) > chance + slack * want)
		fail_msg("%f, and not %f", is, want);
}

static void test_zipf(void **state)
{
	static const struct {
		const char *value;
		double theta;
	} of[] = { { "zipf:0.8", 0.8 }, { "zipf:1.2", 1.2 }, { "zipf", 1.1 } };
	unsigned int count[POSITIONS];
	double zeta, want;
	size_t i, k, step;

	(void)state;
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		zeta = 0;
		for (k = 1; k <= POSITIONS; k++)
			zeta += pow((double)k, -of[i].theta);
		draw(of[i].value, count);
		/* The first two are exact in Gray's method, the others near. */
		near(share(count, 0, 1), 1 / zeta, 0);
		near(share(count, 1, 2), pow(2, -of[i].theta) / zeta, 0);
		for (k = 4, step = 4; k + step <= POSITIONS; k += step, step *= 2) {
			size_t at;

			want = 0;
			for (at = k; at < k + step; at++)
				want += pow((double)at + 1, -of[i].theta) / zeta;
			near(share(count, k, k + step), want, 0.15);
		}
	}
}

static void test_pareto(void **state)
{
	unsigned int count[POSITIONS];

	(void)state;
	draw("pareto:0.2", count);
	near(share(count, 0, 200), 0.8, 0);
	near(share(count, 0, 40), 0.64, 0);
	draw("pareto:0.1", count);
	near(share(count, 0, 100), 0.9, 0);
}

static void test_normal(void **state)
{
	unsigned int count[POSITIONS];

	(void)state;
	draw("normal:10", count);
	near(share(count, 400, 600), 0.682689, 0);
	near(share(count, 300, 700), 0.954500, 0);
	near(share(count, 0, 500), 0.5, 0);
	/* Wide ones wrap: the ends are no hotter than the middle. */
	draw("normal:100", count);
	near(share(count, 0, 10), share(count, 490, 500), 0.2);
}

static void test_zoned(void **state)
{
	unsigned int count[POSITIONS];

	(void)state;
	draw("zoned:50/5:30/15:0/10:20/", count);
	near(share(count, 0, 50), 0.5, 0);
	near(share(count, 0, 25), 0.25, 0);
	near(share(count, 50, 200), 0.3, 0);
	assert_true(share(count, 200, 300) == 0);
	near(share(count, 300, 1000), 0.2, 0);
	near(share(count, 900, 1000), 0.2 / 7, 0);
}

/* The same from the same seed; another from another. */
static void test_replay(void **state)
{
	struct distribution d;
	struct skew a, b, c;
	char why[256];
	uint64_t i;
	unsigned int same = 0;

	(void)state;
	assert_int_equal(distribution_parse("zipf:0.5", &d, why, sizeof(why)), 0);
	skew_init(&a, &d, POSITIONS, 1);
	skew_init(&b, &d, POSITIONS, 1);
	skew_init(&c, &d, POSITIONS, 2);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(skew_at(&a, i), skew_at(&b, i));
		same += skew_at(&a, i) == skew_at(&c, i);
	}
	assert_in_range(same, 0, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zipf),   cmocka_unit_test(test_pareto),
		cmocka_unit_test(test_normal), cmocka_unit_test(test_zoned),
		cmocka_unit_test(test_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
