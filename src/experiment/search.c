// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/units.h"

static const char search_key[] = "rate_iops";

#define HALVINGS 6 /* to 1/64 of the closed loop's rate */

typedef int run_fn(const struct workload *whole, const struct experiment_variant *variant,
		   size_t variant_nr, const struct experiment_setup *setup,
		   struct result **out, struct load_error *err);

struct search {
	const struct workload *whole;
	struct workload *w;
	const struct experiment_setup *setup;
	run_fn *run;
	struct result *result; /* of all rates so far; NULL: none */
	struct load_error *err;
	/* Operations a second of each thread, and the quantile there. */
	unsigned int held, failed;
	double held_ns, failed_ns;
};

bool search_wanted(const struct workload *w)
{
	size_t i;

	for (i = 0; i < w->job_nr; i++)
		if (w->job[i].latency_target_ns)
			return true;
	return false;
}

/* Of a kind's job, if that has a target; else NULL. */
static const struct workload_job *search_job(const struct search *s,
					     const struct result_kind *k)
{
	size_t i;

	for (i = 0; i < s->w->job_nr; i++)
		if (s->w->job[i].latency_target_ns && !strcmp(s->w->job[i].name, k->job))
			return &s->w->job[i];
	return NULL;
}

/* One run; rate 0: closed loop. 0 and *out, or -errno with err. */
static int search_once(struct search *s, unsigned int rate, struct result **out)
{
	const char *const key[] = { search_key };
	struct experiment_variant variant = { .w = s->w, .key_nr = rate > 0, .key = key };
	char text[16];
	const char *value[] = { text };
	size_t i;
	int rc;

	(void)snprintf(text, sizeof(text), "%u", rate);
	variant.value = value;
	for (i = 0; i < s->w->job_nr; i++)
		if (s->w->job[i].latency_target_ns)
			s->w->job[i].rate_iops = rate;
	rc = s->run(s->whole, &variant, 1, s->setup, out, s->err);
	if (!rc && s->err->text[0]) {
		/* What it measured is of no rate that could be compared. */
		result_free(*out);
		rc = -EIO;
	}
	return rc;
}

/* What each thread of the jobs with a target did a second, the most of them. */
static unsigned int search_closed(const struct search *s, const struct result *r)
{
	double most = 0;
	size_t i, k;

	for (i = 0; i < s->w->job_nr; i++) {
		const struct workload_job *job = &s->w->job[i];
		double iops = 0;

		for (k = 0; job->latency_target_ns && k < r->variant[0].kind_nr; k++)
			if (!strcmp(r->variant[0].kind[k].job, job->name))
				iops += r->variant[0].kind[k].iops;
		if (iops / job->numjobs > most)
			most = iops / job->numjobs;
	}
	return most > 10000000 ? 10000000 : (unsigned int)most;
}

/* The worst quantile by its target; 0 where nothing was done. */
static double search_worst_ns(const struct search *s, const struct result *r, bool *held)
{
	double worst_ns = 0, worst = 0;
	size_t k;

	for (k = 0; k < r->variant[0].kind_nr; k++) {
		const struct result_kind *kind = &r->variant[0].kind[k];
		const struct workload_job *job = search_job(s, kind);
		uint64_t ns;

		if (!job || !kind->resp.hist || !hist_count(kind->resp.hist))
			continue;
		hist_percentiles_ns(kind->resp.hist, job->latency_percentile.p, 1, &ns);
		if ((double)ns / (double)job->latency_target_ns <= worst)
			continue;
		worst = (double)ns / (double)job->latency_target_ns;
		worst_ns = (double)ns;
	}
	*held = worst > 0 && worst <= 1;
	return worst_ns;
}

/*
 * Tries a rate, and keeps its result as another variant. 0; or -errno, of which -ENODATA
 * says that no operation was due in the time.
 */
static int search_try(struct search *s, unsigned int rate)
{
	struct result *r = NULL;
	double ns;
	bool held;
	int rc = search_once(s, rate, &r);

	if (rc)
		return rc;
	ns = search_worst_ns(s, r, &held);
	/* Cut short, it says nothing. */
	if (!r->interrupted && held) {
		s->held = rate;
		s->held_ns = ns;
	} else if (!r->interrupted) {
		s->failed = rate;
		s->failed_ns = ns;
	}
	if (!s->result) {
		s->result = r;
		return 0;
	}
	return result_append(s->result, r);
}

static int search_note(const struct search *s, unsigned int closed)
{
	const struct workload_job *job = s->w->job;
	char target[UNITS_TEXT_MAX];

	while (!job->latency_target_ns)
		job++;
	units_print_time(job->latency_target_ns, target);
	if (!s->held)
		return result_note_add(
			s->result, RESULT_NOTE_FIRST,
			"latency_target=%s: no rate held p%g of resp below it: at rate_iops=%u it was %.3g ms, and a closed loop does %u",
			target, job->latency_percentile.p[0], s->failed,
			s->failed_ns / 1e6, closed);
	if (!s->failed)
		return result_note_add(
			s->result, RESULT_NOTE_FIRST,
			"latency_target=%s: p%g of resp is %.3g ms at rate_iops=%u, which is what a closed loop does",
			target, job->latency_percentile.p[0], s->held_ns / 1e6, s->held);
	return result_note_add(
		s->result, RESULT_NOTE_FIRST,
		"latency_target=%s: the highest rate that held p%g of resp below it is rate_iops=%u (%.3g ms); %u did not (%.3g ms), and a closed loop does %u",
		target, job->latency_percentile.p[0], s->held, s->held_ns / 1e6,
		s->failed, s->failed_ns / 1e6, closed);
}

static int search_compare(const void *a, const void *b)
{
	const struct result_variant *x = a, *y = b;
	unsigned long p = strtoul(facts_get_text(&x->keys, search_key), NULL, 10);
	unsigned long q = strtoul(facts_get_text(&y->keys, search_key), NULL, 10);

	return (p > q) - (p < q);
}

/* All rates of a search. 0 or -errno. */
static int search_rates(struct search *s, unsigned int closed)
{
	unsigned int i, rate;
	int rc = search_try(s, closed);

	for (i = 0; i < HALVINGS && !rc && s->failed && !s->result->interrupted; i++) {
		rate = s->held + (s->failed - s->held) / 2;
		if (rate == s->held)
			break;
		rc = search_try(s, rate);
	}
	/* What is slower is not to be had in this time either. */
	if (rc == -ENODATA && s->failed) {
		s->err->text[0] = '\0';
		rc = 0;
	}
	if (!rc && (s->held || s->failed))
		rc = search_note(s, closed);
	return rc;
}

int search_run(const struct workload *whole, struct workload *w,
	       const struct experiment_setup *setup, run_fn *run, struct result **out,
	       struct load_error *err)
{
	struct search s = {
		.whole = whole, .w = w, .setup = setup, .run = run, .err = err
	};
	struct result *r = NULL;
	unsigned int closed;
	size_t i;
	int rc;

	err->text[0] = '\0';
	for (i = 0; i < w->job_nr; i++)
		if (w->job[i].latency_window_ns)
			w->job[i].runtime_ns = w->job[i].latency_window_ns;
	rc = search_once(&s, 0, &r);
	if (rc)
		return rc;
	closed = search_closed(&s, r);
	/* Interrupted before the first rate: what there is is a closed loop. */
	if (r->interrupted) {
		*out = r;
		return 0;
	}
	result_free(r);
	if (!closed) {
		load_error_set(err, "latency_target: no job that has it did anything");
		return -ENODATA;
	}
	rc = search_rates(&s, closed);
	if (rc && !err->text[0])
		load_error_set(err, "%s", strerror(-rc));
	/* What other rates came to before an error stands, as rounds of a run do. */
	if (rc && s.result)
		rc = result_note_add(s.result, RESULT_NOTE_FIRST,
				     RESULT_ENDED_BY_ERROR "%s", err->text);
	if (rc) {
		result_free(s.result);
		return rc;
	}
	/* For readers in order of the rates, not of the search. */
	qsort(s.result->variant, s.result->variant_nr, sizeof(*s.result->variant),
	      search_compare);
	*out = s.result;
	return 0;
}
