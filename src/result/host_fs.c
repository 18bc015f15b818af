// SPDX-License-Identifier: GPL-2.0-or-later
/* The file system of the run, and what mkfs chose for it. */
#include "result/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/btrfs.h>

/* A bit of a feature mask and what mkfs calls it. */
struct feature {
	unsigned int bit;
	const char *name;
};

#define FEATURES_MAX 1024

static void add_features(char *list, const struct feature *f, size_t nr, uint32_t mask)
{
	size_t i, len = strlen(list);

	for (i = 0; i < nr; i++)
		if (mask & 1u << f[i].bit && len + 32 < FEATURES_MAX)
			len += (size_t)sprintf(list + len, "%s%s", len ? "," : "",
					       f[i].name);
}

#define ADD_FEATURES(list, table, mask) \
	add_features(list, table, sizeof(table) / sizeof((table)[0]), mask)

/* ---- ext4: the superblock, which only root may read ---- */

#define EXT4_SUPER_OFFSET 1024
#define EXT4_SUPER_BYTES 1024
#define EXT4_MAGIC 0xef53
#define EXT4_HAS_JOURNAL (1u << 2)

/* Not needs_recovery and orphan_present: the state of a mount, not a choice. */
static const struct feature ext4_compat[] = {
	{ 2, "has_journal" },  { 3, "ext_attr" },      { 4, "resize_inode" },
	{ 5, "dir_index" },    { 9, "sparse_super2" }, { 10, "fast_commit" },
	{ 12, "orphan_file" },
};
static const struct feature ext4_incompat[] = {
	{ 1, "filetype" },   { 3, "journal_dev" },  { 4, "meta_bg" },
	{ 6, "extent" },     { 7, "64bit" },	    { 8, "mmp" },
	{ 9, "flex_bg" },    { 10, "ea_inode" },    { 13, "metadata_csum_seed" },
	{ 14, "large_dir" }, { 15, "inline_data" }, { 16, "encrypt" },
	{ 17, "casefold" },
};
static const struct feature ext4_ro_compat[] = {
	{ 0, "sparse_super" }, { 1, "large_file" }, { 3, "huge_file" },
	{ 4, "uninit_bg" },    { 5, "dir_nlink" },  { 6, "extra_isize" },
	{ 8, "quota" },	       { 9, "bigalloc" },   { 10, "metadata_csum" },
	{ 13, "project" },     { 15, "verity" },
};

static uint32_t le32(const unsigned char *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static bool read_ext4_super(const struct host_mount *m, const struct host_device *d,
			    unsigned char *super)
{
	char node[128];
	struct stat st;
	bool good = false;
	int fd;

	snprintf(node, sizeof(node), "/dev/%s", d->name);
	fd = open(node, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = open(m->source, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISBLK(st.st_mode) && major(st.st_rdev) == d->major &&
	    minor(st.st_rdev) == d->minor &&
	    pread(fd, super, EXT4_SUPER_BYTES, EXT4_SUPER_OFFSET) == EXT4_SUPER_BYTES)
		good = (super[0x38] | super[0x39] << 8) == EXT4_MAGIC;
	close(fd);
	return good;
}

/* What the kernel runs with; it has data= exactly when there is a journal. */
static bool put_ext4_options(struct host *h, const struct host_device *d)
{
	char text[2048], *at;

	if (host_read(text, sizeof(text), "/proc/fs/ext4/%s/options", d->name) < 0)
		return false;
	for (at = text; (at = strchr(at, '\n')); at++)
		*at = ',';
	host_put_text(h, "filesystem.options_in_force", text);
	host_put_bool(h, "filesystem.journal",
		      !strncmp(text, "data=", 5) || strstr(text, ",data="));
	return true;
}

static void put_ext4(struct host *h, const struct host_mount *m,
		     const struct host_device *d)
{
	unsigned char super[EXT4_SUPER_BYTES];
	char list[FEATURES_MAX] = "";
	uint32_t compat;
	bool has_options;

	has_options = put_ext4_options(h, d);
	if (host_has_root() || !read_ext4_super(m, d, super))
		return;
	compat = le32(super + 0x5c);
	ADD_FEATURES(list, ext4_compat, compat);
	ADD_FEATURES(list, ext4_incompat, le32(super + 0x60));
	ADD_FEATURES(list, ext4_ro_compat, le32(super + 0x64));
	host_put_text(h, "filesystem.mkfs_features", list);
	if (!has_options)
		host_put_bool(h, "filesystem.journal", compat & EXT4_HAS_JOURNAL);
	/* Copy of the journal's inode: blocks, then size; 1: it is filled. */
	if (compat & EXT4_HAS_JOURNAL && super[0xfd] == 1)
		host_put_int(h, "filesystem.log_size_bytes",
			     (int64_t)((uint64_t)le32(super + 0x10c + 60) << 32 |
				       le32(super + 0x10c + 64)));
}

/* ---- XFS: the geometry call, whose header is in no base package ---- */

struct xfs_geometry {
	uint32_t block_size, rt_extent_size, ag_blocks, ag_count;
	uint32_t log_blocks, sector_size, inode_size, inode_max_percent;
	uint64_t data_blocks, rt_blocks, rt_extents, log_start;
	unsigned char uuid[16];
	uint32_t stripe_unit, stripe_width;
	int32_t version;
	uint32_t flags, log_sector_size, rt_sector_size, dir_block_size;
	uint32_t log_stripe_unit;
};

_Static_assert(sizeof(struct xfs_geometry) == 112, "the kernel's version 4");

#define XFS_GET_GEOMETRY _IOR('X', 124, struct xfs_geometry)

static const struct feature xfs_flags[] = {
	{ 0, "attr" },	       { 4, "dalign" },	     { 10, "attr2" },
	{ 11, "projid32bit" }, { 12, "ascii-ci" },   { 14, "lazy-count" },
	{ 15, "crc" },	       { 16, "ftype" },	     { 17, "finobt" },
	{ 18, "sparse" },      { 19, "rmapbt" },     { 20, "reflink" },
	{ 21, "bigtime" },     { 22, "inobtcount" }, { 23, "nrext64" },
	{ 24, "exchange" },    { 25, "parent" },     { 26, "metadir" },
	{ 27, "zoned" },
};

/* An XFS without a log does not mount; where the log is, is not said here. */
static void put_xfs(struct host *h, int fd)
{
	char list[FEATURES_MAX] = "";
	struct xfs_geometry g;

	host_put_bool(h, "filesystem.journal", true);
	if (ioctl(fd, XFS_GET_GEOMETRY, &g))
		return;
	ADD_FEATURES(list, xfs_flags, g.flags);
	host_put_text(h, "filesystem.mkfs_features", list);
	host_put_int(h, "filesystem.log_size_bytes",
		     (int64_t)g.log_blocks * g.block_size);
	host_put_int(h, "filesystem.agcount", g.ag_count);
}

/* ---- btrfs ---- */

static void uuid_print(const unsigned char *id, char text[37])
{
	size_t i, len = 0;

	for (i = 0; i < 16; i++)
		len += (size_t)sprintf(text + len, "%s%02x",
				       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
				       id[i]);
}

/* Every feature has a file; the sysfs directory is named by the fsid. */
static void put_btrfs(struct host *h, int fd)
{
	struct btrfs_ioctl_fs_info_args info;
	char uuid[37], list[FEATURES_MAX] = "", *names, *name, *rest;
	int64_t on;
	size_t len = 0;

	memset(&info, 0, sizeof(info));
	if (ioctl(fd, BTRFS_IOC_FS_INFO, &info))
		return;
	uuid_print(info.fsid, uuid);
	names = host_list("", "/sys/fs/btrfs/%s/features", uuid);
	for (name = names ? strtok_r(names, " ", &rest) : NULL; name;
	     name = strtok_r(NULL, " ", &rest)) {
		if (host_read_number(&on, "/sys/fs/btrfs/%s/features/%s", uuid, name) ||
		    !on || len + strlen(name) + 2 > sizeof(list))
			continue;
		len += (size_t)sprintf(list + len, "%s%s", len ? "," : "", name);
	}
	host_put_text(h, "filesystem.mkfs_features", names ? list : NULL);
	host_put_int(h, "filesystem.devices", (int64_t)info.num_devices);
	free(names);
}

void host_mkfs(struct host *h, int fd, const struct host_mount *m,
	       const struct host_device *d)
{
	/* All there as null, in order; the file system fills in what it has. */
	host_put_null(h, "filesystem.mkfs_features");
	host_put_null(h, "filesystem.log_size_bytes");
	host_put_null(h, "filesystem.agcount");
	host_put_null(h, "filesystem.journal");
	host_put_null(h, "filesystem.options_in_force");
	host_put_null(h, "filesystem.devices");
	if (!strcmp(m->type, "ext4") && d)
		put_ext4(h, m, d);
	else if (!strcmp(m->type, "xfs"))
		put_xfs(h, fd);
	else if (!strcmp(m->type, "btrfs"))
		put_btrfs(h, fd);
	else if (!strcmp(m->type, "f2fs") && d)
		host_put_text_file(h, "filesystem.mkfs_features",
				   "/sys/fs/f2fs/%s/features", d->name);
}

void host_filesystem(struct host *h, int fd, const struct host_mount *m,
		     const struct host_device *d)
{
	struct statvfs st;
	bool has_stat;

	if (!m) {
		host_put_null(h, "filesystem");
		return;
	}
	host_put_text(h, "filesystem.type", m->type);
	host_put_text(h, "filesystem.source", m->source);
	host_put_text(h, "filesystem.mount_point", m->mount_point);
	host_put_text(h, "filesystem.mount_options", m->options);
	host_mkfs(h, fd, m, d);
	has_stat = !fstatvfs(fd, &st);
	if (has_stat) {
		host_put_int(h, "filesystem.block_size", (int64_t)st.f_bsize);
		/* What an unprivileged writer could still use. */
		host_put_int(h, "filesystem.free_bytes",
			     (int64_t)(st.f_bavail * st.f_frsize));
		host_put_int(h, "filesystem.size_bytes",
			     (int64_t)(st.f_blocks * st.f_frsize));
	} else {
		host_put_null(h, "filesystem.block_size");
		host_put_null(h, "filesystem.free_bytes");
		host_put_null(h, "filesystem.size_bytes");
	}
}
