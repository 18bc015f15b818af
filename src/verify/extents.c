// SPDX-License-Identifier: GPL-2.0-or-later
/* Where on the device a place of a file is, for who reads a finding. */
#include "verify/private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EXTENTS_MAX 4
#define BEFORE_BYTES 4096

static const struct flag {
	uint32_t bit;
	const char *name;
} flags[] = {
	{ FIEMAP_EXTENT_UNWRITTEN, "unwritten" }, { FIEMAP_EXTENT_DELALLOC, "delalloc" },
	{ FIEMAP_EXTENT_SHARED, "shared" },	  { FIEMAP_EXTENT_DATA_INLINE, "inline" },
	{ FIEMAP_EXTENT_UNKNOWN, "unknown" },	  { FIEMAP_EXTENT_LAST, "last" },
};

size_t verify_extents(const char *path, uint64_t offset, uint64_t len, char *text,
		      size_t size)
{
	struct fiemap *map = calloc(1, sizeof(*map) +
					       EXTENTS_MAX * sizeof(map->fm_extents[0]));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned int i, k;
	size_t at = 0;

	if (!map || fd < 0)
		goto out;
	map->fm_start = offset > BEFORE_BYTES ? offset - BEFORE_BYTES : 0;
	map->fm_length = len + 2 * (uint64_t)BEFORE_BYTES;
	map->fm_extent_count = EXTENTS_MAX;
	if (ioctl(fd, FS_IOC_FIEMAP, map))
		goto out;
	if (!map->fm_mapped_extents)
		at += (size_t)snprintf(text, size, "extents:  a hole\n");
	for (i = 0; i < map->fm_mapped_extents && at < size; i++) {
		const struct fiemap_extent *e = &map->fm_extents[i];

		at += (size_t)snprintf(
			text + at, size - at, "%s %llu +%llu at %llu",
			i ? "         " : "extents: ", (unsigned long long)e->fe_logical,
			(unsigned long long)e->fe_length,
			(unsigned long long)e->fe_physical);
		for (k = 0; k < sizeof(flags) / sizeof(flags[0]) && at < size; k++)
			if (e->fe_flags & flags[k].bit)
				at += (size_t)snprintf(text + at, size - at, " %s",
						       flags[k].name);
		if (at < size)
			at += (size_t)snprintf(text + at, size - at, "\n");
	}
out:
	if (fd >= 0)
		close(fd);
	free(map);
	return at < size ? at : size - 1;
}
