/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands: a row in main.c and a file here each. Only these print. */
#ifndef DIOWAIT_CMD_H
#define DIOWAIT_CMD_H

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
};

int cmd_run(int argc, char **argv);

/* "diowait: " and one line to standard error. Returns CMD_FAILED. */
int cmd_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
