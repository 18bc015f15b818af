// SPDX-License-Identifier: GPL-2.0-or-later
#include "verify/ledger_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a file is made of before anybody wrote to it. */
const struct ledger_version ledger_blank = {
	.end = 1, .change = LEDGER_ZERO, .durable = true, .known_good = true
};

int ledger_new(const struct stamp_file *id, bool crash, struct ledger **out)
{
	struct ledger *l = calloc(1, sizeof(*l));
	unsigned int i;

	if (!l)
		return -ENOMEM;
	l->id = *id;
	l->crash = crash;
	l->tick = 2;
	for (i = 0; i < LOCK_NR; i++)
		pthread_mutex_init(&l->lock[i], NULL);
	pthread_mutex_init(&l->size_lock, NULL);
	*out = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	size_t i, k;

	for (i = 0; l && i < CHUNK_NR; i++) {
		struct cell *chunk = l->chunk[i];

		for (k = 0; chunk && k < CHUNK_CELLS; k++)
			free(chunk[k].more);
		free(chunk);
	}
	free(l);
}

const struct stamp_file *ledger_id(const struct ledger *l)
{
	return &l->id;
}

uint64_t ledger_reach(const struct ledger *l)
{
	return l->reach;
}

/* ---- locks and cells ---- */

/* Those of the range, by bits; taken from the lowest up. */
uint64_t ledger_lock(struct ledger *l, uint64_t offset, uint64_t len)
{
	uint64_t b, first = offset >> LOCK_SHIFT, mask = 0;
	uint64_t last = (offset + (len ? len - 1 : 0)) >> LOCK_SHIFT;
	unsigned int i;

	if (last - first >= LOCK_NR - 1)
		mask = ~0ull;
	else
		for (b = first; b <= last; b++)
			mask |= 1ull << b % LOCK_NR;
	for (i = 0; i < LOCK_NR; i++)
		if (mask & 1ull << i)
			(void)pthread_mutex_lock(&l->lock[i]);
	return mask;
}

void ledger_unlock(struct ledger *l, uint64_t mask)
{
	unsigned int i;

	for (i = 0; i < LOCK_NR; i++)
		if (mask & 1ull << i)
			(void)pthread_mutex_unlock(&l->lock[i]);
}

/* Sector nr's; NULL: nobody ever changed what is near it (or, make: no memory). */
struct cell *cell_get(struct ledger *l, uint64_t nr, bool make)
{
	struct cell *none = NULL, *chunk;

	if (nr / CHUNK_CELLS >= CHUNK_NR)
		return NULL;
	chunk = l->chunk[nr / CHUNK_CELLS];
	if (!chunk && make) {
		/* Its sectors may be of several locks: the first to come wins. */
		chunk = calloc(CHUNK_CELLS, sizeof(*chunk));
		if (chunk && !atomic_compare_exchange_strong(&l->chunk[nr / CHUNK_CELLS],
							     &none, chunk)) {
			free(chunk);
			chunk = none;
		}
	}
	return chunk ? &chunk[nr % CHUNK_CELLS] : NULL;
}

/* Takes out what is superseded; and what is not known, too, once it is. */
static void cell_prune(const struct ledger *l, struct cell *c)
{
	unsigned int i, kept = 0;
	uint32_t newest = 0;

	for (i = 0; i < c->nr; i++) {
		const struct ledger_version *w = cell_at(c, i);

		if (w->end && !w->failed && w->seq > newest &&
		    (!l->crash || ledger_is_durable(l, w)))
			newest = w->seq;
	}
	for (i = 0; i < c->nr; i++) {
		const struct ledger_version *v = cell_at(c, i);

		if (!v->end || v->end >= newest)
			*cell_at(c, kept++) = *v;
	}
	c->nr = (uint8_t)kept;
	c->vague &= c->dropped || c->vague_end >= newest;
}

/*
 * 0 or -ENOMEM. A cell that would hold too many is not judged until all that it has no room
 * for has ended and is superseded.
 */
static int cell_add(const struct ledger *l, struct cell *c,
		    const struct ledger_version *v)
{
	if (!c->nr)
		c->v[c->nr++] = ledger_blank;
	cell_prune(l, c);
	if (c->nr == LEDGER_VERSIONS_MAX) {
		c->vague = true;
		c->dropped++;
		/* So many in flight in one place: what has ended can't be told any more. */
		if (!c->dropped)
			c->vague_end = UINT32_MAX;
		return 0;
	}
	if (c->nr >= INLINE_NR + c->more_max) {
		unsigned int max = c->more_max ? LEDGER_VERSIONS_MAX - INLINE_NR : 2;
		void *more = realloc(c->more, max * sizeof(*c->more));

		if (!more)
			return -ENOMEM;
		c->more = more;
		c->more_max = (uint8_t)max;
	}
	*cell_at(c, c->nr++) = *v;
	return 0;
}

/* The change seq where it was made, or moved by so much. */
static struct ledger_version *cell_find(struct cell *c, uint32_t seq,
					int32_t moved_sectors)
{
	unsigned int i;

	for (i = 0; c && i < c->nr; i++)
		if (cell_at(c, i)->seq == seq &&
		    cell_at(c, i)->moved_sectors == moved_sectors)
			return cell_at(c, i);
	return NULL;
}

/* ---- changes ---- */

/* The locks of the range are held. 0 or -ENOMEM. */
static int range_begin(struct ledger *l, uint32_t seq, uint64_t offset, uint64_t len,
		       unsigned int change)
{
	const struct ledger_version v = { .seq = seq, .change = (uint8_t)change };
	const struct ledger_version cut = { .seq = l->cut_seq, .change = LEDGER_ZERO };
	uint64_t nr, last = (offset + len + STAMP_BYTES - 1) / STAMP_BYTES;
	int rc = 0;

	for (nr = offset / STAMP_BYTES; nr < last && !rc; nr++) {
		struct cell *c = cell_get(l, nr, true);

		if (!c)
			return -ENOMEM;
		if (cut.seq && cut.seq != seq && nr * STAMP_BYTES >= l->cut_from &&
		    !cell_find(c, cut.seq, 0))
			rc = cell_add(l, c, &cut);
		if (!rc)
			rc = cell_add(l, c, &v);
	}
	return rc;
}

uint32_t ledger_begin(struct ledger *l, uint64_t offset, uint64_t len,
		      unsigned int change)
{
	uint64_t mask = ledger_lock(l, offset, len);
	uint32_t seq = atomic_fetch_add(&l->tick, 1);
	int rc;

	raise_u64(&l->reach, offset + len);
	if (change & LEDGER_ZERO)
		raise_u32(&l->zero_seq, seq);
	if (change & LEDGER_EXTENDS) {
		(void)pthread_mutex_lock(&l->size_lock);
		if (l->size.most_bytes < offset + len)
			l->size.most_bytes = offset + len;
		(void)pthread_mutex_unlock(&l->size_lock);
	}
	rc = range_begin(l, seq, offset, len, change);
	ledger_unlock(l, mask);
	return rc ? 0 : seq;
}

static void version_end(const struct ledger *l, struct ledger_version *v, uint32_t end,
			unsigned int change, bool failed)
{
	v->end = end;
	v->failed |= failed;
	v->durable = !v->failed && change & (LEDGER_DSYNC | LEDGER_LAYOUT);
	v->late = v->durable && l->crashed;
	v->durable &= !v->late;
	v->known_good = change & LEDGER_LAYOUT;
}

/* The change has ended in that sector, or (none) was never made. */
static void cell_end(const struct ledger *l, struct cell *c, uint32_t seq, uint32_t end,
		     unsigned int change, bool failed, bool none)
{
	unsigned int i, kept = 0, found = 0;

	/* Zeros that a shift has carried from where they were made, too, are two. */
	for (i = 0; i < c->nr; i++) {
		struct ledger_version *v = cell_at(c, i);
		bool is = v->seq == seq && !v->moved_sectors;

		found += is;
		if (is && !none)
			version_end(l, v, end, change, failed);
		if (!is || !none)
			*cell_at(c, kept++) = *v;
	}
	c->nr = (uint8_t)kept;
	if (!found && c->dropped) {
		c->dropped--;
		if (c->vague_end < end)
			c->vague_end = end;
	}
	cell_prune(l, c);
}

/* The locks of the range are held. */
static void range_end(struct ledger *l, uint32_t seq, uint64_t offset, uint64_t len,
		      unsigned int change, int64_t res)
{
	uint64_t nr, last = (offset + len + STAMP_BYTES - 1) / STAMP_BYTES;
	uint64_t done = offset + (res > 0 ? (uint64_t)res : 0);
	uint32_t end = atomic_fetch_add(&l->tick, 1);
	/* Zeros only: a write that was refused midway may have been passed on in part. */
	bool none = change & LEDGER_ZERO && ledger_is_refused(res);

	for (nr = offset / STAMP_BYTES; nr < last; nr++) {
		struct cell *c = cell_get(l, nr, false);
		const bool failed = (nr + 1) * STAMP_BYTES > done || ledger_shifts(l, nr);

		if (c)
			cell_end(l, c, seq, end, change, failed, none);
	}
	atomic_store_explicit(&l->ended[seq % ENDED_NR], (uint64_t)seq << 32 | end,
			      memory_order_relaxed);
}

bool ledger_met(const struct ledger *l, uint32_t a, uint32_t b)
{
	uint32_t first = a < b ? a : b, second = a < b ? b : a;
	uint64_t ended = atomic_load_explicit(&l->ended[first % ENDED_NR],
					      memory_order_relaxed);

	return ended >> 32 == first && (uint32_t)ended > second;
}

void ledger_end(struct ledger *l, uint32_t seq, uint64_t offset, uint64_t len,
		unsigned int change, int64_t res)
{
	uint64_t mask = ledger_lock(l, offset, len);

	range_end(l, seq, offset, len, change, res);
	ledger_unlock(l, mask);
	if (!(change & LEDGER_EXTENDS) || res <= 0)
		return;
	(void)pthread_mutex_lock(&l->size_lock);
	if (!l->size.cutting && seq > l->cut_end &&
	    l->size.least_bytes < offset + (uint64_t)res)
		l->size.least_bytes = offset + (uint64_t)res;
	(void)pthread_mutex_unlock(&l->size_lock);
}

uint32_t ledger_sync_begin(struct ledger *l)
{
	return atomic_fetch_add(&l->tick, 1);
}

void ledger_sync_end(struct ledger *l, uint32_t tick)
{
	raise_u32(l->crashed ? &l->late_tick : &l->durable_tick, tick);
}

void ledger_crash(struct ledger *l)
{
	l->crashed = true;
}

bool ledger_is_durable(const struct ledger *l, const struct ledger_version *v)
{
	return v->durable || (v->end && v->end < l->durable_tick);
}

bool ledger_is_late(const struct ledger *l, const struct ledger_version *v)
{
	return !ledger_is_durable(l, v) && (v->late || (v->end && v->end < l->late_tick));
}

bool ledger_has_durable(const struct ledger *l, const struct ledger_sector *s, bool late)
{
	unsigned int i;

	for (i = 0; i < s->nr; i++)
		if (s->v[i].seq && !s->v[i].failed &&
		    (ledger_is_durable(l, &s->v[i]) ||
		     (late && ledger_is_late(l, &s->v[i]))))
			return true;
	return false;
}

bool ledger_lost_late(const struct ledger *l, const struct ledger_sector *is,
		      enum stamp_found found, const struct stamp *s)
{
	const struct ledger_version *v, *here = NULL;
	unsigned int i;

	for (i = 0; i < is->nr; i++) {
		v = &is->v[i];
		/* Of several zeros that may be there, the newest. */
		if (found == STAMP_ZERO ? v->change & LEDGER_ZERO : v->seq == s->seq)
			here = v;
	}
	for (i = 0; here && i < is->nr && !is->vague; i++) {
		v = &is->v[i];
		/* What never came back has nothing behind it. */
		if (here->end && v->seq > here->end && !v->failed && ledger_is_late(l, v))
			return true;
	}
	return false;
}

/* ---- reading ---- */

static void cell_copy(const struct ledger *l, struct cell *c, struct ledger_sector *out)
{
	unsigned int i;

	if (c)
		cell_prune(l, c);
	out->vague = c && c->vague;
	out->v[0] = ledger_blank;
	out->nr = 1;
	if (!c || !c->nr)
		return;
	for (i = 0; i < c->nr; i++)
		out->v[i] = *cell_at(c, i);
	out->nr = c->nr;
}

void ledger_copy(struct ledger *l, uint64_t offset, size_t nr, struct ledger_sector *out,
		 uint32_t *tick)
{
	uint64_t mask = ledger_lock(l, offset, nr * STAMP_BYTES);
	size_t i;

	*tick = atomic_fetch_add(&l->tick, 1);
	for (i = 0; i < nr; i++) {
		cell_copy(l, cell_get(l, offset / STAMP_BYTES + i, false), &out[i]);
		out[i].vague |= ledger_shifts(l, offset / STAMP_BYTES + i);
	}
	ledger_unlock(l, mask);
}

uint64_t ledger_durable_end(struct ledger *l, bool late)
{
	uint64_t nr = (l->reach + STAMP_BYTES - 1) / STAMP_BYTES;
	struct ledger_sector s;
	uint32_t unused;

	for (; nr; nr--) {
		ledger_copy(l, (nr - 1) * STAMP_BYTES, 1, &s, &unused);
		if (ledger_has_durable(l, &s, late))
			break;
	}
	return nr * STAMP_BYTES;
}

/* A change was begun there since. */
static bool changes_since(struct ledger *l, uint32_t tick, uint64_t offset)
{
	struct ledger_sector now;
	uint32_t unused;
	unsigned int i;

	ledger_copy(l, offset, 1, &now, &unused);
	/* One that found no room in the cell may have begun. */
	if (now.vague)
		return true;
	for (i = 0; i < now.nr; i++)
		if (now.v[i].seq > tick)
			return true;
	return false;
}

/* Somebody was writing there while it was read: it may be half of each. */
static bool sector_in_motion(struct ledger *l, const struct ledger_sector *was,
			     uint32_t tick, uint64_t offset)
{
	unsigned int i;

	for (i = 0; i < was->nr; i++)
		if (!was->v[i].end)
			return true;
	return changes_since(l, tick, offset);
}

bool ledger_allows(struct ledger *l, const struct ledger_sector *was, uint32_t tick,
		   uint64_t offset, enum stamp_found found, const struct stamp *s)
{
	unsigned int i;

	/* What is read while ranges move may be of before, and of behind. */
	if (was->vague || ledger_shifted(l, tick, offset))
		return true;
	if (found == STAMP_ZERO) {
		for (i = 0; i < was->nr; i++)
			if (was->v[i].change & LEDGER_ZERO)
				return true;
		/* Those begun since, here: there, or gone from there for what came after. */
		return l->zero_seq > tick && changes_since(l, tick, offset);
	}
	if (found != STAMP_WHOLE)
		return sector_in_motion(l, was, tick, offset);
	if (memcmp(&s->id, &l->id, sizeof(s->id)))
		return false;
	for (i = 0; i < was->nr; i++)
		if (was->v[i].seq == s->seq && !(was->v[i].change & LEDGER_ZERO) &&
		    ledger_stamped_at(&was->v[i], offset) == s->offset)
			return true;
	return s->offset == offset && s->seq > tick && s->seq < l->tick;
}

uint64_t ledger_stamped_at(const struct ledger_version *v, uint64_t offset)
{
	return offset - (uint64_t)((int64_t)v->moved_sectors * (int64_t)STAMP_BYTES);
}

bool ledger_mark(struct ledger *l, uint64_t offset, const struct ledger_version *of,
		 enum ledger_mark mark)
{
	uint64_t mask = ledger_lock(l, offset, STAMP_BYTES);
	struct ledger_version *v = cell_find(cell_get(l, offset / STAMP_BYTES, false),
					     of->seq, of->moved_sectors);
	bool *is = !v ? NULL : mark == LEDGER_GOOD ? &v->known_good : &v->told;
	bool first = is ? !*is : mark == LEDGER_TOLD && !of->told;

	if (is)
		*is = true;
	ledger_unlock(l, mask);
	return first;
}

const struct ledger_version *ledger_expected(const struct ledger_sector *sector)
{
	const struct ledger_version *best = NULL;
	unsigned int i;

	for (i = 0; i < sector->nr; i++) {
		if (!sector->v[i].end)
			return NULL;
		if (!sector->v[i].failed && (!best || sector->v[i].seq > best->seq))
			best = &sector->v[i];
	}
	return best;
}

/* ---- size ---- */

void ledger_size(struct ledger *l, struct ledger_size *out)
{
	(void)pthread_mutex_lock(&l->size_lock);
	*out = l->size;
	(void)pthread_mutex_unlock(&l->size_lock);
}

bool ledger_was_cut(struct ledger *l, uint32_t seq)
{
	bool cut;

	(void)pthread_mutex_lock(&l->size_lock);
	cut = l->size.cutting || seq < l->cut_end;
	(void)pthread_mutex_unlock(&l->size_lock);
	return cut;
}

uint32_t ledger_truncate_begin(struct ledger *l, uint64_t bytes)
{
	uint64_t mask = ledger_lock(l, 0, UINT64_MAX), reach = l->reach;
	uint32_t seq = atomic_fetch_add(&l->tick, 1);
	int rc = 0;

	l->cut_seq = seq;
	l->cut_from = bytes;
	raise_u32(&l->zero_seq, seq);
	if (bytes < reach)
		rc = range_begin(l, seq, bytes, reach - bytes, LEDGER_ZERO);
	if (rc) {
		l->cut_seq = 0;
		ledger_unlock(l, mask);
		return 0;
	}
	(void)pthread_mutex_lock(&l->size_lock);
	l->size.cuts++;
	l->size.cutting = true;
	if (l->size.least_bytes > bytes)
		l->size.least_bytes = bytes;
	if (l->size.most_bytes < bytes)
		l->size.most_bytes = bytes;
	(void)pthread_mutex_unlock(&l->size_lock);
	ledger_unlock(l, mask);
	return seq;
}

void ledger_truncate_end(struct ledger *l, uint32_t seq, uint64_t bytes, bool done)
{
	uint64_t mask = ledger_lock(l, 0, UINT64_MAX), reach = l->reach;

	l->cut_seq = 0;
	if (bytes < reach)
		range_end(l, seq, bytes, reach - bytes, LEDGER_ZERO,
			  done ? (int64_t)(reach - bytes + STAMP_BYTES) : -EIO);
	(void)pthread_mutex_lock(&l->size_lock);
	l->size.cutting = false;
	l->cut_end = atomic_fetch_add(&l->tick, 1);
	if (done)
		l->size.least_bytes = bytes;
	(void)pthread_mutex_unlock(&l->size_lock);
	ledger_unlock(l, mask);
}

void ledger_grow_begin(struct ledger *l, uint64_t bytes)
{
	(void)pthread_mutex_lock(&l->size_lock);
	if (l->size.most_bytes < bytes)
		l->size.most_bytes = bytes;
	(void)pthread_mutex_unlock(&l->size_lock);
}

void ledger_grow_end(struct ledger *l, uint32_t cuts, uint64_t bytes)
{
	(void)pthread_mutex_lock(&l->size_lock);
	if (l->size.cuts == cuts && !l->size.cutting && l->size.least_bytes < bytes)
		l->size.least_bytes = bytes;
	(void)pthread_mutex_unlock(&l->size_lock);
}
