// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/suite.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/nearest.h"

#define ROUNDS_MAX 1000
#define SITTINGS_MAX 9

struct reader {
	struct suite *s;
	struct suite_entry global, *in; /* in: where keys go */
	unsigned int line;
	char *err;
	size_t err_size;
};

__attribute__((format(printf, 2, 3))) static int wrong(struct reader *r, const char *fmt,
						       ...)
{
	int at = snprintf(r->err, r->err_size, "%s:%u: ", r->s->file, r->line);
	va_list ap;

	if (at >= 0 && (size_t)at < r->err_size) {
		va_start(ap, fmt);
		(void)vsnprintf(r->err + at, r->err_size - (size_t)at, fmt, ap);
		va_end(ap);
	}
	return -EINVAL;
}

/* ---- keys ---- */

static int set_text(char **to, const char *value)
{
	free(*to);
	*to = strdup(value);
	return *to ? 0 : -ENOMEM;
}

/* A relative path is one from the suite's folder. */
static int take_workload(struct reader *r, const char *value)
{
	const char *slash = strrchr(r->s->file, '/');
	char *path;

	if (*value == '/' || !slash)
		return set_text(&r->in->workload, value);
	if (asprintf(&path, "%.*s/%s", (int)(slash - r->s->file), r->s->file, value) < 0)
		return -ENOMEM;
	free(r->in->workload);
	r->in->workload = path;
	return 0;
}

static int take_filesystem(struct reader *r, const char *value)
{
	if (strcmp(value, "ext4") && strcmp(value, "xfs") && strcmp(value, "btrfs"))
		return wrong(r, "filesystem=%s: must be ext4, xfs or btrfs", value);
	free(r->in->directory);
	r->in->directory = NULL;
	return set_text(&r->in->filesystem, value);
}

static int take_directory(struct reader *r, const char *value)
{
	free(r->in->filesystem);
	r->in->filesystem = NULL;
	return set_text(&r->in->directory, value);
}

static int take_engine(struct reader *r, const char *value)
{
	if (strcmp(value, "libaio") && strcmp(value, "io_uring") && strcmp(value, "null"))
		return wrong(r, "engine=%s: must be libaio, io_uring or null", value);
	return set_text(&r->in->engine, value);
}

/* A whole number from 1 on. */
static int take_number(struct reader *r, const char *key, const char *value, long max,
		       char **to)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || n < 1 || n > max)
		return wrong(r, "%s=%s: must be a whole number, 1 .. %ld", key, value,
			     max);
	return set_text(to, value);
}

static int take_rounds(struct reader *r, const char *value)
{
	return take_number(r, "rounds", value, ROUNDS_MAX, &r->in->rounds);
}

static int take_sittings(struct reader *r, const char *value)
{
	return take_number(r, "sittings", value, SITTINGS_MAX, &r->in->sittings);
}

static int take_set(struct reader *r, const char *value)
{
	const char *eq = strchr(value, '=');

	if (!eq || eq == value)
		return wrong(r, "set=%s: must be KEY=VALUE, as run's -s takes it", value);
	if (r->in->set_nr == SUITE_SET_MAX)
		return wrong(r, "set=%s: more than %d of an entry", value, SUITE_SET_MAX);
	return set_text(&r->in->set[r->in->set_nr++], value);
}

static const struct key {
	const char *name, *help;
	int (*take)(struct reader *r, const char *value);
} keys[] = {
	{ "workload", "workload file; relative paths are to the suite's folder",
	  take_workload },
	{ "filesystem", "ext4, xfs or btrfs: made for the entry, on a loop device",
	  take_filesystem },
	{ "directory", "... or where it runs, and what is mounted there",
	  take_directory },
	{ "engine", "libaio, io_uring or null, for all jobs", take_engine },
	{ "rounds", "rounds of a sitting, 1 .. 1000", take_rounds },
	{ "sittings", "runs of a night, 1 .. 9, each on a file system of its own",
	  take_sittings },
	{ "set", "KEY=VALUE for all jobs, as run's -s; any number of lines", take_set },
};

#define KEY_NR (sizeof(keys) / sizeof(keys[0]))

const char *suite_key(size_t i, const char **help)
{
	if (i >= KEY_NR)
		return NULL;
	*help = keys[i].help;
	return keys[i].name;
}

/* ---- sections ---- */

static void entry_clear(struct suite_entry *e)
{
	free(e->name);
	free(e->workload);
	free(e->filesystem);
	free(e->directory);
	free(e->engine);
	free(e->rounds);
	free(e->sittings);
	while (e->set_nr)
		free(e->set[--e->set_nr]);
	*e = (struct suite_entry){ 0 };
}

static int copy_text(char **to, const char *from)
{
	return from ? set_text(to, from) : 0;
}

static int entry_copy(struct suite_entry *to, const struct suite_entry *from)
{
	int rc = copy_text(&to->workload, from->workload);

	rc = rc ? rc : copy_text(&to->filesystem, from->filesystem);
	rc = rc ? rc : copy_text(&to->directory, from->directory);
	rc = rc ? rc : copy_text(&to->engine, from->engine);
	rc = rc ? rc : copy_text(&to->rounds, from->rounds);
	rc = rc ? rc : copy_text(&to->sittings, from->sittings);
	while (!rc && to->set_nr < from->set_nr) {
		rc = copy_text(&to->set[to->set_nr], from->set[to->set_nr]);
		to->set_nr++;
	}
	return rc;
}

/* It names a folder, and is part of reports. */
static bool good_name(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._+@-");

	return len && !name[len] && len <= 64 && *name != '.' && *name != '-';
}

/* The entry that ends here has all that it needs. */
static int check_entry(struct reader *r)
{
	if (!r->in || r->in == &r->global)
		return 0;
	r->line = r->in->line;
	if (!r->in->workload)
		return wrong(r, "[%s] has no workload=FILE", r->in->name);
	if (!r->in->filesystem && !r->in->directory)
		return wrong(
			r,
			"[%s] has neither filesystem= nor directory=: where is it to run?",
			r->in->name);
	return 0;
}

static int open_section(struct reader *r, const char *name)
{
	struct suite *s = r->s;
	unsigned int line = r->line;
	int rc = check_entry(r);
	size_t i;

	if (rc)
		return rc;
	r->line = line;
	if (!strcmp(name, "global")) {
		r->in = &r->global;
		return 0;
	}
	if (!good_name(name))
		return wrong(
			r,
			"[%s]: an entry's name is a folder's: 1 to 64 letters, digits and ._+@-, a letter or digit first",
			name);
	for (i = 0; i < s->entry_nr; i++)
		if (!strcmp(s->entry[i].name, name))
			return wrong(r, "[%s] is there already, in line %u", name,
				     s->entry[i].line);
	if (s->entry_nr == SUITE_ENTRIES_MAX)
		return wrong(r, "[%s]: more than %d entries", name, SUITE_ENTRIES_MAX);
	r->in = &s->entry[s->entry_nr++];
	r->in->line = r->line;
	r->in->name = strdup(name);
	return r->in->name ? entry_copy(r->in, &r->global) : -ENOMEM;
}

static int take_key(struct reader *r, const char *name, const char *value)
{
	struct nearest near = nearest_start(name, strlen(name));
	size_t i;

	if (!r->in)
		return wrong(r, "%s stands before the first [section]", name);
	for (i = 0; i < KEY_NR; i++) {
		if (!strcmp(keys[i].name, name))
			return *value ? keys[i].take(r, value) :
					wrong(r, "%s= has no value: %s", name,
					      keys[i].help);
		nearest_try(&near, keys[i].name);
	}
	if (near.best)
		return wrong(r, "unknown key %s: did you mean %s?", name, near.best);
	return wrong(
		r,
		"unknown key %s: a suite has workload, filesystem, directory, engine, rounds, sittings and set",
		name);
}

/* Without blanks at both ends. In place. */
static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text;
}

static int take_line(struct reader *r, char *text)
{
	char *eq;
	size_t len;

	text = trim(text);
	len = strlen(text);
	if (!len || *text == ';' || *text == '#')
		return 0;
	for (eq = text; *eq; eq++)
		if (iscntrl((unsigned char)*eq) && *eq != '\t')
			return wrong(r, "a control character (0x%02x)",
				     (unsigned char)*eq);
	if (*text == '[') {
		if (len < 3 || text[len - 1] != ']')
			return wrong(r, "%s: a section is [NAME]", text);
		text[len - 1] = '\0';
		return open_section(r, text + 1);
	}
	eq = strchr(text, '=');
	if (!eq)
		return wrong(r, "%s: a line is KEY=VALUE or [NAME]", text);
	*eq = '\0';
	return take_key(r, trim(text), trim(eq + 1));
}

void suite_free(struct suite *s)
{
	if (!s)
		return;
	while (s->entry_nr)
		entry_clear(&s->entry[--s->entry_nr]);
	free(s->entry);
	free(s->file);
	free(s);
}

static int read_lines(struct reader *r, FILE *in)
{
	char *line = NULL;
	size_t cap = 0, bytes = 0;
	ssize_t len;
	int rc = 0;

	while (!rc && (len = getline(&line, &cap, in)) > 0) {
		r->line++;
		bytes += (size_t)len;
		line[strcspn(line, "\n")] = '\0';
		if (bytes > SUITE_BYTES_MAX)
			rc = wrong(r, "more than %u bytes", SUITE_BYTES_MAX);
		else if (strlen(line) + 1 < (size_t)len)
			rc = wrong(r, "a NUL byte");
		else
			rc = take_line(r, line);
	}
	if (!rc && ferror(in)) {
		rc = -EIO;
		(void)snprintf(r->err, r->err_size, "%s: %s", r->s->file, strerror(EIO));
	}
	free(line);
	if (!rc)
		rc = check_entry(r);
	if (!rc && !r->s->entry_nr)
		rc = wrong(
			r,
			"no entry: a suite needs a [NAME] with workload= and filesystem= or directory=");
	return rc;
}

int suite_read(const char *file, struct suite **out, char *err, size_t err_size)
{
	struct reader r = { .err = err, .err_size = err_size };
	FILE *in = fopen(file, "re");
	int rc = in ? -ENOMEM : -errno;

	*out = NULL;
	if (!in) {
		(void)snprintf(err, err_size, "suite %s: %s", file, strerror(-rc));
		return rc;
	}
	r.s = calloc(1, sizeof(*r.s));
	if (r.s) {
		r.s->file = strdup(file);
		r.s->entry = calloc(SUITE_ENTRIES_MAX, sizeof(*r.s->entry));
	}
	if (r.s && r.s->file && r.s->entry)
		rc = read_lines(&r, in);
	fclose(in);
	entry_clear(&r.global);
	if (rc == -ENOMEM)
		(void)snprintf(err, err_size, "%s", strerror(ENOMEM));
	if (rc)
		suite_free(r.s);
	else
		*out = r.s;
	return rc;
}
