// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where everything of a figure is, in pixels or in characters, so that nothing
 * depends on what gnuplot guesses of the width of a text: names are cut, and captions
 * folded, to what there is room for.
 */
#include "result/figure_private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 1000 /* gnuplot draws no longer texts */

static const struct metrics picture = {
	.width = { 860, 1080, 1200, 1340 },
	.large = 8.4,
	.letter = 7.2,
	.small = 6.3,
	.title = 30,
	.title_at = 19,
	.tics = 22,
	.label = 20,
	.label_at = 34,
	.gap = 12,
	.bar = 24,
	.bars = 10,
	.entry = 20,
	.entry_at = 10,
	.sample = 40,
	.caption = 15,
	.caption_at = 9,
	.side = 30,
	.left = 12,
};

const struct metrics figure_mail = {
	.width = { FIGURE_COLUMNS, FIGURE_COLUMNS, FIGURE_COLUMNS, FIGURE_COLUMNS },
	.large = 1,
	.letter = 1,
	.small = 1,
	.title = 1,
	.tics = 1,
	.label = 1,
	.label_at = 2,
	.gap = 1,
	.bar = 1,
	.bars = 1,
	.entry = 1,
	.sample = 2,
	.caption = 1,
	.side = 3,
	.left = 1,
};

/* ---- what is in the panels ---- */

struct span {
	double x_lo, x_hi, y_lo, y_hi;
};

static void widen(double *lo, double *hi, double v, bool log)
{
	if (!isfinite(v) || (log && v <= 0))
		return;
	if (v < *lo)
		*lo = v;
	if (v > *hi)
		*hi = v;
}

/* Of one panel; a rule takes the height that there is. */
static void span_of(const struct figure *f, size_t panel, struct span *s)
{
	const struct figure_panel *p = f->panel[panel];
	bool log = p->y.scale == FIGURE_NS_LOG;
	size_t c, i, k;

	*s = (struct span){ INFINITY, -INFINITY, INFINITY, -INFINITY };
	for (c = 0; c < f->curve_nr; c++) {
		const struct figure_curve *u = &f->curve[c];

		if (u->panel != panel || u->style == FIGURE_RULE)
			continue;
		for (i = 0; i < u->nr; i++) {
			const double *v = u->value + i * u->width;

			widen(&s->x_lo, &s->x_hi, v[0], false);
			if (u->style == FIGURE_BOX)
				widen(&s->x_lo, &s->x_hi, v[1], false);
			for (k = u->style == FIGURE_BOX ? 2 : 1; k < u->width; k++)
				widen(&s->y_lo, &s->y_hi, v[k], log);
		}
	}
	for (i = 0; i < p->x.tic_nr; i++)
		widen(&s->x_lo, &s->x_hi, p->x.tic[i].at, false);
	if (!isfinite(s->x_lo))
		s->x_lo = s->x_hi = 0;
	if (!isfinite(s->y_lo))
		s->y_lo = s->y_hi = log ? 1000 : 0;
}

static void share(const struct figure *f, struct span *span)
{
	size_t i, k;

	for (i = 0; i < f->panel_nr; i++)
		for (k = 0; k < f->panel_nr; k++) {
			const struct figure_panel *p = f->panel[i], *o = f->panel[k];

			if (p->x.share && p->x.share == o->x.share) {
				widen(&span[i].x_lo, &span[i].x_hi, span[k].x_lo, false);
				widen(&span[i].x_lo, &span[i].x_hi, span[k].x_hi, false);
			}
			if (p->y.share && p->y.share == o->y.share) {
				widen(&span[i].y_lo, &span[i].y_hi, span[k].y_lo, false);
				widen(&span[i].y_lo, &span[i].y_hi, span[k].y_hi, false);
			}
		}
}

/* ---- places ---- */

static double panel_height(const struct layout *l, const struct figure_panel *p)
{
	return p->rows ? p->rows * l->m->bar + l->m->bars : l->panel_height;
}

static void take_longer(const struct figure *f, size_t *most, const char *text)
{
	size_t nr = figure_letters(f, text);

	if (nr > *most)
		*most = nr;
}

/* Of all panels: frames beside each other are to be as wide as each other. */
static size_t longest_note(const struct figure *f)
{
	size_t most = 0, i, k;

	for (i = 0; i < f->panel_nr; i++)
		for (k = 0; k < f->panel[i]->note_nr; k++)
			take_longer(f, &most, f->panel[i]->note[k].text);
	return most;
}

/* Ranges and tics of y first: the frames begin right of the longest of them. */
static void fit_y(struct layout *l, struct span *span)
{
	size_t i;

	for (i = 0; i < l->f->panel_nr; i++)
		span_of(l->f, i, &span[i]);
	share(l->f, span);
	for (i = 0; i < l->f->panel_nr; i++) {
		struct figure_panel *p = l->f->panel[i];
		double h = panel_height(l, p);

		if (p->rows) {
			p->y.min = 0.4;
			p->y.max = p->rows + 0.6;
			continue;
		}
		figure_fit_axis(l->f, &p->y, span[i].y_lo, span[i].y_hi,
				(unsigned int)(figure_is_text(l) ? h : h / 15), false);
	}
}

static void place_columns(struct layout *l, const struct span *span)
{
	double side = l->m->side + (double)longest_note(l->f) * l->m->letter;
	double cell = l->width / l->columns;
	unsigned int column;
	size_t i;

	for (column = 0; column < l->columns; column++) {
		size_t name = 0, t;
		double left;

		for (i = column; i < l->f->panel_nr; i += l->columns)
			for (t = 0; t < l->f->panel[i]->y.tic_nr; t++)
				take_longer(l->f, &name, l->f->panel[i]->y.tic[t].label);
		left = (double)(name + 1) * l->m->letter + l->m->left;
		for (i = column; i < l->f->panel_nr; i += l->columns) {
			struct figure_panel *p = l->f->panel[i];

			p->left = column * cell + left;
			p->right = (column + 1) * cell - side;
			/* 1 is in a column of its own where their number is odd. */
			if (figure_is_text(l) && p->x.scale == FIGURE_RATIO &&
			    (int)(p->right - p->left) % 2)
				p->right--;
			figure_fit_axis(
				l->f, &p->x, span[i].x_lo, span[i].x_hi,
				(unsigned int)((p->right - p->left) / l->m->letter),
				true);
		}
	}
}

/* From above: panels, legend, caption. */
static void place_rows(struct layout *l)
{
	double y = figure_is_text(l) ? 0 : 6;
	size_t i, k, rows;

	for (i = 0; i < l->f->panel_nr; i += l->columns) {
		double most = 0;
		bool label = false;

		for (k = i; k < i + l->columns && k < l->f->panel_nr; k++) {
			struct figure_panel *p = l->f->panel[k];

			p->top = y + l->m->title;
			p->bottom = p->top + panel_height(l, p);
			if (panel_height(l, p) > most)
				most = panel_height(l, p);
			label = label || p->x.label;
		}
		y += l->m->title + most + l->m->tics + (label ? l->m->label : 0) +
		     l->m->gap;
	}
	l->legend_top = y;
	rows = (l->f->entry_nr + l->entry_columns - 1) / l->entry_columns;
	y += (double)rows * l->m->entry + l->m->gap;
	l->caption_top = y;
	y += (double)l->line_nr * l->m->caption;
	l->height = figure_is_text(l) ? y : y + 8;
}

static void place_legend(struct layout *l)
{
	size_t most = 0, nr = 0, i;
	double most_wide;

	/* Dots and rules say something of all others: last. */
	for (i = 0; i < 2 * l->f->entry_nr; i++) {
		size_t at = i % l->f->entry_nr;
		bool last = l->f->entry[at].style == FIGURE_DOTS ||
			    l->f->entry[at].style == FIGURE_RULE;

		if (last == (i >= l->f->entry_nr))
			l->order[nr++] = at;
	}
	for (i = 0; i < l->f->entry_nr; i++)
		take_longer(l->f, &most, l->f->entry[i].label);
	l->entry_width = (double)(most + 2) * l->m->letter + l->m->sample;
	most_wide = l->width - 2 * l->m->left;
	if (l->entry_width > most_wide)
		l->entry_width = most_wide;
	l->entry_columns = (unsigned int)(most_wide / l->entry_width);
	/* Beside each other, but in columns of their own. */
	if (l->entry_columns > l->f->entry_nr && l->f->entry_nr)
		l->entry_columns = (unsigned int)l->f->entry_nr;
}

/* ---- the caption ---- */

static void add_line(struct layout *l, const char *text, size_t len, bool hang)
{
	char **grown = reallocarray(l->line, l->line_nr + 1, sizeof(*grown));
	char *line = NULL;

	if (grown)
		l->line = grown;
	if (!grown || asprintf(&line, "%s%.*s", hang ? "  " : "", (int)len, text) < 0) {
		l->f->err = -ENOMEM;
		return;
	}
	l->line[l->line_nr++] = line;
}

/* At a blank or after a comma, else anywhere. */
static void fold(struct layout *l, const char *text)
{
	size_t most = (size_t)((l->width - 2 * l->m->left) / l->m->small);
	bool hang = false;

	while (!l->f->err && figure_letters(l->f, text) > most - (hang ? 2 : 0)) {
		size_t room = most - (hang ? 2 : 0);
		size_t whole = figure_fit(l->f, text, room), at = whole;
		size_t half = figure_fit(l->f, text, room / 2);

		while (at > half && text[at] != ' ' && text[at - 1] != ',')
			at--;
		if (at == half)
			at = whole;
		add_line(l, text, at, hang);
		text += at;
		while (*text == ' ')
			text++;
		hang = true;
	}
	if (!l->f->err)
		add_line(l, text, strlen(text), hang);
}

/* Bands and rules are not in a text, and so not in its legend. */
static void drop_entries(struct figure *f)
{
	size_t i, c, kept = 0;

	for (i = 0; i < f->entry_nr; i++) {
		enum figure_style s = f->entry[i].style;

		if (s == FIGURE_BAND || s == FIGURE_LIGHT_BAND || s == FIGURE_RULE) {
			free(f->entry[i].label);
			continue;
		}
		for (c = 0; c < f->curve_nr; c++)
			if (f->curve[c].entry == i)
				f->curve[c].entry = kept;
		f->entry[kept++] = f->entry[i];
	}
	f->entry_nr = kept;
}

void figure_lay_out(struct figure *f, struct layout *l)
{
	struct span *span = calloc(f->panel_nr + 1, sizeof(*span));
	size_t i;

	*l = (struct layout){
		.f = f,
		.m = f->format == FIGURE_TXT ? &figure_mail : &picture,
		.columns = f->format == FIGURE_TXT ? 1 : f->columns,
	};
	if (!span && !f->err)
		f->err = -ENOMEM;
	if (f->err)
		goto out;
	if (l->columns > f->panel_nr)
		l->columns = (unsigned int)f->panel_nr;
	if (l->columns > 4)
		l->columns = 4;
	l->width = l->m->width[l->columns ? l->columns - 1 : 0];
	l->panel_height = figure_is_text(l) ? 16 : f->panel_height;
	if (figure_is_text(l))
		drop_entries(f);
	fit_y(l, span);
	place_columns(l, span);
	for (i = 0; i < f->caption_nr; i++)
		fold(l, f->caption[i]);
	place_legend(l);
	place_rows(l);
	if (figure_is_text(l) && l->height > LINES_MAX)
		figure_fail(
			f,
			"%zu panels are too many for a text: choose a kind with --kind, or plot fewer results",
			f->panel_nr);
out:
	free(span);
}

void figure_layout_clear(struct layout *l)
{
	size_t i;

	for (i = 0; i < l->line_nr; i++)
		free(l->line[i]);
	free(l->line);
}
