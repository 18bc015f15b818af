// SPDX-License-Identifier: GPL-2.0-or-later
/* What kernel events add to a kind's rows: paths of workers, causes, stages. */
#include "result/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "result/format.h"

#define HANG 7
#define CAUSES_SHOWN 6
#define STEPS_SHOWN 12
#define STAGE_MIN 0.0005 /* share below which a stage is left out */

static double dist_sum_ns(const struct result_dist *d)
{
	return d->sum.mean_ns * (double)d->sum.n;
}

static void put_then(struct lines *l, const struct result_kind *k)
{
	struct pieces p = { .l = l };
	char share[FORMAT_MAX];
	unsigned int i;

	for (i = 0; i < RESULT_PATH_NR; i++)
		if (k->then[i])
			pieces_add(&p, "%s %s", result_path_name(i),
				   format_share(share, (double)k->then[i],
						(double)k->path[RESULT_PUNTED]));
	if (p.text)
		lines_put(l, HANG, "   punted, then %s", p.text);
	pieces_clear(&p);
}

/* Where writes ran, when it was not in one place only. */
static void put_ran_as(struct lines *l, const struct result_kind *k)
{
	static const char *const name[] = { "inside EOF", "at EOF", "past EOF" };
	struct pieces p = { .l = l };
	char share[FORMAT_MAX];
	uint64_t sum = 0;
	unsigned int i, nr = 0;

	for (i = 0; i < RESULT_RAN_NR; i++) {
		sum += k->ran_as[i];
		nr += k->ran_as[i] != 0;
	}
	for (i = 0; nr > 1 && i < RESULT_RAN_NR; i++)
		if (k->ran_as[i])
			pieces_add(
				&p, "%s %s", name[i],
				format_share(share, (double)k->ran_as[i], (double)sum));
	if (p.text)
		lines_put(l, HANG, "   ran %s", p.text);
	pieces_clear(&p);
}

static void put_cause(const struct result *r, struct lines *l,
		      const struct result_cause *c, double slept_ns)
{
	/* Of a document by others they may be missing. */
	double p50_ns = result_percentile_ns(r, &c->sleep, 50);
	double p99_ns = result_percentile_ns(r, &c->sleep, 99);
	char share[FORMAT_MAX], total[FORMAT_MAX], p50[FORMAT_MAX], p99[FORMAT_MAX];

	lines_put(l, HANG + 2,
		  "   %s%s %" PRIu64
		  " times, %s (%s of what was slept), p50 %s, p99 %s: %s",
		  c->label, c->in_completion ? " (completion)" : "", c->sleep.sum.n,
		  format_ns(total, dist_sum_ns(&c->sleep)),
		  format_share(share, dist_sum_ns(&c->sleep), slept_ns),
		  isnan(p50_ns) ? "-" : format_ns(p50, p50_ns),
		  isnan(p99_ns) ? "-" : format_ns(p99, p99_ns), c->help);
	if (c->stack)
		lines_put(l, HANG + 2, "     stack %s", c->stack);
}

/* The largest; and every one without a name, so that the table can grow. */
static void put_causes(const struct result *r, struct lines *l,
		       const struct result_kind *k)
{
	double slept_ns = 0;
	size_t i, left = 0;

	for (i = 0; i < k->cause_nr; i++)
		slept_ns += dist_sum_ns(&k->cause[i].sleep);
	for (i = 0; i < k->cause_nr; i++)
		if (i < CAUSES_SHOWN || !k->cause[i].named)
			put_cause(r, l, &k->cause[i], slept_ns);
		else
			left++;
	if (left)
		lines_put(l, HANG, "   %zu more causes are in the result", left);
}

static void put_stages(struct lines *l, const char *name, const uint64_t *ns)
{
	struct pieces p = { .l = l };
	char share[FORMAT_MAX];
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < RESULT_STAGE_NR; i++)
		sum += ns[i];
	for (i = 0; i < RESULT_STAGE_NR; i++)
		if ((double)ns[i] >= STAGE_MIN * (double)sum && ns[i])
			pieces_add(&p, "%s %s", result_stage_name(i),
				   format_share(share, (double)ns[i], (double)sum));
	if (p.text)
		lines_put(l, HANG, "   %s is %s", name, p.text);
	pieces_clear(&p);
}

static void put_damage(struct lines *l, const struct result_kind *k)
{
	double lat_ns = dist_sum_ns(&k->lat);
	/* Only of those whose completion was watched: a mean, as a share of lat's. */
	double held = k->held.sum.n ? k->held.sum.mean_ns : 0;
	char text[4][FORMAT_MAX];

	if (!k->lat.sum.n)
		return;
	format_share(text[0], dist_sum_ns(&k->victim), lat_ns);
	format_share(text[1], held, k->lat.sum.mean_ns);
	format_share(text[2], dist_sum_ns(&k->convoy), lat_ns);
	format_share(text[3], dist_sum_ns(&k->behind), lat_ns);
	lines_put(l, HANG, "   of lat: victim %s, held %s, convoy %s, behind %s", text[0],
		  k->held.sum.n ? text[1] : "not seen", text[2], text[3]);
}

void report_why(const struct result *r, struct lines *l, const struct result_kind *k)
{
	put_then(l, k);
	put_ran_as(l, k);
	put_damage(l, k);
	put_stages(l, "slat", k->slat_stage_ns);
	put_stages(l, "lat", k->lat_stage_ns);
	put_causes(r, l, k);
}

static void put_step(struct lines *l, const struct result_step *s)
{
	char at[FORMAT_MAX], ns[FORMAT_MAX];

	lines_put(l, HANG + 14, "   +%-9s %-11s %-8s %s%s%s%s",
		  format_ns(at, (double)s->at_ns), result_stage_name(s->stage),
		  format_ns(ns, (double)s->ns), s->cause ? s->cause : "",
		  s->by ? " (ended by " : "", s->by ? s->by : "", s->by ? ")" : "");
}

void report_worst(struct lines *l, const struct result_kind *k)
{
	const struct result_worst *w = k->worst;
	char lat[FORMAT_MAX], slat[FORMAT_MAX];
	uint64_t left_ns = 0;
	size_t i, shown = 0, left = 0;

	if (!k->worst_nr)
		return;
	lines_put(l, HANG,
		  " slowest %s: lat %s, slat %s, round %u, thread %u, offset %" PRIu64
		  ", %s%s%s",
		  k->kind, format_ns(lat, (double)w->lat_ns),
		  format_ns(slat, (double)w->slat_ns), w->round, w->thread, w->offset,
		  result_path_name(w->path), w->then < RESULT_PATH_NR ? ", then " : "",
		  w->then < RESULT_PATH_NR ? result_path_name(w->then) : "");
	for (i = 0; i < w->step_nr; i++)
		if (shown < STEPS_SHOWN && w->step[i].ns * 100 >= w->lat_ns) {
			put_step(l, &w->step[i]);
			shown++;
		} else {
			left_ns += w->step[i].ns;
			left++;
		}
	if (left)
		lines_put(l, HANG, "   and %zu shorter, %s together", left,
			  format_ns(lat, (double)left_ns));
}
