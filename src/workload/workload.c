/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/workload.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/build.h"
#include "workload/check.h"
#include "workload/error.h"
#include "workload/identity.h"
#include "workload/jobfile.h"
#include "workload/option.h"

#define WORKLOAD_JOBS_MAX 1024

/* A workload in the making: what the reader of job files fills. */
struct build {
	struct workload *w;
	struct workload_error *err;
	struct workload_job global; /* of the file that is read */
	bool in_global;		    /* keys go there, not to the last job */
	bool *seen;		    /* by option: given in this section */
	size_t room;		    /* of w->job */
	size_t file_first;	    /* first job of the file that is read */
};

/* Takes a half-made job. */
static void job_free(struct workload_job *job)
{
	option_free(job);
	free(job->name);
	free(job->file);
}

void workload_free(struct workload *w)
{
	size_t i;

	if (!w)
		return;
	for (i = 0; i < w->job_nr; i++)
		job_free(&w->job[i]);
	for (i = 0; i < w->note_nr; i++)
		free(w->note[i]);
	for (i = 0; i < w->source_nr; i++)
		free(w->source[i]);
	for (i = 0; i < w->sweep_line_nr; i++)
		free(w->sweep_line[i].text);
	free(w->sweep_line);
	free(w->job);
	free(w->note);
	free(w->source);
	free(w->name);
	free(w->text);
	free(w);
}

bool workload_is_set(const struct workload_job *job, const char *key)
{
	const struct option_row *o = option_find(key);

	return o && option_is_set(job, o);
}

/* Appends text, which it takes, to a list of strings. */
static int list_add(char ***list, size_t *nr, char *text)
{
	char **bigger;

	bigger = text ? reallocarray(*list, *nr + 1, sizeof(*bigger)) : NULL;
	if (!bigger) {
		free(text);
		return -ENOMEM;
	}
	bigger[(*nr)++] = text;
	*list = bigger;
	return 0;
}

int workload_note(struct workload *w, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return list_add(&w->note, &w->note_nr, n < 0 ? NULL : text);
}

int workload_where_keep(struct workload *w, struct workload_where *at)
{
	size_t i;

	/* From the end: nearly always it is the last one. */
	for (i = w->source_nr; i-- > 0;) {
		if (!strcmp(w->source[i], at->file)) {
			at->file = w->source[i];
			return 0;
		}
	}
	if (list_add(&w->source, &w->source_nr, strdup(at->file)))
		return -ENOMEM;
	at->file = w->source[w->source_nr - 1];
	return 0;
}

int workload_line_add(struct workload *w, const char *text,
		      const struct workload_where *at)
{
	struct workload_line *bigger;

	bigger = reallocarray(w->sweep_line, w->sweep_line_nr + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	w->sweep_line = bigger;
	bigger += w->sweep_line_nr;
	*bigger = (struct workload_line){ strdup(text), *at };
	return bigger->text ? (int)(w->sweep_line_nr++, 0) : -ENOMEM;
}

int workload_find_option(const struct workload_where *at, const char *key,
			 const struct option_row **found, struct workload_error *err)
{
	const char *nearest;

	*found = option_find(key);
	if (*found)
		return 0;
	nearest = option_nearest(key);
	if (nearest)
		return error_set(err, at,
				 "unknown option '%.*s' (did you mean "
				 "'%s'?)",
				 ERROR_QUOTE_MAX, key, nearest);
	return error_set(err, at, "unknown option '%.*s'", ERROR_QUOTE_MAX, key);
}

int workload_take_fio_key(struct workload *w, const struct workload_where *at,
			  const struct option_row *o, const char *key, const char *value,
			  struct workload_error *err)
{
	char what[OPTION_TEXT_MAX];
	size_t i;

	if (o->status == OPTION_REFUSED) {
		if (o->def && value && !strcmp(value, o->def))
			return 0;
		return error_set(err, at, "option '%s' of fio is not supported: %s", key,
				 o->why);
	}
	snprintf(what, sizeof(what), ": %s has no effect: ", o->name);
	for (i = 0; i < w->note_nr; i++)
		if (strstr(w->note[i], what))
			return 0;
	if (at->line ? workload_note(w, "%s:%d%s%s", at->file, at->line, what, o->why) :
		       workload_note(w, "%s%s%s", at->file, what, o->why))
		return error_set_nomem(err);
	return 0;
}

int workload_set_option(const struct option_row *o, struct workload_job *job,
			const struct workload_where *at, const char *key,
			const char *value, struct workload_error *err)
{
	char why[OPTION_TEXT_MAX], *joined = NULL, *had = NULL;
	int ret;

	if (o->adds_up && value && *value && option_is_set(job, o)) {
		if (option_format(o, job, &had) ||
		    asprintf(&joined, "%s %s", had, value) < 0)
			joined = NULL;
		free(had);
		if (!joined)
			return error_set_nomem(err);
	}
	ret = option_set(o, job, joined ? joined : value, why);
	free(joined);
	if (ret == -EINVAL)
		return error_set_value(err, at, key, value, "%s", why);
	if (ret)
		return error_set_nomem(err);
	option_mark_set(job, o, *at);
	return 0;
}

/* What was made of a value, where it is not what fio makes of it. */
static int note_value(struct workload *w, const struct option_row *o,
		      const struct workload_job *job, const struct workload_where *at,
		      const char *key, const char *value, struct workload_error *err)
{
	char *text = option_note(o, key, value, job);
	int ret = 0;

	if (text && workload_note(w, "%s:%d: %s", at->file, at->line, text))
		ret = error_set_nomem(err);
	free(text);
	return ret;
}

/* A thousand jobs at most: no need of an index. */
static struct workload_job *job_find(const struct workload *w, const char *name)
{
	size_t i;

	for (i = 0; i < w->job_nr; i++) {
		if (!strcmp(w->job[i].name, name))
			return &w->job[i];
	}
	return NULL;
}

/* A new job starts as a copy of what [global] says so far. */
static int job_add(struct build *b, const struct workload_where *at, const char *name)
{
	struct workload *w = b->w;
	struct workload_job *job;

	if (w->job_nr == WORKLOAD_JOBS_MAX)
		return error_set(b->err, at, "more than %d jobs", WORKLOAD_JOBS_MAX);
	job = job_find(w, name);
	if (job)
		return error_set(b->err, at,
				 "[%.*s]: this job is there "
				 "already, at %.*s:%d; each needs its own name",
				 ERROR_QUOTE_MAX, name, ERROR_QUOTE_MAX, job->file,
				 job->line);
	if (w->job_nr == b->room) {
		size_t room = b->room ? 2 * b->room : 8;

		job = reallocarray(w->job, room, sizeof(*job));
		if (!job)
			return error_set_nomem(b->err);
		w->job = job;
		b->room = room;
	}
	job = &w->job[w->job_nr++];
	/* Also a half-made copy is one that job_free() can take. */
	if (option_copy(job, &b->global))
		return error_set_nomem(b->err);
	job->name = strdup(name);
	job->file = strdup(at->file);
	job->line = at->line;
	return job->name && job->file ? 0 : error_set_nomem(b->err);
}

/* The reader calls this for each [name] ... */
static int take_section(void *ctx, const struct workload_where *at, const char *name)
{
	struct build *b = ctx;

	memset(b->seen, 0, option_nr() * sizeof(b->seen[0]));
	/* As fio has it: [global2] and [globals] are global, too. */
	b->in_global = !strncmp(name, "global", 6);
	return b->in_global ? 0 : job_add(b, at, name);
}

/* ... and this for each key below it. */
static int take_option(void *ctx, const struct workload_where *at, const char *key,
		       const char *value)
{
	struct build *b = ctx;
	struct workload_where kept = *at;
	const struct option_row *o;
	struct workload_job *job;
	bool *seen;
	int ret;

	ret = workload_find_option(at, key, &o, b->err);
	if (ret)
		return ret;
	if (o->status != OPTION_SUPPORTED)
		return workload_take_fio_key(b->w, at, o, key, value, b->err);
	if (workload_where_keep(b->w, &kept))
		return error_set_nomem(b->err);
	if (o->adds_up && value && workload_line_add(b->w, value, &kept))
		return error_set_nomem(b->err);
	job = b->in_global ? &b->global : &b->w->job[b->w->job_nr - 1];
	seen = &b->seen[option_index(o)];
	if (*seen && !o->adds_up &&
	    workload_note(b->w,
			  "%s:%d: %s is given twice in this "
			  "section; the later one counts",
			  at->file, at->line, key))
		return error_set_nomem(b->err);
	*seen = true;
	ret = workload_set_option(o, job, &kept, key, value, b->err);
	return ret ? ret : note_value(b->w, o, job, &kept, key, value, b->err);
}

/* Ends a file: it must have had a job; later files wait for earlier ones. */
static int file_end(struct build *b, const char *path)
{
	const struct workload_where at = { .file = path };

	option_free(&b->global);
	if (b->w->job_nr == b->file_first)
		return error_set(b->err, &at, "no job section");
	return 0;
}

/* A file begins with the table's defaults: no [global] outlives its file. */
static int file_start(struct build *b)
{
	b->file_first = b->w->job_nr;
	memset(&b->global, 0, sizeof(b->global));
	return option_set_defaults(&b->global) ? error_set_nomem(b->err) : 0;
}

/* Adds path's base name to w->name. */
static int name_add(struct workload *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char *name;

	if (!strcmp(path, "-"))
		base = "stdin";
	if (asprintf(&name, "%s%s%s", w->name ? w->name : "", w->name ? "+" : "", base) <
	    0)
		return -ENOMEM;
	free(w->name);
	w->name = name;
	return 0;
}

/* Name and text go into a JSON document, which is UTF-8. */
static void make_utf8(char *s)
{
	size_t len = strlen(s);

	while (len) {
		size_t n = jobfile_utf8_len(s, len);

		if (!n) {
			*s = '?';
			n = 1;
		}
		s += n;
		len -= n;
	}
}

/* Reads all files, or the one text if it is there. */
static int read_all(struct build *b, const char *const *path, size_t path_nr,
		    const char *text, FILE *copy)
{
	struct jobfile_reader r = {
		.sink = { b, take_section, take_option },
		.text = copy,
		.err = b->err,
	};
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < path_nr; i++) {
		ret = file_start(b);
		if (ret)
			return ret;
		if (name_add(b->w, path[i]))
			return error_set_nomem(b->err);
		if (path_nr > 1)
			fprintf(copy, "# file %s\n", path[i]);
		ret = text ? jobfile_read_text(&r, path[i], text, strlen(text)) :
			     jobfile_read(&r, path[i]);
		if (!ret)
			ret = file_end(b, path[i]);
	}
	return ret;
}

/* As in fio, the files of one command run one after another. */
static int imply_stonewalls(struct workload *w)
{
	const struct option_row *o = option_find("stonewall");
	size_t i;

	for (i = 1; i < w->job_nr; i++) {
		struct workload_job *job = &w->job[i];
		struct workload_where at = { job->file, job->line };

		/* An included file has no sections: these are whole files. */
		if (!strcmp(job->file, w->job[i - 1].file))
			continue;
		if (workload_where_keep(w, &at))
			return -ENOMEM;
		job->stonewall = true;
		option_mark_set(job, o, at);
	}
	return 0;
}

/* Everything in its order: read, override, relate, check, name. */
static int build_all(struct build *b, const char *const *path, size_t path_nr,
		     const char *text, const struct workload_override *ovr, size_t ovr_nr,
		     FILE *copy)
{
	size_t i;
	int ret;

	if (!path_nr)
		return error_set(b->err, NULL, "no workload file");
	b->w = calloc(1, sizeof(*b->w));
	b->seen = calloc(option_nr(), sizeof(b->seen[0]));
	if (!b->w || !b->seen)
		return error_set_nomem(b->err);
	ret = read_all(b, path, path_nr, text, copy);
	for (i = 0; !ret && i < ovr_nr; i++)
		ret = override_apply(b->w, &ovr[i], copy, b->err);
	if (!ret && imply_stonewalls(b->w))
		ret = error_set_nomem(b->err);
	if (!ret)
		ret = check_workload(b->w, b->err);
	if (!ret && identity_fill(b->w))
		ret = error_set_nomem(b->err);
	return ret;
}

/* text NULL: from the files, else from memory under the first path's name. */
static int parse(const char *const *path, size_t path_nr, const char *text,
		 const struct workload_override *ovr, size_t ovr_nr,
		 struct workload **out, struct workload_error *err)
{
	struct build b = { .err = err };
	char *copy_text = NULL;
	size_t copy_len;
	FILE *copy;
	int ret;

	/* The text is collected while it is read: a pipe can't be read twice. */
	copy = open_memstream(&copy_text, &copy_len);
	if (!copy)
		return error_set_nomem(err);
	ret = build_all(&b, path, path_nr, text, ovr, ovr_nr, copy);
	if (fclose(copy) && !ret)
		ret = error_set_nomem(err);
	option_free(&b.global);
	free(b.seen);
	if (ret) {
		free(copy_text);
		workload_free(b.w);
		return ret;
	}
	b.w->text = copy_text;
	make_utf8(b.w->text);
	make_utf8(b.w->name);
	*out = b.w;
	return 0;
}

int workload_parse_files(const char *const *path, size_t path_nr,
			 const struct workload_override *ovr, size_t ovr_nr,
			 struct workload **out, struct workload_error *err)
{
	return parse(path, path_nr, NULL, ovr, ovr_nr, out, err);
}

int workload_parse_text(const char *name, const char *text,
			const struct workload_override *ovr, size_t ovr_nr,
			struct workload **out, struct workload_error *err)
{
	return parse(&name, 1, text, ovr, ovr_nr, out, err);
}

/* Given keys, and those that a check has moved off their default. */
static int print_option(FILE *out, const struct workload_job *job,
			const struct option_row *o)
{
	char *text;
	bool print = option_is_set(job, o);
	int ret;

	/* A row without default, or with a twin, differs only if given. */
	if (!print && (!o->def || o->shares_field))
		return 0;
	ret = option_format(o, job, &text);
	if (!ret && text && (print || strcmp(text, o->def)))
		fprintf(out, "%s=%s\n", o->name, text);
	free(text);
	return ret;
}

char *workload_print(const struct workload *w)
{
	char *text = NULL;
	size_t len, i, j;
	FILE *out;
	int ret = 0;

	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	for (i = 0; !ret && i < w->job_nr; i++) {
		fprintf(out, "%s[%s]\n", i ? "\n" : "", w->job[i].name);
		for (j = 0; !ret && j < option_nr(); j++) {
			if (option_at(j)->status == OPTION_SUPPORTED)
				ret = print_option(out, &w->job[i], option_at(j));
		}
	}
	if (fclose(out))
		ret = -ENOMEM;
	if (ret) {
		free(text);
		text = NULL;
	}
	return text;
}
