/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tracefs says of the kernel's events: their numbers, and where fields are. */
#ifndef DIOWAIT_TRACEFS_H
#define DIOWAIT_TRACEFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracefs_field {
	uint16_t offset;
	uint8_t bytes; /* 1, 2, 4 or 8 */
	bool is_signed;
};

/* False: built without libtraceevent. */
bool tracefs_built(void);

/*
 * The root of tracefs, as a directory to be closed: where it is mounted, else a
 * mount of our own that has no place in any directory. 0 and *fd; else -errno and
 * *why (static).
 */
int tracefs_open(int *fd, const char **why);

/*
 * The number of the event system:name, and its nr fields of these names. 0;
 * -ENOENT: the kernel has no such event; -EINVAL: a field is missing or is no
 * number; or what reading gives. On errors *why is a line that names the event,
 * valid until the next call.
 */
int tracefs_format(int fd, const char *system, const char *name,
		   const char *const *field_name, struct tracefs_field *field, size_t nr,
		   uint64_t *id, const char **why);

#endif
