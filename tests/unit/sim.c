// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIM_DEPTH_MAX 4096

struct sim_script sim;

/* Acceptances and takings of all threads, in one order. */
static pthread_mutex_t sim_lock = PTHREAD_MUTEX_INITIALIZER;

struct sim_flight {
	struct engine_done done;
	uint64_t nr, ready_ns;
};

struct engine {
	struct load_op *queue[SIM_DEPTH_MAX];
	unsigned int queued;
	struct sim_flight flight[SIM_DEPTH_MAX]; /* oldest first */
	unsigned int inflight;
};

static uint64_t sim_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void sim_sleep(uint64_t ns)
{
	struct timespec ts = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };

	if (!ns)
		return;
	sim.slept++;
	while (nanosleep(&ts, &ts))
		;
}

static void sim_max(_Atomic unsigned int *max, unsigned int nr)
{
	unsigned int was = *max;

	while (nr > was && !atomic_compare_exchange_weak(max, &was, nr))
		;
}

static void sim_min(_Atomic unsigned int *min, unsigned int nr)
{
	unsigned int was = *min;

	while (nr < was && !atomic_compare_exchange_weak(min, &was, nr))
		;
}

static int sim_open(const struct engine_setup *setup, struct engine **out,
		    const char **what)
{
	*what = "sim";
	if (setup->depth > SIM_DEPTH_MAX)
		return -EINVAL;
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

static void sim_prep(struct engine *e, struct load_op *op)
{
	e->queue[e->queued++] = op;
}

static void sim_take_first(struct engine *e)
{
	e->queued--;
	memmove(e->queue, e->queue + 1, e->queued * sizeof(e->queue[0]));
}

static void sim_drop(struct engine *e)
{
	sim.dropped++;
	sim_take_first(e);
}

static void sim_accepted(const struct load_op *op)
{
	if (!sim.accepted)
		return;
	pthread_mutex_lock(&sim_lock);
	sim.accepted(op, sim.inflight_all++);
	pthread_mutex_unlock(&sim_lock);
}

static void sim_taken(unsigned int nr)
{
	if (!sim.accepted || !nr)
		return;
	pthread_mutex_lock(&sim_lock);
	sim.inflight_all -= nr;
	pthread_mutex_unlock(&sim_lock);
}

static int sim_submit(struct engine *e)
{
	unsigned int taken = 0;

	sim.calls++;
	while (e->queued && (!sim.accept_max || taken < sim.accept_max)) {
		struct load_op *op = e->queue[0];
		struct sim_flight *f = &e->flight[e->inflight];
		int rc = sim.refuse ? sim.refuse(sim.nr, op) : 0;

		if (rc)
			return taken ? (int)taken : rc == SIM_NONE ? 0 : rc;
		f->nr = sim.nr++;
		if (sim.call_ns)
			sim_sleep(sim.call_ns(f->nr, op));
		sim_accepted(op);
		f->done.op = op;
		f->done.res = sim.result ? sim.result(f->nr, op) : op->len;
		f->ready_ns = sim.service_ns ? sim_now_ns() + sim.service_ns(f->nr, op) :
					       0;
		sim_max(&sim.inflight_max, ++e->inflight);
		taken++;
		sim_take_first(e);
	}
	return (int)taken;
}

static bool sim_is_ready(const struct sim_flight *f, uint64_t now_ns, bool forced)
{
	if (f->ready_ns > now_ns)
		return false;
	return forced || !sim.ready || sim.ready(f->nr, f->done.op);
}

static unsigned int sim_take(struct engine *e, unsigned int max, struct engine_done *done,
			     bool forced)
{
	uint64_t now_ns = sim.service_ns ? sim_now_ns() : 0;
	unsigned int nr = 0, i;

	for (i = 0; i < e->inflight && nr < max;) {
		if (!sim_is_ready(&e->flight[i], now_ns, forced)) {
			i++;
			continue;
		}
		done[nr++] = e->flight[i].done;
		e->inflight--;
		memmove(&e->flight[i], &e->flight[i + 1],
			(e->inflight - i) * sizeof(e->flight[0]));
	}
	sim_taken(nr);
	return nr;
}

static unsigned int sim_look(struct engine *e, unsigned int max, struct engine_done *done)
{
	unsigned int nr;

	sim.looks++;
	if (sim.nr < sim.planned)
		sim_min(&sim.look_inflight_min, e->inflight);
	sim_max(&sim.look_max, max);
	nr = sim_take(e, max, done, false);
	sim_max(&sim.take_max, nr);
	return nr;
}

/* An engine may take more than min: what is there by then, up to max. */
static int sim_wait(struct engine *e, unsigned int min, unsigned int max,
		    struct engine_done *done)
{
	unsigned int nr;

	sim.waits++;
	sim_max(&sim.wait_min_max, min);
	sim_max(&sim.wait_max_max, max);
	/* It would never return: the test hangs no longer than this. */
	if (min > e->inflight)
		abort();
	nr = sim_take(e, max, done, false);
	while (nr < min)
		nr += sim_take(e, min - nr, done + nr, true);
	sim_max(&sim.take_max, nr);
	return (int)nr;
}

static void sim_close(struct engine *e)
{
	/* The driver must have taken everything. */
	if (e && e->inflight)
		abort();
	free(e);
}

static const struct engine_ops sim_ops = {
	.name = "sim",
	.open = sim_open,
	.prep = sim_prep,
	.submit = sim_submit,
	.drop = sim_drop,
	.look = sim_look,
	.wait = sim_wait,
	.close = sim_close,
};

void sim_reset(void)
{
	memset(&sim, 0, sizeof(sim));
	sim.look_inflight_min = UINT_MAX;
	engine_sim = &sim_ops;
}

struct load_switches sim_switches(void)
{
	return (struct load_switches){
		.voluntary = sim.slept + sim.waits * sim.wait_switches,
	};
}
