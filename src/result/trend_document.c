// SPDX-License-Identifier: GPL-2.0-or-later
/* The document of man/diowait-trend.1. Keys and their order are an interface. */
#include "result/trend.h"

#include <errno.h>

#include "result/doc.h"

static struct json_t *change_object(struct doc *d, const struct trend_entry *e,
				    const struct trend_series *s, const struct change *c)
{
	const struct store_run *old = trend_run(e, s, c->at ? c->at - 1 : 0);
	const struct store_run *new = trend_run(e, s, c->at);
	struct json_t *o = doc_new();

	doc_put(d, o, "started", doc_time(&new->started));
	doc_put(d, o, "file", doc_text(new->file));
	doc_put(d, o, "kernel_before", doc_text(old->kernel));
	doc_put(d, o, "kernel", doc_text(new->kernel));
	doc_put(d, o, "before", doc_real(c->before));
	doc_put(d, o, "after", doc_real(c->after));
	doc_put(d, o, "ratio", doc_real(c->after / c->before));
	doc_put(d, o, "p", doc_real(c->p));
	return o;
}

static struct json_t *series_object(struct doc *d, const struct trend_entry *e,
				    const struct trend_series *s)
{
	struct json_t *o = doc_new(), *points = doc_list(), *changes = doc_list();
	size_t i;

	doc_put(d, o, "variant", doc_text(s->row->variant));
	doc_put(d, o, "job", doc_text(s->row->job));
	doc_put(d, o, "kind", doc_text(s->row->kind));
	doc_put(d, o, "engine", doc_text(s->row->engine));
	doc_put(d, o, "measure", doc_text(compare_measure_key(s->measure)));
	doc_put(d, o, "gate", doc_yes(trend_in_gate(s->measure)));
	doc_put(d, o, "verdict", doc_text(trend_verdict_word(s->verdict)));
	for (i = 0; i < s->nr; i++) {
		const struct store_run *run = trend_run(e, s, i);
		struct json_t *p = doc_new();

		doc_put(d, p, "started", doc_time(&run->started));
		doc_put(d, p, "file", doc_text(run->file));
		doc_put(d, p, "kernel", doc_text(run->kernel));
		doc_put(d, p, "value", doc_real(s->value[i]));
		doc_put(d, p, "outlier", doc_yes(s->outlier[i]));
		doc_add(d, points, p);
	}
	doc_put(d, o, "points", points);
	for (i = 0; i < s->change_nr; i++)
		doc_add(d, changes, change_object(d, e, s, &s->change[i]));
	doc_put(d, o, "changes", changes);
	return o;
}

int trend_dump(const struct trend *t, FILE *out)
{
	struct json_t *root = doc_new(), *entries = doc_list(), *skipped = doc_list();
	struct doc d = { .failed = !root };
	size_t i, k;

	doc_put(&d, root, "schema", doc_text(TREND_SCHEMA));
	doc_put(&d, root, "version", doc_text(PACKAGE_VERSION));
	doc_put(&d, root, "threshold", doc_real(t->options.threshold));
	doc_put(&d, root, "recent", doc_count(t->options.recent_nr));
	doc_put(&d, root, "slower", doc_count(t->slower_nr));
	doc_put(&d, root, "faster", doc_count(t->faster_nr));
	for (i = 0; i < t->entry_nr; i++) {
		const struct trend_entry *e = &t->entry[i];
		struct json_t *o = doc_new(), *series = doc_list();

		doc_put(&d, o, "host", doc_text(e->of->host));
		doc_put(&d, o, "entry", doc_text(e->of->name));
		doc_put(&d, o, "nights", doc_count(e->of->run_nr));
		doc_put(&d, o, "left_out", doc_count(e->left_out));
		doc_put(&d, o, "interrupted", doc_count(e->interrupted));
		for (k = 0; k < e->series_nr; k++)
			doc_add(&d, series, series_object(&d, e, &e->series[k]));
		doc_put(&d, o, "series", series);
		doc_add(&d, entries, o);
	}
	doc_put(&d, root, "entries", entries);
	for (i = 0; i < t->store->skipped_nr; i++)
		doc_add(&d, skipped, doc_text(t->store->skipped[i]));
	doc_put(&d, root, "skipped", skipped);
	if (d.failed) {
		doc_free(root);
		return -ENOMEM;
	}
	return doc_write(root, false, out);
}
