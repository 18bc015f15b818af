/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ordered list of named facts: host, noise, keys of a variant. A path's dots
 * become nested objects in the result document ("loop.dio"). A fact that could
 * not be had is there with type FACT_NULL, never left out.
 */
#ifndef DIOWAIT_FACTS_H
#define DIOWAIT_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_type { FACT_NULL, FACT_BOOL, FACT_INT, FACT_REAL, FACT_TEXT };

struct fact {
	char *path;
	enum fact_type type;
	bool yes;
	int64_t number;
	double real;
	char *text;
};

/* Zero-initialised is empty. Owns its strings. */
struct facts {
	struct fact *fact;
	size_t nr;
};

/* Each appends, or replaces the fact of the same path. 0 or -ENOMEM. */
int facts_null(struct facts *f, const char *path);
int facts_bool(struct facts *f, const char *path, bool yes);
int facts_int(struct facts *f, const char *path, int64_t number);
int facts_real(struct facts *f, const char *path, double real);
int facts_text(struct facts *f, const char *path, const char *text); /* NULL: null */

/* Same type and value; two that are absent (NULL) are the same, too. */
bool fact_same(const struct fact *a, const struct fact *b);

/*
 * The value for people: "-" for null and for NULL, yes or no, a number, or the text
 * itself. In buf, or the fact's own; valid while both are.
 */
#define FACT_TEXT_MAX 40
const char *fact_text(const struct fact *f, char buf[FACT_TEXT_MAX]);

/* NULL when absent. */
const struct fact *facts_get(const struct facts *f, const char *path);

/* Text of a FACT_TEXT, else NULL. */
const char *facts_get_text(const struct facts *f, const char *path);

void facts_clear(struct facts *f);

#endif
