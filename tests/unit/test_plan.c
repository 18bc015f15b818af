// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan is pure, replayable, and draws what the mix asks for. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/plan.h"

static struct workload_job mixed_job(void)
{
	struct workload_job job = {
		.bs = { 4096, 16384 },
		.randseed = 42,
		.mix = { .nr = 3 },
	};

	job.mix.item[0].weight = 70;
	job.mix.item[1].weight = 29.5;
	job.mix.item[2].weight = 0.5;
	return job;
}

static void test_weights(void **state)
{
	struct workload_job job = mixed_job();
	uint64_t count[3] = { 0 }, nr = 1000000, i;
	double want[3] = { 0.70, 0.295, 0.005 };
	struct plan_op op;
	struct plan p;

	(void)state;
	plan_init(&p, &job, 0);
	for (i = 0; i < nr; i++) {
		plan_at(&p, i, &op, false);
		count[op.item]++;
	}
	for (i = 0; i < 3; i++) {
		double sigma = sqrt(want[i] * (1 - want[i]) * (double)nr);

		assert_true(fabs((double)count[i] - want[i] * (double)nr) < 4 * sigma);
	}
}

static void test_lengths(void **state)
{
	struct workload_job job = mixed_job();
	uint64_t count[5] = { 0 }, i;
	struct plan_op op;
	struct plan p;

	(void)state;
	plan_init(&p, &job, 0);
	for (i = 0; i < 40000; i++) {
		plan_at(&p, i, &op, false);
		assert_int_equal(op.len % 4096, 0);
		assert_in_range(op.len, 4096, 16384);
		count[op.len / 4096]++;
	}
	for (i = 1; i <= 4; i++)
		assert_in_range(count[i], 9600, 10400);
	job.bs.max_bytes = 4096;
	plan_init(&p, &job, 0);
	plan_at(&p, 7, &op, false);
	assert_int_equal(op.len, 4096);
	plan_at(&p, 7, &op, true);
	assert_int_equal(op.len, 4096);
}

/* Without a mix reads are member 1, as many as rwmixread says. */
static void test_reads(void **state)
{
	enum { NR = 100000 };
	struct workload_job job = { .randseed = 1, .rw = WORKLOAD_RANDRW };
	static const unsigned int percent[] = { 0, 1, 50, 99, 100 };
	unsigned int i, k;
	struct plan_op op;
	struct plan p;

	(void)state;
	job.bs.min_bytes = job.bs.max_bytes = 4096;
	for (k = 0; k < sizeof(percent) / sizeof(percent[0]); k++) {
		double want = percent[k] / 100.0 * NR, reads = 0;

		job.read_percent = percent[k];
		plan_init(&p, &job, 0);
		for (i = 0; i < NR; i++) {
			plan_at(&p, i, &op, true);
			reads += op.item;
		}
		/* Alone neither needs a number. */
		if (percent[k] == 100)
			want = 0;
		assert_true(fabs(reads - want) <= 5 * sqrt(want));
	}
}

/* Of bssplit each length has its share, whatever the kind; none has none. */
static void test_split(void **state)
{
	enum { NR = 200000 };
	static const unsigned int percent[] = { 4, 0, 67, 29 };
	struct workload_job job = mixed_job();
	double count[4] = { 0 };
	struct plan_op op;
	struct plan p;
	unsigned int i, k;

	(void)state;
	for (k = 0; k < 4; k++) {
		job.bssplit.item[k].bytes = 512ull << k;
		job.bssplit.item[k].percent = percent[k];
	}
	job.bssplit.nr = 4;
	plan_init(&p, &job, 0);
	for (i = 0; i < NR; i++) {
		plan_at(&p, i, &op, false);
		for (k = 0; op.len != 512u << k; k++)
			assert_in_range(k, 0, 3);
		count[k]++;
	}
	for (k = 0; k < 4; k++) {
		double want = percent[k] / 100.0 * NR;

		assert_true(fabs(count[k] - want) <= 5 * sqrt(want));
	}
}

/*
 * Draws of neighbours are independent: at no lag do two rare members keep a
 * distance, which a count alone would not show.
 */
static void test_independent(void **state)
{
	enum { NR = 1 << 20, LAGS = 64 };
	struct workload_job job = mixed_job();
	char *rare = calloc(NR, 1);
	struct plan_op op;
	struct plan p;
	int i, lag;

	(void)state;
	assert_non_null(rare);
	job.mix.item[0].weight = 95;
	job.mix.item[1].weight = 5;
	job.mix.nr = 2;
	plan_init(&p, &job, 0);
	for (i = 0; i < NR; i++) {
		plan_at(&p, (uint64_t)i, &op, false);
		rare[i] = op.item == 1;
	}
	for (lag = 1; lag <= LAGS; lag++) {
		double want = 0.05 * 0.05 * NR, pairs = 0;

		for (i = lag; i < NR; i++)
			pairs += rare[i] & rare[i - lag];
		assert_true(fabs(pairs - want) < 5 * sqrt(want));
	}
	free(rare);
}

/* Neither do places: the distance of two in a row takes nearly any value. */
static void test_order_is_mixed(void **state)
{
	enum { NR = 16384 };
	char *seen = calloc(2 * NR, 1);
	struct plan_order o;
	int i, distinct = 0;

	(void)state;
	assert_non_null(seen);
	plan_order_init(&o, NR, 137);
	for (i = 1; i < NR; i++) {
		uint64_t at = NR + plan_order_at(&o, 0, (uint64_t)i) -
			      plan_order_at(&o, 0, (uint64_t)i - 1);

		distinct += !seen[at];
		seen[at] = 1;
	}
	/* A random permutation of so many has about 12,050. */
	assert_in_range(distinct, 11000, 12600);
	free(seen);
}

/* Same (seed, thread, i): same operation, in whatever order it is asked. */
static void test_pure(void **state)
{
	struct workload_job job = mixed_job();
	struct plan_op forward[1000], op;
	struct plan p, other;
	unsigned int same = 0;
	int i;

	(void)state;
	plan_init(&p, &job, 3);
	for (i = 0; i < 1000; i++)
		plan_at(&p, (uint64_t)i, &forward[i], false);
	plan_init(&p, &job, 3);
	for (i = 999; i >= 0; i--) {
		plan_at(&p, (uint64_t)i, &op, false);
		assert_int_equal(op.item, forward[i].item);
		assert_int_equal(op.len, forward[i].len);
	}
	plan_init(&other, &job, 4);
	for (i = 0; i < 1000; i++) {
		plan_at(&other, (uint64_t)i, &op, false);
		same += op.len == forward[i].len;
	}
	assert_in_range(same, 150, 350);
	job.randseed++;
	plan_init(&other, &job, 3);
	assert_int_not_equal(other.key, p.key);
}

static void test_order_is_permutation(void **state)
{
	uint64_t sizes[] = { 1, 2, 3, 5, 64, 100, 1023, 1024, 1025, 40000 };
	size_t s;

	(void)state;
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		uint64_t nr = sizes[s], i = 0, pass;
		uint64_t *first = calloc(nr, sizeof(*first));
		struct plan_order o;
		uint64_t moved = 0;

		assert_non_null(first);
		plan_order_init(&o, nr, 9);
		for (pass = 0; pass < 3; pass++) {
			char *seen = calloc(nr, 1);
			uint64_t k;

			assert_non_null(seen);
			for (k = 0; k < nr; k++, i++) {
				uint64_t at = plan_order_next(&o, i);

				assert_in_range(at, 0, nr - 1);
				assert_int_equal(seen[at], 0);
				seen[at] = 1;
				assert_int_equal(at, plan_order_at(&o, i / nr, i % nr));
				if (!pass)
					first[k] = at;
				else
					moved += first[k] != at;
			}
			free(seen);
		}
		/* Every pass has an order of its own. */
		if (nr > 50)
			assert_true(moved > nr);
		free(first);
	}
}

/* Operations of other kinds in between only skip places. */
static void test_order_skips(void **state)
{
	struct plan_order o;
	uint64_t i;

	(void)state;
	plan_order_init(&o, 777, 5);
	for (i = 3; i < 100000; i += 1 + i % 1500)
		assert_int_equal(plan_order_next(&o, i),
				 plan_order_at(&o, i / 777, i % 777));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_independent),
		cmocka_unit_test(test_order_is_mixed),
		cmocka_unit_test(test_pure),
		cmocka_unit_test(test_order_is_permutation),
		cmocka_unit_test(test_order_skips),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
