// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that read, and threads that disturb, while the load runs. A row each; a
 * turn of its function is one deed, which it says to the ledger first.
 */

#include "verify/private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define US 1000u /* ns */
#define LIMIT_BYTES (512u << 10)
#define MEMORY_BYTES (128u << 20)
#define GROW_BLOCKS_MAX 32	   /* so little that writes soon extend again */
#define CUT_BYTES_MAX (256u << 10) /* behind the end, at most, at once */

struct antagonist_row {
	const char *name, *help;
	void (*turn)(struct antagonist *a);
	uint64_t pause_ns; /* between turns */
	unsigned int threads;
	bool always;
	bool sizes; /* it changes the size, so that zeros below EOF are legal */
};

/* ---- what all use ---- */

static struct verify_file *a_file(struct antagonist *a)
{
	return &a->v->file[verify_random(&a->random) % a->v->file_nr];
}

/* A place in the file, whole blocks; false: it is too small. */
static bool a_place(struct antagonist *a, const struct verify_file *f, uint64_t len,
		    uint64_t *offset)
{
	uint64_t size = verify_stat_size(f), block = a->v->round.block_bytes;

	if (size == UINT64_MAX || size < len + block)
		return false;
	*offset = verify_random(&a->random) % ((size - len) / block) * block;
	return true;
}

static uint64_t a_len(struct antagonist *a, unsigned int blocks_max)
{
	return (verify_random(&a->random) % blocks_max + 1) * a->v->round.block_bytes;
}

static void a_begin(struct antagonist *a, uint64_t offset, uint64_t len)
{
	board_begin(a->v->board, a->slot, a->tid, a->row->name, offset, (uint32_t)len);
}

static void a_end(struct antagonist *a)
{
	board_end(a->v->board, a->slot);
}

/* What the ledger has no memory for can't be done, and nothing be judged any more. */
static bool a_known(struct antagonist *a, uint32_t seq)
{
	if (!seq)
		a->v->no_memory = true;
	return seq;
}

static int a_fd(struct antagonist *a, const struct verify_file *f, int flags)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = open(f->path, O_RDWR | O_CLOEXEC | flags);
	return a->fd;
}

/* What fails, and has no cause. Of what is shut down everything does. */
static void a_failed(struct antagonist *a, const struct verify_file *f, const char *what,
		     uint64_t offset, uint64_t len, int64_t res)
{
	if (res < 0 && !a->v->crashed)
		board_broke(a->v->board, CONTRACT_ERROR, offset, len,
			    "%s: %s of %llu bytes at offset %llu, by %s: %s\n", f->path,
			    what, (unsigned long long)len, (unsigned long long)offset,
			    a->row->name, strerror((int)-res));
}

static void a_read(struct antagonist *a, struct verify_file *f, enum reading_how how,
		   uint64_t offset, uint64_t len)
{
	int64_t got;

	a_begin(a, offset, len);
	got = verify_check(f, a->reading, how, offset, len, READ_BESIDE);
	a_end(a);
	a_failed(a, f, "a read", offset, len, got);
}

/* ---- readers ---- */

/* Reads what was just acknowledged; each fourth write through the page cache. */
static void turn_acked(struct antagonist *a)
{
	struct verify *v = a->v;
	const struct timespec nap = { 0, 100 * US };
	unsigned int i, taken = 0;

	for (i = 0; i < v->thread_nr; i++) {
		struct verify_thread *t = &v->thread[i];
		struct verify_acked w;
		uint64_t from, end;

		if (t->head == t->tail)
			continue;
		w = t->ring[t->tail % VERIFY_RING];
		t->tail++;
		taken++;
		/* Direct reads are of blocks. */
		from = w.offset / v->round.block_bytes * v->round.block_bytes;
		end = (w.offset + w.len + v->round.block_bytes - 1) /
		      v->round.block_bytes * v->round.block_bytes;
		for (; from < end; from += VERIFY_READ_BYTES)
			a_read(a, w.f, a->turn % 4 == 3 ? READ_CACHED : READ_DIRECT, from,
			       end - from < VERIFY_READ_BYTES ? end - from :
								VERIFY_READ_BYTES);
	}
	if (!taken)
		(void)nanosleep(&nap, NULL);
}

/* Where it grows: the last blocks, and what may come behind them. */
static void turn_tail(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint64_t size = verify_stat_size(f), block = a->v->round.block_bytes, from;

	if (size == UINT64_MAX)
		return;
	from = size / block * block;
	from -= from < 8 * block ? from : 8 * block;
	a_read(a, f, a->turn % 3 ? READ_DIRECT : READ_CACHED, from, 16 * block);
}

static void turn_size(struct antagonist *a)
{
	struct verify_file *f = a_file(a);

	a_begin(a, 0, 0);
	verify_size_look(f);
	a_end(a);
}

static void turn_reader(struct antagonist *a, enum reading_how how)
{
	struct verify_file *f = a_file(a);
	uint64_t len = a_len(a, 8), offset;

	if (a_place(a, f, len, &offset))
		a_read(a, f, how, offset, len);
}

static void turn_direct(struct antagonist *a)
{
	turn_reader(a, READ_DIRECT);
}

static void turn_buffered(struct antagonist *a)
{
	turn_reader(a, READ_CACHED);
}

static void turn_mmap(struct antagonist *a)
{
	turn_reader(a, READ_MAPPED);
}

/* ---- changes ---- */

/* Writes through the page cache. */
static void turn_writer(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint64_t len = a_len(a, 4), offset;
	ssize_t done;
	uint32_t seq;

	if (len > VERIFY_READ_BYTES || !a_place(a, f, len, &offset) || a_fd(a, f, 0) < 0)
		return;
	seq = ledger_begin(f->ledger, offset, len, LEDGER_EXTENDS);
	if (!a_known(a, seq))
		return;
	stamp_fill(ledger_id(f->ledger), offset, seq, a->memory, len);
	a_begin(a, offset, len);
	done = pwrite(a->fd, a->memory, len, (off_t)offset);
	if (done < 0)
		done = -errno;
	a_end(a);
	ledger_end(f->ledger, seq, offset, len, LEDGER_EXTENDS, done);
	if (done != -ENOSPC && done != -EFBIG)
		a_failed(a, f, "a buffered write", offset, len, done);
}

static void turn_fsync(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint32_t tick;

	if (a_fd(a, f, 0) < 0)
		return;
	tick = ledger_sync_begin(f->ledger);
	a_begin(a, 0, 0);
	if (!(a->turn % 2 ? fsync(a->fd) : fdatasync(a->fd)))
		ledger_sync_end(f->ledger, tick);
	a_end(a);
}

static void turn_open(struct antagonist *a)
{
	struct verify_file *f = a_file(a);

	a_begin(a, 0, 0);
	(void)a_fd(a, f, a->turn % 2 ? O_DIRECT : 0);
	a_end(a);
}

/* The flag of a descriptor changes while it is read through, both ways. */
static void turn_fcntl(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint64_t block = a->v->round.block_bytes, offset;

	if (!a_place(a, f, block, &offset) || a_fd(a, f, 0) < 0)
		return;
	a_begin(a, offset, block);
	(void)fcntl(a->fd, F_SETFL, O_DIRECT);
	(void)pread(a->fd, a->memory, block, (off_t)offset);
	(void)fcntl(a->fd, F_SETFL, 0);
	(void)pread(a->fd, a->memory, block, (off_t)offset);
	a_end(a);
}

/* What is to grow may be cut, when it has grown further meanwhile. */
static void a_truncate(struct antagonist *a, bool up)
{
	struct verify_file *f = a_file(a);
	uint64_t size = verify_stat_size(f), block = a->v->round.block_bytes, to;
	uint32_t seq;
	int rc;

	if (size == UINT64_MAX || a_fd(a, f, 0) < 0)
		return;
	to = verify_random(&a->random) % (CUT_BYTES_MAX / block) * block;
	if (up)
		to = size + a_len(a, GROW_BLOCKS_MAX);
	else
		to = size > to + f->start_bytes ? size - to : f->start_bytes;
	/* The ledger knows of one at a time. */
	(void)pthread_mutex_lock(&f->resize_lock);
	seq = ledger_truncate_begin(f->ledger, to);
	if (a_known(a, seq)) {
		a_begin(a, to, 0);
		rc = ftruncate(a->fd, (off_t)to);
		a_end(a);
		ledger_truncate_end(f->ledger, seq, to, !rc);
	}
	(void)pthread_mutex_unlock(&f->resize_lock);
}

static void turn_truncate(struct antagonist *a)
{
	a_truncate(a, false);
}

static void turn_grow(struct antagonist *a)
{
	a_truncate(a, true);
}

/* fallocate that leaves zeros in [offset, offset + len), inside EOF. */
static void a_zero(struct antagonist *a, int mode)
{
	struct verify_file *f = a_file(a);
	uint64_t len = a_len(a, 8), offset;
	uint32_t seq;
	int rc;

	if (!a_place(a, f, len, &offset) || a_fd(a, f, 0) < 0)
		return;
	seq = ledger_begin(f->ledger, offset, len, LEDGER_ZERO);
	if (!a_known(a, seq))
		return;
	a_begin(a, offset, len);
	rc = fallocate(a->fd, mode, (off_t)offset, (off_t)len) ? -errno : 0;
	a_end(a);
	ledger_end(f->ledger, seq, offset, len, LEDGER_ZERO, rc ? rc : (int64_t)len);
}

static void turn_punch(struct antagonist *a)
{
	a_zero(a, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
}

static void turn_zero(struct antagonist *a)
{
	a_zero(a, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE);
}

/*
 * Blocks are put in, and taken out again: what is behind them moves. What is taken out is
 * inside EOF, and the file gets no shorter than it was.
 */
static void turn_shift(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint64_t len = a_len(a, 8), offset;
	bool insert = a->turn % 2 == 0;
	int rc;

	(void)pthread_mutex_lock(&f->resize_lock);
	if (!a_place(a, f, len, &offset) || a_fd(a, f, 0) < 0 ||
	    (!insert && verify_stat_size(f) < f->start_bytes + len))
		goto out;
	ledger_shift_begin(f->ledger, offset, len, insert);
	a_begin(a, offset, len);
	rc = fallocate(a->fd, insert ? FALLOC_FL_INSERT_RANGE : FALLOC_FL_COLLAPSE_RANGE,
		       (off_t)offset, (off_t)len);
	rc = rc ? -errno : 0;
	a_end(a);
	ledger_shift_end(f->ledger, offset, len, insert, rc);
out:
	(void)pthread_mutex_unlock(&f->resize_lock);
}

/*
 * Its blocks belong to another file, too, which has no name and goes at once: what writes
 * there next has to write elsewhere.
 */
static void turn_clone(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	const char *slash = strrchr(f->path, '/');
	char *dir = slash ? strndup(f->path, (size_t)(slash - f->path)) : NULL;
	int fd = dir ? open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600) : -1;

	free(dir);
	if (fd < 0 || a_fd(a, f, 0) < 0)
		goto out;
	a_begin(a, 0, 0);
	(void)ioctl(fd, FICLONE, a->fd);
	a_end(a);
out:
	if (fd >= 0)
		close(fd);
}

/* Shared blocks become the file's own again; what is in them stays. */
static void turn_unshare(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint64_t len = a_len(a, 64), offset;

	if (!a_place(a, f, len, &offset) || a_fd(a, f, 0) < 0)
		return;
	a_begin(a, offset, len);
	(void)fallocate(a->fd, FALLOC_FL_UNSHARE_RANGE, (off_t)offset, (off_t)len);
	a_end(a);
}

/* Space past EOF, and each fourth time with the size. */
static void turn_falloc(struct antagonist *a)
{
	struct verify_file *f = a_file(a);
	uint64_t size = verify_stat_size(f), len = a_len(a, 64);
	bool keep = a->turn % 4 != 3;
	struct ledger_size before;
	int rc;

	if (size == UINT64_MAX || a_fd(a, f, 0) < 0)
		return;
	ledger_size(f->ledger, &before);
	if (!keep)
		ledger_grow_begin(f->ledger, size + len);
	a_begin(a, size, len);
	rc = fallocate(a->fd, keep ? FALLOC_FL_KEEP_SIZE : 0, (off_t)size, (off_t)len);
	a_end(a);
	if (!rc && !keep && !before.cutting)
		ledger_grow_end(f->ledger, before.cuts, size + len);
}

/*
 * Files may grow by so much and no more, and in the middle of a block: the write that
 * comes there is short. SIGXFSZ is ignored.
 */
static void turn_limit(struct antagonist *a)
{
	struct verify *v = a->v;
	uint64_t size = verify_stat_size(&v->file[0]);
	struct rlimit now;

	if (v->limit_bytes != UINT64_MAX || size == UINT64_MAX ||
	    getrlimit(RLIMIT_FSIZE, &v->limit_was))
		return;
	now = v->limit_was;
	now.rlim_cur = size / v->round.block_bytes * v->round.block_bytes + LIMIT_BYTES +
		       v->round.sector_bytes;
	v->limit_bytes = now.rlim_cur;
	if (setrlimit(RLIMIT_FSIZE, &now))
		v->limit_bytes = UINT64_MAX;
}

/* ---- the machine ---- */

/* Keeps one processor busy with others of its kind. */
static void turn_cpu(struct antagonist *a)
{
	uint64_t end = board_now_ns() + 5000 * US;
	cpu_set_t set;

	if (!a->turn) {
		CPU_ZERO(&set);
		CPU_SET(0, &set);
		(void)sched_setaffinity(0, sizeof(set), &set);
	}
	while (board_now_ns() < end)
		;
}

/* Takes memory and gives it back: pages of the cache have to go. */
static void turn_memory(struct antagonist *a)
{
	char *m = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	(void)a;
	if (m == MAP_FAILED)
		return;
	for (i = 0; i < MEMORY_BYTES && !a->v->stop; i += 4096)
		m[i] = 1;
	(void)munmap(m, MEMORY_BYTES);
}

static const struct antagonist_row rows[] = {
	{ "acked", "reads each write back as soon as it is acknowledged", turn_acked, 0,
	  1, true, false },
	{ "tail", "reads the last blocks, where the file grows", turn_tail, 500 * US, 1,
	  true, false },
	{ "size", "looks at the size", turn_size, 500 * US, 1, true, false },
	{ "direct", "direct reads anywhere", turn_direct, 1000 * US, 1, false, false },
	{ "buffered", "buffered reads anywhere", turn_buffered, 1000 * US, 1, false,
	  false },
	{ "mmap", "reads through mappings", turn_mmap, 1000 * US, 1, false, false },
	{ "writer", "buffered writes inside the file", turn_writer, 1000 * US, 1, false,
	  false },
	{ "fsync", "fsync and fdatasync in turns", turn_fsync, 5000 * US, 1, false,
	  false },
	{ "open", "opens and closes the file", turn_open, 1000 * US, 1, false, false },
	{ "fcntl", "switches O_DIRECT of a descriptor off and on", turn_fcntl, 1000 * US,
	  1, false, false },
	{ "truncate", "cuts off what has grown", turn_truncate, 3000 * US, 1, false,
	  true },
	{ "grow", "makes the file longer by truncate", turn_grow, 20000 * US, 1, false,
	  true },
	{ "punch", "punches holes", turn_punch, 2000 * US, 1, false, false },
	{ "zero", "zeroes ranges by fallocate", turn_zero, 2000 * US, 1, false, false },
	{ "shift", "inserts and collapses ranges by fallocate", turn_shift, 20000 * US, 1,
	  false, true },
	{ "falloc", "preallocates past EOF, with and without the size", turn_falloc,
	  2000 * US, 1, false, true },
	{ "clone", "shares the file's blocks with another (reflink)", turn_clone,
	  20000 * US, 1, false, false },
	{ "unshare", "unshares blocks by fallocate", turn_unshare, 5000 * US, 1, false,
	  false },
	{ "limit", "limits the size of files, in the middle of a block", turn_limit,
	  20000 * US, 1, false, false },
	{ "cpu", "two busy threads on one processor", turn_cpu, 5000 * US, 2, false,
	  false },
	{ "memory", "takes 128 MiB of memory, again and again", turn_memory, 20000 * US,
	  1, false, false },
};

#define ROW_NR (sizeof(rows) / sizeof(rows[0]))

const char *verify_antagonist(size_t i, const char **help)
{
	if (i >= ROW_NR)
		return NULL;
	*help = rows[i].help;
	return rows[i].name;
}

/* Whether the list has that name. */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at;

	for (at = list; at && *at; at = *at ? at + 1 : at) {
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
		at += strcspn(at, ",");
	}
	return false;
}

bool verify_blocks_shared(const char *list)
{
	return listed(list, "clone");
}

bool verify_sizes_change(const char *list)
{
	size_t i;

	for (i = 0; i < ROW_NR; i++)
		if (rows[i].sizes && listed(list, rows[i].name))
			return true;
	return false;
}

bool verify_antagonists_known(const char *text, const char **bad)
{
	const char *at = text;

	while (*at) {
		size_t len = strcspn(at, ","), i;

		for (i = 0; i < ROW_NR; i++)
			if (strlen(rows[i].name) == len &&
			    !strncmp(rows[i].name, at, len))
				break;
		if (i == ROW_NR) {
			*bad = at;
			return false;
		}
		at += len;
		at += *at == ',';
	}
	return true;
}

/* ---- threads ---- */

static void *antagonist_run(void *arg)
{
	struct antagonist *a = arg;
	const struct timespec pause = { 0, (long)a->row->pause_ns };

	a->tid = gettid();
	for (; !a->v->stop; a->turn++) {
		a->row->turn(a);
		if (pause.tv_nsec)
			(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

static int antagonist_start(struct verify *v, const struct antagonist_row *row,
			    unsigned int nr)
{
	struct antagonist *a = &v->antagonist[v->antagonist_nr];
	sigset_t all, old;
	int rc;

	*a = (struct antagonist){ .row = row,
				  .v = v,
				  .fd = -1,
				  .slot = board_slots(v->board, 1),
				  .random = v->round.seed * 31 + v->antagonist_nr + nr };
	v->antagonist_nr++;
	a->reading = reading_new();
	a->memory = aligned_alloc(4096, VERIFY_READ_BYTES);
	if (!a->reading || !a->memory)
		return -ENOMEM;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&a->pthread, NULL, antagonist_run, a);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	a->started = !rc;
	return -rc;
}

int verify_antagonists_start(struct verify *v)
{
	unsigned int max = 0, n;
	size_t i;
	int rc = 0;

	for (i = 0; i < ROW_NR; i++)
		max += rows[i].threads;
	v->stop = false;
	v->antagonist = calloc(max, sizeof(*v->antagonist));
	if (!v->antagonist)
		return -ENOMEM;
	for (i = 0; i < ROW_NR && !rc; i++)
		for (n = 0; n < rows[i].threads && !rc; n++)
			if (rows[i].always || listed(v->round.antagonists, rows[i].name))
				rc = antagonist_start(v, &rows[i], n);
	return rc;
}

void verify_antagonists_end(struct verify *v)
{
	unsigned int i;

	v->stop = true;
	for (i = 0; i < v->antagonist_nr; i++) {
		struct antagonist *a = &v->antagonist[i];

		if (a->started)
			(void)pthread_join(a->pthread, NULL);
		if (a->fd >= 0)
			close(a->fd);
		reading_free(a->reading);
		free(a->memory);
	}
	if (v->antagonist_nr && v->limit_bytes != UINT64_MAX)
		(void)setrlimit(RLIMIT_FSIZE, &v->limit_was);
	free(v->antagonist);
	v->antagonist = NULL;
	v->antagonist_nr = 0;
}
