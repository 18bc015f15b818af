/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/identity.h"

#include <errno.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/option.h"

_Static_assert(sizeof(((struct workload *)NULL)->sha256) == SHA256_DIGEST_STRING_LENGTH,
	       "room for the hash as text");

/* The names seen so far; a name's index is its identity. */
struct names {
	char **name;
	size_t nr, room;
};

/* The index of name, which becomes a new one if it is not known. */
static int names_index(struct names *n, const char *name, size_t *index)
{
	size_t i;

	for (i = 0; i < n->nr; i++) {
		if (!strcmp(n->name[i], name)) {
			*index = i;
			return 0;
		}
	}
	if (n->nr == n->room) {
		size_t room = n->room ? 2 * n->room : 16;
		char **bigger = reallocarray(n->name, room, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		n->name = bigger;
		n->room = room;
	}
	n->name[n->nr] = strdup(name);
	if (!n->name[n->nr])
		return -ENOMEM;
	*index = n->nr++;
	return 0;
}

static void names_free(struct names *n)
{
	while (n->nr)
		free(n->name[--n->nr]);
	free(n->name);
}

/* "filename=#0:#1" */
static int filename_write(FILE *out, struct names *n, const char *list)
{
	const char *p = list;
	const char *colon = "";
	int ret = 0;

	fputs("filename=", out);
	while (!ret && *p) {
		char *name = NULL;
		size_t index = 0;

		ret = workload_filename_next(&p, &name);
		if (!ret)
			ret = names_index(n, name, &index);
		if (!ret)
			fprintf(out, "%s#%zu", colon, index);
		colon = ":";
		free(name);
	}
	fputc('\n', out);
	return ret;
}

/* A line, or none for what is not part of the identity. */
static int option_write(FILE *out, struct names *n, const struct workload_job *job,
			const struct option_row *o)
{
	char *text;
	int ret;

	if (!option_is_set(job, o) || o->output)
		return 0;
	if (!strcmp(o->name, "filename"))
		return filename_write(out, n, job->filename);
	ret = option_format(o, job, &text);
	if (!ret && text)
		fprintf(out, "%s=%s\n", o->name, text);
	free(text);
	return ret;
}

char *identity_text(const struct workload *w)
{
	struct names n = { .nr = 0 };
	char *text = NULL;
	size_t len, i, j;
	FILE *out;
	int ret = 0;

	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	for (i = 0; !ret && i < w->job_nr; i++) {
		fprintf(out, "[%s]\n", w->job[i].name);
		for (j = 0; !ret && j < option_nr(); j++)
			ret = option_write(out, &n, &w->job[i], option_at(j));
	}
	if (fclose(out))
		ret = -ENOMEM;
	names_free(&n);
	if (ret) {
		free(text);
		return NULL;
	}
	return text;
}

int identity_fill(struct workload *w)
{
	char *text = identity_text(w);

	if (!text)
		return -ENOMEM;
	(void)SHA256Data((const uint8_t *)text, strlen(text), w->sha256);
	free(text);
	return 0;
}
