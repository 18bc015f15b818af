// SPDX-License-Identifier: GPL-2.0-or-later
/* What commands share: messages, signals, where a result may go. */
#include "cmd/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/replace.h"

/* Signals seen so far; the last one is what the process dies of. */
static volatile sig_atomic_t common_signal;
volatile int cmd_stop;

static void common_on_signal(int sig)
{
	/* The first asks for an end in order, the second for one at once. */
	if (cmd_stop) {
		(void)signal(sig, SIG_DFL);
		(void)raise(sig);
		return;
	}
	common_signal = sig;
	cmd_stop = 1;
}

void cmd_catch_signals(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = common_on_signal, .sa_flags = SA_RESTART };
	struct sigaction old;
	size_t i;

	(void)sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		/* What the caller ignores (nohup) stays ignored. */
		if (!sigaction(sigs[i], NULL, &old) && old.sa_handler != SIG_IGN)
			(void)sigaction(sigs[i], &sa, NULL);
	/* A write past the limit on file sizes is an error to be counted. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
}

void cmd_die_of_signal(void)
{
	if (!common_signal)
		return;
	(void)signal(common_signal, SIG_DFL);
	(void)raise(common_signal);
}

/* Names of files and texts of documents may hold any bytes. */
static void common_one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int cmd_fail(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	fflush(stdout);
	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		text = NULL;
	else
		common_one_line(text);
	fprintf(stderr, "diowait: %s\n", text ? text : strerror(ENOMEM));
	free(text);
	return CMD_FAILED;
}

struct report_style cmd_style(FILE *out)
{
	return (struct report_style){
		.utf8 = isatty(fileno(out)) && !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
}

static bool common_is_short(const char *word)
{
	return word[0] == '-' && word[1] && word[1] != '-';
}

int cmd_option(const char *command, int c, char *const argv[])
{
	const char *word = argv[optind - 1], *on = argv[optind];
	const char cluster[] = { '-', (char)optopt, '\0' };

	/* Of several short ones in a word it is one; before the last getopt_long() has
	 * not gone past the word. */
	if (c == '?' && optopt &&
	    ((on && common_is_short(on) && strchr(on, optopt)) || common_is_short(word)))
		word = cluster;
	if (c == 'V') {
		puts("diowait " PACKAGE_VERSION);
		return fflush(stdout) ? CMD_FAILED : CMD_OK;
	}
	if (c == ':')
		return cmd_fail("%s: option '%s' needs a value", command, word);
	return cmd_fail("%s: unknown option '%s': see diowait %s --help", command, word,
			command);
}

int cmd_format_parse(const char *text, enum cmd_format *format)
{
	static const char *const name[] = { "text", "json", "none" };
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (!strcmp(text, name[i])) {
			*format = (enum cmd_format)i;
			return 0;
		}
	return cmd_fail("--format=%s: must be text, json or none", text);
}

/* What stands at path may be replaced: nothing, an empty file, or a result. */
static bool common_may_replace(const char *path)
{
	char head[128] = "";
	bool may = true;
	FILE *f = fopen(path, "re");

	if (!f)
		return true;
	if (fread(head, 1, sizeof(head) - 1, f) > 0)
		may = strstr(head, "\"diowait-result-") ||
		      strstr(head, "\"diowait-probe-");
	fclose(f);
	return may;
}

int cmd_check_output(const char *path)
{
	bool regular;
	char *copy;
	int rc = -replace_find(path, &copy, &regular);

	/* A pipe or a device is written to; a file is replaced in its directory. */
	if (!rc && !regular) {
		if (access(copy, W_OK))
			rc = errno;
	} else if (!rc) {
		char *old = NULL;

		if (asprintf(&old, "%s.old", copy) < 0)
			rc = ENOMEM;
		else if (!common_may_replace(copy) || !common_may_replace(old))
			rc = EEXIST;
		else if (access(dirname(copy), W_OK | X_OK))
			rc = errno;
		free(old);
	}
	free(copy);
	if (rc == EEXIST)
		return cmd_fail(
			"result %s: it, or %s.old, is there and is no result of diowait: give another name with -o",
			path, path);
	if (rc)
		return cmd_fail("result %s: %s: give another place with -o", path,
				strerror(rc));
	return CMD_OK;
}

bool cmd_data_folder(const char *variable, const char *in_tree, const char *installed,
		     char *buf)
{
	const char *set = getenv(variable);
	char exe[PATH_MAX] = "", test[PATH_MAX + 64];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (set && *set)
		return realpath(set, buf);
	slash = len > 0 ? strrchr(exe, '/') : NULL;
	if (slash)
		*slash = '\0';
	if (slash && slash - exe >= 4 && !strcmp(slash - 4, "/src")) {
		snprintf(test, sizeof(test), "%.*s%s", (int)(slash - 3 - exe), exe,
			 in_tree);
		if (realpath(test, buf))
			return true;
	}
	snprintf(buf, PATH_MAX, "%s", installed);
	return true;
}

char *cmd_workload(const char *name)
{
	char folder[PATH_MAX], *path;

	/* Of what is there, or can't be looked at, its reader knows most. */
	if (strchr(name, '/') || !access(name, F_OK) || errno != ENOENT ||
	    !cmd_data_folder("DIOWAIT_WORKLOADS", "workloads", DIOWAIT_WORKLOADS_DIR,
			     folder))
		return strdup(name);
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (!access(path, F_OK))
		return path;
	free(path);
	return strdup(name);
}
