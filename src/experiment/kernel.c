// SPDX-License-Identifier: GPL-2.0-or-later
/* Tier 2: kernel events beside the load threads, and what they come to. */
#include "experiment/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

_Static_assert((int)WHY_REFUSED == (int)RESULT_REFUSED &&
		       (int)WHY_FORCED_WAIT == (int)RESULT_FORCED_WAIT &&
		       (int)WHY_PATH_NR == (int)RESULT_PATH_NR &&
		       (int)WHY_REAP == (int)RESULT_STAGE_REAP &&
		       (int)WHY_STAGE_NR == (int)RESULT_STAGE_NR &&
		       (int)WHY_RAN_NR == (int)RESULT_RAN_NR,
	       "paths and stages are numbered alike");

int experiment_why_open(struct experiment_run *run)
{
	struct why_setup setup = {
		.ring_bytes = run->setup->why_ring_bytes,
		.full = run->setup->why_full,
		.hold = run->setup->why_hold,
	};
	const char *missing = NULL;

	if (!run->setup->why)
		return 0;
	if (why_open(&setup, &run->why, &missing)) {
		run->why = NULL;
		run->result->evidence_missing = strdup(missing ? missing : "unknown");
		return run->result->evidence_missing ? 0 : -ENOMEM;
	}
	run->why_cpu_nr = sysconf(_SC_NPROCESSORS_ONLN);
	run->observer[run->observer_nr++] = why_observer(run->why);
	run->result->evidence_tier = 2;
	run->result->named_known = true;
	return 0;
}

struct why_hold *experiment_why_hold(void)
{
	return why_hold();
}

void experiment_why_release(struct why_hold *hold)
{
	why_release(hold);
}

int experiment_why_cpus(struct experiment *x)
{
	if (!x->run->why || sysconf(_SC_NPROCESSORS_ONLN) == x->run->why_cpu_nr)
		return 0;
	/* The kernel takes the events of an absent processor away, and brings none back. */
	return experiment_note(
		x, RESULT_NOTE_FIRST,
		"processors went off or on line: kernel events of theirs are missing from then on, and what rests on them is unknown");
}

void experiment_why_total(struct experiment *x)
{
	size_t i;

	for (i = 0; i < x->total.nr; i++) {
		x->run->why_blocked_ns += x->total.row[i].why.blocked_ns;
		x->run->why_named_ns += x->total.row[i].why.named_ns;
	}
}

void experiment_why_close(struct experiment_run *run)
{
	struct result *r = run->result;

	if (!run->why)
		return;
	r->blocked_ns = run->why_blocked_ns;
	r->named_ns = run->why_named_ns;
	r->evidence_lost = why_lost(run->why);
	why_close(run->why);
	run->why = NULL;
}

/* ---- a group ---- */

void experiment_why_free(struct experiment_group *g)
{
	size_t i;

	for (i = 0; i < g->why_nr; i++)
		why_row_clear(&g->why[i]);
	free(g->why);
	free(g->why_first);
	g->why = NULL;
	g->why_first = NULL;
	g->why_nr = 0;
}

int experiment_why_reset(struct experiment *x, struct experiment_group *g)
{
	unsigned int n;

	experiment_why_free(g);
	if (!x->run->why)
		return 0;
	why_reset(x->run->why);
	g->why_first = calloc(g->thread_nr + 1, sizeof(*g->why_first));
	if (!g->why_first)
		return -ENOMEM;
	for (n = 0; n < g->thread_nr; n++) {
		g->why_first[n] = g->why_nr;
		g->why_nr += g->thread[n].row_nr;
	}
	g->why = calloc(g->why_nr + 1, sizeof(*g->why));
	if (!g->why)
		g->why_nr = 0;
	return g->why ? 0 : -ENOMEM;
}

/* Inode of a target; 0 where there is none (null engine, block device). */
static uint64_t experiment_ino(const struct target *t)
{
	struct stat st;

	return t->fd < 0 || fstat(t->fd, &st) ? 0 : (uint64_t)st.st_ino;
}

int experiment_why_start(struct experiment *x, struct experiment_group *g,
			 unsigned int round)
{
	struct why_load load = {
		.round = round + 1,
		.extending_from = UINT64_MAX,
		.thread_nr = g->thread_nr,
	};
	size_t *first = calloc(g->thread_nr + 1, sizeof(*first)), nr = 0;
	uint64_t *ino = NULL;
	unsigned int n, f;
	int rc = first ? 0 : -ENOMEM;

	for (n = 0; n < g->thread_nr && !rc; n++) {
		first[n] = nr;
		nr += g->thread[n].file_nr;
	}
	ino = calloc(nr + 1, sizeof(*ino));
	if (!ino)
		rc = -ENOMEM;
	for (n = 0; n < g->thread_nr && !rc; n++) {
		const struct driver_thread *t = &g->thread[n];

		load.io_uring |= engine_find(t->job)->may_punt;
		load.batched |= t->job->iodepth_batch_submit > 1;
		for (f = 0; f < t->file_nr; f++) {
			struct target *target = t->file[f].target;

			ino[first[n] + f] = experiment_ino(target);
			load.interruptible |= target->limits.interruptible;
			if (target->start_eof < load.extending_from)
				load.extending_from = target->start_eof;
		}
	}
	load.ino = ino;
	load.ino_nr = nr;
	load.thread_file = first;
	if (!rc)
		rc = why_start(x->run->why, &load);
	if (rc)
		load_error_set(x->run->err, "starting kernel events: %s%s", strerror(-rc),
			       rc == -ENODEV ? "; a processor has gone off line" : "");
	free(first);
	free(ino);
	return rc;
}

int experiment_why_collect(struct experiment *x, struct experiment_group *g)
{
	unsigned int n, r;
	int rc = 0;

	for (n = 0; x->run->why && n < g->thread_nr; n++)
		for (r = 0; r < g->thread[n].row_nr && !rc; r++) {
			const struct why_row *row = why_row(x->run->why, n, r);

			if (row)
				rc = why_row_merge(&g->why[g->why_first[n] + r], row);
		}
	return rc;
}

const struct why_row *experiment_why_rows(const struct experiment_group *g,
					  unsigned int n)
{
	return g->why ? &g->why[g->why_first[n]] : NULL;
}

/* ---- into the result ---- */

/* A distribution of nr values, of which those in h (NULL: none) are not 0. */
static int experiment_why_dist(const struct result *r, struct result_dist *d,
			       const struct hist *h, uint64_t nr, bool bins)
{
	struct hist *all = malloc(sizeof(*all));
	int rc;

	if (!all)
		return -ENOMEM;
	hist_init(all);
	if (h)
		hist_merge(all, h);
	hist_add_zeros(all, nr - hist_count(all));
	rc = result_dist_fill(r, d, all, bins);
	free(all);
	return rc;
}

static int experiment_why_compare(const void *a, const void *b)
{
	const struct why_cause *x = a, *y = b;
	uint64_t x_ns = x->sleep ? x->sleep->sum_ns : 0;
	uint64_t y_ns = y->sleep ? y->sleep->sum_ns : 0;

	return x_ns < y_ns ? 1 : x_ns > y_ns ? -1 : 0;
}

static int experiment_why_causes(const struct result *r, const struct why_row *why,
				 bool bins, struct result_kind *out)
{
	size_t i;
	int rc = 0;

	if (why->cause_nr)
		qsort(why->cause, why->cause_nr, sizeof(*why->cause),
		      experiment_why_compare);
	out->cause = calloc(why->cause_nr + 1, sizeof(*out->cause));
	if (!out->cause)
		return -ENOMEM;
	for (i = 0; i < why->cause_nr && !rc; i++) {
		const struct why_cause *from = &why->cause[i];
		struct result_cause *to = &out->cause[i];

		if (!from->sleep)
			break;
		out->cause_nr = i + 1;
		to->label = strdup(from->row->label);
		to->help = strdup(from->row->help);
		to->named = !from->row->unnamed;
		to->in_completion = from->in_completion;
		if (from->row->unnamed && from->chain)
			to->stack = chain_text(from->chain);
		rc = to->label && to->help ? 0 : -ENOMEM;
		if (!rc)
			rc = result_dist_fill(r, &to->sleep, from->sleep, bins);
	}
	return rc;
}

static int experiment_why_step(const struct why_step *from, struct result_step *to)
{
	to->stage = (enum result_stage)from->stage;
	to->after = from->after;
	to->at_ns = from->at_ns;
	to->ns = from->ns;
	if (from->stage == WHY_SLEEP) {
		to->cause = strdup(from->chain ? from->chain->cause->label : "OTHER");
		if (from->chain)
			to->stack = chain_text(from->chain);
		if (!to->cause)
			return -ENOMEM;
	}
	if (from->has_by && asprintf(&to->by, "the write at %llu",
				     (unsigned long long)from->by_offset) < 0) {
		to->by = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int experiment_why_worst(const struct why_row *why, struct result_kind *out)
{
	size_t i, s;
	int rc = 0;

	out->worst = calloc(why->worst_nr + 1, sizeof(*out->worst));
	if (!out->worst)
		return -ENOMEM;
	out->worst_nr = why->worst_nr;
	for (i = 0; i < why->worst_nr && !rc; i++) {
		const struct why_worst *from = &why->worst[i];
		struct result_worst *to = &out->worst[i];

		to->round = from->round;
		to->thread = from->thread;
		to->index = from->index;
		to->offset = from->offset;
		to->len = from->len;
		to->res = from->res;
		to->slat_ns = from->slat_ns;
		to->lat_ns = from->lat_ns;
		to->path = (enum result_path)from->path;
		to->then = (enum result_path)from->then;
		to->step = calloc(from->step_nr + 1, sizeof(*to->step));
		if (!to->step)
			return -ENOMEM;
		to->step_nr = from->step_nr;
		for (s = 0; s < from->step_nr && !rc; s++)
			rc = experiment_why_step(&from->step[s], &to->step[s]);
	}
	return rc;
}

int experiment_why_result(const struct result *r, const struct why_row *why, bool bins,
			  struct result_kind *out)
{
	unsigned int i;
	int rc;

	if (!why->joined)
		return 0;
	out->why = true;
	out->flagged = why->flagged;
	for (i = 0; i < RESULT_PATH_NR; i++)
		out->then[i] = why->then[i];
	for (i = 0; i < RESULT_RAN_NR; i++)
		out->ran_as[i] = why->ran_as[i];
	for (i = 0; i < RESULT_STAGE_NR; i++) {
		out->slat_stage_ns[i] = why->slat_stage_ns[i];
		out->lat_stage_ns[i] = why->lat_stage_ns[i];
	}
	rc = experiment_why_dist(r, &out->held, why->held, why->held_nr, bins);
	if (!rc)
		rc = experiment_why_dist(r, &out->convoy, why->convoy, why->joined, bins);
	if (!rc)
		rc = experiment_why_dist(r, &out->behind, why->behind, why->joined, bins);
	if (!rc)
		rc = experiment_why_causes(r, why, bins, out);
	return rc || !bins ? rc : experiment_why_worst(why, out);
}
