/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of whether two sides differ, all two-sided: the answer is p, how often
 * chance alone makes a difference at least as large. Pure functions of numbers.
 * Intervals of the ratio are bootstrap.h's.
 */
#ifndef DIOWAIT_STATS_COMPARE_H
#define DIOWAIT_STATS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/* ---- rounds: ranks ---- */

/* With more values than that, both sides together, ranks are taken as normal. */
#define COMPARE_EXACT_MAX 40

struct compare_rank {
	double u;   /* Mann and Whitney's: pairs with a > b, ties count a half */
	double p;   /* 1 when all values are one number */
	bool exact; /* false: by the normal approximation */
};

/*
 * The rank-sum test of two independent samples: F. Wilcoxon, Individual comparisons
 * by ranking methods, Biometrics Bulletin 1, 1945; H. B. Mann and D. R. Whitney, On a
 * test whether one of two random variables is stochastically larger than the other,
 * Ann. Math. Statist. 18, 1947. Up to COMPARE_EXACT_MAX values the distribution of
 * the rank sum is counted exactly, given the ties (B. Streitberg and J. Roehmel, Exact
 * distributions for permutation and rank tests, Statistical Software Newsletter 12,
 * 1986); above, it is the normal approximation with corrections for ties and for
 * continuity (M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods, 1999,
 * 4.1). Neither side may be empty. 0 or -ENOMEM.
 */
int compare_rank(const double *a, size_t a_nr, const double *b, size_t b_nr,
		 struct compare_rank *out);

/*
 * The smallest p that the test can have with so many values, all of one side above
 * all of the other: 2 / C(a_nr + b_nr, a_nr) where it is exact.
 */
double compare_rank_least_p(size_t a_nr, size_t b_nr);

/* ---- sittings: t on logs ---- */

/*
 * Welch's t-test (B. L. Welch, The generalization of "Student's" problem when several
 * different population variances are involved, Biometrika 34, 1947) of the means of
 * a and b, at least two values each. It is here because ranks can't do it: three
 * values against three have 20 orders, so that a rank test never has p below 0.1;
 * three sittings a side is what people have.
 *
 * least_sd: the least standard deviation that is believed of one value, where rounding
 * makes equal what is not. 0 with equal values all over: p is 0, or 1.
 */
double compare_welch_p(const double *a, size_t a_nr, const double *b, size_t b_nr,
		       double least_sd);

/*
 * One new value against the prediction interval that nr >= 2 old ones make (G. J. Hahn
 * and W. Q. Meeker, Statistical Intervals, 1991, 4.7): the t of its distance from
 * their mean in units of s * sqrt(1 + 1 / nr), nr - 1 degrees of freedom. *half: the
 * half width of the 95 % interval of that distance.
 */
double compare_predict_p(const double *old, size_t nr, double new_value, double least_sd,
			 double *half);

/* ---- many tests at once ---- */

/*
 * Holm's step-down (S. Holm, A simple sequentially rejective multiple test procedure,
 * Scand. J. Statist. 6, 1979): adjusted[i] is p[i] for the whole list, so that below
 * 0.05 stands a false one in at most 5 % of all lists. May be called in place.
 * 0 or -ENOMEM.
 */
int compare_holm(const double *p, size_t nr, double *adjusted);

#endif
