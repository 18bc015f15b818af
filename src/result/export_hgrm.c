// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One distribution as HdrHistogram's outputPercentileDistribution() prints it, in ns. A
 * line for each bin that has a value, instead of percentiles in steps, so that counts are
 * exact; readers draw whatever lines there are.
 */
#include "result/export_private.h"

#include <inttypes.h>
#include <string.h>

struct hgrm {
	FILE *out;
	uint64_t total, so_far;
};

/* Values up to value_ns: count more. As there, the last line has no last column. */
static void put_line(struct hgrm *h, uint64_t value_ns, uint64_t count)
{
	double share;

	if (!count)
		return;
	h->so_far += count;
	share = (double)h->so_far / (double)h->total;
	fprintf(h->out, "%12.3f %2.12f %10" PRIu64, (double)value_ns, share, h->so_far);
	if (h->so_far < h->total)
		fprintf(h->out, " %14.2f",
			(double)h->total / (double)(h->total - h->so_far));
	putc('\n', h->out);
}

/* Several: which of them is asked for? */
static int fail_several(struct export *e)
{
	const struct result_kind *first = e->item[0].k;
	size_t i;

	for (i = 1; i < e->item_nr; i++) {
		const struct result_kind *k = e->item[i].k;

		if (strcmp(k->kind, first->kind))
			return export_fail(
				e,
				"hgrm holds one distribution, and the result has several kinds, %s and %s: choose with --kind",
				first->kind, k->kind);
	}
	for (i = 1; i < e->item_nr; i++)
		if (strcmp(e->item[i].k->job, first->job))
			return export_fail(
				e,
				"hgrm holds one distribution, and several jobs have %s: choose with --job",
				first->kind);
	return export_fail(
		e,
		"hgrm holds one distribution, and the result has %zu variants: choose with --variant",
		e->r->variant_nr);
}

int export_hgrm(struct export *e)
{
	const struct result_dist *d = export_dist(e->item[0].k, e->times);
	struct hgrm h = { .out = e->out, .total = d->sum.n };
	unsigned int i;

	if (e->item_nr > 1)
		return fail_several(e);
	if (!d->sum.n || !d->hist)
		return export_fail(e, "%s of %s has no values",
				   export_times_name(e->times), e->item[0].k->kind);
	fprintf(e->out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	put_line(&h, 0, d->hist->zeros);
	for (i = 0; i < HIST_BINS; i++) {
		uint64_t top_ns;

		if (!d->hist->bin[i])
			continue;
		/* The largest value that falls into the bin, as there. */
		top_ns = hist_bin_low_ns(i) + hist_bin_width_ns(i) - 1;
		put_line(&h, top_ns > d->sum.max_ns ? d->sum.max_ns : top_ns,
			 d->hist->bin[i]);
	}
	put_line(&h, d->sum.max_ns, d->sum.saturated);
	fprintf(e->out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", d->sum.mean_ns,
		d->sum.stddev_ns);
	fprintf(e->out, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
		(double)d->sum.max_ns, d->sum.n);
	fprintf(e->out, "#[Buckets = %12d, SubBuckets     = %12u]\n", HIST_TOP_BITS,
		HIST_SUB);
	return 0;
}
