/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target is one file (or block device) of a round: how it is laid out, where
 * its regions lie, where it ends. Operations take their places from streams.
 * EOF here is the end of everything submitted so far, not st_size.
 */
#ifndef DIOWAIT_TARGET_H
#define DIOWAIT_TARGET_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/plan.h"
#include "load/skew.h"
#include "load/scratch.h"
#include "workload/workload.h"

#define TARGET_XATTR "user.diowait"

/*
 * Fills the len bytes at buffer, which are then written to offset of a target: its
 * layout. ctx is whoever wants that.
 */
typedef void target_stamp_fn(void *ctx, void *buffer, uint64_t offset, size_t len);

/* What direct I/O asks for in a directory or on a device. */
struct target_limits {
	uint32_t block_bytes;  /* of the file system */
	uint32_t sector_bytes; /* direct I/O's offset and length alignment */
	uint32_t mem_bytes;    /* ... and that of its buffers */
	bool cached;	       /* direct writes go through the page cache */
	bool interruptible;    /* a submission may sleep so that a signal ends it */
};

/* What all the jobs together that use a target want of it. */
struct target_spec {
	char *path;			/* as the user knows it; owned */
	size_t dir_len;			/* path[0 .. dir_len) is its directory */
	const struct workload_job *job; /* that uses it first, for errors; borrowed */
	bool virt;			/* null engine: no file at all */
	bool keep;			/* unlink=0: lies at path itself, marked, stays */
	bool destroy_data;		/* a block device may be overwritten */
	bool mix;
	uint64_t size_bytes; /* laid out (mix), or offset + size (no mix) */
	/* mix: states below EOF in mix order, with the sum of their weights. */
	enum kind_state order[KIND_STATE_NR];
	double weight[KIND_STATE_NR]; /* by position in order[] */
	unsigned int order_nr;
	uint64_t round_bytes;	 /* regions are multiples of this (bs) */
	bool shift_eof;		 /* EOF one sector past a block: extending +unaligned */
	bool starts_inside;	 /* an extending kind starts inside EOF: straddle */
	uint64_t least_bytes;	 /* ... four times what can be in flight in it */
	uint64_t grown_bytes;	 /* extend_wait: space grown beforehand; a power of two */
	uint64_t prealloc_bytes; /* KEEP_SIZE space past EOF */
	bool unchecked;		 /* fallocate=none: may be larger than what is free */
	/* no mix */
	int fallocate; /* enum workload_fallocate */
	bool overwrite;
	bool bare;   /* create_on_open: nothing is laid out */
	bool append; /* file_append: starts at the old EOF */
};

/*
 * What stands for the inode's lock and its count of direct I/O in flight, where a
 * job has extend_wait. The lock is fair: who wants it takes a number.
 */
struct target_model {
	_Atomic uint32_t next, serving; /* numbers */
	_Atomic uint32_t readers;	/* that hold it */
	_Atomic uint32_t in_flight;	/* submitted, and not taken off its queue */
};

struct target_region {
	uint64_t start, bytes;
	_Atomic uint64_t used; /* cursor: bytes (ascending) or draws (random) */
};

struct target_extents {
	bool known;
	uint64_t count, written_bytes, unwritten_bytes, delalloc_bytes;
};

struct target {
	struct target_spec spec;
	struct target_limits limits;
	struct scratch *scratch; /* that holds it; NULL: kept, device, virt */
	char *real_path;	 /* where it lies this round; NULL: virt */
	int fd;			 /* layout's, held so that the last close is ours */
	target_stamp_fn *stamp;	 /* in: makes the layout's contents; NULL: any do */
	void *stamp_ctx;
	bool is_block;
	bool again;	    /* in: made by this run before, so not to be reused */
	bool reused;	    /* a kept file of an earlier run */
	bool was_reused;    /* ... when it was opened before */
	uint64_t old_eof;   /* before the layout: 0, or a reused file's size */
	uint64_t start_eof; /* before the first write */
	_Atomic uint64_t eof;
	uint64_t prealloc_end;
	uint64_t grown_start; /* spec.grown_bytes from here on are written */
	_Atomic uint64_t grown_used;
	struct target_model model;
	struct target_region region[KIND_STATE_NR]; /* by state */
	/* no mix: state of every block, enum kind_state; with eof under map_lock */
	uint8_t *map;
	pthread_mutex_t map_lock;
	uint64_t map_blocks;
	unsigned int block_shift;
	uint64_t size_before; /* st_size */
	struct target_extents before;
	char *note; /* something the reader must know; NULL: nothing */
};

/*
 * Refuses what can be refused before anything is made: a foreign file at the
 * path, a device that is mounted, an alignment that can't be had. bs and kinds
 * of the job are checked against the limits. 0 or -errno with err.
 */
int target_check_path(const struct target_spec *spec, struct load_error *err);
int target_check_job(const struct target_limits *lim, const struct workload_job *job,
		     struct load_error *err);

/* The same for a block device: it has written blocks and an end, no more. */
int target_check_device_job(const struct workload_job *job, struct load_error *err);

/* Bytes that layout and preallocation will take from the file system. */
uint64_t target_layout_bytes(const struct target_spec *spec);

/* Tries the directory through a file of s: alignment, O_DIRECT, page cache. */
int target_probe_dir(struct scratch *s, const char *dir, struct target_limits *lim,
		     struct load_error *err);

/* The same for a block device that is open. */
int target_probe_device(int fd, struct target_limits *lim);

/*
 * Makes the target as its spec says: creates (in s, or at its path), lays out,
 * syncs, waits for an idle device. `stop` is looked at between writes (-EINTR).
 * 0 or -errno with err; target_close() then undoes what was done.
 */
int target_open(struct target *t, struct scratch *s, const volatile int *stop,
		struct load_error *err);

/* A descriptor of a load thread's own. flags: O_DSYNC, O_SYNC. -errno. */
int target_open_fd(const struct target *t, int flags);

/* st_size now; extents now (not known where FIEMAP is not). */
uint64_t target_size(const struct target *t);
void target_extents(const struct target *t, struct target_extents *out);

/* Closes the file for a moment, as if that was all, and opens it again. 0 or -errno. */
int target_reopen(struct target *t);

/* Closes; a file in a scratch is removed. Takes a half-opened target. */
void target_close(struct target *t);

/* ---- places ---- */

enum target_how {
	TARGET_NOWHERE,	    /* a sync, or a region too small for one write */
	TARGET_RANDOM,	    /* permutation of a region, by the plan's i */
	TARGET_SKEWED,	    /* as random_distribution has it, by the same */
	TARGET_PART_RANDOM, /* as percentage_random has it */
	TARGET_ASCENDING,   /* round and round through a region */
	TARGET_CONSUME,	    /* once through a region, ascending */
	TARGET_CONSUME_RANDOM,
	TARGET_EOF,
	TARGET_EOF_PREALLOC, /* inside the KEEP_SIZE space only */
	TARGET_GROWN	     /* as at EOF, round and round in what has grown before */
};

/* Where one kind of one thread finds its places in one file. */
struct target_stream {
	struct target *target;
	enum target_how how;
	struct target_region *region;
	struct target_region own; /* a job without mix: the thread's alone */
	uint64_t base, bytes;	  /* RANDOM: of the region, shift included */
	uint64_t unit_bytes;	  /* RANDOM: of a position */
	uint64_t stride_bytes;	  /* CONSUME_RANDOM: of a position */
	uint64_t shift_bytes;	  /* +unaligned of a whole-block bs: one sector */
	uint64_t half_mask;	  /* EOF: start is EOF + (len / 2 & mask) * eof_halves */
	int64_t eof_halves;
	bool is_sync;
	struct plan_order order;
	struct skew skew;
	uint64_t random_limit; /* PART_RANDOM: draws below are random */
	uint64_t next_bytes;   /* ... and where the others go, in the region */
};

void target_stream_init(struct target_stream *s, struct target *t,
			const struct workload_job *job, struct kind kind,
			unsigned int thread);

/* The order of a job without mix, over [offset, offset + size), or the file's part of it. */
void target_stream_init_fio(struct target_stream *s, struct target *t,
			    const struct workload_job *job, unsigned int thread);

/* target_place() of every other kind of stream than the two that it inlines. */
int target_place_other(struct target_stream *s, uint64_t i, uint32_t *len,
		       uint64_t *offset);

/*
 * Place of operation i with *len bytes (cut at the region's end, where lengths
 * are not fixed). 0, or -ENODATA when a consumable region is used up.
 */
static inline int target_place(struct target_stream *s, uint64_t i, uint32_t *len,
			       uint64_t *offset, bool fixed)
{
	if (s->how == TARGET_RANDOM) {
		uint64_t at = plan_order_next(&s->order, i) * s->unit_bytes;

		*offset = s->base + at;
		if (!fixed && at + *len > s->bytes)
			*len = (uint32_t)(s->bytes - at);
		return 0;
	}
	if (s->how == TARGET_EOF) {
		int64_t ahead = (int64_t)(*len / 2 & s->half_mask) * s->eof_halves;

		*offset = (uint64_t)ahead +
			  atomic_fetch_add_explicit(&s->target->eof,
						    *len + (uint64_t)ahead,
						    memory_order_relaxed);
		return 0;
	}
	return target_place_other(s, i, len, offset);
}

/*
 * The write that took its place at EOF from s did not happen, or only res of its
 * len bytes: EOF goes back, unless later ones were placed behind it. False then.
 */
bool target_give_back(struct target_stream *s, uint64_t offset, uint32_t len,
		      int64_t res);

/*
 * What a write at [offset, offset + len) is, by block map and EOF: the weakest
 * state it covers counts. Then the blocks are written and EOF has moved. Of
 * threads that write the same place one is the first.
 */
struct kind target_classify(struct target *t, uint64_t offset, uint32_t len);

#endif
