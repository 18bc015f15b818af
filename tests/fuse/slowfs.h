/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of slowfs share. slowfs.c says what it is and how it is used.
 */
#ifndef SLOWFS_H
#define SLOWFS_H

#define FUSE_USE_VERSION 31
#include <fuse_lowlevel.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/xattr.h>
#include <time.h>

#define NODES_MAX 4096 /* files and folders at once */
#define CONTROL_INO (NODES_MAX + 1)
#define CONTROL_NAME ".slowfs"
#define BLOCK 4096
#define MAX_WRITE (1u << 20)
#define NS_PER_US 1000ull
#define NS_PER_S 1000000000ull
#define FOREVER_S 86400.0 /* the kernel may keep names and attributes */

/* The settings, one row each; every one is a number. */
#define SETTINGS(X) \
	X(overwrite_us, "overwrite-us", 0, "service time of a write inside EOF") \
	X(extend_us, "extend-us", 0, "of a write that ends past EOF") \
	X(read_us, "read-us", 0, "of a read") \
	X(fsync_us, "fsync-us", 0, "of an fsync or fdatasync") \
	X(extend_from, "extend-from", 0, "a write at or past it counts as one past EOF") \
	X(spin_us, "spin-us", 0, "spin through the last of a service time") \
	X(delays, "delays", 1, "0: all service times are 0") \
	X(layout_above, "layout-above", 65536, "larger writes: no delay; 0: none") \
	X(threads, "threads", 64, "requests in service at once; at start only") \
	X(space, "space", 1ull << 40, "bytes that the file system holds") \
	X(size_limit, "size-limit", 0, "ENOSPC for a write past it; 0: off") \
	X(fallocate, "fallocate", 1, "0: fallocate is EOPNOTSUPP") \
	X(xattr, "xattr", 1, "0: extended attributes are EOPNOTSUPP") \
	X(parallel, "parallel", 0, "1: FOPEN_PARALLEL_DIRECT_WRITES") \
	X(eio_at, "eio-at", 0, "the n-th delayed write from now: EIO; 0: off") \
	X(short_at, "short-at", 0, "a write across this offset ends at it; 0: off") \
	X(stall_ms, "stall-ms", 200, "how long a stall lasts") \
	X(stall_at_ms, "stall-at-ms", 0, "time from now to a stall; 0: none") \
	X(ready_fd, "ready-fd", 0, "gets one byte once requests are answered")

#define SETTING_MEMBER(field, name, value, help) _Atomic uint64_t field;
struct settings {
	SETTINGS(SETTING_MEMBER)
};
extern struct settings set;

enum kind { OVERWRITE, EXTEND, LAYOUT, READ, FSYNC, KIND_NR };

/* One request of the log, in its columns. */
struct record {
	uint64_t arrival_ns, start_ns, end_ns, offset, len, ino;
	int64_t res;
	enum kind kind;
};

/* One thread of the pool. */
struct worker {
	pthread_t thread;
	bool joined;
	struct fuse_buf request;
	uint64_t arrival_ns;  /* of the request that it serves */
	char *data;	      /* MAX_WRITE bytes, for reads and listings */
	pthread_mutex_t lock; /* of its log */
	struct record *log;
	size_t log_nr, log_max;
};

extern struct worker *worker;
extern unsigned int worker_nr;
extern __thread struct worker *self;

struct xattr {
	struct xattr *next;
	char name[XATTR_NAME_MAX + 1];
	size_t bytes;
	char value[];
};

/* A file or folder; its inode number is its index + 1, index 0 is the root. */
struct node {
	uint64_t nlookup; /* references that the kernel holds */
	uint64_t generation;
	fuse_ino_t parent;
	mode_t mode; /* 0: the node is free */
	uid_t uid;
	gid_t gid;
	bool linked;	      /* has a name */
	int fd;		      /* memfd with the contents, -1 for a folder */
	uint64_t size, alloc; /* alloc: furthest byte written or fallocated */
	struct timespec mtime;
	struct xattr *xattrs;
	char name[256];
};

extern pthread_mutex_t fs_lock; /* of all nodes */

/* --- service.c: settings, service times, the log */

uint64_t now_ns(void);

/* Gives each setting its default. */
void settings_init(void);
void settings_help(void);

/*
 * One word: NAME=VALUE, with suffix k, m or g for powers of 1024, or "flush".
 * 0 or -EINVAL.
 */
int setting_apply(const char *word);

/* Opens the log, emptied. 0 or -errno. */
int log_open(const char *path);
void log_add(const struct record *r);

/* Writes out what was logged since the last time, in order of arrival. */
void log_flush(void);

/*
 * Sleeps until the request that arrived at r->arrival_ns, of r->kind, is to be
 * answered; sets start_ns and end_ns.
 */
void serve(struct record *r);

/* True for the one delayed write that eio-at= wants to fail. */
bool eio_due(void);

/* --- names.c: nodes, and the requests that touch no contents */

void names_init(void);
struct node *node_get(fuse_ino_t ino);

/*
 * Lets what n holds reach up to byte alloc: 0 or -ENOSPC. fs_lock is held. Holes
 * below alloc count as full.
 */
int node_reserve(struct node *n, uint64_t alloc);

extern const struct fuse_lowlevel_ops names_ops;

#endif
