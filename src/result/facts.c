// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list that is searched from its start: a host has about sixty facts, and
 * nothing looks them up while the clock runs.
 */
#include "result/facts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fact *find(const struct facts *f, const char *path)
{
	size_t i;

	for (i = 0; i < f->nr; i++)
		if (!strcmp(f->fact[i].path, path))
			return &f->fact[i];
	return NULL;
}

bool fact_same(const struct fact *a, const struct fact *b)
{
	if (!a || !b || a->type != b->type)
		return a == b;
	switch (a->type) {
	case FACT_TEXT:
		return !strcmp(a->text, b->text);
	case FACT_INT:
		return a->number == b->number;
	case FACT_REAL:
		return a->real == b->real;
	case FACT_BOOL:
		return a->yes == b->yes;
	case FACT_NULL:
		break;
	}
	return true;
}

const char *fact_text(const struct fact *f, char buf[FACT_TEXT_MAX])
{
	switch (f ? f->type : FACT_NULL) {
	case FACT_TEXT:
		return f->text;
	case FACT_INT:
		snprintf(buf, FACT_TEXT_MAX, "%" PRId64, f->number);
		return buf;
	case FACT_REAL:
		snprintf(buf, FACT_TEXT_MAX, "%g", f->real);
		return buf;
	case FACT_BOOL:
		return f->yes ? "yes" : "no";
	case FACT_NULL:
		break;
	}
	return "-";
}

/* The fact of that path, emptied, or a new one at the end. NULL: no memory. */
static struct fact *slot(struct facts *f, const char *path)
{
	struct fact *fact = find(f, path), *grown;
	char *copy;

	if (fact) {
		free(fact->text);
		fact->text = NULL;
		fact->type = FACT_NULL;
		return fact;
	}
	copy = strdup(path);
	if (!copy)
		return NULL;
	grown = realloc(f->fact, (f->nr + 1) * sizeof(*grown));
	if (!grown) {
		free(copy);
		return NULL;
	}
	f->fact = grown;
	fact = &grown[f->nr++];
	memset(fact, 0, sizeof(*fact));
	fact->path = copy;
	return fact;
}

int facts_null(struct facts *f, const char *path)
{
	return slot(f, path) ? 0 : -ENOMEM;
}

int facts_bool(struct facts *f, const char *path, bool yes)
{
	struct fact *fact = slot(f, path);

	if (!fact)
		return -ENOMEM;
	fact->type = FACT_BOOL;
	fact->yes = yes;
	return 0;
}

int facts_int(struct facts *f, const char *path, int64_t number)
{
	struct fact *fact = slot(f, path);

	if (!fact)
		return -ENOMEM;
	fact->type = FACT_INT;
	fact->number = number;
	return 0;
}

int facts_real(struct facts *f, const char *path, double real)
{
	struct fact *fact = slot(f, path);

	if (!fact)
		return -ENOMEM;
	fact->type = FACT_REAL;
	fact->real = real;
	return 0;
}

int facts_text(struct facts *f, const char *path, const char *text)
{
	struct fact *fact;
	char *copy;

	if (!text)
		return facts_null(f, path);
	/* Before the slot is emptied: text may be what it holds. */
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	fact = slot(f, path);
	if (!fact) {
		free(copy);
		return -ENOMEM;
	}
	fact->type = FACT_TEXT;
	fact->text = copy;
	return 0;
}

const struct fact *facts_get(const struct facts *f, const char *path)
{
	return find(f, path);
}

const char *facts_get_text(const struct facts *f, const char *path)
{
	const struct fact *fact = find(f, path);

	return fact && fact->type == FACT_TEXT ? fact->text : NULL;
}

void facts_clear(struct facts *f)
{
	size_t i;

	for (i = 0; i < f->nr; i++) {
		free(f->fact[i].path);
		free(f->fact[i].text);
	}
	free(f->fact);
	memset(f, 0, sizeof(*f));
}
