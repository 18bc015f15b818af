/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands: a row in main.c and a file here each. Only these print. */
#ifndef DIOWAIT_CMD_H
#define DIOWAIT_CMD_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "result/result.h"

/* Exit codes are API. */
enum cmd_exit {
	CMD_OK = 0,	/* notes, warnings and ENOSPC included */
	CMD_FAILED = 1, /* could not do it */
	CMD_FOUND = 2	/* found it: a regression, a broken contract */
};

struct cmd {
	const char *name;
	const char *summary; /* one line of `diowait --help` */
	/* argv[0] is the command's name. Returns an exit code. */
	int (*run)(int argc, char **argv);
	const struct option *options; /* what shell completion knows of it */
};

/* Where a result goes, and is looked for, unless told otherwise. */
#define RESULT_DEFAULT "diowait.json"

int cmd_compare(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_nightly(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_stress(int argc, char **argv);
int cmd_trend(int argc, char **argv);

extern const struct option compare_options[];
extern const struct option export_options[];
extern const struct option nightly_options[];
extern const struct option plot_options[];
extern const struct option probe_options[];
extern const struct option run_options[];
extern const struct option stress_options[];
extern const struct option trend_options[];

/* ---- completion.c ---- */

/* Prints the script for bash, of these commands. Returns an exit code. */
int cmd_completion(const struct cmd *commands, size_t nr);

/* ---- common.c ---- */

/*
 * The folder with files that are shipped: what the variable names, else that of the
 * source tree beside a src/diowait that is not installed, else `installed`. buf has
 * PATH_MAX bytes. False, with errno: the variable names none.
 */
bool cmd_data_folder(const char *variable, const char *in_tree, const char *installed,
		     char *buf);

/*
 * The workload file that name stands for: of a name without folder that is not in the
 * current directory, the shipped one if there is such a one; else name itself. To be
 * freed. NULL: no memory.
 */
char *cmd_workload(const char *name);

/* --format: what goes to standard output. */
enum cmd_format { CMD_TEXT, CMD_JSON, CMD_NONE };

/* 0, or CMD_FAILED and said so. */
int cmd_format_parse(const char *text, enum cmd_format *format);

/* How a report looks on this stream: of a terminal that has UTF-8, with it. */
struct report_style cmd_style(FILE *out);

/* Set when a signal asked for an end in order. */
extern volatile int cmd_stop;

/* From here on the first SIGINT, SIGTERM or SIGHUP sets cmd_stop. */
void cmd_catch_signals(void);

/* Dies of the signal that set cmd_stop; returns when there was none. */
void cmd_die_of_signal(void);

/*
 * A result that can't be written is better known before the run. 0, or
 * CMD_FAILED and said so.
 */
int cmd_check_output(const char *path);

/*
 * "diowait: " and one line to standard error, whatever bytes are in it: control
 * characters are shown as '?'. Returns CMD_FAILED.
 */
int cmd_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * What getopt_long() returned of a command that is none of its own options: V prints
 * the version, ':' lacks a value, and the rest is unknown. Returns the exit code.
 */
int cmd_option(const char *command, int c, char *const argv[]);

#endif
