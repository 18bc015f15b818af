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

/* ---- night_sitting.c ---- */

/* results/HOST/ENTRY/NAME, of which ENTRY and NAME may be NULL; to be freed. NULL: no memory. */
char *night_path(const struct night *n, const char *entry, const char *name);

/* path with another ending than its .json; to be freed. NULL: no memory. */
char *night_other_ending(const char *path, const char *ending);

/* The entry has failed: "WHAT: WHY", or "WHY" where what is "". Returns -1. */
int night_failed(struct night_entry *e, const char *what, const char *why);

/* How many sittings a night has of the entry, 1 or more. */
size_t night_sittings(const struct night_entry *e);

/* Whether a sitting of this night (turn: from 0) is there already. */
bool night_has_sitting(const struct night *n, const struct night_entry *e, size_t turn);

/* Runs one; a file system that it needs is made in the folder images. Or fails. */
void night_sit(const struct night *n, struct night_entry *e, const char *images,
	       size_t turn);

/* When all are there: the entry's result, with its report, under its name. Or fails. */
void night_put_together(const struct night *n, struct night_entry *e);

/* ---- night_folder.c: CMD_OK, or CMD_FAILED and said so ---- */

/* Says what is wrong with path (NULL: no memory for it). CMD_FAILED. */
int night_fail_at(const char *path, int err);

/* results/HOST, or results/HOST/ENTRY; it may be there. */
int night_make_folder(const struct night *n, const char *entry);

/*
 * Two nights at once would measure each other. The lock is held until we end; it has our
 * pid for the message of the other.
 */
int night_take_lock(const struct night *n);

/* Before any load: it can be written to, and there is room. */
int night_check_room(const struct night *n);

/* A number in a file of its own; 0: none. entry may be NULL. */
long long night_read_number(const struct night *n, const char *entry, const char *name);
int night_write_number(const struct night *n, const char *entry, const char *name,
		       long long number);

/* Sets when the night began: one that was begun and not ended goes on, for a while. */
int night_begin(struct night *n);

/* ---- night_judge.c ---- */

/* NULL: none. */
const struct store_entry *night_store_entry(const struct store *s, const char *name);

/* The run of tonight in an entry of the store; NULL: none. */
const struct store_run *night_run_of(const struct night *n, const struct store_entry *se);

/*
 * Holds it against the last comparable nights before, since what was accepted: sets the
 * entry's state, and compare or text.
 */
void night_judge(const struct night *n, struct night_entry *e,
		 const struct store_entry *se, const struct store_run *run);

/* ---- night_report.c ---- */

/* SLOWER, FAILED, ...: 2 when something is slower, else 1 when something failed. */
int night_code(const struct night *n);

/* For people, and for mails. 0 or -errno of the stream. */
int night_report(const struct night *n, const struct report_style *style, FILE *out);

#endif
