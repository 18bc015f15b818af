// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fio's JSON (json+ of fio 3): a job for each section and variant, in which all kinds of
 * write are one distribution, as fio would have it; each alone stands in "kinds", which
 * fio has not. Jobs that write come first, since readers look at the first.
 *
 * What was not measured has no key; a 0 would be a claim. Only trim is all zeros, as it
 * truly is.
 */
#include "result/export_private.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/doc.h"
#include "result/format.h"

/* Where fio's bins end. What lies past that is in the last one, as there: its reader
 * fio_jsonplus_clat2csv would never end with a larger one. */
#define FIO_LAST_NS 17112760320ull

enum direction { DIR_READ, DIR_WRITE, DIR_SYNC, DIR_NR };

/* What a section did in one direction: all of its kinds. */
struct sum {
	uint64_t ops, bytes, short_nr, errors;
	double iops;
	int first_error;
	struct hist slat, clat, lat;
};

/* ---- a distribution ---- */

static struct json_t *bins_object(struct doc *d, const struct hist *h)
{
	struct json_t *object = doc_new();
	uint64_t last = h->saturated;
	char key[FORMAT_MAX];
	unsigned int i;

	if (h->zeros)
		doc_put(d, object, "0", doc_count(h->zeros));
	for (i = 0; i < HIST_BINS; i++) {
		uint64_t low_ns = hist_bin_low_ns(i);

		if (h->bin[i] && low_ns >= FIO_LAST_NS)
			last += h->bin[i];
		if (!h->bin[i] || low_ns >= FIO_LAST_NS)
			continue;
		snprintf(key, sizeof(key), "%" PRIu64, low_ns);
		doc_put(d, object, key, doc_count(h->bin[i]));
	}
	snprintf(key, sizeof(key), "%llu", FIO_LAST_NS);
	if (last)
		doc_put(d, object, key, doc_count(last));
	return object;
}

static struct json_t *dist_object(struct doc *d, const struct result *r,
				  const struct hist *h)
{
	struct json_t *object = doc_new(), *list = doc_new();
	uint64_t *ns = calloc(r->percentile_nr + 1, sizeof(*ns));
	struct hist_summary sum;
	char key[64];
	size_t i;

	hist_summarise(h, &sum);
	doc_put(d, object, "min", doc_count(sum.min_ns));
	doc_put(d, object, "max", doc_count(sum.max_ns));
	doc_put(d, object, "mean", doc_real(sum.mean_ns));
	doc_put(d, object, "stddev", doc_real(sum.stddev_ns));
	doc_put(d, object, "N", doc_count(sum.n));
	if (!ns)
		d->failed = true;
	if (!ns || !sum.n) {
		doc_free(list);
	} else {
		hist_percentiles_ns(h, r->percentile, r->percentile_nr, ns);
		for (i = 0; i < r->percentile_nr; i++) {
			snprintf(key, sizeof(key), "%f", r->percentile[i]);
			doc_put(d, list, key, doc_count(ns[i]));
		}
		doc_put(d, object, "percentile", list);
		doc_put(d, object, "bins", bins_object(d, h));
	}
	free(ns);
	return object;
}

/* ---- a direction of a job ---- */

static enum direction direction_of(const struct result_kind *k)
{
	if (k->is_write)
		return DIR_WRITE;
	/* What moves no data: fdatasync. */
	return strcmp(k->kind, "read") ? DIR_SYNC : DIR_READ;
}

static bool is_of_job(const struct export_item *i, const struct export_item *job)
{
	return i->v == job->v && !strcmp(i->k->job, job->k->job);
}

static void sum_hist(struct hist *into, const struct result_dist *d)
{
	if (d->hist)
		hist_merge(into, d->hist);
}

static void sum_up(struct export *e, const struct export_item *job, enum direction dir,
		   struct sum *s)
{
	size_t i, n;

	memset(s, 0, offsetof(struct sum, slat));
	hist_init(&s->slat);
	hist_init(&s->clat);
	hist_init(&s->lat);
	for (i = 0; i < e->item_nr; i++) {
		const struct result_kind *k = e->item[i].k;

		if (!is_of_job(&e->item[i], job) || direction_of(k) != dir)
			continue;
		s->ops += k->ops;
		s->bytes += k->bytes;
		s->short_nr += k->short_nr;
		s->iops += isfinite(k->iops) ? k->iops : 0;
		for (n = 0; n < k->error_nr; n++) {
			s->errors += k->error[n].count;
			if (!s->first_error)
				s->first_error = k->error[n].err;
		}
		sum_hist(&s->slat, &k->slat);
		sum_hist(&s->clat, &k->clat);
		sum_hist(&s->lat, &k->lat);
	}
}

/* IOPS and bandwidth (KiB/s) by the round: fio's are by the half second. */
static void put_rounds(struct doc *d, struct json_t *object, struct export *e,
		       const struct export_item *job, enum direction dir)
{
	static const char *const name[2][5] = {
		{ "bw_min", "bw_max", "bw_mean", "bw_dev", "bw_samples" },
		{ "iops_min", "iops_max", "iops_mean", "iops_stddev", "iops_samples" },
	};
	const struct result_variant *v = job->v;
	double low[2] = { INFINITY, INFINITY }, high[2] = { 0 }, sum[2] = { 0 },
	       square[2] = { 0 };
	double nr = (double)v->round_nr;
	size_t n, i, m;

	for (n = 0; n < v->round_nr; n++) {
		double value[2] = { 0, 0 };

		for (i = 0; i < e->item_nr; i++) {
			const struct result_kind *k = e->item[i].k;

			if (!is_of_job(&e->item[i], job) || direction_of(k) != dir)
				continue;
			k = result_kind_find(v->round[n].kind, v->round[n].kind_nr,
					     k->job, k->kind, k->engine);
			if (!k || !(v->round[n].seconds > 0))
				continue;
			value[0] += (double)k->bytes / 1024 / v->round[n].seconds;
			value[1] += (double)k->ops / v->round[n].seconds;
		}
		for (m = 0; m < 2; m++) {
			low[m] = fmin(low[m], value[m]);
			high[m] = fmax(high[m], value[m]);
			sum[m] += value[m];
			square[m] += value[m] * value[m];
		}
	}
	for (m = 0; m < 2 && v->round_nr; m++) {
		double mean = sum[m] / nr, var = square[m] / nr - mean * mean;

		/* fio's minima and maxima are whole numbers. */
		doc_put(d, object, name[m][0], doc_int(llround(low[m])));
		doc_put(d, object, name[m][1], doc_int(llround(high[m])));
		doc_put(d, object, name[m][2], doc_real(mean));
		doc_put(d, object, name[m][3], doc_real(var > 0 ? sqrt(var) : 0));
		doc_put(d, object, name[m][4], doc_count(v->round_nr));
	}
}

static struct json_t *kinds_list(struct doc *d, struct export *e,
				 const struct export_item *job, enum direction dir)
{
	struct json_t *list = doc_list();
	size_t i;

	for (i = 0; i < e->item_nr; i++) {
		const struct result_kind *k = e->item[i].k;
		const struct result_dist *dist[] = { &k->slat, &k->clat, &k->lat };
		static const char *const name[] = { "slat_ns", "clat_ns", "lat_ns" };
		struct json_t *object;
		size_t n;

		if (!is_of_job(&e->item[i], job) || direction_of(k) != dir)
			continue;
		object = doc_new();
		doc_put(d, object, "kind", doc_text(k->kind));
		doc_put(d, object, "engine", doc_text(k->engine));
		doc_put(d, object, "total_ios", doc_count(k->ops));
		doc_put(d, object, "io_bytes", doc_count(k->bytes));
		doc_put(d, object, "iops", doc_real(k->iops));
		for (n = 0; n < 3; n++)
			if (dist[n]->hist)
				doc_put(d, object, name[n],
					dist_object(d, e->r, dist[n]->hist));
		doc_add(d, list, object);
	}
	return list;
}

static struct json_t *direction_object(struct doc *d, struct export *e,
				       const struct export_item *job, enum direction dir,
				       const struct sum *s)
{
	struct json_t *object = doc_new();
	double seconds = job->v->seconds;
	double bw = seconds > 0 ? (double)s->bytes / seconds : 0;

	doc_put(d, object, "io_bytes", doc_count(s->bytes));
	doc_put(d, object, "io_kbytes", doc_count(s->bytes / 1024));
	doc_put(d, object, "bw_bytes", doc_int(llround(bw)));
	doc_put(d, object, "bw", doc_int(llround(bw / 1024)));
	doc_put(d, object, "iops", doc_real(s->iops));
	doc_put(d, object, "runtime", doc_int(s->ops ? llround(seconds * 1000) : 0));
	doc_put(d, object, "total_ios", doc_count(s->ops));
	doc_put(d, object, "short_ios", doc_count(s->short_nr));
	doc_put(d, object, "drop_ios", doc_count(0));
	doc_put(d, object, "slat_ns", dist_object(d, e->r, &s->slat));
	doc_put(d, object, "clat_ns", dist_object(d, e->r, &s->clat));
	doc_put(d, object, "lat_ns", dist_object(d, e->r, &s->lat));
	if (s->ops)
		put_rounds(d, object, e, job, dir);
	if (s->ops)
		doc_put(d, object, "kinds", kinds_list(d, e, job, dir));
	return object;
}

/* ---- jobs ---- */

/* Keys of the job. Where jobs differ a key holds all of their values, divided by '|', and
 * nobody knows whose is which. A sweep has keys of one job as JOB/KEY. */
static struct json_t *options_object(struct doc *d, const struct export_item *job)
{
	struct json_t *object = doc_new();
	const struct facts *keys = &job->v->keys;
	size_t len = strlen(job->k->job), i;
	char buf[FACT_TEXT_MAX];

	for (i = 0; i < keys->nr; i++) {
		const char *name = keys->fact[i].path;
		const char *value = fact_text(&keys->fact[i], buf);

		if (!strncmp(name, job->k->job, len) && name[len] == '/')
			name += len + 1;
		if (!strchr(name, '/') && !strchr(value, '|'))
			doc_put(d, object, name, doc_text(value));
	}
	return object;
}

static struct json_t *job_object(struct doc *d, struct export *e,
				 const struct export_item *job, struct sum *s)
{
	static const char *const name[DIR_NR] = { "read", "write", "sync" };
	struct json_t *object = doc_new(), *sync = doc_new();
	uint64_t errors = 0;
	int first_error = 0;
	unsigned int dir;

	doc_put(d, object, "jobname", doc_text(job->k->job));
	doc_put(d, object, "groupid", doc_int(0));
	doc_put(d, object, "error", doc_int(0));
	doc_put(d, object, "eta", doc_int(0));
	doc_put(d, object, "elapsed", doc_int(llround(ceil(job->v->seconds))));
	doc_put(d, object, "job options", options_object(d, job));
	for (dir = DIR_READ; dir <= DIR_WRITE; dir++) {
		sum_up(e, job, dir, s);
		errors += s->errors;
		first_error = first_error ? first_error : s->first_error;
		doc_put(d, object, name[dir], direction_object(d, e, job, dir, s));
	}
	/* No kind is of that direction. */
	sum_up(e, job, DIR_NR, s);
	doc_put(d, object, "trim", direction_object(d, e, job, DIR_NR, s));
	sum_up(e, job, DIR_SYNC, s);
	errors += s->errors;
	first_error = first_error ? first_error : s->first_error;
	doc_put(d, sync, "total_ios", doc_count(s->ops));
	doc_put(d, sync, "lat_ns", dist_object(d, e->r, &s->lat));
	doc_put(d, object, name[DIR_SYNC], sync);
	doc_put(d, object, "job_runtime", doc_int(llround(job->v->seconds * 1000)));
	if (errors) {
		doc_put(d, object, "total_err", doc_count(errors));
		doc_put(d, object, "first_error", doc_int(first_error));
	}
	if (*job->variant)
		doc_put(d, object, "desc", doc_text(job->variant));
	return object;
}

/* Whether the item is the first of its job. */
static bool is_first(const struct export *e, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (is_of_job(&e->item[k], &e->item[i]))
			return false;
	return true;
}

static bool writes(const struct export *e, const struct export_item *job)
{
	size_t i;

	for (i = 0; i < e->item_nr; i++)
		if (is_of_job(&e->item[i], job) && e->item[i].k->is_write)
			return true;
	return false;
}

/* "Thu Nov 26 04:28:53 2026", as fio has it, in UTC. */
static void put_started(struct doc *d, struct json_t *root, const struct timespec *t)
{
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&t->tv_sec, &tm))
		(void)strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm);
	doc_put(d, root, "timestamp", doc_int(t->tv_sec));
	doc_put(d, root, "timestamp_ms",
		doc_int((int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000));
	doc_put(d, root, "time", doc_text(text));
}

int export_fio(struct export *e)
{
	struct doc d = { false };
	struct json_t *root = doc_new(), *jobs = doc_list();
	struct sum *s = malloc(sizeof(*s));
	char version[80];
	size_t i;
	int pass, rc;

	snprintf(version, sizeof(version), "fio-3 (shape of; diowait %s)",
		 e->r->version ? e->r->version : PACKAGE_VERSION);
	doc_put(&d, root, "fio version", doc_text(version));
	put_started(&d, root, &e->r->started);
	for (pass = 0; s && pass < 2; pass++)
		for (i = 0; i < e->item_nr; i++)
			if (is_first(e, i) && writes(e, &e->item[i]) == (pass == 0))
				doc_add(&d, jobs, job_object(&d, e, &e->item[i], s));
	doc_put(&d, root, "jobs", jobs);
	doc_put(&d, root, "disk_util", doc_list());
	if (!s || d.failed) {
		doc_free(root);
		rc = export_fail(e, "%s", strerror(ENOMEM));
	} else {
		rc = doc_write(root, false, e->out);
		if (rc == -ENOMEM)
			rc = export_fail(e, "%s", strerror(ENOMEM));
	}
	free(s);
	return rc;
}
