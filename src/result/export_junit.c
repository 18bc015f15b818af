// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JUnit's XML, as Jenkins and GitLab read it: one suite, its tests as in KTAP. There is no
 * standard; elements and attributes are those that its readers agree on.
 */
#include "result/export_private.h"

#include <inttypes.h>
#include <string.h>

#include "result/format.h"
#include "result/stress.h"

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	format_put_markup(out, value);
	putc('"', out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fputs("      <property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void begin_suite(struct export *e, size_t tests, size_t failures, double seconds)
{
	const struct result *r = e->r;
	char started[FORMAT_MAX];
	FILE *out = e->out;

	format_time(started, &r->started);
	/* Readers want it without a zone, and take it for UTC. */
	started[strcspn(started, "Z")] = '\0';
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites tests=\"%zu\" failures=\"%zu\" errors=\"0\" time=\"%.3f\">\n"
		"  <testsuite",
		tests, failures, seconds);
	put_attribute(out, "name", r->workload_name);
	fprintf(out,
		" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"%.3f\"",
		tests, failures, seconds);
	put_attribute(out, "timestamp", started);
	fputs(">\n    <properties>\n", out);
	put_property(out, "diowait", r->version);
	put_property(out, "kernel", facts_get_text(&r->host, "kernel"));
	put_property(out, "filesystem", facts_get_text(&r->host, "filesystem.type"));
	put_property(out, "workload sha256", r->workload_sha256);
	fputs("    </properties>\n", out);
}

static void end_suite(struct export *e)
{
	fputs("  </testsuite>\n</testsuites>\n", e->out);
}

static void begin_failure(FILE *out, const char *type, const char *message)
{
	fputs("      <failure", out);
	put_attribute(out, "type", type);
	put_attribute(out, "message", message);
	putc('>', out);
}

/* ---- a run ---- */

static void put_figure(FILE *out, const struct result *r, const char *name,
		       const struct result_dist *d)
{
	char p50[FORMAT_MAX], p99[FORMAT_MAX], max[FORMAT_MAX];

	if (!d->sum.n)
		return;
	fprintf(out, "%s p50 %s, p99 %s, max %s\n", name,
		format_ns(p50, result_percentile_ns(r, d, 50)),
		format_ns(p99, result_percentile_ns(r, d, 99)),
		format_ns(max, (double)d->sum.max_ns));
}

static void put_kind(struct export *e, const struct export_item *item)
{
	const struct result_kind *k = item->k;
	FILE *out = e->out;
	char error[FORMAT_MAX], text[80];
	size_t i;

	fputs("    <testcase classname=\"diowait.", out);
	format_put_markup(out, k->job);
	fputs("\" name=\"", out);
	format_put_markup(out, k->kind);
	putc(' ', out);
	format_put_markup(out, k->engine);
	fputs(*item->variant ? " " : "", out);
	format_put_markup(out, item->variant);
	fprintf(out, "\" time=\"%.3f\">\n", item->v->seconds);
	if (export_failed(k)) {
		snprintf(text, sizeof(text),
			 "%" PRIu64 " of %" PRIu64 " operations failed", export_failed(k),
			 k->ops);
		begin_failure(out, "errors", text);
		for (i = 0; i < k->error_nr; i++)
			fprintf(out, "%s %" PRIu64 " times\n",
				format_errno(error, k->error[i].err), k->error[i].count);
		fputs("</failure>\n", out);
	}
	fputs("      <system-out>", out);
	put_figure(out, e->r, "slat", &k->slat);
	put_figure(out, e->r, "lat", &k->lat);
	fprintf(out, "%" PRIu64 " operations, %.1f IOPS</system-out>\n    </testcase>\n",
		k->ops, k->iops);
}

static void put_run(struct export *e)
{
	const char *cut = export_cut_short(e->r);
	size_t failures = cut != NULL, i;
	double seconds = 0;

	for (i = 0; i < e->r->variant_nr; i++)
		seconds += e->r->variant[i].seconds;
	for (i = 0; i < e->item_nr; i++)
		failures += export_failed(e->item[i].k) > 0;
	begin_suite(e, e->item_nr + 1, failures, seconds);
	fprintf(e->out,
		"    <testcase classname=\"diowait\" name=\"run\" time=\"%.3f\">\n",
		seconds);
	if (cut) {
		begin_failure(e->out, "cut short", cut);
		fputs("</failure>\n", e->out);
	}
	fputs("    </testcase>\n", e->out);
	for (i = 0; i < e->item_nr; i++)
		put_kind(e, &e->item[i]);
	end_suite(e);
}

/* ---- stress ---- */

static void put_scenario(struct export *e, size_t i)
{
	const struct result_stress *s = e->r->stress;
	char text[80];
	FILE *out = e->out;
	size_t k;

	fputs("    <testcase classname=\"diowait.stress\"", out);
	put_attribute(out, "name", s->where[i]);
	if (!s->broken[i]) {
		fputs("/>\n", out);
		return;
	}
	snprintf(text, sizeof(text), "contracts broke %" PRIu64 " times", s->broken[i]);
	fputs(">\n", out);
	begin_failure(out, "contract", text);
	for (k = 0; k < s->finding_nr; k++) {
		const struct result_finding *f = &s->finding[k];

		if (strcmp(f->where, s->where[i]))
			continue;
		format_put_markup(out, f->contract);
		fputs(": ", out);
		format_put_markup(out, f->text ? f->text : "");
		fputs("\nagain: ", out);
		format_put_markup(out, f->replay ? f->replay : "");
		putc('\n', out);
	}
	fputs("</failure>\n    </testcase>\n", out);
}

static void put_stress(struct export *e)
{
	const struct result_stress *s = e->r->stress;
	size_t failures = 0, i;

	for (i = 0; i < s->where_nr; i++)
		failures += s->broken[i] > 0;
	begin_suite(e, s->where_nr, failures, s->seconds);
	for (i = 0; i < s->where_nr; i++)
		put_scenario(e, i);
	end_suite(e);
}

int export_junit(struct export *e)
{
	if (e->r->stress)
		put_stress(e);
	else
		put_run(e);
	return 0;
}
