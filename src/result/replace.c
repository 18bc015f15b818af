// SPDX-License-Identifier: GPL-2.0-or-later
/* See replace.h. */
#include "result/replace.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel has it */

/* What the link at path says, from where path is; to be freed. NULL: errno. */
static char *follow(const char *path)
{
	const char *slash = strrchr(path, '/');
	char link[PATH_MAX], *to;
	ssize_t len = readlink(path, link, sizeof(link) - 1);

	if (len < 0)
		return NULL;
	link[len] = '\0';
	if (*link == '/' || !slash)
		return strdup(link);
	if (asprintf(&to, "%.*s/%s", (int)(slash - path), path, link) < 0)
		return NULL;
	return to;
}

int replace_find(const char *path, char **target, bool *regular)
{
	struct stat st;
	char *next;
	int links;

	*regular = true;
	*target = NULL;
	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return -EISDIR;
		*regular = S_ISREG(st.st_mode);
		*target = *regular ? realpath(path, NULL) : strdup(path);
		return *target ? 0 : -errno;
	}
	if (errno != ENOENT)
		return -errno;
	*target = strdup(path);
	for (links = 0; *target && !lstat(*target, &st) && S_ISLNK(st.st_mode);) {
		next = links++ < LINKS_MAX ? follow(*target) : NULL;
		free(*target);
		*target = next;
	}
	return *target ? 0 : -ENOMEM;
}

/* Creates a file beside path. Returns its fd, *name to be freed; or -errno. */
static int open_temporary(const char *path, char **name)
{
	unsigned int try;
	int fd;

	/* A name that is taken was left by somebody who was killed and had our pid. */
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
static int exchange(const char *tmp, const char *path, const char *old)
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

/* The owner and mode of what is replaced, where there is something. */
static int keep_owner(const struct replace *r, int fd)
{
	struct stat st;

	if (stat(r->target, &st))
		return 0;
	/* Who may not give it away keeps it. */
	if (fchown(fd, st.st_uid, st.st_gid) && errno != EPERM)
		return -errno;
	return fchmod(fd, st.st_mode & 0777) ? -errno : 0;
}

int replace_begin(struct replace *r, const char *path)
{
	bool regular;
	int fd, err;

	*r = (struct replace){ .out = NULL };
	err = replace_find(path, &r->target, &regular);
	if (err)
		return err;
	assert(r->target);
	if (regular) {
		fd = open_temporary(r->target, &r->tmp);
		err = fd < 0 ? fd : keep_owner(r, fd);
	} else {
		fd = open(r->target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		err = fd < 0 ? -errno : 0;
	}
	if (!err) {
		r->out = fdopen(fd, "w");
		err = r->out ? 0 : -errno;
	}
	if (!err)
		return 0;
	if (fd >= 0)
		close(fd);
	return replace_end(r, err, false);
}

/* tmp becomes the target. 0 or -errno. */
static int take_place(const struct replace *r, bool keep)
{
	char *old;
	int err;

	if (!keep)
		return rename(r->tmp, r->target) ? -errno : 0;
	if (asprintf(&old, "%s.old", r->target) < 0)
		return -ENOMEM;
	err = exchange(r->tmp, r->target, old);
	free(old);
	return err;
}

int replace_end(struct replace *r, int err, bool keep)
{
	if (r->out) {
		if (!err && (ferror(r->out) || fflush(r->out)))
			err = errno ? -errno : -EIO;
		if (!err && r->tmp && fsync(fileno(r->out)))
			err = -errno;
		if (fclose(r->out) && !err)
			err = -errno;
	}
	if (!err && r->tmp)
		err = take_place(r, keep);
	if (err && r->tmp)
		(void)unlink(r->tmp);
	free(r->target);
	free(r->tmp);
	*r = (struct replace){ .out = NULL };
	return err;
}
