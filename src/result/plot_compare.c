// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison: the ratio of each row with its interval, a panel for each kind. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/compare.h"
#include "result/format.h"
#include "result/plot_private.h"

#define SENTENCE_MAX 400
#define WHERE_MAX 200
#define WARNINGS_MAX 3
#define REACH_LEAST 0.05 /* logs: of the axis, to either side */
#define REACH_MOST 14	 /* a factor of a million */
#define REACH_ROOM 1.08
#define FAR 20 /* past every axis */

/* Looks: blue discs, vermilion squares, green triangles up, purple ones down. */
static const struct {
	const char *label;
	unsigned int look;
} gates[] = {
	[COMPARE_NO_VERDICT] = { "in the gate, no verdict", 0 },
	[COMPARE_SAME] = { "no difference shown (~)", 0 },
	[COMPARE_SMALL] = { "below the threshold (small)", 3 },
	[COMPARE_SLOWER] = { "slower", 1 },
	[COMPARE_FASTER] = { "faster", 2 },
};

static bool wanted(const struct plot_request *q, const struct compare_kind *k)
{
	return !q->kind || !strcmp(q->kind, k->kind);
}

static bool drawn(const struct compare_kind *k, unsigned int m)
{
	const struct compare_row *row = &k->row[m];

	return !k->refused &&
	       (row->state == COMPARE_IN_GATE || row->state == COMPARE_RATIO) &&
	       isfinite(row->ratio) && row->ratio > 0;
}

static unsigned int drawn_nr(const struct compare_kind *k)
{
	unsigned int m, nr = 0;

	for (m = 0; m < COMPARE_MEASURE_NR; m++)
		nr += drawn(k, m);
	return nr;
}

/* The log of a ratio, or of an end of its interval where it has one. */
static double log_of(double ratio, double instead)
{
	double at = isnan(ratio) ? log(instead) : ratio > 0 ? log(ratio) : -FAR;

	return fmax(-FAR, fmin(FAR, at));
}

static double reach_of(const struct compare_row *row)
{
	return fmax(
		fabs(log_of(row->low, row->ratio)),
		fmax(fabs(log_of(row->high, row->ratio)), fabs(log_of(row->ratio, 1))));
}

/*
 * How far the axis goes to either side. It is the gate's: other rows may be wild, and
 * would leave no room to see anything in.
 */
static double reach(const struct plot_request *q)
{
	const struct compare *c = q->compare;
	double gate = REACH_LEAST, others = 0;
	size_t i, k;
	unsigned int m;

	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			const struct compare_kind *of = &c->pair[i].kind[k];

			for (m = 0; m < COMPARE_MEASURE_NR && wanted(q, of); m++)
				if (drawn(of, m) && of->row[m].state == COMPARE_IN_GATE)
					gate = fmax(gate, reach_of(&of->row[m]));
				else if (drawn(of, m))
					others = fmax(others, reach_of(&of->row[m]));
		}
	gate = fmax(gate, fmin(log(2), 1.5 * log1p(c->threshold)));
	gate = fmax(gate, fmin(others, fmax(log(1.25), 3 * gate)));
	return fmin(REACH_MOST, gate * REACH_ROOM);
}

/* ---- panels ---- */

/* The kind, behind its job where there are several; in two PLOT_NAME_MAX. */
static void kind_name(const struct compare *c, const struct compare_kind *k, char *buf)
{
	char job[PLOT_NAME_MAX], kind[PLOT_NAME_MAX];
	bool jobs = compare_several_jobs(c);

	snprintf(buf, 2 * PLOT_NAME_MAX, "%s%s%s",
		 jobs ? plot_shorten(job, k->job, 16) : "", jobs ? " " : "",
		 plot_shorten(kind, k->kind, 30));
}

/* The variant where there are several, the kind, the engine. */
static void title(const struct compare *c, const struct compare_pair *p,
		  const struct compare_kind *k, char *buf, size_t size)
{
	char name[PLOT_NAME_MAX], kind[2 * PLOT_NAME_MAX];
	char old[PLOT_NAME_MAX], new[PLOT_NAME_MAX];
	bool engines = strcmp(k->engine[COMPARE_OLD], k->engine[COMPARE_NEW]);

	kind_name(c, k, kind);
	snprintf(buf, size, "%s%s%s, %s%s%s",
		 plot_shorten(name, p->name[COMPARE_NEW], 30),
		 *p->name[COMPARE_NEW] ? ": " : "", kind,
		 engines ? plot_shorten(old, k->engine[COMPARE_OLD], 12) : "",
		 engines ? " -> " : "", plot_shorten(new, k->engine[COMPARE_NEW], 12));
}

static size_t entry_of(struct figure *f, const struct compare_row *row)
{
	size_t entry;

	if (row->state != COMPARE_IN_GATE)
		return figure_add_entry(f, FIGURE_HOLLOW, "for looking, not in the gate");
	/* Of a text the words on the right say the verdict, not the letters. */
	entry = figure_add_entry(f, FIGURE_INTERVAL,
				 f->format == FIGURE_TXT ? "in the gate" :
							   gates[row->verdict].label);
	if (!f->err)
		f->entry[entry].look = gates[row->verdict].look;
	return entry;
}

static void interval(struct figure *f, const struct compare_row *row, unsigned int at)
{
	figure_begin(f, row->state == COMPARE_IN_GATE ? FIGURE_INTERVAL : FIGURE_HOLLOW,
		     entry_of(f, row));
	figure_put(f, log_of(row->ratio, 1), log_of(row->low, row->ratio),
		   log_of(row->high, row->ratio), at);
}

/* "1.098 slower": numbers are as wide as each other where they matter. */
static void note(struct figure *f, struct figure_panel *p, const struct compare_row *row,
		 unsigned int at)
{
	char text[PLOT_NAME_MAX], ratio[FORMAT_MAX];
	const char *word = compare_verdict_word(row->verdict);

	snprintf(text, sizeof(text), "%s%s%s", compare_ratio_text(ratio, row->ratio),
		 *word ? " " : "", word);
	figure_add_note(f, p, at, text);
}

static size_t threshold_entry(const struct compare *c, struct figure *f)
{
	char label[PLOT_NAME_MAX];

	snprintf(label, sizeof(label), "threshold, %g %%", 100 * c->threshold);
	return figure_add_entry(f, FIGURE_LIGHT_BAND, label);
}

/* Behind the rows: the threshold, and the line at 1. */
static void behind(const struct compare *c, struct figure *f, double far,
		   unsigned int rows)
{
	double low = fmax(-far, log_of(1 - c->threshold, 1));
	double high = fmin(far, log1p(c->threshold));

	if (c->threshold > 0) {
		figure_begin(f, FIGURE_LIGHT_BAND, threshold_entry(c, f));
		figure_put(f, low, 0.4, rows + 0.6, 0);
		figure_put(f, high, 0.4, rows + 0.6, 0);
	}
	figure_begin(f, FIGURE_RULE, figure_add_entry(f, FIGURE_RULE, "no change"));
	figure_put(f, 0, 0, 0, 0);
}

static void panel(const struct compare *c, struct figure *f, const struct compare_pair *p,
		  const struct compare_kind *k, double far)
{
	unsigned int rows = drawn_nr(k), at = rows, m;
	char name[6 * PLOT_NAME_MAX];
	struct figure_panel *to;

	title(c, p, k, name, sizeof(name));
	to = figure_add_panel(f, "%s", name);
	if (!to)
		return;
	to->rows = rows;
	figure_set_axis(f, &to->x, FIGURE_RATIO, NULL);
	figure_set_axis(f, &to->y, FIGURE_NAMES, NULL);
	to->x.reach = far;
	for (m = 0; m < COMPARE_MEASURE_NR; m++) {
		if (!drawn(k, m))
			continue;
		figure_name_tic(f, &to->y, at, compare_measure_name(m));
		interval(f, &k->row[m], at);
		note(f, to, &k->row[m], at);
		at--;
	}
	behind(c, f, far, rows);
}

/* Whether a row that is drawn is so. */
static bool any_row(const struct plot_request *q,
		    bool (*is)(const struct compare_row *row, double with), double with)
{
	const struct compare *c = q->compare;
	size_t i, k;
	unsigned int m;

	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			const struct compare_kind *of = &c->pair[i].kind[k];

			for (m = 0; m < COMPARE_MEASURE_NR && wanted(q, of); m++)
				if (drawn(of, m) && is(&of->row[m], with))
					return true;
		}
	return false;
}

static bool has_verdict(const struct compare_row *row, double verdict)
{
	return row->state == COMPARE_IN_GATE && (double)row->verdict == verdict;
}

static bool is_cut(const struct compare_row *row, double far)
{
	return reach_of(row) > far;
}

/* The same order, whichever row comes first: what matters most, then the rest. */
static void legend(const struct plot_request *q, struct figure *f)
{
	static const enum compare_verdict order[] = { COMPARE_SLOWER, COMPARE_FASTER,
						      COMPARE_SMALL, COMPARE_SAME,
						      COMPARE_NO_VERDICT };
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (any_row(q, has_verdict, order[i]))
			(void)entry_of(f, &(struct compare_row){ .state = COMPARE_IN_GATE,
								 .verdict = order[i] });
}

/* A column for each kind of a sweep, so that variants are below each other. */
static unsigned int columns_of(const struct figure *f, const struct compare *c)
{
	size_t i, kinds = c->pair[0].kind_nr;

	for (i = 1; i < c->pair_nr; i++)
		if (c->pair[i].kind_nr != kinds)
			kinds = 0;
	if (f->panel_nr < 4)
		return 1;
	return c->pair_nr > 1 && kinds == 3 ? 3 : 2;
}

/* ---- the caption ---- */

static bool same_kind(const struct compare_kind *a, const struct compare_kind *b)
{
	return !strcmp(a->job, b->job) && !strcmp(a->kind, b->kind);
}

/* The kind before which, of all pairs, none is like it. */
static bool first_of_kind(const struct compare *c, size_t pair, size_t kind)
{
	size_t i, k;

	for (i = 0; i <= pair; i++)
		for (k = 0; k < (i < pair ? c->pair[i].kind_nr : kind); k++)
			if (same_kind(&c->pair[i].kind[k], &c->pair[pair].kind[kind]))
				return false;
	return true;
}

/* In how many variants a kind is refused or, with m, a row is in that state. */
static size_t count(const struct compare *c, const struct compare_kind *like,
		    unsigned int m, enum compare_state state, size_t *of)
{
	size_t i, k, nr = 0;

	*of = 0;
	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			const struct compare_kind *one = &c->pair[i].kind[k];

			if (!same_kind(one, like))
				continue;
			++*of;
			nr += m == COMPARE_MEASURE_NR ?
				      one->refused :
				      !one->refused && one->row[m].state == state;
		}
	return nr;
}

/* Adds "NAME", or "NAME (in 2 of 11 variants)". */
static void add_counted(char *buf, const char *between, const char *name, size_t nr,
			size_t of)
{
	char piece[3 * PLOT_NAME_MAX];

	if (nr == of)
		snprintf(piece, sizeof(piece), "%s", name);
	else
		snprintf(piece, sizeof(piece), "%s (in %zu of %zu variants)", name, nr,
			 of);
	plot_add(buf, SENTENCE_MAX, between, piece);
}

/* The rows of a kind that are in a state, behind its name; nothing if none is. */
static void gather_rows(const struct compare *c, const struct compare_kind *k,
			enum compare_state state, char *buf)
{
	char name[2 * PLOT_NAME_MAX], rows[SENTENCE_MAX] = "";
	size_t nr, of;
	unsigned int m;

	for (m = 0; m < COMPARE_MEASURE_NR; m++) {
		nr = count(c, k, m, state, &of);
		if (nr)
			add_counted(rows, ", ", compare_measure_name(m), nr, of);
	}
	if (!*rows)
		return;
	kind_name(c, k, name);
	plot_add(buf, SENTENCE_MAX, "; ", name);
	plot_add(buf, SENTENCE_MAX, "", ": ");
	plot_add(buf, SENTENCE_MAX, "", rows);
}

/* What is not drawn, and why. */
static void missing(const struct plot_request *q, struct figure *f)
{
	static const struct {
		enum compare_state state;
		const char *why;
	} states[] = {
		{ COMPARE_FEW, "Too few samples in a round" },
		{ COMPARE_ZERO, "0 in a round, and so no ratio" },
		{ COMPARE_ENGINES, "Not compared, since io_uring has writes punted" },
	};
	const struct compare *c = q->compare;
	char refused[SENTENCE_MAX] = "", text[SENTENCE_MAX], name[2 * PLOT_NAME_MAX];
	size_t i, k, s, nr, of;

	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			const struct compare_kind *one = &c->pair[i].kind[k];

			if (!wanted(q, one) || !first_of_kind(c, i, k))
				continue;
			nr = count(c, one, COMPARE_MEASURE_NR, COMPARE_ABSENT, &of);
			kind_name(c, one, name);
			if (nr)
				add_counted(refused, ", ", name, nr, of);
		}
	if (*refused)
		figure_add_caption(
			f,
			"Not compared, since the growths differ by more than %g %%: %s.",
			100 * COMPARE_GROWTH, refused);
	for (s = 0; s < sizeof(states) / sizeof(states[0]); s++) {
		text[0] = '\0';
		for (i = 0; i < c->pair_nr; i++)
			for (k = 0; k < c->pair[i].kind_nr; k++)
				if (wanted(q, &c->pair[i].kind[k]) &&
				    first_of_kind(c, i, k))
					gather_rows(c, &c->pair[i].kind[k],
						    states[s].state, text);
		if (*text)
			figure_add_caption(f, "%s: %s.", states[s].why, text);
	}
}

static void explain(const struct compare *c, struct figure *f)
{
	if (c->design == COMPARE_NONE)
		figure_add_caption(
			f,
			"Points: new / old, right of 1 more than before; bars: 95 %% intervals by bootstrap. No test.");
	else
		figure_add_caption(
			f,
			"Points: new / old, right of 1 more than before; bars: 95 %% intervals%s. Test: %s; Holm over %zu row%s.",
			c->design == COMPARE_NIGHT ? "" : " by bootstrap",
			compare_test_name(c->design), c->gate_nr,
			c->gate_nr == 1 ? "" : "s");
}

static void side(const struct compare *c, struct figure *f, const char *name,
		 enum compare_side_of which, bool where)
{
	const struct compare_side *s = &c->side[which];
	char days[COMPARE_DAYS_MAX];

	figure_add_caption(f, "%s: %zu sitting%s, %zu round%s, %s%s%.*s", name,
			   s->sitting_nr, s->sitting_nr == 1 ? "" : "s", s->round_nr,
			   s->round_nr == 1 ? "" : "s", compare_side_days(days, s),
			   where ? "; kernel " : "", where ? WHERE_MAX : 0, s->where);
}

static void sides(const struct compare *c, struct figure *f)
{
	const struct compare_side *old = &c->side[COMPARE_OLD];
	const struct compare_side *new = &c->side[COMPARE_NEW];
	bool same = !strcmp(old->where, new->where);
	char text[SENTENCE_MAX] = "", name[PLOT_NAME_MAX], day[FORMAT_MAX];
	size_t i;

	if (same)
		snprintf(text, sizeof(text), "kernel %.200s; ", old->where);
	figure_add_caption(
		f, "%sworkload %.100s%s%.100s; diowait " PACKAGE_VERSION ", %s", text,
		old->workload, strcmp(old->workload, new->workload) ? " -> " : "",
		strcmp(old->workload, new->workload) ? new->workload : "",
		format_day(day, &new->last));
	if (c->variants) {
		side(c, f, "sitting", COMPARE_OLD, !same);
		figure_add_caption(f, "All variants are new, and old is %s.",
				   plot_shorten(name, c->pair[0].name[COMPARE_OLD], 60));
		return;
	}
	side(c, f, "old", COMPARE_OLD, !same);
	side(c, f, "new", COMPARE_NEW, !same);
	text[0] = '\0';
	for (i = 0; i < c->difference_nr; i++)
		plot_add(text, SENTENCE_MAX, ", ",
			 plot_shorten(name, c->difference[i].what, 40));
	if (*text)
		figure_add_caption(f, "Not the same on both sides: %s.", text);
}

static void caption(const struct plot_request *q, struct figure *f, double far)
{
	const struct compare *c = q->compare;
	char *verdict = compare_verdict_text(c);
	size_t i;

	if (!verdict && !f->err)
		f->err = -ENOMEM;
	else
		figure_add_caption(f, "%s", verdict);
	free(verdict);
	explain(c, f);
	if (any_row(q, is_cut, far))
		figure_add_caption(f, "%s: further than there is room.",
				   f->format == FIGURE_TXT ? "Ends that are < or >" :
							     "Arrows");
	missing(q, f);
	sides(c, f);
	for (i = 0; i < c->warning_nr && i < WARNINGS_MAX; i++)
		figure_add_caption(f, "warning: %.*s", WHERE_MAX, c->warning[i]);
	if (i < c->warning_nr)
		figure_add_caption(f, "warnings: %zu more, in diowait compare",
				   c->warning_nr - i);
}

void plot_compare(const struct plot_request *q, struct figure *f)
{
	const struct compare *c = q->compare;
	double far = reach(q);
	bool any = false;
	size_t i, k;

	legend(q, f);
	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			const struct compare_kind *one = &c->pair[i].kind[k];

			any = any || wanted(q, one);
			if (wanted(q, one) && drawn_nr(one))
				panel(c, f, &c->pair[i], one, far);
		}
	if (!any)
		figure_fail(f, "no writes of the kind '%s' in both sides", q->kind);
	else if (!f->panel_nr)
		figure_fail(
			f,
			"no row has a ratio: too few samples, or growths that differ; diowait compare says which");
	if (f->err)
		return;
	f->columns = columns_of(f, c);
	for (i = f->panel_nr; i-- && i + f->columns >= f->panel_nr;)
		figure_set_axis(f, &f->panel[i]->x, FIGURE_RATIO, "new / old");
	caption(q, f, far);
}
