// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait probe: a small run of each kind, one a row, and what they come to. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "experiment/experiment.h"
#include "result/probe.h"
#include "workload/kind.h"
#include "workload/workload.h"

#define PROBE_IODEPTH 16
#define PROBE_SECONDS_MAX 50 /* rows that were not begun until then are left out */

struct probe_args {
	const char *directory, *output;
	enum cmd_format format;
	bool quiet;
};

enum { OPT_FORMAT = 256 };

const struct option probe_options[] = {
	{ "directory", required_argument, NULL, 'd' },
	{ "output", required_argument, NULL, 'o' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int probe_help(void)
{
	fputs("Usage: diowait probe [OPTION]...\n\n"
	      "Shows in less than a minute what the kernel does with each kind of direct\n"
	      "write on the file system of a directory: its path, what its submission takes,\n"
	      "how often and for what it sleeps; through libaio and io_uring. Then how many\n"
	      "appends can be in flight without blocking, and what to do about it.\n\n"
	      "  -d, --directory=DIR     probe the file system of DIR (default .)\n"
	      "  -o, --output=FILE       write the rows as JSON to FILE; - is standard output\n"
	      "      --format=FORMAT     print the report as text (default), json, or none\n"
	      "  -q, --quiet             no progress on the terminal\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Examples:\n"
	      "  diowait probe -d /mnt/xfs\n"
	      "  diowait probe -d /mnt/ext4 -o ext4.json\n\n"
	      "man diowait-probe describes rows and advice.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int probe_parse(struct probe_args *a, int argc, char **argv, int *code)
{
	int c;

	*code = CMD_OK;
	opterr = 0;
	while (!*code &&
	       (c = getopt_long(argc, argv, ":d:o:qhV", probe_options, NULL)) != -1) {
		switch (c) {
		case 'd':
			a->directory = optarg;
			break;
		case 'o':
			if (!*optarg)
				*code = cmd_fail(
					"probe: -o needs a name, or - for standard output");
			a->output = optarg;
			break;
		case OPT_FORMAT:
			*code = cmd_format_parse(optarg, &a->format);
			break;
		case 'q':
			a->quiet = true;
			break;
		case 'h':
			*code = probe_help();
			return 1;
		default:
			*code = cmd_option("probe", c, argv);
			return 1;
		}
	}
	if (!*code && optind < argc)
		*code = cmd_fail("probe: '%s': a directory is given with -d",
				 argv[optind]);
	return *code != CMD_OK;
}

/* All rows, in the order of the report. 0 or -ENOMEM. */
static int probe_plan(struct probe *p)
{
	static const char *const engine[] = { "libaio", "io_uring" };
	static const unsigned int mods[] = { 0, KIND_UNALIGNED, KIND_DSYNC, KIND_NOWAIT };
	char name[KIND_NAME_MAX];
	unsigned int base, m, depth;
	size_t e;

	for (e = 0; e < 2; e++) {
		for (base = 0; base < KIND_BASE_NR; base++) {
			if (!kind_row(base)->is_write || !kind_row(base)->in_mix)
				continue;
			for (m = 0; m < 4; m++) {
				kind_print((struct kind){ .base = (uint8_t)base,
							  .mods = (uint8_t)mods[m] },
					   name);
				if (!probe_add(p, name, engine[e], PROBE_IODEPTH, 0))
					return -ENOMEM;
			}
			if (base == KIND_APPEND &&
			    !probe_add(p, "append", engine[e], 1, 0))
				return -ENOMEM;
		}
	}
	for (depth = 1; depth <= PROBE_IODEPTH; depth *= 2)
		if (!probe_add(p, "append", "libaio", PROBE_IODEPTH, depth))
			return -ENOMEM;
	return 0;
}

/* The job of a row. Blocks that are used once are enough for its number_ios. */
static int probe_workload(const struct probe_args *a, const struct probe_row *row,
			  struct workload **out, struct workload_error *err)
{
	bool straddle = !strcmp(row->kind, "straddle") ||
			(!strncmp(row->kind, "straddle+", 9) &&
			 !strstr(row->kind, "unaligned"));
	struct workload_override ovr = { "directory", a->directory, "-d" };
	char *text = NULL;
	int rc;

	if (asprintf(&text,
		     "[%s.%s.d%u]\nioengine=%s\ndirect=1\nbs=%s\niodepth=%u\n"
		     "append_depth=%u\nsize=8m\nnumber_ios=1500\nruntime=250ms\n"
		     "rounds=1\nmix=%s:1\n",
		     row->kind, row->engine,
		     row->append_depth ? row->append_depth : row->iodepth, row->engine,
		     straddle ? "8k" : "4k", row->iodepth,
		     row->append_depth ? row->append_depth : row->iodepth,
		     row->kind) < 0) {
		snprintf(err->text, sizeof(err->text), "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	rc = workload_parse_text("probe", text, &ovr, 1, out, err);
	free(text);
	return rc;
}

/* What follows "probe:4: job append.libaio.d16: ": the row says that. */
static int probe_row_error(struct probe_row *row, const char *text)
{
	const char *job = strstr(text, ": job "), *rest = NULL;

	if (job)
		rest = strstr(job + 6, ": ");
	free(row->error);
	row->error = strdup(rest ? rest + 2 : text);
	return row->error ? 0 : -ENOMEM;
}

/* One row. A row that can't be had says why; -errno is for what ends them all. */
static int probe_row(const struct probe_args *a, const struct why_hold *hold,
		     struct probe *p, struct probe_row *row)
{
	struct experiment_setup setup = { .why = true,
					  .why_hold = hold,
					  .stop = &cmd_stop };
	struct experiment_variant only = { 0 };
	struct workload *w = NULL;
	struct workload_error werr = { "" };
	struct load_error err = { "" };
	struct result *r = NULL;
	int rc = 0;

	if (probe_workload(a, row, &w, &werr))
		return probe_row_error(row, werr.text);
	only.w = w;
	if (experiment_run(w, &only, 1, &setup, &r, &err)) {
		if (!cmd_stop)
			rc = probe_row_error(row, err.text);
	} else {
		rc = probe_row_fill(p, row, r);
		/* That of the writes, which is shorter, goes first. */
		if (!rc && err.text[0] && !row->error)
			rc = probe_row_error(row, err.text);
	}
	workload_free(w);
	return rc;
}

static double probe_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int probe_rows(const struct probe_args *a, struct probe *p)
{
	bool tell = !a->quiet && isatty(STDERR_FILENO);
	double end = probe_now() + PROBE_SECONDS_MAX;
	struct why_hold *hold = experiment_why_hold();
	size_t i;
	int rc = 0;

	for (i = 0; i < p->row_nr && !rc && !cmd_stop; i++) {
		struct probe_row *row = &p->row[i];

		if (tell) {
			fprintf(stderr, "\r\033[K%zu/%zu: %s, %s", i + 1, p->row_nr,
				row->kind, row->engine);
			fflush(stderr);
		}
		rc = probe_now() < end ?
			     probe_row(a, hold, p, row) :
			     probe_row_error(row, "not begun: the time was up");
	}
	if (tell)
		fputs("\r\033[K", stderr);
	experiment_why_release(hold);
	p->interrupted = cmd_stop;
	return rc ? rc : probe_conclude(p);
}

static int probe_deliver(const struct probe_args *a, const struct probe *p)
{
	bool to_stdout = a->output && !strcmp(a->output, "-");
	FILE *report = to_stdout ? stderr : stdout;
	struct report_style style = cmd_style(report);
	int rc = 0, code = CMD_OK;

	if (a->format == CMD_TEXT)
		rc = probe_report(p, &style, report);
	else if (a->format == CMD_JSON && !to_stdout)
		rc = probe_dump(p, stdout);
	if (rc)
		code = cmd_fail("report: %s", strerror(-rc));
	rc = !a->output ? 0 :
	     to_stdout	? probe_dump(p, stdout) :
			  probe_write(p, a->output);
	if (rc)
		code = cmd_fail("result %s: %s",
				to_stdout ? "on standard output" : a->output,
				strerror(-rc));
	return code;
}

static int probe_all(const struct probe_args *a, struct probe *p)
{
	int rc;

	if (a->output && strcmp(a->output, "-") && cmd_check_output(a->output))
		return CMD_FAILED;
	cmd_catch_signals();
	rc = probe_plan(p);
	if (!rc)
		rc = probe_rows(a, p);
	if (rc)
		return cmd_fail("probe: %s", strerror(-rc));
	if (probe_measured(p))
		return probe_deliver(a, p);
	if (cmd_stop)
		return cmd_fail("interrupted before anything was measured");
	/* What one row ran into, all did: no directory, no direct I/O. */
	return cmd_fail("probe: %s",
			p->row[0].error ? p->row[0].error : "nothing to measure");
}

int cmd_probe(int argc, char **argv)
{
	struct probe_args a = { .directory = "." };
	struct probe p = { .concurrency = -1 };
	int code;

	if (probe_parse(&a, argc, argv, &code))
		return code;
	p.directory = a.directory;
	code = probe_all(&a, &p);
	probe_clear(&p);
	cmd_die_of_signal();
	return code;
}
