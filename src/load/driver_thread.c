// SPDX-License-Identifier: GPL-2.0-or-later
/* A load thread from its start to its end: all that is around the loop. */
#include "load/driver_private.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define NAP_MAX_NS 50000000u /* until somebody who wants an end is heard */

/* The nr-th of a set, counted round and round, alone. */
static void thread_split(cpu_set_t *set, unsigned int nr)
{
	int left = (int)(nr % (unsigned int)CPU_COUNT(set)), cpu;

	for (cpu = 0; left || !CPU_ISSET(cpu, set); cpu++)
		left -= CPU_ISSET(cpu, set) ? 1 : 0;
	CPU_ZERO(set);
	CPU_SET(cpu, set);
}

int driver_place(struct driver_thread *t)
{
	const struct workload_job *job = t->job;
	cpu_set_t set;
	int rc;

	if (!job->cpus_allowed)
		return 0;
	rc = workload_cpus(job->cpus_allowed, &set);
	if (rc)
		return rc;
	if (job->cpus_allowed_policy == WORKLOAD_CPUS_SPLIT)
		thread_split(&set, t->job_thread);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return 0;
	rc = -errno;
	load_error_job(
		&t->error, job, "cpus_allowed", "cpus_allowed=%s: %s", job->cpus_allowed,
		rc == -EINVAL ? "no such processor is online here" : strerror(-rc));
	return rc;
}

void driver_sleep(struct driver_group *g, uint64_t until_ns)
{
	uint64_t now_ns;

	while (!atomic_load(&g->stop) && (now_ns = driver_now_ns()) < until_ns) {
		uint64_t ns = until_ns - now_ns < NAP_MAX_NS ? until_ns - now_ns :
							       NAP_MAX_NS;
		const struct timespec nap = { 0, (long)ns };

		(void)nanosleep(&nap, NULL);
	}
}

/* Whether a thread of the job that t waits for is at work. Under the group's lock. */
static bool thread_waits(const struct driver_thread *t)
{
	const struct driver_group *g = t->group;
	unsigned int i;

	for (i = 0; i < g->thread_nr; i++)
		if (!strcmp(g->thread[i].job->name, t->job->wait_for) &&
		    !g->thread[i].over)
			return true;
	return false;
}

/* Returns when startdelay= and wait_for= are over, or the group is stopped. */
static void thread_delay(struct driver_thread *t)
{
	struct driver_group *g = t->group;
	uint64_t begin_ns, end_ns;

	if (t->job->wait_for) {
		(void)pthread_mutex_lock(&g->lock);
		while (!atomic_load(&g->stop) && thread_waits(t))
			(void)pthread_cond_wait(&g->changed, &g->lock);
		(void)pthread_mutex_unlock(&g->lock);
	}
	if (!t->delay_ns)
		return;
	begin_ns = driver_now_ns();
	driver_sleep(g, begin_ns + t->delay_ns);
	end_ns = driver_now_ns();
	/* A rebuild of regions may come between: the rest of it then. */
	t->delay_ns = end_ns - begin_ns < t->delay_ns ?
			      t->delay_ns - (end_ns - begin_ns) :
			      0;
}

/* Set up; waits until all are. False: the run is called off. */
static bool thread_ready(struct driver_group *g)
{
	int go;

	(void)pthread_mutex_lock(&g->lock);
	g->ready++;
	(void)pthread_cond_broadcast(&g->changed);
	while (!g->go)
		(void)pthread_cond_wait(&g->changed, &g->lock);
	go = g->go;
	(void)pthread_mutex_unlock(&g->lock);
	return go > 0;
}

static void thread_over(struct driver_thread *t)
{
	struct driver_group *g = t->group;

	(void)pthread_mutex_lock(&g->lock);
	t->over = true;
	g->running--;
	(void)pthread_cond_broadcast(&g->changed);
	(void)pthread_mutex_unlock(&g->lock);
}

/* When the runtime is over; never, without one. 0 when a stop came before. */
static void thread_set_end(struct driver *d)
{
	struct driver_thread *t = d->t;

	d->end_ns = t->runtime_ns ? d->ramp_end_ns + t->runtime_ns : UINT64_MAX;
	d->ticked_ns = d->start_ns;
	d->tick_ns = d->start_ns + SERIES_WIDTH_NS;
	atomic_store(&t->end_ns, (t->series || t->steady) && d->tick_ns < d->end_ns ?
					 d->tick_ns :
					 d->end_ns);
	if (atomic_load(&t->group->stop) || (t->steady && steady_job_attained(t->steady)))
		atomic_store(&t->end_ns, 0);
}

void driver_stop(struct driver_group *g, struct driver_thread *t, unsigned int nr)
{
	unsigned int i;

	atomic_store(&g->stop, 1);
	for (i = 0; i < nr; i++)
		atomic_store(&t[i].end_ns, 0);
}

void *driver_run(void *arg)
{
	struct driver_thread *t = arg;
	struct driver d = { 0 };
	uint64_t bytes_left;
	bool go;
	int rc;

	t->end = DRIVER_END_LIMIT;
	rc = driver_init(&d, t);
	if (rc && !t->error.text[0])
		load_error_set(&t->error, "job %s: %s", t->job->name, strerror(-rc));
	/* Half of what was asked for is not measured. */
	if (rc)
		driver_stop(t->group, t->group->thread, t->group->thread_nr);
	go = thread_ready(t->group);
	if (go && !rc)
		thread_delay(t);
	if (go && atomic_load(&t->group->stop)) {
		t->end = DRIVER_END_STOPPED;
	} else if (go && !rc) {
		if (t->group->switches)
			d.switches = t->group->switches();
		d.begin_ns = d.start_ns = d.now_ns = driver_now_ns();
		d.ramp_end_ns = d.start_ns + t->ramp_ns;
		bytes_left = d.bytes_left;
		thread_set_end(&d);
		if (d.rated)
			driver_rate_begin(&d);
		rc = driver_loop(&d);
		if (t->series || t->steady)
			driver_tick(&d);
		if (!d.ramping) {
			t->measured_ns += d.now_ns - d.start_ns;
			t->issued += d.next - d.first_counted - d.not_counted;
		}
		t->issued_bytes += bytes_left - d.bytes_left;
	}
	if (rc)
		t->end = DRIVER_END_ERROR;
	t->next_op = d.next;
	t->blocked_min_ns = d.tier0 ? d.blocked_min_ns : 0;
	driver_fini(&d);
	/* A region used up may be laid out anew, and the thread go on. */
	if (t->steady && t->end != DRIVER_END_STOPPED &&
	    !(t->end == DRIVER_END_USED_UP && t->job->time_based))
		steady_job_leave(t->steady, t->job_thread);
	/*
	 * An error ends the run, as the first end does where exitall= wants it; a region
	 * used up is rebuilt for all who share it, with the clock stopped.
	 */
	if (t->end == DRIVER_END_ERROR || (go && t->group->end_all) ||
	    (t->end == DRIVER_END_USED_UP && t->job->time_based))
		driver_stop(t->group, t->group->thread, t->group->thread_nr);
	thread_over(t);
	return NULL;
}
