// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/probe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"

struct probe_row *probe_add(struct probe *p, const char *kind, const char *engine,
			    unsigned int iodepth, unsigned int append_depth)
{
	struct probe_row *grown, *row;

	grown = realloc(p->row, (p->row_nr + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	p->row = grown;
	row = &grown[p->row_nr++];
	*row = (struct probe_row){
		.kind = strdup(kind),
		.engine = strdup(engine),
		.iodepth = iodepth,
		.append_depth = append_depth,
		.path = RESULT_PATH_NR,
		.then = RESULT_PATH_NR,
		.share = NAN,
		.then_share = NAN,
		.blocked_share = NAN,
		.sleeps_per_write = NAN,
		.cause_share = NAN,
	};
	return row->kind && row->engine ? row : NULL;
}

/* The most frequent path; RESULT_PATH_NR when all are 0. */
static enum result_path most(const uint64_t *nr)
{
	unsigned int i, best = 0;

	for (i = 1; i < RESULT_PATH_NR; i++)
		if (nr[i] > nr[best])
			best = i;
	return nr[best] ? (enum result_path)best : RESULT_PATH_NR;
}

/* Sleeps of submissions and of workers; what completes a write delays nobody. */
static int fill_causes(struct probe_row *row, const struct result_kind *k)
{
	const struct result_cause *top = NULL;
	double all_ns = 0, top_ns = 0;
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < k->cause_nr; i++) {
		const struct result_cause *c = &k->cause[i];
		double ns = c->sleep.sum.mean_ns * (double)c->sleep.sum.n;

		if (c->in_completion)
			continue;
		nr += c->sleep.sum.n;
		all_ns += ns;
		if (ns > top_ns) {
			top = c;
			top_ns = ns;
		}
	}
	row->sleeps_per_write = (double)nr / (double)k->ops;
	if (!top)
		return 0;
	row->cause_share = top_ns / all_ns;
	row->cause = strdup(top->label);
	return row->cause ? 0 : -ENOMEM;
}

static int fill_kind(struct probe_row *row, const struct result *r,
		     const struct result_kind *k)
{
	char name[FORMAT_MAX];

	row->ops = k->ops;
	row->path = most(k->path);
	if (row->path != RESULT_PATH_NR)
		row->share = (double)k->path[row->path] / (double)k->ops;
	if (row->path == RESULT_PUNTED)
		row->then = most(k->then);
	if (row->then != RESULT_PATH_NR)
		row->then_share = (double)k->then[row->then] / (double)k->ops;
	row->blocked_share = (double)k->blocked / (double)k->ops;
	/* Refused writes have none. */
	row->slat_known = k->slat.sum.n;
	row->slat_p50_ns = result_dist_ns(r, &k->slat, 50);
	row->lat_p50_ns = result_dist_ns(r, &k->lat, 50);
	if (k->error_nr && !row->error) {
		row->error = strdup(format_errno(name, k->error[0].err));
		if (!row->error)
			return -ENOMEM;
	}
	return k->why ? fill_causes(row, k) : 0;
}

int probe_row_fill(struct probe *p, struct probe_row *row, struct result *r)
{
	const struct result_variant *v = r->variant;
	size_t i;
	int rc = 0;

	for (i = 0; r->variant_nr && i < v->kind_nr && !rc; i++)
		if (v->kind[i].ops && !strcmp(v->kind[i].kind, row->kind))
			rc = fill_kind(row, r, &v->kind[i]);
	if (p->host_of) {
		result_free(r);
		return rc;
	}
	p->host_of = r;
	p->tier = r->evidence_tier;
	if (r->evidence_missing && !p->missing) {
		p->missing = strdup(r->evidence_missing);
		if (!p->missing)
			rc = -ENOMEM;
	}
	return rc;
}

const struct probe_row *probe_find(const struct probe *p, const char *kind,
				   const char *engine, unsigned int iodepth,
				   unsigned int append_depth)
{
	size_t i;

	for (i = 0; i < p->row_nr; i++)
		if (p->row[i].ops && !strcmp(p->row[i].kind, kind) &&
		    !strcmp(p->row[i].engine, engine) && p->row[i].iodepth == iodepth &&
		    p->row[i].append_depth == append_depth)
			return &p->row[i];
	return NULL;
}

bool probe_measured(const struct probe *p)
{
	size_t i;

	for (i = 0; i < p->row_nr; i++)
		if (p->row[i].ops)
			return true;
	return false;
}

void probe_clear(struct probe *p)
{
	size_t i;

	result_free(p->host_of);
	free(p->missing);
	for (i = 0; i < p->row_nr; i++) {
		free(p->row[i].kind);
		free(p->row[i].engine);
		free(p->row[i].cause);
		free(p->row[i].error);
	}
	free(p->row);
	for (i = 0; i < p->advice_nr; i++)
		free(p->advice[i]);
	free(p->advice);
	*p = (struct probe){ 0 };
}
