// SPDX-License-Identifier: GPL-2.0-or-later
/* Adding to a figure. */
#include "result/figure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"

struct figure *figure_new(enum figure_format format)
{
	struct figure *f = calloc(1, sizeof(*f));

	if (f) {
		f->format = format;
		f->columns = 1;
		f->panel_height = 260;
	}
	return f;
}

static void axis_clear(struct figure_axis *a)
{
	size_t i;

	for (i = 0; i < a->tic_nr; i++)
		free(a->tic[i].label);
	free(a->tic);
	free(a->label);
}

void figure_free(struct figure *f)
{
	size_t i, k;

	if (!f)
		return;
	for (i = 0; i < f->panel_nr; i++) {
		for (k = 0; k < f->panel[i]->note_nr; k++)
			free(f->panel[i]->note[k].text);
		free(f->panel[i]->note);
		axis_clear(&f->panel[i]->x);
		axis_clear(&f->panel[i]->y);
		free(f->panel[i]->title);
		free(f->panel[i]);
	}
	for (i = 0; i < f->curve_nr; i++)
		free(f->curve[i].value);
	free(f->curve);
	for (i = 0; i < f->entry_nr; i++)
		free(f->entry[i].label);
	for (i = 0; i < f->caption_nr; i++)
		free(f->caption[i]);
	free(f->caption);
	free(f);
}

void figure_fail(struct figure *f, const char *fmt, ...)
{
	va_list ap;

	if (f->err)
		return;
	f->err = -ENODATA;
	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
}

static char *copy(struct figure *f, const char *s)
{
	char *text = strdup(s);

	if (!text && !f->err)
		f->err = -ENOMEM;
	return text;
}

/* One element more at the end of an array; false: no memory, and f has the error. */
static bool grow(struct figure *f, void *array, size_t nr, size_t size)
{
	void **at = array, *grown;

	/* At each power of two. */
	if (nr & (nr - 1))
		return true;
	grown = reallocarray(*at, nr ? 2 * nr : 1, size);
	if (!grown) {
		f->err = -ENOMEM;
		return false;
	}
	*at = grown;
	return true;
}

struct figure_panel *figure_add_panel(struct figure *f, const char *fmt, ...)
{
	struct figure_panel *p;
	va_list ap;

	if (f->err)
		return NULL;
	if (f->panel_nr == FIGURE_PANELS_MAX) {
		figure_fail(f, "more than %d panels: choose a kind with --kind",
			    FIGURE_PANELS_MAX);
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		f->err = -ENOMEM;
		return NULL;
	}
	va_start(ap, fmt);
	if (vasprintf(&p->title, fmt, ap) < 0) {
		p->title = NULL;
		f->err = -ENOMEM;
	}
	va_end(ap);
	f->panel[f->panel_nr++] = p;
	return f->err ? NULL : p;
}

void figure_set_axis(struct figure *f, struct figure_axis *a, enum figure_scale scale,
		     const char *label)
{
	a->scale = scale;
	a->label = label ? copy(f, label) : NULL;
}

void figure_name_tic(struct figure *f, struct figure_axis *a, double at,
		     const char *label)
{
	if (f->err || !grow(f, &a->tic, a->tic_nr, sizeof(*a->tic)))
		return;
	a->tic[a->tic_nr].at = at;
	a->tic[a->tic_nr].label = copy(f, label);
	if (!f->err)
		a->tic_nr++;
}

void figure_add_note(struct figure *f, struct figure_panel *p, unsigned int row,
		     const char *text)
{
	if (f->err || !grow(f, &p->note, p->note_nr, sizeof(*p->note)))
		return;
	p->note[p->note_nr] = (struct figure_note){ row, copy(f, text) };
	if (!f->err)
		p->note_nr++;
}

size_t figure_add_entry(struct figure *f, enum figure_style style, const char *label)
{
	unsigned int look = 0;
	size_t i;

	for (i = 0; i < f->entry_nr; i++) {
		/* Lines and boxes each have colours from the first on. */
		if ((f->entry[i].style == FIGURE_BOX) == (style == FIGURE_BOX))
			look++;
		if (f->entry[i].style == style && !strcmp(f->entry[i].label, label))
			return i;
	}
	if (f->entry_nr == FIGURE_ENTRIES_MAX) {
		figure_fail(
			f,
			"more than %d lines in the legend: plot fewer results, or choose a kind with --kind",
			FIGURE_ENTRIES_MAX);
		return 0;
	}
	f->entry[i] = (struct figure_entry){ copy(f, label), style, look };
	if (!f->err)
		f->entry_nr++;
	return i;
}

size_t figure_letter(const struct figure *f, const char *s, size_t *len)
{
	*len = format_utf8_len(s);
	/* What is no UTF-8 is one U+FFFD a byte. */
	if (!*len)
		*len = 1;
	/* The order of the bytes is that of the characters; elsewhere they are '?'. */
	return 1 +
	       (f->format == FIGURE_SVG && *len > 2 && memcmp(s, "\xe2\xba\x80", 3) >= 0);
}

size_t figure_letters(const struct figure *f, const char *s)
{
	size_t nr = 0, len;

	for (; *s; s += len)
		nr += figure_letter(f, s, &len);
	return nr;
}

size_t figure_fit(const struct figure *f, const char *s, size_t letters)
{
	size_t at = 0, nr = 0, len;

	for (; s[at]; at += len) {
		nr += figure_letter(f, s + at, &len);
		if (nr > letters)
			break;
	}
	return at;
}

size_t figure_style_width(enum figure_style style)
{
	static const size_t width[FIGURE_STYLE_NR] = {
		[FIGURE_BAND] = 3,   [FIGURE_LIGHT_BAND] = 3, [FIGURE_LINE] = 2,
		[FIGURE_POINTS] = 2, [FIGURE_DOTS] = 2,	      [FIGURE_RULE] = 1,
		[FIGURE_BOX] = 4,    [FIGURE_INTERVAL] = 4,   [FIGURE_HOLLOW] = 4,
	};

	return width[style];
}

void figure_begin(struct figure *f, enum figure_style style, size_t entry)
{
	size_t i;

	/* Boxes and intervals of one look are one curve: there are many. */
	for (i = 0; i < f->curve_nr && figure_style_width(style) == 4; i++)
		if (f->curve[i].panel == f->panel_nr - 1 && f->curve[i].entry == entry &&
		    f->curve[i].style == style) {
			f->current = i;
			return;
		}
	if (f->err || !grow(f, &f->curve, f->curve_nr, sizeof(*f->curve)))
		return;
	f->current = f->curve_nr;
	f->curve[f->curve_nr++] = (struct figure_curve){
		.panel = f->panel_nr - 1,
		.entry = entry,
		.style = style,
		.width = figure_style_width(style),
	};
}

void figure_put(struct figure *f, double a, double b, double c, double d)
{
	const double v[4] = { a, b, c, d };
	struct figure_curve *k;

	if (f->err)
		return;
	k = &f->curve[f->current];
	if (!grow(f, &k->value, k->nr, k->width * sizeof(*v)))
		return;
	memcpy(k->value + k->nr * k->width, v, k->width * sizeof(*v));
	k->nr++;
}

void figure_add_caption(struct figure *f, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (f->err || !grow(f, &f->caption, f->caption_nr, sizeof(*f->caption)))
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		f->err = -ENOMEM;
	else
		f->caption[f->caption_nr++] = text;
	va_end(ap);
}
