// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON by jansson, which only this file includes. */
#include "result/doc.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "result/format.h"

/*
 * So many digits of a decimal survive being a double, so 0.1 stays "0.1" and a
 * document that is read and written again does not change.
 */
#define REAL_DIGITS 15
#define COMPACT_DIGITS 6

void doc_put(struct doc *d, json_t *object, const char *key, json_t *value)
{
	char *clean = format_utf8_clean(key);

	if (!clean || !value || json_object_set_new(object, clean, value)) {
		if (!clean)
			json_decref(value);
		d->failed = true;
	}
	free(clean);
}

void doc_add(struct doc *d, json_t *array, json_t *value)
{
	if (!value || json_array_append_new(array, value))
		d->failed = true;
}

/* Names of files and text of /proc hold any bytes; JSON holds UTF-8. */
struct json_t *doc_text(const char *s)
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
struct json_t *doc_count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

/* JSON has no NaN; what cannot be computed is missing. */
struct json_t *doc_real(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

struct json_t *doc_new(void)
{
	return json_object();
}

struct json_t *doc_list(void)
{
	return json_array();
}

struct json_t *doc_none(void)
{
	return json_null();
}

struct json_t *doc_yes(bool yes)
{
	return json_boolean(yes);
}

struct json_t *doc_int(int64_t n)
{
	return json_integer(n);
}

void doc_free(struct json_t *value)
{
	json_decref(value);
}

static json_t *fact_value(const struct fact *f)
{
	switch (f->type) {
	case FACT_BOOL:
		return json_boolean(f->yes);
	case FACT_INT:
		return json_integer(f->number);
	case FACT_REAL:
		return doc_real(f->real);
	case FACT_TEXT:
		return doc_text(f->text);
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
			doc_put(d, root, key, json_object());
			child = json_object_get(root, key);
		}
		root = child;
		key = dot + 1;
	}
	doc_put(d, root, key, fact_value(f));
	free(path);
}

struct json_t *doc_time(const struct timespec *t)
{
	char text[FORMAT_MAX];

	return *format_time(text, t) ? doc_text(text) : doc_none();
}

struct json_t *doc_facts(struct doc *d, const struct facts *f)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < f->nr; i++)
		put_fact(d, object, &f->fact[i]);
	return object;
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

int doc_write(json_t *root, bool compact, FILE *out)
{
	struct sink s = { .out = out };
	int ret;

	if (!root)
		return -ENOMEM;
	ret = json_dump_callback(
		root, sink_write, &s,
		(compact ? JSON_COMPACT : JSON_INDENT(1)) |
			JSON_REAL_PRECISION(compact ? COMPACT_DIGITS : REAL_DIGITS));
	json_decref(root);
	if (ret)
		return s.err ? s.err : -ENOMEM;
	ret = sink_write("\n", 1, &s);
	if (ret)
		return s.err;
	return fflush(out) ? -errno : 0;
}

/* ---- looking ---- */

/* All of a file; larger than DOC_BYTES_MAX: -EFBIG. */
static int slurp(FILE *in, char **out, size_t *len)
{
	size_t room = 1 << 16;
	char *text = malloc(room), *grown;
	int err = text ? 0 : -ENOMEM;

	*len = 0;
	while (!err) {
		size_t got = fread(text + *len, 1, room - *len, in);

		*len += got;
		if (*len < room) {
			err = ferror(in) ? -EIO : 0;
			break;
		}
		if (room >= DOC_BYTES_MAX) {
			err = -EFBIG;
			break;
		}
		room *= 2;
		grown = realloc(text, room);
		if (!grown)
			err = -ENOMEM;
		else
			text = grown;
	}
	if (err) {
		free(text);
		text = NULL;
	}
	*out = text;
	return err;
}

struct json_t *doc_read(const char *path, char *err, size_t err_size)
{
	bool standard = !strcmp(path, "-");
	FILE *in = standard ? stdin : fopen(path, "re");
	json_error_t where;
	json_t *root = NULL;
	struct stat st;
	char *text;
	size_t len;
	int rc;

	if (!in || fstat(fileno(in), &st) || S_ISDIR(st.st_mode)) {
		snprintf(err, err_size, "%s: %s", path, strerror(in ? EISDIR : errno));
		goto out;
	}
	rc = slurp(in, &text, &len);
	if (rc) {
		snprintf(err, err_size, "%s: %s", path, strerror(-rc));
		goto out;
	}
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		snprintf(err, err_size, "%s:%d: not JSON: %s", path, where.line,
			 where.text);
	free(text);
out:
	if (in && !standard)
		fclose(in);
	return root;
}

struct json_t *doc_get(const struct json_t *object, const char *key)
{
	return json_object_get(object, key);
}

size_t doc_nr(const struct json_t *list)
{
	return json_is_object(list) ? json_object_size(list) : json_array_size(list);
}

struct json_t *doc_at(const struct json_t *list, size_t i)
{
	return json_array_get(list, i);
}

bool doc_is_list(const struct json_t *v)
{
	return !v || json_is_null(v) || json_is_array(v);
}

bool doc_is_object(const struct json_t *v)
{
	return json_is_object(v);
}

const char *doc_text_of(const struct json_t *v)
{
	return json_string_value(v);
}

bool doc_yes_of(const struct json_t *v)
{
	return json_is_true(v);
}

int64_t doc_int_of(const struct json_t *v)
{
	return json_integer_value(v);
}

uint64_t doc_count_of(const struct json_t *v)
{
	json_int_t n = json_integer_value(v);

	/* As other programs write a whole number, or round one. */
	if (json_is_real(v) && json_real_value(v) > 0 && json_real_value(v) < 0x1p63)
		return (uint64_t)llround(json_real_value(v));
	return n > 0 ? (uint64_t)n : 0;
}

double doc_real_of(const struct json_t *v)
{
	return json_is_number(v) ? json_number_value(v) : NAN;
}

int doc_each(const struct json_t *object,
	     int (*each)(void *ctx, const char *key, const struct json_t *value),
	     void *ctx)
{
	/* The library's iterators want a pointer that is not const. */
	json_t *o = (json_t *)object;
	const char *key;
	json_t *value;
	int rc = 0;

	json_object_foreach(o, key, value)
	{
		rc = each(ctx, key, value);
		if (rc)
			break;
	}
	return rc;
}

struct fact_path {
	struct facts *out;
	const char *prefix; /* "loop."; "" at the top */
};

static int fact_of(void *ctx, const char *key, const struct json_t *value)
{
	const struct fact_path *at = ctx;
	char path[256];
	int rc;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", at->prefix, key) >=
	    sizeof(path) - 1)
		return 0; /* none of ours is as long */
	switch (json_typeof(value)) {
	case JSON_OBJECT: {
		struct fact_path below = { at->out, path };

		strcat(path, ".");
		rc = doc_each(value, fact_of, &below);
		break;
	}
	case JSON_STRING:
		rc = facts_text(at->out, path, json_string_value(value));
		break;
	case JSON_INTEGER:
		rc = facts_int(at->out, path, json_integer_value(value));
		break;
	case JSON_REAL:
		rc = facts_real(at->out, path, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		rc = facts_bool(at->out, path, json_is_true(value));
		break;
	default:
		rc = facts_null(at->out, path);
	}
	return rc;
}

int doc_facts_of(const struct json_t *object, struct facts *out)
{
	struct fact_path top = { out, "" };

	return doc_each(object, fact_of, &top);
}
