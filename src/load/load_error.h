/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a run fails: with one complete line. */
#ifndef DIOWAIT_LOAD_ERROR_H
#define DIOWAIT_LOAD_ERROR_H

struct workload_job;

/* One line, complete, without newline. */
struct load_error {
	char text[1024];
};

void load_error_set(struct load_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same behind "FILE:LINE: job NAME: ", the place where key was given. */
void load_error_job(struct load_error *err, const struct workload_job *job,
		    const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
