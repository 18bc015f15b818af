// SPDX-License-Identifier: GPL-2.0-or-later
/* Call chains: kept once, named, their cause, their text; and their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/chain.h"
#include "evidence/symbols.h"

static struct symbols *symbols;
static struct chains *chains;
static char path[] = "chain-XXXXXX";

static int setup(void **state)
{
	FILE *f = fdopen(mkstemp(path), "w");

	(void)state;
	fputs("ffffffff81000000 T __schedule\n"
	      "ffffffff81001000 T schedule\n"
	      "ffffffff81002000 T inode_dio_wait\n"
	      "ffffffff81003000 t xfs_file_write_checks\n"
	      "ffffffff81004000 T noreturn_at_its_end\n"
	      "ffffffff81005000 T after_it\n"
	      "ffffffff81006000 D data\n",
	      f);
	fclose(f);
	return symbols_load(path, &symbols) || chains_open(symbols, &chains) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	chains_close(chains);
	symbols_free(symbols);
	unlink(path);
	return 0;
}

static const uint64_t drain[] = { 0xffffffff81000010, 0xffffffff81001010,
				  0xffffffff81002010, 0xffffffff81003010 };

static void test_one_chain_is_kept_once(void **state)
{
	const struct chain *c = chains_find(chains, drain, 4);

	(void)state;
	assert_ptr_equal(chains_find(chains, drain, 4), c);
	assert_ptr_not_equal(chains_find(chains, drain, 3), c);
	assert_int_equal(c->nr, 4);
	assert_string_equal(c->cause->label, "DIO_DRAIN");
}

static void test_text_leaves_the_scheduler_out(void **state)
{
	char *text = chain_text(chains_find(chains, drain, 4));

	(void)state;
	assert_string_equal(text, "inode_dio_wait < xfs_file_write_checks");
	free(text);
}

static void test_unknown_frames_are_addresses(void **state)
{
	const uint64_t at[] = { 0xffffffff81000010, 0x1234, 0xffffffff81006010 };
	const struct chain *c = chains_find(chains, at, 3);
	char *text = chain_text(c);

	(void)state;
	assert_null(c->name[1]);
	assert_string_equal(text, "0x1234 < 0xffffffff81006010");
	assert_string_equal(c->cause->label, "OTHER");
	free(text);
}

static void test_return_addresses_name_the_caller(void **state)
{
	/* The call is the last instruction of its function. */
	const uint64_t at[] = { 0xffffffff81005000, 0xffffffff81005000 };
	const struct chain *c = chains_find(chains, at, 2);

	(void)state;
	assert_string_equal(c->name[0], "after_it");
	assert_string_equal(c->name[1], "noreturn_at_its_end");
}

static void test_addresses(void **state)
{
	(void)state;
	assert_true(chains_address(chains, "inode_dio_wait") == 0xffffffff81002000);
	assert_true(chains_address(chains, "data") == 0);
}

static void test_bounds(void **state)
{
	uint64_t deep[CHAIN_FRAMES_MAX + 10];
	const struct chain *c, *last = NULL;
	uint64_t i;

	(void)state;
	assert_string_equal(chains_find(chains, NULL, 0)->cause->label, "OTHER");
	for (i = 0; i < CHAIN_FRAMES_MAX + 10; i++)
		deep[i] = drain[2];
	assert_int_equal(chains_find(chains, deep, CHAIN_FRAMES_MAX + 10)->nr,
			 CHAIN_FRAMES_MAX);
	for (i = 0; i < 10000; i++) {
		uint64_t at[2] = { drain[2], i };

		c = chains_find(chains, at, 2);
		assert_non_null(c);
		last = c;
	}
	/* No room for more, but what is there is still found. */
	assert_int_equal(last->nr, 0);
	assert_int_equal(chains_find(chains, drain, 4)->nr, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_chain_is_kept_once),
		cmocka_unit_test(test_text_leaves_the_scheduler_out),
		cmocka_unit_test(test_unknown_frames_are_addresses),
		cmocka_unit_test(test_return_addresses_name_the_caller),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
