/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a thread slept: a table of causes, each told by the functions on the
 * kernel's call chain at the switch. One row a cause, in cause.c; nothing else in
 * the program knows a label.
 */
#ifndef DIOWAIT_CAUSE_H
#define DIOWAIT_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

/* What a sleep of this cause means for the thread that submits writes. */
enum cause_class {
	CAUSE_BLOCKED,	 /* a write, or its completion, waited */
	CAUSE_EVENTS,	 /* it had nothing to do but wait for completions */
	CAUSE_IDLE,	 /* a worker without work */
	CAUSE_PREEMPTED, /* it could have run */
	CAUSE_MODEL,	 /* diowait itself made it wait */
};

/* What a sleep of this cause says of the write that slept. */
enum cause_tells {
	CAUSE_TELLS_NOTHING,
	CAUSE_TELLS_LOCK,     /* waited for the inode's lock, before its I/O began */
	CAUSE_TELLS_DRAIN,    /* waited for others' direct I/O, before its own began */
	CAUSE_TELLS_FORCED,   /* waited for its own direct I/O */
	CAUSE_TELLS_BUFFERED, /* went through the page cache */
};

struct cause_row {
	const char *label;
	const char *pattern; /* see cause_pattern.h; NULL: no chain tells it */
	const char *help;    /* one line for people, no full stop */
	enum cause_class class;
	bool unnamed; /* the chain is to be shown whole: it says too little */
	enum cause_tells tells;
};

/* All rows, in the order in which they are tried; the last is OTHER. */
extern const struct cause_row cause_rows[];
extern const size_t cause_rows_nr;

/* The table, parsed. Read-only: threads may share it. */
struct cause_table;

/*
 * 0 and *out; -ENOMEM; -EINVAL if a row's pattern can't be parsed, and then
 * *bad_row is that row (a mistake in the source, which the unit test finds).
 */
int cause_open(struct cause_table **out, const struct cause_row **bad_row);
void cause_close(struct cause_table *table);

/*
 * The first row whose pattern matches the call chain of nr names, innermost first,
 * as symbols_name() gives them (NULL: unknown). Always answers: OTHER when nothing
 * matches, as for an empty chain. The state of the thread is not looked at: for one
 * that was still runnable (R), ask cause_preempted() instead.
 *
 * Takes a few microseconds; there are few distinct chains, so remember the answer by
 * their addresses where it is asked often.
 */
const struct cause_row *cause_find(const struct cause_table *table,
				   const char *const *names, size_t nr);

/* The rows that no chain tells. */
const struct cause_row *cause_preempted(void);
const struct cause_row *cause_model(void);

/* The row of that label, or NULL. */
const struct cause_row *cause_by_label(const char *label);

#endif
