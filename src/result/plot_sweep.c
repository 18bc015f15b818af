// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Variants as points: one key of theirs is x, the others tell the lines apart.
 * Rounds are the unit: a point is the median of its rounds' values, its band an
 * interval for that median.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/plot_sweep.h"

#define INTERVAL_LEAST 6 /* rounds from which the median has a 95 % interval */

/* ---- values ---- */

struct metric {
	const char *name;
	enum plot_times times;
	double percentile; /* 0: damage, the mean of resp, or with PLOT_TIMES_NR, IOPS */
};

static const struct metric all_metrics[] = {
	{ "slat p50", PLOT_SLAT, 50 },
	{ "slat p99", PLOT_SLAT, 99 },
	{ "slat p99.9", PLOT_SLAT, 99.9 },
	{ "mean damage", PLOT_VICTIM, 0 },
	{ "lat p50", PLOT_LAT, 50 },
	{ "lat p99", PLOT_LAT, 99 },
	{ "lat p99.9", PLOT_LAT, 99.9 },
	{ "IOPS", PLOT_TIMES_NR, 0 },
	/* Of an open loop only; the others have no such panels. */
	{ "resp p50", PLOT_RESP, 50 },
	{ "resp p99", PLOT_RESP, 99 },
	{ "resp p99.9", PLOT_RESP, 99.9 },
	{ "mean resp", PLOT_RESP, 0 },
};

static double value_of(const struct sweep *s, const struct result *r,
		       const struct result_kind *k, const struct metric *m)
{
	const struct result_dist *d;

	if (m->times == PLOT_TIMES_NR)
		return k->iops;
	d = plot_dist(k, m->times);
	if (m->percentile > 0)
		return d ? result_percentile_ns(r, d, m->percentile) : NAN;
	if (m->times == PLOT_RESP)
		return d ? d->sum.mean_ns : NAN;
	if (!s->tier2)
		return k->victim.sum.n ? k->victim.sum.mean_ns : NAN;
	if (!k->why)
		return NAN;
	/* Means add up; percentiles would not. */
	return k->held.sum.mean_ns + k->convoy.sum.mean_ns;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * The order statistics that enclose the median with 95 %: from the low-th least
 * to the low-th largest, low from 0. Below INTERVAL_LEAST values none do, and all are enclosed.
 */
static size_t interval(size_t nr)
{
	double term = pow(0.5, (double)nr), below = term;
	size_t low = 0;

	while (low + 1 < nr / 2) {
		term *= (double)(nr - low) / (double)(low + 1);
		if (2 * (below + term) > 0.05)
			break;
		below += term;
		low++;
	}
	return low;
}

struct estimate {
	double low, mid, high; /* low NaN: one round, no band */
};

static struct estimate estimate(const struct sweep *s, const struct plot_item *i,
				const struct metric *m)
{
	struct estimate e = { NAN, value_of(s, i->source->r, i->k, m), NAN };
	double *v = calloc(i->v->round_nr + 1, sizeof(*v));
	size_t r, k, nr = 0, low;

	for (r = 0; v && r < i->v->round_nr; r++)
		for (k = 0; k < i->v->round[r].kind_nr; k++) {
			const struct result_kind *one = &i->v->round[r].kind[k];
			double x = value_of(s, i->source->r, one, m);

			if (strcmp(one->job, i->k->job) ||
			    strcmp(one->kind, i->k->kind) || isnan(x))
				continue;
			v[nr++] = x;
			break;
		}
	if (nr > 1) {
		qsort(v, nr, sizeof(*v), compare_double);
		low = interval(nr);
		e.low = v[low];
		e.high = v[nr - 1 - low];
		e.mid = nr % 2 ? v[nr / 2] : (v[nr / 2 - 1] + v[nr / 2]) / 2;
	}
	free(v);
	return e;
}

/* ---- panels ---- */

static bool same_series(const struct sweep *s, const struct plot_item *a,
			const struct plot_item *b)
{
	size_t k;

	for (k = 0; k < s->key_nr; k++)
		if (!plot_sweep_same_value(a, b, s->key[k]))
			return false;
	return true;
}

/*
 * The keys that tell a line from the others. The legend is that of all panels, and
 * slat is in some: with io_uring it says how many were punted, at the most.
 */
static void series_name(const struct sweep *s, const struct plot_item *of, char *buf)
{
	char one[PLOT_NAME_MAX], text[2 * PLOT_NAME_MAX];
	char punted[PLOT_NAME_MAX] = "";
	const char *first = NULL;
	double share, most = -1;
	bool mixed = false;
	size_t i, k;

	buf[0] = '\0';
	for (k = 0; k < s->key_nr; k++) {
		if (s->key[k] == sweep_result_key)
			snprintf(text, sizeof(text), "%s",
				 plot_sweep_value(s, of, s->key[k], one));
		else
			snprintf(text, sizeof(text), "%s=%s", s->key[k],
				 plot_sweep_value(s, of, s->key[k], one));
		plot_add(buf, PLOT_NAME_MAX, ", ", plot_shorten(one, text, 40));
	}
	for (i = 0; i < s->item_nr; i++) {
		const struct plot_item *o = &s->item[i];

		if (!same_series(s, o, of))
			continue;
		if (first && strcmp(first, o->k->engine))
			mixed = true;
		first = o->k->engine;
		if (strcmp(first, "io_uring"))
			continue;
		share = (double)o->k->path[RESULT_PUNTED] / (double)o->k->ops;
		if (share <= most)
			continue;
		most = share;
		plot_punted(o->v, NULL, punted);
	}
	/* Where engines are on x they are named there. */
	if (mixed && !strcmp(s->x, "ioengine")) {
		if (!*buf)
			strcpy(buf, "median");
	} else if (*punted) {
		if (!strstr(buf, "io_uring"))
			plot_append(buf, "io_uring");
		plot_append(buf, punted);
	} else if (!*buf) {
		plot_shorten(buf, of->k->engine, 40);
	}
}

static void tics(const struct sweep *s, struct figure_axis *x)
{
	char label[PLOT_NAME_MAX];
	size_t i;

	x->cut = !s->x_number;
	for (i = 0; i < s->x_nr; i++) {
		figure_name_tic(s->f, x, plot_sweep_place(s, i),
				plot_shorten(label, s->x_text[i], 24));
	}
}

/* A line of a panel: its points by x, and their bands. */
static void line(const struct sweep *s, const struct plot_item *of,
		 const struct metric *m, double shift)
{
	double(*at)[4] = calloc(s->item_nr + 1, sizeof(*at));
	char name[PLOT_NAME_MAX];
	size_t i, nr = 0, entry;
	double half = 0;

	for (i = 0; at && i < s->item_nr; i++) {
		const struct plot_item *one = &s->item[i];
		struct estimate e;

		if (strcmp(one->k->job, of->k->job) ||
		    strcmp(one->k->kind, of->k->kind) || !same_series(s, one, of))
			continue;
		e = estimate(s, one, m);
		if (isnan(e.mid) || (m->percentile > 0 && !(e.mid > 0)))
			continue;
		at[nr][0] = plot_sweep_place_of(s, one) + shift;
		at[nr][1] = e.mid;
		at[nr][2] = isnan(e.low) ? e.mid : e.low;
		at[nr++][3] = isnan(e.low) ? e.mid : e.high;
	}
	if (!at || !nr)
		goto out;
	qsort(at, nr, sizeof(*at), compare_double);
	/* Words have nothing between them, nor has one point: a band is a bar then. */
	if (!s->x_number || nr == 1)
		half = s->x_number && s->x_nr > 1 ?
			       0.012 * (plot_sweep_place(s, s->x_nr - 1) -
					plot_sweep_place(s, 0)) :
			       0.03;
	series_name(s, of, name);
	entry = figure_add_entry(s->f, s->x_number ? FIGURE_POINTS : FIGURE_DOTS, name);
	figure_begin(s->f, FIGURE_BAND, entry);
	for (i = 0; i < nr; i++) {
		if (half > 0 && i)
			figure_begin(s->f, FIGURE_BAND, entry);
		figure_put(s->f, at[i][0] - half, at[i][2], at[i][3], 0);
		if (half > 0)
			figure_put(s->f, at[i][0] + half, at[i][2], at[i][3], 0);
	}
	figure_begin(s->f, s->x_number ? FIGURE_POINTS : FIGURE_DOTS, entry);
	for (i = 0; i < nr; i++)
		figure_put(s->f, at[i][0], at[i][1], 0, 0);
out:
	if (!at)
		s->f->err = -ENOMEM;
	free(at);
}

static bool first_of_series(const struct sweep *s, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (!strcmp(s->item[k].k->job, s->item[i].k->job) &&
		    !strcmp(s->item[k].k->kind, s->item[i].k->kind) &&
		    same_series(s, &s->item[k], &s->item[i]))
			return false;
	return true;
}

/* The slat of io_uring is that of a hand-over: it never stands beside others bare. */
static const char *x_label(const struct sweep *s, char *buf)
{
	bool punts = false;
	size_t i;

	for (i = 0; i < s->x_nr; i++)
		punts = punts || !strcmp(s->x_text[i], "io_uring");
	/* Both fit below a panel, and into buf if a character has 4 bytes. */
	plot_shorten(buf, s->x, punts ? 12 : 40);
	if (punts)
		plot_add(buf, PLOT_NAME_MAX, "", " (io_uring: punted)");
	return buf;
}

static void panel(const struct sweep *s, size_t first, const struct metric *m)
{
	const struct result_kind *k = s->item[first].k;
	char name[PLOT_NAME_MAX], label[PLOT_NAME_MAX];
	struct figure_panel *p;
	size_t i, nr = 0, turn = 0;
	bool any = false;

	for (i = first; i < s->item_nr; i++)
		if (!strcmp(s->item[i].k->job, k->job) &&
		    !strcmp(s->item[i].k->kind, k->kind)) {
			double v = value_of(s, s->item[i].source->r, s->item[i].k, m);

			any = any || (!isnan(v) && (v > 0 || m->percentile <= 0));
			nr += first_of_series(s, i);
		}
	if (!any)
		return;
	plot_kind_name(s->q, &s->item[first], name);
	p = figure_add_panel(s->f, "%s: %s", m->name, plot_shorten(label, name, 24));
	if (!p)
		return;
	figure_set_axis(s->f, &p->x, FIGURE_NAMES,
			s->x == sweep_result_key ? NULL : x_label(s, label));
	figure_set_axis(s->f, &p->y,
			m->times == PLOT_TIMES_NR ? FIGURE_RATE :
			m->percentile > 0	  ? FIGURE_NS_LOG :
						    FIGURE_NS,
			NULL);
	p->x.share = 1;
	tics(s, &p->x);
	for (i = first; i < s->item_nr; i++)
		if (!strcmp(s->item[i].k->job, k->job) &&
		    !strcmp(s->item[i].k->kind, k->kind) && first_of_series(s, i)) {
			line(s, &s->item[i], m,
			     s->x_number ? 0 :
					   0.09 * ((double)turn - ((double)nr - 1) / 2));
			turn++;
		}
}

static void panels(const struct sweep *s, size_t first)
{
	static const double percentile[] = { 50, 99, 99.9 };
	char name[40];
	size_t i;

	if (!s->q->times_given) {
		for (i = 0; i < sizeof(all_metrics) / sizeof(all_metrics[0]); i++)
			panel(s, first, &all_metrics[i]);
		return;
	}
	for (i = 0; i < 3; i++) {
		struct metric m = { name, s->q->times, percentile[i] };

		snprintf(name, sizeof(name), "%s p%g", plot_times_name(m.times),
			 m.percentile);
		panel(s, first, &m);
	}
	/* Victim never stands alone where more is known. */
	if (s->q->times == PLOT_VICTIM)
		panel(s, first, &all_metrics[3]);
}

/* What points and bands are; variants may have fewer rounds than others. */
static void explain_rounds(const struct sweep *s)
{
	size_t i, least = SIZE_MAX, most = 0;
	char rounds[60];

	for (i = 0; i < s->item_nr; i++) {
		size_t nr = s->item[i].v->round_nr;

		least = nr < least ? nr : least;
		most = nr > most ? nr : most;
	}
	if (least == most)
		snprintf(rounds, sizeof(rounds), "%zu", most);
	else
		snprintf(rounds, sizeof(rounds), "%zu to %zu", least, most);
	if (least >= INTERVAL_LEAST)
		figure_add_caption(
			s->f,
			"Points: medians of rounds; bands: 95 %% intervals of these medians, by order statistics.");
	else if (most >= INTERVAL_LEAST)
		figure_add_caption(
			s->f,
			"Points: medians of %s rounds; bands: 95 %% intervals of these medians, by order statistics; of fewer than %d rounds, from the least to the largest.",
			rounds, INTERVAL_LEAST);
	else if (most > 1)
		figure_add_caption(
			s->f,
			"Points: medians of rounds; bands: from the least to the largest of %s rounds, too few for a 95 %% interval.",
			rounds);
}

static void explain(const struct sweep *s)
{
	explain_rounds(s);
	if (!s->q->times_given || s->q->times == PLOT_VICTIM)
		figure_add_caption(
			s->f,
			s->tier2 ? "Damage to others: held + convoy, mean of a write." :
				   "Damage to others: victim, mean of a write.");
}

void plot_sweep(const struct plot_request *q, struct figure *f)
{
	struct sweep s = { .q = q, .f = f };
	size_t i, k;

	s.item = plot_items(q, f, &s.item_nr);
	for (i = 0; i < s.item_nr; i++)
		s.tier2 = s.tier2 || s.item[i].k->why;
	if (!f->err)
		plot_sweep_choose_keys(&s);
	if (!f->err)
		plot_sweep_list_x(&s);
	for (i = 0; !f->err && i < s.item_nr; i++) {
		for (k = 0; strcmp(s.item[k].k->job, s.item[i].k->job) ||
			    strcmp(s.item[k].k->kind, s.item[i].k->kind);
		     k++)
			;
		if (k == i)
			panels(&s, i);
	}
	if (!f->err && !f->panel_nr)
		figure_fail(f, "%s of these results is always 0, or was not measured",
			    plot_times_name(q->times));
	if (!f->err)
		explain(&s);
	f->columns = q->times_given ? 3 : 4;
	f->panel_height = 190;
	for (i = 0; i < s.x_nr; i++)
		free(s.x_text[i]);
	free(s.x_text);
	free(s.item);
}
