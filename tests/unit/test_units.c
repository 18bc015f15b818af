/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers with units: fio's meaning in, exact and readable text out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workload/units.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))
#define POISON 0xdeadbeefdeadbeefULL
#define S UNITS_NS_PER_S
#define MS UNITS_NS_PER_MS
#define US UNITS_NS_PER_US

static void test_size(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t value;
	} row[] = {
		{ "0", 0, 0 },
		{ "4096", 0, 4096 },
		{ "512b", 0, 512 },
		{ "4k", 0, 4096 },
		{ "4K", 0, 4096 },
		{ "4kb", 0, 4096 },
		{ "4KB", 0, 4096 },
		{ "1m", 0, 1 << 20 },
		{ "1mb", 0, 1 << 20 },
		{ "1g", 0, 1 << 30 },
		{ "3t", 0, 3ULL << 40 },
		{ "2p", 0, 2ULL << 50 },
		/* fio's inversion: kb_base=1024 makes the i mean 1000. */
		{ "4kib", 0, 4000 },
		{ "4KiB", 0, 4000 },
		{ "1mib", 0, 1000000 },
		{ "1gib", 0, 1000000000 },
		{ "1tib", 0, 1000000000000 },
		{ "1pib", 0, 1000000000000000 },
		{ "0x1000", 0, 4096 },
		{ "0X10", 0, 16 },
		{ "0xfFm", 0, 255ULL << 20 },
		{ "0010", 0, 10 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "0xffffffffffffffff", 0, UINT64_MAX },
		{ "18446744073709551616", -ERANGE, 0 },
		{ "99999999999999999999999", -ERANGE, 0 },
		{ "0x10000000000000000", -ERANGE, 0 },
		{ "16384p", -ERANGE, 0 },
		{ "18014398509481984k", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "k", -EINVAL, 0 },
		{ "0x", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 k", -EINVAL, 0 },
		{ "1.5k", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 },
		{ "1z", -EINVAL, 0 },
		{ "1ki", -EINVAL, 0 },
		{ "1kbb", -EINVAL, 0 },
		{ "1kbi", -EINVAL, 0 },
		{ "1bb", -EINVAL, 0 },
		{ "4k,8k", -EINVAL, 0 },
		{ "128*2", -EINVAL, 0 },
		{ "10%", -EINVAL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		uint64_t v = POISON;

		if (units_parse_size(row[i].text, &v) != row[i].ret)
			fail_msg("%s", row[i].text);
		if (v != (row[i].ret ? POISON : row[i].value))
			fail_msg("%s: %llu", row[i].text, (unsigned long long)v);
	}
}

static void test_share(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t bytes;
		unsigned int percent;
	} row[] = {
		{ "25%", 0, 0, 25 },	    { "100%", 0, 0, 100 },
		{ "0%", 0, 0, 0 },	    { "25m", 0, 25 << 20, 0 },
		{ "101%", -ERANGE, 0, 0 },  { "99999999999999999999%", -ERANGE, 0, 0 },
		{ "100%%", -EINVAL, 0, 0 }, { "%", -EINVAL, 0, 0 },
		{ "1k%", -EINVAL, 0, 0 },   { "1.5%", -EINVAL, 0, 0 },
		{ "-5%", -EINVAL, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		uint64_t bytes = POISON;
		unsigned int percent = 7777;

		if (units_parse_share(row[i].text, &bytes, &percent) != row[i].ret)
			fail_msg("%s", row[i].text);
		assert_true(bytes == (row[i].ret ? POISON : row[i].bytes));
		assert_int_equal(percent, row[i].ret ? 7777 : row[i].percent);
	}
}

static void test_range(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t min, max;
	} row[] = {
		{ "4k-16k", 0, 4096, 16384 },
		{ "4k:16k", 0, 4096, 16384 },
		{ "512:1m", 0, 512, 1 << 20 },
		{ "16k-4k", 0, 4096, 16384 },
		{ "4k-4k", 0, 4096, 4096 },
		{ "0x200-0x400", 0, 512, 1024 },
		{ "4k", -EINVAL, 0, 0 },
		{ "4k-", -EINVAL, 0, 0 },
		{ "-4k", -EINVAL, 0, 0 },
		{ "4k--8k", -EINVAL, 0, 0 },
		{ "1-2-3", -EINVAL, 0, 0 },
		{ "4k,8k", -EINVAL, 0, 0 },
		{ "1-99999999999999999999", -ERANGE, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		uint64_t min = POISON, max = POISON;

		if (units_parse_range(row[i].text, &min, &max) != row[i].ret)
			fail_msg("%s", row[i].text);
		assert_true(min == (row[i].ret ? POISON : row[i].min));
		assert_true(max == (row[i].ret ? POISON : row[i].max));
	}
}

static void test_time(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t ns; /* bare: seconds */
	} row[] = {
		{ "0", 0, 0 },
		{ "10", 0, 10 * S },
		{ "10s", 0, 10 * S },
		{ "10sec", 0, 10 * S },
		{ "5ns", 0, 5 },
		{ "5us", 0, 5 * US },
		{ "5usec", 0, 5 * US },
		{ "5ms", 0, 5 * MS },
		{ "5msec", 0, 5 * MS },
		{ "5m", 0, 300 * S },
		{ "2h", 0, 7200 * S },
		{ "1d", 0, 86400 * S },
		{ "5MS", 0, 5 * MS },
		{ "1.5s", 0, 1500 * MS },
		{ "1.5", 0, 1500 * MS },
		{ "0.25us", 0, 250 },
		{ "0.0000000005", 0, 0 },
		{ "0.000000001", 0, 1 },
		{ "1.00000000000000000001s", 0, S },
		{ "0.5d", 0, 43200 * S },
		{ "0x10s", 0, 16 * S },
		{ "", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 },
		{ "1.s", -EINVAL, 0 },
		{ "1.2.3", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "1x", -EINVAL, 0 },
		{ "1min", -EINVAL, 0 },
		{ "1k", -EINVAL, 0 },
		{ "18446744073709551615", -ERANGE, 0 },
		{ "18446744073s", 0, 18446744073 * S },
		{ "18446744074s", -ERANGE, 0 },
		{ "18446744073.9s", -ERANGE, 0 },
		{ "99999999999999999999ns", -ERANGE, 0 },
	};
	uint64_t ns = 0;
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		ns = POISON;
		if (units_parse_time(row[i].text, S, &ns) != row[i].ret)
			fail_msg("%s", row[i].text);
		if (ns != (row[i].ret ? POISON : row[i].ns))
			fail_msg("%s: %llu", row[i].text, (unsigned long long)ns);
	}
	assert_int_equal(units_parse_time("7", US, &ns), 0);
	assert_int_equal(ns, 7 * US);
}

static void test_decimal(void **state)
{
	static const struct {
		const char *text;
		int ret;
		double value;
		const char *printed;
	} row[] = {
		{ "70", 0, 70, "70" },
		{ "0", 0, 0, "0" },
		{ "0.5", 0, 0.5, "0.5" },
		{ "99.95", 0, 99.95, "99.95" },
		{ "99.950", 0, 99.95, "99.95" },
		{ "0.000000001", 0, 1e-9, "0.000000001" },
		{ "0.1", 0, 0.1, "0.1" },
		{ "0.3", 0, 0.3, "0.3" },
		{ "1000000", 0, 1e6, "1000000" },
		{ "999999.999999999", 0, 999999.999999999, "999999.999999999" },
		{ "007", 0, 7, "7" },
		{ "1000000.1", -ERANGE, 0, NULL },
		{ "1000001", -ERANGE, 0, NULL },
		{ "0.0000000001", -ERANGE, 0, NULL },
		{ "99999999999999999999999", -ERANGE, 0, NULL },
		{ "", -EINVAL, 0, NULL },
		{ ".", -EINVAL, 0, NULL },
		{ ".5", -EINVAL, 0, NULL },
		{ "1.", -EINVAL, 0, NULL },
		{ "-1", -EINVAL, 0, NULL },
		{ "+1", -EINVAL, 0, NULL },
		{ "1e3", -EINVAL, 0, NULL },
		{ "0x10", -EINVAL, 0, NULL },
		{ "inf", -EINVAL, 0, NULL },
		{ "nan", -EINVAL, 0, NULL },
		{ "1,5", -EINVAL, 0, NULL },
		{ " 1", -EINVAL, 0, NULL },
	};
	double v;
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		char buf[UNITS_TEXT_MAX];

		v = -5;
		if (units_parse_decimal(row[i].text, strlen(row[i].text), &v) !=
		    row[i].ret)
			fail_msg("%s", row[i].text);
		assert_true(v == (row[i].ret ? -5 : row[i].value));
		if (!row[i].ret)
			assert_string_equal(units_print_decimal(v, buf), row[i].printed);
	}
	/* Only the len bytes count. */
	assert_int_equal(units_parse_decimal("12.5:30", 4, &v), 0);
	assert_true(v == 12.5);
}

static void test_percentiles(void **state)
{
	static const struct {
		const char *text;
		int ret;
		unsigned int nr;
		double p[3];
	} row[] = {
		{ "50", 0, 1, { 50 } },
		{ "99.9:50:99", 0, 3, { 50, 99, 99.9 } },
		{ "50:50:99", 0, 2, { 50, 99 } },
		{ "100", 0, 1, { 100 } },
		{ "1:2:3:4", -E2BIG, 0, { 0 } },
		{ "0", -ERANGE, 0, { 0 } },
		{ "100.1", -ERANGE, 0, { 0 } },
		{ "", -EINVAL, 0, { 0 } },
		{ "50:", -EINVAL, 0, { 0 } },
		{ ":50", -EINVAL, 0, { 0 } },
		{ "50,99", -EINVAL, 0, { 0 } },
		{ "p99", -EINVAL, 0, { 0 } },
		{ "-1", -EINVAL, 0, { 0 } },
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		double p[3] = { -1, -1, -1 };
		unsigned int nr = 99;

		if (units_parse_percentiles(row[i].text, p, 3, &nr) != row[i].ret)
			fail_msg("%s", row[i].text);
		assert_int_equal(nr, row[i].ret ? 99 : row[i].nr);
		for (j = 0; j < 3; j++)
			assert_true(p[j] == (j < row[i].nr ? row[i].p[j] : -1));
	}
}

static void test_print_size(void **state)
{
	static const struct {
		uint64_t v;
		const char *text;
	} row[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 1023, "1023" },
		{ 1024, "1k" },
		{ 4097, "4097" },
		{ 256 << 20, "256m" },
		{ 1ULL << 60, "1024p" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		char buf[UNITS_TEXT_MAX];
		uint64_t back;

		assert_string_equal(units_print_size(row[i].v, buf), row[i].text);
		assert_int_equal(units_parse_size(buf, &back), 0);
		assert_true(back == row[i].v);
	}
}

static void test_print_time(void **state)
{
	static const struct {
		uint64_t v;
		const char *text;
	} row[] = {
		{ 0, "0s" },
		{ 1, "1ns" },
		{ 1500, "1500ns" },
		{ 5000, "5us" },
		{ 1500 * MS, "1500ms" },
		{ 10 * S, "10s" },
		{ 90 * S, "90s" },
		{ 60 * S, "1m" },
		{ 7200 * S, "2h" },
		{ 86400 * S, "1d" },
		{ UINT64_MAX, "18446744073709551615ns" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		char buf[UNITS_TEXT_MAX];
		uint64_t back;

		assert_string_equal(units_print_time(row[i].v, buf), row[i].text);
		assert_int_equal(units_parse_time(buf, S, &back), 0);
		assert_true(back == row[i].v);
	}
}

static void test_format_ns(void **state)
{
	static const struct {
		double v;
		const char *text;
	} row[] = {
		{ 0, "0 ns" },		 { 1, "1 ns" },		 { 4.25, "4.25 ns" },
		{ 12.34, "12.3 ns" },	 { 87, "87 ns" },	 { 999, "999 ns" },
		{ 999.4, "999 ns" },	 { 999.6, "1.00 us" },	 { 1000, "1.00 us" },
		{ 4210, "4.21 us" },	 { 9994, "9.99 us" },	 { 9996, "10.0 us" },
		{ 12345678, "12.3 ms" }, { 99960000, "100 ms" }, { 999499999, "999 ms" },
		{ 999600000, "1.00 s" }, { 1.52e9, "1.52 s" },	 { 1.5e12, "1500 s" },
		{ -4210, "-4.21 us" },	 { NAN, "-" },
	};
	char buf[UNITS_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++)
		assert_string_equal(units_format_ns(row[i].v, buf), row[i].text);
	/* Whatever comes, it fits. */
	assert_true(strlen(units_format_ns(-1e300, buf)) < sizeof(buf));
	assert_true(strlen(units_format_ns(INFINITY, buf)) < sizeof(buf));
	assert_true(strlen(units_format_ns(-INFINITY, buf)) < sizeof(buf));
}

static void test_format_bytes(void **state)
{
	static const struct {
		uint64_t v;
		const char *text;
	} row[] = {
		{ 0, "0 B" },
		{ 512, "512 B" },
		{ 1023, "1023 B" },
		{ 1024, "1 KiB" },
		{ 1536, "1.50 KiB" },
		{ 4096, "4 KiB" },
		{ 256 << 20, "256 MiB" },
		{ 1023 * 1024 + 1, "1023 KiB" },
		{ 1024 * 1024 - 1, "1.00 MiB" },
		{ 1ULL << 30, "1 GiB" },
		{ (1ULL << 30) + (1ULL << 29), "1.50 GiB" },
		{ 1ULL << 60, "1 EiB" },
		{ UINT64_MAX, "16.0 EiB" },
	};
	char buf[UNITS_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++)
		assert_string_equal(units_format_bytes(row[i].v, buf), row[i].text);
}

static void test_format_count(void **state)
{
	static const struct {
		double v;
		const char *text;
	} row[] = {
		{ 0, "0" },	      { 7, "7" },	   { 999, "999" },
		{ 0.5, "0.50" },      { 1000, "1.00 k" },  { 87123, "87.1 k" },
		{ 999600, "1.00 M" }, { 1.2e6, "1.20 M" }, { 5e15, "5000 T" },
	};
	char buf[UNITS_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++)
		assert_string_equal(units_format_count(row[i].v, buf), row[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),	     cmocka_unit_test(test_share),
		cmocka_unit_test(test_range),	     cmocka_unit_test(test_time),
		cmocka_unit_test(test_decimal),	     cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_print_size),   cmocka_unit_test(test_print_time),
		cmocka_unit_test(test_format_ns),    cmocka_unit_test(test_format_bytes),
		cmocka_unit_test(test_format_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
