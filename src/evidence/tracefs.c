// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LIBTRACEEVENT
#include <event-parse.h>
#endif

#define FORMAT_MAX_BYTES (1u << 18)

bool tracefs_built(void)
{
#ifdef HAVE_LIBTRACEEVENT
	return true;
#else
	return false;
#endif
}

/* Of a mount without a path nothing is left when the last user closes it. */
static int tracefs_mount(void)
{
	int fs, fd, ret;

	/* By number: C libraries before 2.36 have no functions for them. */
	fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		ret = -errno;
		goto out;
	}
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	ret = fd < 0 ? -errno : fd;
out:
	close(fs);
	return ret;
}

int tracefs_open(int *fd, const char **why)
{
	static const char *const place[] = { "/sys/kernel/tracing",
					     "/sys/kernel/debug/tracing" };
	bool refused = false;
	size_t i;
	int ret;

	for (i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		*fd = open(place[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*fd < 0)
			continue;
		/* The mount point is there without the mount, too. */
		if (!faccessat(*fd, "events/sched", R_OK | X_OK, AT_EACCESS))
			return 0;
		refused |= errno == EACCES;
		close(*fd);
	}
	ret = tracefs_mount();
	if (ret >= 0) {
		*fd = ret;
		return 0;
	}
	*why = "tracefs is not mounted: mount -t tracefs nodev /sys/kernel/tracing";
	if (refused)
		*why = "tracefs can't be read: run as root, or mount -o remount,mode=755 "
		       "/sys/kernel/tracing";
	return ret;
}

#ifdef HAVE_LIBTRACEEVENT

static char why_text[200];

/* All of the file, which says nothing of its size. */
static int read_format(int fd, const char *system, const char *name, char **text,
		       size_t *bytes)
{
	char path[128];
	ssize_t got;
	int file, ret = 0;

	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	file = openat(fd, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	*bytes = 0;
	*text = malloc(FORMAT_MAX_BYTES);
	if (!*text) {
		ret = -ENOMEM;
		goto out;
	}
	do {
		got = read(file, *text + *bytes, FORMAT_MAX_BYTES - *bytes);
		if (got > 0)
			*bytes += (size_t)got;
	} while (got > 0);
	if (got < 0)
		ret = -errno;
	else if (*bytes == FORMAT_MAX_BYTES)
		ret = -EFBIG;
out:
	close(file);
	return ret;
}

static int find_field(struct tep_event *event, const char *name,
		      struct tracefs_field *field)
{
	const struct tep_format_field *f = tep_find_field(event, name);

	if (!f || f->offset < 0 || f->offset > UINT16_MAX - 8)
		return -EINVAL;
	if (f->size != 1 && f->size != 2 && f->size != 4 && f->size != 8)
		return -EINVAL;
	field->offset = (uint16_t)f->offset;
	field->bytes = (uint8_t)f->size;
	field->is_signed = f->flags & TEP_FIELD_IS_SIGNED;
	return 0;
}

int tracefs_format(int fd, const char *system, const char *name,
		   const char *const *field_name, struct tracefs_field *field, size_t nr,
		   uint64_t *id, const char **why)
{
	struct tep_handle *tep = NULL;
	struct tep_event *event;
	char *text = NULL;
	size_t bytes = 0, i;
	int ret;

	*why = why_text;
	ret = read_format(fd, system, name, &text, &bytes);
	if (ret) {
		snprintf(why_text, sizeof(why_text), "the kernel has no event %s:%s: %s",
			 system, name, strerror(-ret));
		goto out;
	}
	snprintf(why_text, sizeof(why_text),
		 "the format of event %s:%s is not understood", system, name);
	/* It would print where it doesn't know a word of "print fmt". */
	tep_set_loglevel(TEP_LOG_NONE);
	tep = tep_alloc();
	if (!tep) {
		ret = -ENOMEM;
		goto out;
	}
	ret = -EINVAL;
	if (tep_parse_event(tep, text, bytes, system))
		goto out;
	event = tep_find_event_by_name(tep, system, name);
	if (!event)
		goto out;
	*id = (uint64_t)event->id;
	for (i = 0; i < nr; i++) {
		ret = find_field(event, field_name[i], &field[i]);
		if (ret) {
			snprintf(why_text, sizeof(why_text),
				 "event %s:%s of this kernel has no number %s", system,
				 name, field_name[i]);
			goto out;
		}
	}
	ret = 0;
out:
	tep_free(tep);
	free(text);
	return ret;
}

#else

int tracefs_format(int fd, const char *system, const char *name,
		   const char *const *field_name, struct tracefs_field *field, size_t nr,
		   uint64_t *id, const char **why)
{
	(void)fd, (void)system, (void)name, (void)field_name, (void)field, (void)nr;
	(void)id;
	*why = "built without libtraceevent";
	return -ENOTSUP;
}

#endif
