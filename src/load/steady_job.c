// SPDX-License-Identifier: GPL-2.0-or-later
#include "load/steady_job.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "load/series.h"
#include "workload/workload.h"

#define POINTS_MAX 86400 /* where no runtime bounds them */

struct steady_point {
	double ops, bytes, lat_ns;
};

/* Of a thread: what is not a whole interval yet. */
struct steady_thread {
	struct steady_sum part;
	uint64_t part_ns, all_ns; /* of part, and of all that it has told of */
	size_t nr;		  /* intervals that it has told of */
	bool left;
};

struct steady_job {
	pthread_mutex_t lock;
	struct workload_steady rule;
	uint64_t interval_ns;
	size_t first, window; /* intervals before it starts, and of each window */
	struct steady_point *point;
	size_t max, judged; /* points there may be, and those that were judged */
	struct steady_thread *thread;
	unsigned int thread_nr;
	double *value; /* a window of them */
	struct steady_verdict last;
	bool attained;
};

struct steady_job *steady_job_new(const struct workload_job *job)
{
	struct steady_job *s = calloc(1, sizeof(*s));
	uint64_t runtime;

	if (!s)
		return NULL;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)workload_steady(job->steadystate, &s->rule);
	s->interval_ns = job->steadystate_check_interval_ns;
	s->window = (size_t)(job->steadystate_duration_ns / s->interval_ns);
	s->first = (size_t)((job->steadystate_ramp_time_ns + s->interval_ns - 1) /
			    s->interval_ns);
	runtime = job->runtime_ns / s->interval_ns + 2;
	s->max = job->runtime_ns && runtime < POINTS_MAX ? (size_t)runtime : POINTS_MAX;
	s->thread_nr = job->numjobs;
	/* Pages that no interval comes to are never touched. */
	s->point = calloc(s->max, sizeof(*s->point));
	s->thread = calloc(s->thread_nr, sizeof(*s->thread));
	s->value = calloc(s->window, sizeof(*s->value));
	if (s->point && s->thread && s->value)
		return s;
	steady_job_free(s);
	return NULL;
}

void steady_job_free(struct steady_job *s)
{
	if (!s)
		return;
	(void)pthread_mutex_destroy(&s->lock);
	free(s->point);
	free(s->thread);
	free(s->value);
	free(s);
}

static double steady_value(const struct steady_job *s, const struct steady_point *p)
{
	const double seconds = (double)s->interval_ns / 1e9;

	switch (s->rule.of) {
	case WORKLOAD_STEADY_BW:
		return p->bytes / seconds;
	case WORKLOAD_STEADY_LAT:
		return p->ops > 0 ? p->lat_ns / p->ops : 0;
	default:
		return p->ops / seconds;
	}
}

/* The window that ends with interval `end` - 1. */
static void steady_judge_window(struct steady_job *s, size_t end)
{
	size_t i;

	for (i = 0; i < s->window; i++)
		s->value[i] = steady_value(s, &s->point[end - s->window + i]);
	s->last = steady_judge(s->value, s->window, s->rule.slope, s->rule.percent);
	s->attained = fabs(s->last.value) < s->rule.limit;
}

/* Intervals that every thread which is there has told of. Under the lock. */
static void steady_look(struct steady_job *s)
{
	size_t nr = SIZE_MAX;
	unsigned int i;

	for (i = 0; i < s->thread_nr; i++)
		if (!s->thread[i].left && s->thread[i].nr < nr)
			nr = s->thread[i].nr;
	if (nr == SIZE_MAX)
		return;
	while (s->judged < nr && !s->attained)
		if (++s->judged >= s->first + s->window)
			steady_judge_window(s, s->judged);
}

/* Whole intervals of a thread; one that was stuck for several did nothing in the first. */
static void steady_take(struct steady_job *s, struct steady_thread *t)
{
	/* A tick comes a little early or late; it is of its second all the same. */
	size_t end = (size_t)((t->all_ns + SERIES_WIDTH_NS / 4) / s->interval_ns), nr;

	if (end > s->max)
		end = s->max;
	if (end <= t->nr)
		return;
	nr = end - t->nr;
	t->nr = end;
	/* What came in its last interval is of the time that has passed. */
	s->point[t->nr - 1].ops += (double)t->part.ops * (double)(nr * s->interval_ns) /
				   (double)t->part_ns;
	s->point[t->nr - 1].bytes += (double)t->part.bytes *
				     (double)(nr * s->interval_ns) / (double)t->part_ns;
	s->point[t->nr - 1].lat_ns += (double)t->part.lat_ns *
				      (double)(nr * s->interval_ns) / (double)t->part_ns;
	t->part = (struct steady_sum){ 0 };
	t->part_ns = 0;
}

bool steady_job_tell(struct steady_job *s, unsigned int thread, uint64_t ns,
		     const struct steady_sum *sum, struct steady_sum *told)
{
	struct steady_thread *t = &s->thread[thread];
	bool steady;

	(void)pthread_mutex_lock(&s->lock);
	t->part_ns += ns;
	t->all_ns += ns;
	t->part.ops += sum->ops - told->ops;
	t->part.bytes += sum->bytes - told->bytes;
	t->part.lat_ns += sum->lat_ns - told->lat_ns;
	*told = *sum;
	steady = s->attained;
	if (!steady && t->nr < s->max) {
		steady_take(s, t);
		steady_look(s);
		steady = s->attained;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return steady;
}

void steady_job_leave(struct steady_job *s, unsigned int thread)
{
	(void)pthread_mutex_lock(&s->lock);
	s->thread[thread].left = true;
	(void)pthread_mutex_unlock(&s->lock);
}

bool steady_job_attained(struct steady_job *s)
{
	bool attained;

	(void)pthread_mutex_lock(&s->lock);
	attained = s->attained;
	(void)pthread_mutex_unlock(&s->lock);
	return attained;
}

struct steady_verdict steady_job_verdict(const struct steady_job *s, double *after_s)
{
	*after_s = s->judged >= s->first + s->window ?
			   (double)s->judged * (double)s->interval_ns / 1e9 :
			   0;
	return s->last;
}
