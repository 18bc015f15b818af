/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a workload file. One row of the table in option_table.c is one
 * key: the parser, --set, --help, shell completion and the check of the man
 * page all read the row, so that none of them can disagree.
 */
#ifndef DIOWAIT_OPTION_H
#define DIOWAIT_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "workload/workload.h"

/* The type decides the C type of the field, too. */
enum option_type {
	OPTION_BOOL,	    /* bool; a bare key means 1 */
	OPTION_INT,	    /* unsigned int */
	OPTION_U64,	    /* uint64_t */
	OPTION_SIZE,	    /* struct workload_range, min == max */
	OPTION_RANGE,	    /* struct workload_range */
	OPTION_SHARE,	    /* struct workload_size */
	OPTION_TIME,	    /* uint64_t, ns */
	OPTION_TEXT,	    /* char *, owned; NULL: not given */
	OPTION_ENUM,	    /* int, one of option->word */
	OPTION_PERCENTILES, /* struct workload_percentiles */
	OPTION_MIX,	    /* struct workload_mix */
	OPTION_SPLIT,	    /* struct workload_split */
	OPTION_DISTRIBUTION /* struct distribution */
};

enum option_status {
	OPTION_SUPPORTED,
	OPTION_NOTED,	/* of fio: no effect here, and a note says so */
	OPTION_REFUSED, /* of fio, and not done: an error, but for the value def */
};

/* A word of an enum; of several with one value the first is its name. */
struct option_word {
	const char *name; /* NULL ends the list */
	int value;
};

struct option_row {
	const char *name;
	const char *alias; /* second name, as in fio; or NULL */
	enum option_type type;
	size_t offset;	   /* of the field in struct workload_job */
	uint64_t min, max; /* in the field's unit; numbers only */
	uint64_t step;	   /* the value is a multiple of it; 0: any */
	uint64_t bare_ns;  /* times: the unit of a number without one */
	const char *def; /* default as text; NULL: none, not given; refused: see there */
	const struct option_word *word;
	const char *unit;  /* for people: "bytes"; or NULL */
	const char *help;  /* one line, lower case, no full stop */
	bool shares_field; /* bs, bsrange, bssplit: an override of one replaces all */
	bool own;	   /* no key of fio */
	const char *bare;  /* a text: what the key by itself means; NULL: an error */
	bool keywords; /* a text in which $jobname etc. are replaced by the thread's */
	bool output;   /* where something goes, so no part of the identity; a log, if
			* it has keywords, too */
	bool adds_up;  /* a text: lines of one section are joined by a blank */
	enum option_status status;
	const char *why; /* added to errors and notes of this key; or NULL */
};

/* Room for the text of a range or a reason, with its NUL. */
#define OPTION_TEXT_MAX 256

extern const struct option_row option_table[]; /* ends with name == NULL */

extern const size_t option_table_nr; /* without that row */

/* Rows in the table; supported ones come first. */
size_t option_nr(void);

/* Row i, or NULL behind the last. */
const struct option_row *option_at(size_t i);

size_t option_index(const struct option_row *o);

/* By name or alias; NULL: no such key. */
const struct option_row *option_find(const char *name);

/* The name or alias closest to name; NULL: none is close. */
const char *option_nearest(const char *name);

/* "integer", "size", ...; never NULL. */
const char *option_type_name(const struct option_row *o);

/*
 * What values are allowed, without the unit: "1..65536", "libaio, io_uring or
 * null". buf has size bytes; returns buf.
 */
char *option_format_range(const struct option_row *o, char *buf, size_t size);

/* The default as text: "libaio", "none". Never NULL. */
const char *option_format_default(const struct option_row *o);

/*
 * Writes one line per supported key to out: name, alias, type, range, unit,
 * default, help, divided by tabs; "-" where there is nothing.
 */
void option_print_keys(FILE *out);

/*
 * Reads value (NULL: a bare key) into the job's field. 0; or -EINVAL, the field
 * unchanged, and why (OPTION_TEXT_MAX bytes) says what would be right, to be
 * read after "KEY=VALUE: "; or -ENOMEM.
 */
int option_set(const struct option_row *o, struct workload_job *job, const char *value,
	       char *why);

/*
 * What is worth a note of a value that option_set() took: arithmetic that fio
 * would not do, or a list of fio's directions. The caller frees it; NULL: nothing
 * is, or no memory.
 */
char *option_note(const struct option_row *o, const char *key, const char *value,
		  const struct workload_job *job);

/*
 * Canonical text of the job's field in *text, which the caller frees; NULL for
 * what is not given (a text that is NULL, no mix). option_set() reads it back.
 * 0 or -ENOMEM.
 */
int option_format(const struct option_row *o, const struct workload_job *job,
		  char **text);

/* Fills every field from the table's defaults. 0 or -ENOMEM. */
int option_set_defaults(struct workload_job *job);

/* dst's fields, set and where become copies of src's. 0 or -ENOMEM. */
int option_copy(struct workload_job *dst, const struct workload_job *src);

/* Frees what the fields, set and where own, and clears the pointers. */
void option_free(struct workload_job *job);

bool option_is_set(const struct workload_job *job, const struct option_row *o);
void option_mark_set(struct workload_job *job, const struct option_row *o,
		     struct workload_where at);
void option_unmark_set(struct workload_job *job, const struct option_row *o);

#endif
