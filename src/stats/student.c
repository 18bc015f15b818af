// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/student.h"

#include <float.h>
#include <math.h>

#define STEPS_MAX 10000
#define TINY 1e-300 /* stands for a 0 that would be divided by */

static double not_zero(double x)
{
	return fabs(x) < TINY ? TINY : x;
}

/* Converges fast where x < (a + 1) / (a + b + 2), which the caller sees to. */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), f = d;
	int step;

	for (step = 1; step < STEPS_MAX; step++) {
		double m = step, a2m = a + 2 * m, even, odd, change;

		even = m * (b - m) * x / ((a2m - 1) * a2m);
		d = 1 / not_zero(1 + even * d);
		c = not_zero(1 + even / c);
		f *= c * d;
		odd = -(a + m) * (a + b + m) * x / (a2m * (a2m + 1));
		d = 1 / not_zero(1 + odd * d);
		c = not_zero(1 + odd / c);
		change = c * d;
		f *= change;
		if (fabs(change - 1) < DBL_EPSILON)
			break;
	}
	return f;
}

double student_beta(double a, double b, double x)
{
	double front;

	if (!(x > 0))
		return 0;
	if (!(x < 1))
		return 1;
	/* Symmetric, I_x(a, b) = 1 - I_1-x(b, a): one of both converges fast. */
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_p(double t, double df)
{
	if (isinf(t))
		return 0;
	return student_beta(df / 2, 0.5, df / (df + t * t));
}

double student_t(double p, double df)
{
	double low = 0, high = 1;
	int step;

	while (student_p(high, df) > p && high < 1e12)
		high *= 2;
	for (step = 0; step < 200 && high - low > 1e-12 * high; step++) {
		double middle = (low + high) / 2;

		if (student_p(middle, df) > p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}
