/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sweeps: one workload for each point of the cross product of some keys' values,
 * given by lines sweep=KEY:VALUE,VALUE,... Values with a comma of their own stand in
 * braces.
 */
#ifndef DIOWAIT_SWEEP_H
#define DIOWAIT_SWEEP_H

#include <stddef.h>

#include "workload/workload.h"

#define SWEEP_VARIANTS_MAX 1000

/* A key, and the values that it takes. */
struct sweep_axis {
	char *key;		  /* [JOB/]NAME, never an alias; or [JOB/]KIND% */
	struct workload_where at; /* of its line; the name is base's */
	char **value;
	size_t nr;
};

struct sweep {
	struct sweep_axis *axis;
	size_t axis_nr;		   /* 0: nothing is swept */
	struct workload *base;	   /* as the files have it: name, text, identity */
	struct workload **variant; /* the last axis changes fastest */
	size_t variant_nr;	   /* 1 without axes, which is base itself */
};

/*
 * As workload_parse_files(), then once more for each variant, with its values over
 * all. 0 and *out (free with sweep_free()), or -errno and err->text filled.
 */
int sweep_parse_files(const char *const *path, size_t path_nr,
		      const struct workload_override *ovr, size_t ovr_nr,
		      struct sweep **out, struct workload_error *err);

/* The value of an axis in a variant. */
const char *sweep_value(const struct sweep *s, size_t variant, size_t axis);

/* Takes NULL. */
void sweep_free(struct sweep *s);

#endif
