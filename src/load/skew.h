/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random positions that are not hit alike. A position is a pure function of (workload,
 * seed, thread, i), as all of the plan is. Which positions of a zipf or Pareto
 * distribution are the hot ones a permutation decides, so that they lie apart.
 */
#ifndef DIOWAIT_SKEW_H
#define DIOWAIT_SKEW_H

#include <stdint.h>

#include "workload/distribution.h"

struct skew {
	const struct distribution *of;
	uint64_t nr, key;
	double alpha, eta, zeta, half_pow; /* zipf: of the method, see skew.c */
	double power;			   /* pareto */
};

/*
 * Over nr > 0 positions. of is borrowed. Takes a time that grows with nr for zipf, up to
 * some tenths of a second.
 */
void skew_init(struct skew *s, const struct distribution *of, uint64_t nr, uint64_t seed);

/* The rank of draw i, 0 .. nr - 1: 0 is the hottest of zipf and pareto. */
uint64_t skew_at(const struct skew *s, uint64_t i);

#endif
