// SPDX-License-Identifier: GPL-2.0-or-later
/* What the join found, summed up over threads and rounds. */
#include "evidence/why.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void why_row_clear(struct why_row *row)
{
	size_t i;

	for (i = 0; i < row->cause_nr; i++)
		free(row->cause[i].sleep);
	free(row->cause);
	free(row->worst);
	free(row->held);
	free(row->convoy);
	free(row->behind);
	memset(row, 0, sizeof(*row));
}

static int why_hist_merge(struct hist **into, const struct hist *from)
{
	if (!from)
		return 0;
	if (!*into) {
		*into = malloc(sizeof(**into));
		if (!*into)
			return -ENOMEM;
		hist_init(*into);
	}
	hist_merge(*into, from);
	return 0;
}

static int why_cause_merge(struct why_row *into, const struct why_cause *from)
{
	struct why_cause *grown;
	size_t i;

	for (i = 0; i < into->cause_nr; i++)
		if (why_cause_is(&into->cause[i], from->row, from->chain,
				 from->in_completion))
			return why_hist_merge(&into->cause[i].sleep, from->sleep);
	grown = realloc(into->cause, (i + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	into->cause = grown;
	into->cause[i] = *from;
	into->cause[i].sleep = NULL;
	into->cause_nr++;
	return why_hist_merge(&into->cause[i].sleep, from->sleep);
}

/* Of two lists, longest first, the longest. */
static int why_worst_merge(struct why_row *into, const struct why_row *from)
{
	struct why_worst *merged;
	size_t a = 0, b = 0, nr = 0;

	if (!from->worst_nr)
		return 0;
	merged = calloc(WHY_WORST_NR, sizeof(*merged));
	if (!merged)
		return -ENOMEM;
	while (nr < WHY_WORST_NR && (a < into->worst_nr || b < from->worst_nr))
		if (b == from->worst_nr ||
		    (a < into->worst_nr &&
		     into->worst[a].lat_ns >= from->worst[b].lat_ns))
			merged[nr++] = into->worst[a++];
		else
			merged[nr++] = from->worst[b++];
	free(into->worst);
	into->worst = merged;
	into->worst_nr = nr;
	return 0;
}

int why_row_merge(struct why_row *into, const struct why_row *from)
{
	size_t i;
	int rc;

	into->joined += from->joined;
	into->flagged += from->flagged;
	into->lost += from->lost;
	into->modelled += from->modelled;
	into->held_nr += from->held_nr;
	into->blocked_ns += from->blocked_ns;
	into->named_ns += from->named_ns;
	for (i = 0; i < WHY_PATH_NR; i++) {
		into->path[i] += from->path[i];
		into->then[i] += from->then[i];
	}
	for (i = 0; i < WHY_RAN_NR; i++)
		into->ran_as[i] += from->ran_as[i];
	for (i = 0; i < WHY_STAGE_NR; i++) {
		into->slat_stage_ns[i] += from->slat_stage_ns[i];
		into->lat_stage_ns[i] += from->lat_stage_ns[i];
	}
	rc = why_hist_merge(&into->held, from->held);
	if (!rc)
		rc = why_hist_merge(&into->convoy, from->convoy);
	if (!rc)
		rc = why_hist_merge(&into->behind, from->behind);
	for (i = 0; i < from->cause_nr && !rc; i++)
		rc = why_cause_merge(into, &from->cause[i]);
	return rc ? rc : why_worst_merge(into, from);
}
