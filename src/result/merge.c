// SPDX-License-Identifier: GPL-2.0-or-later
/* What is done to whole results: two into one, and one made small. */
#include "result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MERGE_WORST_NR 10

/* Adds the values of from; both have bins, or nothing. */
static int merge_dist(const struct result *r, struct result_dist *into,
		      const struct result_dist *from)
{
	struct hist *sum;
	int rc;

	if (!from->hist)
		return 0;
	sum = malloc(sizeof(*sum));
	if (!sum)
		return -ENOMEM;
	hist_init(sum);
	if (into->hist)
		hist_merge(sum, into->hist);
	hist_merge(sum, from->hist);
	rc = result_dist_fill(r, into, sum, true);
	free(sum);
	return rc;
}

static int merge_errors(struct result_kind *into, const struct result_kind *from)
{
	struct result_error_count *grown;
	size_t i, k;

	for (i = 0; i < from->error_nr; i++) {
		for (k = 0; k < into->error_nr; k++)
			if (into->error[k].err == from->error[i].err)
				break;
		if (k == into->error_nr) {
			grown = realloc(into->error, (k + 1) * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			into->error = grown;
			grown[into->error_nr++] =
				(struct result_error_count){ from->error[i].err, 0 };
		}
		into->error[k].count += from->error[i].count;
	}
	return 0;
}

/* Each unknown call chain is a cause of its own. */
static bool merge_same_cause(const struct result_cause *a, const struct result_cause *b)
{
	return !strcmp(a->label, b->label) && a->in_completion == b->in_completion &&
	       (!a->stack || !b->stack ? a->stack == b->stack :
					 !strcmp(a->stack, b->stack));
}

static double merge_total_ns(const struct result_cause *c)
{
	return c->sleep.sum.mean_ns * (double)c->sleep.sum.n;
}

static int merge_cause_order(const void *a, const void *b)
{
	double x = merge_total_ns(a), y = merge_total_ns(b);

	return (x < y) - (x > y);
}

static int merge_causes(const struct result *r, struct result_kind *into,
			struct result_kind *from)
{
	struct result_cause *grown;
	size_t i, k;
	int rc = 0;

	for (i = 0; i < from->cause_nr && !rc; i++) {
		for (k = 0; k < into->cause_nr; k++)
			if (merge_same_cause(&into->cause[k], &from->cause[i]))
				break;
		if (k < into->cause_nr) {
			rc = merge_dist(r, &into->cause[k].sleep, &from->cause[i].sleep);
			continue;
		}
		grown = realloc(into->cause, (k + 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		into->cause = grown;
		/* Moved, with all it owns. */
		grown[into->cause_nr++] = from->cause[i];
		memset(&from->cause[i], 0, sizeof(from->cause[i]));
	}
	if (into->cause_nr)
		qsort(into->cause, into->cause_nr, sizeof(*into->cause),
		      merge_cause_order);
	return rc;
}

static int merge_worst_order(const void *a, const void *b)
{
	uint64_t x = ((const struct result_worst *)a)->lat_ns;
	uint64_t y = ((const struct result_worst *)b)->lat_ns;

	return (x < y) - (x > y);
}

/* The slowest of both; from is left with those that are not among them. */
static int merge_worst(struct result_kind *into, struct result_kind *from)
{
	size_t nr = into->worst_nr + from->worst_nr, keep, i;
	struct result_worst *all;

	if (!nr)
		return 0;
	all = calloc(nr, sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (into->worst_nr)
		memcpy(all, into->worst, into->worst_nr * sizeof(*all));
	if (from->worst_nr)
		memcpy(all + into->worst_nr, from->worst, from->worst_nr * sizeof(*all));
	qsort(all, nr, sizeof(*all), merge_worst_order);
	free(into->worst);
	keep = nr < MERGE_WORST_NR ? nr : MERGE_WORST_NR;
	into->worst = all;
	into->worst_nr = keep;
	for (i = keep; i < nr; i++)
		from->worst[i - keep] = all[i];
	from->worst_nr = nr - keep;
	return 0;
}

#define DISTS 8

/* The times of a kind; what it slept for is with its causes. */
static void dists_of(struct result_kind *k, struct result_dist *list[DISTS])
{
	struct result_dist *const dist[DISTS] = {
		&k->slat, &k->clat, &k->lat,	&k->victim,
		&k->resp, &k->held, &k->convoy, &k->behind,
	};

	memcpy(list, dist, sizeof(dist));
}

static int merge_dists(const struct result *r, struct result_kind *into,
		       struct result_kind *from)
{
	struct result_dist *a[DISTS], *b[DISTS];
	int rc = 0;
	size_t i;

	dists_of(into, a);
	dists_of(from, b);
	for (i = 0; i < DISTS && !rc; i++)
		rc = merge_dist(r, a[i], b[i]);
	return rc;
}

static int merge_kind(const struct result *r, struct result_kind *into,
		      struct result_kind *from, double into_s, double from_s)
{
	unsigned int i;
	int rc;

	into->iops = into_s + from_s > 0 ? (into->iops * into_s + from->iops * from_s) /
						   (into_s + from_s) :
					   0;
	into->ops += from->ops;
	into->late_call_ns += from->late_call_ns;
	into->late_full_ns += from->late_full_ns;
	into->late_own_ns += from->late_own_ns;
	if (from->late_own_max_ns > into->late_own_max_ns)
		into->late_own_max_ns = from->late_own_max_ns;
	into->bytes += from->bytes;
	into->short_nr += from->short_nr;
	into->blocked += from->blocked;
	into->batched += from->batched;
	into->done_at_return += from->done_at_return;
	into->flagged += from->flagged;
	into->why |= from->why;
	for (i = 0; i < RESULT_PATH_NR; i++) {
		into->path[i] += from->path[i];
		into->then[i] += from->then[i];
	}
	for (i = 0; i < RESULT_UNKNOWN_NR; i++)
		into->unknown[i] += from->unknown[i];
	for (i = 0; i < RESULT_RAN_NR; i++)
		into->ran_as[i] += from->ran_as[i];
	for (i = 0; i < RESULT_STAGE_NR; i++) {
		into->slat_stage_ns[i] += from->slat_stage_ns[i];
		into->lat_stage_ns[i] += from->lat_stage_ns[i];
	}
	rc = merge_errors(into, from);
	if (!rc)
		rc = merge_dists(r, into, from);
	if (!rc)
		rc = merge_causes(r, into, from);
	return rc ? rc : merge_worst(into, from);
}

static int merge_kinds(const struct result *r, struct result_variant *into,
		       struct result_variant *first)
{
	struct result_kind *grown, *k;
	size_t i;
	int rc = 0;

	for (i = 0; i < first->kind_nr && !rc; i++) {
		k = result_kind_find(into->kind, into->kind_nr, first->kind[i].job,
				     first->kind[i].kind, first->kind[i].engine);
		if (k) {
			rc = merge_kind(r, k, &first->kind[i], into->seconds,
					first->seconds);
			continue;
		}
		grown = realloc(into->kind, (into->kind_nr + 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		into->kind = grown;
		grown[into->kind_nr++] = first->kind[i];
		memset(&first->kind[i], 0, sizeof(first->kind[i]));
	}
	return rc;
}

static int merge_rounds(struct result_variant *into, struct result_variant *first)
{
	size_t nr = into->round_nr + first->round_nr;
	struct result_round *all = calloc(nr + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	if (first->round_nr)
		memcpy(all, first->round, first->round_nr * sizeof(*all));
	if (into->round_nr)
		memcpy(all + first->round_nr, into->round, into->round_nr * sizeof(*all));
	free(into->round);
	into->round = all;
	into->round_nr = nr;
	first->round_nr = 0;
	return 0;
}

/* The points of first come first; those of into move behind its measured time. */
static int merge_series(struct result_variant *into, struct result_variant *first)
{
	struct result_series *grown;
	size_t i, k, p;

	for (i = 0; i < into->series_nr; i++)
		for (p = 0; p < into->series[i].point_nr; p++) {
			into->series[i].point[p].at_s += first->seconds;
			into->series[i].point[p].round += (unsigned int)first->round_nr;
		}
	for (k = 0; k < first->series_nr; k++) {
		struct result_series *f = &first->series[k], *s = NULL;
		struct result_point *all;

		for (i = 0; i < into->series_nr; i++)
			if (!strcmp(into->series[i].job, f->job) &&
			    !strcmp(into->series[i].kind, f->kind))
				s = &into->series[i];
		if (!s) {
			grown = realloc(into->series,
					(into->series_nr + 1) * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			into->series = grown;
			grown[into->series_nr++] = *f;
			memset(f, 0, sizeof(*f));
			continue;
		}
		all = calloc(f->point_nr + s->point_nr + 1, sizeof(*all));
		if (!all)
			return -ENOMEM;
		if (f->point_nr)
			memcpy(all, f->point, f->point_nr * sizeof(*all));
		if (s->point_nr)
			memcpy(all + f->point_nr, s->point, s->point_nr * sizeof(*all));
		free(s->point);
		s->point = all;
		s->point_nr += f->point_nr;
	}
	return 0;
}

static int merge_variant(const struct result *r, struct result_variant *into,
			 struct result_variant *first)
{
	int rc = merge_kinds(r, into, first);

	if (!rc)
		rc = merge_series(into, first);
	if (!rc)
		rc = merge_rounds(into, first);
	into->seconds += first->seconds;
	result_growth_add(&into->growth, &first->growth);
	return rc;
}

static int merge_notes(struct result *into, const struct result *first)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; i < first->note_nr && !rc; i++) {
		/* It went on: that is no more the first thing to know. */
		if (!strncmp(first->note[i].text, RESULT_ENDED_BY_ERROR,
			     strlen(RESULT_ENDED_BY_ERROR))) {
			rc = result_note_add(into, RESULT_NOTE_WARN,
					     "resumed: an earlier part %s",
					     first->note[i].text);
			continue;
		}
		for (k = 0; k < into->note_nr; k++)
			if (!strcmp(into->note[k].text, first->note[i].text))
				break;
		if (k == into->note_nr)
			rc = result_note_add(into, first->note[i].level, "%s",
					     first->note[i].text);
	}
	return rc;
}

/* What is moved from first is read by into's list of percentiles from then on. */
static int merge_list(const struct result *into, const struct result *first,
		      struct result_dist *d)
{
	uint64_t *list;
	size_t i;

	if (!d->percentile_ns)
		return 0;
	list = calloc(into->percentile_nr, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (i = 0; i < into->percentile_nr; i++) {
		double ns = result_percentile_ns(first, d, into->percentile[i]);

		list[i] = isnan(ns) ? RESULT_NO_NS : (uint64_t)ns;
	}
	free(d->percentile_ns);
	d->percentile_ns = list;
	return 0;
}

static int merge_lists_of(const struct result *into, const struct result *first,
			  struct result_kind *k, size_t nr)
{
	size_t i, c;
	int rc = 0;

	for (i = 0; i < nr && !rc; i++) {
		struct result_dist *dist[DISTS];

		dists_of(&k[i], dist);
		for (c = 0; c < DISTS && !rc; c++)
			rc = merge_list(into, first, dist[c]);
		for (c = 0; c < k[i].cause_nr && !rc; c++)
			rc = merge_list(into, first, &k[i].cause[c].sleep);
	}
	return rc;
}

static int merge_lists(const struct result *into, struct result *first)
{
	size_t i, r;
	int rc = 0;

	for (i = 0; i < first->variant_nr && !rc; i++) {
		struct result_variant *v = &first->variant[i];

		rc = merge_lists_of(into, first, v->kind, v->kind_nr);
		for (r = 0; r < v->round_nr && !rc; r++)
			rc = merge_lists_of(into, first, v->round[r].kind,
					    v->round[r].kind_nr);
	}
	return rc;
}

/* What is of no variant. */
static void merge_totals(struct result *into, const struct result *other)
{
	result_growth_add(&into->growth, &other->growth);
	into->evidence_lost += other->evidence_lost;
	into->blocked_ns += other->blocked_ns;
	into->named_ns += other->named_ns;
	into->unplaced += other->unplaced;
	if (other->evidence_tier < into->evidence_tier)
		into->evidence_tier = other->evidence_tier;
	into->named_known &= other->named_known;
	if (other->blocked_min_ns > into->blocked_min_ns)
		into->blocked_min_ns = other->blocked_min_ns;
}

int result_merge(struct result *into, struct result *first)
{
	size_t i;
	int rc = merge_lists(into, first);

	for (i = 0; i < into->variant_nr && i < first->variant_nr && !rc; i++)
		rc = merge_variant(into, &into->variant[i], &first->variant[i]);
	into->started = first->started;
	merge_totals(into, first);
	if (!rc)
		rc = merge_notes(into, first);
	result_free(first);
	return rc;
}

int result_append(struct result *into, struct result *next)
{
	size_t nr = into->variant_nr + next->variant_nr;
	struct result_variant *grown;
	int rc = merge_lists(into, next);

	grown = rc ? NULL : realloc(into->variant, nr * sizeof(*grown));
	if (!rc && !grown)
		rc = -ENOMEM;
	if (!rc) {
		into->variant = grown;
		memcpy(grown + into->variant_nr, next->variant,
		       next->variant_nr * sizeof(*grown));
		into->variant_nr = nr;
		next->variant_nr = 0;
		into->interrupted |= next->interrupted;
		merge_totals(into, next);
		rc = merge_notes(into, next);
	}
	result_free(next);
	return rc;
}

/* ---- made small ---- */

/* Percentiles of a distribution that are kept. */
enum compact_keep {
	COMPACT_ALL, /* of slat and lat: spectra are drawn of them */
	COMPACT_GATE, /* of the other times, and of slat and lat in a round: 50, 99, 99.9 */
	COMPACT_NONE /* of the other times in a round */
};

static bool compact_keeps(enum compact_keep keep, double p)
{
	return keep == COMPACT_ALL ||
	       (keep == COMPACT_GATE && (p == 50 || p == 99 || p == 99.9));
}

static void compact_dist(const struct result *r, struct result_dist *d,
			 enum compact_keep keep)
{
	size_t i;

	free(d->hist);
	d->hist = NULL;
	for (i = 0; d->percentile_ns && i < r->percentile_nr; i++)
		if (!compact_keeps(keep, r->percentile[i]))
			d->percentile_ns[i] = RESULT_NO_NS;
}

static void compact_kind(const struct result *r, struct result_kind *k, bool round)
{
	enum compact_keep main = round ? COMPACT_GATE : COMPACT_ALL;
	enum compact_keep other = round ? COMPACT_NONE : COMPACT_GATE;
	struct result_dist *dist[DISTS];
	size_t i;

	dists_of(k, dist);
	for (i = 0; i < DISTS; i++)
		compact_dist(r, dist[i],
			     dist[i] == &k->slat || dist[i] == &k->lat ? main : other);
	for (i = 0; i < k->cause_nr; i++)
		compact_dist(r, &k->cause[i].sleep, COMPACT_GATE);
}

void result_compact(struct result *r)
{
	size_t i, j, k;

	r->compact = true;
	for (i = 0; i < r->variant_nr; i++) {
		struct result_variant *v = &r->variant[i];

		for (k = 0; k < v->kind_nr; k++)
			compact_kind(r, &v->kind[k], false);
		for (j = 0; j < v->round_nr; j++)
			for (k = 0; k < v->round[j].kind_nr; k++)
				compact_kind(r, &v->round[j].kind[k], true);
		result_series_free(v->series, v->series_nr);
		v->series = NULL;
		v->series_nr = 0;
	}
}
