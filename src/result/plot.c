// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of plots, and what they share. */
#include "result/plot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"
#include "result/plot_private.h"

static const struct plot_type types[] = {
	{ "spectrum", "latency by percentile, kinds or results over each other",
	  "lines.gp", plot_spectrum, PLOT_TAKES_TIMES },
	{ "sweep", "latency, damage to others and IOPS over a key that was swept",
	  "lines.gp", plot_sweep, PLOT_TAKES_TIMES | PLOT_TAKES_X },
	{ "timeline", "latency over time, with bands of percentiles", "timeline.gp",
	  plot_timeline, PLOT_TAKES_TIMES },
	{ "causes", "time slept by cause; needs run --why", "bars.gp", plot_causes, 0 },
	{ "worst", "what the slowest writes went through; needs run --why", "bars.gp",
	  plot_worst, 0 },
	{ "compare", "ratios of new results to old ones, with intervals", "intervals.gp",
	  plot_compare, PLOT_TAKES_SIDES },
};

const struct plot_type *plot_type_at(size_t i)
{
	return i < sizeof(types) / sizeof(types[0]) ? &types[i] : NULL;
}

const struct plot_type *plot_type_find(const char *name)
{
	size_t i;

	for (i = 0; plot_type_at(i); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}

const char *plot_times_name(enum plot_times times)
{
	static const char *const name[PLOT_TIMES_NR] = {
		[PLOT_LAT] = "lat",	  [PLOT_SLAT] = "slat", [PLOT_CLAT] = "clat",
		[PLOT_VICTIM] = "victim", [PLOT_RESP] = "resp", [PLOT_HELD] = "held",
		[PLOT_CONVOY] = "convoy",
	};

	return name[times];
}

size_t plot_variant_nr(const struct plot_request *q)
{
	size_t i, nr = 0;

	for (i = 0; i < q->source_nr; i++)
		nr += q->source[i].r->variant_nr;
	return nr;
}

struct plot_item *plot_items(const struct plot_request *q, struct figure *f, size_t *nr)
{
	struct plot_item *list = NULL, *grown;
	size_t s, v, k;

	*nr = 0;
	for (s = 0; s < q->source_nr; s++)
		for (v = 0; v < q->source[s].r->variant_nr; v++)
			for (k = 0; k < q->source[s].r->variant[v].kind_nr; k++) {
				const struct result *r = q->source[s].r;
				const struct result_kind *kind = &r->variant[v].kind[k];

				if (!kind->ops ||
				    (q->kind && strcmp(q->kind, kind->kind)))
					continue;
				grown = reallocarray(list, *nr + 1, sizeof(*list));
				if (!grown) {
					f->err = -ENOMEM;
					return list;
				}
				list = grown;
				list[(*nr)++] = (struct plot_item){ &q->source[s],
								    &r->variant[v],
								    kind };
			}
	if (!*nr && q->kind)
		figure_fail(f, "no writes of the kind '%s' in these results", q->kind);
	else if (!*nr)
		figure_fail(f, "no writes in these results");
	return list;
}

const struct result_dist *plot_dist(const struct result_kind *k, enum plot_times times)
{
	const struct result_dist *const d[PLOT_TIMES_NR] = {
		[PLOT_LAT] = &k->lat,	    [PLOT_SLAT] = &k->slat,
		[PLOT_CLAT] = &k->clat,	    [PLOT_VICTIM] = &k->victim,
		[PLOT_RESP] = &k->resp,	    [PLOT_HELD] = &k->held,
		[PLOT_CONVOY] = &k->convoy,
	};

	return d[times]->sum.n ? d[times] : NULL;
}

/* ---- names ---- */

static bool starts_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

char *plot_shorten(char *buf, const char *s, size_t most)
{
	size_t len = strlen(s), nr = 0, head, tail, i;

	for (i = 0; i < len; i++)
		nr += starts_character(s[i]);
	if (nr <= most && (len < PLOT_NAME_MAX || nr < 3)) {
		snprintf(buf, PLOT_NAME_MAX, "%s", s);
		return buf;
	}
	if (most > nr)
		most = nr;
	/* What has other than ASCII may need more bytes than there are. */
	do {
		head = 0;
		tail = len;
		for (i = (most - 2) / 2; i; i--)
			while (!starts_character(s[++head]))
				;
		for (i = most - 2 - (most - 2) / 2; i; i--)
			while (!starts_character(s[--tail]))
				;
	} while (head + 2 + (len - tail) >= PLOT_NAME_MAX && --most > 2);
	snprintf(buf, PLOT_NAME_MAX, "%.*s..%s", (int)head, s, s + tail);
	return buf;
}

void plot_add(char *buf, size_t size, const char *between, const char *s)
{
	size_t len = strlen(buf), last = size - 1;
	int all = snprintf(buf + len, size - len, "%s%s", len ? between : "", s);

	if (all < 0 || len + (size_t)all < size)
		return;
	/* Not in the middle of a character. */
	while (last && !starts_character(buf[--last]))
		;
	if (!format_utf8_len(buf + last))
		buf[last] = '\0';
}

#define SOURCE_LEAST 24 /* characters that a result's name is cut to anywhere */

/* Whether the names of two results look the same when they are cut. */
static bool names_collide(const struct plot_request *q)
{
	char one[PLOT_NAME_MAX], other[PLOT_NAME_MAX];
	size_t a, b;

	for (a = 0; a < q->source_nr; a++) {
		plot_shorten(one, q->source[a].name, SOURCE_LEAST);
		for (b = 0; b < a; b++)
			if (!strcmp(one,
				    plot_shorten(other, q->source[b].name, SOURCE_LEAST)))
				return true;
	}
	return false;
}

char *plot_source_name(const struct plot_request *q, const struct plot_source *s,
		       size_t most, char *buf)
{
	char number[32];

	if (!names_collide(q))
		return plot_shorten(buf, s->name, most);
	snprintf(number, sizeof(number), " (%td)", s - q->source + 1);
	most -= strlen(number);
	do
		plot_shorten(buf, s->name, most);
	while (strlen(buf) + strlen(number) >= PLOT_NAME_MAX && --most > 3);
	plot_add(buf, PLOT_NAME_MAX, "", number);
	return buf;
}

#define TELLING_MAX 32

/* Keys that differ between the variants of a result. */
struct telling {
	const char *key[TELLING_MAX];
	size_t nr;
};

static bool enough_without(const struct result *r, const struct telling *t, size_t skip)
{
	size_t a, b, k;

	for (a = 0; a < r->variant_nr; a++)
		for (b = 0; b < a; b++) {
			for (k = 0; k < t->nr; k++)
				if (k != skip &&
				    !fact_same(facts_get(&r->variant[a].keys, t->key[k]),
					       facts_get(&r->variant[b].keys, t->key[k])))
					break;
			if (k == t->nr)
				return false;
		}
	return true;
}

/* mix changes with append%: what the other keys tell is left out. */
static void telling_keys(const struct result *r, struct telling *t)
{
	const struct facts *keys = &r->variant[0].keys;
	size_t k;

	t->nr = 0;
	for (k = 0; k < keys->nr && t->nr < TELLING_MAX; k++) {
		if (result_key_varies(r, keys->fact[k].path))
			t->key[t->nr++] = keys->fact[k].path;
	}
	for (k = 0; k < t->nr && r->variant_nr <= 100;) {
		if (!enough_without(r, t, k)) {
			k++;
			continue;
		}
		t->nr--;
		memmove(&t->key[k], &t->key[k + 1], (t->nr - k) * sizeof(t->key[0]));
	}
}

char *plot_variant_name(const struct plot_request *q, const struct plot_item *i,
			char *buf)
{
	char one[PLOT_NAME_MAX], value[PLOT_NAME_MAX], both[2 * PLOT_NAME_MAX];
	struct telling t;
	size_t k;

	buf[0] = '\0';
	if (q->source_nr > 1)
		plot_source_name(q, i->source,
				 i->source->r->variant_nr > 1 ? SOURCE_LEAST : 40, buf);
	if (i->source->r->variant_nr < 2)
		return buf;
	telling_keys(i->source->r, &t);
	for (k = 0; k < t.nr; k++) {
		snprintf(both, sizeof(both), "%s=%s", t.key[k],
			 fact_text(facts_get(&i->v->keys, t.key[k]), value));
		/* Mixes differ in their middle: alone they have room for it. */
		plot_add(buf, PLOT_NAME_MAX, " ",
			 plot_shorten(one, both, t.nr > 1 ? 30 : 60));
	}
	return buf;
}

/* Whether two kinds of all results differ in what get() tells. */
static bool any_differ(const struct plot_request *q,
		       const char *(*get)(const struct result_kind *))
{
	const char *first = NULL;
	size_t s, v, k;

	for (s = 0; s < q->source_nr; s++)
		for (v = 0; v < q->source[s].r->variant_nr; v++)
			for (k = 0; k < q->source[s].r->variant[v].kind_nr; k++) {
				const char *one = get(
					&q->source[s].r->variant[v].kind[k]);

				if (first && strcmp(first, one))
					return true;
				first = one;
			}
	return false;
}

static const char *job_of(const struct result_kind *k)
{
	return k->job;
}

static const char *engine_of(const struct result_kind *k)
{
	return k->engine;
}

char *plot_kind_name(const struct plot_request *q, const struct plot_item *i, char *buf)
{
	char one[PLOT_NAME_MAX];

	buf[0] = '\0';
	if (any_differ(q, job_of))
		plot_add(buf, PLOT_NAME_MAX, " ", plot_shorten(one, i->k->job, 24));
	plot_add(buf, PLOT_NAME_MAX, " ", plot_shorten(one, i->k->kind, 40));
	return buf;
}

char *plot_punted(const struct result_variant *v, const struct result_kind *k, char *buf)
{
	double share, most = -1;
	char text[FORMAT_MAX];
	bool known = true;
	size_t i;

	for (i = 0; i < v->kind_nr; i++) {
		const struct result_kind *one = &v->kind[i];

		if ((k && one != k) || !one->ops || strcmp(one->engine, "io_uring"))
			continue;
		known = known && one->why;
		share = (double)one->path[RESULT_PUNTED] / (double)one->ops;
		if (share > most)
			most = share;
	}
	if (!known || most < 0)
		strcpy(buf, "punted: not known");
	else
		snprintf(buf, PLOT_NAME_MAX, "punted%s %s", k ? "" : " up to",
			 format_share(text, most, 1));
	return buf;
}

void plot_append(char *buf, const char *end)
{
	char name[PLOT_NAME_MAX], last[PLOT_NAME_MAX];
	size_t most = PLOT_NAME_MAX;

	plot_shorten(last, end, 40);
	do
		plot_shorten(name, buf, --most);
	while (strlen(name) + strlen(last) + 3 > PLOT_NAME_MAX && most > 3);
	buf[0] = '\0';
	plot_add(buf, PLOT_NAME_MAX, "", name);
	plot_add(buf, PLOT_NAME_MAX, ", ", last);
}

char *plot_curve_name(const struct plot_request *q, const struct plot_item *i, bool kind,
		      enum plot_times times, char *buf)
{
	char one[PLOT_NAME_MAX];
	bool punts = times == PLOT_SLAT && !strcmp(i->k->engine, "io_uring");

	plot_variant_name(q, i, buf);
	if (kind)
		plot_add(buf, PLOT_NAME_MAX, " ", plot_kind_name(q, i, one));
	if ((any_differ(q, engine_of) || punts) && !strstr(buf, i->k->engine))
		plot_append(buf, i->k->engine);
	if (i->k->modelled)
		plot_append(buf, "modelled");
	/* The call of a punted write is a hand-over, not its submission. */
	if (punts)
		plot_append(buf, plot_punted(i->v, kind ? i->k : NULL, one));
	if (!*buf)
		plot_kind_name(q, i, buf);
	return buf;
}

int plot_write(const struct plot_type *type, const struct plot_request *q,
	       const char *dir, char *err, size_t err_size)
{
	struct figure *f = figure_new(q->format);
	int rc;

	if (!f) {
		snprintf(err, err_size, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	type->fill(q, f);
	if (!(type->takes & PLOT_TAKES_SIDES))
		plot_caption(q, f);
	rc = figure_write(f, dir);
	if (rc == -ENODATA)
		snprintf(err, err_size, "%s", f->why);
	else if (rc)
		snprintf(err, err_size, "%s", strerror(-rc));
	figure_free(f);
	return rc;
}
