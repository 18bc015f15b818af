// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison for people: the verdict first, then the sides and how they differ, the
 * table, and a sentence for each row with a verdict. All through lines_put().
 */
#include "result/compare_private.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"
#include "result/lines.h"
#include "result/report.h"

#define HANG 9

/* " name old new ratio low high p verdict" in 71 bytes. */
#define ROW " %-13s%9s%9s%8s%7s%7s%8s%9s"
#define HEAD " %-13s%9s%9s%8s%15s%7s"

bool compare_several_jobs(const struct compare *c)
{
	const char *job = NULL;
	size_t i, k;

	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++) {
			if (job && strcmp(job, c->pair[i].kind[k].job))
				return true;
			job = c->pair[i].kind[k].job;
		}
	return false;
}

/* ---- the first lines ---- */

char *compare_verdict_text(const struct compare *c)
{
	const char *rows = c->gate_nr == 1 ? "row" : "rows";
	char *text = NULL;
	int rc;

	if (c->cannot)
		rc = compare_text(&text, "NO VERDICT: %s", c->cannot);
	else if (c->slower_nr)
		rc = compare_text(&text, "SLOWER: %zu of %zu %s in the gate; %zu faster",
				  c->slower_nr, c->gate_nr, rows, c->faster_nr);
	else if (c->faster_nr)
		rc = compare_text(&text, "FASTER: %zu of %zu %s in the gate; none slower",
				  c->faster_nr, c->gate_nr, rows);
	else
		rc = compare_text(&text, "no difference shown in %zu %s of the gate",
				  c->gate_nr, rows);
	return rc ? NULL : text;
}

static void put_verdict(const struct compare *c, struct lines *l)
{
	char *text = compare_verdict_text(c);

	if (text)
		lines_put(l, 4, "%s", text);
	else
		l->err = -ENOMEM;
	free(text);
}

char *compare_side_days(char *buf, const struct compare_side *s)
{
	char first[FORMAT_MAX], last[FORMAT_MAX];

	format_day(first, &s->first);
	format_day(last, &s->last);
	if (strcmp(first, last))
		snprintf(buf, COMPARE_DAYS_MAX, "%s .. %s", first, last);
	else
		snprintf(buf, COMPARE_DAYS_MAX, "%s", first);
	return buf;
}

static const char *plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

static void put_side(struct lines *l, const char *label, const struct compare_side *s)
{
	struct pieces p = { .l = l };
	char days[COMPARE_DAYS_MAX];

	pieces_add(&p, "%zu sitting%s", s->sitting_nr, plural(s->sitting_nr));
	pieces_add(&p, "%zu round%s", s->round_nr, plural(s->round_nr));
	if (s->boot_nr)
		pieces_add(&p, "%zu boot%s", s->boot_nr, plural(s->boot_nr));
	pieces_add(&p, "%s", compare_side_days(days, s));
	pieces_add(&p, "%s", s->where);
	lines_put(l, HANG, "%-8s %s", label, p.text ? p.text : "");
	pieces_clear(&p);
}

static void put_sides(const struct compare *c, struct lines *l)
{
	const struct compare_side *old = &c->side[COMPARE_OLD];
	const struct compare_side *new = &c->side[COMPARE_NEW];
	size_t i;

	if (strcmp(old->workload, new->workload))
		lines_put(l, HANG, "workload old %s, new %s", old->workload,
			  new->workload);
	else
		lines_put(l, HANG, "workload %s", old->workload);
	if (c->variants) {
		put_side(l, "sitting", old);
		return;
	}
	put_side(l, "old", old);
	put_side(l, "new", new);
	for (i = 0; i < c->difference_nr; i++)
		lines_put(l, HANG, "differs  %s: %s -> %s", c->difference[i].what,
			  c->difference[i].old_text, c->difference[i].new_text);
}

const char *compare_test_name(enum compare_design design)
{
	static const char *const test[] = {
		[COMPARE_NONE] = "none",
		[COMPARE_ROUNDS] = "ranks of rounds",
		[COMPARE_SITTINGS] = "Welch t of medians of sittings, on logs",
		[COMPARE_NIGHT] =
			"the new sitting in the prediction interval of the old ones",
	};

	return test[design];
}

static void put_test(const struct compare *c, struct lines *l)
{
	if (c->design == COMPARE_NONE)
		lines_put(l, HANG, "test     none; intervals by bootstrap, seed %" PRIu64,
			  c->seed);
	else
		lines_put(l, HANG,
			  "test     %s; p by Holm over %zu row%s; threshold %g %%; "
			  "intervals%s, seed %" PRIu64,
			  compare_test_name(c->design), c->gate_nr, plural(c->gate_nr),
			  100 * c->threshold,
			  c->design == COMPARE_NIGHT ? "" : " by bootstrap", c->seed);
}

/* ---- the table ---- */

static char *format_value(char *buf, enum compare_measure measure, double value)
{
	if (!isfinite(value))
		strcpy(buf, "-");
	else if (measure == COMPARE_IOPS)
		format_rate(buf, value);
	else if (measure == COMPARE_VICTIM)
		format_share(buf, value, 1);
	else
		format_ns(buf, value);
	return buf;
}

char *compare_ratio_text(char *buf, double ratio)
{
	if (!isfinite(ratio))
		strcpy(buf, "-");
	else if (ratio < 9.9995)
		snprintf(buf, FORMAT_MAX, "%.3f", ratio);
	else if (ratio < 9999.5)
		snprintf(buf, FORMAT_MAX, "%.*f", ratio < 99.95 ? 1 : 0, ratio);
	else
		snprintf(buf, FORMAT_MAX, "%.1e", ratio);
	return buf;
}

static char *format_p(char *buf, double p)
{
	if (!isfinite(p))
		strcpy(buf, "");
	else if (p < 0.0001)
		strcpy(buf, "<0.0001");
	else
		snprintf(buf, FORMAT_MAX, "%.*f", p < 0.0995 ? 4 : 2, p);
	return buf;
}

const char *compare_verdict_word(enum compare_verdict verdict)
{
	static const char *const word[] = {
		[COMPARE_NO_VERDICT] = "",   [COMPARE_SAME] = "~",
		[COMPARE_SMALL] = "small",   [COMPARE_SLOWER] = "slower",
		[COMPARE_FASTER] = "faster",
	};

	return word[verdict];
}

static void put_row(struct lines *l, const struct compare_row *row)
{
	const char *name = compare_measure_name(row->measure);
	char value[2][FORMAT_MAX], ratio[3][FORMAT_MAX], p[FORMAT_MAX];

	switch (row->state) {
	case COMPARE_ABSENT:
	case COMPARE_FEW: /* put_few() */
		return;
	case COMPARE_ENGINES:
		lines_put(l, HANG, " %-13s not compared: of two engines", name);
		return;
	case COMPARE_ZERO:
	case COMPARE_RATIO:
	case COMPARE_IN_GATE:
		break;
	}
	format_value(value[0], row->measure, row->value[COMPARE_OLD]);
	format_value(value[1], row->measure, row->value[COMPARE_NEW]);
	compare_ratio_text(ratio[0], row->ratio);
	compare_ratio_text(ratio[1], row->low);
	compare_ratio_text(ratio[2], row->high);
	lines_put(l, HANG, ROW, name, value[0], value[1], ratio[0], ratio[1], ratio[2],
		  format_p(p, row->p_holm), compare_verdict_word(row->verdict));
}

/* All in one line, since where one is, others are, too. */
static void put_few(struct lines *l, const struct compare_kind *k)
{
	struct pieces p = { .l = l };
	unsigned int m;

	for (m = 0; m < COMPARE_MEASURE_NR; m++)
		if (k->row[m].state == COMPARE_FEW)
			pieces_add(&p, "%s (%" PRIu64 " of %" PRIu64 ")",
				   compare_measure_name(m), k->row[m].samples,
				   k->row[m].needed);
	if (p.text)
		lines_put(l, 3, " too few samples in a round: %s", p.text);
	pieces_clear(&p);
}

static void put_kind(struct lines *l, const struct compare_kind *k)
{
	unsigned int m;

	if (strcmp(k->engine[COMPARE_OLD], k->engine[COMPARE_NEW]))
		lines_put(l, HANG, "%s, old %s, new %s", k->kind, k->engine[COMPARE_OLD],
			  k->engine[COMPARE_NEW]);
	else
		lines_put(l, HANG, "%s, %s", k->kind, k->engine[COMPARE_OLD]);
	if (k->refused) {
		lines_put(l, HANG, " not compared: the growths differ by more than %g %%",
			  100 * COMPARE_GROWTH);
		return;
	}
	for (m = 0; m < COMPARE_MEASURE_NR; m++)
		put_row(l, &k->row[m]);
	put_few(l, k);
}

static void put_pair(const struct compare *c, struct lines *l,
		     const struct compare_pair *p)
{
	bool jobs = compare_several_jobs(c);
	char growth[2][FORMAT_MAX];
	size_t i;

	lines_put(l, 0, "%s", "");
	if (c->variants)
		lines_put(l, HANG, "%s (new) against %s (old)", p->name[COMPARE_NEW],
			  p->name[COMPARE_OLD]);
	else if (*p->name[COMPARE_OLD])
		lines_put(l, HANG, "%s", p->name[COMPARE_OLD]);
	if (p->growth_known)
		lines_put(l, HANG, "growth   old %s, new %s a round",
			  format_bytes(growth[0],
				       (uint64_t)llround(p->growth_bytes[COMPARE_OLD])),
			  format_bytes(growth[1],
				       (uint64_t)llround(p->growth_bytes[COMPARE_NEW])));
	lines_put(l, 0, HEAD, "", "old", "new", "ratio", "95 % interval", "p");
	for (i = 0; i < p->kind_nr; i++) {
		if (jobs && (!i || strcmp(p->kind[i].job, p->kind[i - 1].job)))
			lines_put(l, HANG, "job %s", p->kind[i].job);
		put_kind(l, &p->kind[i]);
	}
}

/* ---- sentences ---- */

/* Of a kind, and, where there are several, its job and its variant. */
static void put_sentence(const struct compare *c, struct lines *l,
			 const struct compare_pair *p, const struct compare_kind *k,
			 const struct compare_row *row)
{
	bool longer = row->ratio > 1, jobs = compare_several_jobs(c);
	double sign = longer ? 1 : -1, low = 100 * sign * (row->low - 1);
	double high = 100 * sign * (row->high - 1);
	char value[2][FORMAT_MAX];

	lines_put(
		l, 2,
		"%s%s%s%s%s: %s is %.1f %% %s (%s -> %s, 95 %% interval %.1f .. %.1f %%)%s",
		c->pair_nr > 1 || c->variants ? p->name[COMPARE_NEW] : "",
		c->pair_nr > 1 || c->variants ? ", " : "", jobs ? k->job : "",
		jobs ? " " : "", k->kind, compare_measure_name(row->measure),
		100 * fabs(row->ratio - 1), longer ? "longer" : "shorter",
		format_value(value[0], row->measure, row->value[COMPARE_OLD]),
		format_value(value[1], row->measure, row->value[COMPARE_NEW]),
		fmin(low, high), fmax(low, high),
		row->verdict == COMPARE_SMALL ? ": below the threshold" : "");
}

static void put_sentences(const struct compare *c, struct lines *l)
{
	size_t i, k;
	unsigned int m;
	bool any = false;

	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++)
			for (m = 0; m < COMPARE_MEASURE_NR; m++) {
				const struct compare_kind *of = &c->pair[i].kind[k];

				if (of->row[m].verdict < COMPARE_SMALL)
					continue;
				if (!any)
					lines_put(l, 0, "%s", "");
				any = true;
				put_sentence(c, l, &c->pair[i], of, &of->row[m]);
			}
}

int compare_report(const struct compare *c, const struct report_style *style, FILE *out)
{
	struct lines l = {
		.out = out,
		.columns = style && style->columns ? style->columns : LINES_COLUMNS,
		.utf8 = style && style->utf8,
	};
	size_t i;

	put_verdict(c, &l);
	put_sides(c, &l);
	put_test(c, &l);
	for (i = 0; i < c->pair_nr; i++)
		put_pair(c, &l, &c->pair[i]);
	put_sentences(c, &l);
	lines_put(&l, 0, "%s", "");
	lines_put(
		&l, 2,
		"~ no difference shown; rows without p are for looking, not in the gate");
	for (i = 0; i < c->warning_nr; i++)
		lines_put(&l, HANG, "warning: %s", c->warning[i]);
	if (!l.err && fflush(out))
		l.err = -errno;
	return l.err;
}
