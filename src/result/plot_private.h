/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the types of plots share. */
#ifndef DIOWAIT_PLOT_PRIVATE_H
#define DIOWAIT_PLOT_PRIVATE_H

#include "result/plot.h"

#define PLOT_NAME_MAX 96

/* One kind of one variant of one result. */
struct plot_item {
	const struct plot_source *source;
	const struct result_variant *v;
	const struct result_kind *k;
};

/*
 * All kinds that were asked for and that were measured, in order; to be freed.
 * Without any f fails. NULL: none, or no memory.
 */
struct plot_item *plot_items(const struct plot_request *q, struct figure *f, size_t *nr);

/* Variants of all results. */
size_t plot_variant_nr(const struct plot_request *q);

/* ---- names; each fills buf (PLOT_NAME_MAX bytes) and returns it ---- */

/* s with at most so many characters: its middle is left out. */
char *plot_shorten(char *buf, const char *s, size_t most);

/*
 * The name of a result, shortened, behind it its number where the names of two would
 * be the same.
 */
char *plot_source_name(const struct plot_request *q, const struct plot_source *s,
		       size_t most, char *buf);

/* The result and what tells the variant from its others; "" when it is alone. */
char *plot_variant_name(const struct plot_request *q, const struct plot_item *i,
			char *buf);

/* The kind, behind its job where there are several. */
char *plot_kind_name(const struct plot_request *q, const struct plot_item *i, char *buf);

/*
 * A curve: its variant or, with kind, its kind too; the engine where several
 * are drawn. times: slat of io_uring always says how many were punted.
 */
char *plot_curve_name(const struct plot_request *q, const struct plot_item *i, bool kind,
		      enum plot_times times, char *buf);

/*
 * Adds s to buf (size bytes), behind between where that has something; the end is cut
 * off without room.
 */
void plot_add(char *buf, size_t size, const char *between, const char *s);

/* Adds ", END" (END alone where buf is ""); what is before loses its middle for it. */
void plot_append(char *buf, const char *end);

/*
 * "punted 97.1 %" of a kind that io_uring wrote; of the variant's kinds, k NULL,
 * "punted up to" the largest share. Without kernel events it is not known.
 */
char *plot_punted(const struct result_variant *v, const struct result_kind *k, char *buf);

/* ---- numbers ---- */

/* NULL: the kind has none. */
const struct result_dist *plot_dist(const struct result_kind *k, enum plot_times times);

/* ---- types ---- */

void plot_spectrum(const struct plot_request *q, struct figure *f);
void plot_sweep(const struct plot_request *q, struct figure *f);
void plot_timeline(const struct plot_request *q, struct figure *f);
void plot_causes(const struct plot_request *q, struct figure *f);
void plot_worst(const struct plot_request *q, struct figure *f);
void plot_compare(const struct plot_request *q, struct figure *f);

/* Whether all results are of one kernel, file system and device. */
bool plot_same_place(const struct plot_request *q);

/* Where the numbers come from: kernel, file system, device, ... */
void plot_caption(const struct plot_request *q, struct figure *f);

#endif
