// SPDX-License-Identifier: GPL-2.0-or-later
#include "load/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_OWNER "owner"
#define SCRATCH_MAGIC "diowait scratch 1\n"
#define SCRATCH_ENTRIES_MAX 65536
#define SCRATCH_NAME_MAX 280 /* "rNNN/" and a file name */

struct scratch {
	char *dir;    /* where the user wanted files */
	char *name;   /* last component of ours */
	int fd;	      /* of our directory */
	int owner_fd; /* locked */
	unsigned int round;
	char round_name[16]; /* "" between rounds */
	char **file;	     /* of this round, relative to fd */
	size_t file_nr;
	unsigned int neighbours; /* runs at work in dir when ours began */
};

/* All of text to the end of the list. What follows a part of it says why it was one. */
static int scratch_write(struct scratch *s, const char *text, size_t bytes)
{
	ssize_t nr;

	while (bytes) {
		nr = write(s->owner_fd, text, bytes);
		if (nr < 0)
			return -errno;
		text += nr;
		bytes -= (size_t)nr;
	}
	return 0;
}

/* Writes ahead what is about to be made: "d r1" or "f r1/name". */
static int scratch_record(struct scratch *s, char type, const char *name)
{
	char line[SCRATCH_NAME_MAX + 4];
	int len = snprintf(line, sizeof(line), "%c %s\n", type, name);

	if (len >= (int)sizeof(line))
		return -ENAMETOOLONG;
	return scratch_write(s, line, (size_t)len);
}

/*
 * True for a name that scratch_record() can have written: a round's directory,
 * or a plain file name inside one. A list that somebody else made must not lead
 * out of the directory.
 */
static bool scratch_name_is_ours(const char *name)
{
	size_t digits;
	const char *rest;

	if (name[0] != 'r')
		return false;
	digits = strspn(name + 1, "0123456789");
	rest = name + 1 + digits;
	if (!digits || (*rest && *rest != '/'))
		return false;
	if (!*rest)
		return true;
	rest++;
	return *rest && !strchr(rest, '/') && strcmp(rest, ".") && strcmp(rest, "..");
}

/*
 * Removes "rN" or "rN/name", which it takes apart. The directory of a list that
 * somebody else made may be a link to anywhere: that is not gone through.
 */
static int scratch_unlink(int dir_fd, char *name, int flags)
{
	char *slash = strchr(name, '/');
	int at_fd = dir_fd, rc = 0;

	if (slash) {
		*slash = '\0';
		at_fd = openat(dir_fd, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		name = slash + 1;
	}
	/* What was never made, or is gone, is as good as removed. */
	if ((at_fd < 0 || unlinkat(at_fd, name, flags)) && errno != ENOENT)
		rc = -errno;
	if (slash && at_fd >= 0)
		close(at_fd);
	return rc;
}

/* Removes what the list in owner names, newest first, then the rest. */
static int scratch_remove_listed(int dir_fd, int owner_fd)
{
	char *line = NULL, **entry = NULL;
	size_t cap = 0, nr = 0;
	int rc = -EINVAL;
	int copy = dup(owner_fd);
	FILE *f = copy < 0 ? NULL : fdopen(copy, "r");

	if (!f) {
		rc = -errno;
		if (copy >= 0)
			close(copy);
		return rc;
	}
	rewind(f);
	if (getline(&line, &cap, f) < 0 || strcmp(line, SCRATCH_MAGIC))
		goto out;
	while (getline(&line, &cap, f) > 0 && nr < SCRATCH_ENTRIES_MAX) {
		char **grown;

		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) < 3 || !scratch_name_is_ours(line + 2))
			continue;
		grown = realloc(entry, (nr + 1) * sizeof(*entry));
		if (!grown)
			goto out;
		entry = grown;
		entry[nr] = strdup(line);
		if (!entry[nr])
			goto out;
		nr++;
	}
	rc = 0;
	while (nr) {
		char *e = entry[--nr];
		int removed = scratch_unlink(dir_fd, e + 2, *e == 'd' ? AT_REMOVEDIR : 0);

		rc = rc ? rc : removed;
		free(e);
	}
out:
	while (nr)
		free(entry[--nr]);
	free(entry);
	free(line);
	fclose(f);
	return rc;
}

/*
 * One left-over candidate; what is not ours stays. True: it is in use by a run
 * that lives, whose lock its list carries.
 */
static bool scratch_sweep_one(int parent_fd, const char *name)
{
	int dir_fd, owner_fd = -1;
	bool busy = false;
	struct stat st;

	dir_fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir_fd < 0)
		return false;
	/* Nor is what belongs to another user, or only looks like ours. */
	if (fstat(dir_fd, &st) || st.st_uid != geteuid())
		goto out;
	owner_fd = openat(dir_fd, SCRATCH_OWNER,
			  O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (owner_fd >= 0 &&
	    (fstat(owner_fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid()))
		goto out;
	if (owner_fd < 0) {
		/* Killed between mkdir and the list: empty, or not ours. */
		if (errno == ENOENT)
			(void)unlinkat(parent_fd, name, AT_REMOVEDIR);
	} else if (flock(owner_fd, LOCK_EX | LOCK_NB)) {
		busy = errno == EWOULDBLOCK;
	} else if (!scratch_remove_listed(dir_fd, owner_fd)) {
		(void)unlinkat(dir_fd, SCRATCH_OWNER, 0);
		(void)unlinkat(parent_fd, name, AT_REMOVEDIR);
	}
out:
	if (owner_fd >= 0)
		close(owner_fd);
	close(dir_fd);
	return busy;
}

/* Returns how many neighbours are at work in dir. */
static unsigned int scratch_sweep(const char *dir)
{
	unsigned int busy = 0;
	struct dirent *de;
	DIR *d = opendir(dir);

	if (!d)
		return 0;
	while ((de = readdir(d)))
		if (!strncmp(de->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)))
			busy += scratch_sweep_one(dirfd(d), de->d_name);
	closedir(d);
	return busy;
}

/* One try: mkdir and the locked list in it. */
static int scratch_make_one(struct scratch *s, unsigned int n)
{
	bool made = false;
	char *path = NULL;
	int rc;

	free(s->name);
	s->name = NULL;
	if (asprintf(&s->name, SCRATCH_PREFIX "%d.%u", (int)getpid(), n) < 0) {
		s->name = NULL;
		return -ENOMEM;
	}
	if (asprintf(&path, "%s/%s", s->dir, s->name) < 0)
		return -ENOMEM;
	rc = mkdir(path, 0700) ? -errno : 0;
	if (!rc) {
		s->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = s->fd < 0 ? -errno : 0;
		made = true;
	}
	if (!rc) {
		s->owner_fd = openat(s->fd, SCRATCH_OWNER,
				     O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
				     0600);
		rc = s->owner_fd < 0 ? -errno : 0;
	}
	/* Without a list no later run would know whose it was. */
	if (rc && made)
		(void)rmdir(path);
	if (rc && s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
	}
	free(path);
	return rc;
}

/*
 * A neighbour's sweep may take the new directory, still empty, for a left-over
 * (-ENOENT then), or hold the new list for a moment.
 */
static int scratch_make(struct scratch *s)
{
	unsigned int n;
	int rc = -EEXIST;

	for (n = 0; n < 100 && (rc == -EEXIST || rc == -ENOENT); n++)
		rc = scratch_make_one(s, n);
	if (!rc && flock(s->owner_fd, LOCK_EX))
		rc = -errno;
	return rc ? rc : scratch_write(s, SCRATCH_MAGIC, strlen(SCRATCH_MAGIC));
}

int scratch_open(const char *dir, struct scratch **out, struct load_error *err)
{
	unsigned int busy;
	struct scratch *s;
	struct stat st;
	int rc;

	rc = stat(dir, &st) ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	if (rc) {
		load_error_set(err, "directory %s: %s", dir, strerror(-rc));
		return rc;
	}
	busy = scratch_sweep(dir);
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->fd = s->owner_fd = -1;
	s->dir = strdup(dir);
	rc = s->dir ? scratch_make(s) : -ENOMEM;
	if (rc) {
		load_error_set(err, "directory %s: can't make a scratch directory: %s",
			       dir, strerror(-rc));
		(void)scratch_close(s);
		return rc;
	}
	s->neighbours = busy;
	*out = s;
	return 0;
}

unsigned int scratch_neighbours(const struct scratch *s)
{
	return s->neighbours;
}

int scratch_begin_round(struct scratch *s)
{
	int rc;

	snprintf(s->round_name, sizeof(s->round_name), "r%u", ++s->round);
	rc = scratch_record(s, 'd', s->round_name);
	if (!rc && mkdirat(s->fd, s->round_name, 0700))
		rc = -errno;
	if (rc)
		s->round_name[0] = '\0';
	return rc;
}

int scratch_create(struct scratch *s, const char *name, int flags, char **path)
{
	char *rel = NULL, **grown;
	int fd, rc;

	if (asprintf(&rel, "%s/%s", s->round_name, name) < 0)
		return -ENOMEM;
	grown = realloc(s->file, (s->file_nr + 1) * sizeof(*s->file));
	rc = grown ? scratch_record(s, 'f', rel) : -ENOMEM;
	if (grown)
		s->file = grown;
	if (rc)
		goto out;
	fd = openat(s->fd, rel, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | flags, 0600);
	if (fd < 0) {
		rc = -errno;
		/* With O_DIRECT refused, the file is there all the same. */
		if (rc != -EEXIST)
			(void)unlinkat(s->fd, rel, 0);
		goto out;
	}
	if (path && asprintf(path, "%s/%s/%s", s->dir, s->name, rel) < 0) {
		*path = NULL;
		close(fd);
		(void)unlinkat(s->fd, rel, 0);
		rc = -ENOMEM;
		goto out;
	}
	s->file[s->file_nr++] = rel;
	return fd;
out:
	free(rel);
	return rc;
}

int scratch_remove(struct scratch *s, const char *name)
{
	size_t skip = strlen(s->round_name) + 1, i;

	for (i = 0; i < s->file_nr; i++) {
		int rc;

		if (strcmp(s->file[i] + skip, name))
			continue;
		rc = unlinkat(s->fd, s->file[i], 0) ? -errno : 0;
		free(s->file[i]);
		s->file[i] = s->file[--s->file_nr];
		return rc;
	}
	return -ENOENT;
}

int scratch_end_round(struct scratch *s)
{
	int rc = 0;

	while (s->file_nr) {
		char *rel = s->file[--s->file_nr];

		if (unlinkat(s->fd, rel, 0) && !rc)
			rc = -errno;
		free(rel);
	}
	if (s->round_name[0] && unlinkat(s->fd, s->round_name, AT_REMOVEDIR) && !rc)
		rc = -errno;
	s->round_name[0] = '\0';
	return rc;
}

int scratch_close(struct scratch *s)
{
	char *path = NULL;
	int rc = 0;

	if (!s)
		return 0;
	if (s->fd >= 0)
		rc = scratch_end_round(s);
	if (s->owner_fd >= 0) {
		(void)unlinkat(s->fd, SCRATCH_OWNER, 0);
		close(s->owner_fd);
	}
	if (s->fd >= 0) {
		close(s->fd);
		if (asprintf(&path, "%s/%s", s->dir, s->name) < 0)
			path = NULL;
		if ((!path || rmdir(path)) && !rc)
			rc = -errno;
		free(path);
	}
	free(s->file);
	free(s->name);
	free(s->dir);
	free(s);
	return rc;
}
