// SPDX-License-Identifier: GPL-2.0-or-later
/* What the reader must know that the numbers alone don't say. */
#include "experiment/private.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIX_OFF 0.01 /* a mix further off than this is said first */
#define MIX_SIGMAS 4 /* ... unless chance alone explains it */

/* ---- of a variant, and of several ---- */

static const struct result_note *notes_find(const struct experiment *x, const char *text)
{
	size_t i;

	for (i = 0; i < x->note_nr; i++)
		if (!strcmp(x->note[i].text, text))
			return &x->note[i];
	return NULL;
}

int experiment_note(struct experiment *x, enum result_note_level level, const char *fmt,
		    ...)
{
	struct result_note *grown;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Each round may say it. */
	if (notes_find(x, text))
		return 0;
	grown = realloc(x->note, (x->note_nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	x->note = grown;
	grown[x->note_nr] = (struct result_note){ level, strdup(text) };
	return grown[x->note_nr].text ? (int)(x->note_nr++, 0) : -ENOMEM;
}

void experiment_notes_free(struct experiment *x)
{
	while (x->note_nr)
		free(x->note[--x->note_nr].text);
	free(x->note);
	x->note = NULL;
}

/* A note of the variant nr, where none before has it. */
static int notes_result(struct experiment_run *run, size_t nr, size_t measured,
			const struct result_note *note)
{
	const char *label = run->variant[nr].label;
	size_t others = 0, i;

	for (i = 0; i < nr; i++)
		if (notes_find(&run->variant[i], note->text))
			return 0;
	for (i = nr + 1; i < run->variant_nr; i++)
		others += notes_find(&run->variant[i], note->text) != NULL;
	if (!label || (others && others + 1 >= measured))
		return result_note_add(run->result, note->level, "%s", note->text);
	if (!others)
		return result_note_add(run->result, note->level, "%s: %s", label,
				       note->text);
	return result_note_add(run->result, note->level, "%s and %zu more variant%s: %s",
			       label, others, others > 1 ? "s" : "", note->text);
}

int experiment_notes_result(struct experiment_run *run)
{
	size_t measured = 0, i, k;
	int rc = 0;

	/* A sweep that was stopped may not have come to all. */
	for (i = 0; i < run->variant_nr; i++)
		measured += run->variant[i].v->round_nr > 0;
	for (i = 0; i < run->variant_nr; i++)
		for (k = 0; k < run->variant[i].note_nr && !rc; k++)
			rc = notes_result(run, i, measured, &run->variant[i].note[k]);
	return rc;
}

/* ---- what there is to say ---- */

static const char *experiment_fallocate_name(const struct workload_job *job)
{
	static const char *const name[] = { "none", "native", "posix", "keep",
					    "truncate" };

	return name[job->fallocate];
}

/* A job with mix whose shares came out otherwise than asked. */
static int experiment_note_mix(struct experiment *x, const struct workload_job *job)
{
	uint64_t ops = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < x->total.nr; i++)
		if (x->total.row[i].job == job && x->total.row[i].weight > 0)
			ops += x->total.row[i].ops;
	for (i = 0; ops && i < x->total.nr && !rc; i++) {
		const struct experiment_row *row = &x->total.row[i];
		double got = (double)row->ops / (double)ops, off;
		/* Rounds replay one plan: more of them are not more draws. */
		double draws = (double)ops / (double)x->v->round_nr;
		double chance = sqrt(row->weight * (1 - row->weight) / draws);
		char name[KIND_NAME_MAX];

		if (row->job != job || row->weight <= 0)
			continue;
		off = fabs(got - row->weight);
		if (off > MIX_OFF && off > MIX_SIGMAS * chance)
			rc = experiment_note(
				x, RESULT_NOTE_FIRST,
				"job %s: the mix is not as asked: %s got %.1f %% of the operations instead of %.1f %%",
				job->name, kind_print(row->kind, name), 100 * got,
				100 * row->weight);
	}
	return rc;
}

/* What to say when some target of the job was not laid out as the job has it. */
static const char *experiment_reused(const struct experiment *x,
				     const struct workload_job *job)
{
	const struct target *t;
	unsigned int n, f;
	size_t i;

	for (i = 0; i < x->group_nr; i++)
		for (n = 0; n < x->group[i].thread_nr; n++)
			for (f = 0; f < x->group[i].thread[n].file_nr; f++) {
				if (x->group[i].thread[n].job != job)
					continue;
				t = x->group[i].thread[n].file[f].target;
				if (t->was_reused)
					return "round 1 used the file of an earlier run again";
				if (t->reused)
					return "the file of an earlier run was used again";
				if (t->spec.overwrite && !job->overwrite &&
				    !workload_reads(job))
					return "another job had the file written first";
			}
	return NULL;
}

/*
 * A job without mix: what its writes really were, where that is not what rw=
 * seems to ask (write: the file grows; randwrite: blocks are overwritten).
 */
static int experiment_note_kinds(struct experiment *x, const struct workload_job *job)
{
	uint64_t ops = 0, expected = 0, extended = 0;
	char text[400] = "", name[KIND_NAME_MAX], why[120] = "";
	size_t i, at = 0;

	for (i = 0; i < x->total.nr; i++) {
		const struct experiment_row *row = &x->total.row[i];

		if (row->job != job || !kind_row(row->kind.base)->is_write)
			continue;
		ops += row->ops;
		extended += kind_is_extending(row->kind) ? row->ops : 0;
		if (!workload_is_random(job) ? kind_is_extending(row->kind) :
					       row->kind.base == KIND_OVERWRITE)
			expected += row->ops;
	}
	if (!ops || expected == ops ||
	    ((job->overwrite || workload_reads(job)) && !workload_is_random(job) &&
	     !extended))
		return 0;
	for (i = 0; i < x->total.nr && at < sizeof(text); i++) {
		const struct experiment_row *row = &x->total.row[i];

		if (row->job != job || !kind_row(row->kind.base)->is_write)
			continue;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.4g %% %s",
				       at ? ", " : "",
				       100.0 * (double)row->ops / (double)ops,
				       kind_print(row->kind, name));
	}
	if (experiment_reused(x, job))
		snprintf(why, sizeof(why), ": %s", experiment_reused(x, job));
	else if (!job->overwrite && !workload_reads(job) && !job->create_on_open &&
		 job->fallocate != WORKLOAD_FALLOC_NONE)
		snprintf(why, sizeof(why), ": fallocate=%s %s",
			 experiment_fallocate_name(job),
			 job->fallocate == WORKLOAD_FALLOC_KEEP ?
				 "allocated past EOF first" :
				 "set i_size first");
	return experiment_note(x, RESULT_NOTE_FIRST,
			       "job %s: its writes really were %s%s%s", job->name, text,
			       why, extended ? "" : "; none extended");
}

/* Where a worker waits for a write, slat and what rests on it tell nothing. */
static int experiment_note_workers(struct experiment *x)
{
	unsigned int n;
	size_t i;

	for (i = 0; i < x->group_nr; i++)
		for (n = 0; n < x->group[i].thread_nr; n++)
			if (x->group[i].thread[n].had_workers)
				return experiment_note(
					x, RESULT_NOTE_INFO,
					"io_uring handed writes that would block to workers: their wait is in lat, not in slat, blocked or victim, which can't be compared with libaio's");
	return 0;
}

int experiment_notes(struct experiment *x)
{
	bool batched = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < x->w->job_nr && !rc; i++) {
		const struct workload_job *job = &x->w->job[i];

		rc = job->mix.nr ? experiment_note_mix(x, job) :
				   experiment_note_kinds(x, job);
	}
	if (!rc)
		rc = experiment_note_workers(x);
	for (i = 0; i < x->total.nr; i++)
		batched |= x->total.row[i].batched != 0;
	if (batched && !rc)
		rc = experiment_note(
			x, RESULT_NOTE_INFO,
			"writes of one submission call share its time: slat is the call's");
	for (i = 0; i < x->w->note_nr && !rc; i++)
		rc = experiment_note(x, RESULT_NOTE_INFO, "%s", x->w->note[i]);
	return rc;
}
