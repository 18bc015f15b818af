// SPDX-License-Identifier: GPL-2.0-or-later
#include "load/plan.h"

/* A share of nothing is never drawn: the search goes to the first limit that holds. */
static void plan_init_split(struct plan *p, const struct workload_split *split)
{
	unsigned int k, sum = 0;

	for (k = 0; k < split->nr; k++) {
		if (!split->item[k].percent)
			continue;
		sum += split->item[k].percent;
		p->split_bytes[p->split_nr] = (uint32_t)split->item[k].bytes;
		p->split_limit[p->split_nr++] = sum < 100 ? UINT64_MAX / 100 * sum :
							    UINT64_MAX;
	}
}

void plan_init(struct plan *p, const struct workload_job *job, unsigned int thread)
{
	double total = 0, sum = 0;
	unsigned int j;

	p->key = plan_mix64(plan_mix64(job->randseed) + thread + 1);
	p->unit_bytes = job->bs.min_bytes;
	p->len_units = (job->bs.max_bytes - job->bs.min_bytes) / job->bs.min_bytes;
	p->split_nr = 0;
	plan_init_split(p, &job->bssplit);
	p->limit[0] = UINT64_MAX;
	/* Without a mix: writes are member 0, reads 1. */
	if (!job->mix.nr && workload_reads(job) && workload_writes(job)) {
		p->limit[0] = UINT64_MAX / 100 * (100 - job->read_percent);
		p->limit[1] = UINT64_MAX;
	}
	for (j = 0; j < job->mix.nr; j++)
		total += job->mix.item[j].weight;
	for (j = 0; j < job->mix.nr; j++) {
		sum += job->mix.item[j].weight;
		/* The last one ends the search, whatever rounding did to sum. */
		p->limit[j] = sum < total && j + 1 < job->mix.nr ?
				      (uint64_t)(sum / total * 18446744073709551616.0) :
				      UINT64_MAX;
	}
}

void plan_order_init(struct plan_order *o, uint64_t nr, uint64_t seed)
{
	unsigned int bits = 0;

	while (bits < 63 && (1ull << bits) < nr)
		bits++;
	o->nr = nr;
	o->mask = (1ull << bits) - 1;
	o->shift = bits / 2 + 1;
	o->key = plan_mix64(seed);
	o->pass_key = o->key;
	o->pass = 0;
	o->pass_start = 0;
}
