// SPDX-License-Identifier: GPL-2.0-or-later
/* What a target holds before the first write, and its extents. */
#include "load/target_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define LAYOUT_BYTES (1u << 20)
#define IDLE_WAIT_NS 2000000000ull
#define IDLE_STEP_NS 5000000

/* ---- extents ---- */

#define FIEMAP_BATCH 256

/* Reads the extents; fills map (states by block) when it is not NULL. */
int target_fiemap(int fd, struct target_extents *out, struct target *map)
{
	struct fiemap *fm;
	uint64_t next = 0;
	bool last = false;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	fm = calloc(1, sizeof(*fm) + FIEMAP_BATCH * sizeof(fm->fm_extents[0]));
	if (!fm)
		return -ENOMEM;
	while (!last) {
		unsigned int i;

		memset(fm, 0, sizeof(*fm));
		fm->fm_start = next;
		fm->fm_length = FIEMAP_MAX_OFFSET - next;
		fm->fm_flags = FIEMAP_FLAG_SYNC;
		fm->fm_extent_count = FIEMAP_BATCH;
		if (ioctl(fd, FS_IOC_FIEMAP, fm)) {
			rc = -errno;
			goto out;
		}
		last = !fm->fm_mapped_extents;
		for (i = 0; i < fm->fm_mapped_extents; i++) {
			const struct fiemap_extent *e = &fm->fm_extents[i];
			uint64_t b, end = e->fe_logical + e->fe_length;

			out->count++;
			if (e->fe_flags & FIEMAP_EXTENT_DELALLOC)
				out->delalloc_bytes += e->fe_length;
			else if (e->fe_flags & FIEMAP_EXTENT_UNWRITTEN)
				out->unwritten_bytes += e->fe_length;
			else
				out->written_bytes += e->fe_length;
			for (b = e->fe_logical >> (map ? map->block_shift : 0);
			     map && b << map->block_shift < end && b < map->map_blocks;
			     b++)
				map->map[b] = e->fe_flags & FIEMAP_EXTENT_UNWRITTEN ?
						      KIND_STATE_UNWRITTEN :
						      KIND_STATE_WRITTEN;
			next = end;
			last = e->fe_flags & FIEMAP_EXTENT_LAST;
		}
	}
	out->known = true;
out:
	free(fm);
	return rc;
}

uint64_t target_size(const struct target *t)
{
	struct stat st;

	if (t->fd < 0 || fstat(t->fd, &st))
		return 0;
	return t->is_block ? t->start_eof : (uint64_t)st.st_size;
}

void target_extents(const struct target *t, struct target_extents *out)
{
	memset(out, 0, sizeof(*out));
	if (t->fd >= 0 && !t->is_block && target_fiemap(t->fd, out, NULL))
		out->known = false;
}

/* ---- layout ---- */

static void target_map_fill(struct target *t, uint64_t start, uint64_t bytes,
			    enum kind_state state)
{
	uint64_t b, end = (start + bytes + t->limits.block_bytes - 1) >> t->block_shift;

	for (b = start >> t->block_shift; b < end && b < t->map_blocks; b++)
		t->map[b] = (uint8_t)state;
}

/* Writes [start, start + bytes) by direct 1 MiB writes. */
static int target_fill(const struct target *t, uint64_t start, uint64_t bytes,
		       const volatile int *stop)
{
	uint64_t *buffer;
	size_t i;
	int rc = 0;

	if (t->spec.virt || !bytes)
		return 0;
	buffer = aligned_alloc(TARGET_BUFFER_ALIGN, LAYOUT_BYTES);
	if (!buffer)
		return -ENOMEM;
	for (i = 0; i < LAYOUT_BYTES / sizeof(*buffer); i++)
		buffer[i] = plan_mix64(i + 1);
	while (bytes && !rc) {
		size_t len = bytes < LAYOUT_BYTES ? (size_t)bytes : LAYOUT_BYTES;
		ssize_t done;

		if (t->stamp)
			t->stamp(t->stamp_ctx, buffer, start, len);
		done = pwrite(t->fd, buffer, len, (off_t)start);
		if (done <= 0) {
			rc = done ? -errno : -ENOSPC;
			break;
		}
		start += (uint64_t)done;
		bytes -= (uint64_t)done;
		if (*stop)
			rc = -EINTR;
	}
	free(buffer);
	return rc;
}

static int target_falloc(const struct target *t, int mode, uint64_t start, uint64_t bytes)
{
	if (t->spec.virt || !bytes)
		return 0;
	return fallocate(t->fd, mode, (off_t)start, (off_t)bytes) ? -errno : 0;
}

static int target_truncate(const struct target *t, uint64_t bytes)
{
	if (t->spec.virt)
		return 0;
	return ftruncate(t->fd, (off_t)bytes) ? -errno : 0;
}

/* True when the layout up to at ends with written blocks. */
static bool target_ends_written(const struct target *t, uint64_t at)
{
	const struct target_region *r = &t->region[KIND_STATE_WRITTEN];

	return t->spec.order_nr ? r->bytes && r->start + r->bytes == at : at > 0;
}

/* Regions one behind the other in mix order, then EOF, then space past it. */
int target_layout_mix(struct target *t, const volatile int *stop, const char **what)
{
	const struct target_spec *spec = &t->spec;
	uint64_t round = spec->round_bytes, block = t->limits.block_bytes;
	uint64_t at = 0;
	double total = 0;
	unsigned int j;
	int rc = 0;

	for (j = 0; j < spec->order_nr; j++)
		total += spec->weight[j];
	for (j = 0; j < spec->order_nr && !rc; j++) {
		enum kind_state state = spec->order[j];
		struct target_region *r = &t->region[state];

		r->start = (at + block - 1) / block * block;
		/* In this order a share that comes out even is not rounded. */
		r->bytes = (uint64_t)((double)spec->size_bytes * spec->weight[j] /
				      total) /
			   round * round;
		at = r->start + r->bytes;
		if (state == KIND_STATE_UNWRITTEN) {
			*what = "fallocate for kind unwritten";
			rc = target_falloc(t, 0, r->start, r->bytes);
		} else if (state == KIND_STATE_WRITTEN) {
			*what = "layout";
			rc = target_fill(t, r->start, r->bytes, stop);
		}
	}
	if (!rc && !spec->order_nr) {
		/* Extending kinds alone: size is what they grow from. */
		at = spec->size_bytes / round * round;
		*what = "layout";
		rc = target_fill(t, 0, at, stop);
	}
	if (!rc && spec->starts_inside && !target_ends_written(t, at)) {
		/* Blocks of their own: a hole's last block is used once. */
		at = (at + block - 1) / block * block;
		*what = "layout";
		rc = target_fill(t, at, round, stop);
		at += round;
	}
	/* A hole at the end is made by the size alone. */
	if (!rc && !t->is_block) {
		*what = "ftruncate";
		rc = target_truncate(t, at);
	}
	if (!rc && spec->shift_eof) {
		*what = "layout";
		rc = target_fill(t, at, t->limits.sector_bytes, stop);
		at += t->limits.sector_bytes;
	}
	if (!rc && spec->grown_bytes) {
		/* The last write may begin at its last byte but one block. */
		*what = "layout of what extend_wait grows into";
		t->grown_start = at;
		rc = target_fill(t, at, spec->grown_bytes + round, stop);
		at += spec->grown_bytes + round;
	} else if (!rc && spec->prealloc_bytes) {
		*what = "fallocate (KEEP_SIZE) for kind append-prealloc";
		rc = target_falloc(t, FALLOC_FL_KEEP_SIZE, at, spec->prealloc_bytes);
		t->prealloc_end = at + spec->prealloc_bytes;
	}
	t->start_eof = at;
	return rc;
}

/* As fio lays out a fresh file for a writing job. */
int target_layout_fio(struct target *t, const volatile int *stop, const char **what)
{
	const struct target_spec *spec = &t->spec;
	uint64_t from = spec->append ? t->old_eof : 0, bytes = spec->size_bytes;
	enum kind_state state = KIND_STATE_HOLE;
	int rc = 0;

	*what = "layout";
	if (spec->bare) {
		bytes = 0;
	} else if (spec->overwrite) {
		rc = target_fill(t, from, bytes, stop);
		state = KIND_STATE_WRITTEN;
	} else if (spec->fallocate == WORKLOAD_FALLOC_TRUNCATE) {
		*what = "ftruncate (fallocate=truncate)";
		rc = target_truncate(t, from + bytes);
	} else if (spec->fallocate == WORKLOAD_FALLOC_NONE) {
		bytes = 0;
	} else {
		bool keep = spec->fallocate == WORKLOAD_FALLOC_KEEP;

		*what = "fallocate";
		rc = target_falloc(t, keep ? FALLOC_FL_KEEP_SIZE : 0, from, bytes);
		state = KIND_STATE_UNWRITTEN;
		if (!rc && keep) {
			target_map_fill(t, from, bytes, state);
			bytes = 0;
		} else if (rc == -EOPNOTSUPP) {
			/* fio goes on without a word; we say it. */
			if (asprintf(
				    &t->note,
				    "%s: fallocate is not supported there: nothing was preallocated",
				    spec->path) < 0)
				t->note = NULL;
			rc = 0;
			bytes = 0;
		}
	}
	if (rc)
		return rc;
	target_map_fill(t, from, bytes, state);
	if (from + bytes > t->start_eof)
		t->start_eof = from + bytes;
	return 0;
}

/* Waits, not for ever, until the device has nothing in flight. */
void target_wait_idle(const struct target *t, const volatile int *stop)
{
	struct timespec step = { 0, IDLE_STEP_NS };
	uint64_t waited_ns = 0;
	unsigned int rd, wr;
	char path[64];
	struct stat st;
	FILE *f;

	if (fstat(t->fd, &st))
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/inflight",
		 major(t->is_block ? st.st_rdev : st.st_dev),
		 minor(t->is_block ? st.st_rdev : st.st_dev));
	for (; waited_ns < IDLE_WAIT_NS && !*stop; waited_ns += IDLE_STEP_NS) {
		f = fopen(path, "re");
		if (!f)
			return;
		if (fscanf(f, "%u %u", &rd, &wr) != 2)
			rd = wr = 0;
		fclose(f);
		if (!rd && !wr)
			return;
		(void)nanosleep(&step, NULL);
	}
}
