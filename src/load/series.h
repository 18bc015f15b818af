/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a row of statistics did second by second: differences of its histograms, taken
 * by the load thread itself once a second, and so coarse that an hour of them fits.
 */
#ifndef DIOWAIT_SERIES_H
#define DIOWAIT_SERIES_H

#include <stdint.h>

#include "stats/hist.h"

#define SERIES_WIDTH_NS 1000000000ull

/* 16 bins for each power of two: a percentile is within 1/32 of its value. */
#define SERIES_SUB 16
#define SERIES_BINS (HIST_TOP_BITS * SERIES_SUB)

struct series_point {
	uint64_t ns; /* how long it is */
	uint32_t slat[SERIES_BINS], lat[SERIES_BINS];
};

struct series {
	struct series_point *point;
	unsigned int nr, max;
	unsigned int each; /* points of SERIES_WIDTH_NS that one is made of */
	unsigned int part; /* of the last one, those that are there */
	/* What the histograms held at the last point. */
	uint64_t slat[SERIES_BINS], lat[SERIES_BINS];
};

/*
 * Room for a runtime (0: nobody knows), but for max points at most, where neighbours
 * become one. NULL: no memory.
 */
struct series *series_new(uint64_t runtime_ns, unsigned int max);
void series_free(struct series *s);

/* ns have passed since the last point, in which the histograms became these. */
void series_add(struct series *s, uint64_t ns, const struct hist *slat,
		const struct hist *lat);

/* Adds the points of from, of another thread that began with it. */
void series_merge(struct series *into, const struct series *from);

/* Number of values, and the value of percentile p (0: none), of SERIES_BINS bins. */
uint64_t series_count(const uint32_t *bin);
uint64_t series_percentile_ns(const uint32_t *bin, double p);

#endif
