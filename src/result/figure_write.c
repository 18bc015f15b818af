// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a figure to data files; which of them says what is in plots/common.gp. All
 * texts are made harmless here, in put_text().
 */
#include "result/figure_private.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/format.h"

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

/* A character of a name as it may be shown: len bytes at s. */
static void put_character(const struct layout *l, FILE *out, const char *s, size_t len,
			  bool tic)
{
	static const char doubtful[] = "\"'`\\$@";
	const unsigned char *u = (const unsigned char *)s;

	/* U+0080 to U+009F are control characters, too. */
	if (len > 1 && (figure_is_text(l) || (u[0] == 0xc2 && u[1] < 0xa0)))
		fputc('?', out);
	/* From U+0240 on there may be no glyph, and pngcairo fills the picture then. */
	else if (l->f->format == FIGURE_PNG && u[0] > 0xc8)
		fputc('?', out);
	else if (len == 1 && (*u < ' ' || *u == 0x7f || strchr(doubtful, *s)))
		fputc('?', out);
	else
		fwrite(s, 1, len, out);
	/* Labels of tics are formats for their number. */
	if (*s == '%' && tic)
		fputc('%', out);
}

/*
 * A text between double quotes, at most so many letters of it: then its middle is
 * "..". Names come from workload files and documents: whatever could end the string,
 * start a command or format a text in any part of gnuplot is '?', as are control
 * characters, and in a text figure all that is not ASCII.
 */
static void put_text(const struct layout *l, FILE *out, const char *text, size_t most,
		     bool tic)
{
	char *clean = format_utf8_clean(text);
	const char *s = clean ? clean : "";
	size_t nr = figure_letters(l->f, s), head, tail, len, wide, at;
	bool cut = false;

	if (most < 3)
		most = 3;
	/* Ends say more than middles: "punted", the number of a key. */
	tail = most / 3;
	head = nr <= most ? nr : most - 2 - tail;
	fputc('"', out);
	for (at = 0; *s; s += len, at += wide) {
		wide = figure_letter(l->f, s, &len);
		if (at + wide > head && at < nr - tail) {
			if (!cut)
				fputs("..", out);
			cut = true;
			continue;
		}
		put_character(l, out, s, len, tic);
	}
	fputc('"', out);
	free(clean);
}

/* gnuplot rounds down to places of letters; the last of a text is at 1. */
static double to_x(const struct layout *l, double x)
{
	return figure_is_text(l) ? (x + 0.3) / (l->width - 1) : x / l->width;
}

/* An end of a frame. Of columns the left one is a share of all, the right of one less. */
static double frame_x(const struct layout *l, double x, bool right)
{
	return figure_is_text(l) && !right ? (x + 0.3) / l->width : to_x(l, x);
}

/* A line of a text is a place, a pixel has a height. */
static double to_y(const struct layout *l, double y)
{
	return figure_is_text(l) ? 1 - y / (l->height - 1) : 1 - y / l->height;
}

/*
 * An end of a frame. Of lines gnuplot takes the share of all for the lower end, of one
 * less for the upper, and rounds down: aim at the middle of what comes to line y.
 */
static double frame_y(const struct layout *l, double y, bool top)
{
	double from_below = l->height - 1 - y;

	if (!figure_is_text(l))
		return 1 - y / l->height;
	return (from_below + 0.5) / (top ? l->height - 1 : l->height);
}

static void put_place(const struct layout *l, FILE *out, double x, double y,
		      unsigned int class, const char *text, double room)
{
	const double letter[] = { l->m->large, l->m->letter, l->m->small };

	fprintf(out, "%.6f\t%.6f\t%u\t", to_x(l, x), to_y(l, y), class);
	put_text(l, out, text, (size_t)(room / letter[class]), false);
	fputc('\n', out);
}

/* In a text: what gnuplot marks points with, and for bars the small ones. */
static char letter_of(const struct figure_entry *e)
{
	if (e->style == FIGURE_INTERVAL || e->style == FIGURE_HOLLOW)
		return e->style == FIGURE_INTERVAL ? 'O' : 'o';
	return (char)((e->style == FIGURE_BOX ? 'a' : 'A') + e->look % 26);
}

/* Beside the rows of a bar panel. */
static void put_notes(const struct layout *l, FILE *out, const struct figure_panel *p,
		      double end)
{
	double x = p->right + (figure_is_text(l) ? 2 : 8), height = p->bottom - p->top, y;
	size_t i;

	for (i = 0; i < p->note_nr; i++) {
		y = p->bottom -
		    (p->note[i].row - p->y.min) / (p->y.max - p->y.min) * height;
		put_place(l, out, x, figure_is_text(l) ? p->bottom - p->note[i].row : y,
			  1, p->note[i].text, end - x);
	}
}

/* Titles, notes, labels of x, entries of the legend, caption. */
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
		if ((double)figure_letters(l->f, p->title) * m->large >
		    cell - (p->left - x) - m->large)
			left = x + m->left;
		put_place(l, out, left, p->top - m->title + m->title_at, 0, p->title,
			  x + cell - left - m->large);
		if (p->x.label)
			put_place(l, out,
				  (p->left + p->right) / 2 -
					  (double)figure_letters(l->f, p->x.label) *
						  m->letter / 2,
				  p->bottom + m->label_at, 1, p->x.label,
				  p->right - p->left);
		put_notes(l, out, p, x + cell);
	}
	for (i = 0; i < l->f->entry_nr; i++) {
		double x = m->left + (double)(i % l->entry_columns) * l->entry_width;
		double y = l->legend_top + (double)(i / l->entry_columns) * m->entry +
			   m->entry_at;
		const struct figure_entry *e = &l->f->entry[l->order[i]];

		if (figure_is_text(l)) {
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
			to_x(l, x + l->m->sample - 8), to_y(l, y), e->style, e->look);
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

/* In which column of a bar panel x is; -1 and columns are past its ends. */
static int column_of(const struct figure_panel *p, double x, unsigned int columns)
{
	double at = floor((x - p->x.min) / (p->x.max - p->x.min) * columns);

	return at < 0 ? -1 : at >= columns ? (int)columns : (int)at;
}

/* "[===O==]" in a line of a text; an end that is cut off is "<" or ">". */
static void put_interval(char *line, const struct figure_panel *p, const double *v,
			 bool hollow, int columns)
{
	int at = column_of(p, v[0], columns), k;
	int low = column_of(p, v[1], columns), high = column_of(p, v[2], columns);

	for (k = low < 0 ? 0 : low; k <= high && k < columns; k++)
		line[k] = hollow ? '-' : '=';
	line[low < 0 ? 0 : low < columns ? low : columns - 1] = low < 0 ? '<' : '[';
	if (high < 0)
		line[0] = '<';
	else
		line[high < columns ? high : columns - 1] = high < columns ? ']' : '>';
	if (at >= 0 && at < columns)
		line[at] = hollow ? 'o' : 'O';
}

/* What is behind the intervals of a row: where a band is, and a rule. */
static void put_behind(char *line, const struct figure_panel *p,
		       const struct figure_curve *u, int columns)
{
	int from, to, k;

	if (!u->nr)
		return;
	from = column_of(p, u->value[0], columns);
	to = column_of(p, u->value[(u->nr - 1) * u->width], columns);
	for (k = from < 0 ? 0 : from; k <= to && k < columns; k++)
		if (u->style == FIGURE_RULE || line[k] == ' ')
			line[k] = u->style == FIGURE_RULE ? '|' : '.';
}

static void put_intervals(const struct layout *l, char *line, size_t panel,
			  unsigned int row, unsigned int columns)
{
	const struct figure_panel *p = l->f->panel[panel];
	int most = columns < FIGURE_COLUMNS ? (int)columns : FIGURE_COLUMNS;
	size_t c, i;

	for (c = 0; c < l->f->curve_nr; c++)
		if (l->f->curve[c].panel == panel &&
		    (l->f->curve[c].style == FIGURE_RULE ||
		     l->f->curve[c].style == FIGURE_LIGHT_BAND))
			put_behind(line, p, &l->f->curve[c], most);
	for (c = 0; c < l->f->curve_nr; c++) {
		const struct figure_curve *u = &l->f->curve[c];

		if (u->panel != panel ||
		    (u->style != FIGURE_INTERVAL && u->style != FIGURE_HOLLOW))
			continue;
		for (i = 0; i < u->nr; i++)
			if (u->value[4 * i + 3] > row - 0.5 &&
			    u->value[4 * i + 3] < row + 0.5)
				put_interval(line, p, u->value + 4 * i,
					     u->style == FIGURE_HOLLOW, most);
	}
}

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
	put_intervals(l, line, panel, row, columns);
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
	return u->nr && (!figure_is_text(l) || u->style == FIGURE_LINE ||
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
	if (figure_is_text(l))
		put_bars(l, data);
	for (i = 0; i < l->f->panel_nr; i++) {
		const struct figure_panel *p = l->f->panel[i];

		fprintf(panels, "%.6f\t%.6f\t%.6f\t%.6f\t%.9g\t%.9g\t%.9g\t%.9g\t%d",
			frame_x(l, p->left, false), frame_x(l, p->right, true),
			frame_y(l, p->bottom, false), frame_y(l, p->top, true), p->x.min,
			p->x.max, p->y.min, p->y.max, p->y.scale == FIGURE_NS_LOG);
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

/* With how many lines the other files have: so large are the arrays of the scripts. */
static void write_setup(struct layout *l, const char *dir)
{
	static const char *const name[] = { "svg", "png", "txt" };
	FILE *out = open_in(l, dir, "setup.dat");
	size_t tics = 0, curves = 1, i;

	if (!out)
		return;
	for (i = 0; i < l->f->panel_nr; i++)
		tics += l->f->panel[i]->x.tic_nr + l->f->panel[i]->y.tic_nr;
	for (i = 0; i < l->f->curve_nr; i++)
		curves += drawn(l, &l->f->curve[i]);
	fprintf(out, "\"%s\"\t%.0f\t%.0f\t%zu\t%zu\t%zu\t%zu\n", name[l->f->format],
		l->width, l->height, l->f->panel_nr, curves, tics, l->f->entry_nr);
	shut(l, out);
}

int figure_write(struct figure *f, const char *dir)
{
	struct layout l;

	figure_lay_out(f, &l);
	write_setup(&l, dir);
	write_text(&l, dir);
	write_legend(&l, dir);
	write_tics(&l, dir);
	write_curves(&l, dir);
	figure_layout_clear(&l);
	return f->err;
}
