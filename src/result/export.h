/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A result in the formats that other programs read: one row of the table in export.c
 * and one file each. man/diowait-export.1 says what is in each of them.
 */
#ifndef DIOWAIT_EXPORT_H
#define DIOWAIT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "result/result.h"

struct export; /* export_private.h */

enum export_takes {
	EXPORT_TAKES_BINS = 1,	 /* refuses a result without bins */
	EXPORT_TAKES_STRESS = 2, /* tells of contracts, too */
	EXPORT_TAKES_TIMES = 4,	 /* is of one of the times, lat by default */
};

struct export_format {
	const char *name;
	const char *help; /* a line, no full stop */
	/* Writes e->item to e->out. 0, or -errno with a line in e->err, before anything
	 * was written; without one it is of the stream, in which errors stick, too. */
	int (*write)(struct export *e);
	unsigned int takes; /* enum export_takes */
};

/* What is to be written; NULL and 0: all there is. */
struct export_request {
	const struct result *r;
	const char *job, *kind;
	size_t variant; /* from 1 */
	const char *times;
};

/* The formats in the order of the help; NULL: no more. */
const struct export_format *export_format_at(size_t i);
const struct export_format *export_format_find(const char *name);

/* "slat", "clat", ... : what can be asked for as times; NULL: no more. */
const char *export_times_name(size_t i);

/*
 * Writes what q asks for to out, and flushes it. 0; or -errno: err (err_size bytes) holds
 * a line that says what of the result or of q is in the way, and nothing was written, or
 * is empty, when the stream failed.
 */
int export_write(const struct export_format *f, const struct export_request *q, FILE *out,
		 char *err, size_t err_size);

#endif
