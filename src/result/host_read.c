// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading /proc and /sys. These files are small and come whole; one that is
 * not there, or not for us, is no error but a null.
 */
#include "result/host.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char host_root[PATH_MAX];

void host_set_root(const char *root)
{
	snprintf(host_root, sizeof(host_root), "%s", root ? root : "");
}

bool host_has_root(void)
{
	return host_root[0];
}

/* Root and formatted path together. 0 or -ENAMETOOLONG. */
__attribute__((format(printf, 2, 0))) static int full_path(char *path, const char *fmt,
							   va_list args)
{
	size_t len = strlen(host_root);
	int more;

	memcpy(path, host_root, len);
	more = vsnprintf(path + len, PATH_MAX - len, fmt, args);
	return more < 0 || (size_t)more >= PATH_MAX - len ? -ENAMETOOLONG : 0;
}

static ssize_t read_path(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t got = 0;
	int err = 0;

	if (fd < 0)
		return -errno;
	/* seq_file gives a page at a time, so one read() is not enough. */
	while (len < size - 1) {
		got = read(fd, buf + len, size - 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	if (got < 0)
		err = -errno;
	close(fd);
	if (err)
		return err;
	buf[len] = '\0';
	/* A NUL inside would hide the rest from everybody. */
	len = strlen(buf);
	while (len && isspace((unsigned char)buf[len - 1]))
		buf[--len] = '\0';
	return (ssize_t)len;
}

__attribute__((format(printf, 3, 0))) static ssize_t vread(char *buf, size_t size,
							   const char *fmt, va_list args)
{
	char path[PATH_MAX];
	int err = full_path(path, fmt, args);

	return err ? err : read_path(path, buf, size);
}

ssize_t host_read(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	ssize_t len;

	va_start(args, fmt);
	len = vread(buf, size, fmt, args);
	va_end(args);
	return len;
}

__attribute__((format(printf, 2, 0))) static int vread_number(int64_t *value,
							      const char *fmt,
							      va_list args)
{
	char text[64], *end;
	ssize_t len = vread(text, sizeof(text), fmt, args);
	long long number;

	if (len < 0)
		return (int)len;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text)
		return -EINVAL;
	*value = number;
	return 0;
}

int host_read_number(int64_t *value, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = vread_number(value, fmt, args);
	va_end(args);
	return err;
}

FILE *host_open(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	int err;

	va_start(args, fmt);
	err = full_path(path, fmt, args);
	va_end(args);
	return err ? NULL : fopen(path, "re");
}

static int no_dots(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

char *host_list(const char *prefix, const char *fmt, ...)
{
	char path[PATH_MAX], *joined = NULL;
	struct dirent **entry;
	size_t size = 1, len = 0;
	va_list args;
	int err, nr, i;

	va_start(args, fmt);
	err = full_path(path, fmt, args);
	va_end(args);
	if (err)
		return NULL;
	nr = scandir(path, &entry, no_dots, versionsort);
	if (nr < 0)
		return NULL;
	for (i = 0; i < nr; i++)
		size += strlen(entry[i]->d_name) + 1;
	joined = calloc(1, size);
	for (i = 0; i < nr; i++) {
		if (joined && !strncmp(entry[i]->d_name, prefix, strlen(prefix)))
			len += (size_t)sprintf(joined + len, "%s%s", len ? " " : "",
					       entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return joined;
}

void host_pick_bracketed(char *text)
{
	char *open = strpbrk(text, "[("), *close;

	if (!open)
		return;
	close = strpbrk(open, "])");
	if (!close)
		return;
	*close = '\0';
	memmove(text, open + 1, strlen(open + 1) + 1);
}

unsigned int host_list_count(const char *list)
{
	unsigned int nr = 0;
	char *end;

	while (isdigit((unsigned char)*list)) {
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last >= first)
			nr += (unsigned int)(last - first + 1);
		list = *end == ',' ? end + 1 : end;
	}
	return nr;
}

static void keep_error(struct host *h, int err)
{
	if (err && !h->err)
		h->err = err;
}

void host_put_null(struct host *h, const char *path)
{
	keep_error(h, facts_null(h->facts, path));
}

void host_put_bool(struct host *h, const char *path, bool yes)
{
	keep_error(h, facts_bool(h->facts, path, yes));
}

void host_put_int(struct host *h, const char *path, int64_t number)
{
	keep_error(h, facts_int(h->facts, path, number));
}

void host_put_text(struct host *h, const char *path, const char *text)
{
	keep_error(h, facts_text(h->facts, path, text));
}

void host_put_text_file(struct host *h, const char *path, const char *fmt, ...)
{
	char text[4096];
	va_list args;
	ssize_t len;

	va_start(args, fmt);
	len = vread(text, sizeof(text), fmt, args);
	va_end(args);
	host_put_text(h, path, len < 0 ? NULL : text);
}

void host_put_int_file(struct host *h, const char *path, const char *fmt, ...)
{
	int64_t number = 0;
	va_list args;
	int err;

	va_start(args, fmt);
	err = vread_number(&number, fmt, args);
	va_end(args);
	if (err)
		host_put_null(h, path);
	else
		host_put_int(h, path, number);
}

void host_put_bool_file(struct host *h, const char *path, const char *fmt, ...)
{
	int64_t number = 0;
	va_list args;
	int err;

	va_start(args, fmt);
	err = vread_number(&number, fmt, args);
	va_end(args);
	if (err)
		host_put_null(h, path);
	else
		host_put_bool(h, path, number != 0);
}
