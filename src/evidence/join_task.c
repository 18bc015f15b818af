// SPDX-License-Identifier: GPL-2.0-or-later
/* Events become sleeps, served writes and completions, thread by thread. */
#include "evidence/join_private.h"

#include <stdlib.h>
#include <string.h>

struct join_task *join_task(struct join *j, int32_t tid)
{
	uint32_t at = (uint32_t)tid * 2654435761u;
	struct join_task *t;

	for (;; at++) {
		t = j->task[at % JOIN_TASKS];
		if (!t)
			break;
		if (t->tid == tid)
			return t;
	}
	if (j->task_nr == JOIN_TASKS / 2)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->tid = tid;
	j->task[at % JOIN_TASKS] = t;
	j->task_nr++;
	return t;
}

/* ---- sleeps ---- */

static void join_went_off(struct join_task *t, const struct event *e)
{
	const struct chain *chain = e->type == EVENT_SLEEP ? e->chain : NULL;

	/* sched_switch comes first, with the chain; the switch itself follows. */
	if (t->off && e->type == EVENT_OUT)
		return;
	t->off = true;
	t->now = (struct join_sleep){
		.out_ns = e->time_ns,
		.chain = chain,
		.preempted = e->type == EVENT_OUT && e->preempted,
	};
}

static void join_serve_sleep(struct join_served *s, const struct join_sleep *sleep)
{
	if (s->sleep_nr == JOIN_SERVED_SLEEPS) {
		s->sleeps_lost++;
		return;
	}
	s->sleep[s->sleep_nr++] = *sleep;
}

static bool join_is_idle(const struct join_sleep *s)
{
	return s->chain && s->chain->cause->class == CAUSE_IDLE;
}

/* A request's slot, taken from another where there is no free one. */
static struct join_request *join_request_own(struct join *j, uint64_t user_data)
{
	struct join_request *r = join_request(j, user_data);

	if (r->user_data != user_data)
		*r = (struct join_request){ .user_data = user_data };
	return r;
}

/* What is known of the write at hand goes where its operation will look. */
static void join_serve_store(struct join *j, const struct join_served *s)
{
	if (s->begun.ns)
		j->served[join_hash(s->begun.ino, s->begun.start)] = *s;
	else
		join_request_own(j, s->user_data)->served = *s;
}

/* The worker is free, from ns on: what it had at hand went on by itself. */
static void join_serve_next(struct join_task *t, uint64_t ns)
{
	memset(&t->serve, 0, sizeof(t->serve));
	t->serve.start_ns = ns;
	t->has_last = false;
}

/* Waits that come before a write's I/O begins: after a begin, another's. */
static bool join_is_before(const struct join_sleep *s)
{
	enum cause_tells tells = s->chain ? s->chain->cause->tells : CAUSE_TELLS_NOTHING;

	return tells == CAUSE_TELLS_LOCK || tells == CAUSE_TELLS_DRAIN;
}

static void join_worker_slept(struct join *j, struct join_task *t,
			      const struct join_sleep *s)
{
	struct join_served *serve = &t->serve;

	if (join_is_idle(s) || (!s->chain && !s->preempted)) {
		/* Without a chain: interruptible, as only an idle worker sleeps. */
		join_serve_next(t, s->in_ns);
		return;
	}
	if (serve->begun.ns && join_is_before(s))
		join_serve_next(t, s->out_ns);
	join_serve_sleep(serve, s);
	if (serve->begun.ns)
		join_serve_store(j, serve);
}

static void join_came_on(struct join *j, struct join_task *t, uint64_t ns)
{
	if (!t->off)
		return;
	t->off = false;
	t->now.in_ns = ns;
	if (t->now.wake_ns < t->now.out_ns || t->now.wake_ns > ns)
		t->now.wake_ns = 0;
	switch ((enum join_role)t->role) {
	case JOIN_LOAD:
		*join_sleep_at(t, t->sleep_nr++) = t->now;
		break;
	case JOIN_WORKER:
		join_worker_slept(j, t, &t->now);
		break;
	case JOIN_COMPLETER:
		if (t->run_ns)
			join_serve_sleep(&t->serve, &t->now);
		break;
	case JOIN_UNKNOWN:
	case JOIN_IGNORED:
		break;
	}
}

static void join_woke(struct join *j, const struct event *e)
{
	struct join_task *t = join_task(j, e->woken), *waker = join_task(j, e->tid);

	if (!t || !t->off || t->now.wake_ns)
		return;
	t->now.wake_ns = e->time_ns;
	if (waker && waker->has_last) {
		t->now.has_by = true;
		t->now.by_offset = waker->last_start;
	}
}

/* ---- what threads do for writes ---- */

static struct join_begun join_begun_of(const struct event *e)
{
	return (struct join_begun){
		.ns = e->time_ns,
		.ino = e->dio.ino,
		.start = e->dio.start,
		.isize = e->dio.isize,
		.forced = e->dio.forced,
	};
}

static void join_began(struct join *j, struct join_task *t, const struct event *e)
{
	struct join_begun b = join_begun_of(e);
	bool again = t->serve.begun.ns && t->serve.begun.ino == b.ino &&
		     t->serve.begun.start == b.start;

	if (t->role == JOIN_LOAD) {
		t->begun[t->begun_nr++ % JOIN_BEGINS] = b;
		j->begun[join_hash(b.ino, b.start)] = b;
		j->begun_ns = b.ns > j->begun_ns ? b.ns : j->begun_ns;
		return;
	}
	/* A worker has no use for an attempt that may not wait. */
	if (t->role != JOIN_WORKER || e->dio.nowait)
		return;
	/* The same write may begin twice: XFS tries with a shared lock first. */
	if (t->serve.begun.ns && !again)
		join_serve_next(t, t->serve.begun.ns);
	t->serve.begun = b;
	t->has_last = true;
	t->last_start = b.start;
	join_serve_store(j, &t->serve);
}

static void join_replied(struct join *j, struct join_task *t, const struct event *e)
{
	if (t->role != JOIN_WORKER)
		return;
	t->serve.user_data = e->ring.user_data;
	t->serve.end_ns = e->time_ns;
	join_serve_store(j, &t->serve);
	join_serve_next(t, e->time_ns);
}

static void join_completed(struct join *j, struct join_task *t, const struct event *e)
{
	struct join_done *d;

	/* Inside a submission, or of a worker's own write: their ends tell as much. */
	if (t->role == JOIN_LOAD ||
	    (t->role == JOIN_WORKER && t->serve.begun.ns &&
	     t->serve.begun.ino == e->dio.ino && t->serve.begun.start == e->dio.start))
		return;
	d = &j->done[join_hash(e->dio.ino, e->dio.start)];
	j->done_ns = e->time_ns > j->done_ns ? e->time_ns : j->done_ns;
	*d = (struct join_done){
		.ns = e->time_ns,
		.ino = e->dio.ino,
		.start = e->dio.start,
		.bytes = e->dio.bytes,
		.queue_ns = t->queue_ns,
		.run_ns = t->run_ns,
		.sleep_nr = t->serve.sleep_nr,
	};
	memcpy(d->sleep, t->serve.sleep, t->serve.sleep_nr * sizeof(*d->sleep));
	t->has_last = true;
	t->last_start = e->dio.start;
}

static void join_work_started(struct join *j, struct join_task *t, const struct event *e)
{
	uint64_t slot = join_hash(e->work, 0);

	if (t->role == JOIN_UNKNOWN) {
		t->role = JOIN_COMPLETER;
		if (j->new_completer_nr < JOIN_COMPLETERS)
			j->new_completer[j->new_completer_nr++] = t->tid;
	}
	t->run_ns = e->time_ns;
	t->queue_ns = j->queued[slot].work == e->work ? j->queued[slot].ns : 0;
	t->serve.sleep_nr = 0;
}

void join_event(struct join *j, const struct event *e)
{
	struct join_task *t;
	uint64_t slot;

	if (e->type == EVENT_WAKING) {
		join_woke(j, e);
		return;
	}
	if (e->type == EVENT_PUNT) {
		join_request_own(j, e->ring.user_data)->punt_ns = e->time_ns;
		j->punt_ns = e->time_ns > j->punt_ns ? e->time_ns : j->punt_ns;
		return;
	}
	if (e->type == EVENT_WORK_QUEUE) {
		slot = join_hash(e->work, 0);
		j->queued[slot].work = e->work;
		j->queued[slot].ns = e->time_ns;
		return;
	}
	t = join_task(j, e->tid);
	if (!t || t->role == JOIN_IGNORED)
		return;
	if (t->role == JOIN_UNKNOWN && e->type != EVENT_COMPLETE &&
	    e->type != EVENT_WORK_START && e->type != EVENT_WORK_END)
		t->role = JOIN_WORKER;
	switch ((enum event_type)e->type) {
	case EVENT_SLEEP:
	case EVENT_OUT:
		join_went_off(t, e);
		break;
	case EVENT_IN:
		join_came_on(j, t, e->time_ns);
		break;
	case EVENT_BEGIN:
		join_began(j, t, e);
		break;
	case EVENT_REPLY:
		join_replied(j, t, e);
		break;
	case EVENT_COMPLETE:
		join_completed(j, t, e);
		break;
	case EVENT_WORK_START:
		join_work_started(j, t, e);
		break;
	case EVENT_WORK_END:
		t->run_ns = t->queue_ns = 0;
		t->has_last = false;
		break;
	default:
		break;
	}
}

static bool join_within(uint64_t ns, const struct join_op *op)
{
	return ns >= op->submit_ns && ns <= op->complete_ns;
}

const struct join_served *join_served_find(const struct join *j, const struct join_op *op)
{
	const struct join_served *s = &j->served[join_hash(op->ino, op->offset)];

	if (s->begun.ns && s->begun.ino == op->ino && s->begun.start == op->offset &&
	    join_within(s->begun.ns, op))
		return s;
	s = &join_request(j, op->user_data)->served;
	if (s->user_data == op->user_data && join_within(s->end_ns, op))
		return s;
	return NULL;
}
