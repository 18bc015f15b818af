/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of events.h share: events_open.c opens, events.c filters and
 * switches, events_drain.c decodes.
 */
#ifndef DIOWAIT_EVENTS_PRIVATE_H
#define DIOWAIT_EVENTS_PRIVATE_H

#include <linux/perf_event.h>

#include "evidence/events.h"
#include "evidence/tracefs.h"

#define EVENTS_WATCHED_MAX 32
#define EVENTS_FIELDS_MAX 7
/* The kernel takes no longer one: a page. */
#define EVENTS_FILTER_BYTES 4096

/*
 * One event of every processor. A filter can be set only once, so that those whose
 * filter is another in each round are opened anew, and for the whole system: events
 * opened for a thread are not inherited by threads that exist already.
 */
enum events_slot {
	/* of the calling thread and its children */
	SLOT_SWITCH, /* has the ring */
	SLOT_SLEEP,
	SLOT_SLEEP_EVERY,
	SLOT_PUNT,
	SLOT_REPLY,
	/* of the whole system */
	SLOT_BEGIN,
	SLOT_WAKING,
	SLOT_COMPLETE,
	SLOT_WORK_QUEUE,
	SLOT_WORK_START,
	SLOT_WORK_END,
	SLOT_NR
};

/* What a slot is: a row of events_kinds[]. */
struct events_kind {
	const char *system, *name; /* NULL: no tracepoint */
	const char *field[EVENTS_FIELDS_MAX];
	uint8_t type; /* enum event_type */
	bool inherited;
	enum events_turn turn;
	bool optional; /* left out where the kernel doesn't have it */
	bool chain;    /* with call chain, without fields */
};

extern const struct events_kind events_kinds[SLOT_NR];

/* Bytes between tail and head, modulo bytes, are records. */
struct events_ring {
	struct perf_event_mmap_page *page;
	size_t map_bytes;
	const unsigned char *data;
	size_t bytes; /* a power of two */
};

struct events_cpu {
	int cpu;
	int fd[SLOT_NR]; /* -1: not there */
	struct events_ring ring;
};

/* Which event a record is of. */
struct events_id {
	uint64_t id;
	uint8_t slot;
	bool open; /* used by events_start() alone */
};

struct events {
	struct chains *chains;
	struct events_cpu *cpu;
	size_t cpu_nr;
	uint64_t config[SLOT_NR]; /* number of the tracepoint */
	struct tracefs_field field[SLOT_NR][EVENTS_FIELDS_MAX];
	uint16_t stack_max; /* 0: what the kernel allows */
	struct events_id *id;
	size_t id_nr, id_max;
	/* decoded, not yet passed on, and room to sort them */
	struct event *event, *sorted;
	size_t event_nr, event_max;
	uint64_t lost_records; /* as the rings said */
	uint64_t lost_closed;  /* of events that are closed */
	uint64_t lost_stopped; /* as the events said at events_stop() */
	uint64_t dropped;      /* no memory */
	uint64_t frequent_nr[EVENTS_TURN_NR];
	pid_t watched[EVENTS_WATCHED_MAX];
	size_t watched_nr;
	int *watch_fd; /* cpu_nr a thread */
	unsigned char record[1u << 16];
};

/*
 * Opens a slot on one processor for pid (-1: all, 0: the calling thread), not yet
 * counting, with filter (NULL: none), into the processor's ring. The descriptor or
 * -errno.
 */
int events_open_slot(struct events *e, struct events_cpu *cpu, enum events_slot slot,
		     pid_t pid, const char *filter);

/* Records that fd could not write. */
uint64_t events_read_lost(int fd);

/*
 * Passes each record of the ring to fn, in one piece (scratch: 64 KiB, for one that
 * is in two), and gives their room back.
 */
void events_read_ring(struct events_ring *ring, unsigned char *scratch,
		      void (*fn)(void *ctx, const struct perf_event_header *record),
		      void *ctx);

/* Throws away what is in the ring. */
void events_empty_ring(struct events_ring *ring);

#endif
