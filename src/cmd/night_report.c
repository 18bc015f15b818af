// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of a night: the verdict, the entries, then what is behind each. */
#include "cmd/night.h"

#include <string.h>

#include "cmd/cmd.h"
#include "result/format.h"
#include "result/lines.h"

struct counts {
	size_t judged, slower, faster, failed, fresh, slower_rows;
};

static struct counts count(const struct night *n)
{
	struct counts c = { 0 };
	size_t i;

	for (i = 0; i < n->entry_nr; i++) {
		const struct night_entry *e = &n->entry[i];

		c.failed += e->state == NIGHT_FAILED || e->state == NIGHT_PENDING;
		c.fresh += e->state == NIGHT_NEW;
		if (e->state != NIGHT_JUDGED)
			continue;
		c.judged++;
		c.slower += e->compare->slower_nr > 0;
		c.faster += e->compare->faster_nr > 0;
		c.slower_rows += e->compare->slower_nr;
	}
	return c;
}

int night_code(const struct night *n)
{
	struct counts c = count(n);

	return c.slower ? CMD_FOUND : c.failed ? CMD_FAILED : CMD_OK;
}

static void put_verdict(struct lines *l, const struct night *n)
{
	struct counts c = count(n);

	if (c.slower)
		lines_put(l, 2, "SLOWER: %zu row%s of %zu of %zu entries", c.slower_rows,
			  c.slower_rows == 1 ? "" : "s", c.slower, n->entry_nr);
	else if (c.failed)
		lines_put(l, 2, "FAILED: %zu of %zu entries have no result", c.failed,
			  n->entry_nr);
	else if (!c.judged)
		lines_put(l, 2, "no verdict yet: too few nights before this one");
	else
		lines_put(l, 2, "nothing is slower in %zu of %zu entries", c.judged,
			  n->entry_nr);
	if (c.slower && c.failed)
		lines_put(l, 2, "FAILED: %zu entries have no result", c.failed);
	if (c.faster)
		lines_put(l, 2, "faster: %zu entries", c.faster);
}

static void put_entry(struct lines *l, const struct night_entry *e)
{
	switch (e->state) {
	case NIGHT_PENDING:
		lines_put(l, 4, " %-20s not run", e->of->name);
		break;
	case NIGHT_FAILED:
		lines_put(l, 4, " %-20s FAILED: %s", e->of->name, e->text);
		break;
	case NIGHT_NEW:
		lines_put(l, 4, " %-20s no verdict: %s", e->of->name, e->text);
		break;
	case NIGHT_JUDGED:
		if (e->compare->slower_nr)
			lines_put(l, 4, " %-20s SLOWER: %zu of %zu rows, by %zu nights",
				  e->of->name, e->compare->slower_nr, e->compare->gate_nr,
				  e->baseline_nr);
		else if (e->compare->faster_nr)
			lines_put(l, 4, " %-20s faster: %zu of %zu rows, by %zu nights",
				  e->of->name, e->compare->faster_nr, e->compare->gate_nr,
				  e->baseline_nr);
		else
			lines_put(l, 4, " %-20s as before: %zu rows, by %zu nights",
				  e->of->name, e->compare->gate_nr, e->baseline_nr);
	}
}

/* The rows that count, and what changed around them. */
static void put_details(struct lines *l, const struct night_entry *e)
{
	const struct compare *c = e->compare;
	char old[FORMAT_MAX], new[FORMAT_MAX];
	size_t i, k, m;

	lines_put(l, 2, "%s", "");
	lines_put(l, 2, "%s", e->of->name);
	for (i = 0; i < c->pair_nr; i++)
		for (k = 0; k < c->pair[i].kind_nr; k++)
			for (m = 0; m < COMPARE_GATE_MEASURES; m++) {
				const struct compare_kind *kind = &c->pair[i].kind[k];
				const struct compare_row *row = &kind->row[m];

				if (row->verdict != COMPARE_SLOWER &&
				    row->verdict != COMPARE_FASTER)
					continue;
				lines_put(
					l, 5,
					" %s, %s, job %s%s%s: %s %s -> %s, %.3f times (%.3f .. %.3f), %s",
					kind->kind, kind->engine[COMPARE_NEW], kind->job,
					*c->pair[i].name[COMPARE_NEW] ? ", " : "",
					c->pair[i].name[COMPARE_NEW],
					compare_measure_name(row->measure),
					format_ns(old, row->value[COMPARE_OLD]),
					format_ns(new, row->value[COMPARE_NEW]),
					row->ratio, row->low, row->high,
					compare_verdict_word(row->verdict));
			}
	for (i = 0; i < c->difference_nr; i++)
		lines_put(l, 5, " changed: %s: %s -> %s", c->difference[i].what,
			  c->difference[i].old_text, c->difference[i].new_text);
	for (i = 0; i < c->warning_nr; i++)
		lines_put(l, 5, " %s", c->warning[i]);
}

int night_report(const struct night *n, const struct report_style *style, FILE *out)
{
	struct lines l = { .out = out,
			   .columns = style->columns ? style->columns : LINES_COLUMNS,
			   .utf8 = style->utf8 };
	char when[FORMAT_MAX];
	size_t i;

	put_verdict(&l, n);
	lines_put(&l, 2, "night of %s on %s", format_time(when, &n->started), n->host);
	lines_put(&l, 2, "%s", "");
	for (i = 0; i < n->entry_nr; i++)
		put_entry(&l, &n->entry[i]);
	for (i = 0; i < n->entry_nr; i++) {
		const struct night_entry *e = &n->entry[i];

		if (e->state == NIGHT_JUDGED &&
		    (e->compare->slower_nr || e->compare->faster_nr ||
		     e->compare->difference_nr))
			put_details(&l, e);
	}
	lines_put(&l, 2, "%s", "");
	lines_put(&l, 2, "results in %s/%s; index.html shows their history", n->results,
		  n->host);
	if (n->plots[0])
		lines_put(&l, 2, "no plots: %s", n->plots);
	return l.err;
}
