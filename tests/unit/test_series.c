// SPDX-License-Identifier: GPL-2.0-or-later
/* Points of a series: nothing is lost, however often neighbours become one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/series.h"

static struct hist *new_hist(void)
{
	struct hist *h = malloc(sizeof(*h));

	assert_non_null(h);
	hist_init(h);
	return h;
}

/* Seconds of different loads, into few points: counts and times stay. */
static void test_points(void **state)
{
	static const unsigned int max[] = { 1, 2, 3, 7, 64, 3600 };
	struct hist *slat = new_hist(), *lat = new_hist();
	size_t m;

	(void)state;
	for (m = 0; m < sizeof(max) / sizeof(max[0]); m++) {
		struct series *s = series_new(0, max[m]);
		uint64_t nr[2] = { 0 }, ns = 0;
		unsigned int i, k;

		hist_init(slat);
		hist_init(lat);
		assert_non_null(s);
		for (i = 0; i < 100; i++) {
			for (k = 0; k <= i % 5; k++) {
				hist_add(slat, 1000 + i);
				hist_add(lat, 100000 * (i + 1));
			}
			series_add(s, SERIES_WIDTH_NS + i, slat, lat);
			assert_true(s->nr <= max[m]);
		}
		for (i = 0; i < s->nr; i++) {
			nr[0] += series_count(s->point[i].slat);
			nr[1] += series_count(s->point[i].lat);
			ns += s->point[i].ns;
			/* Only the last may have fewer parts. */
			if (i + 1 < s->nr)
				assert_int_equal(s->point[i].ns / SERIES_WIDTH_NS,
						 s->each);
		}
		assert_int_equal(nr[0], 300);
		assert_int_equal(nr[1], 300);
		assert_int_equal(ns, 100 * SERIES_WIDTH_NS + 4950);
		if (max[m] > 100)
			assert_int_equal(s->nr, 100);
		series_free(s);
	}
	free(slat);
	free(lat);
}

static void test_percentiles(void **state)
{
	struct hist *none = new_hist(), *lat = new_hist();
	struct series *s = series_new(5 * SERIES_WIDTH_NS, 3600);
	static const double p[] = { 1, 50, 99, 99.9, 100 };
	uint64_t i;

	(void)state;
	assert_int_equal(s->max, 7);
	for (i = 1; i <= 10000; i++)
		hist_add(lat, i * 997);
	series_add(s, 1, none, lat);
	for (i = 0; i < sizeof(p) / sizeof(p[0]); i++) {
		double is = (double)series_percentile_ns(s->point[0].lat, p[i]);
		double want = (double)hist_percentile_ns(lat, p[i]);

		assert_true(is >= want * (1 - 1.0 / 32) && is <= want * (1 + 1.0 / 32));
	}
	assert_int_equal(series_percentile_ns(s->point[0].slat, 50), 0);
	series_free(s);
	series_free(NULL);
	free(none);
	free(lat);
}

/* Of threads whose points are of one width, and of different ones. */
static void test_merge(void **state)
{
	struct hist *none = new_hist(), *lat = new_hist();
	struct series *a = series_new(0, 100), *b = series_new(0, 10);
	uint64_t nr = 0;
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++) {
		hist_add(lat, 5000);
		series_add(a, SERIES_WIDTH_NS, none, lat);
		series_add(b, SERIES_WIDTH_NS, none, lat);
	}
	assert_int_equal(b->each, 4);
	series_merge(a, b);
	assert_int_equal(a->nr, 10);
	for (i = 0; i < a->nr; i++) {
		assert_int_equal(series_count(a->point[i].lat), 8);
		assert_int_equal(a->point[i].ns, 4 * SERIES_WIDTH_NS);
		nr += series_count(a->point[i].lat);
	}
	assert_int_equal(nr, 80);
	series_free(a);
	series_free(b);
	free(none);
	free(lat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_merge),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
