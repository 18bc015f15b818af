// SPDX-License-Identifier: GPL-2.0-or-later
/* Limits of the control group that could be what a run measures. */
#include "result/host.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Above this a version 1 memory limit means none: LONG_MAX in pages. */
#define V1_NO_LIMIT (INT64_MAX - (1 << 20))

/*
 * The own path in the hierarchy of a controller, as /proc/self/cgroup has it:
 * "4:memory:/a/b"; version 2 has an empty controller: "0::/a/b".
 */
static bool own_path(const char *controller, char *path, size_t size)
{
	FILE *in = host_open("/proc/self/cgroup");
	char *line = NULL, *names, *rest, *name, *at;
	size_t room = 0;
	bool found = false;

	if (!in)
		return false;
	while (!found && getline(&line, &room, in) > 0) {
		line[strcspn(line, "\n")] = '\0';
		names = strchr(line, ':');
		at = names ? strchr(names + 1, ':') : NULL;
		if (!at)
			continue;
		*at++ = '\0';
		names++;
		if (!*controller)
			found = !*names;
		for (name = strtok_r(names, ",", &rest); name && !found;
		     name = strtok_r(NULL, ",", &rest))
			found = !strcmp(name, controller);
		if (found)
			snprintf(path, size, "%s", strcmp(at, "/") ? at : "");
	}
	free(line);
	fclose(in);
	return found;
}

/* Parent of a path in place; false at the top. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

static bool is_limit(const char *text)
{
	return *text && strncmp(text, "max", 3);
}

/*
 * Version 2: a limit of any ancestor binds; the nearest one is reported. The
 * root group has no such files, so that all missing means no limit known.
 */
static void put_v2(struct host *h, const char *fact, const char *mount, const char *own,
		   const char *file)
{
	char path[PATH_MAX], text[1024], *at;
	bool seen = false;

	snprintf(path, sizeof(path), "%s", own);
	do {
		if (host_read(text, sizeof(text), "%s%s/%s", mount, path, file) < 0)
			continue;
		seen = true;
		if (!is_limit(text))
			continue;
		for (at = text; (at = strchr(at, '\n')); at++)
			*at = ';';
		host_put_text(h, fact, text);
		return;
	} while (go_up(path));
	host_put_text(h, fact, seen ? "max" : NULL);
}

/*
 * A version 1 file of the own group, or of the mount's top when a container
 * shows the group's path from outside.
 */
static ssize_t read_v1(char *buf, size_t size, const char *controller, const char *file)
{
	char path[PATH_MAX];
	ssize_t len;

	if (!own_path(controller, path, sizeof(path)))
		return -1;
	len = host_read(buf, size, "/sys/fs/cgroup/%s%s/%s", controller, path, file);
	if (len < 0)
		len = host_read(buf, size, "/sys/fs/cgroup/%s/%s", controller, file);
	return len;
}

static void put_v1(struct host *h)
{
	char text[1024], period[64], both[1100], *at;

	if (read_v1(text, sizeof(text), "cpu", "cpu.cfs_quota_us") < 0 ||
	    read_v1(period, sizeof(period), "cpu", "cpu.cfs_period_us") < 0) {
		host_put_null(h, "cgroup_limits.cpu_max");
	} else {
		snprintf(both, sizeof(both), "%s %s", text, period);
		host_put_text(h, "cgroup_limits.cpu_max", *text == '-' ? "max" : both);
	}
	if (read_v1(text, sizeof(text), "memory", "memory.limit_in_bytes") < 0)
		host_put_null(h, "cgroup_limits.memory_max");
	else
		host_put_text(h, "cgroup_limits.memory_max",
			      strtoll(text, NULL, 10) >= V1_NO_LIMIT ? "max" : text);
	if (read_v1(text, sizeof(text), "blkio", "blkio.throttle.write_bps_device") < 0) {
		host_put_null(h, "cgroup_limits.io_max");
		return;
	}
	for (at = text; (at = strchr(at, '\n')); at++)
		*at = ';';
	host_put_text(h, "cgroup_limits.io_max", *text ? text : "max");
}

void host_cgroup(struct host *h)
{
	char own[PATH_MAX], text[1024];
	const char *mount = "/sys/fs/cgroup";

	/* The version 2 hierarchy beside version 1 has no controllers here. */
	if (host_read(text, sizeof(text), "%s/cgroup.controllers", mount) < 0 ||
	    !own_path("", own, sizeof(own))) {
		put_v1(h);
		return;
	}
	put_v2(h, "cgroup_limits.cpu_max", mount, own, "cpu.max");
	put_v2(h, "cgroup_limits.memory_max", mount, own, "memory.max");
	put_v2(h, "cgroup_limits.io_max", mount, own, "io.max");
}
