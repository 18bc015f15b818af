/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a history of nights changed its level. Places are found by E-divisive means
 * (D. S. Matteson and N. A. James, A nonparametric approach for multiple change point
 * analysis of multivariate data, JASA 109, 2014): the split of a segment whose two
 * parts are furthest apart by energy distance, then the splits of its parts. A split is
 * kept by Student's t-test of the two levels beside it, as in Hunter, now Apache Otava
 * (M. Fleming et al., Hunter: Using change point detection to hunt for performance
 * regressions, ICPE 2023; MongoDB's use: D. Daly et al., The use of change point
 * detection to identify software performance regressions in a continuous integration
 * system, ICPE 2020), and not by permutations: a new level of two nights has too few of
 * them. The t-test's p is multiplied by what the places that a split could have had come
 * to (Bonferroni, with weights: the newest places have the largest share, since a change
 * is wanted in its second night). The splits of the newest nights are also tried by
 * themselves, as their parts are too short to weigh in the energy distance.
 *
 * A single night that stands out from those before and after it is taken out first, and
 * the last night of all is not believed alone: a level lasts two nights at least.
 */
#ifndef DIOWAIT_CHANGE_H
#define DIOWAIT_CHANGE_H

#include <stdbool.h>
#include <stddef.h>

#define CHANGE_ALPHA 0.0025

struct change {
	size_t at;	      /* first value of the new level */
	double before, after; /* mean of the level to either side */
	double p;	      /* of the difference, for all places; small: sure */
};

/*
 * Changes in nr values (logarithms, where ratios matter), in order of place; those
 * smaller than least (a difference of values, 0 or more) are none. outlier (nr values,
 * or NULL) says which were taken out. 0 and *out, to be freed, with *out_nr; or -ENOMEM.
 */
int change_find(const double *value, size_t nr, double least, struct change **out,
		size_t *out_nr, bool *outlier);

#endif
