/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that collect host facts share. Every file of /proc and /sys
 * is read through here, so that a test can put a tree of its own in their
 * place.
 */
#ifndef DIOWAIT_HOST_H
#define DIOWAIT_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "result/facts.h"

/* Facts being collected; err is the first failure to store one. */
struct host {
	struct facts *facts;
	int err;
};

/* For tests: what stands before /proc and /sys. NULL or "": the real ones. */
void host_set_root(const char *root);

/* True while a test's tree is in use: no system call may answer in its place. */
bool host_has_root(void);

/*
 * Reads a small file whole into buf, always terminated, without white space at
 * its end. Its length, or -errno.
 */
ssize_t host_read(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* 0 and *value, or -errno; -EINVAL when the file does not start with a number. */
int host_read_number(int64_t *value, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* NULL when it cannot be opened. */
FILE *host_open(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Names in a directory, sorted, joined by blanks; only those that start with
 * prefix. To be freed. NULL: there is no such directory.
 */
char *host_list(const char *prefix, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "none [mq-deadline]" -> "mq-deadline", in place; without brackets unchanged. */
void host_pick_bracketed(char *text);

/* Number of members of a list as "0-3,8". */
unsigned int host_list_count(const char *list);

/* Store a fact; errors are kept in h->err. text NULL: null. */
void host_put_null(struct host *h, const char *path);
void host_put_bool(struct host *h, const char *path, bool yes);
void host_put_int(struct host *h, const char *path, int64_t number);
void host_put_text(struct host *h, const char *path, const char *text);

/* The same from a file below root; null when it cannot be read. */
void host_put_text_file(struct host *h, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void host_put_int_file(struct host *h, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void host_put_bool_file(struct host *h, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A mounted file system; strings are owned. */
struct host_mount {
	unsigned int major, minor;
	char *type, *source, *mount_point, *options;
};

/*
 * The mount that holds the open file fd. 0, -ENOENT, -ENOMEM. The parser takes
 * any text in the form of /proc/self/mountinfo; id 0: by device number alone,
 * the last match counts.
 */
int host_mount_find(int fd, struct host_mount *out);
int host_mount_parse(FILE *mountinfo, uint64_t id, unsigned int dev_major,
		     unsigned int dev_minor, struct host_mount *out);
void host_mount_clear(struct host_mount *m);

/* A block device as sysfs knows it. */
struct host_device {
	unsigned int major, minor;
	char name[64];	   /* "loop0", "nvme0n1p2" */
	bool is_partition; /* queue/ is its parent's */
};

/* The device under a mount; -ENOENT when it has none (tmpfs, FUSE, overlay). */
int host_device_find(const struct host_mount *m, struct host_device *out);

/* host_mount_find() and host_device_find() for a directory. 0 or -errno. */
int host_device_of_dir(const char *dir, struct host_device *out);

/*
 * The parts of host_collect(). fd: of the directory; m, d: NULL when there is
 * none, all their facts are null then.
 */
void host_cgroup(struct host *h);
void host_loop(struct host *h, const struct host_device *d);
void host_block(struct host *h, const struct host_device *d);
void host_filesystem(struct host *h, int fd, const struct host_mount *m,
		     const struct host_device *d);

/* What mkfs decided; filesystem.* facts that only one type has. */
void host_mkfs(struct host *h, int fd, const struct host_mount *m,
	       const struct host_device *d);

#endif
