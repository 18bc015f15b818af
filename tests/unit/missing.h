/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DIOWAIT_TEST_MISSING_H
#define DIOWAIT_TEST_MISSING_H

/* cmocka.h is the test's, and what it wants before it. */
#include <stdlib.h>

/*
 * Ends the test for something that this machine lacks: skipped, or failed where
 * T_COMPLETE says that it has all (t_missing of tests/lib.sh).
 */
static inline void missing(const char *what)
{
	if (getenv("T_COMPLETE"))
		fail_msg("%s", what);
	print_message("skipped: %s\n", what);
	skip();
}

#endif
