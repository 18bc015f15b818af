// SPDX-License-Identifier: GPL-2.0-or-later
/* Where each kind goes, on a target without a file; what a write then was. */
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

#define BLOCK 4096u
#define SECTOR 512u
#define REGION (64 * BLOCK)

/* ---- a target of three regions, and a stream in it ---- */

struct place {
	struct target t;
	struct target_stream s;
	struct workload_job job;
};

static void place_target(struct place *p, uint64_t bs, bool shift_eof)
{
	static const enum kind_state order[] = { KIND_STATE_WRITTEN, KIND_STATE_UNWRITTEN,
						 KIND_STATE_HOLE };
	static const int never;
	struct load_error err;
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->t.spec = (struct target_spec){
		.virt = true,
		.mix = true,
		.size_bytes = 3 * REGION,
		.round_bytes = bs,
		.shift_eof = shift_eof,
		.prealloc_bytes = 10 * bs,
		.order_nr = 3,
	};
	for (i = 0; i < 3; i++) {
		p->t.spec.order[i] = order[i];
		p->t.spec.weight[i] = 1;
	}
	p->t.limits = (struct target_limits){ BLOCK, SECTOR, SECTOR, false, false };
	assert_int_equal(target_open(&p->t, NULL, &never, &err), 0);
	p->job.bs.min_bytes = p->job.bs.max_bytes = bs;
	p->job.randseed = 5;
	p->job.percentage_random = 100;
	p->job.nrfiles = 1;
}

static void place_open(struct place *p, unsigned int base, unsigned int mods, uint64_t bs,
		       int rw)
{
	struct kind kind = { (uint8_t)base, (uint8_t)mods };
	bool shift = kind_is_extending(kind) && (mods & KIND_UNALIGNED) && !(bs % BLOCK);

	place_target(p, bs, shift);
	p->job.rw = rw;
	target_stream_init(&p->s, &p->t, &p->job, kind, 0);
}

static uint64_t place_next(struct place *p, uint64_t i)
{
	uint32_t len = (uint32_t)p->job.bs.min_bytes;
	uint64_t offset;

	assert_int_equal(target_place(&p->s, i, &len, &offset, true), 0);
	assert_int_equal(len, p->job.bs.min_bytes);
	return offset;
}

static int place_end(struct place *p)
{
	uint32_t len = (uint32_t)p->job.bs.min_bytes;
	uint64_t offset;

	return target_place(&p->s, 0, &len, &offset, true);
}

/* blockalign: positions are multiples of it, each once a pass, whatever bs is. */
static void test_blockalign(void **state)
{
	const struct kind kind = { KIND_OVERWRITE, 0 };
	unsigned int seen[REGION / BLOCK] = { 0 }, i;
	struct place p;

	(void)state;
	place_target(&p, SECTOR, false);
	p.job.blockalign.min_bytes = p.job.blockalign.max_bytes = BLOCK;
	target_stream_init(&p.s, &p.t, &p.job, kind, 0);
	for (i = 0; i < REGION / BLOCK; i++) {
		uint64_t at = place_next(&p, i) - p.t.region[KIND_STATE_WRITTEN].start;

		assert_int_equal(at % BLOCK, 0);
		assert_int_equal(seen[at / BLOCK]++, 0);
	}
	target_close(&p.t);
}

/* How many of the places are hit in 10,000 draws; hits: each how often. */
static unsigned int skewed(const char *value, unsigned int *hits)
{
	const struct kind kind = { KIND_OVERWRITE, 0 };
	unsigned int i, nr = 0;
	struct place p;
	char why[256];

	memset(hits, 0, REGION / BLOCK * sizeof(*hits));
	place_target(&p, BLOCK, false);
	assert_int_equal(
		distribution_parse(value, &p.job.random_distribution, why, sizeof(why)),
		0);
	target_stream_init(&p.s, &p.t, &p.job, kind, 0);
	for (i = 0; i < 10000; i++)
		hits[(place_next(&p, i) - p.t.region[KIND_STATE_WRITTEN].start) /
		     BLOCK]++;
	for (i = 0; i < REGION / BLOCK; i++)
		nr += hits[i] > 0;
	target_close(&p.t);
	return nr;
}

/* random_distribution: zones lie as they are given, and hot places of zipf apart. */
static void test_skewed(void **state)
{
	unsigned int hits[REGION / BLOCK], i, hot = 0, second = 0;

	(void)state;
	assert_int_equal(skewed("zoned:0/50:100/50", hits), REGION / BLOCK / 2);
	for (i = 0; i < REGION / BLOCK / 2; i++)
		assert_int_equal(hits[i], 0);
	assert_int_equal(skewed("zipf:1.2", hits), REGION / BLOCK);
	for (i = 1; i < REGION / BLOCK; i++)
		if (hits[i] > hits[hot])
			hot = i;
	/* 1 / zeta of 64 places is 0.28. */
	assert_in_range(hits[hot], 2500, 3200);
	/* By rank it would be the first, and the second beside it. */
	assert_true(hot > 0);
	for (i = 0; i < REGION / BLOCK; i++)
		if (i != hot && hits[i] > hits[second])
			second = i;
	assert_true(second > hot + 1 || second + 1 < hot);
}

/* ---- one expectation a kind ---- */

/* Overwrite, read: every place once a pass; rw=write: ascending, then again. */
static void expect_region(unsigned int base, unsigned int mods, uint64_t bs)
{
	bool shifted = (mods & KIND_UNALIGNED) && !(bs % BLOCK);
	uint64_t shift = shifted ? SECTOR : 0, nr, i, start, pass;
	struct place p;

	place_open(&p, base, mods, bs, WORKLOAD_RW_NONE);
	start = p.t.region[KIND_STATE_WRITTEN].start + shift;
	nr = p.t.region[KIND_STATE_WRITTEN].bytes / bs - shifted;
	for (pass = 0; pass < 3; pass++) {
		char *seen = calloc(nr, 1);
		uint64_t ascending = 0, last = 0;

		assert_non_null(seen);
		for (i = 0; i < nr; i++) {
			uint64_t at = place_next(&p, pass * nr + i) - start;

			assert_int_equal(at % bs, 0);
			assert_in_range(at / bs, 0, nr - 1);
			assert_int_equal(seen[at / bs]++, 0);
			ascending += at > last;
			last = at;
		}
		assert_in_range(ascending, nr / 4, nr - nr / 4);
		free(seen);
	}
	place_open(&p, base, mods, bs, WORKLOAD_WRITE);
	for (i = 0; i < 3 * nr; i++)
		assert_int_equal(place_next(&p, 0), start + i % nr * bs);
}

/* Hole, unwritten: each block once, then no more; in order, or not. */
static void expect_once(unsigned int base, unsigned int mods, uint64_t bs)
{
	bool shifted = (mods & KIND_UNALIGNED) && !(bs % BLOCK);
	uint64_t shift = shifted ? SECTOR : 0;
	uint64_t stride = (bs + shift + BLOCK - 1) / BLOCK * BLOCK;
	static const int rw[] = { WORKLOAD_RW_NONE, WORKLOAD_WRITE, WORKLOAD_RANDWRITE };
	size_t k;

	for (k = 0; k < 3; k++) {
		const struct target_region *r;
		char seen[REGION / BLOCK] = { 0 };
		uint64_t nr, i, b, ascending = 0, last = 0;
		struct place p;

		place_open(&p, base, mods, bs, rw[k]);
		r = &p.t.region[kind_row(base)->state];
		nr = r->bytes / stride;
		assert_true(nr > 10);
		for (i = 0; i < nr; i++) {
			uint64_t at = place_next(&p, i * 7) - r->start;

			if (rw[k] != WORKLOAD_RANDWRITE)
				assert_int_equal(at, i * stride + shift);
			assert_int_equal(at % stride, shift);
			assert_true(at + bs <= r->bytes);
			for (b = at / BLOCK; b * BLOCK < at + bs; b++)
				assert_int_equal(seen[b]++, 0);
			ascending += at > last;
			last = at;
		}
		if (rw[k] == WORKLOAD_RANDWRITE)
			assert_in_range(ascending, nr / 4, nr - nr / 4);
		/* A rest that holds no whole stride may hold the last write. */
		if (rw[k] == WORKLOAD_RANDWRITE || r->bytes % stride < bs + shift)
			assert_int_equal(place_end(&p), -ENODATA);
		for (i = 0; i < 3; i++)
			if (rw[k] == WORKLOAD_RANDWRITE)
				assert_int_equal(place_end(&p), -ENODATA);
	}
}

/* From EOF on; `back` bytes inside it, or `ahead` bytes past it. */
static void expect_eof(unsigned int base, unsigned int mods, uint64_t bs)
{
	bool unaligned = mods & KIND_UNALIGNED;
	uint64_t granule = unaligned ? SECTOR : BLOCK, eof, i;
	uint64_t back = base == KIND_STRADDLE ? bs / 2 / granule * granule : 0;
	uint64_t ahead = base == KIND_GAP ? bs : 0;
	struct place p;

	place_open(&p, base, mods, bs, WORKLOAD_RW_NONE);
	eof = p.t.start_eof;
	assert_int_equal(eof, p.t.eof);
	assert_int_equal(eof % BLOCK, unaligned && !(bs % BLOCK) ? SECTOR : eof % BLOCK);
	for (i = 0; i < (base == KIND_APPEND_PREALLOC ? 10 : 200); i++) {
		uint64_t at = place_next(&p, i * 3);

		assert_int_equal(at, eof - back + ahead);
		eof = at + bs;
		assert_int_equal(p.t.eof, eof);
	}
	if (base != KIND_APPEND_PREALLOC)
		return;
	assert_int_equal(eof, p.t.prealloc_end);
	assert_int_equal(place_end(&p), -ENODATA);
	assert_int_equal(p.t.eof, eof);
}

static void expect_sync(unsigned int base, unsigned int mods, uint64_t bs)
{
	uint64_t i, eof;
	struct place p;

	place_open(&p, base, mods, bs, WORKLOAD_RW_NONE);
	eof = p.t.eof;
	for (i = 0; i < 3; i++)
		assert_int_equal(place_next(&p, i), 0);
	assert_int_equal(p.t.eof, eof);
}

/* A kind that is new in kind.c has to say here where it goes. */
static void test_every_kind(void **state)
{
	static void (*const expect[KIND_BASE_NR])(unsigned int, unsigned int,
						  uint64_t) = {
		[KIND_OVERWRITE] = expect_region, [KIND_READ] = expect_region,
		[KIND_UNWRITTEN] = expect_once,	  [KIND_HOLE] = expect_once,
		[KIND_APPEND] = expect_eof,	  [KIND_APPEND_PREALLOC] = expect_eof,
		[KIND_STRADDLE] = expect_eof,	  [KIND_GAP] = expect_eof,
		[KIND_FDATASYNC] = expect_sync,	  [KIND_FSYNC] = expect_sync,
	};
	static const uint64_t aligned[] = { 8192, 12288, 16384 };
	static const uint64_t unaligned[] = { 1024, 4096, 5120, 6144, 8192, 12288 };
	unsigned int base, k;

	(void)state;
	for (base = 0; base < KIND_BASE_NR; base++) {
		if (!expect[base])
			fail_msg("where does %s go?", kind_row(base)->name);
		for (k = 0; k < sizeof(aligned) / sizeof(aligned[0]); k++)
			expect[base](base, 0, aligned[k]);
		for (k = 0; k < sizeof(unaligned) / sizeof(unaligned[0]); k++)
			expect[base](base, KIND_UNALIGNED, unaligned[k]);
		if (base != KIND_STRADDLE)
			expect[base](base, KIND_DSYNC | KIND_NOWAIT, BLOCK);
	}
}

/* Random places are the plan's: another seed, another thread, another order. */
static void test_random_order(void **state)
{
	struct kind kind = { KIND_OVERWRITE, 0 };
	struct target_stream s[3];
	unsigned int same[3] = { 0 }, i, k;
	struct place p;

	(void)state;
	place_open(&p, KIND_OVERWRITE, 0, BLOCK, WORKLOAD_RANDWRITE);
	target_stream_init(&s[0], &p.t, &p.job, kind, 0);
	target_stream_init(&s[1], &p.t, &p.job, kind, 1);
	p.job.randseed++;
	target_stream_init(&s[2], &p.t, &p.job, kind, 0);
	for (i = 0; i < 64; i++) {
		uint64_t at = place_next(&p, i), other;
		uint32_t len = BLOCK;

		for (k = 0; k < 3; k++) {
			assert_int_equal(target_place(&s[k], i, &len, &other, true), 0);
			same[k] += at == other;
		}
	}
	assert_int_equal(same[0], 64);
	assert_in_range(same[1], 0, 16);
	assert_in_range(same[2], 0, 16);
}

/* The last place ends inside what was preallocated, however that is cut. */
static void test_prealloc_end(void **state)
{
	struct place p;
	unsigned int i;

	(void)state;
	place_open(&p, KIND_APPEND_PREALLOC, 0, 8192, WORKLOAD_RW_NONE);
	p.t.prealloc_end -= SECTOR;
	for (i = 0; i < 9; i++)
		(void)place_next(&p, i);
	assert_int_equal(place_end(&p), -ENODATA);
	assert_int_equal(p.t.eof, p.t.prealloc_end + SECTOR - 8192);
}

/* Several extending kinds share the one EOF. */
static void test_one_eof(void **state)
{
	struct kind kind[] = { { KIND_APPEND, 0 },
			       { KIND_STRADDLE, 0 },
			       { KIND_GAP, 0 } };
	struct target_stream s[3];
	uint64_t eof, offset;
	struct place p;
	unsigned int i;

	(void)state;
	place_target(&p, 8192, false);
	for (i = 0; i < 3; i++)
		target_stream_init(&s[i], &p.t, &p.job, kind[i], 0);
	eof = p.t.eof;
	for (i = 0; i < 300; i++) {
		uint32_t len = 8192;
		unsigned int k = i * 7 % 3;

		assert_int_equal(target_place(&s[k], i, &len, &offset, true), 0);
		assert_int_equal(offset, k == 0 ? eof : k == 1 ? eof - 4096 : eof + 8192);
		eof = offset + len;
	}
	assert_int_equal(p.t.eof, eof);
}

/*
 * Lengths that vary: a place is a multiple of the smallest, cut at the region's
 * end; consumed blocks are not shared; straddles go back by half their own.
 */
static void test_ranges(void **state)
{
	static const unsigned int base[] = { KIND_OVERWRITE, KIND_HOLE, KIND_UNWRITTEN };
	static const int rw[] = { WORKLOAD_WRITE, WORKLOAD_RANDWRITE };
	unsigned int n, mods;

	(void)state;
	for (n = 0; n < 2 * 2 * 3; n++) {
		const unsigned int b = base[n / 4];
		const struct target_region *r;
		char seen[REGION / BLOCK] = { 0 };
		uint64_t i, k, offset, cut = 0;
		struct place p;

		mods = n % 2 ? KIND_UNALIGNED : 0;
		place_target(&p, 16384, false);
		p.job.bs.min_bytes = 4096;
		p.job.rw = rw[n / 2 % 2];
		target_stream_init(&p.s, &p.t, &p.job,
				   (struct kind){ (uint8_t)b, (uint8_t)mods }, 0);
		r = &p.t.region[kind_row(b)->state];
		for (i = 0; i < 500; i++) {
			const uint32_t want = 4096 * (uint32_t)(1 + i % 4);
			uint32_t len = want;

			if (target_place(&p.s, i, &len, &offset, false)) {
				assert_true(kind_row(b)->consumes);
				break;
			}
			assert_int_equal(offset % BLOCK, mods ? SECTOR : 0);
			assert_in_range(len, 4096, want);
			cut += len < want;
			assert_true(offset >= r->start);
			assert_true(offset + len <= r->start + r->bytes);
			if (!kind_row(b)->consumes)
				continue;
			for (k = (offset - r->start) / BLOCK;
			     k * BLOCK < offset - r->start + len; k++)
				assert_int_equal(seen[k]++, 0);
		}
		if (kind_row(b)->consumes)
			assert_in_range(i, 10, 64);
		/* In ascending order a shifted one goes back to the start instead. */
		if (b == KIND_OVERWRITE && (p.job.rw == WORKLOAD_RANDWRITE || !mods))
			assert_true(cut > 0);
		else
			assert_int_equal(cut, 0);
	}
}

/* Two members of a mix that use up one region: neither takes the other's. */
static void test_shared_region(void **state)
{
	static const int rw[] = { WORKLOAD_WRITE, WORKLOAD_RANDWRITE };
	struct kind kind[] = { { KIND_HOLE, 0 },
			       { KIND_HOLE, KIND_DSYNC },
			       { KIND_HOLE, KIND_UNALIGNED } };
	struct target_stream s[3];
	unsigned int k;

	(void)state;
	for (k = 0; k < 2; k++) {
		char seen[REGION / BLOCK] = { 0 };
		const struct target_region *r;
		uint64_t i, b, offset;
		struct place p;

		place_target(&p, BLOCK, false);
		p.job.rw = rw[k];
		r = &p.t.region[KIND_STATE_HOLE];
		p.job.mix.nr = 3;
		for (i = 0; i < 3; i++)
			p.job.mix.item[i] = (struct workload_mix_item){ kind[i], 1 };
		for (i = 0; i < 3; i++)
			target_stream_init(&s[i], &p.t, &p.job, kind[i], 0);
		for (i = 0; i < 64; i++) {
			uint32_t len = BLOCK;

			if (target_place(&s[i % 3], i, &len, &offset, true))
				break;
			for (b = (offset - r->start) / BLOCK;
			     b * BLOCK < offset - r->start + len; b++)
				if (seen[b]++)
					fail_msg("rw=%s: block %u is used twice",
						 k ? "randwrite" : "write",
						 (unsigned int)b);
		}
		assert_true(i >= 32);
	}
}

/* A region that holds not one operation has no place, and that is said. */
static void test_too_small(void **state)
{
	static const unsigned int base[] = { KIND_OVERWRITE, KIND_HOLE, KIND_UNWRITTEN,
					     KIND_READ };
	static const int rw[] = { WORKLOAD_WRITE, WORKLOAD_RANDWRITE };
	unsigned int n;

	(void)state;
	for (n = 0; n < 4 * 2 * 2; n++) {
		struct kind kind = { (uint8_t)base[n / 4], n % 2 ? KIND_UNALIGNED : 0 };
		struct target_region *r;
		struct place p;

		place_target(&p, BLOCK, false);
		r = &p.t.region[kind_row(kind.base)->state];
		/* One block: room for a write, but not for one that is shifted. */
		r->bytes = kind.mods ? BLOCK : 0;
		p.job.rw = rw[n / 2 % 2];
		target_stream_init(&p.s, &p.t, &p.job, kind, 0);
		assert_int_equal(place_end(&p), -ENODATA);
	}
}

/* A job without mix: [offset, offset + size), as fio walks it. */
static void test_fio_order(void **state)
{
	char seen[32] = { 0 };
	struct place p;
	uint64_t i;

	(void)state;
	place_target(&p, BLOCK, false);
	p.job.size.bytes = 32 * BLOCK;
	p.job.offset.bytes = 8 * BLOCK;
	p.job.rw = WORKLOAD_WRITE;
	target_stream_init_fio(&p.s, &p.t, &p.job, 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(place_next(&p, i), (8 + i % 32) * BLOCK);
	p.job.rw = WORKLOAD_RANDWRITE;
	target_stream_init_fio(&p.s, &p.t, &p.job, 0);
	for (i = 0; i < 32; i++)
		assert_int_equal(seen[place_next(&p, i) / BLOCK - 8]++, 0);
	p.job.file_append = true;
	p.job.rw = WORKLOAD_WRITE;
	p.t.old_eof = 100 * BLOCK;
	target_stream_init_fio(&p.s, &p.t, &p.job, 0);
	assert_int_equal(place_next(&p, 0), 100 * BLOCK);
}

/* Of several files each has its part of size. */
static void test_fio_parts(void **state)
{
	char seen[8] = { 0 };
	struct place p;
	uint64_t i;

	(void)state;
	place_target(&p, BLOCK, false);
	p.job.size.bytes = 32 * BLOCK;
	p.job.nrfiles = 4;
	p.job.rw = WORKLOAD_RANDWRITE;
	target_stream_init_fio(&p.s, &p.t, &p.job, 0);
	for (i = 0; i < 8; i++)
		assert_int_equal(seen[place_next(&p, i) / BLOCK]++, 0);
}

/* percentage_random: the others follow the one before, round and round. */
static void test_part_random(void **state)
{
	const unsigned int nr = 20000;
	unsigned int follows = 0;
	uint64_t i, at, before = 0;
	struct place p, again;

	(void)state;
	place_target(&p, BLOCK, false);
	p.job.size.bytes = 1024 * BLOCK;
	p.job.rw = WORKLOAD_RANDWRITE;
	p.job.percentage_random = 30;
	target_stream_init_fio(&p.s, &p.t, &p.job, 0);
	place_target(&again, BLOCK, false);
	again.job = p.job;
	target_stream_init_fio(&again.s, &again.t, &again.job, 0);
	for (i = 0; i < nr; i++) {
		at = place_next(&p, i);
		assert_int_equal(at, place_next(&again, i));
		assert_true(at < 1024 * BLOCK);
		follows += at == (before + BLOCK) % (1024 * BLOCK);
		before = at;
	}
	/* Within five standard deviations. */
	assert_in_range(follows, 0.7 * nr - 5 * 65, 0.7 * nr + 20 + 5 * 65);
	/* 0: all in order. */
	p.job.percentage_random = 0;
	target_stream_init_fio(&p.s, &p.t, &p.job, 0);
	for (i = 0; i < 3000; i++)
		assert_int_equal(place_next(&p, i), i % 1024 * BLOCK);
}

/* ---- threads ---- */

#define RACERS 3
#define RACE_NR 40000
#define RACE_ROUNDS 8

static pthread_barrier_t race_start;

struct racer {
	pthread_t pthread;
	struct target_stream s;
	uint64_t at[RACE_NR];
	unsigned int nr;
};

static void *race(void *arg)
{
	struct racer *r = arg;

	(void)pthread_barrier_wait(&race_start);
	while (r->nr < RACE_NR) {
		uint32_t len = BLOCK;

		if (target_place(&r->s, r->nr, &len, &r->at[r->nr], true))
			break;
		r->nr++;
	}
	return NULL;
}

/* All of them run at once; returns how many places they took together. */
static unsigned int race_run(struct racer *racer, struct place *p, uint8_t base)
{
	unsigned int i, nr = 0;

	for (i = 0; i < RACERS; i++) {
		racer[i].nr = 0;
		target_stream_init(&racer[i].s, &p->t, &p->job, (struct kind){ base, 0 },
				   i);
	}
	for (i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&racer[i].pthread, NULL, race, &racer[i]),
				 0);
	for (i = 0; i < RACERS; i++) {
		assert_int_equal(pthread_join(racer[i].pthread, NULL), 0);
		nr += racer[i].nr;
	}
	return nr;
}

/* Each place from the first on is taken, and by one thread only. */
static void race_check(const struct racer *racer, char *seen, unsigned int nr,
		       uint64_t step)
{
	uint64_t first = UINT64_MAX;
	unsigned int i, k;

	for (i = 0; i < RACERS; i++)
		for (k = 0; k < racer[i].nr; k++)
			first = racer[i].at[k] < first ? racer[i].at[k] : first;
	memset(seen, 0, nr);
	for (i = 0; i < RACERS; i++)
		for (k = 0; k < racer[i].nr; k++) {
			uint64_t at = (racer[i].at[k] - first) / step;

			if ((racer[i].at[k] - first) % step || at >= nr || seen[at]++)
				fail_msg("place %llu is not one thread's alone",
					 (unsigned long long)racer[i].at[k]);
		}
}

/* Places of threads that share a target never overlap, and leave nothing out. */
static void test_threads(void **state)
{
	static const struct {
		uint8_t base;
		int rw;
		uint64_t step;
	} t[] = {
		{ KIND_HOLE, WORKLOAD_WRITE, BLOCK },
		{ KIND_HOLE, WORKLOAD_RANDWRITE, BLOCK },
		{ KIND_APPEND, 0, BLOCK },
		{ KIND_APPEND_PREALLOC, 0, BLOCK },
		{ KIND_GAP, 0, 2 * BLOCK },
		{ KIND_OVERWRITE, WORKLOAD_WRITE, BLOCK },
	};
	struct racer *racer = calloc(RACERS, sizeof(*racer));
	char *seen = calloc(RACERS, RACE_NR);
	size_t k;

	(void)state;
	assert_non_null(racer);
	assert_non_null(seen);
	assert_int_equal(pthread_barrier_init(&race_start, NULL, RACERS), 0);
	for (k = 0; k < RACE_ROUNDS * sizeof(t) / sizeof(t[0]); k++) {
		const uint8_t base = t[k / RACE_ROUNDS].base;
		unsigned int want = RACERS * RACE_NR;
		struct place p;

		place_target(&p, BLOCK, false);
		p.job.rw = t[k / RACE_ROUNDS].rw;
		/* Regions of any size: nothing is there but numbers. */
		p.t.region[KIND_STATE_HOLE].bytes = want / 2 * (uint64_t)BLOCK;
		p.t.region[KIND_STATE_WRITTEN].bytes = want * (uint64_t)BLOCK;
		p.t.prealloc_end = p.t.eof + want / 2 * (uint64_t)BLOCK;
		if (kind_row(base)->consumes)
			want /= 2;
		assert_int_equal(race_run(racer, &p, base), want);
		race_check(racer, seen, want, t[k / RACE_ROUNDS].step);
	}
	(void)pthread_barrier_destroy(&race_start);
	free(racer);
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blockalign),   cmocka_unit_test(test_skewed),
		cmocka_unit_test(test_every_kind),   cmocka_unit_test(test_random_order),
		cmocka_unit_test(test_prealloc_end), cmocka_unit_test(test_one_eof),
		cmocka_unit_test(test_ranges),	     cmocka_unit_test(test_shared_region),
		cmocka_unit_test(test_too_small),    cmocka_unit_test(test_fio_order),
		cmocka_unit_test(test_fio_parts),    cmocka_unit_test(test_part_random),
		cmocka_unit_test(test_threads),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
