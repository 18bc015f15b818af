// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait export: options, and a result on standard output in another format. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/export.h"

#define ERROR_MAX 512
#define LIST_MAX 200

struct export_args {
	const struct export_format *format;
	struct export_request request;
	const char *file;
};

enum { OPT_TIMES = 256, OPT_VARIANT };

const struct option export_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "kind", required_argument, NULL, 'k' },
	{ "job", required_argument, NULL, 'j' },
	{ "variant", required_argument, NULL, OPT_VARIANT },
	{ "times", required_argument, NULL, OPT_TIMES },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int export_help(void)
{
	const struct export_format *f;
	size_t i;

	fputs("Usage: diowait export -f FORMAT [OPTION]... [RESULT.json]\n\n"
	      "Writes a result, " RESULT_DEFAULT
	      " by default, to standard output in a format\n"
	      "that other programs read.\n\n"
	      "  -f, --format=FORMAT     one of:\n",
	      stdout);
	for (i = 0; (f = export_format_at(i)); i++)
		printf("      %-10s %s\n", f->name, f->help);
	fputs("  -k, --kind=KIND         of this kind of write only, as append+dsync\n"
	      "  -j, --job=NAME          of this job section only\n"
	      "      --variant=N         of the Nth variant of a sweep only\n"
	      "      --times=TIMES       of hgrm: lat (default), slat, clat, victim or resp\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Examples:\n"
	      "  diowait export -f fio-json >fio.json && fio_jsonplus_clat2csv fio.json out.csv\n"
	      "  diowait export -f csv result.json >result.csv\n"
	      "  diowait export -f hgrm -k append --times=slat >append.hgrm\n"
	      "  diowait export -f prometheus >/var/lib/prometheus/node-exporter/diowait.prom\n\n"
	      "man diowait-export says what is in each.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

/* "fio-json, csv or gobench". */
static const char *export_formats(char list[LIST_MAX])
{
	size_t i, len = 0;

	for (i = 0; export_format_at(i); i++)
		len += (size_t)snprintf(list + len, LIST_MAX - len, "%s%s",
					!i			? "" :
					export_format_at(i + 1) ? ", " :
								  " or ",
					export_format_at(i)->name);
	return list;
}

static int export_format(struct export_args *a, const char *name)
{
	char list[LIST_MAX];

	a->format = export_format_find(name);
	if (a->format)
		return CMD_OK;
	return cmd_fail("export: -f %s: must be %s", name, export_formats(list));
}

static int export_variant(struct export_args *a, const char *text)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || text[0] < '0' || text[0] > '9' || !n || n > INT_MAX)
		return cmd_fail("export: --variant=%s: must be a number from 1", text);
	a->request.variant = (size_t)n;
	return CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int export_parse(struct export_args *a, int argc, char **argv, int *code)
{
	char list[LIST_MAX];
	int c;

	*code = CMD_OK;
	opterr = 0;
	while (!*code &&
	       (c = getopt_long(argc, argv, ":f:k:j:hV", export_options, NULL)) != -1) {
		switch (c) {
		case 'f':
			*code = export_format(a, optarg);
			break;
		case 'k':
			a->request.kind = optarg;
			break;
		case 'j':
			a->request.job = optarg;
			break;
		case OPT_VARIANT:
			*code = export_variant(a, optarg);
			break;
		case OPT_TIMES:
			a->request.times = optarg;
			break;
		case 'h':
			*code = export_help();
			return 1;
		default:
			*code = cmd_option("export", c, argv);
			return 1;
		}
	}
	if (*code)
		return 1;
	if (!a->format)
		*code = cmd_fail("export: -f FORMAT is missing: must be %s",
				 export_formats(list));
	else if (argc - optind > 1)
		*code = cmd_fail("export: one result at a time: %s is one too many",
				 argv[optind + 1]);
	else
		a->file = optind < argc ? argv[optind] : RESULT_DEFAULT;
	return *code != CMD_OK;
}

int cmd_export(int argc, char **argv)
{
	struct export_args a = { 0 };
	char err[ERROR_MAX];
	struct result *r;
	int code, rc;

	if (export_parse(&a, argc, argv, &code))
		return code;
	if (result_read(a.file, &r, err, sizeof(err)))
		return cmd_fail("export: %s", err);
	a.request.r = r;
	rc = export_write(a.format, &a.request, stdout, err, sizeof(err));
	if (rc && *err)
		code = cmd_fail("export: %s: %s", a.file, err);
	else if (rc)
		code = cmd_fail("export: standard output: %s", strerror(-rc));
	result_free(r);
	return code;
}
