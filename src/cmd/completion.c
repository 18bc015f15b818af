// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The script that completes command lines in bash: made at build time, from the tables
 * that the program itself goes by. Only what values an option takes is told here.
 *
 * The script needs nothing of the package bash-completion, which loads it when it is
 * there.
 */
#include "cmd/cmd.h"

#include <getopt.h>
#include <string.h>

#include "result/compare.h"
#include "result/export.h"
#include "result/plot.h"
#include "workload/kind.h"
#include "workload/option.h"

/* What stands behind an option. */
static void put_formats(void)
{
	size_t i;

	for (i = 0; export_format_at(i); i++)
		printf(" %s", export_format_at(i)->name);
}

static void put_types(void)
{
	size_t i;

	for (i = 0; plot_type_at(i); i++)
		printf(" %s", plot_type_at(i)->name);
}

static void put_times(void)
{
	size_t i;

	for (i = 0; export_times_name(i); i++)
		printf(" %s", export_times_name(i));
}

static void put_measures(void)
{
	int m;

	for (m = 0; m < COMPARE_MEASURE_NR; m++)
		printf(" %s", compare_measure_key((enum compare_measure)m));
}

static void put_kinds(void)
{
	size_t i;

	for (i = 0; i < KIND_BASE_NR; i++)
		printf(" %s", kind_row((unsigned int)i)->name);
}

/* "KEY=": a value follows. */
static void put_keys(void)
{
	size_t i;

	for (i = 0; i < option_nr(); i++)
		if (option_at(i)->status == OPTION_SUPPORTED)
			printf(" %s=", option_at(i)->name);
}

static void put_names(void)
{
	size_t i;

	for (i = 0; i < option_nr(); i++)
		if (option_at(i)->status == OPTION_SUPPORTED)
			printf(" %s", option_at(i)->name);
}

static const struct value {
	const char *option;
	const char *command; /* NULL: of all */
	const char *action;  /* what compgen has for it; NULL: words */
	const char *words;
	void (*put)(void); /* ... or these */
} values[] = {
	{ "directory", NULL, "-d", NULL, NULL },
	{ "output", NULL, "-f", NULL, NULL },
	{ "results", NULL, "-d", NULL, NULL },
	{ "html", NULL, "-f", NULL, NULL },
	{ "measure", NULL, NULL, NULL, put_measures },
	{ "set", NULL, NULL, NULL, put_keys },
	{ "sweep", NULL, NULL, NULL, put_keys },
	{ "x", NULL, NULL, NULL, put_names },
	{ "format", "export", NULL, NULL, put_formats },
	{ "format", "stress", NULL, " text ktap json none", NULL },
	{ "format", NULL, NULL, " text json none", NULL },
	{ "type", NULL, NULL, NULL, put_types },
	{ "times", NULL, NULL, NULL, put_times },
	{ "kind", NULL, NULL, NULL, put_kinds },
	{ "crash", NULL, NULL, " ext4 xfs btrfs", NULL },
	{ "why", NULL, NULL, " full", NULL },
};

#define VALUE_NR (sizeof(values) / sizeof(values[0]))

static const struct value *completion_value(const char *command, const char *option)
{
	size_t i;

	for (i = 0; i < VALUE_NR; i++)
		if (!strcmp(values[i].option, option) &&
		    (!values[i].command || !strcmp(values[i].command, command)))
			return &values[i];
	return NULL;
}

/* "COMMAND:--long|COMMAND:-s"; of a value that may be left out "COMMAND:--long=". */
static void put_patterns(const struct cmd *c, const struct option *o)
{
	printf("%s:--%s", c->name, o->name);
	if (o->has_arg == optional_argument)
		putchar('=');
	else if (o->val < 256)
		printf("|%s:-%c", c->name, o->val);
}

/* What completes the value of each option that has one. */
static void put_values(const struct cmd *c)
{
	const struct option *o;

	for (o = c->options; o && o->name; o++) {
		const struct value *v = completion_value(c->name, o->name);

		if (o->has_arg == no_argument)
			continue;
		putchar('\t');
		put_patterns(c, o);
		fputs(") ", stdout);
		if (!v) {
			fputs(":", stdout);
		} else if (v->action) {
			printf("_diowait_files %s \"$cur\"", v->action);
		} else {
			fputs("_diowait_words \"$cur\"", stdout);
			if (v->put)
				v->put();
			else
				fputs(v->words, stdout);
		}
		fputs(" ;;\n", stdout);
	}
}

/* The words of a command that begin with '-', and which take a word of their own. */
static void put_options(const struct cmd *c)
{
	const struct option *o;

	printf("\t%s) _diowait_words \"$cur\"", c->name);
	for (o = c->options; o && o->name; o++) {
		printf(" --%s%s", o->name, o->has_arg == required_argument ? "=" : "");
		if (o->val < 256)
			printf(" -%c", o->val);
	}
	fputs(" ;;\n", stdout);
}

static const char head[] =
	"# bash completion of diowait: made by diowait --completion\n\n"
	"# _diowait_words CURRENT WORD...: those that begin so. A key or an option that\n"
	"# ends in = gets its value without a blank.\n"
	"_diowait_words()\n"
	"{\n"
	"\tlocal cur=$1 word\n"
	"\tshift\n"
	"\tfor word; do\n"
	"\t\t[[ $word == \"$cur\"* ]] || continue\n"
	"\t\t[[ $word != *= ]] || compopt -o nospace 2>/dev/null\n"
	"\t\tCOMPREPLY+=(\"$word\")\n"
	"\tdone\n"
	"}\n\n"
	"# _diowait_files -f|-d CURRENT: files or directories, whatever is in their names.\n"
	"_diowait_files()\n"
	"{\n"
	"\tlocal name\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\twhile IFS= read -r name; do\n"
	"\t\tCOMPREPLY+=(\"$name\")\n"
	"\tdone < <(compgen \"$1\" -- \"$2\")\n"
	"}\n\n";

static const char body[] =
	"_diowait()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal command=${COMP_WORDS[1]}\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $COMP_CWORD -eq 1 ]]; then\n"
	"\t\t_diowait_commands \"$cur\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tif [[ $command == help ]]; then\n"
	"\t\t[[ $COMP_CWORD -gt 2 ]] || _diowait_commands \"$cur\"\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t# Bash divides --option=value, and KEY=VALUE, into three words.\n"
	"\tlocal at=$COMP_CWORD\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $prev == = ]]; then\n"
	"\t\tat=$((COMP_CWORD - 1))\n"
	"\t\tprev=${COMP_WORDS[at - 1]}\n"
	"\tfi\n"
	"\tif [[ ${COMP_WORDS[at]} == = ]]; then\n"
	"\t\tcase ${COMP_WORDS[at - 2]} in\n"
	"\t\t-s|--set|--sweep) _diowait_key \"$prev\" \"$cur\"; return ;;\n"
	"\t\tesac\n"
	"\t\t_diowait_takes \"$command:$prev\" || prev+=\"=\"\n"
	"\tfi\n"
	"\tif _diowait_takes \"$command:$prev\"; then\n"
	"\t\t_diowait_value \"$command:$prev\" \"$cur\"\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\t_diowait_options \"$command\" \"$cur\"\n"
	"\telse\n"
	"\t\t_diowait_files -f \"$cur\"\n"
	"\tfi\n"
	"}\n"
	"complete -F _diowait diowait\n";

/* The words that a key may have as its value. */
static void put_key_values(void)
{
	const struct option_word *w;
	size_t i;

	fputs("# _diowait_key KEY CURRENT: its value.\n"
	      "_diowait_key()\n{\n\tlocal cur=$2\n\tcase $1 in\n",
	      stdout);
	for (i = 0; i < option_nr(); i++) {
		const struct option_row *o = option_at(i);

		if (!o->word || o->status != OPTION_SUPPORTED)
			continue;
		printf("\t%s%s%s) _diowait_words \"$cur\"", o->name, o->alias ? "|" : "",
		       o->alias ? o->alias : "");
		for (w = o->word; w->name; w++)
			printf(" %s", w->name);
		fputs(" ;;\n", stdout);
	}
	fputs("\tesac\n}\n\n", stdout);
}

int cmd_completion(const struct cmd *commands, size_t nr)
{
	const struct option *o;
	size_t i;
	bool any = false;

	fputs(head, stdout);
	fputs("_diowait_commands()\n{\n\t_diowait_words \"$1\"", stdout);
	for (i = 0; i < nr; i++)
		printf(" %s", commands[i].name);
	fputs(" help --help --version\n}\n\n", stdout);
	fputs("_diowait_options()\n{\n\tlocal cur=$2\n\tcase $1 in\n", stdout);
	for (i = 0; i < nr; i++)
		put_options(&commands[i]);
	fputs("\tesac\n}\n\n# Whether the option COMMAND:OPTION takes the next word.\n"
	      "_diowait_takes()\n{\n\tcase $1 in\n\t",
	      stdout);
	for (i = 0; i < nr; i++)
		for (o = commands[i].options; o && o->name; o++) {
			if (o->has_arg == no_argument)
				continue;
			fputs(any ? "|" : "", stdout);
			put_patterns(&commands[i], o);
			any = true;
		}
	fputs(") return 0 ;;\n\tesac\n\treturn 1\n}\n\n"
	      "_diowait_value()\n{\n\tlocal cur=$2\n\tcase $1 in\n",
	      stdout);
	for (i = 0; i < nr; i++)
		put_values(&commands[i]);
	fputs("\tesac\n}\n\n", stdout);
	put_key_values();
	fputs(body, stdout);
	return fflush(stdout) || ferror(stdout) ? CMD_FAILED : CMD_OK;
}
