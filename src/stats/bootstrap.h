/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interval of a ratio by the bootstrap (B. Efron and R. J. Tibshirani, An
 * Introduction to the Bootstrap, 1993; percentile intervals: chapter 13), in two
 * levels, because the rounds of a sitting are more alike than sittings are: first the
 * sittings are drawn with replacement, then, within each that was drawn, its rounds
 * (A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, 1997,
 * 3.8). One sitting is the plain bootstrap of its rounds.
 */
#ifndef DIOWAIT_BOOTSTRAP_H
#define DIOWAIT_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

/* One side: the values of all rounds, sitting after sitting. All above 0. */
struct bootstrap_side {
	const double *value;
	const size_t *round_nr; /* of each sitting, none 0 */
	size_t sitting_nr;
};

/*
 * A side as one number: the geometric mean over its sittings of the median over each
 * one's rounds. 0 or -ENOMEM.
 */
int bootstrap_value(const struct bootstrap_side *side, double *out);

/*
 * draw_nr values of the side, each from sittings and rounds drawn anew; as natural
 * logarithms. The same seed gives the same. 0 or -ENOMEM.
 */
int bootstrap_draw(const struct bootstrap_side *side, uint64_t seed, double *log_out,
		   size_t draw_nr);

/*
 * How far off the value of a side may be by chance: the standard deviation of draw_nr
 * (at least 2) drawn logs. 0 or -ENOMEM.
 */
int bootstrap_spread(const struct bootstrap_side *side, uint64_t seed, size_t draw_nr,
		     double *out);

/*
 * The central 95 % of draw_nr (at least 40) drawn ratios b / a.
 * 0 or -ENOMEM.
 */
int bootstrap_ratio(const struct bootstrap_side *a, const struct bootstrap_side *b,
		    uint64_t seed, size_t draw_nr, double *low, double *high);

#endif
