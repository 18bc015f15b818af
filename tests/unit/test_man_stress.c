// SPDX-License-Identifier: GPL-2.0-or-later
/* man/diowait-stress.1 explains every contract, antagonist and scenario, and no others. */
#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "man_keys.h"
#include "verify/contract.h"
#include "verify/verify.h"

/* Behind the item's head in the section, which is cut off the page; else fails. */
static const char *item(const char *page, const char *section, const char *head)
{
	const char *from = strstr(page, section), *at = from ? strstr(from, head) : NULL;
	const char *end = from ? strstr(from + 1, "\n.Sh ") : NULL;

	if (!at || (end && at > end))
		fail_msg("no%s in%s", head, section);
	return at + strlen(head);
}

/* Heads of items in a section. */
static unsigned int items(const char *page, const char *section, const char *macro)
{
	const char *at = strstr(page, section), *end = strstr(at + 1, "\n.Sh ");
	unsigned int nr = 0;

	while ((at = strstr(at, macro)) && at < end) {
		nr++;
		at++;
	}
	return nr;
}

static void test_contracts(void **state)
{
	const char *page = *state, *before = page, *at;
	char head[64];
	unsigned int c;

	for (c = 0; c < CONTRACT_NR; c++) {
		snprintf(head, sizeof(head), "\n.It Li %s\n", contract_row(c)->name);
		at = item(page, "\n.Sh CONTRACTS\n", head);
		assert_true(at > before);
		before = at;
	}
	assert_int_equal(items(page, "\n.Sh CONTRACTS\n", "\n.It Li "), CONTRACT_NR);
}

static void test_antagonists(void **state)
{
	const char *page = *state, *name, *help, *at;
	char head[64];
	unsigned int i;

	for (i = 0; (name = verify_antagonist(i, &help)); i++) {
		snprintf(head, sizeof(head), "\n.It Cm %s\n", name);
		at = item(page, "\n.Sh ANTAGONISTS\n", head);
		assert_int_equal(*at, toupper((unsigned char)*help));
		if (strncmp(at + 1, help + 1, strlen(help + 1)) != 0)
			fail_msg("%s: not \"%s\"", name, help);
	}
	assert_int_equal(items(page, "\n.Sh ANTAGONISTS\n", "\n.It Cm "), i);
}

/* Each file of the folder has its item in the section, and no other is there. */
static void scenarios(const char *page, const char *folder, const char *section)
{
	const char *top = getenv("srcdir");
	char path[4096], head[300];
	struct dirent *e;
	unsigned int nr = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", top && *top ? top : ".", folder);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 5 || strcmp(e->d_name + len - 4, ".job"))
			continue;
		snprintf(head, sizeof(head), "\n.It Li %.*s\n", (int)len - 4, e->d_name);
		(void)item(page, section, head);
		nr++;
	}
	closedir(d);
	assert_int_equal(items(page, section, "\n.It Li "), nr);
}

static void test_scenarios(void **state)
{
	scenarios(*state, "workloads/stress", "\n.Sh SCENARIOS\n");
	scenarios(*state, "workloads/stress/crash", "\n.Sh CRASHES\n");
}

static int setup(void **state)
{
	*state = man_read("diowait-stress.1");
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
		cmocka_unit_test(test_contracts),
		cmocka_unit_test(test_antagonists),
		cmocka_unit_test(test_scenarios),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
