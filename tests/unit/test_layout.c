// SPDX-License-Identifier: GPL-2.0-or-later
/* What a target holds before the first write, and what a write to it then is. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load/target.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))
#define BLOCK 4096u
#define SECTOR 512u

static void layout_open(struct target *t, const struct target_spec *spec)
{
	static const int never;
	struct load_error err;

	memset(t, 0, sizeof(*t));
	t->spec = *spec;
	t->spec.virt = true;
	t->limits = (struct target_limits){ BLOCK, SECTOR, SECTOR, false, false };
	if (target_open(t, NULL, &never, &err))
		fail_msg("%s", err.text);
	assert_int_equal(t->eof, t->start_eof);
}

/* ---- regions of a mix ---- */

/* By weight, rounded down to bs, in mix order, each on a block boundary. */
static void test_regions(void **state)
{
	static const struct {
		uint64_t size, round;
		double weight[3];
		uint64_t bytes[3], eof;
	} t[] = {
		{ 100 * BLOCK, BLOCK, { 70, 20, 10 }, { 70, 20, 10 }, 100 },
		{ 100 * BLOCK, BLOCK, { 1, 1, 1 }, { 33, 33, 33 }, 99 },
		{ 100 * BLOCK, 8 * BLOCK, { 1, 1, 2 }, { 24, 24, 48 }, 96 },
		{ 10 * BLOCK, BLOCK, { 0.5, 0.25, 99.25 }, { 0, 0, 9 }, 9 },
		{ 3 * BLOCK, 4 * BLOCK, { 1, 1, 1 }, { 0, 0, 0 }, 0 },
	};
	static const enum kind_state order[2][3] = {
		{ KIND_STATE_WRITTEN, KIND_STATE_UNWRITTEN, KIND_STATE_HOLE },
		{ KIND_STATE_HOLE, KIND_STATE_WRITTEN, KIND_STATE_UNWRITTEN },
	};
	struct target x;
	unsigned int i, j, k;

	(void)state;
	for (i = 0; i < NR(t); i++) {
		for (k = 0; k < 4; k++) {
			struct target_spec spec = {
				.mix = true,
				.size_bytes = t[i].size,
				.round_bytes = t[i].round,
				.order_nr = 3,
				.shift_eof = k / 2,
				.prealloc_bytes = 5 * BLOCK,
			};
			uint64_t at = 0, eof = t[i].eof * BLOCK;

			memcpy(spec.order, order[k % 2], sizeof(spec.order));
			memcpy(spec.weight, t[i].weight, sizeof(spec.weight));
			layout_open(&x, &spec);
			for (j = 0; j < 3; j++) {
				const struct target_region *r = &x.region[spec.order[j]];

				assert_int_equal(r->start, at);
				assert_int_equal(r->bytes, t[i].bytes[j] * BLOCK);
				assert_int_equal(r->used, 0);
				at += r->bytes;
			}
			eof += k / 2 ? SECTOR : 0;
			assert_int_equal(x.eof, eof);
			assert_int_equal(x.prealloc_end, eof + 5 * BLOCK);
			target_close(&x);
		}
	}
}

/* Where a share comes out even, no rounding takes a block from it. */
static void test_regions_even(void **state)
{
	struct target_spec spec = {
		.mix = true,
		.round_bytes = BLOCK,
		.order = { KIND_STATE_WRITTEN, KIND_STATE_HOLE },
		.order_nr = 2,
	};
	struct target x;
	unsigned int w, blocks;

	(void)state;
	for (blocks = 100; blocks <= 1000; blocks += 100)
		for (w = 1; w < 100; w++) {
			spec.size_bytes = (uint64_t)blocks * BLOCK;
			spec.weight[0] = w;
			spec.weight[1] = 100 - w;
			layout_open(&x, &spec);
			if (x.region[KIND_STATE_WRITTEN].bytes !=
			    blocks / 100 * w * BLOCK)
				fail_msg("%u %% of %u blocks are %u", w, blocks,
					 (unsigned int)(x.region[KIND_STATE_WRITTEN]
								.bytes /
							BLOCK));
			assert_int_equal(x.eof, spec.size_bytes);
			target_close(&x);
		}
}

/* Lengths that are no block multiple: regions start on a block all the same. */
static void test_regions_odd(void **state)
{
	struct target_spec spec = {
		.mix = true,
		.size_bytes = 60 * 1024,
		.round_bytes = 5120,
		.order = { KIND_STATE_HOLE, KIND_STATE_WRITTEN },
		.weight = { 1, 1 },
		.order_nr = 2,
	};
	struct target x;

	(void)state;
	layout_open(&x, &spec);
	assert_int_equal(x.region[KIND_STATE_HOLE].bytes, 6 * 5120);
	assert_int_equal(x.region[KIND_STATE_WRITTEN].start, 8 * BLOCK);
	assert_int_equal(x.region[KIND_STATE_WRITTEN].bytes, 6 * 5120);
	assert_int_equal(x.eof, 8 * BLOCK + 6 * 5120);
	target_close(&x);
	/* Extending kinds alone grow from size. */
	spec.order_nr = 0;
	spec.size_bytes = 64 * 1024;
	layout_open(&x, &spec);
	assert_int_equal(x.eof, 12 * 5120);
	target_close(&x);
}

/* What a straddle starts in is written: one bs more, where another state is last. */
static void test_starts_inside(void **state)
{
	static const struct {
		unsigned int order_nr;
		enum kind_state order[2];
		double first; /* of 100 */
		uint64_t size, round, eof;
	} t[] = {
		{ 2, { KIND_STATE_HOLE, KIND_STATE_WRITTEN }, 50, 64, 8, 64 },
		{ 2, { KIND_STATE_WRITTEN, KIND_STATE_HOLE }, 50, 64, 8, 72 },
		{ 2, { KIND_STATE_WRITTEN, KIND_STATE_UNWRITTEN }, 50, 64, 8, 72 },
		{ 1, { KIND_STATE_HOLE }, 100, 64, 8, 72 },
		/* The written share, or all of it, is less than one bs. */
		{ 2, { KIND_STATE_HOLE, KIND_STATE_WRITTEN }, 99, 64, 8, 64 },
		{ 0, { 0 }, 0, 64, 8, 64 },
		{ 0, { 0 }, 0, 4, 8, 8 },
		/* No block multiple: what is added has blocks of its own. */
		{ 1, { KIND_STATE_HOLE }, 100, 50, 5, 57 },
		{ 1, { KIND_STATE_HOLE }, 100, 45, 5, 53 },
	};
	struct target x;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2 * NR(t); i++) {
		struct target_spec spec = {
			.mix = true,
			.size_bytes = t[i / 2].size * 1024,
			.round_bytes = t[i / 2].round * 1024,
			.weight = { t[i / 2].first, 100 - t[i / 2].first },
			.order_nr = t[i / 2].order_nr,
		};
		uint64_t plain_eof;

		memcpy(spec.order, t[i / 2].order, sizeof(t[i / 2].order));
		spec.shift_eof = i % 2 && t[i / 2].round % 4 == 0;
		layout_open(&x, &spec);
		plain_eof = x.eof;
		target_close(&x);
		spec.starts_inside = true;
		layout_open(&x, &spec);
		assert_int_equal(x.eof,
				 t[i / 2].eof * 1024 + (spec.shift_eof ? SECTOR : 0));
		/* Regions stay where they were. */
		for (k = 0; k < spec.order_nr; k++)
			assert_true(x.region[spec.order[k]].start +
					    x.region[spec.order[k]].bytes <=
				    plain_eof);
		target_close(&x);
	}
}

/* ---- what a write is ---- */

/* No mix: the layout is fio's, and a map of it is kept. */
static void fio_open(struct target *t, int fallocate, bool overwrite, bool bare)
{
	struct target_spec spec = {
		.size_bytes = 16 * BLOCK,
		.fallocate = fallocate,
		.overwrite = overwrite,
		.bare = bare,
	};

	layout_open(t, &spec);
}

static void is_kind(struct target *t, uint64_t offset, uint32_t len, const char *want)
{
	char name[KIND_NAME_MAX];

	assert_string_equal(kind_print(target_classify(t, offset, len), name), want);
}

enum { RACE_THREADS = 4, RACE_BLOCKS = 20000, RACE_ROUNDS = 5 };

struct racer {
	struct target *target;
	pthread_barrier_t *start;
	unsigned int of[KIND_BASE_NR];
};

/* Every block in order, as a thread of rw=write. */
static void *race(void *ctx)
{
	struct racer *r = ctx;
	uint64_t i;

	pthread_barrier_wait(r->start);
	for (i = 0; i < RACE_BLOCKS; i++)
		r->of[target_classify(r->target, i * BLOCK, BLOCK).base]++;
	return NULL;
}

/* Of threads that write the same places one extends, the others overwrite. */
static void test_one_extends(void **state)
{
	struct target x;
	unsigned int round, i, k;

	(void)state;
	for (round = 0; round < RACE_ROUNDS; round++) {
		struct target_spec spec = { .size_bytes = (uint64_t)RACE_BLOCKS * BLOCK,
					    .fallocate = WORKLOAD_FALLOC_NONE,
					    .bare = true };
		struct racer racer[RACE_THREADS] = { 0 };
		unsigned int of[KIND_BASE_NR] = { 0 };
		pthread_t thread[RACE_THREADS];
		pthread_barrier_t start;

		layout_open(&x, &spec);
		pthread_barrier_init(&start, NULL, RACE_THREADS);
		for (i = 0; i < RACE_THREADS; i++) {
			racer[i].target = &x;
			racer[i].start = &start;
			assert_int_equal(
				pthread_create(&thread[i], NULL, race, &racer[i]), 0);
		}
		for (i = 0; i < RACE_THREADS; i++) {
			pthread_join(thread[i], NULL);
			for (k = 0; k < KIND_BASE_NR; k++)
				of[k] += racer[i].of[k];
		}
		pthread_barrier_destroy(&start);
		target_close(&x);
		assert_int_equal(of[KIND_APPEND], RACE_BLOCKS);
		assert_int_equal(of[KIND_OVERWRITE], (RACE_THREADS - 1) * RACE_BLOCKS);
	}
}

static void test_fio_layouts(void **state)
{
	static const struct {
		int fallocate;
		bool overwrite, bare;
		uint64_t eof;
		const char *first, *again, *inside;
	} t[] = {
		{ WORKLOAD_FALLOC_NONE, false, false, 0, "append", "overwrite", "gap" },
		{ WORKLOAD_FALLOC_NATIVE, false, false, 16, "unwritten", "overwrite",
		  "unwritten" },
		{ WORKLOAD_FALLOC_POSIX, false, false, 16, "unwritten", "overwrite",
		  "unwritten" },
		{ WORKLOAD_FALLOC_KEEP, false, false, 0, "append-prealloc", "overwrite",
		  "gap" },
		{ WORKLOAD_FALLOC_TRUNCATE, false, false, 16, "hole", "overwrite",
		  "hole" },
		{ WORKLOAD_FALLOC_NATIVE, true, false, 16, "overwrite", "overwrite",
		  "overwrite" },
		{ WORKLOAD_FALLOC_NATIVE, false, true, 0, "append", "overwrite", "gap" },
	};
	struct target x;
	size_t i;

	(void)state;
	for (i = 0; i < NR(t); i++) {
		fio_open(&x, t[i].fallocate, t[i].overwrite, t[i].bare);
		assert_int_equal(x.eof, t[i].eof * BLOCK);
		is_kind(&x, 0, BLOCK, t[i].first);
		is_kind(&x, 0, BLOCK, t[i].again);
		is_kind(&x, 5 * BLOCK, BLOCK, t[i].inside);
		is_kind(&x, 5 * BLOCK, BLOCK, "overwrite");
		target_close(&x);
	}
}

/* A reused file of odd size, appended to: its last block counts as it is. */
static void test_fio_append(void **state)
{
	struct target_spec spec = {
		.size_bytes = 4 * BLOCK,
		.append = true,
		.fallocate = WORKLOAD_FALLOC_NATIVE,
	};
	static const int never;
	struct load_error err;
	struct target x = { .spec = spec };

	(void)state;
	x.spec.virt = true;
	x.limits = (struct target_limits){ BLOCK, SECTOR, SECTOR, false, false };
	x.old_eof = x.start_eof = 8 * BLOCK;
	assert_int_equal(target_open(&x, NULL, &never, &err), 0);
	assert_int_equal(x.eof, 12 * BLOCK);
	is_kind(&x, 8 * BLOCK, BLOCK, "unwritten");
	is_kind(&x, 12 * BLOCK, BLOCK, "append");
	target_close(&x);
}

/* The weakest state covered counts, whichever block has it. */
static void test_weakest(void **state)
{
	static const char *const name[] = { "hole", "unwritten", "overwrite" };
	struct target x;
	unsigned int a, b, c;

	(void)state;
	for (a = 0; a < 3; a++)
		for (b = 0; b < 3; b++)
			for (c = 0; c < 3; c++) {
				unsigned int weak = a < b ? a : b;
				char want[64];

				weak = c < weak ? c : weak;
				fio_open(&x, WORKLOAD_FALLOC_NATIVE, false, false);
				x.map[3] = (uint8_t)a;
				x.map[4] = (uint8_t)b;
				x.map[5] = (uint8_t)c;
				/* Half of the first and of the last. */
				snprintf(want, sizeof(want), "%s+unaligned", name[weak]);
				is_kind(&x, 3 * BLOCK + 2048, 2 * BLOCK, want);
				is_kind(&x, 3 * BLOCK, 3 * BLOCK, "overwrite");
				/* Their neighbours are as they were. */
				is_kind(&x, 2 * BLOCK, BLOCK, "unwritten");
				is_kind(&x, 6 * BLOCK, BLOCK, "unwritten");
				target_close(&x);
			}
}

static void test_at_eof(void **state)
{
	struct target x;

	(void)state;
	fio_open(&x, WORKLOAD_FALLOC_NATIVE, false, false);
	/* Ends at EOF: inside. */
	is_kind(&x, 14 * BLOCK, 2 * BLOCK, "unwritten");
	assert_int_equal(x.eof, 16 * BLOCK);
	/* Across it, whatever is below. */
	is_kind(&x, 12 * BLOCK, 5 * BLOCK, "straddle");
	assert_int_equal(x.eof, 17 * BLOCK);
	is_kind(&x, 12 * BLOCK, BLOCK, "overwrite");
	is_kind(&x, 17 * BLOCK, BLOCK, "append");
	is_kind(&x, 19 * BLOCK, 3 * BLOCK, "gap");
	assert_int_equal(x.eof, 22 * BLOCK);
	is_kind(&x, 22 * BLOCK + SECTOR, SECTOR, "gap+unaligned");
	is_kind(&x, x.eof, BLOCK, "append+unaligned");
	is_kind(&x, x.eof - SECTOR, BLOCK, "straddle+unaligned");
	is_kind(&x, SECTOR, BLOCK - SECTOR, "unwritten+unaligned");
	is_kind(&x, 2 * BLOCK, BLOCK + SECTOR, "unwritten+unaligned");
	is_kind(&x, 2 * BLOCK, BLOCK, "overwrite");
	target_close(&x);
}

/* KEEP_SIZE space lies past EOF; where a part of it is used up, holes begin. */
static void test_prealloc(void **state)
{
	struct target x;

	(void)state;
	fio_open(&x, WORKLOAD_FALLOC_KEEP, false, false);
	is_kind(&x, 0, BLOCK, "append-prealloc");
	is_kind(&x, BLOCK, 3 * BLOCK, "append-prealloc");
	is_kind(&x, 3 * BLOCK, 2 * BLOCK, "straddle");
	is_kind(&x, 6 * BLOCK, BLOCK, "gap");
	/* What the gap left out lies inside EOF now, and is unwritten. */
	is_kind(&x, 5 * BLOCK, BLOCK, "unwritten");
	x.map[8] = KIND_STATE_HOLE;
	is_kind(&x, 7 * BLOCK, 2 * BLOCK, "append");
	is_kind(&x, 9 * BLOCK, 7 * BLOCK, "append-prealloc");
	is_kind(&x, 16 * BLOCK, BLOCK, "append");
	target_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regions),	    cmocka_unit_test(test_regions_even),
		cmocka_unit_test(test_regions_odd), cmocka_unit_test(test_starts_inside),
		cmocka_unit_test(test_fio_layouts), cmocka_unit_test(test_one_extends),
		cmocka_unit_test(test_fio_append),  cmocka_unit_test(test_weakest),
		cmocka_unit_test(test_at_eof),	    cmocka_unit_test(test_prealloc),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
