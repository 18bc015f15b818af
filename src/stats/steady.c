// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/steady.h"

#include <math.h>

/* Of the least-squares line through (0, v[0]), (1, v[1]), ... */
static double steady_slope(const double *v, size_t nr, double mean)
{
	double middle = (double)(nr - 1) / 2, up = 0, down = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		up += ((double)i - middle) * (v[i] - mean);
		down += ((double)i - middle) * ((double)i - middle);
	}
	return up / down;
}

struct steady_verdict steady_judge(const double *v, size_t nr, bool slope, bool percent)
{
	struct steady_verdict s = { 0 };
	size_t i;

	for (i = 0; i < nr; i++)
		s.mean += v[i] / (double)nr;
	if (slope)
		s.value = steady_slope(v, nr, s.mean);
	for (i = 0; i < nr && !slope; i++)
		s.value = fmax(s.value, fabs(v[i] - s.mean));
	if (percent)
		s.value *= 100 / s.mean;
	return s;
}
