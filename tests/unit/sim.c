// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SIM_DEPTH_MAX 4096

struct sim_script sim;

struct engine {
	struct load_op *queue[SIM_DEPTH_MAX];
	unsigned int queued;
	struct {
		struct engine_done done;
		uint64_t ready_ns;
	} flight[SIM_DEPTH_MAX];
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

	while (ns && nanosleep(&ts, &ts))
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

static int sim_submit(struct engine *e)
{
	unsigned int taken = 0;

	sim.calls++;
	while (e->queued && (!sim.accept_max || taken < sim.accept_max)) {
		struct load_op *op = e->queue[0];
		uint64_t nr = sim.nr;
		int rc = sim.refuse ? sim.refuse(nr, op) : 0;

		if (rc)
			return taken ? (int)taken : rc;
		if (sim.call_ns)
			sim_sleep(sim.call_ns(nr, op));
		e->flight[e->inflight].done = (struct engine_done){
			.op = op,
			.res = sim.result ? sim.result(nr, op) : op->len,
		};
		e->flight[e->inflight++].ready_ns =
			sim_now_ns() + (sim.service_ns ? sim.service_ns(nr, op) : 0);
		if (e->inflight > sim.inflight_max)
			sim.inflight_max = e->inflight;
		sim.nr++;
		taken++;
		sim_take_first(e);
	}
	return (int)taken;
}

static unsigned int sim_look(struct engine *e, unsigned int max, struct engine_done *done)
{
	uint64_t now_ns = sim_now_ns();
	unsigned int nr = 0, i;

	for (i = 0; i < e->inflight && nr < max;) {
		if (e->flight[i].ready_ns > now_ns) {
			i++;
			continue;
		}
		done[nr++] = e->flight[i].done;
		e->inflight--;
		memmove(&e->flight[i], &e->flight[i + 1],
			(e->inflight - i) * sizeof(e->flight[0]));
	}
	return nr;
}

static int sim_wait(struct engine *e, unsigned int min, unsigned int max,
		    struct engine_done *done)
{
	unsigned int nr = 0;

	while (nr < min)
		nr += sim_look(e, max - nr, done + nr);
	return (int)nr;
}

static void sim_close(struct engine *e)
{
	free(e);
}

static const struct engine_ops sim_ops = {
	.name = "sim",
	.open = sim_open,
	.prep = sim_prep,
	.submit = sim_submit,
	.drop = sim_take_first,
	.look = sim_look,
	.wait = sim_wait,
	.close = sim_close,
};

void sim_reset(void)
{
	memset(&sim, 0, sizeof(sim));
	engine_sim = &sim_ops;
}
