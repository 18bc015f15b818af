// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst of the kernel). Of a run: that it came
 * to its end, and that the operations of each kind did not fail; the figures are
 * diagnostics. Of stress: its scenarios. A '#' in a name would begin a directive.
 */
#include "result/export_private.h"

#include <inttypes.h>

#include "result/format.h"

static void put_figure(FILE *out, const struct result *r, const char *name,
		       const struct result_dist *d)
{
	char p50[FORMAT_MAX], p99[FORMAT_MAX], max[FORMAT_MAX];

	if (!d->sum.n)
		return;
	fprintf(out, "# %s p50 %s, p99 %s, max %s\n", name,
		format_ns(p50, result_percentile_ns(r, d, 50)),
		format_ns(p99, result_percentile_ns(r, d, 99)),
		format_ns(max, (double)d->sum.max_ns));
}

static void put_kind(struct export *e, const struct export_item *item, size_t nr)
{
	const struct result_kind *k = item->k;
	char error[FORMAT_MAX];
	FILE *out = e->out;
	size_t i;

	put_figure(out, e->r, "slat", &k->slat);
	put_figure(out, e->r, "lat", &k->lat);
	for (i = 0; i < k->error_nr; i++)
		fprintf(out, "# %s %" PRIu64 " times\n",
			format_errno(error, k->error[i].err), k->error[i].count);
	fprintf(out, "%sok %zu ", export_failed(k) ? "not " : "", nr);
	export_put_line(out, k->job, "#");
	putc(' ', out);
	export_put_line(out, k->kind, "#");
	putc(' ', out);
	export_put_line(out, k->engine, "#");
	if (*item->variant)
		putc(' ', out);
	export_put_line(out, item->variant, "#");
	putc('\n', out);
}

int export_ktap(struct export *e)
{
	const char *cut = export_cut_short(e->r);
	size_t i;

	if (e->r->stress) {
		(void)stress_ktap(e->r, e->out);
		return 0;
	}
	fprintf(e->out, "KTAP version 1\n1..%zu\n", e->item_nr + 1);
	if (cut) {
		fputs("# ", e->out);
		export_put_line(e->out, cut, "");
		putc('\n', e->out);
	}
	fprintf(e->out, "%sok 1 run\n", cut ? "not " : "");
	for (i = 0; i < e->item_nr; i++)
		put_kind(e, &e->item[i], i + 2);
	return 0;
}
