/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `diowait probe` found: one small run a row, what the rows come to, and
 * advice. man/diowait-probe.1 describes the report and the document.
 */
#ifndef DIOWAIT_PROBE_H
#define DIOWAIT_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "result/result.h"

#define PROBE_SCHEMA "diowait-probe-1"

/* Unknown numbers are NaN, unknown paths RESULT_PATH_NR, unknown texts NULL. */
struct probe_row {
	char *kind; /* with modifiers */
	char *engine;
	unsigned int iodepth, append_depth; /* append_depth 0: as iodepth */
	uint64_t ops;			    /* 0: not measured */
	enum result_path path, then;	    /* most frequent; then: of workers */
	double share;			    /* path's, of the ops */
	double then_share;		    /* then's, of the ops */
	double blocked_share;
	bool slat_known;
	uint64_t slat_p50_ns, lat_p50_ns;
	double sleeps_per_write;
	char *cause; /* that most time was slept for */
	double cause_share;
	char *error; /* why it was not measured, or the error that writes met */
};

struct probe {
	const char *directory;
	struct result *host_of; /* first row measured; NULL: none */
	int tier;
	char *missing; /* for tier 2; NULL: nothing */
	bool interrupted;
	struct probe_row *row;
	size_t row_nr;
	int concurrency; /* appends in flight that don't block; -1: unknown */
	char **advice;
	size_t advice_nr;
};

/* Adds an empty row. NULL: no memory. */
struct probe_row *probe_add(struct probe *p, const char *kind, const char *engine,
			    unsigned int iodepth, unsigned int append_depth);

/* Fills row from the run of its one kind. Takes r over. 0 or -ENOMEM. */
int probe_row_fill(struct probe *p, struct probe_row *row, struct result *r);

/* A row that was measured; append_depth 0: one without. NULL: there is none. */
const struct probe_row *probe_find(const struct probe *p, const char *kind,
				   const char *engine, unsigned int iodepth,
				   unsigned int append_depth);

bool probe_measured(const struct probe *p);

/* Fills concurrency and advice, from the rows alone. 0 or -ENOMEM. */
int probe_conclude(struct probe *p);

void probe_clear(struct probe *p);

/* The report for people. 0 or -errno of the stream. */
int probe_report(const struct probe *p, const struct report_style *style, FILE *out);

/* The document: as result_dump() and result_write(). */
int probe_dump(const struct probe *p, FILE *out);
int probe_write(const struct probe *p, const char *path);

#endif
