// SPDX-License-Identifier: GPL-2.0-or-later
/* Filters the events and switches them on and off. */
#include "evidence/events_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

uint64_t events_read_lost(int fd)
{
	uint64_t value[2]; /* count, lost */

	return read(fd, value, sizeof(value)) == sizeof(value) ? value[1] : 0;
}

/* An event of every processor on or off. */
static int slot_switch(struct events *e, enum events_slot slot, bool on)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < e->cpu_nr; i++) {
		int fd = e->cpu[i].fd[slot];

		if (fd >= 0 &&
		    ioctl(fd, on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0) &&
		    !ret)
			ret = -errno;
	}
	return ret;
}

/* Text that is cut off at its end is no filter: the kernel says so. */
static void __attribute__((format(printf, 2, 3)))
filter_add(char *text, const char *format, ...)
{
	size_t bytes = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + bytes, EVENTS_FILTER_BYTES - bytes, format, args);
	va_end(args);
}

/* " && " before what isn't the first. */
static void filter_and(char *text)
{
	if (text[0])
		filter_add(text, " && ");
}

static void filter_files(char *text, const struct events_round *round)
{
	size_t i;

	if (!round->ino_nr || round->ino_nr > EVENTS_FILES_MAX)
		return;
	for (i = 0; i < round->ino_nr; i++)
		filter_add(text, "%sino == %llu", i ? " || " : "(",
			   (unsigned long long)round->ino[i]);
	filter_add(text, ")");
}

static void filter_begin(char *text, const struct events_round *round)
{
	/* pos is signed. */
	uint64_t from = round->extending_from < INT64_MAX ? round->extending_from :
							    INT64_MAX;

	filter_files(text, round);
	if (round->every_begin)
		return;
	filter_and(text);
	filter_add(text, "(dio_flags & 1 || pos >= %llu%s)", (unsigned long long)from,
		   round->io_uring ? " || !(ki_flags & 8)" : "");
}

static void filter_complete(char *text, const struct events_round *round)
{
	size_t i;

	filter_files(text, round);
	if (round->tid_nr > EVENTS_THREADS_MAX)
		return;
	/* Those of the load threads are within sleeps that have their own events. */
	for (i = 0; i < round->tid_nr; i++) {
		filter_and(text);
		filter_add(text, "common_pid != %d", (int)round->tid[i]);
	}
}

static void filter_waking(char *text, const struct events_round *round)
{
	size_t i;

	if (!round->tid_nr || round->tid_nr > EVENTS_THREADS_MAX)
		return;
	for (i = 0; i < round->tid_nr; i++)
		filter_add(text, "%spid == %d", i ? " || " : "", (int)round->tid[i]);
	if (round->io_uring)
		filter_add(text, " || comm ~ \"iou-wrk*\"");
}

/*
 * Opens a slot anew, with another filter. The old one goes last, so that the
 * tracepoint stays in use: the kernel rewrites its code at the first and the last.
 */
static int refilter(struct events *e, enum events_slot slot,
		    void (*filter)(char *text, const struct events_round *round),
		    const struct events_round *round)
{
	char text[EVENTS_FILTER_BYTES] = "";
	size_t i;
	int fd;

	filter(text, round);
	for (i = 0; i < e->cpu_nr; i++) {
		struct events_cpu *cpu = &e->cpu[i];

		fd = events_open_slot(e, cpu, slot, -1, text[0] ? text : NULL);
		if (fd < 0)
			return fd;
		e->lost_closed += events_read_lost(cpu->fd[slot]);
		close(cpu->fd[slot]);
		cpu->fd[slot] = fd;
	}
	return 0;
}

/* Forgets the events that are closed, of which no record is left. */
static void forget_ids(struct events *e)
{
	size_t i, j, nr = 0;
	uint64_t id;
	int slot;

	for (i = 0; i < e->cpu_nr; i++) {
		for (slot = 0; slot < SLOT_NR; slot++) {
			int fd = e->cpu[i].fd[slot];

			if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_ID, &id))
				continue;
			for (j = 0; j < e->id_nr && e->id[j].id != id; j++)
				;
			if (j < e->id_nr)
				e->id[j].open = true;
		}
	}
	for (j = 0; j < e->id_nr; j++) {
		if (!e->id[j].open)
			continue;
		e->id[nr] = e->id[j];
		e->id[nr++].open = false;
	}
	e->id_nr = nr;
}

int events_start(struct events *e, const struct events_round *round)
{
	int slot, ret;
	size_t i;

	events_stop(e);
	ret = refilter(e, SLOT_BEGIN, filter_begin, round);
	if (!ret)
		ret = refilter(e, SLOT_WAKING, filter_waking, round);
	if (!ret)
		ret = refilter(e, SLOT_COMPLETE, filter_complete, round);
	if (ret)
		return ret;
	for (i = 0; i < e->cpu_nr; i++)
		events_empty_ring(&e->cpu[i].ring);
	e->event_nr = 0;
	forget_ids(e);
	for (slot = 0; slot < SLOT_NR && !ret; slot++) {
		if (slot == (round->every_sleep ? SLOT_SLEEP : SLOT_SLEEP_EVERY))
			continue;
		if ((slot == SLOT_PUNT || slot == SLOT_REPLY) && !round->io_uring)
			continue;
		ret = slot_switch(e, (enum events_slot)slot, true);
	}
	if (ret)
		events_stop(e);
	return ret;
}

void events_stop(struct events *e)
{
	uint64_t lost = 0;
	size_t i;
	int slot;

	for (slot = SLOT_NR - 1; slot >= 0; slot--)
		slot_switch(e, (enum events_slot)slot, false);
	for (i = 0; i < e->watched_nr * e->cpu_nr; i++) {
		if (e->watch_fd[i] < 0)
			continue;
		ioctl(e->watch_fd[i], PERF_EVENT_IOC_DISABLE, 0);
		e->lost_closed += events_read_lost(e->watch_fd[i]);
		close(e->watch_fd[i]);
	}
	e->watched_nr = 0;
	/* Reading an event that counts would interrupt its processor. */
	for (i = 0; i < e->cpu_nr; i++) {
		for (slot = 0; slot < SLOT_NR; slot++) {
			if (e->cpu[i].fd[slot] >= 0)
				lost += events_read_lost(e->cpu[i].fd[slot]);
		}
	}
	e->lost_stopped = lost + e->lost_closed;
}

void events_frequent(struct events *e, enum events_turn turn, bool on)
{
	int slot;

	for (slot = 0; slot < SLOT_NR; slot++) {
		if (events_kinds[slot].turn == turn)
			slot_switch(e, (enum events_slot)slot, on);
	}
}

int events_watch(struct events *e, pid_t tid)
{
	int *fds = e->watch_fd + e->watched_nr * e->cpu_nr;
	size_t i, nr;
	int ret;

	if (tid <= 0)
		return -EINVAL;
	for (i = 0; i < e->watched_nr; i++) {
		if (e->watched[i] == tid)
			return 0;
	}
	if (e->watched_nr == EVENTS_WATCHED_MAX)
		return 0;
	for (nr = 0; nr < e->cpu_nr; nr++) {
		fds[nr] = events_open_slot(e, &e->cpu[nr], SLOT_SLEEP, tid,
					   "prev_state & 2");
		if (fds[nr] < 0) {
			ret = fds[nr];
			goto fail;
		}
		if (ioctl(fds[nr], PERF_EVENT_IOC_ENABLE, 0)) {
			ret = -errno;
			close(fds[nr]);
			goto fail;
		}
	}
	e->watched[e->watched_nr++] = tid;
	return 0;
fail:
	while (nr--)
		close(fds[nr]);
	return ret;
}

uint64_t events_lost(const struct events *e)
{
	/* The rings tell of a loss with the next record; there may be none. */
	return e->dropped +
	       (e->lost_records > e->lost_stopped ? e->lost_records : e->lost_stopped);
}

uint64_t events_frequent_nr(const struct events *e, enum events_turn turn)
{
	return e->frequent_nr[turn];
}
