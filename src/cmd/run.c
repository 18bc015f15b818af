// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait run: options, progress, where the result and the report go. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "experiment/experiment.h"
#include "workload/option.h"
#include "workload/sweep.h"
#include "workload/units.h"
#include "workload/workload.h"

#define OVERRIDES_MAX 256

struct run_args {
	const char *output; /* -o; NULL: the default */
	struct workload_override override[OVERRIDES_MAX];
	size_t override_nr;
	char *owned[3 * OVERRIDES_MAX]; /* strings behind override */
	size_t owned_nr;
	enum cmd_format format;
	bool check, quiet, destroy_data, why, why_full, resume, compact;
	size_t why_ring_bytes;
	char **file; /* owned */
	size_t file_nr;
};

enum {
	OPT_CHECK = 256,
	OPT_FORMAT,
	OPT_DESTROY,
	OPT_HELP_KEYS,
	OPT_WHY_RING,
	OPT_SWEEP,
	OPT_RESUME,
	OPT_COMPACT
};

const struct option run_options[] = {
	{ "directory", required_argument, NULL, 'd' },
	{ "output", required_argument, NULL, 'o' },
	{ "set", required_argument, NULL, 's' },
	{ "sweep", required_argument, NULL, OPT_SWEEP },
	{ "rounds", required_argument, NULL, 'r' },
	{ "resume", no_argument, NULL, OPT_RESUME },
	{ "compact", no_argument, NULL, OPT_COMPACT },
	{ "why", optional_argument, NULL, 'w' },
	{ "why-ring", required_argument, NULL, OPT_WHY_RING },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "destroy-data", no_argument, NULL, OPT_DESTROY },
	{ "help", no_argument, NULL, 'h' },
	{ "help-keys", no_argument, NULL, OPT_HELP_KEYS },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int run_help(void)
{
	char range[OPTION_TEXT_MAX];
	size_t i;

	fputs("Usage: diowait run [OPTION]... WORKLOAD...\n\n"
	      "Runs the workload files one after another, and reports for every kind of\n"
	      "write what its submission and its completion took, whom it delayed, and which\n"
	      "path the kernel took. The full result goes to " RESULT_DEFAULT ".\n"
	      "A name without a folder that is not here is one of diowait's own workloads.\n\n"
	      "  -d, --directory=DIR     make the scratch files in DIR (overrides directory=)\n"
	      "  -o, --output=FILE       write the result to FILE; - is standard output\n"
	      "  -s, --set=KEY=VALUE     set a key in every job, over what the files say\n"
	      "      --sweep=KEY=V,V,... run a variant for each value of KEY; several make a\n"
	      "                          cross product, their rounds take turns\n"
	      "  -r, --rounds=N          measure N rounds, each on fresh files\n"
	      "      --resume            go on with the sweep whose interrupted result is there\n"
	      "      --compact           keep a small result: 60 percentiles, but no bins\n"
	      "  -w, --why[=full]        say why: kernel events tell each write's path, and the\n"
	      "                          cause of every sleep; full: watch all of them always\n"
	      "      --why-ring=SIZE     memory for events of each processor (default 2m)\n"
	      "      --check             read the files, print the resolved jobs, do nothing\n"
	      "      --format=FORMAT     print the report as text (default), json, or none\n"
	      "  -q, --quiet             no progress on the terminal\n"
	      "      --destroy-data      allow block devices as targets: they are overwritten\n"
	      "      --help-keys         print all keys with type, range and default, by tabs\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Examples:\n"
	      "  diowait run mixed.job\n"
	      "  diowait run -d /mnt/xfs -s ioengine=io_uring -s iodepth=32 mixed.job\n"
	      "  diowait run -s mix=overwrite:90,append:10 -s append_depth=1 mixed.job\n"
	      "  diowait run --why -d /mnt/ext4 mixed.job\n"
	      "  diowait run --sweep append%=5,10,30 --sweep extend_wait=own,all mixed.job\n\n"
	      "Keys of a workload file, and of -s:\n",
	      stdout);
	for (i = 0; i < option_nr(); i++) {
		const struct option_row *o = option_at(i);

		if (o->status != OPTION_SUPPORTED)
			continue;
		printf("  %-26s %s\n", o->name, o->help);
		printf("  %-26s   %s%s%s; default %s\n", "",
		       option_format_range(o, range, sizeof(range)), o->unit ? " " : "",
		       o->unit ? o->unit : "", option_format_default(o));
	}
	puts("\nman diowait-workload describes files and keys, man diowait-run the rest.");
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

/* Keeps an override; key and origin are copied. 0, or an exit code. */
static int run_override(struct run_args *a, const char *key, size_t key_len,
			const char *value, const char *origin)
{
	struct workload_override *o;
	char *k, *from;

	if (a->override_nr == OVERRIDES_MAX)
		return cmd_fail("more than %d options set on the command line",
				OVERRIDES_MAX);
	k = strndup(key, key_len);
	from = strdup(origin);
	if (!k || !from) {
		free(k);
		free(from);
		return cmd_fail("%s", strerror(ENOMEM));
	}
	a->owned[a->owned_nr++] = k;
	a->owned[a->owned_nr++] = from;
	o = &a->override[a->override_nr++];
	*o = (struct workload_override){ .key = k, .value = value, .origin = from };
	return 0;
}

static int run_set(struct run_args *a, const char *text)
{
	const char *eq = strchr(text, '=');
	char origin[160];

	snprintf(origin, sizeof(origin), "-s %s", text);
	/* As in a file, only a boolean may stand alone: it is true then. */
	return run_override(a, text, eq ? (size_t)(eq - text) : strlen(text),
			    eq ? eq + 1 : NULL, origin);
}

/* KEY=V,V,... is a line sweep=KEY:V,V,... over all jobs. */
static int run_sweep(struct run_args *a, const char *text)
{
	const char *eq = strchr(text, '=');
	char origin[160], *line;

	if (!eq || eq == text || !eq[1])
		return cmd_fail("--sweep=%s: must be KEY=VALUE,VALUE,...", text);
	if (a->owned_nr + 3 > sizeof(a->owned) / sizeof(a->owned[0]))
		return cmd_fail("more than %d options set on the command line",
				OVERRIDES_MAX);
	line = strdup(text);
	if (!line)
		return cmd_fail("%s", strerror(ENOMEM));
	line[eq - text] = ':';
	a->owned[a->owned_nr++] = line;
	snprintf(origin, sizeof(origin), "--sweep %s", text);
	return run_override(a, "sweep", 5, line, origin);
}

static int run_why(struct run_args *a, const char *text)
{
	a->why = true;
	a->why_full = text && !strcmp(text, "full");
	return !text || a->why_full ?
		       0 :
		       cmd_fail("--why=%s: must be --why or --why=full", text);
}

/* A ring is a power of two of pages. */
static int run_why_ring(struct run_args *a, const char *text)
{
	uint64_t bytes = 0;

	if (units_parse_size(text, &bytes) || bytes < 4096 || bytes > 1ull << 30 ||
	    (bytes & (bytes - 1)))
		return cmd_fail(
			"--why-ring=%s: must be a power of two, 4k .. 1g (default 2m)",
			text);
	a->why_ring_bytes = (size_t)bytes;
	return 0;
}

/* The workload files, those that are shipped by their full names. 0, or CMD_FAILED and
 * said so. */
static int run_files(struct run_args *a, int nr, char **name)
{
	a->file = calloc((size_t)nr, sizeof(*a->file));
	for (; a->file && a->file_nr < (size_t)nr; a->file_nr++) {
		a->file[a->file_nr] = cmd_workload(name[a->file_nr]);
		if (!a->file[a->file_nr])
			break;
	}
	return a->file_nr == (size_t)nr ? CMD_OK : cmd_fail("%s", strerror(ENOMEM));
}

/* Reads argv. 0: go on; else *code is the exit code. */
static int run_parse(struct run_args *a, int argc, char **argv, int *code)
{
	char origin[80];
	int c;

	*code = 0;
	opterr = 0;
	while (!*code &&
	       (c = getopt_long(argc, argv, ":d:o:s:r:wqhV", run_options, NULL)) != -1) {
		switch (c) {
		case 'd':
			*code = run_override(a, "directory", 9, optarg, "-d");
			break;
		case 'o':
			if (!*optarg)
				*code = cmd_fail(
					"run: -o needs a name, or - for standard output");
			a->output = optarg;
			break;
		case 's':
			*code = run_set(a, optarg);
			break;
		case 'r':
			snprintf(origin, sizeof(origin), "-r %s", optarg);
			*code = run_override(a, "rounds", 6, optarg, origin);
			break;
		case 'w':
			*code = run_why(a, optarg);
			break;
		case OPT_WHY_RING:
			*code = run_why_ring(a, optarg);
			break;
		case OPT_SWEEP:
			*code = run_sweep(a, optarg);
			break;
		case OPT_COMPACT:
			a->compact = true;
			break;
		case OPT_RESUME:
			a->resume = true;
			break;
		case OPT_CHECK:
			a->check = true;
			break;
		case OPT_FORMAT:
			*code = cmd_format_parse(optarg, &a->format);
			break;
		case 'q':
			a->quiet = true;
			break;
		case OPT_DESTROY:
			a->destroy_data = true;
			break;
		case 'h':
			*code = run_help();
			return 1;
		case OPT_HELP_KEYS:
			option_print_keys(stdout);
			*code = fflush(stdout) ? CMD_FAILED : CMD_OK;
			return 1;
		default:
			*code = cmd_option("run", c, argv);
			return 1;
		}
	}
	if (*code)
		return 1;
	if (optind < argc) {
		*code = run_files(a, argc - optind, argv + optind);
		return *code != CMD_OK;
	}
	*code = cmd_fail("run: no workload file given: try diowait run mixed.job");
	return 1;
}

/* "1 h 05 m", "4 m", "50 s" */
static void run_print_time(double s)
{
	if (s >= 3600)
		fprintf(stderr, "%.0f h %02.0f m", floor(s / 3600),
			floor(s / 60) - 60 * floor(s / 3600));
	else if (s >= 90)
		fprintf(stderr, "%.0f m", ceil(s / 60));
	else
		fprintf(stderr, "%.0f s", ceil(s));
}

/* What is left takes as long as what was done so far did, round for round. */
static void run_print_eta(const struct experiment_progress *p, const struct timespec *now)
{
	static struct timespec first;
	static size_t first_done;
	double s;

	if (!first.tv_sec) {
		first = *now;
		first_done = p->done;
	}
	if (p->done == first_done || p->todo < 2)
		return;
	s = (double)(now->tv_sec - first.tv_sec) / (double)(p->done - first_done) *
	    (double)(p->todo - p->done);
	fputs(", left about ", stderr);
	run_print_time(s);
}

static void run_progress(void *ctx, const struct experiment_progress *p)
{
	static struct timespec last;
	struct timespec now;

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	/* Layouts are told at once, the load at most five times a second. */
	if (p->phase == EXPERIMENT_LOAD &&
	    (now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000 <
		    200)
		return;
	last = now;
	fprintf(stderr, "\r\033[Kround %u/%u", p->round, p->round_nr);
	if (p->variant_nr > 1)
		fprintf(stderr, ", variant %zu/%zu (%zu of %zu done)", p->variant,
			p->variant_nr, p->done, p->todo);
	if (p->phase == EXPERIMENT_LAYOUT)
		fputs(": layout", stderr);
	else
		fprintf(stderr, ": %.1f s, %llu ops", p->seconds,
			(unsigned long long)p->ops);
	run_print_eta(p, &now);
	fflush(stderr);
}

/* Result and report. Returns an exit code. */
static int run_deliver(const struct run_args *a, const struct result *r)
{
	const char *path = a->output ? a->output : RESULT_DEFAULT;
	bool to_stdout = !strcmp(path, "-");
	FILE *report = to_stdout ? stderr : stdout;
	struct report_style style = cmd_style(report);
	int rc = 0, code = CMD_OK;

	/* The report first: a full disk must not cost what was measured. */
	if (a->format == CMD_TEXT)
		rc = report_write(r, &style, report);
	else if (a->format == CMD_JSON && !to_stdout)
		rc = result_dump(r, stdout);
	if (!rc && fflush(stdout))
		rc = -errno;
	if (rc)
		code = cmd_fail("report: %s", strerror(-rc));
	rc = to_stdout ? result_dump(r, stdout) : result_write(r, path);
	if (!rc && fflush(stdout))
		rc = -errno;
	if (rc)
		code = cmd_fail("result %s: %s", to_stdout ? "on standard output" : path,
				strerror(-rc));
	return code;
}

static int run_check(const struct sweep *s)
{
	char *text = workload_print(s->base);
	size_t i, k;

	if (!text)
		return cmd_fail("%s", strerror(ENOMEM));
	for (i = 0; i < s->base->note_nr; i++)
		printf("# %s\n", s->base->note[i]);
	for (i = 0; i < s->variant_nr && s->axis_nr; i++) {
		printf("# variant %zu of %zu:", i + 1, s->variant_nr);
		for (k = 0; k < s->axis_nr; k++)
			printf(" %s=%s", s->axis[k].key, sweep_value(s, i, k));
		putchar('\n');
	}
	fputs(text, stdout);
	free(text);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

static bool run_measured(const struct result *r)
{
	size_t i, k;

	for (i = 0; i < r->variant_nr; i++)
		for (k = 0; k < r->variant[i].kind_nr; k++)
			if (r->variant[i].kind[k].ops)
				return true;
	return false;
}

/* ---- variants ---- */

static void run_variants_free(struct experiment_variant *v, size_t nr)
{
	size_t i;

	for (i = 0; v && i < nr; i++) {
		free((void *)v[i].key);
		free((void *)v[i].value);
	}
	free(v);
}

/* The sweep as experiment/ takes it. NULL: no memory. */
static struct experiment_variant *run_variants(const struct sweep *s)
{
	struct experiment_variant *v = calloc(s->variant_nr, sizeof(*v));
	size_t i, k;

	for (i = 0; v && i < s->variant_nr; i++) {
		const char **key = calloc(s->axis_nr + 1, sizeof(*key));
		const char **value = calloc(s->axis_nr + 1, sizeof(*value));

		v[i] = (struct experiment_variant){ s->variant[i], s->axis_nr, key,
						    value };
		if (!key || !value) {
			run_variants_free(v, s->variant_nr);
			return NULL;
		}
		for (k = 0; k < s->axis_nr; k++) {
			key[k] = s->axis[k].key;
			value[k] = sweep_value(s, i, k);
		}
	}
	return v;
}

/* Whether the result of a sweep lacks rounds: a signal or an error ended it. */
static bool run_is_part(const struct result *r, const struct sweep *s)
{
	size_t i;

	for (i = 0; i < r->variant_nr && s->variant_nr > 1; i++)
		if (r->variant[i].round_nr < s->base->job[0].rounds)
			return true;
	return r->interrupted;
}

/* The result that --resume goes on with. 0, or CMD_FAILED and said so. */
static int run_read_resumed(const struct run_args *a, const struct sweep *s,
			    struct result **out)
{
	const char *path = a->output ? a->output : RESULT_DEFAULT;
	struct result *r;
	char err[512];

	*out = NULL;
	if (result_read(path, &r, err, sizeof(err)))
		return cmd_fail("--resume: %s", err);
	*out = r;
	if (s->variant_nr < 2)
		return cmd_fail(
			"--resume: there is no sweep of several variants here: only that has whole rounds to go on from");
	if (strcmp(r->workload_sha256, s->base->sha256))
		return cmd_fail(
			"--resume: %s is of another workload: give its files and keys",
			path);
	if (!run_is_part(r, s))
		return cmd_fail("--resume: %s is complete: nothing is left to do", path);
	/* Asked for, and not to be had, is asked for. */
	if ((r->evidence_tier == 2 || r->evidence_missing) != a->why)
		return cmd_fail("--resume: %s is of a run %s --why: both must be alike",
				path, a->why ? "without" : "with");
	if (r->variant_nr != s->variant_nr)
		return cmd_fail("--resume: %s has %zu variants, not %zu", path,
				r->variant_nr, s->variant_nr);
	return CMD_OK;
}

static int run_workload(const struct run_args *a, const struct sweep *s)
{
	bool tell = !a->quiet && isatty(STDERR_FILENO);
	struct experiment_setup setup = {
		.destroy_data = a->destroy_data,
		.why = a->why,
		.why_full = a->why_full,
		.why_ring_bytes = a->why_ring_bytes,
		.fine = a->compact,
		.stop = &cmd_stop,
		.progress = tell ? run_progress : NULL,
	};
	struct experiment_variant *variant;
	struct result *r = NULL;
	struct load_error err;
	int rc, code = CMD_OK;

	if (!a->output || strcmp(a->output, "-"))
		code = cmd_check_output(a->output ? a->output : RESULT_DEFAULT);
	if (!code && a->resume)
		code = run_read_resumed(a, s, &setup.resume);
	variant = code ? NULL : run_variants(s);
	if (!code && !variant)
		code = cmd_fail("%s", strerror(ENOMEM));
	if (code) {
		result_free(setup.resume);
		return code;
	}
	cmd_catch_signals();
	rc = experiment_run(s->base, variant, s->variant_nr, &setup, &r, &err);
	run_variants_free(variant, s->variant_nr);
	if (tell)
		fputs("\r\033[K", stderr);
	/* What is to be resumed is kept whole. */
	if (!rc && a->compact && !run_is_part(r, s))
		result_compact(r);
	if (!rc && r->interrupted && !run_measured(r))
		code = cmd_fail(
			"interrupted before anything was measured: no result was written");
	else
		code = rc ? CMD_FAILED : run_deliver(a, r);
	/* Last, so that it is not lost above the report. */
	if (err.text[0] && !(rc && cmd_stop))
		code = cmd_fail("%s", err.text);
	result_free(r);
	return code;
}

int cmd_run(int argc, char **argv)
{
	struct run_args *a = calloc(1, sizeof(*a));
	struct sweep *s = NULL;
	struct workload_error err;
	int code;

	if (!a)
		return cmd_fail("%s", strerror(ENOMEM));
	if (run_parse(a, argc, argv, &code))
		goto out;
	if (sweep_parse_files((const char *const *)a->file, a->file_nr, a->override,
			      a->override_nr, &s, &err)) {
		code = cmd_fail("%s", err.text);
		goto out;
	}
	code = a->check ? run_check(s) : run_workload(a, s);
out:
	sweep_free(s);
	while (a->owned_nr)
		free(a->owned[--a->owned_nr]);
	while (a->file_nr)
		free(a->file[--a->file_nr]);
	free(a->file);
	free(a);
	cmd_die_of_signal();
	return code;
}
