// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diowait nightly: runs a suite, keeps each result, holds it against those before, and
 * writes the report, plots and page. What one entry is, is a process of its own
 * (experiment/sitting.h), and its result has its name when it is whole: whatever ends a
 * night, the next start goes on with it.
 */
#include "cmd/night.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "experiment/sitting.h"
#include "result/replace.h"
#include "result/trend.h"

struct nightly_args {
	const char *results, *directory, *suite, *host, *accept;
	bool check, quiet, accepting;
};

enum { OPT_RESULTS = 256, OPT_HOST, OPT_CHECK, OPT_ACCEPT };

const struct option nightly_options[] = {
	{ "directory", required_argument, NULL, 'd' },
	{ "results", required_argument, NULL, OPT_RESULTS },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "accept", optional_argument, NULL, OPT_ACCEPT },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int nightly_help(void)
{
	const char *key, *help;
	size_t i;

	fputs("Usage: diowait nightly [OPTION]... --results=DIR [SUITE]\n"
	      "       diowait nightly --results=DIR --accept[=ENTRY]\n\n"
	      "Runs the entries of SUITE one after another, each on a fresh file system, keeps\n"
	      "their results below DIR, and says which of them are slower than the nights\n"
	      "before. DIR/HOST/report.txt and DIR/index.html tell more. A night that was\n"
	      "interrupted is gone on with by the next start within 20 hours.\n\n"
	      "      --results=DIR       where results are kept, a folder that is there\n"
	      "  -d, --directory=DIR     where images of file systems are made (default: the\n"
	      "                          current directory); each needs 1 GiB for its time\n"
	      "      --host=NAME         the folder of this machine (default: its name)\n"
	      "      --accept[=ENTRY]    take the last night for what is right from now on:\n"
	      "                          earlier ones don't count any more\n"
	      "      --check             read the suite, print what would be run, run nothing\n"
	      "  -q, --quiet             no progress on standard error\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Keys of a suite, in [global] or an entry's [NAME]:\n",
	      stdout);
	for (i = 0; (key = suite_key(i, &help)); i++)
		printf("  %-12s %s\n", key, help);
	fputs("\nExit status: 0 nothing is slower, or it is too early to tell; 2 something is;\n"
	      "1 an entry has no result.\n\n"
	      "Examples:\n"
	      "  diowait nightly --results=/var/lib/diowait\n"
	      "  diowait nightly --results=results -d /mnt/scratch my.suite\n"
	      "  diowait nightly --results=/var/lib/diowait --accept=mixed-ext4\n\n"
	      "man diowait-nightly describes suites, verdicts and timers.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int nightly_parse(struct nightly_args *a, int argc, char **argv, int *code)
{
	int c;

	*code = CMD_OK;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":d:qhV", nightly_options, NULL)) != -1) {
		switch (c) {
		case 'd':
			a->directory = optarg;
			break;
		case OPT_RESULTS:
			a->results = optarg;
			break;
		case OPT_HOST:
			a->host = optarg;
			break;
		case OPT_ACCEPT:
			a->accepting = true;
			a->accept = optarg;
			break;
		case OPT_CHECK:
			a->check = true;
			break;
		case 'q':
			a->quiet = true;
			break;
		case 'h':
			*code = nightly_help();
			return 1;
		default:
			*code = cmd_option("nightly", c, argv);
			return 1;
		}
	}
	if (argc - optind > 1)
		*code = cmd_fail("nightly: one suite at a time, not %d", argc - optind);
	else if (!a->results && !a->check)
		*code = cmd_fail(
			"nightly: --results=DIR is missing: where are results to be kept?");
	else if (a->accepting && argc > optind)
		*code = cmd_fail("nightly: --accept runs nothing, and takes no suite");
	a->suite = argc > optind ? argv[optind] : NULL;
	return *code != CMD_OK;
}

/* ---- what is left for readers ---- */

static int write_file(const char *path, bool keep,
		      int (*write)(const void *of, FILE *out), const void *of)
{
	struct replace r;
	int rc = path ? replace_begin(&r, path) : -ENOMEM;

	if (!rc)
		rc = replace_end(&r, write(of, r.out), keep);
	return rc ? night_fail_at(path, -rc) : CMD_OK;
}

static int write_report(const void *of, FILE *out)
{
	const struct report_style style = { 0 };

	return night_report(of, &style, out);
}

static int write_page(const void *of, FILE *out)
{
	return page_write(of, out);
}

/* A plot is nice to have. */
static void plot_entry(struct night *n, const struct night_entry *e)
{
	char *path = night_path(n, e->of->name, e->file), *svg = NULL, said[512] = "";
	static char name[] = "diowait", plot[] = "plot", o[] = "-o";
	char *argv[] = { name, plot, o, NULL, path, NULL };
	struct sitting_setup setup = { .argv = argv, .stop = &cmd_stop };
	struct load_error err;
	int status = -ENOMEM;

	setup.out_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (path)
		argv[3] = svg = night_other_ending(path, ".svg");
	if (svg && setup.out_fd >= 0)
		status = sitting_run(&setup, said, sizeof(said), &err);
	if (status && !n->plots[0])
		(void)snprintf(n->plots, sizeof(n->plots), "%s",
			       *said ? said : "diowait plot failed");
	if (setup.out_fd >= 0)
		close(setup.out_fd);
	free(svg);
	free(path);
}

static int write_history(const struct night *n)
{
	struct trend_options options = TREND_DEFAULTS;
	struct store *s = NULL;
	struct trend *t = NULL;
	char err[NIGHT_TEXT_MAX], *path = NULL;
	int code;

	if (store_open(n->results, NULL, NULL, &s, err, sizeof(err)))
		return cmd_fail("nightly: %s", err);
	if (trend_make(s, &options, &t) ||
	    asprintf(&path, "%s/index.html", n->results) < 0)
		code = cmd_fail("%s", strerror(ENOMEM));
	else
		code = write_file(path, false, write_page, t);
	free(path);
	trend_free(t);
	store_free(s);
	return code;
}

/* ---- the night ---- */

static void say(const struct nightly_args *a, const struct night *n, size_t i,
		size_t turn, const char *what)
{
	size_t nr = night_sittings(&n->entry[i]);

	if (a->quiet)
		return;
	fprintf(stderr, "%zu/%zu %s", i + 1, n->entry_nr, n->entry[i].of->name);
	if (nr > 1)
		fprintf(stderr, ", sitting %zu of %zu", turn + 1, nr);
	fprintf(stderr, ": %s\n", what);
}

/* One turn of all entries that have so many sittings; a night has as many as any has. */
static bool run_turn(const struct nightly_args *a, struct night *n, const struct store *s,
		     size_t turn)
{
	bool more = false;
	size_t i;

	for (i = 0; i < n->entry_nr && !cmd_stop; i++) {
		struct night_entry *e = &n->entry[i];
		const struct store_entry *se = night_store_entry(s, e->of->name);
		size_t nr = night_sittings(e);

		if (turn >= nr || e->state == NIGHT_FAILED)
			continue;
		if (se && night_run_of(n, se)) {
			if (!turn)
				say(a, n, i, turn,
				    "done already, by this night's first start");
			continue;
		}
		if (night_has_sitting(n, e, turn)) {
			say(a, n, i, turn, "done already, by this night's first start");
		} else {
			say(a, n, i, turn,
			    e->of->filesystem ? e->of->filesystem : e->of->directory);
			night_sit(n, e, a->directory, turn);
		}
		more |= turn + 1 < nr;
		if (turn + 1 == nr && e->state != NIGHT_FAILED && !cmd_stop)
			night_put_together(n, e);
		if (e->state == NIGHT_FAILED)
			say(a, n, i, turn, e->text);
		else if (e->file)
			plot_entry(n, e);
	}
	return more;
}

/* Entries take turns: what a machine does for some minutes meets more than one of them. */
static int run_all(const struct nightly_args *a, struct night *n)
{
	struct store *s = NULL;
	char err[NIGHT_TEXT_MAX];
	size_t turn = 0;

	/* What the night has already, if it goes on. */
	if (store_open(n->results, n->host, NULL, &s, err, sizeof(err)))
		return cmd_fail("nightly: %s", err);
	while (run_turn(a, n, s, turn++) && !cmd_stop)
		;
	store_free(s);
	return CMD_OK;
}

static int judge_all(struct night *n)
{
	struct store *s = NULL;
	char err[NIGHT_TEXT_MAX];
	size_t i;

	if (store_open(n->results, n->host, NULL, &s, err, sizeof(err)))
		return cmd_fail("nightly: %s", err);
	for (i = 0; i < n->entry_nr; i++) {
		struct night_entry *e = &n->entry[i];
		const struct store_entry *se = night_store_entry(s, e->of->name);
		const struct store_run *run = se ? night_run_of(n, se) : NULL;

		if (run && e->state != NIGHT_FAILED)
			night_judge(n, e, se, run);
	}
	store_free(s);
	return CMD_OK;
}

/* Report, page, and the night is over. Returns an exit code. */
static int finish(const struct night *n)
{
	struct report_style style = cmd_style(stdout);
	char *report = night_path(n, NULL, "report.txt"),
	     *night = night_path(n, NULL, "night");
	int code = write_file(report, true, write_report, n), page = write_history(n), rc;

	rc = night_report(n, &style, stdout);
	if (!rc && fflush(stdout))
		rc = -errno;
	if (rc)
		code = cmd_fail("report: %s", strerror(-rc));
	if (!night || (unlink(night) && errno != ENOENT))
		code = night_fail_at(night, errno);
	free(report);
	free(night);
	return night_code(n) == CMD_FOUND ? CMD_FOUND :
	       code			  ? code :
	       page			  ? page :
					    night_code(n);
}

static int run_night(const struct nightly_args *a, struct night *n, const struct suite *s)
{
	size_t i;
	int code = night_make_folder(n, NULL);

	for (i = 0; i < n->entry_nr; i++)
		n->entry[i].of = &s->entry[i];
	if (!code)
		code = night_take_lock(n);
	if (!code)
		code = night_check_room(n);
	if (!code)
		code = night_begin(n);
	if (code)
		return code;
	cmd_catch_signals();
	code = run_all(a, n);
	if (cmd_stop)
		return cmd_fail(
			"nightly: interrupted; what is finished is kept, and the next start within 20 hours goes on");
	if (!code)
		code = judge_all(n);
	return code ? code : finish(n);
}

static void night_clear(struct night *n)
{
	while (n->entry_nr) {
		struct night_entry *e = &n->entry[--n->entry_nr];

		compare_free(e->compare);
		free(e->file);
	}
	free(n->entry);
	free(n->host);
}

/* ---- beside it ---- */

/* From the last night of an entry on. */
static int accept(const struct nightly_args *a, const struct night *n)
{
	struct store *s;
	char err[NIGHT_TEXT_MAX];
	size_t i;
	int code = CMD_OK;

	if (store_open(n->results, n->host, a->accept, &s, err, sizeof(err)))
		return cmd_fail("nightly: %s", err);
	if (!s->entry_nr)
		code = cmd_fail("nightly: --accept%s%s: no results of %s in %s",
				a->accept ? "=" : "", a->accept ? a->accept : "", n->host,
				n->results);
	for (i = 0; i < s->entry_nr && !code; i++) {
		const struct store_entry *e = &s->entry[i];
		const struct store_run *last = &e->run[e->run_nr - 1];

		code = night_write_number(n, e->name, "accepted", last->started.tv_sec);
		if (!code)
			printf("%s: nights count from %s on\n", e->name, last->file);
	}
	store_free(s);
	return code;
}

static int print_suite(const struct suite *s)
{
	size_t i, k;

	for (i = 0; i < s->entry_nr; i++) {
		const struct suite_entry *e = &s->entry[i];

		printf("[%s]\nworkload=%s\n%s=%s\n", e->name, e->workload,
		       e->filesystem ? "filesystem" : "directory",
		       e->filesystem ? e->filesystem : e->directory);
		if (e->engine)
			printf("engine=%s\n", e->engine);
		if (e->rounds)
			printf("rounds=%s\n", e->rounds);
		if (e->sittings)
			printf("sittings=%s\n", e->sittings);
		for (k = 0; k < e->set_nr; k++)
			printf("set=%s\n", e->set[k]);
	}
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

/* What would fail at night fails now: workloads, and file systems without root. */
static int check_suite(const struct suite *s)
{
	static const char *const ours[] = { "lock", "night", "report.txt",
					    "report.txt.old" };
	size_t i, k;

	for (i = 0; i < s->entry_nr; i++) {
		const struct suite_entry *e = &s->entry[i];
		struct stat st;

		for (k = 0; k < sizeof(ours) / sizeof(ours[0]); k++)
			if (!strcmp(e->name, ours[k]))
				return cmd_fail(
					"%s:%u: [%s] is the name of a file beside the entries' folders: give another",
					s->file, e->line, e->name);
		if (access(e->workload, R_OK))
			return cmd_fail("%s:%u: [%s] workload=%s: %s", s->file, e->line,
					e->name, e->workload, strerror(errno));
		if (e->directory && (stat(e->directory, &st) || !S_ISDIR(st.st_mode)))
			return cmd_fail("%s:%u: [%s] directory=%s: is no directory",
					s->file, e->line, e->name, e->directory);
		if (e->filesystem && geteuid())
			return cmd_fail(
				"%s:%u: [%s] filesystem=%s: only root can make one: give a directory",
				s->file, e->line, e->name, e->filesystem);
	}
	return CMD_OK;
}

static int read_suite(const struct nightly_args *a, struct suite **out)
{
	char folder[PATH_MAX], *path = NULL, err[NIGHT_TEXT_MAX];
	int code = CMD_OK;

	if (!a->suite) {
		if (!cmd_data_folder("DIOWAIT_WORKLOADS", "workloads",
				     DIOWAIT_WORKLOADS_DIR, folder))
			return cmd_fail("DIOWAIT_WORKLOADS: %s", strerror(errno));
		if (asprintf(&path, "%s/nightly.suite", folder) < 0)
			return cmd_fail("%s", strerror(ENOMEM));
	}
	if (suite_read(a->suite ? a->suite : path, out, err, sizeof(err)))
		code = cmd_fail("%s", err);
	free(path);
	return code;
}

static int name_host(const struct nightly_args *a, struct night *n)
{
	struct utsname u;

	if (a->host && !*a->host)
		return cmd_fail("nightly: --host= has no name");
	if (!a->host && uname(&u))
		return cmd_fail("nightly: uname: %s", strerror(errno));
	n->host = store_name(a->host ? a->host : u.nodename);
	if (!n->host)
		return cmd_fail("%s", strerror(ENOMEM));
	return CMD_OK;
}

int cmd_nightly(int argc, char **argv)
{
	struct nightly_args a = { .directory = "." };
	struct night n = { 0 };
	struct suite *s = NULL;
	struct stat st;
	int code;

	if (nightly_parse(&a, argc, argv, &code))
		return code;
	n.results = a.results;
	code = name_host(&a, &n);
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): is there, or code is not 0 */
	if (!code && !a.check && stat(a.results, &st))
		code = cmd_fail("nightly: --results=%s: %s", a.results, strerror(errno));
	if (!code && a.accepting) {
		code = accept(&a, &n);
		goto out;
	}
	if (!code)
		code = read_suite(&a, &s);
	if (!code)
		code = check_suite(s);
	if (!code && a.check) {
		code = print_suite(s);
		goto out;
	}
	if (!code) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): read_suite() gave it */
		n.entry = calloc(s->entry_nr, sizeof(*n.entry));
		n.entry_nr = n.entry ? s->entry_nr : 0;
		code = n.entry ? run_night(&a, &n, s) : cmd_fail("%s", strerror(ENOMEM));
	}
out:
	night_clear(&n);
	suite_free(s);
	cmd_die_of_signal();
	return code;
}
