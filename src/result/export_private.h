/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the exporters share, and their functions. */
#ifndef DIOWAIT_EXPORT_PRIVATE_H
#define DIOWAIT_EXPORT_PRIVATE_H

#include <stdint.h>

#include "result/export.h"

/* A kind of a variant that was asked for. */
struct export_item {
	const struct result_variant *v;
	const struct result_kind *k;
	size_t variant_nr; /* from 1 */
	/* What tells the variant from the others: "iodepth=8 reap=full"; "" without a
	 * sweep. */
	char *variant;
};

struct export
{
	const struct result *r;
	size_t times; /* of a format that takes one */
	struct export_item *item;
	size_t item_nr;
	FILE *out;
	char *err;
	size_t err_size;
};

/* Why it can't be done, in e->err; returns -EINVAL. */
int export_fail(struct export *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The distribution i (as export_times_name()) of a kind; NULL past the last. */
const struct result_dist *export_dist(const struct result_kind *k, size_t i);

/* Help of a distribution: a line for people, no full stop. */
const char *export_times_help(size_t i);

/* Operations of k that failed, but for a full file system and refusals under NOWAIT. */
uint64_t export_failed(const struct result_kind *k);

/* Why a run is not whole: a line, "interrupted" or the error that ended it; or NULL. */
const char *export_cut_short(const struct result *r);

/* s with a '?' for each control character and each of extra; as a word of a line. */
void export_put_line(FILE *out, const char *s, const char *extra);

/* Seconds of ns, with all nine decimals, as far as they are not 0. */
void export_put_seconds(FILE *out, uint64_t ns);

int export_csv(struct export *e);
int export_fio(struct export *e);
int export_gobench(struct export *e);
int export_hgrm(struct export *e);
int export_junit(struct export *e);
int export_ktap(struct export *e);
int export_prometheus(struct export *e);

#endif
