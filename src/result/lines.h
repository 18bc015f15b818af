/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a report: made printable and folded, whatever names and options
 * are in them, so that the report can be pasted into a mail.
 */
#ifndef DIOWAIT_LINES_H
#define DIOWAIT_LINES_H

#include <stdbool.h>
#include <stdio.h>

#define LINES_COLUMNS 72

struct lines {
	FILE *out;
	unsigned int columns; /* bytes a line may have, its newline not counted */
	bool utf8;	      /* else every other character than ASCII is '?' */
	int err;	      /* first error, -errno; after it nothing is written */
};

/*
 * Writes one line. What does not fit goes on in further lines that start with
 * hang blanks; it is cut at a blank, after a comma, else anywhere. Control
 * characters are shown as '?'.
 */
void lines_put(struct lines *l, unsigned int hang, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
