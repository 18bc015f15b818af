// SPDX-License-Identifier: GPL-2.0-or-later
/* The document of man/diowait-compare.1. Keys and their order are an interface. */
#include "result/compare.h"

#include "result/doc.h"

static const char *const side_name[COMPARE_SIDES] = { "old", "new" };

static const char *verdict_name(enum compare_verdict verdict)
{
	static const char *const name[] = {
		[COMPARE_NO_VERDICT] = NULL, [COMPARE_SAME] = "same",
		[COMPARE_SMALL] = "small",   [COMPARE_SLOWER] = "slower",
		[COMPARE_FASTER] = "faster",
	};

	return name[verdict];
}

static struct json_t *side_object(struct doc *d, const struct compare_side *s)
{
	struct json_t *o = doc_new();

	doc_put(d, o, "sittings", doc_count(s->sitting_nr));
	doc_put(d, o, "rounds", doc_count(s->round_nr));
	doc_put(d, o, "boots", s->boot_nr ? doc_count(s->boot_nr) : doc_none());
	doc_put(d, o, "first", doc_time(&s->first));
	doc_put(d, o, "last", doc_time(&s->last));
	doc_put(d, o, "workload", doc_text(s->workload));
	doc_put(d, o, "where", doc_text(s->where));
	return o;
}

static struct json_t *row_object(struct doc *d, const struct compare_row *row)
{
	static const char *const state[] = {
		[COMPARE_ABSENT] = "absent",	 [COMPARE_FEW] = "too_few_samples",
		[COMPARE_ZERO] = "zero",	 [COMPARE_ENGINES] = "engines_differ",
		[COMPARE_RATIO] = "exploratory", [COMPARE_IN_GATE] = "gate",
	};
	struct json_t *o = doc_new();

	doc_put(d, o, "measure", doc_text(compare_measure_key(row->measure)));
	doc_put(d, o, "state", doc_text(state[row->state]));
	doc_put(d, o, "old", doc_real(row->value[COMPARE_OLD]));
	doc_put(d, o, "new", doc_real(row->value[COMPARE_NEW]));
	doc_put(d, o, "ratio", doc_real(row->ratio));
	doc_put(d, o, "ratio_low", doc_real(row->low));
	doc_put(d, o, "ratio_high", doc_real(row->high));
	doc_put(d, o, "p", doc_real(row->p));
	doc_put(d, o, "p_holm", doc_real(row->p_holm));
	doc_put(d, o, "verdict", doc_text(verdict_name(row->verdict)));
	doc_put(d, o, "samples_least", doc_count(row->samples));
	doc_put(d, o, "samples_needed", doc_count(row->needed));
	return o;
}

static struct json_t *kind_object(struct doc *d, const struct compare_kind *k)
{
	struct json_t *o = doc_new(), *engine = doc_new(), *rows = doc_list();
	unsigned int i;

	doc_put(d, o, "job", doc_text(k->job));
	doc_put(d, o, "kind", doc_text(k->kind));
	for (i = 0; i < COMPARE_SIDES; i++)
		doc_put(d, engine, side_name[i], doc_text(k->engine[i]));
	doc_put(d, o, "engine", engine);
	doc_put(d, o, "extending", doc_yes(k->is_extending));
	doc_put(d, o, "growths_differ", doc_yes(k->refused));
	for (i = 0; i < COMPARE_MEASURE_NR && !k->refused; i++)
		doc_add(d, rows, row_object(d, &k->row[i]));
	doc_put(d, o, "rows", rows);
	return o;
}

static struct json_t *pair_object(struct doc *d, const struct compare_pair *p)
{
	struct json_t *o = doc_new(), *name = doc_new(), *rounds = doc_new();
	struct json_t *growth = doc_new(), *kinds = doc_list();
	size_t i;

	for (i = 0; i < COMPARE_SIDES; i++) {
		doc_put(d, name, side_name[i], doc_text(p->name[i]));
		doc_put(d, rounds, side_name[i], doc_count(p->round_nr[i]));
		doc_put(d, growth, side_name[i],
			p->growth_known ? doc_real(p->growth_bytes[i]) : doc_none());
	}
	doc_put(d, o, "variant", name);
	doc_put(d, o, "rounds", rounds);
	doc_put(d, o, "growth_bytes", growth);
	for (i = 0; i < p->kind_nr; i++)
		doc_add(d, kinds, kind_object(d, &p->kind[i]));
	doc_put(d, o, "kinds", kinds);
	return o;
}

static struct json_t *difference_list(struct doc *d, const struct compare *c)
{
	struct json_t *list = doc_list();
	size_t i;

	for (i = 0; i < c->difference_nr; i++) {
		struct json_t *o = doc_new();

		doc_put(d, o, "what", doc_text(c->difference[i].what));
		doc_put(d, o, "old", doc_text(c->difference[i].old_text));
		doc_put(d, o, "new", doc_text(c->difference[i].new_text));
		doc_add(d, list, o);
	}
	return list;
}

static struct json_t *document(const struct compare *c)
{
	static const char *const test[] = {
		[COMPARE_NONE] = NULL,
		[COMPARE_ROUNDS] = "rank_sum",
		[COMPARE_SITTINGS] = "welch_log",
		[COMPARE_NIGHT] = "prediction_log",
	};
	struct json_t *root = doc_new(), *pairs = doc_list(), *warnings = doc_list();
	struct doc d = { .failed = !root };
	size_t i;

	doc_put(&d, root, "schema", doc_text(COMPARE_SCHEMA));
	doc_put(&d, root, "version", doc_text(PACKAGE_VERSION));
	doc_put(&d, root, "verdict",
		doc_text(c->cannot    ? NULL :
			 c->slower_nr ? "slower" :
			 c->faster_nr ? "faster" :
					"same"));
	doc_put(&d, root, "cannot", doc_text(c->cannot));
	doc_put(&d, root, "test", doc_text(test[c->design]));
	doc_put(&d, root, "variants", doc_yes(c->variants));
	doc_put(&d, root, "rounds_suffice", doc_yes(c->rounds_suffice));
	doc_put(&d, root, "threshold", doc_real(c->threshold));
	doc_put(&d, root, "alpha", doc_real(COMPARE_ALPHA));
	doc_put(&d, root, "seed", doc_count(c->seed));
	doc_put(&d, root, "resamples", doc_count(c->draw_nr));
	doc_put(&d, root, "gate", doc_count(c->gate_nr));
	doc_put(&d, root, "slower", doc_count(c->slower_nr));
	doc_put(&d, root, "faster", doc_count(c->faster_nr));
	for (i = 0; i < COMPARE_SIDES; i++)
		doc_put(&d, root, side_name[i], side_object(&d, &c->side[i]));
	doc_put(&d, root, "differences", difference_list(&d, c));
	for (i = 0; i < c->pair_nr; i++)
		doc_add(&d, pairs, pair_object(&d, &c->pair[i]));
	doc_put(&d, root, "pairs", pairs);
	for (i = 0; i < c->warning_nr; i++)
		doc_add(&d, warnings, doc_text(c->warning[i]));
	doc_put(&d, root, "warnings", warnings);
	if (d.failed) {
		doc_free(root);
		return NULL;
	}
	return root;
}

int compare_dump(const struct compare *c, FILE *out)
{
	return doc_write(document(c), false, out);
}
