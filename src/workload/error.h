/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the workload's readers and checks fail: with one complete line. */
#ifndef DIOWAIT_ERROR_H
#define DIOWAIT_ERROR_H

#include "workload/workload.h"

/* Longest piece of the user's text that a message repeats. */
#define ERROR_QUOTE_MAX 80

/*
 * Fills err with "FILE:LINE: MESSAGE" ("ORIGIN: MESSAGE" when at->line is 0;
 * only MESSAGE when at is NULL) and returns -EINVAL. Control characters become
 * '?', so that it is one line whatever the user wrote. err may be NULL.
 */
int error_set(struct workload_error *err, const struct workload_where *at,
	      const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The same for a value: "FILE:LINE: KEY=VALUE: MESSAGE", or KEY alone when
 * value is NULL. An origin that has KEY=VALUE in it is not made to say it twice.
 */
int error_set_value(struct workload_error *err, const struct workload_where *at,
		    const char *key, const char *value, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* error_set() without a place, and returns -ENOMEM. */
int error_set_nomem(struct workload_error *err);

#endif
