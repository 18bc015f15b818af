// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zipf: J. Gray et al., Quickly generating billion-record synthetic databases, SIGMOD
 * 1994, as fio has it. pareto: the inverse of its distribution function. normal: the
 * polar form of Box and Muller needs a second draw only where the first is refused; here
 * it is the plain form, of two.
 */
#include "load/skew.h"

#include <math.h>

#include "load/plan.h"

#define ZETA_TERMS_MAX 10000000 /* as in fio: what is beyond adds next to nothing */

static double zeta(uint64_t nr, double theta)
{
	double sum = 0;
	uint64_t i;

	if (nr > ZETA_TERMS_MAX)
		nr = ZETA_TERMS_MAX;
	for (i = 1; i <= nr; i++)
		sum += pow(1.0 / (double)i, theta);
	return sum;
}

void skew_init(struct skew *s, const struct distribution *of, uint64_t nr, uint64_t seed)
{
	*s = (struct skew){ .of = of, .nr = nr, .key = plan_mix64(seed) };
	if (of->how == DISTRIBUTION_ZIPF) {
		s->zeta = zeta(nr, of->shape);
		s->half_pow = pow(0.5, of->shape);
		s->alpha = 1 / (1 - of->shape);
		s->eta = (1 - pow(2.0 / (double)nr, 1 - of->shape)) /
			 (1 - (1 + s->half_pow) / s->zeta);
	} else if (of->how == DISTRIBUTION_PARETO) {
		s->power = log(of->shape) / log(1 - of->shape);
	}
}

/* [0, 1) */
static double unit(uint64_t draw)
{
	return (double)(draw >> 11) * 0x1p-53;
}

static double zipf_at(const struct skew *s, double u)
{
	if (u * s->zeta < 1)
		return 0;
	if (u * s->zeta < 1 + s->half_pow)
		return 1;
	return (double)s->nr * pow(s->eta * u - s->eta + 1, s->alpha);
}

static double normal_at(const struct skew *s, double u, double v)
{
	const double nr = (double)s->nr;
	double z = sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
	double at = nr / 2 + z * nr * s->of->shape / 100;

	/* What falls off one end comes in at the other: an end is no hotter for it. */
	at = fmod(at, nr);
	return at < 0 ? at + nr : at;
}

static double zoned_at(const struct skew *s, double u, double v)
{
	unsigned int access = 0, before = 0, k;

	for (k = 0; k + 1 < s->of->zone_nr; k++) {
		access += s->of->zone[k].access;
		if (u * 100 < access)
			break;
		before += s->of->zone[k].size;
	}
	return (before + v * s->of->zone[k].size) / 100 * (double)s->nr;
}

uint64_t skew_at(const struct skew *s, uint64_t i)
{
	uint64_t draw = plan_draw(s->key + i * 0x9e3779b97f4a7c15ull), rank;
	double u = unit(draw), v = unit(plan_mix64(draw + 0x9e3779b97f4a7c15ull)), at;

	switch (s->of->how) {
	case DISTRIBUTION_ZIPF:
		at = zipf_at(s, u);
		break;
	case DISTRIBUTION_PARETO:
		at = (double)s->nr * pow(u, s->power);
		break;
	case DISTRIBUTION_NORMAL:
		at = normal_at(s, u, v);
		break;
	case DISTRIBUTION_ZONED:
		at = zoned_at(s, u, v);
		break;
	default:
		at = u * (double)s->nr;
		break;
	}
	rank = at > 0 ? (uint64_t)at : 0;
	return rank < s->nr ? rank : s->nr - 1;
}
