// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diowait plot: options, results, and gnuplot. It runs in a private folder, with
 * fixed names: no name from a command line, a workload file or a document is ever
 * part of a command of its or of a shell's.
 */
#include "cmd/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/sides.h"
#include "result/plot.h"
#include "result/plot_mark.h"
#include "result/replace.h"

#define SOURCES_MAX 64
#define ERROR_MAX 512

extern char **environ;

struct plot_args {
	const struct plot_type *type;
	const char *output;
	struct plot_request request;
	struct plot_source source[SOURCES_MAX];
	char *name[SOURCES_MAX];
	struct result *result[SOURCES_MAX];
	const char **file;
	size_t file_nr;
	struct sides sides; /* of a type that compares, instead of files */
	struct compare *compare;
};

enum { OPT_TIMES = 256, OPT_X };

const struct option plot_options[] = {
	{ "type", required_argument, NULL, 't' },
	{ "output", required_argument, NULL, 'o' },
	{ "kind", required_argument, NULL, 'k' },
	{ "times", required_argument, NULL, OPT_TIMES },
	{ "x", required_argument, NULL, OPT_X },
	SIDES_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char *const plot_endings[] = { ".svg", ".png", ".txt" };

static int plot_help(void)
{
	const struct plot_type *t;
	size_t i;

	fputs("Usage: diowait plot [-t TYPE] [OPTION]... -o FILE.{svg,png,txt} [RESULT.json]...\n"
	      "       diowait plot -t compare [OPTION]... -o FILE [OLD...] [-- NEW...]\n\n"
	      "Draws results, " RESULT_DEFAULT
	      " by default, with gnuplot. The ending of FILE says\n"
	      "as what: svg and png are pictures, txt fits into a mail.\n\n"
	      "  -t, --type=TYPE         what to draw, the first by default:\n",
	      stdout);
	for (i = 0; (t = plot_type_at(i)); i++)
		printf("      %-9s %s\n", t->name, t->help);
	fputs("  -o, --output=FILE       where to; an older plot there is replaced\n"
	      "  -k, --kind=KIND         of this kind of write only, as append+dsync\n"
	      "      --times=TIMES       lat (default), slat, clat, victim or resp\n"
	      "      --x=KEY             of a sweep: the key on the horizontal axis\n"
	      "Of a comparison, as diowait compare has them:\n"
	      "      --threshold=PERCENT differences below are none (default 2)\n"
	      "      --rounds-suffice    take rounds for sittings\n"
	      "      --variants          compare the variants of one result with its first\n"
	      "      --base=N            ... with its Nth\n"
	      "      --any-workload      compare although the workloads differ\n"
	      "      --seed=N            of the bootstrap (default 1)\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Examples:\n"
	      "  diowait plot -o spectrum.svg\n"
	      "  diowait plot -o both.png ext4.json xfs.json\n"
	      "  diowait plot -t causes -o causes.txt why.json\n"
	      "  diowait plot -t compare -o ratios.svg old*.json -- new*.json\n\n"
	      "man diowait-plot describes the types.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

#define LIST_MAX 200

/* "spectrum, sweep or timeline": the types that take something; 0: all. */
static char *plot_types(char list[LIST_MAX], unsigned int takes)
{
	size_t i, nr = 0, left = 0, len = 0;

	for (i = 0; plot_type_at(i); i++)
		left += (plot_type_at(i)->takes & takes) == takes;
	for (i = 0; plot_type_at(i); i++) {
		if ((plot_type_at(i)->takes & takes) != takes)
			continue;
		left--;
		len += (size_t)snprintf(list + len, LIST_MAX - len, "%s%s",
					!nr++ ? "" :
					left  ? ", " :
						" or ",
					plot_type_at(i)->name);
	}
	return list;
}

static int plot_type(struct plot_args *a, const char *name)
{
	char list[LIST_MAX];

	a->type = plot_type_find(name);
	if (a->type)
		return CMD_OK;
	return cmd_fail("plot: -t %s: must be %s", name, plot_types(list, 0));
}

static int plot_times(struct plot_args *a, const char *name)
{
	unsigned int i;

	for (i = 0; i <= PLOT_RESP; i++)
		if (!strcmp(name, plot_times_name(i))) {
			a->request.times = i;
			a->request.times_given = true;
			return CMD_OK;
		}
	return cmd_fail("plot: --times=%s: must be lat, slat, clat, victim or resp",
			name);
}

static int plot_output(struct plot_args *a, const char *name)
{
	size_t len = strlen(name), i;

	a->output = name;
	for (i = 0; i < 3; i++)
		if (len > 4 && !strcasecmp(name + len - 4, plot_endings[i])) {
			a->request.format = i;
			return CMD_OK;
		}
	return cmd_fail("plot: -o %s: must end in .svg, .png or .txt", name);
}

/* One option; 0: go on. */
static int plot_option(struct plot_args *a, int c, char **argv, int *code)
{
	if (sides_option(&a->sides, c, optarg, code))
		return *code != CMD_OK;
	switch (c) {
	case 't':
		*code = plot_type(a, optarg);
		break;
	case 'o':
		*code = plot_output(a, optarg);
		break;
	case 'k':
		a->request.kind = optarg;
		break;
	case OPT_TIMES:
		*code = plot_times(a, optarg);
		break;
	case OPT_X:
		a->request.x_key = optarg;
		break;
	case 'h':
		*code = plot_help();
		return 1;
	default:
		*code = cmd_option("plot", c, argv);
		return 1;
	}
	return *code != CMD_OK;
}

/* The results of a type that does not compare: "--" between them says nothing. */
static int plot_files(struct plot_args *a, int argc, char **argv, int divide)
{
	static const char *standard[] = { RESULT_DEFAULT };

	if (a->sides.any)
		return cmd_fail(
			"plot: -t %s compares nothing: the options of a comparison are of -t compare",
			a->type->name);
	if (divide < argc) {
		memmove(argv + optind + 1, argv + optind,
			(size_t)(divide - optind) * sizeof(*argv));
		optind++;
	}
	a->file = optind < argc ? (const char **)argv + optind : standard;
	a->file_nr = optind < argc ? (size_t)(argc - optind) : 1;
	if (a->file_nr > SOURCES_MAX)
		return cmd_fail("plot: more than %d results", SOURCES_MAX);
	return CMD_OK;
}

/* An option that would do nothing is a mistake. */
static int plot_takes(const struct plot_args *a)
{
	char list[LIST_MAX];

	if (a->request.times_given && !(a->type->takes & PLOT_TAKES_TIMES))
		return cmd_fail("plot: -t %s takes no --times: it is of -t %s",
				a->type->name, plot_types(list, PLOT_TAKES_TIMES));
	if (a->request.x_key && !(a->type->takes & PLOT_TAKES_X))
		return cmd_fail("plot: -t %s takes no --x: it is of -t %s", a->type->name,
				plot_types(list, PLOT_TAKES_X));
	return CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int plot_parse(struct plot_args *a, int argc, char **argv, int *code)
{
	int divide = sides_divide(argc, argv), c;

	*code = CMD_OK;
	opterr = 0;
	while ((c = getopt_long(divide, argv, ":t:o:k:hV", plot_options, NULL)) != -1)
		if (plot_option(a, c, argv, code))
			return 1;
	if (!a->output)
		*code = cmd_fail(
			"plot: -o FILE is missing: its ending, .svg, .png or .txt, says what to draw");
	else if (plot_takes(a))
		*code = CMD_FAILED;
	else if (!(a->type->takes & PLOT_TAKES_SIDES))
		*code = plot_files(a, argc, argv, divide);
	else
		*code = sides_take(&a->sides, argc, argv, divide);
	return *code != CMD_OK;
}

/* ---- results ---- */

/* What a result is called: its file's name without .json. */
static char *plot_name(const char *path, bool whole)
{
	const char *slash = strrchr(path, '/'),
		   *name = slash && !whole ? slash + 1 : path;
	size_t len = strlen(name);

	if (!strcmp(path, "-"))
		return strdup("standard input");
	if (len > 5 && !strcmp(name + len - 5, ".json"))
		len -= 5;
	return strndup(name, len);
}

static int plot_read(struct plot_args *a)
{
	char err[ERROR_MAX];
	bool whole = false;
	size_t i, k;

	if (a->type->takes & PLOT_TAKES_SIDES) {
		int code = sides_compare(&a->sides, &a->compare);

		a->request.compare = a->compare;
		return code;
	}
	for (i = 0; i < a->file_nr; i++) {
		if (result_read(a->file[i], &a->result[i], err, sizeof(err)))
			return cmd_fail("plot: %s", err);
		a->name[i] = plot_name(a->file[i], false);
		for (k = 0; a->name[i] && k < i; k++)
			whole = whole || !strcmp(a->name[i], a->name[k]);
	}
	for (i = 0; i < a->file_nr; i++) {
		if (whole) {
			free(a->name[i]);
			a->name[i] = plot_name(a->file[i], true);
		}
		if (!a->name[i])
			return cmd_fail("%s", strerror(ENOMEM));
		a->source[i] = (struct plot_source){ a->result[i], a->name[i] };
	}
	a->request.source = a->source;
	a->request.source_nr = a->file_nr;
	return CMD_OK;
}

/* ---- where the picture goes ---- */

/* Whether what stands there is a plot of diowait's, of the same kind. */
static bool plot_may_replace(const char *path, enum figure_format format)
{
	FILE *f = fopen(path, "re");
	bool may = f && plot_mark_found(f, format);

	if (f)
		fclose(f);
	return may;
}

/* Known before anything is drawn. */
static int plot_target(const struct plot_args *a)
{
	enum figure_format format = a->request.format;
	char *target;
	bool regular;
	int rc = replace_find(a->output, &target, &regular);

	if (!rc && regular && access(dirname(target), W_OK | X_OK))
		rc = -errno;
	free(target);
	if (rc == -EISDIR)
		return cmd_fail("plot: -o %s: is a directory", a->output);
	if (rc)
		return cmd_fail("plot: -o %s: %s", a->output, strerror(-rc));
	if (!regular)
		return cmd_fail("plot: -o %s: is there and is no file: give another name",
				a->output);
	if (!access(a->output, F_OK) && !plot_may_replace(a->output, format))
		return cmd_fail(
			"plot: -o %s: is there and is no %s plot of diowait's: give another name",
			a->output, plot_endings[format] + 1);
	return CMD_OK;
}

/* What gnuplot drew, to where it was asked for. 0 or -errno. */
static int plot_deliver(const struct plot_args *a, const char *dir)
{
	char name[PATH_MAX + 16];
	struct replace file;
	FILE *from;
	int rc;

	snprintf(name, sizeof(name), "%s/out", dir);
	from = fopen(name, "re");
	if (!from)
		return -errno;
	rc = replace_begin(&file, a->output);
	if (!rc) {
		plot_mark_copy(from, file.out, a->request.format);
		rc = replace_end(&file, ferror(from) ? -EIO : 0, false);
	}
	fclose(from);
	return rc;
}

/* ---- gnuplot ---- */

/* The scripts get fixed names in dir, whatever the folder is called. */
static int plot_link(const char *dir, const char *script)
{
	const char *const name[][2] = { { "common.gp", "common.gp" },
					{ "panel.gp", "panel.gp" },
					{ script, "plot.gp" } };
	char scripts[PATH_MAX], from[PATH_MAX + 64], to[PATH_MAX + 64];
	size_t i;

	if (!cmd_data_folder("DIOWAIT_PLOTS", "plots", DIOWAIT_PLOTS_DIR, scripts))
		return cmd_fail("plot: DIOWAIT_PLOTS=%s: %s", getenv("DIOWAIT_PLOTS"),
				strerror(errno));
	for (i = 0; i < 3; i++) {
		snprintf(from, sizeof(from), "%s/%s", scripts, name[i][0]);
		snprintf(to, sizeof(to), "%s/%s", dir, name[i][1]);
		if (access(from, R_OK))
			return cmd_fail(
				"plot: script %s: %s: set DIOWAIT_PLOTS to the folder with diowait's plots",
				from, strerror(errno));
		if (symlink(from, to))
			return cmd_fail("plot: %s: %s", to, strerror(errno));
	}
	return CMD_OK;
}

/* The environment without what changes gnuplot's words and numbers. */
static char **plot_environment(void)
{
	static const char *const drop[] = { "LC_", "LANG", "GNUTERM=", "GNUPLOT_LIB=" };
	size_t nr = 0, kept = 0, i, k;
	char **env;

	while (environ[nr])
		nr++;
	env = calloc(nr + 2, sizeof(*env));
	for (i = 0; env && i < nr; i++) {
		for (k = 0; k < 4 && strncmp(environ[i], drop[k], strlen(drop[k])); k++)
			;
		if (k == 4)
			env[kept++] = environ[i];
	}
	if (env)
		env[kept] = (char *)"LC_ALL=C";
	return env;
}

/* Runs gnuplot in dir; what it says goes to the file said. 0 or -errno, *status. */
static int plot_spawn(const char *dir, int *status)
{
	char *argv[] = { (char *)"gnuplot", (char *)"-d", (char *)"plot.gp", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char **env = plot_environment();
	sigset_t ours;
	pid_t pid;
	int rc;

	if (!env)
		return -ENOMEM;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attr);
	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGPIPE);
	(void)sigaddset(&ours, SIGXFSZ);
	rc = posix_spawnattr_setsigdefault(&attr, &ours);
	if (!rc)
		rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	if (!rc)
		rc = posix_spawn_file_actions_addchdir_np(&actions, dir);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
						      0);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(
			&actions, 1, "said", O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, 1, 2);
	if (!rc)
		rc = posix_spawnp(&pid, argv[0], &actions, &attr, argv, env);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attr);
	free(env);
	if (rc)
		return -rc;
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* The last line that gnuplot has written, in buf; cmd_fail() makes it printable. */
static void plot_said(const char *dir, char *buf, size_t size)
{
	char path[PATH_MAX + 16], line[ERROR_MAX];
	FILE *f;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "%s/said", dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[strspn(line, " ^\t")])
			snprintf(buf, size, "%s", line + strspn(line, " \t"));
	}
	if (f)
		fclose(f);
}

static int plot_gnuplot(const char *dir)
{
	char said[ERROR_MAX], out[PATH_MAX + 16];
	int status = 0, rc = plot_spawn(dir, &status);
	struct stat st;

	if (rc == -ENOENT)
		return cmd_fail(
			"plot: gnuplot is missing: apt-get install gnuplot-nox, or dnf install gnuplot");
	if (rc)
		return cmd_fail("plot: gnuplot: %s", strerror(-rc));
	snprintf(out, sizeof(out), "%s/out", dir);
	if (!status && !stat(out, &st) && st.st_size)
		return CMD_OK;
	plot_said(dir, said, sizeof(said));
	if (WIFSIGNALED(status))
		return cmd_fail("plot: gnuplot died of signal %d", WTERMSIG(status));
	return cmd_fail("plot: gnuplot failed: %s", *said ? said : "it drew nothing");
}

/* ---- all of it ---- */

/* A private folder in buf; 0 or -errno. */
static int plot_mkdtemp(char buf[PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(buf, PATH_MAX, "%.*s/diowait-plot.XXXXXX", PATH_MAX - 64,
		 tmp && *tmp == '/' ? tmp : "/tmp");
	return mkdtemp(buf) ? 0 : -errno;
}

static void plot_remove(const char *dir)
{
	const struct dirent *d;
	DIR *all = opendir(dir);

	while (all && (d = readdir(all)))
		(void)unlinkat(dirfd(all), d->d_name, 0);
	if (all)
		closedir(all);
	(void)rmdir(dir);
}

static int plot_draw(const struct plot_args *a)
{
	char dir[PATH_MAX], err[ERROR_MAX];
	int code = plot_target(a), rc;

	if (code)
		return code;
	cmd_catch_signals();
	rc = plot_mkdtemp(dir);
	if (rc)
		return cmd_fail("plot: temporary folder %s: %s", dir, strerror(-rc));
	rc = plot_write(a->type, &a->request, dir, err, sizeof(err));
	if (rc)
		code = cmd_fail("plot: %s: %s", a->type->name, err);
	if (!code)
		code = plot_link(dir, a->type->script);
	if (!code && !cmd_stop)
		code = plot_gnuplot(dir);
	if (!code && !cmd_stop) {
		rc = plot_deliver(a, dir);
		if (rc)
			code = cmd_fail("plot: -o %s: %s", a->output, strerror(-rc));
	}
	plot_remove(dir);
	return code;
}

int cmd_plot(int argc, char **argv)
{
	struct plot_args *a = calloc(1, sizeof(*a));
	size_t i;
	int code;

	if (!a)
		return cmd_fail("%s", strerror(ENOMEM));
	a->type = plot_type_at(0);
	sides_init(&a->sides, "plot");
	if (plot_parse(a, argc, argv, &code))
		goto out;
	code = plot_read(a);
	if (!code)
		code = plot_draw(a);
out:
	for (i = 0; i < SOURCES_MAX; i++) {
		free(a->name[i]);
		result_free(a->result[i]);
	}
	compare_free(a->compare);
	free(a);
	cmd_die_of_signal();
	return code;
}
