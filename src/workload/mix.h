/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The value of mix=: KIND[+MOD]...:WEIGHT,... */
#ifndef DIOWAIT_MIX_H
#define DIOWAIT_MIX_H

#include <stdbool.h>
#include <stddef.h>

#include "workload/workload.h"

/*
 * Reads text into *out. 0; or -EINVAL, *out unchanged, and why (why_size bytes)
 * says what is wrong, to be read after "mix=TEXT: ".
 */
int mix_parse(const char *text, struct workload_mix *out, char *why, size_t why_size);

/*
 * One KIND[+MOD]... that may be a member, from the len bytes at text. 0, or -EINVAL and
 * why, as above.
 */
int mix_kind_parse(const char *text, size_t len, struct kind *kind, char *why,
		   size_t why_size);

/* Canonical text that mix_parse() reads back; the caller frees it. NULL: no
 * memory. Modifiers in their order, members in the user's, exact weights. */
char *mix_format(const struct workload_mix *mix);

/* True when a member is a write. */
bool mix_has_write(const struct workload_mix *mix);

/* True when a member is of this base kind, whatever its modifiers. */
bool mix_has_base(const struct workload_mix *mix, enum kind_base base);

/* True when the kind, with its modifiers, is a member. */
bool mix_has(const struct workload_mix *mix, struct kind kind);

/*
 * Gives kind percent of the mix, and lets the others' weights be to each other as they
 * were; who gets nothing is no member any more. 0; -EINVAL, *mix unchanged: nothing
 * that writes would be left, or nobody to have the rest.
 */
int mix_share(struct workload_mix *mix, struct kind kind, double percent);

/* The first extending member, or NULL. */
const struct workload_mix_item *mix_extending(const struct workload_mix *mix);

#endif
