// SPDX-License-Identifier: GPL-2.0-or-later
/* Latency over measured time, from the series of each kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/plot_private.h"

/* The percentiles of a point, of slat or of lat. */
struct four {
	double p50, p99, p99_9, max;
};

static struct four four_of(const struct result_point *p, bool slat)
{
	if (slat)
		return (struct four){ (double)p->slat_p50_ns, (double)p->slat_p99_ns,
				      (double)p->slat_p99_9_ns, (double)p->slat_max_ns };
	return (struct four){ (double)p->lat_p50_ns, (double)p->lat_p99_ns,
			      (double)p->lat_p99_9_ns, (double)p->lat_max_ns };
}

/* A point is a second or so: a step that wide, so that one alone is seen, too. */
static void steps(struct figure *f, const struct result_series *s, bool slat,
		  enum figure_style style, const char *name, int which)
{
	size_t i;

	figure_begin(f, style, figure_add_entry(f, style, name));
	for (i = 0; i < s->point_nr; i++) {
		const struct result_point *p = &s->point[i];
		const struct four v = four_of(p, slat);
		const double low[] = { v.p50, v.p99, v.p99_9, v.max };
		int end;

		if (!(v.p50 > 0))
			continue;
		if (style == FIGURE_DOTS) {
			figure_put(f, p->at_s + p->seconds / 2, v.max, 0, 0);
			continue;
		}
		for (end = 0; end < 2; end++)
			figure_put(f, p->at_s + end * p->seconds, low[which],
				   style == FIGURE_LINE ? 0 : low[which + 1], 0);
	}
}

static void rounds(struct figure *f, const struct result_series *s)
{
	size_t i;

	figure_begin(f, FIGURE_RULE, figure_add_entry(f, FIGURE_RULE, "round begins"));
	for (i = 1; i < s->point_nr; i++)
		if (s->point[i].round != s->point[i - 1].round)
			figure_put(f, s->point[i].at_s, 0, 0, 0);
}

static bool measured(const struct result_series *s, bool slat)
{
	size_t i;

	for (i = 0; i < s->point_nr; i++)
		if (four_of(&s->point[i], slat).p50 > 0)
			return true;
	return false;
}

static void panel(const struct plot_request *q, struct figure *f,
		  const struct plot_item *i, const struct result_series *s, bool slat)
{
	char name[PLOT_NAME_MAX], variant[PLOT_NAME_MAX], share[PLOT_NAME_MAX];
	char punted[PLOT_NAME_MAX + 20] = "";
	struct figure_panel *p;

	if (!measured(s, slat))
		return;
	if (slat && !strcmp(i->k->engine, "io_uring"))
		snprintf(punted, sizeof(punted), " of io_uring, %s",
			 plot_punted(i->v, i->k, share));
	plot_variant_name(q, i, variant);
	p = figure_add_panel(f, "%s%s: %s%s%s", slat ? "slat" : "lat", punted,
			     plot_kind_name(q, i, name), *variant ? ", " : "", variant);
	if (!p)
		return;
	figure_set_axis(f, &p->x, FIGURE_SECONDS, "measured time");
	figure_set_axis(f, &p->y, FIGURE_NS_LOG, NULL);
	p->x.share = 1;
	p->y.share = slat ? 2 : 1;
	if (f->format == FIGURE_TXT) {
		steps(f, s, slat, FIGURE_LINE, "p50", 0);
		steps(f, s, slat, FIGURE_LINE, "p99", 1);
		steps(f, s, slat, FIGURE_LINE, "p99.9", 2);
	} else {
		steps(f, s, slat, FIGURE_LINE, "p50", 0);
		steps(f, s, slat, FIGURE_BAND, "p50 to p99", 0);
		steps(f, s, slat, FIGURE_LIGHT_BAND, "p99 to p99.9", 1);
	}
	steps(f, s, slat, FIGURE_DOTS, "max", 3);
	rounds(f, s);
}

static const struct result_series *series_of(const struct plot_item *i)
{
	size_t s;

	for (s = 0; s < i->v->series_nr; s++)
		if (!strcmp(i->v->series[s].job, i->k->job) &&
		    !strcmp(i->v->series[s].kind, i->k->kind))
			return i->v->series[s].point_nr ? &i->v->series[s] : NULL;
	return NULL;
}

void plot_timeline(const struct plot_request *q, struct figure *f)
{
	struct plot_item *item;
	size_t nr, i;

	if (q->times_given && q->times != PLOT_LAT && q->times != PLOT_SLAT) {
		figure_fail(f, "--times %s: over time there are lat and slat only",
			    plot_times_name(q->times));
		return;
	}
	item = plot_items(q, f, &nr);
	for (i = 0; i < nr; i++) {
		const struct result_series *s = series_of(&item[i]);

		if (s && !(q->times_given && q->times == PLOT_SLAT))
			panel(q, f, &item[i], s, false);
		if (s && !(q->times_given && q->times == PLOT_LAT))
			panel(q, f, &item[i], s, true);
	}
	free(item);
	if (!f->panel_nr)
		figure_fail(
			f,
			"no series in these results: a run of this version has them, a result made compact has not");
	f->columns = f->panel_nr > 1 ? 2 : 1;
	f->panel_height = 180;
}
