/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds: every row says what design section 2 says, and names read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "workload/kind.h"

#define MODS_ALL (KIND_UNALIGNED | KIND_DSYNC | KIND_NOWAIT)

static void test_rows(void **state)
{
	static const struct {
		const char *name;
		enum kind_place place;
		int state, eof_halves;
		bool is_write, is_sync, consumes, in_mix;
	} want[KIND_BASE_NR] = {
		{ "overwrite", KIND_PLACE_INSIDE, KIND_STATE_WRITTEN, 0, true, false,
		  false, true },
		{ "unwritten", KIND_PLACE_INSIDE, KIND_STATE_UNWRITTEN, 0, true, false,
		  true, true },
		{ "hole", KIND_PLACE_INSIDE, KIND_STATE_HOLE, 0, true, false, true,
		  true },
		{ "append", KIND_PLACE_EOF, KIND_STATE_HOLE, 0, true, false, false,
		  true },
		{ "append-prealloc", KIND_PLACE_EOF, KIND_STATE_UNWRITTEN, 0, true, false,
		  true, true },
		{ "straddle", KIND_PLACE_EOF, -1, -1, true, false, false, true },
		{ "gap", KIND_PLACE_EOF, -1, 2, true, false, false, true },
		{ "read", KIND_PLACE_INSIDE, KIND_STATE_WRITTEN, 0, false, false, false,
		  true },
		{ "fdatasync", KIND_PLACE_NONE, -1, 0, false, true, false, true },
		{ "fsync", KIND_PLACE_NONE, -1, 0, false, true, false, false },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < KIND_BASE_NR; i++) {
		const struct kind_row *row = kind_row(i);

		assert_string_equal(row->name, want[i].name);
		assert_int_equal(row->place, want[i].place);
		if (want[i].state >= 0)
			assert_int_equal(row->state, want[i].state);
		assert_int_equal(row->eof_halves, want[i].eof_halves);
		assert_int_equal(row->is_write, want[i].is_write);
		assert_int_equal(row->is_sync, want[i].is_sync);
		assert_int_equal(row->consumes, want[i].consumes);
		assert_int_equal(row->in_mix, want[i].in_mix);
		assert_non_null(row->help);
	}
}

static void test_extending(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < KIND_BASE_NR; i++) {
		const struct kind k = { .base = (uint8_t)i };
		const bool want = i == KIND_APPEND || i == KIND_STRADDLE ||
				  i == KIND_APPEND_PREALLOC || i == KIND_GAP;

		assert_int_equal(kind_is_extending(k), want);
	}
}

/* Every kind with every set of modifiers, printed and read back. */
static void test_round_trip(void **state)
{
	unsigned int base, mods;

	(void)state;
	for (base = 0; base < KIND_BASE_NR; base++) {
		for (mods = 0; mods <= MODS_ALL; mods++) {
			struct kind k = { (uint8_t)base, (uint8_t)mods };
			struct kind back = { 0xff, 0xff };
			char buf[KIND_NAME_MAX];
			const char *bad;
			size_t bad_len;

			assert_ptr_equal(kind_print(k, buf), buf);
			assert_true(strlen(buf) < KIND_NAME_MAX);
			assert_int_equal(
				kind_parse(buf, strlen(buf), &back, &bad, &bad_len), 0);
			assert_int_equal(back.base, base);
			assert_int_equal(back.mods, mods);
		}
	}
}

static void test_print_order(void **state)
{
	const struct kind k = { KIND_APPEND, MODS_ALL };
	char buf[KIND_NAME_MAX];

	(void)state;
	assert_string_equal(kind_print(k, buf), "append+unaligned+dsync+nowait");
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int ret;
		unsigned int base, mods; /* ret 0 */
		const char *bad;	 /* else */
	} row[] = {
		{ "append", 0, KIND_APPEND, 0, NULL },
		{ "append-prealloc", 0, KIND_APPEND_PREALLOC, 0, NULL },
		{ "gap+nowait+dsync", 0, KIND_GAP, KIND_DSYNC | KIND_NOWAIT, NULL },
		{ "", -EINVAL, 0, 0, "" },
		{ "+dsync", -EINVAL, 0, 0, "" },
		{ "appen", -EINVAL, 0, 0, "appen" },
		{ "appendx", -EINVAL, 0, 0, "appendx" },
		{ "Append", -EINVAL, 0, 0, "Append" },
		{ "append ", -EINVAL, 0, 0, "append " },
		{ "append+", -EBADMSG, 0, 0, "" },
		{ "append++dsync", -EBADMSG, 0, 0, "" },
		{ "append+atomic", -EBADMSG, 0, 0, "atomic" },
		{ "append+dsync+dsync", -EBADMSG, 0, 0, "dsync" },
		{ "append+dsync+sync+nowait", -EBADMSG, 0, 0, "sync" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct kind k = { 0x77, 0x77 };
		const char *bad = NULL;
		size_t bad_len = 0;
		int ret;

		ret = kind_parse(row[i].text, strlen(row[i].text), &k, &bad, &bad_len);
		assert_int_equal(ret, row[i].ret);
		if (!ret) {
			assert_int_equal(k.base, row[i].base);
			assert_int_equal(k.mods, row[i].mods);
			continue;
		}
		/* Outputs are left alone, and the word is within the text. */
		assert_int_equal(k.base, 0x77);
		assert_int_equal(k.mods, 0x77);
		assert_int_equal(bad_len, strlen(row[i].bad));
		assert_memory_equal(bad, row[i].bad, bad_len);
		assert_true(bad >= row[i].text &&
			    bad + bad_len <= row[i].text + strlen(row[i].text));
	}
}

/* The text need not end where the kind does: mix= is read in place. */
static void test_parse_length(void **state)
{
	struct kind k;
	const char *bad;
	size_t bad_len;

	(void)state;
	assert_int_equal(kind_parse("append+dsync:30,gap", 12, &k, &bad, &bad_len), 0);
	assert_int_equal(k.base, KIND_APPEND);
	assert_int_equal(k.mods, KIND_DSYNC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	   cmocka_unit_test(test_extending),
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_print_order),
		cmocka_unit_test(test_parse),	   cmocka_unit_test(test_parse_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
