// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a load thread runs, and when it begins. */
#include "load/driver_private.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#define NAP_MAX_NS 50000000u /* until somebody who wants an end is heard */

/* The nr-th of a set, counted round and round, alone. */
static void place_split(cpu_set_t *set, unsigned int nr)
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
		place_split(&set, t->job_thread);
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
static bool start_waits(const struct driver_thread *t)
{
	const struct driver_group *g = t->group;
	unsigned int i;

	for (i = 0; i < g->thread_nr; i++)
		if (!strcmp(g->thread[i].job->name, t->job->wait_for) &&
		    !g->thread[i].over)
			return true;
	return false;
}

void driver_delay(struct driver_thread *t)
{
	struct driver_group *g = t->group;
	uint64_t begin_ns, end_ns;

	if (t->job->wait_for) {
		(void)pthread_mutex_lock(&g->lock);
		while (!atomic_load(&g->stop) && start_waits(t))
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
