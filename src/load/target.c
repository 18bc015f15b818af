// SPDX-License-Identifier: GPL-2.0-or-later
/* Making a target: what may be touched, alignment, opening, closing. */
#include "load/target_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PROBE_BYTES 65536

/* XFS's own question after alignment, for kernels before statx DIOALIGN (6.1). */
struct target_xfs_dioinfo {
	uint32_t mem, miniosz, maxiosz;
};
#define TARGET_XFS_IOC_DIOINFO _IOR('X', 30, struct target_xfs_dioinfo)

int target_check_path(const struct target_spec *spec, struct load_error *err)
{
	struct stat st;
	bool link;
	int fd;

	if (spec->virt)
		return 0;
	if (lstat(spec->path, &st)) {
		if (errno == ENOENT)
			return 0;
		int rc = -errno;

		load_error_job(err, spec->job, "filename", "%s: %s", spec->path,
			       strerror(-rc));
		return rc;
	}
	/* A link to a device is how devices have lasting names. */
	link = S_ISLNK(st.st_mode);
	if (link && stat(spec->path, &st))
		st.st_mode = 0;
	if (S_ISBLK(st.st_mode)) {
		fd = open(spec->path, O_RDONLY | O_EXCL | O_CLOEXEC);
		if (fd < 0) {
			int rc = -errno;

			load_error_job(
				err, spec->job, "filename", "block device %s: %s",
				spec->path,
				rc == -EBUSY ?
					"is mounted or held by the kernel; give one that is not" :
					strerror(-rc));
			return rc;
		}
		close(fd);
		if (spec->destroy_data)
			return 0;
		load_error_job(
			err, spec->job, "filename",
			"%s is a block device: give --destroy-data to overwrite what it holds",
			spec->path);
		return -EPERM;
	}
	if (!link && S_ISREG(st.st_mode) &&
	    lgetxattr(spec->path, TARGET_XATTR, NULL, 0) >= 0)
		return 0;
	load_error_job(err, spec->job, "filename",
		       "%s exists and was not made by diowait (no xattr " TARGET_XATTR
		       "): give another filename",
		       spec->path);
	return -EEXIST;
}

int target_check_device_job(const struct workload_job *job, struct load_error *err)
{
	unsigned int j;

	for (j = 0; j < job->mix.nr; j++) {
		const struct kind_row *row = kind_row(job->mix.item[j].kind.base);

		if (row->is_sync ||
		    (row->place == KIND_PLACE_INSIDE && row->state == KIND_STATE_WRITTEN))
			continue;
		load_error_job(
			err, job, "mix",
			"mix: a block device knows no %s: give overwrite, read or fdatasync",
			row->name);
		return -EINVAL;
	}
	return 0;
}

int target_check_job(const struct target_limits *lim, const struct workload_job *job,
		     struct load_error *err)
{
	uint64_t bs = job->bs.min_bytes;
	const char *lengths = job->bssplit.nr ? "bssplit" : "bs";
	bool whole = bs % lim->block_bytes == 0 &&
		     job->bs.max_bytes % lim->block_bytes == 0;
	char name[KIND_NAME_MAX];
	unsigned int j;

	if (bs % lim->sector_bytes || job->bs.max_bytes % lim->sector_bytes) {
		load_error_job(
			err, job, lengths,
			"%s must be a multiple of %u, the alignment of direct I/O there",
			lengths, lim->sector_bytes);
		return -EINVAL;
	}
	if (job->offset.bytes % lim->sector_bytes ||
	    job->offset_increment % lim->sector_bytes) {
		const char *key = job->offset.bytes % lim->sector_bytes ?
					  "offset" :
					  "offset_increment";

		load_error_job(
			err, job, key,
			"%s must be a multiple of %u, the alignment of direct I/O there",
			key, lim->sector_bytes);
		return -EINVAL;
	}
	for (j = 0; j < job->mix.nr; j++) {
		struct kind k = job->mix.item[j].kind;
		bool unaligned = k.mods & KIND_UNALIGNED;

		if (kind_row(k.base)->is_sync || k.base == KIND_READ)
			continue;
		kind_print(k, name);
		if (unaligned && lim->sector_bytes >= lim->block_bytes) {
			load_error_job(
				err, job, "mix",
				"mix: %s: direct I/O there needs whole blocks of %u bytes: leave +unaligned out",
				name, lim->block_bytes);
			return -EINVAL;
		}
		if (!unaligned && !whole) {
			load_error_job(
				err, job, lengths,
				"%s=%llu is not a multiple of the file system's block of %u bytes: make it one, or write %s+unaligned in mix",
				lengths, (unsigned long long)bs, lim->block_bytes, name);
			return -EINVAL;
		}
		if (k.base == KIND_STRADDLE && !unaligned &&
		    bs < 2ull * lim->block_bytes) {
			load_error_job(
				err, job, lengths,
				"mix: straddle starts bs/2 inside EOF: bs must be at least two blocks (%u bytes), or write straddle+unaligned",
				2 * lim->block_bytes);
			return -EINVAL;
		}
	}
	return 0;
}

uint64_t target_layout_bytes(const struct target_spec *spec)
{
	double total = 0, taken = 0;
	unsigned int j;

	if (spec->virt)
		return 0;
	if (!spec->mix)
		return spec->overwrite || (!spec->bare &&
					   spec->fallocate != WORKLOAD_FALLOC_NONE &&
					   spec->fallocate != WORKLOAD_FALLOC_TRUNCATE) ?
			       spec->size_bytes :
			       0;
	for (j = 0; j < spec->order_nr; j++) {
		total += spec->weight[j];
		if (spec->order[j] != KIND_STATE_HOLE)
			taken += spec->weight[j];
	}
	return (spec->grown_bytes ? spec->grown_bytes + spec->round_bytes :
				    spec->prealloc_bytes) +
	       (spec->starts_inside ? spec->round_bytes : 0) +
	       (total > 0 ? (uint64_t)((double)spec->size_bytes * (taken / total)) :
			    spec->size_bytes);
}

/* True when a direct write left its pages in the page cache (tmpfs does). */
static bool target_probe_cached(int fd, size_t bytes)
{
	unsigned char in_core = 0;
	void *m = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);

	if (m == MAP_FAILED)
		return false;
	if (mincore(m, bytes, &in_core))
		in_core = 0;
	munmap(m, bytes);
	return in_core & 1;
}

/*
 * Alignment: statx knows (6.1; not on every file system), XFS can be asked, and
 * else the smallest write that works is it. Limits hold the block size already.
 */
static int target_probe_align(int fd, struct target_limits *lim, void *buffer)
{
	struct target_xfs_dioinfo info;
#ifdef STATX_DIOALIGN
	struct statx stx;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &stx) &&
	    (stx.stx_mask & STATX_DIOALIGN)) {
		lim->sector_bytes = stx.stx_dio_offset_align;
		lim->mem_bytes = stx.stx_dio_mem_align;
		return lim->sector_bytes ? 0 : -EINVAL;
	}
#endif
	if (!ioctl(fd, TARGET_XFS_IOC_DIOINFO, &info) && info.miniosz) {
		lim->sector_bytes = info.miniosz;
		lim->mem_bytes = info.mem;
		return 0;
	}
	lim->mem_bytes = TARGET_BUFFER_ALIGN;
	for (lim->sector_bytes = 512; lim->sector_bytes <= PROBE_BYTES;
	     lim->sector_bytes *= 2)
		if (pwrite(fd, buffer, lim->sector_bytes, 0) ==
		    (ssize_t)lim->sector_bytes)
			return 0;
		else if (errno != EINVAL)
			return -errno;
	return -EINVAL;
}

/*
 * Local file systems wait for locks, space and I/O without heeding signals; those
 * that ask a process or another machine do not, and what is unknown may not.
 */
static bool target_is_interruptible(const struct statfs *fs)
{
	static const uint32_t heedless[] = { EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
					     BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC };
	size_t i;

	for (i = 0; i < sizeof(heedless) / sizeof(heedless[0]); i++)
		if ((uint32_t)fs->f_type == heedless[i])
			return false;
	return true;
}

int target_probe_dir(struct scratch *s, const char *dir, struct target_limits *lim,
		     struct load_error *err)
{
	struct statfs fs;
	void *buffer = NULL;
	int fd, rc;

	fd = scratch_create(s, "probe", O_DIRECT, NULL);
	if (fd < 0) {
		load_error_set(
			err, "directory %s: %s", dir,
			fd == -EINVAL ?
				"the file system does not support O_DIRECT: give another directory" :
				strerror(-fd));
		return fd;
	}
	rc = fstatfs(fd, &fs) ? -errno : 0;
	if (rc)
		goto out;
	lim->block_bytes = (uint32_t)fs.f_bsize;
	if (fs.f_bsize < 512 || fs.f_bsize > PROBE_BYTES ||
	    (lim->block_bytes & (lim->block_bytes - 1)))
		lim->block_bytes = 4096;
	buffer = aligned_alloc(TARGET_BUFFER_ALIGN, PROBE_BYTES);
	rc = buffer ? 0 : -ENOMEM;
	if (rc)
		goto out;
	lim->interruptible = target_is_interruptible(&fs);
	memset(buffer, 0x5a, PROBE_BYTES);
	rc = target_probe_align(fd, lim, buffer);
	if (!rc && pwrite(fd, buffer, PROBE_BYTES, 0) != PROBE_BYTES)
		rc = errno ? -errno : -ENOSPC;
	if (!rc)
		lim->cached = target_probe_cached(fd, (size_t)sysconf(_SC_PAGESIZE));
out:
	if (rc)
		load_error_set(err, "directory %s: a direct write was tried there: %s",
			       dir, strerror(-rc));
	free(buffer);
	close(fd);
	return rc;
}

int target_probe_device(int fd, struct target_limits *lim)
{
	int sector = 0;

	if (ioctl(fd, BLKSSZGET, &sector) || sector < 512)
		return -EINVAL;
	lim->sector_bytes = (uint32_t)sector;
	lim->block_bytes = (uint32_t)sector;
	lim->mem_bytes = (uint32_t)sector;
	lim->cached = false;
	return 0;
}

/* ---- making and unmaking ---- */

static int target_map_alloc(struct target *t)
{
	uint64_t block = t->limits.block_bytes;

	t->block_shift = (unsigned int)__builtin_ctz(t->limits.block_bytes);
	t->map_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	if (t->spec.mix || t->is_block)
		return 0;
	t->map_blocks = (t->old_eof + t->spec.size_bytes + block - 1) / block;
	t->map = calloc(t->map_blocks ? t->map_blocks : 1, sizeof(*t->map));
	return t->map ? 0 : -ENOMEM;
}

/*
 * unlink=0: the file lies at its own path. One that carries our mark is taken
 * as it is where fio would (no mix, large enough, its states can be read), once;
 * any other state of it, and what this run made of it, is rebuilt from nothing.
 */
static int target_open_kept(struct target *t)
{
	struct target_extents ext;
	struct stat st;
	int fd = open(t->spec.path, O_RDWR | O_DIRECT | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		if (fgetxattr(fd, TARGET_XATTR, NULL, 0) < 0 || fstat(fd, &st) ||
		    flock(fd, LOCK_EX | LOCK_NB)) {
			close(fd);
			return -EBUSY;
		}
		if (!t->again && !t->spec.mix &&
		    (uint64_t)st.st_size >= t->spec.size_bytes &&
		    !target_fiemap(fd, &ext, NULL)) {
			t->reused = true;
			t->old_eof = t->start_eof = (uint64_t)st.st_size;
			return fd;
		}
		(void)unlink(t->spec.path);
		close(fd);
	}
	fd = open(t->spec.path,
		  O_RDWR | O_DIRECT | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fsetxattr(fd, TARGET_XATTR, "1", 1, 0) &&
	    asprintf(&t->note,
		     "%s: no xattr there: a later run will not reuse or remove it",
		     t->spec.path) < 0)
		t->note = NULL;
	(void)flock(fd, LOCK_EX | LOCK_NB);
	return fd;
}

static int target_open_device(struct target *t, struct load_error *err)
{
	uint64_t bytes;
	int rc;

	t->fd = open(t->spec.path, O_RDWR | O_DIRECT | O_EXCL | O_CLOEXEC);
	if (t->fd < 0)
		return -errno;
	rc = target_probe_device(t->fd, &t->limits);
	if (!rc && ioctl(t->fd, BLKGETSIZE64, &bytes))
		rc = -errno;
	if (!rc && bytes < t->spec.size_bytes) {
		load_error_job(err, t->spec.job, "size",
			       "%s has %llu bytes: size must not be larger", t->spec.path,
			       (unsigned long long)bytes);
		return -EFBIG;
	}
	t->real_path = strdup(t->spec.path);
	return rc ? rc : t->real_path ? 0 : -ENOMEM;
}

static const char *target_name(const struct target *t)
{
	const char *name = t->spec.path + t->spec.dir_len;

	return *name == '/' ? name + 1 : name;
}

/* Creates the file (or opens what is there) and sets t->fd and real_path. */
static int target_create(struct target *t, struct scratch *s)
{
	if (t->spec.keep) {
		t->fd = target_open_kept(t);
		t->real_path = strdup(t->spec.path);
	} else {
		t->fd = scratch_create(s, target_name(t), O_DIRECT, &t->real_path);
		if (t->fd >= 0)
			t->scratch = s;
	}
	if (t->fd < 0)
		return t->fd;
	return t->real_path ? 0 : -ENOMEM;
}

int target_open(struct target *t, struct scratch *s, const volatile int *stop,
		struct load_error *err)
{
	const char *what = "create";
	int rc = 0;

	t->fd = -1;
	err->text[0] = '\0';
	if (t->is_block) {
		what = "open";
		rc = target_open_device(t, err);
	} else if (!t->spec.virt) {
		rc = target_create(t, s);
	}
	if (!rc)
		rc = target_map_alloc(t);
	if (rc)
		goto out;
	if (t->is_block && !t->spec.mix) {
		t->start_eof = t->spec.size_bytes;
	} else if (t->spec.mix) {
		rc = target_layout_mix(t, stop, &what);
	} else if (!t->reused || t->spec.append) {
		if (t->reused)
			(void)target_fiemap(t->fd, &t->before, t);
		rc = target_layout_fio(t, stop, &what);
	} else {
		rc = target_fiemap(t->fd, &t->before, t);
	}
	if (rc)
		goto out;
	atomic_store(&t->eof, t->start_eof);
	atomic_store(&t->grown_used, 0);
	memset(&t->model, 0, sizeof(t->model));
	if (t->fd >= 0) {
		what = "fsync after layout";
		if (fsync(t->fd) || (!t->is_block && syncfs(t->fd)))
			rc = -errno;
		target_wait_idle(t, stop);
		t->size_before = target_size(t);
		target_extents(t, &t->before);
	}
out:
	if (rc && !err->text[0])
		load_error_job(err, t->spec.job, "filename", "%s: %s: %s", t->spec.path,
			       what, strerror(-rc));
	return rc;
}

int target_open_fd(const struct target *t, int flags)
{
	/* The layout's O_EXCL claim of a device stands; ours needs none. */
	int fd = open(t->real_path, O_RDWR | O_DIRECT | O_CLOEXEC | flags |
					    (t->is_block ? 0 : O_NOFOLLOW));

	return fd < 0 ? -errno : fd;
}

int target_reopen(struct target *t)
{
	if (t->fd < 0 || t->is_block)
		return 0;
	close(t->fd);
	t->fd = open(t->real_path, O_RDWR | O_DIRECT | O_CLOEXEC | O_NOFOLLOW);
	return t->fd < 0 ? -errno : 0;
}

void target_close(struct target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (t->scratch)
		(void)scratch_remove(t->scratch, target_name(t));
	t->scratch = NULL;
	free(t->real_path);
	t->real_path = NULL;
	free(t->map);
	t->map = NULL;
	free(t->note);
	t->note = NULL;
}
