/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs that run at the same time on one file, which has one size and one EOF. */
#include "workload/check.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/error.h"
#include "workload/jobfile.h"
#include "workload/mix.h"
#include "workload/option.h"

/* One use of a file by one job. */
struct use {
	char *path; /* directory and name */
	const struct workload_job *job;
	size_t index; /* of job: the order among equal paths */
};

struct uses {
	struct use *use;
	size_t nr, room;
};

/* The key is where the second of the two jobs can be put right. */
static int fail(struct workload_error *err, const struct workload_job *job,
		const char *key, const struct workload_job *other, const char *path,
		const char *rule)
{
	const struct workload_where at = check_where(job, key);

	return error_set(err, &at,
			 "[%.*s] and [%.*s] write file '%.*s' at the "
			 "same time: %s",
			 ERROR_QUOTE_MAX, job->name, ERROR_QUOTE_MAX, other->name,
			 ERROR_QUOTE_MAX, path, rule);
}

/* One name of a job's list. Names are compared as text: "./x" is not "x". */
static int uses_add(struct uses *u, const struct workload_job *job, size_t index,
		    const char *name)
{
	if (u->nr == u->room) {
		size_t room = u->room ? 2 * u->room : 16;
		struct use *bigger = reallocarray(u->use, room, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		u->use = bigger;
		u->room = room;
	}
	if (asprintf(&u->use[u->nr].path, "%s%s%s", job->directory ? job->directory : "",
		     job->directory ? "/" : "", name) < 0)
		return -ENOMEM;
	u->use[u->nr].job = job;
	u->use[u->nr].index = index;
	u->nr++;
	return 0;
}

/* Empties it, for the next group. */
static void uses_clear(struct uses *u)
{
	while (u->nr)
		free(u->use[--u->nr].path);
}

/* As filename= would have it, where ':' divides. NULL: no memory. */
static char *escape(const char *name)
{
	char *text = malloc(2 * strlen(name) + 1), *to = text;

	for (; text && *name; name++) {
		if (*name == ':')
			*to++ = '\\';
		*to++ = *name;
	}
	if (text)
		*to = '\0';
	return text;
}

/* Adds a name to a list of filename=, NULL before the first. 0 or -ENOMEM. */
static int list_add(char **list, const char *name)
{
	char *escaped = escape(name), *longer = NULL;

	if (!escaped || asprintf(&longer, "%s%s%s", *list ? *list : "", *list ? ":" : "",
				 escaped) < 0)
		longer = NULL;
	free(escaped);
	if (!longer)
		return -ENOMEM;
	free(*list);
	*list = longer;
	return 0;
}

/* The job's nrfiles names as its filename. -E2BIG: a job file has no room for them. */
static int name_all(struct workload_job *job, const struct workload_where *at,
		    struct workload_error *err)
{
	const struct option_row *o = option_find("filename");
	char *escaped = NULL, *kept = NULL, *name = NULL, why[OPTION_TEXT_MAX];
	struct workload_job probe = { .name = NULL };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < job->nrfiles && !ret; i++) {
		ret = workload_format_filename(job->filename_format, job->name, 0, i,
					       &name);
		if (!ret)
			ret = list_add(&escaped, name);
		free(name);
		name = NULL;
	}
	if (ret) {
		free(escaped);
		return error_set_nomem(err);
	}
	assert(escaped);
	if (strlen(escaped) > JOBFILE_VALUE_MAX) {
		free(escaped);
		return -E2BIG;
	}
	ret = jobfile_expand(at, "filename", escaped, &kept, err);
	if (!ret && strcmp(kept, escaped) != 0)
		ret = error_set_value(err, at, "filename", escaped,
				      "is another name in a job file: give another "
				      "filename_format");
	/* Nor does the key take every name: a section's may have $pagesize in it. */
	if (!ret)
		ret = option_set(o, &probe, escaped, why);
	if (ret == -EINVAL && !err->text[0])
		ret = error_set_value(err, at, "filename", escaped, "%s", why);
	free(escaped);
	if (ret) {
		free(probe.filename);
		free(kept);
		return ret == -ENOMEM ? error_set_nomem(err) : ret;
	}
	free(probe.filename);
	job->filename = kept;
	option_mark_set(job, o, *at);
	job->nrfiles = 1;
	option_unmark_set(job, option_find("nrfiles"));
	return 0;
}

/* A format of one name is a filename; one of several is each thread's own. */
static int check_format(const struct workload *w, struct workload_job *job,
			struct workload_error *err)
{
	const struct workload_where at = check_where(job, "filename_format");
	const char *format = job->filename_format;
	char *name = NULL;
	size_t i;
	int ret;

	if (!format)
		return 0;
	ret = workload_format_filename(format, job->name, 0, 0, &name);
	if (!ret && strchr(name, '/')) {
		free(name);
		ret = -EINVAL;
	}
	if (ret == -EINVAL)
		return error_set_value(
			err, &at, "filename_format", format,
			"must be a name without /, with no other $ than $jobname, $jobnum and $filenum");
	free(name);
	if (ret)
		return error_set_nomem(err);
	if (!job->filename && job->nrfiles > 1 && !strstr(format, "$filenum"))
		return error_set_value(
			err, &at, "filename_format", format,
			"gives all %u files (nrfiles) one name: put $filenum in it",
			job->nrfiles);
	if (!job->filename && (job->numjobs == 1 || !strstr(format, "$jobnum"))) {
		ret = name_all(job, &at, err);
		if (ret == -E2BIG && job->numjobs > 1)
			return error_set_value(
				err, &at, "filename_format", format,
				"the %u threads share %u files, whose names do not fit into a line of %d bytes: put $jobnum in it, or give fewer files (nrfiles)",
				job->numjobs, job->nrfiles, JOBFILE_LINE_MAX);
		/* A single thread's own files are the same. */
		if (ret && ret != -E2BIG)
			return ret;
	}
	if (job->filename) {
		free(job->filename_format);
		job->filename_format = NULL;
		option_unmark_set(job, option_find("filename_format"));
		return 0;
	}
	for (i = 0; w->job + i != job; i++)
		if (w->job[i].filename_format && !strstr(format, "$jobname") &&
		    !strcmp(w->job[i].filename_format, format))
			return error_set_value(
				err, &at, "filename_format", format,
				"names the files of job %s, too: put $jobname in it",
				w->job[i].name);
	return 0;
}

/* Adds the files that the job names; without a filename they are its own. */
static int uses_add_job(struct uses *u, const struct workload_job *job, size_t index,
			struct workload_error *err)
{
	const struct workload_where at = check_where(job, "filename");
	const char *list = job->filename;
	int ret = 0;

	while (!ret && list && *list) {
		char *name = NULL;

		ret = workload_filename_next(&list, &name);
		if (ret == -EINVAL)
			return error_set_value(err, &at, "filename", job->filename,
					       "has an empty name in its list");
		if (!ret)
			ret = uses_add(u, job, index, name);
		free(name);
	}
	return ret ? error_set_nomem(err) : 0;
}

/* By path; uses of one path stay in the order of the jobs. */
static int use_compare(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* Where the first extending member is, all are: mix_parse() sees to that. */
static bool is_unaligned(const struct workload_mix *mix)
{
	const struct workload_mix_item *item = mix_extending(mix);

	return item && item->kind.mods & KIND_UNALIGNED;
}

/* The rules for the nr uses of one path. */
static int check_path(const struct use *use, size_t nr, struct workload_error *err)
{
	const struct workload_job *first = use[0].job;
	const struct workload_job *extending = NULL, *past_eof[2] = { NULL };
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct workload_job *job = use[i].job;
		const char *path = use[i].path;
		const bool append = mix_has_base(&job->mix, KIND_APPEND);
		const bool prealloc = mix_has_base(&job->mix, KIND_APPEND_PREALLOC);

		if (i && job == use[i - 1].job) {
			const struct workload_where at = check_where(job, "filename");

			return error_set(err, &at, "filename has '%.*s' twice",
					 ERROR_QUOTE_MAX, path);
		}
		if (!job->mix.nr != !first->mix.nr)
			return fail(err, job, "mix", first, path,
				    "both must have mix, or neither");
		if (job->mix.nr && job->size.bytes != first->size.bytes)
			return fail(err, job, "size", first, path,
				    "both must have the same size");
		if (job->mix.nr && job->extend_wait != first->extend_wait)
			return fail(err, job, "extend_wait", first, path,
				    "both must have the same extend_wait");
		/*
		 * Both are kept over the jobs between: a job with neither
		 * kind may stand between the two that collide.
		 */
		if (append)
			past_eof[0] = job;
		if (prealloc)
			past_eof[1] = job;
		if (past_eof[0] && past_eof[1])
			return fail(err, job, "mix", past_eof[append ? 1 : 0], path,
				    "append and append-prealloc can't "
				    "share a file");
		if (!mix_extending(&job->mix))
			continue;
		if (extending && is_unaligned(&job->mix) != is_unaligned(&extending->mix))
			return fail(err, job, "mix", extending, path,
				    "all extending kinds must have +unaligned, "
				    "or none");
		extending = job;
	}
	return 0;
}

/* Ends a group: all uses of a path are neighbours after the sort. */
static int check_uses(struct uses *u, struct workload_error *err)
{
	size_t i, n;
	int ret = 0;

	if (u->nr)
		qsort(u->use, u->nr, sizeof(u->use[0]), use_compare);
	for (i = 0; !ret && i < u->nr; i += n) {
		for (n = 1; i + n < u->nr; n++) {
			if (strcmp(u->use[i].path, u->use[i + n].path))
				break;
		}
		ret = check_path(u->use + i, n, err);
	}
	uses_clear(u);
	return ret;
}

int check_shared_files(const struct workload *w, struct workload_error *err)
{
	struct uses u = { .nr = 0 };
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < w->job_nr; i++)
		ret = check_format(w, &w->job[i], err);
	for (i = 0; !ret && i < w->job_nr; i++) {
		if (w->job[i].stonewall)
			ret = check_uses(&u, err);
		if (!ret)
			ret = uses_add_job(&u, &w->job[i], i, err);
	}
	if (!ret)
		ret = check_uses(&u, err);
	uses_clear(&u);
	free(u.use);
	return ret;
}
