/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the report share; the report itself is in result.h. */
#ifndef DIOWAIT_REPORT_H
#define DIOWAIT_REPORT_H

#include <stddef.h>

#include "result/lines.h"
#include "result/result.h"

/*
 * A text put together from pieces: "a, b, c". Zero-initialised is empty; clear
 * frees. No memory is kept as an error of l.
 */
struct pieces {
	char *text;
	struct lines *l;
};

void pieces_add(struct pieces *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void pieces_clear(struct pieces *p);

/* A fact as one word: "yes", "16", "0.5", "each"; "-" for null. */
void pieces_add_fact(struct pieces *p, const struct fact *f);

/* The tables: one per variant and job, a block of rows per kind. */
void report_kinds(const struct result *r, struct lines *l);

/* What kernel events tell of a kind (k->why); its slowest write, step by step. */
void report_why(const struct result *r, struct lines *l, const struct result_kind *k);
void report_worst(struct lines *l, const struct result_kind *k);

/* Machine, kernel, file system and device. */
void report_host(const struct result *r, struct lines *l);

#endif
