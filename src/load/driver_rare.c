// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the loop does seldom: thresholds, switches, results that are not whole,
 * the end of the ramp and of the plan.
 */
#include "load/driver_private.h"

#include <errno.h>
#include <string.h>

uint64_t driver_row_ops(const struct driver_row *row)
{
	uint64_t ops = row->refused + row->failed;
	unsigned int i;

	for (i = 0; i < LOAD_SEEN_NR; i++)
		ops += row->seen[i];
	return ops;
}

/* ---- thresholds and switches ---- */

/*
 * The kind to measure quick submissions by: the most frequent of non-extending
 * writes, else of reads, else of what there is. NULL: nothing was done so far.
 */
static const struct driver_row *driver_reference(const struct driver *d)
{
	const struct driver_row *rows = d->ramping ? d->ramp_row : d->t->row;
	const struct driver_row *best = NULL;
	unsigned int i, rank, best_rank = 0;

	for (i = 0; i < d->t->row_nr; i++) {
		const struct kind_row *kr = kind_row(rows[i].kind.base);

		rank = kr->is_write && !kind_is_extending(rows[i].kind) ? 3 :
		       kr->is_write || kr->is_sync			? 1 :
									  2;
		if (!driver_row_ops(&rows[i]) || rank < best_rank)
			continue;
		if (best && rank == best_rank &&
		    driver_row_ops(&rows[i]) <= driver_row_ops(best))
			continue;
		best = &rows[i];
		best_rank = rank;
	}
	return best;
}

/* Sets the bounds from the reference kind, as it was so far. */
void driver_adapt(struct driver *d)
{
	static const double at[2] = { 50, 90 };
	const struct driver_row *best = driver_reference(d);
	uint64_t ns[2] = { 0, 0 }, rule_ns = BLOCKED_MIN_NS;

	/* Without a reference every call goes on being looked at. */
	if (best) {
		hist_percentiles_ns(&best->slat, at, 2, ns);
		if (rule_ns < BLOCKED_MIN_TIMES * ns[0])
			rule_ns = BLOCKED_MIN_TIMES * ns[0];
	}
	if (!d->job->blocked_min_ns)
		d->blocked_min_ns = rule_ns;
	/*
	 * The slowest tenth, but whatever is half as long as a call that slept:
	 * where most calls sleep, most of them have to be looked at.
	 */
	d->look_ns = ns[1] < d->slept_min_ns / 2 ? ns[1] : d->slept_min_ns / 2;
	/* A bound that was asked for must not hide below the look's own. */
	if (d->tier0 && d->look_ns > d->blocked_min_ns)
		d->look_ns = d->blocked_min_ns;
}

void driver_set_limit(struct driver *d, uint64_t i)
{
	d->limit = i;
	d->pause = i < d->next_adapt ? i : d->next_adapt;
}

bool driver_pause(struct driver *d)
{
	if (d->next >= d->next_adapt) {
		driver_adapt(d);
		d->next_adapt *= 4;
		driver_set_limit(d, d->limit);
	}
	return d->next >= d->limit;
}

/* How far the plan is, for whoever watches; not at every write. */
void driver_tell(struct driver *d)
{
	atomic_store_explicit(&d->t->next_op, d->next, memory_order_relaxed);
}

/* The shortest call so far that slept. */
static void driver_slept(struct driver *d, uint64_t slat_ns)
{
	d->slept_min_ns = slat_ns;
	if (d->look_ns > slat_ns / 2)
		d->look_ns = slat_ns / 2;
}

/*
 * After a call too long to be taken on trust: reads the thread's switches, and
 * decides whether the call counts as blocked. What was short enough not to be
 * looked at since the last reading did not sleep, or the sleep is put down to
 * this call. Returns enum load_seen bits.
 */
unsigned int driver_long_call(struct driver *d, uint64_t slat_ns)
{
	struct load_switches now;
	unsigned int seen = 0;
	bool blocked;

	driver_tell(d);
	if (likely(d->switches_now != NULL)) {
		now = d->switches_now();
		if (now.voluntary != d->switches.voluntary) {
			seen = LOAD_SEEN_SLEPT;
			if (slat_ns < d->slept_min_ns)
				driver_slept(d, slat_ns);
		} else if (now.involuntary != d->switches.involuntary) {
			seen = LOAD_SEEN_PREEMPTED;
		}
		d->switches = now;
	}
	blocked = d->tier0 ? slat_ns >= d->blocked_min_ns : seen == LOAD_SEEN_SLEPT;
	if (!blocked)
		return seen;
	d->blocked_sum_ns += slat_ns;
	d->t->blocked_ns += slat_ns;
	return seen | LOAD_SEEN_BLOCKED;
}

unsigned int driver_waited_call(struct driver *d, uint64_t slat_ns)
{
	driver_tell(d);
	if (d->switches_now)
		d->switches = d->switches_now();
	d->blocked_sum_ns += slat_ns;
	d->t->blocked_ns += slat_ns;
	return LOAD_SEEN_MODEL | LOAD_SEEN_SLEPT | LOAD_SEEN_BLOCKED;
}

/* After a wait for min completions, which may sleep once for each. */
void driver_waited(struct driver *d, unsigned int min)
{
	uint64_t owned = d->switches.voluntary + min;

	driver_tell(d);
	if (unlikely(!d->switches_now))
		return;
	d->switches = d->switches_now();
	if (unlikely(d->switches.voluntary > owned))
		d->t->unplaced += d->switches.voluntary - owned;
}

/* ---- completions ---- */

static void driver_row_error(struct driver_row *row, int err)
{
	unsigned int i;

	for (i = 0; i < row->error_nr && row->error[i].err != err; i++)
		;
	if (i == row->error_nr) {
		if (i == DRIVER_ERRORS_MAX)
			i--;
		else
			row->error[row->error_nr++].err = err;
	}
	row->error[i].count++;
}

/* Nothing more comes from the plan; the lean path knows it by the limit. */
void driver_planned(struct driver *d)
{
	d->planned = true;
	driver_set_limit(d, 0);
	/* What is held is not issued either. */
	d->not_counted += d->held_nr;
	d->held_nr = 0;
}

void driver_used_up(struct driver *d)
{
	driver_planned(d);
	d->t->end = DRIVER_END_USED_UP;
}

/* ENOSPC: the kinds that need new space are not issued any more. */
static void driver_no_space(struct driver *d, const struct load_op *op)
{
	bool writes = false;
	unsigned int i;

	if (!d->t->no_space_ns)
		d->t->no_space_ns = op->accepted_ns - d->begin_ns + 1;

	for (i = 0; i < d->item_nr; i++) {
		struct driver_item *item = &d->item[i];

		if (d->by_map || item->class.kind.base == op->class->kind.base ||
		    (op->class->is_extending && item->class.is_extending))
			item->ended = true;
		if (item->ended)
			d->t->no_space_kinds |= 1u << item->class.kind.base;
		writes |= item->class.is_write && !item->ended;
	}
	d->plain = d->one = false;
	if (!writes && !d->planned)
		driver_used_up(d);
}

/* A result below zero. ENOSPC ends kinds, what is not ignored ends the thread. */
static void driver_failed(struct driver *d, struct load_op *op, struct driver_row *row)
{
	char name[KIND_NAME_MAX];

	driver_row_error(row, (int)-op->res);
	if (op->res == -EAGAIN && (op->class->kind.mods & KIND_NOWAIT)) {
		row->refused++;
		return;
	}
	row->failed++;
	op->ignored = workload_ignores_error(
		d->job, !op->class->is_write && !op->class->is_sync, (int)-op->res);
	if (op->ignored)
		return;
	if (op->res == -ENOSPC && op->class->is_write) {
		driver_no_space(d, op);
		return;
	}
	if (d->t->end != DRIVER_END_ERROR && op->class->is_sync)
		load_error_set(&d->t->error, "job %s: %s of %s: %s", d->job->name,
			       kind_print(op->class->kind, name),
			       d->t->file[op->file].target->spec.path,
			       strerror((int)-op->res));
	else if (d->t->end != DRIVER_END_ERROR)
		load_error_set(
			&d->t->error, "job %s: %s of %u bytes at %llu in %s: %s%s",
			d->job->name, kind_print(op->class->kind, name), op->len,
			(unsigned long long)op->offset,
			d->t->file[op->file].target->spec.path, strerror((int)-op->res),
			d->ops == &engine_io_uring_hipri && op->res == -EOPNOTSUPP ?
				"; hipri: this file can't be polled for" :
				"");
	d->t->end = DRIVER_END_ERROR;
	driver_planned(d);
}

void driver_too_late(struct driver *d, const struct load_op *op, uint64_t lat_ns)
{
	char name[KIND_NAME_MAX];

	if (d->t->end != DRIVER_END_ERROR)
		load_error_set(
			&d->t->error,
			"job %s: %s of %u bytes at %llu in %s took %.6g ms, more than max_latency",
			d->job->name, kind_print(op->class->kind, name), op->len,
			(unsigned long long)op->offset,
			d->t->file[op->file].target->spec.path, (double)lat_ns / 1e6);
	d->t->end = DRIVER_END_ERROR;
	driver_planned(d);
}

void driver_use_rows(struct driver *d, struct driver_row *rows)
{
	unsigned int i;

	for (i = 0; i < d->item_nr + d->t->row_nr; i++)
		d->item[i].row = &rows[d->item[i].class.row];
}

/* The ramp is over: what completes from now on counts. */
void driver_ramp_over(struct driver *d, uint64_t now_ns)
{
	driver_adapt(d);
	d->ramping = false;
	driver_count_from(d, d->next);
	d->not_counted = 0;
	driver_use_rows(d, d->t->row);
	d->start_ns = d->ticked_ns = now_ns;
	d->tick_ns = now_ns + SERIES_WIDTH_NS;
	d->t->blocked_ns = 0;
	d->t->unplaced = 0;
}

/* A second each, whatever kept the thread: threads are added up by their seconds. */
static void driver_points(struct driver *d, unsigned int row)
{
	uint64_t from_ns = d->ticked_ns, at_ns = d->tick_ns;

	for (; at_ns + SERIES_WIDTH_NS <= d->now_ns; at_ns += SERIES_WIDTH_NS) {
		series_add(d->t->series[row], at_ns - from_ns, &d->t->row[row].slat,
			   &d->t->row[row].lat);
		from_ns = at_ns;
	}
	series_add(d->t->series[row], d->now_ns - from_ns, &d->t->row[row].slat,
		   &d->t->row[row].lat);
}

/* Ends all threads of the job, once it is steady. */
static void driver_steady(struct driver *d)
{
	struct driver_group *g = d->t->group;
	struct driver_thread *t = d->t;
	struct steady_sum sum = { 0 };
	unsigned int i;

	for (i = 0; i < t->row_nr; i++) {
		sum.ops += hist_count(&t->row[i].lat);
		sum.bytes += t->row[i].bytes;
		sum.lat_ns += t->row[i].lat.sum_ns;
	}
	if (!steady_job_tell(t->steady, t->job_thread, d->now_ns - d->ticked_ns, &sum,
			     &t->steady_told))
		return;
	for (i = 0; i < g->thread_nr; i++)
		if (g->thread[i].steady == t->steady)
			atomic_store(&g->thread[i].end_ns, 0);
}

void driver_tick(struct driver *d)
{
	unsigned int i;

	if (d->now_ns < d->tick_ns && d->now_ns < d->end_ns && !d->planned)
		return;
	if (!d->ramping && d->now_ns > d->ticked_ns) {
		for (i = 0; d->t->series && i < d->t->row_nr; i++)
			driver_points(d, i);
		if (d->t->steady)
			driver_steady(d);
	}
	d->ticked_ns = d->now_ns;
	while (d->tick_ns <= d->now_ns)
		d->tick_ns += SERIES_WIDTH_NS;
}

/* An extending write is not whole: true when others have places behind it. */
static bool driver_leaves_gap(struct driver *d, const struct load_op *op)
{
	struct target_stream *s = driver_item_of(op)->stream;

	/* Without a mix places are the plan's, and not given back. */
	if (d->by_map)
		return atomic_load(&d->t->file[op->file].target->eof) >
		       op->offset + op->len;
	/* What did not move EOF must not make a gap of the next append. */
	return !target_give_back(&s[op->file * d->item_nr], op->offset, op->len, op->res);
}

void driver_again(struct driver *d, const struct load_op *op, int64_t res)
{
	unsigned int o;

	for (o = 0; o < d->observer_nr; o++)
		if (d->observer[o].again)
			d->observer[o].again(d->observer_state[o], op, res);
}

/* The rest of driver_complete() for a result that is not the whole length. */
void driver_not_whole(struct driver *d, struct load_op *op, struct driver_row *row)
{
	op->ignored = false;
	if (op->class->is_extending && !op->class->is_modelled)
		d->t->file[op->file].gaps += driver_leaves_gap(d, op);
	if (op->res < 0) {
		driver_failed(d, op, row);
		return;
	}
	if (!op->res)
		row->seen[op->seen]++;
	else
		row->short_nr += op->res < op->len;
}
