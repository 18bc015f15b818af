// SPDX-License-Identifier: GPL-2.0-or-later
/* Series of the threads, round after round, into those of the variant. */
#include "experiment/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

unsigned int experiment_points_max(const struct experiment *x)
{
	unsigned int rounds = x->w->job[0].rounds;

	return rounds < RESULT_POINTS_MAX ? RESULT_POINTS_MAX / rounds : 1;
}

/* The variant's series of (job, kind), new where there is none. NULL: no memory. */
static struct result_series *timeline_find(struct result_variant *v,
					   const struct workload_job *job,
					   const char *kind)
{
	struct result_series *s;
	size_t i;

	for (i = 0; i < v->series_nr; i++)
		if (!strcmp(v->series[i].job, job->name) &&
		    !strcmp(v->series[i].kind, kind))
			return &v->series[i];
	s = realloc(v->series, (v->series_nr + 1) * sizeof(*s));
	if (!s)
		return NULL;
	v->series = s;
	s = &v->series[v->series_nr++];
	memset(s, 0, sizeof(*s));
	s->job = strdup(job->name);
	s->kind = strdup(kind);
	s->engine = strdup(engine_find(job)->name);
	return s->job && s->kind && s->engine ? s : NULL;
}

static void timeline_point(struct result_point *out, const struct series_point *p)
{
	out->seconds = (double)p->ns / 1e9;
	out->ops = series_count(p->lat);
	out->slat_p50_ns = series_percentile_ns(p->slat, 50);
	out->slat_p99_ns = series_percentile_ns(p->slat, 99);
	out->slat_p99_9_ns = series_percentile_ns(p->slat, 99.9);
	out->slat_max_ns = series_percentile_ns(p->slat, 100);
	out->lat_p50_ns = series_percentile_ns(p->lat, 50);
	out->lat_p99_ns = series_percentile_ns(p->lat, 99);
	out->lat_p99_9_ns = series_percentile_ns(p->lat, 99.9);
	out->lat_max_ns = series_percentile_ns(p->lat, 100);
}

static int timeline_append(struct experiment *x, const struct workload_job *job,
			   struct kind kind, const struct series *from, double at_s)
{
	char name[KIND_NAME_MAX];
	struct result_series *s;
	struct result_point *grown;
	unsigned int i;

	s = timeline_find(x->v, job, kind_print(kind, name));
	if (!s)
		return -ENOMEM;
	grown = realloc(s->point, (s->point_nr + from->nr) * sizeof(*grown));
	if (!grown && from->nr)
		return -ENOMEM;
	s->point = grown ? grown : s->point;
	for (i = 0; i < from->nr; i++) {
		struct result_point *p = &s->point[s->point_nr++];

		*p = (struct result_point){
			.round = (unsigned int)x->v->round_nr + 1,
			.at_s = at_s,
		};
		timeline_point(p, &from->point[i]);
		at_s += p->seconds;
	}
	return 0;
}

/*
 * One job's kind, of the group that began at at_s: the series of all its threads, and
 * of all their rows that come to this kind, added up in the first one's.
 */
static int timeline_kind(struct experiment *x, struct experiment_group *g,
			 unsigned int first, unsigned int row, double at_s)
{
	struct driver_thread *t = &g->thread[first];
	struct series *sum = t->series ? t->series[row] : NULL;
	uint64_t ops = 0;
	unsigned int n, r;

	for (r = 0; r < row; r++)
		if (kind_same(t->row[r].kind, t->row[row].kind))
			return 0;
	for (n = first; n < g->thread_nr && g->thread[n].job == t->job; n++)
		for (r = 0; sum && g->thread[n].series && r < g->thread[n].row_nr; r++) {
			if (!kind_same(g->thread[n].row[r].kind, t->row[row].kind))
				continue;
			ops += driver_row_ops(&g->thread[n].row[r]);
			if (g->thread[n].series[r] != sum)
				series_merge(sum, g->thread[n].series[r]);
		}
	/* What a job without mix did not do has no series. */
	return sum && sum->nr && ops ?
		       timeline_append(x, t->job, t->row[row].kind, sum, at_s) :
		       0;
}

int experiment_series(struct experiment *x)
{
	double at_s = x->v->seconds, longest_s;
	unsigned int n, r;
	size_t i;
	int rc = 0;

	/* Groups ran one after another. */
	for (i = 0; i < x->group_nr; i++, at_s += longest_s) {
		struct experiment_group *g = &x->group[i];

		longest_s = 0;
		for (n = 0; g->ran && n < g->thread_nr; n++) {
			double s = (double)g->thread[n].measured_ns / 1e9;

			longest_s = s > longest_s ? s : longest_s;
			/* Threads of a job stand together. */
			if (n && g->thread[n].job == g->thread[n - 1].job)
				continue;
			for (r = 0; r < g->thread[n].row_nr && !rc; r++)
				rc = timeline_kind(x, g, n, r, at_s);
		}
	}
	return rc;
}
