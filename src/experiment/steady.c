// SPDX-License-Identifier: GPL-2.0-or-later
/* steadystate=: what the threads of a job share in a round, and what became of it. */
#include "experiment/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int experiment_steady_begin(struct experiment *x, struct experiment_group *g)
{
	unsigned int i;
	size_t k;

	experiment_steady_free(g);
	g->steady = calloc(g->job_nr, sizeof(*g->steady));
	if (!g->steady)
		return -ENOMEM;
	for (i = 0; i < g->thread_nr; i++) {
		struct driver_thread *t = &g->thread[i];

		t->steady = NULL;
		t->steady_told = (struct steady_sum){ 0 };
		if (!t->job->steadystate)
			continue;
		k = (size_t)(t->job - x->w->job) - g->first_job;
		if (!g->steady[k])
			g->steady[k] = steady_job_new(t->job);
		if (!g->steady[k])
			return -ENOMEM;
		t->steady = g->steady[k];
	}
	return 0;
}

int experiment_steady_result(const struct experiment *x, const struct experiment_group *g,
			     struct result_round *rr)
{
	size_t k;

	for (k = 0; k < g->job_nr; k++) {
		const struct workload_job *job = &x->w->job[g->first_job + k];
		struct result_steady *grown, *s;
		struct steady_verdict verdict;

		if (!g->steady[k])
			continue;
		grown = realloc(rr->steady, (rr->steady_nr + 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		rr->steady = grown;
		s = &grown[rr->steady_nr++];
		*s = (struct result_steady){
			.job = strdup(job->name),
			.criterion = strdup(job->steadystate),
			.attained = steady_job_attained(g->steady[k]),
		};
		verdict = steady_job_verdict(g->steady[k], &s->after_s);
		s->mean = verdict.mean;
		s->value = verdict.value;
		if (!s->job || !s->criterion)
			return -ENOMEM;
	}
	return 0;
}

void experiment_steady_free(struct experiment_group *g)
{
	size_t k;

	for (k = 0; g->steady && k < g->job_nr; k++)
		steady_job_free(g->steady[k]);
	free(g->steady);
	g->steady = NULL;
}
