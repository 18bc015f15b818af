// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of the report. Two rows a kind, slat above lat, so that the same
 * time of two kinds stands in one column; what explains them is below.
 */
#include "result/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "result/format.h"

/* " kind  ops  IOPS  time  p50  p99  p99.9  max" in 71 bytes. */
#define ROW " %-16s%8s%8s %-5s%8s%8s%8s%8s"
#define KIND_COLUMN 16
#define DETAIL_HANG 7
#define BRIEF_VARIANTS 5 /* so many or more: two rows a kind, and no more */

/* One engine each: slat of libaio and of io_uring never share a table. */
static bool same_table(const struct result_kind *a, const struct result_kind *b)
{
	return !strcmp(a->job, b->job) && !strcmp(a->engine, b->engine);
}

static bool same_kind(const struct result_kind *a, const struct result_kind *b)
{
	return same_table(a, b) && !strcmp(a->kind, b->kind);
}

/* The tree keeps the mean; it is exact, so their product is the sum. */
static double dist_sum_ns(const struct result_dist *d)
{
	return d->sum.mean_ns * (double)d->sum.n;
}

static void put_row(const struct result *r, struct lines *l, const char *kind,
		    const char *ops, const char *iops, const char *time,
		    const struct result_dist *d)
{
	static const double p[] = { 50, 99, 99.9 };
	char cell[4][FORMAT_MAX];
	size_t i;

	for (i = 0; i < 3; i++) {
		double ns = result_percentile_ns(r, d, p[i]);

		/* A document by others may not have it. */
		if (isnan(ns))
			strcpy(cell[i], "-");
		else
			format_ns(cell[i], ns);
	}
	format_ns(cell[3], (double)d->sum.max_ns);
	if (!d->sum.n)
		for (i = 0; i < 4; i++)
			strcpy(cell[i], "-");
	lines_put(l, DETAIL_HANG, ROW, kind, ops, iops, time, cell[0], cell[1], cell[2],
		  cell[3]);
}

static void put_paths(struct lines *l, const struct result_kind *k)
{
	/* As in the document: the good case first. */
	static const enum result_path order[] = { RESULT_QUEUED,  RESULT_FORCED_WAIT,
						  RESULT_DRAINED, RESULT_INLINE,
						  RESULT_PUNTED,  RESULT_BUFFERED,
						  RESULT_REFUSED, RESULT_UNKNOWN };
	struct pieces p = { .l = l };
	char share[FORMAT_MAX];
	size_t i;

	for (i = 0; i < RESULT_PATH_NR; i++) {
		uint64_t n = k->path[order[i]];

		if (!n)
			continue;
		/* Few of many: the number says more than "0.0 %". */
		if ((double)n < 0.0005 * (double)k->ops)
			snprintf(share, sizeof(share), "%" PRIu64, n);
		else
			format_share(share, (double)n, (double)k->ops);
		pieces_add(&p, "%s %s", result_path_name(order[i]), share);
	}
	if (k->flagged)
		pieces_add(&p, "of these %" PRIu64 " inline although told to wait",
			   k->flagged);
	if (p.text)
		lines_put(l, DETAIL_HANG, "   path %s; done at return %s", p.text,
			  format_share(share, (double)k->done_at_return, (double)k->ops));
	pieces_clear(&p);
}

static void put_errors(struct lines *l, const struct result_kind *k)
{
	struct pieces p = { .l = l };
	char name[FORMAT_MAX];
	size_t i;

	for (i = 0; i < k->error_nr; i++)
		pieces_add(&p, "%s %" PRIu64, format_errno(name, k->error[i].err),
			   k->error[i].count);
	if (p.text)
		lines_put(l, DETAIL_HANG, "   errors %s", p.text);
	pieces_clear(&p);
	if (k->short_nr)
		lines_put(l, DETAIL_HANG, "   short %" PRIu64, k->short_nr);
}

/* Smallest and largest p50 of the rounds that have one. */
struct spread {
	double low_ns, high_ns;
	size_t nr;
};

static void spread_add(struct spread *s, const struct result *r,
		       const struct result_dist *d)
{
	double ns = result_percentile_ns(r, d, 50);

	if (!d->sum.n || isnan(ns))
		return;
	s->low_ns = s->nr ? fmin(s->low_ns, ns) : ns;
	s->high_ns = s->nr ? fmax(s->high_ns, ns) : ns;
	s->nr++;
}

/* How far the medians of the rounds lie apart: the first doubt about a mean. */
static void put_rounds(const struct result *r, struct lines *l,
		       const struct result_variant *v, const struct result_kind *k)
{
	struct spread slat = { 0 }, lat = { 0 };
	char text[4][FORMAT_MAX];
	size_t i, j;

	if (v->round_nr < 2)
		return;
	for (i = 0; i < v->round_nr; i++)
		for (j = 0; j < v->round[i].kind_nr; j++) {
			const struct result_kind *one = &v->round[i].kind[j];

			if (!same_kind(one, k))
				continue;
			spread_add(&slat, r, &one->slat);
			spread_add(&lat, r, &one->lat);
		}
	if (!lat.nr)
		return;
	format_ns(text[0], slat.low_ns);
	format_ns(text[1], slat.high_ns);
	format_ns(text[2], lat.low_ns);
	format_ns(text[3], lat.high_ns);
	if (slat.nr)
		lines_put(l, DETAIL_HANG, "   rounds p50: slat %s .. %s, lat %s .. %s",
			  text[0], text[1], text[2], text[3]);
	else
		lines_put(l, DETAIL_HANG, "   rounds p50: lat %s .. %s", text[2],
			  text[3]);
}

/* What the reader has to know before he believes the rows. */
static void put_caveats(struct lines *l, const struct result_kind *k)
{
	uint64_t saturated = k->slat.sum.saturated + k->clat.sum.saturated +
			     k->lat.sum.saturated + k->victim.sum.saturated +
			     k->resp.sum.saturated;

	if (k->modelled)
		lines_put(l, DETAIL_HANG,
			  "   modelled in user space on written "
			  "blocks: not what the kernel does");
	if (k->batched)
		lines_put(l, DETAIL_HANG,
			  "   slat is shared by the writes of a "
			  "batched call: %" PRIu64 " of %" PRIu64,
			  k->batched, k->ops);
	if (k->path[RESULT_PUNTED])
		lines_put(l, DETAIL_HANG,
			  "   slat of a punted write is its "
			  "hand-over to io-wq, not its wait");
	if (saturated)
		lines_put(l, DETAIL_HANG,
			  "   saturated: %" PRIu64 " times past "
			  "%llu s are counted, but in no bin",
			  saturated, HIST_LIMIT_NS / 1000000000);
}

/* Shares are of the operations of this job whose kinds are in its mix. */
static void put_shares(struct lines *l, const struct result_kind *k, uint64_t table_ops)
{
	struct pieces p = { .l = l };
	char share[FORMAT_MAX], asked[FORMAT_MAX];

	if (k->weight > 0)
		pieces_add(&p, "mix %s (asked %s)",
			   format_share(share, (double)k->ops, (double)table_ops),
			   format_share(asked, k->weight, 1));
	/* With kernel events it stands with the other measures of damage. */
	if (k->lat.sum.n && !k->why)
		pieces_add(&p, "victim %s of lat",
			   format_share(share, dist_sum_ns(&k->victim),
					dist_sum_ns(&k->lat)));
	if (k->ops)
		pieces_add(&p, "blocked %s",
			   format_share(share, (double)k->blocked, (double)k->ops));
	if (p.text)
		lines_put(l, DETAIL_HANG, "   %s", p.text);
	pieces_clear(&p);
}

/* What operations of an open loop were late for. */
static void put_late(struct lines *l, const struct result_kind *k)
{
	char all[FORMAT_MAX], call[FORMAT_MAX], full[FORMAT_MAX], own[FORMAT_MAX],
		most[FORMAT_MAX];
	double late = (double)k->late_call_ns + (double)k->late_full_ns +
		      (double)k->late_own_ns;

	if (!k->resp.sum.n)
		return;
	lines_put(
		l, DETAIL_HANG,
		"   late %s of resp: in calls %s, queue full %s, generator %s (at most %s)",
		format_share(all, late, dist_sum_ns(&k->resp)),
		format_share(call, (double)k->late_call_ns, late),
		format_share(full, (double)k->late_full_ns, late),
		format_share(own, (double)k->late_own_ns, late),
		format_ns(most, (double)k->late_own_max_ns));
}

static void put_kind(const struct result *r, struct lines *l,
		     const struct result_variant *v, const struct result_kind *k,
		     uint64_t mix_ops)
{
	char ops[FORMAT_MAX], iops[FORMAT_MAX];
	const char *name = k->kind;

	/* A long name has a line of its own, so that the columns stay. */
	if (strlen(name) >= KIND_COLUMN) {
		lines_put(l, DETAIL_HANG, " %s", name);
		name = "";
	}
	put_row(r, l, name, format_count(ops, k->ops), format_rate(iops, k->iops), "slat",
		&k->slat);
	put_row(r, l, "", "", "", "lat", &k->lat);
	if (k->resp.sum.n)
		put_row(r, l, "", "", "", "resp", &k->resp);
	if (r->variant_nr >= BRIEF_VARIANTS)
		return;
	put_shares(l, k, mix_ops);
	put_late(l, k);
	put_paths(l, k);
	if (k->why)
		report_why(r, l, k);
	put_errors(l, k);
	put_rounds(r, l, v, k);
	put_caveats(l, k);
}

/* A job section: kind[0 .. nr) of v. */
static void put_table(const struct result *r, struct lines *l,
		      const struct result_variant *v, const struct result_kind *kind,
		      size_t nr)
{
	uint64_t mix_ops = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		if (kind[i].weight > 0)
			mix_ops += kind[i].ops;
	if (r->variant_nr < BRIEF_VARIANTS) {
		lines_put(l, 0, "%s", "");
		lines_put(l, 4, "job %s, %s", kind->job, kind->engine);
	}
	lines_put(l, 0, ROW, "kind", "ops", "IOPS", "", "p50", "p99", "p99.9", "max");
	for (i = 0; i < nr; i++)
		put_kind(r, l, v, &kind[i], mix_ops);
	for (i = 0; i < nr && r->variant_nr < BRIEF_VARIANTS; i++)
		report_worst(l, &kind[i]);
}

/* In how many rounds a job came to its steady state, and when. */
static void put_steady_job(struct lines *l, const struct result_variant *v, size_t job)
{
	const struct result_steady *last = NULL;
	double first_s = INFINITY, last_s = 0;
	size_t i, rounds = 0, attained = 0;
	char when[100];

	for (i = 0; i < v->round_nr; i++) {
		if (job >= v->round[i].steady_nr)
			continue;
		last = &v->round[i].steady[job];
		rounds++;
		if (!last->attained)
			continue;
		attained++;
		first_s = fmin(first_s, last->after_s);
		last_s = fmax(last_s, last->after_s);
	}
	if (!last)
		return;
	if (!attained && last->after_s > 0)
		snprintf(when, sizeof(when), "NOT STEADY, %.3g%s in the last window",
			 fabs(last->value), strchr(last->criterion, '%') ? " %" : "");
	else if (!attained)
		snprintf(when, sizeof(when), "NOT STEADY, it ended before a window did");
	else if (first_s < last_s)
		snprintf(when, sizeof(when),
			 "in %zu of %zu rounds, after %.0f s to %.0f s", attained, rounds,
			 first_s, last_s);
	else
		snprintf(when, sizeof(when), "in %zu of %zu round%s, after %.0f s",
			 attained, rounds, rounds == 1 ? "" : "s", first_s);
	lines_put(l, 9, "steady   job %s, %s: %s", last->job, last->criterion, when);
}

void report_kinds(const struct result *r, struct lines *l)
{
	size_t i, j, next;

	for (i = 0; i < r->variant_nr; i++) {
		const struct result_variant *v = &r->variant[i];

		if (r->variant_nr > 1) {
			struct pieces p = { .l = l };

			/* The mix follows from a share of it, too. */
			for (j = 0; j < v->keys.nr; j++)
				if (result_key_varies(r, v->keys.fact[j].path) &&
				    (strcmp(v->keys.fact[j].path, "mix") || !p.text ||
				     !strchr(p.text, '%')))
					pieces_add_fact(&p, &v->keys.fact[j]);
			if (!v->kind_nr)
				pieces_add(&p, "not measured");
			lines_put(l, 0, "%s", "");
			lines_put(l, 4, "variant %zu of %zu: %s", i + 1, r->variant_nr,
				  p.text ? p.text : "");
			pieces_clear(&p);
		}
		for (j = 0; j < v->kind_nr; j = next) {
			for (next = j + 1; next < v->kind_nr; next++)
				if (!same_table(&v->kind[j], &v->kind[next]))
					break;
			put_table(r, l, v, &v->kind[j], next - j);
		}
		if (v->round_nr && v->round[0].steady_nr)
			lines_put(l, 0, "%s", "");
		for (j = 0; v->round_nr && j < v->round[0].steady_nr; j++)
			put_steady_job(l, v, j);
	}
}
