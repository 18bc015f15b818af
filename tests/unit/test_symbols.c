// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of kernel functions: what kallsyms says, and what it can't say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/symbols.h"

/* In the order of the file, which is not quite that of the addresses. */
static const char kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000000 T startup_64\n"
			       "ffffffff81000100 t __pfx_first\n"
			       "ffffffff81000110 t first\n"
			       "ffffffff81000300 t third.isra.0\n"
			       "ffffffff81000200 T second.constprop.0.cold\n"
			       "ffffffff81000400 W weak\n"
			       "ffffffff81000400 t local\n"
			       "ffffffff81000500 T __global\n"
			       "ffffffff81000500 T global\n"
			       "ffffffff81000500 t alocal\n"
			       "ffffffff81000600 t parted.part.0\n"
			       "ffffffff81000700 t lto.llvm.1234567890\n"
			       "ffffffff81000800 T _etext\n"
			       "ffffffff81000900 D data\n"
			       "ffffffffc0201000 t helper.isra.0\t[module]\n";

/* Loads text as a file; 0 or -errno. */
static int load(const char *text, size_t bytes, struct symbols **out)
{
	char name[] = "test_symbols.XXXXXX";
	int fd = mkstemp(name), ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, bytes), (ssize_t)bytes);
	assert_int_equal(close(fd), 0);
	ret = symbols_load(name, out);
	assert_int_equal(unlink(name), 0);
	return ret;
}

static int load_text(const char *text, struct symbols **out)
{
	return load(text, strlen(text), out);
}

static void check_name(const struct symbols *s, uint64_t address, const char *want)
{
	const char *got = symbols_name(s, address);

	if (want) {
		assert_non_null(got);
		assert_string_equal(got, want);
	} else {
		assert_null(got);
	}
}

static void test_names(void **state)
{
	struct symbols *s = NULL;

	(void)state;
	assert_int_equal(load_text(kallsyms, &s), 0);
	check_name(s, 0xffffffff81000110, "first");
	check_name(s, 0xffffffff81000111, "first");
	check_name(s, 0xffffffff810001ff, "first");
	check_name(s, 0xffffffff81000200, "second");
	check_name(s, 0xffffffff810002ff, "second");
	check_name(s, 0xffffffff81000333, "third");
	check_name(s, 0xffffffff81000612, "parted");
	check_name(s, 0xffffffff81000712, "lto");
	check_name(s, 0xffffffffc0201010, "helper");
	symbols_free(s);
}

static void test_addresses(void **state)
{
	struct symbols *s = NULL;

	(void)state;
	assert_int_equal(load_text("ffffffff81000100 t one.cold\n"
				   "ffffffff81000200 t one\n"
				   "ffffffff81000300 t one.part.0\n"
				   "ffffffff81000400 t two\n"
				   "ffffffff81000500 t two\n"
				   "ffffffff81000600 t three.llvm.1\n"
				   "ffffffff81000700 t four.part.0\n"
				   "ffffffff81000800 t four.part.1\n"
				   "ffffffff81000900 D data\n",
				   &s),
			 0);
	assert_true(symbols_address(s, "one") == 0xffffffff81000200);
	assert_true(symbols_address(s, "two") == 0);
	assert_true(symbols_address(s, "three") == 0xffffffff81000600);
	assert_true(symbols_address(s, "four") == 0);
	assert_true(symbols_address(s, "data") == 0);
	assert_true(symbols_address(s, "on") == 0);
	symbols_free(s);
}

static void test_aliases(void **state)
{
	struct symbols *s = NULL;

	(void)state;
	assert_int_equal(load_text(kallsyms, &s), 0);
	check_name(s, 0xffffffff81000001, "startup_64");
	check_name(s, 0xffffffff81000410, "local");
	check_name(s, 0xffffffff81000510, "global");
	/* Each address once; no padding, and no zero. */
	assert_int_equal(symbols_count(s), 11);
	assert_in_range(symbols_bytes(s), 11 * 16, 1000);
	symbols_free(s);
}

static void test_unknown(void **state)
{
	struct symbols *s = NULL;

	(void)state;
	assert_int_equal(load_text(kallsyms, &s), 0);
	check_name(s, 0, NULL);
	check_name(s, 0x7f0012345678, NULL);
	check_name(s, 0xffffffff80ffffff, NULL);
	check_name(s, 0xffffffff81000800, NULL);
	check_name(s, 0xffffffff81000900, NULL);
	check_name(s, 0xffffffffc0200fff, NULL);
	check_name(s, 0xffffffffc0301000, NULL);
	check_name(s, UINT64_MAX, NULL);
	/* Far behind the last function there is none, even without a mark. */
	symbols_free(s);
	assert_int_equal(load_text("ffffffff81000000 T only\n", &s), 0);
	check_name(s, 0xffffffff810fffff, "only");
	check_name(s, 0xffffffff81100000, NULL);
	symbols_free(s);
}

static void test_hidden(void **state)
{
	struct symbols *s = NULL;

	(void)state;
	assert_int_equal(
		load_text("0000000000000000 T first\n0000000000000000 t second\n", &s),
		-EPERM);
	assert_null(s);
	/* Data at zero hide nothing; nor does one function of many. */
	assert_int_equal(load_text("0000000000000000 A percpu\n", &s), -ENODATA);
	assert_int_equal(load_text("0000000000000000 T a\nffffffff81000000 T b\n", &s),
			 0);
	check_name(s, 0xffffffff81000000, "b");
	symbols_free(s);
}

static void test_not_kallsyms(void **state)
{
	static const char *const bad[] = {
		"no address\n",
		"ffffffff81000000\n",
		"ffffffff81000000 T\n",
		"ffffffff81000000 T \n",
		"ffffffff81000000  T name\n",
		"ffffffff81000000 TT name\n",
		"1ffffffff81000000 T name\n",
		"ffffffff81000000 T first\n\nffffffff81000010 T second\n",
	};
	struct symbols *s = NULL;
	char line[2000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(load_text(bad[i], &s), -EINVAL);
	memset(line, 'x', sizeof(line));
	memcpy(line, "ffffffff81000000 T ", 19);
	assert_int_equal(load(line, sizeof(line), &s), -EINVAL);
	assert_int_equal(load("ffffffff81000000 T a\0b\n", 23, &s), -EINVAL);
	assert_int_equal(load_text("", &s), -ENODATA);
	assert_int_equal(load_text("ffffffff81000000 D data\n", &s), -ENODATA);
	assert_int_equal(symbols_load("/nonexistent/kallsyms", &s), -ENOENT);
	assert_int_equal(symbols_load("/", &s), -EISDIR);
	assert_null(s);
	/* The last line may lack its end. */
	assert_int_equal(load_text("ffffffff81000000 T name", &s), 0);
	check_name(s, 0xffffffff81000000, "name");
	symbols_free(s);
}

/* As many as a kernel has, in an order that sorts badly. */
static void test_many(void **state)
{
	unsigned int nr = 100000, i;
	struct symbols *s = NULL;
	char *text, *at, want[32];

	(void)state;
	text = malloc(nr * 48ul);
	assert_non_null(text);
	at = text;
	for (i = 0; i < nr; i++) {
		unsigned int k = (unsigned int)((uint64_t)i * 7919 % nr);

		at += sprintf(at, "%016llx t function_%u.part.0\n",
			      0xffffffff81000000ull + k * 64ull, k);
	}
	assert_int_equal(load(text, (size_t)(at - text), &s), 0);
	assert_int_equal(symbols_count(s), nr);
	for (i = 0; i < nr; i++) {
		sprintf(want, "function_%u", i);
		check_name(s, 0xffffffff81000000ull + i * 64ull + i % 64, want);
	}
	symbols_free(s);
	free(text);
}

/* The machine's own: either it can be used, or the reason is one that we know. */
static void test_machine(void **state)
{
	struct symbols *s = NULL;
	int ret = symbols_load("/proc/kallsyms", &s);

	(void)state;
	if (ret) {
		assert_true(ret == -EPERM || ret == -ENOENT || ret == -EACCES);
		return;
	}
	assert_in_range(symbols_count(s), 1000, SYMBOLS_MAX);
	assert_in_range(symbols_bytes(s), 1000, 64 << 20);
	symbols_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_names),
		cmocka_unit_test(test_aliases),	  cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_hidden),	  cmocka_unit_test(test_not_kallsyms),
		cmocka_unit_test(test_many),	  cmocka_unit_test(test_machine),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
