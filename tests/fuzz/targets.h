/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hostile input is fed to: one reader each. fuzz.c has libFuzzer choose the input,
 * replay.c takes it from files. A target that finds something wrong aborts.
 */
#ifndef DIOWAIT_TESTS_FUZZ_TARGETS_H
#define DIOWAIT_TESTS_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

struct fuzz_target {
	const char *name; /* of its folder in tests/fuzz/corpus, too */
	void (*run)(const uint8_t *data, size_t size);
};

/* NULL: no such target. Goes to a folder of its own, as job files may include files. */
const struct fuzz_target *fuzz_target_open(const char *name);

#endif
