/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar of fio's job files: lines in, sections and keys out. It knows no
 * key; what they mean is the receiver's business.
 */
#ifndef DIOWAIT_JOBFILE_H
#define DIOWAIT_JOBFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "workload/workload.h"

#define JOBFILE_BYTES_MAX (1U << 20) /* of one file */
#define JOBFILE_TOTAL_MAX (4U << 20) /* of all, each include counted */
#define JOBFILE_LINE_MAX 4096	     /* without its newline */
#define JOBFILE_VALUE_MAX 4032	     /* ... and without its key */
#define JOBFILE_NAME_MAX 255	     /* of a section */
#define JOBFILE_INCLUDE_MAX 16	     /* nesting */

/*
 * Who receives the lines. at->file is borrowed for the call. A negative return
 * stops the reading and is passed on; err is the receiver's to fill then.
 */
struct jobfile_sink {
	void *ctx;
	int (*section)(void *ctx, const struct workload_where *at, const char *name);
	/* value is NULL for a bare key; ${VAR} is replaced already. */
	int (*option)(void *ctx, const struct workload_where *at, const char *key,
		      const char *value);
};

struct jobfile_reader {
	struct jobfile_sink sink;
	FILE *text; /* gets the lines, includes expanded */
	struct workload_error *err;
	size_t total_bytes; /* read so far, against the limit */
	unsigned int depth; /* of includes, now */
	bool in_section;
};

/*
 * Reads one job file ("-": standard input) from its start: lines before its
 * first section are an error. 0 or -errno, with r->err filled.
 */
int jobfile_read(struct jobfile_reader *r, const char *path);

/* The same for the len bytes at text; name stands for the path. */
int jobfile_read_text(struct jobfile_reader *r, const char *name, const char *text,
		      size_t len);

/*
 * Replaces each ${VAR} in raw by its value in the environment, as fio does (by
 * nothing if it is not set), strips blanks, and refuses what a job file could
 * not hold again. 0 and *value, which the caller frees; or -errno, err filled.
 */
int jobfile_expand(const struct workload_where *at, const char *key, const char *raw,
		   char **value, struct workload_error *err);

/* Length of the UTF-8 sequence at s, within len bytes; 0: it is none. */
size_t jobfile_utf8_len(const char *s, size_t len);

#endif
