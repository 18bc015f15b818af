// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait compare: the report, the document, and the exit status. */
#include "cmd/cmd.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/sides.h"
#include "result/compare.h"

struct compare_args {
	struct sides sides;
	enum cmd_format format;
};

enum { OPT_FORMAT = 256 };

const struct option compare_options[] = {
	SIDES_OPTIONS,
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int compare_help(void)
{
	fputs("Usage: diowait compare [OPTION]... [OLD...] [-- NEW...]\n"
	      "       diowait compare [OPTION]... --variants [RESULT]\n\n"
	      "Says for each job and kind of write whether the new results are slower than\n"
	      "the old ones, by how much, and how sure that is. A result is one sitting;\n"
	      "three a side, each on a fresh file system, old and new in turns, are what a\n"
	      "verdict needs. Two files without -- are one old and one new; with one file\n"
	      "the new one is " RESULT_DEFAULT
	      ", with none the old one is " RESULT_DEFAULT ".old.\n\n"
	      "  -t, --threshold=PERCENT differences below are none (default 2)\n"
	      "      --rounds-suffice    take rounds for sittings: right where both sides took\n"
	      "                          turns in one sitting, or on a device without drift\n"
	      "      --variants          compare the variants of one result with its first\n"
	      "      --base=N            ... with its Nth\n"
	      "      --any-workload      compare although the workloads differ\n"
	      "      --seed=N            of the bootstrap (default 1)\n"
	      "      --format=FORMAT     print text (default), json, or none\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Exit status: 0 nothing is slower, 2 something is, 1 that can't be said.\n\n"
	      "Examples:\n"
	      "  diowait compare old.json new.json\n"
	      "  diowait compare old1.json old2.json old3.json -- new1.json new2.json new3.json\n"
	      "  diowait compare last-month/*.json -- tonight.json\n"
	      "  diowait compare --variants sweep.json\n\n"
	      "man diowait-compare describes the tests, the table and the JSON.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

static int compare_option(struct compare_args *a, int c, char **argv, int *code)
{
	if (sides_option(&a->sides, c == 't' ? SIDES_THRESHOLD : c, optarg, code))
		return *code != CMD_OK;
	switch (c) {
	case OPT_FORMAT:
		*code = cmd_format_parse(optarg, &a->format);
		break;
	case 'h':
		*code = compare_help();
		return 1;
	default:
		*code = cmd_option("compare", c, argv);
		return 1;
	}
	return *code != CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int compare_parse(struct compare_args *a, int argc, char **argv, int *code)
{
	int divide = sides_divide(argc, argv), c;

	*code = CMD_OK;
	opterr = 0;
	while ((c = getopt_long(divide, argv, ":t:hV", compare_options, NULL)) != -1)
		if (compare_option(a, c, argv, code))
			return 1;
	*code = sides_take(&a->sides, argc, argv, divide);
	return *code != CMD_OK;
}

/* Prints; returns the exit code that it comes to. */
static int compare_deliver(const struct compare_args *a, const struct compare *c)
{
	struct report_style style = cmd_style(stdout);
	int rc = 0;

	if (a->format == CMD_TEXT)
		rc = compare_report(c, &style, stdout);
	else if (a->format == CMD_JSON)
		rc = compare_dump(c, stdout);
	if (rc)
		return cmd_fail("compare: %s", strerror(-rc));
	/* Who doesn't read the report still learns why there is no answer. */
	if (c->cannot && a->format != CMD_TEXT)
		return cmd_fail("compare: no verdict: %s", c->cannot);
	if (c->cannot)
		return CMD_FAILED;
	return c->slower_nr ? CMD_FOUND : CMD_OK;
}

int cmd_compare(int argc, char **argv)
{
	struct compare_args a = { .format = CMD_TEXT };
	struct compare *c;
	int code;

	sides_init(&a.sides, "compare");
	if (compare_parse(&a, argc, argv, &code))
		return code;
	code = sides_compare(&a.sides, &c);
	if (!code)
		code = compare_deliver(&a, c);
	compare_free(c);
	return code;
}
