// SPDX-License-Identifier: GPL-2.0-or-later
/* From threads' rows to the result: merging, paths, keys. */
#include "experiment/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/option.h"

/* ---- paths from tiers 0 and 1 ---- */

/*
 * What can be said of writes that looked like this; *why, where it is nothing.
 * A call that slept hides which wait it was; with reap=full nobody looked; where io-wq had workers, a write
 * not done at its call's return may have gone to one; and whether a write that
 * was done then was so inside the call can't be told when the call also carried
 * others, or was preempted.
 */
static enum result_path experiment_path_of(unsigned int seen,
					   const struct driver_thread *t,
					   enum result_unknown *why)
{
	/* Nothing but the driver touches an operation of the null engine. */
	if (!engine_find(t->job)->needs_target)
		return RESULT_INLINE;
	/* After a wait of our own: it was not done by then, or who knows when. */
	*why = RESULT_UNKNOWN_MODEL;
	if (seen & LOAD_SEEN_MODEL)
		return seen & LOAD_SEEN_DONE || t->had_workers ? RESULT_UNKNOWN :
								 RESULT_QUEUED;
	*why = seen & LOAD_SEEN_DONE ? RESULT_UNKNOWN_SLEPT_DONE :
				       RESULT_UNKNOWN_SLEPT_QUEUED;
	if (seen & LOAD_SEEN_SLEPT)
		return RESULT_UNKNOWN;
	*why = RESULT_UNKNOWN_UNLOOKED;
	if (seen & LOAD_SEEN_UNLOOKED)
		return RESULT_UNKNOWN;
	*why = RESULT_UNKNOWN_WORKER;
	if (!(seen & LOAD_SEEN_DONE))
		return t->had_workers ? RESULT_UNKNOWN : RESULT_QUEUED;
	*why = RESULT_UNKNOWN_INSIDE;
	return seen & (LOAD_SEEN_SHARED | LOAD_SEEN_PREEMPTED) ? RESULT_UNKNOWN :
								 RESULT_INLINE;
}

static bool experiment_is_cached(const struct driver_thread *t)
{
	unsigned int f;

	for (f = 0; f < t->file_nr; f++)
		if (!t->file[f].target->limits.cached)
			return false;
	return true;
}

/* ---- merging ---- */

static void experiment_error_add(struct experiment_row *row, int err, uint64_t count)
{
	unsigned int i;

	for (i = 0; i < row->error_nr && row->error[i].err != err; i++)
		;
	if (i == DRIVER_ERRORS_MAX)
		i--;
	if (i == row->error_nr)
		row->error[row->error_nr++] = (struct driver_error){ err, 0 };
	row->error[i].count += count;
}

static bool experiment_kind_follows(struct kind a, struct kind b)
{
	return a.base != b.base ? a.base > b.base : a.mods > b.mods;
}

/* The row of (job, kind), new where there is none. NULL: no memory. */
static struct experiment_row *experiment_row_find(struct experiment_rows *rows,
						  const struct workload_job *job,
						  struct kind kind)
{
	struct experiment_row *row;
	size_t i;

	for (i = 0; i < rows->nr; i++) {
		row = &rows->row[i];
		if (row->job == job && kind_same(row->kind, kind))
			return row;
	}
	row = realloc(rows->row, (rows->nr + 1) * sizeof(*row));
	if (!row)
		return NULL;
	rows->row = row;
	/* Threads of a job without mix meet its kinds in any order. */
	for (i = rows->nr++; i && !job->mix.nr && row[i - 1].job == job &&
			     experiment_kind_follows(row[i - 1].kind, kind);
	     i--)
		row[i] = row[i - 1];
	row = &rows->row[i];
	memset(row, 0, offsetof(struct experiment_row, slat));
	row->job = job;
	row->kind = kind;
	hist_init(&row->slat);
	hist_init(&row->clat);
	hist_init(&row->lat);
	hist_init(&row->victim);
	hist_init(&row->resp);
	return row;
}

/*
 * Kernel events tell the paths of what they were joined to; of the rest its record
 * was lost. They are what an operation looked like from outside, too: seen[].
 */
static int experiment_row_add_why(struct experiment_row *row,
				  const struct driver_row *from,
				  const struct why_row *why)
{
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < LOAD_SEEN_NR; i++)
		seen += from->seen[i];
	for (i = 0; i < WHY_PATH_NR; i++)
		row->path[i] += why->path[i];
	row->unknown[RESULT_UNKNOWN_INSIDE] += why->path[WHY_UNKNOWN] - why->lost -
					       why->modelled;
	row->unknown[RESULT_UNKNOWN_MODEL] += why->modelled;
	row->unknown[RESULT_UNKNOWN_LOST] += why->lost;
	row->path[RESULT_UNKNOWN] += seen - why->joined;
	row->unknown[RESULT_UNKNOWN_LOST] += seen - why->joined;
	return why_row_merge(&row->why, why);
}

static void experiment_late_add(struct driver_late *into, const struct driver_late *late)
{
	into->call_ns += late->call_ns;
	into->full_ns += late->full_ns;
	into->own_ns += late->own_ns;
	if (late->own_max_ns > into->own_max_ns)
		into->own_max_ns = late->own_max_ns;
}

static int experiment_row_add(struct experiment_row *row, const struct driver_row *from,
			      const struct driver_thread *t, const struct why_row *why)
{
	bool cached = experiment_is_cached(t) && kind_row(from->kind.base)->is_write;
	bool joined = why && why->joined && !cached;
	unsigned int i;

	row->ops += driver_row_ops(from);
	row->bytes += from->bytes;
	row->short_nr += from->short_nr;
	for (i = 0; i < LOAD_SEEN_NR; i++) {
		enum result_unknown why_not = RESULT_UNKNOWN_FAILED;
		enum result_path path = cached ? RESULT_BUFFERED :
						 experiment_path_of(i, t, &why_not);

		row->path[path] += joined ? 0 : from->seen[i];
		if (path == RESULT_UNKNOWN && !joined)
			row->unknown[why_not] += from->seen[i];
		if (i & LOAD_SEEN_SHARED)
			row->batched += from->seen[i];
		if (i & LOAD_SEEN_DONE)
			row->done_at_return += from->seen[i];
		if (i & LOAD_SEEN_BLOCKED)
			row->blocked += from->seen[i];
	}
	row->path[RESULT_REFUSED] += from->refused;
	row->path[RESULT_UNKNOWN] += from->failed;
	row->unknown[RESULT_UNKNOWN_FAILED] += from->failed;
	for (i = 0; i < from->error_nr; i++)
		experiment_error_add(row, from->error[i].err, from->error[i].count);
	hist_merge(&row->slat, &from->slat);
	hist_merge(&row->clat, &from->clat);
	hist_merge(&row->lat, &from->lat);
	hist_merge(&row->victim, &from->victim);
	hist_merge(&row->resp, &from->resp);
	experiment_late_add(&row->late, &from->late);
	/* The hot path leaves out what is 0 and comes with every lat. */
	hist_add_zeros(&row->clat, hist_count(&from->lat) - hist_count(&from->clat));
	hist_add_zeros(&row->victim, hist_count(&from->lat) - hist_count(&from->victim));
	return joined ? experiment_row_add_why(row, from, why) : 0;
}

/* Asked share of a kind in the job's mix: of all members that come to it. */
static double experiment_weight(const struct driver_thread *t, struct kind kind)
{
	const struct workload_mix *mix = &t->job->mix;
	double total = 0, weight = 0;
	unsigned int i;

	for (i = 0; i < mix->nr; i++) {
		total += mix->item[i].weight;
		if (kind_same(t->row[i].kind, kind))
			weight += mix->item[i].weight;
	}
	return total > 0 ? weight / total : 0;
}

int experiment_rows_add(struct experiment_rows *rows, const struct driver_thread *t,
			const struct why_row *why)
{
	double seconds = (double)t->measured_ns / 1e9;
	unsigned int i;

	for (i = 0; i < t->row_nr; i++) {
		const struct driver_row *from = &t->row[i];
		struct experiment_row *row;

		/* What a job without mix did not do has no row. */
		if (!driver_row_ops(from) && i >= t->job->mix.nr)
			continue;
		row = experiment_row_find(rows, t->job, from->kind);
		if (!row)
			return -ENOMEM;
		if (experiment_row_add(row, from, t, why ? &why[i] : NULL))
			return -ENOMEM;
		row->weight = experiment_weight(t, from->kind);
		/* Threads of a job ran side by side. */
		if (seconds > row->seconds)
			row->seconds = seconds;
	}
	return 0;
}

int experiment_rows_merge(struct experiment_rows *into,
			  const struct experiment_rows *from)
{
	unsigned int k;
	size_t i;

	for (i = 0; i < from->nr; i++) {
		const struct experiment_row *f = &from->row[i];
		struct experiment_row *row = experiment_row_find(into, f->job, f->kind);

		if (!row)
			return -ENOMEM;
		row->weight = f->weight;
		row->ops += f->ops;
		row->bytes += f->bytes;
		row->short_nr += f->short_nr;
		row->blocked += f->blocked;
		row->batched += f->batched;
		row->done_at_return += f->done_at_return;
		row->seconds += f->seconds;
		for (k = 0; k < RESULT_PATH_NR; k++)
			row->path[k] += f->path[k];
		for (k = 0; k < RESULT_UNKNOWN_NR; k++)
			row->unknown[k] += f->unknown[k];
		for (k = 0; k < f->error_nr; k++)
			experiment_error_add(row, f->error[k].err, f->error[k].count);
		hist_merge(&row->slat, &f->slat);
		hist_merge(&row->clat, &f->clat);
		hist_merge(&row->lat, &f->lat);
		hist_merge(&row->victim, &f->victim);
		hist_merge(&row->resp, &f->resp);
		experiment_late_add(&row->late, &f->late);
		if (why_row_merge(&row->why, &f->why))
			return -ENOMEM;
	}
	return 0;
}

void experiment_rows_free(struct experiment_rows *rows)
{
	size_t i;

	for (i = 0; i < rows->nr; i++)
		why_row_clear(&rows->row[i].why);
	free(rows->row);
	rows->row = NULL;
	rows->nr = 0;
}

/* ---- into the result ---- */

static int experiment_row_result(const struct result *r, const struct experiment_row *row,
				 bool bins, struct result_kind *out)
{
	char name[KIND_NAME_MAX];
	unsigned int i;
	int rc;

	out->job = strdup(row->job->name);
	out->kind = strdup(kind_print(row->kind, name));
	out->engine = strdup(engine_find(row->job)->name);
	out->error = calloc(row->error_nr + 1, sizeof(*out->error));
	if (!out->job || !out->kind || !out->engine || !out->error)
		return -ENOMEM;
	out->is_write = kind_row(row->kind.base)->is_write;
	out->is_extending = kind_is_extending(row->kind);
	out->modelled = out->is_extending &&
			row->job->extend_wait != WORKLOAD_EXTEND_KERNEL;
	out->weight = row->weight;
	out->ops = row->ops;
	out->bytes = row->bytes;
	out->short_nr = row->short_nr;
	out->blocked = row->blocked;
	out->batched = row->batched;
	out->done_at_return = row->done_at_return;
	out->iops = row->seconds > 0 ? (double)row->ops / row->seconds : 0;
	memcpy(out->path, row->path, sizeof(out->path));
	memcpy(out->unknown, row->unknown, sizeof(out->unknown));
	for (i = 0; i < row->error_nr; i++) {
		out->error[i].err = row->error[i].err;
		out->error[i].count = row->error[i].count;
	}
	out->error_nr = row->error_nr;
	rc = result_dist_fill(r, &out->slat, &row->slat, bins);
	if (!rc)
		rc = result_dist_fill(r, &out->clat, &row->clat, bins);
	if (!rc)
		rc = result_dist_fill(r, &out->lat, &row->lat, bins);
	if (!rc)
		rc = result_dist_fill(r, &out->victim, &row->victim, bins);
	if (!rc && hist_count(&row->resp))
		rc = result_dist_fill(r, &out->resp, &row->resp, bins);
	out->late_call_ns = row->late.call_ns;
	out->late_full_ns = row->late.full_ns;
	out->late_own_ns = row->late.own_ns;
	out->late_own_max_ns = row->late.own_max_ns;
	if (!rc)
		rc = experiment_why_result(r, &row->why, bins, out);
	return rc;
}

int experiment_rows_result(const struct result *r, const struct experiment_rows *rows,
			   bool bins, struct result_kind **out, size_t *out_nr)
{
	size_t i;
	int rc = 0;

	*out = calloc(rows->nr + 1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	/* The count is kept in step, so that a half-filled list can be freed. */
	for (i = 0; i < rows->nr && !rc; i++) {
		*out_nr = i + 1;
		rc = experiment_row_result(r, &rows->row[i], bins, &(*out)[i]);
	}
	return rc;
}

/* ---- keys ---- */

/* One fact for a key: its value, or all different ones joined with '|'. */
static int experiment_key(struct facts *keys, const char *key, const char *value)
{
	const char *have = facts_get_text(keys, key);
	size_t len = strlen(value);
	char joined[512];

	if (!have)
		return facts_text(keys, key, value);
	for (const char *at = have; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (!strncmp(at, value, len) && (!at[len] || at[len] == '|'))
			return 0;
	}
	snprintf(joined, sizeof(joined), "%s|%s", have, value);
	return facts_text(keys, key, joined);
}

/* Keys that are told whether they were given or not. */
static bool experiment_key_always(const char *name)
{
	return !strcmp(name, "ioengine") || !strcmp(name, "bs") ||
	       !strcmp(name, "iodepth") || !strcmp(name, "reap");
}

/* Where it runs and what it prints is not what runs. */
static bool experiment_key_never(const char *name)
{
	return !strcmp(name, "directory") || !strcmp(name, "filename") ||
	       !strcmp(name, "percentile_list") || !strcmp(name, "rounds") ||
	       !strcmp(name, "sweep");
}

int experiment_keys(const struct experiment_variant *in, struct facts *keys)
{
	const struct workload *w = in->w;
	const struct option_row *o;
	size_t i, k;
	int rc = 0;

	for (k = 0; k < in->key_nr && !rc; k++)
		rc = facts_text(keys, in->key[k], in->value[k]);

	for (k = 0; (o = option_at(k)) && !rc; k++) {
		bool told = experiment_key_always(o->name);

		/* As it was asked for: the check may have turned it into another. */
		if (facts_get(keys, o->name))
			continue;
		if (o->status != OPTION_SUPPORTED || experiment_key_never(o->name))
			continue;
		for (i = 0; i < w->job_nr; i++)
			told |= option_is_set(&w->job[i], o);
		for (i = 0; told && i < w->job_nr && !rc; i++) {
			char *text = NULL;

			rc = option_format(o, &w->job[i], &text);
			if (!rc)
				rc = experiment_key(keys, o->name, text ? text : "-");
			free(text);
		}
	}
	return rc;
}
