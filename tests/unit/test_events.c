// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's events: real ones of real threads, and a ring whose records wrap.
 * Skipped where the kernel doesn't let this user have them.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/events_private.h"
#include "evidence/symbols.h"
#include "missing.h"

#define BLOCK 4096

static struct symbols *symbols;
static struct chains *chains;
static const char *no_chains; /* why there are no events here */

static struct {
	struct event event[100000];
	size_t nr;
} seen;

static void see(void *ctx, const struct event *event)
{
	(void)ctx;
	if (seen.nr < sizeof(seen.event) / sizeof(seen.event[0]))
		seen.event[seen.nr++] = *event;
}

/* What was seen of a thread (0: any) and a type, the next after *at. */
static const struct event *next(size_t *at, pid_t tid, enum event_type type)
{
	for (; *at < seen.nr; ++*at) {
		const struct event *e = &seen.event[*at];

		if (e->type == type && (!tid || e->tid == tid))
			return &seen.event[(*at)++];
	}
	return NULL;
}

static size_t count(pid_t tid, enum event_type type)
{
	size_t at = 0, nr = 0;

	while (next(&at, tid, type))
		nr++;
	return nr;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* On a busy machine it may be over before it is slept. */
static void nap(void)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	nanosleep(&ms, NULL);
}

static struct events *open_events(size_t ring_bytes)
{
	const struct events_setup setup = { .ring_bytes = ring_bytes, .chains = chains };
	struct events *e = NULL;
	const char *why = NULL;
	int ret;

	if (!chains)
		missing(no_chains);
	ret = events_open(&setup, &e, &why);
	if (ret == -EPERM || ret == -ENOENT || ret == -ENOTSUP || ret == -EACCES)
		missing(why);
	if (ret)
		print_message("%s\n", why);
	assert_int_equal(ret, 0);
	seen.nr = 0;
	return e;
}

/* A thread that says who it is, waits for its turn, works, and ends. */
struct worker {
	pthread_t thread;
	pid_t tid;
	sem_t ready, go;
	void (*work)(struct worker *w);
	int fd;
	uint64_t half_ns; /* between the two halves of its work */
	ssize_t wrote[2];
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	w->tid = (pid_t)syscall(SYS_gettid);
	sem_post(&w->ready);
	while (sem_wait(&w->go))
		;
	w->work(w);
	return NULL;
}

static void worker_start(struct worker *w, void (*work)(struct worker *w))
{
	w->work = work;
	sem_init(&w->ready, 0, 0);
	sem_init(&w->go, 0, 0);
	assert_int_equal(pthread_create(&w->thread, NULL, worker_main, w), 0);
	while (sem_wait(&w->ready))
		;
}

/* Asleep in sem_wait(), so that it has to be woken. */
static bool worker_sleeps(const struct worker *w)
{
	char path[64], line[256] = "";
	const char *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)w->tid);
	f = fopen(path, "re");
	assert_non_null(f);
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	state = strrchr(line, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

static void worker_run(struct worker *w)
{
	while (!worker_sleeps(w))
		nap();
	sem_post(&w->go);
	pthread_join(w->thread, NULL);
	sem_destroy(&w->ready);
	sem_destroy(&w->go);
}

static void sleep_thrice(struct worker *w)
{
	(void)w;
	nap();
	nap();
	nap();
}

static bool chain_has(const struct chain *chain, const char *name)
{
	size_t i;

	for (i = 0; i < chain->nr; i++) {
		if (chain->name[i] && !strcmp(chain->name[i], name))
			return true;
	}
	return false;
}

/* By this thread, of tid. */
static size_t wakings_of(pid_t tid)
{
	pid_t self = (pid_t)syscall(SYS_gettid);
	const struct event *waking;
	size_t at = 0, nr = 0;

	while ((waking = next(&at, self, EVENT_WAKING)))
		nr += waking->woken == tid;
	return nr;
}

static void check_order(void)
{
	size_t i;

	for (i = 1; i < seen.nr; i++)
		assert_true(seen.event[i - 1].time_ns <= seen.event[i].time_ns);
}

static void test_sleeps(void **state)
{
	struct events *e = open_events(0);
	struct events_round round = { .every_sleep = true };
	const struct event *sleep, *out, *in;
	size_t at = 0, naps = 0;
	struct worker w = { 0 };
	uint64_t from_ns;

	(void)state;
	worker_start(&w, sleep_thrice);
	round.tid = &w.tid;
	round.tid_nr = 1;
	from_ns = now_ns();
	assert_int_equal(events_start(e, &round), 0);
	worker_run(&w);
	events_stop(e);
	events_drain(e, UINT64_MAX, see, NULL);
	check_order();
	while ((sleep = next(&at, w.tid, EVENT_SLEEP))) {
		size_t then = at;

		assert_in_range(sleep->time_ns, from_ns, now_ns());
		if (!chain_has(sleep->chain, "do_nanosleep") &&
		    !chain_has(sleep->chain, "hrtimer_nanosleep"))
			continue;
		naps++;
		out = next(&then, w.tid, EVENT_OUT);
		assert_non_null(out);
		assert_false(out->preempted);
		in = next(&then, w.tid, EVENT_IN);
		assert_non_null(in);
		assert_true(sleep->time_ns <= out->time_ns);
		assert_true(out->time_ns < in->time_ns);
	}
	assert_in_range(naps, 1, 3);
	assert_int_equal(wakings_of(w.tid), 1);
	assert_int_equal(events_lost(e), 0);
	events_close(e);
}

/* Interruptible sleeps are rejected in the kernel unless they are asked for. */
static void test_sleeps_are_filtered(void **state)
{
	struct events *e = open_events(0);
	struct events_round round = { 0 };
	struct worker w = { 0 };

	(void)state;
	worker_start(&w, sleep_thrice);
	assert_int_equal(events_start(e, &round), 0);
	worker_run(&w);
	events_stop(e);
	events_drain(e, UINT64_MAX, see, NULL);
	assert_int_equal(count(w.tid, EVENT_SLEEP), 0);
	assert_true(count(w.tid, EVENT_OUT) >= 1);
	assert_true(count(w.tid, EVENT_IN) >= 1);
	events_close(e);
}

static void test_frequent(void **state)
{
	struct events *e = open_events(0);
	struct worker w[2] = { 0 };
	struct events_round round = { 0 };
	const struct event *waking;
	size_t at = 0;
	pid_t tid[2];
	uint64_t nr;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		worker_start(&w[i], sleep_thrice);
		tid[i] = w[i].tid;
	}
	round.tid = tid;
	round.tid_nr = 2;
	assert_int_equal(events_start(e, &round), 0);
	events_frequent(e, EVENTS_WAKINGS, false);
	events_frequent(e, EVENTS_COMPLETIONS, false);
	worker_run(&w[0]);
	events_drain(e, now_ns(), see, NULL);
	assert_int_equal(wakings_of(tid[0]), 0);
	assert_true(count(tid[0], EVENT_OUT) >= 1);
	nr = events_frequent_nr(e, EVENTS_WAKINGS);
	events_frequent(e, EVENTS_WAKINGS, true);
	worker_run(&w[1]);
	events_stop(e);
	events_drain(e, UINT64_MAX, see, NULL);
	assert_int_equal(wakings_of(tid[1]), 1);
	assert_true(events_frequent_nr(e, EVENTS_WAKINGS) > nr);
	/* Only those of the round's threads. */
	while ((waking = next(&at, 0, EVENT_WAKING)))
		assert_true(waking->woken == tid[0] || waking->woken == tid[1]);
	events_close(e);
}

static void sleep_and_stamp(struct worker *w)
{
	nap();
	w->half_ns = now_ns();
	nap();
}

static void test_later_ones_are_kept(void **state)
{
	struct events *e = open_events(0);
	const struct events_round round = { 0 };
	struct worker w = { 0 };
	size_t i, before;

	(void)state;
	worker_start(&w, sleep_and_stamp);
	assert_int_equal(events_start(e, &round), 0);
	worker_run(&w);
	events_stop(e);
	events_drain(e, w.half_ns, see, NULL);
	before = seen.nr;
	assert_true(count(w.tid, EVENT_IN) >= 1);
	assert_true(seen.event[before - 1].time_ns < w.half_ns);
	events_drain(e, w.half_ns, see, NULL);
	assert_int_equal(seen.nr, before);
	events_drain(e, UINT64_MAX, see, NULL);
	assert_true(seen.nr > before);
	for (i = before; i < seen.nr; i++)
		assert_true(seen.event[i].time_ns >= w.half_ns);
	check_order();
	before = seen.nr;
	events_drain(e, UINT64_MAX, see, NULL);
	assert_int_equal(seen.nr, before);
	/* A new round begins without what the last one left. */
	assert_int_equal(events_start(e, &round), 0);
	events_stop(e);
	events_drain(e, UINT64_MAX, see, NULL);
	for (i = before; i < seen.nr; i++)
		assert_int_not_equal(seen.event[i].tid, w.tid);
	events_close(e);
}

static void sleep_often(struct worker *w)
{
	const struct timespec least = { .tv_nsec = 1 };
	int i;

	(void)w;
	for (i = 0; i < 3000; i++)
		nanosleep(&least, NULL);
}

static void test_lost(void **state)
{
	struct events *e = open_events(16384);
	struct events_round round = { .every_sleep = true };
	struct worker w[2] = { 0 };
	uint64_t lost;

	(void)state;
	worker_start(&w[0], sleep_often);
	worker_start(&w[1], sleep_thrice);
	/* Not all that goes on on the machine. */
	round.tid = &w[1].tid;
	round.tid_nr = 1;
	assert_int_equal(events_start(e, &round), 0);
	worker_run(&w[0]);
	events_stop(e);
	/* Known before a record says so. */
	lost = events_lost(e);
	assert_true(lost > 0);
	events_drain(e, UINT64_MAX, see, NULL);
	assert_true(seen.nr > 100);
	check_order();
	/* And the rings are of use again. */
	seen.nr = 0;
	assert_int_equal(events_start(e, &round), 0);
	worker_run(&w[1]);
	events_stop(e);
	events_drain(e, UINT64_MAX, see, NULL);
	assert_true(count(w[1].tid, EVENT_SLEEP) >= 1);
	assert_true(events_lost(e) >= lost);
	events_close(e);
}

static void write_twice(struct worker *w)
{
	void *block;

	if (posix_memalign(&block, BLOCK, 2 * BLOCK))
		return;
	memset(block, 0x5a, 2 * BLOCK);
	w->wrote[0] = pwrite(w->fd, block, BLOCK, 0);
	w->wrote[1] = pwrite(w->fd, block, 2 * BLOCK, 8 * BLOCK);
	free(block);
}

/* A file written by a thread, as round says; its inode and the thread. */
static struct stat write_watched(struct events *e, struct events_round *round, pid_t *tid)
{
	char name[] = "test_events.XXXXXX";
	struct worker w = { 0 };
	struct stat st;
	uint64_t ino;

	w.fd = mkostemp(name, O_DIRECT);
	assert_true(w.fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(fstat(w.fd, &st), 0);
	/* Then no write extends it. */
	if (!round->every_begin)
		assert_int_equal(ftruncate(w.fd, 10 * BLOCK), 0);
	worker_start(&w, write_twice);
	ino = st.st_ino;
	round->ino = &ino;
	round->ino_nr = 1;
	assert_int_equal(events_start(e, round), 0);
	worker_run(&w);
	events_stop(e);
	events_drain(e, UINT64_MAX, see, NULL);
	close(w.fd);
	assert_int_equal(w.wrote[0], BLOCK);
	assert_int_equal(w.wrote[1], 2 * BLOCK);
	*tid = w.tid;
	return st;
}

static void check_write(const struct event *event, const struct stat *st, uint64_t start,
			int64_t bytes)
{
	assert_non_null(event);
	assert_int_equal(event->dio.ino, st->st_ino);
	assert_int_equal(event->dio.dev & 0xfffff, st->st_dev & 0xff);
	assert_int_equal(event->dio.start, start);
	assert_int_equal(event->dio.bytes, bytes);
}

/* A sleep of a thread between the first begin and the last completion seen. */
static const struct event *sleep_in_writes(pid_t tid)
{
	const struct event *begin, *sleep, *done, *last = NULL;
	size_t at = 0;

	while ((done = next(&at, 0, EVENT_COMPLETE)))
		last = done;
	at = 0;
	begin = next(&at, tid, EVENT_BEGIN);
	sleep = begin ? next(&at, tid, EVENT_SLEEP) : NULL;
	return sleep && last && begin->time_ns <= sleep->time_ns &&
			       sleep->time_ns <= last->time_ns ?
		       sleep :
		       NULL;
}

static void test_writes(void **state)
{
	struct events *e = open_events(0);
	struct events_round round = { .every_begin = true };
	const struct event *begin, *sleep;
	size_t at = 0;
	struct stat st;
	pid_t tid;
	int i;

	(void)state;
	/* A device that is done before its writer has come to wait lets it not sleep. */
	for (i = 0; i < 20; i++) {
		seen.nr = 0;
		st = write_watched(e, &round, &tid);
		at = 0;
		begin = next(&at, tid, EVENT_BEGIN);
		if (!begin) {
			events_close(e);
			missing("no direct writes by iomap in this directory");
		}
		check_write(begin, &st, 0, BLOCK);
		assert_true(begin->dio.forced);
		assert_false(begin->dio.nowait);
		assert_int_equal(begin->dio.isize, 0);
		check_write(next(&at, tid, EVENT_BEGIN), &st, 8 * BLOCK, 2 * BLOCK);
		assert_null(next(&at, 0, EVENT_BEGIN));
		at = 0;
		check_write(next(&at, 0, EVENT_COMPLETE), &st, 0, BLOCK);
		check_write(next(&at, 0, EVENT_COMPLETE), &st, 8 * BLOCK, 2 * BLOCK);
		assert_null(next(&at, 0, EVENT_COMPLETE));
		sleep = sleep_in_writes(tid);
		if (sleep)
			break;
	}
	assert_non_null(sleep);
	assert_string_not_equal(sleep->chain->cause->label, "OTHER");
	events_close(e);
}

/* Within the file, only what is at or past the smallest end of a file. */
static void test_begins_are_filtered(void **state)
{
	struct events *e = open_events(0);
	struct events_round round = { .extending_from = 8 * BLOCK };
	const struct event *begin;
	size_t at = 0;
	struct stat st;
	pid_t tid;

	(void)state;
	st = write_watched(e, &round, &tid);
	begin = next(&at, tid, EVENT_BEGIN);
	if (!begin) {
		events_close(e);
		missing("no direct writes by iomap in this directory");
	}
	check_write(begin, &st, 8 * BLOCK, 2 * BLOCK);
	assert_int_equal(begin->dio.isize, 10 * BLOCK);
	assert_null(next(&at, 0, EVENT_BEGIN));
	events_close(e);
}

/* Also with as much as a filter ever has to say. */
static void test_long_filters(void **state)
{
	struct events *e = open_events(0);
	uint64_t ino[EVENTS_FILES_MAX + 1];
	pid_t tid[EVENTS_THREADS_MAX + 1];
	struct events_round round = { .io_uring = true, .extending_from = UINT64_MAX };
	size_t i;

	(void)state;
	for (i = 0; i <= EVENTS_FILES_MAX; i++)
		ino[i] = UINT64_MAX - i;
	for (i = 0; i <= EVENTS_THREADS_MAX; i++)
		tid[i] = 4194304 - (pid_t)i;
	round.ino = ino;
	round.tid = tid;
	round.ino_nr = EVENTS_FILES_MAX;
	round.tid_nr = EVENTS_THREADS_MAX;
	assert_int_equal(events_start(e, &round), 0);
	events_stop(e);
	round.ino_nr++;
	round.tid_nr++;
	assert_int_equal(events_start(e, &round), 0);
	events_stop(e);
	events_close(e);
}

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int nr = 0;

	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static void test_nothing_is_left(void **state)
{
	struct events *e = open_events(0);
	const struct events_round round = { 0 };
	pid_t tid = 2; /* kthreadd */
	int before, i, opened;

	(void)state;
	events_close(e);
	before = open_files();
	e = open_events(0);
	opened = open_files();
	assert_true(opened > before);
	for (i = 0; i < 3; i++) {
		assert_int_equal(events_start(e, &round), 0);
		assert_int_equal(events_watch(e, tid), 0);
		assert_int_equal(events_watch(e, tid), 0);
		assert_true(open_files() > opened);
		assert_int_equal(events_watch(e, -1), -EINVAL);
		assert_int_equal(events_watch(e, 0x7fffffff), -ESRCH);
		events_stop(e);
		assert_int_equal(open_files(), opened);
	}
	assert_int_equal(events_start(e, &round), 0);
	assert_int_equal(events_watch(e, tid), 0);
	events_close(e);
	assert_int_equal(open_files(), before);
	events_close(NULL);
}

/* Records of growing size through a ring of 4 KiB, many times around. */
static uint64_t wrap_next, wrap_wrong;

static void see_record(void *ctx, const struct perf_event_header *record)
{
	const unsigned char *byte = (const unsigned char *)(record + 1);
	size_t i;

	(void)ctx;
	wrap_wrong += record->type != (uint32_t)wrap_next;
	for (i = 0; i < record->size - sizeof(*record); i++)
		wrap_wrong += byte[i] != (unsigned char)(wrap_next + i);
	wrap_next++;
}

static void put(struct events_ring *ring, unsigned char *data, uint32_t number,
		uint16_t bytes)
{
	unsigned char record[1024];
	struct perf_event_header header = { .type = number, .size = bytes };
	uint64_t i;

	memcpy(record, &header, sizeof(header));
	for (i = sizeof(header); i < bytes; i++)
		record[i] = (unsigned char)(number + i - sizeof(header));
	for (i = 0; i < bytes; i++)
		data[(ring->page->data_head + i) % ring->bytes] = record[i];
	ring->page->data_head += bytes;
}

static void test_records_wrap(void **state)
{
	static unsigned char scratch[1 << 16];
	static uint64_t data[4096 / 8];
	struct perf_event_mmap_page page = { 0 };
	struct events_ring ring = { .page = &page,
				    .data = (unsigned char *)data,
				    .bytes = sizeof(data) };
	uint32_t i;

	(void)state;
	wrap_next = wrap_wrong = 0;
	for (i = 0; i < 5000; i++) {
		put(&ring, (unsigned char *)data, i, (uint16_t)(8 + i % 100 * 8));
		if (i % 4 == 3)
			events_read_ring(&ring, scratch, see_record, NULL);
	}
	assert_int_equal(wrap_wrong, 0);
	assert_int_equal(wrap_next, 5000);
	assert_int_equal(page.data_tail, page.data_head);
	put(&ring, (unsigned char *)data, 1, 80);
	events_empty_ring(&ring);
	events_read_ring(&ring, scratch, see_record, NULL);
	assert_int_equal(wrap_next, 5000);
}

static int setup(void **state)
{
	(void)state;
	switch (symbols_load("/proc/kallsyms", &symbols)) {
	case 0:
		return chains_open(symbols, &chains);
	case -EPERM:
		no_chains = "kernel.kptr_restrict hides the kernel's symbols";
		return 0;
	case -ENOENT:
		no_chains = "no /proc/kallsyms";
		return 0;
	default:
		return -1;
	}
}

static int teardown(void **state)
{
	(void)state;
	chains_close(chains);
	symbols_free(symbols);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sleeps),
		cmocka_unit_test(test_sleeps_are_filtered),
		cmocka_unit_test(test_frequent),
		cmocka_unit_test(test_later_ones_are_kept),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_begins_are_filtered),
		cmocka_unit_test(test_long_filters),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_records_wrap),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
