// SPDX-License-Identifier: GPL-2.0-or-later
/* Making, filling and freeing the tree; what it means is in result.h. */
#include "result/result.h"
#include "result/stress.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* fio's default list, so that tables of both can be laid side by side. */
const double result_default_percentile[] = {
	1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99,
};
const size_t result_default_percentile_nr = sizeof(result_default_percentile) /
					    sizeof(result_default_percentile[0]);

static const char *const path_name[RESULT_PATH_NR] = {
	[RESULT_REFUSED] = "refused",	      [RESULT_PUNTED] = "punted",
	[RESULT_BUFFERED] = "buffered",	      [RESULT_DRAINED] = "drained",
	[RESULT_FORCED_WAIT] = "forced_wait", [RESULT_INLINE] = "inline",
	[RESULT_QUEUED] = "queued",	      [RESULT_UNKNOWN] = "unknown",
};

const char *result_unknown_name(enum result_unknown why)
{
	static const char *const name[RESULT_UNKNOWN_NR] = {
		[RESULT_UNKNOWN_SLEPT_DONE] = "slept_done",
		[RESULT_UNKNOWN_SLEPT_QUEUED] = "slept_queued",
		[RESULT_UNKNOWN_UNLOOKED] = "unlooked",
		[RESULT_UNKNOWN_WORKER] = "worker",
		[RESULT_UNKNOWN_INSIDE] = "inside",
		[RESULT_UNKNOWN_FAILED] = "failed",
		[RESULT_UNKNOWN_MODEL] = "model",
		[RESULT_UNKNOWN_LOST] = "lost",
	};

	return name[why];
}

const char *result_stage_name(enum result_stage stage)
{
	static const char *const name[RESULT_STAGE_NR] = {
		[RESULT_STAGE_RUNNING] = "running",
		[RESULT_STAGE_SLEEP] = "sleep",
		[RESULT_STAGE_RUNQUEUE] = "runqueue",
		[RESULT_STAGE_PREEMPTED] = "preempted",
		[RESULT_STAGE_IOWQ] = "iowq",
		[RESULT_STAGE_DEVICE] = "device",
		[RESULT_STAGE_IN_FLIGHT] = "in_flight",
		[RESULT_STAGE_WQ_WAIT] = "wq_wait",
		[RESULT_STAGE_WQ_RUN] = "wq_run",
		[RESULT_STAGE_REAP] = "reap",
		[RESULT_STAGE_UNACCOUNTED] = "unaccounted",
	};

	return name[stage];
}

const char *result_path_name(enum result_path path)
{
	assert((unsigned int)path < RESULT_PATH_NR);
	return path_name[path];
}

/* Keys of the document carry six decimals: closer than that is the same. */
static bool same_percentile(double a, double b)
{
	return fabs(a - b) < 5e-7;
}

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct result *result_new(const double *extra, size_t extra_nr)
{
	size_t base_nr = result_default_percentile_nr, i, nr = 0;
	struct result *r = calloc(1, sizeof(*r));
	double *list;

	if (!extra)
		extra_nr = 0;
	list = malloc((base_nr + extra_nr) * sizeof(*list));
	if (!r || !list) {
		free(r);
		free(list);
		return NULL;
	}
	memcpy(list, result_default_percentile, base_nr * sizeof(*list));
	if (extra_nr)
		memcpy(list + base_nr, extra, extra_nr * sizeof(*list));
	qsort(list, base_nr + extra_nr, sizeof(*list), compare_double);
	for (i = 0; i < base_nr + extra_nr; i++)
		if (!nr || !same_percentile(list[i], list[nr - 1]))
			list[nr++] = list[i];
	r->percentile = list;
	r->percentile_nr = nr;
	return r;
}

/* Takes one that was never filled. */
static void dist_clear(struct result_dist *d)
{
	free(d->percentile_ns);
	free(d->hist);
}

static void kind_clear_why(struct result_kind *k)
{
	size_t i, s;

	dist_clear(&k->held);
	dist_clear(&k->convoy);
	dist_clear(&k->behind);
	for (i = 0; i < k->cause_nr; i++) {
		free(k->cause[i].label);
		free(k->cause[i].help);
		free(k->cause[i].stack);
		dist_clear(&k->cause[i].sleep);
	}
	free(k->cause);
	for (i = 0; i < k->worst_nr; i++) {
		for (s = 0; s < k->worst[i].step_nr; s++) {
			free(k->worst[i].step[s].cause);
			free(k->worst[i].step[s].stack);
			free(k->worst[i].step[s].by);
		}
		free(k->worst[i].step);
	}
	free(k->worst);
}

static void kinds_free(struct result_kind *kind, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct result_kind *k = &kind[i];

		free(k->job);
		free(k->kind);
		free(k->engine);
		free(k->error);
		dist_clear(&k->slat);
		dist_clear(&k->clat);
		dist_clear(&k->lat);
		dist_clear(&k->victim);
		dist_clear(&k->resp);
		kind_clear_why(k);
	}
	free(kind);
}

void result_series_free(struct result_series *series, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		free(series[i].job);
		free(series[i].kind);
		free(series[i].engine);
		free(series[i].point);
	}
	free(series);
}

static void steady_free(struct result_steady *steady, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		free(steady[i].job);
		free(steady[i].criterion);
	}
	free(steady);
}

static void variant_clear(struct result_variant *v)
{
	size_t i;

	facts_clear(&v->keys);
	kinds_free(v->kind, v->kind_nr);
	result_series_free(v->series, v->series_nr);
	for (i = 0; i < v->round_nr; i++) {
		kinds_free(v->round[i].kind, v->round[i].kind_nr);
		steady_free(v->round[i].steady, v->round[i].steady_nr);
		facts_clear(&v->round[i].noise);
	}
	free(v->round);
}

void result_free(struct result *r)
{
	size_t i;

	if (!r)
		return;
	facts_clear(&r->host);
	free(r->version);
	free(r->evidence_missing);
	free(r->workload_name);
	free(r->workload_text);
	free(r->workload_sha256);
	free(r->percentile);
	for (i = 0; i < r->variant_nr; i++)
		variant_clear(&r->variant[i]);
	free(r->variant);
	for (i = 0; i < r->note_nr; i++)
		free(r->note[i].text);
	free(r->note);
	result_stress_free(r->stress);
	free(r);
}

bool result_key_varies(const struct result *r, const char *key)
{
	size_t i;

	for (i = 1; i < r->variant_nr; i++)
		if (!fact_same(facts_get(&r->variant[0].keys, key),
			       facts_get(&r->variant[i].keys, key)))
			return true;
	return false;
}

/* Of the 150 KiB of a histogram only the pages that hold something are touched. */
static struct hist *hist_copy(const struct hist *h)
{
	struct hist *copy = calloc(1, sizeof(*copy));
	unsigned int i;

	if (!copy)
		return NULL;
	memcpy(copy, h, offsetof(struct hist, bin));
	for (i = 0; i < HIST_BINS; i++)
		if (h->bin[i])
			copy->bin[i] = h->bin[i];
	return copy;
}

int result_dist_fill(const struct result *r, struct result_dist *d, const struct hist *h,
		     bool bins)
{
	uint64_t *list = malloc(r->percentile_nr * sizeof(*list));
	struct hist *copy = bins ? hist_copy(h) : NULL;

	/* All or nothing: d keeps what it had when there is no memory. */
	if (!list || (bins && !copy)) {
		free(list);
		free(copy);
		return -ENOMEM;
	}
	dist_clear(d);
	hist_summarise(h, &d->sum);
	hist_percentiles_ns(h, r->percentile, r->percentile_nr, list);
	d->percentile_ns = list;
	d->hist = copy;
	return 0;
}

double result_percentile_ns(const struct result *r, const struct result_dist *d, double p)
{
	size_t i;

	for (i = 0; d->percentile_ns && i < r->percentile_nr; i++)
		if (same_percentile(r->percentile[i], p))
			return d->percentile_ns[i] == RESULT_NO_NS ?
				       NAN :
				       (double)d->percentile_ns[i];
	return NAN;
}

uint64_t result_dist_ns(const struct result *r, const struct result_dist *d, double p)
{
	double ns = result_percentile_ns(r, d, p);

	assert(!d->percentile_ns || !isnan(ns));
	return isnan(ns) ? 0 : (uint64_t)ns;
}

struct result_kind *result_kind_find(struct result_kind *list, size_t nr, const char *job,
				     const char *kind, const char *engine)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(list[i].job, job) && !strcmp(list[i].kind, kind) &&
		    (!engine || !strcmp(list[i].engine, engine)))
			return &list[i];
	return NULL;
}

int result_note_add(struct result *r, enum result_note_level level, const char *fmt, ...)
{
	struct result_note *grown;
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		return -ENOMEM;
	grown = realloc(r->note, (r->note_nr + 1) * sizeof(*grown));
	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	r->note = grown;
	grown[r->note_nr++] = (struct result_note){ .level = level, .text = text };
	return 0;
}

static void extents_add(struct result_extents *into, const struct result_extents *e)
{
	into->known &= e->known;
	into->count += e->count;
	into->written_bytes += e->written_bytes;
	into->unwritten_bytes += e->unwritten_bytes;
	into->delalloc_bytes += e->delalloc_bytes;
}

void result_growth_add(struct result_growth *into, const struct result_growth *g)
{
	if (!g->known)
		return;
	if (!into->known) {
		*into = *g;
		return;
	}
	into->size_before += g->size_before;
	into->size_after += g->size_after;
	into->extended_bytes += g->extended_bytes;
	into->appended_bytes += g->appended_bytes;
	into->gaps += g->gaps;
	extents_add(&into->before, &g->before);
	extents_add(&into->after, &g->after);
}
