// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/distribution.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/units.h"

static const struct shape {
	const char *name;
	enum distribution_how how;
	double def, min, max; /* of the number behind it */
} shapes[] = {
	{ "zipf", DISTRIBUTION_ZIPF, 1.1, 0.01, 10 },
	{ "pareto", DISTRIBUTION_PARETO, 0.2, 0.001, 0.5 },
	{ "normal", DISTRIBUTION_NORMAL, 20, 0.1, 100 },
};

static int wrong(char *why, size_t size)
{
	(void)snprintf(
		why, size,
		"must be random, zipf:0.01..10 (not 1), pareto:0.001..0.5, "
		"normal:0.1..100, or zoned:HITS/SIZE:HITS/SIZE:... with shares that "
		"come to 100 percent each, at most %d",
		DISTRIBUTION_ZONES_MAX);
	return -EINVAL;
}

static int zones_parse(const char *text, struct distribution *d)
{
	unsigned int access = 0, sizes = 0;
	size_t len;

	for (;; text += len + 1) {
		unsigned int at = d->zone_nr;
		uint64_t hits;
		int size;

		len = strcspn(text, ":");
		if (at == DISTRIBUTION_ZONES_MAX ||
		    units_parse_part(text, len, &hits, &size) || hits > 100)
			return -EINVAL;
		d->zone[at].access = (unsigned int)hits;
		/* What the others leave is the last one's. */
		if (size < 0 && (text[len] || sizes > 100))
			return -EINVAL;
		d->zone[at].size = size < 0 ? 100 - sizes : (unsigned int)size;
		access += d->zone[at].access;
		sizes += d->zone[at].size;
		d->zone_nr++;
		if (!text[len])
			break;
	}
	return access == 100 && sizes == 100 ? 0 : -EINVAL;
}

int distribution_parse(const char *value, struct distribution *d, char *why, size_t size)
{
	struct distribution v = { .how = DISTRIBUTION_RANDOM };
	size_t len = strcspn(value, ":"), i;
	const char *rest = value[len] ? value + len + 1 : NULL;

	if (!strcmp(value, "random")) {
		*d = v;
		return 0;
	}
	if (len == strlen("zoned") && !strncmp(value, "zoned", len) && rest) {
		v.how = DISTRIBUTION_ZONED;
		if (zones_parse(rest, &v))
			return wrong(why, size);
		*d = v;
		return 0;
	}
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];

		if (len != strlen(s->name) || strncmp(value, s->name, len) != 0)
			continue;
		v.how = s->how;
		v.shape = s->def;
		if (rest && units_parse_decimal(rest, strlen(rest), &v.shape))
			break;
		if (v.shape < s->min || v.shape > s->max ||
		    (s->how == DISTRIBUTION_ZIPF && v.shape == 1))
			break;
		*d = v;
		return 0;
	}
	return wrong(why, size);
}

char *distribution_format(const struct distribution *d)
{
	char number[UNITS_TEXT_MAX], *text = NULL, *at;
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (shapes[i].how == d->how)
			return asprintf(&text, "%s:%s", shapes[i].name,
					units_print_decimal(d->shape, number)) < 0 ?
				       NULL :
				       text;
	if (d->how == DISTRIBUTION_RANDOM)
		return strdup("random");
	text = at = malloc(sizeof("zoned") + d->zone_nr * sizeof(":100/100"));
	if (!text)
		return NULL;
	/* cppcheck-suppress uninitdata ; it is written, not read */
	at += sprintf(at, "zoned");
	for (i = 0; i < d->zone_nr; i++)
		at += sprintf(at, ":%u/%u", d->zone[i].access, d->zone[i].size);
	return text;
}
