// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait trend: the history of a store, as a report, a document or a page. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/replace.h"
#include "result/trend.h"

#define RECENT_MAX 1000

struct trend_args {
	struct trend_options options;
	const char *root, *host, *entry, *html;
	enum cmd_format format;
	bool all;
};

enum {
	OPT_FORMAT = 256,
	OPT_HOST,
	OPT_ENTRY,
	OPT_KIND,
	OPT_MEASURE,
	OPT_RECENT,
	OPT_HTML
};

const struct option trend_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "threshold", required_argument, NULL, 't' },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "entry", required_argument, NULL, OPT_ENTRY },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "measure", required_argument, NULL, OPT_MEASURE },
	{ "recent", required_argument, NULL, OPT_RECENT },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int trend_help(void)
{
	fputs("Usage: diowait trend [OPTION]... RESULTS\n\n"
	      "Reads all nights in the folder RESULTS, as diowait nightly fills it, and says\n"
	      "when the latencies of which kind of write changed their level, by how much,\n"
	      "and between which kernels. A night alone that stands out is no change.\n\n"
	      "  -a, --all               also what verdicts don't count: IOPS, p99.9, ...\n"
	      "  -t, --threshold=PERCENT changes below are none (default 2)\n"
	      "      --recent=N          a change is new for N nights (default 7)\n"
	      "      --host=HOST         only of this host\n"
	      "      --entry=ENTRY       only this workload, by the name of its folder\n"
	      "      --kind=KIND         only this kind of write: append, overwrite+dsync\n"
	      "      --measure=KEY       only this: lat_p50_ns, slat_p99_ns, iops ...\n"
	      "      --html=FILE         write a page with graphs; it belongs into RESULTS\n"
	      "      --format=FORMAT     print text (default), json, or none\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Exit status: 0 nothing became slower of late, 2 something did, 1 that can't be\n"
	      "said.\n\n"
	      "Examples:\n"
	      "  diowait trend /var/lib/diowait\n"
	      "  diowait trend --entry=mixed-ext4 --kind=append --all /var/lib/diowait\n"
	      "  diowait trend --html=/var/lib/diowait/index.html /var/lib/diowait\n\n"
	      "man diowait-trend describes the method, the report and the JSON.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

static int trend_measure(const char *key)
{
	int m;

	for (m = 0; m < COMPARE_MEASURE_NR; m++)
		if (!strcmp(key, compare_measure_key((enum compare_measure)m)))
			return CMD_OK;
	return cmd_fail(
		"--measure=%s: must be one of slat_p50_ns, lat_p50_ns, lat_p99_ns, "
		"slat_p99_ns, slat_p99_9_ns, lat_p99_9_ns, iops, victim_share",
		key);
}

static int trend_number(const char *option, const char *text, double least, double most,
			double *out)
{
	char *end;

	*out = strtod(text, &end);
	if (end == text || *end || !(*out >= least && *out <= most))
		return cmd_fail("--%s=%s: must be a number, %g .. %g", option, text,
				least, most);
	return CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int trend_parse(struct trend_args *a, int argc, char **argv, int *code)
{
	double n = 0;
	int c;

	*code = CMD_OK;
	opterr = 0;
	while (!*code &&
	       (c = getopt_long(argc, argv, ":at:hV", trend_options, NULL)) != -1) {
		switch (c) {
		case 'a':
			a->all = true;
			break;
		case 't':
			*code = trend_number("threshold", optarg, 0, 1000, &n);
			a->options.threshold = n / 100;
			break;
		case OPT_RECENT:
			*code = trend_number("recent", optarg, 1, RECENT_MAX, &n);
			a->options.recent_nr = (size_t)n;
			break;
		case OPT_HOST:
			a->host = optarg;
			break;
		case OPT_ENTRY:
			a->entry = optarg;
			break;
		case OPT_KIND:
			a->options.kind = optarg;
			break;
		case OPT_MEASURE:
			*code = trend_measure(optarg);
			a->options.measure = optarg;
			a->all = true;
			break;
		case OPT_HTML:
			a->html = optarg;
			break;
		case OPT_FORMAT:
			*code = cmd_format_parse(optarg, &a->format);
			break;
		case 'h':
			*code = trend_help();
			return 1;
		default:
			*code = cmd_option("trend", c, argv);
			return 1;
		}
	}
	if (!*code && argc - optind != 1)
		*code = cmd_fail(
			"trend: name one folder with results: diowait trend /var/lib/diowait");
	if (*code)
		return 1;
	a->root = argv[optind];
	return 0;
}

/* What was asked for, and is not there, is no quiet success. */
static int trend_missing(const struct trend_args *a, const struct trend *t)
{
	size_t i, nr = 0;

	for (i = 0; i < t->entry_nr; i++)
		nr += t->entry[i].series_nr;
	if (nr)
		return CMD_OK;
	if (a->options.kind && t->entry_nr)
		return cmd_fail("trend: no kind %s in %s", a->options.kind, a->root);
	return cmd_fail("trend: %s: no results%s%s%s%s%s", a->root,
			a->host || a->entry ? " of" : "", a->host ? " host " : "",
			a->host ? a->host : "", a->entry ? " entry " : "",
			a->entry ? a->entry : "");
}

static int trend_page(const char *path, const struct trend *t)
{
	struct replace r;
	int rc = replace_begin(&r, path);

	if (!rc)
		rc = replace_end(&r, page_write(t, r.out), false);
	return rc ? cmd_fail("--html=%s: %s", path, strerror(-rc)) : CMD_OK;
}

static int trend_deliver(const struct trend_args *a, const struct trend *t)
{
	struct report_style style = cmd_style(stdout);
	int rc = 0, code = trend_missing(a, t);

	if (code)
		return code;
	if (a->html)
		code = trend_page(a->html, t);
	if (a->format == CMD_TEXT)
		rc = trend_report(t, &style, a->all, stdout);
	else if (a->format == CMD_JSON)
		rc = trend_dump(t, stdout);
	if (!rc && fflush(stdout))
		rc = -errno;
	if (rc)
		return cmd_fail("trend: %s", strerror(-rc));
	return code ? code : t->slower_nr ? CMD_FOUND : CMD_OK;
}

int cmd_trend(int argc, char **argv)
{
	struct trend_args a = { .options = TREND_DEFAULTS };
	struct store *s = NULL;
	struct trend *t = NULL;
	char err[512];
	int code;

	if (trend_parse(&a, argc, argv, &code))
		return code;
	if (store_open(a.root, a.host, a.entry, &s, err, sizeof(err)))
		return cmd_fail("trend: %s", err);
	if (trend_make(s, &a.options, &t))
		code = cmd_fail("%s", strerror(ENOMEM));
	else
		code = trend_deliver(&a, t);
	trend_free(t);
	store_free(s);
	return code;
}
