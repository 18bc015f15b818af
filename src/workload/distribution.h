/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often random positions are hit: the value of fio's random_distribution. */
#ifndef DIOWAIT_DISTRIBUTION_H
#define DIOWAIT_DISTRIBUTION_H

#include <stddef.h>

#define DISTRIBUTION_ZONES_MAX 64

enum distribution_how {
	DISTRIBUTION_RANDOM, /* each position once before any twice */
	DISTRIBUTION_ZIPF,   /* the k-th hottest as k^-shape */
	DISTRIBUTION_PARETO, /* a share `shape` of positions gets 1 - shape of the hits */
	DISTRIBUTION_NORMAL, /* around the middle; standard deviation: shape % of all */
	DISTRIBUTION_ZONED   /* by zones, uniformly within each */
};

struct distribution {
	enum distribution_how how;
	double shape;
	struct {
		unsigned int access, size; /* percent; each column comes to 100 */
	} zone[DISTRIBUTION_ZONES_MAX];
	unsigned int zone_nr;
};

/*
 * "random", "zipf:1.2", "pareto:0.2", "normal:20", "zoned:50/5:30/15:20/80"; the number
 * of the first three has fio's default, and what is left of the last zone's size may be
 * left out. 0 and *d; or -EINVAL, *d unchanged, and why (size bytes) says what would be
 * right.
 */
int distribution_parse(const char *value, struct distribution *d, char *why, size_t size);

/* The same as text, to be freed; NULL: no memory. */
char *distribution_format(const struct distribution *d);

#endif
