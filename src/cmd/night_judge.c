// SPDX-License-Identifier: GPL-2.0-or-later
/* A night's result against those of the nights before. */
#include "cmd/night.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct baseline {
	const struct result *result[NIGHT_BASELINE + 1];
	const char *name[NIGHT_BASELINE + 1];
	size_t nr;
};

static void baseline_clear(struct baseline *b)
{
	while (b->nr)
		result_free((struct result *)b->result[--b->nr]);
}

/* The last comparable nights before this one, since what was accepted. */
static int read_baseline(const struct night *n, const struct store_entry *se,
			 const struct store_run *run, struct baseline *b, char *err,
			 size_t err_size)
{
	long long since = night_read_number(n, se->name, "accepted");
	size_t i;

	for (i = se->run_nr; i-- && b->nr < NIGHT_BASELINE;) {
		const struct store_run *old = &se->run[i];
		struct result *r;
		char *path;
		int rc;

		if (old->started.tv_sec >= n->started.tv_sec || old->interrupted ||
		    old->started.tv_sec < since ||
		    strcmp(old->fingerprint, run->fingerprint) != 0)
			continue;
		path = night_path(n, se->name, old->file);
		rc = path ? result_read(path, &r, err, err_size) : -ENOMEM;
		free(path);
		if (rc)
			return rc;
		b->name[b->nr] = old->file;
		b->result[b->nr++] = r;
	}
	return 0;
}

void night_judge(const struct night *n, struct night_entry *e,
		 const struct store_entry *se, const struct store_run *run)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct baseline b = { .nr = 0 };
	char err[NIGHT_TEXT_MAX] = "", *path = night_path(n, e->of->name, run->file);
	struct result *r = NULL;
	int rc = path ? 0 : -ENOMEM;

	if (!rc)
		rc = read_baseline(n, se, run, &b, err, sizeof(err));
	e->baseline_nr = b.nr;
	if (!rc && b.nr < NIGHT_BASELINE_MIN) {
		e->state = NIGHT_NEW;
		(void)snprintf(e->text, sizeof(e->text),
			       "%zu of the %d nights that it needs", b.nr,
			       NIGHT_BASELINE_MIN);
		goto out;
	}
	if (!rc)
		rc = result_read(path, &r, err, sizeof(err));
	if (!rc) {
		const struct compare_input side[COMPARE_SIDES] = {
			{ b.result, b.name, b.nr },
			{ (const struct result *const *)&r,
			  (const char *const *)&run->file, 1 },
		};

		rc = compare_sittings(side, &options, &e->compare, err, sizeof(err));
	}
	if (rc)
		(void)night_failed(e, "no comparison", *err ? err : strerror(-rc));
	else if (e->compare->cannot) {
		e->state = NIGHT_NEW;
		(void)snprintf(e->text, sizeof(e->text), "%s", e->compare->cannot);
	} else {
		e->state = NIGHT_JUDGED;
	}
out:
	result_free(r);
	baseline_clear(&b);
	free(path);
}

const struct store_run *night_run_of(const struct night *n, const struct store_entry *se)
{
	size_t i;

	for (i = se->run_nr; i--;)
		if (se->run[i].started.tv_sec >= n->started.tv_sec &&
		    !se->run[i].interrupted)
			return &se->run[i];
	return NULL;
}

const struct store_entry *night_store_entry(const struct store *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->entry_nr; i++)
		if (!strcmp(s->entry[i].name, name))
			return &s->entry[i];
	return NULL;
}
