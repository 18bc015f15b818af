// SPDX-License-Identifier: GPL-2.0-or-later
/* Stamps: each sector says what it is, and nothing else is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verify/stamp.h"

static const struct stamp_file id = { .run = 77, .generation = 3, .file = 2 };

static void test_round_trip(void **state)
{
	unsigned char b[4 * STAMP_BYTES];
	struct stamp s;
	unsigned int i;

	(void)state;
	stamp_fill(&id, 8192, 41, b, sizeof(b));
	for (i = 0; i < 4; i++) {
		assert_int_equal(stamp_read(b + i * STAMP_BYTES, &s), STAMP_WHOLE);
		assert_memory_equal(&s.id, &id, sizeof(id));
		assert_int_equal(s.offset, 8192 + i * STAMP_BYTES);
		assert_int_equal(s.seq, 41);
		assert_int_equal(stamp_distance_bits(b + i * STAMP_BYTES, &s), 0);
	}
	assert_memory_not_equal(b, b + STAMP_BYTES, STAMP_BYTES);
	/* Less than a sector at the end is left as it was. */
	memset(b, 0x11, sizeof(b));
	stamp_fill(&id, 0, 1, b, STAMP_BYTES + 100);
	assert_int_equal(b[STAMP_BYTES], 0x11);
}

/* Every bit of a sector counts. */
static void test_flips(void **state)
{
	unsigned char b[STAMP_BYTES];
	struct stamp s, was = { .id = id, .offset = 512, .seq = 9 };
	unsigned int bit;

	(void)state;
	stamp_fill(&id, 512, 9, b, sizeof(b));
	for (bit = 0; bit < 8 * STAMP_BYTES; bit++) {
		b[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_int_not_equal(stamp_read(b, &s), STAMP_WHOLE);
		assert_int_equal(stamp_distance_bits(b, &was), 1);
		b[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	assert_int_equal(stamp_read(b, &s), STAMP_WHOLE);
}

static void test_others(void **state)
{
	unsigned char a[STAMP_BYTES] = { 0 }, b[STAMP_BYTES];
	struct stamp s;

	(void)state;
	assert_int_equal(stamp_read(a, &s), STAMP_ZERO);
	a[STAMP_BYTES - 1] = 1;
	assert_int_equal(stamp_read(a, &s), STAMP_NONE);
	memset(a, 0x5a, sizeof(a));
	assert_int_equal(stamp_read(a, &s), STAMP_NONE);
	/* The first half of one write, the second of another: torn. */
	stamp_fill(&id, 0, 1, a, sizeof(a));
	stamp_fill(&id, 0, 2, b, sizeof(b));
	memcpy(a + STAMP_BYTES / 2, b + STAMP_BYTES / 2, STAMP_BYTES / 2);
	assert_int_equal(stamp_read(a, &s), STAMP_DAMAGED);
	assert_int_equal(s.seq, 1);
	assert_true(stamp_distance_bits(a, &s) > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
