/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * latency_target=: the highest rate at which a quantile of resp stays below a bound. First
 * a closed loop, for the rate that can be had at all; that rate, then halving: each rate is
 * a run of its own on fresh files, and a variant of the result by rate_iops, as of a sweep.
 */
#ifndef DIOWAIT_EXPERIMENT_SEARCH_H
#define DIOWAIT_EXPERIMENT_SEARCH_H

#include "experiment/experiment.h"

/* Whether a job of the workload asks for it. */
bool search_wanted(const struct workload *w);

/*
 * As experiment_run(), with one variant, whose rates are changed; run does one of the
 * runs. A note of the result says what was found.
 */
int search_run(const struct workload *whole, struct workload *w,
	       const struct experiment_setup *setup,
	       int (*run)(const struct workload *whole,
			  const struct experiment_variant *variant, size_t variant_nr,
			  const struct experiment_setup *setup, struct result **out,
			  struct load_error *err),
	       struct result **out, struct load_error *err);

#endif
