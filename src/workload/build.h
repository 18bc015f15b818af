/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How keys come into a workload in the making: from job files, and from outside of them. */
#ifndef DIOWAIT_BUILD_H
#define DIOWAIT_BUILD_H

#include <stdio.h>

#include "workload/workload.h"

struct option_row;

/* ---- workload.c: 0; or -errno, with err filled where it is given ---- */

/* Makes *at outlive the reader: its name becomes one that w owns. -ENOMEM. */
int workload_where_keep(struct workload *w, struct workload_where *at);

/* Remembers a line of a key that adds up: sweep is the only one. -ENOMEM. */
int workload_line_add(struct workload *w, const char *text,
		      const struct workload_where *at);

/* The row of a key that fio or diowait knows, or the error that says why not. */
int workload_find_option(const struct workload_where *at, const char *key,
			 const struct option_row **found, struct workload_error *err);

/*
 * A key of fio that sets nothing: one note a run, however often it is given, or an error. A
 * refused key that asks for what is done anyway is neither.
 */
int workload_take_fio_key(struct workload *w, const struct workload_where *at,
			  const struct option_row *o, const char *key, const char *value,
			  struct workload_error *err);

/* Sets a key and remembers where it came from, for errors of later checks. */
int workload_set_option(const struct option_row *o, struct workload_job *job,
			const struct workload_where *at, const char *key,
			const char *value, struct workload_error *err);

/* ---- override.c ---- */

/*
 * A key from outside the files: every job that it is for gets it, and it wins. What it did
 * goes to text, as a comment of the workload's. 0, or -errno with err filled.
 */
int override_apply(struct workload *w, const struct workload_override *ovr, FILE *text,
		   struct workload_error *err);

#endif
