/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says meanwhile: warnings and worse of its log. */
#ifndef DIOWAIT_EXPERIMENT_KMSG_H
#define DIOWAIT_EXPERIMENT_KMSG_H

#include <stddef.h>

/* From now on. A descriptor, -1 where the log may not be read; to be closed. */
int kmsg_open(void);

/*
 * The lines since then, at most max, without control characters; *nr of them, the caller
 * frees each and the list. NULL: no memory. fd may be -1.
 */
char **kmsg_read(int fd, size_t max, size_t *nr);

#endif
