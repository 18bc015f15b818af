// SPDX-License-Identifier: GPL-2.0-or-later
/* The numbers of a comparison: rows, their tests, and the verdicts. */
#include "result/compare_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/bootstrap.h"
#include "stats/compare.h"
#include "stats/hist.h"

#define SPREAD_DRAWS 400 /* of the bootstrap; 4 % off at most */

static const struct measure {
	const char *name, *key;
	double percentile; /* 0: not one */
	bool submission;   /* of slat; else of lat */
} measures[COMPARE_MEASURE_NR] = {
	[COMPARE_SLAT_P50] = { "slat p50", "slat_p50_ns", 50, true },
	[COMPARE_LAT_P50] = { "lat p50", "lat_p50_ns", 50, false },
	[COMPARE_LAT_P99] = { "lat p99", "lat_p99_ns", 99, false },
	[COMPARE_SLAT_P99] = { "slat p99", "slat_p99_ns", 99, true },
	[COMPARE_SLAT_P99_9] = { "slat p99.9", "slat_p99_9_ns", 99.9, true },
	[COMPARE_LAT_P99_9] = { "lat p99.9", "lat_p99_9_ns", 99.9, false },
	[COMPARE_IOPS] = { "IOPS", "iops", 0, false },
	[COMPARE_VICTIM] = { "victim share", "victim_share", 0, false },
};

const char *compare_measure_name(enum compare_measure measure)
{
	return measures[measure].name;
}

const char *compare_measure_key(enum compare_measure measure)
{
	return measures[measure].key;
}

/* Samples that a round needs for so many beyond the quantile. */
static uint64_t samples_needed(const struct measure *m)
{
	if (!(m->percentile > 0))
		return 1;
	return (uint64_t)ceil(COMPARE_BEYOND / (1 - m->percentile / 100) - 1e-6);
}

static double dist_sum_ns(const struct result_dist *d)
{
	return d->sum.mean_ns * (double)d->sum.n;
}

/* The value of a round, and how many samples it rests on. */
static double value_of(const struct result *r, const struct result_kind *k,
		       enum compare_measure measure, uint64_t *samples)
{
	const struct measure *m = &measures[measure];
	const struct result_dist *d = m->submission ? &k->slat : &k->lat;

	*samples = d->sum.n;
	if (measure == COMPARE_IOPS)
		*samples = k->ops;
	if (!*samples)
		return NAN;
	if (measure == COMPARE_IOPS)
		return k->iops;
	if (measure == COMPARE_VICTIM)
		return dist_sum_ns(&k->victim) / dist_sum_ns(&k->lat);
	return result_percentile_ns(r, d, m->percentile);
}

size_t compare_round_nr(const struct result *r, const struct result_variant *v)
{
	/* A round of a sweep that was cut short is not in its result. */
	return r->interrupted && r->variant_nr == 1 && v->round_nr > 1 ? v->round_nr - 1 :
									 v->round_nr;
}

static void values_clear(struct compare_values *v)
{
	free(v->value);
	free(v->round_nr);
}

/* A round without the kind has no samples, which makes the row one of too few. */
static int values_get(struct compare_values *v, const struct compare_source *from,
		      const struct compare_kind *k, enum compare_side_of side,
		      enum compare_measure measure)
{
	size_t nr = 0, i, j;

	for (i = 0; i < from->nr; i++)
		nr += compare_round_nr(from->result[i], from->variant[i]);
	*v = (struct compare_values){ .sitting_nr = from->nr, .samples = UINT64_MAX };
	v->value = calloc(nr ? nr : 1, sizeof(*v->value));
	v->round_nr = calloc(from->nr, sizeof(*v->round_nr));
	if (!v->value || !v->round_nr)
		return -ENOMEM;
	for (i = 0; i < from->nr; i++) {
		v->round_nr[i] = compare_round_nr(from->result[i], from->variant[i]);
		if (!v->round_nr[i])
			v->samples = 0;
		for (j = 0; j < v->round_nr[i]; j++) {
			const struct result_round *one = &from->variant[i]->round[j];
			const struct result_kind *of = result_kind_find(
				one->kind, one->kind_nr, k->job, k->kind,
				k->engine[side]);
			uint64_t samples = 0;

			v->value[v->nr] = of ? value_of(from->result[i], of, measure,
							&samples) :
					       NAN;
			if (!isfinite(v->value[v->nr]))
				samples = 0;
			v->any = v->any || samples;
			v->samples = samples < v->samples ? samples : v->samples;
			v->nr++;
		}
	}
	return 0;
}

int compare_sitting_value(const struct result *r, const struct result_variant *v,
			  const struct result_kind *k, enum compare_measure measure,
			  double *out)
{
	const struct compare_source from = { &r, &v, 1 };
	struct compare_kind of = { .job = k->job,
				   .kind = k->kind,
				   .engine = { k->engine, k->engine } };
	struct compare_values all;
	struct bootstrap_side side;
	int rc = values_get(&all, &from, &of, COMPARE_OLD, measure);

	*out = NAN;
	side = (struct bootstrap_side){ all.value, all.round_nr, 1 };
	if (!rc && all.nr && all.samples >= samples_needed(&measures[measure]))
		rc = bootstrap_value(&side, out);
	values_clear(&all);
	return rc;
}

static bool any_zero(const struct compare_values *v)
{
	size_t i;

	for (i = 0; i < v->nr; i++)
		if (!(v->value[i] > 0))
			return true;
	return false;
}

/* Where rounds are the unit, sittings don't matter: one that has them all. */
static struct bootstrap_side side_of(const struct compare *c,
				     const struct compare_values *v)
{
	struct bootstrap_side side = { v->value, v->round_nr, v->sitting_nr };

	if (c->design == COMPARE_ROUNDS) {
		side.round_nr = &v->nr;
		side.sitting_nr = 1;
	}
	return side;
}

/* The log of each sitting's median, and how far off it may be. To be freed. */
struct sittings {
	double *log_of;
	double spread; /* the root of the mean of their variances */
};

static int sittings_get(const struct compare *c, struct sittings *s,
			const struct compare_values *v)
{
	const double *at = v->value;
	double spread, sum = 0;
	size_t i;

	s->log_of = calloc(v->sitting_nr, sizeof(*s->log_of));
	if (!s->log_of)
		return -ENOMEM;
	for (i = 0; i < v->sitting_nr; i++) {
		struct bootstrap_side one = { at, &v->round_nr[i], 1 };

		if (bootstrap_value(&one, &s->log_of[i]) ||
		    bootstrap_spread(&one, c->seed, SPREAD_DRAWS, &spread))
			return -ENOMEM;
		s->log_of[i] = log(s->log_of[i]);
		sum += spread * spread;
		at += v->round_nr[i];
	}
	s->spread = sqrt(sum / (double)v->sitting_nr);
	return 0;
}

/*
 * Values are rounded to a bin of the histogram, below 1 us to 1 ns: what lies
 * in one step is not known, so that a spread below the step's own is none to
 * build a test on.
 */
static double rounding(double value_ns)
{
	return fmax(1.0 / HIST_SUB, 1 / value_ns) / sqrt(12);
}

/*
 * Few sittings may lie close together by chance. Their spread is not believed to be
 * below what rounding, and the rounds inside them, leave open of each.
 */
static int test_sittings(const struct compare *c, struct compare_row *row,
			 const struct compare_values v[COMPARE_SIDES])
{
	struct sittings old = { 0 }, new = { 0 };
	double least = rounding(row->value[COMPARE_OLD]), half;
	int rc = sittings_get(c, &old, &v[COMPARE_OLD]);

	if (!rc)
		rc = sittings_get(c, &new, &v[COMPARE_NEW]);
	if (rc)
		goto out;
	least = fmax(least, fmax(old.spread, new.spread));
	if (c->design == COMPARE_SITTINGS) {
		row->p = compare_welch_p(old.log_of, v[COMPARE_OLD].sitting_nr,
					 new.log_of, v[COMPARE_NEW].sitting_nr, least);
		goto out;
	}
	/* One sitting drawn again and again has no spread between sittings: the
	 * bootstrap's interval would be too narrow. */
	row->p = compare_predict_p(old.log_of, v[COMPARE_OLD].sitting_nr, *new.log_of,
				   least, &half);
	row->low = row->ratio * exp(-half);
	row->high = row->ratio * exp(half);
out:
	free(old.log_of);
	free(new.log_of);
	return rc;
}

static int test_row(const struct compare *c, struct compare_row *row,
		    const struct compare_values v[COMPARE_SIDES])
{
	struct compare_rank rank;
	int rc;

	/* Outside the gate the one thing wanted is an interval that is wide enough. */
	if (row->state != COMPARE_IN_GATE && c->design != COMPARE_NIGHT)
		return 0;
	switch (c->design) {
	case COMPARE_NONE:
		return 0;
	case COMPARE_ROUNDS:
		rc = compare_rank(v[COMPARE_OLD].value, v[COMPARE_OLD].nr,
				  v[COMPARE_NEW].value, v[COMPARE_NEW].nr, &rank);
		row->p = rc ? NAN : rank.p;
		return rc;
	case COMPARE_SITTINGS:
	case COMPARE_NIGHT:
		break;
	}
	rc = test_sittings(c, row, v);
	if (row->state != COMPARE_IN_GATE)
		row->p = NAN;
	return rc;
}

static double mean_of(const struct compare_values *v)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < v->nr; i++)
		sum += v->value[i];
	return v->nr ? sum / (double)v->nr : NAN;
}

static int fill_row(const struct compare *c, struct compare_row *row,
		    const struct compare_values v[COMPARE_SIDES])
{
	struct bootstrap_side old_side = side_of(c, &v[COMPARE_OLD]);
	struct bootstrap_side new_side = side_of(c, &v[COMPARE_NEW]);
	int rc;

	if (any_zero(&v[COMPARE_OLD]) || any_zero(&v[COMPARE_NEW])) {
		row->state = COMPARE_ZERO;
		row->value[COMPARE_OLD] = mean_of(&v[COMPARE_OLD]);
		row->value[COMPARE_NEW] = mean_of(&v[COMPARE_NEW]);
		return 0;
	}
	row->state = row->measure < COMPARE_GATE_MEASURES ? COMPARE_IN_GATE :
							    COMPARE_RATIO;
	rc = bootstrap_value(&old_side, &row->value[COMPARE_OLD]);
	if (!rc)
		rc = bootstrap_value(&new_side, &row->value[COMPARE_NEW]);
	if (!rc)
		rc = bootstrap_ratio(&old_side, &new_side, c->seed, c->draw_nr, &row->low,
				     &row->high);
	if (rc)
		return rc;
	row->ratio = row->value[COMPARE_NEW] / row->value[COMPARE_OLD];
	return test_row(c, row, v);
}

static int make_row(const struct compare *c,
		    const struct compare_source side[COMPARE_SIDES],
		    struct compare_kind *k, enum compare_measure measure)
{
	struct compare_values v[COMPARE_SIDES] = { 0 };
	struct compare_row *row = &k->row[measure];
	int rc;

	*row = (struct compare_row){
		.measure = measure,
		.value = { NAN, NAN },
		.needed = samples_needed(&measures[measure]),
		.ratio = NAN,
		.low = NAN,
		.high = NAN,
		.p = NAN,
		.p_holm = NAN,
	};
	rc = values_get(&v[COMPARE_OLD], &side[COMPARE_OLD], k, COMPARE_OLD, measure);
	if (!rc)
		rc = values_get(&v[COMPARE_NEW], &side[COMPARE_NEW], k, COMPARE_NEW,
				measure);
	if (rc)
		goto out;
	row->samples = v[COMPARE_OLD].samples < v[COMPARE_NEW].samples ?
			       v[COMPARE_OLD].samples :
			       v[COMPARE_NEW].samples;
	if (!v[COMPARE_OLD].any && !v[COMPARE_NEW].any)
		row->state = COMPARE_ABSENT;
	else if ((measures[measure].submission || measure == COMPARE_VICTIM) &&
		 strcmp(k->engine[COMPARE_OLD], k->engine[COMPARE_NEW]))
		row->state = COMPARE_ENGINES;
	else if (row->samples < row->needed)
		row->state = COMPARE_FEW;
	else
		rc = fill_row(c, row, v);
out:
	values_clear(&v[COMPARE_OLD]);
	values_clear(&v[COMPARE_NEW]);
	return rc;
}

int compare_kind_fill(const struct compare *c,
		      const struct compare_source side[COMPARE_SIDES],
		      struct compare_kind *k)
{
	enum compare_measure m;
	int rc = 0;

	for (m = 0; m < COMPARE_MEASURE_NR && !rc; m++)
		rc = make_row(c, side, k, m);
	return rc;
}

/* ---- verdicts ---- */

static enum compare_verdict verdict_of(const struct compare *c,
				       const struct compare_kind *k,
				       const struct compare_row *row)
{
	double old_value = row->value[COMPARE_OLD];
	double off = row->value[COMPARE_NEW] - old_value;
	double median = k->row[COMPARE_LAT_P50].value[COMPARE_OLD];

	if (!(row->p_holm < COMPARE_ALPHA) || (row->low <= 1 && row->high >= 1))
		return COMPARE_SAME;
	if (fabs(off) < c->threshold * old_value || fabs(off) < c->threshold * median)
		return COMPARE_SMALL;
	return off > 0 ? COMPARE_SLOWER : COMPARE_FASTER;
}

/* The rows of the gate, one after the other. NULL at the end. */
static struct compare_row *next_row(const struct compare *c, size_t *at,
				    const struct compare_kind **of)
{
	size_t i = 0, pair, kind;

	for (pair = 0; pair < c->pair_nr; pair++)
		for (kind = 0; kind < c->pair[pair].kind_nr; kind++) {
			struct compare_kind *k = &c->pair[pair].kind[kind];
			unsigned int m;

			for (m = 0; m < COMPARE_GATE_MEASURES && !k->refused; m++) {
				if (k->row[m].state != COMPARE_IN_GATE || i++ < *at)
					continue;
				++*at;
				*of = k;
				return &k->row[m];
			}
		}
	return NULL;
}

/* Rounds a side from which on the gate can fire. */
static size_t rounds_needed(size_t gate_nr)
{
	size_t nr = 2;

	while (compare_rank_least_p(nr, nr) * (double)gate_nr >= COMPARE_ALPHA)
		nr++;
	return nr;
}

static int say_too_few_sittings(struct compare *c)
{
	size_t old_nr = c->side[COMPARE_OLD].sitting_nr;
	size_t new_nr = c->side[COMPARE_NEW].sitting_nr;

	return compare_text(
		&c->cannot,
		"%zu old and %zu new sitting%s: a verdict needs 3 of each, or 1 new against 5 old ones. --rounds-suffice takes the rounds instead: right where both sides took turns in one sitting, or nothing drifts.",
		old_nr, new_nr, new_nr == 1 ? "" : "s");
}

static int say_empty_gate(struct compare *c)
{
	size_t i, k, few = 0, refused = 0;

	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			const struct compare_kind *kind = &c->pair[i].kind[k];
			unsigned int m;

			refused += kind->refused;
			for (m = 0; m < COMPARE_GATE_MEASURES; m++)
				few += kind->row[m].state == COMPARE_FEW;
		}
	return compare_text(
		&c->cannot, "the gate is empty: %s%s%s.",
		few ? "rows have too few samples in a round, which longer rounds mend" :
		      "",
		few && refused ? "; " : "",
		refused ?
			"the growths differ by more than 10 %, which rounds that end by number_ios or io_size mend" :
		few ? "" :
		      "no row has a ratio");
}

/* Why no row can ever be slower or faster; c->cannot stays NULL when one can. */
static int judge_power(struct compare *c)
{
	const struct compare_pair *best = c->pair;
	double least_p = INFINITY;
	size_t i;

	if (c->design == COMPARE_NONE)
		return say_too_few_sittings(c);
	if (!c->gate_nr)
		return say_empty_gate(c);
	if (c->design != COMPARE_ROUNDS)
		return 0;
	/* The pair with the most rounds: while one row can fire, the gate can. */
	for (i = 0; i < c->pair_nr; i++) {
		double p = (double)c->gate_nr *
			   compare_rank_least_p(c->pair[i].round_nr[COMPARE_OLD],
						c->pair[i].round_nr[COMPARE_NEW]);

		if (p < least_p) {
			least_p = p;
			best = &c->pair[i];
		}
	}
	if (least_p < COMPARE_ALPHA)
		return 0;
	return compare_text(
		&c->cannot,
		"%zu old and %zu new rounds cannot show a difference in a gate of %zu rows (p %.2g at best): a verdict needs %zu rounds a side.",
		best->round_nr[COMPARE_OLD], best->round_nr[COMPARE_NEW], c->gate_nr,
		fmin(1, least_p), rounds_needed(c->gate_nr));
}

static void judge_rows(struct compare *c, const double *adjusted)
{
	const struct compare_kind *k;
	struct compare_row *row;
	size_t at = 0;

	while ((row = next_row(c, &at, &k))) {
		row->p_holm = adjusted[at - 1];
		if (c->cannot)
			continue;
		row->verdict = verdict_of(c, k, row);
		c->slower_nr += row->verdict == COMPARE_SLOWER;
		c->faster_nr += row->verdict == COMPARE_FASTER;
	}
}

int compare_judge(struct compare *c)
{
	const struct compare_kind *k;
	struct compare_row *row;
	double *p;
	size_t at = 0;
	int rc;

	while (next_row(c, &at, &k))
		;
	c->gate_nr = at;
	rc = judge_power(c);
	if (rc || c->design == COMPARE_NONE || !c->gate_nr)
		return rc;
	p = calloc(c->gate_nr, sizeof(*p));
	if (!p)
		return -ENOMEM;
	at = 0;
	while ((row = next_row(c, &at, &k)))
		p[at - 1] = row->p;
	rc = compare_holm(p, c->gate_nr, p);
	if (!rc)
		judge_rows(c, p);
	free(p);
	return rc;
}
