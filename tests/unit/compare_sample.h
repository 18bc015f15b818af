/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results with known medians, for the tests of comparisons. */
#ifndef DIOWAIT_COMPARE_SAMPLE_H
#define DIOWAIT_COMPARE_SAMPLE_H

/* cmocka.h is the test's, and what it wants before it. */
#include <math.h>
#include <stdio.h>

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

static inline double wobble(unsigned int sitting, size_t round)
{
	unsigned int x = (sitting * 7919u + (unsigned int)round * 104729u) * 2654435761u;

	return 1 + (x >> 16) % 1000 / 1e6 + sitting % 5 * 0.0007;
}

static inline void set_dist(const struct result *r, struct result_dist *d, double p50,
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

static inline void set_kind(const struct result *r, struct result_kind *k,
			    const char *kind, double factor, uint64_t n)
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

static inline void set_variant(const struct result *r, struct result_variant *v,
			       struct plan p)
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

static inline struct result *made(struct plan p)
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

static inline void sides_make(struct sides *s, size_t old_nr, size_t new_nr,
			      double factor)
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

static inline const struct compare *sides_compare(struct sides *s)
{
	compare_free(s->c);
	s->err[0] = '\0';
	if (compare_sittings(s->in, &s->options, &s->c, s->err, sizeof(s->err)))
		fail_msg("%s", s->err);
	assert_string_equal(s->err, "");
	return s->c;
}

static inline void sides_free(struct sides *s)
{
	size_t side, i;

	compare_free(s->c);
	for (side = 0; side < COMPARE_SIDES; side++)
		for (i = 0; i < MANY; i++)
			result_free(s->r[side][i]);
}

static inline const struct compare_row *row_of(const struct compare *c, size_t kind,
					       enum compare_measure m)
{
	return &c->pair[0].kind[kind].row[m];
}

static inline char *report_of(const struct compare *c)
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

static inline void assert_says(const struct compare *c, const char *want)
{
	char *text = report_of(c);

	if (!strstr(text, want))
		fail_msg("no '%s' in:\n%s", want, text);
	free(text);
}

static inline void set_text(char **text, const char *to)
{
	free(*text);
	*text = strdup(to);
}

#endif
