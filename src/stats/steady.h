/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether something has come to a steady state, as fio's steadystate= means it: over a
 * window of values, one an interval, either none is far from their mean, or the line
 * through them (least squares) rises or falls little from one to the next.
 */
#ifndef DIOWAIT_STEADY_H
#define DIOWAIT_STEADY_H

#include <stdbool.h>
#include <stddef.h>

struct steady_verdict {
	double mean;
	double value; /* the largest distance from it, or the slope; percent: of the mean */
};

/* Of nr values, 2 at least. The value is not finite where it is percent of a mean of 0. */
struct steady_verdict steady_judge(const double *v, size_t nr, bool slope, bool percent);

#endif
