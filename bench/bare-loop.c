// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bare-loop ENGINE FILE SECONDS DEPTH
 *
 * Overwrites the first 64 MiB of FILE, made and removed unless it is a block device, by
 * 4 KiB direct writes at random places, DEPTH in flight, for so many seconds, with libaio
 * or io_uring; prints writes per second. One write a call; completions are looked for
 * after each, without a system call where the library can, and waited for where the queue
 * is full: what diowait does, with nothing of diowait around, and nothing measured.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_LIBAIO
#include <libaio.h>
#endif
#ifdef HAVE_LIBURING
#include <liburing.h>
#endif

#define BLOCK 4096u
#define FILL (1u << 20)
#define BYTES (64u << 20)
#define LOOK 64u /* writes between two looks at the clock */

struct loop {
	int fd;
	unsigned int depth, flying;
	char *buffer; /* a block for each in flight */
	uint64_t end_ns, begin_ns, done, random;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Marsaglia's xorshift64. */
static off_t next_place(struct loop *l)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return (off_t)(l->random % (BYTES / BLOCK)) * BLOCK;
}

static void fail(const char *what, long rc)
{
	fprintf(stderr, "bare-loop: %s: %s\n", what, strerror((int)-rc));
	exit(1);
}

static void print(const struct loop *l)
{
	printf("%.0f\n", (double)l->done * 1e9 / (double)(now_ns() - l->begin_ns));
}

#ifdef HAVE_LIBAIO
static void run_libaio(struct loop *l)
{
	struct iocb *iocb = calloc(l->depth, sizeof(*iocb));
	struct iocb **idle = calloc(l->depth, sizeof(*idle));
	struct io_event *event = calloc(l->depth, sizeof(*event));
	struct timespec now = { 0, 0 };
	unsigned int idle_nr, turn, i;
	io_context_t ctx = NULL;
	int rc = io_setup((int)l->depth, &ctx);

	if (rc || !iocb || !idle || !event)
		fail("io_setup", rc ? rc : -ENOMEM);
	for (idle_nr = 0; idle_nr < l->depth; idle_nr++)
		idle[idle_nr] = &iocb[idle_nr];
	for (turn = 0; turn % LOOK || now_ns() < l->end_ns; turn++) {
		struct iocb *one = idle[--idle_nr];

		io_prep_pwrite(one, l->fd, l->buffer + (one - iocb) * BLOCK, BLOCK,
			       next_place(l));
		rc = io_submit(ctx, 1, &one);
		if (rc != 1)
			fail("io_submit", rc);
		rc = io_getevents(ctx, !idle_nr, (long)l->depth, event,
				  idle_nr ? &now : NULL);
		if (rc < 0)
			fail("io_getevents", rc);
		for (i = 0; i < (unsigned int)rc; i++) {
			if (event[i].res != BLOCK)
				fail("write", (long)event[i].res);
			idle[idle_nr++] = event[i].obj;
			l->done++;
		}
	}
	print(l);
	while (idle_nr < l->depth)
		idle_nr += (unsigned int)io_getevents(ctx, 1, (long)l->depth, event,
						      NULL);
	io_destroy(ctx);
	free(iocb);
	free(idle);
	free(event);
}
#endif

#ifdef HAVE_LIBURING
static void run_io_uring(struct loop *l)
{
	unsigned int *idle = calloc(l->depth, sizeof(*idle)), idle_nr, turn, nr, i;
	struct io_uring_cqe **cqe = calloc(l->depth, sizeof(*cqe));
	struct io_uring ring;
	int rc = io_uring_queue_init(l->depth, &ring, 0);

	if (rc || !idle || !cqe)
		fail("io_uring_queue_init", rc ? rc : -ENOMEM);
	for (idle_nr = 0; idle_nr < l->depth; idle_nr++)
		idle[idle_nr] = idle_nr;
	for (turn = 0; turn % LOOK || now_ns() < l->end_ns; turn++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
		unsigned int slot = idle[--idle_nr];

		io_uring_prep_write(sqe, l->fd, l->buffer + slot * BLOCK, BLOCK,
				    (uint64_t)next_place(l));
		sqe->user_data = slot;
		rc = io_uring_submit_and_wait(&ring, !idle_nr);
		if (rc != 1)
			fail("io_uring_submit", rc);
		nr = io_uring_peek_batch_cqe(&ring, cqe, l->depth);
		for (i = 0; i < nr; i++) {
			if (cqe[i]->res != BLOCK)
				fail("write", cqe[i]->res);
			idle[idle_nr++] = (unsigned int)cqe[i]->user_data;
			l->done++;
		}
		io_uring_cq_advance(&ring, nr);
	}
	print(l);
	io_uring_queue_exit(&ring);
	free(idle);
	free(cqe);
}
#endif

static void fill(int fd, const void *buffer)
{
	off_t at;

	for (at = 0; at < BYTES; at += FILL)
		if (pwrite(fd, buffer, FILL, at) != FILL)
			fail("pwrite", -errno);
	if (fsync(fd) || syncfs(fd))
		fail("fsync", -errno);
}

int main(int argc, char **argv)
{
	struct loop l = { .random = 88172645463325252u };
	void (*run)(struct loop * l) = NULL;
	struct stat st;
	bool device;

	if (argc == 5) {
#ifdef HAVE_LIBAIO
		run = strcmp(argv[1], "libaio") ? run : run_libaio;
#endif
#ifdef HAVE_LIBURING
		run = strcmp(argv[1], "io_uring") ? run : run_io_uring;
#endif
		l.depth = (unsigned int)strtoul(argv[4], NULL, 10);
	}
	if (!run || !l.depth || l.depth > FILL / BLOCK) {
		fputs("usage: bare-loop libaio|io_uring FILE SECONDS DEPTH\n", stderr);
		return 2;
	}
	device = !stat(argv[2], &st) && S_ISBLK(st.st_mode);
	l.buffer = aligned_alloc(BLOCK, FILL);
	if (!l.buffer)
		fail("buffer", -ENOMEM);
	memset(l.buffer, 0x5a, FILL);
	l.fd = open(argv[2],
		    O_RDWR | O_DIRECT | O_CLOEXEC | (device ? 0 : O_CREAT | O_EXCL),
		    0600);
	if (l.fd < 0)
		fail(argv[2], -errno);
	fill(l.fd, l.buffer);
	l.begin_ns = now_ns();
	l.end_ns = l.begin_ns + strtoull(argv[3], NULL, 10) * 1000000000u;
	run(&l);
	close(l.fd);
	if (!device)
		unlink(argv[2]);
	free(l.buffer);
	return 0;
}
