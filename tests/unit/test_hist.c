// SPDX-License-Identifier: GPL-2.0-or-later
/* The histogram: bins, error bound, percentiles, merge, saturation. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/hist.h"

static uint64_t seed = 0x9e3779b97f4a7c15ull;

static uint64_t random_u64(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Spread evenly over the powers of two below 2^bits. */
static uint64_t random_log(unsigned int bits)
{
	return random_u64() >> (64 - bits + random_u64() % bits);
}

static struct hist *hist_make(void)
{
	struct hist *h = malloc(sizeof(*h));

	assert_non_null(h);
	memset(h, 0x5a, sizeof(*h));
	hist_init(h);
	return h;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void test_bins_meet(void **state)
{
	uint64_t next_ns = 1;
	unsigned int i;

	(void)state;
	for (i = 0; i < HIST_BINS; i++) {
		uint64_t low_ns = hist_bin_low_ns(i);
		uint64_t width_ns = hist_bin_width_ns(i);

		assert_int_equal(low_ns, next_ns);
		/* Only among the small are there bins between whole numbers. */
		assert_true(width_ns || low_ns <= 2 * HIST_SUB);
		if (!width_ns)
			continue;
		assert_int_equal(hist_index(low_ns), i);
		assert_int_equal(hist_index(low_ns + width_ns - 1), i);
		next_ns = low_ns + width_ns;
	}
	assert_int_equal(next_ns, HIST_LIMIT_NS);
}

/* Whole numbers that a percentile can't be off by less than one from. */
static void test_small_values(void **state)
{
	uint64_t ns;

	(void)state;
	for (ns = 1; ns < 2 * HIST_SUB; ns++) {
		unsigned int bin = (unsigned int)hist_index(ns);

		assert_int_equal(hist_bin_low_ns(bin), ns);
		assert_int_equal(hist_bin_width_ns(bin), 1);
	}
}

static void test_error_bound(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		uint64_t ns = random_log(HIST_TOP_BITS), middle_ns, off_ns, bin;

		if (!ns)
			continue;
		bin = hist_index(ns);
		assert_true(bin < HIST_BINS);
		middle_ns = hist_bin_low_ns((unsigned int)bin) +
			    hist_bin_width_ns((unsigned int)bin) / 2;
		off_ns = ns > middle_ns ? ns - middle_ns : middle_ns - ns;
		assert_true((double)off_ns <= 0.001 * (double)ns);
	}
}

/* Nearest rank by integers: p in thousandths of a percent. */
static uint64_t exact_percentile_ns(const uint64_t *sorted, uint64_t n, uint64_t p_milli)
{
	uint64_t rank = (p_milli * n + 99999) / 100000;

	return sorted[rank ? rank - 1 : 0];
}

static void check_percentiles(uint64_t n, unsigned int bits)
{
	static const uint64_t p_milli[] = {
		1, 1000, 10000, 33300, 50000, 90000, 99000, 99900, 99990, 100000,
	};
	enum { NR = sizeof(p_milli) / sizeof(p_milli[0]) };
	struct hist *h = hist_make();
	uint64_t *value = malloc(n * sizeof(*value));
	uint64_t got_ns[NR], i;
	double p[NR];

	assert_non_null(value);
	for (i = 0; i < n; i++) {
		value[i] = random_log(bits);
		/* Zeros come both ways. */
		if (!value[i] && random_u64() % 2)
			hist_add_zeros(h, 1);
		else
			hist_add(h, value[i]);
	}
	qsort(value, n, sizeof(*value), compare_u64);
	for (i = 0; i < NR; i++)
		p[i] = (double)p_milli[i] / 1000.0;
	hist_percentiles_ns(h, p, NR, got_ns);
	for (i = 0; i < NR; i++) {
		uint64_t want_ns = exact_percentile_ns(value, n, p_milli[i]);

		assert_true(fabs((double)got_ns[i] - (double)want_ns) <=
			    0.001 * (double)want_ns);
		assert_int_equal(got_ns[i], hist_percentile_ns(h, p[i]));
	}
	free(value);
	free(h);
}

static void test_percentiles(void **state)
{
	static const uint64_t count[] = { 1,   2,    3,	    10,	    99,	   100,
					  101, 1000, 10000, 100000, 123457 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(count) / sizeof(count[0]); i++) {
		check_percentiles(count[i], HIST_TOP_BITS);
		/* Values below 1024 are exact, so ranks show up exactly. */
		check_percentiles(count[i], 10);
	}
}

/* 99.9 has no exact double: one rank too far would be a value too far. */
static void test_rank_rounding(void **state)
{
	struct hist *h = hist_make();
	unsigned int i;

	(void)state;
	for (i = 1; i <= 1000; i++)
		hist_add(h, i);
	assert_int_equal(hist_percentile_ns(h, 99.9), 999);
	assert_int_equal(hist_percentile_ns(h, 99), 990);
	assert_int_equal(hist_percentile_ns(h, 50), 500);
	assert_int_equal(hist_percentile_ns(h, 33.3), 333);
	assert_int_equal(hist_percentile_ns(h, 0.1), 1);
	assert_int_equal(hist_percentile_ns(h, 0.11), 2);
	assert_int_equal(hist_percentile_ns(h, 100), 1000);
	/* 16.1 * 1000 / 100 comes out as 161.00000000000003. */
	assert_int_equal(hist_percentile_ns(h, 16.1), 161);
	hist_init(h);
	for (i = 1; i <= 41000; i++)
		hist_add(h, i <= 40959 ? 1 : 2);
	assert_int_equal(hist_percentile_ns(h, 99.9), 1);
	free(h);
}

static void test_merge(void **state)
{
	struct hist *all = hist_make(), *a = hist_make(), *b = hist_make();
	unsigned int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		/* Two bits above the range: some saturate. */
		uint64_t ns = random_log(HIST_TOP_BITS + 2);
		struct hist *part = random_u64() % 3 ? a : b;

		if (ns % 16) {
			hist_add(part, ns);
			hist_add(all, ns);
		} else {
			hist_add_zeros(part, 1);
			hist_add_zeros(all, 1);
		}
	}
	assert_true(all->saturated > 0 && all->zeros > 0);
	hist_merge(a, b);
	assert_memory_equal(a, all, sizeof(*all));
	assert_int_equal(hist_count(a), 100000);

	/* Merging an empty one changes nothing, either way round. */
	hist_init(b);
	hist_merge(a, b);
	assert_memory_equal(a, all, sizeof(*all));
	hist_merge(b, a);
	assert_memory_equal(b, all, sizeof(*all));
	free(all);
	free(a);
	free(b);
}

/* Not a constant, or gcc checks a path that it cannot take. */
static volatile uint64_t limit_ns = HIST_LIMIT_NS;

static void test_saturation(void **state)
{
	struct hist *h = hist_make();
	struct hist_summary sum;

	(void)state;
	hist_add(h, 1000);
	hist_add(h, limit_ns - 1);
	assert_int_equal(h->saturated, 0);
	hist_add(h, limit_ns);
	hist_add(h, 4 * limit_ns);
	assert_int_equal(h->saturated, 2);
	assert_int_equal(hist_count(h), 4);
	hist_summarise(h, &sum);
	assert_int_equal(sum.n, 4);
	assert_int_equal(sum.saturated, 2);
	assert_int_equal(sum.min_ns, 1000);
	assert_int_equal(sum.max_ns, 4 * HIST_LIMIT_NS);
	assert_int_equal(h->sum_ns, 1000 + 6 * HIST_LIMIT_NS - 1);
	assert_true(isfinite(sum.stddev_ns));
	assert_int_equal(hist_percentile_ns(h, 25), 1000);
	assert_int_equal(hist_percentile_ns(h, 75), 4 * HIST_LIMIT_NS);
	assert_int_equal(hist_percentile_ns(h, 100), 4 * HIST_LIMIT_NS);
	free(h);
}

static void test_zeros(void **state)
{
	struct hist *h = hist_make();
	struct hist_summary sum;
	unsigned int i;

	(void)state;
	for (i = 0; i < 9; i++)
		hist_add_zeros(h, 1);
	hist_summarise(h, &sum);
	assert_int_equal(sum.n, 9);
	assert_int_equal(sum.min_ns, 0);
	assert_int_equal(sum.max_ns, 0);
	assert_true(sum.mean_ns == 0 && sum.stddev_ns == 0);
	assert_int_equal(hist_percentile_ns(h, 99), 0);

	hist_add(h, 500);
	hist_summarise(h, &sum);
	assert_int_equal(sum.n, 10);
	assert_int_equal(sum.min_ns, 0);
	assert_int_equal(sum.max_ns, 500);
	assert_true(fabs(sum.mean_ns - 50) < 1e-9);
	assert_true(fabs(sum.stddev_ns - 150) < 1e-9);
	assert_int_equal(hist_percentile_ns(h, 90), 0);
	assert_int_equal(hist_percentile_ns(h, 90.1), 500);
	free(h);
}

static void test_empty(void **state)
{
	struct hist *h = hist_make();
	struct hist_summary sum;

	(void)state;
	memset(&sum, 0x5a, sizeof(sum));
	hist_summarise(h, &sum);
	assert_int_equal(hist_count(h), 0);
	assert_int_equal(sum.n, 0);
	assert_int_equal(sum.min_ns, 0);
	assert_int_equal(sum.max_ns, 0);
	assert_true(sum.mean_ns == 0 && sum.stddev_ns == 0);
	assert_int_equal(hist_percentile_ns(h, 50), 0);
	free(h);
}

static void test_one_value(void **state)
{
	struct hist *h = hist_make();
	struct hist_summary sum;

	(void)state;
	/* Not the middle of its bin, yet nothing may be reported but it. */
	hist_add(h, 123456789);
	hist_summarise(h, &sum);
	assert_int_equal(sum.min_ns, 123456789);
	assert_int_equal(sum.max_ns, 123456789);
	assert_true(sum.stddev_ns == 0);
	assert_int_equal(hist_percentile_ns(h, 1), 123456789);
	assert_int_equal(hist_percentile_ns(h, 100), 123456789);
	free(h);
}

static void test_stddev(void **state)
{
	enum { NR = 20000 };
	struct hist *h = hist_make();
	struct hist_summary sum;
	double mean = 0, squares = 0;
	unsigned int i;
	uint64_t *value = malloc(NR * sizeof(*value));

	(void)state;
	assert_non_null(value);
	for (i = 0; i < NR; i++) {
		value[i] = 1000 + random_u64() % 5000000;
		hist_add(h, value[i]);
		mean += (double)value[i] / NR;
	}
	for (i = 0; i < NR; i++)
		squares += ((double)value[i] - mean) * ((double)value[i] - mean);
	hist_summarise(h, &sum);
	assert_true(fabs(sum.mean_ns - mean) < 1e-6 * mean);
	assert_true(fabs(sum.stddev_ns - sqrt(squares / NR)) < 1e-3 * mean);
	free(value);
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bins_meet),   cmocka_unit_test(test_error_bound),
		cmocka_unit_test(test_percentiles), cmocka_unit_test(test_rank_rounding),
		cmocka_unit_test(test_merge),	    cmocka_unit_test(test_saturation),
		cmocka_unit_test(test_zeros),	    cmocka_unit_test(test_small_values),
		cmocka_unit_test(test_empty),	    cmocka_unit_test(test_one_value),
		cmocka_unit_test(test_stddev),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
