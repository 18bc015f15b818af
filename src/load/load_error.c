// SPDX-License-Identifier: GPL-2.0-or-later
#include "load/load_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "workload/workload.h"

void load_error_set(struct load_error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
}

void load_error_job(struct load_error *err, const struct workload_job *job,
		    const char *key, const char *fmt, ...)
{
	char who[WORKLOAD_WHO_MAX], rest[sizeof(err->text) - WORKLOAD_WHO_MAX - 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rest, sizeof(rest), fmt, ap);
	va_end(ap);
	snprintf(err->text, sizeof(err->text), "%s: %s", workload_who(job, key, who),
		 rest);
}
