// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slowfs: what fault.c shows instead of what is stored, and what blocks held before.
 * Both are bounded. A fault that heals leaves the truth where it is and covers it: so
 * it heals by the clock, at the exact time, and nobody has to do it.
 */
#include "slowfs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COVERS_MAX 1024
#define OLD_MAX 16384 /* blocks; consecutive ones of one file never collide */

struct cover {
	struct cover *next;
	fuse_ino_t ino;
	uint64_t offset, len, id, until_ns;
	bool buffered;
	char data[];
};

static struct cover *covers;
static unsigned int cover_nr;
static struct old olds[OLD_MAX];

static void cover_free(struct cover **at)
{
	struct cover *c = *at;

	*at = c->next;
	free(c);
	cover_nr--;
}

static void covers_expire(void)
{
	struct cover **at = &covers;
	uint64_t now = now_ns();

	while (*at)
		if ((*at)->until_ns <= now)
			cover_free(at);
		else
			at = &(*at)->next;
}

/* Puts a cover behind the last one, since later ones hide earlier ones. */
static struct cover *cover_new(fuse_ino_t ino, uint64_t offset, const char *data,
			       uint64_t len)
{
	struct cover *c = malloc(sizeof(*c) + len), **at = &covers;

	if (!c)
		return NULL;
	*c = (struct cover){ .ino = ino, .offset = offset, .len = len };
	memcpy(c->data, data, len);
	while (*at)
		at = &(*at)->next;
	*at = c;
	cover_nr++;
	return c;
}

bool overlay_add(fuse_ino_t ino, uint64_t offset, const char *data, uint64_t len,
		 uint64_t id, bool buffered)
{
	struct cover *c;

	covers_expire();
	if (cover_nr >= COVERS_MAX)
		return false;
	c = cover_new(ino, offset, data, len);
	if (!c)
		return false;
	c->id = id;
	c->until_ns = FOREVER_NS;
	c->buffered = buffered;
	return true;
}

void overlay_until(uint64_t id, uint64_t until_ns)
{
	struct cover *c;

	for (c = covers; c; c = c->next)
		if (c->id == id)
			c->until_ns = until_ns;
}

void overlay_cut(fuse_ino_t ino, uint64_t offset, uint64_t len)
{
	struct cover **at = &covers, *c, *rest;
	uint64_t end = len > UINT64_MAX - offset ? UINT64_MAX : offset + len;
	uint64_t c_end;

	while ((c = *at)) {
		c_end = c->offset + c->len;
		if (c->ino != ino || c_end <= offset || c->offset >= end) {
			at = &c->next;
			continue;
		}
		if (c_end > end) {
			rest = cover_new(ino, end, c->data + (end - c->offset),
					 c_end - end);
			if (rest) {
				rest->id = c->id;
				rest->until_ns = c->until_ns;
				rest->buffered = c->buffered;
			}
		}
		if (c->offset < offset) {
			c->len = offset - c->offset;
			at = &c->next;
		} else {
			cover_free(at);
		}
	}
}

void overlay_apply(fuse_ino_t ino, uint64_t offset, char *data, uint64_t len, bool direct)
{
	uint64_t from, to;
	struct cover *c;

	if (!covers)
		return;
	covers_expire();
	for (c = covers; c; c = c->next) {
		if (c->ino != ino || (direct && c->buffered))
			continue;
		from = c->offset > offset ? c->offset : offset;
		to = c->offset + c->len < offset + len ? c->offset + c->len :
							 offset + len;
		if (from < to)
			memcpy(data + (from - offset), c->data + (from - c->offset),
			       to - from);
	}
}

static struct old *old_slot(fuse_ino_t ino, uint64_t block)
{
	return &olds[(ino * 0x9e37 + block) % OLD_MAX];
}

struct old *old_find(fuse_ino_t ino, uint64_t block)
{
	struct old *old = old_slot(ino, block);

	return old->ino == ino && old->block == block ? old : NULL;
}

struct old *old_keep(struct node *n, uint64_t block, bool replace)
{
	struct old *old = old_slot(node_ino(n), block);
	bool mine = old->ino == node_ino(n) && old->block == block;

	if (old->ino && !replace)
		return mine ? old : NULL;
	if (!old->data)
		old->data = malloc(BLOCK);
	if (!old->data)
		return NULL;
	memset(old->data, 0, BLOCK);
	if (pread(n->fd, old->data, BLOCK, (off_t)(block * BLOCK)) < 0)
		return NULL;
	old->ino = node_ino(n);
	old->block = block;
	old->state = OLD_STORED;
	return old;
}

static int by_block(const void *a, const void *b)
{
	const struct old *x = *(struct old *const *)a, *y = *(struct old *const *)b;

	return (x->block > y->block) - (x->block < y->block);
}

void old_each(fuse_ino_t ino, void (*each)(struct old *old, void *data), void *data)
{
	static struct old *found[OLD_MAX];
	size_t i, nr = 0;

	for (i = 0; i < OLD_MAX; i++)
		if (olds[i].ino && (!ino || olds[i].ino == ino))
			found[nr++] = &olds[i];
	qsort(found, nr, sizeof(found[0]), by_block);
	for (i = 0; i < nr; i++)
		each(found[i], data);
}

void old_drop(struct old *old, void *unused)
{
	(void)unused;
	free(old->data);
	memset(old, 0, sizeof(*old));
}
