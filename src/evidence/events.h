/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own account of direct writes: perf events on this process, its
 * io_uring workers, and the completion of its writes wherever that runs. All
 * events are private to this process and vanish with it; nothing on the machine
 * is changed, but that the soft limit on open files of this process is raised
 * where there are many processors.
 *
 * One thread at a time. Threads are named as the first pid namespace does in
 * filters and wakings.
 */
#ifndef DIOWAIT_EVENTS_H
#define DIOWAIT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "evidence/chain.h"
#include "evidence/event.h"

struct events;

#define EVENTS_FILES_MAX 16
#define EVENTS_THREADS_MAX 64

/* What happens so often in a fast run that it is watched in turns. */
enum events_turn {
	EVENTS_ALWAYS, /* the rest, which is not */
	EVENTS_WAKINGS,
	EVENTS_COMPLETIONS, /* and the work items that they run in */
	EVENTS_BEGINS,	    /* where calls carry one write, and no worker does any */
	EVENTS_TURN_NR
};

struct events_setup {
	size_t ring_bytes; /* of each processor, a power of two; 0: 2 MiB */
	struct chains *chains;
};

/* What a round looks at. */
struct events_round {
	bool io_uring; /* some job uses it: workers are watched, too */
	/* Begin of every write: else of those told to wait, those at or past
	 * extending_from, and those that a worker does. */
	bool every_begin;
	uint64_t extending_from; /* bytes; smallest EOF that a file begins with */
	/* Chains of interruptible sleeps as well, which cost, and which local file
	 * systems don't have within a submission. */
	bool every_sleep;
	/* Files written, by inode; none or more than EVENTS_FILES_MAX: all there are,
	 * for begins and completions, those of other processes, too. */
	const uint64_t *ino;
	size_t ino_nr;
	/* Load threads: their wakings are watched, and what they complete themselves is
	 * not. None or more than EVENTS_THREADS_MAX: all there are. */
	const pid_t *tid;
	size_t tid_nr;
};

/*
 * Opens all events, not yet counting, for the calling thread and every thread
 * that it starts from now on. 0 and *out; else -errno, and *why (static, or
 * valid until the next call) is one line, without a full stop, that says what is
 * missing and how to get it: no CAP_PERFMON, no tracefs, symbols hidden, a
 * kernel without the iomap events (before 6.4).
 */
int events_open(const struct events_setup *setup, struct events **out, const char **why);

/* Takes NULL. */
void events_close(struct events *e);

/*
 * Keeps all tracepoints in use, and counts nothing: for who opens and closes events time
 * and again. The kernel rewrites its code for the first event of a tracepoint and after
 * the last, and closing that takes some 40 ms for each. NULL where it can't be had; then
 * events_open() says why. events_release() takes NULL.
 */
struct events_hold *events_hold(void);
void events_release(struct events_hold *h);

/*
 * Stops what counts, sets the filters, empties the rings, starts counting. 0 or
 * -errno. Takes milliseconds: the kernel takes a filter once only, so that begins,
 * wakings and completions are opened anew.
 */
int events_start(struct events *e, const struct events_round *round);

/* Stops counting; what is in the rings stays there. */
void events_stop(struct events *e);

/* On by events_start(). */
void events_frequent(struct events *e, enum events_turn turn, bool on);

/*
 * Watches sleeps and switches of a kernel thread, too, until events_stop(): one
 * that completes our writes. Threads already watched, and those past a bound,
 * are left alone. 0 or -errno (it may be gone).
 */
int events_watch(struct events *e, pid_t tid);

/*
 * Takes all rings empty, and passes on what happened before until_ns, in order of
 * time; what is later is kept for the next call. Memory is bounded by the rings.
 */
void events_drain(struct events *e, uint64_t until_ns,
		  void (*fn)(void *ctx, const struct event *event), void *ctx);

/* Records that found a ring full, since events_open(); exact after events_stop(). */
uint64_t events_lost(const struct events *e);

/* Records of these events seen since events_open(). */
uint64_t events_frequent_nr(const struct events *e, enum events_turn turn);

#endif
