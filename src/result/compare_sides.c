// SPDX-License-Identifier: GPL-2.0-or-later
/* What the two sides are, and what is not the same on both beside the numbers. */
#include "result/compare_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A few distinct values of one fact, as text. */
#define VALUES_SHOWN 4

struct values {
	char **text;
	size_t nr;
};

static void values_clear(struct values *v)
{
	while (v->nr)
		free(v->text[--v->nr]);
	free(v->text);
}

static bool values_have(const struct values *v, const char *text)
{
	size_t i;

	for (i = 0; i < v->nr; i++)
		if (!strcmp(v->text[i], text))
			return true;
	return false;
}

/* Takes text over. 0 or -ENOMEM. */
static int values_add(struct values *v, char *text)
{
	char **grown;

	if (!text || values_have(v, text)) {
		free(text);
		return text ? 0 : -ENOMEM;
	}
	grown = realloc(v->text, (v->nr + 1) * sizeof(*grown));
	if (!grown) {
		free(text);
		return -ENOMEM;
	}
	v->text = grown;
	grown[v->nr++] = text;
	return 0;
}

static bool values_same(const struct values *a, const struct values *b)
{
	size_t i;

	for (i = 0; i < b->nr; i++)
		if (!values_have(a, b->text[i]))
			return false;
	return a->nr == b->nr;
}

/* "a | b". */
static int values_join(const struct values *v, char **out)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < v->nr && i <= VALUES_SHOWN && !rc; i++) {
		char *had = *out;

		*out = NULL;
		rc = compare_text(out, "%s%s%s", had ? had : "", had ? " | " : "",
				  i == VALUES_SHOWN ? "..." : v->text[i]);
		free(had);
	}
	return rc;
}

/* NULL: no memory. What is missing is null. */
static char *value_text(const struct fact *f)
{
	char buf[FACT_TEXT_MAX];

	return strdup(fact_text(f, buf));
}

/* ---- differences ---- */

/* What is never the same, or says nothing of what was measured. */
static bool always_differs(const char *path)
{
	static const char *const list[] = { "boot_id", "filesystem.free_bytes",
					    "filesystem.mount_point",
					    "loop.backing_extents.",
					    "loop.backing_file" };
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (!strncmp(path, list[i], strlen(list[i])))
			return true;
	return false;
}

static int add_difference(struct compare *c, const char *what, const struct values *old,
			  const struct values *new)
{
	struct compare_difference *grown, *d;

	if (values_same(old, new))
		return 0;
	grown = realloc(c->difference, (c->difference_nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->difference = grown;
	d = &grown[c->difference_nr++];
	*d = (struct compare_difference){ .what = strdup(what) };
	if (!d->what || values_join(old, &d->old_text) || values_join(new, &d->new_text))
		return -ENOMEM;
	return 0;
}

/* One text of each result, put beside each other under a name. */
static int differ_text(struct compare *c, const char *what,
		       const struct compare_input side[COMPARE_SIDES],
		       char *(*text)(const struct result *r, const char *what))
{
	struct values v[COMPARE_SIDES] = { 0 };
	size_t s, i;
	int rc = 0;

	for (s = 0; s < COMPARE_SIDES; s++)
		for (i = 0; i < side[s].nr && !rc; i++)
			rc = values_add(&v[s], text(side[s].result[i], what));
	if (!rc)
		rc = add_difference(c, what, &v[COMPARE_OLD], &v[COMPARE_NEW]);
	values_clear(&v[COMPARE_OLD]);
	values_clear(&v[COMPARE_NEW]);
	return rc;
}

static const struct facts *host_of(const struct result *r)
{
	return &r->host;
}

/* Of one that is alone: variants of a sweep are paired by their keys. */
static const struct facts *keys_of(const struct result *r)
{
	static const struct facts none;

	return r->variant_nr == 1 ? &r->variant[0].keys : &none;
}

static char *host_text(const struct result *r, const char *path)
{
	return value_text(facts_get(host_of(r), path));
}

static char *key_text(const struct result *r, const char *path)
{
	return value_text(facts_get(keys_of(r), path));
}

static char *tier_text(const struct result *r, const char *what)
{
	char *text = NULL;

	(void)what;
	(void)compare_text(&text, "%d", r->evidence_tier);
	return text;
}

/* Of all results, in the order in which they are met. */
static int differ_facts(struct compare *c, const struct compare_input side[COMPARE_SIDES],
			const struct facts *(*facts)(const struct result *r),
			char *(*text)(const struct result *r, const char *what))
{
	struct values done = { 0 };
	size_t s, i, k;
	int rc = 0;

	for (s = 0; s < COMPARE_SIDES; s++)
		for (i = 0; i < side[s].nr; i++) {
			const struct facts *f = facts(side[s].result[i]);

			for (k = 0; k < f->nr && !rc; k++) {
				const char *path = f->fact[k].path;

				if (always_differs(path) || values_have(&done, path))
					continue;
				rc = values_add(&done, strdup(path));
				if (!rc)
					rc = differ_text(c, path, side, text);
			}
		}
	values_clear(&done);
	return rc;
}

/* ---- sides ---- */

static bool earlier(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec;
}

static int describe_where(struct compare_side *s, const struct result *r)
{
	const char *kernel = facts_get_text(&r->host, "kernel");
	const char *type = facts_get_text(&r->host, "filesystem.type");
	const char *source = facts_get_text(&r->host, "filesystem.source");
	const char *model = facts_get_text(&r->host, "block.model");

	return compare_text(&s->where, "%s%s%s%s%s%s%s", kernel ? kernel : "kernel -",
			    type ? ", " : "", type ? type : "",
			    type && source ? " on " : "", type && source ? source : "",
			    model ? ", " : "", model ? model : "");
}

static int describe_side(struct compare_side *s, const struct compare_input *in)
{
	struct values boots = { 0 };
	size_t i, v;
	int rc;

	s->sitting_nr = in->nr;
	s->first = s->last = in->result[0]->started;
	rc = compare_text(&s->workload, "%s", in->result[0]->workload_name);
	if (!rc)
		rc = describe_where(s, in->result[0]);
	for (i = 0; i < in->nr && !rc; i++) {
		const struct result *r = in->result[i];
		const char *boot = facts_get_text(&r->host, "boot_id");

		if (earlier(&r->started, &s->first))
			s->first = r->started;
		if (earlier(&s->last, &r->started))
			s->last = r->started;
		for (v = 0; v < r->variant_nr; v++)
			s->round_nr += compare_round_nr(r, &r->variant[v]);
		if (boot)
			rc = values_add(&boots, strdup(boot));
	}
	s->boot_nr = boots.nr;
	values_clear(&boots);
	return rc;
}

/* A sitting that is given twice would count as two. */
static bool same_run(const struct result *a, const struct result *b)
{
	const char *x = facts_get_text(&a->host, "boot_id");
	const char *y = facts_get_text(&b->host, "boot_id");

	return a->started.tv_sec == b->started.tv_sec && x && y && !strcmp(x, y) &&
	       a->variant[0].seconds == b->variant[0].seconds;
}

/* What an interrupted run lacks: compare_round_nr(). */
static const char *cut_text(const struct result *r)
{
	if (r->variant_nr > 1)
		return "it lacks rounds";
	return r->variant->round_nr > 1 ? "its last round is left out" :
					  "its only round was cut short";
}

static int warn_side(struct compare *c, const struct compare_input *in)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; i < in->nr && !rc; i++) {
		const struct result *r = in->result[i];

		if (r->interrupted)
			rc = compare_warn(c, "%s is of an interrupted run: %s",
					  in->name[i], cut_text(r));
		for (k = 0; k < i && !rc; k++)
			if (same_run(r, in->result[k]))
				rc = compare_warn(c, "%s and %s are the same run",
						  in->name[k], in->name[i]);
	}
	return rc;
}

/* How many results of a side say text first. *name: the first of them. */
static size_t noted(const struct compare_input *in, const char *text, const char **name)
{
	size_t i, k, nr = 0;

	for (i = 0; i < in->nr; i++)
		for (k = 0; k < in->result[i]->note_nr; k++) {
			const struct result_note *n = &in->result[i]->note[k];

			if (n->level != RESULT_NOTE_FIRST || strcmp(n->text, text))
				continue;
			*name = nr++ ? *name : in->name[i];
			break;
		}
	return nr;
}

/* What results say of themselves first, a text once, however many say it. */
static int warn_notes(struct compare *c, const struct compare_input side[COMPARE_SIDES],
		      size_t sides)
{
	struct values done = { 0 };
	size_t s, i, k;
	int rc = 0;

	for (s = 0; s < sides; s++)
		for (i = 0; i < side[s].nr; i++)
			for (k = 0; k < side[s].result[i]->note_nr && !rc; k++) {
				const struct result_note *n = &side[s].result[i]->note[k];
				const char *name = side[s].name[i], *old_name;
				size_t nr = noted(&side[s], n->text, &name);

				if (n->level != RESULT_NOTE_FIRST ||
				    values_have(&done, n->text))
					continue;
				rc = values_add(&done, strdup(n->text));
				if (s == 0 && sides > 1)
					nr += noted(&side[1], n->text, &old_name);
				if (!rc && nr > 1)
					rc = compare_warn(c, "%s, and %zu more: %s", name,
							  nr - 1, n->text);
				else if (!rc)
					rc = compare_warn(c, "%s: %s", name, n->text);
			}
	values_clear(&done);
	return rc;
}

int compare_describe(struct compare *c, const struct compare_input side[COMPARE_SIDES])
{
	int rc = describe_side(&c->side[COMPARE_OLD], &side[COMPARE_OLD]);

	if (!rc)
		rc = describe_side(&c->side[COMPARE_NEW], &side[COMPARE_NEW]);
	if (!rc)
		rc = warn_side(c, &side[COMPARE_OLD]);
	if (!rc && !c->variants)
		rc = warn_side(c, &side[COMPARE_NEW]);
	if (!rc)
		rc = warn_notes(c, side, c->variants ? 1 : COMPARE_SIDES);
	if (rc || c->variants)
		return rc;
	rc = differ_text(c, "evidence tier", side, tier_text);
	if (!rc)
		rc = differ_facts(c, side, keys_of, key_text);
	if (!rc)
		rc = differ_facts(c, side, host_of, host_text);
	return rc;
}
