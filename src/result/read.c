// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A document back into the tree: the inverse of document.c, key for key. What is
 * null or missing is empty; what is needed to make sense of the rest is an error.
 */
#include "result/result.h"
#include "result/stress.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/doc.h"
#include "result/format.h"

struct reader {
	struct result *r;
	int rc; /* the first error */
	char *err;
	size_t err_size;
	const char *path;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct reader *in,
							const char *fmt, ...)
{
	int at;
	va_list ap;

	if (in->rc)
		return;
	in->rc = -EINVAL;
	at = snprintf(in->err, in->err_size, "%s: ", in->path);
	if (at < 0 || (size_t)at >= in->err_size)
		return;
	va_start(ap, fmt);
	vsnprintf(in->err + at, in->err_size - (size_t)at, fmt, ap);
	va_end(ap);
}

static void no_memory(struct reader *in)
{
	if (in->rc)
		return;
	in->rc = -ENOMEM;
	snprintf(in->err, in->err_size, "%s: %s", in->path, strerror(ENOMEM));
}

/* A text; NULL where there is none. */
static char *text(struct reader *in, const struct json_t *object, const char *key)
{
	const char *s = doc_text_of(doc_get(object, key));
	char *copy = s ? strdup(s) : NULL;

	if (s && !copy)
		no_memory(in);
	return copy;
}

/* The same, where what follows rests on it. */
static char *needed(struct reader *in, const struct json_t *object, const char *key,
		    const char *where)
{
	char *copy = text(in, object, key);

	if (!copy)
		wrong(in, "%s.%s is missing, or no text", where, key);
	return copy;
}

static uint64_t number(const struct json_t *object, const char *key)
{
	return doc_count_of(doc_get(object, key));
}

/* NULL is 0. */
static double real(const struct json_t *object, const char *key)
{
	double x = doc_real_of(doc_get(object, key));

	return isfinite(x) ? x : 0;
}

/* nr elements of size bytes for the objects in list; NULL for none, or no memory. */
static void *elements(struct reader *in, size_t *nr, const struct json_t *object,
		      const char *key, size_t size)
{
	const struct json_t *list = doc_get(object, key);
	void *array;
	size_t i;

	if (!doc_is_list(list))
		wrong(in, "%s is no list", key);
	for (i = 0; i < doc_nr(list) && !in->rc; i++)
		if (!doc_is_object(doc_at(list, i)))
			wrong(in, "%s[%zu] is no object", key, i);
	*nr = in->rc ? 0 : doc_nr(list);
	array = *nr ? calloc(*nr, size) : NULL;
	if (*nr && !array) {
		*nr = 0;
		no_memory(in);
	}
	return array;
}

/* ---- distributions ---- */

static int list_percentile(void *ctx, const char *key, const struct json_t *value)
{
	struct reader *in = ctx;
	struct result *r = in->r;
	double *grown, p = strtod(key, NULL);

	(void)value;
	if (!(p > 0 && p <= 100) ||
	    (r->percentile_nr && p <= r->percentile[r->percentile_nr - 1])) {
		wrong(in, "percentile \"%s\" is no number that ascends to 100", key);
		return in->rc;
	}
	grown = realloc(r->percentile, (r->percentile_nr + 1) * sizeof(*grown));
	if (!grown) {
		no_memory(in);
		return in->rc;
	}
	r->percentile = grown;
	grown[r->percentile_nr++] = p;
	return 0;
}

struct bins {
	struct reader *in;
	struct hist *h;
};

static int add_bin(void *ctx, const char *key, const struct json_t *value)
{
	struct bins *b = ctx;
	uint64_t low_ns, nr = doc_count_of(value);
	char *end;

	errno = 0;
	low_ns = strtoull(key, &end, 10);
	if (errno || *end || end == key || low_ns >= HIST_LIMIT_NS) {
		wrong(b->in, "bin \"%s\" is no number of ns below 2^%d", key,
		      HIST_TOP_BITS);
		return -EINVAL;
	}
	if (!low_ns) {
		b->h->zeros = nr;
		return 0;
	}
	b->h->bin[hist_index(low_ns)] += nr;
	if (low_ns < b->h->min_ns)
		b->h->min_ns = low_ns;
	if (low_ns > b->h->max_binned_ns)
		b->h->max_binned_ns = low_ns;
	return 0;
}

static void bins(struct reader *in, struct result_dist *d, const struct json_t *list)
{
	struct bins b = { in, calloc(1, sizeof(*b.h)) };

	if (!b.h) {
		no_memory(in);
		return;
	}
	d->hist = b.h;
	b.h->min_ns = UINT64_MAX;
	if (doc_each(list, add_bin, &b))
		return;
	/* The ends are known better than a bin is wide. */
	if (d->sum.min_ns && d->sum.min_ns >= b.h->min_ns)
		b.h->min_ns = d->sum.min_ns;
	b.h->max_ns = d->sum.max_ns;
	if (!d->sum.saturated && d->sum.max_ns > b.h->max_binned_ns &&
	    d->sum.max_ns < HIST_LIMIT_NS)
		b.h->max_binned_ns = d->sum.max_ns;
	b.h->saturated = d->sum.saturated;
	b.h->sum_ns = (uint64_t)llround(d->sum.mean_ns * (double)d->sum.n);
	if (hist_count(b.h) != d->sum.n)
		wrong(in, "a distribution of N %llu has bins of %llu values",
		      (unsigned long long)d->sum.n, (unsigned long long)hist_count(b.h));
}

static void dist(struct reader *in, struct result_dist *d, const struct json_t *v)
{
	/* Of nothing there are none, and it is not written either. */
	const struct json_t *list = number(v, "N") ? doc_get(v, "percentile") : NULL;
	const struct json_t *all = doc_get(v, "bins");
	struct result *r = in->r;
	size_t i, found = 0;
	char key[64];

	d->sum.n = number(v, "N");
	d->sum.saturated = number(v, "saturated");
	d->sum.min_ns = number(v, "min");
	d->sum.max_ns = number(v, "max");
	d->sum.mean_ns = real(v, "mean");
	d->sum.stddev_ns = real(v, "stddev");
	if (list && !doc_is_object(list))
		wrong(in, "percentile is no object");
	if (list && !r->percentile_nr && doc_each(list, list_percentile, in))
		return;
	if (list && !r->percentile_nr) {
		/* An empty one in front of the first that has some. */
	} else if (list) {
		d->percentile_ns = calloc(r->percentile_nr, sizeof(*d->percentile_ns));
		if (!d->percentile_ns) {
			no_memory(in);
			return;
		}
		for (i = 0; i < r->percentile_nr; i++) {
			const struct json_t *ns;

			snprintf(key, sizeof(key), "%f", r->percentile[i]);
			ns = doc_get(list, key);
			d->percentile_ns[i] = ns ? doc_count_of(ns) : RESULT_NO_NS;
			found += ns != NULL;
		}
		/* A compact document has fewer in most. */
		if (doc_nr(list) != found)
			wrong(in, "distributions with different lists of percentiles");
	} else if (d->sum.n) {
		wrong(in, "a distribution of N %llu has no percentiles",
		      (unsigned long long)d->sum.n);
	}
	if (all && !in->rc)
		bins(in, d, all);
}

/* ---- a kind ---- */

static int add_error(void *ctx, const char *key, const struct json_t *value)
{
	struct result_kind *k = ctx;
	struct result_error_count *grown;
	char name[FORMAT_MAX];
	int err;

	for (err = 1; err < 4096; err++)
		if (!strcmp(format_errno(name, err), key))
			break;
	grown = realloc(k->error, (k->error_nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	k->error = grown;
	grown[k->error_nr++] = (struct result_error_count){ err, doc_count_of(value) };
	return 0;
}

static void paths(const struct json_t *object, uint64_t *path)
{
	unsigned int i;

	for (i = 0; i < RESULT_PATH_NR; i++)
		path[i] = number(object, result_path_name(i));
}

/* RESULT_PATH_NR for null. */
static enum result_path path_of(struct reader *in, const struct json_t *v)
{
	const char *name = doc_text_of(v);
	unsigned int i;

	for (i = 0; name && i < RESULT_PATH_NR; i++)
		if (!strcmp(name, result_path_name(i)))
			return i;
	if (name)
		wrong(in, "'%s' is no path", name);
	return RESULT_PATH_NR;
}

static enum result_stage stage_of(struct reader *in, const char *name)
{
	unsigned int i;

	for (i = 0; i < RESULT_STAGE_NR; i++)
		if (name && !strcmp(name, result_stage_name(i)))
			return i;
	wrong(in, "'%s' is no stage", name ? name : "null");
	return RESULT_STAGE_UNACCOUNTED;
}

static void step(struct reader *in, struct result_step *s, const struct json_t *v)
{
	s->stage = stage_of(in, doc_text_of(doc_get(v, "stage")));
	s->after = doc_yes_of(doc_get(v, "after"));
	s->at_ns = number(v, "at_ns");
	s->ns = number(v, "ns");
	s->cause = text(in, v, "cause");
	s->by = text(in, v, "by");
	s->stack = text(in, v, "stack");
}

static void worst(struct reader *in, struct result_worst *w, const struct json_t *v)
{
	const struct json_t *steps = doc_get(v, "stages");
	size_t i;

	w->round = (unsigned int)number(v, "round");
	w->thread = (unsigned int)number(v, "thread");
	w->index = number(v, "index");
	w->offset = number(v, "offset");
	w->len = number(v, "bytes");
	w->res = doc_int_of(doc_get(v, "result"));
	w->slat_ns = number(v, "slat_ns");
	w->lat_ns = number(v, "lat_ns");
	w->path = path_of(in, doc_get(v, "path"));
	if (w->path == RESULT_PATH_NR)
		w->path = RESULT_UNKNOWN;
	w->then = path_of(in, doc_get(v, "then"));
	w->step = elements(in, &w->step_nr, v, "stages", sizeof(*w->step));
	for (i = 0; i < w->step_nr; i++)
		step(in, &w->step[i], doc_at(steps, i));
}

static void cause(struct reader *in, struct result_cause *c, const struct json_t *v)
{
	c->label = needed(in, v, "cause", "causes[]");
	c->named = doc_yes_of(doc_get(v, "named"));
	c->in_completion = doc_yes_of(doc_get(v, "in_completion"));
	c->help = text(in, v, "help");
	c->stack = text(in, v, "stack");
	dist(in, &c->sleep, doc_get(v, "sleep_ns"));
}

static void stages(const struct json_t *object, uint64_t *ns)
{
	unsigned int i;

	for (i = 0; i < RESULT_STAGE_NR; i++)
		ns[i] = number(object, result_stage_name(i));
}

/* What kernel events told, in a document that had them. */
static void why(struct reader *in, struct result_kind *k, const struct json_t *v)
{
	const struct json_t *ran_as = doc_get(v, "ran_as"), *p = doc_get(v, "paths");
	const struct json_t *causes = doc_get(v, "causes"), *list = doc_get(v, "worst");
	const struct json_t *s = doc_get(v, "stages");
	size_t i;

	k->why = doc_is_object(s);
	if (!k->why)
		return;
	k->flagged = number(p, "flagged");
	paths(doc_get(p, "then"), k->then);
	k->ran_as[RESULT_RAN_INSIDE] = number(ran_as, "inside");
	k->ran_as[RESULT_RAN_AT] = number(ran_as, "at");
	k->ran_as[RESULT_RAN_PAST] = number(ran_as, "past");
	dist(in, &k->held, doc_get(v, "held_ns"));
	dist(in, &k->convoy, doc_get(v, "convoy_ns"));
	dist(in, &k->behind, doc_get(v, "behind_ns"));
	stages(doc_get(s, "slat_ns"), k->slat_stage_ns);
	stages(doc_get(s, "lat_ns"), k->lat_stage_ns);
	k->cause = elements(in, &k->cause_nr, v, "causes", sizeof(*k->cause));
	for (i = 0; i < k->cause_nr; i++)
		cause(in, &k->cause[i], doc_at(causes, i));
	k->worst = elements(in, &k->worst_nr, v, "worst", sizeof(*k->worst));
	for (i = 0; i < k->worst_nr; i++)
		worst(in, &k->worst[i], doc_at(list, i));
}

static void kind(struct reader *in, struct result_kind *k, const struct json_t *v)
{
	const struct json_t *unknown = doc_get(v, "unknown"), *late = doc_get(v, "late");
	unsigned int i;

	k->job = needed(in, v, "job", "kinds[]");
	k->kind = needed(in, v, "kind", "kinds[]");
	k->engine = needed(in, v, "engine", "kinds[]");
	k->modelled = doc_yes_of(doc_get(v, "modelled"));
	k->ops = number(v, "ops");
	k->bytes = number(v, "bytes");
	k->short_nr = number(v, "short");
	if (doc_each(doc_get(v, "errors"), add_error, k))
		no_memory(in);
	k->iops = real(v, "iops");
	paths(doc_get(v, "paths"), k->path);
	dist(in, &k->slat, doc_get(v, "slat_ns"));
	dist(in, &k->clat, doc_get(v, "clat_ns"));
	dist(in, &k->lat, doc_get(v, "lat_ns"));
	dist(in, &k->resp, doc_get(v, "resp_ns"));
	k->late_call_ns = doc_count_of(doc_get(late, "call_ns"));
	k->late_full_ns = doc_count_of(doc_get(late, "full_ns"));
	k->late_own_ns = doc_count_of(doc_get(late, "own_ns"));
	k->late_own_max_ns = doc_count_of(doc_get(late, "own_max_ns"));
	dist(in, &k->victim, doc_get(v, "victim_ns"));
	k->weight = real(v, "weight");
	k->blocked = number(v, "blocked");
	k->batched = number(v, "batched");
	k->done_at_return = number(v, "done_at_return");
	for (i = 0; i < RESULT_UNKNOWN_NR; i++)
		k->unknown[i] = number(unknown, result_unknown_name(i));
	k->is_write = doc_yes_of(doc_get(v, "write"));
	k->is_extending = doc_yes_of(doc_get(v, "extending"));
	why(in, k, v);
}

static struct result_kind *kinds(struct reader *in, size_t *nr, const struct json_t *v)
{
	struct result_kind *list = elements(in, nr, v, "kinds", sizeof(*list));
	size_t i;

	for (i = 0; i < *nr; i++)
		kind(in, &list[i], doc_at(doc_get(v, "kinds"), i));
	return list;
}

/* ---- variants ---- */

static void extents(struct result_extents *e, const struct json_t *v)
{
	e->known = doc_is_object(v);
	e->count = number(v, "count");
	e->written_bytes = number(v, "written_bytes");
	e->unwritten_bytes = number(v, "unwritten_bytes");
	e->delalloc_bytes = number(v, "delalloc_bytes");
}

static void growth(struct result_growth *g, const struct json_t *v)
{
	const struct json_t *e = doc_get(v, "extents");

	g->known = doc_is_object(v);
	g->size_before = number(v, "size_before");
	g->size_after = number(v, "size_after");
	g->extended_bytes = number(v, "extended_bytes");
	g->appended_bytes = number(v, "appended_bytes");
	g->gaps = number(v, "gaps");
	extents(&g->before, doc_get(e, "before"));
	extents(&g->after, doc_get(e, "after"));
}

static void point(struct result_point *p, const struct json_t *v)
{
	*p = (struct result_point){
		.round = (unsigned int)number(v, "round"),
		.at_s = real(v, "at_s"),
		.seconds = real(v, "seconds"),
		.ops = number(v, "ops"),
		.lat_p50_ns = number(v, "lat_p50_ns"),
		.lat_p99_ns = number(v, "lat_p99_ns"),
		.lat_p99_9_ns = number(v, "lat_p99_9_ns"),
		.lat_max_ns = number(v, "lat_max_ns"),
		.slat_p50_ns = number(v, "slat_p50_ns"),
		.slat_p99_ns = number(v, "slat_p99_ns"),
		.slat_p99_9_ns = number(v, "slat_p99_9_ns"),
		.slat_max_ns = number(v, "slat_max_ns"),
	};
}

static void series(struct reader *in, struct result_series *s, const struct json_t *v)
{
	const struct json_t *points = doc_get(v, "points");
	size_t i;

	s->job = needed(in, v, "job", "series[]");
	s->kind = needed(in, v, "kind", "series[]");
	s->engine = text(in, v, "engine");
	s->point = elements(in, &s->point_nr, v, "points", sizeof(*s->point));
	for (i = 0; i < s->point_nr; i++)
		point(&s->point[i], doc_at(points, i));
}

static void facts(struct reader *in, struct facts *f, const struct json_t *v)
{
	if (doc_facts_of(v, f))
		no_memory(in);
}

static void steady(struct reader *in, struct result_steady *s, const struct json_t *v)
{
	s->job = needed(in, v, "job", "steadystate[]");
	s->criterion = needed(in, v, "criterion", "steadystate[]");
	s->attained = doc_yes_of(doc_get(v, "attained"));
	s->after_s = real(v, "after_s");
	s->mean = real(v, "mean");
	s->value = real(v, "value");
}

static void one_round(struct reader *in, struct result_round *r, const struct json_t *v)
{
	const struct json_t *list = doc_get(v, "steadystate");
	size_t i;

	r->kind = kinds(in, &r->kind_nr, v);
	facts(in, &r->noise, doc_get(v, "noise"));
	r->seconds = real(v, "seconds");
	if (!list)
		return;
	r->steady = elements(in, &r->steady_nr, v, "steadystate", sizeof(*r->steady));
	for (i = 0; i < r->steady_nr; i++)
		steady(in, &r->steady[i], doc_at(list, i));
}

static void variant(struct reader *in, struct result_variant *v, const struct json_t *o)
{
	const struct json_t *list;
	size_t i;

	facts(in, &v->keys, doc_get(o, "keys"));
	v->kind = kinds(in, &v->kind_nr, o);
	list = doc_get(o, "series");
	v->series = elements(in, &v->series_nr, o, "series", sizeof(*v->series));
	for (i = 0; i < v->series_nr; i++)
		series(in, &v->series[i], doc_at(list, i));
	list = doc_get(o, "rounds");
	v->round = elements(in, &v->round_nr, o, "rounds", sizeof(*v->round));
	for (i = 0; i < v->round_nr; i++)
		one_round(in, &v->round[i], doc_at(list, i));
	v->seconds = real(o, "seconds");
	growth(&v->growth, doc_get(o, "growth"));
}

static void note(struct reader *in, const struct json_t *v)
{
	const char *level = doc_text_of(doc_get(v, "level"));
	const char *words = doc_text_of(doc_get(v, "text"));
	enum result_note_level l = RESULT_NOTE_INFO;

	if (!level || !words)
		return;
	if (!strcmp(level, "first"))
		l = RESULT_NOTE_FIRST;
	else if (!strcmp(level, "warn"))
		l = RESULT_NOTE_WARN;
	if (result_note_add(in->r, l, "%s", words))
		no_memory(in);
}

static void started(struct reader *in, const struct json_t *v)
{
	const char *s = doc_text_of(v);
	struct tm tm = { 0 };

	const char *end = s ? strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	if (!end || *end)
		wrong(in, "started is no time like 2026-11-23T01:40:00Z");
	in->r->started.tv_sec = timegm(&tm);
}

static void evidence(struct reader *in, const struct json_t *v)
{
	struct result *r = in->r;

	r->evidence_tier = (int)number(v, "tier");
	r->evidence_lost = number(v, "lost");
	r->blocked_ns = number(v, "blocked_ns");
	r->named_known = !isnan(doc_real_of(doc_get(v, "named_ns")));
	r->named_ns = number(v, "named_ns");
	r->unplaced = number(v, "unplaced");
	r->blocked_min_ns = number(v, "blocked_min_ns");
	r->evidence_missing = text(in, v, "missing");
}

static void document(struct reader *in, const struct json_t *root)
{
	const struct json_t *workload = doc_get(root, "workload"), *list;
	struct result *r = in->r;
	size_t i;

	started(in, doc_get(root, "started"));
	r->version = text(in, root, "version");
	r->interrupted = doc_yes_of(doc_get(root, "interrupted"));
	facts(in, &r->host, doc_get(root, "host"));
	r->workload_name = needed(in, workload, "name", "workload");
	r->workload_text = text(in, workload, "text");
	r->workload_sha256 = needed(in, workload, "sha256", "workload");
	evidence(in, doc_get(root, "evidence"));
	growth(&r->growth, doc_get(root, "growth"));
	list = doc_get(root, "variants");
	r->variant = elements(in, &r->variant_nr, root, "variants", sizeof(*r->variant));
	for (i = 0; i < r->variant_nr; i++)
		variant(in, &r->variant[i], doc_at(list, i));
	list = doc_get(root, "notes");
	for (i = 0; i < doc_nr(list); i++)
		note(in, doc_at(list, i));
	if (doc_get(root, "stress") && stress_of(doc_get(root, "stress"), &r->stress))
		no_memory(in);
	if (!r->variant_nr)
		wrong(in, "no variants: nothing was measured");
}

int result_read(const char *path, struct result **out, char *err, size_t err_size)
{
	struct reader in = { .err = err, .err_size = err_size, .path = path };
	struct json_t *root = doc_read(path, err, err_size);
	const char *schema = doc_text_of(doc_get(root, "schema"));

	*out = NULL;
	if (!root)
		return -EINVAL;
	in.r = calloc(1, sizeof(*in.r));
	if (!in.r)
		no_memory(&in);
	else if (!schema || strcmp(schema, RESULT_SCHEMA))
		wrong(&in, "no result of diowait run: its schema is %s, not %s",
		      schema ? schema : "missing", RESULT_SCHEMA);
	else
		document(&in, root);
	doc_free(root);
	if (in.rc) {
		result_free(in.r);
		return in.rc;
	}
	*out = in.r;
	return 0;
}
