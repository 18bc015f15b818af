// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slowfs: wrong on purpose, to prove those who look for such faults.
 *
 *	--fault=NAME --fault-every=N --fault-seed=S --fault-heal-ms=M --fault-log=FILE
 *
 * About one eligible request in N is faulted: the hash of S and of the number of
 * eligible requests since fault= was set decides, so that it is not periodic, but the
 * same again where requests arrive in the same order. A fault that can't be planted in
 * the chosen request (the table says when) is planted in the next one where it can.
 * Writes above layout-above are never faulted. fault=none ends the planting; what is
 * planted stays until it heals.
 *
 * M 0: it lasts, until the place is written again. M > 0: M ms after the faulty answer
 * everything is as if nothing had happened. The kernel never learns a size that will
 * pass: before a GETATTR is answered with one, the inode is invalidated, so that
 * statx(2) reports it and the kernel's own i_size stays. A wrong size that lasts
 * becomes the kernel's own with the next statx(2); until then no write raises it, so
 * that it is seen as it was planted. In both cases statx(2) asks here
 * after each extending write, with or without AT_STATX_FORCE_SYNC; only with
 * AT_STATX_DONT_SYNC it reports the i_size that the kernel raised by itself.
 *
 * A line of the fault log is one wrong place, written before the request is answered:
 *	TIME FAULT INODE OFFSET LENGTH lasting|until=TIME WHAT
 * TIME in CLOCK_MONOTONIC ns. For a wrong size, OFFSET and LENGTH are what is between
 * it and the true one. WHAT is for people.
 *
 * fsync-lies and rolled-back act at the last close, that is when the kernel sends
 * RELEASE. It does so without being waited for; an open that follows waits for it,
 * up to OPEN_WAIT_MS.
 *
 * no-completion: a request that is held is answered with EINTR when the kernel
 * interrupts it (any signal to a thread in write(2)), with EIO when its process has
 * been killed or exits (asynchronous I/O is never interrupted: the process could not
 * end) and when slowfs ends.
 */
#include "fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512
#define REFUSED KIND_NR /* a write that got -ENOSPC, as a kind */
#define WRITES (1u << OVERWRITE | 1u << EXTEND)

const struct fault *fault;
struct draw draw;
static FILE *log_file;
struct service *services;
static bool held_used; /* a write is, or was, not answered */
uint64_t last_id;
static struct {
	char data[MAX_WRITE];
	uint64_t len;
} kept; /* the write before, for stale-extension */
static struct {
	uint64_t offset, len, generation;
} last; /* the same, for swapped */

uint64_t hash(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

uint64_t heal_ns(void)
{
	return set.fault_heal_ms * 1000 * NS_PER_US;
}

void log_place(const char *name, fuse_ino_t ino, uint64_t offset, uint64_t len,
	       uint64_t until_ns, const char *what)
{
	if (!log_file)
		return;
	fprintf(log_file, "%" PRIu64 " %s %" PRIu64 " %" PRIu64 " %" PRIu64 " ", now_ns(),
		name, (uint64_t)ino, offset, len);
	if (until_ns == FOREVER_NS)
		fprintf(log_file, "lasting %s\n", what);
	else
		fprintf(log_file, "until=%" PRIu64 " %s\n", until_ns, what);
	fflush(log_file);
}

bool drawn(unsigned int kind)
{
	uint64_t x;

	if (!fault || !(fault->kinds & 1u << kind))
		return false;
	x = hash(hash(set.fault_seed) + ++draw.seen * 0x9e3779b97f4a7c15ull);
	if (x <= UINT64_MAX / set.fault_every)
		draw.due = true;
	draw.random = hash(x);
	return draw.due;
}

static bool overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b + b_len && b < a + a_len;
}

bool busy(const struct node *n, uint64_t offset, uint64_t len, const struct service *s)
{
	const struct service *t;

	for (t = services; t; t = t->next)
		if (t != s && t->n == n && overlap(t->r->offset, t->len, offset, len))
			return true;
	return false;
}

/* --- what is stored */

/* From now on these bytes are read at offset. */
static bool wrong(struct service *s, uint64_t offset, const char *data, uint64_t len,
		  const char *what)
{
	struct place *p = &s->place[s->places];

	if (set.fault_heal_ms) {
		if (!overlay_add(node_ino(s->n), offset, data, len, s->id, false))
			return false;
	} else if (pwrite(s->n->fd, data, len, (off_t)offset) != (ssize_t)len) {
		return false;
	}
	*p = (struct place){ .offset = offset, .len = len };
	snprintf(p->what, sizeof(p->what), "%s", what);
	s->places++;
	return true;
}

static bool store_lost(struct service *s)
{
	return wrong(s, s->r->offset, s->old, s->len, "not stored");
}

static bool store_torn(struct service *s)
{
	uint64_t half = s->len / 2 / SECTOR * SECTOR;

	return half && wrong(s, s->r->offset + half, s->old + half, s->len - half,
			     "not stored, what is before it is");
}

static bool store_misdirected(struct service *s)
{
	uint64_t eof = fault_size(s->n), to = s->r->offset + s->len;

	if (to + s->len > eof || busy(s->n, to, s->len, s)) {
		if (s->r->offset < s->len || s->r->offset > eof)
			return false;
		to = s->r->offset - s->len;
		if (busy(s->n, to, s->len, s))
			return false;
	}
	return wrong(s, s->r->offset, s->old, s->len, "stored elsewhere") &&
	       wrong(s, to, s->data, s->len, "holds what belongs elsewhere");
}

static bool store_stale(struct service *s)
{
	char *data;
	uint64_t i;
	bool done;

	data = kept.len ? malloc(s->len) : NULL;
	if (!data)
		return false;
	for (i = 0; i < s->len; i++)
		data[i] = kept.data[i % kept.len];
	done = wrong(s, s->r->offset, data, s->len, "holds data of an earlier write");
	free(data);
	/* The form that passes is seen before the answer, inside a size too large. */
	if (done && set.fault_heal_ms && s->n->size < s->r->offset + s->len)
		s->n->size = s->r->offset + s->len;
	return done;
}

static bool store_zeros(struct service *s)
{
	char *data = calloc(1, s->len);
	bool done = data && wrong(s, s->r->offset, data, s->len, "reads zeros");

	free(data);
	return done;
}

static bool store_garbage(struct service *s)
{
	uint64_t eof = fault_size(s->n), at, i, x = draw.random;
	unsigned int tries;
	uint64_t data[BLOCK / 8];

	for (tries = 0; eof >= BLOCK && tries < 16; tries++) {
		x = hash(x + 1);
		at = x % (eof / BLOCK) * BLOCK;
		if (overlap(at, BLOCK, s->r->offset, s->len) || busy(s->n, at, BLOCK, s))
			continue;
		for (i = 0; i < BLOCK / 8; i++)
			data[i] = x = hash(x + 1);
		return wrong(s, at, (char *)data, BLOCK, "random bytes");
	}
	return false;
}

static bool store_neighbour(struct service *s)
{
	static const char zeros[BLOCK];
	uint64_t end = s->r->offset + s->len, eof = fault_size(s->n);
	uint64_t at = (end + BLOCK - 1) / BLOCK * BLOCK;

	if (at + BLOCK > eof || busy(s->n, at, BLOCK, s)) {
		at = s->r->offset / BLOCK * BLOCK;
		if (at < BLOCK || at > eof || busy(s->n, at - BLOCK, BLOCK, s))
			return false;
		at -= BLOCK;
	}
	return wrong(s, at, zeros, BLOCK, "zeroed by a write beside it");
}

static bool store_bitflip(struct service *s)
{
	uint64_t bit = draw.random % (s->len * 8);
	char byte = (char)(s->data[bit / 8] ^ 1 << bit % 8), what[32];

	snprintf(what, sizeof(what), "bit %u flipped", (unsigned int)(bit % 8));
	return wrong(s, s->r->offset + bit / 8, &byte, 1, what);
}

static bool store_eio(struct service *s)
{
	return wrong(s, s->r->offset, s->old, s->len, "not stored, nor is the size");
}

static bool store_swapped(struct service *s)
{
	uint64_t at = last.offset;
	const struct service *t;
	char *data;
	bool done;

	for (t = services; t; t = t->next)
		if (t->n == s->n && t->len == s->len && !t->fault &&
		    t->r->kind != LAYOUT && !busy(s->n, t->r->offset, t->len, t))
			break;
	if (t)
		at = t->r->offset;
	else if (last.generation != s->n->generation || last.len != s->len ||
		 busy(s->n, at, s->len, s))
		return false;
	if (overlap(at, s->len, s->r->offset, s->len))
		return false;
	data = calloc(1, s->len);
	if (!data || pread(s->n->fd, data, s->len, (off_t)at) < 0) {
		free(data);
		return false;
	}
	done = wrong(s, s->r->offset, data, s->len, "swapped with another write") &&
	       wrong(s, at, s->data, s->len, "swapped with another write");
	free(data);
	return done;
}

/* Only once; but a write that is merely late may be it at any time. */
static bool store_no_completion(struct service *s)
{
	if (!set.fault_heal_ms && held_used)
		return false;
	held_used |= !set.fault_heal_ms;
	s->place[0] = (struct place){ .offset = s->r->offset, .len = s->len };
	snprintf(s->place[0].what, sizeof(s->place[0].what), "%s",
		 set.fault_heal_ms ? "answered late" : "not answered");
	s->places = 1;
	return true;
}

/* Its block is copied when it is stored, and put back at the last close. */
static bool store_rolled_back(struct service *s)
{
	struct old *old = old_find(node_ino(s->n), s->r->offset / BLOCK);

	return old != NULL;
}

/* --- sizes */

uint64_t fault_size(struct node *n)
{
	struct node_fault *f = &n->fault;

	if (f->shown_until_ns && f->shown_until_ns <= now_ns())
		f->shown_until_ns = 0;
	return f->shown_until_ns ? f->shown : n->size;
}

void size_wrong(struct node *n, uint64_t size, uint64_t true_size)
{
	uint64_t from = size < true_size ? size : true_size;
	uint64_t until = FOREVER_NS;
	char what[80];

	if (set.fault_heal_ms) {
		until = now_ns() + heal_ns();
		n->fault.shown = size;
		n->fault.shown_until_ns = until;
		n->size = true_size;
	} else {
		n->size = size;
		n->fault.unseen = true;
	}
	snprintf(what, sizeof(what), "size %" PRIu64 ", not %" PRIu64, size, true_size);
	log_place(fault->name, node_ino(n), from, size + true_size - 2 * from, until,
		  what);
}

static bool size_late(struct service *s)
{
	uint64_t size = fault_size(s->n), end = s->r->offset + s->len;

	if (s->n->fault.shown_until_ns || size >= end)
		return false;
	size_wrong(s->n, size, end);
	return true;
}

static bool size_back(struct service *s)
{
	uint64_t size = fault_size(s->n), end = s->r->offset + s->len;
	uint64_t back = set.fault_back, nr = s->n->fault.grown_nr;

	if (s->n->fault.shown_until_ns || size >= end || !back || back > BACK_MAX ||
	    nr < back)
		return false;
	size_wrong(s->n, s->n->fault.before[(nr - back) % BACK_MAX], end);
	s->n->fault.grown_nr = 0;
	return true;
}

/* --- the table */

static const struct fault faults[] = {
	{ "size-late", "the size stays when an extending write is answered", 1u << EXTEND,
	  true, NULL, size_late },
	{ "lost", "a write is not stored", WRITES, true, store_lost, NULL },
	{ "torn", "only the first half of its sectors is stored (1024 bytes or more)",
	  WRITES, true, store_torn, NULL },
	{ "misdirected", "stored in the next place of its length, or the one before",
	  WRITES, true, store_misdirected, NULL },
	{ "stale-extension",
	  "its place holds the data of the write before, of any file; the form that\n"
	  "passes: until it is answered, M ms late, with the size raised",
	  1u << EXTEND, true, store_stale, NULL },
	{ "zeros", "its place reads zeros", WRITES, true, store_zeros, NULL },
	{ "size-back",
	  "when an extending write is answered, the size goes back to what it was\n"
	  "before the extending write before it (or as many before as fault-back has)",
	  1u << EXTEND, true, NULL, size_back },
	{ "garbage", "another block inside EOF holds random bytes", WRITES, true,
	  store_garbage, NULL },
	{ "neighbour", "the block after it, or before it, is zeroed", WRITES, true,
	  store_neighbour, NULL },
	{ "bitflip", "a bit is flipped", WRITES, true, store_bitflip, NULL },
	{ "no-completion", "never answered, once; or M ms late", WRITES, true,
	  store_no_completion, NULL },
	{ "eio-swallowed", "neither data nor size are stored", WRITES, false, store_eio,
	  NULL },
	{ "fsync-lies",
	  "at the last close all is gone that was written since the last true fsync",
	  1u << FSYNC, false, NULL, NULL },
	{ "old-read",
	  "reads without O_DIRECT get what a block held before it was overwritten,\n"
	  "until it is written again or M ms have passed",
	  1u << READ, true, NULL, NULL },
	{ "short-read",
	  "the first half is all that a read with O_DIRECT gets (1024 bytes or more)",
	  1u << READ, false, NULL, NULL },
	{ "read-eio", "a read with O_DIRECT gets EIO", 1u << READ, false, NULL, NULL },
	{ "enospc-size", "a write that got ENOSPC leaves the size raised to its end",
	  1u << REFUSED, true, NULL, NULL },
	{ "swapped", "it and the one before it, or one in service, change places", WRITES,
	  true, store_swapped, NULL },
	{ "rolled-back",
	  "at the last close a block that an fsync covered is as before the overwrite",
	  1u << OVERWRITE, false, store_rolled_back, NULL },
};
#define FAULTS_NR (sizeof(faults) / sizeof(faults[0]))

bool selected(const char *name)
{
	return fault && !strcmp(fault->name, name);
}

void fault_help(void)
{
	const char *line, *end;
	size_t i;

	printf("  %-29s %s\n", "fault=NAME", "answers wrongly, or \"none\":");
	for (i = 0; i < FAULTS_NR; i++) {
		printf("    %-27s ", faults[i].name);
		for (line = faults[i].help; (end = strchr(line, '\n')); line = end + 1)
			printf("%.*s\n%32s", (int)(end - line), line, "");
		printf("%s%s\n", line, faults[i].heals ? "" : "; no fault-heal-ms");
	}
}

static int heal_check(const struct fault *f, uint64_t ms)
{
	if (!f || f->heals || !ms)
		return 0;
	snprintf(setting_why, sizeof(setting_why),
		 "fault %s always lasts: fault-heal-ms has to be 0", f->name);
	return -EINVAL;
}

int fault_heal_check(uint64_t ms)
{
	return heal_check(fault, ms);
}

int fault_select(const char *name)
{
	const struct fault *f = NULL;
	struct node *n;
	int err = 0;
	size_t i;

	for (i = 0; i < FAULTS_NR; i++)
		if (!strcmp(faults[i].name, name))
			f = &faults[i];
	if (!f && strcmp(name, "none") != 0) {
		snprintf(setting_why, sizeof(setting_why),
			 "no such fault: slowfs --help lists them, or none");
		return -EINVAL;
	}
	pthread_mutex_lock(&fs_lock);
	err = heal_check(f, set.fault_heal_ms);
	if (!err) {
		fault = f;
		memset(&draw, 0, sizeof(draw));
		memset(&last, 0, sizeof(last));
		kept.len = 0;
		old_each(0, old_drop, NULL);
		for (i = 1; i <= NODES_MAX; i++) {
			n = node_get(i);
			n->fault.synced_size = n->size;
			n->fault.lied = n->fault.untracked = false;
		}
	}
	pthread_mutex_unlock(&fs_lock);
	return err;
}

int fault_log_open(const char *path)
{
	log_file = fopen(path, "we");
	return log_file ? 0 : -errno;
}

/* --- a write */

/* Before it is stored: copies of what its blocks hold, as the fault needs them. */
static void keep_old(const struct service *s, bool due)
{
	uint64_t block = s->r->offset / BLOCK, end = s->r->offset + s->len;
	struct old *old;

	for (; block * BLOCK < end; block++) {
		old = old_find(node_ino(s->n), block);
		if (selected("fsync-lies") && s->r->kind != LAYOUT) {
			if (!old_keep(s->n, block, false))
				s->n->fault.untracked = true;
			continue;
		}
		if (old)
			old_drop(old, NULL);
		if (s->r->kind != OVERWRITE)
			continue;
		if (selected("old-read") ||
		    (selected("rolled-back") && due && block == s->r->offset / BLOCK))
			old_keep(s->n, block, true);
	}
}

int64_t fault_store(struct service *s, const struct record *r, struct node *n,
		    const char *data, uint64_t len)
{
	char *old = NULL;
	int64_t res;
	bool due;

	*s = (struct service){ .r = r, .n = n, .data = data, .len = len };
	pthread_mutex_lock(&fs_lock);
	s->id = ++last_id;
	due = r->kind != LAYOUT && drawn(r->kind);
	if (fault)
		keep_old(s, due);
	if (due)
		s->old = old = calloc(1, len);
	if (old && pread(n->fd, old, len, (off_t)r->offset) < 0)
		due = false;
	overlay_cut(node_ino(n), r->offset, len);
	power_write(n, r->offset, len);
	res = pwrite(n->fd, data, len, (off_t)r->offset);
	if (res < 0)
		res = -errno;
	if (res > 0) {
		s->len = (uint64_t)res;
		if (due && old && fault->store && fault->store(s)) {
			s->fault = fault;
			draw.due = false;
		}
		if (selected("stale-extension")) {
			kept.len = s->len < MAX_WRITE ? s->len : MAX_WRITE;
			memcpy(kept.data, data, kept.len);
		}
		if (r->kind != LAYOUT) {
			last.offset = r->offset;
			last.len = s->len;
			last.generation = n->generation;
		}
		s->next = services;
		services = s;
	}
	s->old = NULL;
	free(old);
	pthread_mutex_unlock(&fs_lock);
	return res;
}

static bool is(const struct service *s, bool (*store)(struct service *s))
{
	return s->fault && s->fault->store == store;
}

void sleep_ns(uint64_t ns)
{
	struct timespec ts = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };

	while (nanosleep(&ts, &ts))
		;
}

void fault_linger(struct service *s)
{
	if (!set.fault_heal_ms)
		return;
	if (is(s, store_stale))
		fuse_lowlevel_notify_inval_inode(session, node_ino(s->n), -1, 0);
	if (is(s, store_no_completion) || is(s, store_stale))
		sleep_ns(heal_ns());
}

void service_end(const struct service *s)
{
	struct service **at = &services;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
}

/* The true size, or the one of a fault that is for sizes. */
static void size_update(struct service *s)
{
	struct node *n = s->n;
	uint64_t size = fault_size(n), end = s->r->offset + s->len;

	if (is(s, store_eio))
		return;
	if (fault && fault->size && s->r->kind != LAYOUT && draw.due &&
	    fault->kinds & 1u << s->r->kind && fault->size(s)) {
		draw.due = false;
		return;
	}
	if (s->r->kind == LAYOUT && n->fault.synced_size < end)
		n->fault.synced_size = end;
	if (size >= end || n->fault.unseen)
		return;
	if (s->r->kind == LAYOUT)
		n->fault.grown_nr = 0;
	else
		n->fault.before[n->fault.grown_nr++ % BACK_MAX] = size;
	n->fault.shown_until_ns = 0;
	n->fault.undo_due = false;
	if (n->size < end)
		n->size = end;
}

void fault_answer(struct service *s)
{
	uint64_t until = FOREVER_NS, block;
	struct old *old;
	unsigned int i;

	pthread_mutex_lock(&fs_lock);
	if (is(s, store_no_completion) && !set.fault_heal_ms) {
		/* Never: nothing becomes of it but what was stored. */
		log_place(s->fault->name, node_ino(s->n), s->place[0].offset,
			  s->place[0].len, until, s->place[0].what);
		pthread_mutex_unlock(&fs_lock);
		return;
	}
	size_update(s);
	if (s->fault && set.fault_heal_ms)
		until = is(s, store_stale) || is(s, store_no_completion) ?
				now_ns() :
				now_ns() + heal_ns();
	if (s->fault)
		overlay_until(s->id, until);
	for (i = 0; i < s->places; i++)
		log_place(s->fault->name, node_ino(s->n), s->place[i].offset,
			  s->place[i].len, until, s->place[i].what);
	for (block = s->r->offset / BLOCK; block * BLOCK < s->r->offset + s->len;
	     block++) {
		old = old_find(node_ino(s->n), block);
		if (old && old->state == OLD_STORED)
			old->state = OLD_ANSWERED;
	}
	service_end(s);
	pthread_mutex_unlock(&fs_lock);
}

void fault_refused(const struct record *r, struct node *n, uint64_t end)
{
	uint64_t size;

	pthread_mutex_lock(&fs_lock);
	size = fault_size(n);
	if (r->kind != LAYOUT && size < end && !n->fault.shown_until_ns &&
	    drawn(REFUSED)) {
		draw.due = false;
		n->fault.undo_due = true;
		n->fault.undo_size = size;
		/* The true size is the old one; size_wrong() keeps it. */
		size_wrong(n, end, size);
	}
	pthread_mutex_unlock(&fs_lock);
}

bool fault_hold(struct service *s, fuse_req_t req)
{
	if (!is(s, store_no_completion) || set.fault_heal_ms)
		return false;
	hold(s, req);
	return true;
}

void fault_end(void)
{
	hold_end();
	old_each(0, old_drop, NULL);
	if (log_file)
		fclose(log_file);
}
