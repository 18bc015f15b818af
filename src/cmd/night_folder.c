// SPDX-License-Identifier: GPL-2.0-or-later
/* The folder that nights leave their results in: its lock, its room, when a night began. */
#include "cmd/night.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "result/replace.h"

#define CONTINUE_S (20 * 3600) /* an unfinished night is gone on with for so long */
#define RESULT_ROOM_MIB 2      /* a result with its report and plot */
#define PART_ROOM_MIB 1	       /* a sitting, until all of its night are there */
#define ROOM_MIB 4	       /* index, page, report */

int night_fail_at(const char *path, int err)
{
	return cmd_fail("nightly: %s: %s", path ? path : "path",
			strerror(path ? err : ENOMEM));
}

int night_make_folder(const struct night *n, const char *entry)
{
	char *path = night_path(n, entry, NULL);
	int code = CMD_OK;

	if (!path || (mkdir(path, 0777) && errno != EEXIST))
		code = night_fail_at(path, errno);
	free(path);
	return code;
}

int night_take_lock(const struct night *n)
{
	char *path = night_path(n, NULL, "lock"), text[32] = "";
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1, len;
	int code = CMD_OK;

	if (fd < 0) {
		code = night_fail_at(path, errno);
	} else if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			code = night_fail_at(path, errno);
		else if (pread(fd, text, sizeof(text) - 1, 0) > 0)
			code = cmd_fail("nightly: %s: another night is at work, pid %.*s",
					path, (int)strcspn(text, "\n"), text);
		else
			code = cmd_fail("nightly: %s: another night is at work", path);
		close(fd);
	} else {
		len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
		if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)len, 0) != len)
			code = night_fail_at(path, errno ? errno : ENOSPC);
	}
	free(path);
	return code;
}

int night_check_room(const struct night *n)
{
	uint64_t need = ROOM_MIB, mib;
	struct statvfs vfs;
	size_t i;

	for (i = 0; i < n->entry_nr; i++)
		need += RESULT_ROOM_MIB +
			PART_ROOM_MIB * (uint64_t)(night_sittings(&n->entry[i]) - 1);
	if (statvfs(n->results, &vfs) || !vfs.f_blocks)
		return CMD_OK;
	mib = (uint64_t)vfs.f_bavail * vfs.f_frsize >> 20;
	return mib >= need ?
		       CMD_OK :
		       cmd_fail(
			       "nightly: %s has %llu MiB free, and %zu results may take %llu MiB",
			       n->results, (unsigned long long)mib, n->entry_nr,
			       (unsigned long long)need);
}

long long night_read_number(const struct night *n, const char *entry, const char *name)
{
	char *path = night_path(n, entry, name);
	FILE *in = path ? fopen(path, "re") : NULL;
	long long number = 0;

	if (in && fscanf(in, "%lld", &number) != 1)
		number = 0;
	if (in)
		fclose(in);
	free(path);
	return number;
}

int night_write_number(const struct night *n, const char *entry, const char *name,
		       long long number)
{
	char *path = night_path(n, entry, name);
	struct replace r;
	int rc = path ? replace_begin(&r, path) : -ENOMEM;

	if (!rc)
		rc = replace_end(&r, fprintf(r.out, "%lld\n", number) < 0 ? -EIO : 0,
				 false);
	if (rc)
		(void)night_fail_at(path, -rc);
	free(path);
	return rc ? CMD_FAILED : CMD_OK;
}

int night_begin(struct night *n)
{
	long long began = night_read_number(n, NULL, "night");

	(void)clock_gettime(CLOCK_REALTIME, &n->started);
	if (began > 0 && began <= n->started.tv_sec &&
	    n->started.tv_sec - began < CONTINUE_S) {
		n->started = (struct timespec){ .tv_sec = (time_t)began };
		return CMD_OK;
	}
	/* Results are of a second: none of an earlier night is of this one's first. */
	n->started = (struct timespec){ .tv_sec = n->started.tv_sec + 1 };
	(void)clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &n->started, NULL);
	return night_write_number(n, NULL, "night", n->started.tv_sec);
}
