/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the layout of a figure says to the files. */
#ifndef DIOWAIT_FIGURE_PRIVATE_H
#define DIOWAIT_FIGURE_PRIVATE_H

#include "result/figure.h"

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

extern const struct metrics figure_mail;

/* Whether lines and columns are the unit, not pixels. */
static inline bool figure_is_text(const struct layout *l)
{
	return l->m == &figure_mail;
}

/*
 * Places all that f has, and makes its ranges and tics. f->err has what went wrong.
 * l is to be given to figure_layout_clear() in any case.
 */
void figure_lay_out(struct figure *f, struct layout *l);
void figure_layout_clear(struct layout *l);

#endif
