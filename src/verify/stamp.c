// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sector is a head and words that follow from it. The hash (XXH3, 64 bits) is
 * over all but itself, so that a torn or flipped sector is not taken for one that
 * somebody wrote.
 */
#include "verify/stamp.h"

#include <string.h>
#include <xxhash.h>

#define STAMP_MAGIC 0x5761697464696f21ull
#define STAMP_WORDS (STAMP_BYTES / sizeof(uint64_t))

struct sector {
	uint64_t hash; /* of what follows */
	uint64_t magic;
	uint64_t run;
	uint64_t offset;
	uint32_t generation, file;
	uint32_t seq, zero;
	uint64_t word[STAMP_WORDS - 6];
};

_Static_assert(sizeof(struct sector) == STAMP_BYTES, "a sector is a sector");

/* Weyl sequence and xor: quick, and it never repeats within a sector. */
static void sector_make(const struct stamp *s, struct sector *out)
{
	uint64_t x = (s->id.run ^ s->offset << 20) + s->seq * 0x9e3779b97f4a7c15ull +
		     ((uint64_t)s->id.generation << 32 | s->id.file);
	size_t i;

	out->magic = STAMP_MAGIC;
	out->run = s->id.run;
	out->offset = s->offset;
	out->generation = s->id.generation;
	out->file = s->id.file;
	out->seq = s->seq;
	out->zero = 0;
	for (i = 0; i < sizeof(out->word) / sizeof(out->word[0]); i++) {
		x += 0x9e3779b97f4a7c15ull;
		out->word[i] = x ^ x >> 29;
	}
	out->hash = XXH3_64bits(&out->magic, sizeof(*out) - sizeof(out->hash));
}

void stamp_fill(const struct stamp_file *id, uint64_t offset, uint32_t seq, void *buffer,
		size_t len)
{
	struct stamp s = { .id = *id, .offset = offset, .seq = seq };
	char *at = buffer;

	for (; len >= STAMP_BYTES; len -= STAMP_BYTES) {
		sector_make(&s, (struct sector *)at);
		at += STAMP_BYTES;
		s.offset += STAMP_BYTES;
	}
}

enum stamp_found stamp_read(const void *sector, struct stamp *out)
{
	const struct sector *s = sector;

	if (s->magic != STAMP_MAGIC) {
		/* All bytes are alike, and the first is zero. */
		if (!s->hash &&
		    !memcmp(sector, (const char *)sector + 1, STAMP_BYTES - 1))
			return STAMP_ZERO;
		return STAMP_NONE;
	}
	*out = (struct stamp){ { s->run, s->generation, s->file }, s->offset, s->seq };
	return s->hash == XXH3_64bits(&s->magic, sizeof(*s) - sizeof(s->hash)) ?
		       STAMP_WHOLE :
		       STAMP_DAMAGED;
}

unsigned int stamp_distance_bits(const void *sector, const struct stamp *s)
{
	uint64_t want[STAMP_WORDS], is[STAMP_WORDS];
	unsigned int bits = 0;
	size_t i;

	sector_make(s, (struct sector *)want);
	memcpy(is, sector, sizeof(is));
	for (i = 0; i < STAMP_WORDS; i++)
		bits += (unsigned int)__builtin_popcountll(want[i] ^ is[i]);
	return bits;
}
