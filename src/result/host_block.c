// SPDX-License-Identifier: GPL-2.0-or-later
/* The block device under the file system, and the file under a loop device. */
#include "result/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/loop.h>

#define EXTENT_BATCH 256
#define EXTENT_BATCH_MAX 64 /* a file in more pieces would take too long */

struct extents {
	int64_t count, written_bytes, unwritten_bytes, mapped_end_bytes;
};

/*
 * Sums up what FIEMAP says, without FIEMAP_FLAG_SYNC: a run must not begin by
 * flushing its own backing file. 0 or -errno; -EFBIG when there is no end.
 */
static int map_extents(int fd, struct extents *e)
{
	struct fiemap *map;
	unsigned int batch, i;
	int ret = -EFBIG;

	map = calloc(1, sizeof(*map) + EXTENT_BATCH * sizeof(map->fm_extents[0]));
	if (!map)
		return -ENOMEM;
	memset(e, 0, sizeof(*e));
	for (batch = 0; ret == -EFBIG && batch < EXTENT_BATCH_MAX; batch++) {
		map->fm_start = (uint64_t)e->mapped_end_bytes;
		map->fm_length = FIEMAP_MAX_OFFSET - map->fm_start;
		map->fm_extent_count = EXTENT_BATCH;
		map->fm_flags = 0;
		if (ioctl(fd, FS_IOC_FIEMAP, map)) {
			ret = -errno;
			break;
		}
		if (!map->fm_mapped_extents)
			ret = 0;
		for (i = 0; i < map->fm_mapped_extents; i++) {
			const struct fiemap_extent *x = &map->fm_extents[i];

			e->count++;
			if (x->fe_flags & FIEMAP_EXTENT_UNWRITTEN)
				e->unwritten_bytes += (int64_t)x->fe_length;
			else
				e->written_bytes += (int64_t)x->fe_length;
			e->mapped_end_bytes = (int64_t)(x->fe_logical + x->fe_length);
			if (x->fe_flags & FIEMAP_EXTENT_LAST)
				ret = 0;
		}
	}
	free(map);
	return ret;
}

/* fd: of the backing file, -1 when it is not reachable by its name. */
static void put_backing(struct host *h, int fd)
{
	struct host_mount m = { 0 };
	struct extents e;
	struct stat st;
	int64_t hole_bytes;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		host_put_null(h, "loop.backing_fs");
		host_put_null(h, "loop.backing_extents");
		return;
	}
	host_put_text(h, "loop.backing_fs", host_mount_find(fd, &m) ? NULL : m.type);
	host_mount_clear(&m);
	if (map_extents(fd, &e)) {
		host_put_null(h, "loop.backing_extents");
		return;
	}
	hole_bytes = st.st_size - e.written_bytes - e.unwritten_bytes;
	host_put_int(h, "loop.backing_extents.count", e.count);
	host_put_int(h, "loop.backing_extents.written_bytes", e.written_bytes);
	host_put_int(h, "loop.backing_extents.unwritten_bytes", e.unwritten_bytes);
	host_put_int(h, "loop.backing_extents.hole_bytes",
		     hole_bytes > 0 ? hole_bytes : 0);
}

/*
 * Opens the backing file by the name that the kernel shows. That name is of
 * another mount namespace perhaps, so the device is asked for the inode; who
 * may not open the device has to believe the name. fd or -1.
 */
static int open_backing(const struct host_device *d, const char *path)
{
	struct loop_info64 info;
	char node[128];
	struct stat st;
	int fd, loop;

	if (host_has_root())
		return -1;
	/* Not to block on what may be a fifo by now. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	snprintf(node, sizeof(node), "/dev/%s", d->name);
	loop = open(node, O_RDONLY | O_CLOEXEC);
	if (loop < 0)
		return fd;
	if (fstat(fd, &st) ||
	    (!ioctl(loop, LOOP_GET_STATUS64, &info) &&
	     (info.lo_inode != st.st_ino || info.lo_device != st.st_dev))) {
		close(fd);
		fd = -1;
	}
	close(loop);
	return fd;
}

void host_loop(struct host *h, const struct host_device *d)
{
	char path[4096], dir[64];
	int fd;

	if (!d) {
		host_put_null(h, "loop");
		return;
	}
	snprintf(dir, sizeof(dir), "/sys/dev/block/%u:%u%s/loop", d->major, d->minor,
		 d->is_partition ? "/.." : "");
	if (host_read(path, sizeof(path), "%s/backing_file", dir) < 0) {
		host_put_null(h, "loop");
		return;
	}
	host_put_bool_file(h, "loop.dio", "%s/dio", dir);
	host_put_int_file(h, "loop.offset", "%s/offset", dir);
	host_put_text(h, "loop.backing_file", path);
	fd = open_backing(d, path);
	put_backing(h, fd);
	if (fd >= 0)
		close(fd);
}

/* Sizes that decide how a write is split, aligned and made atomic. */
static void put_limits(struct host *h, const char *queue)
{
	static const char *const number[] = {
		"logical_block_size",
		"physical_block_size",
		"minimum_io_size",
		"optimal_io_size",
		"dma_alignment",
		"max_sectors_kb",
		"atomic_write_unit_min_bytes",
		"atomic_write_unit_max_bytes",
		"atomic_write_max_bytes",
	};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		snprintf(path, sizeof(path), "block.limits.%s", number[i]);
		host_put_int_file(h, path, "%s/%s", queue, number[i]);
	}
	host_put_bool_file(h, "block.limits.rotational", "%s/rotational", queue);
	host_put_bool_file(h, "block.limits.io_poll", "%s/io_poll", queue);
}

void host_block(struct host *h, const struct host_device *d)
{
	char queue[64], disk[64], text[256];

	if (!d) {
		host_put_null(h, "block");
		return;
	}
	snprintf(disk, sizeof(disk), "/sys/dev/block/%u:%u%s", d->major, d->minor,
		 d->is_partition ? "/.." : "");
	snprintf(queue, sizeof(queue), "%.56s/queue", disk);
	host_put_text(h, "block.name", d->name);
	host_put_text_file(h, "block.model", "%s/device/model", disk);
	if (host_read(text, sizeof(text), "%s/scheduler", queue) < 0) {
		host_put_null(h, "block.scheduler");
	} else {
		host_pick_bracketed(text);
		host_put_text(h, "block.scheduler", text);
	}
	host_put_int_file(h, "block.wbt", "%s/wbt_lat_usec", queue);
	host_put_text_file(h, "block.write_cache", "%s/write_cache", queue);
	host_put_bool_file(h, "block.fua", "%s/fua", queue);
	host_put_int_file(h, "block.nr_requests", "%s/nr_requests", queue);
	host_put_int_file(h, "block.discard", "%s/discard_max_bytes", queue);
	put_limits(h, queue);
}
