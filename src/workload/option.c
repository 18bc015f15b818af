/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/option.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "workload/nearest.h"
#include "workload/units.h"

#define BITS 64

size_t option_nr(void)
{
	return option_table_nr;
}

const struct option_row *option_at(size_t i)
{
	return i < option_nr() ? &option_table[i] : NULL;
}

size_t option_index(const struct option_row *o)
{
	return (size_t)(o - option_table);
}

/* Some 250 rows and a few hundred keys: a plain search is fast enough. */
const struct option_row *option_find(const char *name)
{
	const struct option_row *o;

	for (o = option_table; o->name; o++) {
		if (!strcmp(o->name, name))
			return o;
		if (o->alias && !strcmp(o->alias, name))
			return o;
	}
	return NULL;
}

const char *option_nearest(const char *name)
{
	struct nearest n = nearest_start(name, strlen(name));
	const struct option_row *o;

	/* Supported keys come first and win against equally close others. */
	for (o = option_table; o->name; o++) {
		nearest_try(&n, o->name);
		if (o->alias)
			nearest_try(&n, o->alias);
	}
	return n.best;
}

const char *option_type_name(const struct option_row *o)
{
	switch (o->type) {
	case OPTION_BOOL:
		return "boolean";
	case OPTION_INT:
	case OPTION_U64:
		return "integer";
	case OPTION_SIZE:
		return "size";
	case OPTION_RANGE:
		return "range of sizes";
	case OPTION_SHARE:
		return "size or share";
	case OPTION_TIME:
		return "time";
	case OPTION_TEXT:
		return "text";
	case OPTION_ENUM:
		return "word";
	case OPTION_PERCENTILES:
		return "percentages";
	case OPTION_MIX:
		return "mix";
	case OPTION_SPLIT:
		return "sizes and shares";
	case OPTION_DISTRIBUTION:
		return "distribution";
	}
	return "?";
}

/* True for the first word of its value: the later ones are fio's synonyms. */
static bool word_is_first(const struct option_row *o, const struct option_word *w)
{
	const struct option_word *v;

	for (v = o->word; v < w; v++) {
		if (v->value == w->value)
			return false;
	}
	return true;
}

/* "a, b or c", without synonyms. */
static void words_format(const struct option_row *o, char *buf, size_t size)
{
	const struct option_word *w, *last = NULL;
	size_t len = 0;

	for (w = o->word; w->name; w++) {
		if (word_is_first(o, w))
			last = w;
	}
	for (w = o->word; w->name; w++) {
		const char *comma = !len ? "" : (w == last ? " or " : ", ");

		if (!word_is_first(o, w))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", comma, w->name);
		assert(len < size);
	}
}

char *option_format_range(const struct option_row *o, char *buf, size_t size)
{
	char lo[UNITS_TEXT_MAX], hi[UNITS_TEXT_MAX];

	switch (o->type) {
	case OPTION_BOOL:
		if (o->min == o->max)
			snprintf(buf, size, "%" PRIu64, o->min);
		else
			snprintf(buf, size, "0 or 1");
		break;
	case OPTION_INT:
	case OPTION_U64:
		snprintf(buf, size, "%" PRIu64 "..%" PRIu64, o->min, o->max);
		break;
	case OPTION_SIZE:
		snprintf(buf, size, "%s..%s", units_print_size(o->min, lo),
			 units_print_size(o->max, hi));
		break;
	case OPTION_RANGE:
		snprintf(buf, size, "LOW-HIGH within %s..%s",
			 units_print_size(o->min, lo), units_print_size(o->max, hi));
		break;
	case OPTION_SHARE:
		snprintf(buf, size, "1%%..100%% or %s..%s", units_print_size(o->min, lo),
			 units_print_size(o->max, hi));
		break;
	case OPTION_TIME:
		snprintf(buf, size, "%s..%s", units_print_time(o->min, lo),
			 units_print_time(o->max, hi));
		break;
	case OPTION_TEXT:
		snprintf(buf, size, "any text");
		break;
	case OPTION_ENUM:
		words_format(o, buf, size);
		break;
	case OPTION_PERCENTILES:
		snprintf(buf, size, "P:P:..., at most %d, above 0 up to 100",
			 WORKLOAD_PERCENTILES_MAX);
		break;
	case OPTION_MIX:
		snprintf(buf, size, "KIND[+MOD]...:WEIGHT,..., at most %d",
			 WORKLOAD_MIX_MAX);
		break;
	case OPTION_SPLIT:
		snprintf(buf, size, "SIZE/PERCENT:SIZE/PERCENT:..., at most %d",
			 WORKLOAD_SPLIT_MAX);
		break;
	case OPTION_DISTRIBUTION:
		snprintf(buf, size,
			 "random, zipf:N, pareto:N, normal:N or zoned:HITS/SIZE:...");
		break;
	}
	return buf;
}

const char *option_format_default(const struct option_row *o)
{
	return o->def ? o->def : "none";
}

void option_print_keys(FILE *out)
{
	char range[OPTION_TEXT_MAX];
	const struct option_row *o;

	for (o = option_table; o->name; o++) {
		if (o->status != OPTION_SUPPORTED)
			continue;
		fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", o->name,
			o->alias ? o->alias : "-", option_type_name(o),
			option_format_range(o, range, sizeof(range)),
			o->unit ? o->unit : "-", option_format_default(o), o->help);
	}
}

/* The field of a const job, for reading, too. */
static void *field(const struct option_row *o, const struct workload_job *job)
{
	return (char *)job + o->offset;
}

bool option_is_set(const struct workload_job *job, const struct option_row *o)
{
	size_t i = option_index(o);

	return job->set && job->set[i / BITS] & (UINT64_C(1) << i % BITS);
}

void option_mark_set(struct workload_job *job, const struct option_row *o,
		     struct workload_where at)
{
	size_t i = option_index(o);

	job->set[i / BITS] |= UINT64_C(1) << i % BITS;
	job->where[i] = at;
}

void option_unmark_set(struct workload_job *job, const struct option_row *o)
{
	size_t i = option_index(o);

	job->set[i / BITS] &= ~(UINT64_C(1) << i % BITS);
}

/* Half of it on failure: option_free() takes that. */
static int set_alloc(struct workload_job *job)
{
	job->set = calloc(option_nr() / BITS + 1, sizeof(job->set[0]));
	job->where = calloc(option_nr(), sizeof(job->where[0]));
	return job->set && job->where ? 0 : -ENOMEM;
}

int option_set_defaults(struct workload_job *job)
{
	char why[OPTION_TEXT_MAX];
	const struct option_row *o;
	int ret;

	ret = set_alloc(job);
	for (o = option_table; !ret && o->name; o++) {
		if (o->status != OPTION_SUPPORTED || !o->def)
			continue;
		ret = option_set(o, job, o->def, why);
		/* The table's own text: only memory can be missing. */
		assert(ret != -EINVAL);
	}
	return ret;
}

int option_copy(struct workload_job *dst, const struct workload_job *src)
{
	const struct option_row *o;
	int ret;

	*dst = *src;
	/* What src owns is not dst's: it must not be freed on a failure. */
	for (o = option_table; o->name; o++) {
		if (o->type == OPTION_TEXT && o->status == OPTION_SUPPORTED)
			*(char **)field(o, dst) = NULL;
	}
	ret = set_alloc(dst);
	if (ret)
		return ret;
	memcpy(dst->set, src->set, (option_nr() / BITS + 1) * sizeof(dst->set[0]));
	memcpy(dst->where, src->where, option_nr() * sizeof(dst->where[0]));
	for (o = option_table; o->name; o++) {
		const char *text;

		if (o->type != OPTION_TEXT || o->status != OPTION_SUPPORTED)
			continue;
		text = *(char **)field(o, src);
		if (!text)
			continue;
		text = strdup(text);
		if (!text)
			return -ENOMEM;
		*(const char **)field(o, dst) = text;
	}
	return 0;
}

void option_free(struct workload_job *job)
{
	const struct option_row *o;

	for (o = option_table; o->name; o++) {
		if (o->type != OPTION_TEXT || o->status != OPTION_SUPPORTED)
			continue;
		free(*(char **)field(o, job));
		*(char **)field(o, job) = NULL;
	}
	free(job->set);
	free(job->where);
	job->set = NULL;
	job->where = NULL;
}
