// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"

bool trend_in_gate(enum compare_measure measure)
{
	return measure < COMPARE_GATE_MEASURES;
}

char *trend_value_text(char *buf, enum compare_measure measure, double value)
{
	if (measure == COMPARE_IOPS)
		return format_rate(buf, value);
	if (measure == COMPARE_VICTIM)
		return format_share(buf, value, 1);
	return format_ns(buf, value);
}

const char *trend_verdict_word(enum trend_verdict verdict)
{
	static const char *const word[] = { "steady", "slower", "faster", "short" };

	return word[verdict];
}

const struct store_run *trend_run(const struct trend_entry *e,
				  const struct trend_series *s, size_t at)
{
	return &e->of->run[s->run[at]];
}

static const struct store_row *row_like(const struct store_run *run,
					const struct store_row *like)
{
	size_t i;

	for (i = 0; i < run->row_nr; i++) {
		const struct store_row *row = &run->row[i];

		if (!strcmp(row->variant, like->variant) &&
		    !strcmp(row->job, like->job) && !strcmp(row->kind, like->kind) &&
		    !strcmp(row->engine, like->engine))
			return row;
	}
	return NULL;
}

/*
 * What the new changes come to together: a regression of which a part was taken back since
 * is still one, and one that was taken back whole is none.
 */
static enum trend_verdict verdict_of(const struct trend_series *s,
				     const struct trend_options *options)
{
	double ratio = 1;
	size_t i;

	if (s->nr < 6)
		return TREND_SHORT;
	for (i = 0; i < s->change_nr; i++)
		if (s->nr - s->change[i].at <= options->recent_nr)
			ratio *= s->change[i].after / s->change[i].before;
	if (ratio == 1 || fabs(log(ratio)) < log1p(options->threshold))
		return TREND_STEADY;
	return (ratio > 1) == (s->measure != COMPARE_IOPS) ? TREND_SLOWER : TREND_FASTER;
}

/* Finds changes in the logs of the values. 0 or -ENOMEM. */
static int find_changes(struct trend_series *s, const struct trend_options *options)
{
	double *log_value = calloc(s->nr + 1, sizeof(*log_value));
	size_t i;
	int rc;

	if (!log_value)
		return -ENOMEM;
	for (i = 0; i < s->nr; i++)
		log_value[i] = log(s->value[i]);
	rc = change_find(log_value, s->nr, log1p(options->threshold), &s->change,
			 &s->change_nr, s->outlier);
	for (i = 0; i < s->change_nr; i++) {
		s->change[i].before = exp(s->change[i].before);
		s->change[i].after = exp(s->change[i].after);
	}
	free(log_value);
	s->verdict = verdict_of(s, options);
	return rc;
}

/* One series of an entry; none where no night has a value that has a ratio. */
static int add_series(struct trend_entry *e, const struct store_run *last,
		      const struct store_row *row, enum compare_measure measure,
		      const struct trend_options *options)
{
	struct trend_series *s = &e->series[e->series_nr];
	size_t i;

	s->row = row;
	s->measure = measure;
	s->run = calloc(e->of->run_nr, sizeof(*s->run));
	s->value = calloc(e->of->run_nr, sizeof(*s->value));
	s->outlier = calloc(e->of->run_nr, sizeof(*s->outlier));
	e->series_nr++;
	if (!s->run || !s->value || !s->outlier)
		return -ENOMEM;
	for (i = 0; i < e->of->run_nr; i++) {
		const struct store_run *run = &e->of->run[i];
		const struct store_row *of = NULL;

		if (!run->interrupted && !strcmp(run->fingerprint, last->fingerprint))
			of = row_like(run, row);
		if (!of || !(of->value[measure] > 0) || !isfinite(of->value[measure]))
			continue;
		s->run[s->nr] = i;
		s->value[s->nr++] = of->value[measure];
	}
	if (s->nr)
		return find_changes(s, options);
	free(s->run);
	free(s->value);
	free(s->outlier);
	*s = (struct trend_series){ 0 };
	e->series_nr--;
	return 0;
}

static int fill_entry(struct trend_entry *e, const struct trend_options *options)
{
	const struct store_run *last = NULL;
	size_t i;
	int m, rc = 0;

	for (i = 0; i < e->of->run_nr; i++)
		if (!e->of->run[i].interrupted)
			last = &e->of->run[i];
	for (i = 0; i < e->of->run_nr; i++) {
		e->interrupted += e->of->run[i].interrupted;
		e->left_out += last && !e->of->run[i].interrupted &&
			       strcmp(e->of->run[i].fingerprint, last->fingerprint) != 0;
	}
	if (!last)
		return 0;
	e->series = calloc(last->row_nr * COMPARE_MEASURE_NR + 1, sizeof(*e->series));
	if (!e->series)
		return -ENOMEM;
	for (i = 0; i < last->row_nr; i++)
		for (m = 0; m < COMPARE_MEASURE_NR && !rc; m++) {
			const char *key = compare_measure_key((enum compare_measure)m);

			if ((options->measure && strcmp(options->measure, key)) ||
			    (options->kind && strcmp(options->kind, last->row[i].kind)))
				continue;
			rc = add_series(e, last, &last->row[i], (enum compare_measure)m,
					options);
		}
	return rc;
}

int trend_make(const struct store *s, const struct trend_options *options,
	       struct trend **out)
{
	struct trend *t = calloc(1, sizeof(*t));
	size_t i, k;
	int rc = t ? 0 : -ENOMEM;

	if (!rc) {
		t->store = s;
		t->options = *options;
		t->entry = calloc(s->entry_nr + 1, sizeof(*t->entry));
		rc = t->entry ? 0 : -ENOMEM;
	}
	for (i = 0; !rc && i < s->entry_nr; i++) {
		struct trend_entry *e = &t->entry[t->entry_nr++];

		e->of = &s->entry[i];
		rc = fill_entry(e, options);
		for (k = 0; k < e->series_nr; k++)
			if (trend_in_gate(e->series[k].measure)) {
				t->slower_nr += e->series[k].verdict == TREND_SLOWER;
				t->faster_nr += e->series[k].verdict == TREND_FASTER;
			}
	}
	if (rc) {
		trend_free(t);
		t = NULL;
	}
	*out = t;
	return rc;
}

void trend_free(struct trend *t)
{
	if (!t)
		return;
	while (t->entry_nr) {
		struct trend_entry *e = &t->entry[--t->entry_nr];

		while (e->series_nr) {
			struct trend_series *s = &e->series[--e->series_nr];

			free(s->run);
			free(s->value);
			free(s->outlier);
			free(s->change);
		}
		free(e->series);
	}
	free(t->entry);
	free(t);
}
