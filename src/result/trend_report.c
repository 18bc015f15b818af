// SPDX-License-Identifier: GPL-2.0-or-later
/* A trend for people: the verdict first, then what changed, and when. */
#include "result/trend.h"

#include <string.h>

#include "result/format.h"
#include "result/lines.h"

/* "+10.2 %" in buf: FORMAT_MAX bytes. */
static const char *percent(char *buf, double ratio)
{
	double p = 100 * (ratio - 1);

	(void)snprintf(buf, FORMAT_MAX,
		       p > -99.95 && p < 999.95 ? "%+.1f %%" : "%+.3g %%", p);
	return buf;
}

static void put_change(struct lines *l, const struct trend_entry *e,
		       const struct trend_series *s, const struct change *c)
{
	const struct store_run *old = trend_run(e, s, c->at ? c->at - 1 : 0);
	const struct store_run *new = trend_run(e, s, c->at);
	char day[FORMAT_MAX], a[FORMAT_MAX], b[FORMAT_MAX], size[FORMAT_MAX],
		p[FORMAT_MAX];

	if (c->p < 0.0001)
		(void)snprintf(p, sizeof(p), "<0.0001");
	else
		(void)snprintf(p, sizeof(p), "%.4f", c->p);
	lines_put(l, 4, "   %s  %s -> %s, %s, p %s", format_day(day, &new->started),
		  trend_value_text(a, s->measure, c->before),
		  trend_value_text(b, s->measure, c->after),
		  percent(size, c->after / c->before), p);
	if (strcmp(old->kernel, new->kernel) != 0)
		lines_put(l, 5, "     kernel %s -> %s", old->kernel, new->kernel);
}

static void put_series(struct lines *l, const struct trend_entry *e,
		       const struct trend_series *s)
{
	char now[FORMAT_MAX], low[FORMAT_MAX], high[FORMAT_MAX], outliers[40] = "";
	double least, most;
	size_t i, from = s->change_nr ? s->change[s->change_nr - 1].at : 0, out = 0;

	for (i = 0; i < s->nr; i++)
		out += s->outlier[i];
	for (i = from, least = most = s->value[from]; i < s->nr; i++) {
		least = s->value[i] < least && !s->outlier[i] ? s->value[i] : least;
		most = s->value[i] > most && !s->outlier[i] ? s->value[i] : most;
	}
	if (out)
		(void)snprintf(outliers, sizeof(outliers), ", %zu outlier%s", out,
			       out == 1 ? "" : "s");
	lines_put(l, 4, "  %-12s %8s  %-6s  last %zu: %s .. %s%s",
		  compare_measure_name(s->measure),
		  trend_value_text(now, s->measure, s->value[s->nr - 1]),
		  trend_verdict_word(s->verdict), s->nr - from,
		  trend_value_text(low, s->measure, least),
		  trend_value_text(high, s->measure, most), outliers);
	for (i = 0; i < s->change_nr; i++)
		put_change(l, e, s, &s->change[i]);
}

static void put_entry(struct lines *l, const struct trend_entry *e, bool all)
{
	const struct store_run *first = &e->of->run[0],
			       *last = &e->of->run[e->of->run_nr - 1];
	const struct store_row *row = NULL;
	char from[FORMAT_MAX], to[FORMAT_MAX];
	size_t i;

	lines_put(l, 2, "%s", "");
	lines_put(l, 2, "%s on %s: %zu nights, %s .. %s, kernel %s", e->of->name,
		  e->of->host, e->of->run_nr, format_day(from, &first->started),
		  format_day(to, &last->started), last->kernel);
	if (e->left_out)
		lines_put(l, 2,
			  " %zu left out: of another workload or machine than the last",
			  e->left_out);
	if (e->interrupted)
		lines_put(l, 2, " %zu left out: interrupted", e->interrupted);
	for (i = 0; i < e->series_nr; i++) {
		const struct trend_series *s = &e->series[i];

		if (!all && !trend_in_gate(s->measure))
			continue;
		if (row != s->row)
			lines_put(l, 2, " %s, %s, job %s%s%s", s->row->kind,
				  s->row->engine, s->row->job,
				  *s->row->variant ? ", " : "", s->row->variant);
		row = s->row;
		put_series(l, e, s);
	}
}

int trend_report(const struct trend *t, const struct report_style *style, bool all,
		 FILE *out)
{
	struct lines l = { .out = out,
			   .columns = style->columns ? style->columns : LINES_COLUMNS,
			   .utf8 = style->utf8 };
	size_t i;

	if (!t->entry_nr)
		lines_put(&l, 2, "no results in %s", t->store->root);
	else if (t->slower_nr)
		lines_put(&l, 2,
			  "SLOWER: %zu rows changed in the last %zu nights; %zu faster",
			  t->slower_nr, t->options.recent_nr, t->faster_nr);
	else
		lines_put(&l, 2,
			  "nothing became slower in the last %zu nights; %zu faster",
			  t->options.recent_nr, t->faster_nr);
	for (i = 0; i < t->entry_nr; i++)
		put_entry(&l, &t->entry[i], all);
	if (t->entry_nr)
		lines_put(&l, 2, "%s", "");
	if (t->entry_nr && !all)
		lines_put(
			&l, 2,
			"changes by E-divisive means, kept by t-tests at p < %g; --all shows what verdicts don't count",
			CHANGE_ALPHA);
	for (i = 0; i < t->store->skipped_nr; i++)
		lines_put(&l, 2, "skipped: %s", t->store->skipped[i]);
	return l.err;
}
