// SPDX-License-Identifier: GPL-2.0-or-later
/* Ranges and tics: round numbers with their unit, as many as there is room for. */
#include "result/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LABEL_MAX 40
#define RATIOS_MAX 40	/* tics on an axis of ratios */
#define RATIO_LEVELS 23 /* the last has 1 alone */

/* "100 us", "2.5 ms", "0": a tic's number is round, so all its digits count. */
static void label_ns(char *buf, double ns)
{
	static const char *const unit[] = { "ns", "us", "ms", "s" };
	size_t i = 0;

	while (i < 3 && ns >= 999.9995) {
		ns /= 1000;
		i++;
	}
	if (ns > 0)
		snprintf(buf, LABEL_MAX, "%.6g %s", ns, unit[i]);
	else
		strcpy(buf, "0");
}

static void label_rate(char *buf, double v)
{
	static const char *const unit[] = { "", " k", " M", " G" };
	size_t i = 0;

	while (i < 3 && v >= 999.9995) {
		v /= 1000;
		i++;
	}
	snprintf(buf, LABEL_MAX, "%.6g%s", v, unit[i]);
}

/* The largest of 1, 2 and 5 times a power of ten that is at most v; or smallest not
 * below it. */
static double round_125(double v, bool up)
{
	static const double step[] = { 1, 2, 5, 10 };
	double ten = pow(10, floor(log10(v) + 1e-9));
	size_t i;

	if (up) {
		for (i = 0; step[i] * ten < v * (1 - 1e-9); i++)
			;
	} else {
		for (i = 2; i && step[i] * ten > v * (1 + 1e-9); i--)
			;
	}
	return step[i] * ten;
}

static void fit_log(struct figure *f, struct figure_axis *a, double lo, double hi,
		    unsigned int labels)
{
	char label[LABEL_MAX];
	double ten, decades;
	unsigned int every;
	int m;

	if (!(lo > 0))
		lo = 1;
	if (!(hi > lo))
		hi = lo;
	a->min = round_125(lo / 1.02, false);
	a->max = round_125(hi * 1.02, true);
	if (a->max < 4 * a->min)
		a->max = round_125(4 * a->min, true);
	decades = log10(a->max / a->min);
	every = (unsigned int)ceil(decades / (labels ? labels : 1));
	for (ten = pow(10, floor(log10(a->min) + 1e-9)); ten <= a->max * 1.001; ten *= 10)
		for (m = 1; m <= 9; m++) {
			bool named = m == 1 &&
				     (int)lround(log10(ten)) % (int)(every ? every : 1) ==
					     0;

			if (m * ten < a->min * 0.999 || m * ten > a->max * 1.001)
				continue;
			if (decades * 3 < labels && (m == 2 || m == 5))
				named = true;
			/* With less than a decade and no power of ten in it. */
			if (decades < 1.4 && (m == 2 || m == 5) && labels >= 3)
				named = true;
			label_ns(label, m * ten);
			figure_name_tic(f, a, m * ten, named ? label : "");
		}
	/* So that no rounding puts the first or last tic outside. */
	a->min *= 0.998;
	a->max *= 1.002;
}

static void fit_linear(struct figure *f, struct figure_axis *a, double hi,
		       unsigned int labels)
{
	double step, at;
	char label[LABEL_MAX];
	unsigned int i;

	/* A thousandth of a second's thousandth: 0 looks like 0 then. */
	if (!(hi > 0))
		hi = a->scale == FIGURE_NS ? 1000 : 1;
	if (labels < 2)
		labels = 2;
	step = round_125(hi / labels, true);
	a->min = 0;
	a->max = hi * 1.03;
	for (i = 0; (at = i * step) <= a->max * 1.0001; i++) {
		if (a->scale == FIGURE_RATE)
			label_rate(label, at);
		else if (a->scale == FIGURE_SECONDS)
			snprintf(label, sizeof(label), "%.6g s", at);
		else
			label_ns(label, at);
		figure_name_tic(f, a, at, label);
	}
}

static void fit_percentile(struct figure *f, struct figure_axis *a, double hi,
			   unsigned int room)
{
	char label[LABEL_MAX];
	unsigned int nines;

	a->min = 0;
	a->max = hi > 1 ? hi * 1.02 : 1.02;
	figure_name_tic(f, a, 0, "0 %");
	if (room > 30)
		figure_name_tic(f, a, -log10(0.5), "50 %");
	for (nines = 1; nines <= a->max; nines++) {
		snprintf(label, sizeof(label), "%.*f %%", nines > 2 ? (int)nines - 2 : 0,
			 100 - pow(10, 2 - (double)nines));
		figure_name_tic(f, a, nines, label);
	}
}

/* "0.80", "1.25", "10": of ratios decimals are alike where they are near 1. */
static void label_ratio(char *buf, double ratio, bool fine)
{
	if (ratio > 9.9995 || ratio < 0.0995)
		snprintf(buf, LABEL_MAX, "%.6g", ratio);
	else
		snprintf(buf, LABEL_MAX, "%.*f", fine ? 3 : 2, ratio);
}

struct ratios {
	double at[RATIOS_MAX];
	size_t nr;
	bool fine; /* needs three decimals */
};

static void ratios_add(struct ratios *r, const struct figure_axis *a, double ratio)
{
	if (fabs(log(ratio)) > a->reach * 1.0001)
		return;
	if (r->nr < RATIOS_MAX)
		r->at[r->nr] = ratio;
	r->nr++;
}

/* Whether all of them can be labelled beside each other, and there are some. */
static bool ratios_fit(const struct ratios *r, const struct figure_axis *a,
		       unsigned int room)
{
	double scale = room / (2 * a->reach), end = -1e9, at;
	char label[LABEL_MAX];
	size_t i;

	if (r->nr > RATIOS_MAX)
		return false;
	for (i = 0; i < r->nr; i++) {
		label_ratio(label, r->at[i], r->fine);
		at = log(r->at[i]) * scale;
		if (at - (double)strlen(label) / 2 < end + 2)
			return false;
		end = at + (double)strlen(label) / 2;
	}
	return true;
}

/* From fine to coarse: equal steps, then 0.8, 1, 1.25, 2, then powers of ten. */
static void ratios_make(struct ratios *r, const struct figure_axis *a, unsigned int level)
{
	static const double step[] = { 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1 };
	static const double of_ten[][9] = { { 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8 },
					    { 1, 1.25, 2, 5, 8 },
					    { 1, 2, 5 },
					    { 1 } };
	const unsigned int steps = sizeof(step) / sizeof(step[0]);
	double k, last = exp(a->reach);
	unsigned int i, every = level < steps + 4 ? 1 : level - steps - 2;
	int ten;

	*r = (struct ratios){ .fine = level < 3 };
	if (level < steps) {
		for (k = ceil(exp(-a->reach) / step[level] - 1e-6);
		     k * step[level] <= last * 1.0001 && r->nr <= RATIOS_MAX; k++)
			if (k > 0)
				ratios_add(r, a, k * step[level]);
		return;
	}
	level = level - steps < 3 ? level - steps : 3;
	for (ten = -12; ten <= 12; ten++)
		for (i = 0; i < 9 && of_ten[level][i] > 0; i++)
			if (ten % (int)every == 0)
				ratios_add(r, a, of_ten[level][i] * pow(10, ten));
}

static void fit_ratio(struct figure *f, struct figure_axis *a, unsigned int room)
{
	char label[LABEL_MAX];
	struct ratios r;
	unsigned int level = 0;
	size_t i;

	a->min = -a->reach;
	a->max = a->reach;
	do
		ratios_make(&r, a, level);
	while (!ratios_fit(&r, a, room) && ++level < RATIO_LEVELS);
	for (i = 0; i < r.nr && i < RATIOS_MAX; i++) {
		label_ratio(label, r.at[i], r.fine);
		figure_name_tic(f, a, log(r.at[i]), label);
	}
}

/* Names that would touch are left out; the first of them stays. */
static void thin(const struct figure *f, struct figure_axis *a, unsigned int room)
{
	double end = -1e9, scale = room / (a->max - a->min);
	size_t i, len;

	for (i = 0; i < a->tic_nr; i++) {
		double at = (a->tic[i].at - a->min) * scale;

		len = figure_letters(f, a->tic[i].label);
		if (!len)
			continue;
		if (at - (double)len / 2 < end) {
			a->tic[i].label[0] = '\0';
			continue;
		}
		end = at + (double)len / 2 + 1.5;
	}
}

/* Categories can't be left out: their middles are. */
static void shorten(const struct figure *f, struct figure_axis *a, unsigned int room)
{
	size_t most = a->tic_nr ? room / a->tic_nr : room, i;

	most = most < 6 ? 5 : most - 1;
	for (i = 0; i < a->tic_nr; i++) {
		char *label = a->tic[i].label, *tail = label;
		size_t head = figure_fit(f, label, (most - 2) / 2), len;

		if (figure_letters(f, label) <= most)
			continue;
		while (figure_letters(f, tail) > most - 2 - (most - 2) / 2) {
			(void)figure_letter(f, tail, &len);
			tail += len;
		}
		/* At least three letters went, and so more bytes than the two points. */
		memmove(label + head + 2, tail, strlen(tail) + 1);
		memcpy(label + head, "..", 2);
	}
}

void figure_fit_axis(struct figure *f, struct figure_axis *a, double lo, double hi,
		     unsigned int room, bool x)
{
	/* Labels along x need their width, along y three lines each. */
	unsigned int labels = x ? room / 9 : room / 3;

	switch (a->scale) {
	case FIGURE_NS_LOG:
		fit_log(f, a, lo, hi, labels);
		break;
	case FIGURE_NS:
	case FIGURE_RATE:
	case FIGURE_SECONDS:
		fit_linear(f, a, hi, labels < 7 ? labels : 7);
		break;
	case FIGURE_PERCENTILE:
		fit_percentile(f, a, hi, room);
		break;
	case FIGURE_RATIO:
		fit_ratio(f, a, room);
		return;
	case FIGURE_NAMES:
		/* A category is 1 wide. */
		a->min = lo - (a->cut || hi <= lo ? 0.5 : (hi - lo) * 0.06);
		a->max = hi + (a->cut || hi <= lo ? 0.5 : (hi - lo) * 0.06);
		break;
	}
	if (!x || f->err)
		return;
	if (a->scale == FIGURE_NAMES && a->cut)
		shorten(f, a, room);
	else
		thin(f, a, room);
}
