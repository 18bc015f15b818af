// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The join: events and records that were made up, whose story is known. Times are
 * in nanoseconds of a clock that begins at 0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/join.h"

#define LOAD 100 /* tids */
#define WORKER 200
#define WORKER2 201
#define KTHREAD 300
#define INO 7

static struct join *j;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(join_new(&j), 0);
	join_begin(j, 1);
	assert_int_equal(join_thread(j, 0, LOAD), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	join_free(j);
	return 0;
}

/* One chain for each cause, as if it had been recorded. */
static const struct chain *chain_of(const char *label)
{
	static struct chain chains[64];
	const struct cause_row *row = cause_by_label(label);

	assert_non_null(row);
	chains[row - cause_rows].cause = row;
	return &chains[row - cause_rows];
}

static void switched(enum event_type type, int32_t tid, uint64_t ns)
{
	struct event e = { .time_ns = ns, .tid = tid, .type = (uint8_t)type };

	join_event(j, &e);
}

static void preempted(int32_t tid, uint64_t out_ns, uint64_t in_ns)
{
	struct event e = { .time_ns = out_ns, .tid = tid, .type = EVENT_OUT };

	e.preempted = true;
	join_event(j, &e);
	switched(EVENT_IN, tid, in_ns);
}

/* Asleep from out to wake, on a processor again at in; as the kernel tells it. */
static void slept(int32_t tid, const char *label, uint64_t out_ns, uint64_t wake_ns,
		  uint64_t in_ns, int32_t waker)
{
	struct event e = { .time_ns = out_ns, .tid = tid, .type = EVENT_SLEEP };

	if (label) {
		e.chain = chain_of(label);
		join_event(j, &e);
	}
	switched(EVENT_OUT, tid, out_ns + (label != NULL));
	if (wake_ns) {
		struct event w = { .time_ns = wake_ns,
				   .tid = waker,
				   .type = EVENT_WAKING };

		w.woken = tid;
		join_event(j, &w);
	}
	switched(EVENT_IN, tid, in_ns);
}

static void dio(enum event_type type, int32_t tid, uint64_t ns, uint64_t start,
		int64_t bytes, uint64_t isize, bool forced)
{
	struct event e = { .time_ns = ns, .tid = tid, .type = (uint8_t)type };

	e.dio.ino = INO;
	e.dio.start = start;
	e.dio.bytes = bytes;
	e.dio.isize = isize;
	e.dio.forced = forced;
	join_event(j, &e);
}

static void ring(enum event_type type, int32_t tid, uint64_t ns, uint64_t user_data)
{
	struct event e = { .time_ns = ns, .tid = tid, .type = (uint8_t)type };

	e.ring.user_data = user_data;
	join_event(j, &e);
}

static void work(enum event_type type, int32_t tid, uint64_t ns, uint64_t item)
{
	struct event e = { .time_ns = ns, .tid = tid, .type = (uint8_t)type };

	e.work = item;
	join_event(j, &e);
}

static void call(uint64_t submit_ns, uint64_t accepted_ns)
{
	const struct join_call c = { submit_ns, accepted_ns };

	join_call_add(j, 0, &c);
}

static struct join_op op_of(uint64_t submit_ns, uint64_t accepted_ns,
			    uint64_t complete_ns, uint64_t offset, unsigned int seen)
{
	return (struct join_op){
		.submit_ns = submit_ns,
		.accepted_ns = accepted_ns,
		.complete_ns = complete_ns,
		.offset = offset,
		.user_data = 0x1000 + offset,
		.res = 4096,
		.ino = INO,
		.len = 4096,
		.batch = 1,
		.seen = (uint8_t)seen,
		.is_write = true,
		.counts = true,
	};
}

static void op(uint64_t submit_ns, uint64_t accepted_ns, uint64_t complete_ns,
	       uint64_t offset, unsigned int seen)
{
	struct join_op o = op_of(submit_ns, accepted_ns, complete_ns, offset, seen);

	join_op_add(j, 0, &o);
}

static const struct why_row *row(void)
{
	const struct why_row *r = join_row(j, 0, 0);

	assert_non_null(r);
	return r;
}

/* The steps of the slowest write. */
static void assert_step(unsigned int nr, enum why_stage stage, uint64_t at_ns,
			uint64_t ns)
{
	const struct why_worst *w = row()->worst;

	assert_true(nr < w->step_nr);
	assert_int_equal(w->step[nr].stage, stage);
	assert_int_equal(w->step[nr].at_ns, at_ns);
	assert_int_equal(w->step[nr].ns, ns);
}

static uint64_t sum(const uint64_t *ns)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < WHY_STAGE_NR; i++)
		total += ns[i];
	return total;
}

static void test_a_quick_call_was_queued(void **state)
{
	(void)state;
	call(1000, 1100);
	dio(EVENT_COMPLETE, KTHREAD, 5000, 0, 4096, 65536, false);
	op(1000, 1100, 6000, 0, 0);
	assert_int_equal(row()->path[WHY_QUEUED], 1);
	assert_int_equal(row()->blocked_ns, 0);
	assert_step(0, WHY_RUNNING, 0, 100);
	assert_step(1, WHY_IN_FLIGHT, 100, 3900);
	assert_step(2, WHY_REAP, 4000, 1000);
}

static void test_a_forced_wait(void **state)
{
	(void)state;
	dio(EVENT_BEGIN, LOAD, 1010, 65536, 4096, 65536, true);
	slept(LOAD, "FORCED_WAIT", 1020, 1080, 1090, 0);
	call(1000, 1100);
	op(1000, 1100, 1100, 65536, LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->path[WHY_FORCED_WAIT], 1);
	assert_int_equal(row()->ran_as[WHY_RAN_AT], 1);
	assert_int_equal(row()->flagged, 0);
	assert_int_equal(row()->blocked_ns, 60);
	assert_int_equal(row()->named_ns, 60);
	assert_int_equal(row()->cause_nr, 1);
	assert_string_equal(row()->cause[0].row->label, "FORCED_WAIT");
	assert_int_equal(hist_count(row()->cause[0].sleep), 1);
	assert_step(0, WHY_RUNNING, 0, 20);
	assert_step(1, WHY_SLEEP, 20, 60);
	assert_step(2, WHY_RUNQUEUE, 80, 10);
	assert_step(3, WHY_RUNNING, 90, 10);
	assert_int_equal(sum(row()->slat_stage_ns), 100);
	assert_int_equal(sum(row()->lat_stage_ns), 100);
}

static void test_a_flagged_write_that_did_not_sleep_is_inline(void **state)
{
	(void)state;
	dio(EVENT_BEGIN, LOAD, 1010, 65536, 4096, 65536, true);
	call(1000, 1100);
	op(1000, 1100, 1100, 65536, LOAD_SEEN_DONE);
	assert_int_equal(row()->path[WHY_INLINE], 1);
	assert_int_equal(row()->path[WHY_FORCED_WAIT], 0);
	assert_int_equal(row()->flagged, 1);
}

static void test_precedence(void **state)
{
	(void)state;
	/* A drain, then a wait for its own: drained comes first. */
	slept(LOAD, "I_RWSEM_W", 1005, 1007, 1008, 0);
	slept(LOAD, "DIO_DRAIN", 1010, 1030, 1030, 0);
	dio(EVENT_BEGIN, LOAD, 1035, 0, 512, 65536, true);
	slept(LOAD, "FORCED_WAIT", 1040, 1060, 1060, 0);
	call(1000, 1100);
	op(1000, 1100, 1100, 0, LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->path[WHY_DRAINED], 1);
	assert_int_equal(row()->cause_nr, 3);
	assert_int_equal(row()->convoy->sum_ns, 2);
	/* The fallback takes locks and drains as well. */
	slept(LOAD, "DIO_DRAIN", 2010, 2030, 2030, 0);
	slept(LOAD, "BUFFERED_FALLBACK", 2040, 2060, 2060, 0);
	call(2000, 2100);
	op(2000, 2100, 2100, 0, LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->path[WHY_BUFFERED], 1);
}

static void test_waits_for_events_are_not_blocking(void **state)
{
	(void)state;
	call(1000, 1100);
	slept(LOAD, NULL, 1200, 1900, 1950, KTHREAD);
	preempted(LOAD, 1960, 1970);
	call(2000, 2100);
	op(1000, 1100, 1955, 0, 0);
	op(2000, 2100, 3000, 4096, 0);
	assert_int_equal(row()->path[WHY_QUEUED], 2);
	assert_int_equal(row()->blocked_ns, 0);
	assert_int_equal(row()->cause_nr, 0);
}

static void test_preemption_is_no_cause(void **state)
{
	(void)state;
	preempted(LOAD, 1020, 1060);
	/* Back from the kernel, but not at the stamp yet. */
	preempted(LOAD, 1090, 1095);
	call(1000, 1100);
	op(1000, 1100, 3000, 0, 0);
	assert_int_equal(row()->path[WHY_QUEUED], 1);
	assert_int_equal(row()->blocked_ns, 0);
	assert_int_equal(row()->cause_nr, 0);
	assert_int_equal(row()->slat_stage_ns[WHY_PREEMPTED], 45);
	assert_int_equal(row()->slat_stage_ns[WHY_RUNNING], 55);
}

static void test_a_sleep_without_a_chain_is_other(void **state)
{
	(void)state;
	slept(LOAD, NULL, 1020, 1060, 1060, 0);
	call(1000, 1100);
	op(1000, 1100, 1100, 0, LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->blocked_ns, 40);
	assert_int_equal(row()->named_ns, 0);
	assert_string_equal(row()->cause[0].row->label, "OTHER");
}

/* A sleep that the switch counter saw, and no event. */
static void test_a_lost_sleep(void **state)
{
	(void)state;
	call(1000, 1100);
	op(1000, 1100, 1100, 0, LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->path[WHY_INLINE], 1);
	join_lossy(j);
	call(2000, 2100);
	op(2000, 2100, 2100, 4096, LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->path[WHY_INLINE], 1);
	assert_int_equal(row()->path[WHY_UNKNOWN], 1);
	assert_int_equal(row()->lost, 1);
	assert_int_equal(row()->slat_stage_ns[WHY_UNACCOUNTED], 100);
}

/* What waited for a model, and what nobody knows for another reason. */
static void test_an_unknown_of_a_model(void **state)
{
	struct why_row sum = { 0 };

	(void)state;
	call(1000, 1100);
	op(1000, 1100, 1100, 0, LOAD_SEEN_DONE | LOAD_SEEN_MODEL);
	assert_int_equal(row()->path[WHY_UNKNOWN], 1);
	assert_int_equal(row()->modelled, 1);
	call(2000, 2100);
	op(2000, 2100, 2100, 4096, LOAD_SEEN_DONE | LOAD_SEEN_PREEMPTED);
	assert_int_equal(row()->path[WHY_UNKNOWN], 2);
	assert_int_equal(row()->modelled, 1);
	assert_int_equal(row()->lost, 0);
	/* A lost sleep is the nearer reason. */
	join_lossy(j);
	call(3000, 3100);
	op(3000, 3100, 3100, 0, LOAD_SEEN_DONE | LOAD_SEEN_MODEL | LOAD_SEEN_SLEPT);
	assert_int_equal(row()->path[WHY_UNKNOWN], 3);
	assert_int_equal(row()->modelled, 1);
	assert_int_equal(row()->lost, 1);
	assert_int_equal(why_row_merge(&sum, row()), 0);
	assert_int_equal(why_row_merge(&sum, row()), 0);
	assert_int_equal(sum.modelled, 2);
	why_row_clear(&sum);
}

/* Three writes in one call: each has the sleeps between its begin and the next. */
static void test_a_shared_call_is_split(void **state)
{
	static const uint64_t at[] = { 65536, 0, 69632 };
	unsigned int i;

	(void)state;
	dio(EVENT_BEGIN, LOAD, 1010, at[0], 4096, 65536, true);
	slept(LOAD, "FORCED_WAIT", 1020, 1120, 1120, 0);
	slept(LOAD, "I_RWSEM_R", 1130, 1140, 1140, 0);
	dio(EVENT_BEGIN, LOAD, 1150, at[1], 4096, 69632, false);
	dio(EVENT_BEGIN, LOAD, 1160, at[2], 4096, 69632, true);
	slept(LOAD, "FORCED_WAIT", 1170, 1270, 1270, 0);
	call(1000, 1300);
	for (i = 0; i < 3; i++) {
		struct join_op o = op_of(1000, 1300, i == 1 ? 2000 : 1300, at[i],
					 i == 1 ? LOAD_SEEN_SHARED :
						  LOAD_SEEN_SHARED | LOAD_SEEN_DONE);

		o.batch = 3;
		o.row = (uint16_t)i;
		join_op_add(j, 0, &o);
	}
	assert_int_equal(join_row(j, 0, 0)->path[WHY_FORCED_WAIT], 1);
	assert_int_equal(join_row(j, 0, 1)->path[WHY_QUEUED], 1);
	assert_int_equal(join_row(j, 0, 2)->path[WHY_FORCED_WAIT], 1);
	assert_int_equal(join_row(j, 0, 0)->blocked_ns, 100);
	assert_int_equal(join_row(j, 0, 1)->blocked_ns, 10);
	assert_int_equal(join_row(j, 0, 2)->blocked_ns, 100);
	/* The second waited for the first, less its own wait for the lock. */
	assert_int_equal(join_row(j, 0, 1)->behind->sum_ns, 140);
	assert_int_equal(join_row(j, 0, 1)->convoy->sum_ns, 10);
	assert_int_equal(join_row(j, 0, 2)->behind->sum_ns, 160);
}

static void test_a_punted_write_is_served_by_a_worker(void **state)
{
	(void)state;
	switched(EVENT_IN, WORKER, 500);
	ring(EVENT_PUNT, LOAD, 1050, 0x1000 + 65536);
	call(1000, 1100);
	/* The worker was asleep without work; then it has some. */
	slept(WORKER, NULL, 600, 1080, 1200, LOAD);
	slept(WORKER, "I_RWSEM_W", 1300, 1500, 1550, WORKER2);
	dio(EVENT_BEGIN, WORKER, 1600, 65536, 4096, 65536, true);
	slept(WORKER, "FORCED_WAIT", 1650, 1800, 1810, 0);
	ring(EVENT_REPLY, WORKER, 1900, 0x1000 + 65536);
	op(1000, 1100, 2500, 65536, 0);
	assert_int_equal(row()->path[WHY_PUNTED], 1);
	assert_int_equal(row()->then[WHY_FORCED_WAIT], 1);
	assert_int_equal(row()->ran_as[WHY_RAN_AT], 1);
	assert_int_equal(row()->blocked_ns, 350);
	assert_int_equal(row()->convoy->sum_ns, 200);
	assert_step(0, WHY_RUNNING, 0, 100);
	assert_step(1, WHY_IOWQ, 100, 100);
	assert_step(2, WHY_RUNNING, 200, 100);
	assert_step(3, WHY_SLEEP, 300, 200);
	assert_step(4, WHY_RUNQUEUE, 500, 50);
	assert_int_equal(sum(row()->lat_stage_ns), 1500);
	assert_int_equal(row()->lat_stage_ns[WHY_REAP], 600);
	assert_int_equal(row()->lat_stage_ns[WHY_UNACCOUNTED], 0);
}

/* A hole fill is passed on by its worker, which then takes the next at once. */
static void test_a_worker_that_goes_on(void **state)
{
	(void)state;
	switched(EVENT_IN, WORKER, 500);
	ring(EVENT_PUNT, LOAD, 1050, 0x1000);
	ring(EVENT_PUNT, LOAD, 1060, 0x1000 + 4096);
	call(1000, 1100);
	slept(WORKER, "I_RWSEM_W", 1110, 1200, 1200, 0);
	dio(EVENT_BEGIN, WORKER, 1210, 0, 4096, 65536, false);
	slept(WORKER, "BLK_TAG", 1220, 1230, 1230, 0);
	slept(WORKER, "I_RWSEM_W", 1240, 1300, 1300, 0);
	dio(EVENT_BEGIN, WORKER, 1310, 4096, 4096, 65536, false);
	dio(EVENT_COMPLETE, KTHREAD, 2000, 0, 4096, 65536, false);
	op(1000, 1100, 2100, 0, 0);
	assert_int_equal(row()->then[WHY_QUEUED], 1);
	assert_int_equal(row()->ran_as[WHY_RAN_INSIDE], 1);
	assert_int_equal(row()->blocked_ns, 100);
	assert_int_equal(row()->cause_nr, 2);
	op(1000, 1100, 2200, 4096, 0);
	assert_int_equal(row()->then[WHY_QUEUED], 2);
	assert_int_equal(row()->blocked_ns, 160);
}

/* btrfs and FUSE: no begin, the reply alone tells whose the sleeps were. */
static void test_a_worker_without_a_begin(void **state)
{
	(void)state;
	switched(EVENT_IN, WORKER, 500);
	ring(EVENT_PUNT, LOAD, 1050, 0x1000 + 65536);
	call(1000, 1100);
	slept(WORKER, NULL, 600, 1080, 1200, LOAD);
	slept(WORKER, "BUFFERED_FALLBACK", 1300, 1500, 1550, 0);
	ring(EVENT_REPLY, WORKER, 1900, 0x1000 + 65536);
	op(1000, 1100, 2500, 65536, 0);
	assert_int_equal(row()->then[WHY_BUFFERED], 1);
	assert_int_equal(row()->blocked_ns, 200);
	assert_int_equal(row()->ran_as[WHY_RAN_AT], 0);
}

static void test_a_punt_without_evidence_is_unaccounted(void **state)
{
	(void)state;
	ring(EVENT_PUNT, LOAD, 1050, 0x1000);
	call(1000, 1100);
	op(1000, 1100, 2100, 0, 0);
	assert_int_equal(row()->path[WHY_PUNTED], 1);
	assert_int_equal(row()->then[WHY_UNKNOWN], 1);
	assert_int_equal(row()->lat_stage_ns[WHY_UNACCOUNTED], 1000);
}

/* A ring's thread that submits may complete what it has passed on, in between. */
static void test_completed_by_the_submitting_thread(void **state)
{
	(void)state;
	join_watched(j, 500);
	switched(EVENT_IN, WORKER, 900);
	call(1000, 1100);
	dio(EVENT_COMPLETE, WORKER, 1500, 0, 4096, 65536, false);
	op(1000, 1100, 2000, 0, LOAD_SEEN_UNLOOKED);
	assert_int_equal(row()->path[WHY_QUEUED], 1);
	assert_int_equal(row()->path[WHY_INLINE], 0);
}

/* As many as a deep queue has in flight: none takes another's evidence away. */
static void test_many_requests(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < 512; i++)
		ring(EVENT_PUNT, LOAD, 1010 + i, 0x1000 + i * sizeof(struct load_op));
	for (i = 0; i < 512; i++)
		ring(EVENT_REPLY, WORKER, 2000 + i, 0x1000 + i * sizeof(struct load_op));
	call(1000, 1900);
	for (i = 0; i < 512; i++)
		op(1000, 1900, 5000, i * sizeof(struct load_op), 0);
	assert_int_equal(row()->path[WHY_PUNTED], 512);
	assert_int_equal(row()->then[WHY_UNKNOWN], 0);
}

/* A punt may be what was lost: then the write was not queued for sure. */
static void test_a_lost_punt(void **state)
{
	(void)state;
	join_lossy(j);
	call(1000, 1100);
	op(1000, 1100, 2100, 0, 0);
	assert_int_equal(row()->path[WHY_QUEUED], 1);
	ring(EVENT_PUNT, LOAD, 2150, 0x1000);
	call(2100, 2200);
	op(2100, 2200, 3100, 0, 0);
	assert_int_equal(row()->path[WHY_PUNTED], 1);
	call(3100, 3200);
	op(3100, 3200, 4100, 4096, 0);
	assert_int_equal(row()->path[WHY_UNKNOWN], 1);
	assert_int_equal(row()->lost, 1);
}

/* The operation of an earlier turn of the same record was punted, not this one. */
static void test_an_old_punt_is_not_this_ones(void **state)
{
	(void)state;
	ring(EVENT_PUNT, LOAD, 900, 0x1000);
	call(1000, 1100);
	op(1000, 1100, 2100, 0, 0);
	assert_int_equal(row()->path[WHY_QUEUED], 1);
}

static void test_the_completion_has_stages_and_causes(void **state)
{
	(void)state;
	call(1000, 1100);
	work(EVENT_WORK_QUEUE, 0, 3000, 0xabc);
	work(EVENT_WORK_START, KTHREAD, 3200, 0xabc);
	assert_int_equal(join_new_completer(j), KTHREAD);
	assert_int_equal(join_new_completer(j), 0);
	slept(KTHREAD, "JBD2_LOCKED", 3300, 3400, 3450, 0);
	dio(EVENT_COMPLETE, KTHREAD, 3600, 0, 4096, 65536, false);
	work(EVENT_WORK_END, KTHREAD, 3650, 0xabc);
	op(1000, 1100, 4000, 0, 0);
	assert_step(1, WHY_DEVICE, 100, 1900);
	assert_step(2, WHY_WQ_WAIT, 2000, 200);
	assert_step(3, WHY_WQ_RUN, 2200, 400);
	assert_step(4, WHY_REAP, 2600, 400);
	assert_int_equal(row()->cause_nr, 1);
	assert_true(row()->cause[0].in_completion);
	/* It blocked nobody's submission. */
	assert_int_equal(row()->blocked_ns, 0);
}

/* Complete in the kernel, but its thread was blocked by another's submission. */
static void test_held(void **state)
{
	(void)state;
	call(1000, 1100);
	dio(EVENT_COMPLETE, KTHREAD, 1500, 0, 4096, 65536, false);
	slept(LOAD, "FORCED_WAIT", 1400, 1900, 1950, 0);
	call(1300, 2000);
	op(1000, 1100, 2000, 0, 0);
	assert_int_equal(row()->held_nr, 1);
	assert_int_equal(row()->held->sum_ns, 450);
}

static void test_who_held_it_up(void **state)
{
	(void)state;
	switched(EVENT_IN, WORKER, 500);
	switched(EVENT_IN, WORKER2, 500);
	dio(EVENT_BEGIN, WORKER2, 1000, 8192, 4096, 65536, true);
	ring(EVENT_PUNT, LOAD, 1050, 0x1000 + 65536);
	call(1000, 1100);
	slept(WORKER, NULL, 600, 1080, 1200, LOAD);
	slept(WORKER, "I_RWSEM_W", 1300, 1500, 1550, WORKER2);
	ring(EVENT_REPLY, WORKER, 1900, 0x1000 + 65536);
	op(1000, 1100, 2500, 65536, 0);
	assert_int_equal(row()->worst[0].step[3].stage, WHY_SLEEP);
	assert_true(row()->worst[0].step[3].has_by);
	assert_int_equal(row()->worst[0].step[3].by_offset, 8192);
}

static void test_the_ramp_counts_for_nothing(void **state)
{
	struct join_op o = op_of(1000, 1100, 2000, 0, 0);

	(void)state;
	o.counts = false;
	call(1000, 1100);
	join_op_add(j, 0, &o);
	assert_null(join_row(j, 0, 0));
}

static void test_the_worst_are_the_longest(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		/* 0, 37, 74, 11, ...: each length below 100 once. */
		uint64_t lat_ns = 1000 + i * 37 % 100, at_ns = 10000 * (i + 1);

		call(at_ns, at_ns + 10);
		op(at_ns, at_ns + 10, at_ns + lat_ns, 4096 * i, 0);
	}
	assert_int_equal(row()->worst_nr, WHY_WORST_NR);
	for (i = 0; i < WHY_WORST_NR; i++)
		assert_int_equal(row()->worst[i].lat_ns, 1099 - i);
}

static void test_rows_merge(void **state)
{
	struct why_row both = { 0 };

	(void)state;
	test_a_forced_wait(NULL);
	assert_int_equal(why_row_merge(&both, row()), 0);
	assert_int_equal(why_row_merge(&both, row()), 0);
	assert_int_equal(both.joined, 2);
	assert_int_equal(both.path[WHY_FORCED_WAIT], 2);
	assert_int_equal(both.blocked_ns, 120);
	assert_int_equal(both.cause_nr, 1);
	assert_int_equal(hist_count(both.cause[0].sleep), 2);
	assert_int_equal(both.worst_nr, 2);
	why_row_clear(&both);
	assert_int_equal(both.cause_nr, 0);
}

/* Far more than any table holds: nothing breaks, and what is new is still found. */
static void test_memory_is_bounded(void **state)
{
	uint64_t i;

	(void)state;
	for (i = 1; i <= 50000; i++) {
		uint64_t at_ns = i * 1000;

		dio(EVENT_BEGIN, LOAD, at_ns + 10, i * 4096, 4096, i * 4096, true);
		slept(LOAD, "FORCED_WAIT", at_ns + 20, at_ns + 80, at_ns + 90, 0);
		call(at_ns, at_ns + 100);
		op(at_ns, at_ns + 100, at_ns + 100, i * 4096,
		   LOAD_SEEN_DONE | LOAD_SEEN_SLEPT);
		ring(EVENT_PUNT, LOAD, at_ns, i << 20);
		switched(EVENT_IN, (int32_t)(1000 + i % 10000), at_ns);
	}
	assert_int_equal(row()->path[WHY_FORCED_WAIT], 50000);
	assert_int_equal(row()->blocked_ns, 60 * 50000);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_quick_call_was_queued),
		TEST(test_a_forced_wait),
		TEST(test_a_flagged_write_that_did_not_sleep_is_inline),
		TEST(test_precedence),
		TEST(test_waits_for_events_are_not_blocking),
		TEST(test_preemption_is_no_cause),
		TEST(test_a_sleep_without_a_chain_is_other),
		TEST(test_an_unknown_of_a_model),
		TEST(test_a_lost_sleep),
		TEST(test_a_shared_call_is_split),
		TEST(test_a_punted_write_is_served_by_a_worker),
		TEST(test_a_worker_that_goes_on),
		TEST(test_a_worker_without_a_begin),
		TEST(test_a_punt_without_evidence_is_unaccounted),
		TEST(test_completed_by_the_submitting_thread),
		TEST(test_many_requests),
		TEST(test_a_lost_punt),
		TEST(test_an_old_punt_is_not_this_ones),
		TEST(test_the_completion_has_stages_and_causes),
		TEST(test_held),
		TEST(test_who_held_it_up),
		TEST(test_the_ramp_counts_for_nothing),
		TEST(test_the_worst_are_the_longest),
		TEST(test_rows_merge),
		TEST(test_memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
