// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the numbers of a figure come from. What all results agree in is said once,
 * the rest for each.
 */
#include <stdio.h>
#include <string.h>

#include "result/format.h"
#include "result/plot_private.h"

#define CAPTION_MAX 512
#define SOURCES_MAX 12 /* that are told one by one */

enum field { FIELD_MACHINE, FIELD_FS, FIELD_LOAD, FIELD_WHEN, FIELD_NR };

static void machine(const struct result *r, char *buf)
{
	const char *kernel = facts_get_text(&r->host, "kernel");

	snprintf(buf, CAPTION_MAX, "kernel %s", kernel ? kernel : "not known");
}

static void file_system(const struct result *r, char *buf)
{
	const char *fs = facts_get_text(&r->host, "filesystem.type");
	const char *device = facts_get_text(&r->host, "block.name");
	const char *model = facts_get_text(&r->host, "block.model");
	const char *backing = facts_get_text(&r->host, "loop.backing_fs");

	if (!device)
		device = facts_get_text(&r->host, "filesystem.source");
	if (!fs && !device)
		snprintf(buf, CAPTION_MAX, "no file system");
	else
		snprintf(buf, CAPTION_MAX, "%s on %s%s%s%s%s%s", fs ? fs : "no fs",
			 device ? device : "no device", model ? " (" : "",
			 model ? model : "", model ? ")" : "",
			 backing ? ", a loop device on " : "", backing ? backing : "");
}

static void add_once(char *buf, const char *before, const char *word)
{
	const char *at = strstr(buf, word);

	/* A whole word of the list. */
	if (at && (at == buf || at[-1] == ' ') &&
	    (!at[strlen(word)] || at[strlen(word)] == ','))
		return;
	plot_add(buf, CAPTION_MAX, before, word);
}

/* Engines, reap, and what was run how often. */
static void load(const struct result *r, char *buf)
{
	char value[PLOT_NAME_MAX], engines[CAPTION_MAX] = "", reap[CAPTION_MAX] = "";
	size_t v, k, least = SIZE_MAX, most = 0;
	char from[40] = "";

	for (v = 0; v < r->variant_nr; v++) {
		const struct fact *how = facts_get(&r->variant[v].keys, "reap");

		for (k = 0; k < r->variant[v].kind_nr; k++)
			add_once(engines, ", ", r->variant[v].kind[k].engine);
		if (how)
			add_once(reap, ", ", fact_text(how, value));
		if (r->variant[v].round_nr > most)
			most = r->variant[v].round_nr;
		if (r->variant[v].round_nr < least)
			least = r->variant[v].round_nr;
	}
	if (least < most)
		snprintf(from, sizeof(from), "%zu to ", least);
	snprintf(buf, CAPTION_MAX, "%.100s, reap %.40s, %s%zu round%s of %.200s", engines,
		 *reap ? reap : "not known", from, most, most == 1 ? "" : "s",
		 r->workload_name);
}

static void when(const struct result *r, char *buf)
{
	char day[FORMAT_MAX];

	snprintf(buf, CAPTION_MAX, "diowait %.100s, %s%s",
		 r->version ? r->version : PACKAGE_VERSION, format_day(day, &r->started),
		 r->interrupted ? ", interrupted" : "");
}

static void field(const struct result *r, enum field which, char *buf)
{
	static void (*const get[FIELD_NR])(const struct result *, char *) = {
		machine,
		file_system,
		load,
		when,
	};

	get[which](r, buf);
}

static bool agrees(const struct plot_request *q, enum field which)
{
	char first[CAPTION_MAX], other[CAPTION_MAX];
	size_t s;

	field(q->source[0].r, which, first);
	for (s = 1; s < q->source_nr; s++) {
		field(q->source[s].r, which, other);
		if (strcmp(first, other))
			return false;
	}
	return true;
}

bool plot_same_place(const struct plot_request *q)
{
	return agrees(q, FIELD_MACHINE) && agrees(q, FIELD_FS);
}

/* The fields in which all agree, or the others. */
static void gather(const struct plot_request *q, size_t source, bool common, char *buf,
		   size_t size)
{
	char one[CAPTION_MAX];
	unsigned int i;

	buf[0] = '\0';
	for (i = 0; i < FIELD_NR; i++) {
		if (agrees(q, i) != common)
			continue;
		field(q->source[source].r, i, one);
		plot_add(buf, size, "; ", one);
	}
}

void plot_caption(const struct plot_request *q, struct figure *f)
{
	char text[FIELD_NR * CAPTION_MAX], name[PLOT_NAME_MAX];
	size_t s;

	gather(q, 0, true, text, sizeof(text));
	if (*text)
		figure_add_caption(f, "%s", text);
	for (s = 0; s < q->source_nr && q->source_nr > 1; s++) {
		gather(q, s, false, text, sizeof(text));
		if (!*text)
			break;
		if (s == SOURCES_MAX) {
			figure_add_caption(f, "and %zu more", q->source_nr - s);
			break;
		}
		figure_add_caption(f, "%s: %s",
				   plot_source_name(q, &q->source[s], 40, name), text);
	}
}
