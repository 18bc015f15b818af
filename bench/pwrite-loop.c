// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pwrite-loop FILE SECONDS
 *
 * Makes FILE, 64 MiB of written blocks, and overwrites it in order by 4 KiB direct
 * pwrite()s for so many seconds; prints their median time, ns; removes FILE. What
 * extend_wait=own is to be as fast as: the same wait, with nothing of diowait around.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096u
#define FILL (1u << 20)
#define BYTES (64u << 20)
#define TIMES_MAX (1u << 22)

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int fill(int fd, void *buffer)
{
	off_t at;

	for (at = 0; at < BYTES; at += FILL)
		if (pwrite(fd, buffer, FILL, at) != FILL)
			return -1;
	return fsync(fd) || syncfs(fd) ? -1 : 0;
}

int main(int argc, char **argv)
{
	uint64_t *ns = malloc(TIMES_MAX * sizeof(*ns)), end, t0, t1 = 0;
	void *buffer = aligned_alloc(BLOCK, FILL);
	size_t nr = 0;
	int fd;

	if (argc != 3 || !ns || !buffer) {
		fputs("usage: pwrite-loop FILE SECONDS\n", stderr);
		return 2;
	}
	memset(buffer, 0x5a, FILL);
	fd = open(argv[1], O_RDWR | O_CREAT | O_EXCL | O_DIRECT | O_CLOEXEC, 0600);
	if (fd < 0 || fill(fd, buffer)) {
		perror(argv[1]);
		return 1;
	}
	end = now_ns() + strtoull(argv[2], NULL, 10) * 1000000000u;
	while (t1 < end && nr < TIMES_MAX) {
		off_t at = (off_t)(nr * BLOCK % BYTES);

		t0 = now_ns();
		if (pwrite(fd, buffer, BLOCK, at) != BLOCK) {
			perror(argv[1]);
			return 1;
		}
		t1 = now_ns();
		ns[nr++] = t1 - t0;
	}
	close(fd);
	unlink(argv[1]);
	qsort(ns, nr, sizeof(*ns), by_time);
	printf("%llu\n", (unsigned long long)ns[nr / 2]);
	return 0;
}
