// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that reads events and operations, and what the load threads copy. */
#include "evidence/why.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "evidence/events.h"
#include "evidence/join.h"
#include "evidence/symbols.h"

#define WHY_SYMBOLS "/proc/kallsyms"
#define RECORDS 16384	  /* of each thread's ring; a power of two */
#define PASS_NS 10000000  /* between two readings */
#define SETTLE_NS 2000000 /* an event is in its ring so long after its time */
#define WASTED_OPS \
	20 /* in a pass: so many with hardly a record of theirs are wasted on */

/* Of events watched in turns, by enum events_turn: see why_turn(). */
static const struct why_price {
	int64_t credit; /* records paid for by each pass */
	int64_t saved;	/* ... so many at the start, and after a rest */
	int64_t again;	/* watched again with so much credit */
	int64_t of_op;	/* what each operation costs where none of ours is recorded */
} why_price[EVENTS_TURN_NR] = {
	[EVENTS_WAKINGS] = { 100, 5000, 1000, 0 },
	[EVENTS_COMPLETIONS] = { 20, 20000, 500, 2 },
	[EVENTS_BEGINS] = { 20, 1000, 500, 0 },
};

/* One call, or one operation, as a load thread leaves it. */
struct why_record {
	bool is_op;
	uint16_t file;
	union {
		struct join_call call;
		struct join_op op;
	};
};

/* Written by its load thread, read by the joining thread. */
struct why_thread {
	struct why *why;
	unsigned int thread;
	pid_t tid;
	uint64_t last_submit_ns;
	uint64_t lost;	       /* records that found the ring full */
	_Atomic uint64_t head; /* the load thread's */
	_Atomic uint64_t tail; /* ours */
	struct why_record record[RECORDS];
};

enum why_state { WHY_IDLE, WHY_RUNNING_NOW, WHY_STOPPING, WHY_QUITTING };

struct why {
	struct why_setup setup;
	struct symbols *symbols; /* NULL: those of setup.hold */
	struct chains *chains;
	struct events *events;
	struct join *join;
	pthread_t thread;
	bool have_thread;
	pid_t tid;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum why_state state;
	struct why_thread *load[WHY_THREADS_MAX];
	unsigned int load_nr; /* one past the highest */
	uint64_t lost;	      /* of threads that are gone */
	/* Of the load at hand. */
	uint64_t *ino;
	size_t *thread_file;
	uint64_t first_ns; /* see why_take_records() */
	struct why_credit {
		bool on;
		int64_t credit;
		uint64_t nr; /* of records, at the last pass */
	} credit[EVENTS_TURN_NR];
	bool every_begin;	  /* in no turns: workers, or shared calls, need all */
	uint64_t ops, turned_ops; /* joined; at the last pass */
	uint64_t lost_before;	  /* events, before this load */
};

static uint64_t why_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* ---- the load threads' side ---- */

static int why_hook_open(void *ctx, unsigned int thread, unsigned int iodepth,
			 void **state)
{
	struct why *w = ctx;
	struct why_thread *t;

	(void)iodepth;
	if (thread >= WHY_THREADS_MAX)
		return -E2BIG;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	/* Pages are touched now, not between two submissions. */
	memset(t->record, 0x5a, sizeof(t->record));
	t->why = w;
	t->thread = thread;
	t->tid = gettid();
	(void)pthread_mutex_lock(&w->lock);
	free(w->load[thread]);
	w->load[thread] = t;
	if (w->load_nr <= thread)
		w->load_nr = thread + 1;
	(void)pthread_mutex_unlock(&w->lock);
	*state = t;
	return 0;
}

/* The next free record; NULL: the reader is behind, and this one is lost. */
static struct why_record *why_record(struct why_thread *t)
{
	uint64_t head = atomic_load_explicit(&t->head, memory_order_relaxed);

	if (head - atomic_load_explicit(&t->tail, memory_order_acquire) == RECORDS) {
		t->lost++;
		return NULL;
	}
	return &t->record[head % RECORDS];
}

static void why_publish(struct why_thread *t)
{
	uint64_t head = atomic_load_explicit(&t->head, memory_order_relaxed);

	atomic_store_explicit(&t->head, head + 1, memory_order_release);
}

static void why_hook_accepted(void *state, const struct load_op *op)
{
	struct why_thread *t = state;
	struct why_record *r;

	if (op->submit_ns == t->last_submit_ns)
		return;
	t->last_submit_ns = op->submit_ns;
	r = why_record(t);
	if (!r)
		return;
	r->is_op = false;
	r->call = (struct join_call){ op->submit_ns, op->accepted_ns };
	why_publish(t);
}

static void why_hook_complete(void *state, const struct load_op *op)
{
	struct why_thread *t = state;
	struct why_record *r;

	/* What failed has no path that could be told. */
	if (op->res < 0 || (!op->res && !op->class->is_sync))
		return;
	r = why_record(t);
	if (!r)
		return;
	r->is_op = true;
	r->file = op->file;
	r->op = (struct join_op){
		.submit_ns = op->submit_ns,
		.accepted_ns = op->accepted_ns,
		.complete_ns = op->complete_ns,
		.offset = op->offset,
		.index = op->index,
		.user_data = (uint64_t)(uintptr_t)op,
		.res = op->res,
		.len = op->len,
		.batch = op->batch,
		.row = op->class->row,
		.seen = op->seen,
		.is_write = op->class->is_write,
		.counts = op->counts,
	};
	why_publish(t);
}

struct load_observer why_observer(struct why *w)
{
	return (struct load_observer){
		.name = "--why",
		.ctx = w,
		.open = why_hook_open,
		.accepted = why_hook_accepted,
		.complete = why_hook_complete,
	};
}

/* ---- the joining thread ---- */

/* Stamp of the first record of the thread's ring; UINT64_MAX: it is empty. */
static uint64_t why_first_ns(struct why_thread *t)
{
	uint64_t tail = atomic_load_explicit(&t->tail, memory_order_relaxed);
	const struct why_record *r = &t->record[tail % RECORDS];

	if (tail == atomic_load_explicit(&t->head, memory_order_acquire))
		return UINT64_MAX;
	return r->is_op ? r->op.complete_ns : r->call.accepted_ns;
}

/* Everything in the thread's ring that was stamped before until_ns. */
static void why_take_thread(struct why *w, struct why_thread *t, uint64_t until_ns)
{
	uint64_t tail = atomic_load_explicit(&t->tail, memory_order_relaxed);
	uint64_t head = atomic_load_explicit(&t->head, memory_order_acquire);

	for (; tail < head; tail++) {
		struct why_record *r = &t->record[tail % RECORDS];
		uint64_t ns = r->is_op ? r->op.complete_ns : r->call.accepted_ns;

		if (ns >= until_ns)
			break;
		if (r->is_op) {
			r->op.ino = w->ino[w->thread_file[t->thread] + r->file];
			join_op_add(w->join, t->thread, &r->op);
			w->ops++;
		} else {
			join_call_add(w->join, t->thread, &r->call);
		}
	}
	atomic_store_explicit(&t->tail, tail, memory_order_release);
}

/* The same of all threads; then w->first_ns is the first stamp that is left. */
static void why_take_records(struct why *w, uint64_t until_ns)
{
	unsigned int i;

	w->first_ns = UINT64_MAX;
	for (i = 0; i < w->load_nr; i++) {
		uint64_t ns;

		if (!w->load[i])
			continue;
		why_take_thread(w, w->load[i], until_ns);
		ns = why_first_ns(w->load[i]);
		if (ns < w->first_ns)
			w->first_ns = ns;
	}
}

/*
 * Records and events take turns by their times: the same slot of a ring, or block of
 * a file, may be used again a moment later.
 */
static void why_take_event(void *ctx, const struct event *event)
{
	struct why *w = ctx;

	if (event->time_ns > w->first_ns)
		why_take_records(w, event->time_ns);
	join_event(w->join, event);
}

/*
 * In a fast run several frequent events come with every write, and cost more than
 * the rest together. They are then watched in turns, some milliseconds on, some off, for
 * what the passes pay. What was not watched is a stage less detailed, but none is
 * missing. Filtering out what others do costs as well: where operations pass and none of
 * the records is theirs (they complete in their submission), that is paid for, too, and
 * from little that was saved.
 */
static void why_turn(struct why *w, enum events_turn turn, uint64_t ops)
{
	const struct why_price *price = &why_price[turn];
	struct why_credit *c = &w->credit[turn];
	uint64_t nr = events_frequent_nr(w->events, turn);
	bool on = c->on;

	c->credit += price->credit - (int64_t)(nr - c->nr);
	if (c->credit > price->saved)
		c->credit = price->saved;
	if (c->on && price->of_op && ops >= WASTED_OPS && (nr - c->nr) * 10 < ops) {
		if (c->credit > 2 * price->again)
			c->credit = 2 * price->again;
		c->credit -= price->of_op * (int64_t)ops;
	}
	c->nr = nr;
	if (w->setup.full)
		return;
	if (on && c->credit < 0)
		on = false;
	else if (!on && c->credit >= price->again)
		on = true;
	if (on == c->on)
		return;
	events_frequent(w->events, turn, on);
	c->on = on;
	if (turn == EVENTS_COMPLETIONS)
		join_watched(w->join, on ? why_now_ns() : UINT64_MAX);
}

static void why_turns(struct why *w)
{
	uint64_t ops = w->ops - w->turned_ops;

	w->turned_ops = w->ops;
	why_turn(w, EVENTS_WAKINGS, ops);
	why_turn(w, EVENTS_COMPLETIONS, ops);
	if (!w->every_begin)
		why_turn(w, EVENTS_BEGINS, ops);
}

static void why_pass(struct why *w, uint64_t until_ns)
{
	pid_t tid;

	why_take_records(w, 0);
	events_drain(w->events, until_ns, why_take_event, w);
	if (events_lost(w->events) > w->lost_before)
		join_lossy(w->join);
	why_take_records(w, until_ns);
	while ((tid = join_new_completer(w->join)))
		(void)events_watch(w->events, tid);
}

static void *why_main(void *arg)
{
	struct why *w = arg;
	struct timespec pause = { 0, PASS_NS };
	const struct sched_param param = { 0 };

	/* Its waking must not take the processor from what it watches. */
	(void)sched_setscheduler(0, SCHED_BATCH, &param);
	(void)pthread_mutex_lock(&w->lock);
	while (w->state != WHY_QUITTING) {
		if (w->state == WHY_IDLE) {
			(void)pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		if (w->state == WHY_STOPPING) {
			events_stop(w->events);
			why_pass(w, UINT64_MAX);
			w->state = WHY_IDLE;
			(void)pthread_cond_broadcast(&w->changed);
			continue;
		}
		(void)pthread_mutex_unlock(&w->lock);
		why_pass(w, why_now_ns() - SETTLE_NS);
		why_turns(w);
		(void)nanosleep(&pause, NULL);
		(void)pthread_mutex_lock(&w->lock);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* ---- the experiment's side ---- */

struct why_hold {
	struct events_hold *events;
	struct symbols *symbols;
};

struct why_hold *why_hold(void)
{
	struct why_hold *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->events = events_hold();
	(void)symbols_load(WHY_SYMBOLS, &h->symbols);
	return h;
}

void why_release(struct why_hold *h)
{
	if (!h)
		return;
	events_release(h->events);
	symbols_free(h->symbols);
	free(h);
}

static int why_open_symbols(struct why *w, const char **missing)
{
	const struct symbols *symbols = w->setup.hold ? w->setup.hold->symbols : NULL;
	int rc = 0;

	if (!symbols) {
		rc = symbols_load(WHY_SYMBOLS, &w->symbols);
		symbols = w->symbols;
	}
	if (!rc)
		rc = chains_open(symbols, &w->chains);
	*missing =
		rc == -EPERM ?
			"the kernel's symbols are hidden: needs CAP_SYSLOG, or sysctl kernel.kptr_restrict=0" :
			WHY_SYMBOLS " can't be read";
	return rc;
}

int why_open(const struct why_setup *setup, struct why **out, const char **missing)
{
	struct why *w = calloc(1, sizeof(*w));
	struct events_setup events = { .ring_bytes = setup->ring_bytes };
	int rc;

	*missing = "no memory";
	if (!w)
		return -ENOMEM;
	w->setup = *setup;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	w->tid = gettid();
	rc = join_new(&w->join);
	if (!rc)
		rc = why_open_symbols(w, missing);
	/* Before the events are opened, so that it does not inherit them. */
	if (!rc)
		rc = -pthread_create(&w->thread, NULL, why_main, w);
	w->have_thread = !rc;
	events.chains = w->chains;
	if (!rc)
		rc = events_open(&events, &w->events, missing);
	if (rc) {
		why_close(w);
		return rc;
	}
	*out = w;
	return 0;
}

static void why_forget_load(struct why *w)
{
	unsigned int i;

	for (i = 0; i < w->load_nr; i++) {
		if (w->load[i])
			w->lost += w->load[i]->lost;
		free(w->load[i]);
		w->load[i] = NULL;
	}
	w->load_nr = 0;
	free(w->ino);
	free(w->thread_file);
	w->ino = NULL;
	w->thread_file = NULL;
}

void why_close(struct why *w)
{
	if (!w)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->state = WHY_QUITTING;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	if (w->have_thread)
		(void)pthread_join(w->thread, NULL);
	why_forget_load(w);
	events_close(w->events);
	join_free(w->join);
	chains_close(w->chains);
	symbols_free(w->symbols);
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

/* The join learns who the threads are; the events, whom and what to watch. */
static int why_start_threads(struct why *w, struct events_round *round)
{
	pid_t *tid = calloc(w->load_nr + 1, sizeof(*tid));
	unsigned int i;
	int rc = tid ? join_ignore(w->join, w->tid) : -ENOMEM;

	for (i = 0; i < w->load_nr && !rc; i++) {
		if (!w->load[i])
			continue;
		tid[round->tid_nr++] = w->load[i]->tid;
		rc = join_thread(w->join, i, w->load[i]->tid);
	}
	round->tid = tid;
	if (!rc)
		rc = events_start(w->events, round);
	free(tid);
	return rc;
}

int why_start(struct why *w, const struct why_load *load)
{
	struct events_round round = {
		.io_uring = load->io_uring,
		.every_begin = w->setup.full || load->batched,
		.extending_from = load->extending_from,
		.every_sleep = load->interruptible,
		.ino = load->ino,
		.ino_nr = load->ino_nr,
	};
	unsigned int turn;
	int rc;

	w->ino = calloc(load->ino_nr + 1, sizeof(*w->ino));
	w->thread_file = calloc(load->thread_nr + 1, sizeof(*w->thread_file));
	if (!w->ino || !w->thread_file)
		return -ENOMEM;
	memcpy(w->ino, load->ino, load->ino_nr * sizeof(*w->ino));
	memcpy(w->thread_file, load->thread_file,
	       load->thread_nr * sizeof(*w->thread_file));
	join_begin(w->join, load->round);
	w->lost_before = events_lost(w->events);
	rc = why_start_threads(w, &round);
	if (rc)
		return rc;
	w->every_begin = load->io_uring || load->batched;
	for (turn = EVENTS_WAKINGS; turn < EVENTS_TURN_NR; turn++)
		w->credit[turn] = (struct why_credit){
			true, why_price[turn].saved,
			events_frequent_nr(w->events, (enum events_turn)turn)
		};
	join_watched(w->join, why_now_ns());
	(void)pthread_mutex_lock(&w->lock);
	w->state = WHY_RUNNING_NOW;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	return 0;
}

void why_stop(struct why *w)
{
	(void)pthread_mutex_lock(&w->lock);
	if (w->state == WHY_RUNNING_NOW) {
		w->state = WHY_STOPPING;
		(void)pthread_cond_broadcast(&w->changed);
	}
	while (w->state == WHY_STOPPING)
		(void)pthread_cond_wait(&w->changed, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
	why_forget_load(w);
}

const struct why_row *why_row(const struct why *w, unsigned int thread, unsigned int row)
{
	return join_row(w->join, thread, row);
}

void why_reset(struct why *w)
{
	join_reset(w->join);
}

uint64_t why_lost(const struct why *w)
{
	uint64_t lost = w->lost + events_lost(w->events);
	unsigned int i;

	for (i = 0; i < w->load_nr; i++)
		lost += w->load[i] ? w->load[i]->lost : 0;
	return lost;
}
