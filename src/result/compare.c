// SPDX-License-Identifier: GPL-2.0-or-later
/* What is compared with what: sides, variants and kinds are paired here. */
#include "result/compare_private.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SITTINGS_MIN 3 /* a side, for Welch's test */
#define NIGHTS_MIN 5   /* old ones, for one new */

/* Why it can't be done: err's line. */
struct refusal {
	char *err;
	size_t err_size;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct refusal *to,
							const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to->err, to->err_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int compare_text(char **text, const char *fmt, ...)
{
	char *made;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&made, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	free(*text);
	*text = made;
	return 0;
}

int compare_warn(struct compare *c, const char *fmt, ...)
{
	char **grown = realloc(c->warning, (c->warning_nr + 1) * sizeof(*grown));
	va_list ap;
	int len;

	if (!grown)
		return -ENOMEM;
	c->warning = grown;
	va_start(ap, fmt);
	len = vasprintf(&grown[c->warning_nr], fmt, ap);
	va_end(ap);
	if (len < 0)
		return -ENOMEM;
	c->warning_nr++;
	return 0;
}

static void pair_clear(struct compare_pair *p)
{
	size_t i;

	for (i = 0; i < p->kind_nr; i++) {
		free(p->kind[i].job);
		free(p->kind[i].kind);
		free(p->kind[i].engine[COMPARE_OLD]);
		free(p->kind[i].engine[COMPARE_NEW]);
	}
	free(p->kind);
	free(p->name[COMPARE_OLD]);
	free(p->name[COMPARE_NEW]);
}

void compare_free(struct compare *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < c->pair_nr; i++)
		pair_clear(&c->pair[i]);
	free(c->pair);
	for (i = 0; i < COMPARE_SIDES; i++) {
		free(c->side[i].workload);
		free(c->side[i].where);
	}
	free(c->cannot);
	for (i = 0; i < c->difference_nr; i++) {
		free(c->difference[i].what);
		free(c->difference[i].old_text);
		free(c->difference[i].new_text);
	}
	free(c->difference);
	for (i = 0; i < c->warning_nr; i++)
		free(c->warning[i]);
	free(c->warning);
	free(c);
}

static struct compare *compare_new(const struct compare_options *o)
{
	struct compare *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->threshold = o->threshold;
	c->rounds_suffice = o->rounds_suffice;
	c->seed = o->seed;
	c->draw_nr = o->draw_nr;
	return c;
}

/* ---- kinds ---- */

/* What only one side has is said, not passed over. */
static int warn_alone(struct compare *c, const struct result_variant *has,
		      const struct result_variant *other, const char *side)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < has->kind_nr && !rc; i++) {
		const struct result_kind *k = &has->kind[i];

		if (!result_kind_find(other->kind, other->kind_nr, k->job, k->kind,
				      c->variants ? NULL : k->engine))
			rc = compare_warn(c, "%s of job %s, %s, is only on the %s side",
					  k->kind, k->job, k->engine, side);
	}
	return rc;
}

static int kind_start(struct compare_kind *k, const struct result_kind *old_kind,
		      const struct result_kind *new_kind)
{
	k->job = strdup(old_kind->job);
	k->kind = strdup(old_kind->kind);
	k->engine[COMPARE_OLD] = strdup(old_kind->engine);
	k->engine[COMPARE_NEW] = strdup(new_kind->engine);
	k->is_extending = old_kind->is_extending;
	return k->job && k->kind && k->engine[COMPARE_OLD] && k->engine[COMPARE_NEW] ?
		       0 :
		       -ENOMEM;
}

static int pair_kinds(struct compare *c, struct compare_pair *p,
		      const struct compare_source side[COMPARE_SIDES])
{
	const struct result_variant *old_v = side[COMPARE_OLD].variant[0];
	const struct result_variant *new_v = side[COMPARE_NEW].variant[0];
	bool grown_apart = p->growth_known &&
			   fabs(p->growth_bytes[COMPARE_NEW] -
				p->growth_bytes[COMPARE_OLD]) >
				   COMPARE_GROWTH * p->growth_bytes[COMPARE_OLD];
	size_t i;
	int rc;

	p->kind = calloc(old_v->kind_nr + 1, sizeof(*p->kind));
	if (!p->kind)
		return -ENOMEM;
	for (i = 0; i < old_v->kind_nr; i++) {
		const struct result_kind *one = &old_v->kind[i], *other;
		struct compare_kind *k = &p->kind[p->kind_nr];

		other = result_kind_find(new_v->kind, new_v->kind_nr, one->job, one->kind,
					 c->variants ? NULL : one->engine);
		if (!other)
			continue;
		p->kind_nr++;
		rc = kind_start(k, one, other);
		if (rc)
			return rc;
		k->refused = k->is_extending && grown_apart;
		rc = k->refused ? 0 : compare_kind_fill(c, side, k);
		if (rc)
			return rc;
	}
	rc = warn_alone(c, old_v, new_v, "old");
	return rc ? rc : warn_alone(c, new_v, old_v, "new");
}

/* ---- variants ---- */

/*
 * Rounds and growth of a side. Growth by the round: sittings may differ in number. One
 * that has a round left out has grown by that, too, and does not count.
 */
static void pair_sums(struct compare_pair *p, const struct compare_source *from,
		      enum compare_side_of side)
{
	double bytes = 0, rounds = 0;
	size_t i;

	for (i = 0; i < from->nr; i++) {
		const struct result_variant *v = from->variant[i];
		size_t nr = compare_round_nr(from->result[i], v);

		p->round_nr[side] += nr;
		if (nr < v->round_nr)
			continue;
		if (!v->growth.known)
			p->growth_known = false;
		bytes += (double)v->growth.extended_bytes;
		rounds += (double)nr;
	}
	if (!(rounds > 0))
		p->growth_known = false;
	p->growth_bytes[side] = rounds > 0 ? bytes / rounds : 0;
}

/* A pair of variants with its kinds. Its names are the caller's, who has set them. */
static int pair_fill(struct compare *c, struct compare_pair *p,
		     const struct compare_source side[COMPARE_SIDES])
{
	p->growth_known = true;
	pair_sums(p, &side[COMPARE_OLD], COMPARE_OLD);
	pair_sums(p, &side[COMPARE_NEW], COMPARE_NEW);
	return pair_kinds(c, p, side);
}

static bool same_keys(const struct facts *a, const struct facts *b)
{
	size_t i;

	if (a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++)
		if (!fact_same(&a->fact[i], facts_get(b, a->fact[i].path)))
			return false;
	return true;
}

int compare_variant_name(const struct result *r, size_t which, char **out)
{
	const struct facts *keys = &r->variant[which].keys;
	char value[FACT_TEXT_MAX];
	size_t i;
	int rc = compare_text(out, "%s", "");

	for (i = 0; i < keys->nr && !rc; i++) {
		const struct fact *f = &keys->fact[i];
		char *had = *out;

		if (!result_key_varies(r, f->path))
			continue;
		*out = NULL;
		rc = compare_text(out, "%s%s%s %s", had, *had ? ", " : "", f->path,
				  fact_text(f, value));
		free(had);
	}
	if (!rc && r->variant_nr > 1 && !**out) {
		free(*out);
		rc = compare_text(out, "variant %zu", which + 1);
	}
	return rc;
}

/* The variant of r that is like v; NULL when there is none. */
static const struct result_variant *variant_like(const struct result *r,
						 const struct result_variant *v,
						 bool alone)
{
	size_t i;

	/* With one each the user has decided what is compared. */
	if (alone && r->variant_nr == 1)
		return r->variant;
	for (i = 0; i < r->variant_nr; i++)
		if (same_keys(&r->variant[i].keys, &v->keys))
			return &r->variant[i];
	return NULL;
}

/* ---- sittings ---- */

static enum compare_design design_of(const struct compare *c)
{
	size_t old_nr = c->side[COMPARE_OLD].sitting_nr;
	size_t new_nr = c->side[COMPARE_NEW].sitting_nr;

	if (c->rounds_suffice)
		return COMPARE_ROUNDS;
	if (old_nr >= SITTINGS_MIN && new_nr >= SITTINGS_MIN)
		return COMPARE_SITTINGS;
	return old_nr >= NIGHTS_MIN && new_nr == 1 ? COMPARE_NIGHT : COMPARE_NONE;
}

/* All against the first of the old ones. */
static int check_workloads(const struct compare_input side[COMPARE_SIDES],
			   struct refusal *no)
{
	const struct result *first = side[COMPARE_OLD].result[0];
	size_t s, i;

	for (s = 0; s < COMPARE_SIDES; s++)
		for (i = 0; i < side[s].nr; i++) {
			const struct result *r = side[s].result[i];

			if (strcmp(r->workload_sha256, first->workload_sha256))
				return refuse(
					no,
					"the workloads of %s (%s) and %s (%s) differ: --any-workload compares them all the same",
					side[COMPARE_OLD].name[0], first->workload_name,
					side[s].name[i], r->workload_name);
		}
	return 0;
}

/* Variant which of the first old result, in all results. */
static int pair_sittings(struct compare *c, const struct compare_input in[COMPARE_SIDES],
			 size_t which)
{
	const struct result *first = in[COMPARE_OLD].result[0];
	const struct result_variant *v = &first->variant[which];
	const struct result_variant **list[COMPARE_SIDES];
	struct compare_source side[COMPARE_SIDES];
	struct compare_pair *p = &c->pair[c->pair_nr];
	const char *lacks = NULL;
	size_t s, i;
	int rc = 0;

	for (s = 0; s < COMPARE_SIDES; s++) {
		list[s] = calloc(in[s].nr, sizeof(*list[s]));
		side[s] = (struct compare_source){ in[s].result, list[s], in[s].nr };
		if (!list[s])
			rc = -ENOMEM;
		for (i = 0; i < in[s].nr && list[s]; i++) {
			list[s][i] = variant_like(in[s].result[i], v,
						  first->variant_nr == 1);
			if (!list[s][i])
				lacks = in[s].name[i];
		}
	}
	if (!rc && lacks)
		rc = compare_warn(c, "variant %zu of %s is not in %s: left out",
				  which + 1, in[COMPARE_OLD].name[0], lacks);
	if (!rc && !lacks) {
		c->pair_nr++;
		rc = compare_variant_name(first, which, &p->name[COMPARE_OLD]);
		if (!rc)
			rc = compare_text(&p->name[COMPARE_NEW], "%s",
					  p->name[COMPARE_OLD]);
		if (!rc)
			rc = pair_fill(c, p, side);
	}
	free(list[COMPARE_OLD]);
	free(list[COMPARE_NEW]);
	return rc;
}

/* What only the new side has is said, as what only the old side has. */
static int warn_new_variants(struct compare *c,
			     const struct compare_input in[COMPARE_SIDES])
{
	const struct result *old = in[COMPARE_OLD].result[0];
	const struct result *new = in[COMPARE_NEW].result[0];
	size_t i, nr = 0;

	for (i = 0; i < new->variant_nr; i++)
		nr += !variant_like(old, &new->variant[i], new->variant_nr == 1);
	if (!nr)
		return 0;
	return compare_warn(c, "%zu variant%s of %s %s not in %s: left out", nr,
			    nr == 1 ? "" : "s", in[COMPARE_NEW].name[0],
			    nr == 1 ? "is" : "are", in[COMPARE_OLD].name[0]);
}

/* Verdicts, unless there is nothing to compare. */
static int finish(struct compare *c, const char *old_name, const char *new_name,
		  struct refusal *no)
{
	size_t i, kind_nr = 0;

	for (i = 0; i < c->pair_nr; i++)
		kind_nr += c->pair[i].kind_nr;
	if (!kind_nr)
		return refuse(no,
			      "nothing to compare: no job and kind of %s is in %s, too, "
			      "with the same engine",
			      old_name, new_name);
	return compare_judge(c);
}

static int deliver(struct compare *c, int rc, struct compare **out, struct refusal *no)
{
	if (rc == -ENOMEM)
		refuse(no, "%s", strerror(ENOMEM));
	if (rc)
		compare_free(c);
	else
		*out = c;
	return rc;
}

int compare_sittings(const struct compare_input side[COMPARE_SIDES],
		     const struct compare_options *options, struct compare **out,
		     char *err, size_t err_size)
{
	struct refusal no = { err, err_size };
	const struct result *first = side[COMPARE_OLD].result[0];
	struct compare *c;
	size_t i;
	int rc;

	*out = NULL;
	rc = options->any_workload ? 0 : check_workloads(side, &no);
	if (rc)
		return rc;
	c = compare_new(options);
	if (!c)
		return deliver(c, -ENOMEM, out, &no);
	rc = compare_describe(c, side);
	c->design = design_of(c);
	c->pair = calloc(first->variant_nr, sizeof(*c->pair));
	if (!c->pair)
		rc = -ENOMEM;
	for (i = 0; i < first->variant_nr && !rc; i++)
		rc = pair_sittings(c, side, i);
	if (!rc)
		rc = warn_new_variants(c, side);
	if (!rc)
		rc = finish(c, side[COMPARE_OLD].name[0], side[COMPARE_NEW].name[0], &no);
	return deliver(c, rc, out, &no);
}

int compare_variants(const struct result *r, const char *name, size_t base,
		     const struct compare_options *options, struct compare **out,
		     char *err, size_t err_size)
{
	const struct compare_input in[COMPARE_SIDES] = { { &r, &name, 1 },
							 { &r, &name, 1 } };
	struct refusal no = { err, err_size };
	struct compare *c;
	size_t i;
	int rc;

	*out = NULL;
	if (r->variant_nr < 2)
		return refuse(&no, "%s has one variant: nothing to compare it with",
			      name);
	if (base >= r->variant_nr)
		return refuse(&no, "%s has no variant %zu: --base must be 1 .. %zu", name,
			      base + 1, r->variant_nr);
	c = compare_new(options);
	if (!c)
		return deliver(c, -ENOMEM, out, &no);
	c->variants = true;
	c->design = COMPARE_ROUNDS;
	rc = compare_describe(c, in);
	c->pair = calloc(r->variant_nr, sizeof(*c->pair));
	if (!c->pair)
		rc = -ENOMEM;
	for (i = 0; i < r->variant_nr && !rc; i++) {
		const struct result_variant *v[COMPARE_SIDES] = { &r->variant[base],
								  &r->variant[i] };
		struct compare_source side[COMPARE_SIDES] = { { &r, &v[0], 1 },
							      { &r, &v[1], 1 } };
		struct compare_pair *p = &c->pair[c->pair_nr];

		if (i == base)
			continue;
		c->pair_nr++;
		rc = compare_variant_name(r, base, &p->name[COMPARE_OLD]);
		if (!rc)
			rc = compare_variant_name(r, i, &p->name[COMPARE_NEW]);
		if (!rc)
			rc = pair_fill(c, p, side);
	}
	if (!rc)
		rc = finish(c, name, name, &no);
	return deliver(c, rc, out, &no);
}
