// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the rows come to. No file system's name is known here: a line is given
 * when its numbers differ by FACTOR, and holds them.
 */
#include "result/probe.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"

#define FACTOR 3
#define BLOCKED_MAX 0.05 /* share below which appends go through */
#define DEPTH_FULL 16	 /* iodepth of the rows */
#define WORDS_MAX 128

struct advice {
	struct probe *p;
	const struct probe_row *overwrite, *append; /* libaio; NULL: not measured */
	int rc;
};

static void advise(struct advice *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void advise(struct advice *a, const char *fmt, ...)
{
	struct probe *p = a->p;
	char **grown = realloc(p->advice, (p->advice_nr + 1) * sizeof(*grown));
	va_list args;
	int len;

	if (!grown) {
		a->rc = -ENOMEM;
		return;
	}
	p->advice = grown;
	va_start(args, fmt);
	len = vasprintf(&grown[p->advice_nr], fmt, args);
	va_end(args);
	if (len < 0)
		a->rc = -ENOMEM;
	else
		p->advice_nr++;
}

/* True when slow took at least FACTOR times as long to submit. */
static bool slower(const struct probe_row *slow, const struct probe_row *fast)
{
	return slow && fast && slow->slat_known && fast->slat_known &&
	       slow->slat_p50_ns &&
	       (double)slow->slat_p50_ns >= FACTOR * (double)fast->slat_p50_ns;
}

/* "forced_wait 100.0 %, p50 99.0 us". */
static const char *words(const struct probe_row *row, char *buf)
{
	char share[FORMAT_MAX], ns[FORMAT_MAX];

	format_ns(ns, (double)row->slat_p50_ns);
	if (row->path == RESULT_PATH_NR || row->path == RESULT_UNKNOWN)
		snprintf(buf, WORDS_MAX, "slat p50 %s", ns);
	else
		snprintf(buf, WORDS_MAX, "%s %s, slat p50 %s",
			 result_path_name(row->path), format_share(share, row->share, 1),
			 ns);
	return buf;
}

static const struct probe_row *find(const struct advice *a, const char *kind,
				    const char *engine)
{
	return probe_find(a->p, kind, engine, DEPTH_FULL, 0);
}

/* Appends in flight that go through: the most of those that were tried. */
static void find_concurrency(struct probe *p)
{
	size_t i;

	p->concurrency = -1;
	for (i = 0; i < p->row_nr; i++) {
		const struct probe_row *row = &p->row[i];
		int depth = (int)row->append_depth;

		if (!depth || !row->ops)
			continue;
		if (p->concurrency < 0)
			p->concurrency = 0;
		if (row->blocked_share < BLOCKED_MAX && depth > p->concurrency)
			p->concurrency = depth;
	}
}

static void advise_append(struct advice *a)
{
	const struct probe_row *ring = find(a, "append", "io_uring");
	char slow[WORDS_MAX], fast[FORMAT_MAX];

	if (slower(a->append, a->overwrite) && a->append->blocked_share >= BLOCKED_MAX)
		advise(a,
		       "appends block the submitter (%s): preallocate and write the space first (overwrite: %s)",
		       words(a->append, slow),
		       format_ns(fast, (double)a->overwrite->slat_p50_ns));
	if (slower(a->append, ring))
		advise(a, "io_uring submits appends without that wait (libaio: %s; %s)%s",
		       words(a->append, slow), words(ring, (char[WORDS_MAX]){ "" }),
		       ring->path == RESULT_PUNTED ? ": it moves to a worker" : "");
}

/* The appends that go through are those of a submitter that holds others back. */
static void advise_depth(struct advice *a)
{
	char few[FORMAT_MAX], many[FORMAT_MAX];
	const struct probe_row *row;
	unsigned int depth = a->p->concurrency > 0 ? (unsigned int)a->p->concurrency : 1;

	row = probe_find(a->p, "append", "libaio", DEPTH_FULL, depth);
	if (depth == DEPTH_FULL || !slower(a->append, row))
		return;
	advise(a, "hold appends to %u in flight: append_depth=%u slat p50 %s against %s",
	       depth, depth, format_ns(few, (double)row->slat_p50_ns),
	       format_ns(many, (double)a->append->slat_p50_ns));
}

static void advise_prealloc(struct advice *a)
{
	const struct probe_row *row = find(a, "append-prealloc", "libaio");
	char text[WORDS_MAX], was[FORMAT_MAX];

	if (!row || !a->append || !a->append->slat_known)
		return;
	format_ns(was, (double)a->append->slat_p50_ns);
	if (slower(a->append, row))
		advise(a,
		       "fallocate with KEEP_SIZE before appending: append-prealloc %s, append %s",
		       words(row, text), was);
	else if (slower(a->append, a->overwrite) && slower(row, a->overwrite))
		advise(a,
		       "fallocate with KEEP_SIZE does not help: append-prealloc %s, append %s",
		       words(row, text), was);
}

/* A kind that is slower than its plain or written counterpart. */
static void advise_against(struct advice *a, const char *kind, const char *base,
			   const char *what)
{
	const struct probe_row *row = find(a, kind, "libaio");
	const struct probe_row *than = find(a, base, "libaio");
	char slow[WORDS_MAX], fast[FORMAT_MAX];

	if (slower(row, than))
		advise(a, "%s (%s: %s; %s: %s)", what, kind, words(row, slow), base,
		       format_ns(fast, (double)than->slat_p50_ns));
}

/* Where +nowait tells a write that would block from one that would not. */
static void advise_nowait(struct advice *a)
{
	const struct probe_row *append = find(a, "append+nowait", "libaio");
	const struct probe_row *overwrite = find(a, "overwrite+nowait", "libaio");
	char share[2][FORMAT_MAX];

	if (!append || !overwrite || append->path != RESULT_REFUSED ||
	    overwrite->path == RESULT_REFUSED ||
	    append->share < FACTOR * (1 - overwrite->share))
		return;
	advise(a,
	       "RWF_NOWAIT has appends refused (%s) instead of blocked, and lets overwrites through (%s %s): send what is refused to another thread",
	       format_share(share[0], append->share, 1),
	       result_path_name(overwrite->path),
	       format_share(share[1], overwrite->share, 1));
}

int probe_conclude(struct probe *p)
{
	struct advice a = { .p = p };

	find_concurrency(p);
	a.overwrite = find(&a, "overwrite", "libaio");
	a.append = find(&a, "append", "libaio");
	advise_append(&a);
	advise_depth(&a);
	advise_prealloc(&a);
	advise_against(&a, "unwritten", "overwrite",
		       "allocated but unwritten blocks are slower to submit to");
	advise_against(&a, "hole", "overwrite", "holes are slower to submit to");
	advise_against(&a, "overwrite+unaligned", "overwrite",
		       "keep overwrites aligned to blocks of the file system");
	advise_against(&a, "append+unaligned", "append",
		       "keep appends aligned to blocks of the file system");
	advise_against(&a, "overwrite+dsync", "overwrite",
		       "RWF_DSYNC makes overwrites block");
	advise_nowait(&a);
	return a.rc;
}
