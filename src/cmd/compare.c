// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait compare: which results are old, which are new, and the exit status. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/compare.h"

#define RESULT_DEFAULT "diowait.json"
#define PERCENT_MAX 1000

/* File names, a part of argv or one of our own. */
struct files {
	char **name;
	size_t nr;
};

struct compare_args {
	struct compare_options options;
	enum cmd_format format;
	bool variants;
	size_t base; /* from 1; 0: not given */
	struct files side[COMPARE_SIDES];
};

enum { OPT_ANY = 256, OPT_BASE, OPT_FORMAT, OPT_ROUNDS, OPT_SEED, OPT_VARIANTS };

static const struct option compare_options[] = {
	{ "any-workload", no_argument, NULL, OPT_ANY },
	{ "base", required_argument, NULL, OPT_BASE },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "rounds-suffice", no_argument, NULL, OPT_ROUNDS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "threshold", required_argument, NULL, 't' },
	{ "variants", no_argument, NULL, OPT_VARIANTS },
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

static int compare_percent(const char *text, double *share)
{
	char *end;
	double percent = strtod(text, &end);

	/* NaN compares as outside, too. */
	if (end == text || *end || !(percent >= 0 && percent <= PERCENT_MAX))
		return cmd_fail("--threshold=%s: must be a percentage, 0 .. %d", text,
				PERCENT_MAX);
	*share = percent / 100;
	return CMD_OK;
}

static int compare_number(const char *option, const char *text, unsigned long long least,
			  unsigned long long *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9' || *out < least)
		return cmd_fail("--%s=%s: must be a whole number, at least %llu", option,
				text, least);
	return CMD_OK;
}

static int compare_option(struct compare_args *a, int c, char **argv, int *code)
{
	unsigned long long n;

	switch (c) {
	case 't':
		*code = compare_percent(optarg, &a->options.threshold);
		break;
	case OPT_ANY:
		a->options.any_workload = true;
		break;
	case OPT_BASE:
		*code = compare_number("base", optarg, 1, &n);
		a->base = (size_t)n;
		break;
	case OPT_FORMAT:
		*code = cmd_format_parse(optarg, &a->format);
		break;
	case OPT_ROUNDS:
		a->options.rounds_suffice = true;
		break;
	case OPT_SEED:
		*code = compare_number("seed", optarg, 0, &n);
		a->options.seed = n;
		break;
	case OPT_VARIANTS:
		a->variants = true;
		break;
	case 'h':
		*code = compare_help();
		return 1;
	case 'V':
		puts("diowait " PACKAGE_VERSION);
		return 1;
	case ':':
		*code = cmd_fail("compare: option '%s' needs a value", argv[optind - 1]);
		break;
	default:
		*code = cmd_fail(
			"compare: unknown option '%s': see diowait compare --help",
			argv[optind - 1]);
	}
	return *code != CMD_OK;
}

/* Which files are old, which are new. argv[divide] is "--"; argc: there is none. */
static int compare_files(struct compare_args *a, int argc, char **argv, int divide)
{
	static char *standard[] = { (char *)RESULT_DEFAULT ".old",
				    (char *)RESULT_DEFAULT };
	struct files *old = &a->side[COMPARE_OLD], *new = &a->side[COMPARE_NEW];
	size_t sides = a->variants ? 1 : COMPARE_SIDES, stdin_nr = 0, s, i;

	*old = (struct files){ argv + optind, (size_t)(divide - optind) };
	if (divide < argc)
		*new = (struct files){ argv + divide + 1, (size_t)(argc - divide - 1) };
	if (a->variants && (old->nr > 1 || new->nr))
		return cmd_fail("compare: --variants takes one result");
	if (divide == argc && old->nr > 2)
		return cmd_fail("compare: %zu files: put -- between the old and the new",
				old->nr);
	if (divide == argc && old->nr == 2) {
		*new = (struct files){ old->name + 1, 1 };
		old->nr = 1;
	}
	if (!old->nr)
		*old = (struct files){ standard + a->variants, 1 };
	if (!new->nr)
		*new = (struct files){ standard + 1, 1 };
	for (s = 0; s < sides; s++)
		for (i = 0; i < a->side[s].nr; i++)
			stdin_nr += !strcmp(a->side[s].name[i], "-");
	if (stdin_nr > 1)
		return cmd_fail("compare: standard input (-) is given twice");
	return CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int compare_parse(struct compare_args *a, int argc, char **argv, int *code)
{
	int divide, c;

	*code = CMD_OK;
	opterr = 0;
	/* getopt would move files across the "--" that divides them. */
	for (divide = 1; divide < argc && strcmp(argv[divide], "--"); divide++)
		;
	while ((c = getopt_long(divide, argv, ":t:hV", compare_options, NULL)) != -1)
		if (compare_option(a, c, argv, code))
			return 1;
	/* With nothing in front it only ended the options, as it does elsewhere. */
	if (divide < argc && optind == divide) {
		optind = ++divide;
		while (divide < argc && strcmp(argv[divide], "--"))
			divide++;
	}
	if (a->base && !a->variants)
		*code = cmd_fail("compare: --base is of --variants");
	else if (a->variants && a->options.any_workload)
		*code = cmd_fail("compare: --variants are of one workload");
	else
		*code = compare_files(a, argc, argv, divide);
	return *code != CMD_OK;
}

/* Reads a side. To be freed by compare_clear(), also after an error. */
static int compare_read(const struct files *files, struct compare_input *in)
{
	const struct result **list = calloc(files->nr, sizeof(*list));
	char err[1024];
	size_t i;

	if (!list)
		return cmd_fail("%s", strerror(ENOMEM));
	in->result = list;
	in->name = (const char *const *)files->name;
	for (i = 0; i < files->nr; i++) {
		struct result *r;

		if (result_read(files->name[i], &r, err, sizeof(err)))
			return cmd_fail("%s", err);
		list[i] = r;
		in->nr++;
	}
	return CMD_OK;
}

static void compare_clear(struct compare_input *in)
{
	while (in->nr)
		result_free((struct result *)in->result[--in->nr]);
	free((void *)in->result);
}

/* Prints; returns the exit code that it comes to. */
static int compare_deliver(const struct compare_args *a, const struct compare *c)
{
	struct report_style style = {
		.utf8 = isatty(STDOUT_FILENO) && !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
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
	struct compare_args a = { .options = COMPARE_DEFAULTS };
	struct compare_input in[COMPARE_SIDES] = { 0 };
	struct compare *c = NULL;
	char err[1024];
	int code, rc;

	if (compare_parse(&a, argc, argv, &code))
		return code;
	code = compare_read(&a.side[COMPARE_OLD], &in[COMPARE_OLD]);
	if (!code && !a.variants)
		code = compare_read(&a.side[COMPARE_NEW], &in[COMPARE_NEW]);
	if (code)
		goto out;
	if (a.variants)
		rc = compare_variants(in[COMPARE_OLD].result[0], in[COMPARE_OLD].name[0],
				      a.base ? a.base - 1 : 0, &a.options, &c, err,
				      sizeof(err));
	else
		rc = compare_sittings(in, &a.options, &c, err, sizeof(err));
	code = rc ? cmd_fail("compare: %s", err) : compare_deliver(&a, c);
out:
	compare_free(c);
	compare_clear(&in[COMPARE_OLD]);
	compare_clear(&in[COMPARE_NEW]);
	return code;
}
