// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop: plan, place, queue, submit, look, wait. No allocation, no lock. */
#include "load/driver_private.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define driver_inline static inline __attribute__((always_inline))

#define SUBMIT_TRIES 5000 /* in a row of 1 ms each, with nothing in flight */

uint64_t driver_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* An extending write came back: the file may have grown, ramp or not. */
driver_inline void driver_extended(struct driver *d, const struct load_op *op,
				   int64_t res, bool plain)
{
	struct driver_file *file = &d->t->file[plain ? 0 : op->file];
	uint64_t end = op->offset + (uint64_t)res;

	if (!plain)
		d->extending--;
	if (res <= 0 || (!plain && op->class->is_modelled))
		return;
	file->appended_bytes += (uint64_t)res;
	if (end > file->acked_end)
		file->acked_end = end;
}

driver_inline void driver_complete(struct driver *d, struct load_op *op, int64_t res,
				   uint64_t now_ns, uint64_t victim_ns, bool plain)
{
	struct driver_row *row = driver_item_of(op)->row;

	d->free_op[d->free_nr++] = op;
	if (op->class->is_extending)
		driver_extended(d, op, res, plain);
	if (unlikely(res != op->len)) {
		op->seen |= op->accepted_ns == now_ns ? LOAD_SEEN_DONE : 0;
		op->res = res;
		driver_not_whole(d, op, row);
		if (res <= 0)
			return;
	}
	/* Only at the first look after its call can the two be equal. */
	if (op->accepted_ns == now_ns)
		op->seen |= LOAD_SEEN_DONE;
	else
		hist_add(&row->clat, now_ns - op->accepted_ns);
	row->bytes += (uint64_t)res;
	row->seen[op->seen]++;
	hist_add(&row->slat, op->accepted_ns - op->submit_ns);
	hist_add(&row->lat, now_ns - op->submit_ns);
	if (victim_ns)
		hist_add(&row->victim, victim_ns);
	if (plain)
		return;
	if (d->rated)
		hist_add(&row->resp, now_ns - op->due_ns);
	if (unlikely(now_ns - op->submit_ns > d->max_latency_ns))
		driver_too_late(d, op, now_ns - op->submit_ns);
}

/* Takes in nr completions, seen at now_ns. */
driver_inline void driver_take(struct driver *d, const struct engine_done *done,
			       unsigned int nr, uint64_t now_ns, bool plain)
{
	const struct engine_done *end = done + nr;
	uint64_t victim_ns;
	unsigned int o;

	if (unlikely(d->ramping && now_ns >= d->ramp_end_ns))
		driver_ramp_over(d, now_ns);
	for (; done != end; done++) {
		struct load_op *op = done->op;

		if (!plain && unlikely(d->observer_nr && !op->flying)) {
			driver_again(d, op, done->res);
			continue;
		}
		/* Until now this was the sum of blocked time at accepted. */
		victim_ns = d->blocked_sum_ns - op->victim_ns;
		driver_complete(d, op, done->res, now_ns, victim_ns, plain);
		if (plain)
			continue;
		op->flying = false;
		op->victim_ns = victim_ns;
		op->complete_ns = now_ns;
		op->res = done->res;
		op->counts = !d->ramping;
		for (o = 0; o < d->observer_nr; o++)
			if (d->observer[o].complete)
				d->observer[o].complete(d->observer_state[o], op);
	}
}

/*
 * Looks, without a system call; returns how many came. A look right after a
 * submission call (fresh) shares the call's stamp of acceptance, which it
 * follows by some ten nanoseconds: what it finds was complete at the return.
 */
driver_inline unsigned int driver_look(struct driver *d, bool fresh, bool plain)
{
	unsigned int nr = d->look(d->e, d->complete_max, d->done);

	if (!nr)
		return 0;
	if (!plain && d->extend_wait)
		driver_model_took(d, d->done, nr);
	if (!fresh)
		d->now_ns = driver_now_ns();
	driver_take(d, d->done, nr, d->now_ns, plain);
	return nr;
}

driver_inline int driver_wait(struct driver *d, unsigned int min, bool plain)
{
	unsigned int max = d->complete_max > min ? d->complete_max : min;
	uint64_t began_ns = d->now_ns;
	int rc = d->ops->wait(d->e, min, max, d->done);

	if (rc == -EINTR)
		return 0;
	if (rc < 0) {
		load_error_set(&d->t->error, "job %s: waiting for completions: %s",
			       d->job->name, strerror(-rc));
		return rc;
	}
	if (!plain && d->extend_wait)
		driver_model_took(d, d->done, (unsigned int)rc);
	d->now_ns = driver_now_ns();
	if (!plain && d->rated)
		driver_rate_span(d, began_ns, d->now_ns, false);
	driver_take(d, d->done, (unsigned int)rc, d->now_ns, plain);
	driver_waited(d, min);
	return 0;
}

/* ---- planning ---- */

/*
 * Most jobs are plain: one file, with a mix, lengths that don't vary, nothing
 * held, no observer, no sync, reap=each. Their path through the
 * functions below is made apart by the compiler, from the same lines, where
 * `plain` (and `one`, where each call takes one write) is a constant; d->plain
 * and d->one say which one a thread takes.
 */
/* The plan's next operation is a sync, or skipped: the limit moves along. */
static void driver_not_counted(struct driver *d)
{
	d->not_counted++;
	driver_set_limit(d, d->limit + (d->limit != UINT64_MAX));
}

/* Counts the plan's next operation off the limits. False: they are reached. */
driver_inline bool driver_count(struct driver *d, const struct driver_item *item,
				uint32_t *len, bool plain)
{
	if (unlikely(d->next >= d->pause) && driver_pause(d))
		return false;
	if (plain)
		return true;
	if (!item->counts) {
		driver_not_counted(d);
	} else if (d->bytes_limited && !d->ramping) {
		if (!d->bytes_left)
			return false;
		/* The last is cut where what was asked for ends. */
		if (*len > d->bytes_left)
			*len = (uint32_t)d->bytes_left;
		d->bytes_left -= *len;
	}
	return true;
}

enum driver_gate { DRIVER_GO, DRIVER_SKIP, DRIVER_HOLD, DRIVER_WAIT };

/* What to do with the next operation of an item. */
static enum driver_gate driver_gate(const struct driver *d,
				    const struct driver_item *item)
{
	if (item->ended)
		return DRIVER_SKIP;
	if (!item->class.is_extending || !d->holds || d->extending < d->extending_max)
		return DRIVER_GO;
	return d->held_nr < d->depth ? DRIVER_HOLD : DRIVER_WAIT;
}

static void driver_set_file(struct driver *d, struct load_op *op, unsigned int file)
{
	op->file = (uint16_t)file;
	op->fd = d->fd[file];
}

/* The first that is held; NULL: its kind has ended meanwhile. */
static struct driver_item *driver_plan_held(struct driver *d, struct load_op *op,
					    uint64_t *i)
{
	const struct driver_held *held = &d->held[d->held_first];
	struct driver_item *item;
	struct plan_op p;

	op->index = *i = held->i;
	if (++d->held_first == d->depth)
		d->held_first = 0;
	d->held_nr--;
	plan_at(&d->plan, *i, &p, false);
	item = &d->item[p.item];
	if (item->ended) {
		/* It was counted when it was held; another takes its place. */
		driver_not_counted(d);
		d->planned &= d->limit <= d->next;
		return NULL;
	}
	op->len = held->len;
	op->due_ns = held->due_ns;
	driver_set_file(d, op, (unsigned int)(*i % d->file_nr));
	return item;
}

static void driver_hold(struct driver *d, uint64_t i, uint32_t len, uint64_t due_ns)
{
	unsigned int at = d->held_first + d->held_nr++;

	d->held[at < d->depth ? at : at - d->depth] = (struct driver_held){ i, len,
									    due_ns };
}

/* Files take turns. */
static void driver_next_file(struct driver *d, struct load_op *op)
{
	driver_set_file(d, op, d->next_file++);
	if (d->next_file == d->file_nr)
		d->next_file = 0;
}

/*
 * The next operation of the plan that may be issued now, its index, length and
 * file in op: a held extending one first, else the plan's next, where extending
 * ones past append_depth are held. False: none now (none ever again, when
 * d->planned and nothing is held).
 */
driver_inline bool driver_plan(struct driver *d, struct load_op *op, uint64_t *i,
			       struct driver_item **out, bool plain)
{
	while (!plain && d->held_nr && d->extending < d->extending_max) {
		*out = driver_plan_held(d, op, i);
		if (*out)
			return true;
	}
	while (plain || !d->planned) {
		enum driver_gate gate = DRIVER_GO;
		struct driver_item *item;
		struct plan_op p;

		/* Past its limit the plan ends, and not when more would be due. */
		if (!plain && d->rated && d->next < d->limit) {
			if (!driver_rate_is_due(d))
				return false;
			op->due_ns = driver_rate_due_ns(d);
		}
		/* One kind of one length needs no draw. */
		p.item = 0;
		if (!plain || d->item_nr > 1)
			plan_at(&d->plan, d->next, &p, plain);
		*out = item = &d->item[p.item];
		if (!plain)
			gate = driver_gate(d, item);
		if (gate == DRIVER_WAIT)
			return false;
		if (!plain && gate == DRIVER_SKIP) {
			driver_not_counted(d);
		} else if (!driver_count(d, item, &p.len, plain)) {
			/* The limit itself stands: what is skipped moves it. */
			d->planned = true;
			return false;
		}
		*i = d->next++;
		if (plain)
			return true; /* op->len was set once for all */
		op->index = *i;
		op->len = p.len;
		if (d->file_nr > 1)
			driver_next_file(d, op);
		if (gate == DRIVER_GO)
			return true;
		if (gate == DRIVER_HOLD)
			driver_hold(d, *i, p.len, op->due_ns);
	}
	return false;
}

/* Gives the free record on top to the engine. One alone is passed on at once. */
driver_inline void driver_queue(struct driver *d, struct load_op *op, bool plain,
				bool one)
{
	unsigned int o;

	d->free_nr--;
	if (!plain && op->class->is_extending)
		d->extending++;
	for (o = 0; !plain && o < d->observer_nr; o++)
		if (d->observer[o].prepare)
			d->observer[o].prepare(d->observer_state[o], op, op->buffer);
	if (!one)
		d->queued++;
	if (!plain)
		op->flying = true;
	if (!plain || unlikely(!d->alike))
		op->known = false;
	if (plain || likely(!op->class->is_pwrite))
		d->prep(d->e, op);
}

/* A sync that fsync= or fdatasync= asks for. True: one was queued. */
static bool driver_queue_sync(struct driver *d)
{
	unsigned int k;

	for (k = 0; k < d->sync_nr; k++) {
		struct load_op *op = d->free_op[d->free_nr - 1];

		if (d->sync_count[k] < d->sync_every[k])
			continue;
		d->sync_count[k] = 0;
		op->index = d->next;
		op->offset = 0;
		op->len = 0;
		driver_set_file(d, op, d->sync_file);
		op->buffer = NULL;
		op->class = &d->sync[k]->class;
		driver_queue(d, op, false, false);
		return true;
	}
	return false;
}

/* What the write at op's place is shows only now; a read is one wherever it is. */
static void driver_by_map(struct driver *d, struct load_op *op)
{
	struct kind kind = { KIND_READ, 0 };

	if (op->class->is_write)
		kind = target_classify(d->t->file[op->file].target, op->offset, op->len);
	unsigned int row = d->row_of[kind.base][!!(kind.mods & KIND_UNALIGNED)];

	op->class = &d->item[d->item_nr + row].class;
}

/* Queues one operation, the free record on top. NULL: there is none to issue now. */
driver_inline struct load_op *driver_fill_one(struct driver *d, bool plain, bool one)
{
	struct load_op *op = d->free_op[d->free_nr - 1];
	struct driver_item *item;
	uint32_t asked;
	uint64_t i;
	unsigned int k;

	if (!plain && driver_queue_sync(d))
		return op;
	if (unlikely(!driver_plan(d, op, &i, &item, plain)))
		return NULL;
	op->class = &item->class;
	if (!plain) {
		/* A slot that carried a sync has lost its buffer. */
		op->buffer = item->class.is_sync ?
				     NULL :
				     (char *)d->buffer + op->slot * d->buffer_bytes;
		op->len = item->class.is_sync ? 0 : op->len;
	}
	asked = op->len;
	if (unlikely(target_place(
		    plain ? item->stream : item->stream + op->file * d->item_nr,
		    /* In each of several files one after another. */
		    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): 1 or more */
		    plain || d->file_nr == 1 ? i : i / d->file_nr, &op->len, &op->offset,
		    plain))) {
		/* Planned, but not issued. */
		d->not_counted += item->counts;
		driver_used_up(d);
		return NULL;
	}
	/* What the region's end cut off is asked for again. */
	if (!plain && d->bytes_limited && !d->ramping)
		d->bytes_left += asked - op->len;
	if (!plain && d->by_map)
		driver_by_map(d, op);
	driver_queue(d, op, plain, one);
	if (!plain)
		d->sync_file = op->file;
	for (k = 0; !plain && k < d->sync_nr; k++)
		d->sync_count[k] += item->class.is_write;
	return op;
}

/* one: a call takes one operation, which is told; no more is asked for. */
driver_inline unsigned int driver_fill(struct driver *d, struct load_op **op, bool plain,
				       bool one)
{
	unsigned int nr = 0;

	if (one)
		return d->free_nr && (*op = driver_fill_one(d, plain, true));
	while (d->free_nr && driver_fill_one(d, plain, false))
		if (++nr >= d->batch)
			break;
	return nr;
}

/* ---- submission ---- */

/* The first nr of the queue, or op alone, were accepted by a call from t0 to t1. */
driver_inline void driver_accepted(struct driver *d, struct load_op *op, unsigned int nr,
				   uint64_t t0, uint64_t t1, bool plain, bool one)
{
	unsigned int seen = nr > 1 ? LOAD_SEEN_SHARED : 0, i = 0, o;
	/* What is queued lies above the free ones, the first on top. */
	struct load_op **top = one ? NULL : d->free_op + d->free_nr + d->queued - 1;
	uint64_t slat_ns = t1 - t0;

	if (!plain && !d->looks)
		seen |= LOAD_SEEN_UNLOOKED;
	if (!plain && unlikely(d->waited))
		seen |= driver_waited_call(d, slat_ns);
	else if (unlikely(slat_ns >= d->look_ns))
		seen |= driver_long_call(d, slat_ns);
	do {
		if (!one)
			op = *top--;
		op->submit_ns = t0;
		op->accepted_ns = t1;
		op->victim_ns = d->blocked_sum_ns;
		op->seen = (uint8_t)seen;
		if (plain)
			continue;
		if (!d->rated || op->class->is_sync)
			op->due_ns = t0;
		op->batch = nr;
		if (d->rated)
			driver_rate_late(d, op);
		for (o = 0; o < d->observer_nr; o++)
			if (d->observer[o].accepted)
				d->observer[o].accepted(d->observer_state[o], op);
	} while (++i < nr);
	if (!plain && d->rated)
		driver_rate_span(d, t0, t1, true);
	d->now_ns = t1;
	if (!one)
		d->queued -= nr;
}

void driver_accepted_one(struct driver *d, uint64_t t0, uint64_t t1)
{
	driver_accepted(d, NULL, 1, t0, t1, false, false);
}

void driver_take_all(struct driver *d, const struct engine_done *done, unsigned int nr,
		     uint64_t now_ns)
{
	driver_take(d, done, nr, now_ns, false);
}

int driver_wait_all(struct driver *d)
{
	int rc = 0;

	while (!rc && d->free_nr < d->depth)
		rc = driver_wait(d, 1, false);
	return rc;
}

/*
 * Waits with operations queued: what comes back would be put where they lie, so
 * they step aside.
 */
static int driver_wait_queued(struct driver *d)
{
	unsigned int queued = d->queued;
	int rc;

	memcpy(d->aside, d->free_op + d->free_nr, queued * sizeof(*d->aside));
	rc = driver_wait(d, 1, false);
	memcpy(d->free_op + d->free_nr, d->aside, queued * sizeof(*d->aside));
	return rc;
}

/* The engine has dropped the first that is queued: rc is its completion. */
static void driver_dropped(struct driver *d, int rc, uint64_t t0, uint64_t t1)
{
	unsigned int left = d->queued - 1;

	d->done[0] = (struct engine_done){ d->free_op[d->free_nr + left], rc };
	driver_accepted(d, NULL, 1, t0, t1, false, false);
	memcpy(d->aside, d->free_op + d->free_nr, left * sizeof(*d->aside));
	driver_take(d, d->done, 1, t1, false);
	memcpy(d->free_op + d->free_nr, d->aside, left * sizeof(*d->aside));
}

/* The call took nothing: wait and try again, or blame the first, or give up. */
int driver_not_accepted(struct driver *d, int rc, uint64_t t0, uint64_t t1)
{
	static const struct timespec pause = { 0, 1000000 };

	if (rc == -EINTR)
		return 0;
	if (!rc)
		rc = -EAGAIN;
	if (rc == -EAGAIN || rc == -EBUSY) {
		/* What a model has taken off the queue is not in flight any more. */
		if (d->free_nr + d->queued + d->waited_nr < d->depth)
			return driver_wait_queued(d);
		/* The clock's last reading moves with whatever is done. */
		if (d->tried_ns != d->now_ns)
			d->tries = 0;
		d->tried_ns = d->now_ns;
		if (++d->tries < SUBMIT_TRIES) {
			(void)nanosleep(&pause, NULL);
			return 0;
		}
	} else if (d->ops->drop) {
		d->ops->drop(d->e);
		driver_dropped(d, rc, t0, t1);
		return 0;
	}
	load_error_set(&d->t->error, "job %s: %s submission: %s", d->job->name,
		       d->ops->name, strerror(-rc));
	return rc;
}

static int driver_one_not_accepted(struct driver *d, int rc, uint64_t t0, uint64_t t1);

/* Passes on what is queued, in as many calls as the engine makes of it. */
driver_inline int driver_submit(struct driver *d, struct load_op *op, bool plain,
				bool one)
{
	do {
		uint64_t t0 = driver_now_ns();
		int rc = d->submit(d->e);
		uint64_t t1 = driver_now_ns();

		/* The same; of one alone the compiler leaves the loop out. */
		if (likely(rc == 1)) {
			driver_accepted(d, op, 1, t0, t1, plain, one);
			if (one)
				return 0;
		} else if (one) {
			return driver_one_not_accepted(d, rc, t0, t1);
		} else if (likely(rc > 0)) {
			driver_accepted(d, NULL, (unsigned int)rc, t0, t1, plain, false);
		} else {
			rc = driver_not_accepted(d, rc, t0, t1);
			if (rc)
				return rc;
		}
	} while (unlikely(d->queued));
	return 0;
}

/* The one that nobody has counted as queued is, now. */
static int driver_one_not_accepted(struct driver *d, int rc, uint64_t t0, uint64_t t1)
{
	d->queued = 1;
	rc = driver_not_accepted(d, rc, t0, t1);
	return rc || !d->queued ? rc : driver_submit(d, NULL, true, false);
}

/* The runtime is over, or somebody wants an end: plan nothing more. */
static void driver_end_planning(struct driver *d)
{
	bool stopped = atomic_load(&d->t->group->stop);

	if (!d->planned)
		d->t->end = stopped ? DRIVER_END_STOPPED : DRIVER_END_TIME;
	driver_planned(d);
}

/* The clock has come to t->end_ns: a point of the series is due, or the end. */
static void driver_due(struct driver *d)
{
	uint64_t due = atomic_load(&d->t->end_ns);

	if (!due || d->now_ns >= d->end_ns) {
		driver_end_planning(d);
		return;
	}
	driver_tick(d);
	/* Unless somebody has asked for an end meanwhile. */
	(void)atomic_compare_exchange_strong(
		&d->t->end_ns, &due, d->tick_ns < d->end_ns ? d->tick_ns : d->end_ns);
}

/* Fills, submits, looks, waits: once. 1: everything is done. */
driver_inline int driver_turn(struct driver *d, bool plain, bool one)
{
	unsigned int taken, need = 1;
	struct load_op *op = NULL;
	bool fresh = false;
	int rc;

	if (likely(driver_fill(d, &op, plain, one))) {
		rc = !plain && d->extend_wait ? driver_model_submit(d) :
						driver_submit(d, op, plain, one);
		if (unlikely(rc))
			return rc;
		need = d->free_nr ? 0 : d->complete_min;
		if (!plain && !d->reap_each && !need)
			return 0;
		/* What a model has waited for was dealt with since the call's return. */
		fresh = plain || (d->looks && !d->waited_nr);
	} else if (d->free_nr == d->depth && !d->held_nr &&
		   (plain || !d->rated || d->planned)) {
		return 1;
	}
	taken = driver_look(d, fresh, plain);
	/* What is not due is waited for; what is due, and can't be issued, is not. */
	if (!plain && d->rated && !d->planned && d->free_nr &&
	    driver_rate_due_ns(d) > d->now_ns)
		return taken ? 0 : driver_rate_wait(d);
	return need > taken ? driver_wait(d, need - taken, plain) : 0;
}

int driver_loop(struct driver *d)
{
	_Atomic uint64_t *end_ns = &d->t->end_ns;
	int rc;

	do {
		if (likely(d->one)) {
			rc = driver_turn(d, true, true);
		} else if (d->plain) {
			rc = driver_turn(d, true, false);
		} else {
			rc = driver_turn(d, false, false);
			if (!rc && d->job->thinktime_ns)
				rc = driver_think(d);
		}
		if (unlikely(d->now_ns >=
			     atomic_load_explicit(end_ns, memory_order_relaxed)))
			driver_due(d);
	} while (likely(!rc));
	return rc < 0 ? rc : 0;
}
