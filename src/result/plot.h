/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be drawn of results: one row a type. A type turns results into a
 * figure (figure.h), which is written as data files; drawing them is its script's
 * and gnuplot's. Nothing here starts a program or prints.
 */
#ifndef DIOWAIT_PLOT_H
#define DIOWAIT_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "result/compare.h"
#include "result/figure.h"
#include "result/result.h"

/* A result and what its reader calls it, mostly the name of its file. */
struct plot_source {
	const struct result *r;
	const char *name;
};

enum plot_times {
	PLOT_LAT,
	PLOT_SLAT,
	PLOT_CLAT,
	PLOT_VICTIM,
	PLOT_RESP,
	PLOT_HELD, /* only beside victim */
	PLOT_CONVOY,
	PLOT_TIMES_NR
};

struct plot_request {
	const struct plot_source *source;
	size_t source_nr;
	enum figure_format format;
	bool times_given;
	enum plot_times times;
	const char *x_key;	       /* of a sweep; NULL: chosen */
	const char *kind;	       /* only this one; NULL: all */
	const struct compare *compare; /* of a type that compares, instead of sources */
};

/* What a type goes by; of the options the others are refused. */
enum plot_takes {
	PLOT_TAKES_TIMES = 1,
	PLOT_TAKES_X = 2,
	PLOT_TAKES_SIDES = 4, /* draws a comparison, and has a caption of its own */
};

struct plot_type {
	const char *name;
	const char *help;   /* a line, no full stop */
	const char *script; /* in the folder of scripts */
	/* Adds panels, curves and sentences; errors stick in f, figure_fail() says
	 * what the results don't have. */
	void (*fill)(const struct plot_request *q, struct figure *f);
	unsigned int takes;
};

/* The types in the order of the help, the first is the default; NULL: no more. */
const struct plot_type *plot_type_at(size_t i);
const struct plot_type *plot_type_find(const char *name);

/* "lat", "slat", ...; the first five can be asked for. */
const char *plot_times_name(enum plot_times times);

/*
 * Writes the data files of a figure of that type into the directory. 0, or -errno
 * and a line in err: -ENODATA when the results don't have what it shows.
 */
int plot_write(const struct plot_type *type, const struct plot_request *q,
	       const char *dir, char *err, size_t err_size);

#endif
