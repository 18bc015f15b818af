// SPDX-License-Identifier: GPL-2.0-or-later
/* man/diowait-fio.7 says of every key of fio what the option table does with it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "man_keys.h"
#include "workload/option.h"

#define HEAD "\n.It Cm "

/* How the item of the row begins: its head, and the line of its status. */
static void item_format(const struct option_row *o, char *buf, size_t size)
{
	char done[512] = "Done.";

	if (o->status != OPTION_SUPPORTED)
		snprintf(done, sizeof(done), "%s: %s.",
			 o->status == OPTION_NOTED ? "Noted" : "Refused", o->why);
	snprintf(buf, size, HEAD "%s%s%s\n%s\n%s%s%s", o->name, o->alias ? " , " : "",
		 o->alias ? o->alias : "", done,
		 o->status == OPTION_REFUSED && o->def ? "Allowed: " : "",
		 o->status == OPTION_REFUSED && o->def ? o->def : "",
		 o->status == OPTION_REFUSED && o->def ? ".\n" : "");
}

static void test_keys(void **state)
{
	const char *page = *state, *at;
	char want[1024];
	size_t i, keys = 0, items = 0;

	for (i = 0; i < option_nr(); i++) {
		const struct option_row *o = option_at(i);

		if (o->own)
			continue;
		keys++;
		item_format(o, want, sizeof(want));
		if (!strstr(page, want))
			fail_msg("not in the page:%s", want);
	}
	for (at = page; (at = strstr(at, HEAD)); at++)
		items++;
	assert_int_equal(items, keys);
}

static int setup(void **state)
{
	*state = man_read("diowait-fio.7");
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
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
