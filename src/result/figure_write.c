// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a figure to data files. All places are computed here, in pixels or in
 * characters, so that nothing depends on what gnuplot guesses of the width of a
 * text: names are cut, and captions folded, to what there is room for.
 */
#include "result/figure.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/format.h"

#define LINES_MAX 1000

/* Sizes: of a picture in pixels, of a text in columns and lines. */
struct metrics {
	double width[4];	     /* with so many columns of panels, less 1 */
	double large, letter, small; /* widths of letters: titles, labels, caption */
	double title, title_at;	     /* height of a panel's title; its middle */
	double tics;		     /* height of the tics below a panel */
	double label, label_at;
	double gap;
	double bar, bars; /* height of a bar, and what all of them need beside */
	double entry, entry_at, sample;
	double caption, caption_at;
	double side; /* right of a panel: half of a last tic's label */
	double left; /* left of the labels of y */
};

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

static const struct metrics mail = {
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

struct layout {
	struct figure *f;
	const struct metrics *m;
	double width, height;
	unsigned int columns;
	double panel_height;
	unsigned int entry_columns;
	double entry_width;
	double legend_top, caption_top;
	size_t order[FIGURE_ENTRIES_MAX]; /* of the legend */
	char **line;			  /* the caption, folded */
	size_t line_nr;
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

static size_t longest(const struct figure_axis *a)
{
	size_t most = 0, i;

	for (i = 0; i < a->tic_nr; i++)
		if (strlen(a->tic[i].label) > most)
			most = strlen(a->tic[i].label);
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
				(unsigned int)(l->m == &mail ? h : h / 15), false);
	}
}

static void place_columns(struct layout *l, const struct span *span)
{
	double cell = l->width / l->columns;
	unsigned int column;
	size_t i;

	for (column = 0; column < l->columns; column++) {
		size_t name = 0;
		double left;

		for (i = column; i < l->f->panel_nr; i += l->columns)
			if (longest(&l->f->panel[i]->y) > name)
				name = longest(&l->f->panel[i]->y);
		left = (double)(name + 1) * l->m->letter + l->m->left;
		for (i = column; i < l->f->panel_nr; i += l->columns) {
			struct figure_panel *p = l->f->panel[i];

			p->left = column * cell + left;
			p->right = (column + 1) * cell - l->m->side;
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
	double y = l->m == &mail ? 0 : 6;
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
	l->height = l->m == &mail ? y : y + 8;
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
		if (strlen(l->f->entry[i].label) > most)
			most = strlen(l->f->entry[i].label);
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

	while (!l->f->err && strlen(text) > most - (hang ? 2 : 0)) {
		size_t room = most - (hang ? 2 : 0), at = room;

		while (at > room / 2 && text[at] != ' ' && text[at - 1] != ',')
			at--;
		if (at == room / 2)
			at = room;
		/* Not in the middle of a character. */
		while (at > 1 && ((unsigned char)text[at] & 0xc0) == 0x80)
			at--;
		add_line(l, text, at, hang);
		text += at;
		while (*text == ' ')
			text++;
		hang = true;
	}
	if (!l->f->err)
		add_line(l, text, strlen(text), hang);
}

/* ---- files ---- */

static FILE *open_in(struct layout *l, const char *dir, const char *name)
{
	FILE *out = NULL;
	char *path;
	int fd;

	if (l->f->err)
		return NULL;
	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		l->f->err = -ENOMEM;
		return NULL;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (!out) {
		l->f->err = -errno;
		if (fd >= 0)
			close(fd);
	}
	free(path);
	return out;
}

static void shut(struct layout *l, FILE *out)
{
	if ((ferror(out) | fclose(out)) && !l->f->err)
		l->f->err = -EIO;
}

/*
 * A text between double quotes, at most so many characters of it (the rest is
 * ".."). Names come from workload files and documents: whatever could end the
 * string, start a command or format a text in any part of gnuplot is '?', as are
 * control characters, and in a text figure all that is not ASCII.
 */
static void put_text(const struct layout *l, FILE *out, const char *text, size_t most,
		     bool tic)
{
	static const char doubtful[] = "\"'`\\$@";
	char *clean = format_utf8_clean(text);
	const char *s = clean ? clean : "";
	size_t nr = 0, len, i;

	for (i = 0; s[i]; i++)
		nr += ((unsigned char)s[i] & 0xc0) != 0x80;
	fputc('"', out);
	for (i = 0; *s && (nr <= most || i + 2 < most); s += len, i++) {
		len = format_utf8_len(s);
		/* U+0080 to U+009F are control characters, too. */
		if (len > 1 && (l->m == &mail || ((unsigned char)s[0] == 0xc2 &&
						  (unsigned char)s[1] < 0xa0)))
			fputc('?', out);
		else if (len == 1 && (*s < ' ' || *s == 0x7f || strchr(doubtful, *s)))
			fputc('?', out);
		else
			fwrite(s, 1, len, out);
		/* Labels of tics are formats for their number. */
		if (*s == '%' && tic)
			fputc('%', out);
	}
	fputs(nr > most ? "..\"" : "\"", out);
	free(clean);
}

/* gnuplot rounds down to places of letters. */
static double to_x(const struct layout *l, double x)
{
	return (l->m == &mail ? x + 0.3 : x) / l->width;
}

/*
 * A line of a text is a place, a pixel has a height. Where lines are, gnuplot takes
 * the nearest for a label, but the one above for a frame's end: so nudge it.
 */
static double to_y(const struct layout *l, double y, double nudge)
{
	return l->m == &mail ? 1 - (y + nudge) / (l->height - 1) : 1 - y / l->height;
}

static void put_place(const struct layout *l, FILE *out, double x, double y,
		      unsigned int class, const char *text, double room)
{
	const double letter[] = { l->m->large, l->m->letter, l->m->small };

	fprintf(out, "%.6f\t%.6f\t%u\t", to_x(l, x), to_y(l, y, 0), class);
	put_text(l, out, text, (size_t)(room / letter[class]), false);
	fputc('\n', out);
}

/* In a text: what gnuplot marks points with, and for bars the small ones. */
static char letter_of(const struct figure_entry *e)
{
	return (char)((e->style == FIGURE_BOX ? 'a' : 'A') + e->look % 26);
}

/* Titles, labels of x, entries of the legend, caption. */
static void write_text(struct layout *l, const char *dir)
{
	FILE *out = open_in(l, dir, "text.dat");
	const struct metrics *m = l->m;
	size_t i;

	if (!out)
		return;
	for (i = 0; i < l->f->panel_nr; i++) {
		const struct figure_panel *p = l->f->panel[i];
		double cell = l->width / l->columns, x = cell * (i % l->columns);
		double left = p->left;

		/* A long one begins left of the frame. */
		if ((double)strlen(p->title) * m->large > cell - (p->left - x) - m->large)
			left = x + m->left;
		put_place(l, out, left, p->top - m->title + m->title_at, 0, p->title,
			  x + cell - left - m->large);
		if (p->x.label)
			put_place(l, out,
				  (p->left + p->right) / 2 -
					  (double)strlen(p->x.label) * m->letter / 2,
				  p->bottom + m->label_at, 1, p->x.label,
				  p->right - p->left);
	}
	for (i = 0; i < l->f->entry_nr; i++) {
		double x = m->left + (double)(i % l->entry_columns) * l->entry_width;
		double y = l->legend_top + (double)(i / l->entry_columns) * m->entry +
			   m->entry_at;
		const struct figure_entry *e = &l->f->entry[l->order[i]];

		if (m == &mail) {
			const char mark[2] = { letter_of(e), '\0' };

			put_place(l, out, x, y, 1, mark, 1);
		}
		put_place(l, out, x + m->sample, y, 1, e->label,
			  l->entry_width - m->sample - m->letter);
	}
	for (i = 0; i < l->line_nr; i++)
		put_place(l, out, m->left,
			  l->caption_top + (double)i * m->caption + m->caption_at, 2,
			  l->line[i], l->width - m->left);
	shut(l, out);
}

static void write_legend(struct layout *l, const char *dir)
{
	FILE *out = open_in(l, dir, "legend.dat");
	size_t i;

	if (!out)
		return;
	for (i = 0; i < l->f->entry_nr; i++) {
		const struct figure_entry *e = &l->f->entry[l->order[i]];
		double x = l->m->left + (double)(i % l->entry_columns) * l->entry_width;
		double y = l->legend_top + (double)(i / l->entry_columns) * l->m->entry +
			   l->m->entry_at;

		fprintf(out, "%.6f\t%.6f\t%.6f\t%d\t%u\n", to_x(l, x),
			to_x(l, x + l->m->sample - 8), to_y(l, y, 0), e->style, e->look);
	}
	shut(l, out);
}

static void write_tics(struct layout *l, const char *dir)
{
	FILE *out = open_in(l, dir, "tics.dat");
	size_t i, t;
	int y;

	if (!out)
		return;
	for (i = 0; i < l->f->panel_nr; i++)
		for (y = 0; y < 2; y++) {
			const struct figure_panel *p = l->f->panel[i];
			const struct figure_axis *a = y ? &p->y : &p->x;

			for (t = 0; t < a->tic_nr; t++) {
				fprintf(out, "%zu\t%d\t%.9g\t%d\t", i + 1, y,
					a->tic[t].at, !a->tic[t].label[0]);
				put_text(l, out, a->tic[t].label, 60, true);
				fputc('\n', out);
			}
		}
	shut(l, out);
}

/* ---- curves ---- */

/* One line of a bar panel of a text figure: a letter a column. */
static void put_bar(const struct layout *l, FILE *out, size_t panel, unsigned int row)
{
	const struct figure_panel *p = l->f->panel[panel];
	unsigned int columns = (unsigned int)(p->right - p->left) - 1, k;
	char line[FIGURE_COLUMNS + 1];
	size_t c, i;

	memset(line, ' ', sizeof(line));
	for (c = 0; c < l->f->curve_nr; c++) {
		const struct figure_curve *u = &l->f->curve[c];

		if (u->panel != panel || u->style != FIGURE_BOX)
			continue;
		for (i = 0; i < u->nr; i++) {
			const double *v = u->value + 4 * i;

			for (k = 0; k < columns && k < FIGURE_COLUMNS; k++) {
				double x = p->x.min +
					   (k + 0.5) * (p->x.max - p->x.min) / columns;

				if (v[2] < row && v[3] > row && v[0] <= x && v[1] > x)
					line[k] = letter_of(&l->f->entry[u->entry]);
			}
		}
	}
	for (k = FIGURE_COLUMNS; k && line[k - 1] == ' '; k--)
		;
	line[k] = '\0';
	fprintf(out, "%.9g\t%u\t", p->x.min + (p->x.max - p->x.min) / (columns + 1), row);
	put_text(l, out, line, FIGURE_COLUMNS, false);
	fputc('\n', out);
}

/* Bars of a text: an index of data.dat for each panel, before those of the curves. */
static void put_bars(const struct layout *l, FILE *out)
{
	unsigned int row;
	size_t i;

	for (i = 0; i < l->f->panel_nr; i++) {
		fputs("0\t0\t\"\"\n", out);
		for (row = 1; row <= l->f->panel[i]->rows; row++)
			put_bar(l, out, i, row);
		fputs("\n\n", out);
	}
}

static bool drawn(const struct layout *l, const struct figure_curve *u)
{
	/* In a text lines have to do. */
	return u->nr && (l->m != &mail || u->style == FIGURE_LINE ||
			 u->style == FIGURE_POINTS || u->style == FIGURE_DOTS);
}

static void put_curve(FILE *data, FILE *curves, const struct figure *f,
		      const struct figure_curve *u)
{
	size_t i, k;

	fprintf(curves, "%u\t%zu\n", f->entry_nr ? f->entry[u->entry].look : 0,
		u->nr / 7 + 1);
	for (i = 0; i < u->nr; i++)
		for (k = 0; k < u->width; k++)
			fprintf(data, "%.9g%c", u->value[i * u->width + k],
				k + 1 < u->width ? '\t' : '\n');
	fputs("\n\n", data);
}

/* panels.dat says which curves are whose: from, to of each style. */
static void write_curves(struct layout *l, const char *dir)
{
	FILE *panels = open_in(l, dir, "panels.dat");
	FILE *curves = open_in(l, dir, "curves.dat");
	FILE *data = open_in(l, dir, "data.dat");
	size_t i, c, nr = 0;
	int style;

	if (!panels || !curves || !data)
		goto out;
	if (l->m == &mail)
		put_bars(l, data);
	for (i = 0; i < l->f->panel_nr; i++) {
		const struct figure_panel *p = l->f->panel[i];

		fprintf(panels, "%.6f\t%.6f\t%.6f\t%.6f\t%.9g\t%.9g\t%.9g\t%.9g\t%d",
			to_x(l, p->left), to_x(l, p->right), to_y(l, p->bottom, 0.1),
			to_y(l, p->top, -0.2), p->x.min, p->x.max, p->y.min, p->y.max,
			p->y.scale == FIGURE_NS_LOG);
		for (style = 0; style < FIGURE_STYLE_NR; style++) {
			fprintf(panels, "\t%zu", nr + 1);
			for (c = 0; c < l->f->curve_nr; c++) {
				const struct figure_curve *u = &l->f->curve[c];

				if (u->panel != i || (int)u->style != style ||
				    !drawn(l, u))
					continue;
				put_curve(data, curves, l->f, u);
				nr++;
			}
			fprintf(panels, "\t%zu", nr);
		}
		fputc('\n', panels);
	}
	/* A file without a line would be an error to gnuplot. */
	fputs("0\t1\n", curves);
	fputs("0\t0\t0\t0\n", data);
out:
	if (panels)
		shut(l, panels);
	if (curves)
		shut(l, curves);
	if (data)
		shut(l, data);
}

static void write_setup(struct layout *l, const char *dir)
{
	static const char *const name[] = { "svg", "png", "txt" };
	FILE *out = open_in(l, dir, "setup.dat");

	if (!out)
		return;
	fprintf(out, "\"%s\"\t%.0f\t%.0f\n", name[l->f->format], l->width, l->height);
	shut(l, out);
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

int figure_write(struct figure *f, const char *dir)
{
	struct layout l = {
		.f = f,
		.m = f->format == FIGURE_TXT ? &mail : &picture,
		.columns = f->format == FIGURE_TXT ? 1 : f->columns,
	};
	struct span *span = calloc(f->panel_nr + 1, sizeof(*span));
	size_t i;

	if (!span && !f->err)
		f->err = -ENOMEM;
	if (f->err)
		goto out;
	if (l.columns > f->panel_nr)
		l.columns = (unsigned int)f->panel_nr;
	if (l.columns > 4)
		l.columns = 4;
	l.width = l.m->width[l.columns ? l.columns - 1 : 0];
	l.panel_height = l.m == &mail ? 16 : f->panel_height;
	if (l.m == &mail)
		drop_entries(f);
	fit_y(&l, span);
	place_columns(&l, span);
	for (i = 0; i < f->caption_nr; i++)
		fold(&l, f->caption[i]);
	place_legend(&l);
	place_rows(&l);
	/* gnuplot draws no longer ones. */
	if (l.m == &mail && l.height > LINES_MAX)
		figure_fail(
			f,
			"%zu panels are too many for a text: choose a kind with --kind, or plot fewer results",
			f->panel_nr);
	write_setup(&l, dir);
	write_text(&l, dir);
	write_legend(&l, dir);
	write_tics(&l, dir);
	write_curves(&l, dir);
out:
	for (i = 0; i < l.line_nr; i++)
		free(l.line[i]);
	free(l.line);
	free(span);
	return f->err;
}
