/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What target.c and layout.c share. */
#ifndef DIOWAIT_TARGET_PRIVATE_H
#define DIOWAIT_TARGET_PRIVATE_H

#include "load/target.h"

#define TARGET_BUFFER_ALIGN 4096u /* suits every device's memory alignment */

/*
 * Reads the extents of fd (written back first) into out; map not NULL: its block
 * map gets their states, too. 0 or -errno (-EOPNOTSUPP: no FIEMAP there).
 */
int target_fiemap(int fd, struct target_extents *out, struct target *map);

/*
 * Lay t out as its spec says and set start_eof; with a mix, or as fio would.
 * 0 or -errno, *what then names the step.
 */
int target_layout_mix(struct target *t, const volatile int *stop, const char **what);
int target_layout_fio(struct target *t, const volatile int *stop, const char **what);

/* Waits, not for ever, until the device has nothing in flight. */
void target_wait_idle(const struct target *t, const volatile int *stop);

#endif
