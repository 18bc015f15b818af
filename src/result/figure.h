/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A figure: panels in a grid, curves in them, a legend and a caption below. It is
 * built from numbers and names, then laid out and written as data files that the
 * scripts in plots/ read. Nobody here knows results or gnuplot's commands.
 *
 * Errors stick: after the first nothing is added, and figure_write() returns it.
 * All texts are copied. What could mean something to gnuplot is replaced where
 * texts are written, in one place.
 */
#ifndef DIOWAIT_FIGURE_H
#define DIOWAIT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIGURE_PANELS_MAX 96
#define FIGURE_ENTRIES_MAX 40
#define FIGURE_COLUMNS 72 /* of a text figure */

enum figure_format { FIGURE_SVG, FIGURE_PNG, FIGURE_TXT };

/* What a curve's points are, in the order of their columns; scripts know it. */
enum figure_style {
	FIGURE_BAND,	   /* x, low, high */
	FIGURE_LIGHT_BAND, /* the same, fainter */
	FIGURE_LINE,	   /* x, y: a line, with a mark now and then */
	FIGURE_POINTS,	   /* x, y: a line with a mark at each point */
	FIGURE_DOTS,	   /* x, y: marks without a line */
	FIGURE_RULE,	   /* x: a thin vertical line */
	FIGURE_BOX,	   /* x low, x high, y low, y high */
	FIGURE_INTERVAL,   /* x, x low, x high, row: a filled mark on a thick bar */
	FIGURE_HOLLOW,	   /* the same: a hollow mark on a thin bar */
	FIGURE_STYLE_NR
};

enum figure_scale {
	FIGURE_NS_LOG,	   /* times; 0 can't be shown */
	FIGURE_NS,	   /* times from 0 */
	FIGURE_RATE,	   /* from 0, as 10 k */
	FIGURE_SECONDS,	   /* from 0 */
	FIGURE_PERCENTILE, /* values are -log10(1 - p) */
	FIGURE_NAMES,	   /* only its named tics: figure_name_tic() */
	FIGURE_RATIO,	   /* values are natural logarithms of ratios, 0 is in the
			    * middle; what is past reach is cut off */
};

struct figure_tic {
	double at;
	char *label; /* "": a minor one */
};

struct figure_axis {
	enum figure_scale scale;
	unsigned int share; /* panels with the same number, not 0, share its range */
	bool cut;	    /* FIGURE_NAMES: cut names that don't fit, else leave out */
	double reach;	    /* FIGURE_RATIO: to either side, positive */
	double min, max;    /* made by figure_write() */
	char *label;	    /* NULL: none */
	struct figure_tic *tic;
	size_t tic_nr;
};

/* A word right of the frame, beside a row. */
struct figure_note {
	unsigned int row;
	char *text;
};

struct figure_panel {
	char *title;
	struct figure_axis x, y;
	unsigned int rows; /* of a bar panel; 0: a usual one */
	struct figure_note *note;
	size_t note_nr;
	/* made by figure_write(): its frame, as shares of the picture */
	double left, right, bottom, top;
};

struct figure_curve {
	size_t panel, entry;
	enum figure_style style;
	double *value;
	size_t nr, width; /* points, numbers of each */
};

/* A line of the legend: what a colour, a dash, a mark or a pattern stands for. */
struct figure_entry {
	char *label;
	enum figure_style style;
	unsigned int look; /* which colour and so on; the same in all panels */
};

struct figure {
	enum figure_format format;
	int err;
	char why[256];		   /* with err -ENODATA: what is missing, a line */
	unsigned int columns;	   /* panels beside each other */
	unsigned int panel_height; /* of a usual panel, pixels */
	struct figure_panel *panel[FIGURE_PANELS_MAX];
	size_t panel_nr;
	struct figure_curve *curve;
	size_t curve_nr, current; /* which figure_put() adds to */
	struct figure_entry entry[FIGURE_ENTRIES_MAX];
	size_t entry_nr;
	char **caption;
	size_t caption_nr;
};

/* NULL: no memory. */
struct figure *figure_new(enum figure_format format);
void figure_free(struct figure *f);

/* The figure can't be had: err becomes -ENODATA, why the line. */
void figure_fail(struct figure *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A panel of its own; NULL after an error. Owned by f. */
struct figure_panel *figure_add_panel(struct figure *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* An axis of a panel: its scale and its label, which is copied; NULL: none. */
void figure_set_axis(struct figure *f, struct figure_axis *a, enum figure_scale scale,
		     const char *label);

/* A tic with a name on an axis of FIGURE_NAMES. */
void figure_name_tic(struct figure *f, struct figure_axis *a, double at,
		     const char *label);

/* A word beside a row of a bar panel. */
void figure_add_note(struct figure *f, struct figure_panel *p, unsigned int row,
		     const char *text);

/*
 * The legend's entry of that label and style, made when there is none; looks are
 * given out in order, one row of them for lines, one for boxes.
 */
size_t figure_add_entry(struct figure *f, enum figure_style style, const char *label);

/* Begins a curve in the last panel; figure_put() adds its points. */
void figure_begin(struct figure *f, enum figure_style style, size_t entry);

/* A point of the last curve: as many numbers as its style has. */
void figure_put(struct figure *f, double a, double b, double c, double d);

/* A sentence of the caption. */
void figure_add_caption(struct figure *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Numbers of a point of a style. */
size_t figure_style_width(enum figure_style style);

/* ---- how wide texts are, in letters of their size ---- */

/*
 * The character at s: 1, or 2 where it is shown and wide, which is taken to be so of
 * all from U+2E80 on (East Asian scripts, emoji), whatever the locale. *len: its bytes.
 */
size_t figure_letter(const struct figure *f, const char *s, size_t *len);

/* All of s. */
size_t figure_letters(const struct figure *f, const char *s);

/* Bytes of as many characters of s as fit into so many letters. */
size_t figure_fit(const struct figure *f, const char *s, size_t letters);

/* ---- figure_axis.c ---- */

/*
 * Makes range and tics of an axis whose values run from lo to hi, and which has
 * room for so many characters (y: lines). x: it is a horizontal one.
 */
void figure_fit_axis(struct figure *f, struct figure_axis *a, double lo, double hi,
		     unsigned int room, bool x);

/* ---- figure_write.c, figure_layout.c ---- */

/*
 * Lays out, and writes setup.dat, panels.dat, tics.dat, curves.dat, data.dat,
 * legend.dat and text.dat into dir. 0 or -errno, also of what was added before.
 * Once only: axes have their tics then.
 */
int figure_write(struct figure *f, const char *dir);

#endif
