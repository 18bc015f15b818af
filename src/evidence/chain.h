/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Call chains at sleeps. There are few distinct ones in a run, so each is kept
 * once, with its names and its cause; an event carries a pointer to it.
 */
#ifndef DIOWAIT_CHAIN_H
#define DIOWAIT_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/cause.h"

#define CHAIN_FRAMES_MAX 64

struct chain {
	const struct cause_row *cause;
	size_t nr;
	const char **name; /* innermost first; NULL where unknown */
	uint64_t *address;
};

struct chains;
struct symbols; /* evidence/symbols.h */

/* Chains of these symbols, which are the caller's and have to stay. 0 and *out, or -errno. */
int chains_open(const struct symbols *symbols, struct chains **out);

/* Takes NULL. Every struct chain goes with it. */
void chains_close(struct chains *c);

/*
 * The chain of nr return addresses, innermost first (more than CHAIN_FRAMES_MAX
 * are cut). Never NULL: past some thousands of distinct chains, or without
 * memory, it is one of cause OTHER without frames. One thread at a time.
 */
const struct chain *chains_find(struct chains *c, const uint64_t *address, size_t nr);

/* Where the function of that name starts, 0: unknown. See symbols_address(). */
uint64_t chains_address(const struct chains *c, const char *name);

/* "a < b < c", innermost first, from the first frame that is not the scheduler's
 * own. NULL: no memory. To be freed. */
char *chain_text(const struct chain *chain);

#endif
