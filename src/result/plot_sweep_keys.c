// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys that differ between variants, and what they say of an axis. */
#include "result/plot_sweep.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char sweep_result_key[] = "result";

const char *plot_sweep_value(const struct sweep *s, const struct plot_item *i,
			     const char *key, char *buf)
{
	if (key == sweep_result_key)
		return plot_source_name(s->q, i->source, 40, buf);
	return fact_text(facts_get(&i->v->keys, key), buf);
}

bool plot_sweep_same_value(const struct plot_item *a, const struct plot_item *b,
			   const char *key)
{
	char x[FACT_TEXT_MAX], y[FACT_TEXT_MAX];

	if (key == sweep_result_key)
		return a->source == b->source;
	return !strcmp(fact_text(facts_get(&a->v->keys, key), x),
		       fact_text(facts_get(&b->v->keys, key), y));
}

/* "30", "4k", "2.5", "500ms": what a key of a workload file may be. NaN: no number. */
static double number_of(const char *text)
{
	static const struct {
		const char *suffix;
		double factor;
	} unit[] = {
		{ "", 1 },	  { "%", 1 },	    { "k", 1024 },
		{ "m", 1048576 }, { "g", 1 << 30 }, { "ns", 1e-9 },
		{ "us", 1e-6 },	  { "ms", 1e-3 },   { "s", 1 },
	};
	char *end;
	double v;
	size_t i;

	if (!isdigit((unsigned char)*text) && *text != '-' && *text != '.')
		return NAN;
	v = strtod(text, &end);
	for (i = 0; end != text && i < sizeof(unit) / sizeof(unit[0]); i++)
		if (!strcasecmp(end, unit[i].suffix))
			return v * unit[i].factor;
	return NAN;
}

static bool is_number(const struct sweep *s, const char *key)
{
	char buf[PLOT_NAME_MAX];
	size_t i;

	for (i = 0; i < s->item_nr; i++)
		if (isnan(number_of(plot_sweep_value(s, &s->item[i], key, buf))))
			return false;
	return true;
}

static size_t values_of(const struct sweep *s, const char *key)
{
	size_t i, k, nr = 0;

	for (i = 0; i < s->item_nr; i++) {
		for (k = 0;
		     k < i && !plot_sweep_same_value(&s->item[k], &s->item[i], key); k++)
			;
		nr += k == i;
	}
	return nr;
}

static void take_key(struct sweep *s, const char *key)
{
	size_t i;

	for (i = 0; i < s->key_nr; i++)
		if (!strcmp(s->key[i], key))
			return;
	if (s->key_nr < KEYS_MAX && values_of(s, key) > 1)
		s->key[s->key_nr++] = key;
}

static void drop_key(struct sweep *s, size_t at)
{
	s->key_nr--;
	memmove(&s->key[at], &s->key[at + 1], (s->key_nr - at) * sizeof(s->key[0]));
}

/* The number with the most values, else the first key. */
static size_t choose_x(const struct sweep *s)
{
	size_t i, best = 0, most = 0;

	for (i = 0; i < s->key_nr; i++)
		if (s->key[i] != sweep_result_key && is_number(s, s->key[i]) &&
		    values_of(s, s->key[i]) > most) {
			best = i;
			most = values_of(s, s->key[i]);
		}
	return best;
}

/*
 * Whether x and the other keys tell all variants apart without key skip. mix
 * changes with append%, and would else be a line for each point.
 */
static bool enough_without(const struct sweep *s, size_t skip)
{
	size_t a, b, k;

	for (a = 0; a < s->item_nr; a++)
		for (b = 0; b < a; b++) {
			if (s->item[a].v == s->item[b].v ||
			    !plot_sweep_same_value(&s->item[a], &s->item[b], s->x))
				continue;
			for (k = 0; k < s->key_nr; k++)
				if (k != skip &&
				    !plot_sweep_same_value(&s->item[a], &s->item[b],
							   s->key[k]))
					break;
			if (k == s->key_nr)
				return false;
		}
	return true;
}

void plot_sweep_choose_keys(struct sweep *s)
{
	const char *asked = s->q->x_key;
	size_t i, k, at;
	int words;

	for (i = 0; i < s->item_nr; i++)
		for (k = 0; k < s->item[i].v->keys.nr; k++)
			take_key(s, s->item[i].v->keys.fact[k].path);
	if (s->q->source_nr > 1)
		take_key(s, sweep_result_key);
	if (!s->key_nr) {
		figure_fail(
			s->f,
			"nothing was swept in these results: give several with different keys, or run with --sweep");
		return;
	}
	at = choose_x(s);
	for (i = 0; asked && i < s->key_nr; i++)
		if (!strcmp(s->key[i], asked)) {
			at = i;
			asked = NULL;
		}
	if (asked) {
		char list[200] = "";

		for (i = 0; i < s->key_nr; i++)
			snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
				 i ? ", " : "", s->key[i]);
		figure_fail(s->f, "--x %.60s: no key that differs here is called so; %s",
			    asked, list);
		return;
	}
	s->x = s->key[at];
	s->x_number = is_number(s, s->x);
	drop_key(s, at);
	/*
	 * Words before numbers, and from the end: which result it is tells least, unless
	 * they are of two worlds.
	 */
	for (words = 1; words >= 0; words--)
		for (i = s->key_nr; i-- > 0;)
			if (is_number(s, s->key[i]) != words && enough_without(s, i) &&
			    (s->key[i] != sweep_result_key || plot_same_place(s->q)))
				drop_key(s, i);
}

static int compare_x(const void *a, const void *b)
{
	double x = number_of(*(char *const *)a), y = number_of(*(char *const *)b);

	return (x > y) - (x < y);
}

void plot_sweep_list_x(struct sweep *s)
{
	char buf[PLOT_NAME_MAX];
	size_t i, k;

	s->x_text = calloc(s->item_nr + 1, sizeof(*s->x_text));
	for (i = 0; s->x_text && i < s->item_nr; i++) {
		const char *text = plot_sweep_value(s, &s->item[i], s->x, buf);

		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): below x_nr */
		for (k = 0; k < s->x_nr && strcmp(s->x_text[k], text); k++)
			;
		if (k < s->x_nr)
			continue;
		s->x_text[s->x_nr] = strdup(text);
		if (!s->x_text[s->x_nr])
			break;
		s->x_nr++;
	}
	if (!s->x_text || i < s->item_nr)
		s->f->err = -ENOMEM;
	else if (s->x_number)
		qsort(s->x_text, s->x_nr, sizeof(*s->x_text), compare_x);
}

double plot_sweep_place(const struct sweep *s, size_t at)
{
	double v = number_of(s->x_text[at]), lo, hi;

	if (!s->x_number)
		return (double)at;
	lo = number_of(s->x_text[0]);
	hi = number_of(s->x_text[s->x_nr - 1]);
	return lo > 0 && hi / lo >= 30 ? log2(v) : v;
}

double plot_sweep_place_of(const struct sweep *s, const struct plot_item *i)
{
	char buf[PLOT_NAME_MAX];
	const char *text = plot_sweep_value(s, i, s->x, buf);
	size_t k;

	for (k = 0; k + 1 < s->x_nr && strcmp(s->x_text[k], text); k++)
		;
	return plot_sweep_place(s, k);
}
