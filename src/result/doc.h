/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of a JSON document, made and looked at. doc.c alone knows the library;
 * who writes or reads a document (document.c, read.c, probe_document.c) knows keys.
 */
#ifndef DIOWAIT_DOC_H
#define DIOWAIT_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "result/facts.h"

struct json_t; /* the library's */

/* ---- making ---- */

/* The only way to fail while building is no memory: kept until the end. */
struct doc {
	bool failed;
};

/* Values; NULL: no memory, which doc_put() and doc_add() notice. */
struct json_t *doc_new(void);  /* an object */
struct json_t *doc_list(void); /* an array */
struct json_t *doc_none(void); /* null */
struct json_t *doc_yes(bool yes);
struct json_t *doc_int(int64_t n);
struct json_t *doc_count(uint64_t n);	/* past 2^63 - 1: that */
struct json_t *doc_real(double x);	/* null where it is no number */
struct json_t *doc_text(const char *s); /* NULL: null. U+FFFD for what is not UTF-8 */

struct json_t *doc_time(const struct timespec *t); /* UTC; null where that has no day */

/* Facts as nested objects: "loop.dio" is dio of an object loop. */
struct json_t *doc_facts(struct doc *d, const struct facts *f);

/* Both take value over, also when they fail. */
void doc_put(struct doc *d, struct json_t *object, const char *key, struct json_t *value);
void doc_add(struct doc *d, struct json_t *list, struct json_t *value);

void doc_free(struct json_t *value);

/*
 * Takes root over; NULL: there was no memory for it. compact: on one line, and reals of
 * six digits. 0 or -errno.
 */
int doc_write(struct json_t *root, bool compact, FILE *out);

/* ---- looking: of a value of another type, or NULL, the answer is none ---- */

#define DOC_BYTES_MAX (256u << 20) /* a larger file is no result */

/*
 * Reads a file, "-" is standard input. NULL: err (err_size bytes) holds a line
 * that names the file, and the line in it. To be freed.
 */
struct json_t *doc_read(const char *path, char *err, size_t err_size);

struct json_t *doc_get(const struct json_t *object, const char *key); /* borrowed */
size_t doc_nr(const struct json_t *list);			      /* or object */
struct json_t *doc_at(const struct json_t *list, size_t i);	      /* borrowed */
bool doc_is_list(const struct json_t *v); /* an array, null or NULL */
bool doc_is_object(const struct json_t *v);
const char *doc_text_of(const struct json_t *v); /* NULL */
bool doc_yes_of(const struct json_t *v);	 /* false */
int64_t doc_int_of(const struct json_t *v);	 /* 0 */
uint64_t doc_count_of(const struct json_t *v);	 /* 0; negative: 0; rounded */
double doc_real_of(const struct json_t *v);	 /* NaN */

/* Calls each for every member in order, until it returns not 0: returns that. */
int doc_each(const struct json_t *object,
	     int (*each)(void *ctx, const char *key, const struct json_t *value),
	     void *ctx);

/* The inverse of doc_facts(). 0 or -ENOMEM. */
int doc_facts_of(const struct json_t *object, struct facts *out);

#endif
