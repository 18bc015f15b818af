// SPDX-License-Identifier: GPL-2.0-or-later
/* steadystate=: what is looked at, and how steady it has to be. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "workload/units.h"
#include "workload/workload.h"

static const struct {
	const char *name;
	int of;
	bool slope;
} words[] = {
	{ "iops", WORKLOAD_STEADY_IOPS, false },
	{ "iops_slope", WORKLOAD_STEADY_IOPS, true },
	{ "bw", WORKLOAD_STEADY_BW, false },
	{ "bw_slope", WORKLOAD_STEADY_BW, true },
	{ "lat", WORKLOAD_STEADY_LAT, false },
	{ "lat_slope", WORKLOAD_STEADY_LAT, true },
};

/* A limit without %: a number, bytes a second or a time. */
static int steady_limit(const char *text, struct workload_steady *out)
{
	uint64_t value;
	char *end;
	int rc = 0;

	switch (out->of) {
	case WORKLOAD_STEADY_BW:
		rc = units_parse_size(text, &value);
		break;
	case WORKLOAD_STEADY_LAT:
		rc = units_parse_time(text, 1000, &value);
		break;
	default:
		out->limit = strtod(text, &end);
		return *end ? -EINVAL : 0;
	}
	out->limit = (double)value;
	return rc;
}

int workload_steady(const char *text, struct workload_steady *out)
{
	const char *colon = strchr(text, ':');
	size_t i, len;
	char *end;

	if (!colon)
		return -EINVAL;
	len = (size_t)(colon - text);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].name) == len && !strncmp(words[i].name, text, len))
			break;
	if (i == sizeof(words) / sizeof(words[0]) || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	*out = (struct workload_steady){ .of = words[i].of, .slope = words[i].slope };
	out->percent = text[strlen(text) - 1] == '%';
	if (out->percent) {
		out->limit = strtod(colon + 1, &end);
		if (strcmp(end, "%") || out->limit > 100)
			return -EINVAL;
	} else if (steady_limit(colon + 1, out)) {
		return -EINVAL;
	}
	return out->limit > 0 && isfinite(out->limit) ? 0 : -EINVAL;
}
