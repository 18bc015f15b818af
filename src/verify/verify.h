/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker of stress: an observer of load threads that stamps what they write
 * and judges what comes back, threads that read and disturb meanwhile, and the
 * reading back at the end of a round.
 *
 * The order of a round: verify_round_begin(); for each file verify_file(), then its
 * layout through verify_layout(), then verify_file_ready(); verify_map() for each
 * thread; verify_load_begin(), load with verify_observer(), verify_load_end();
 * verify_read_back() while the files are open, verify_read_again() after they were
 * closed; verify_round_end().
 */
#ifndef DIOWAIT_VERIFY_H
#define DIOWAIT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "load/op.h"
#include "verify/contract.h"

struct verify;
struct verify_file;

/* What a round is, for its findings, and what may be asked of it. */
struct verify_round {
	uint32_t variant;
	uint64_t seed;
	unsigned int threads; /* load threads */
	/*
	 * Appends are acknowledged in order and the size follows the data: zeros
	 * below EOF where an append is under way break a contract.
	 */
	bool strict_append;
	/*
	 * Replies to two who ask for the size may overtake each other (FUSE): what was
	 * seen of a write that is not acknowledged yet may be unseen again.
	 */
	bool sizes_race;
	/* The load ends in a crash: only what is durable supersedes what was there. */
	bool crash;
	const char *antagonists; /* names, comma between them; NULL: none */
	uint64_t block_bytes;	 /* of the file system: what antagonists align to */
	uint64_t sector_bytes;	 /* what a direct write is a multiple of */
};

/*
 * Findings and figures go to the board, which outlives it. run tells data of this
 * command from others'. 0 and *out, or -ENOMEM.
 */
int verify_new(struct board *board, uint64_t run, struct verify **out);
void verify_free(struct verify *v); /* takes NULL; no round is under way */

int verify_round_begin(struct verify *v, const struct verify_round *r);

/* A file of the round, before its layout. NULL: no memory. */
struct verify_file *verify_file(struct verify *v);

/* Stamps a part of the layout, which is then written at offset. ctx: the file. */
void verify_layout(void *ctx, void *buffer, uint64_t offset, size_t len);

/* The file is laid out, and lies at path. 0 or -errno. */
int verify_file_ready(struct verify_file *f, const char *path);

/* What load thread `thread` calls its file number `index` is f. 0 or -ENOMEM. */
int verify_map(struct verify *v, unsigned int thread, unsigned int index,
	       struct verify_file *f);

/* ctx is v. The observer is valid until verify_free(). */
void verify_observer(struct verify *v, struct load_observer *out);

/* Starts and ends the readers and antagonists. 0 or -errno. */
int verify_load_begin(struct verify *v);
void verify_load_end(struct verify *v);

/* Something broke in this round: the sooner the load ends, the more is left to see. */
bool verify_found(const struct verify *v);

/* False: memory was short, or a file too large for the ledger, and nothing is judged. */
bool verify_judged(const struct verify *v);

/* All sectors and sizes, while nobody writes. 0 or -errno: could not be read. */
int verify_read_back(struct verify *v);
int verify_read_again(struct verify *v);

/*
 * With round.crash, in place of reading back: verify_crashed() before the file system
 * is shut down in the middle of the load. What fails with EIO, ESHUTDOWN or EROFS from
 * then on, or is short, has its cause, and what is read proves nothing. The files are
 * closed by verify_load_end(). verify_recovered() when the file system is mounted
 * again at the same place: all files against what a crash may leave of them.
 */
void verify_crashed(struct verify *v);
void verify_recovered(struct verify *v);

/* st_blocks of the file at path, in bytes, is to be between the two. */
void verify_blocks(struct verify *v, const char *path, uint64_t is_bytes,
		   uint64_t least_bytes, uint64_t most_bytes);

void verify_round_end(struct verify *v);

/*
 * Whether text is a list of antagonists; if not, *bad is where the unknown one
 * begins. verify_antagonist() names the i-th (NULL: none more) and what it does.
 */
bool verify_antagonists_known(const char *text, const char **bad);
const char *verify_antagonist(size_t i, const char **help);

/* One of the list shares a file's blocks with others. */
bool verify_blocks_shared(const char *list);

/* One of the list moves EOF beside the load. */
bool verify_sizes_change(const char *list);

#endif
