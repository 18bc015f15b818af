// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ranges that move. When it has ended, the versions of a sector are those of the sector
 * that has come there, with the distance that they went. A write that was in flight
 * meanwhile is there twice: moved, as if it had been done before, and where it was written
 * to, as if after; which of them is true nobody knows, so neither supersedes anything.
 */
#include "verify/ledger_private.h"

#include <errno.h>
#include <stdlib.h>

void ledger_shift_begin(struct ledger *l, uint64_t offset, uint64_t len, bool insert)
{
	uint64_t mask = ledger_lock(l, 0, UINT64_MAX);
	struct ledger_shift *s = &l->shift;
	struct ledger_size *z = &l->size;

	*s = (struct ledger_shift){ .under_way = true,
				    .seq = atomic_fetch_add(&l->tick, 1),
				    .from = offset / STAMP_BYTES };
	l->shift_tick = UINT32_MAX;
	(void)pthread_mutex_lock(&l->size_lock);
	z->cuts++;
	z->cutting = true;
	if (insert) {
		s->least_bytes = z->least_bytes > offset ? z->least_bytes + len :
							   z->least_bytes;
	} else {
		/* What was not acknowledged may end inside of what is taken out. */
		s->least_bytes = z->least_bytes > offset + len ? z->least_bytes - len :
				 z->least_bytes > offset       ? offset :
								 z->least_bytes;
		z->least_bytes = s->least_bytes;
	}
	(void)pthread_mutex_unlock(&l->size_lock);
	ledger_unlock(l, mask);
}

bool ledger_shifted(struct ledger *l, uint32_t tick, uint64_t offset)
{
	uint64_t mask, nr = offset / STAMP_BYTES;
	bool is = false;
	unsigned int i;

	if (tick >= l->shift_tick)
		return false;
	mask = ledger_lock(l, offset, STAMP_BYTES);
	is = ledger_shifts(l, nr);
	for (i = 0; i < l->shifted_nr && i < SHIFTS_NR; i++)
		is |= l->shifted[i].end > tick && l->shifted[i].from <= nr;
	/* Those before the oldest that is known may have been after it, too. */
	if (l->shifted_nr > SHIFTS_NR)
		is |= l->shifted[l->shifted_nr % SHIFTS_NR].end > tick;
	ledger_unlock(l, mask);
	return is;
}

/* In flight, for a time at least, while the ranges moved. */
static bool met(const struct ledger *l, const struct ledger_version *v)
{
	return v->seq && (!v->end || v->end > l->shift.seq);
}

static void put(struct ledger_sector *to, const struct ledger_version *v)
{
	if (to->nr == LEDGER_VERSIONS_MAX)
		to->vague = true;
	else
		to->v[to->nr++] = *v;
}

/* All that was in a sector, and has gone that far. */
static void put_moved(const struct ledger *l, struct ledger_sector *to, struct cell *c,
		      int32_t by_sectors, uint32_t now)
{
	unsigned int i;

	if (!c || !c->nr) {
		put(to, &ledger_blank);
		return;
	}
	to->vague |= c->vague;
	for (i = 0; i < c->nr; i++) {
		struct ledger_version v = *cell_at(c, i);

		if (met(l, &v)) {
			v.end = v.end ? v.end : now;
			v.failed = true;
			v.durable = v.known_good = false;
		}
		/* Zeros are the same anywhere. */
		if (!(v.change & LEDGER_ZERO))
			v.moved_sectors += by_sectors;
		put(to, &v);
	}
}

/* What may have been written to a sector after the ranges had moved. */
static void put_met(const struct ledger *l, struct ledger_sector *to, struct cell *c)
{
	unsigned int i;

	to->vague |= c && c->vague && (c->dropped || c->vague_end > l->shift.seq);
	for (i = 0; c && i < c->nr; i++) {
		struct ledger_version v = *cell_at(c, i);

		if (!met(l, &v) || v.moved_sectors)
			continue;
		v.failed = true;
		v.durable = v.known_good = false;
		put(to, &v);
	}
}

/* Makes the sector what it has become. 0 or -ENOMEM. */
static int cell_set(struct ledger *l, uint64_t nr, const struct ledger_sector *is)
{
	bool blank = is->nr == 1 && !is->v[0].seq && !is->vague;
	struct cell *c = cell_get(l, nr, !blank);
	unsigned int i;

	if (!c)
		return blank ? 0 : -ENOMEM;
	if (is->nr > (unsigned int)INLINE_NR + c->more_max) {
		void *more = realloc(c->more, (LEDGER_VERSIONS_MAX - INLINE_NR) *
						      sizeof(*c->more));

		if (!more)
			return -ENOMEM;
		c->more = more;
		c->more_max = LEDGER_VERSIONS_MAX - INLINE_NR;
	}
	c->nr = (uint8_t)is->nr;
	c->vague = is->vague;
	c->vague_end = is->vague ? UINT32_MAX : 0;
	for (i = 0; i < is->nr; i++)
		*cell_at(c, i) = is->v[i];
	return 0;
}

/* Sector nr, which now has what was in sector from, or zeros that were put in. */
static void move(struct ledger *l, uint64_t nr, uint64_t from, bool is_new, uint32_t now)
{
	const struct ledger_version zeros = { .seq = l->shift.seq,
					      .end = now,
					      .change = LEDGER_ZERO };
	struct ledger_sector is = { .nr = 0 };
	struct cell *c;

	if (is_new)
		put(&is, &zeros);
	else
		put_moved(l, &is, cell_get(l, from, false),
			  (int32_t)((int64_t)nr - (int64_t)from), now);
	put_met(l, &is, cell_get(l, nr, false));
	if (cell_set(l, nr, &is)) {
		c = cell_get(l, nr, false);
		if (c) {
			c->vague = true;
			c->vague_end = UINT32_MAX;
		}
	}
}

/* Nobody knows what is where, until it is written over. */
static void forget(struct ledger *l, uint64_t end, uint32_t now)
{
	struct cell *c;
	uint64_t nr;

	for (nr = l->shift.from; nr < end; nr++) {
		c = cell_get(l, nr, true);
		if (!c)
			continue;
		c->vague = true;
		if (c->vague_end < now)
			c->vague_end = now;
	}
}

void ledger_shift_end(struct ledger *l, uint64_t offset, uint64_t len, bool insert,
		      int rc)
{
	uint64_t mask = ledger_lock(l, 0, UINT64_MAX), nr;
	uint64_t from = offset / STAMP_BYTES, by = len / STAMP_BYTES;
	uint32_t now = atomic_fetch_add(&l->tick, 1);
	bool touched = !rc || !ledger_is_refused(rc);
	uint64_t end;

	/* Of what was written meanwhile, too: before it, it moved. */
	if (insert && touched)
		l->reach += len;
	end = (l->reach + STAMP_BYTES - 1) / STAMP_BYTES;
	if (rc && touched) {
		forget(l, end, now);
	} else if (!rc && insert) {
		raise_u32(&l->zero_seq, now);
		for (nr = end; nr-- > from;)
			move(l, nr, nr - by, nr < from + by, now);
	} else if (!rc) {
		raise_u32(&l->zero_seq, now);
		for (nr = from; nr < end; nr++)
			move(l, nr, nr + by, false, now);
	}
	l->shift.under_way = false;
	(void)pthread_mutex_lock(&l->size_lock);
	l->size.cutting = false;
	l->cut_end = now;
	if (insert && touched)
		l->size.most_bytes += len;
	if (!rc)
		l->size.least_bytes = l->shift.least_bytes;
	(void)pthread_mutex_unlock(&l->size_lock);
	l->shift_tick = atomic_fetch_add(&l->tick, 1);
	l->shifted[l->shifted_nr++ % SHIFTS_NR] = (struct ledger_past){ l->shift_tick,
									from };
	ledger_unlock(l, mask);
}
