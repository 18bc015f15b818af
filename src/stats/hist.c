// SPDX-License-Identifier: GPL-2.0-or-later
#include "stats/hist.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

_Static_assert(FLT_RADIX == 2 && DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024,
	       "doubles are IEEE 754's, as hist_index() takes them to be");

/*
 * A bin starts at 2^exponent * (1 + fraction / HIST_SUB): in small powers of two
 * between whole numbers, where the next one above is meant.
 */
static uint64_t bin_start_ns(unsigned int index)
{
	unsigned int exponent = index / HIST_SUB;
	uint64_t start = HIST_SUB + index % HIST_SUB, below;

	if (exponent >= HIST_SUB_BITS)
		return start << (exponent - HIST_SUB_BITS);
	below = (1u << (HIST_SUB_BITS - exponent)) - 1;
	return (start + below) >> (HIST_SUB_BITS - exponent);
}

uint64_t hist_bin_low_ns(unsigned int index)
{
	assert(index < HIST_BINS);
	return bin_start_ns(index);
}

uint64_t hist_bin_width_ns(unsigned int index)
{
	assert(index < HIST_BINS);
	return bin_start_ns(index + 1) - bin_start_ns(index);
}

void hist_init(struct hist *h)
{
	/* Writing zeros, not asking for zeroed memory, is what faults it in. */
	memset(h, 0, sizeof(*h));
	h->min_ns = UINT64_MAX;
}

void hist_add_outside(struct hist *h, uint64_t ns)
{
	/* Not a minimum: what is not below it would have to have an index. */
	if (!ns) {
		h->zeros++;
		return;
	}
	if (ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
	h->sum_ns += ns;
	if (ns >= HIST_LIMIT_NS) {
		h->saturated++;
		return;
	}
	if (ns > h->max_binned_ns)
		h->max_binned_ns = ns;
	h->bin[hist_index(ns)]++;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	unsigned int i;

	if (from->min_ns < into->min_ns)
		into->min_ns = from->min_ns;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
	if (from->max_binned_ns > into->max_binned_ns)
		into->max_binned_ns = from->max_binned_ns;
	into->sum_ns += from->sum_ns;
	into->zeros += from->zeros;
	into->saturated += from->saturated;
	for (i = 0; i < HIST_BINS; i++)
		into->bin[i] += from->bin[i];
}

/* Bins that may hold something: from first to last; none: last is below first. */
struct bin_range {
	unsigned int first, last;
};

static struct bin_range bin_range(const struct hist *h)
{
	if (!h->max_binned_ns || h->min_ns > h->max_binned_ns)
		return (struct bin_range){ 1, 0 };
	return (struct bin_range){ (unsigned int)hist_index(h->min_ns),
				   (unsigned int)hist_index(h->max_binned_ns) };
}

uint64_t hist_count(const struct hist *h)
{
	struct bin_range r = bin_range(h);
	uint64_t n = h->zeros + h->saturated;
	unsigned int i;

	for (i = r.first; i <= r.last; i++)
		n += h->bin[i];
	return n;
}

/* The smallest value: zeros do not touch min_ns. */
static uint64_t true_min_ns(const struct hist *h)
{
	if (h->zeros)
		return 0;
	return h->min_ns == UINT64_MAX ? 0 : h->min_ns;
}

/*
 * What stands for every value of a bin. The ends of the range are known
 * exactly, so a lone value, or a lone bin at either end, is not rounded
 * outside of what was seen.
 */
static uint64_t bin_middle_ns(const struct hist *h, unsigned int index)
{
	uint64_t ns = hist_bin_low_ns(index) + hist_bin_width_ns(index) / 2;

	if (ns < h->min_ns)
		return h->min_ns;
	return ns > h->max_ns ? h->max_ns : ns;
}

/*
 * Nearest rank: ceil(p / 100 * n), at least 1. p is a decimal that binary can
 * not hold (99.9 is a hair above), so without the slack of a few roundings
 * p99.9 of 1000 values could come out as rank 1000.
 */
static uint64_t percentile_rank(double p, uint64_t n)
{
	double rank = ceil(p * (double)n / 100.0 * (1.0 - 4 * DBL_EPSILON));

	if (rank < 1)
		return 1;
	return rank >= (double)n ? n : (uint64_t)rank;
}

void hist_percentiles_ns(const struct hist *h, const double *p, size_t nr,
			 uint64_t *out_ns)
{
	uint64_t n = hist_count(h), seen = h->zeros;
	struct bin_range r = bin_range(h);
	unsigned int next = r.first;
	uint64_t value_ns = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		uint64_t rank;

		/* Who passes the address of one value passes nr 1. */
		/* cppcheck-suppress objectIndex */
		assert(p[i] > 0 && p[i] <= 100 && (!i || p[i] >= p[i - 1]));
		if (!n) {
			out_ns[i] = 0;
			continue;
		}
		rank = percentile_rank(p[i], n);
		while (seen < rank && next <= r.last) {
			if (h->bin[next]) {
				seen += h->bin[next];
				value_ns = bin_middle_ns(h, next);
			}
			next++;
		}
		out_ns[i] = seen < rank ? h->max_ns : value_ns;
	}
}

uint64_t hist_percentile_ns(const struct hist *h, double p)
{
	uint64_t ns;

	hist_percentiles_ns(h, &p, 1, &ns);
	return ns;
}

/* Sum of count * (middle - mean)^2; saturated values by their own mean. */
static double square_sum(const struct hist *h, double mean_ns)
{
	double squares = (double)h->zeros * mean_ns * mean_ns;
	double rest_ns = (double)h->sum_ns;
	unsigned int i;

	for (i = 0; i < HIST_BINS; i++) {
		double middle_ns, off_ns;

		if (!h->bin[i])
			continue;
		middle_ns = (double)bin_middle_ns(h, i);
		off_ns = middle_ns - mean_ns;
		squares += (double)h->bin[i] * off_ns * off_ns;
		rest_ns -= (double)h->bin[i] * middle_ns;
	}
	if (h->saturated) {
		/*
		 * The sum is exact, so what the bins leave of it belongs to
		 * them. Bin errors may push it outside what is possible.
		 */
		double each_ns = rest_ns / (double)h->saturated;

		each_ns = fmin(fmax(each_ns, (double)HIST_LIMIT_NS), (double)h->max_ns);
		squares += (double)h->saturated * (each_ns - mean_ns) *
			   (each_ns - mean_ns);
	}
	return squares;
}

void hist_summarise(const struct hist *h, struct hist_summary *out)
{
	uint64_t n = hist_count(h);

	memset(out, 0, sizeof(*out));
	if (!n)
		return;
	out->n = n;
	out->saturated = h->saturated;
	out->min_ns = true_min_ns(h);
	out->max_ns = h->max_ns;
	out->mean_ns = (double)h->sum_ns / (double)n;
	out->stddev_ns = sqrt(square_sum(h, out->mean_ns) / (double)n);
}
