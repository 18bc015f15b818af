/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log-linear histogram of nanoseconds.
 *
 * Every power of two is cut into HIST_SUB bins of equal width, so a bin that
 * starts at v is at most v / HIST_SUB wide, and its middle is off by at most
 * 1 / (2 * HIST_SUB) = 0.098 % of any value in it. Below 2 * HIST_SUB that is
 * a bin for each value, and others that no whole number falls in: the price of
 * an index that is made as a floating-point number is. The range ends above
 * 100 s; what lies past it is counted in .saturated and in no bin (min, max and
 * sum stay exact), and zeros in .zeros.
 */
#ifndef DIOWAIT_HIST_H
#define DIOWAIT_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HIST_SUB_BITS 9
#define HIST_SUB (1u << HIST_SUB_BITS)
#define HIST_TOP_BITS 37 /* values below 2^37 ns = 137 s */
#define HIST_LIMIT_NS (1ull << HIST_TOP_BITS)
#define HIST_BINS (HIST_TOP_BITS * HIST_SUB)

struct hist {
	uint64_t min_ns, max_ns; /* without zeros; min_ns UINT64_MAX when empty */
	uint64_t max_binned_ns;	 /* largest value that has a bin */
	uint64_t sum_ns;
	uint64_t zeros; /* in no bin, part of N */
	uint64_t saturated;
	uint64_t bin[HIST_BINS];
};

/* What a result keeps of a histogram. Percentiles: same order as asked. */
struct hist_summary {
	uint64_t n; /* all values, zeros and saturated too */
	uint64_t saturated;
	uint64_t min_ns, max_ns; /* 0 when n is 0 */
	double mean_ns, stddev_ns;
};

/*
 * 0 < ns < HIST_LIMIT_NS. An IEEE double holds such a number exactly, and the
 * top of it, exponent and first HIST_SUB_BITS of the fraction, is the index: the
 * processor's conversion does in one instruction what takes seven by shifts.
 */
static inline uint64_t hist_index(uint64_t ns)
{
	const uint64_t bias = 1023; /* of the exponent */
	double value = (double)(int64_t)ns;
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return (bits >> (52 - HIST_SUB_BITS)) - bias * HIST_SUB;
}

/* The smallest value and the width of a bin, ns; 0 wide: it has none. */
uint64_t hist_bin_low_ns(unsigned int index);
uint64_t hist_bin_width_ns(unsigned int index);

/*
 * The rare part of hist_add(): 0, a new minimum or maximum, or a value past
 * the range.
 */
void hist_add_outside(struct hist *h, uint64_t ns);

/*
 * The hot path: no division, and no call but for a value outside [min, max]
 * (where 0 and all that are past the range fall, or saturate the maximum).
 */
static inline void hist_add(struct hist *h, uint64_t ns)
{
	if (__builtin_expect(ns < h->min_ns || ns > h->max_binned_ns, 0)) {
		hist_add_outside(h, ns);
		return;
	}
	h->sum_ns += ns;
	h->bin[hist_index(ns)]++;
}

/*
 * nr values of 0, where the hot path left them out: they are only counted, but
 * min, N and percentiles know them.
 */
static inline void hist_add_zeros(struct hist *h, uint64_t nr)
{
	h->zeros += nr;
}

/* Empties h; also what makes fresh memory a histogram. Touches every page. */
void hist_init(struct hist *h);

/* Adds all of from to into. */
void hist_merge(struct hist *into, const struct hist *from);

/* Number of values. */
uint64_t hist_count(const struct hist *h);

/*
 * Smallest value v such that at least p percent of all values are <= v:
 * the middle of its bin, kept inside [min, max]. 0 when empty; max when the
 * rank falls among the saturated. 0 < p <= 100.
 */
uint64_t hist_percentile_ns(const struct hist *h, double p);

/* The same for a whole list in one pass; p ascending. */
void hist_percentiles_ns(const struct hist *h, const double *p, size_t nr,
			 uint64_t *out_ns);

/* stddev is of the population, computed from bin middles. */
void hist_summarise(const struct hist *h, struct hist_summary *out);

#endif
