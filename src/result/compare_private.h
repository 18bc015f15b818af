/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that make a comparison share. */
#ifndef DIOWAIT_COMPARE_PRIVATE_H
#define DIOWAIT_COMPARE_PRIVATE_H

#include "result/compare.h"

/* The values of one measure of one kind, a side. */
struct compare_values {
	double *value;	  /* of every round, sitting after sitting */
	size_t *round_nr; /* of each sitting */
	size_t sitting_nr, nr;
	uint64_t samples; /* in the round with the fewest */
	bool any;	  /* some round has it */
};

/* One variant of each sitting of a side: what a pair is made of. */
struct compare_source {
	const struct result *const *result;
	const struct result_variant *const *variant;
	size_t nr;
};

/*
 * Rounds of v that count: all, but for the last of an interrupted run, which was cut
 * short, where there is another.
 */
size_t compare_round_nr(const struct result *r, const struct result_variant *v);

/* compare_row.c: the rows of a kind that both sides have; p_holm and verdict are
 * missing. 0 or -ENOMEM. */
int compare_kind_fill(const struct compare *c,
		      const struct compare_source side[COMPARE_SIDES],
		      struct compare_kind *k);

/* compare_row.c: Holm over the gate, verdicts, counts, and whether there can be any. */
int compare_judge(struct compare *c);

/* compare_sides.c: sides, differences, warnings. 0 or -ENOMEM. */
int compare_describe(struct compare *c, const struct compare_input side[COMPARE_SIDES]);

/* Appends a sentence. 0 or -ENOMEM. */
int compare_warn(struct compare *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Formats into *text, which is freed before. 0 or -ENOMEM. */
int compare_text(char **text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
