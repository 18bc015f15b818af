/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Student's t distribution ("Student", The probable error of a mean, Biometrika 6,
 * 1908), by the regularised incomplete beta function: the probability that |T|
 * with df degrees of freedom is at least t is I_x(df/2, 1/2), x = df / (df + t^2)
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1).
 */
#ifndef DIOWAIT_STUDENT_H
#define DIOWAIT_STUDENT_H

/*
 * I_x(a, b): the continued fraction of DLMF 8.17.22, evaluated by the modified
 * Lentz method (Press et al., Numerical Recipes, 3rd edition, 6.4). 0 <= x <= 1,
 * a and b above 0.
 */
double student_beta(double a, double b, double x);

/* Two-sided: the probability of |T| >= |t|. df > 0 need not be whole. */
double student_p(double t, double df);

/* The t > 0 with student_p(t, df) == p; 0 < p < 1. */
double student_t(double p, double df);

#endif
