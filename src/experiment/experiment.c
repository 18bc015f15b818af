// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/logs.h"
#include "experiment/private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "evidence/rusage.h"

#define TICK_NS 100000000 /* between looks at the stop flag and progress */

bool experiment_stopped(const struct experiment *x)
{
	return x->run->crashed || (x->run->setup->stop && *x->run->setup->stop);
}

void experiment_tell(struct experiment *x, enum experiment_phase phase,
		     unsigned int round, const struct experiment_group *g,
		     uint64_t since_ns)
{
	struct experiment_progress p = {
		.phase = phase,
		.round = round + 1,
		.round_nr = x->w->job[0].rounds,
		.variant = (size_t)(x - x->run->variant) + 1,
		.variant_nr = x->run->variant_nr,
		.done = x->run->done,
		.todo = x->run->todo,
	};
	unsigned int i;

	if (!x->run->setup->progress)
		return;
	for (i = 0; g && i < g->thread_nr; i++)
		p.ops += atomic_load_explicit(&g->thread[i].next_op,
					      memory_order_relaxed);
	if (g)
		p.seconds = (double)(driver_now_ns() - since_ns) / 1e9;
	x->run->setup->progress(x->run->setup->ctx, &p);
}

/* ---- targets of a group ---- */

static int experiment_open_target(struct experiment *x, struct experiment_target *t)
{
	static const int never;
	struct load_error err = { "" };
	size_t i, v;
	int rc;

	/* What another variant, or the run that is resumed, made is not another run's. */
	t->target.again |= x->run->setup->resume != NULL;
	/* The checker knows what is in a file because it was laid out in this round. */
	t->target.again |= x->run->setup->verify != NULL;
	for (v = 0; v < x->run->variant_nr; v++)
		for (i = 0; i < x->run->variant[v].target_nr; i++) {
			const struct experiment_target *same =
				&x->run->variant[v].target[i];

			t->target.again |= same->made && !strcmp(same->target.spec.path,
								 t->target.spec.path);
		}
	for (i = 0; i < x->target_nr; i++) {
		struct experiment_target *same = &x->target[i];

		if (strcmp(same->target.spec.path, t->target.spec.path))
			continue;
		/* The same path laid out for another group makes room. */
		if (same->open && same != t) {
			target_close(&same->target);
			same->open = false;
		}
	}
	memset(t->target.region, 0, sizeof(t->target.region));
	t->target.old_eof = t->target.start_eof = t->target.prealloc_end = 0;
	t->target.was_reused |= t->target.reused;
	t->target.reused = false;
	rc = experiment_check_begin(x);
	if (!rc)
		rc = experiment_check_layout(x, t);
	if (rc)
		return rc;
	rc = target_open(&t->target,
			 t->virt || t->is_block ? NULL : x->run->dir[t->dir].scratch,
			 x->run->setup->stop ? x->run->setup->stop : &never, &err);
	t->open = t->made = true;
	t->used = false;
	x->own_bytes += target_layout_bytes(&t->target.spec);
	if (rc && rc != -EINTR)
		*x->run->err = err;
	if (!rc)
		rc = experiment_check_ready(x, t);
	if (!rc && t->target.note)
		rc = experiment_note(x, RESULT_NOTE_WARN, "%s", t->target.note);
	return rc;
}

int experiment_open_group(struct experiment *x, struct experiment_group *g)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < g->target_nr && !rc; i++) {
		struct experiment_target *t = &x->target[g->target[i]];

		if (t->open && t->used)
			/* file_append of a later group starts where we are. */
			t->target.old_eof = atomic_load(&t->target.eof);
		else if (!t->open)
			rc = experiment_open_target(x, t);
	}
	return rc;
}

/* From before to after; unsigned, so that what became less is taken off. */
static void experiment_extents_add(struct result_extents *into,
				   const struct target_extents *before,
				   const struct target_extents *after)
{
	into->known &= after->known;
	into->count += after->count - before->count;
	into->written_bytes += after->written_bytes - before->written_bytes;
	into->unwritten_bytes += after->unwritten_bytes - before->unwritten_bytes;
	into->delalloc_bytes += after->delalloc_bytes - before->delalloc_bytes;
}

/* A file counts once, with its first group; later ones add how it changed. */
static void experiment_growth_first(struct result_growth *gr, const struct target *t)
{
	static const struct target_extents none;

	if (!gr->known) {
		gr->known = true;
		gr->before.known = gr->after.known = true;
	}
	gr->size_before += t->size_before;
	gr->size_after += t->size_before;
	experiment_extents_add(&gr->before, &none, &t->before);
	experiment_extents_add(&gr->after, &none, &t->before);
}

/* What the group's threads made of its targets. */
static void experiment_growth(struct experiment *x, struct experiment_group *g)
{
	struct result_growth *gr = &x->v->growth;
	unsigned int n, f;
	size_t i;

	for (i = 0; i < g->target_nr; i++) {
		struct target *t = &x->target[g->target[i]].target;
		bool first = !x->target[g->target[i]].used;
		struct target_extents after;
		uint64_t acked = 0;

		x->target[g->target[i]].used = true;
		if (t->fd < 0 || t->is_block)
			continue;
		if (first)
			experiment_growth_first(gr, t);
		for (n = 0; n < g->thread_nr; n++)
			for (f = 0; f < g->thread[n].file_nr; f++) {
				struct driver_file *file = &g->thread[n].file[f];

				if (file->target != t)
					continue;
				if (file->acked_end > acked)
					acked = file->acked_end;
				gr->appended_bytes += file->appended_bytes;
				gr->gaps += file->gaps;
				file->gaps = 0;
				file->acked_end = file->appended_bytes = 0;
			}
		target_extents(t, &after);
		gr->size_after += target_size(t) - t->size_before;
		if (acked > t->size_before)
			gr->extended_bytes += acked - t->size_before;
		experiment_extents_add(&gr->after, &t->before, &after);
		/* A later group's growth counts from here. */
		t->size_before = target_size(t);
		t->before = after;
	}
}

void experiment_close_targets(struct experiment *x)
{
	size_t i;

	for (i = 0; i < x->target_nr; i++)
		if (x->target[i].open) {
			target_close(&x->target[i].target);
			x->target[i].open = false;
		}
	experiment_check_end(x);
}

/* ---- threads ---- */

/* Load threads leave signals to the thread that watches for them. */
static int experiment_spawn(struct driver_thread *t)
{
	sigset_t all, old;
	int rc;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&t->pthread, NULL, driver_run, t);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

/* CLOCK_MONOTONIC a tick from now, or when the crash is due. */
static struct timespec experiment_tick(const struct experiment *x, uint64_t since_ns)
{
	const struct experiment_crash *crash = x->run->setup->crash;
	uint64_t ns = driver_now_ns() + TICK_NS;

	if (crash && !x->run->crashed && ns > since_ns + crash->after_ns)
		ns = since_ns + crash->after_ns;

	return (struct timespec){ (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
}

/* The crash when it is due: at its time, or when an end is wanted before. */
static int experiment_crash(struct experiment *x, uint64_t since_ns)
{
	const struct experiment_crash *crash = x->run->setup->crash;

	if (!crash || (driver_now_ns() < since_ns + crash->after_ns &&
		       !experiment_stopped(x) && !experiment_check_found(x)))
		return 0;
	return experiment_check_crash(x);
}

/* Waits for the threads' end, passing on the stop flag and progress. 0 or -errno. */
static int experiment_watch(struct experiment *x, struct experiment_group *g,
			    struct driver_group *dg, unsigned int round)
{
	uint64_t since_ns = driver_now_ns();
	int rc = 0;

	(void)pthread_mutex_lock(&dg->lock);
	while (dg->running) {
		struct timespec until = experiment_tick(x, since_ns);

		(void)pthread_cond_clockwait(&dg->changed, &dg->lock, CLOCK_MONOTONIC,
					     &until);
		(void)pthread_mutex_unlock(&dg->lock);
		if (!rc)
			rc = experiment_crash(x, since_ns);
		if (!rc)
			rc = experiment_why_cpus(x);
		(void)pthread_mutex_lock(&dg->lock);
		if (rc || experiment_stopped(x) || experiment_check_found(x))
			driver_stop(dg, g->thread, g->thread_nr);
		(void)pthread_mutex_unlock(&dg->lock);
		experiment_tell(x, EXPERIMENT_LOAD, round, g, since_ns);
		(void)pthread_mutex_lock(&dg->lock);
	}
	(void)pthread_mutex_unlock(&dg->lock);
	return rc;
}

/* Runs the threads that are marked in `run` until all have ended. */
static int experiment_run_threads(struct experiment *x, struct experiment_group *g,
				  const bool *run, unsigned int round)
{
	struct driver_group dg = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.switches = rusage_switches,
		.workers = rusage_has_workers,
		.thread = g->thread,
		.thread_nr = g->thread_nr,
		.observer = x->run->observer,
		.observer_nr = x->run->observer_nr,
	};
	unsigned int i, started = 0;
	int rc = experiment_check_load(x, g);

	for (i = 0; i < g->thread_nr; i++) {
		dg.end_all |= g->thread[i].job->exitall;
		g->thread[i].over = !run[i];
	}
	for (i = 0; i < g->thread_nr && !rc; i++) {
		if (!run[i])
			continue;
		g->thread[i].group = &dg;
		rc = experiment_spawn(&g->thread[i]);
		started += !rc;
	}
	(void)pthread_mutex_lock(&dg.lock);
	dg.running = started;
	while (dg.ready < started)
		(void)pthread_cond_wait(&dg.changed, &dg.lock);
	if (!rc && x->run->why)
		rc = experiment_why_start(x, g, round);
	dg.go = rc ? -1 : 1;
	(void)pthread_cond_broadcast(&dg.changed);
	(void)pthread_mutex_unlock(&dg.lock);
	if (experiment_watch(x, g, &dg, round) && !rc)
		rc = -EIO;
	for (i = 0; i < g->thread_nr && started; i++)
		if (run[i]) {
			(void)pthread_join(g->thread[i].pthread, NULL);
			started--;
		}
	if (x->run->why)
		why_stop(x->run->why);
	if (!rc)
		rc = experiment_check_after(x);
	if (rc && !x->run->err->text[0])
		load_error_set(x->run->err, "starting a load thread: %s", strerror(-rc));
	return rc;
}

/* ---- groups and rounds ---- */

/* True while some thread has more to do on rebuilt targets; marks which. */
static bool experiment_next_segment(const struct experiment *x,
				    struct experiment_group *g, bool *run,
				    const uint64_t *planned_before)
{
	bool rebuilt = false, moved = false, more = false;
	unsigned int i;

	for (i = 0; i < g->thread_nr; i++)
		rebuilt |= run[i] && g->thread[i].end == DRIVER_END_USED_UP &&
			   g->thread[i].job->time_based;
	for (i = 0; i < g->thread_nr; i++) {
		struct driver_thread *t = &g->thread[i];
		uint64_t whole = t->job->runtime_ns;

		moved |= t->next_op != planned_before[i];
		run[i] = run[i] && rebuilt &&
			 !(t->steady && steady_job_attained(t->steady)) &&
			 (t->end == DRIVER_END_STOPPED ||
			  (t->end == DRIVER_END_USED_UP && t->job->time_based)) &&
			 (!whole || t->measured_ns < whole);
		if (!run[i])
			continue;
		t->runtime_ns = whole ? whole - t->measured_ns : 0;
		t->ramp_ns = 0;
		more = true;
	}
	/* A region that holds not one operation would be rebuilt for ever. */
	return more && moved && !experiment_stopped(x);
}

/* "hole" or "append, gap": what ENOSPC ended in some thread of the job. */
static void experiment_ended_kinds(const struct experiment_group *g,
				   const struct workload_job *job, char *text,
				   size_t size)
{
	uint32_t ended = 0;
	unsigned int i;
	size_t at = 0;

	for (i = 0; i < g->thread_nr; i++)
		if (g->thread[i].job == job)
			ended |= g->thread[i].no_space_kinds;
	for (i = 0; i < KIND_BASE_NR && at < size; i++)
		if (ended & 1u << i)
			at += (size_t)snprintf(text + at, size - at, "%s%s",
					       at ? ", " : "", kind_row(i)->name);
}

/* Why a thread did less than was asked, the first time it happens to its job. */
static int experiment_note_end(struct experiment *x, const struct experiment_group *g,
			       const struct driver_thread *t, unsigned int round)
{
	double seconds = (double)t->measured_ns / 1e9;
	char kinds[120] = "";

	experiment_ended_kinds(g, t->job, kinds, sizeof(kinds));
	if (t->no_space_ns)
		return experiment_note(
			x, RESULT_NOTE_FIRST,
			"job %s: file system full in round %u after %.3g s: %s%s",
			t->job->name, round + 1, (double)t->no_space_ns / 1e9,
			t->end == DRIVER_END_USED_UP ? "the round ended" : kinds,
			t->end == DRIVER_END_USED_UP ?
				"" :
				" not issued any more, other kinds went on alone");
	if (t->end != DRIVER_END_USED_UP)
		return 0;
	return experiment_note(
		x, RESULT_NOTE_WARN,
		"job %s: round %u ended after %.3g s: a region that is used up once was used up (raise size, or set time_based)",
		t->job->name, round + 1, seconds);
}

/* Under stress a failed operation is the checker's, and the run goes on. */
static bool experiment_is_judged(const struct experiment *x,
				 const struct driver_thread *t)
{
	unsigned int i;

	for (i = 0; x->run->setup->verify && i < t->row_nr; i++)
		if (t->row[i].failed)
			return true;
	return false;
}

static int experiment_note_ends(struct experiment *x, const struct experiment_group *g,
				unsigned int round)
{
	unsigned int i, k;
	int rc = 0;

	for (i = 0; i < g->thread_nr && !rc; i++) {
		const struct driver_thread *t = &g->thread[i];
		size_t job = (size_t)(t->job - x->w->job);

		if (t->end == DRIVER_END_ERROR && !x->run->err->text[0] &&
		    !experiment_is_judged(x, t))
			*x->run->err = t->error;
		if (x->noted[job] || (t->end != DRIVER_END_USED_UP && !t->no_space_ns))
			continue;
		/* The thread that met the end first tells of it. */
		for (k = i + 1; k < g->thread_nr; k++)
			if (g->thread[k].job == t->job && g->thread[k].no_space_ns &&
			    (!t->no_space_ns ||
			     g->thread[k].no_space_ns < t->no_space_ns))
				t = &g->thread[k];
		x->noted[job] = true;
		rc = experiment_note_end(x, g, t, round);
	}
	return rc;
}

int experiment_run_group(struct experiment *x, struct experiment_group *g,
			 unsigned int round)
{
	uint64_t *planned = calloc(g->thread_nr, sizeof(*planned));
	bool *run = calloc(g->thread_nr, sizeof(*run)), again;
	const struct experiment_group *other;
	unsigned int i, first = 0;
	int rc = planned && run ? 0 : -ENOMEM;

	g->ran = true;

	for (i = 0; i < g->thread_nr && !rc; i++) {
		struct driver_thread *t = &g->thread[i];

		run[i] = true;
		driver_rows_free(t);
		rc = driver_rows_new(t, t->map_unaligned);
		if (!rc)
			rc = driver_series_new(t, experiment_points_max(x));
		t->delay_ns = t->job->startdelay_ns;
		t->ramp_ns = t->job->ramp_time_ns;
		t->runtime_ns = t->job->runtime_ns;
		t->measured_ns = t->issued = t->issued_bytes = 0;
		t->next_op = 0;
		t->blocked_ns = t->unplaced = t->ramp_bytes = 0;
		t->had_workers = false;
		t->no_space_ns = 0;
		t->no_space_kinds = 0;
		t->error.text[0] = '\0';
	}
	if (!rc)
		rc = experiment_steady_begin(x, g);
	if (!rc)
		rc = experiment_why_reset(x, g);
	for (other = x->group; other != g; other++)
		first += other->thread_nr;
	if (!rc && x->run->logs)
		rc = logs_begin(x->run->logs, g, first);
	do {
		if (!rc)
			rc = experiment_open_group(x, g);
		for (i = 0; !rc && i < g->thread_nr; i++)
			planned[i] = g->thread[i].next_op;
		if (!rc)
			rc = experiment_run_threads(x, g, run, round);
		if (rc)
			break;
		experiment_growth(x, g);
		again = experiment_next_segment(x, g, run, planned);
		if (again)
			experiment_close_targets(x);
	} while (again);
	if (!rc)
		rc = experiment_why_collect(x, g);
	if (!rc)
		rc = experiment_note_ends(x, g, round);
	if (!rc && x->run->logs)
		rc = logs_end(x->run->logs, x->run->err);
	free(planned);
	free(run);
	return rc;
}

int experiment_round_result(struct experiment *x)
{
	struct result_variant *v = x->v;
	struct result_round *rr = &v->round[v->round_nr];
	struct experiment_rows rows = { 0 };
	unsigned int n;
	size_t i, k;
	int rc = 0;

	for (i = 0; i < x->group_nr && !rc; i++) {
		double longest = 0;

		/* Stopped before its turn: its rows are those of another round. */
		if (!x->group[i].ran)
			continue;

		for (n = 0; n < x->group[i].thread_nr && !rc; n++) {
			struct driver_thread *t = &x->group[i].thread[n];

			x->own_bytes += t->ramp_bytes;
			x->run->result->blocked_ns += t->blocked_ns;
			x->run->result->unplaced += t->unplaced;
			if (t->blocked_min_ns > x->run->result->blocked_min_ns)
				x->run->result->blocked_min_ns = t->blocked_min_ns;
			if ((double)t->measured_ns / 1e9 > longest)
				longest = (double)t->measured_ns / 1e9;
			rc = experiment_rows_add(&rows, t,
						 experiment_why_rows(&x->group[i], n));
		}
		rr->seconds += longest;
		if (!rc)
			rc = experiment_steady_result(x, &x->group[i], rr);
	}
	for (k = 0; k < rows.nr; k++)
		x->own_bytes += rows.row[k].bytes;
	if (!rc)
		rc = experiment_series(x);
	v->round_nr++;
	v->seconds += rr->seconds;
	if (!rc)
		rc = experiment_rows_result(x->run->result, &rows, false, &rr->kind,
					    &rr->kind_nr);
	if (!rc)
		rc = experiment_rows_merge(&x->total, &rows);
	experiment_rows_free(&rows);
	return rc;
}
