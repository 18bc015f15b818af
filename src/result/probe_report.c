// SPDX-License-Identifier: GPL-2.0-or-later
/* The report of a probe: a table an engine, what was refused, advice. */
#include "result/probe.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"
#include "result/lines.h"
#include "result/report.h"

#define HANG 9
/* " kind  path  share  slat p50  sleeps  cause" in 72 bytes. */
#define ROW " %-15s %-18s%8s%9s%7s %s"
#define CAUSE_COLUMN 59
#define CAUSE_MAX 13 /* what is longer has the next line */
#define REASONS_MAX 32

/* Errors that rows refer to by number: most rows of one modifier share one. */
struct reasons {
	const char *text[REASONS_MAX];
	size_t nr;
};

/* Number of an error, from 1; 0: there are too many. */
static size_t reason_nr(struct reasons *reasons, const char *text)
{
	size_t i;

	for (i = 0; i < reasons->nr; i++)
		if (!strcmp(reasons->text[i], text))
			return i + 1;
	if (reasons->nr == REASONS_MAX)
		return 0;
	reasons->text[reasons->nr++] = text;
	return reasons->nr;
}

static void path_words(const struct probe_row *row, char *buf, size_t size, char *share)
{
	if (row->then != RESULT_PATH_NR)
		snprintf(buf, size, "%s>%s", result_path_name(row->path),
			 result_path_name(row->then));
	else
		snprintf(buf, size, "%s", result_path_name(row->path));
	format_share(share, row->then != RESULT_PATH_NR ? row->then_share : row->share,
		     1);
}

/* The modifier alone below its kind; an append's depth where it has its own. */
static void kind_words(const struct probe_row *row, char *buf, size_t size)
{
	const char *mod = strchr(row->kind, '+');

	if (mod)
		snprintf(buf, size, "  %s", mod);
	else if (row->iodepth == 1)
		snprintf(buf, size, "%s, depth 1", row->kind);
	else
		snprintf(buf, size, "%s", row->kind);
}

static void put_row(struct lines *l, const struct probe_row *row, struct reasons *reasons)
{
	char kind[48], path[48], share[FORMAT_MAX], slat[FORMAT_MAX] = "-";
	char sleeps[FORMAT_MAX] = "-", cause[64] = "-";

	kind_words(row, kind, sizeof(kind));
	if (!row->ops) {
		if (row->error)
			lines_put(l, 2, " %-15s (%zu)", kind,
				  reason_nr(reasons, row->error));
		return;
	}
	path_words(row, path, sizeof(path), share);
	if (row->slat_known)
		format_ns(slat, (double)row->slat_p50_ns);
	if (!isnan(row->sleeps_per_write))
		snprintf(sleeps, sizeof(sleeps), "%.2f", row->sleeps_per_write);
	if (row->error)
		snprintf(cause, sizeof(cause), "%s", row->error);
	else if (row->cause && row->sleeps_per_write >= 0.005)
		snprintf(cause, sizeof(cause), "%s", row->cause);
	if (strlen(cause) <= CAUSE_MAX) {
		lines_put(l, CAUSE_COLUMN, ROW, kind, path, share, slat, sleeps, cause);
		return;
	}
	lines_put(l, CAUSE_COLUMN, ROW, kind, path, share, slat, sleeps, "");
	lines_put(l, 2, "%*s", LINES_COLUMNS, cause);
}

/* Rows of one engine; those with a depth for appends have a line of their own. */
static void put_engine(const struct probe *p, struct lines *l, const char *engine,
		       struct reasons *reasons)
{
	size_t i;

	lines_put(l, 0, "%s", "");
	lines_put(l, 2, "%s, iodepth 16", engine);
	lines_put(l, CAUSE_COLUMN, ROW, "kind", "path", "share", "slat p50", "sleeps",
		  "mostly for");
	for (i = 0; i < p->row_nr; i++)
		if (!p->row[i].append_depth && !strcmp(p->row[i].engine, engine))
			put_row(l, &p->row[i], reasons);
}

static void put_concurrency(const struct probe *p, struct lines *l)
{
	struct pieces pieces = { .l = l };
	char share[FORMAT_MAX];
	unsigned int most = 0;
	size_t i;

	for (i = 0; i < p->row_nr; i++) {
		const struct probe_row *row = &p->row[i];

		if (!row->append_depth || !row->ops)
			continue;
		most = row->append_depth > most ? row->append_depth : most;
		pieces_add(&pieces, "%s of %u",
			   format_share(share, row->blocked_share, 1), row->append_depth);
	}
	if (p->concurrency >= 0)
		lines_put(
			l, HANG,
			"append concurrency: %s%d extending writes in flight without blocking (libaio; blocked %s in flight)",
			p->concurrency && p->concurrency == (int)most ? "at least " : "",
			p->concurrency, pieces.text ? pieces.text : "-");
	else
		lines_put(l, HANG, "append concurrency: not measured");
	pieces_clear(&pieces);
}

static void put_head(const struct probe *p, struct lines *l)
{
	size_t done = 0, i;

	for (i = 0; i < p->row_nr; i++)
		done += p->row[i].ops != 0;
	if (p->interrupted)
		lines_put(l, 4, "INTERRUPTED: the rows measured until the signal");
	lines_put(l, HANG, "diowait %s  probe of %s, bs 4 KiB, %zu of %zu rows measured",
		  PACKAGE_VERSION, p->directory, done, p->row_nr);
	if (p->host_of)
		report_host(p->host_of, l);
	if (p->missing)
		lines_put(
			l, HANG,
			"evidence tier %d, no kernel events: %s; so sleeps are not known, and paths only as far as times and context switches tell",
			p->tier, p->missing);
}

int probe_report(const struct probe *p, const struct report_style *style, FILE *out)
{
	struct lines l = {
		.out = out,
		.columns = style && style->columns ? style->columns : LINES_COLUMNS,
		.utf8 = style && style->utf8,
	};
	struct reasons reasons = { .nr = 0 };
	size_t i;

	put_head(p, &l);
	for (i = 0; i < p->row_nr; i++)
		if (!i || strcmp(p->row[i].engine, p->row[i - 1].engine))
			if (!p->row[i].append_depth)
				put_engine(p, &l, p->row[i].engine, &reasons);
	lines_put(&l, 0, "%s", "");
	for (i = 0; i < reasons.nr; i++)
		lines_put(&l, 4, "(%zu) %s", i + 1, reasons.text[i]);
	put_concurrency(p, &l);
	for (i = 0; i < p->advice_nr; i++)
		lines_put(&l, 2, "* %s", p->advice[i]);
	if (!p->advice_nr)
		lines_put(&l, 2,
			  "* no kind is three times slower to submit than an overwrite");
	if (!l.err && fflush(out))
		l.err = -errno;
	return l.err;
}
