// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/compare.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "stats/student.h"

/* ---- rounds ---- */

static double both_tails(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

/*
 * Twice the midrank of value among all, a whole number: values below it, times two,
 * and values equal to it, itself included, and one.
 */
static size_t double_rank(double value, const double *a, size_t a_nr, const double *b,
			  size_t b_nr)
{
	size_t rank = 1, i;

	for (i = 0; i < a_nr; i++)
		rank += a[i] < value ? 2 : a[i] == value;
	for (i = 0; i < b_nr; i++)
		rank += b[i] < value ? 2 : b[i] == value;
	return rank;
}

/*
 * The share of all choices of a_nr values whose doubled rank sum lies at least as far
 * from its mean as sum does. count[k][s] is the number of choices of k of the values
 * so far with the sum s: each value is left, or taken, which shifts k and s.
 */
static int exact_p(const double *a, size_t a_nr, const double *b, size_t b_nr, size_t sum,
		   double *p)
{
	size_t nr = a_nr + b_nr, sums = nr * (nr + 1) + 1, i, k, s;
	double *count = calloc((a_nr + 1) * sums, sizeof(*count));
	double mean = (double)(a_nr * (nr + 1)), all = 0, far = 0;

	if (!count)
		return -ENOMEM;
	count[0] = 1;
	for (i = 0; i < nr; i++) {
		size_t rank = double_rank(i < a_nr ? a[i] : b[i - a_nr], a, a_nr, b,
					  b_nr);

		for (k = i < a_nr ? i + 1 : a_nr; k; k--)
			for (s = sums - 1; s >= rank; s--)
				count[k * sums + s] += count[(k - 1) * sums + s - rank];
	}
	for (s = 0; s < sums; s++) {
		all += count[a_nr * sums + s];
		if (fabs((double)s - mean) >= fabs((double)sum - mean))
			far += count[a_nr * sums + s];
	}
	free(count);
	*p = fmin(1, far / all);
	return 0;
}

/* ties: sum of t^3 - t over the groups of t equal values. */
static double normal_p(size_t a_nr, size_t b_nr, double u, double ties)
{
	double n = (double)a_nr, m = (double)b_nr, all = n + m;
	double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
	double off = fabs(u - n * m / 2) - 0.5;

	if (!(variance > 0) || off < 0)
		return 1;
	return both_tails(off / sqrt(variance));
}

/* A value in a group of t is equal to t: t^2 - 1 from each is t^3 - t. */
static double tie_sum(const double *a, size_t a_nr, const double *b, size_t b_nr)
{
	double sum = 0;
	size_t i, j;

	for (i = 0; i < a_nr + b_nr; i++) {
		double value = i < a_nr ? a[i] : b[i - a_nr], equal = 0;

		for (j = 0; j < a_nr; j++)
			equal += a[j] == value;
		for (j = 0; j < b_nr; j++)
			equal += b[j] == value;
		sum += equal * equal - 1;
	}
	return sum;
}

int compare_rank(const double *a, size_t a_nr, const double *b, size_t b_nr,
		 struct compare_rank *out)
{
	size_t sum = 0, i;

	for (i = 0; i < a_nr; i++)
		sum += double_rank(a[i], a, a_nr, b, b_nr);
	out->u = ((double)sum - (double)(a_nr * (a_nr + 1))) / 2;
	out->exact = a_nr + b_nr <= COMPARE_EXACT_MAX;
	if (out->exact)
		return exact_p(a, a_nr, b, b_nr, sum, &out->p);
	out->p = normal_p(a_nr, b_nr, out->u, tie_sum(a, a_nr, b, b_nr));
	return 0;
}

double compare_rank_least_p(size_t a_nr, size_t b_nr)
{
	double n = (double)a_nr, m = (double)b_nr;

	if (!a_nr || !b_nr)
		return 1;
	if (a_nr + b_nr > COMPARE_EXACT_MAX)
		return normal_p(a_nr, b_nr, 0, 0);
	return fmin(1, 2 * exp(lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1)));
}

/* ---- sittings ---- */

static double mean_of(const double *x, size_t nr)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		sum += x[i];
	return sum / (double)nr;
}

/* Of the population that the values are drawn from; at least least_sd^2. */
static double variance_of(const double *x, size_t nr, double mean, double least_sd)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return fmax(sum / (double)(nr - 1), least_sd * least_sd);
}

/* Without any spread: the same, or certainly not. */
static double p_of(double off, double spread, double df)
{
	if (!(spread > 0))
		return off == 0;
	return student_p(off / spread, df);
}

double compare_welch_p(const double *a, size_t a_nr, const double *b, size_t b_nr,
		       double least_sd)
{
	double a_mean = mean_of(a, a_nr), b_mean = mean_of(b, b_nr);
	double va = variance_of(a, a_nr, a_mean, least_sd) / (double)a_nr;
	double vb = variance_of(b, b_nr, b_mean, least_sd) / (double)b_nr;
	double df = (va + vb) * (va + vb) /
		    (va * va / (double)(a_nr - 1) + vb * vb / (double)(b_nr - 1));

	return p_of(b_mean - a_mean, sqrt(va + vb), df);
}

double compare_predict_p(const double *old, size_t nr, double new_value, double least_sd,
			 double *half)
{
	double mean = mean_of(old, nr), df = (double)(nr - 1);
	double spread = sqrt(variance_of(old, nr, mean, least_sd) * (1 + 1 / (double)nr));

	*half = spread * student_t(0.05, df);
	return p_of(new_value - mean, spread, df);
}

/* ---- many tests at once ---- */

struct ordered {
	double p;
	size_t at;
};

static int by_p(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

int compare_holm(const double *p, size_t nr, double *adjusted)
{
	struct ordered *list = calloc(nr ? nr : 1, sizeof(*list));
	double least = 0;
	size_t i;

	if (!list)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		list[i] = (struct ordered){ p[i], i };
	qsort(list, nr, sizeof(*list), by_p);
	/* A row can't pass where one with a smaller p did not. */
	for (i = 0; i < nr; i++) {
		least = fmax(least, fmin(1, (double)(nr - i) * list[i].p));
		adjusted[list[i].at] = least;
	}
	free(list);
	return 0;
}
