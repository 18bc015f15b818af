// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tidy CSV (RFC 4180, lines end as on Unix): one value a row, the other columns say of
 * what. A column for each key of a sweep stands at the end.
 */
#include "result/export_private.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "result/format.h"

/* In quotes where it has to be. */
static void put_field(FILE *out, const char *s)
{
	if (!s[strcspn(s, ",\"\r\n")]) {
		fputs(s, out);
		return;
	}
	putc('"', out);
	for (; *s; s++) {
		if (*s == '"')
			putc('"', out);
		putc(*s, out);
	}
	putc('"', out);
}

struct csv {
	struct export *e;
	const struct export_item *item;
	const struct result_kind *k;
	size_t round; /* from 1; 0: all of them */
};

/* All but the value, and what comes behind it. at: NULL for what has none. */
static void begin_row(const struct csv *c, const char *measure, const char *statistic,
		      const char *at, const char *unit)
{
	FILE *out = c->e->out;

	fprintf(out, "%zu,", c->item->variant_nr);
	if (c->round)
		fprintf(out, "%zu", c->round);
	putc(',', out);
	put_field(out, c->k->job);
	putc(',', out);
	put_field(out, c->k->kind);
	putc(',', out);
	put_field(out, c->k->engine);
	putc(',', out);
	put_field(out, measure);
	fprintf(out, ",%s,%s,%s,", statistic, at ? at : "", unit);
}

static void end_row(const struct csv *c)
{
	const struct facts *keys = &c->item->v->keys;
	const struct facts *first = &c->e->r->variant[0].keys;
	char buf[FACT_TEXT_MAX];
	size_t i;

	for (i = 0; i < first->nr; i++) {
		if (!result_key_varies(c->e->r, first->fact[i].path))
			continue;
		putc(',', c->e->out);
		put_field(c->e->out,
			  fact_text(facts_get(keys, first->fact[i].path), buf));
	}
	putc('\n', c->e->out);
}

static void count_row(const struct csv *c, const char *measure, const char *statistic,
		      const char *at, const char *unit, uint64_t n)
{
	begin_row(c, measure, statistic, at, unit);
	fprintf(c->e->out, "%" PRIu64, n);
	end_row(c);
}

/* What is no number has no row. */
static void real_row(const struct csv *c, const char *measure, const char *statistic,
		     const char *unit, double x)
{
	if (!isfinite(x))
		return;
	begin_row(c, measure, statistic, NULL, unit);
	fprintf(c->e->out, "%.17g", x);
	end_row(c);
}

static void dist_rows(const struct csv *c, const char *name, const struct result_dist *d)
{
	const struct result *r = c->e->r;
	char at[64];
	size_t i;

	if (!d->sum.n)
		return;
	count_row(c, name, "N", NULL, "count", d->sum.n);
	count_row(c, name, "min", NULL, "ns", d->sum.min_ns);
	count_row(c, name, "max", NULL, "ns", d->sum.max_ns);
	real_row(c, name, "mean", "ns", d->sum.mean_ns);
	real_row(c, name, "stddev", "ns", d->sum.stddev_ns);
	if (d->sum.saturated)
		count_row(c, name, "saturated", NULL, "count", d->sum.saturated);
	for (i = 0; d->percentile_ns && i < r->percentile_nr; i++) {
		if (d->percentile_ns[i] == RESULT_NO_NS)
			continue;
		snprintf(at, sizeof(at), "%f", r->percentile[i]);
		count_row(c, name, "percentile", at, "ns", d->percentile_ns[i]);
	}
	if (d->hist && d->hist->zeros)
		count_row(c, name, "bin", "0", "count", d->hist->zeros);
	for (i = 0; d->hist && i < HIST_BINS; i++) {
		if (!d->hist->bin[i])
			continue;
		snprintf(at, sizeof(at), "%" PRIu64, hist_bin_low_ns((unsigned int)i));
		count_row(c, name, "bin", at, "count", d->hist->bin[i]);
	}
}

/* The same label may be both: a sleep of a submission, and one of a completion. */
static void cause_rows(const struct csv *c, const struct result_cause *cause)
{
	char measure[128];

	snprintf(measure, sizeof(measure), "%s:%s",
		 cause->in_completion ? "completion" : "sleep", cause->label);
	dist_rows(c, measure, &cause->sleep);
}

static void kind_rows(const struct csv *c)
{
	const struct result_kind *k = c->k;
	char name[FORMAT_MAX];
	size_t i;

	count_row(c, "ops", "count", NULL, "count", k->ops);
	count_row(c, "bytes", "sum", NULL, "bytes", k->bytes);
	count_row(c, "short", "count", NULL, "count", k->short_nr);
	real_row(c, "iops", "mean", "1/s", k->iops);
	for (i = 0; i < k->error_nr; i++)
		count_row(c, "errors", "count", format_errno(name, k->error[i].err),
			  "count", k->error[i].count);
	for (i = 0; i < RESULT_PATH_NR; i++)
		count_row(c, "paths", "count", result_path_name((enum result_path)i),
			  "count", k->path[i]);
	for (i = 0; export_times_name(i); i++)
		dist_rows(c, export_times_name(i), export_dist(k, i));
	for (i = 0; i < k->cause_nr; i++)
		cause_rows(c, &k->cause[i]);
}

int export_csv(struct export *e)
{
	const struct facts *first = &e->r->variant[0].keys;
	size_t i, n;

	fputs("variant,round,job,kind,engine,measure,statistic,at,unit,value", e->out);
	for (i = 0; i < first->nr; i++) {
		if (!result_key_varies(e->r, first->fact[i].path))
			continue;
		fputs(",", e->out);
		/* No key is called as one of the columns before. */
		put_field(e->out, first->fact[i].path);
	}
	putc('\n', e->out);
	for (i = 0; i < e->item_nr; i++) {
		struct csv c = { e, &e->item[i], e->item[i].k, 0 };

		kind_rows(&c);
		for (n = 0; n < e->item[i].v->round_nr; n++) {
			const struct result_round *round = &e->item[i].v->round[n];

			c.round = n + 1;
			c.k = result_kind_find(round->kind, round->kind_nr,
					       e->item[i].k->job, e->item[i].k->kind,
					       e->item[i].k->engine);
			if (c.k)
				kind_rows(&c);
		}
	}
	return 0;
}
