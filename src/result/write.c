// SPDX-License-Identifier: GPL-2.0-or-later
/* The document into a file: at every moment there is a whole one at its name. */
#include "result/probe.h"
#include "result/result.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A document and what writes it; one of the two is there. */
struct document {
	const struct result *result;
	const struct probe *probe;
};

/* Takes fd over. */
static int dump_fd(const struct document *d, int fd, bool sync)
{
	FILE *out = fdopen(fd, "w");
	int err;

	if (!out) {
		err = -errno;
		close(fd);
		return err;
	}
	err = d->result ? result_dump(d->result, out) : probe_dump(d->probe, out);
	if (!err && sync && fsync(fd))
		err = -errno;
	if (fclose(out) && !err)
		err = -errno;
	return err;
}

/*
 * Where the document really goes: a link is followed, else renaming would
 * replace the link. *regular is false for what cannot be renamed over, as
 * /dev/null. *out is to be freed.
 */
static int resolve(const char *path, char **out, bool *regular)
{
	struct stat st;

	*regular = true;
	*out = NULL;
	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		*regular = S_ISREG(st.st_mode);
		*out = *regular ? realpath(path, NULL) : strdup(path);
		return *out ? 0 : -errno;
	}
	if (errno != ENOENT)
		return -errno;
	*out = strdup(path);
	return *out ? 0 : -ENOMEM;
}

/* Creates a file beside path. Returns its fd, *name to be freed; or -errno. */
static int open_temporary(const char *path, char **name)
{
	unsigned int try;
	int fd;

	/* A name that is taken was left by a killed run with our pid. */
	for (try = 0; try < 100; try++) {
		if (asprintf(name, "%s.tmp%d.%u", path, (int)getpid(), try) < 0) {
			*name = NULL;
			return -ENOMEM;
		}
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			return fd;
		free(*name);
		*name = NULL;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

/*
 * tmp becomes path, and what was path becomes old. By exchange, so that path
 * is there at every moment and a failure of the second step can be undone.
 */
static int replace(const char *tmp, const char *path, const char *old)
{
	bool moved;
	int err;

	if (!renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_EXCHANGE)) {
		if (!rename(tmp, old))
			return 0;
		err = -errno;
		(void)renameat2(AT_FDCWD, tmp, AT_FDCWD, path, RENAME_EXCHANGE);
		return err;
	}
	if (errno == ENOENT)
		return rename(tmp, path) ? -errno : 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* A file system, or a kernel, that cannot exchange. */
	moved = !rename(path, old);
	if (!moved && errno != ENOENT)
		return -errno;
	if (!rename(tmp, path))
		return 0;
	err = -errno;
	if (moved)
		(void)rename(old, path);
	return err;
}

static int write_document(const struct document *d, const char *path)
{
	char *target, *tmp = NULL, *old = NULL;
	bool regular;
	int fd, err;

	err = resolve(path, &target, &regular);
	if (err)
		return err;
	if (!regular) {
		fd = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		err = fd < 0 ? -errno : dump_fd(d, fd, false);
		goto out;
	}
	if (asprintf(&old, "%s.old", target) < 0) {
		old = NULL;
		err = -ENOMEM;
		goto out;
	}
	fd = open_temporary(target, &tmp);
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = dump_fd(d, fd, true);
	if (!err)
		err = replace(tmp, target, old);
	if (err)
		(void)unlink(tmp);
out:
	free(target);
	free(tmp);
	free(old);
	return err;
}

int result_write(const struct result *r, const char *path)
{
	return write_document(&(struct document){ .result = r }, path);
}

int probe_write(const struct probe *p, const char *path)
{
	return write_document(&(struct document){ .probe = p }, path);
}
