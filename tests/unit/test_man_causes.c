// SPDX-License-Identifier: GPL-2.0-or-later
/* man/diowait-why.7 explains every path, stage and cause, and no others. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/cause.h"
#include "man_keys.h"
#include "result/result.h"

/* A section's text, to be freed: from its .Sh to the next. */
static char *section(const char *page, const char *name)
{
	char head[80], *text;
	const char *from, *to;

	snprintf(head, sizeof(head), "\n.Sh %s\n", name);
	from = strstr(page, head);
	if (!from) {
		fail_msg("no section %s", name);
		return NULL; /* the compiler can't know that fail_msg does not */
	}
	to = strstr(from + 1, "\n.Sh ");
	text = strndup(from, to ? (size_t)(to - from) : strlen(from));
	assert_non_null(text);
	return text;
}

static unsigned int items(const char *text)
{
	unsigned int nr = 0;

	while ((text = strstr(text, "\n.It Li "))) {
		nr++;
		text++;
	}
	return nr;
}

/* Each of the names has an item, in their order, and nothing else has. */
static void has_items(const char *text, const char *(*name)(unsigned int),
		      unsigned int nr)
{
	char item[80];
	const char *at = text;
	unsigned int i;

	assert_int_equal(items(text), nr);
	for (i = 0; i < nr; i++) {
		snprintf(item, sizeof(item), "\n.It Li %s\n", name(i));
		at = strstr(at, item);
		if (!at) {
			fail_msg("%s is missing, or in another place", name(i));
			return;
		}
	}
}

static const char *path_name(unsigned int i)
{
	return result_path_name((enum result_path)i);
}

static const char *stage_name(unsigned int i)
{
	return result_stage_name((enum result_stage)i);
}

static const char *cause_name(unsigned int i)
{
	return cause_rows[i].label;
}

static void test_paths(void **state)
{
	char *page = *state, *text = section(page, "PATHS");

	has_items(text, path_name, RESULT_PATH_NR);
	free(text);
}

static void test_stages(void **state)
{
	char *page = *state, *text = section(page, "STAGES");

	has_items(text, stage_name, RESULT_STAGE_NR);
	free(text);
}

/* What a cause's item says first is what the report says. */
static void test_causes(void **state)
{
	char *page = *state, *text = section(page, "CAUSES"), line[200];
	size_t i;

	has_items(text, cause_name, (unsigned int)cause_rows_nr);
	for (i = 0; i < cause_rows_nr; i++) {
		const struct cause_row *row = &cause_rows[i];
		const char *at;

		snprintf(line, sizeof(line), "\n.It Li %s\n", row->label);
		at = strstr(text, line) + strlen(line);
		snprintf(line, sizeof(line), "%s.\n", row->help);
		/* A sentence begins with a capital, a name as it is. */
		assert_int_equal(tolower((unsigned char)*at),
				 tolower((unsigned char)*line));
		if (strncmp(at + 1, line + 1, strlen(line + 1)) != 0)
			fail_msg("%s: not \"%s\"", row->label, row->help);
	}
	free(text);
}

static int setup(void **state)
{
	*state = man_read("diowait-why.7");
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_stages),
		cmocka_unit_test(test_causes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
