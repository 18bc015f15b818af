// SPDX-License-Identifier: GPL-2.0-or-later
/* From a directory to its mount, and from the mount to its block device. */
#include "result/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* "\040" and the like, in place. */
static void unescape(char *text)
{
	char *to = text;

	while (*text) {
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3' &&
		    text[2] >= '0' && text[2] <= '7' && text[3] >= '0' &&
		    text[3] <= '7') {
			*to++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 |
				       (text[3] - '0'));
			text += 4;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

static bool has_option(const char *list, const char *option, size_t len)
{
	while (*list) {
		size_t one = strcspn(list, ",");

		if (one == len && !strncmp(list, option, len))
			return true;
		list += one + (list[one] == ',');
	}
	return false;
}

/* Options of the mount, then those of the file system that add to them. */
static char *merge_options(const char *mount, const char *super)
{
	char *both = malloc(strlen(mount) + strlen(super) + 2);

	if (!both)
		return NULL;
	strcpy(both, mount);
	while (*super) {
		size_t len = strcspn(super, ",");

		if (len && !has_option(both, super, len)) {
			if (*both)
				strcat(both, ",");
			strncat(both, super, len);
		}
		super += len + (super[len] == ',');
	}
	return both;
}

/* One line: "36 35 98:0 /root /mnt rw,noatime master:1 - ext4 /dev/sda rw". */
struct mount_line {
	uint64_t id;
	unsigned int major, minor;
	char *mount_point, *mount_options, *type, *source, *super_options;
};

static bool split_line(char *line, struct mount_line *out)
{
	char *field[6], *rest, *at, *after;
	size_t i;

	line[strcspn(line, "\n")] = '\0';
	after = strstr(line, " - ");
	if (!after)
		return false;
	*after = '\0';
	after += 3;
	for (i = 0, at = strtok_r(line, " ", &rest); at && i < 6;
	     at = strtok_r(NULL, " ", &rest))
		field[i++] = at;
	if (i < 6 || sscanf(field[2], "%u:%u", &out->major, &out->minor) != 2)
		return false;
	out->id = strtoull(field[0], NULL, 10);
	out->mount_point = field[4];
	out->mount_options = field[5];
	/* The source may be empty, so blanks are counted, not skipped. */
	out->type = strsep(&after, " ");
	out->source = strsep(&after, " ");
	/* An empty list stays inside the line: its terminating NUL. */
	out->super_options = after ? after : out->source ? strchr(out->source, 0) : NULL;
	return out->source;
}

void host_mount_clear(struct host_mount *m)
{
	free(m->type);
	free(m->source);
	free(m->mount_point);
	free(m->options);
	memset(m, 0, sizeof(*m));
}

/* out keeps what it had when there is no memory for all of it. */
static int keep_line(struct mount_line *l, struct host_mount *out)
{
	struct host_mount m = { .major = l->major, .minor = l->minor };

	unescape(l->mount_point);
	unescape(l->source);
	m.type = strdup(l->type);
	m.source = strdup(l->source);
	m.mount_point = strdup(l->mount_point);
	m.options = merge_options(l->mount_options, l->super_options);
	if (!m.type || !m.source || !m.mount_point || !m.options) {
		host_mount_clear(&m);
		return -ENOMEM;
	}
	host_mount_clear(out);
	*out = m;
	return 0;
}

int host_mount_parse(FILE *mountinfo, uint64_t id, unsigned int dev_major,
		     unsigned int dev_minor, struct host_mount *out)
{
	struct mount_line parsed;
	char *line = NULL;
	size_t room = 0;
	int ret = -ENOENT;

	while (getline(&line, &room, mountinfo) > 0) {
		if (!split_line(line, &parsed))
			continue;
		if (id ? parsed.id != id :
			 parsed.major != dev_major || parsed.minor != dev_minor)
			continue;
		ret = keep_line(&parsed, out);
		if (ret || id)
			break;
	}
	free(line);
	return ret;
}

int host_mount_find(int fd, struct host_mount *out)
{
	uint64_t id = 0;
	struct statx sx;
	FILE *in;
	int ret;

	memset(out, 0, sizeof(*out));
	/*
	 * The mount's id, where the kernel has it: the device number of a
	 * file on btrfs is its subvolume's, which no mount carries.
	 */
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &sx))
		return -errno;
	if (sx.stx_mask & STATX_MNT_ID)
		id = sx.stx_mnt_id;
	in = host_open("/proc/self/mountinfo");
	if (!in)
		return -ENOENT;
	ret = host_mount_parse(in, id, sx.stx_dev_major, sx.stx_dev_minor, out);
	fclose(in);
	return ret;
}

/* Fills the name and kind of a device whose numbers are known. */
static int device_look_up(struct host_device *d)
{
	char text[1024], *name;
	int64_t number;

	if (host_read(text, sizeof(text), "/sys/dev/block/%u:%u/uevent", d->major,
		      d->minor) < 0)
		return -ENOENT;
	name = strstr(text, "DEVNAME=");
	if (!name)
		return -ENOENT;
	name += strlen("DEVNAME=");
	name[strcspn(name, "\n")] = '\0';
	snprintf(d->name, sizeof(d->name), "%.63s", name);
	d->is_partition = !host_read_number(&number, "/sys/dev/block/%u:%u/partition",
					    d->major, d->minor);
	return 0;
}

int host_device_find(const struct host_mount *m, struct host_device *out)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	out->major = m->major;
	out->minor = m->minor;
	/* btrfs and fuseblk have a number of no device, but name theirs. */
	if (!m->major) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): of a mount that was found */
		if (m->source[0] != '/' || stat(m->source, &st) || !S_ISBLK(st.st_mode))
			return -ENOENT;
		out->major = major(st.st_rdev);
		out->minor = minor(st.st_rdev);
	}
	return device_look_up(out);
}

int host_device_of_dir(const char *dir, struct host_device *out)
{
	struct host_mount m;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = host_mount_find(fd, &m);
	if (!err)
		err = host_device_find(&m, out);
	host_mount_clear(&m);
	close(fd);
	return err;
}
