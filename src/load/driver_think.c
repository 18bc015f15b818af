// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pauses of a client that thinks between its writes, as fio's thinktime has them: what is
 * in flight is waited for, then nothing is done for a while.
 */
#include "load/driver_private.h"

/* Operations that thinktime_blocks counts, since the start. */
static uint64_t think_count(const struct driver *d)
{
	uint64_t issued = d->next - d->held_nr;

	return d->job->thinktime_blocks_type == WORKLOAD_THINK_ISSUE ?
		       issued :
		       issued - (d->depth - d->free_nr);
}

static bool think_is_due(const struct driver *d)
{
	const struct workload_job *job = d->job;

	if (job->thinktime_iotime_ns &&
	    d->now_ns - (d->think_ns ? d->think_ns : d->begin_ns) >=
		    job->thinktime_iotime_ns)
		return true;
	/* Its default would be due at once. */
	if (job->thinktime_iotime_ns && !workload_is_set(job, "thinktime_blocks"))
		return false;
	return think_count(d) >= d->think_i + job->thinktime_blocks;
}

int driver_think(struct driver *d)
{
	uint64_t spun_ns, until_ns;
	int rc;

	/* Behind the last one there is nothing to think of. */
	if (d->planned || d->next >= d->limit || !think_is_due(d))
		return 0;
	rc = driver_wait_all(d);
	if (rc)
		return rc;
	until_ns = d->now_ns + d->job->thinktime_ns;
	until_ns = until_ns < d->end_ns ? until_ns : d->end_ns;
	spun_ns = d->now_ns + d->job->thinktime_spin_ns;
	while (d->now_ns < spun_ns && d->now_ns < until_ns)
		d->now_ns = driver_now_ns();
	driver_sleep(d->t->group, until_ns);
	d->now_ns = driver_now_ns();
	/* That sleep is no call's. */
	if (d->switches_now)
		d->switches = d->switches_now();
	d->think_i = think_count(d);
	d->think_ns = d->now_ns;
	return 0;
}
