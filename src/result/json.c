// SPDX-License-Identifier: GPL-2.0-or-later
/* The document of man/diowait-result.5. Keys and their order are an interface. */
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "result/format.h"

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

	for (i = 0; i < HIST_BINS; i++) {
		uint64_t n = h->bin[i] + (i ? 0 : h->zeros);

		if (!n)
			continue;
		snprintf(key, sizeof(key), "%" PRIu64, hist_bin_low_ns(i));
		put(d, object, key, count(n));
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

static json_t *paths_object(struct doc *d, const struct result *r,
			    const struct result_kind *k)
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
		put(d, object, result_path_name(order[i]), count(k->path[order[i]]));
	/* Only kernel events see the flag; below, 0 would be a claim. */
	put(d, object, "flagged",
	    r->evidence_tier >= 2 ? count(k->flagged) : json_null());
	put(d, object, "then", json_null());
	return object;
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
	put(d, object, "paths", paths_object(d, r, k));
	put(d, object, "ran_as", json_null());
	put(d, object, "slat_ns", dist_object(d, r, &k->slat));
	put(d, object, "clat_ns", dist_object(d, r, &k->clat));
	put(d, object, "lat_ns", dist_object(d, r, &k->lat));
	put(d, object, "resp_ns",
	    k->resp.sum.n ? dist_object(d, r, &k->resp) : json_null());
	put(d, object, "victim_ns", dist_object(d, r, &k->victim));
	put(d, object, "held_ns", json_null());
	put(d, object, "convoy_ns", json_null());
	put(d, object, "behind_ns", json_null());
	put(d, object, "causes", json_array());
	put(d, object, "worst", json_array());
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

int result_dump(const struct result *r, FILE *out)
{
	struct sink s = { .out = out };
	json_t *root = document(r);
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

/* Takes fd over. */
static int dump_fd(const struct result *r, int fd, bool sync)
{
	FILE *out = fdopen(fd, "w");
	int err;

	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	err = result_dump(r, out);
	if (!err && sync && fsync(fd))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

/*
 * Where the document really goes: a link is followed, else renaming would
 * replace the link. *regular is false for what cannot be renamed over, as
 * /dev/null. *out is to be freed.
 */
static int resolve(const char *path, char **out, bool *regular)
{
	struct stat st;

	*regular = true;
	*out = NULL;
	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		*regular = S_ISREG(st.st_mode);
		*out = *regular ? realpath(path, NULL) : strdup(path);
		return *out ? 0 : -errno;
	}
	if (errno != ENOENT)
		return -errno;
	*out = strdup(path);
	return *out ? 0 : -ENOMEM;
}

/* Creates a file beside path. Returns its fd, *name to be freed; or -errno. */
static int open_temporary(const char *path, char **name)
{
	unsigned int try;
	int fd;

	/* A name that is taken was left by a killed run with our pid. */
	for (try = 0; try < 100; try++) {
		if (asprintf(name, "%s.tmp%d.%u", path, (int)getpid(), try) < 0) {
			*name = NULL;
			return -ENOMEM;
		}
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fd;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/*
 * tmp becomes path, and what was path becomes old. By exchange, so that path
 * is there at every moment and a failure of the second step can be undone.
 */
static int replace(const char *tmp, const char *path, const char *old)
{
	bool moved;
	int err;

	if (!renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_EXCHANGE)) {
		if (!rename(tmp, old))
			return 0;
		err = -errno;
		(void)renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_EXCHANGE);
		return err;
	}
	if (errno == ENOENT)
		return rename(tmp, path) ? -errno : 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* A file system, or a kernel, that cannot exchange. */
	moved = !rename(path, old);
	if (!moved && errno != ENOENT)
		return -errno;
	if (!rename(tmp, path))
		return 0;
	err = -errno;
	if (moved)
		(void)rename(old, path);
	return err;
}

int result_write(const struct result *r, const char *path)
{
	char *target, *tmp = NULL, *old = NULL;
	bool regular;
	int fd, err;

	err = resolve(path, &target, &regular);
	if (err)
		return err;
	if (!regular) {
		fd = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		err = fd < 0 ? -errno : dump_fd(r, fd, false);
		goto out;
	}
	if (asprintf(&old, "%s.old", target) < 0) {
		old = NULL;
		err = -ENOMEM;
		goto out;
	}
	fd = open_temporary(target, &tmp);
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = dump_fd(r, fd, true);
	if (!err)
		err = replace(tmp, target, old);
	if (err)
		(void)unlink(tmp);
out:
	free(target);
	free(tmp);
	free(old);
	return err;
}
