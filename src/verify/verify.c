// SPDX-License-Identifier: GPL-2.0-or-later
/* The round, and the observer of load threads. */
#include "verify/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/*
 * Less than that is free: ENOSPC has a cause. XFS sets aside the most that each write in
 * flight might need, and what it took past EOF is free again by the time we ask.
 */
#define FULL_BYTES (16u << 20)
#define FULL_LOOKS 40
#define FULL_NAP_NS 5000000 /* 200 ms in all */

/* What an operation in a slot of the queue needs until it comes back. */
struct verify_slot {
	uint32_t seq;		 /* of a write; tick of a sync */
	uint32_t tick;		 /* of a read */
	struct ledger_size size; /* ... too */
	uint32_t change;
	struct ledger_sector *was; /* of a read */
	size_t was_nr;
};

/* The state of a load thread's hooks. */
struct verify_load {
	struct verify *v;
	struct verify_thread *t;
	unsigned int iodepth;
	int first_call; /* on the board, by slot; -1: no room */
	pid_t tid;
	struct verify_slot slot[];
};

uint64_t verify_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

int verify_new(struct board *board, uint64_t run, struct verify **out)
{
	struct verify *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	v->board = board;
	v->run = run;
	*out = v;
	return 0;
}

void verify_files_close(struct verify *v)
{
	unsigned int i;

	for (i = 0; i < v->file_nr; i++) {
		struct verify_file *f = &v->file[i];

		if (f->direct_fd >= 0)
			close(f->direct_fd);
		if (f->cached_fd >= 0)
			close(f->cached_fd);
		f->direct_fd = f->cached_fd = -1;
	}
}

void verify_round_end(struct verify *v)
{
	unsigned int i;

	verify_antagonists_end(v);

	verify_files_close(v);
	for (i = 0; i < v->file_nr; i++) {
		ledger_free(v->file[i].ledger);
		free(v->file[i].path);
	}
	v->file_nr = 0;
	for (i = 0; i < v->thread_nr; i++)
		free(v->thread[i].file);
	free(v->thread);
	v->thread = NULL;
	v->thread_nr = 0;
	reading_free(v->reading);
	v->reading = NULL;
	board_clear_calls(v->board);
}

void verify_free(struct verify *v)
{
	if (v)
		verify_round_end(v);
	free(v);
}

/* ---- the round ---- */

int verify_round_begin(struct verify *v, const struct verify_round *r)
{
	v->round = *r;
	v->round.strict_append &= !verify_sizes_change(r->antagonists);
	v->generation++;
	v->searches = 0;
	v->crashed = v->recovered = false;
	v->no_memory = false;
	v->limit_bytes = UINT64_MAX;
	v->breaks_before = v->board->breaks;
	v->board->variant = r->variant;
	v->board->seed = r->seed;
	board_clear_calls(v->board);
	v->slot = board_slots(v->board, 1);
	v->thread = calloc(r->threads, sizeof(*v->thread));
	v->reading = reading_new();
	if (!v->thread || !v->reading)
		return -ENOMEM;
	v->thread_nr = r->threads;
	return 0;
}

struct verify_file *verify_file(struct verify *v)
{
	struct verify_file *f = &v->file[v->file_nr];
	struct stamp_file id = { .run = v->run,
				 .generation = v->generation,
				 .file = v->file_nr };

	if (v->file_nr == VERIFY_FILES_MAX)
		return NULL;
	memset(f, 0, sizeof(*f));
	f->v = v;
	f->direct_fd = f->cached_fd = -1;
	if (ledger_new(&id, v->round.crash, &f->ledger))
		return NULL;
	v->file_nr++;
	return f;
}

void verify_layout(void *ctx, void *buffer, uint64_t offset, size_t len)
{
	const unsigned int change = LEDGER_LAYOUT | LEDGER_EXTENDS;
	struct verify_file *f = ctx;
	uint32_t seq = ledger_begin(f->ledger, offset, len, change);

	board_begin(f->v->board, f->v->slot, gettid(), "layout", offset, (uint32_t)len);
	if (!seq)
		f->v->no_memory = true;
	stamp_fill(ledger_id(f->ledger), offset, seq, buffer, len);
	ledger_end(f->ledger, seq, offset, len, change, (int64_t)len);
}

int verify_file_open(struct verify_file *f)
{
	f->direct_fd = open(f->path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (f->direct_fd < 0)
		return -errno;
	f->cached_fd = open(f->path, O_RDONLY | O_CLOEXEC);
	return f->cached_fd < 0 ? -errno : 0;
}

int verify_file_ready(struct verify_file *f, const char *path)
{
	int rc;

	board_end(f->v->board, f->v->slot);
	f->path = strdup(path);
	if (!f->path)
		return -ENOMEM;
	rc = verify_file_open(f);
	if (rc)
		return rc;
	/* Blocks of other states have a size, too. */
	f->start_bytes = verify_stat_size(f);
	ledger_grow_begin(f->ledger, f->start_bytes);
	ledger_grow_end(f->ledger, 0, f->start_bytes);
	f->seen_bytes = f->start_bytes;
	pthread_mutex_init(&f->seen_lock, NULL);
	pthread_mutex_init(&f->resize_lock, NULL);
	return 0;
}

int verify_map(struct verify *v, unsigned int thread, unsigned int index,
	       struct verify_file *f)
{
	struct verify_thread *t = &v->thread[thread];

	if (index >= t->file_nr) {
		void *more = realloc(t->file, (index + 1) * sizeof(*t->file));

		if (!more)
			return -ENOMEM;
		t->file = more;
		t->file_nr = index + 1;
	}
	t->file[index] = f;
	return 0;
}

bool verify_judged(const struct verify *v)
{
	return !v->no_memory;
}

bool verify_found(const struct verify *v)
{
	return v->board->breaks != v->breaks_before;
}

int verify_load_begin(struct verify *v)
{
	return verify_antagonists_start(v);
}

void verify_load_end(struct verify *v)
{
	verify_antagonists_end(v);
	if (v->round.crash)
		verify_files_close(v);
}

int verify_read_file(struct verify_file *f, enum reading_when when)
{
	static const enum reading_how how[] = { READ_DIRECT, READ_CACHED, READ_MAPPED };
	struct verify *v = f->v;
	int64_t got = 1;
	uint64_t at;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++)
		for (at = 0, got = 1; got > 0; at += VERIFY_READ_BYTES) {
			board_begin(v->board, v->slot, gettid(), "reading back", at,
				    VERIFY_READ_BYTES);
			got = verify_check(f, v->reading, how[i], at, VERIFY_READ_BYTES,
					   when);
			board_end(v->board, v->slot);
			if (got < 0 && !rc)
				rc = (int)got;
		}
	return rc;
}

/* Acknowledged data that can't be read. */
static void read_failed(struct verify_file *f, const char *when, int err)
{
	board_broke(f->v->board, CONTRACT_ERROR, 0, 0, "%s%s: %s", f->path, when,
		    strerror(err));
}

int verify_read_back(struct verify *v)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < v->file_nr && !rc; i++) {
		verify_size_final(&v->file[i], false);
		rc = verify_read_file(&v->file[i], READ_BACK);
		if (rc)
			read_failed(&v->file[i], ", read back", -rc);
	}
	verify_files_close(v);
	return rc;
}

int verify_read_again(struct verify *v)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < v->file_nr && !rc; i++) {
		rc = verify_file_open(&v->file[i]);
		if (rc)
			break;
		/* What was cached is read from below. */
		(void)posix_fadvise(v->file[i].cached_fd, 0, 0, POSIX_FADV_DONTNEED);
		verify_size_final(&v->file[i], true);
		rc = verify_read_file(&v->file[i], READ_AGAIN);
		if (rc)
			read_failed(&v->file[i], ", opened and read again", -rc);
	}
	if (!rc)
		atomic_fetch_add(&v->board->rounds, 1);
	return rc;
}

/* ---- the observer ---- */

static int hook_open(void *ctx, unsigned int thread, unsigned int iodepth, void **state)
{
	struct verify *v = ctx;
	struct verify_load *l = calloc(1,
				       sizeof(*l) + iodepth * sizeof(struct verify_slot));

	if (!l)
		return -ENOMEM;
	l->v = v;
	l->t = &v->thread[thread];
	l->iodepth = iodepth;
	l->tid = gettid();
	if (!l->t->has_calls)
		l->t->first_call = board_slots(v->board, iodepth);
	l->t->has_calls = true;
	l->first_call = l->t->first_call;
	*state = l;
	return 0;
}

static void hook_round_end(void *state)
{
	struct verify_load *l = state;
	unsigned int i;

	/* After an error some may not have come back to us; they did to the driver. */
	for (i = 0; l && i < l->iodepth; i++) {
		board_end(l->v->board, l->first_call < 0 ? -1 : l->first_call + (int)i);
		free(l->slot[i].was);
	}
	free(l);
}

static void prepare_read(struct verify_load *l, struct verify_slot *s,
			 const struct load_op *op)
{
	size_t nr = op->len / STAMP_BYTES;
	void *more;

	s->size.cutting = true; /* says nothing */
	if (nr > s->was_nr) {
		more = realloc(s->was, nr * sizeof(*s->was));
		if (!more) {
			l->v->no_memory = true;
			return;
		}
		s->was = more;
		s->was_nr = nr;
	}
	ledger_size(l->t->file[op->file]->ledger, &s->size);
	ledger_copy(l->t->file[op->file]->ledger, op->offset, nr, s->was, &s->tick);
}

/* What a write of that class does. A straddle starts in what may be a gap's hole. */
static uint32_t verify_change(const struct load_class *c)
{
	bool append = c->is_extending && c->kind.base != KIND_STRADDLE;

	return LEDGER_EXTENDS | (append ? LEDGER_APPEND : 0) |
	       (c->kind.mods & KIND_DSYNC ? LEDGER_DSYNC : 0);
}

static void hook_prepare(void *state, const struct load_op *op, void *buffer)
{
	struct verify_load *l = state;
	struct verify_file *f = l->t->file[op->file];
	struct verify_slot *s = &l->slot[op->slot];

	if (op->class->is_sync) {
		s->seq = ledger_sync_begin(f->ledger);
	} else if (op->class->is_write) {
		s->change = verify_change(op->class);
		s->seq = ledger_begin(f->ledger, op->offset, op->len, s->change);
		if (!s->seq)
			l->v->no_memory = true;
		stamp_fill(ledger_id(f->ledger), op->offset, s->seq, buffer, op->len);
	} else {
		prepare_read(l, s, op);
	}
	board_begin(l->v->board, l->first_call < 0 ? -1 : l->first_call + op->slot,
		    l->tid, kind_row(op->class->kind.base)->name, op->offset, op->len);
}

/* What is free by now. */
static uint64_t free_bytes(const struct verify_file *f)
{
	struct statvfs vfs;

	return fstatvfs(f->direct_fd, &vfs) ? 0 : (uint64_t)vfs.f_bavail * vfs.f_frsize;
}

/*
 * Nothing is left for what failed: then it has its cause. XFS, when it comes to its end,
 * takes back what it had set aside past the ends of files, and gives it out again: for a
 * moment there is more.
 */
static bool is_full(const struct verify_file *f)
{
	const struct timespec nap = { 0, FULL_NAP_NS };
	unsigned int looks;

	for (looks = 0; looks < FULL_LOOKS; looks++) {
		if (free_bytes(f) < FULL_BYTES)
			return true;
		(void)nanosleep(&nap, NULL);
	}
	return false;
}

/* What a file system says that was shut down; or it did a part. */
static bool is_crash(const struct verify_load *l, const struct load_op *op)
{
	return l->v->crashed && op->res <= op->len &&
	       (op->res >= 0 || op->res == -EIO || op->res == -ESHUTDOWN ||
		op->res == -EROFS);
}

/* What a limit on the size of files makes of it: nothing past it, and all before it. */
static bool is_limited(const struct verify_load *l, const struct load_op *op)
{
	uint64_t limit = l->v->limit_bytes;

	if (op->res < 0)
		return op->res == -EFBIG && op->offset >= limit;
	return op->offset < limit && op->offset + (uint64_t)op->res == limit;
}

/* An error, or less than was asked. */
static void complete_not_whole(struct verify_load *l, const struct load_op *op)
{
	struct verify_file *f = l->t->file[op->file];
	char name[KIND_NAME_MAX];
	const char *kind = kind_print(op->class->kind, name);
	bool nowait = op->class->kind.mods & KIND_NOWAIT;
	struct board *b = l->v->board;

	if (op->res < 0 && op->ignored)
		return;
	if (op->res == -EAGAIN) {
		if (!nowait)
			board_broke(
				b, CONTRACT_EAGAIN, op->offset, op->len,
				"%s of %u bytes at offset %llu: EAGAIN, without RWF_NOWAIT\n",
				kind, op->len, (unsigned long long)op->offset);
	} else if (op->res == -EOPNOTSUPP && nowait) {
		/* A file system that has no RWF_NOWAIT. */
		return;
	} else if (op->class->is_write && is_limited(l, op)) {
		return;
	} else if (op->res < 0) {
		if (op->res != -ENOSPC || !is_full(f))
			board_broke(
				b, CONTRACT_ERROR, op->offset, op->len,
				"%s of %u bytes at offset %llu: %s; %llu bytes are free\n",
				kind, op->len, (unsigned long long)op->offset,
				strerror((int)-op->res),
				(unsigned long long)free_bytes(f));
	} else if (op->class->is_write || op->res > op->len) {
		/* Short for want of space; or, of NOWAIT, where it would wait. */
		if (op->res > op->len || !(nowait || is_full(f)))
			board_broke(b, CONTRACT_RESULT, op->offset, op->len,
				    "%s of %u bytes at offset %llu: the result is %lld\n",
				    kind, op->len, (unsigned long long)op->offset,
				    (long long)op->res);
	} else if (!op->class->is_sync && !nowait) {
		verify_read_short(f, &l->slot[op->slot].size, kind, op->offset, op->len,
				  op->res);
	}
}

static void acked(struct verify_load *l, struct verify_file *f, const struct load_op *op)
{
	uint32_t head = l->t->head;

	atomic_fetch_add_explicit(&l->v->board->writes, 1, memory_order_relaxed);
	if (head - l->t->tail == VERIFY_RING)
		return;
	l->t->ring[head % VERIFY_RING] = (struct verify_acked){ f, op->offset, op->len };
	l->t->head = head + 1;
}

static void hook_complete(void *state, const struct load_op *op)
{
	struct verify_load *l = state;
	struct verify_file *f = l->t->file[op->file];
	struct verify_slot *s = &l->slot[op->slot];

	board_end(l->v->board, l->first_call < 0 ? -1 : l->first_call + op->slot);
	board_checked(l->v->board, CONTRACT_RESULT, 1);
	if (op->class->is_write)
		ledger_end(f->ledger, s->seq, op->offset, op->len, s->change, op->res);
	if (op->res != (int64_t)op->len && !is_crash(l, op))
		complete_not_whole(l, op);
	if (op->res < 0)
		return;
	if (op->class->is_sync) {
		ledger_sync_end(f->ledger, s->seq);
	} else if (op->class->is_write) {
		verify_size_completed(f, s->seq, op->offset + (uint64_t)op->res);
		if (op->res == op->len)
			acked(l, f, op);
	} else if (s->was_nr >= op->len / STAMP_BYTES && op->res <= op->len) {
		verify_judge(f, s->was, s->tick, op->offset, op->buffer, (size_t)op->res,
			     READ_DIRECT, false);
	}
}

static void hook_again(void *state, const struct load_op *op, int64_t res)
{
	struct verify_load *l = state;
	char name[KIND_NAME_MAX];

	board_broke(
		l->v->board, CONTRACT_ONCE, op->offset, op->len,
		"%s of %u bytes at offset %llu: a second completion, with the result %lld\n",
		kind_print(op->class->kind, name), op->len,
		(unsigned long long)op->offset, (long long)res);
}

void verify_observer(struct verify *v, struct load_observer *out)
{
	*out = (struct load_observer){ .name = "verify",
				       .ctx = v,
				       .open = hook_open,
				       .prepare = hook_prepare,
				       .complete = hook_complete,
				       .again = hook_again,
				       .round_end = hook_round_end };
}
