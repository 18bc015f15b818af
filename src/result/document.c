// SPDX-License-Identifier: GPL-2.0-or-later
/* The document of man/diowait-result.5. Keys and their order are an interface. */
#include "result/result.h"
#include "result/stress.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "result/format.h"
#include "result/doc.h"

static struct json_t *percentile_object(struct doc *d, const struct result *r,
					const struct result_dist *dist)
{
	struct json_t *object = doc_new();
	char key[64];
	size_t i;

	for (i = 0; dist->percentile_ns && i < r->percentile_nr; i++) {
		if (dist->percentile_ns[i] == RESULT_NO_NS)
			continue;
		snprintf(key, sizeof(key), "%f", r->percentile[i]);
		doc_put(d, object, key, doc_count(dist->percentile_ns[i]));
	}
	return object;
}

static struct json_t *bins_object(struct doc *d, const struct hist *h)
{
	struct json_t *object = doc_new();
	char key[FORMAT_MAX];
	unsigned int i;

	if (h->zeros)
		doc_put(d, object, "0", doc_count(h->zeros));
	for (i = 0; i < HIST_BINS; i++) {
		if (!h->bin[i])
			continue;
		snprintf(key, sizeof(key), "%" PRIu64, hist_bin_low_ns(i));
		doc_put(d, object, key, doc_count(h->bin[i]));
	}
	return object;
}

/* fio's names and shape. */
static struct json_t *dist_object(struct doc *d, const struct result *r,
				  const struct result_dist *dist)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "min", doc_count(dist->sum.min_ns));
	doc_put(d, object, "max", doc_count(dist->sum.max_ns));
	doc_put(d, object, "mean", doc_real(dist->sum.mean_ns));
	doc_put(d, object, "stddev", doc_real(dist->sum.stddev_ns));
	doc_put(d, object, "N", doc_count(dist->sum.n));
	if (dist->sum.saturated)
		doc_put(d, object, "saturated", doc_count(dist->sum.saturated));
	/* Its reader wants a list, be it empty. */
	if (dist->sum.n)
		doc_put(d, object, "percentile", percentile_object(d, r, dist));
	if (dist->hist)
		doc_put(d, object, "bins", bins_object(d, dist->hist));
	return object;
}

static struct json_t *errors_object(struct doc *d, const struct result_kind *k)
{
	struct json_t *object = doc_new();
	char name[FORMAT_MAX];
	size_t i;

	for (i = 0; i < k->error_nr; i++)
		doc_put(d, object, format_errno(name, k->error[i].err),
			doc_count(k->error[i].count));
	return object;
}

/* Why paths.unknown is not 0, by reason. */
static struct json_t *unknown_object(struct doc *d, const struct result_kind *k)
{
	struct json_t *object = doc_new();
	unsigned int i;

	for (i = 0; i < RESULT_UNKNOWN_NR; i++)
		doc_put(d, object, result_unknown_name(i), doc_count(k->unknown[i]));
	return object;
}

/* A counter for each path. */
static struct json_t *counts_object(struct doc *d, const uint64_t *path)
{
	static const enum result_path order[] = { RESULT_QUEUED,  RESULT_FORCED_WAIT,
						  RESULT_DRAINED, RESULT_INLINE,
						  RESULT_PUNTED,  RESULT_BUFFERED,
						  RESULT_REFUSED, RESULT_UNKNOWN };
	struct json_t *object = doc_new();
	size_t i;

	_Static_assert(sizeof(order) / sizeof(order[0]) == RESULT_PATH_NR,
		       "every path is in the document");
	for (i = 0; i < RESULT_PATH_NR; i++)
		doc_put(d, object, result_path_name(order[i]), doc_count(path[order[i]]));
	return object;
}

static struct json_t *paths_object(struct doc *d, const struct result_kind *k)
{
	struct json_t *object = counts_object(d, k->path);

	/* Only kernel events see the flag; below, 0 would be a claim. */
	doc_put(d, object, "flagged", k->why ? doc_count(k->flagged) : doc_none());
	doc_put(d, object, "then",
		k->why && k->path[RESULT_PUNTED] ? counts_object(d, k->then) :
						   doc_none());
	return object;
}

/* ---- what kernel events tell; null, or empty, without them ---- */

static struct json_t *ran_as_object(struct doc *d, const struct result_kind *k)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "inside", doc_count(k->ran_as[RESULT_RAN_INSIDE]));
	doc_put(d, object, "at", doc_count(k->ran_as[RESULT_RAN_AT]));
	doc_put(d, object, "past", doc_count(k->ran_as[RESULT_RAN_PAST]));
	return object;
}

/* Nanoseconds of each stage up to last, and of none of them. */
static struct json_t *stages_object(struct doc *d, const uint64_t *ns,
				    enum result_stage last)
{
	struct json_t *object = doc_new();
	unsigned int i;

	for (i = 0; i < RESULT_STAGE_NR; i++)
		if (i <= last || i == RESULT_STAGE_UNACCOUNTED)
			doc_put(d, object, result_stage_name(i), doc_count(ns[i]));
	return object;
}

static struct json_t *cause_object(struct doc *d, const struct result *r,
				   const struct result_cause *c)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "cause", doc_text(c->label));
	doc_put(d, object, "count", doc_count(c->sleep.sum.n));
	doc_put(d, object, "total_ns",
		doc_count((uint64_t)llround(c->sleep.sum.mean_ns *
					    (double)c->sleep.sum.n)));
	doc_put(d, object, "named", doc_yes(c->named));
	doc_put(d, object, "in_completion", doc_yes(c->in_completion));
	doc_put(d, object, "help", doc_text(c->help));
	doc_put(d, object, "sleep_ns", dist_object(d, r, &c->sleep));
	doc_put(d, object, "stack", doc_text(c->stack));
	return object;
}

static struct json_t *step_object(struct doc *d, const struct result_step *s)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "stage", doc_text(result_stage_name(s->stage)));
	doc_put(d, object, "after", doc_yes(s->after));
	doc_put(d, object, "at_ns", doc_count(s->at_ns));
	doc_put(d, object, "ns", doc_count(s->ns));
	doc_put(d, object, "cause", doc_text(s->cause));
	doc_put(d, object, "by", doc_text(s->by));
	doc_put(d, object, "stack", doc_text(s->stack));
	return object;
}

static struct json_t *worst_object(struct doc *d, const struct result_worst *w)
{
	struct json_t *object = doc_new(), *steps = doc_list();
	size_t i;

	doc_put(d, object, "round", doc_count(w->round));
	doc_put(d, object, "thread", doc_count(w->thread));
	doc_put(d, object, "index", doc_count(w->index));
	doc_put(d, object, "offset", doc_count(w->offset));
	doc_put(d, object, "bytes", doc_count(w->len));
	doc_put(d, object, "result", doc_int(w->res));
	doc_put(d, object, "slat_ns", doc_count(w->slat_ns));
	doc_put(d, object, "lat_ns", doc_count(w->lat_ns));
	doc_put(d, object, "path", doc_text(result_path_name(w->path)));
	doc_put(d, object, "then",
		w->then < RESULT_PATH_NR ? doc_text(result_path_name(w->then)) :
					   doc_none());
	for (i = 0; i < w->step_nr; i++)
		doc_add(d, steps, step_object(d, &w->step[i]));
	doc_put(d, object, "stages", steps);
	return object;
}

static void put_why(struct doc *d, struct json_t *object, const struct result *r,
		    const struct result_kind *k)
{
	struct json_t *causes = doc_list(), *worst = doc_list(), *stages = NULL;
	size_t i;

	doc_put(d, object, "held_ns", k->why ? dist_object(d, r, &k->held) : doc_none());
	doc_put(d, object, "convoy_ns",
		k->why ? dist_object(d, r, &k->convoy) : doc_none());
	doc_put(d, object, "behind_ns",
		k->why ? dist_object(d, r, &k->behind) : doc_none());
	for (i = 0; i < k->cause_nr; i++)
		doc_add(d, causes, cause_object(d, r, &k->cause[i]));
	doc_put(d, object, "causes", causes);
	for (i = 0; i < k->worst_nr; i++)
		doc_add(d, worst, worst_object(d, &k->worst[i]));
	doc_put(d, object, "worst", worst);
	if (k->why) {
		stages = doc_new();
		doc_put(d, stages, "slat_ns",
			stages_object(d, k->slat_stage_ns, RESULT_STAGE_PREEMPTED));
		doc_put(d, stages, "lat_ns",
			stages_object(d, k->lat_stage_ns, RESULT_STAGE_REAP));
	}
	doc_put(d, object, "stages", stages ? stages : doc_none());
}

static struct json_t *late_object(struct doc *d, const struct result_kind *k)
{
	struct json_t *o = doc_new();

	doc_put(d, o, "call_ns", doc_count(k->late_call_ns));
	doc_put(d, o, "full_ns", doc_count(k->late_full_ns));
	doc_put(d, o, "own_ns", doc_count(k->late_own_ns));
	doc_put(d, o, "own_max_ns", doc_count(k->late_own_max_ns));
	return o;
}

/* The nulls are what only kernel events, or an open loop, could fill. */
static struct json_t *kind_object(struct doc *d, const struct result *r,
				  const struct result_kind *k)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "job", doc_text(k->job));
	doc_put(d, object, "kind", doc_text(k->kind));
	doc_put(d, object, "engine", doc_text(k->engine));
	doc_put(d, object, "modelled", doc_yes(k->modelled));
	doc_put(d, object, "ops", doc_count(k->ops));
	doc_put(d, object, "bytes", doc_count(k->bytes));
	doc_put(d, object, "short", doc_count(k->short_nr));
	doc_put(d, object, "errors", errors_object(d, k));
	doc_put(d, object, "iops", doc_real(k->iops));
	doc_put(d, object, "paths", paths_object(d, k));
	doc_put(d, object, "ran_as", k->why ? ran_as_object(d, k) : doc_none());
	doc_put(d, object, "slat_ns", dist_object(d, r, &k->slat));
	doc_put(d, object, "clat_ns", dist_object(d, r, &k->clat));
	doc_put(d, object, "lat_ns", dist_object(d, r, &k->lat));
	doc_put(d, object, "resp_ns",
		k->resp.sum.n ? dist_object(d, r, &k->resp) : doc_none());
	doc_put(d, object, "late", k->resp.sum.n ? late_object(d, k) : doc_none());
	doc_put(d, object, "victim_ns", dist_object(d, r, &k->victim));
	put_why(d, object, r, k);
	doc_put(d, object, "weight", k->weight > 0 ? doc_real(k->weight) : doc_none());
	doc_put(d, object, "blocked", doc_count(k->blocked));
	doc_put(d, object, "batched", doc_count(k->batched));
	doc_put(d, object, "done_at_return", doc_count(k->done_at_return));
	doc_put(d, object, "unknown", unknown_object(d, k));
	doc_put(d, object, "write", doc_yes(k->is_write));
	doc_put(d, object, "extending", doc_yes(k->is_extending));
	return object;
}

static struct json_t *kinds_array(struct doc *d, const struct result *r,
				  const struct result_kind *kind, size_t nr)
{
	struct json_t *array = doc_list();
	size_t i;

	for (i = 0; i < nr; i++)
		doc_add(d, array, kind_object(d, r, &kind[i]));
	return array;
}

/* Null: this file system does not tell, which is not the same as none. */
static struct json_t *extents_object(struct doc *d, const struct result_extents *e)
{
	struct json_t *object;

	if (!e->known)
		return doc_none();
	object = doc_new();
	doc_put(d, object, "count", doc_count(e->count));
	doc_put(d, object, "written_bytes", doc_count(e->written_bytes));
	doc_put(d, object, "unwritten_bytes", doc_count(e->unwritten_bytes));
	doc_put(d, object, "delalloc_bytes", doc_count(e->delalloc_bytes));
	return object;
}

static struct json_t *growth_object(struct doc *d, const struct result_growth *g)
{
	struct json_t *object, *extents;

	if (!g->known)
		return doc_none();
	object = doc_new();
	extents = doc_new();
	doc_put(d, object, "size_before", doc_count(g->size_before));
	doc_put(d, object, "size_after", doc_count(g->size_after));
	doc_put(d, object, "extended_bytes", doc_count(g->extended_bytes));
	doc_put(d, extents, "before", extents_object(d, &g->before));
	doc_put(d, extents, "after", extents_object(d, &g->after));
	doc_put(d, object, "extents", extents);
	doc_put(d, object, "appended_bytes", doc_count(g->appended_bytes));
	doc_put(d, object, "gaps", doc_count(g->gaps));
	return object;
}

static struct json_t *point_object(struct doc *d, const struct result_point *p)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "round", doc_count(p->round));
	doc_put(d, object, "at_s", doc_real(p->at_s));
	doc_put(d, object, "seconds", doc_real(p->seconds));
	doc_put(d, object, "ops", doc_count(p->ops));
	doc_put(d, object, "slat_p50_ns", doc_count(p->slat_p50_ns));
	doc_put(d, object, "slat_p99_ns", doc_count(p->slat_p99_ns));
	doc_put(d, object, "slat_p99_9_ns", doc_count(p->slat_p99_9_ns));
	doc_put(d, object, "slat_max_ns", doc_count(p->slat_max_ns));
	doc_put(d, object, "lat_p50_ns", doc_count(p->lat_p50_ns));
	doc_put(d, object, "lat_p99_ns", doc_count(p->lat_p99_ns));
	doc_put(d, object, "lat_p99_9_ns", doc_count(p->lat_p99_9_ns));
	doc_put(d, object, "lat_max_ns", doc_count(p->lat_max_ns));
	return object;
}

static struct json_t *series_object(struct doc *d, const struct result_series *s)
{
	struct json_t *object = doc_new(), *points = doc_list();
	size_t i;

	doc_put(d, object, "job", doc_text(s->job));
	doc_put(d, object, "kind", doc_text(s->kind));
	doc_put(d, object, "engine", doc_text(s->engine));
	for (i = 0; i < s->point_nr; i++)
		doc_add(d, points, point_object(d, &s->point[i]));
	doc_put(d, object, "points", points);
	return object;
}

static struct json_t *steady_array(struct doc *d, const struct result_round *one)
{
	struct json_t *array = doc_list();
	size_t i;

	for (i = 0; i < one->steady_nr; i++) {
		const struct result_steady *s = &one->steady[i];
		struct json_t *object = doc_new();

		doc_put(d, object, "job", doc_text(s->job));
		doc_put(d, object, "criterion", doc_text(s->criterion));
		doc_put(d, object, "attained", doc_yes(s->attained));
		doc_put(d, object, "after_s", doc_real(s->after_s));
		doc_put(d, object, "mean", doc_real(s->mean));
		doc_put(d, object, "value", doc_real(s->value));
		doc_add(d, array, object);
	}
	return array;
}

static struct json_t *variant_object(struct doc *d, const struct result *r,
				     const struct result_variant *v)
{
	struct json_t *object = doc_new(), *rounds = doc_list(), *series = doc_list();
	size_t i;

	doc_put(d, object, "keys", doc_facts(d, &v->keys));
	doc_put(d, object, "kinds", kinds_array(d, r, v->kind, v->kind_nr));
	for (i = 0; i < v->series_nr; i++)
		doc_add(d, series, series_object(d, &v->series[i]));
	doc_put(d, object, "series", series);
	for (i = 0; i < v->round_nr; i++) {
		const struct result_round *one = &v->round[i];
		struct json_t *round = doc_new();

		doc_put(d, round, "kinds", kinds_array(d, r, one->kind, one->kind_nr));
		doc_put(d, round, "noise", doc_facts(d, &one->noise));
		doc_put(d, round, "seconds", doc_real(one->seconds));
		if (one->steady_nr)
			doc_put(d, round, "steadystate", steady_array(d, one));
		doc_add(d, rounds, round);
	}
	doc_put(d, object, "rounds", rounds);
	doc_put(d, object, "seconds", doc_real(v->seconds));
	doc_put(d, object, "growth", growth_object(d, &v->growth));
	return object;
}

static struct json_t *workload_object(struct doc *d, const struct result *r)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "name", doc_text(r->workload_name));
	doc_put(d, object, "text", doc_text(r->workload_text));
	doc_put(d, object, "sha256", doc_text(r->workload_sha256));
	return object;
}

static struct json_t *evidence_object(struct doc *d, const struct result *r)
{
	struct json_t *object = doc_new();

	doc_put(d, object, "tier", doc_int(r->evidence_tier));
	doc_put(d, object, "lost", doc_count(r->evidence_lost));
	doc_put(d, object, "blocked_ns", doc_count(r->blocked_ns));
	doc_put(d, object, "named_ns",
		r->named_known ? doc_count(r->named_ns) : doc_none());
	doc_put(d, object, "unplaced", doc_count(r->unplaced));
	doc_put(d, object, "blocked_min_ns",
		r->blocked_min_ns ? doc_count(r->blocked_min_ns) : doc_none());
	doc_put(d, object, "missing", doc_text(r->evidence_missing));
	return object;
}

static struct json_t *notes_array(struct doc *d, const struct result *r)
{
	static const char *const level[] = {
		[RESULT_NOTE_FIRST] = "first",
		[RESULT_NOTE_WARN] = "warn",
		[RESULT_NOTE_INFO] = "info",
	};
	struct json_t *array = doc_list();
	size_t i;

	for (i = 0; i < r->note_nr; i++) {
		struct json_t *note = doc_new();

		doc_put(d, note, "level", doc_text(level[r->note[i].level]));
		doc_put(d, note, "text", doc_text(r->note[i].text));
		doc_add(d, array, note);
	}
	return array;
}

/* NULL: no memory. */
static struct json_t *document(const struct result *r)
{
	struct json_t *root = doc_new(), *variants = doc_list();
	struct doc d = { .failed = !root };
	char started[FORMAT_MAX];
	size_t i;

	doc_put(&d, root, "schema", doc_text(RESULT_SCHEMA));
	doc_put(&d, root, "version", doc_text(r->version ? r->version : PACKAGE_VERSION));
	doc_put(&d, root, "started", doc_text(format_time(started, &r->started)));
	doc_put(&d, root, "interrupted", doc_yes(r->interrupted));
	doc_put(&d, root, "host", doc_facts(&d, &r->host));
	doc_put(&d, root, "workload", workload_object(&d, r));
	doc_put(&d, root, "evidence", evidence_object(&d, r));
	doc_put(&d, root, "growth", growth_object(&d, &r->growth));
	for (i = 0; i < r->variant_nr; i++)
		doc_add(&d, variants, variant_object(&d, r, &r->variant[i]));
	doc_put(&d, root, "variants", variants);
	doc_put(&d, root, "notes", notes_array(&d, r));
	if (r->stress)
		doc_put(&d, root, "stress", stress_object(&d, r->stress));
	if (d.failed) {
		doc_free(root);
		return NULL;
	}
	return root;
}

int result_dump(const struct result *r, FILE *out)
{
	return doc_write(document(r), r->compact, out);
}
