// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/bootstrap.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * xoshiro256**, by D. Blackman and S. Vigna (Scrambled linear pseudorandom number
 * generators, ACM TOMS 47, 2021), its state filled by splitmix64 as they advise.
 */
struct random {
	uint64_t s[4];
};

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void random_seed(struct random *r, uint64_t seed)
{
	int i;

	for (i = 0; i < 4; i++)
		r->s[i] = splitmix64(&seed);
}

static uint64_t rotl(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static uint64_t random_next(struct random *r)
{
	uint64_t *s = r->s, out = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return out;
}

/* 0 .. nr - 1; the bias of a part in 2^64 / nr is nobody's concern. */
static size_t random_below(struct random *r, size_t nr)
{
	return (size_t)((unsigned __int128)random_next(r) * nr >> 64);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A side made ready: logs, ascending within each sitting, and where these begin. */
struct ready {
	double *log;
	size_t *begin; /* sitting_nr + 1 */
	size_t *drawn; /* as many as the longest sitting has rounds */
	size_t sitting_nr;
};

static void ready_clear(struct ready *r)
{
	free(r->log);
	free(r->begin);
	free(r->drawn);
}

static int ready_make(struct ready *r, const struct bootstrap_side *side)
{
	size_t nr = 0, longest = 0, i;

	for (i = 0; i < side->sitting_nr; i++) {
		nr += side->round_nr[i];
		longest = side->round_nr[i] > longest ? side->round_nr[i] : longest;
	}
	r->sitting_nr = side->sitting_nr;
	r->log = malloc(nr * sizeof(*r->log));
	r->begin = calloc(side->sitting_nr + 1, sizeof(*r->begin));
	r->drawn = malloc(longest * sizeof(*r->drawn));
	if (!r->log || !r->begin || !r->drawn) {
		ready_clear(r);
		return -ENOMEM;
	}
	for (i = 0; i < nr; i++)
		r->log[i] = log(side->value[i]);
	for (i = 0; i < side->sitting_nr; i++) {
		r->begin[i + 1] = r->begin[i] + side->round_nr[i];
		qsort(r->log + r->begin[i], side->round_nr[i], sizeof(*r->log), by_value);
	}
	return 0;
}

/* The i-th smallest of what was drawn, by how often each place of sorted was. */
static double drawn_at(const double *sorted, const size_t *drawn, size_t i)
{
	while (i >= *drawn) {
		i -= *drawn++;
		sorted++;
	}
	return *sorted;
}

static double median_drawn(const double *sorted, const size_t *drawn, size_t nr)
{
	double upper = drawn_at(sorted, drawn, nr / 2);

	return nr % 2 ? upper : (drawn_at(sorted, drawn, nr / 2 - 1) + upper) / 2;
}

static double draw_sitting(struct ready *r, size_t sitting, struct random *random)
{
	size_t nr = r->begin[sitting + 1] - r->begin[sitting], i;

	memset(r->drawn, 0, nr * sizeof(*r->drawn));
	for (i = 0; i < nr; i++)
		r->drawn[random_below(random, nr)]++;
	return median_drawn(r->log + r->begin[sitting], r->drawn, nr);
}

int bootstrap_value(const struct bootstrap_side *side, double *out)
{
	struct ready r;
	double sum = 0;
	size_t i, k;

	if (ready_make(&r, side))
		return -ENOMEM;
	for (i = 0; i < r.sitting_nr; i++) {
		size_t nr = side->round_nr[i];

		for (k = 0; k < nr; k++)
			r.drawn[k] = 1;
		sum += median_drawn(r.log + r.begin[i], r.drawn, nr);
	}
	*out = exp(sum / (double)r.sitting_nr);
	ready_clear(&r);
	return 0;
}

int bootstrap_draw(const struct bootstrap_side *side, uint64_t seed, double *log_out,
		   size_t draw_nr)
{
	struct random random;
	struct ready r;
	size_t i, k;

	if (ready_make(&r, side))
		return -ENOMEM;
	random_seed(&random, seed);
	for (i = 0; i < draw_nr; i++) {
		double sum = 0;

		for (k = 0; k < r.sitting_nr; k++)
			sum += draw_sitting(&r, random_below(&random, r.sitting_nr),
					    &random);
		log_out[i] = sum / (double)r.sitting_nr;
	}
	ready_clear(&r);
	return 0;
}

int bootstrap_spread(const struct bootstrap_side *side, uint64_t seed, size_t draw_nr,
		     double *out)
{
	double *draw = malloc(draw_nr * sizeof(*draw)), mean = 0, sum = 0;
	int rc = draw ? bootstrap_draw(side, seed, draw, draw_nr) : -ENOMEM;
	size_t i;

	for (i = 0; i < draw_nr && !rc; i++)
		mean += draw[i] / (double)draw_nr;
	for (i = 0; i < draw_nr && !rc; i++)
		sum += (draw[i] - mean) * (draw[i] - mean);
	*out = sqrt(sum / (double)(draw_nr - 1));
	free(draw);
	return rc;
}

int bootstrap_ratio(const struct bootstrap_side *a, const struct bootstrap_side *b,
		    uint64_t seed, size_t draw_nr, double *low, double *high)
{
	double *of_a = malloc(draw_nr * sizeof(*of_a));
	double *of_b = malloc(draw_nr * sizeof(*of_b));
	size_t tail = draw_nr / 40, i;
	int rc = of_a && of_b ? 0 : -ENOMEM;

	if (!rc)
		rc = bootstrap_draw(a, seed, of_a, draw_nr);
	/* Another stream, or equal sides would be drawn alike. */
	if (!rc)
		rc = bootstrap_draw(b, ~seed, of_b, draw_nr);
	if (!rc) {
		for (i = 0; i < draw_nr; i++)
			of_b[i] -= of_a[i];
		qsort(of_b, draw_nr, sizeof(*of_b), by_value);
		*low = exp(of_b[tail]);
		*high = exp(of_b[draw_nr - 1 - tail]);
	}
	free(of_a);
	free(of_b);
	return rc;
}
