// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of commands. */
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

static const struct cmd commands[] = {
	{ "compare", "say whether new results are slower than old ones", cmd_compare,
	  compare_options },
	{ "export", "write a result as fio's JSON, CSV, Prometheus, KTAP, JUnit ...",
	  cmd_export, export_options },
	{ "nightly", "run a suite, keep its results, say what is slower than before",
	  cmd_nightly, nightly_options },
	{ "plot", "draw results: percentiles, sweeps, time, causes, the slowest writes",
	  cmd_plot, plot_options },
	{ "probe", "show in a minute what the kernel does with each kind of write",
	  cmd_probe, probe_options },
	{ "run", "run a workload and report every kind's latency", cmd_run, run_options },
	{ "stress", "check that direct writes keep their promises, and name what breaks",
	  cmd_stress, stress_options },
	{ "trend", "say when the latencies of many nights changed their level", cmd_trend,
	  trend_options },
};

#define COMMAND_NR (sizeof(commands) / sizeof(commands[0]))

static int main_help(FILE *out)
{
	size_t i;

	fputs("Usage: diowait COMMAND [OPTION]... [ARGUMENT]...\n\n"
	      "Issues mixed extending and overwriting O_DIRECT writes through libaio and\n"
	      "io_uring, and says what each of them cost.\n\n"
	      "Commands:\n",
	      out);
	for (i = 0; i < COMMAND_NR; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs("\n'diowait COMMAND --help' tells more; so does man diowait.\n"
	      "Try: diowait run mixed.job\n",
	      out);
	return fflush(out) ? CMD_FAILED : CMD_OK;
}

int main(int argc, char **argv)
{
	size_t i;

	(void)setlocale(LC_CTYPE, "");
	if (argc < 2) {
		(void)main_help(stderr);
		return CMD_FAILED;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (!strcmp(argv[1], "help") && argc == 2))
		return main_help(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("diowait " PACKAGE_VERSION);
		return CMD_OK;
	}
	if (!strcmp(argv[1], "--completion"))
		return cmd_completion(commands, COMMAND_NR);
	for (i = 0; i < COMMAND_NR; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	if (!strcmp(argv[1], "help")) {
		char *help[] = { argv[2], (char *)"--help", NULL };

		for (i = 0; i < COMMAND_NR; i++)
			if (!strcmp(argv[2], commands[i].name))
				return commands[i].run(2, help);
		argv++;
	}
	return cmd_fail("unknown command '%s': see diowait --help", argv[1]);
}
