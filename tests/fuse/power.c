// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slowfs: a device with a cache that loses its content. With power=1 what is written is
 * volatile until an fsync. With power=2 it has lost its power: of what comes from then on
 * nothing stays, though nobody is told. power=3 shows what is left: all that came since is
 * what it was before, and of what was volatile then a half, drawn sector by sector; then it
 * is 1 again. With power=4 an fsync makes all durable but what diowait has stamped, and says it
 * did: file systems are whole then, and the data in them are not.
 */
#include "slowfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512

enum { POWER_OFF, POWER_VOLATILE, POWER_FAILED, POWER_SHOWN, POWER_LIES };

/* What a write has replaced. */
struct undo {
	struct undo *before; /* the write before it */
	fuse_ino_t ino;
	uint64_t generation, offset, len;
	bool late; /* without power */
	char old[];
};

static struct undo *newest;
static uint64_t lost_sectors, drawn;

void power_write(struct node *n, uint64_t offset, uint64_t len)
{
	struct undo *u;

	if (!set.power)
		return;
	u = calloc(1, sizeof(*u) + len);
	if (!u || pread(n->fd, u->old, len, (off_t)offset) < 0) {
		/* A device that forgets what it is to forget proves nothing. */
		perror("slowfs: power");
		abort();
	}
	u->before = newest;
	u->ino = node_ino(n);
	u->generation = n->generation;
	u->offset = offset;
	u->len = len;
	u->late = set.power == POWER_FAILED;
	newest = u;
}

static bool has_stamp(const struct node *n, const struct undo *u)
{
	char is[16];

	return pread(n->fd, is, sizeof(is), (off_t)u->offset) == sizeof(is) &&
	       is_stamped(is, sizeof(is));
}

void power_synced(const struct node *n)
{
	/* It may change meanwhile. */
	const uint64_t power = set.power;
	struct undo **at = &newest, *u;

	if (power != POWER_VOLATILE && power != POWER_LIES)
		return;
	while ((u = *at)) {
		if (u->ino != node_ino(n) || (power == POWER_LIES && has_stamp(n, u))) {
			at = &u->before;
			continue;
		}
		*at = u->before;
		free(u);
	}
}

/* One of two, the same for the same seed. */
static bool goes(void)
{
	return hash(set.fault_seed + ++drawn * 0x9e3779b97f4a7c15ull) & 1;
}

/* Sectors that several writes have replaced may end as any of them has it. */
static void take_back(const struct undo *u)
{
	struct node *n = node_get(u->ino);
	uint64_t at, part;

	if (!n || n->generation != u->generation)
		return;
	for (at = 0; at < u->len; at += part) {
		part = SECTOR - (u->offset + at) % SECTOR;
		if (part > u->len - at)
			part = u->len - at;
		if ((u->late || goes()) &&
		    pwrite(n->fd, u->old + at, part, (off_t)(u->offset + at)) ==
			    (ssize_t)part)
			lost_sectors += !u->late;
	}
}

void power_changed(void)
{
	struct undo *u;

	if (set.power != POWER_SHOWN)
		return;
	while ((u = newest)) {
		newest = u->before;
		take_back(u);
		free(u);
	}
	fprintf(stderr, "slowfs: power: %llu sectors lost\n",
		(unsigned long long)lost_sectors);
	lost_sectors = 0;
	set.power = POWER_VOLATILE;
}
