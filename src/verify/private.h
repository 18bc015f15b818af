/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of verify/ share. */
#ifndef DIOWAIT_VERIFY_PRIVATE_H
#define DIOWAIT_VERIFY_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "verify/ledger.h"
#include "verify/verify.h"

#define VERIFY_FILES_MAX 32
#define VERIFY_READ_BYTES 65536u /* at most in one checked read */
#define VERIFY_RING 1024u	 /* acknowledged writes that wait to be read */

struct verify_file {
	struct verify *v;
	struct ledger *ledger;
	char *path;
	int direct_fd, cached_fd;    /* both for reading; -1: not open */
	uint64_t start_bytes;	     /* its size when the load began */
	pthread_mutex_t resize_lock; /* who truncates or shifts: one at a time */
	pthread_mutex_t seen_lock;
	uint64_t seen_bytes; /* the largest size that anybody saw ... */
	uint32_t seen_cuts;  /* ... since this cut */
};

/* An acknowledged write. */
struct verify_acked {
	struct verify_file *f;
	uint64_t offset;
	uint32_t len;
};

/* A load thread's: from it to the reader of what was acknowledged. */
struct verify_thread {
	struct verify_file **file; /* by its own index */
	unsigned int file_nr;
	/* One writer, one reader; what doesn't fit is not read at once. */
	struct verify_acked ring[VERIFY_RING];
	_Atomic uint32_t head, tail;
	/* On the board, one an operation in flight; the same in all segments of the round. */
	int first_call;
	bool has_calls;
};

/* A thread that reads or disturbs. */
struct antagonist {
	const struct antagonist_row *row;
	struct verify *v;
	pthread_t pthread;
	bool started;
	int slot; /* on the board */
	pid_t tid;
	uint64_t random;
	uint64_t turn;
	int fd; /* its own, for writing; -1 */
	void *memory;
	struct reading *reading;
};

struct verify {
	struct board *board;
	uint64_t run;
	uint32_t generation;
	struct verify_round round;
	uint64_t breaks_before; /* of other rounds */
	struct verify_file file[VERIFY_FILES_MAX];
	unsigned int file_nr;
	struct verify_thread *thread;
	unsigned int thread_nr;
	struct antagonist *antagonist;
	unsigned int antagonist_nr;
	_Atomic bool stop;	       /* antagonists come home */
	_Atomic uint64_t limit_bytes;  /* RLIMIT_FSIZE, by us; UINT64_MAX: none */
	struct rlimit limit_was;       /* ... before that */
	_Atomic unsigned int searches; /* of whole files, in this round */
	_Atomic bool crashed;	       /* ... and what fails or is read proves nothing */
	bool recovered;		       /* ... until here */
	_Atomic bool no_memory;	       /* the ledger is incomplete: nothing is judged */
	struct reading *reading;       /* of read-back */
	int slot;
};

enum reading_how { READ_DIRECT, READ_CACHED, READ_MAPPED };

/* Beside the load; when nobody writes any more; and after the file was closed and opened. */
enum reading_when { READ_BESIDE, READ_BACK, READ_AGAIN };

/* ---- verify.c ---- */

/* All of it by all ways. 0 or -errno. */
int verify_read_file(struct verify_file *f, enum reading_when when);

/* For reading, at its path; both descriptors of all files. 0 or -errno. */
int verify_file_open(struct verify_file *f);
void verify_files_close(struct verify *v);

/* ---- check.c ---- */

/* Memory for one read and what was expected of it. NULL: none. */
struct reading *reading_new(void);
void reading_free(struct reading *r);

/*
 * Reads len bytes (whole sectors, at most VERIFY_READ_BYTES) at offset and holds them
 * against the ledger, and what is not read against the size. What is wrong goes to the
 * board. Returns bytes read, or -errno.
 */
int64_t verify_check(struct verify_file *f, struct reading *r, enum reading_how how,
		     uint64_t offset, size_t len, enum reading_when when);

/* What a load thread's own read was handed: was and tick as copied before it. */
void verify_judge(struct verify_file *f, const struct ledger_sector *was, uint32_t tick,
		  uint64_t offset, const void *buffer, size_t len, enum reading_how how,
		  bool again);

/* ---- size.c ---- */

/* st_size now; UINT64_MAX when it can't be had. */
uint64_t verify_stat_size(const struct verify_file *f);

/* Looks at the size, from anywhere, at any time. */
void verify_size_look(struct verify_file *f);

/* ... at the completion of a write that ended at `end`. */
void verify_size_completed(struct verify_file *f, uint32_t seq, uint64_t end);

/*
 * What has read `got` bytes of len at offset, where the size that it began with was at least
 * before's: those there were, unless the file was cut meanwhile. how is for the finding.
 */
void verify_read_short(struct verify_file *f, const struct ledger_size *before,
		       const char *how, uint64_t offset, size_t len, int64_t got);

/* ... when nobody writes any more; again: after it was closed and opened. */
void verify_size_final(struct verify_file *f, bool again);

/* ---- antagonist.c ---- */

int verify_antagonists_start(struct verify *v);

void verify_antagonists_end(struct verify *v);

/* ---- for all ---- */

uint64_t verify_random(uint64_t *state);

/* ---- extents.c ---- */

/*
 * Lines about the extents around [offset, offset + len) of the file, its places on the
 * device in bytes; nothing where there is no FIEMAP. Returns their length, below size.
 */
size_t verify_extents(const char *path, uint64_t offset, uint64_t len, char *text,
		      size_t size);

#endif
