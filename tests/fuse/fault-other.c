// SPDX-License-Identifier: GPL-2.0-or-later
/* slowfs: what faults are in requests other than writes: reads, fsyncs, closes, sizes. */
#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define OPEN_WAIT_MS 200

/* From now on buffered reads of these blocks get what was there before. */
static void read_old(const struct record *r, struct node *n)
{
	uint64_t block = r->offset / BLOCK, until = FOREVER_NS, id;
	fuse_ino_t ino = node_ino(n);
	struct old *old;

	for (; block * BLOCK < r->offset + r->len; block++) {
		old = old_find(ino, block);
		if (!old || old->state != OLD_ANSWERED ||
		    busy(n, block * BLOCK, BLOCK, NULL) || !drawn(READ))
			continue;
		id = ++last_id;
		if (!overlay_add(ino, block * BLOCK, old->data, BLOCK, id, true))
			return;
		draw.due = false;
		if (set.fault_heal_ms)
			until = now_ns() + heal_ns();
		overlay_until(id, until);
		old_drop(old, NULL);
		log_place(fault->name, ino, block * BLOCK, BLOCK, until,
			  "as before the last write");
	}
}

/* How many of len bytes, all inside EOF, this read gets. */
static size_t read_short(const struct record *r, struct node *n, size_t len)
{
	if (len < 1024 || !drawn(READ))
		return len;
	draw.due = false;
	log_place(fault->name, node_ino(n), r->offset + len / 2, len - len / 2,
		  FOREVER_NS, "not read");
	return len / 2;
}

int64_t fault_read(const struct record *r, struct node *n, char *data, size_t len,
		   bool direct)
{
	int64_t res;

	pthread_mutex_lock(&fs_lock);
	if (selected("old-read") && !direct)
		read_old(r, n);
	if (selected("read-eio") && direct && drawn(READ)) {
		draw.due = false;
		log_place(fault->name, node_ino(n), r->offset, len, FOREVER_NS, "EIO");
		pthread_mutex_unlock(&fs_lock);
		return -EIO;
	}
	res = pread(n->fd, data, len, (off_t)r->offset);
	if (res < 0)
		res = -errno;
	else
		overlay_apply(node_ino(n), r->offset, data, len, direct);
	/* What the memfd has no bytes for is a hole. */
	if (res >= 0)
		res = (int64_t)(selected("short-read") && direct ? read_short(r, n, len) :
								   len);
	pthread_mutex_unlock(&fs_lock);
	return res;
}

static void old_count(struct old *old, void *nr)
{
	(void)old;
	++*(unsigned int *)nr;
}

static void old_cover(struct old *old, void *unused)
{
	(void)unused;
	if (old->state == OLD_ANSWERED)
		old->state = OLD_SYNCED;
}

void fault_synced(struct node *n)
{
	fuse_ino_t ino = node_ino(n);
	unsigned int blocks = 0;
	char what[80];

	pthread_mutex_lock(&fs_lock);
	if (selected("rolled-back")) {
		old_each(ino, old_cover, NULL);
	} else if (selected("fsync-lies")) {
		old_each(ino, old_count, &blocks);
		if (drawn(FSYNC) && blocks && !n->fault.untracked) {
			draw.due = false;
			n->fault.lied = true;
			snprintf(what, sizeof(what), "lied about %u blocks", blocks);
			log_place(fault->name, ino, 0, 0, FOREVER_NS, what);
		} else {
			old_each(ino, old_drop, NULL);
			n->fault.synced_size = n->size;
			n->fault.lied = n->fault.untracked = false;
		}
	}
	pthread_mutex_unlock(&fs_lock);
}

static void old_return(struct old *old, void *node)
{
	struct node *n = node;

	if (!selected("fsync-lies") && old->state != OLD_SYNCED)
		return;
	if (pwrite(n->fd, old->data, BLOCK, (off_t)(old->block * BLOCK)) == BLOCK)
		log_place(fault->name, old->ino, old->block * BLOCK, BLOCK, FOREVER_NS,
			  "as before the write");
}

/* The last close. True: the size may have changed. */
static bool undo(struct node *n)
{
	uint64_t size = n->size;

	if (selected("rolled-back")) {
		old_each(node_ino(n), old_return, n);
		old_each(node_ino(n), old_drop, NULL);
	}
	if (!selected("fsync-lies") || !n->fault.lied)
		return false;
	old_each(node_ino(n), old_return, n);
	old_each(node_ino(n), old_drop, NULL);
	n->fault.lied = n->fault.untracked = false;
	if (n->fault.synced_size < size)
		size_wrong(n, n->fault.synced_size, size);
	return true;
}

void fault_opened(struct node *n)
{
	unsigned int ms;

	pthread_mutex_lock(&fs_lock);
	for (ms = 0; fault && n->fault.opens && ms < OPEN_WAIT_MS &&
		     (n->fault.lied || selected("rolled-back"));
	     ms++) {
		pthread_mutex_unlock(&fs_lock);
		sleep_ns(1000 * NS_PER_US);
		pthread_mutex_lock(&fs_lock);
	}
	n->fault.opens++;
	pthread_mutex_unlock(&fs_lock);
}

void fault_closed(struct node *n)
{
	bool tell = false;

	pthread_mutex_lock(&fs_lock);
	if (!--n->fault.opens)
		tell = undo(n);
	pthread_mutex_unlock(&fs_lock);
	if (tell)
		fuse_lowlevel_notify_inval_inode(session, node_ino(n), -1, 0);
}

void fault_stat(fuse_ino_t ino)
{
	struct node *n = node_get(ino);
	bool passes;

	pthread_mutex_lock(&fs_lock);
	fault_size(n);
	passes = n->fault.shown_until_ns;
	pthread_mutex_unlock(&fs_lock);
	if (passes)
		fuse_lowlevel_notify_inval_inode(session, ino, -1, 0);
}

/* After an asynchronous extending write that failed, the kernel truncates. */
bool fault_truncate(struct node *n, uint64_t size, bool by_descriptor)
{
	bool undo_due = n->fault.undo_due;

	n->fault.undo_due = false;
	return undo_due && by_descriptor && size == n->fault.undo_size;
}

static void old_beyond(struct old *old, void *node)
{
	if (old->block * BLOCK >= ((struct node *)node)->size)
		old_drop(old, NULL);
}

void fault_resized(struct node *n)
{
	n->fault.shown_until_ns = 0;
	n->fault.unseen = false;
	n->fault.grown_nr = 0;
	n->fault.synced_size = n->size;
	overlay_cut(node_ino(n), n->size, UINT64_MAX);
	if (fault)
		old_each(node_ino(n), old_beyond, n);
}

void fault_punched(struct node *n, uint64_t offset, uint64_t len)
{
	uint64_t block;
	struct old *old;

	overlay_cut(node_ino(n), offset, len);
	for (block = offset / BLOCK; fault && block * BLOCK < offset + len; block++) {
		old = old_find(node_ino(n), block);
		if (old)
			old_drop(old, NULL);
	}
}

void fault_forget(struct node *n)
{
	overlay_cut(node_ino(n), 0, UINT64_MAX);
	if (fault)
		old_each(node_ino(n), old_drop, NULL);
}
