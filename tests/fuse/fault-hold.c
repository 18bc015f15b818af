// SPDX-License-Identifier: GPL-2.0-or-later
/* slowfs: a write that is never answered, and the end of that. */
#include "fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PF_EXITING 4u
#define SIGKILL_BIT (1ull << 8)

static struct {
	bool waiting, ended;
	_Atomic bool interrupted;
	pthread_t thread;
	fuse_req_t req;
	struct service service;
	struct record record;
	pid_t pid;
} held;

static void on_interrupt(fuse_req_t req, void *unused)
{
	(void)req;
	(void)unused;
	held.interrupted = true;
}

/* The number behind NAME: in /proc/PID/status, in this base; 0: none. */
static uint64_t proc_number(pid_t pid, const char *name, int base)
{
	char path[64], line[256];
	uint64_t value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			value = strtoull(line + strlen(name) + 1, NULL, base);
	if (f)
		fclose(f);
	return value;
}

/* Whether the process is gone, or would be if it were not for what is held. */
static bool client_ends(pid_t pid)
{
	char path[64], line[512], *at;
	unsigned int flags = PF_EXITING;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return true;
	at = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (at)
		sscanf(at, ") %*c %*d %*d %*d %*d %*d %u", &flags);
	return flags & PF_EXITING || proc_number(pid, "ShdPnd", 16) & SIGKILL_BIT ||
	       proc_number(pid, "SigPnd", 16) & SIGKILL_BIT;
}

static void *held_watch(void *unused)
{
	bool ended = false;
	int err = 0;

	(void)unused;
	while (!err) {
		sleep_ns(5 * 1000 * NS_PER_US);
		pthread_mutex_lock(&fs_lock);
		ended = held.ended;
		pthread_mutex_unlock(&fs_lock);
		if (held.interrupted)
			err = EINTR;
		else if (ended || client_ends(held.pid))
			err = EIO;
	}
	pthread_mutex_lock(&fs_lock);
	service_end(&held.service);
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_err(held.req, err);
	return NULL;
}

void hold(struct service *s, fuse_req_t req)
{
	/* First, as the thread may answer and free it at once. */
	fuse_req_interrupt_func(req, on_interrupt, NULL);
	pthread_mutex_lock(&fs_lock);
	held.req = req;
	held.pid = (pid_t)proc_number(fuse_req_ctx(req)->pid, "Tgid", 10);
	held.record = *s->r;
	service_end(s);
	held.service = *s;
	held.service.r = &held.record;
	held.service.next = services;
	services = &held.service;
	held.waiting = !pthread_create(&held.thread, NULL, held_watch, NULL);
	pthread_mutex_unlock(&fs_lock);
	if (!held.waiting)
		abort();
}

void hold_end(void)
{
	if (!held.waiting)
		return;
	pthread_mutex_lock(&fs_lock);
	held.ended = true;
	pthread_mutex_unlock(&fs_lock);
	pthread_join(held.thread, NULL);
}
