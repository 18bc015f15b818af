// SPDX-License-Identifier: GPL-2.0-or-later
/* diowait stress: scenarios, progress, and the report of what broke. */
#include "cmd/cmd.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "experiment/image.h"
#include "experiment/stress.h"
#include "workload/identity.h"
#include "workload/units.h"
#include "workload/workload.h"

#define SCENARIOS_MAX 128 /* files; each with two engines */
#define SETS_MAX 64
#define WATCHDOG_NS 10000000000ull

static const char *const engines[] = { "libaio", "io_uring" };
static const char *const keys[] = { "scenario", "ioengine" };

struct stress_args {
	const char *directory, *output;
	enum cmd_format format;
	bool ktap, quiet, stop_on_first, list;
	/* --crash: of which file systems. */
	bool crash, crash_fs[IMAGE_FS_MAX], timed;
	uint64_t cycles;
	uint64_t seed, duration_ns, watchdog_ns;
	/* -d and -s; the last is kept free for the engine. */
	struct workload_override override[SETS_MAX + 2];
	char *owned[SETS_MAX];
	size_t override_nr;
	char *folder_file[SCENARIOS_MAX]; /* of the folder with scenarios */
	const char *file[SCENARIOS_MAX];
	size_t folder_nr, file_nr;
};

/* A file with an engine. */
struct scenario {
	struct workload *w;
	const char *value[2]; /* of keys[] */
	char *name;	      /* "append, libaio" */
	char *where, *replay;
	unsigned int fs; /* --crash: number of the file system */
};

#define VARIANTS_MAX (2 * IMAGE_FS_MAX * SCENARIOS_MAX)

struct scenarios {
	struct scenario one[VARIANTS_MAX];
	size_t nr;
	char *command;
};

enum {
	OPT_DURATION = 256,
	OPT_SEED,
	OPT_STOP,
	OPT_WATCHDOG,
	OPT_FORMAT,
	OPT_LIST,
	OPT_CRASH,
	OPT_CYCLES
};

const struct option stress_options[] = {
	{ "directory", required_argument, NULL, 'd' },
	{ "output", required_argument, NULL, 'o' },
	{ "set", required_argument, NULL, 's' },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "stop-on-first", no_argument, NULL, OPT_STOP },
	{ "watchdog", required_argument, NULL, OPT_WATCHDOG },
	{ "crash", optional_argument, NULL, OPT_CRASH },
	{ "cycles", required_argument, NULL, OPT_CYCLES },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int stress_help(void)
{
	fputs("Usage: diowait stress [OPTION]... [WORKLOAD]...\n\n"
	      "Checks in a minute whether the file system of a directory keeps what direct\n"
	      "writes rely on while extending and overwriting ones are mixed: every sector is\n"
	      "stamped, read back as soon as it is acknowledged, beside it, and in the end;\n"
	      "sizes and results are held against what was acknowledged. Without a WORKLOAD\n"
	      "all shipped scenarios run, through libaio and io_uring in turns.\n\n"
	      "  -d, --directory=DIR     make the scratch files in DIR (default .)\n"
	      "      --duration=TIME     end after TIME (default 60s)\n"
	      "      --seed=N            issue the plan of that seed (default: by the clock)\n"
	      "      --stop-on-first     end with the first contract that breaks\n"
	      "  -s, --set=KEY=VALUE     set a key in every job; ioengine= leaves one engine\n"
	      "      --watchdog=TIME     what takes longer hangs (default 10s)\n"
	      "      --crash[=FS]        as root: crash file systems made for it, in images in\n"
	      "                          DIR, in the middle of the load: ext4, xfs and btrfs\n"
	      "                          in turns, or FS alone\n"
	      "      --cycles=N          end when all scenarios, or with --crash one, have run N\n"
	      "                          times, and not by time unless that is given, too\n"
	      "      --list              name the scenarios, and do nothing\n"
	      "  -o, --output=FILE       write the result to FILE; - is standard output;\n"
	      "                          default " RESULT_DEFAULT "\n"
	      "      --format=FORMAT     print the report as text (default), ktap, json, none\n"
	      "  -q, --quiet             no progress on the terminal\n"
	      "  -h, --help              this text\n"
	      "  -V, --version           the version\n\n"
	      "Exits with 2 when a contract broke, and prints the command that does it again.\n\n"
	      "Examples:\n"
	      "  diowait stress -d /mnt/ext4\n"
	      "  diowait stress -d /mnt/xfs --duration=1h --stop-on-first\n"
	      "  diowait stress -d /var/tmp --crash --cycles=20\n"
	      "  diowait stress -d /mnt/xfs --seed=7 -s ioengine=libaio append.job\n\n"
	      "man diowait-stress says what each contract is, and what a break means.\n",
	      stdout);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

/* ---- arguments ---- */

static int stress_set(struct stress_args *a, const char *text)
{
	const char *eq = strchr(text, '=');
	struct workload_override *o = &a->override[a->override_nr];

	if (a->override_nr == SETS_MAX)
		return cmd_fail("stress: more than %d options set", SETS_MAX);
	*o = (struct workload_override){ .value = eq ? eq + 1 : NULL, .origin = text };
	a->owned[a->override_nr] = strndup(text, eq ? (size_t)(eq - text) : strlen(text));
	o->key = a->owned[a->override_nr];
	if (!o->key)
		return cmd_fail("%s", strerror(ENOMEM));
	a->override_nr++;
	return CMD_OK;
}

static int stress_time(const char *option, const char *text, uint64_t *ns)
{
	if (!units_parse_time(text, 1000000000u, ns) && *ns >= 1000000000u)
		return CMD_OK;
	return cmd_fail(
		"stress: --%s=%s: must be a time of at least 1s, such as 60s or 1h",
		option, text);
}

static int stress_number(const char *option, const char *text, uint64_t least,
			 uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || *number < least)
		return cmd_fail(
			"stress: --%s=%s: must be a whole number, %llu .. 2^64 - 1",
			option, text, (unsigned long long)least);
	return CMD_OK;
}

/* Of --crash=FS; NULL: all. */
static int stress_crash(struct stress_args *a, const char *text)
{
	bool known = !text;
	size_t i;

	a->crash = true;
	for (i = 0; i < IMAGE_FS_MAX; i++) {
		a->crash_fs[i] |= !text || !strcmp(text, image_fs(i)->name);
		known |= a->crash_fs[i];
	}
	return known ? CMD_OK :
		       cmd_fail("stress: --crash=%s: must be ext4, xfs or btrfs", text);
}

static int stress_check_crash(const struct stress_args *a)
{
	if (a->crash && geteuid() && !a->list)
		return cmd_fail(
			"stress: --crash makes and mounts file systems: only root may");
	return CMD_OK;
}

/* 0: go on; 1: end with *code. */
static int stress_parse(struct stress_args *a, int argc, char **argv, int *code)
{
	int c;

	*code = CMD_OK;
	opterr = 0;
	while (!*code &&
	       (c = getopt_long(argc, argv, ":d:o:s:qhV", stress_options, NULL)) != -1) {
		switch (c) {
		case 'd':
			a->directory = optarg;
			break;
		case 'o':
			if (!*optarg)
				*code = cmd_fail(
					"stress: -o needs a name, or - for standard output");
			a->output = optarg;
			break;
		case 's':
			*code = stress_set(a, optarg);
			break;
		case OPT_DURATION:
			*code = stress_time("duration", optarg, &a->duration_ns);
			a->timed = true;
			break;
		case OPT_WATCHDOG:
			*code = stress_time("watchdog", optarg, &a->watchdog_ns);
			break;
		case OPT_SEED:
			*code = stress_number("seed", optarg, 0, &a->seed);
			break;
		case OPT_CRASH:
			*code = stress_crash(a, optarg);
			break;
		case OPT_CYCLES:
			*code = stress_number("cycles", optarg, 1, &a->cycles);
			break;
		case OPT_STOP:
			a->stop_on_first = true;
			break;
		case OPT_LIST:
			a->list = true;
			break;
		case OPT_FORMAT:
			a->ktap = !strcmp(optarg, "ktap");
			if (!a->ktap)
				*code = cmd_format_parse(optarg, &a->format);
			break;
		case 'q':
			a->quiet = true;
			break;
		case 'h':
			*code = stress_help();
			return 1;
		default:
			*code = cmd_option("stress", c, argv);
			return 1;
		}
	}
	if (argc - optind > SCENARIOS_MAX)
		*code = cmd_fail("stress: more than %d workloads", SCENARIOS_MAX);
	while (!*code && optind < argc)
		a->file[a->file_nr++] = argv[optind++];
	if (!*code)
		*code = stress_check_crash(a);
	if (a->cycles && !a->timed)
		a->duration_ns = UINT64_MAX;
	return *code != CMD_OK;
}

/* ---- scenarios ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files that are shipped, by name. 0, or CMD_FAILED and said so. */
static int stress_shipped(struct stress_args *a)
{
	char folder[PATH_MAX];
	struct dirent *e;
	size_t i;
	DIR *d;

	if (!cmd_data_folder("DIOWAIT_STRESS", "workloads/stress", DIOWAIT_STRESS_DIR,
			     folder))
		return cmd_fail("stress: DIOWAIT_STRESS=%s: %s", getenv("DIOWAIT_STRESS"),
				strerror(errno));
	if (a->crash)
		strncat(folder, "/crash", sizeof(folder) - strlen(folder) - 1);
	d = opendir(folder);
	if (!d)
		return cmd_fail("stress: scenarios in %s: %s", folder, strerror(errno));
	while ((e = readdir(d)) && a->folder_nr < SCENARIOS_MAX) {
		size_t len = strlen(e->d_name);

		if (len < 5 || strcmp(e->d_name + len - 4, ".job"))
			continue;
		if (asprintf(&a->folder_file[a->folder_nr], "%s/%s", folder, e->d_name) <
		    0) {
			closedir(d);
			return cmd_fail("%s", strerror(ENOMEM));
		}
		a->folder_nr++;
	}
	closedir(d);
	qsort(a->folder_file, a->folder_nr, sizeof(a->folder_file[0]), by_name);
	for (i = 0; i < a->folder_nr; i++)
		a->file[a->file_nr++] = a->folder_file[i];
	return a->file_nr ? CMD_OK : cmd_fail("stress: no scenarios in %s", folder);
}

/* "append" of "workloads/stress/append.job". 0 or -ENOMEM. */
static int scenario_name(struct scenario *s, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = strlen(name);

	if (len > 4 && !strcmp(name + len - 4, ".job"))
		len -= 4;
	s->name = strndup(name, len);
	return s->name ? 0 : -ENOMEM;
}

/* In quotes that a shell takes off again, where it has to be. NULL: no memory. */
static char *quoted(const char *word)
{
	char *out = malloc(4 * strlen(word) + 3), *at = out;

	if (!out)
		return NULL;
	if (*word && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
				       "XYZ0123456789./_-+=,:%")] == '\0')
		return strcpy(out, word);
	*at++ = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			at = stpcpy(at, "'\\''");
			continue;
		}
		*at++ = *word;
	}
	strcpy(at, "'");
	return out;
}

/* The keys that were set, as a command has them. NULL: no memory. */
static char *stress_sets(const struct stress_args *a)
{
	char *all = strdup(""), *word, *more;
	size_t i;

	for (i = 0; all && i < a->override_nr; i++) {
		word = quoted(a->override[i].origin);
		if (!word || asprintf(&more, "%s -s %s", all, word) < 0)
			more = NULL;
		free(word);
		free(all);
		all = more;
	}
	return all;
}

/* "libaio", "io_uring", or "both": of different jobs. */
static const char *scenario_engine(const struct workload *w)
{
	size_t i;

	for (i = 1; i < w->job_nr; i++)
		if (w->job[i].ioengine != w->job[0].ioengine)
			return "both";
	return engines[w->job[0].ioengine == WORKLOAD_IO_URING];
}

/* One file, with one engine (NULL: its own). 0, or CMD_FAILED and said so. */
static int scenario_add(struct stress_args *a, struct scenarios *all, const char *path,
			const char *engine, unsigned int fs, bool *own_engine)
{
	struct scenario *s = &all->one[all->nr];
	struct workload_error err;
	size_t nr = a->override_nr, i;
	char *sets, *file;

	a->override[nr++] = (struct workload_override){ "directory", a->directory, "-d" };
	if (engine)
		a->override[nr++] = (struct workload_override){ "ioengine", engine,
								engine };
	if (workload_parse_files(&path, 1, a->override, nr, &s->w, &err))
		return cmd_fail("%s", err.text);
	all->nr++;
	for (i = 0; i < s->w->job_nr; i++)
		*own_engine |= workload_is_set(&s->w->job[i], "ioengine");
	if (scenario_name(s, path))
		return cmd_fail("%s", strerror(ENOMEM));
	s->value[0] = s->name;
	s->value[1] = scenario_engine(s->w);
	s->fs = fs;
	sets = stress_sets(a);
	file = quoted(path);
	if (!sets || !file ||
	    asprintf(&s->where, "%s%s%s, %s", a->crash ? image_fs(fs)->name : "",
		     a->crash ? ", " : "", s->name, s->value[1]) < 0)
		s->where = NULL;
	if (!s->where ||
	    asprintf(&s->replay, "%s%s%s%s%s%s %s", a->crash ? " --crash=" : "",
		     a->crash ? image_fs(fs)->name : "", a->crash ? " --cycles=1" : "",
		     sets, engine ? " -s ioengine=" : "", engine ? engine : "", file) < 0)
		s->replay = NULL;
	free(sets);
	free(file);
	return s->where && s->replay ? CMD_OK : cmd_fail("%s", strerror(ENOMEM));
}

static void scenario_drop(struct scenario *s)
{
	workload_free(s->w);
	free(s->name);
	free(s->where);
	free(s->replay);
	*s = (struct scenario){ 0 };
}

/* --crash: once for each file system. */
static int scenario_add_all(struct stress_args *a, struct scenarios *all,
			    const char *path, const char *engine)
{
	unsigned int fs, nr = a->crash ? IMAGE_FS_MAX : 1;
	bool unused = false;
	int code = CMD_OK;

	for (fs = 0; fs < nr && !code; fs++)
		if (!a->crash || a->crash_fs[fs])
			code = scenario_add(a, all, path, engine, fs, &unused);
	return code;
}

/* Each file with each engine; once where the file, or -s, says which. */
static int stress_scenarios(struct stress_args *a, struct scenarios *all)
{
	size_t i, e;
	int code = a->file_nr ? CMD_OK : stress_shipped(a);

	for (i = 0; i < a->file_nr && !code; i++) {
		bool own = false;

		code = scenario_add(a, all, a->file[i], NULL, 0, &own);
		if (code)
			continue;
		scenario_drop(&all->one[--all->nr]);
		if (own)
			code = scenario_add_all(a, all, a->file[i], NULL);
		for (e = 0; e < 2 && !code && !own; e++)
			code = scenario_add_all(a, all, a->file[i], engines[e]);
	}
	return code;
}

/* ---- the run ---- */

static void stress_progress(void *ctx, const struct stress_progress *p)
{
	static double last;

	const struct stress_args *a = ctx;

	if (p->seconds - last < 0.2)
		return;
	last = p->seconds;
	fprintf(stderr, "\r\033[K%.0f s: %s, %s %llu, %llu writes, %llu broken",
		p->seconds, p->where, a->crash ? "cycle" : "round",
		(unsigned long long)p->rounds + 1, (unsigned long long)p->writes,
		(unsigned long long)p->broken);
	fflush(stderr);
}

static int stress_deliver(const struct stress_args *a, const struct result *r)
{
	const char *path = a->output ? a->output : RESULT_DEFAULT;
	bool to_stdout = !strcmp(path, "-");
	FILE *report = to_stdout ? stderr : stdout;
	struct report_style style = cmd_style(report);
	int rc = 0, failed = CMD_OK;

	if (a->ktap)
		rc = stress_ktap(r, report);
	else if (a->format == CMD_TEXT)
		rc = stress_report(r, &style, report);
	else if (a->format == CMD_JSON && !to_stdout)
		rc = result_dump(r, stdout);
	if (!rc && fflush(stdout))
		rc = -errno;
	if (rc)
		failed = cmd_fail("report: %s", strerror(-rc));
	rc = to_stdout ? result_dump(r, stdout) : result_write(r, path);
	if (!rc && fflush(stdout))
		rc = -errno;
	if (rc)
		failed = cmd_fail("result %s: %s",
				  to_stdout ? "on standard output" : path, strerror(-rc));
	/* What was found is no less found where it can't be written down. */
	if (result_stress_broken(r->stress))
		return CMD_FOUND;
	if (!failed && !r->stress->writes && !r->interrupted)
		failed = cmd_fail(
			"stress: nothing was checked: not one write was done in that time; give it a longer --duration");
	return failed;
}

/* What all scenarios together are: for the document. 0 or -ENOMEM. */
static int stress_whole(const struct scenarios *all, struct workload *whole)
{
	size_t i, k, nr = 0, text = 1;

	for (i = 0; i < all->nr; i++) {
		nr += all->one[i].w->job_nr;
		text += strlen(all->one[i].w->text) + 1;
	}
	whole->name = strdup("stress");
	whole->text = calloc(1, text);
	whole->job = calloc(nr, sizeof(*whole->job));
	if (!whole->name || !whole->text || !whole->job)
		return -ENOMEM;
	for (i = 0; i < all->nr; i++) {
		for (k = 0; k < all->one[i].w->job_nr; k++)
			whole->job[whole->job_nr++] = all->one[i].w->job[k];
		strcat(whole->text, all->one[i].w->text);
	}
	return identity_fill(whole);
}

static int stress_all(struct stress_args *a, struct scenarios *all)
{
	bool tell = !a->quiet && isatty(STDERR_FILENO);
	struct experiment_variant variant[VARIANTS_MAX];
	const char *where[VARIANTS_MAX], *replay[VARIANTS_MAX];
	unsigned int fs[VARIANTS_MAX];
	const struct stress_crash crash = { .directory = a->directory, .fs = fs };
	struct workload whole = { 0 };
	struct stress_setup setup = {
		.whole = &whole,
		.variant = variant,
		.where = where,
		.replay = replay,
		.variant_nr = all->nr,
		.command = all->command,
		.seed = a->seed,
		.duration_ns = a->duration_ns,
		.cycles = a->cycles,
		.watchdog_ns = a->watchdog_ns,
		.stop_on_first = a->stop_on_first,
		.crash = a->crash ? &crash : NULL,
		.stop = &cmd_stop,
		.progress = tell ? stress_progress : NULL,
		.ctx = a,
	};
	struct result *r = NULL;
	struct load_error err;
	size_t i;
	int code;

	for (i = 0; i < all->nr; i++) {
		variant[i] = (struct experiment_variant){ all->one[i].w, 2, keys,
							  all->one[i].value };
		where[i] = all->one[i].where;
		replay[i] = all->one[i].replay;
		fs[i] = all->one[i].fs;
	}
	if (stress_whole(all, &whole)) {
		code = cmd_fail("%s", strerror(ENOMEM));
	} else {
		cmd_catch_signals();
		code = stress_run(&setup, &r, &err) ? CMD_FAILED : CMD_OK;
		if (tell)
			fputs("\r\033[K", stderr);
		if (code || err.text[0])
			code = cmd_fail("stress: %s", err.text);
		if (r)
			code = stress_deliver(a, r);
	}
	result_free(r);
	free(whole.name);
	free(whole.text);
	free(whole.job);
	return code;
}

static int stress_list(const struct scenarios *all)
{
	size_t i;

	for (i = 0; i < all->nr; i++)
		printf("%s\n", all->one[i].where);
	return fflush(stdout) ? CMD_FAILED : CMD_OK;
}

static int stress_begin(struct stress_args *a, struct scenarios *all)
{
	char *directory = quoted(a->directory);
	int code;

	if (!directory || asprintf(&all->command, "diowait stress -d %s", directory) < 0)
		all->command = NULL;
	free(directory);
	if (!all->command)
		return cmd_fail("%s", strerror(ENOMEM));
	code = stress_scenarios(a, all);
	if (!code && a->list)
		return stress_list(all);
	if (!code && (!a->output || strcmp(a->output, "-")))
		code = cmd_check_output(a->output ? a->output : RESULT_DEFAULT);
	return code ? code : stress_all(a, all);
}

int cmd_stress(int argc, char **argv)
{
	struct stress_args *a = calloc(1, sizeof(*a));
	struct scenarios *all = calloc(1, sizeof(*all));
	struct timespec now;
	int code;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!a || !all) {
		code = cmd_fail("%s", strerror(ENOMEM));
		goto out;
	}
	a->directory = ".";
	a->duration_ns = 60ull * 1000000000u;
	a->watchdog_ns = WATCHDOG_NS;
	a->seed = (uint64_t)now.tv_sec % 1000000u;
	if (!stress_parse(a, argc, argv, &code))
		code = stress_begin(a, all);
	while (all->nr)
		scenario_drop(&all->one[--all->nr]);
	free(all->command);
	while (a->override_nr)
		free(a->owned[--a->override_nr]);
	while (a->folder_nr)
		free(a->folder_file[--a->folder_nr]);
out:
	free(all);
	free(a);
	cmd_die_of_signal();
	return code;
}
