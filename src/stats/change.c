// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/change.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/student.h"

#define LEVEL_MIN 2	 /* nights that a level lasts */
#define NEWEST_MAX 4	 /* nights of a level that a search of its own is for */
#define VALUES_MIN 6	 /* a history that something can be said of */
#define SPREAD_OUT 4.0	 /* standard deviations that a night alone stands out by */
#define MAD_TO_SD 1.4826 /* of a normal distribution */

/* ---- nights that stand out ---- */

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *v, size_t nr)
{
	qsort(v, nr, sizeof(*v), by_value);
	return nr % 2 ? v[nr / 2] : (v[nr / 2 - 1] + v[nr / 2]) / 2;
}

/*
 * What one night differs from the next by chance, as a standard deviation of one night:
 * from the median of the steps, which few changes of level can't move.
 */
static double night_sd(const double *v, size_t nr, double *scratch)
{
	size_t i;

	for (i = 1; i < nr; i++)
		scratch[i - 1] = fabs(v[i] - v[i - 1]);
	return MAD_TO_SD * median(scratch, nr - 1) / sqrt(2);
}

/*
 * Far from both neighbours, to the same side, and further than they are from another.
 * The last night has one neighbour: whether it stands out the next will tell. A step
 * from one night to the next has the spread of both, and by one step alone it is judged.
 */
static bool stands_out(const double *v, size_t nr, size_t i, double far)
{
	double left, right;

	if (i == 0)
		return false;
	if (i + 1 == nr)
		return fabs(v[i] - v[i - 1]) > far * sqrt(2);
	left = v[i] - v[i - 1];
	right = v[i] - v[i + 1];
	if (left * right <= 0 || fabs(v[i + 1] - v[i - 1]) > fabs(left) / 2 ||
	    fabs(v[i + 1] - v[i - 1]) > fabs(right) / 2)
		return false;
	return fmin(fabs(left), fabs(right)) > far;
}

/* ---- levels ---- */

struct search {
	const double *v; /* without nights that stand out */
	size_t nr;
	double least;
	bool *split; /* nr: a level begins here */
	double *p;   /* nr: of that split */
};

static void level(const double *v, size_t nr, double *mean, double *square)
{
	size_t i;

	*mean = *square = 0;
	for (i = 0; i < nr; i++)
		*mean += v[i] / (double)nr;
	for (i = 0; i < nr; i++)
		*square += (v[i] - *mean) * (v[i] - *mean);
}

/*
 * What p is multiplied by, as there were other places for a split. Their shares of the
 * risk need not be alike, as long as all add up to 1 at most: 1 / (m (m - 1)), over all m
 * from 2, are 1, and so are n - 1 times 1 / (n - 1); each gets half of the larger. The
 * ends get most, as what happened two nights ago has no other evidence yet, and what
 * happened long ago has plenty.
 */
static double places(double n1, double n2)
{
	return 2 * fmin(n1 + n2 - 1, n2 * (n2 - 1));
}

/*
 * p of the difference of v[from, at) and v[at, to), for any of the places between. The
 * spread is that of both together: a level of two nights has none of its own to go by.
 */
static double split_p(const struct search *s, size_t from, size_t at, size_t to)
{
	double m1, m2, q1, q2, n1 = (double)(at - from), n2 = (double)(to - at), sd, p;
	double df = n1 + n2 - 2;

	level(s->v + from, at - from, &m1, &q1);
	level(s->v + at, to - at, &m2, &q2);
	if (fabs(m1 - m2) < s->least || m1 == m2 || df < 1)
		return 1;
	sd = sqrt((q1 + q2) / df);
	p = sd > 0 ? student_p((m1 - m2) / (sd * sqrt(1 / n1 + 1 / n2)), df) : 0;
	return fmin(1, p * places(n1, n2));
}

/*
 * The split of [from, to) whose parts' energy distance, weighted with their sizes, is
 * largest (Matteson and James, equations 5 to 8, alpha 1). 0: too short for any.
 */
static size_t best_split(const struct search *s, size_t from, size_t to)
{
	double within1 = 0, within2 = 0, between = 0, best = -INFINITY;
	size_t at, i, j, found = 0;

	for (i = from; i < to; i++)
		for (j = i + 1; j < to; j++)
			within2 += fabs(s->v[i] - s->v[j]);
	for (at = from + 1; at < to; at++) {
		double to1 = 0, to2 = 0, n1 = (double)(at - from), n2 = (double)(to - at),
		       q;

		/* The value before at goes from the second part to the first. */
		for (i = from; i + 1 < at; i++)
			to1 += fabs(s->v[at - 1] - s->v[i]);
		for (i = at; i < to; i++)
			to2 += fabs(s->v[at - 1] - s->v[i]);
		within1 += to1;
		within2 -= to2;
		between += to2 - to1;
		if (at - from < LEVEL_MIN || to - at < LEVEL_MIN)
			continue;
		q = n1 * n2 / (n1 + n2) *
		    (2 * between / (n1 * n2) - within1 / (n1 * (n1 - 1) / 2) -
		     within2 / (n2 * (n2 - 1) / 2));
		if (q > best) {
			best = q;
			found = at;
		}
	}
	return found;
}

/*
 * A level of a few nights at the end of all is short of weight in the energy distance, and
 * some chance of the past may have more of it: these places are looked at themselves.
 */
static void newest_split(const struct search *s, size_t from, size_t *at, double *p)
{
	size_t m;

	for (m = LEVEL_MIN; m <= NEWEST_MAX && s->nr >= from + m + LEVEL_MIN; m++) {
		double newest = split_p(s, from, s->nr - m, s->nr);

		if (newest < *p) {
			*p = newest;
			*at = s->nr - m;
		}
	}
}

/* Splits [from, to), and what that makes. */
static void divide(struct search *s, size_t from, size_t to)
{
	size_t at = best_split(s, from, to);
	double p = at ? split_p(s, from, at, to) : 1;

	if (to == s->nr && !(p < CHANGE_ALPHA))
		newest_split(s, from, &at, &p);
	if (!(p < CHANGE_ALPHA))
		return;
	s->split[at] = true;
	s->p[at] = p;
	divide(s, from, at);
	divide(s, at, to);
}

static size_t next_split(const struct search *s, size_t after)
{
	do
		after++;
	while (after < s->nr && !s->split[after]);
	return after;
}

/*
 * A split was judged beside whatever stood around it then. Now that the levels to
 * either side are known the least sure goes, until all are sure beside their neighbours.
 */
static void prune(struct search *s)
{
	size_t at, from, worst;

	do {
		double least = CHANGE_ALPHA;

		worst = 0;
		for (from = 0, at = next_split(s, 0); at < s->nr;
		     from = at, at = next_split(s, at)) {
			s->p[at] = split_p(s, from, at, next_split(s, at));
			if (s->p[at] >= least) {
				least = s->p[at];
				worst = at;
			}
		}
		if (worst)
			s->split[worst] = false;
	} while (worst);
}

/* The places in the history of what was found in what is left of it. */
static int collect(const struct search *s, const size_t *place, struct change **out,
		   size_t *out_nr)
{
	size_t at, from, nr = 0;
	double unused;

	for (at = next_split(s, 0); at < s->nr; at = next_split(s, at))
		nr++;
	*out = calloc(nr ? nr : 1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	for (from = 0, at = next_split(s, 0); at < s->nr;
	     from = at, at = next_split(s, at)) {
		struct change *c = &(*out)[(*out_nr)++];

		c->at = place[at];
		c->p = s->p[at];
		level(s->v + from, at - from, &c->before, &unused);
		level(s->v + at, next_split(s, at) - at, &c->after, &unused);
	}
	return 0;
}

int change_find(const double *value, size_t nr, double least, struct change **out,
		size_t *out_nr, bool *outlier)
{
	double *v = calloc(2 * nr + 1, sizeof(*v)), *p = v ? v + nr : NULL, far;
	bool *split = calloc(nr + 1, sizeof(*split));
	size_t *place = calloc(nr + 1, sizeof(*place)), i;
	struct search s = { .v = v, .least = least, .split = split, .p = p };
	int rc = -ENOMEM;

	*out = NULL;
	*out_nr = 0;
	if (outlier)
		memset(outlier, 0, nr * sizeof(*outlier));
	if (!v || !split || !place)
		goto out;
	/* Where values are all but equal, by rounding, no night is far. */
	far = fmax(nr > 1 ? SPREAD_OUT * night_sd(value, nr, p) : 0, least);
	for (i = 0; i < nr; i++) {
		if (nr >= VALUES_MIN && stands_out(value, nr, i, far)) {
			if (outlier)
				outlier[i] = true;
			continue;
		}
		place[s.nr] = i;
		v[s.nr++] = value[i];
	}
	memset(p, 0, nr * sizeof(*p));
	if (s.nr >= VALUES_MIN) {
		divide(&s, 0, s.nr);
		prune(&s);
	}
	rc = collect(&s, place, out, out_nr);
out:
	free(place);
	free(split);
	free(v);
	return rc;
}
