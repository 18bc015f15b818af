/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A night: what nightly.c runs and night_report.c tells. */
#ifndef DIOWAIT_CMD_NIGHT_H
#define DIOWAIT_CMD_NIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "result/compare.h"
#include "result/store.h"
#include "workload/suite.h"

#define NIGHT_BASELINE 10 /* sittings that a new one is held against, the last ones */
#define NIGHT_BASELINE_MIN 5
#define NIGHT_TEXT_MAX 1024

enum night_state {
	NIGHT_PENDING,
	NIGHT_FAILED, /* no result: why is in text */
	NIGHT_NEW,    /* too few nights before it for a verdict */
	NIGHT_JUDGED  /* compare is there */
};

struct night_entry {
	const struct suite_entry *of;
	enum night_state state;
	char text[NIGHT_TEXT_MAX]; /* of a failure, or why there is no verdict */
	char *file;		   /* of its result, in its folder */
	size_t baseline_nr;
	struct compare *compare;
};

struct night {
	const char *results; /* the store's folder */
	char *host;
	struct timespec started;
	struct night_entry *entry;
	size_t entry_nr;
	char plots[NIGHT_TEXT_MAX]; /* why there are none; "" */
};

/* SLOWER, FAILED, ...: 2 when something is slower, else 1 when something failed. */
int night_code(const struct night *n);

/* For people, and for mails. 0 or -errno of the stream. */
int night_report(const struct night *n, const struct report_style *style, FILE *out);

#endif
