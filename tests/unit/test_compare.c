// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comparisons of synthetic results: what is tested how, verdicts and their conditions,
 * refusals, pairs, and that the report keeps to its width.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "result/compare.h"
#include "result/lines.h"
#include "result_sample.h"

#define MANY 8
#define ROUNDS 10

static const char *const names[MANY] = { "a", "b", "c", "d", "e", "f", "g", "h" };

/*
 * A result of ROUNDS rounds of overwrite and append. Medians of lat are factor times 5
 * ms (of both kinds), of slat 5 us and factor times 5 ms; sitting and round move them by
 * a little, and never alike.
 */
struct plan {
	double factor;
	unsigned int sitting;
	uint64_t samples; /* a round and kind */
	size_t rounds;
};

static double wobble(unsigned int sitting, size_t round)
{
	unsigned int x = (sitting * 7919u + (unsigned int)round * 104729u) * 2654435761u;

	return 1 + (x >> 16) % 1000 / 1e6 + sitting % 5 * 0.0007;
}

static void set_dist(const struct result *r, struct result_dist *d, double p50,
		     uint64_t n)
{
	size_t i;

	free(d->percentile_ns);
	d->percentile_ns = calloc(r->percentile_nr, sizeof(*d->percentile_ns));
	/* p50 at 50, twice that at 99. */
	for (i = 0; i < r->percentile_nr; i++)
		d->percentile_ns[i] = (uint64_t)(p50 *
						 (0.5 + r->percentile[i] / 100 +
						  (r->percentile[i] > 98 ? 0.51 : 0)));
	d->sum = (struct hist_summary){ .n = n, .mean_ns = p50, .max_ns = 4 };
}

static void set_kind(const struct result *r, struct result_kind *k, const char *kind,
		     double factor, uint64_t n)
{
	bool extending = !strcmp(kind, "append");

	k->job = strdup("mixed");
	k->kind = strdup(kind);
	k->engine = strdup("libaio");
	k->is_write = true;
	k->is_extending = extending;
	k->ops = n;
	k->iops = 1000 / factor;
	set_dist(r, &k->lat, 5e6 * factor, n);
	set_dist(r, &k->slat, extending ? 5e6 * factor : 5e3, n);
	set_dist(r, &k->victim, extending ? 0 : 1e6 * factor, n);
}

static void set_variant(const struct result *r, struct result_variant *v, struct plan p)
{
	static const char *const kind[] = { "overwrite", "append" };
	size_t i, k;

	v->kind = calloc(2, sizeof(*v->kind));
	v->kind_nr = 2;
	for (k = 0; k < 2; k++)
		set_kind(r, &v->kind[k], kind[k], p.factor, p.samples * p.rounds);
	v->round = calloc(p.rounds, sizeof(*v->round));
	v->round_nr = p.rounds;
	for (i = 0; i < p.rounds; i++) {
		v->round[i].kind = calloc(2, sizeof(*v->round->kind));
		v->round[i].kind_nr = 2;
		for (k = 0; k < 2; k++)
			set_kind(r, &v->round[i].kind[k], kind[k],
				 p.factor * wobble(p.sitting, i), p.samples);
	}
	v->seconds = (double)p.rounds + p.sitting;
	v->growth = (struct result_growth){ .known = true,
					    .extended_bytes = p.rounds << 20 };
}

static struct result *made(struct plan p)
{
	struct result *r = result_new(NULL, 0);

	r->started.tv_sec = 1795398000 + 3600 * p.sitting;
	sample_host(&r->host);
	facts_text(&r->host, "boot_id", p.sitting % 2 ? "one" : "two");
	facts_int(&r->host, "filesystem.free_bytes", 1000 + p.sitting);
	r->workload_name = strdup("mixed.job");
	r->workload_sha256 = strdup("0123");
	r->variant = calloc(1, sizeof(*r->variant));
	r->variant_nr = 1;
	facts_text(&r->variant->keys, "iodepth", "16");
	set_variant(r, r->variant, p);
	return r;
}

/* Two sides of results: nr[] each, the new ones factor times as long. */
struct sides {
	struct result *r[COMPARE_SIDES][MANY];
	struct compare_input in[COMPARE_SIDES];
	struct compare_options options;
	struct compare *c;
	char err[512];
};

static void sides_make(struct sides *s, size_t old_nr, size_t new_nr, double factor)
{
	size_t i;

	*s = (struct sides){ .options = COMPARE_DEFAULTS };
	s->options.draw_nr = 1000;
	for (i = 0; i < old_nr; i++)
		s->r[COMPARE_OLD][i] = made(
			(struct plan){ 1, (unsigned int)i, 2000, ROUNDS });
	for (i = 0; i < new_nr; i++)
		s->r[COMPARE_NEW][i] = made(
			(struct plan){ factor, 10 + (unsigned int)i, 2000, ROUNDS });
	for (i = 0; i < COMPARE_SIDES; i++)
		s->in[i] = (struct compare_input){ (const struct result *const *)s->r[i],
						   names, i ? new_nr : old_nr };
}

static const struct compare *sides_compare(struct sides *s)
{
	compare_free(s->c);
	s->err[0] = '\0';
	if (compare_sittings(s->in, &s->options, &s->c, s->err, sizeof(s->err)))
		fail_msg("%s", s->err);
	assert_string_equal(s->err, "");
	return s->c;
}

static void sides_free(struct sides *s)
{
	size_t side, i;

	compare_free(s->c);
	for (side = 0; side < COMPARE_SIDES; side++)
		for (i = 0; i < MANY; i++)
			result_free(s->r[side][i]);
}

static const struct compare_row *row_of(const struct compare *c, size_t kind,
					enum compare_measure m)
{
	return &c->pair[0].kind[kind].row[m];
}

static char *report_of(const struct compare *c)
{
	static const struct report_style style;
	char *text = NULL, *line;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(compare_report(c, &style, out), 0);
	fclose(out);
	for (line = text; *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n"), i;

		if (len > LINES_COLUMNS)
			fail_msg("%zu bytes: %.*s", len, (int)len, line);
		assert_true(!len || line[len - 1] != ' ');
		for (i = 0; i < len; i++)
			assert_true(line[i] >= ' ' && line[i] < 0x7f);
	}
	return text;
}

static void assert_says(const struct compare *c, const char *want)
{
	char *text = report_of(c);

	if (!strstr(text, want))
		fail_msg("no '%s' in:\n%s", want, text);
	free(text);
}

/* ---- verdicts ---- */

static void test_sittings(void **state)
{
	const struct compare *c;
	const struct compare_row *row;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	c = sides_compare(&s);
	assert_int_equal(c->design, COMPARE_SITTINGS);
	assert_null(c->cannot);
	assert_int_equal(c->gate_nr, 6);
	assert_int_equal(c->slower_nr, 5); /* overwrites are submitted as fast */
	assert_int_equal(c->faster_nr, 0);
	row = row_of(c, 1, COMPARE_LAT_P50);
	assert_true(fabs(row->ratio - 1.1) < 0.002);
	assert_true(row->low > 1.097 && row->low < row->ratio);
	assert_true(row->high < 1.103 && row->high > row->ratio);
	assert_true(fabs(row->value[COMPARE_NEW] - 5.5e6) < 2e4);
	assert_int_equal(row_of(c, 0, COMPARE_SLAT_P50)->verdict, COMPARE_SAME);
	row = row_of(c, 1, COMPARE_SLAT_P99);
	assert_int_equal(row->state, COMPARE_RATIO);
	assert_true(isnan(row->p) && row->ratio > 1.09);
	assert_int_equal(row->verdict, COMPARE_NO_VERDICT);
	/* 2000 samples leave two past p99.9. */
	row = row_of(c, 1, COMPARE_LAT_P99_9);
	assert_int_equal(row->state, COMPARE_FEW);
	assert_true(row->samples == 2000 && row->needed == 10000);
	assert_int_equal(c->side[COMPARE_OLD].boot_nr, 2);
	assert_int_equal(c->side[COMPARE_NEW].round_nr, 30);
	assert_says(c, "SLOWER: 5 of 6 rows");
	assert_says(c, "append: lat p50 is ");
	sides_free(&s);

	sides_make(&s, 3, 3, 0.9);
	c = sides_compare(&s);
	assert_true(c->slower_nr == 0 && c->faster_nr == 5);
	assert_says(c, "FASTER: 5 of 6 rows");
	assert_says(c, " shorter ");
	sides_free(&s);

	sides_make(&s, 3, 3, 1);
	c = sides_compare(&s);
	assert_true(!c->slower_nr && !c->faster_nr && !c->cannot);
	assert_says(c, "no difference shown in 6 rows");
	sides_free(&s);
}

static void test_too_few_sittings(void **state)
{
	static const size_t nr[][2] = {
		{ 1, 1 }, { 2, 3 }, { 4, 1 }, { 5, 2 }, { 1, 7 }
	};
	const struct compare *c;
	struct sides s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nr) / sizeof(nr[0]); i++) {
		sides_make(&s, nr[i][0], nr[i][1], 1.1);
		c = sides_compare(&s);
		assert_int_equal(c->design, COMPARE_NONE);
		assert_non_null(c->cannot);
		assert_non_null(strstr(c->cannot, "needs 3 of each"));
		assert_int_equal(c->slower_nr, 0);
		assert_true(fabs(row_of(c, 1, COMPARE_LAT_P50)->ratio - 1.1) < 0.01);
		assert_says(c, "NO VERDICT: ");
		sides_free(&s);
	}
}

static void test_night(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 5, 1, 1.1);
	c = sides_compare(&s);
	assert_int_equal(c->design, COMPARE_NIGHT);
	assert_int_equal(c->slower_nr, 5);
	sides_free(&s);
	/* The old ones themselves are spread so far. */
	sides_make(&s, 5, 1, 1.001);
	c = sides_compare(&s);
	assert_true(!c->cannot && !c->slower_nr);
	assert_true(row_of(c, 1, COMPARE_LAT_P50)->low < 1);
	sides_free(&s);
}

static void test_rounds(void **state)
{
	const struct compare *c;
	struct sides s;
	size_t i;

	(void)state;
	sides_make(&s, 1, 1, 1.1);
	s.options.rounds_suffice = true;
	c = sides_compare(&s);
	assert_int_equal(c->design, COMPARE_ROUNDS);
	assert_int_equal(c->slower_nr, 5);
	/* With 4 rounds p is 2 / 70 at best, which six rows can't be given. */
	for (i = 0; i < COMPARE_SIDES; i++)
		s.r[i][0]->variant->round_nr = 4;
	c = sides_compare(&s);
	assert_int_equal(c->slower_nr, 0);
	assert_non_null(strstr(c->cannot, "needs 5 rounds a side"));
	for (i = 0; i < COMPARE_SIDES; i++)
		s.r[i][0]->variant->round_nr = 5;
	c = sides_compare(&s);
	assert_true(!c->cannot && c->slower_nr == 5);
	for (i = 0; i < COMPARE_SIDES; i++)
		s.r[i][0]->variant->round_nr = ROUNDS;
	sides_free(&s);
}

/* 7 us against 5 us is 40 %, and nothing beside 5 ms. */
static void test_threshold(void **state)
{
	const struct compare *c;
	struct sides s;
	size_t i, k;

	(void)state;
	sides_make(&s, 3, 3, 1);
	for (i = 0; i < 3; i++)
		for (k = 0; k < ROUNDS; k++) {
			struct result *r = s.r[COMPARE_NEW][i];

			set_dist(r, &r->variant->round[k].kind[0].slat,
				 7000 + 10 * (double)k, 2000);
		}
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 0, COMPARE_SLAT_P50)->verdict, COMPARE_SMALL);
	assert_int_equal(c->slower_nr, 0);
	assert_says(c, "below the threshold");
	s.options.threshold = 0.0001;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 0, COMPARE_SLAT_P50)->verdict, COMPARE_SLOWER);
	sides_free(&s);

	/* 10 % is shown, but asked are 15 %. */
	sides_make(&s, 3, 3, 1.1);
	s.options.threshold = 0.15;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P50)->verdict, COMPARE_SMALL);
	assert_int_equal(c->slower_nr, 0);
	sides_free(&s);
}

static void test_samples(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	/* One round of one sitting is enough to spoil p99. */
	s.r[COMPARE_OLD][1]->variant->round[4].kind[1].lat.sum.n = 999;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P99)->state, COMPARE_FEW);
	assert_true(row_of(c, 1, COMPARE_LAT_P99)->samples == 999);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P50)->state, COMPARE_IN_GATE);
	assert_int_equal(c->gate_nr, 5);
	assert_says(c, "too few samples in a round: lat p99 (999 of 1000)");
	s.r[COMPARE_OLD][1]->variant->round[4].kind[1].lat.sum.n = 1000;
	c = sides_compare(&s);
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P99)->state, COMPARE_IN_GATE);
	sides_free(&s);
	/* Nothing left in the gate is no pass. */
	sides_make(&s, 3, 3, 1.1);
	s.r[COMPARE_OLD][0]->variant->round[0].kind_nr = 0;
	c = sides_compare(&s);
	assert_int_equal(c->gate_nr, 0);
	assert_non_null(c->cannot);
	s.r[COMPARE_OLD][0]->variant->round[0].kind_nr = 2;
	sides_free(&s);
}

/* ---- what is compared ---- */

static void test_growth(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = ROUNDS << 19;
	c = sides_compare(&s);
	assert_true(c->pair[0].growth_known);
	assert_true(c->pair[0].growth_bytes[COMPARE_OLD] == 1 << 20);
	assert_true(c->pair[0].kind[1].refused && !c->pair[0].kind[0].refused);
	assert_int_equal(c->gate_nr, 3);
	assert_says(c, "not compared: the growths differ by more than 10 %");
	/* A twelfth less is allowed. */
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = (ROUNDS << 20) / 4 * 3;
	assert_false(sides_compare(&s)->pair[0].kind[1].refused);
	/* More rounds are not more growth. */
	s.r[COMPARE_NEW][0]->variant->round_nr = 5;
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = 5 << 20;
	assert_false(sides_compare(&s)->pair[0].kind[1].refused);
	s.r[COMPARE_NEW][0]->variant->round_nr = ROUNDS;
	sides_free(&s);
}

static void set_text(char **text, const char *to)
{
	free(*text);
	*text = strdup(to);
}

static void test_refusals(void **state)
{
	struct sides s;

	(void)state;
	sides_make(&s, 2, 2, 1);
	set_text(&s.r[COMPARE_NEW][1]->workload_sha256, "4567");
	assert_int_equal(compare_sittings(s.in, &s.options, &s.c, s.err, sizeof(s.err)),
			 -EINVAL);
	assert_null(s.c);
	assert_non_null(
		strstr(s.err, "the workloads of a (mixed.job) and b (mixed.job)"));
	s.options.any_workload = true;
	sides_compare(&s);
	sides_free(&s);

	sides_make(&s, 1, 1, 1);
	set_text(&s.r[COMPARE_NEW][0]->variant->kind[0].engine, "io_uring");
	sides_compare(&s);
	assert_int_equal(s.c->pair[0].kind_nr, 1);
	assert_int_equal(s.c->warning_nr, 2);
	assert_non_null(strstr(s.c->warning[0], "is only on the old side"));
	set_text(&s.r[COMPARE_NEW][0]->variant->kind[1].job, "other");
	compare_free(s.c);
	assert_int_equal(compare_sittings(s.in, &s.options, &s.c, s.err, sizeof(s.err)),
			 -EINVAL);
	assert_non_null(strstr(s.err, "nothing to compare"));
	sides_free(&s);
}

static void test_differences(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1);
	assert_int_equal(sides_compare(&s)->difference_nr, 0);
	facts_text(&s.r[COMPARE_NEW][0]->host, "kernel", "6.19.0");
	facts_text(&s.r[COMPARE_NEW][2]->host, "kernel", "6.19.0");
	facts_null(&s.r[COMPARE_OLD][2]->host, "block.fua");
	facts_null(&s.r[COMPARE_NEW][1]->host, "governor.none");
	c = sides_compare(&s);
	assert_int_equal(c->difference_nr, 2);
	assert_string_equal(c->difference[0].what, "kernel");
	assert_string_equal(c->difference[0].old_text, "6.18.44");
	assert_string_equal(c->difference[0].new_text, "6.19.0 | 6.18.44");
	assert_string_equal(c->difference[1].old_text, "no | -");
	assert_says(c, "differs  kernel: 6.18.44 -> 6.19.0 | 6.18.44");
	sides_free(&s);
}

static void test_warnings(void **state)
{
	const struct compare *c;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1);
	s.r[COMPARE_NEW][1]->interrupted = true;
	s.r[COMPARE_NEW][1]->variant->round[ROUNDS - 1].kind[0].lat.sum.n = 1;
	result_note_add(s.r[COMPARE_OLD][0], RESULT_NOTE_FIRST, "none extended");
	result_note_add(s.r[COMPARE_OLD][0], RESULT_NOTE_INFO, "never mind");
	c = sides_compare(&s);
	assert_int_equal(c->side[COMPARE_NEW].round_nr, 3 * ROUNDS - 1);
	assert_int_equal(c->gate_nr, 6);
	assert_int_equal(c->warning_nr, 2);
	assert_says(c, "warning: a: none extended");
	assert_says(c, "b is of an interrupted run");
	/* One file given twice is one sitting. */
	s.r[COMPARE_OLD][1]->started = s.r[COMPARE_OLD][0]->started;
	s.r[COMPARE_OLD][1]->variant->seconds = s.r[COMPARE_OLD][0]->variant->seconds;
	facts_text(&s.r[COMPARE_OLD][1]->host, "boot_id", "two");
	assert_says(sides_compare(&s), "a and b are the same run");
	sides_free(&s);
}

/* ---- variants ---- */

/* Variants of factors, told apart by iodepth. */
static struct result *sweep(const double *factor, size_t nr)
{
	struct result *r = made((struct plan){ 1, 0, 2000, ROUNDS });
	struct result_variant *grown = calloc(nr, sizeof(*grown));
	size_t i;

	grown[0] = r->variant[0];
	free(r->variant);
	r->variant = grown;
	r->variant_nr = nr;
	for (i = 0; i < nr; i++) {
		char depth[16];

		if (i)
			set_variant(r, &grown[i],
				    (struct plan){ factor[i], 5 * (unsigned int)i, 2000,
						   ROUNDS });
		snprintf(depth, sizeof(depth), "%d", 16 << i);
		facts_text(&grown[i].keys, "iodepth", depth);
		facts_text(&grown[i].keys, "bs", "4k");
	}
	return r;
}

static void test_variants(void **state)
{
	static const double factor[] = { 1, 1, 1.1 };
	struct compare_options options = COMPARE_DEFAULTS;
	struct result *r = sweep(factor, 3);
	struct compare *c;
	char err[256];
	unsigned int m;

	(void)state;
	assert_int_equal(compare_variants(r, "r", 0, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->design, COMPARE_ROUNDS);
	assert_int_equal(c->pair_nr, 2);
	assert_int_equal(c->gate_nr, 12);
	assert_int_equal(c->slower_nr, 5);
	assert_string_equal(c->pair[1].name[COMPARE_OLD], "iodepth 16");
	assert_string_equal(c->pair[1].name[COMPARE_NEW], "iodepth 64");
	assert_int_equal(row_of(c, 1, COMPARE_LAT_P50)->verdict, COMPARE_SAME);
	assert_says(c, "iodepth 64 (new) against iodepth 16 (old)");
	assert_says(c, "iodepth 64, append: lat p50 is ");
	compare_free(c);

	/* With the last as the base the others are faster. */
	assert_int_equal(compare_variants(r, "r", 2, &options, &c, err, sizeof(err)), 0);
	assert_true(c->slower_nr == 0 && c->faster_nr == 10);
	compare_free(c);
	assert_int_equal(compare_variants(r, "r", 3, &options, &c, err, sizeof(err)),
			 -EINVAL);
	assert_non_null(strstr(err, "1 .. 3"));

	/* Another engine is allowed here, but its slat is another thing. */
	for (m = 0; m < ROUNDS; m++)
		set_text(&r->variant[2].round[m].kind[1].engine, "io_uring");
	set_text(&r->variant[2].kind[1].engine, "io_uring");
	assert_int_equal(compare_variants(r, "r", 0, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->pair[1].kind[1].row[COMPARE_SLAT_P50].state, COMPARE_ENGINES);
	assert_int_equal(c->pair[1].kind[1].row[COMPARE_LAT_P50].verdict, COMPARE_SLOWER);
	assert_int_equal(c->gate_nr, 11);
	assert_says(c, "not compared: io_uring has writes punted");
	compare_free(c);
	result_free(r);

	r = made((struct plan){ 1, 0, 2000, ROUNDS });
	assert_int_equal(compare_variants(r, "r", 0, &options, &c, err, sizeof(err)),
			 -EINVAL);
	assert_non_null(strstr(err, "one variant"));
	result_free(r);
}

/* Sittings of sweeps: each variant with its like, in whatever order. */
static void test_sweeps(void **state)
{
	static const double same[] = { 1, 1 }, slow[] = { 1, 1.2 };
	struct compare_options options = COMPARE_DEFAULTS;
	const struct result *old_side[3], *new_side[3];
	const struct compare_input in[] = { { old_side, names, 3 },
					    { new_side, names, 3 } };
	struct result *r[6];
	struct compare *c;
	char err[256];
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		r[i] = sweep(i < 3 ? same : slow, 2);
		/* The base is always the same: let it wobble otherwise. */
		r[i]->variant->seconds += (double)i;
		*(i < 3 ? &old_side[i] : &new_side[i - 3]) = r[i];
	}
	{
		struct result_variant swap = r[4]->variant[0];

		r[4]->variant[0] = r[4]->variant[1];
		r[4]->variant[1] = swap;
	}
	assert_int_equal(compare_sittings(in, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->pair_nr, 2);
	assert_string_equal(c->pair[1].name[COMPARE_NEW], "iodepth 32");
	assert_int_equal(c->gate_nr, 12);
	assert_int_equal(c->slower_nr, 5);
	assert_int_equal(c->pair[0].kind[1].row[COMPARE_LAT_P50].verdict, COMPARE_SAME);
	assert_int_equal(c->pair[1].kind[1].row[COMPARE_LAT_P50].verdict, COMPARE_SLOWER);
	compare_free(c);
	facts_text(&r[5]->variant[1].keys, "iodepth", "99");
	assert_int_equal(compare_sittings(in, &options, &c, err, sizeof(err)), 0);
	assert_int_equal(c->pair_nr, 1);
	assert_says(c, "variant 2 of a is not in c: left out");
	compare_free(c);
	for (i = 0; i < 6; i++)
		result_free(r[i]);
}

/* ---- what a document may do to it ---- */

static void test_hostile(void **state)
{
	static const char evil[] = "x\n\033[31m\xff\xe2\x80\xae"
				   "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
				   "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";
	struct sides s;
	size_t i, k;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	for (i = 0; i < 6; i++) {
		struct result *r = s.r[i / 3][i % 3];

		for (k = 0; k < ROUNDS; k++) {
			set_text(&r->variant->round[k].kind[1].job, evil);
			set_text(&r->variant->round[k].kind[1].kind, evil);
			r->variant->round[k].kind[0].lat.sum.mean_ns = 0;
		}
		set_text(&r->variant->kind[1].job, evil);
		set_text(&r->variant->kind[1].kind, evil);
		set_text(&r->workload_name, evil);
		facts_text(&r->host, "kernel", i < 3 ? evil : evil + 1);
		facts_text(&r->host, evil, names[i]);
	}
	s.r[COMPARE_OLD][0]->variant->round[0].kind[0].victim.sum.n = 0;
	/* Percentiles that are not in the list are no values. */
	s.r[COMPARE_OLD][1]->percentile[12] = 98.5;
	sides_compare(&s);
	assert_int_equal(row_of(s.c, 0, COMPARE_LAT_P99)->state, COMPARE_FEW);
	free(report_of(s.c));
	sides_free(&s);
}

static void test_zero(void **state)
{
	struct sides s;
	const struct compare_row *row;
	size_t i;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	/* A clock that stands still: no ratio, and not in the gate. */
	for (i = 0; i < s.r[COMPARE_NEW][0]->percentile_nr; i++)
		s.r[COMPARE_NEW][0]->variant->round[0].kind[0].slat.percentile_ns[i] = 0;
	sides_compare(&s);
	row = row_of(s.c, 0, COMPARE_SLAT_P50);
	assert_int_equal(row->state, COMPARE_ZERO);
	assert_true(isnan(row->ratio) && row->value[COMPARE_OLD] > 4000);
	assert_int_equal(s.c->gate_nr, 5);
	/* Without a call there is no slat, and no row. */
	for (i = 0; i < 60; i++)
		s.r[i / 30][i / 10 % 3]->variant->round[i % 10].kind[0].slat.sum.n = 0;
	sides_compare(&s);
	assert_int_equal(row_of(s.c, 0, COMPARE_SLAT_P50)->state, COMPARE_ABSENT);
	sides_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sittings),
		cmocka_unit_test(test_too_few_sittings),
		cmocka_unit_test(test_night),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_variants),
		cmocka_unit_test(test_sweeps),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
