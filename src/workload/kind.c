/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/kind.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/*
 * The one place where a kind is defined. eof_halves counts halves of bs from
 * EOF to the start of the write: a straddle starts half a bs before it, a gap
 * one whole bs behind it.
 */
static const struct kind_row kind_rows[KIND_BASE_NR] = {
	[KIND_OVERWRITE] = {
		.name = "overwrite",
		.place = KIND_PLACE_INSIDE,
		.state = KIND_STATE_WRITTEN,
		.is_write = true,
		.in_mix = true,
		.help = "writes blocks inside EOF that are written already",
	},
	[KIND_UNWRITTEN] = {
		.name = "unwritten",
		.place = KIND_PLACE_INSIDE,
		.state = KIND_STATE_UNWRITTEN,
		.is_write = true,
		.consumes = true,
		.in_mix = true,
		.help = "writes fallocated blocks inside EOF, each once",
	},
	[KIND_HOLE] = {
		.name = "hole",
		.place = KIND_PLACE_INSIDE,
		.state = KIND_STATE_HOLE,
		.is_write = true,
		.consumes = true,
		.in_mix = true,
		.help = "writes holes inside EOF, each block once",
	},
	[KIND_APPEND] = {
		.name = "append",
		.place = KIND_PLACE_EOF,
		.state = KIND_STATE_HOLE,
		.eof_halves = 0,
		.is_write = true,
		.in_mix = true,
		.help = "starts at EOF, where no block is allocated",
	},
	[KIND_APPEND_PREALLOC] = {
		.name = "append-prealloc",
		.place = KIND_PLACE_EOF,
		.state = KIND_STATE_UNWRITTEN,
		.eof_halves = 0,
		.is_write = true,
		.consumes = true,
		.in_mix = true,
		.help = "starts at EOF, in space that fallocate KEEP_SIZE reserved",
	},
	[KIND_STRADDLE] = {
		.name = "straddle",
		.place = KIND_PLACE_EOF,
		.state = KIND_STATE_HOLE,
		.eof_halves = -1,
		.is_write = true,
		.in_mix = true,
		.help = "starts bs/2 inside EOF and ends past it",
	},
	[KIND_GAP] = {
		.name = "gap",
		.place = KIND_PLACE_EOF,
		.state = KIND_STATE_HOLE,
		.eof_halves = 2,
		.is_write = true,
		.in_mix = true,
		.help = "starts one bs past EOF and leaves a hole behind it",
	},
	[KIND_READ] = {
		.name = "read",
		.place = KIND_PLACE_INSIDE,
		.state = KIND_STATE_WRITTEN,
		.in_mix = true,
		.help = "reads blocks inside EOF that are written already",
	},
	[KIND_FDATASYNC] = {
		.name = "fdatasync",
		.place = KIND_PLACE_NONE,
		.is_sync = true,
		.in_mix = true,
		.help = "flushes data, and the size where it changed",
	},
	[KIND_FSYNC] = {
		.name = "fsync",
		.place = KIND_PLACE_NONE,
		.is_sync = true,
		.help = "flushes data and metadata; made by fsync=, not by mix=",
	},
};

static const struct {
	unsigned int bit;
	const char *name;
} kind_mods[] = {
	{ KIND_UNALIGNED, "unaligned" },
	{ KIND_DSYNC, "dsync" },
	{ KIND_NOWAIT, "nowait" },
};

#define KIND_MODS_NR (sizeof(kind_mods) / sizeof(kind_mods[0]))

const struct kind_row *kind_row(unsigned int base)
{
	assert(base < KIND_BASE_NR);
	return &kind_rows[base];
}

char *kind_print(struct kind k, char *buf)
{
	char *p = stpcpy(buf, kind_row(k.base)->name);
	size_t i;

	for (i = 0; i < KIND_MODS_NR; i++) {
		if (!(k.mods & kind_mods[i].bit))
			continue;
		*p++ = '+';
		p = stpcpy(p, kind_mods[i].name);
	}
	assert(p < buf + KIND_NAME_MAX);
	return buf;
}

static bool word_is(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !memcmp(name, text, len);
}

static int base_parse(const char *text, size_t len)
{
	unsigned int i;

	for (i = 0; i < KIND_BASE_NR; i++) {
		if (word_is(kind_rows[i].name, text, len))
			return (int)i;
	}
	return -EINVAL;
}

/* 0 for a word that is no modifier. */
static unsigned int mod_parse(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < KIND_MODS_NR; i++) {
		if (word_is(kind_mods[i].name, text, len))
			return kind_mods[i].bit;
	}
	return 0;
}

/* Length of the word at text: up to the next '+' or the end. */
static size_t word_len(const char *text, size_t len)
{
	const char *plus = memchr(text, '+', len);

	return plus ? (size_t)(plus - text) : len;
}

int kind_parse(const char *text, size_t len, struct kind *out, const char **bad,
	       size_t *bad_len)
{
	const char *end = text + len;
	size_t n = word_len(text, len);
	struct kind k = { 0 };
	int base = base_parse(text, n);

	*bad = text;
	*bad_len = n;
	if (base < 0)
		return -EINVAL;
	k.base = (uint8_t)base;
	for (text += n; text < end; text += n) {
		unsigned int bit;

		text++; /* the '+' */
		n = word_len(text, (size_t)(end - text));
		bit = mod_parse(text, n);
		*bad = text;
		*bad_len = n;
		/* The same word twice is a slip, too: say so, don't guess. */
		if (!bit || (k.mods & bit))
			return -EBADMSG;
		k.mods |= (uint8_t)bit;
	}
	*out = k;
	return 0;
}
