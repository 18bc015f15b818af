// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text exposition of Prometheus, for the textfile collector of node_exporter: times as
 * histograms in seconds, the rest as gauges, since each run begins anew.
 *
 * Bounds of buckets are the last ns before each power of two: no bin crosses one, so that
 * the counts are exact, and all series have the same bounds, so that they can be added up.
 */
#include "result/export_private.h"

#include <inttypes.h>
#include <stdbool.h>

#define LOW_BITS 8 /* the first bucket ends below 2^8 ns */

static void put_value(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*s == '\\' || *s == '"')
			putc('\\', out);
		putc(*s, out);
	}
}

static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	put_value(out, value);
	putc('"', out);
}

/* "{workload="...",...": the caller goes on, or ends it. */
static void put_labels(struct export *e, const struct export_item *item)
{
	putc('{', e->out);
	put_label(e->out, "workload", e->r->workload_name);
	if (*item->variant) {
		putc(',', e->out);
		put_label(e->out, "variant", item->variant);
	}
	putc(',', e->out);
	put_label(e->out, "job", item->k->job);
	putc(',', e->out);
	put_label(e->out, "kind", item->k->kind);
	putc(',', e->out);
	put_label(e->out, "engine", item->k->engine);
}

static void put_bucket(struct export *e, const char *metric,
		       const struct export_item *item, uint64_t bound_ns, uint64_t count)
{
	fprintf(e->out, "%s_bucket", metric);
	put_labels(e, item);
	fputs(",le=\"", e->out);
	if (bound_ns)
		export_put_seconds(e->out, bound_ns);
	else
		fputs("+Inf", e->out);
	fprintf(e->out, "\"} %" PRIu64 "\n", count);
}

static void put_histogram(struct export *e, const char *metric,
			  const struct export_item *item, const struct result_dist *d)
{
	uint64_t so_far = d->hist->zeros;
	unsigned int bits, i = 0;

	for (bits = LOW_BITS; bits <= HIST_TOP_BITS; bits++) {
		uint64_t limit_ns = 1ull << bits;

		for (; i < HIST_BINS && hist_bin_low_ns(i) < limit_ns; i++)
			so_far += d->hist->bin[i];
		put_bucket(e, metric, item, limit_ns - 1, so_far);
	}
	put_bucket(e, metric, item, 0, d->sum.n);
	fprintf(e->out, "%s_sum", metric);
	put_labels(e, item);
	fprintf(e->out, "} %.9f\n%s_count", d->sum.mean_ns * (double)d->sum.n / 1e9,
		metric);
	put_labels(e, item);
	fprintf(e->out, "} %" PRIu64 "\n", d->sum.n);
}

static void put_type(struct export *e, const char *metric, const char *type,
		     const char *help)
{
	fprintf(e->out, "# HELP %s %s.\n# TYPE %s %s\n", metric, help, metric, type);
}

static void put_times(struct export *e, size_t t)
{
	bool begun = false;
	char metric[64];
	size_t i;

	snprintf(metric, sizeof(metric), "diowait_%s_seconds", export_times_name(t));
	for (i = 0; i < e->item_nr; i++) {
		const struct result_dist *d = export_dist(e->item[i].k, t);

		if (!d->sum.n || !d->hist)
			continue;
		if (!begun)
			put_type(e, metric, "histogram", export_times_help(t));
		begun = true;
		put_histogram(e, metric, &e->item[i], d);
	}
}

static void put_gauges(struct export *e)
{
	static const struct {
		const char *name, *help;
	} gauge[] = {
		{ "diowait_operations", "Completions after the ramp, failed ones too" },
		{ "diowait_written_bytes", "Sum of the results of these operations" },
		{ "diowait_operations_per_second", "Operations per measured second" },
		{ "diowait_failed_operations", "Operations that failed" },
	};
	size_t g, i, n;

	for (g = 0; g < sizeof(gauge) / sizeof(gauge[0]); g++) {
		put_type(e, gauge[g].name, "gauge", gauge[g].help);
		for (i = 0; i < e->item_nr; i++) {
			const struct result_kind *k = e->item[i].k;
			uint64_t failed = 0;

			for (n = 0; n < k->error_nr; n++)
				failed += k->error[n].count;
			fputs(gauge[g].name, e->out);
			put_labels(e, &e->item[i]);
			if (g == 2)
				fprintf(e->out, "} %.17g\n", k->iops);
			else
				fprintf(e->out, "} %" PRIu64 "\n",
					g == 0 ? k->ops :
					g == 1 ? k->bytes :
						 failed);
		}
	}
}

static void put_run(struct export *e)
{
	const char *kernel = facts_get_text(&e->r->host, "kernel");
	const char *fs = facts_get_text(&e->r->host, "filesystem.type");

	put_type(e, "diowait_run_info", "gauge", "What was run, where; always 1");
	fputs("diowait_run_info{", e->out);
	put_label(e->out, "workload", e->r->workload_name);
	putc(',', e->out);
	put_label(e->out, "sha256", e->r->workload_sha256);
	putc(',', e->out);
	put_label(e->out, "kernel", kernel ? kernel : "");
	putc(',', e->out);
	put_label(e->out, "filesystem", fs ? fs : "");
	fputs("} 1\n", e->out);
	put_type(e, "diowait_run_started_timestamp_seconds", "gauge",
		 "When the run began");
	fputs("diowait_run_started_timestamp_seconds{", e->out);
	put_label(e->out, "workload", e->r->workload_name);
	fprintf(e->out, "} %lld\n", (long long)e->r->started.tv_sec);
	put_type(e, "diowait_run_interrupted", "gauge",
		 "1 when a signal or an error ended the run early");
	fputs("diowait_run_interrupted{", e->out);
	put_label(e->out, "workload", e->r->workload_name);
	fprintf(e->out, "} %d\n", export_cut_short(e->r) != NULL);
}

int export_prometheus(struct export *e)
{
	size_t i;

	put_run(e);
	put_gauges(e);
	for (i = 0; export_times_name(i); i++)
		put_times(e, i);
	return 0;
}
