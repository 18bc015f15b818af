/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of options: text into a job's field, and back. */
#include "workload/option.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workload/arith.h"
#include "workload/mix.h"
#include "workload/units.h"

static int refuse(char *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int refuse(char *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, OPTION_TEXT_MAX, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* "must be 512..1g bytes, a multiple of 512", from the row alone. */
static int refuse_range(const struct option_row *o, char *why)
{
	char range[OPTION_TEXT_MAX / 2], step[64] = "";
	const char *bare = "";

	if (o->step)
		snprintf(step, sizeof(step), ", a multiple of %" PRIu64, o->step);
	if (o->type == OPTION_TIME)
		bare = o->bare_ns == UNITS_NS_PER_S ?
			       " (seconds, if without a unit)" :
			       " (microseconds, if without a unit)";
	return refuse(why, "must be %s%s%s%s%s%s%s",
		      option_format_range(o, range, sizeof(range)), o->unit ? " " : "",
		      o->unit ? o->unit : "", step, bare, o->why ? ": " : "",
		      o->why ? o->why : "");
}

/* A key whose value is numbers, and may so have arithmetic in it. */
static bool is_number(const struct option_row *o)
{
	return o->type != OPTION_TEXT && o->type != OPTION_ENUM &&
	       o->type != OPTION_MIX && o->type != OPTION_PERCENTILES &&
	       o->type != OPTION_SPLIT && o->type != OPTION_DISTRIBUTION;
}

static bool keyword_is_in(const char *value)
{
	return strstr(value, "$pagesize") || strstr(value, "$mb_memory") ||
	       strstr(value, "$ncpus");
}

static bool is_list(const struct option_row *o)
{
	return o->type == OPTION_SIZE || o->type == OPTION_RANGE ||
	       o->type == OPTION_SPLIT;
}

/*
 * Of fio's list, which is reads, writes, trims, the part of writes; a list of two
 * has the writes' for trims, too. *value moves there and may be empty, which
 * leaves the key as it is; buf has room for the part.
 */
static int list_writes(const char **value, char *buf, size_t size, char *why)
{
	const char *at = strchr(*value, ',');
	size_t len;

	if (!at)
		return 0;
	at += 1 + strspn(at + 1, " \t");
	len = strcspn(at, ",");
	if (len >= size || (at[len] && strchr(at + len + 1, ',')))
		return refuse(why, "must be one value, or READS,WRITES,TRIMS");
	while (len && strchr(" \t", at[len - 1]))
		len--;
	memcpy(buf, at, len);
	buf[len] = '\0';
	*value = buf;
	return 0;
}

/* Arithmetic done: *value is then in buf, of size bytes. */
static int reduce(const struct option_row *o, const char **value, char *buf, size_t size,
		  char *why)
{
	if (!arith_is_in(*value))
		return 0;
	/* fio takes what is in parentheses for microseconds, whatever the key's unit. */
	if (o->type == OPTION_TIME)
		return refuse(why, "a time can have no arithmetic, which fio takes for "
				   "microseconds; give one time");
	if (arith_reduce(*value, buf, size))
		return refuse(why, "must be a number or arithmetic of whole numbers, "
				   "with + - * / %% ^ and $pagesize, $mb_memory or "
				   "$ncpus; - and %% in parentheses");
	*value = buf;
	return 0;
}

char *option_note(const struct option_row *o, const char *key, const char *value,
		  const struct workload_job *job)
{
	char *text = NULL, *now = NULL;
	int n = 0;

	if (!value || (!is_number(o) && !is_list(o)))
		return NULL;
	if ((!is_list(o) || !strchr(value, ',')) &&
	    (!is_number(o) || !arith_is_bare(value)))
		return NULL;
	if (option_format(o, job, &now))
		return NULL;
	if (is_list(o) && strchr(value, ','))
		n = asprintf(&text, "%s=%s: reads have the length of writes, %s", key,
			     value, now);
	else
		n = asprintf(&text, "%s=%s: %s; fio would need parentheses", key, value,
			     now);
	free(now);
	return n < 0 ? NULL : text;
}

static bool in_range(const struct option_row *o, uint64_t v)
{
	return v >= o->min && v <= o->max && (!o->step || v % o->step == 0);
}

static int set_integer(const struct option_row *o, void *field, const char *value,
		       char *why)
{
	uint64_t v;

	if (units_parse_size(value, &v) || !in_range(o, v))
		return refuse_range(o, why);
	switch (o->type) {
	case OPTION_BOOL:
		*(bool *)field = v;
		break;
	case OPTION_INT:
		*(unsigned int *)field = (unsigned int)v;
		break;
	default:
		*(uint64_t *)field = v;
		break;
	}
	return 0;
}

static int set_range(const struct option_row *o, struct workload_range *field,
		     const char *value, char *why)
{
	uint64_t lo, hi;
	size_t len = strlen(value);
	int ret;

	if (o->type == OPTION_SIZE) {
		ret = units_parse_size(value, &lo);
		hi = lo;
	} else {
		ret = units_parse_range(value, &lo, &hi);
	}
	if (!ret && in_range(o, lo) && in_range(o, hi)) {
		field->min_bytes = lo;
		field->max_bytes = hi;
		return 0;
	}
	(void)refuse_range(o, why);
	/* The slip of those who know IEC prefixes, but not fio. */
	if (!ret && len > 2 && !strcasecmp(value + len - 2, "ib"))
		strncat(why, " (kib is 1000 here, as in fio: write k)",
			OPTION_TEXT_MAX - strlen(why) - 1);
	return -EINVAL;
}

/* What is left of 100 goes to those without a share, in equal parts; or -EINVAL. */
static int split_fill(struct workload_split *v)
{
	unsigned int i, sum = 0, open = 0;
	uint64_t least = UINT64_MAX;

	for (i = 0; i < v->nr; i++) {
		if (v->item[i].bytes < least)
			least = v->item[i].bytes;
		if (v->item[i].percent == UINT_MAX)
			open++;
		else
			sum += v->item[i].percent;
	}
	if (sum > 100 || (!open && sum != 100))
		return -EINVAL;
	for (i = 0; i < v->nr; i++) {
		if (v->item[i].bytes % least)
			return -EINVAL;
		if (v->item[i].percent != UINT_MAX)
			continue;
		v->item[i].percent = (100 - sum) / open--;
		sum += v->item[i].percent;
	}
	return 0;
}

static int refuse_split(const struct option_row *o, char *why)
{
	char range[OPTION_TEXT_MAX / 2], lo[UNITS_TEXT_MAX], hi[UNITS_TEXT_MAX];

	return refuse(
		why,
		"must be %s; sizes are %s..%s, multiples of %s and of the smallest, and shares come to 100",
		option_format_range(o, range, sizeof(range)),
		units_print_size(o->min, lo), units_print_size(o->max, hi), lo);
}

static int set_split(const struct option_row *o, struct workload_split *field,
		     const char *value, char *why)
{
	struct workload_split v = { .nr = 0 };
	uint64_t bytes;
	int percent;
	size_t len;

	for (;; value += len + 1) {
		len = strcspn(value, ":");
		if (v.nr == WORKLOAD_SPLIT_MAX ||
		    units_parse_part(value, len, &bytes, &percent) || !in_range(o, bytes))
			return refuse_split(o, why);
		v.item[v.nr].bytes = bytes;
		v.item[v.nr++].percent = percent < 0 ? UINT_MAX : (unsigned int)percent;
		if (!value[len])
			break;
	}
	if (split_fill(&v))
		return refuse_split(o, why);
	*field = v;
	return 0;
}

static int set_share(const struct option_row *o, struct workload_size *field,
		     const char *value, char *why)
{
	struct workload_size v;

	if (units_parse_share(value, &v.bytes, &v.percent))
		return refuse_range(o, why);
	/* 0% could not be told from "no share". */
	if (!v.percent && (!in_range(o, v.bytes) || strchr(value, '%')))
		return refuse_range(o, why);
	*field = v;
	return 0;
}

static int set_time(const struct option_row *o, uint64_t *field, const char *value,
		    char *why)
{
	uint64_t ns;

	if (units_parse_time(value, o->bare_ns, &ns) || !in_range(o, ns))
		return refuse_range(o, why);
	*field = ns;
	return 0;
}

static int set_enum(const struct option_row *o, int *field, const char *value, char *why)
{
	const struct option_word *w;

	for (w = o->word; w->name; w++) {
		if (!strcmp(w->name, value)) {
			*field = w->value;
			return 0;
		}
	}
	return refuse_range(o, why);
}

static int set_percentiles(const struct option_row *o, struct workload_percentiles *field,
			   const char *value, char *why)
{
	struct workload_percentiles v = { .nr = 0 };

	if (units_parse_percentiles(value, v.p, WORKLOAD_PERCENTILES_MAX, &v.nr))
		return refuse_range(o, why);
	*field = v;
	return 0;
}

static int set_text(char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

int option_set(const struct option_row *o, struct workload_job *job, const char *value,
	       char *why)
{
	char reduced[OPTION_TEXT_MAX], part[OPTION_TEXT_MAX];
	void *field = (char *)job + o->offset;
	int ret = 0;

	assert(o->status == OPTION_SUPPORTED);
	if (!value && o->type == OPTION_BOOL)
		value = "1";
	if (!value && o->bare)
		value = o->bare;
	if (!value || !*value) {
		char range[OPTION_TEXT_MAX / 2];

		return refuse(why, "needs a value: %s",
			      option_format_range(o, range, sizeof(range)));
	}
	if (is_list(o))
		ret = list_writes(&value, part, sizeof(part), why);
	if (!ret && !*value)
		return 0;
	if (!ret && is_number(o))
		ret = reduce(o, &value, reduced, sizeof(reduced), why);
	else if (!ret && keyword_is_in(value))
		ret = refuse(why, "$pagesize, $mb_memory and $ncpus are for numbers");
	if (ret)
		return ret;
	switch (o->type) {
	case OPTION_BOOL:
	case OPTION_INT:
	case OPTION_U64:
		return set_integer(o, field, value, why);
	case OPTION_SIZE:
	case OPTION_RANGE:
		return set_range(o, field, value, why);
	case OPTION_SHARE:
		return set_share(o, field, value, why);
	case OPTION_TIME:
		return set_time(o, field, value, why);
	case OPTION_TEXT:
		return set_text(field, value);
	case OPTION_ENUM:
		return set_enum(o, field, value, why);
	case OPTION_PERCENTILES:
		return set_percentiles(o, field, value, why);
	case OPTION_MIX:
		return mix_parse(value, field, why, OPTION_TEXT_MAX);
	case OPTION_SPLIT:
		return set_split(o, field, value, why);
	case OPTION_DISTRIBUTION:
		return distribution_parse(value, field, why, OPTION_TEXT_MAX);
	}
	return refuse(why, "no such type");
}

static char *format_percentiles(const struct workload_percentiles *list)
{
	char *text = calloc(list->nr + 1, UNITS_TEXT_MAX);
	char *p = text;
	unsigned int i;

	for (i = 0; text && i < list->nr; i++) {
		if (i)
			*p++ = ':';
		units_print_decimal(list->p[i], p);
		p += strlen(p);
	}
	return text;
}

static char *format_split(const struct workload_split *list)
{
	char *text = calloc(list->nr + 1, UNITS_TEXT_MAX + 5), *p = text;
	unsigned int i;

	for (i = 0; text && i < list->nr; i++) {
		if (i)
			*p++ = ':';
		units_print_size(list->item[i].bytes, p);
		p += strlen(p);
		p += sprintf(p, "/%u", list->item[i].percent);
	}
	return text;
}

static char *format_range(const struct option_row *o, const struct workload_range *r)
{
	char lo[UNITS_TEXT_MAX], hi[UNITS_TEXT_MAX];
	char *text;

	units_print_size(r->min_bytes, lo);
	units_print_size(r->max_bytes, hi);
	if (o->type == OPTION_SIZE)
		return strdup(lo);
	return asprintf(&text, "%s-%s", lo, hi) < 0 ? NULL : text;
}

static char *format_share(const struct workload_size *v)
{
	char buf[UNITS_TEXT_MAX];

	if (!v->percent)
		return strdup(units_print_size(v->bytes, buf));
	snprintf(buf, sizeof(buf), "%u%%", v->percent);
	return strdup(buf);
}

static char *format_u64(uint64_t v)
{
	char buf[UNITS_TEXT_MAX];

	snprintf(buf, sizeof(buf), "%" PRIu64, v);
	return strdup(buf);
}

/* The first word of a value; NULL where the enum has a state without one. */
static const char *word_name(const struct option_row *o, int value)
{
	const struct option_word *w;

	for (w = o->word; w->name; w++) {
		if (w->value == value)
			return w->name;
	}
	return NULL;
}

int option_format(const struct option_row *o, const struct workload_job *job, char **text)
{
	const void *field = (const char *)job + o->offset;
	const char *word;
	char buf[UNITS_TEXT_MAX];

	*text = NULL;
	switch (o->type) {
	case OPTION_BOOL:
		*text = strdup(*(const bool *)field ? "1" : "0");
		break;
	case OPTION_INT:
		*text = format_u64(*(const unsigned int *)field);
		break;
	case OPTION_U64:
		*text = format_u64(*(const uint64_t *)field);
		break;
	case OPTION_SIZE:
	case OPTION_RANGE:
		if (!((const struct workload_range *)field)->min_bytes)
			return 0;
		*text = format_range(o, field);
		break;
	case OPTION_SHARE:
		*text = format_share(field);
		break;
	case OPTION_TIME:
		*text = strdup(units_print_time(*(const uint64_t *)field, buf));
		break;
	case OPTION_TEXT:
		word = *(char *const *)field;
		if (!word)
			return 0;
		*text = strdup(word);
		break;
	case OPTION_ENUM:
		word = word_name(o, *(const int *)field);
		if (!word)
			return 0;
		*text = strdup(word);
		break;
	case OPTION_PERCENTILES:
		if (!((const struct workload_percentiles *)field)->nr)
			return 0;
		*text = format_percentiles(field);
		break;
	case OPTION_SPLIT:
		if (!((const struct workload_split *)field)->nr)
			return 0;
		*text = format_split(field);
		break;
	case OPTION_DISTRIBUTION:
		*text = distribution_format(field);
		break;
	case OPTION_MIX:
		if (!((const struct workload_mix *)field)->nr)
			return 0;
		*text = mix_format(field);
		break;
	}
	return *text ? 0 : -ENOMEM;
}
