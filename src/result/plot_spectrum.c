// SPDX-License-Identifier: GPL-2.0-or-later
/* Percentiles, so that a tail that one write in 10000 sees is as wide as the rest. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/plot_private.h"

/* As close as two points are worth drawing. */
#define STEP 0.008
/* Points of a level, which in a text is made of them. */
#define LEVEL 0.04

static double place(double share)
{
	return -log10(1 - share);
}

/* A bin is one value, however many writes are in it: a level, not a slope. */
static void level(struct figure *f, double from, double to, double ns)
{
	for (; from < to - STEP; from += LEVEL)
		figure_put(f, from, ns, 0, 0);
	figure_put(f, to, ns, 0, 0);
}

static void from_bins(struct figure *f, const struct result_dist *d)
{
	double n = (double)d->sum.n, last = -1;
	uint64_t below = d->hist->zeros;
	unsigned int i;

	for (i = 0; i < HIST_BINS; i++) {
		uint64_t here = d->hist->bin[i];
		double ns, x, from;

		if (!here)
			continue;
		/* Half a write less than all: the largest has a place, too. */
		from = place(((double)below + 0.5) / n);
		below += here;
		x = place(((double)below - 0.5) / n);
		if (x - last < STEP && below < d->sum.n)
			continue;
		ns = (double)(hist_bin_low_ns(i) + hist_bin_width_ns(i) / 2);
		/* The ends are known better than a bin is wide. */
		if (ns > (double)d->sum.max_ns || below == d->sum.n)
			ns = (double)d->sum.max_ns;
		if (ns < (double)d->sum.min_ns)
			ns = (double)d->sum.min_ns;
		level(f, from, x, ns);
		last = x;
	}
	if (d->sum.saturated)
		figure_put(f, place((n - 0.5) / n), (double)d->sum.max_ns, 0, 0);
}

/* A result without bins: as far as the list goes, and there are writes for it. */
static void from_list(struct figure *f, const struct result *r,
		      const struct result_dist *d)
{
	size_t i;

	for (i = 0; i < r->percentile_nr && d->percentile_ns; i++) {
		double p = r->percentile[i] / 100;

		if (p >= 1 || (1 - p) * (double)d->sum.n < 0.5)
			break;
		if (d->percentile_ns[i] && d->percentile_ns[i] != RESULT_NO_NS)
			figure_put(f, place(p), (double)d->percentile_ns[i], 0, 0);
	}
}

static void curve(const struct plot_request *q, struct figure *f,
		  const struct plot_item *i, bool kind, enum plot_times times)
{
	const struct result_dist *d = plot_dist(i->k, times);
	char name[PLOT_NAME_MAX];

	if (!d || !d->sum.max_ns)
		return;
	plot_curve_name(q, i, kind, times, name);
	figure_begin(f, FIGURE_LINE, figure_add_entry(f, FIGURE_LINE, name));
	if (d->hist)
		from_bins(f, d);
	else
		from_list(f, i->source->r, d);
}

static bool has(const struct plot_item *item, size_t nr, const char *job,
		const char *kind, enum plot_times times)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct result_dist *d = plot_dist(item[i].k, times);

		if (d && d->sum.max_ns &&
		    (!kind ||
		     (!strcmp(item[i].k->job, job) && !strcmp(item[i].k->kind, kind))))
			return true;
	}
	return false;
}

static void axes(struct figure *f, struct figure_panel *p)
{
	if (!p)
		return;
	figure_set_axis(f, &p->x, FIGURE_PERCENTILE, "of the writes took at most");
	figure_set_axis(f, &p->y, FIGURE_NS_LOG, NULL);
	p->x.share = p->y.share = 1;
}

/* Kinds over each other in one panel. */
static void one_variant(const struct plot_request *q, struct figure *f,
			const struct plot_item *item, size_t nr, enum plot_times times)
{
	size_t i;

	if (!has(item, nr, NULL, NULL, times))
		return;
	axes(f, figure_add_panel(f, "%s", plot_times_name(times)));
	for (i = 0; i < nr; i++)
		curve(q, f, &item[i], true, times);
}

/* Results and variants over each other, a panel for each kind. */
static void many_variants(const struct plot_request *q, struct figure *f,
			  const struct plot_item *item, size_t nr, enum plot_times times)
{
	char name[PLOT_NAME_MAX];
	size_t i, k;

	for (i = 0; i < nr; i++) {
		const char *job = item[i].k->job, *kind = item[i].k->kind;

		/* Only where it comes for the first time. */
		for (k = 0; strcmp(item[k].k->job, job) || strcmp(item[k].k->kind, kind);
		     k++)
			;
		if (k < i || !has(item, nr, job, kind, times))
			continue;
		axes(f, figure_add_panel(f, "%s: %s", plot_times_name(times),
					 plot_kind_name(q, &item[i], name)));
		for (k = i; k < nr; k++)
			if (!strcmp(item[k].k->job, job) &&
			    !strcmp(item[k].k->kind, kind))
				curve(q, f, &item[k], false, times);
	}
}

/* Lines that a logarithmic axis can't have are named. */
static void explain(const struct plot_request *q, struct figure *f,
		    const struct plot_item *item, size_t nr, const enum plot_times *list,
		    size_t times_nr)
{
	char name[PLOT_NAME_MAX];
	char text[1000] = "";
	size_t t, i, len;

	for (t = 0; t < times_nr; t++)
		for (i = 0; i < nr; i++) {
			const struct result_dist *d = plot_dist(item[i].k, list[t]);

			if (!d || d->sum.max_ns)
				continue;
			len = strlen(text);
			snprintf(text + len, sizeof(text) - len, "%s%s of %s",
				 len ? "; " : "", plot_times_name(list[t]),
				 plot_curve_name(q, &item[i], true, PLOT_LAT, name));
		}
	if (text[0])
		figure_add_caption(f, "Not drawn, since always 0: %s.", text);
}

void plot_spectrum(const struct plot_request *q, struct figure *f)
{
	enum plot_times list[3] = { q->times_given ? q->times : PLOT_LAT, PLOT_HELD,
				    PLOT_CONVOY };
	size_t nr, i, times_nr = 1;
	struct plot_item *item = plot_items(q, f, &nr);

	/* What is known better is never left out beside victim. */
	for (i = 0; i < nr && list[0] == PLOT_VICTIM; i++)
		if (item[i].k->why)
			times_nr = 3;
	for (i = 0; i < times_nr && nr; i++) {
		if (plot_variant_nr(q) == 1)
			one_variant(q, f, item, nr, list[i]);
		else
			many_variants(q, f, item, nr, list[i]);
	}
	if (f->panel_nr)
		explain(q, f, item, nr, list, times_nr);
	free(item);
	if (!f->panel_nr && list[0] == PLOT_RESP)
		figure_fail(
			f,
			"no resp in these results: only a load with a rate of its own has it");
	else if (!f->panel_nr)
		figure_fail(f, "%s of these results is always 0",
			    plot_times_name(list[0]));
	f->columns = f->panel_nr > 1 ? 2 : 1;
	f->panel_height = f->panel_nr > 1 ? 270 : 380;
}
