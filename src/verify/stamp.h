/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stress writes: every sector says who wrote it, where to, and when, and is
 * recognized wherever it turns up. Pure: no clock, no file.
 */
#ifndef DIOWAIT_STAMP_H
#define DIOWAIT_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_BYTES 512u /* one sector, the least that direct I/O writes */

/* What all sectors of a file have in common. */
struct stamp_file {
	uint64_t run;	     /* of the command: another run's data are foreign */
	uint32_t generation; /* of the file: each round has fresh ones */
	uint32_t file;	     /* number in the round */
};

/* What one sector says of itself. */
struct stamp {
	struct stamp_file id;
	uint64_t offset; /* where in the file it belongs, bytes */
	uint32_t seq;	 /* of the write: unique in its file */
};

enum stamp_found {
	STAMP_WHOLE,   /* a sector as it was written, whoever wrote it */
	STAMP_ZERO,    /* nothing but zeros */
	STAMP_DAMAGED, /* the head is a stamp's, and what follows is not */
	STAMP_NONE     /* no stamp at all */
};

/*
 * Fills len bytes (whole sectors) at buffer with the sectors that write seq puts at
 * offset. What follows the head is a function of the head: no two sectors are alike.
 */
void stamp_fill(const struct stamp_file *id, uint64_t offset, uint32_t seq, void *buffer,
		size_t len);

/* What a sector is; *out is what its head says, valid for WHOLE and DAMAGED. */
enum stamp_found stamp_read(const void *sector, struct stamp *out);

/* Bits in which the sector differs from the one that s stands for. */
unsigned int stamp_distance_bits(const void *sector, const struct stamp *s);

#endif
