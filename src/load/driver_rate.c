// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The open loop: operations are due at times that don't depend on how long others take,
 * as from clients that don't wait for each other. A load thread that is late submits at
 * once what is due, and neither leaves out nor moves what comes after it; how late it was,
 * and for what, is kept apart (an operation's resp counts from when it was due).
 */
#include "load/driver_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define NAP_MAX_NS 50000000u /* until the end is looked for again */
#define LOOK_NS 50000u	     /* naps of an engine that can't wait for a while */
#define SPANS 4096u

/* Uniform in (0, 1), of operation i; another draw than the plan's own. */
static double rate_uniform(const struct plan *p, uint64_t i)
{
	uint64_t draw = plan_mix64(plan_draw(p->key + i * 0x9e3779b97f4a7c15ull) +
				   0xd1b54a32d192ed03ull);

	return ((double)(draw >> 11) + 0.5) / 9007199254740992.0;
}

double driver_rate_gap_ns(const struct plan *p, const struct workload_job *job,
			  uint64_t i)
{
	struct plan_op op = { 0, 0 };
	double ns;

	if (job->rate) {
		plan_at(p, i, &op, false);
		ns = 1e9 * (double)op.len / (double)job->rate;
	} else {
		ns = 1e9 / job->rate_iops;
	}
	/* Gaps of a Poisson process are exponential: by the inverse of its distribution. */
	return job->rate_process == WORKLOAD_RATE_POISSON ?
		       -log(rate_uniform(p, i)) * ns :
		       ns;
}

int driver_rate_init(struct driver *d)
{
	d->rated = d->job->rate || d->job->rate_iops;
	if (!d->rated)
		return 0;
	/* Waits end when they should, not up to 50 us later. */
	(void)prctl(PR_SET_TIMERSLACK, 1UL);
	d->span = calloc(SPANS, sizeof(*d->span));
	return d->span ? 0 : -ENOMEM;
}

/* The clock starts; the plan may be past its first operation (a segment of a round). */
void driver_rate_begin(struct driver *d)
{
	d->rate_i = d->next;
	d->rate_ns = d->job->rate_process == WORKLOAD_RATE_POISSON ?
			     driver_rate_gap_ns(&d->plan, d->job, d->next) :
			     0;
}

uint64_t driver_rate_due_ns(struct driver *d)
{
	while (d->rate_i < d->next) {
		/* Evenly spaced, the gap is the one behind an operation of that length. */
		bool poisson = d->job->rate_process == WORKLOAD_RATE_POISSON;

		d->rate_ns += driver_rate_gap_ns(&d->plan, d->job,
						 poisson ? d->rate_i + 1 : d->rate_i);
		d->rate_i++;
	}
	return d->begin_ns + (uint64_t)d->rate_ns;
}

bool driver_rate_is_due(struct driver *d)
{
	uint64_t due_ns = driver_rate_due_ns(d);

	if (due_ns <= d->now_ns)
		return true;
	d->now_ns = driver_now_ns();
	return due_ns <= d->now_ns;
}

void driver_rate_span(struct driver *d, uint64_t begin_ns, uint64_t end_ns, bool is_call)
{
	d->span[d->span_nr++ % SPANS] = (struct driver_span){ begin_ns, end_ns,
							      d->span_call_ns,
							      d->span_full_ns, is_call };
	if (is_call)
		d->span_call_ns += end_ns - begin_ns;
	else
		d->span_full_ns += end_ns - begin_ns;
}

/* The last span that began before at_ns, of those that are kept; NULL: none. */
static const struct driver_span *rate_span_at(const struct driver *d, uint64_t at_ns)
{
	uint64_t low = d->span_nr > SPANS ? d->span_nr - SPANS : 0, high = d->span_nr;
	uint64_t first = low;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (d->span[middle % SPANS].begin_ns <= at_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low > first ? &d->span[(low - 1) % SPANS] : NULL;
}

/*
 * Why an operation was submitted later than due: how long since then the thread was in
 * submission calls, waited for a place in the queue; the rest is the generator's own. What
 * is older than the last SPANS calls and waits is taken for its own, too.
 */
void driver_rate_late(struct driver *d, const struct load_op *op)
{
	struct driver_late *late = &driver_item_of(op)->row->late;
	uint64_t call_ns = 0, full_ns = 0, all_ns, part_ns;
	const struct driver_span *s;

	if (op->submit_ns <= op->due_ns)
		return;
	all_ns = op->submit_ns - op->due_ns;
	s = rate_span_at(d, op->due_ns);
	if (!s && d->span_nr)
		s = &d->span[d->span_nr > SPANS ? d->span_nr % SPANS : 0];
	if (s) {
		call_ns = d->span_call_ns - s->call_ns;
		full_ns = d->span_full_ns - s->full_ns;
		/* Of the one that it became due in, only the rest. */
		part_ns = op->due_ns < s->begin_ns ? 0 :
			  op->due_ns < s->end_ns   ? op->due_ns - s->begin_ns :
						     s->end_ns - s->begin_ns;
		if (s->is_call)
			call_ns -= part_ns;
		else
			full_ns -= part_ns;
	}
	late->call_ns += call_ns;
	late->full_ns += full_ns;
	all_ns -= call_ns + full_ns < all_ns ? call_ns + full_ns : all_ns;
	late->own_ns += all_ns;
	if (all_ns > late->own_max_ns)
		late->own_max_ns = all_ns;
}

int driver_rate_wait(struct driver *d)
{
	unsigned int flying = d->depth - d->free_nr;
	uint64_t due_ns = driver_rate_due_ns(d), ns;
	int rc = 0;

	d->now_ns = driver_now_ns();
	if (due_ns <= d->now_ns)
		return 0;
	ns = due_ns - d->now_ns < NAP_MAX_NS ? due_ns - d->now_ns : NAP_MAX_NS;
	if (flying && d->ops->wait_for)
		rc = d->ops->wait_for(d->e, d->complete_max, ns, d->done);
	else
		driver_sleep(d->t->group,
			     d->now_ns + (flying && ns > LOOK_NS ? LOOK_NS : ns));
	if (rc == -EINTR)
		rc = 0;
	if (rc < 0) {
		load_error_set(&d->t->error, "job %s: waiting for completions: %s",
			       d->job->name, strerror(-rc));
		return rc;
	}
	d->now_ns = driver_now_ns();
	if (rc > 0) {
		if (d->extend_wait)
			driver_model_took(d, d->done, (unsigned int)rc);
		driver_take_all(d, d->done, (unsigned int)rc, d->now_ns);
	}
	/* It slept here, whatever came; the next call must not be taken for it. */
	driver_waited(d, 1);
	return 0;
}
