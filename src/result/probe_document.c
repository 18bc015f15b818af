// SPDX-License-Identifier: GPL-2.0-or-later
/* The document of man/diowait-probe.1. Keys and their order are an interface. */
#include "result/probe.h"

#include "result/doc.h"

static struct json_t *probe_path(enum result_path path)
{
	return path < RESULT_PATH_NR ? doc_text(result_path_name(path)) : doc_none();
}

static struct json_t *probe_row_object(struct doc *d, const struct probe_row *row)
{
	struct json_t *o = doc_new();

	doc_put(d, o, "kind", doc_text(row->kind));
	doc_put(d, o, "engine", doc_text(row->engine));
	doc_put(d, o, "iodepth", doc_count(row->iodepth));
	doc_put(d, o, "append_depth",
		row->append_depth ? doc_count(row->append_depth) : doc_none());
	doc_put(d, o, "ops", doc_count(row->ops));
	doc_put(d, o, "path", probe_path(row->path));
	doc_put(d, o, "share", doc_real(row->share));
	doc_put(d, o, "then", probe_path(row->then));
	doc_put(d, o, "then_share", doc_real(row->then_share));
	doc_put(d, o, "blocked_share", doc_real(row->blocked_share));
	doc_put(d, o, "slat_p50_ns",
		row->slat_known ? doc_count(row->slat_p50_ns) : doc_none());
	doc_put(d, o, "lat_p50_ns",
		row->slat_known ? doc_count(row->lat_p50_ns) : doc_none());
	doc_put(d, o, "sleeps_per_write", doc_real(row->sleeps_per_write));
	doc_put(d, o, "cause", doc_text(row->cause));
	doc_put(d, o, "cause_share", doc_real(row->cause_share));
	doc_put(d, o, "error", doc_text(row->error));
	return o;
}

static struct json_t *probe_document(const struct probe *p)
{
	struct json_t *root = doc_new(), *rows = doc_list(), *advice = doc_list();
	struct doc d = { .failed = !root };
	size_t i;

	doc_put(&d, root, "schema", doc_text(PROBE_SCHEMA));
	doc_put(&d, root, "version", doc_text(PACKAGE_VERSION));
	doc_put(&d, root, "directory", doc_text(p->directory));
	doc_put(&d, root, "interrupted", doc_yes(p->interrupted));
	doc_put(&d, root, "host",
		p->host_of ? doc_facts(&d, &p->host_of->host) : doc_none());
	doc_put(&d, root, "tier", doc_int(p->tier));
	doc_put(&d, root, "missing", doc_text(p->missing));
	for (i = 0; i < p->row_nr; i++)
		doc_add(&d, rows, probe_row_object(&d, &p->row[i]));
	doc_put(&d, root, "rows", rows);
	doc_put(&d, root, "append_concurrency",
		p->concurrency < 0 ? doc_none() : doc_int(p->concurrency));
	for (i = 0; i < p->advice_nr; i++)
		doc_add(&d, advice, doc_text(p->advice[i]));
	doc_put(&d, root, "advice", advice);
	if (d.failed) {
		doc_free(root);
		return NULL;
	}
	return root;
}

int probe_dump(const struct probe *p, FILE *out)
{
	return doc_write(probe_document(p), false, out);
}
