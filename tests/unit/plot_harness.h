/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes plots of results made here, and reads the data files that they are. Include
 * after cmocka.h; plot_dir_setup and plot_dir_teardown around the group of tests.
 */
#ifndef DIOWAIT_TEST_PLOT_HARNESS_H
#define DIOWAIT_TEST_PLOT_HARNESS_H

#include "compare_sample.h"
#include "result/plot.h"
#include "result_sample.h"

#define CURVES_MAX 96
#define POINTS_MAX 4096

/* One block of data.dat: a curve. */
struct block {
	double v[POINTS_MAX][4];
	size_t nr;
};

/* What read_blocks() has read. */
extern struct block blocks[CURVES_MAX];
extern size_t block_nr;

/* What the last plot() said. */
extern char plot_err[512];

extern const struct plot_request svg;

int plot_dir_setup(void **state);
int plot_dir_teardown(void **state);

/* Writes the data files of a type, of r alone unless more names its sources. */
int plot(const char *type, const struct result *r, const struct plot_request *more);

/* The same of a comparison, made anew. */
int plot_sides(struct sides *s, struct plot_request *q);

/* The same of a figure that was made elsewhere. */
int plot_figure(struct figure *f);

/* A data file, until the next call. */
const char *file_of(const char *name);
size_t lines_of(const char *name);
void check_contains(const char *name, const char *text);
size_t count_of(const char *text, const char *what);

/* The curves of data.dat, without the line at its end that keeps it from being empty. */
void read_blocks(void);

/* Six variants: two designs, three shares; mix says the share once more. */
struct result *make_sweep(void);

#endif
