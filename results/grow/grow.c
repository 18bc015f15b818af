// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * grow FILE [BYTES [TRIES [VARIANT]]]: counts extending direct writes that were in flight
 * when the file was made longer, were acknowledged in full, and are not there.
 * VARIANT: truncate; prealloc: into space of KEEP_SIZE; fallocate: makes it longer instead;
 * fdatasync, reap: done before the truncate. Build: cc -D_GNU_SOURCE grow.c -o grow -laio
 */
#include <err.h>
#include <fcntl.h>
#include <libaio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t len = argc > 2 ? strtoul(argv[2], NULL, 0) : 1 << 20;
	int tries = argc > 3 ? atoi(argv[3]) : 200, i, fd, lost = 0, acked = 0;
	const char *variant = argc > 4 ? argv[4] : "truncate";
	char *data = aligned_alloc(4096, len), *back = aligned_alloc(4096, len);
	struct iocb cb, *cbs = &cb;
	struct io_event event;
	io_context_t ctx = 0;

	if (argc < 2 || !data || !back || io_setup(1, &ctx) ||
	    !strstr("truncate prealloc fallocate fdatasync reap", variant))
		errx(1, "usage: grow FILE [BYTES [TRIES [VARIANT]]]");
	memset(data, 'x', len);
	for (i = 0; i < tries; i++) {
		int rc = 0, reaped = 0;

		fd = open(argv[1], O_RDWR | O_CREAT | O_EXCL | O_DIRECT, 0600);
		if (fd < 0)
			err(1, "%s", argv[1]);
		if (!strcmp(variant, "prealloc"))
			rc = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 2 * len);
		io_prep_pwrite(&cb, fd, data, len, 0);
		if (rc || io_submit(ctx, 1, &cbs) != 1)
			errx(1, "fallocate or io_submit failed");
		rc = strcmp(variant, "fdatasync") ? 0 : fdatasync(fd);
		if (!strcmp(variant, "reap"))
			reaped = io_getevents(ctx, 1, 1, &event, NULL);
		if (!strcmp(variant, "fallocate"))
			rc = fallocate(fd, 0, 0, 2 * len);
		else if (!rc)
			rc = ftruncate(fd, 2 * len);
		if (rc || (!reaped && io_getevents(ctx, 1, 1, &event, NULL) != 1))
			err(1, "%s", variant);
		acked += event.res == len;
		if (pread(fd, back, len, 0) != (ssize_t)len || close(fd) ||
		    unlink(argv[1]))
			err(1, "%s", argv[1]);
		lost += event.res == len && memcmp(data, back, len);
	}
	printf("%s, %zu bytes: %d of %d acknowledged writes are not there\n", variant,
	       len, lost, acked);
	return lost ? 2 : 0;
}
