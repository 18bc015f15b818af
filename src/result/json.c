// SPDX-License-Identifier: GPL-2.0-or-later
/* The document of man/diowait-result.5. Keys and their order are an interface. */
#include "result/result.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "result/format.h"
#include "result/probe.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/*
 * So many digits of a decimal survive being a double, so 0.1 stays "0.1" and a
 * document that is read and written again does not change.
 */
#define REAL_DIGITS 15

/* The only way to fail while building is no memory: kept until the end. */
struct doc {
	bool failed;
};

/* Takes value over, also when it fails. */
static void put(struct doc *d, json_t *object, const char *key, json_t *value)
{
	char *clean = format_utf8_clean(key);

	if (!clean || !value || json_object_set_new(object, clean, value)) {
		if (!clean)
			json_decref(value);
		d->failed = true;
	}
	free(clean);
}

static void append(struct doc *d, json_t *array, json_t *value)
{
	if (!value || json_array_append_new(array, value))
		d->failed = true;
}

/* Names of files and text of /proc hold any bytes; JSON holds UTF-8. */
static json_t *text(const char *s)
{
	char *clean;
	json_t *value;

	if (!s)
		return json_null();
	clean = format_utf8_clean(s);
	if (!clean)
		return NULL;
	value = json_string(clean);
	free(clean);
	return value;
}

/* A counter; jansson has only signed numbers, and nothing comes near. */
static json_t *count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* JSON has no NaN; what cannot be computed is missing. */
static json_t *real(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *fact_value(const struct fact *f)
{
	switch (f->type) {
	case FACT_BOOL:
		return json_boolean(f->yes);
	case FACT_INT:
		return json_integer(f->number);
	case FACT_REAL:
		return real(f->real);
	case FACT_TEXT:
		return text(f->text);
	case FACT_NULL:
		break;
	}
	return json_null();
}

/* "loop.dio" goes into an object "loop", made when it is first met. */
static void put_fact(struct doc *d, json_t *root, const struct fact *f)
{
	/* Clean already, so that a key is found again under its name. */
	char *path = format_utf8_clean(f->path), *key = path, *dot;

	if (!path) {
		d->failed = true;
		return;
	}
	while ((dot = strchr(key, '.'))) {
		json_t *child;

		*dot = '\0';
		child = json_object_get(root, key);
		if (!json_is_object(child)) {
			put(d, root, key, json_object());
			child = json_object_get(root, key);
		}
		root = child;
		key = dot + 1;
	}
	put(d, root, key, fact_value(f));
	free(path);
}

static json_t *facts_object(struct doc *d, const struct facts *f)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < f->nr; i++)
		put_fact(d, object, &f->fact[i]);
	return object;
}

static json_t *percentile_object(struct doc *d, const struct result *r,
				 const struct result_dist *dist)
{
	json_t *object = json_object();
	char key[64];
	size_t i;

	for (i = 0; i < r->percentile_nr; i++) {
		snprintf(key, sizeof(key), "%f", r->percentile[i]);
		put(d, object, key, count(dist->percentile_ns[i]));
	}
	return object;
}

static json_t *bins_object(struct doc *d, const struct hist *h)
{
	json_t *object = json_object();
	char key[FORMAT_MAX];
	unsigned int i;

	if (h->zeros)
		put(d, object, "0", count(h->zeros));
	for (i = 0; i < HIST_BINS; i++) {
		if (!h->bin[i])
			continue;
		snprintf(key, sizeof(key), "%" PRIu64, hist_bin_low_ns(i));
		put(d, object, key, count(h->bin[i]));
	}
	return object;
}

/* fio's names and shape. */
static json_t *dist_object(struct doc *d, const struct result *r,
			   const struct result_dist *dist)
{
	json_t *object = json_object();

	put(d, object, "min", count(dist->sum.min_ns));
	put(d, object, "max", count(dist->sum.max_ns));
	put(d, object, "mean", real(dist->sum.mean_ns));
	put(d, object, "stddev", real(dist->sum.stddev_ns));
	put(d, object, "N", count(dist->sum.n));
	if (dist->sum.saturated)
		put(d, object, "saturated", count(dist->sum.saturated));
	if (dist->sum.n && dist->percentile_ns)
		put(d, object, "percentile", percentile_object(d, r, dist));
	if (dist->hist)
		put(d, object, "bins", bins_object(d, dist->hist));
	return object;
}

static json_t *errors_object(struct doc *d, const struct result_kind *k)
{
	json_t *object = json_object();
	char name[FORMAT_MAX];
	size_t i;

	for (i = 0; i < k->error_nr; i++)
		put(d, object, format_errno(name, k->error[i].err),
		    count(k->error[i].count));
	return object;
}

/* Why paths.unknown is not 0, by reason. */
static json_t *unknown_object(struct doc *d, const struct result_kind *k)
{
	json_t *object = json_object();
	unsigned int i;

	for (i = 0; i < RESULT_UNKNOWN_NR; i++)
		put(d, object, result_unknown_name(i), count(k->unknown[i]));
	return object;
}

/* A counter for each path. */
static json_t *counts_object(struct doc *d, const uint64_t *path)
{
	static const enum result_path order[] = { RESULT_QUEUED,  RESULT_FORCED_WAIT,
						  RESULT_DRAINED, RESULT_INLINE,
						  RESULT_PUNTED,  RESULT_BUFFERED,
						  RESULT_REFUSED, RESULT_UNKNOWN };
	json_t *object = json_object();
	size_t i;

	_Static_assert(sizeof(order) / sizeof(order[0]) == RESULT_PATH_NR,
		       "every path is in the document");
	for (i = 0; i < RESULT_PATH_NR; i++)
		put(d, object, result_path_name(order[i]), count(path[order[i]]));
	return object;
}

static json_t *paths_object(struct doc *d, const struct result_kind *k)
{
	json_t *object = counts_object(d, k->path);

	/* Only kernel events see the flag; below, 0 would be a claim. */
	put(d, object, "flagged", k->why ? count(k->flagged) : json_null());
	put(d, object, "then",
	    k->why && k->path[RESULT_PUNTED] ? counts_object(d, k->then) : json_null());
	return object;
}

/* ---- what kernel events tell; null, or empty, without them ---- */

static json_t *ran_as_object(struct doc *d, const struct result_kind *k)
{
	json_t *object = json_object();

	put(d, object, "inside", count(k->ran_as[RESULT_RAN_INSIDE]));
	put(d, object, "at", count(k->ran_as[RESULT_RAN_AT]));
	put(d, object, "past", count(k->ran_as[RESULT_RAN_PAST]));
	return object;
}

/* Nanoseconds of each stage up to last, and of none of them. */
static json_t *stages_object(struct doc *d, const uint64_t *ns, enum result_stage last)
{
	json_t *object = json_object();
	unsigned int i;

	for (i = 0; i < RESULT_STAGE_NR; i++)
		if (i <= last || i == RESULT_STAGE_UNACCOUNTED)
			put(d, object, result_stage_name(i), count(ns[i]));
	return object;
}

static json_t *cause_object(struct doc *d, const struct result *r,
			    const struct result_cause *c)
{
	json_t *object = json_object();

	put(d, object, "cause", text(c->label));
	put(d, object, "count", count(c->sleep.sum.n));
	put(d, object, "total_ns",
	    count((uint64_t)llround(c->sleep.sum.mean_ns * (double)c->sleep.sum.n)));
	put(d, object, "named", json_boolean(c->named));
	put(d, object, "in_completion", json_boolean(c->in_completion));
	put(d, object, "help", text(c->help));
	put(d, object, "sleep_ns", dist_object(d, r, &c->sleep));
	put(d, object, "stack", text(c->stack));
	return object;
}

static json_t *step_object(struct doc *d, const struct result_step *s)
{
	json_t *object = json_object();

	put(d, object, "stage", text(result_stage_name(s->stage)));
	put(d, object, "after", json_boolean(s->after));
	put(d, object, "at_ns", count(s->at_ns));
	put(d, object, "ns", count(s->ns));
	put(d, object, "cause", text(s->cause));
	put(d, object, "by", text(s->by));
	put(d, object, "stack", text(s->stack));
	return object;
}

static json_t *worst_object(struct doc *d, const struct result_worst *w)
{
	json_t *object = json_object(), *steps = json_array();
	size_t i;

	put(d, object, "round", count(w->round));
	put(d, object, "thread", count(w->thread));
	put(d, object, "index", count(w->index));
	put(d, object, "offset", count(w->offset));
	put(d, object, "bytes", count(w->len));
	put(d, object, "result", json_integer(w->res));
	put(d, object, "slat_ns", count(w->slat_ns));
	put(d, object, "lat_ns", count(w->lat_ns));
	put(d, object, "path", text(result_path_name(w->path)));
	put(d, object, "then",
	    w->then < RESULT_PATH_NR ? text(result_path_name(w->then)) : json_null());
	for (i = 0; i < w->step_nr; i++)
		append(d, steps, step_object(d, &w->step[i]));
	put(d, object, "stages", steps);
	return object;
}

static void put_why(struct doc *d, json_t *object, const struct result *r,
		    const struct result_kind *k)
{
	json_t *causes = json_array(), *worst = json_array(), *stages = NULL;
	size_t i;

	put(d, object, "held_ns", k->why ? dist_object(d, r, &k->held) : json_null());
	put(d, object, "convoy_ns", k->why ? dist_object(d, r, &k->convoy) : json_null());
	put(d, object, "behind_ns", k->why ? dist_object(d, r, &k->behind) : json_null());
	for (i = 0; i < k->cause_nr; i++)
		append(d, causes, cause_object(d, r, &k->cause[i]));
	put(d, object, "causes", causes);
	for (i = 0; i < k->worst_nr; i++)
		append(d, worst, worst_object(d, &k->worst[i]));
	put(d, object, "worst", worst);
	if (k->why) {
		stages = json_object();
		put(d, stages, "slat_ns",
		    stages_object(d, k->slat_stage_ns, RESULT_STAGE_PREEMPTED));
		put(d, stages, "lat_ns",
		    stages_object(d, k->lat_stage_ns, RESULT_STAGE_REAP));
	}
	put(d, object, "stages", stages ? stages : json_null());
}

/* The nulls are what only kernel events, or an open loop, could fill. */
static json_t *kind_object(struct doc *d, const struct result *r,
			   const struct result_kind *k)
{
	json_t *object = json_object();

	put(d, object, "job", text(k->job));
	put(d, object, "kind", text(k->kind));
	put(d, object, "engine", text(k->engine));
	put(d, object, "modelled", json_boolean(k->modelled));
	put(d, object, "ops", count(k->ops));
	put(d, object, "bytes", count(k->bytes));
	put(d, object, "short", count(k->short_nr));
	put(d, object, "errors", errors_object(d, k));
	put(d, object, "iops", real(k->iops));
	put(d, object, "paths", paths_object(d, k));
	put(d, object, "ran_as", k->why ? ran_as_object(d, k) : json_null());
	put(d, object, "slat_ns", dist_object(d, r, &k->slat));
	put(d, object, "clat_ns", dist_object(d, r, &k->clat));
	put(d, object, "lat_ns", dist_object(d, r, &k->lat));
	put(d, object, "resp_ns",
	    k->resp.sum.n ? dist_object(d, r, &k->resp) : json_null());
	put(d, object, "victim_ns", dist_object(d, r, &k->victim));
	put_why(d, object, r, k);
	put(d, object, "weight", k->weight > 0 ? real(k->weight) : json_null());
	put(d, object, "blocked", count(k->blocked));
	put(d, object, "batched", count(k->batched));
	put(d, object, "done_at_return", count(k->done_at_return));
	put(d, object, "unknown", unknown_object(d, k));
	return object;
}

static json_t *kinds_array(struct doc *d, const struct result *r,
			   const struct result_kind *kind, size_t nr)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		append(d, array, kind_object(d, r, &kind[i]));
	return array;
}

static json_t *variant_object(struct doc *d, const struct result *r,
			      const struct result_variant *v)
{
	json_t *object = json_object(), *rounds = json_array();
	size_t i;

	put(d, object, "keys", facts_object(d, &v->keys));
	put(d, object, "kinds", kinds_array(d, r, v->kind, v->kind_nr));
	put(d, object, "series", json_array());
	for (i = 0; i < v->round_nr; i++) {
		const struct result_round *one = &v->round[i];
		json_t *round = json_object();

		put(d, round, "kinds", kinds_array(d, r, one->kind, one->kind_nr));
		put(d, round, "noise", facts_object(d, &one->noise));
		put(d, round, "seconds", real(one->seconds));
		append(d, rounds, round);
	}
	put(d, object, "rounds", rounds);
	put(d, object, "seconds", real(v->seconds));
	return object;
}

/* Null: this file system does not tell, which is not the same as none. */
static json_t *extents_object(struct doc *d, const struct result_extents *e)
{
	json_t *object;

	if (!e->known)
		return json_null();
	object = json_object();
	put(d, object, "count", count(e->count));
	put(d, object, "written_bytes", count(e->written_bytes));
	put(d, object, "unwritten_bytes", count(e->unwritten_bytes));
	put(d, object, "delalloc_bytes", count(e->delalloc_bytes));
	return object;
}

static json_t *growth_object(struct doc *d, const struct result_growth *g)
{
	json_t *object, *extents;

	if (!g->known)
		return json_null();
	object = json_object();
	extents = json_object();
	put(d, object, "size_before", count(g->size_before));
	put(d, object, "size_after", count(g->size_after));
	put(d, object, "extended_bytes", count(g->extended_bytes));
	put(d, extents, "before", extents_object(d, &g->before));
	put(d, extents, "after", extents_object(d, &g->after));
	put(d, object, "extents", extents);
	put(d, object, "appended_bytes", count(g->appended_bytes));
	put(d, object, "gaps", count(g->gaps));
	return object;
}

static json_t *workload_object(struct doc *d, const struct result *r)
{
	json_t *object = json_object();

	put(d, object, "name", text(r->workload_name));
	put(d, object, "text", text(r->workload_text));
	put(d, object, "sha256", text(r->workload_sha256));
	return object;
}

static json_t *evidence_object(struct doc *d, const struct result *r)
{
	json_t *object = json_object();

	put(d, object, "tier", json_integer(r->evidence_tier));
	put(d, object, "lost", count(r->evidence_lost));
	put(d, object, "blocked_ns", count(r->blocked_ns));
	put(d, object, "named_ns", r->named_known ? count(r->named_ns) : json_null());
	put(d, object, "unplaced", count(r->unplaced));
	put(d, object, "blocked_min_ns",
	    r->blocked_min_ns ? count(r->blocked_min_ns) : json_null());
	put(d, object, "missing", text(r->evidence_missing));
	return object;
}

static json_t *notes_array(struct doc *d, const struct result *r)
{
	static const char *const level[] = {
		[RESULT_NOTE_FIRST] = "first",
		[RESULT_NOTE_WARN] = "warn",
		[RESULT_NOTE_INFO] = "info",
	};
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < r->note_nr; i++) {
		json_t *note = json_object();

		put(d, note, "level", text(level[r->note[i].level]));
		put(d, note, "text", text(r->note[i].text));
		append(d, array, note);
	}
	return array;
}

/* NULL: no memory. */
static json_t *document(const struct result *r)
{
	json_t *root = json_object(), *variants = json_array();
	struct doc d = { .failed = !root };
	char started[32] = "";
	struct tm tm;
	size_t i;

	if (gmtime_r(&r->started.tv_sec, &tm))
		strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", &tm);
	put(&d, root, "schema", text(RESULT_SCHEMA));
	put(&d, root, "version", text(PACKAGE_VERSION));
	put(&d, root, "started", text(started));
	put(&d, root, "interrupted", json_boolean(r->interrupted));
	put(&d, root, "host", facts_object(&d, &r->host));
	put(&d, root, "workload", workload_object(&d, r));
	put(&d, root, "evidence", evidence_object(&d, r));
	put(&d, root, "growth", growth_object(&d, &r->growth));
	for (i = 0; i < r->variant_nr; i++)
		append(&d, variants, variant_object(&d, r, &r->variant[i]));
	put(&d, root, "variants", variants);
	put(&d, root, "notes", notes_array(&d, r));
	if (d.failed) {
		json_decref(root);
		return NULL;
	}
	return root;
}

struct sink {
	FILE *out;
	int err;
};

static int sink_write(const char *buffer, size_t size, void *data)
{
	struct sink *s = data;

	errno = 0;
	if (fwrite(buffer, 1, size, s->out) == size)
		return 0;
	s->err = errno ? -errno : -EIO;
	return -1;
}

/* Takes root over; NULL: there was no memory for it. */
static int dump(json_t *root, FILE *out)
{
	struct sink s = { .out = out };
	int ret;

	if (!root)
		return -ENOMEM;
	ret = json_dump_callback(root, sink_write, &s,
				 JSON_INDENT(1) | JSON_REAL_PRECISION(REAL_DIGITS));
	json_decref(root);
	if (ret)
		return s.err ? s.err : -ENOMEM;
	ret = sink_write("\n", 1, &s);
	if (ret)
		return s.err;
	return fflush(out) ? -errno : 0;
}

int result_dump(const struct result *r, FILE *out)
{
	return dump(document(r), out);
}

static json_t *probe_path(enum result_path path)
{
	return path < RESULT_PATH_NR ? text(result_path_name(path)) : json_null();
}

static json_t *probe_row_object(struct doc *d, const struct probe_row *row)
{
	json_t *o = json_object();

	put(d, o, "kind", text(row->kind));
	put(d, o, "engine", text(row->engine));
	put(d, o, "iodepth", count(row->iodepth));
	put(d, o, "append_depth",
	    row->append_depth ? count(row->append_depth) : json_null());
	put(d, o, "ops", count(row->ops));
	put(d, o, "path", probe_path(row->path));
	put(d, o, "share", real(row->share));
	put(d, o, "then", probe_path(row->then));
	put(d, o, "then_share", real(row->then_share));
	put(d, o, "blocked_share", real(row->blocked_share));
	put(d, o, "slat_p50_ns", row->slat_known ? count(row->slat_p50_ns) : json_null());
	put(d, o, "lat_p50_ns", row->slat_known ? count(row->lat_p50_ns) : json_null());
	put(d, o, "sleeps_per_write", real(row->sleeps_per_write));
	put(d, o, "cause", text(row->cause));
	put(d, o, "cause_share", real(row->cause_share));
	put(d, o, "error", text(row->error));
	return o;
}

static json_t *probe_document(const struct probe *p)
{
	json_t *root = json_object(), *rows = json_array(), *advice = json_array();
	struct doc d = { .failed = !root };
	size_t i;

	put(&d, root, "schema", text(PROBE_SCHEMA));
	put(&d, root, "version", text(PACKAGE_VERSION));
	put(&d, root, "directory", text(p->directory));
	put(&d, root, "interrupted", json_boolean(p->interrupted));
	put(&d, root, "host",
	    p->host_of ? facts_object(&d, &p->host_of->host) : json_null());
	put(&d, root, "tier", json_integer(p->tier));
	put(&d, root, "missing", text(p->missing));
	for (i = 0; i < p->row_nr; i++)
		append(&d, rows, probe_row_object(&d, &p->row[i]));
	put(&d, root, "rows", rows);
	put(&d, root, "append_concurrency",
	    p->concurrency < 0 ? json_null() : json_integer(p->concurrency));
	for (i = 0; i < p->advice_nr; i++)
		append(&d, advice, text(p->advice[i]));
	put(&d, root, "advice", advice);
	if (d.failed) {
		json_decref(root);
		return NULL;
	}
	return root;
}

int probe_dump(const struct probe *p, FILE *out)
{
	return dump(probe_document(p), out);
}
