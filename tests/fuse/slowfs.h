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
#define BACK_MAX 256
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
	X(eio_stamped, "eio-stamped", 0, \
	  "one in so many writes of a load of diowait stress: EIO; 0: off") \
	X(short_at, "short-at", 0, "a write across this offset ends at it; 0: off") \
	X(stall_ms, "stall-ms", 200, "how long a stall lasts") \
	X(stall_at_ms, "stall-at-ms", 0, "time from now to a stall; 0: none") \
	X(fault_every, "fault-every", 1000, \
	  "one eligible request in that many is faulted") \
	X(fault_back, "fault-back", 1, \
	  "size-back: over so many extending writes, 256 at most") \
	X(fault_seed, "fault-seed", 1, "which ones") \
	X(fault_heal_ms, "fault-heal-ms", 0, "faults pass after it; 0: they last") \
	X(power, "power", 0, "1: writes are volatile until fsync; 2 to 4: see power.c") \
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

/* What fault.c keeps of a file. */
struct node_fault {
	unsigned int opens;
	/* Until then the size is this one for all who ask; size is the true one. */
	uint64_t shown, shown_until_ns;
	bool unseen; /* size is wrong to stay, and no statx(2) has asked for it yet */
	uint64_t before[BACK_MAX]; /* sizes before the last grown_nr extending writes */
	uint64_t grown_nr;
	bool undo_due;	    /* the kernel may take back the size of a write that failed */
	uint64_t undo_size; /* ... to this */
	uint64_t synced_size; /* of the last true fsync */
	bool lied, untracked; /* not all is known that was written since that one */
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
	struct node_fault fault;
	char name[256];
};

extern pthread_mutex_t fs_lock; /* of all nodes, and of fault.c and overlay.c */
extern struct fuse_session *session;

/* --- service.c: settings, service times, the log */

uint64_t now_ns(void);

/* Gives each setting its default. */
void settings_init(void);
void settings_help(void);

/*
 * One word: NAME=VALUE, with suffix k, m or g for powers of 1024, fault=NAME, or
 * "flush". 0 or -EINVAL; then setting_why says what would be right, or is "".
 */
int setting_apply(const char *word);
extern __thread char setting_why[160];

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

/* True for the one delayed write that eio-at= wants to fail, and for those of eio-stamped=. */
bool eio_due(const char *data, uint64_t len);

/* The finaliser of splitmix64: fault.c. */
uint64_t hash(uint64_t x);

/* Whether diowait stress has written it. */
bool is_stamped(const char *data, uint64_t len);

/* --- names.c: nodes, and the requests that touch no contents */

void names_init(void);
struct node *node_get(fuse_ino_t ino);
fuse_ino_t node_ino(const struct node *n);

/*
 * Lets what n holds reach up to byte alloc: 0 or -ENOSPC. fs_lock is held. Holes
 * below alloc count as full.
 */
int node_reserve(struct node *n, uint64_t alloc);

extern const struct fuse_lowlevel_ops names_ops;

/* --- fault.c: wrong answers, on purpose; fault.c begins with what they are */

struct fault;

/* One write in service. Filled in by fault_store(). */
struct service {
	struct service *next;
	const struct record *r;
	struct node *n;
	const char *data, *old; /* len bytes each; old: of its place before it */
	uint64_t len, id;
	const struct fault *fault; /* that is planted with it, or NULL */
	struct place {
		uint64_t offset, len;
		char what[80];
	} place[2]; /* what is wrong, for the log */
	unsigned int places;
};

/* Selects a fault by name, or "none". 0 or -EINVAL and setting_why. */
int fault_select(const char *name);

/* Whether fault-heal-ms=ms goes with the fault that is selected. As above. */
int fault_heal_check(uint64_t ms);
int fault_log_open(const char *path);
void fault_help(void);

/*
 * Stores len bytes of a write, rightly or not, and lists it as being in service.
 * Bytes or -errno; if 0 or less, fault_answer() must not be called.
 */
int64_t fault_store(struct service *s, const struct record *r, struct node *n,
		    const char *data, uint64_t len);

/* To be called before the service time is served. */
void fault_linger(struct service *s);

/* The write is about to be answered: raises the file's size, or not. */
void fault_answer(struct service *s);

/* A write that was to end at end got -ENOSPC. */
void fault_refused(const struct record *r, struct node *n, uint64_t end);

/* True: the write is not to be answered; that is done when req has to be freed. */
bool fault_hold(struct service *s, fuse_req_t req);

/*
 * Reads len bytes, all inside EOF, and what is wrong with them; -errno, or how many the answer
 * has. direct: the descriptor is O_DIRECT.
 */
int64_t fault_read(const struct record *r, struct node *n, char *data, size_t len,
		   bool direct);
void fault_synced(struct node *n);
void fault_opened(struct node *n);
void fault_closed(struct node *n);

/* With fs_lock held: the size that is seen. */
uint64_t fault_size(struct node *n);

/* A GETATTR is to be answered: makes the kernel forget a size that will pass. */
void fault_stat(fuse_ino_t ino);

/* With fs_lock held. True: setting this size is not to be obeyed. */
bool fault_truncate(struct node *n, uint64_t size, bool by_descriptor);

/* With fs_lock held: the size, now n->size, or contents changed by other means. */
void fault_resized(struct node *n);
void fault_punched(struct node *n, uint64_t offset, uint64_t len);
void fault_forget(struct node *n);

/* Answers what is held. No request is in service any more. */
void fault_end(void);

/* --- overlay.c: bytes that reads show in place of what is stored, for a time; and
 * copies of what blocks held. With fs_lock held, all of them. */

#define FOREVER_NS UINT64_MAX

/* Bytes from offset on until overlay_until(); buffered: not for O_DIRECT. */
bool overlay_add(fuse_ino_t ino, uint64_t offset, const char *data, uint64_t len,
		 uint64_t id, bool buffered);
void overlay_until(uint64_t id, uint64_t until_ns);

/* What is written is no longer hidden. */
void overlay_cut(fuse_ino_t ino, uint64_t offset, uint64_t len);
void overlay_apply(fuse_ino_t ino, uint64_t offset, char *data, uint64_t len,
		   bool direct);

struct old {
	fuse_ino_t ino; /* 0: unused */
	uint64_t block;
	enum { OLD_STORED, OLD_ANSWERED, OLD_SYNCED } state;
	char *data; /* BLOCK bytes */
};

/* The copy of a block, or NULL. */
struct old *old_find(fuse_ino_t ino, uint64_t block);

/*
 * Copies what n holds at a block. With replace the copy is made anew, and another
 * file's may go for it; without, the first one stays. NULL: no room for it.
 */
struct old *old_keep(struct node *n, uint64_t block, bool replace);

/* Calls each() for the copies of a file, in the order of blocks. ino 0: all. */
void old_each(fuse_ino_t ino, void (*each)(struct old *old, void *data), void *data);
void old_drop(struct old *old, void *unused);

/* ---- power.c; with fs_lock held, all of them ---- */

/* What lies in n at [offset, offset + len) is about to be written over. */
void power_write(struct node *n, uint64_t offset, uint64_t len);
/* n was asked for its fsync. */
void power_synced(const struct node *n);
/* The setting has changed. */
void power_changed(void);

#endif
