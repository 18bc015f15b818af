// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_harness.h"

/* ---- the observer; it runs in the load threads, so it asserts nothing ---- */

static void log_wrong(struct run_log *log, bool right, const char *what)
{
	if (!right && !log->wrong)
		log->wrong = what;
}

#define EXPECT(log, x) log_wrong(log, x, #x)

static int log_open(void *ctx, unsigned int thread, unsigned int iodepth, void **state)
{
	struct run_log *log = &((struct run *)ctx)->log[thread];

	log->iodepth = iodepth;
	log->rated = ((struct run *)ctx)->job->rate_iops ||
		     ((struct run *)ctx)->job->rate;
	log->by_slot = calloc(iodepth, sizeof(*log->by_slot));
	*state = log;
	return log->by_slot ? 0 : -1;
}

static void log_prepare(void *state, const struct load_op *op, void *buffer)
{
	struct run_log *log = state;

	if (log->nr == log->room) {
		log->room = 2 * log->room + 64;
		log->op = realloc(log->op, log->room * sizeof(*log->op));
		if (!log->op)
			abort();
	}
	EXPECT(log, op->slot < log->iodepth);
	EXPECT(log, !log->by_slot[op->slot]);
	EXPECT(log, op->buffer == buffer);
	EXPECT(log, op->class->is_sync == !buffer);
	EXPECT(log, op->class->is_sync == !op->len);
	EXPECT(log, op->offset % 512 == 0 && op->len % 512 == 0);
	log->by_slot[op->slot] = log->nr + 1;
	log->op[log->nr] = (struct run_op){ .op = *op, .class = *op->class };
	/* Of the slot's last operation still; 0 until ours is accepted. */
	log->op[log->nr++].op.batch = 0;
	if (++log->inflight > log->inflight_max)
		log->inflight_max = log->inflight;
	log->extending += op->class->is_extending;
	if (log->extending > log->extending_max)
		log->extending_max = log->extending;
	if (!op->class->is_sync)
		memset(buffer, 0x11, op->len);
}

/* What an operation is does not change on its way. */
static bool log_same(const struct run_op *r, const struct load_op *op)
{
	return r->op.index == op->index && r->op.offset == op->offset &&
	       r->op.len == op->len && r->op.slot == op->slot && r->op.file == op->file &&
	       r->class.row == op->class->row && r->op.buffer == op->buffer;
}

static void log_accepted(void *state, const struct load_op *op)
{
	struct run_log *log = state;
	struct run_op *r = &log->op[log->by_slot[op->slot] - 1];

	EXPECT(log, log->by_slot[op->slot]);
	EXPECT(log, log_same(r, op));
	EXPECT(log, !r->op.batch && op->batch);
	EXPECT(log, op->submit_ns && op->submit_ns <= op->accepted_ns);
	/* A closed loop has nothing due before it is submitted. */
	EXPECT(log,
	       log->rated ? op->due_ns <= op->submit_ns : op->due_ns == op->submit_ns);
	EXPECT(log, !!(op->seen & LOAD_SEEN_SHARED) == (op->batch > 1));
	r->op = *op;
}

static void log_complete(void *state, const struct load_op *op)
{
	struct run_log *log = state;
	struct run_op *r = &log->op[log->by_slot[op->slot] - 1];

	EXPECT(log, log->by_slot[op->slot]);
	EXPECT(log, log_same(r, op) && !r->complete);
	EXPECT(log, r->op.batch && r->op.batch == op->batch);
	EXPECT(log, op->submit_ns == r->op.submit_ns);
	EXPECT(log, op->accepted_ns == r->op.accepted_ns);
	EXPECT(log, op->accepted_ns <= op->complete_ns);
	EXPECT(log, (op->seen & ~LOAD_SEEN_DONE) == r->op.seen);
	EXPECT(log,
	       !!(op->seen & LOAD_SEEN_DONE) == (op->accepted_ns == op->complete_ns));
	r->op = *op;
	r->complete = true;
	log->by_slot[op->slot] = 0;
	log->inflight--;
	log->extending -= op->class->is_extending;
}

static void log_round_end(void *state)
{
	struct run_log *log = state;

	EXPECT(log, !log->inflight);
	EXPECT(log, !log->ended);
	log->ended = true;
}

/* ---- what rows must hold, by what the observer saw ---- */

/* N, sum and extremes as a histogram should have them. */
struct want {
	uint64_t n, sum_ns, min_ns, max_ns;
};

static void want_add(struct want *w, uint64_t ns)
{
	if (!w->n || ns < w->min_ns)
		w->min_ns = ns;
	if (ns > w->max_ns)
		w->max_ns = ns;
	w->n++;
	w->sum_ns += ns;
}

static void want_check(const struct want *w, const struct hist *h)
{
	struct hist_summary s;

	hist_summarise(h, &s);
	assert_int_equal(hist_count(h), w->n);
	assert_int_equal(h->sum_ns, w->sum_ns);
	assert_int_equal(s.min_ns, w->min_ns);
	assert_int_equal(s.max_ns, w->max_ns);
}

uint64_t run_counts_from_ns(const struct run *r, unsigned int thread)
{
	const struct driver_thread *t = &r->thread[thread];
	const struct run_log *log = &r->log[thread];
	uint64_t last_ns = 0, ops = 0;
	size_t i;

	if (!r->job->ramp_time_ns)
		return 0;
	for (i = 0; i < log->nr; i++)
		if (log->op[i].op.complete_ns > last_ns)
			last_ns = log->op[i].op.complete_ns;
	for (i = 0; i < t->row_nr; i++)
		ops += driver_row_ops(&t->row[i]);
	/* Nothing was measured: all of it was the ramp. */
	return ops ? last_ns - t->measured_ns : last_ns + 1;
}

static bool is_refused(const struct run_op *o)
{
	return o->op.res == -EAGAIN && (o->class.kind.mods & KIND_NOWAIT);
}

static void check_errors(const struct driver_row *row, const struct run_log *log,
			 unsigned int nr, uint64_t from_ns)
{
	uint64_t total = 0, count;
	unsigned int e;
	size_t i;

	for (e = 0; e < row->error_nr; e++) {
		count = 0;
		for (i = 0; i < log->nr; i++)
			count += log->op[i].class.row == nr &&
				 log->op[i].op.complete_ns >= from_ns &&
				 log->op[i].op.res == -row->error[e].err;
		/* Errnos past the last place share it. */
		if (e + 1 < DRIVER_ERRORS_MAX)
			assert_int_equal(row->error[e].count, count);
		total += row->error[e].count;
	}
	assert_int_equal(total, row->failed + row->refused);
}

static void check_row(const struct driver_row *row, const struct run_log *log,
		      unsigned int nr, uint64_t from_ns)
{
	uint64_t seen[LOAD_SEEN_NR] = { 0 }, bytes = 0, part = 0, refused = 0, failed = 0;
	struct want slat = { 0 }, clat = { 0 }, lat = { 0 }, victim = { 0 };
	size_t i;

	for (i = 0; i < log->nr; i++) {
		const struct run_op *o = &log->op[i];
		const struct load_op *op = &o->op;

		if (o->class.row != nr || op->complete_ns < from_ns)
			continue;
		refused += is_refused(o);
		failed += op->res < 0 && !is_refused(o);
		if (op->res < 0)
			continue;
		seen[op->seen]++;
		part += op->res > 0 && op->res < op->len;
		if (!op->res && op->len)
			continue;
		bytes += (uint64_t)op->res;
		want_add(&slat, op->accepted_ns - op->submit_ns);
		want_add(&lat, op->complete_ns - op->submit_ns);
		if (op->complete_ns > op->accepted_ns)
			want_add(&clat, op->complete_ns - op->accepted_ns);
		if (op->victim_ns)
			want_add(&victim, op->victim_ns);
	}
	assert_memory_equal(row->seen, seen, sizeof(seen));
	assert_int_equal(row->bytes, bytes);
	assert_int_equal(row->short_nr, part);
	assert_int_equal(row->refused, refused);
	assert_int_equal(row->failed, failed);
	want_check(&slat, &row->slat);
	want_check(&clat, &row->clat);
	want_check(&lat, &row->lat);
	want_check(&victim, &row->victim);
	check_errors(row, log, nr, from_ns);
}

/* True for the first operation that a call carried. */
static bool opens_call(const struct run_log *log, size_t i)
{
	return !i || log->op[i].op.submit_ns != log->op[i - 1].op.submit_ns;
}

/*
 * Each operation's victim time: all blocked calls that ended after it was
 * accepted and not after its completion was seen. And their sum.
 */
static void check_blocked(const struct run *r, unsigned int thread, uint64_t from_ns)
{
	const struct run_log *log = &r->log[thread];
	uint64_t sum_ns = 0, victim_ns;
	size_t i, j;

	for (i = 0; i < log->nr; i++) {
		const struct load_op *op = &log->op[i].op;

		if (!(op->seen & LOAD_SEEN_BLOCKED) || !opens_call(log, i) ||
		    op->accepted_ns <= from_ns)
			continue;
		sum_ns += op->accepted_ns - op->submit_ns;
	}
	assert_int_equal(r->thread[thread].blocked_ns, sum_ns);
	for (i = 0; i < log->nr; i++) {
		const struct load_op *op = &log->op[i].op;

		victim_ns = 0;
		for (j = i + 1;
		     j < log->nr && log->op[j].op.accepted_ns <= op->complete_ns; j++)
			if ((log->op[j].op.seen & LOAD_SEEN_BLOCKED) &&
			    opens_call(log, j) &&
			    log->op[j].op.submit_ns != op->submit_ns)
				victim_ns += log->op[j].op.accepted_ns -
					     log->op[j].op.submit_ns;
		assert_int_equal(op->victim_ns, victim_ns);
	}
}

static void check_batches(const struct run_log *log)
{
	size_t i, first = 0;

	for (i = 0; i < log->nr; i++) {
		if (opens_call(log, i))
			first = i;
		assert_int_equal(log->op[i].op.accepted_ns,
				 log->op[first].op.accepted_ns);
		assert_int_equal(log->op[i].op.batch, log->op[first].op.batch);
		assert_in_range(i - first, 0, log->op[first].op.batch - 1);
		if (i + 1 == log->nr || opens_call(log, i + 1))
			assert_int_equal(i - first + 1, log->op[first].op.batch);
	}
}

static void check_files(const struct driver_thread *t, const struct run_log *log)
{
	unsigned int f;
	size_t i;

	for (f = 0; f < t->file_nr; f++) {
		uint64_t acked = 0, appended = 0;

		for (i = 0; i < log->nr; i++) {
			const struct load_op *op = &log->op[i].op;

			if (op->file != f || !log->op[i].class.is_extending ||
			    log->op[i].class.is_modelled || op->res <= 0)
				continue;
			appended += (uint64_t)op->res;
			if (op->offset + (uint64_t)op->res > acked)
				acked = op->offset + (uint64_t)op->res;
		}
		assert_int_equal(t->file[f].appended_bytes, appended);
		assert_int_equal(t->file[f].acked_end, acked);
	}
}

static void check_thread(const struct run *r, unsigned int thread)
{
	const struct driver_thread *t = &r->thread[thread];
	const struct run_log *log = &r->log[thread];
	uint64_t from_ns = run_counts_from_ns(r, thread);
	unsigned int i;
	size_t k;

	if (log->wrong)
		fail_msg("thread %u: not so: %s", thread, log->wrong);
	assert_true(log->ended);
	assert_in_range(log->inflight_max, 0, r->job->iodepth);
	for (k = 0; k < log->nr; k++)
		assert_true(log->op[k].complete);
	if (t->ramp_ns)
		assert_true(from_ns >= r->go_ns + t->ramp_ns);
	for (i = 0; i < t->row_nr; i++)
		check_row(&t->row[i], log, i, from_ns);
	check_blocked(r, thread, from_ns);
	check_batches(log);
	check_files(t, log);
}

/* ---- one round ---- */

void run_open(struct run *r, const char *keys)
{
	struct workload_error err = { "" };
	char *text;

	sim_reset();
	memset(r, 0, sizeof(*r));
	assert_true(asprintf(&text, "[global]\nioengine=null\ndirect=1\n%s\n[a]\n",
			     keys) > 0);
	if (workload_parse_text("t.job", text, NULL, 0, &r->x.w, &err))
		fail_msg("%s", err.text);
	free(text);
	assert_int_equal(r->x.w->job_nr, 1);
	r->job = &r->x.w->job[0];
	r->job->ioengine = WORKLOAD_SIM;
	r->x.run = &r->run;
	r->run.setup = &r->setup;
	r->run.err = &r->err;
	if (experiment_prepare(&r->x) || experiment_open_dirs(&r->x))
		fail_msg("%s", r->err.text);
	r->thread = r->x.group[0].thread;
	r->thread_nr = r->x.group[0].thread_nr;
	assert_in_range(r->thread_nr, 1, RUN_THREADS_MAX);
}

static void run_layout(struct run *r)
{
	static const int never;
	struct load_error err;
	size_t i;

	for (i = 0; i < r->x.target_nr; i++) {
		struct target *t = &r->x.target[i].target;

		assert_true(t->spec.virt);
		if (target_open(t, NULL, &never, &err))
			fail_msg("%s", err.text);
	}
}

/* Nothing here asserts: load threads are running. */
static void run_threads(struct run *r)
{
	struct driver_group *g = &r->group;
	unsigned int i;

	for (i = 0; i < r->thread_nr; i++)
		if (pthread_create(&r->thread[i].pthread, NULL, driver_run,
				   &r->thread[i]))
			abort();
	(void)pthread_mutex_lock(&g->lock);
	g->running = r->thread_nr;
	while (g->ready < r->thread_nr)
		(void)pthread_cond_wait(&g->changed, &g->lock);
	r->go_ns = driver_now_ns();
	g->go = 1;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->lock);
	if (r->meanwhile)
		r->meanwhile(r);
	for (i = 0; i < r->thread_nr; i++)
		(void)pthread_join(r->thread[i].pthread, NULL);
}

void run_go(struct run *r)
{
	struct load_observer observer = {
		.name = "log",
		.ctx = r,
		.open = log_open,
		.prepare = log_prepare,
		.accepted = log_accepted,
		.complete = log_complete,
		.round_end = log_round_end,
	};
	unsigned int i;

	r->group = (struct driver_group){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.thread = r->thread,
		.thread_nr = r->thread_nr,
		.switches = r->switches,
		.stop = r->stopped,
		.end_all = r->job->exitall,
		.observer = &observer,
		.observer_nr = !r->lean,
	};
	run_layout(r);
	for (i = 0; i < r->thread_nr; i++) {
		struct driver_thread *t = &r->thread[i];

		assert_int_equal(driver_rows_new(t, t->map_unaligned), 0);
		if (r->points_max)
			assert_int_equal(driver_series_new(t, r->points_max), 0);
		t->group = &r->group;
		t->delay_ns = r->job->startdelay_ns;
		t->ramp_ns = r->job->ramp_time_ns;
		t->runtime_ns = r->job->runtime_ns;
	}
	run_threads(r);
	assert_int_equal(r->group.running, 0);
	for (i = 0; i < r->thread_nr && !r->lean; i++)
		check_thread(r, i);
	/* The hook's life ends here. */
	r->group.observer = NULL;
}

void run_close(struct run *r)
{
	unsigned int i;

	for (i = 0; i < RUN_THREADS_MAX; i++) {
		free(r->log[i].op);
		free(r->log[i].by_slot);
	}
	experiment_release(&r->x);
	experiment_close_dirs(&r->run);
	workload_free(r->x.w);
}

void run_job(struct run *r, const char *keys)
{
	run_open(r, keys);
	run_go(r);
}

/* ---- figures ---- */

static bool row_is(const struct driver_row *row, const char *kind)
{
	char name[KIND_NAME_MAX];

	return !kind || !strcmp(kind_print(row->kind, name), kind);
}

const struct driver_row *run_row(const struct run *r, unsigned int thread,
				 const char *kind)
{
	const struct driver_thread *t = &r->thread[thread];
	unsigned int i;

	for (i = 0; i < t->row_nr; i++)
		if (row_is(&t->row[i], kind))
			return &t->row[i];
	fail_msg("no row %s", kind);
	return NULL;
}

uint64_t run_ops(const struct run *r, const char *kind)
{
	uint64_t ops = 0;
	unsigned int n, i;

	for (n = 0; n < r->thread_nr; n++)
		for (i = 0; i < r->thread[n].row_nr; i++)
			if (row_is(&r->thread[n].row[i], kind))
				ops += driver_row_ops(&r->thread[n].row[i]);
	return ops;
}

uint64_t run_bytes(const struct run *r)
{
	uint64_t bytes = 0;
	unsigned int n, i;

	for (n = 0; n < r->thread_nr; n++)
		for (i = 0; i < r->thread[n].row_nr; i++)
			bytes += r->thread[n].row[i].bytes;
	return bytes;
}
