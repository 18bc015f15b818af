/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger of one file: for every sector the versions that a reader may find
 * there. Whoever changes the file says so before (ledger_begin) and after
 * (ledger_end); whoever reads takes a copy before, and holds what it read against
 * it. Thread-safe; no clock, no I/O.
 *
 * Order is that of ticks, a counter that every begin and end moves on. Version c
 * is superseded by w when w's end was seen and c's end was seen before w began:
 * then no correct file system may show c. Overlapping versions, whose begin and
 * end interleave, may both be there, either over the other.
 */
#ifndef DIOWAIT_LEDGER_H
#define DIOWAIT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verify/stamp.h"

/* What a change leaves behind, and what it does to the size; bits or-ed. */
enum ledger_change {
	LEDGER_ZERO = 1,    /* zeros: punch, zero range, what truncate cuts off */
	LEDGER_EXTENDS = 2, /* it may end past EOF, and then moves it */
	LEDGER_DSYNC = 4,   /* durable as soon as it is acknowledged */
	LEDGER_LAYOUT = 8,  /* was there, durable and read before the load began */
	LEDGER_APPEND = 16  /* all of it is past EOF when it begins */
};

struct ledger_version {
	uint32_t seq;	/* tick of its begin; 0: what the file was made of, zeros */
	uint32_t end;	/* tick of its end; 0: still under way */
	uint8_t change; /* enum ledger_change */
	bool failed;  /* ended with an error, or short before this sector, or met a shift:
			it may be there, and supersedes nothing */
	bool durable; /* by itself: see ledger_is_durable() for syncs */
	bool late;    /* durable by itself, but acknowledged after ledger_crash() */
	bool known_good;       /* a reader has found it there */
	bool told;	       /* somebody was told that it is missing */
	int32_t moved_sectors; /* up, by shifts, from where it was written */
};

#define LEDGER_VERSIONS_MAX 12 /* of a sector in a copy; more: anything goes */

struct ledger_sector {
	struct ledger_version v[LEDGER_VERSIONS_MAX];
	unsigned int nr;
	bool vague; /* more than that, or a shift broke off: can't be judged */
};

struct ledger;

/*
 * crash: versions are superseded by durable ones only, since the others may be
 * lost with the power. 0 and *out, or -ENOMEM.
 */
int ledger_new(const struct stamp_file *id, bool crash, struct ledger **out);
void ledger_free(struct ledger *l); /* takes NULL */
const struct stamp_file *ledger_id(const struct ledger *l);

/*
 * [offset, offset + len), widened to whole sectors, is about to be changed. Returns
 * the change's seq, which the payload carries, or 0: no memory; such a change must
 * not be made.
 */
uint32_t ledger_begin(struct ledger *l, uint64_t offset, uint64_t len,
		      unsigned int change);

/*
 * It is over: res bytes of it were done, or -errno. As given to begin. Zeros that were refused
 * as a whole (-EOPNOTSUPP and the like) never were.
 */
void ledger_end(struct ledger *l, uint32_t seq, uint64_t offset, uint64_t len,
		unsigned int change, int64_t res);

/* fsync or fdatasync: what ended before the tick of sync_begin is durable. */
uint32_t ledger_sync_begin(struct ledger *l);
void ledger_sync_end(struct ledger *l, uint32_t tick);
bool ledger_is_durable(const struct ledger *l, const struct ledger_version *v);

/*
 * The power is about to fail: what is acknowledged from here on is late, and supersedes
 * nothing. It may have been lost, but then it should not have been acknowledged.
 */
void ledger_crash(struct ledger *l);
bool ledger_is_late(const struct ledger *l, const struct ledger_version *v);

/* Whether the copy has a version, of somebody's making, that is durable (late: or late). */
bool ledger_has_durable(const struct ledger *l, const struct ledger_sector *s, bool late);

/* ---- reading ---- */

/*
 * Copies what may be found in nr sectors from offset on, which is a multiple of
 * STAMP_BYTES; *tick is when.
 */
void ledger_copy(struct ledger *l, uint64_t offset, size_t nr, struct ledger_sector *out,
		 uint32_t *tick);

/*
 * Whether a sector that is nobody's whole is made of what may be found there, byte by byte:
 * of the versions of that copy, those begun since, and zeros where they may be. True also
 * where that is not known.
 */
bool ledger_mixes(struct ledger *l, const struct ledger_sector *was, uint32_t tick,
		  uint64_t offset, const void *bytes);

/* Whether such a sector was legal in a read that began with that copy. */
bool ledger_allows(struct ledger *l, const struct ledger_sector *was, uint32_t tick,
		   uint64_t offset, enum stamp_found found, const struct stamp *s);

/* Of a sector that it allows: whether a late version should have superseded it. */
bool ledger_lost_late(const struct ledger *l, const struct ledger_sector *is,
		      enum stamp_found found, const struct stamp *s);

/*
 * Whether changes a and b, by seq, were under way at the same time: what is known of the
 * last some thousands. False: they were not, or it isn't known.
 */
bool ledger_met(const struct ledger *l, uint32_t a, uint32_t b);

/* Where the stamp of a version says that it belongs, which is found at offset. */
uint64_t ledger_stamped_at(const struct ledger_version *v, uint64_t offset);

/* What a reader has found out about a version of that sector. */
enum ledger_mark { LEDGER_GOOD, LEDGER_TOLD };

/*
 * True: it was not marked so before. One that is gone by now can be told of, which of says
 * whether it was, and not found good any more.
 */
bool ledger_mark(struct ledger *l, uint64_t offset, const struct ledger_version *of,
		 enum ledger_mark mark);

/* The newest change that ended well, or NULL where there are several. */
const struct ledger_version *ledger_expected(const struct ledger_sector *sector);

/* ---- size ---- */

/* Bounds of st_size, when they can be told. */
struct ledger_size {
	uint64_t least_bytes; /* the furthest acknowledged end */
	uint64_t most_bytes;  /* the furthest end of what was ever begun */
	uint32_t cuts;	      /* truncates begun so far */
	bool cutting;	      /* one is under way: nothing can be said */
};

/*
 * Taken before and after a look at the size: least of the first, most of the second,
 * when cuts are the same and neither is cutting.
 */
void ledger_size(struct ledger *l, struct ledger_size *out);

/* Of a change seq that ended: whether no cut met it, so that the size shows it. */
bool ledger_was_cut(struct ledger *l, uint32_t seq);

/* A truncate to `bytes`: to less is a cut, and zeros what is behind; to more moves EOF. */
uint32_t ledger_truncate_begin(struct ledger *l, uint64_t bytes);
void ledger_truncate_end(struct ledger *l, uint32_t seq, uint64_t bytes, bool done);

/* fallocate and the like will move EOF to `bytes`, if it is not there yet. */
void ledger_grow_begin(struct ledger *l, uint64_t bytes);
void ledger_grow_end(struct ledger *l, uint32_t cuts, uint64_t bytes);

/*
 * Where the furthest sector that holds durable (late: or late) data ends, bytes; if no
 * cut was made.
 */
uint64_t ledger_durable_end(struct ledger *l, bool late);

/* The furthest sector that any change came to, bytes. */
uint64_t ledger_reach(const struct ledger *l);

/* ---- ledger_shift.c: whole blocks put in or taken out ---- */

/*
 * len bytes of zeros are about to be put in at offset (insert), or taken out there, so that
 * what is behind moves: fallocate(2) with FALLOC_FL_INSERT_RANGE or COLLAPSE_RANGE. Both are
 * multiples of STAMP_BYTES, and the end of what is taken out is inside EOF. Of one file one
 * at a time, and no truncate meanwhile. Until the end nothing from offset on is judged, nor
 * is the size. What is written meanwhile may move or not.
 */
void ledger_shift_begin(struct ledger *l, uint64_t offset, uint64_t len, bool insert);

/*
 * Whether what was at offset at that tick has been moved since, or is now: whatever a read
 * that began then has found is of before, or of behind.
 */
bool ledger_shifted(struct ledger *l, uint32_t tick, uint64_t offset);

/* As given to begin. rc 0: it was done; refused, as a whole, by -errno; or broke off. */
void ledger_shift_end(struct ledger *l, uint64_t offset, uint64_t len, bool insert,
		      int rc);

#endif
