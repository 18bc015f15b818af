// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report for people. Doubts stand before the numbers they concern, numbers
 * before what explains them; everything goes through lines_put().
 */
#include "result/result.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"
#include "result/lines.h"
#include "result/report.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define HANG 9

void pieces_add(struct pieces *p, const char *fmt, ...)
{
	char *piece = NULL, *both = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&piece, fmt, args);
	va_end(args);
	if (len < 0) {
		p->l->err = -ENOMEM;
		return;
	}
	if (!p->text) {
		p->text = piece;
		return;
	}
	if (asprintf(&both, "%s, %s", p->text, piece) < 0) {
		p->l->err = -ENOMEM;
	} else {
		free(p->text);
		p->text = both;
	}
	free(piece);
}

void pieces_clear(struct pieces *p)
{
	free(p->text);
	p->text = NULL;
}

void pieces_add_fact(struct pieces *p, const struct fact *f)
{
	char value[FACT_TEXT_MAX];

	pieces_add(p, "%s %s", f->path, fact_text(f, value));
}

static void put_notes(const struct result *r, struct lines *l,
		      enum result_note_level level, const char *label)
{
	size_t i;

	for (i = 0; i < r->note_nr; i++)
		if (r->note[i].level == level)
			lines_put(l, (unsigned int)strlen(label), "%s%s", label,
				  r->note[i].text);
}

/* Version, workload and date: what a mail about the numbers has to quote. */
static void put_head(const struct result *r, struct lines *l)
{
	char started[32] = "";
	struct tm tm;

	if (gmtime_r(&r->started.tv_sec, &tm))
		strftime(started, sizeof(started), "%Y-%m-%d %H:%M:%S", &tm);
	lines_put(l, HANG, "diowait %s  %s  %s UTC", PACKAGE_VERSION,
		  r->workload_name ? r->workload_name : "-", started);
}

static bool engine_seen(const struct result_variant *v, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(v->kind[i].engine, v->kind[nr].engine))
			return true;
	return false;
}

/* Engines, rounds, time, and the keys that every number depends on. */
static void put_workload(const struct result *r, struct lines *l)
{
	const struct result_variant *v = r->variant;
	struct pieces p = { .l = l };
	double seconds = 0;
	size_t i;

	if (!r->variant_nr)
		return;
	for (i = 0; i < r->variant_nr; i++)
		seconds += r->variant[i].seconds;
	for (i = 0; i < v->kind_nr; i++)
		if (!engine_seen(v, i))
			pieces_add(&p, "%s", v->kind[i].engine);
	if (r->variant_nr > 1)
		pieces_add(&p, "%zu variants", r->variant_nr);
	pieces_add(&p, "%zu round%s", v->round_nr, v->round_nr == 1 ? "" : "s");
	pieces_add(&p, "%.3g s measured", seconds);
	for (i = 0; i < v->keys.nr; i++)
		if (!result_key_varies(r, v->keys.fact[i].path))
			if (strcmp(v->keys.fact[i].path, "ioengine") &&
			    strcmp(v->keys.fact[i].path, "mix"))
				pieces_add_fact(&p, &v->keys.fact[i]);
	lines_put(l, HANG, "workload %s", p.text ? p.text : "");
	pieces_clear(&p);
}

/* Kinds whose growth is not what they wrote: half inside, or past a hole. */
static bool has_uneven_growth(const struct result *r)
{
	size_t i, j;

	for (i = 0; i < r->variant_nr; i++)
		for (j = 0; j < r->variant[i].kind_nr; j++) {
			const char *kind = r->variant[i].kind[j].kind;

			if (!strncmp(kind, "straddle", 8) || !strncmp(kind, "gap", 3))
				return true;
		}
	return false;
}

/* Whether the space was written, unwritten or missing before the writes. */
static void put_extents(struct lines *l, const struct result_growth *g)
{
	const struct result_extents *const both[] = { &g->before, &g->after };
	struct pieces p = { .l = l };
	char text[3][FORMAT_MAX];
	size_t i;

	if (!g->before.known && !g->after.known) {
		lines_put(l, HANG, "extents  states unknown: no FIEMAP");
		return;
	}
	for (i = 0; i < 2; i++) {
		const struct result_extents *e = both[i];
		const char *when = i ? "after" : "before";

		if (!e->known) {
			pieces_add(&p, "%s unknown", when);
			continue;
		}
		format_bytes(text[0], e->written_bytes);
		format_bytes(text[1], e->unwritten_bytes);
		format_bytes(text[2], e->delalloc_bytes);
		pieces_add(&p, "%s %" PRIu64 ": %s written%s%s%s%s%s", when, e->count,
			   text[0], e->unwritten_bytes ? " + " : "",
			   e->unwritten_bytes ? text[1] : "",
			   e->unwritten_bytes ? " unwritten" : "",
			   e->delalloc_bytes ? " + delalloc " : "",
			   e->delalloc_bytes ? text[2] : "");
	}
	lines_put(l, HANG, "extents  %s", p.text ? p.text : "");
	pieces_clear(&p);
}

/* Bytes are exact here: this is the proof that the file grew as claimed. */
static void put_growth(const struct result *r, struct lines *l)
{
	const struct result_growth *g = &r->growth;
	int64_t grown = (int64_t)(g->size_after - g->size_before);
	bool agree = grown == (int64_t)g->extended_bytes &&
		     g->extended_bytes == g->appended_bytes;
	const char *verdict;
	char gaps[100];

	if (!g->known)
		return;
	if (!grown && !g->extended_bytes && !g->appended_bytes) {
		lines_put(l, HANG, "growth   none: no write extended a file");
		put_extents(l, g);
		return;
	}
	if (agree)
		verdict = "all agree";
	else if (has_uneven_growth(r))
		verdict = "straddle and gap grow otherwise than they write";
	else if (g->gaps && grown == (int64_t)g->extended_bytes &&
		 g->appended_bytes < g->extended_bytes)
		verdict = gaps;
	else
		verdict = "THEY DIFFER";
	snprintf(gaps, sizeof(gaps),
		 "the difference is gaps: later ones landed behind %" PRIu64
		 " that failed",
		 g->gaps);
	lines_put(l, HANG,
		  "growth   size %" PRIu64 " -> %" PRIu64 " bytes (%+" PRId64
		  "), extended by %" PRIu64 ", appended %" PRIu64 ": %s",
		  g->size_before, g->size_after, grown, g->extended_bytes,
		  g->appended_bytes, verdict);
	put_extents(l, g);
}

static uint64_t unknown_sum(const struct result *r, enum result_unknown why)
{
	uint64_t sum = 0;
	size_t i, j;

	for (i = 0; i < r->variant_nr; i++)
		for (j = 0; j < r->variant[i].kind_nr; j++)
			sum += r->variant[i].kind[j].unknown[why];
	return sum;
}

/* Each reason for an unknown path that occurred, most telling first. */
static void put_unknown(const struct result *r, struct lines *l)
{
	static const char *const text[RESULT_UNKNOWN_NR] = {
		[RESULT_UNKNOWN_SLEPT_DONE] =
			"the call slept, and the write was done when it returned: "
			"forced wait, buffered fallback or a lock",
		[RESULT_UNKNOWN_SLEPT_QUEUED] =
			"the call slept, and the write was done later: "
			"drain, a lock or an allocation",
		[RESULT_UNKNOWN_UNLOOKED] =
			"what was done when the call returned is not seen with reap=full, "
			"hipri or sqthread_poll",
		[RESULT_UNKNOWN_WORKER] = "io-wq workers served some writes of the ring, "
					  "which of them is not seen from outside",
		[RESULT_UNKNOWN_INSIDE] =
			"done when a shared or preempted call returned: "
			"inside it, or asynchronously meanwhile",
		[RESULT_UNKNOWN_FAILED] = "it failed",
		[RESULT_UNKNOWN_MODEL] =
			"it waited in user space, as extend_wait asks, and was done then",
		[RESULT_UNKNOWN_LOST] =
			"what would tell was lost: the reader of events was behind",
	};
	uint64_t nr;
	unsigned int i;

	for (i = 0; i < RESULT_UNKNOWN_NR; i++) {
		nr = unknown_sum(r, i);
		if (nr)
			lines_put(l, HANG, "unknown  %" PRIu64 " operation%s: %s", nr,
				  nr == 1 ? "" : "s", text[i]);
	}
}

/* How far the paths can be believed, and what would take it further. */
static void put_evidence(const struct result *r, struct lines *l)
{
	static const char *const tier[] = {
		"0 (times only)",
		"1 (times and context switches)",
		"2 (kernel events)",
	};
	struct pieces p = { .l = l };
	char bound[FORMAT_MAX], share[FORMAT_MAX];

	pieces_add(&p, "tier %s",
		   tier[r->evidence_tier < 0 ? 0 :
			r->evidence_tier > 2 ? 2 :
					       r->evidence_tier]);
	if (r->blocked_min_ns)
		pieces_add(&p, "a call of at least %s counts as blocked",
			   format_ns(bound, (double)r->blocked_min_ns));
	/* With kernel events every switch was seen, and put where it belongs. */
	if (r->unplaced && !r->named_known)
		pieces_add(&p, "%" PRIu64 " context switches belong to no call",
			   r->unplaced);
	if (r->evidence_lost)
		pieces_add(&p, "%" PRIu64 " events lost: shares are lower bounds",
			   r->evidence_lost);
	if (r->named_known)
		pieces_add(&p, "%s blocked, %s of it with a named cause",
			   format_ns(bound, (double)r->blocked_ns),
			   r->blocked_ns ? format_share(share, (double)r->named_ns,
							(double)r->blocked_ns) :
					   "100.0 %");
	else if (r->evidence_missing)
		pieces_add(&p, "no kernel events (tier 2): %s", r->evidence_missing);
	else
		pieces_add(&p, "no kernel events (tier 2): --why would tell causes");
	lines_put(l, HANG, "evidence %s", p.text ? p.text : "");
	pieces_clear(&p);
	put_unknown(r, l);
}

/* One noise fact over all rounds. nr: in how many it was known. */
struct noise_sum {
	double total;
	double worst; /* largest value per second of a round's window */
	size_t nr;
};

/* How long a round's noise was counted: layouts and set-up are in it, too. */
static double noise_seconds(const struct result_round *one)
{
	const struct fact *f = facts_get(&one->noise, "window_ns");

	return f && f->type == FACT_INT ? (double)f->number / 1e9 : one->seconds;
}

static struct noise_sum noise_sum(const struct result *r, const char *path)
{
	struct noise_sum s = { 0 };
	size_t i, j;

	for (i = 0; i < r->variant_nr; i++)
		for (j = 0; j < r->variant[i].round_nr; j++) {
			const struct result_round *one = &r->variant[i].round[j];
			const struct fact *f = facts_get(&one->noise, path);
			double seconds = noise_seconds(one);

			if (!f || f->type != FACT_INT || !(seconds > 0))
				continue;
			s.total += (double)f->number;
			s.worst = fmax(s.worst, (double)f->number / seconds);
			s.nr++;
		}
	return s;
}

/* The worst round, since a mean over rounds hides the one that was disturbed. */
static void put_noise(const struct result *r, struct lines *l)
{
	const struct fact *cpus = facts_get(&r->host, "cpus");
	double cpu_nr = cpus && cpus->type == FACT_INT ? (double)cpus->number : 1;
	struct noise_sum steal = noise_sum(r, "steal_ns");
	struct noise_sum psi = noise_sum(r, "psi.cpu_some_ns");
	struct noise_sum other = noise_sum(r, "other_write_bytes");
	struct pieces p = { .l = l };
	char text[FORMAT_MAX];

	if (steal.nr)
		pieces_add(&p, "steal up to %s of the CPUs in a round",
			   format_share(text, steal.worst / 1e9, cpu_nr));
	if (psi.nr)
		pieces_add(&p, "CPU pressure up to %s",
			   format_share(text, psi.worst / 1e9, 1));
	/* Not all of it is somebody else: a journal writes for our writes. */
	if (other.nr)
		pieces_add(&p, "%s written to the device beside our data",
			   format_bytes(text, (uint64_t)other.total));
	if (p.text)
		lines_put(l, HANG, "noise    %s", p.text);
	pieces_clear(&p);
}

int report_write(const struct result *r, const struct report_style *style, FILE *out)
{
	struct lines l = {
		.out = out,
		.columns = style && style->columns ? style->columns : LINES_COLUMNS,
		.utf8 = style && style->utf8,
	};

	if (r->interrupted)
		lines_put(&l, 4, "INTERRUPTED: what was measured until the signal");
	put_notes(r, &l, RESULT_NOTE_FIRST, "! ");
	put_head(r, &l);
	report_host(r, &l);
	put_workload(r, &l);
	if (r->variant_nr)
		report_kinds(r, &l);
	else
		lines_put(&l, 0, "nothing was measured");
	lines_put(&l, 0, "%s", "");
	put_growth(r, &l);
	put_evidence(r, &l);
	put_noise(r, &l);
	put_notes(r, &l, RESULT_NOTE_WARN, "warning: ");
	put_notes(r, &l, RESULT_NOTE_INFO, "note: ");
	if (!l.err && fflush(out))
		l.err = -errno;
	return l.err;
}
