/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Old results and new ones on a command line: what commands that compare share. */
#ifndef DIOWAIT_CMD_SIDES_H
#define DIOWAIT_CMD_SIDES_H

#include <stdbool.h>
#include <stddef.h>

#include "result/compare.h"

/* What getopt_long() returns for the options of SIDES_OPTIONS. */
enum sides_option {
	SIDES_ANY = 512,
	SIDES_BASE,
	SIDES_ROUNDS,
	SIDES_SEED,
	SIDES_THRESHOLD,
	SIDES_VARIANTS
};

/* To stand in the table of long options. */
/* clang-format off */
#define SIDES_OPTIONS \
	{ "any-workload", no_argument, NULL, SIDES_ANY }, \
	{ "base", required_argument, NULL, SIDES_BASE }, \
	{ "rounds-suffice", no_argument, NULL, SIDES_ROUNDS }, \
	{ "seed", required_argument, NULL, SIDES_SEED }, \
	{ "threshold", required_argument, NULL, SIDES_THRESHOLD }, \
	{ "variants", no_argument, NULL, SIDES_VARIANTS }
/* clang-format on */

/* File names, a part of argv or one of our own. */
struct sides_files {
	char **name;
	size_t nr;
};

struct sides {
	const char *command; /* for messages */
	struct compare_options options;
	bool variants;
	size_t base; /* from 1; 0: not given */
	bool any;    /* one of the options was given */
	struct sides_files side[COMPARE_SIDES];
};

void sides_init(struct sides *s, const char *command);

/* Whether c is an option of SIDES_OPTIONS; then it is taken. *code as cmd_fail(). */
bool sides_option(struct sides *s, int c, const char *value, int *code);

/* Where the first "--" of argv is, argc: nowhere. getopt would move files across it. */
int sides_divide(int argc, char **argv);

/*
 * After getopt_long() has seen argv up to divide: which files are old, which new, and
 * whether the options go together. 0, or CMD_FAILED and said so.
 */
int sides_take(struct sides *s, int argc, char **argv, int divide);

/* Reads and compares. *out: to be freed by compare_free(). 0, or CMD_FAILED. */
int sides_compare(const struct sides *s, struct compare **out);

#endif
