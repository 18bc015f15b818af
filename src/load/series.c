// SPDX-License-Identifier: GPL-2.0-or-later
#include "load/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series *series_new(uint64_t runtime_ns, unsigned int max)
{
	uint64_t seconds = runtime_ns / SERIES_WIDTH_NS + 2;
	struct series *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->max = runtime_ns && seconds < max ? (unsigned int)seconds : max;
	s->each = 1;
	/* Pages that no second comes to are never touched. */
	s->point = calloc(s->max, sizeof(*s->point));
	if (!s->point) {
		free(s);
		return NULL;
	}
	return s;
}

void series_free(struct series *s)
{
	if (!s)
		return;
	free(s->point);
	free(s);
}

/* What a histogram has more than before, in coarse bins; before is brought up. */
static void series_diff(uint32_t *bin, uint64_t *before, const struct hist *h)
{
	const unsigned int fine = HIST_SUB / SERIES_SUB;
	unsigned int i, first, last, k;

	if (!h->max_binned_ns || h->min_ns > h->max_binned_ns)
		return;
	first = (unsigned int)hist_index(h->min_ns) / fine;
	last = (unsigned int)hist_index(h->max_binned_ns) / fine;
	for (i = first; i <= last; i++) {
		const uint64_t *part = &h->bin[i * fine];
		uint64_t now = 0;

#pragma GCC unroll 32
		for (k = 0; k < fine; k++)
			now += part[k];
		bin[i] += (uint32_t)(now - before[i]);
		before[i] = now;
	}
}

static void series_point_add(struct series_point *into, const struct series_point *from)
{
	unsigned int i;

	for (i = 0; i < SERIES_BINS; i++) {
		into->slat[i] += from->slat[i];
		into->lat[i] += from->lat[i];
	}
}

/* Two neighbours become one each: room for as many again. */
static void series_halve(struct series *s)
{
	unsigned int i;

	for (i = 0; i < s->nr; i += 2) {
		struct series_point *p = &s->point[i / 2];

		if (i)
			*p = s->point[i];
		if (i + 1 == s->nr)
			break;
		p->ns += s->point[i + 1].ns;
		series_point_add(p, &s->point[i + 1]);
	}
	/* The last had all its parts; now it may be a half. */
	s->part = s->nr % 2 ? s->each : 2 * s->each;
	s->nr = (s->nr + 1) / 2;
	s->each *= 2;
	memset(&s->point[s->nr], 0, (s->max - s->nr) * sizeof(*s->point));
}

void series_add(struct series *s, uint64_t ns, const struct hist *slat,
		const struct hist *lat)
{
	if (!s->nr || s->part == s->each) {
		if (s->nr == s->max)
			series_halve(s);
		if (!s->nr || s->part == s->each) {
			s->nr++;
			s->part = 0;
		}
	}
	s->part++;
	s->point[s->nr - 1].ns += ns;
	series_diff(s->point[s->nr - 1].slat, s->slat, slat);
	series_diff(s->point[s->nr - 1].lat, s->lat, lat);
}

void series_merge(struct series *into, const struct series *from)
{
	unsigned int i;

	/* Of two that ran as long the points are as wide. */
	while (into->each < from->each)
		series_halve(into);
	for (i = 0; i < from->nr; i++) {
		unsigned int at = i / (into->each / from->each);

		if (at >= into->max)
			at = into->max - 1;
		if (at >= into->nr)
			into->nr = at + 1;
		if (from->point[i].ns > into->point[at].ns)
			into->point[at].ns = from->point[i].ns;
		series_point_add(&into->point[at], &from->point[i]);
	}
}

uint64_t series_count(const uint32_t *bin)
{
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; i < SERIES_BINS; i++)
		nr += bin[i];
	return nr;
}

uint64_t series_percentile_ns(const uint32_t *bin, double p)
{
	double rank = ceil(p / 100 * (double)series_count(bin) * (1 - 1e-15));
	const unsigned int fine = HIST_SUB / SERIES_SUB;
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; i < SERIES_BINS; i++) {
		nr += bin[i];
		if (bin[i] && (double)nr >= rank) {
			uint64_t low = hist_bin_low_ns(i * fine), next;

			next = i + 1 < SERIES_BINS ? hist_bin_low_ns((i + 1) * fine) :
						     HIST_LIMIT_NS;
			return low + (next - low) / 2;
		}
	}
	return 0;
}
