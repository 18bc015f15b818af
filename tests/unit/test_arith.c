/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic in values: results by hand, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <errno.h>

#include "workload/arith.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static void test_results(void **state)
{
	static const char *const row[][2] = {
		{ "", "" },
		{ "4k", "4k" },
		{ "4k-8k", "4k-8k" },
		{ "128*2", "256" },
		{ "(4k*2)", "8192" },
		{ "2+3*4", "14" },
		{ "(2+3)*4", "20" },
		{ "((2+3))", "5" },
		{ "2*3^2", "18" },
		{ "2^3^2", "512" },
		{ "16/4/2", "2" },
		{ "7/2", "3" },
		{ "(9-4-3)", "2" },
		{ "(9 % 4)", "1" },
		{ "0^0", "1" },
		{ "1^18446744073709551615", "1" },
		{ "0^18446744073709551615", "0" },
		{ "2^63", "9223372036854775808" },
		{ "0x10*2", "32" },
		{ "(20+5)%", "25%" },
		{ "4k-4k*2", "4k-8192" },
		{ "(9-1)-(4*4)", "8-16" },
		{ "1*2,3,4*5", "2,3,20" },
		{ "2*3:4", "6:4" },
		{ "1*2,", "2," },
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		if (arith_reduce(row[i][0], out, sizeof(out)))
			fail_msg("'%s'", row[i][0]);
		assert_string_equal(out, row[i][1]);
	}
}

static void test_keywords(void **state)
{
	char out[64], want[64];

	(void)state;
	assert_int_equal(arith_reduce("2*$pagesize", out, sizeof(out)), 0);
	snprintf(want, sizeof(want), "%ld", 2 * sysconf(_SC_PAGESIZE));
	assert_string_equal(out, want);
	assert_int_equal(arith_reduce("$ncpus", out, sizeof(out)), 0);
	snprintf(want, sizeof(want), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	assert_string_equal(out, want);
	assert_int_equal(arith_reduce("($mb_memory/$mb_memory)", out, sizeof(out)), 0);
	assert_string_equal(out, "1");
}

static void test_errors(void **state)
{
	static const struct {
		const char *text;
		int ret;
	} row[] = {
		{ "(", -EINVAL },
		{ ")", -EINVAL },
		{ "()", -EINVAL },
		{ "(1", -EINVAL },
		{ "1*1)", -EINVAL },
		{ "1**1", -EINVAL },
		{ "*1", -EINVAL },
		{ "1/0", -EINVAL },
		{ "(1%0)", -EINVAL },
		{ "(1-2)", -EINVAL },
		{ "1*x", -EINVAL },
		{ "1+1%2", -EINVAL },
		{ "$", -EINVAL },
		{ "$pages", -EINVAL },
		{ "$ncpus1", -EINVAL },
		{ "2^64", -ERANGE },
		{ "18446744073709551615+1", -ERANGE },
		{ "4294967296*4294967296", -ERANGE },
		{ "1+11111111111111111111111111111111111111111111111111111111111111111",
		  -ERANGE },
	};
	char out[64], deep[512];
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		int ret = arith_reduce(row[i].text, out, sizeof(out));

		if (ret != row[i].ret)
			fail_msg("'%s': %d", row[i].text, ret);
	}
	/* No room: at the end of the text, and of a result. */
	assert_int_equal(arith_reduce("2*2,aaa", out, 5), -ERANGE);
	assert_int_equal(arith_reduce("2*2,aaa", out, 6), 0);
	assert_int_equal(arith_reduce("100*10", out, 4), -ERANGE);
	/* Nesting has an end, and what is closed does not count. */
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(arith_reduce(deep, out, sizeof(out)), -EINVAL);
	for (i = 0; i < 100; i++)
		memcpy(deep + 4 * i, "+(1)", 4);
	deep[400] = '\0';
	assert_int_equal(arith_reduce(deep + 1, out, sizeof(out)), 0);
	assert_string_equal(out, "100");
}

static void test_bare(void **state)
{
	(void)state;
	assert_true(arith_is_bare("128*2") && arith_is_in("128*2"));
	assert_true(!arith_is_bare("(128*2)") && arith_is_in("(128*2)"));
	assert_true(!arith_is_bare("2*$ncpus") && arith_is_in("$ncpus"));
	assert_true(!arith_is_bare("4k-8k") && !arith_is_in("4k-8k"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
