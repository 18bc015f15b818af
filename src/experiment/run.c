// SPDX-License-Identifier: GPL-2.0-or-later
/* A run: variants and rounds in their order, and what they come to. */
#include "experiment/private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "experiment/logs.h"
#include "experiment/search.h"
#include "load/plan.h"
#include "verify/verify.h"

/* Percentiles beside the default ones: 100 * (1 - 10^(-i / 12)), 60 in all. */
#define FINE_FIRST 2
#define FINE_LAST 48

/* Histograms of one (job, kind) that are kept until the end; more with kernel events. */
#define KEPT_TIMES 5  /* slat, clat, lat, victim, resp */
#define KEPT_WHY 7    /* held, convoy, behind; and of causes there are seldom more */
#define KEPT_NO_MIX 3 /* kinds that a job without mix comes to: seldom more */

/* ---- one round of one variant ---- */

/* Where it writes; NULL: to no file system. */
static const char *run_dir(const struct experiment *x)
{
	size_t i;

	for (i = 0; i < x->target_nr; i++)
		if (!x->target[i].virt && !x->target[i].is_block)
			return x->run->dir[x->target[i].dir].path;
	return NULL;
}

static int run_dirs_begin(struct experiment *x)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < x->run->dir_nr && !rc; i++) {
		rc = scratch_begin_round(x->run->dir[i].scratch);
		if (rc)
			load_error_set(x->run->err, "directory %s: %s",
				       x->run->dir[i].path, strerror(-rc));
	}
	return rc;
}

/* What can't be removed ends the run, but takes nothing back that was measured. */
static void run_dirs_end(struct experiment *x)
{
	size_t i;

	for (i = 0; i < x->run->dir_nr; i++) {
		int rc = scratch_end_round(x->run->dir[i].scratch);

		if (rc && !x->run->err->text[0] && !x->run->crashed)
			load_error_set(x->run->err,
				       "directory %s: removing scratch files: %s",
				       x->run->dir[i].path, strerror(-rc));
	}
}

/* Histograms of threads that have ended: a sweep has many. */
static void run_rows_free(struct experiment *x)
{
	unsigned int n;
	size_t i;

	for (i = 0; i < x->group_nr; i++)
		for (n = 0; n < x->group[i].thread_nr; n++)
			driver_rows_free(&x->group[i].thread[n]);
}

/*
 * A fresh directory, all groups one after another, the noise meanwhile. A round of a
 * sweep that a signal or an error cut short is none: it would be of another length than
 * the others, and it is done anew when the sweep is resumed.
 */
static int run_round(struct experiment *x, unsigned int round)
{
	struct result_round *rr = &x->v->round[x->v->round_nr];
	const struct result_growth growth = x->v->growth;
	struct host_noise *noise;
	bool cut = false;
	size_t i;
	int rc, end_rc;

	x->own_bytes = 0;
	for (i = 0; i < x->group_nr; i++)
		x->group[i].ran = false;
	experiment_tell(x, EXPERIMENT_LAYOUT, round, NULL, 0);
	rc = run_dirs_begin(x);
	/* The first layout is not a neighbour's noise. */
	if (!rc)
		rc = experiment_open_group(x, &x->group[0]);
	x->own_bytes = 0;
	noise = rc ? NULL : host_noise_start(run_dir(x));
	for (i = 0; i < x->group_nr && !rc; i++)
		if (!experiment_stopped(x) && !x->run->err->text[0])
			rc = experiment_run_group(x, &x->group[i], round);
	cut = x->run->variant_nr > 1 && (experiment_stopped(x) || x->run->err->text[0]);
	if (!rc && !cut)
		rc = experiment_round_result(x);
	if (noise) {
		end_rc = host_noise_stop(noise, x->own_bytes, &rr->noise);
		rc = rc ? rc : end_rc;
	}
	if (cut || rc) {
		facts_clear(&rr->noise);
		x->v->growth = growth;
	} else {
		x->run->done++;
	}
	experiment_close_targets(x);
	run_rows_free(x);
	run_dirs_end(x);
	return rc;
}

/* ---- the result ---- */

static int run_result_new(struct experiment_run *run, const struct workload *whole,
			  const struct experiment_variant *variant)
{
	const struct workload *w = variant[0].w;
	struct result *r;
	double *extra;
	size_t nr = 0, i;
	int rc = 0;

	/* One list for the document: what any of the jobs asks for. */
	extra = calloc(w->job_nr * WORKLOAD_PERCENTILES_MAX + FINE_LAST, sizeof(*extra));
	if (!extra)
		return -ENOMEM;
	/* Even steps on the axis of a spectrum, twelve from 90 to 99. */
	for (i = FINE_FIRST; run->setup->fine && i <= FINE_LAST; i++)
		extra[nr++] = 100 * (1 - pow(10, -(double)i / 12));
	for (i = 0; i < w->job_nr; i++) {
		memcpy(extra + nr, w->job[i].percentile_list.p,
		       w->job[i].percentile_list.nr * sizeof(*extra));
		nr += w->job[i].percentile_list.nr;
	}
	r = run->result = result_new(extra, nr);
	free(extra);
	if (!r)
		return -ENOMEM;
	(void)clock_gettime(CLOCK_REALTIME, &r->started);
	r->workload_name = strdup(whole->name);
	r->workload_text = strdup(whole->text);
	r->workload_sha256 = strdup(whole->sha256);
	r->evidence_tier = 1;
	r->variant = calloc(run->variant_nr, sizeof(*r->variant));
	if (!r->workload_name || !r->workload_text || !r->workload_sha256 || !r->variant)
		return -ENOMEM;
	for (i = 0; i < run->variant_nr && !rc; i++) {
		struct result_variant *v = &r->variant[r->variant_nr++];

		run->variant[i].v = v;
		v->round = calloc(w->job[0].rounds, sizeof(*v->round));
		rc = v->round ? experiment_keys(&variant[i], &v->keys) : -ENOMEM;
	}
	return rc;
}

/* "append%=30, iodepth=4"; NULL: the only one, or no memory. */
static char *run_label(const struct experiment_variant *in)
{
	char *label = NULL, *longer;
	size_t i;

	for (i = 0; i < in->key_nr; i++) {
		if (asprintf(&longer, "%s%s%s=%s", label ? label : "", label ? ", " : "",
			     in->key[i], in->value[i]) < 0)
			longer = NULL;
		free(label);
		label = longer;
	}
	return label;
}

static uint64_t run_ops(const struct experiment_run *run)
{
	uint64_t ops = 0;
	size_t i, k;

	for (k = 0; k < run->variant_nr; k++)
		for (i = 0; i < run->variant[k].v->kind_nr; i++)
			ops += run->variant[k].v->kind[i].ops;
	return ops;
}

/* What the rounds of a variant come to; its totals move there. */
static int run_variant_result(struct experiment *x)
{
	int rc = experiment_rows_result(x->run->result, &x->total, true, &x->v->kind,
					&x->v->kind_nr);

	/* A sweep that was stopped may not have come to all. */
	if (!rc && x->v->round_nr)
		rc = experiment_notes(x);
	if (!rc && x->v->growth.gaps)
		rc = experiment_note(
			x, RESULT_NOTE_FIRST,
			"%llu extending writes were refused, failed or short with later ones already behind them: those started past EOF, whatever their kind says",
			(unsigned long long)x->v->growth.gaps);
	result_growth_add(&x->run->result->growth, &x->v->growth);
	experiment_why_total(x);
	experiment_rows_free(&x->total);
	return rc;
}

/* ---- all ---- */

/*
 * The variants of a round in an order of chance (Fisher and Yates, as in Knuth's
 * algorithm P), the same for the same seed: what drifts meets all of them alike, and a
 * resumed run goes on where the other was stopped.
 */
static void run_order(const struct experiment_run *run, unsigned int round, size_t *order)
{
	uint64_t seed = plan_mix64(run->variant[0].w->job[0].randseed + 3) + round;
	size_t i, at, was;

	for (i = 0; i < run->variant_nr; i++)
		order[i] = i;
	for (i = run->variant_nr; i > 1; i--) {
		at = (size_t)(plan_mix64(seed + i * 0x9e3779b97f4a7c15ull) % i);
		was = order[i - 1];
		order[i - 1] = order[at];
		order[at] = was;
	}
}

/* Rounds of variant nr that an earlier run has done. */
static unsigned int run_resumed(const struct experiment_run *run, size_t nr)
{
	const struct result *r = run->setup->resume;

	return r ? (unsigned int)r->variant[nr].round_nr : 0;
}

static int run_rounds(struct experiment_run *run)
{
	unsigned int round, nr = run->variant[0].w->job[0].rounds;
	size_t *order = calloc(run->variant_nr, sizeof(*order)), i;
	int rc = order ? 0 : -ENOMEM;

	run->todo = run->variant_nr * nr;
	for (i = 0; i < run->variant_nr; i++)
		run->done += run_resumed(run, i);
	for (round = 0; round < nr && !rc; round++) {
		run_order(run, round, order);
		for (i = 0; i < run->variant_nr && !rc; i++)
			if (round >= run_resumed(run, order[i]) &&
			    !experiment_stopped(&run->variant[0]) && !run->err->text[0])
				rc = run_round(&run->variant[order[i]], round);
	}
	free(order);
	run->result->interrupted = experiment_stopped(&run->variant[0]);
	/* Stopped while it laid out, or unable to: what earlier rounds measured stands. */
	if (rc == -EINTR || (rc && run->done && run->err->text[0]))
		rc = 0;
	for (i = 0; i < run->variant_nr && !rc; i++)
		rc = run_variant_result(&run->variant[i]);
	if (!rc)
		rc = experiment_notes_result(run);
	if (!rc && run->err->text[0])
		rc = result_note_add(run->result, RESULT_NOTE_FIRST,
				     RESULT_ENDED_BY_ERROR "%s", run->err->text);
	return rc;
}

/* A resumed run goes on where it was: one sitting, on one file system. */
static int run_check_resumed(const struct experiment_run *run)
{
	static const char *const key[] = { "kernel", "boot_id", "filesystem.type",
					   "filesystem.source" };
	const struct result *old = run->setup->resume;
	size_t i;

	if (old && old->evidence_tier != run->result->evidence_tier) {
		load_error_set(
			run->err,
			"--resume: the interrupted run had evidence of tier %d, this one has tier %d%s%s",
			old->evidence_tier, run->result->evidence_tier,
			run->result->evidence_missing ? ": " : "",
			run->result->evidence_missing ? run->result->evidence_missing :
							"");
		return -EINVAL;
	}

	for (i = 0; old && i < sizeof(key) / sizeof(key[0]); i++) {
		const char *was = facts_get_text(&old->host, key[i]);
		const char *is = facts_get_text(&run->result->host, key[i]);

		if (!was == !is && (!was || !strcmp(was, is)))
			continue;
		load_error_set(
			run->err,
			"--resume: the interrupted run had %s %s, this one has %s: results of both are for compare",
			key[i], was ? was : "none", is ? is : "none");
		return -EINVAL;
	}
	return 0;
}

/* What a variant's threads take while they run, and what is kept of it until the end. */
static void run_memory(const struct experiment *x, uint64_t *threads, uint64_t *kept)
{
	unsigned int times = KEPT_TIMES + (x->run->setup->why ? KEPT_WHY : 0);
	size_t i;

	*threads = *kept = 0;
	for (i = 0; i < x->w->job_nr; i++) {
		const struct workload_job *job = &x->w->job[i];
		uint64_t rows = (job->mix.nr ? job->mix.nr : KIND_BASE_NR) *
				(job->ramp_time_ns ? 2 : 1);

		*threads += job->numjobs * (rows * sizeof(struct driver_row) +
					    job->iodepth * job->bs.max_bytes);
		*kept += (job->mix.nr ? job->mix.nr : KEPT_NO_MIX) * times *
			 sizeof(struct hist);
	}
	/* The earlier run's are in memory, too. */
	*kept *= x->run->setup->resume ? 2 : 1;
}

/* Buffers and histograms of all variants must fit in memory, with room to spare. */
static int run_check_memory(const struct experiment_run *run)
{
	uint64_t may = run->setup->memory_bytes, threads, kept, most = 0, sum = 0;
	const struct experiment *largest = run->variant;
	size_t i;

	if (!may)
		may = (uint64_t)sysconf(_SC_PHYS_PAGES) *
		      (uint64_t)sysconf(_SC_PAGESIZE) / 2;
	/* Variants' threads run in turns. */
	for (i = 0; i < run->variant_nr; i++) {
		run_memory(&run->variant[i], &threads, &kept);
		sum += kept;
		if (threads > most) {
			most = threads;
			largest = &run->variant[i];
		}
	}
	if (most + sum <= may)
		return 0;
	if (run->variant_nr > 1 && sum > most)
		load_error_job(
			run->err, largest->w->job, "sweep",
			"the histograms of %zu variants need %llu MiB of memory, the threads' buffers %llu MiB, and %llu MiB may be taken: sweep fewer values at a time",
			run->variant_nr, (unsigned long long)sum >> 20,
			(unsigned long long)most >> 20, (unsigned long long)may >> 20);
	else
		load_error_job(
			run->err, largest->w->job, "numjobs",
			"the threads' buffers and histograms need %llu MiB, more than half of the memory: lower numjobs, iodepth or bs",
			(unsigned long long)(most + sum) >> 20);
	return -ENOMEM;
}

/* Every check of every variant comes before the first file is made. */
static int run_prepare(struct experiment_run *run, const struct workload *whole,
		       const struct experiment_variant *variant)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < run->variant_nr && !rc; i++) {
		struct experiment *x = &run->variant[i];

		x->run = run;
		x->w = variant[i].w;
		x->label = run_label(&variant[i]);
		x->noted = calloc(x->w->job_nr, sizeof(*x->noted));
		rc = x->noted ? experiment_prepare(x) : -ENOMEM;
	}
	if (!rc)
		rc = run_check_memory(run);
	if (!rc)
		rc = run_result_new(run, whole, variant);
	for (i = 0; i < run->variant_nr && !rc; i++)
		rc = experiment_open_dirs(&run->variant[i]);
	return rc;
}

/* Who writes the logs that some job asks for. 0 or -errno with err. */
static int run_logs_open(struct experiment_run *run)
{
	const struct workload *w = run->variant[0].w;
	bool wanted = false;
	size_t i;
	int rc;

	for (i = 0; i < w->job_nr; i++) {
		rc = logs_check(&w->job[i], run->err);
		if (rc)
			return rc;
		wanted |= logs_wanted(&w->job[i]);
	}
	if (!wanted)
		return 0;
	run->logs = logs_new();
	if (!run->logs)
		return -ENOMEM;
	logs_observer(run->logs, &run->observer[run->observer_nr++]);
	return 0;
}

static int run_variants(const struct workload *whole,
			const struct experiment_variant *variant, size_t variant_nr,
			const struct experiment_setup *setup, struct result **out,
			struct load_error *err)
{
	struct experiment_run run = {
		.setup = setup,
		.err = err,
		.variant = calloc(variant_nr, sizeof(struct experiment)),
		.variant_nr = variant_nr,
	};
	size_t i;
	int rc;

	err->text[0] = '\0';
	rc = run.variant ? run_prepare(&run, whole, variant) : -ENOMEM;
	if (!rc)
		rc = host_collect(&run.result->host, run_dir(&run.variant[0]));
	if (!rc)
		rc = experiment_why_open(&run);
	if (setup->verify)
		verify_observer(setup->verify, &run.observer[run.observer_nr++]);
	if (!rc)
		rc = run_logs_open(&run);
	if (!rc)
		rc = run_check_resumed(&run);
	if (!rc)
		rc = run_rounds(&run);
	experiment_why_close(&run);
	if (!rc && !run_ops(&run) && !run.result->interrupted && !err->text[0] &&
	    !setup->resume) {
		load_error_set(
			err,
			"nothing was measured: the runtime ended inside ramp_time, or no operation fitted");
		rc = -ENODATA;
	}
	if (rc && !err->text[0])
		load_error_set(err, "%s", strerror(-rc));
	/* An error of the first write leaves nothing to report. */
	if (!rc && err->text[0] && !run_ops(&run))
		rc = -EIO;
	for (i = 0; run.variant && i < variant_nr; i++) {
		experiment_release(&run.variant[i]);
		free(run.variant[i].label);
	}
	experiment_close_dirs(&run);
	logs_free(run.logs);
	free(run.variant);
	if (!rc && setup->resume)
		rc = result_merge(run.result, setup->resume);
	else
		result_free(setup->resume);
	if (rc) {
		result_free(run.result);
		return rc;
	}
	*out = run.result;
	return 0;
}

int experiment_run(const struct workload *whole, const struct experiment_variant *variant,
		   size_t variant_nr, const struct experiment_setup *setup,
		   struct result **out, struct load_error *err)
{
	if (!search_wanted(variant[0].w))
		return run_variants(whole, variant, variant_nr, setup, out, err);
	if (variant_nr == 1 && !setup->verify && !setup->resume)
		return search_run(whole, variant[0].w, setup, run_variants, out, err);
	load_error_set(err, "latency_target: there is nothing to search in stress, "
			    "and no search is resumed");
	result_free(setup->resume);
	return -EINVAL;
}
