/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: what the i-th operation of a thread is. Kind, length and random
 * position are pure functions of (workload, seed, thread, i), so a run can be
 * replayed and a checker needs no log. Where the file ends is not the plan's
 * business: extending and consumable kinds take their place from the target, in
 * the order of submission.
 */
#ifndef DIOWAIT_PLAN_H
#define DIOWAIT_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "workload/workload.h"

struct plan {
	uint64_t key;			  /* from seed and thread */
	uint64_t len_units;		  /* lengths to choose from, - 1 */
	uint64_t unit_bytes;		  /* the smallest length */
	uint64_t limit[WORKLOAD_MIX_MAX]; /* item j: draw <= limit[j] */
	/* bssplit: length k, where another draw <= split_limit[k] */
	unsigned int split_nr; /* 0: none */
	uint32_t split_bytes[WORKLOAD_SPLIT_MAX];
	uint64_t split_limit[WORKLOAD_SPLIT_MAX];
};

struct plan_op {
	unsigned int item; /* of the job's mix; without: its writes, its reads */
	uint32_t len;	   /* bytes */
};

/* thread: 0 .. numjobs - 1. */
void plan_init(struct plan *p, const struct workload_job *job, unsigned int thread);

/* A well-mixed 64-bit value; the finaliser of splitmix64 (Steele et al. 2014,
 * "Fast splittable pseudorandom number generators"). */
static inline uint64_t plan_mix64(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/*
 * One draw per operation, of a Weyl sequence: the two halves of a 128-bit product
 * folded, as in Wang Yi's wyhash. Both factors depend on x: with a constant one
 * the draws of neighbours are correlated.
 */
static inline uint64_t plan_draw(uint64_t x)
{
	unsigned __int128 m = (unsigned __int128)x * (x ^ 0xa0761d6478bd642full);

	return (uint64_t)(m >> 64) ^ (uint64_t)m;
}

/* The i-th operation. fixed: lengths are known not to vary. */
static inline void plan_at(const struct plan *p, uint64_t i, struct plan_op *out,
			   bool fixed)
{
	uint64_t draw = plan_draw(p->key + i * 0x9e3779b97f4a7c15ull);
	unsigned int j = 0;

	/* The last limit is 2^64 - 1, and a draw of that may be any kind's. */
	while (draw > p->limit[j])
		j++;
	out->item = j;
	out->len = (uint32_t)p->unit_bytes;
	if (!fixed && p->len_units) {
		uint64_t more = plan_mix64(draw + 0x9e3779b97f4a7c15ull);

		if (p->split_nr) {
			for (j = 0; more > p->split_limit[j]; j++)
				;
			out->len = p->split_bytes[j];
			return;
		}
		more = (uint64_t)(((unsigned __int128)more * (p->len_units + 1)) >> 64);
		out->len += (uint32_t)(more * p->unit_bytes);
	}
}

/*
 * A pseudo-random permutation of 0 .. nr - 1, another one in every pass: i
 * visits each position once before any position twice, as fio's random map
 * does, without a map.
 */
struct plan_order {
	uint64_t nr;   /* 0: nothing to choose from */
	uint64_t mask; /* 2^k - 1 >= nr - 1 */
	unsigned int shift;
	uint64_t key;
	/* where plan_order_next() is */
	uint64_t pass, pass_start, pass_key;
};

void plan_order_init(struct plan_order *o, uint64_t nr, uint64_t seed);

/*
 * Each step is a bijection of 0 .. mask: adding a key, multiplying by an odd
 * number and xoring with a right shift all are, modulo a power of two. What
 * falls past nr goes round again (cycle walking, Black and Rogaway 2002,
 * "Ciphers with arbitrary finite domains"), which leaves a permutation of
 * 0 .. nr - 1 and takes less than two rounds on average.
 */
static inline uint64_t plan_order_in(const struct plan_order *o, uint64_t key,
				     uint64_t in_pass)
{
	uint64_t x = in_pass;

	/* The low halves of well-known constants: no more of them fits in a mul. */
	do {
		x = ((x ^ key) * 0x1ce4e5b9) & o->mask;
		x ^= x >> o->shift;
		x = (x * 0x133111eb) & o->mask;
		x ^= x >> o->shift;
		x = ((x + (key >> 32)) * 0x7f4a7c15) & o->mask;
		x ^= x >> o->shift;
	} while (x >= o->nr);
	return x;
}

static inline uint64_t plan_order_key(const struct plan_order *o, uint64_t pass)
{
	return o->key + pass * 0x9e3779b97f4a7c15ull;
}

/* Position of place in_pass of pass `pass`; nr > 0. */
static inline uint64_t plan_order_at(const struct plan_order *o, uint64_t pass,
				     uint64_t in_pass)
{
	return plan_order_in(o, plan_order_key(o, pass), in_pass);
}

/*
 * plan_order_at(o, i / nr, i % nr) for an i that never decreases: follows i from
 * pass to pass, since the hot path does not divide.
 */
static inline uint64_t plan_order_next(struct plan_order *o, uint64_t i)
{
	while (__builtin_expect(i - o->pass_start >= o->nr, 0)) {
		o->pass_start += o->nr;
		o->pass_key = plan_order_key(o, ++o->pass);
	}
	return plan_order_in(o, o->pass_key, i - o->pass_start);
}

#endif
