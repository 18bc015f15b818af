/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of workload files share. Include after cmocka.h. */
#ifndef DIOWAIT_TEST_PARSE_HELPER_H
#define DIOWAIT_TEST_PARSE_HELPER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/workload.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

/* A job that is complete but for what a test adds to it, and lines of it. */
#define HEAD "[global]\nioengine=libaio\ndirect=1\n"
#define PLAIN HEAD "size=1m\nrw=write\n[a]\n"

/* The same with a mix. */
#define MIX HEAD "size=1m\n[a]\n"

/* Parses text that must be right. */
static inline struct workload *parse_ok(const char *text,
					const struct workload_override *ovr,
					size_t ovr_nr)
{
	struct workload_error err = { "" };
	struct workload *w = NULL;

	if (workload_parse_text("t.job", text, ovr, ovr_nr, &w, &err))
		fail_msg("'%s': %s", text, err.text);
	assert_non_null(w);
	return w;
}

/* Parses text that must fail with exactly this line. */
static inline void parse_fails(const char *text, const struct workload_override *ovr,
			       size_t ovr_nr, const char *want)
{
	struct workload_error err = { "" };
	struct workload *w = NULL;

	if (!workload_parse_text("t.job", text, ovr, ovr_nr, &w, &err)) {
		workload_free(w);
		fail_msg("'%s' must fail with: %s", text, want);
	}
	assert_null(w);
	if (strcmp(err.text, want))
		fail_msg("'%s'\n  fails with: %s\n  instead of: %s", text, err.text,
			 want);
}

/*
 * What is printed must read back as the same workload, and print the same. The
 * name of a job's file is all that may differ.
 */
static inline void check_fixpoint(const struct workload *w)
{
	struct workload_error err = { "" };
	char *text = workload_print(w), *again;
	struct workload *back = NULL;

	assert_non_null(text);
	if (workload_parse_text("printed", text, NULL, 0, &back, &err))
		fail_msg("printed '%s': %s", text, err.text);
	again = workload_print(back);
	assert_string_equal(again, text);
	assert_string_equal(back->sha256, w->sha256);
	assert_int_equal(back->job_nr, w->job_nr);
	workload_free(back);
	free(again);
	free(text);
}

#endif
