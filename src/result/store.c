// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/store.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "result/doc.h"
#include "result/format.h"
#include "result/replace.h"

#define INDEX "index.json"
#define NAME_MAX_BYTES 100

/* What two sittings must have alike, beside their workload. */
static const char *const machine[] = {
	"cpu",	       "cpus",	   "hypervisor",     "filesystem.type",
	"block.model", "loop.dio", "loop.backing_fs"
};

/* ---- names ---- */

char *store_name(const char *name)
{
	char *copy = strndup(*name ? name : "_", NAME_MAX_BYTES), *c;

	for (c = copy; c && *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789._+@-",
			    *c) ||
		    (c == copy && *c == '.'))
			*c = '_';
	return copy;
}

char *store_file(const struct result *r)
{
	const char *kernel = facts_get_text(&r->host, "kernel");
	char *safe = store_name(kernel ? kernel : "unknown"), *file = NULL, utc[40] = "";
	struct tm tm;

	if (gmtime_r(&r->started.tv_sec, &tm))
		(void)strftime(utc, sizeof(utc), "%Y%m%dT%H%M%SZ", &tm);
	if (safe && asprintf(&file, "%s-%s.json", utc, safe) < 0)
		file = NULL;
	free(safe);
	return file;
}

char *store_fingerprint(const struct result *r)
{
	char *text = NULL, value[FACT_TEXT_MAX];
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "workload=%s\n", r->workload_sha256 ? r->workload_sha256 : "-");
	for (i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
		fprintf(out, "%s=%s\n", machine[i],
			fact_text(facts_get(&r->host, machine[i]), value));
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- the tree ---- */

static void run_clear(struct store_run *run)
{
	while (run->row_nr) {
		struct store_row *row = &run->row[--run->row_nr];

		free(row->variant);
		free(row->job);
		free(row->kind);
		free(row->engine);
	}
	free(run->row);
	free(run->file);
	free(run->kernel);
	free(run->fingerprint);
	*run = (struct store_run){ 0 };
}

void store_free(struct store *s)
{
	if (!s)
		return;
	while (s->entry_nr) {
		struct store_entry *e = &s->entry[--s->entry_nr];

		while (e->run_nr)
			run_clear(&e->run[--e->run_nr]);
		free(e->run);
		free(e->host);
		free(e->name);
		free(e->path);
	}
	while (s->skipped_nr)
		free(s->skipped[--s->skipped_nr]);
	free(s->skipped);
	free(s->entry);
	free(s->root);
	free(s);
}

/* One more element, zeroed, behind nr of them. NULL: no memory. */
static void *grow(void *list, size_t *nr, size_t size)
{
	void **at = list;
	char *grown = realloc(*at, (*nr + 1) * size);

	if (!grown)
		return NULL;
	*at = grown;
	memset(grown + *nr * size, 0, size);
	return grown + (*nr)++ * size;
}

static int skip(struct store *s, const char *text)
{
	char **line = grow(&s->skipped, &s->skipped_nr, sizeof(*s->skipped));

	if (line)
		*line = strdup(text);
	return line && *line ? 0 : -ENOMEM;
}

/* ---- from a result ---- */

static int add_row(struct store_run *run, const struct result *r, size_t variant,
		   const struct result_kind *k)
{
	struct store_row *row = grow(&run->row, &run->row_nr, sizeof(*row));
	int rc, m;

	if (!row)
		return -ENOMEM;
	rc = compare_variant_name(r, variant, &row->variant);
	row->job = strdup(k->job);
	row->kind = strdup(k->kind);
	row->engine = strdup(k->engine);
	if (rc || !row->job || !row->kind || !row->engine)
		return -ENOMEM;
	for (m = 0; m < COMPARE_MEASURE_NR && !rc; m++)
		rc = compare_sitting_value(r, &r->variant[variant], k,
					   (enum compare_measure)m, &row->value[m]);
	return rc;
}

static int run_of_result(struct store_run *run, const struct result *r)
{
	const char *kernel = facts_get_text(&r->host, "kernel");
	size_t i, k;
	int rc = 0;

	run->started = r->started;
	run->interrupted = r->interrupted;
	run->kernel = strdup(kernel ? kernel : "unknown");
	run->fingerprint = store_fingerprint(r);
	if (!run->kernel || !run->fingerprint)
		return -ENOMEM;
	for (i = 0; i < r->variant_nr; i++)
		for (k = 0; k < r->variant[i].kind_nr && !rc; k++)
			rc = add_row(run, r, i, &r->variant[i].kind[k]);
	return rc;
}

/* ---- the index ---- */

/* What a file was when it was read. */
struct stamp_of {
	int64_t bytes, mtime_ns;
};

static struct stamp_of stamp(const struct stat *st)
{
	return (struct stamp_of){ st->st_size, (int64_t)st->st_mtim.tv_sec * 1000000000 +
						       st->st_mtim.tv_nsec };
}

static struct json_t *row_object(struct doc *d, const struct store_row *row)
{
	struct json_t *o = doc_new(), *value = doc_new();
	int m;

	doc_put(d, o, "variant", doc_text(row->variant));
	doc_put(d, o, "job", doc_text(row->job));
	doc_put(d, o, "kind", doc_text(row->kind));
	doc_put(d, o, "engine", doc_text(row->engine));
	for (m = 0; m < COMPARE_MEASURE_NR; m++)
		doc_put(d, value, compare_measure_key((enum compare_measure)m),
			doc_real(row->value[m]));
	doc_put(d, o, "value", value);
	return o;
}

static struct json_t *run_object(struct doc *d, const struct store_run *run,
				 struct stamp_of of)
{
	struct json_t *o = doc_new(), *rows = doc_list();
	size_t i;

	doc_put(d, o, "file", doc_text(run->file));
	doc_put(d, o, "bytes", doc_int(of.bytes));
	doc_put(d, o, "mtime_ns", doc_int(of.mtime_ns));
	doc_put(d, o, "started_s", doc_int(run->started.tv_sec));
	doc_put(d, o, "interrupted", doc_yes(run->interrupted));
	doc_put(d, o, "kernel", doc_text(run->kernel));
	doc_put(d, o, "fingerprint", doc_text(run->fingerprint));
	for (i = 0; i < run->row_nr; i++)
		doc_add(d, rows, row_object(d, &run->row[i]));
	doc_put(d, o, "rows", rows);
	return o;
}

/* An index that can't be written costs time, and no more. */
static void write_index(const struct store_entry *e, const struct stamp_of *of)
{
	struct json_t *root = doc_new(), *runs = doc_list();
	struct doc d = { .failed = !root };
	struct replace r;
	char *path;
	size_t i;

	doc_put(&d, root, "schema", doc_text(STORE_INDEX_SCHEMA));
	doc_put(&d, root, "version", doc_text(PACKAGE_VERSION));
	for (i = 0; i < e->run_nr; i++)
		doc_add(&d, runs, run_object(&d, &e->run[i], of[i]));
	doc_put(&d, root, "runs", runs);
	if (d.failed || asprintf(&path, "%s/" INDEX, e->path) < 0) {
		doc_free(root);
		return;
	}
	if (!replace_begin(&r, path))
		(void)replace_end(&r, doc_write(root, true, r.out), false);
	else
		doc_free(root);
	free(path);
}

static char *copy_of(const struct json_t *o, const char *key)
{
	const char *text = doc_text_of(doc_get(o, key));

	return strdup(text ? text : "");
}

static int run_of_object(struct store_run *run, const struct json_t *o)
{
	const struct json_t *rows = doc_get(o, "rows"), *value;
	size_t i;
	int m;

	run->started.tv_sec = doc_int_of(doc_get(o, "started_s"));
	run->interrupted = doc_yes_of(doc_get(o, "interrupted"));
	run->kernel = copy_of(o, "kernel");
	run->fingerprint = copy_of(o, "fingerprint");
	if (!run->kernel || !run->fingerprint)
		return -ENOMEM;
	for (i = 0; i < doc_nr(rows); i++) {
		const struct json_t *from = doc_at(rows, i);
		struct store_row *row = grow(&run->row, &run->row_nr, sizeof(*row));

		if (!row)
			return -ENOMEM;
		row->variant = copy_of(from, "variant");
		row->job = copy_of(from, "job");
		row->kind = copy_of(from, "kind");
		row->engine = copy_of(from, "engine");
		if (!row->variant || !row->job || !row->kind || !row->engine)
			return -ENOMEM;
		value = doc_get(from, "value");
		for (m = 0; m < COMPARE_MEASURE_NR; m++)
			row->value[m] = doc_real_of(doc_get(
				value, compare_measure_key((enum compare_measure)m)));
	}
	return 0;
}

/* Whether a run of an index has all that is read of it. One that has no rows is read anew. */
static bool is_whole(const struct json_t *o)
{
	static const char *const name[] = { "variant", "job", "kind", "engine" };
	const struct json_t *rows = doc_get(o, "rows");
	size_t i, k;
	int m;

	if (!doc_text_of(doc_get(o, "kernel")) ||
	    !doc_text_of(doc_get(o, "fingerprint")) ||
	    doc_int_of(doc_get(o, "started_s")) <= 0)
		return false;
	for (i = 0; i < doc_nr(rows); i++) {
		const struct json_t *value = doc_get(doc_at(rows, i), "value");

		for (k = 0; k < sizeof(name) / sizeof(name[0]); k++)
			if (!doc_text_of(doc_get(doc_at(rows, i), name[k])))
				return false;
		for (m = 0; m < COMPARE_MEASURE_NR; m++)
			if (!doc_get(value, compare_measure_key((enum compare_measure)m)))
				return false;
	}
	return doc_nr(rows) > 0;
}

/* The index of a folder; NULL: none that this version wrote. */
static struct json_t *read_index(const char *folder)
{
	struct json_t *root = NULL;
	const char *schema, *version;
	char *path, unused[256];

	if (asprintf(&path, "%s/" INDEX, folder) < 0)
		return NULL;
	root = doc_read(path, unused, sizeof(unused));
	free(path);
	schema = doc_text_of(doc_get(root, "schema"));
	version = doc_text_of(doc_get(root, "version"));
	if (!schema || strcmp(schema, STORE_INDEX_SCHEMA) || !version ||
	    strcmp(version, PACKAGE_VERSION)) {
		doc_free(root);
		return NULL;
	}
	return root;
}

/* ---- folders ---- */

static bool is_result_name(const char *name)
{
	size_t len = strlen(name);

	/* 20261126T013000Z-... */
	return len > 22 && !strcmp(name + len - 5, ".json") && name[8] == 'T' &&
	       name[15] == 'Z' && name[16] == '-' && strspn(name, "0123456789") == 8;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_free(char **name, size_t nr)
{
	while (nr)
		free(name[--nr]);
	free(name);
}

/* Names in a folder that are wanted, sorted. A folder that is not there has none. */
static int list(const char *path, bool (*wanted)(const char *name), char ***out,
		size_t *nr)
{
	DIR *d = opendir(path);
	struct dirent *de;
	int rc = 0;

	*out = NULL;
	*nr = 0;
	if (!d)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (!rc && (de = readdir(d))) {
		char **name;

		if (de->d_name[0] == '.' || (wanted && !wanted(de->d_name)))
			continue;
		name = grow(out, nr, sizeof(**out));
		if (name)
			*name = strdup(de->d_name);
		if (!name || !*name)
			rc = -ENOMEM;
	}
	closedir(d);
	if (*nr)
		qsort(*out, *nr, sizeof(**out), by_name);
	return rc;
}

/* The same; a folder that can't be read is said, and the others are gone on with. */
static int list_or_skip(struct store *s, const char *path,
			bool (*wanted)(const char *name), char ***out, size_t *nr)
{
	int rc = list(path, wanted, out, nr);
	char *line;

	if (!rc || rc == -ENOMEM)
		return rc;
	if (asprintf(&line, "%s: %s", path, strerror(-rc)) < 0)
		return -ENOMEM;
	rc = skip(s, line);
	free(line);
	return rc;
}

/* The run of a file, from its place in the index or from itself. 1: it was read. */
static int take_run(struct store *s, struct store_entry *e, const char *file,
		    const struct json_t *old, struct stamp_of *of)
{
	struct store_run *run;
	struct result *r = NULL;
	char *path, err[512];
	struct stat st;
	int rc = 0;

	if (asprintf(&path, "%s/%s", e->path, file) < 0)
		return -ENOMEM;
	if (stat(path, &st)) {
		free(path);
		return 0;
	}
	*of = stamp(&st);
	if (!old || doc_int_of(doc_get(old, "bytes")) != of->bytes ||
	    doc_int_of(doc_get(old, "mtime_ns")) != of->mtime_ns || !is_whole(old)) {
		old = NULL;
		if (result_read(path, &r, err, sizeof(err))) {
			free(path);
			return skip(s, err);
		}
	}
	free(path);
	run = grow(&e->run, &e->run_nr, sizeof(*run));
	if (run)
		run->file = strdup(file);
	if (!run || !run->file)
		rc = -ENOMEM;
	else
		rc = old ? run_of_object(run, old) : run_of_result(run, r);
	result_free(r);
	return rc ? rc : !old;
}

static int read_entry(struct store *s, struct store_entry *e)
{
	struct json_t *index = read_index(e->path);
	const struct json_t *runs = doc_get(index, "runs");
	struct stamp_of *of = NULL;
	bool stale = false;
	char **file;
	size_t nr, i, at = 0;
	int rc = list_or_skip(s, e->path, is_result_name, &file, &nr);

	if (!rc && !(of = calloc(nr + 1, sizeof(*of))))
		rc = -ENOMEM;
	/* Both are sorted by name, so that one pass finds all. */
	for (i = 0; i < nr && rc >= 0; i++) {
		const struct json_t *old = NULL;
		const char *name;
		size_t had = e->run_nr;

		while ((name = doc_text_of(doc_get(doc_at(runs, at), "file"))) &&
		       strcmp(name, file[i]) < 0)
			at++;
		if (name && !strcmp(name, file[i]))
			old = doc_at(runs, at);
		rc = take_run(s, e, file[i], old, &of[had]);
		stale |= rc == 1;
	}
	if (rc >= 0 && (stale || doc_nr(runs) != e->run_nr))
		write_index(e, of);
	names_free(file, nr);
	free(of);
	doc_free(index);
	return rc < 0 ? rc : 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The entries of a host; those without any result are none. */
static int read_host(struct store *s, const char *host, const char *only)
{
	char **name, *path;
	size_t nr, i;
	int rc;

	if (asprintf(&path, "%s/%s", s->root, host) < 0)
		return -ENOMEM;
	rc = list_or_skip(s, path, NULL, &name, &nr);
	for (i = 0; i < nr && !rc; i++) {
		struct store_entry *e;

		if (only && strcmp(only, name[i]))
			continue;
		e = grow(&s->entry, &s->entry_nr, sizeof(*e));
		if (!e) {
			rc = -ENOMEM;
			break;
		}
		e->host = strdup(host);
		e->name = strdup(name[i]);
		if (asprintf(&e->path, "%s/%s", path, name[i]) < 0)
			e->path = NULL;
		rc = e->host && e->name && e->path ? 0 : -ENOMEM;
		if (!rc && is_folder(e->path))
			rc = read_entry(s, e);
		if (!rc && !e->run_nr) {
			free(e->host);
			free(e->name);
			free(e->path);
			free(e->run);
			s->entry_nr--;
		}
	}
	names_free(name, nr);
	free(path);
	return rc;
}

int store_open(const char *root, const char *host, const char *entry, struct store **out,
	       char *err, size_t err_size)
{
	struct store *s = calloc(1, sizeof(*s));
	char **name = NULL;
	size_t nr = 0, i;
	int rc = -ENOMEM;

	if (s)
		s->root = strdup(root);
	if (!s || !s->root)
		goto out;
	rc = is_folder(root) ? list(root, NULL, &name, &nr) : -ENOTDIR;
	if (rc == -ENOTDIR && access(root, F_OK))
		rc = -errno;
	for (i = 0; i < nr && !rc; i++)
		if (!host || !strcmp(host, name[i]))
			rc = read_host(s, name[i], entry);
	names_free(name, nr);
out:
	if (rc) {
		(void)snprintf(err, err_size, "results %s: %s", root, strerror(-rc));
		store_free(s);
		s = NULL;
	}
	*out = s;
	return rc;
}
