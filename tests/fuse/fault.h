/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of fault.c share: with fs_lock held, all but hold_end(). */
#ifndef FAULT_H
#define FAULT_H

#include "slowfs.h"

struct fault {
	const char *name, *help;
	unsigned int kinds; /* of the requests that are eligible, a bit each */
	bool heals;	    /* fault-heal-ms makes sense */
	/*
	 * These plant it, with fs_lock held, or return false where that can't be.
	 * store: the data are stored; they may be made wrong. size: about to be
	 * answered; true: it has set the size.
	 */
	bool (*store)(struct service *s);
	bool (*size)(struct service *s);
};

extern const struct fault *fault; /* the one that is selected, or NULL */
extern struct draw {
	uint64_t seen; /* eligible requests */
	bool due;
	uint64_t random; /* of the one that is due */
} draw;
extern struct service *services; /* all writes in service */
extern uint64_t last_id;

bool selected(const char *name);
uint64_t heal_ns(void);

/* Without fs_lock. */
void sleep_ns(uint64_t ns);

/* Whether a request of this kind is to be faulted, if it can be. */
bool drawn(unsigned int kind);

/* Whether a write to any of these bytes, other than s, is in service. */
bool busy(const struct node *n, uint64_t offset, uint64_t len, const struct service *s);
void service_end(const struct service *s);

/* A line of the fault log. until_ns: FOREVER_NS if it lasts. */
void log_place(const char *name, fuse_ino_t ino, uint64_t offset, uint64_t len,
	       uint64_t until_ns, const char *what);

/* Gives n this size instead of the true one, and logs it. */
void size_wrong(struct node *n, uint64_t size, uint64_t true_size);

/*
 * Keeps req unanswered until it is interrupted, its process ends, or hold_end().
 * Without fs_lock.
 */
void hold(struct service *s, fuse_req_t req);
void hold_end(void);

#endif
