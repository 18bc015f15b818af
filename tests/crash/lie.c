// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lie FILE-SYSTEM WHAT DIR WORKLOAD: one crash cycle as diowait stress --crash does it,
 * in which the image is changed between crash and recovery. WHAT is
 *	zero	a sector that was durable before the load is zeros again
 *	flip	... has one bit more or less
 *	swap	... holds another sector of its file
 *	inode	(ext4) an inode that the load has no business with is damaged
 *	power	(DIR is a slowfs) the power fails as the crash begins: of what the device
 *		was not told to flush by then a half is lost, drawn by chance
 *	none	nothing
 * Prints a line for each contract that broke, with how often.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "experiment/image.h"
#include "experiment/stress.h"
#include "verify/stamp.h"
#include "workload/workload.h"

#define VICTIM 8192u /* offset in the file: of the layout, never written again */

static const char *what;

static void die(const char *why)
{
	fprintf(stderr, "lie: %s\n", why);
	exit(1);
}

/* Where the newest file's sector at `offset` lies in the image; -1: nowhere. */
static off_t find(int fd, uint64_t offset)
{
	static char chunk[1 << 20];
	uint32_t newest = 0;
	off_t at, found = -1;
	struct stamp s;
	ssize_t got, i;

	for (at = 0; (got = pread(fd, chunk, sizeof(chunk), at)) > 0; at += got)
		for (i = 0; i + (ssize_t)STAMP_BYTES <= got; i += STAMP_BYTES)
			if (stamp_read(chunk + i, &s) == STAMP_WHOLE &&
			    s.offset == offset && s.id.generation > newest) {
				newest = s.id.generation;
				found = at + i;
			}
	return found;
}

/* The folder lost+found, inode 11: its entry for itself is "." of 12 bytes. */
static off_t find_folder(int fd)
{
	static const char entry[] = { 11, 0, 0, 0, 12, 0, 1, 2, '.', 0, 0, 0 };
	char block[4096];
	off_t at;

	for (at = 0; pread(fd, block, sizeof(block), at) == sizeof(block); at += 4096)
		if (!memcmp(block, entry, sizeof(entry)))
			return at;
	return -1;
}

static void change(int fd, off_t at, off_t other)
{
	char sector[STAMP_BYTES];

	if (at < 0 || pread(fd, sector, sizeof(sector), at) != sizeof(sector))
		die("there is nothing to change in the image");
	if (!strcmp(what, "zero"))
		memset(sector, 0, sizeof(sector));
	else if (!strcmp(what, "swap") && other >= 0)
		(void)!pread(fd, sector, sizeof(sector), other);
	else
		sector[6] ^= 1;
	if (pwrite(fd, sector, sizeof(sector), at) != sizeof(sector) || fsync(fd))
		die("the image can't be written");
}

/* Tells slowfs. */
static void control(const char *dir, const char *text)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/.slowfs", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("the folder is no slowfs");
	close(fd);
}

static void falls(void *ctx)
{
	control(ctx, "power=2");
}

static void down(void *ctx, const char *image)
{
	int fd = open(image, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("the image is not there");
	if (!strcmp(what, "power"))
		control(ctx, "power=3");
	if (!strcmp(what, "inode"))
		change(fd, find_folder(fd), -1);
	else if (strcmp(what, "none") && strcmp(what, "power"))
		change(fd, find(fd, VICTIM), find(fd, VICTIM + 4096));
	close(fd);
}

int main(int argc, char **argv)
{
	struct stress_crash crash = { .down = down };
	struct experiment_variant variant = { 0 };
	struct stress_setup setup = { .variant = &variant,
				      .cycles = 1,
				      .variant_nr = 1,
				      .command = "lie",
				      .seed = 1,
				      .duration_ns = UINT64_MAX,
				      .watchdog_ns = 60000000000ull,
				      .crash = &crash };
	const char *where[] = { "lie" }, *replay[] = { "" };
	struct workload_error bad;
	struct result *r = NULL;
	struct load_error err;
	unsigned int fs = 0;
	size_t i;

	if (argc != 5 && argc != 7)
		die("usage: lie FILE-SYSTEM WHAT DIR WORKLOAD [SEED CYCLES]");
	if (argc == 7) {
		setup.seed = strtoull(argv[5], NULL, 10);
		setup.cycles = strtoull(argv[6], NULL, 10);
	}
	while (image_fs(fs) && strcmp(image_fs(fs)->name, argv[1]))
		fs++;
	if (!image_fs(fs))
		die("no such file system");
	what = argv[2];
	crash.directory = argv[3];
	crash.ctx = argv[3];
	if (!strcmp(what, "power"))
		crash.falls = falls;
	crash.fs = &fs;
	setup.where = where;
	setup.replay = replay;
	if (workload_parse_files((const char *const *)&argv[4], 1, NULL, 0, &variant.w,
				 &bad))
		die(bad.text);
	setup.whole = variant.w;
	if (stress_run(&setup, &r, &err))
		die(err.text);
	for (i = 0; i < r->stress->contract_nr; i++)
		if (r->stress->contract[i].broken)
			printf("%s %llu\n", r->stress->contract[i].name,
			       (unsigned long long)r->stress->contract[i].broken);
	for (i = 0; i < r->stress->crash_nr; i++)
		printf("cycles %llu\n", (unsigned long long)r->stress->crash[i].cycles);
	for (i = 0; i < r->stress->finding_nr; i++)
		fputs(r->stress->finding[i].text, stderr);
	result_free(r);
	workload_free(variant.w);
	return 0;
}
