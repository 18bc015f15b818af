/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operation does to its file. One row in kind.c is one kind: the
 * grammar, the plan, the layout and the report read the row and never the name.
 */
#ifndef DIOWAIT_KIND_H
#define DIOWAIT_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Order is the order of the table in kind.c and of rows in reports. */
enum kind_base {
	KIND_OVERWRITE,
	KIND_UNWRITTEN,
	KIND_HOLE,
	KIND_APPEND,
	KIND_APPEND_PREALLOC,
	KIND_STRADDLE,
	KIND_GAP,
	KIND_READ,
	KIND_FDATASYNC,
	KIND_FSYNC,
	KIND_BASE_NR
};

/* Modifiers, bits, printed in this order after the kind's name. */
enum kind_mod {
	KIND_UNALIGNED = 1 << 0, /* sector aligned, not block aligned */
	KIND_DSYNC = 1 << 1,	 /* RWF_DSYNC, or a file opened O_DSYNC */
	KIND_NOWAIT = 1 << 2,	 /* RWF_NOWAIT */
};

/* Where the operation's offset comes from. */
enum kind_place {
	KIND_PLACE_INSIDE, /* a region laid out below EOF */
	KIND_PLACE_EOF,	   /* the cursor at EOF, moved by eof_halves */
	KIND_PLACE_NONE	   /* no offset: a sync */
};

/* What a region below EOF holds before the kind comes to it. */
enum kind_state {
	KIND_STATE_HOLE,
	KIND_STATE_UNWRITTEN,
	KIND_STATE_WRITTEN,
	KIND_STATE_NR
};

struct kind {
	uint8_t base; /* enum kind_base */
	uint8_t mods; /* enum kind_mod bits */
};

struct kind_row {
	const char *name;
	enum kind_place place;
	enum kind_state state; /* of the region (inside), or of the space past EOF */
	int eof_halves;	       /* place EOF: start = EOF + eof_halves * bs / 2 */
	bool is_write;
	bool is_sync;
	bool consumes; /* each block of the region is used once */
	bool in_mix;   /* may be a member of mix= */
	const char *help;
};

/* Row of a base kind; never NULL for base < KIND_BASE_NR. */
const struct kind_row *kind_row(unsigned int base);

/* True for a write that ends past EOF: append, append-prealloc, straddle, gap. */
static inline bool kind_is_extending(struct kind k)
{
	return kind_row(k.base)->place == KIND_PLACE_EOF;
}

static inline bool kind_same(struct kind a, struct kind b)
{
	return a.base == b.base && a.mods == b.mods;
}

/* Longest name that kind_print() makes, with its NUL. */
#define KIND_NAME_MAX 48

/*
 * Prints "append+unaligned+dsync" into buf (at least KIND_NAME_MAX bytes);
 * returns buf.
 */
char *kind_print(struct kind k, char *buf);

/*
 * Reads KIND[+MOD]... from the len bytes at text. 0; -EINVAL when the kind is
 * unknown, -EBADMSG when a modifier is; *bad then names the offending word
 * (points into text, *bad_len bytes). Modifiers may come in any order.
 */
int kind_parse(const char *text, size_t len, struct kind *out, const char **bad,
	       size_t *bad_len);

#endif
