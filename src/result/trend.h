/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history of every kind and measure in a store, and where it changed: plain data
 * that points into its store. trend_report.c prints it, trend_document.c writes it as
 * "diowait-trend-1" (man/diowait-trend.1 has every key), page.c draws it.
 */
#ifndef DIOWAIT_TREND_H
#define DIOWAIT_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/store.h"
#include "stats/change.h"

#define TREND_SCHEMA "diowait-trend-1"

enum trend_verdict {
	TREND_STEADY,
	TREND_SLOWER, /* its recent changes together were for the worse */
	TREND_FASTER,
	TREND_SHORT /* too few nights to tell */
};

/* One measure of one kind of an entry, night after night. */
struct trend_series {
	const struct store_row *row; /* what it is of: names, in the last night */
	enum compare_measure measure;
	size_t *run; /* of the entry: those that have it */
	double *value;
	bool *outlier; /* a night alone that stood out */
	size_t nr;
	struct change *change; /* at: an index into run; levels are values, not logs */
	size_t change_nr;
	enum trend_verdict verdict;
};

struct trend_entry {
	const struct store_entry *of;
	size_t left_out;    /* runs of another workload or machine than the last */
	size_t interrupted; /* left out, too */
	struct trend_series *series;
	size_t series_nr;
};

struct trend_options {
	double threshold;    /* smaller changes are none, 0.02 */
	size_t recent_nr;    /* nights in which a change counts as new, 7 */
	const char *kind;    /* only this one; NULL: all */
	const char *measure; /* a key ("lat_p50_ns"); NULL: all */
};

#define TREND_DEFAULTS \
	{ \
		.threshold = 0.02, .recent_nr = 7 \
	}

struct trend {
	const struct store *store;
	struct trend_options options;
	struct trend_entry *entry;
	size_t entry_nr;
	size_t slower_nr, faster_nr; /* series of the gate of compare */
};

/* 0 and *out (trend_free(); the store must live as long), or -ENOMEM. */
int trend_make(const struct store *s, const struct trend_options *options,
	       struct trend **out);
void trend_free(struct trend *t);

/* Whether the measure is one that verdicts count. */
bool trend_in_gate(enum compare_measure measure);

/* "143 us", "12.0 k", "3.1 %" in buf (FORMAT_MAX bytes). */
char *trend_value_text(char *buf, enum compare_measure measure, double value);

/* "steady", "slower", "faster", "short". */
const char *trend_verdict_word(enum trend_verdict verdict);

/* The run of a place in a series. */
const struct store_run *trend_run(const struct trend_entry *e,
				  const struct trend_series *s, size_t at);

/* For people. all: measures for looking and steady rows, too. 0 or -errno. */
int trend_report(const struct trend *t, const struct report_style *style, bool all,
		 FILE *out);

/* As JSON. 0 or -errno. */
int trend_dump(const struct trend *t, FILE *out);

/* ---- page.c ---- */

/*
 * The same as one HTML file that needs no other: what is linked (results, reports) is
 * linked relative to the store's folder, where the page belongs. 0 or -errno.
 */
int page_write(const struct trend *t, FILE *out);

#endif
