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

/* Canonical text that mix_parse() reads back; the caller frees it. NULL: no
 * memory. Modifiers in their order, members in the user's, exact weights. */
char *mix_format(const struct workload_mix *mix);

/* True when a member is a write. */
bool mix_has_write(const struct workload_mix *mix);

/* True when a member is of this base kind, whatever its modifiers. */
bool mix_has_base(const struct workload_mix *mix, enum kind_base base);

/* The first extending member, or NULL. */
const struct workload_mix_item *mix_extending(const struct workload_mix *mix);

#endif
