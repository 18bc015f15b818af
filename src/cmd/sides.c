// SPDX-License-Identifier: GPL-2.0-or-later
/* Which results are old, which are new, and by what options they are compared. */
#include "cmd/sides.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"

#define PERCENT_MAX 1000

void sides_init(struct sides *s, const char *command)
{
	*s = (struct sides){ .command = command, .options = COMPARE_DEFAULTS };
}

static int sides_percent(const char *text, double *share)
{
	char *end;
	double percent = strtod(text, &end);

	/* NaN compares as outside, too. */
	if (end == text || *end || !(percent >= 0 && percent <= PERCENT_MAX))
		return cmd_fail("--threshold=%s: must be a percentage, 0 .. %d", text,
				PERCENT_MAX);
	*share = percent / 100;
	return CMD_OK;
}

static int sides_number(const char *option, const char *text, unsigned long long least,
			unsigned long long *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9' || *out < least)
		return cmd_fail("--%s=%s: must be a whole number, at least %llu", option,
				text, least);
	return CMD_OK;
}

bool sides_option(struct sides *s, int c, const char *value, int *code)
{
	unsigned long long n = 0;

	switch (c) {
	case SIDES_ANY:
		s->options.any_workload = true;
		break;
	case SIDES_BASE:
		*code = sides_number("base", value, 1, &n);
		s->base = (size_t)n;
		break;
	case SIDES_ROUNDS:
		s->options.rounds_suffice = true;
		break;
	case SIDES_SEED:
		*code = sides_number("seed", value, 0, &n);
		s->options.seed = n;
		break;
	case SIDES_THRESHOLD:
		*code = sides_percent(value, &s->options.threshold);
		break;
	case SIDES_VARIANTS:
		s->variants = true;
		break;
	default:
		return false;
	}
	s->any = true;
	return true;
}

int sides_divide(int argc, char **argv)
{
	int divide;

	for (divide = 1; divide < argc && strcmp(argv[divide], "--"); divide++)
		;
	return divide;
}

/* argv[divide] is "--"; argc: there is none. */
static int sides_files(struct sides *s, int argc, char **argv, int divide)
{
	static char *standard[] = { (char *)RESULT_DEFAULT ".old",
				    (char *)RESULT_DEFAULT };
	struct sides_files *old = &s->side[COMPARE_OLD], *new = &s->side[COMPARE_NEW];
	size_t sides = s->variants ? 1 : COMPARE_SIDES, stdin_nr = 0, k, i;

	*old = (struct sides_files){ argv + optind, (size_t)(divide - optind) };
	if (divide < argc)
		*new = (struct sides_files){ argv + divide + 1,
					     (size_t)(argc - divide - 1) };
	if (s->variants && (old->nr > 1 || new->nr))
		return cmd_fail("%s: --variants takes one result", s->command);
	if (divide == argc && old->nr > 2)
		return cmd_fail("%s: %zu files: put -- between the old and the new",
				s->command, old->nr);
	if (divide == argc && old->nr == 2) {
		*new = (struct sides_files){ old->name + 1, 1 };
		old->nr = 1;
	}
	if (!old->nr)
		*old = (struct sides_files){ standard + s->variants, 1 };
	if (!new->nr)
		*new = (struct sides_files){ standard + 1, 1 };
	for (k = 0; k < sides; k++)
		for (i = 0; i < s->side[k].nr; i++)
			stdin_nr += !strcmp(s->side[k].name[i], "-");
	if (stdin_nr > 1)
		return cmd_fail("%s: standard input (-) is given twice", s->command);
	return CMD_OK;
}

int sides_take(struct sides *s, int argc, char **argv, int divide)
{
	/* With nothing in front it only ended the options, as it does elsewhere. */
	if (divide < argc && optind == divide) {
		optind = ++divide;
		while (divide < argc && strcmp(argv[divide], "--"))
			divide++;
		if (divide == argc && argc - optind == 1 && !s->variants)
			return cmd_fail(
				"%s: -- with nothing in front: name the old result, too, or leave -- out to compare %s as the old one",
				s->command, argv[optind]);
	}
	if (s->base && !s->variants)
		return cmd_fail("%s: --base is of --variants", s->command);
	if (s->variants && s->options.any_workload)
		return cmd_fail("%s: --variants are of one workload", s->command);
	return sides_files(s, argc, argv, divide);
}

/* Reads a side. To be freed by sides_clear(), also after an error. */
static int sides_read(const struct sides_files *files, struct compare_input *in)
{
	const struct result **list = calloc(files->nr, sizeof(*list));
	char err[1024];
	size_t i;

	if (!list)
		return cmd_fail("%s", strerror(ENOMEM));
	in->result = list;
	in->name = (const char *const *)files->name;
	for (i = 0; i < files->nr; i++) {
		struct result *r;

		if (result_read(files->name[i], &r, err, sizeof(err)))
			return cmd_fail("%s", err);
		list[i] = r;
		in->nr++;
	}
	return CMD_OK;
}

static void sides_clear(struct compare_input *in)
{
	while (in->nr)
		result_free((struct result *)in->result[--in->nr]);
	free((void *)in->result);
}

int sides_compare(const struct sides *s, struct compare **out)
{
	struct compare_input in[COMPARE_SIDES];
	char err[1024];
	int code, rc;

	memset(in, 0, sizeof(in));
	*out = NULL;
	code = sides_read(&s->side[COMPARE_OLD], &in[COMPARE_OLD]);
	if (!code && !s->variants)
		code = sides_read(&s->side[COMPARE_NEW], &in[COMPARE_NEW]);
	if (code)
		goto out;
	assert(in[COMPARE_OLD].result && in[COMPARE_OLD].name);
	if (s->variants)
		rc = compare_variants(in[COMPARE_OLD].result[0], in[COMPARE_OLD].name[0],
				      s->base ? s->base - 1 : 0, &s->options, out, err,
				      sizeof(err));
	else
		rc = compare_sittings(in, &s->options, out, err, sizeof(err));
	if (rc)
		code = cmd_fail("%s: %s", s->command, err);
out:
	sides_clear(&in[COMPARE_OLD]);
	sides_clear(&in[COMPARE_NEW]);
	return code;
}
