// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dues JOBFILE NR: when the first NR operations of the job's first thread are due, ns
 * after the first; a line each. For a simulation to be fed with.
 */
#include <stdio.h>
#include <stdlib.h>

#include "load/driver.h"
#include "load/plan.h"
#include "workload/workload.h"

int main(int argc, char **argv)
{
	const char *const file[] = { argc == 3 ? argv[1] : "" };
	struct workload_error err;
	struct workload *w;
	struct plan plan;
	double due_ns = 0;
	long i, nr = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

	if (nr < 1 || workload_parse_files(file, 1, NULL, 0, &w, &err)) {
		fprintf(stderr, "dues: %s\n",
			nr < 1 ? "usage: dues JOBFILE NR" : err.text);
		return 1;
	}
	plan_init(&plan, &w->job[0], 0);
	for (i = 0; i < nr; i++) {
		if (i && w->job[0].rate_process == WORKLOAD_RATE_POISSON)
			due_ns += driver_rate_gap_ns(&plan, &w->job[0], (uint64_t)i);
		else if (i)
			due_ns += driver_rate_gap_ns(&plan, &w->job[0], (uint64_t)i - 1);
		printf("%.0f\n", due_ns);
	}
	workload_free(w);
	return 0;
}
