// SPDX-License-Identifier: GPL-2.0-or-later
/* Stacked bars: what was slept for, and what the slowest writes went through. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"
#include "result/plot_private.h"

#define CAUSES_MAX 15 /* that have a colour; what is left are the others */
#define BARS_MAX 10   /* of the slowest writes */
#define BAR_HALF 0.36 /* of the distance of two */
#define OTHERS "all others"

/* ---- causes ---- */

struct total {
	const char *label;
	double ns; /* of a write, over all bars */
};

struct totals {
	struct total cause[64];
	size_t nr;
};

static double of_a_write(const struct plot_item *i, const struct result_cause *c)
{
	return c->sleep.sum.mean_ns * (double)c->sleep.sum.n / (double)i->k->ops;
}

static int compare_total(const void *a, const void *b)
{
	const struct total *x = a, *y = b;

	return (x->ns < y->ns) - (x->ns > y->ns);
}

/* The largest first: they stand at the left of every bar. */
static void count_causes(const struct plot_item *item, size_t nr, struct totals *t)
{
	size_t i, c, k;

	for (i = 0; i < nr; i++)
		for (c = 0; c < item[i].k->cause_nr; c++) {
			const struct result_cause *one = &item[i].k->cause[c];

			for (k = 0; k < t->nr && strcmp(t->cause[k].label, one->label);
			     k++)
				;
			if (k == t->nr && t->nr == sizeof(t->cause) / sizeof(t->cause[0]))
				continue;
			if (k == t->nr)
				t->cause[t->nr++] = (struct total){ one->label, 0 };
			t->cause[k].ns += of_a_write(&item[i], one);
		}
	qsort(t->cause, t->nr, sizeof(t->cause[0]), compare_total);
}

static size_t rank(const struct totals *t, const char *label)
{
	size_t k;

	for (k = 0; k < t->nr && strcmp(t->cause[k].label, label); k++)
		;
	return k < CAUSES_MAX ? k : CAUSES_MAX;
}

static void bar(struct figure *f, const struct plot_item *i, const struct totals *t,
		bool completion, double y)
{
	double x = 0, ns;
	size_t k, c;

	for (k = 0; k <= t->nr && k <= CAUSES_MAX; k++) {
		for (ns = 0, c = 0; c < i->k->cause_nr; c++)
			if (i->k->cause[c].in_completion == completion &&
			    rank(t, i->k->cause[c].label) == k)
				ns += of_a_write(i, &i->k->cause[c]);
		if (!(ns > 0))
			continue;
		figure_begin(
			f, FIGURE_BOX,
			figure_add_entry(f, FIGURE_BOX,
					 k < CAUSES_MAX ? t->cause[k].label : OTHERS));
		figure_put(f, x, x + ns, y - BAR_HALF, y + BAR_HALF);
		x += ns;
	}
}

static void causes_panel(const struct plot_request *q, struct figure *f,
			 const struct plot_item *item, size_t nr, const struct totals *t,
			 bool completion)
{
	size_t most = f->format == FIGURE_TXT ? 30 : 44, i;
	char name[PLOT_NAME_MAX], cut[PLOT_NAME_MAX];
	struct figure_panel *p;

	p = figure_add_panel(f, completion ?
					"slept in the completion, per write" :
					"slept in submissions and workers, per write");
	if (!p)
		return;
	p->rows = (unsigned int)nr;
	figure_set_axis(f, &p->x, FIGURE_NS, NULL);
	figure_set_axis(f, &p->y, FIGURE_NAMES, NULL);
	for (i = 0; i < nr; i++) {
		double y = (double)(nr - i);

		plot_curve_name(q, &item[i], true, PLOT_LAT, name);
		figure_name_tic(f, &p->y, y, plot_shorten(cut, name, most));
		bar(f, &item[i], t, completion, y);
	}
}

void plot_causes(const struct plot_request *q, struct figure *f)
{
	struct totals t = { .nr = 0 };
	size_t nr, i, c, kept = 0;
	bool any[2] = { false, false };
	struct plot_item *item = plot_items(q, f, &nr);

	for (i = 0; i < nr; i++)
		if (item[i].k->why)
			item[kept++] = item[i];
	if (nr && !kept)
		figure_fail(f, "no causes in these results: they come from run --why");
	if (kept > 60)
		figure_fail(
			f,
			"%zu bars, at most 60: plot fewer results, or choose a kind with --kind",
			kept);
	for (i = 0; i < kept; i++)
		for (c = 0; c < item[i].k->cause_nr; c++)
			any[item[i].k->cause[c].in_completion] = true;
	if (kept && !any[0] && !any[1])
		figure_fail(f, "nothing slept in these results: no cause to show");
	count_causes(item, kept, &t);
	/* The legend in that order, too. */
	for (i = 0; i < t.nr && i < CAUSES_MAX; i++)
		(void)figure_add_entry(f, FIGURE_BOX, t.cause[i].label);
	for (i = 0; i < 2; i++)
		if (any[i])
			causes_panel(q, f, item, kept, &t, i);
	if (!f->err && !any[1])
		figure_add_caption(f, "No completion of a write slept.");
	free(item);
}

/* ---- the slowest writes ---- */

static void worst_bar(struct figure *f, const struct result_worst *w, double y)
{
	char label[PLOT_NAME_MAX], cause[PLOT_NAME_MAX];
	uint64_t end = 0;
	size_t i;

	for (i = 0; i < w->step_nr; i++) {
		const struct result_step *s = &w->step[i];

		if (s->at_ns + s->ns > end)
			end = s->at_ns + s->ns;
		snprintf(label, sizeof(label), "%s%s%s", result_stage_name(s->stage),
			 s->cause ? " " : "",
			 s->cause ? plot_shorten(cause, s->cause, 30) : "");
		figure_begin(f, FIGURE_BOX, figure_add_entry(f, FIGURE_BOX, label));
		figure_put(f, (double)s->at_ns, (double)(s->at_ns + s->ns), y - BAR_HALF,
			   y + BAR_HALF);
	}
	/* A result keeps so many stages of a write; the rest of its life is shown, too. */
	if (end < w->lat_ns) {
		figure_begin(f, FIGURE_BOX,
			     figure_add_entry(f, FIGURE_BOX, "stages not kept"));
		figure_put(f, (double)end, (double)w->lat_ns, y - BAR_HALF, y + BAR_HALF);
	}
	figure_begin(f, FIGURE_DOTS,
		     figure_add_entry(f, FIGURE_DOTS, "submission returned"));
	figure_put(f, (double)w->slat_ns, y, 0, 0);
}

static void worst_panel(const struct plot_request *q, struct figure *f,
			const struct plot_item *i)
{
	char name[PLOT_NAME_MAX], round[40];
	size_t nr = i->k->worst_nr, k;
	struct figure_panel *p;

	if (nr > BARS_MAX)
		nr = BARS_MAX;
	p = figure_add_panel(f, "slowest: %s",
			     plot_curve_name(q, i, true, PLOT_SLAT, name));
	if (!p)
		return;
	p->rows = (unsigned int)nr;
	figure_set_axis(f, &p->x, FIGURE_NS, NULL);
	figure_set_axis(f, &p->y, FIGURE_NAMES, NULL);
	for (k = 0; k < nr; k++) {
		snprintf(round, sizeof(round), "round %u", i->k->worst[k].round);
		figure_name_tic(f, &p->y, (double)(nr - k), round);
		worst_bar(f, &i->k->worst[k], (double)(nr - k));
	}
}

void plot_worst(const struct plot_request *q, struct figure *f)
{
	size_t nr, i;
	struct plot_item *item = plot_items(q, f, &nr);

	for (i = 0; i < nr; i++)
		if (item[i].k->worst_nr)
			worst_panel(q, f, &item[i]);
	free(item);
	if (!f->panel_nr)
		figure_fail(
			f,
			"no slowest writes in these results: they come from run --why");
	else
		figure_add_caption(
			f,
			"The slowest writes of each kind, by lat; stages in order of time.");
	f->columns = f->panel_nr > 1 ? 2 : 1;
}
