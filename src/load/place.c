// SPDX-License-Identifier: GPL-2.0-or-later
/* Where each operation goes: between the first submit and the last reap. */
#include "load/target.h"

#include <errno.h>

static uint64_t place_round_up(uint64_t bytes, uint64_t to)
{
	return (bytes + to - 1) / to * to;
}

/* What random positions are multiples of. */
static uint64_t place_unit_bytes(const struct workload_job *job)
{
	return job->blockalign.min_bytes ? job->blockalign.min_bytes : job->bs.min_bytes;
}

/* A region's positions in random order; a region of none has no place. */
static void place_random(struct target_stream *s, const struct workload_job *job,
			 const struct target_region *r, uint64_t usable_bytes,
			 uint64_t seed)
{
	s->how = usable_bytes >= s->unit_bytes ? TARGET_RANDOM : TARGET_NOWHERE;
	s->base = r->start + s->shift_bytes;
	s->bytes = usable_bytes;
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): set by the caller */
	plan_order_init(&s->order, usable_bytes / s->unit_bytes, seed);
	if (s->how == TARGET_RANDOM && job->percentage_random < 100) {
		s->how = TARGET_PART_RANDOM;
		s->random_limit = UINT64_MAX / 100 * job->percentage_random;
	}
	if (s->how != TARGET_RANDOM ||
	    job->random_distribution.how == DISTRIBUTION_RANDOM)
		return;
	s->how = TARGET_SKEWED;
	skew_init(&s->skew, &job->random_distribution, s->order.nr, seed + 1);
	/* All threads have the same hot places. */
	plan_order_init(&s->order, s->order.nr, plan_mix64(job->randseed + 3));
}

/* A position of rank: zones and a normal distribution are of places as they lie. */
static uint64_t place_skewed(const struct target_stream *s, uint64_t i)
{
	uint64_t rank = skew_at(&s->skew, i);

	return s->skew.of->how == DISTRIBUTION_ZIPF ||
			       s->skew.of->how == DISTRIBUTION_PARETO ?
		       plan_order_at(&s->order, 0, rank) :
		       rank;
}

/* At a place of its own by chance, else behind the last one, round and round. */
static uint64_t place_part_random(struct target_stream *s, uint64_t i, uint32_t len)
{
	uint64_t at = s->next_bytes;

	if (plan_draw(s->order.key + i * 0x9e3779b97f4a7c15ull) < s->random_limit)
		at = plan_order_next(&s->order, i) * s->unit_bytes;
	else if (at + len > s->bytes)
		at = 0;
	s->next_bytes = place_round_up(at + len, s->unit_bytes);
	return at;
}

/*
 * No two writes touch one block: the kind's name stays true. Members that use up
 * a region together draw from one permutation, and so need one stride.
 */
static uint64_t place_stride(const struct target_stream *s,
			     const struct workload_job *job, struct kind kind)
{
	uint64_t shift_bytes = s->shift_bytes;
	unsigned int j;

	for (j = 0; j < job->mix.nr; j++) {
		const struct kind other = job->mix.item[j].kind;

		if (other.base == kind.base && (other.mods & KIND_UNALIGNED))
			shift_bytes = s->target->limits.sector_bytes;
	}
	return place_round_up(job->bs.max_bytes + shift_bytes,
			      s->target->limits.block_bytes);
}

void target_stream_init(struct target_stream *s, struct target *t,
			const struct workload_job *job, struct kind kind,
			unsigned int thread)
{
	const struct kind_row *row = kind_row(kind.base);
	bool unaligned = kind.mods & KIND_UNALIGNED;
	uint64_t block = t->limits.block_bytes;
	uint64_t granule = unaligned ? t->limits.sector_bytes : block;
	uint64_t usable;

	*s = (struct target_stream){
		.target = t,
		.unit_bytes = place_unit_bytes(job),
		.region = &t->region[row->state],
		.eof_halves = row->eof_halves,
		.half_mask = row->eof_halves < 0 ? ~(granule - 1) : UINT64_MAX,
		.is_sync = row->is_sync,
	};
	if (unaligned && job->bs.min_bytes % block == 0)
		s->shift_bytes = t->limits.sector_bytes;
	if (row->place == KIND_PLACE_EOF && t->spec.grown_bytes) {
		s->how = TARGET_GROWN;
	} else if (row->place == KIND_PLACE_EOF) {
		s->how = row->consumes ? TARGET_EOF_PREALLOC : TARGET_EOF;
	} else if (row->place == KIND_PLACE_INSIDE && row->consumes) {
		s->stride_bytes = place_stride(s, job, kind);
		s->how = job->rw == WORKLOAD_RANDWRITE ? TARGET_CONSUME_RANDOM :
							 TARGET_CONSUME;
		/* One permutation for all threads: they share its cursor. */
		plan_order_init(&s->order, s->region->bytes / s->stride_bytes,
				plan_mix64(job->randseed + 2));
	} else if (row->place == KIND_PLACE_INSIDE) {
		usable = s->region->bytes;
		/* A shifted write must not reach past the region. */
		if (s->shift_bytes)
			usable = usable > s->unit_bytes ? usable - s->unit_bytes : 0;
		if (job->rw == WORKLOAD_WRITE)
			s->how = TARGET_ASCENDING;
		else
			place_random(s, job, s->region, usable,
				     plan_mix64(job->randseed + 1) + thread);
	}
}

void target_stream_init_fio(struct target_stream *s, struct target *t,
			    const struct workload_job *job, unsigned int thread)
{
	*s = (struct target_stream){ .target = t, .unit_bytes = place_unit_bytes(job) };
	s->own.start = job->file_append ? t->old_eof : workload_start(job, thread);
	s->own.bytes = workload_file_bytes(job);
	s->how = TARGET_ASCENDING;
	if (workload_is_random(job))
		place_random(s, job, &s->own, s->own.bytes,
			     plan_mix64(job->randseed + 1) + thread);
}

/* Takes `step` bytes of a region that is used up once. */
static int place_take(struct target_region *r, uint64_t need, uint64_t step, uint64_t *at)
{
	uint64_t used = atomic_load_explicit(&r->used, memory_order_relaxed);

	do {
		if (used + need > r->bytes)
			return -ENODATA;
		*at = used;
	} while (!atomic_compare_exchange_weak_explicit(&r->used, &used, used + step,
							memory_order_relaxed,
							memory_order_relaxed));
	return 0;
}

/* Round and round through a region; *len is cut at its end, unless shifted. */
static int place_ascend(struct target_region *r, uint64_t shift, uint32_t *len,
			uint64_t *at)
{
	uint64_t used = atomic_load_explicit(&r->used, memory_order_relaxed);
	uint32_t take;

	if (r->bytes < shift + *len)
		return -ENODATA;
	do {
		take = *len;
		*at = used;
		if (used + shift + take > r->bytes) {
			if (shift || used == r->bytes)
				*at = 0;
			else
				take = (uint32_t)(r->bytes - used);
		}
	} while (!atomic_compare_exchange_weak_explicit(
		&r->used, &used, *at + take, memory_order_relaxed, memory_order_relaxed));
	*len = take;
	return 0;
}

/* At EOF, inside the preallocated space only. */
static int place_prealloc(struct target *t, uint32_t len, uint64_t *offset)
{
	uint64_t eof = atomic_load_explicit(&t->eof, memory_order_relaxed);

	do {
		if (eof + len > t->prealloc_end)
			return -ENODATA;
	} while (!atomic_compare_exchange_weak_explicit(
		&t->eof, &eof, eof + len, memory_order_relaxed, memory_order_relaxed));
	*offset = eof;
	return 0;
}

/* Where EOF would be, had it not come to its end and begun anew. */
static uint64_t place_grown(const struct target_stream *s, uint32_t len)
{
	int64_t ahead = (int64_t)(len / 2 & s->half_mask) * s->eof_halves;
	struct target *t = s->target;
	uint64_t at = atomic_fetch_add_explicit(&t->grown_used, len + (uint64_t)ahead,
						memory_order_relaxed);

	return t->grown_start + ((at + (uint64_t)ahead) & (t->spec.grown_bytes - 1));
}

bool target_give_back(struct target_stream *s, uint64_t offset, uint32_t len, int64_t res)
{
	int64_t ahead = (int64_t)(len / 2 & s->half_mask) * s->eof_halves;
	uint64_t end = offset + len, before = offset - (uint64_t)ahead;

	/* A part that was written may have moved EOF, but not back. */
	if (res > 0 && offset + (uint64_t)res > before)
		before = offset + (uint64_t)res;
	return atomic_compare_exchange_strong_explicit(&s->target->eof, &end, before,
						       memory_order_relaxed,
						       memory_order_relaxed);
}

int target_place_other(struct target_stream *s, uint64_t i, uint32_t *len,
		       uint64_t *offset)
{
	struct target_region *r = s->region ? s->region : &s->own;
	uint64_t need = *len + s->shift_bytes, at = 0;
	int rc = 0;

	switch (s->how) {
	case TARGET_RANDOM:
	case TARGET_EOF:
		/* target_place() */
	case TARGET_NOWHERE:
		*offset = 0;
		return s->is_sync ? 0 : -ENODATA;
	case TARGET_PART_RANDOM:
	case TARGET_SKEWED:
		at = s->how == TARGET_SKEWED ? place_skewed(s, i) * s->unit_bytes :
					       place_part_random(s, i, *len);
		/* Cut where the region ends, as target_place() does; one length fits. */
		if (at + *len > s->bytes)
			*len = (uint32_t)(s->bytes - at);
		*offset = s->base + at;
		return 0;
	case TARGET_ASCENDING:
		rc = place_ascend(r, s->shift_bytes, len, &at);
		break;
	case TARGET_CONSUME:
		rc = place_take(r, need,
				place_round_up(need, s->target->limits.block_bytes), &at);
		break;
	case TARGET_CONSUME_RANDOM:
		at = atomic_fetch_add_explicit(&r->used, 1, memory_order_relaxed);
		if (at >= s->order.nr)
			return -ENODATA;
		at = plan_order_at(&s->order, 0, at) * s->stride_bytes;
		break;
	case TARGET_EOF_PREALLOC:
		return place_prealloc(s->target, *len, offset);
	case TARGET_GROWN:
		*offset = place_grown(s, *len);
		return 0;
	}
	*offset = r->start + at + s->shift_bytes;
	return rc;
}

struct kind target_classify(struct target *t, uint64_t offset, uint32_t len)
{
	uint64_t end = offset + len, block = t->limits.block_bytes, b, eof;
	struct kind k = { KIND_OVERWRITE, 0 };
	uint8_t weakest = KIND_STATE_WRITTEN;

	if ((offset | len) & (block - 1))
		k.mods = KIND_UNALIGNED;
	pthread_mutex_lock(&t->map_lock);
	eof = atomic_load_explicit(&t->eof, memory_order_relaxed);
	for (b = offset >> t->block_shift; b < t->map_blocks && b << t->block_shift < end;
	     b++) {
		if (t->map[b] < weakest)
			weakest = t->map[b];
		t->map[b] = KIND_STATE_WRITTEN;
	}
	if (offset > eof)
		k.base = KIND_GAP;
	else if (offset == eof)
		k.base = weakest == KIND_STATE_UNWRITTEN ? KIND_APPEND_PREALLOC :
							   KIND_APPEND;
	else if (end > eof)
		k.base = KIND_STRADDLE;
	else if (weakest == KIND_STATE_HOLE)
		k.base = KIND_HOLE;
	else if (weakest == KIND_STATE_UNWRITTEN)
		k.base = KIND_UNWRITTEN;
	if (end > eof)
		atomic_store_explicit(&t->eof, end, memory_order_relaxed);
	pthread_mutex_unlock(&t->map_lock);
	return k;
}
