/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the ledger share. */
#ifndef DIOWAIT_LEDGER_PRIVATE_H
#define DIOWAIT_LEDGER_PRIVATE_H

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "verify/ledger.h"

/*
 * A mutex for each 64 KiB of the file, modulo their number. Whoever changes or
 * copies a range holds all mutexes of it while a tick is taken, so that order of
 * ticks and order of what cells hold are the same.
 */
/* All of them and the two taken inside: fewer than the 64 ThreadSanitizer follows. */
#define LOCK_NR 32
#define LOCK_SHIFT 16

#define CHUNK_CELLS 4096u /* 2 MiB of file */
#define CHUNK_NR 65536u	  /* 128 GiB */

#define INLINE_NR 2

#define ENDED_NR 16384u /* the last changes, whose ends are known: a power of two */

struct cell {
	struct ledger_version v[INLINE_NR];
	struct ledger_version *more; /* those behind; NULL: none ever */
	uint8_t nr;		     /* 0: the zeros that the file was made of */
	uint8_t more_max;
	bool vague;	    /* see struct ledger_sector */
	uint8_t dropped;    /* ... since of these, in flight, it knows nothing else */
	uint32_t vague_end; /* ... and of the last such that ended, the tick */
};

/* Ranges that move: all sectors from `from` on, up or down. */
struct ledger_shift {
	bool under_way;
	uint32_t seq;	      /* tick of its begin */
	uint64_t from;	      /* sector: the first that is inserted, or taken out */
	uint64_t least_bytes; /* of the size, when it is done */
};

#define SHIFTS_NR 8u /* the last ones, whose places are known */

/* One that is over. */
struct ledger_past {
	uint32_t end;  /* tick of its end */
	uint64_t from; /* as above */
};

struct ledger {
	struct stamp_file id;
	bool crash;
	pthread_mutex_t lock[LOCK_NR];
	_Atomic uint32_t tick, durable_tick, late_tick, zero_seq;
	_Atomic(struct cell *) chunk[CHUNK_NR];
	_Atomic uint64_t reach;
	_Atomic uint64_t ended[ENDED_NR]; /* seq << 32 | tick of its end, by seq */
	_Atomic bool crashed;
	struct ledger_shift shift;   /* the last: all locks */
	_Atomic uint32_t shift_tick; /* its end's; UINT32_MAX: it is under way; 0: none */
	struct ledger_past shifted[SHIFTS_NR]; /* by number: all locks, too */
	unsigned int shifted_nr;
	/* A cut under way zeros what is begun behind it meanwhile, too: all locks. */
	uint32_t cut_seq; /* 0: none */
	uint64_t cut_from;
	pthread_mutex_t size_lock;
	struct ledger_size size;
	uint32_t cut_end; /* tick of the last one's */
};

/* What a file is made of before anybody wrote to it. */
extern const struct ledger_version ledger_blank;

/* The mutexes of the range, by bits; taken from the lowest up. */
uint64_t ledger_lock(struct ledger *l, uint64_t offset, uint64_t len);
void ledger_unlock(struct ledger *l, uint64_t mask);

/* Sector nr's; NULL: nobody ever changed what is near it (or, make: no memory). */
struct cell *cell_get(struct ledger *l, uint64_t nr, bool make);

static inline struct ledger_version *cell_at(struct cell *c, unsigned int i)
{
	return i < INLINE_NR ? &c->v[i] : &c->more[i - INLINE_NR];
}

/* Whether sector nr is one that moves now. Some lock is held. */
static inline bool ledger_shifts(const struct ledger *l, uint64_t nr)
{
	return l->shift.under_way && nr >= l->shift.from;
}

/* -errno by which a change is refused before any of it is made. */
static inline bool ledger_is_refused(int64_t rc)
{
	return rc == -EOPNOTSUPP || rc == -EINVAL || rc == -EFBIG || rc == -EPERM ||
	       rc == -ENOSYS || rc == -ETXTBSY;
}

static inline void raise_u32(_Atomic uint32_t *at, uint32_t to)
{
	uint32_t was = *at;

	while (was < to && !atomic_compare_exchange_weak(at, &was, to))
		;
}

static inline void raise_u64(_Atomic uint64_t *at, uint64_t to)
{
	uint64_t was = *at;

	while (was < to && !atomic_compare_exchange_weak(at, &was, to))
		;
}

#endif
