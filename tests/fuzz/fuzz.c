// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer on one of the targets, which FUZZ_TARGET in the environment names:
 *
 *	./configure CC=clang --enable-sanitize=fuzzer-no-link,address,undefined
 *	make fuzz FUZZ_RUNS=10000000
 */
#include "targets.h"

#include <stdio.h>
#include <stdlib.h>

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	target = fuzz_target_open(getenv("FUZZ_TARGET"));
	if (target)
		return 0;
	fputs("fuzz: FUZZ_TARGET must be the name of a folder in tests/fuzz/corpus\n",
	      stderr);
	exit(1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	target->run(data, size);
	return 0;
}
