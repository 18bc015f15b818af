// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of exporters, what of a result they are given, and what they share. */
#include "result/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/export_private.h"

static const struct export_format export_table[] = {
	{ "fio-json", "fio's JSON with percentiles and bins: readers of fio's output",
	  export_fio, EXPORT_TAKES_BINS },
	{ "csv", "one value a row: R, pandas, spreadsheets", export_csv, 0 },
	{ "hgrm", "percentiles of one distribution, as HdrHistogram prints them",
	  export_hgrm, EXPORT_TAKES_BINS | EXPORT_TAKES_TIMES },
	{ "prometheus", "histograms for the textfile collector of node_exporter",
	  export_prometheus, EXPORT_TAKES_BINS },
	{ "ktap", "a test for each kind, or scenario of stress: KTAP version 1",
	  export_ktap, EXPORT_TAKES_STRESS },
	{ "junit", "the same as XML of JUnit: Jenkins, GitLab", export_junit,
	  EXPORT_TAKES_STRESS },
	{ "gobench", "a Go benchmark for each kind and round: benchstat", export_gobench,
	  0 },
};

#define FORMAT_NR (sizeof(export_table) / sizeof(export_table[0]))

static const struct {
	const char *name, *help;
	size_t offset;
} times_table[] = {
	{ "slat", "Time from just before the submission call until it returned",
	  offsetof(struct result_kind, slat) },
	{ "clat", "Time from the return of the call until the completion was seen",
	  offsetof(struct result_kind, clat) },
	{ "lat", "Time from just before the call until the completion was seen",
	  offsetof(struct result_kind, lat) },
	{ "victim", "Part of it in blocked submissions of other writes of the thread",
	  offsetof(struct result_kind, victim) },
	{ "resp", "Time from when the plan wanted it until the completion was seen",
	  offsetof(struct result_kind, resp) },
};

#define TIMES_NR (sizeof(times_table) / sizeof(times_table[0]))
#define TIMES_LAT 2

const struct export_format *export_format_at(size_t i)
{
	return i < FORMAT_NR ? &export_table[i] : NULL;
}

const struct export_format *export_format_find(const char *name)
{
	size_t i;

	for (i = 0; i < FORMAT_NR; i++)
		if (!strcmp(name, export_table[i].name))
			return &export_table[i];
	return NULL;
}

const char *export_times_name(size_t i)
{
	return i < TIMES_NR ? times_table[i].name : NULL;
}

const char *export_times_help(size_t i)
{
	return times_table[i].help;
}

const struct result_dist *export_dist(const struct result_kind *k, size_t i)
{
	if (i >= TIMES_NR)
		return NULL;
	return (const struct result_dist *)((const char *)k + times_table[i].offset);
}

int export_fail(struct export *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->err, e->err_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* ---- texts ---- */

/* NULL: no memory. */
static char *variant_text(const struct result *r, const struct result_variant *v)
{
	char buf[FACT_TEXT_MAX], *text = NULL;
	size_t size, i;
	bool any = false;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	for (i = 0; i < v->keys.nr; i++) {
		const struct fact *key = &v->keys.fact[i];

		if (!result_key_varies(r, key->path))
			continue;
		fprintf(f, "%s%s=%s", any ? " " : "", key->path, fact_text(key, buf));
		any = true;
	}
	if (fclose(f)) {
		free(text);
		return NULL;
	}
	return text;
}

uint64_t export_failed(const struct result_kind *k)
{
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < k->error_nr; i++)
		if (k->error[i].err != ENOSPC && k->error[i].err != EAGAIN)
			nr += k->error[i].count;
	return nr;
}

const char *export_cut_short(const struct result *r)
{
	size_t i;

	for (i = 0; i < r->note_nr; i++)
		if (r->note[i].level == RESULT_NOTE_FIRST &&
		    !strncmp(r->note[i].text, RESULT_ENDED_BY_ERROR,
			     strlen(RESULT_ENDED_BY_ERROR)))
			return r->note[i].text;
	return r->interrupted ? "interrupted" : NULL;
}

void export_put_line(FILE *out, const char *s, const char *extra)
{
	for (; *s; s++)
		putc((unsigned char)*s < ' ' || *s == 0x7f || strchr(extra, *s) ? '?' :
										  *s,
		     out);
}

void export_put_seconds(FILE *out, uint64_t ns)
{
	char text[40];
	size_t len = (size_t)snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64,
				      ns / 1000000000, ns % 1000000000);

	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	fprintf(out, "%.*s", (int)len, text);
}

/* ---- what was asked for ---- */

static bool is_wanted(const struct export_request *q, const struct export_item *i)
{
	return (!q->variant || q->variant == i->variant_nr) &&
	       (!q->job || !strcmp(q->job, i->k->job)) &&
	       (!q->kind || !strcmp(q->kind, i->k->kind));
}

/* Nothing is it: the kinds that are there, as far as they fit. */
static int fail_nothing(struct export *e, const struct export_request *q)
{
	const struct result_variant *v = &q->r->variant[0];
	size_t len, i;

	if (q->variant > q->r->variant_nr)
		return export_fail(e, "--variant=%zu: the result has %zu", q->variant,
				   q->r->variant_nr);
	if (!q->job && !q->kind)
		return export_fail(e, "nothing was measured");
	export_fail(e, "no kind%s%s%s%s: the result has", q->kind ? " " : "",
		    q->kind ? q->kind : "", q->job ? " of job " : "",
		    q->job ? q->job : "");
	for (i = 0; i < v->kind_nr; i++) {
		len = strlen(e->err);
		snprintf(e->err + len, e->err_size - len, "%s %s of job %s", i ? "," : "",
			 v->kind[i].kind, v->kind[i].job);
	}
	return -EINVAL;
}

static int select_items(struct export *e, const struct export_request *q)
{
	const struct result *r = q->r;
	size_t nr = 0, i, k;

	for (i = 0; i < r->variant_nr; i++)
		nr += r->variant[i].kind_nr;
	e->item = calloc(nr + 1, sizeof(*e->item));
	if (!e->item)
		return export_fail(e, "%s", strerror(ENOMEM));
	for (i = 0; i < r->variant_nr; i++)
		for (k = 0; k < r->variant[i].kind_nr; k++) {
			struct export_item item = { .v = &r->variant[i],
						    .k = &r->variant[i].kind[k],
						    .variant_nr = i + 1 };

			if (!is_wanted(q, &item))
				continue;
			item.variant = variant_text(r, item.v);
			if (!item.variant)
				return export_fail(e, "%s", strerror(ENOMEM));
			e->item[e->item_nr++] = item;
		}
	return e->item_nr ? 0 : fail_nothing(e, q);
}

static void free_items(struct export *e)
{
	size_t i;

	for (i = 0; i < e->item_nr; i++)
		free(e->item[i].variant);
	free(e->item);
}

static int check_bins(struct export *e)
{
	size_t i;

	for (i = 0; i < e->item_nr; i++)
		if (e->item[i].k->lat.sum.n && !e->item[i].k->lat.hist)
			return export_fail(
				e,
				"the result has no bins, as of run --compact: csv, ktap, junit and gobench do without");
	return 0;
}

static int find_times(struct export *e, const struct export_format *f, const char *name)
{
	e->times = TIMES_LAT;
	if (!name)
		return 0;
	if (!(f->takes & EXPORT_TAKES_TIMES))
		return export_fail(e, "--times is of -f hgrm: %s has all times", f->name);
	for (e->times = 0; e->times < TIMES_NR; e->times++)
		if (!strcmp(name, times_table[e->times].name))
			return 0;
	return export_fail(e, "--times=%s: must be slat, clat, lat, victim or resp",
			   name);
}

int export_write(const struct export_format *f, const struct export_request *q, FILE *out,
		 char *err, size_t err_size)
{
	struct export e = { .r = q->r, .out = out, .err = err, .err_size = err_size };
	int rc;

	err[0] = '\0';
	rc = find_times(&e, f, q->times);
	if (!rc && q->r->stress && !(f->takes & EXPORT_TAKES_STRESS))
		rc = export_fail(
			&e,
			"a result of diowait stress has no latencies to tell of: ktap and junit tell of its contracts");
	else if (!rc && q->r->stress && (q->job || q->kind || q->variant))
		rc = export_fail(
			&e,
			"a result of diowait stress goes by scenarios: no --job, --kind or --variant");
	/* A stress run whose writer had to be killed has no variants. */
	if (!rc && !q->r->stress)
		rc = select_items(&e, q);
	if (!rc && (f->takes & EXPORT_TAKES_BINS))
		rc = check_bins(&e);
	if (!rc)
		rc = f->write(&e);
	free_items(&e);
	if (rc)
		return rc;
	if (fflush(out))
		return -errno;
	return ferror(out) ? -EIO : 0;
}
