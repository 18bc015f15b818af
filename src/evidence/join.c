// SPDX-License-Identifier: GPL-2.0-or-later
/* The state of the join: rounds, threads, calls with their sleeps, statistics. */
#include "evidence/join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/join_private.h"

int join_new(struct join **out)
{
	struct join *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->served = calloc(JOIN_TABLE, sizeof(*j->served));
	j->done = calloc(JOIN_TABLE, sizeof(*j->done));
	j->begun = calloc(JOIN_TABLE, sizeof(*j->begun));
	j->request = calloc(JOIN_TABLE, sizeof(*j->request));
	j->queued = calloc(JOIN_TABLE, sizeof(*j->queued));
	j->watched_ns = UINT64_MAX;
	if (!j->served || !j->done || !j->begun || !j->request || !j->queued) {
		join_free(j);
		return -ENOMEM;
	}
	*out = j;
	return 0;
}

static void join_forget_tasks(struct join *j)
{
	size_t i;

	for (i = 0; i < JOIN_TASKS; i++) {
		if (!j->task[i])
			continue;
		free(j->task[i]->sleep);
		free(j->task[i]->slept);
		free(j->task[i]->begun);
		free(j->task[i]);
		j->task[i] = NULL;
	}
	j->task_nr = 0;
	for (i = 0; i < j->thread_nr; i++)
		j->thread[i].task = NULL;
}

void join_free(struct join *j)
{
	if (!j)
		return;
	join_reset(j);
	join_forget_tasks(j);
	free(j->served);
	free(j->done);
	free(j->begun);
	free(j->request);
	free(j->queued);
	free(j);
}

void join_begin(struct join *j, unsigned int round)
{
	join_forget_tasks(j);
	j->round = round;
	memset(j->served, 0, JOIN_TABLE * sizeof(*j->served));
	memset(j->done, 0, JOIN_TABLE * sizeof(*j->done));
	memset(j->begun, 0, JOIN_TABLE * sizeof(*j->begun));
	memset(j->request, 0, JOIN_TABLE * sizeof(*j->request));
	memset(j->queued, 0, JOIN_TABLE * sizeof(*j->queued));
	j->watched_ns = UINT64_MAX;
	j->begun_ns = j->done_ns = j->punt_ns = 0;
	j->lossy = false;
	j->new_completer_nr = 0;
}

int join_thread(struct join *j, unsigned int thread, int32_t tid)
{
	struct join_task *t = join_task(j, tid);

	if (!t)
		return -ENOMEM;
	if (thread >= j->thread_nr) {
		struct join_thread *grown = realloc(j->thread,
						    (thread + 1) * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		memset(grown + j->thread_nr, 0,
		       (thread + 1 - j->thread_nr) * sizeof(*grown));
		j->thread = grown;
		j->thread_nr = thread + 1;
	}
	t->role = JOIN_LOAD;
	t->sleep = calloc(JOIN_SLEEPS, sizeof(*t->sleep));
	t->slept = calloc(JOIN_CALLS, sizeof(*t->slept));
	t->begun = calloc(JOIN_BEGINS, sizeof(*t->begun));
	j->thread[thread].task = t;
	return t->sleep && t->slept && t->begun ? 0 : -ENOMEM;
}

int join_ignore(struct join *j, int32_t tid)
{
	struct join_task *t = join_task(j, tid);

	if (!t)
		return -ENOMEM;
	t->role = JOIN_IGNORED;
	return 0;
}

void join_watched(struct join *j, uint64_t since_ns)
{
	j->watched_ns = since_ns;
}

void join_lossy(struct join *j)
{
	j->lossy = true;
}

int32_t join_new_completer(struct join *j)
{
	return j->new_completer_nr ? j->new_completer[--j->new_completer_nr] : 0;
}

/* ---- calls ---- */

void join_call_add(struct join *j, unsigned int thread, const struct join_call *call)
{
	struct join_task *t = j->thread[thread].task;
	struct join_slept *s;
	uint64_t first;

	if (t->sleep_next + JOIN_SLEEPS < t->sleep_nr)
		t->sleep_next = t->sleep_nr - JOIN_SLEEPS;
	/* What ended before the call was a wait for completions. */
	while (t->sleep_next < t->sleep_nr &&
	       join_sleep_at(t, t->sleep_next)->in_ns <= call->submit_ns)
		t->sleep_next++;
	first = t->sleep_next;
	while (t->sleep_next < t->sleep_nr &&
	       join_sleep_at(t, t->sleep_next)->out_ns < call->accepted_ns)
		join_sleep_at(t, t->sleep_next++)->in_call = true;
	if (t->sleep_next == first)
		return;
	s = &t->slept[t->slept_nr++ % JOIN_CALLS];
	*s = (struct join_slept){ call->submit_ns, call->accepted_ns, first,
				  (unsigned int)(t->sleep_next - first), false };
}

/* ---- statistics ---- */

const struct why_row *join_row(const struct join *j, unsigned int thread,
			       unsigned int row)
{
	if (thread >= j->thread_nr || row >= j->thread[thread].row_nr ||
	    !j->thread[thread].row[row].joined)
		return NULL;
	return &j->thread[thread].row[row];
}

void join_reset(struct join *j)
{
	unsigned int i, r;

	for (i = 0; i < j->thread_nr; i++) {
		for (r = 0; r < j->thread[i].row_nr; r++)
			why_row_clear(&j->thread[i].row[r]);
		free(j->thread[i].row);
	}
	free(j->thread);
	j->thread = NULL;
	j->thread_nr = 0;
}
