// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The result of an entry: its sittings, each a process of its own on a file system of its
 * own (experiment/sitting.h), and what they come to. A sitting that is whole lies beside
 * the results as .night-NR.json until all are; so whatever ends a night costs one sitting.
 */
#include "cmd/night.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "experiment/sitting.h"
#include "result/replace.h"

#define ARGS_MAX (2 * SUITE_SET_MAX + 24)

char *night_path(const struct night *n, const char *entry, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s%s%s%s%s", n->results, n->host, entry ? "/" : "",
		     entry ? entry : "", name ? "/" : "", name ? name : "") < 0)
		return NULL;
	return path;
}

int night_failed(struct night_entry *e, const char *what, const char *why)
{
	(void)snprintf(e->text, sizeof(e->text), "%s%s%s", what, *what ? ": " : "", why);
	e->state = NIGHT_FAILED;
	return -1;
}

char *night_other_ending(const char *path, const char *ending)
{
	char *other;

	if (asprintf(&other, "%.*s%s", (int)(strlen(path) - strlen(".json")), path,
		     ending) < 0)
		return NULL;
	return other;
}

size_t night_sittings(const struct night_entry *e)
{
	return e->of->sittings ? strtoul(e->of->sittings, NULL, 10) : 1;
}

/* The command line of an entry's run; strings of its own in own[]. */
static int build_argv(const struct night_entry *e, char *output, char **argv,
		      char ***where, char **own)
{
	const struct suite_entry *of = e->of;
	static char run[] = "run", quiet[] = "-q", f[] = "--format=none", d[] = "-d",
		    o[] = "-o", s[] = "-s", r[] = "-r", name[] = "diowait", end[] = "--";
	size_t nr = 0, i;

	argv[nr++] = name;
	argv[nr++] = run;
	argv[nr++] = quiet;
	argv[nr++] = f;
	argv[nr++] = o;
	argv[nr++] = output;
	argv[nr++] = d;
	*where = &argv[nr];
	argv[nr++] = of->directory;
	if (of->rounds) {
		argv[nr++] = r;
		argv[nr++] = of->rounds;
	}
	*own = NULL;
	if (of->engine) {
		if (asprintf(own, "ioengine=%s", of->engine) < 0)
			return -ENOMEM;
		argv[nr++] = s;
		argv[nr++] = *own;
	}
	for (i = 0; i < of->set_nr; i++) {
		argv[nr++] = s;
		argv[nr++] = of->set[i];
	}
	argv[nr++] = end;
	argv[nr++] = of->workload;
	argv[nr] = NULL;
	return 0;
}

/* Runs it. 0, or -1 and the entry has failed. */
static int run_entry(struct night_entry *e, const char *images, char *output)
{
	char *argv[ARGS_MAX], *own, said[NIGHT_TEXT_MAX] = "";
	struct sitting_setup setup = { .filesystem = e->of->filesystem,
				       .directory = images,
				       .argv = argv,
				       .out_fd = STDERR_FILENO,
				       .stop = &cmd_stop };
	struct load_error err;
	int status;

	if (build_argv(e, output, argv, &setup.where, &own))
		return night_failed(e, "", strerror(ENOMEM));
	status = sitting_run(&setup, said, sizeof(said), &err);
	free(own);
	if (status < 0)
		return night_failed(e, "", err.text);
	if (WIFSIGNALED(status))
		return night_failed(e, "ended by a signal", strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) != CMD_OK)
		return night_failed(e, "",
				    *said ? said : "its run failed without a word");
	return 0;
}

/* Where a sitting of tonight lies when it is whole; to be freed. */
static char *part_path(const struct night *n, const struct night_entry *e, size_t turn)
{
	char name[40];

	(void)snprintf(name, sizeof(name), ".night-%zu.json", turn + 1);
	return night_path(n, e->of->name, name);
}

/* A sitting that is whole; NULL: none, or of another night. */
static struct result *read_part(const struct night *n, const struct night_entry *e,
				size_t turn)
{
	char *path = part_path(n, e, turn), unused[NIGHT_TEXT_MAX];
	struct result *r = NULL;

	if (path && !result_read(path, &r, unused, sizeof(unused)) &&
	    r->started.tv_sec < n->started.tv_sec) {
		result_free(r);
		r = NULL;
	}
	free(path);
	return r;
}

bool night_has_sitting(const struct night *n, const struct night_entry *e, size_t turn)
{
	struct result *r = read_part(n, e, turn);
	bool there = r != NULL;

	result_free(r);
	return there;
}

/* The run's result becomes a part, if it is whole. */
static void name_part(struct night_entry *e, const char *output, const char *part)
{
	char err[NIGHT_TEXT_MAX];
	struct result *r = NULL;

	if (result_read(output, &r, err, sizeof(err)))
		night_failed(e, "", err);
	else if (r->interrupted)
		night_failed(e, "", "interrupted");
	else if (rename(output, part))
		night_failed(e, part, strerror(errno));
	result_free(r);
}

void night_sit(const struct night *n, struct night_entry *e, const char *images,
	       size_t turn)
{
	char *folder = night_path(n, e->of->name, NULL);
	char *output = night_path(n, e->of->name, ".night.json");
	char *part = part_path(n, e, turn);

	if (!folder || !output || !part)
		night_failed(e, "", strerror(ENOMEM));
	else if (mkdir(folder, 0777) && errno != EEXIST)
		night_failed(e, folder, strerror(errno));
	/* What a killed night left is no result of this one. */
	else if (unlink(output) && errno != ENOENT)
		night_failed(e, output, strerror(errno));
	else if (!run_entry(e, images, output))
		name_part(e, output, part);
	if (output && e->state == NIGHT_FAILED)
		(void)unlink(output);
	free(folder);
	free(output);
	free(part);
}

static bool same_workload(const struct result *a, const struct result *b)
{
	return a->workload_sha256 && b->workload_sha256 &&
	       !strcmp(a->workload_sha256, b->workload_sha256);
}

/* All sittings as one result, the rounds of the first first. NULL: the entry has failed. */
static struct result *all_parts(const struct night *n, struct night_entry *e)
{
	struct result *sum = NULL, *part;
	size_t turn;

	for (turn = 0; turn < night_sittings(e); turn++) {
		part = read_part(n, e, turn);
		/* Whoever changes it in a night that was interrupted, for one. */
		if (part && sum && !same_workload(part, sum)) {
			night_failed(e, "",
				     "its workload has changed since the night began");
			goto fail;
		}
		if (part && sum && result_merge(part, sum)) {
			night_failed(e, "", strerror(ENOMEM));
			sum = NULL; /* it is consumed */
			goto fail;
		}
		if (!part) {
			night_failed(e, "", "a sitting is gone");
			goto fail;
		}
		sum = part;
	}
	return sum;
fail:
	result_free(part);
	result_free(sum);
	return NULL;
}

static int write_text(const char *path, const struct result *r)
{
	const struct report_style style = { 0 };
	struct replace file;
	int rc = replace_begin(&file, path);

	return rc ? rc : replace_end(&file, report_write(r, &style, file.out), false);
}

/* A whole result gets its name: then it counts. The report is there before it. */
static void write_result(const struct night *n, struct night_entry *e,
			 const struct result *r)
{
	char *path = NULL, *text = NULL;
	int rc;

	e->file = store_file(r);
	if (!e->file || !(path = night_path(n, e->of->name, e->file)) ||
	    !(text = night_other_ending(path, ".txt"))) {
		night_failed(e, "", strerror(ENOMEM));
	} else {
		rc = write_text(text, r);
		if (rc)
			night_failed(e, text, strerror(-rc));
		else if ((rc = result_write(r, path)))
			night_failed(e, path, strerror(-rc));
	}
	free(path);
	free(text);
}

void night_put_together(const struct night *n, struct night_entry *e)
{
	struct result *r = all_parts(n, e);
	size_t turn;
	char *part;

	if (!r)
		return;
	write_result(n, e, r);
	result_free(r);
	for (turn = 0; e->state != NIGHT_FAILED && turn < night_sittings(e); turn++) {
		part = part_path(n, e, turn);
		if (part)
			(void)unlink(part);
		free(part);
	}
}
