// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Go's benchmark format (golang.org/design/14313-benchmark-format), for benchstat: a line
 * for each kind and round. Facts of the host are comments, not configuration: benchstat
 * puts what differs in configuration into tables of its own, and never compares it.
 */
#include "result/export_private.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"

/* Blanks of Unicode past ASCII, at which benchstat divides a line. */
static const char *const blank[] = {
	"\xc2\x85",	"\xc2\xa0",	"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
	"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
	"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
	"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

/* Length of the blank at s; 0: it is none. */
static size_t blank_len(const char *s)
{
	size_t i;

	if ((unsigned char)*s <= ' ' || *s == 0x7f)
		return 1;
	for (i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
		if (!strncmp(s, blank[i], strlen(blank[i])))
			return strlen(blank[i]);
	return 0;
}

/* A part of a benchmark's name: no blanks, and '/' divides parts. */
static void put_part(FILE *out, const char *s)
{
	while (*s) {
		size_t len = blank_len(s);

		putc(len || *s == '/' ? '_' : *s, out);
		s += len ? len : 1;
	}
}

static void put_value(FILE *out, double value, const char *unit)
{
	if (isfinite(value))
		fprintf(out, " %.17g %s", value, unit);
}

static void put_line(struct export *e, const struct export_item *item,
		     const struct result_kind *k)
{
	const struct result *r = e->r;
	const struct facts *keys = &item->v->keys;
	char buf[FACT_TEXT_MAX];
	FILE *out = e->out;
	size_t i;

	fputs("BenchmarkDiowait/job=", out);
	put_part(out, k->job);
	fputs("/kind=", out);
	put_part(out, k->kind);
	for (i = 0; i < keys->nr; i++) {
		if (!result_key_varies(r, keys->fact[i].path))
			continue;
		putc('/', out);
		put_part(out, keys->fact[i].path);
		putc('=', out);
		put_part(out, fact_text(&keys->fact[i], buf));
	}
	/* At the end, where -8 would be a number of processors. */
	fputs("/engine=", out);
	put_part(out, k->engine);
	fprintf(out, " %" PRIu64, k->ops);
	put_value(out, k->lat.sum.mean_ns, "ns/op");
	if (k->slat.sum.n) {
		put_value(out, result_percentile_ns(r, &k->slat, 50), "slat-p50-ns");
		put_value(out, result_percentile_ns(r, &k->slat, 99), "slat-p99-ns");
	}
	put_value(out, result_percentile_ns(r, &k->lat, 50), "lat-p50-ns");
	put_value(out, result_percentile_ns(r, &k->lat, 99), "lat-p99-ns");
	put_value(out, result_percentile_ns(r, &k->lat, 99.9), "lat-p99.9-ns");
	if (k->resp.sum.n)
		put_value(out, result_percentile_ns(r, &k->resp, 99), "resp-p99-ns");
	put_value(out, k->iops, "ops/s");
	putc('\n', out);
}

static void put_comment(struct export *e, const char *what, const char *text)
{
	if (!text)
		return;
	fprintf(e->out, "# %s: ", what);
	export_put_line(e->out, text, "");
	putc('\n', e->out);
}

int export_gobench(struct export *e)
{
	char started[FORMAT_MAX];
	size_t i, n;

	put_comment(e, "diowait", e->r->version);
	put_comment(e, "started", format_time(started, &e->r->started));
	put_comment(e, "kernel", facts_get_text(&e->r->host, "kernel"));
	put_comment(e, "filesystem", facts_get_text(&e->r->host, "filesystem.type"));
	put_comment(e, "cut short", export_cut_short(e->r));
	fputs("workload: ", e->out);
	export_put_line(e->out, e->r->workload_name, "");
	fputs("\nworkload-sha256: ", e->out);
	export_put_line(e->out, e->r->workload_sha256, "");
	putc('\n', e->out);
	fputs("Unit ops/s better=higher\n", e->out);
	for (i = 0; i < e->item_nr; i++)
		for (n = 0; n < e->item[i].v->round_nr; n++) {
			const struct result_round *round = &e->item[i].v->round[n];
			const struct result_kind *k = result_kind_find(
				round->kind, round->kind_nr, e->item[i].k->job,
				e->item[i].k->kind, e->item[i].k->engine);

			/* An iteration count of 0 is no benchmark. */
			if (k && k->lat.sum.n)
				put_line(e, &e->item[i], k);
		}
	return 0;
}
