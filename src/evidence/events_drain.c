// SPDX-License-Identifier: GPL-2.0-or-later
/* Takes records out of the rings, decodes them, and puts them into order. */
#include "evidence/events_private.h"

#include <stdlib.h>
#include <string.h>

void events_empty_ring(struct events_ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);

	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
}

void events_read_ring(struct events_ring *ring, unsigned char *scratch,
		      void (*fn)(void *ctx, const struct perf_event_header *record),
		      void *ctx)
{
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = ring->page->data_tail;

	while (tail < head) {
		size_t at = (size_t)tail & (ring->bytes - 1);
		size_t first = ring->bytes - at;
		const void *record = ring->data + at;
		/* Records are multiples of 8 bytes, so that a header is in one piece. */
		uint16_t size = ((const struct perf_event_header *)record)->size;

		if (size < sizeof(struct perf_event_header) || size > head - tail)
			break;
		if (size > first) {
			memcpy(scratch, record, first);
			memcpy(scratch + first, ring->data, size - first);
			record = scratch;
		}
		fn(ctx, record);
		tail += size;
	}
	__atomic_store_n(&ring->page->data_tail, head, __ATOMIC_RELEASE);
}

/* What is left of a record. */
struct cursor {
	const unsigned char *at;
	size_t bytes;
	bool short_of; /* it was asked for more than there is */
};

static uint64_t take(struct cursor *c, size_t bytes)
{
	uint32_t narrow;
	uint64_t wide;

	if (c->short_of || bytes > c->bytes) {
		c->short_of = true;
		return 0;
	}
	if (bytes == sizeof(narrow)) {
		memcpy(&narrow, c->at, sizeof(narrow));
		wide = narrow;
	} else {
		memcpy(&wide, c->at, sizeof(wide));
	}
	c->at += bytes;
	c->bytes -= bytes;
	return wide;
}

/* The value of a field, with its sign; 0 where the record has none. */
static uint64_t field(const struct cursor *raw, const struct tracefs_field *f)
{
	const unsigned char *at = raw->at + f->offset;
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	if ((size_t)f->offset + f->bytes > raw->bytes)
		return 0;
	switch (f->bytes) {
	case 1:
		return f->is_signed ? (uint64_t)(int64_t)(int8_t)*at : *at;
	case 2:
		memcpy(&u16, at, sizeof(u16));
		return f->is_signed ? (uint64_t)(int64_t)(int16_t)u16 : u16;
	case 4:
		memcpy(&u32, at, sizeof(u32));
		return f->is_signed ? (uint64_t)(int64_t)(int32_t)u32 : u32;
	default:
		memcpy(&u64, at, sizeof(u64));
		return u64;
	}
}

/*
 * More than a pass has, but for a late one: lists that double leave their old memory
 * behind, so that the peak would grow with the length of a run.
 */
#define ROOM_MIN 32768

#define DIO_FORCE_WAIT 1 /* IOMAP_DIO_FORCE_WAIT */
#define KI_NOWAIT 8	 /* IOCB_NOWAIT, which is RWF_NOWAIT */

static void decode_dio(const struct cursor *raw, const struct tracefs_field *f,
		       struct event *event)
{
	event->dio.dev = field(raw, &f[0]);
	event->dio.ino = field(raw, &f[1]);
	event->dio.isize = field(raw, &f[2]);
	event->dio.start = field(raw, &f[3]);
	event->dio.bytes = (int64_t)field(raw, &f[4]);
	if (event->type == EVENT_BEGIN) {
		event->dio.nowait = field(raw, &f[5]) & KI_NOWAIT;
		event->dio.forced = field(raw, &f[6]) & DIO_FORCE_WAIT;
	} else if (event->dio.bytes > 0) {
		/* The position has moved by then. */
		event->dio.start -= (uint64_t)event->dio.bytes;
	}
}

static void decode_raw(const struct cursor *raw, const struct tracefs_field *f,
		       struct event *event)
{
	switch (event->type) {
	case EVENT_WAKING:
		event->woken = (int32_t)field(raw, &f[0]);
		break;
	case EVENT_BEGIN:
	case EVENT_COMPLETE:
		decode_dio(raw, f, event);
		break;
	case EVENT_REPLY:
		event->ring.res = (int64_t)field(raw, &f[1]);
		__attribute__((fallthrough));
	case EVENT_PUNT:
		event->ring.user_data = field(raw, &f[0]);
		break;
	default:
		event->work = field(raw, &f[0]);
		break;
	}
}

static const struct chain *decode_chain(struct events *e, struct cursor *c)
{
	uint64_t address[CHAIN_FRAMES_MAX], nr = take(c, 8), at;
	size_t frames = 0;

	while (nr-- && !c->short_of) {
		at = take(c, 8);
		/* Marks between kernel and user are no frames. */
		if (!c->short_of && at < (uint64_t)PERF_CONTEXT_MAX &&
		    frames < CHAIN_FRAMES_MAX)
			address[frames++] = at;
	}
	return chains_find(e->chains, address, frames);
}

static const struct events_id *find_id(const struct events *e, uint64_t id)
{
	size_t low = 0, high = e->id_nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (e->id[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < e->id_nr && e->id[low].id == id ? &e->id[low] : NULL;
}

/* False: of an event that is none of ours, or cut. */
static bool decode_sample(struct events *e, struct cursor *c, struct event *event)
{
	const struct events_id *id = find_id(e, take(c, 8));
	const struct events_kind *kind;
	uint32_t raw_bytes;

	if (!id)
		return false;
	kind = &events_kinds[id->slot];
	event->type = kind->type;
	take(c, 4); /* process */
	event->tid = (int32_t)take(c, 4);
	event->time_ns = take(c, 8);
	event->cpu = (uint16_t)take(c, 4);
	take(c, 4);
	if (kind->chain) {
		event->chain = decode_chain(e, c);
	} else {
		raw_bytes = (uint32_t)take(c, 4);
		if (c->short_of || raw_bytes > c->bytes)
			return false;
		c->bytes = raw_bytes;
		decode_raw(c, e->field[id->slot], event);
		e->frequent_nr[kind->turn]++;
	}
	return !c->short_of;
}

static bool decode_switch(struct cursor *c, uint16_t misc, struct event *event)
{
	take(c, 4); /* process */
	event->tid = (int32_t)take(c, 4);
	event->time_ns = take(c, 8);
	event->cpu = (uint16_t)take(c, 4);
	event->type = misc & PERF_RECORD_MISC_SWITCH_OUT ? EVENT_OUT : EVENT_IN;
	event->preempted = misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT;
	return !c->short_of;
}

/* Room for one more; false: no memory. */
static bool reserve(struct events *e)
{
	size_t max = e->event_max ? e->event_max * 2 : ROOM_MIN;
	struct event *event;

	if (e->event_nr < e->event_max)
		return true;
	event = realloc(e->event, max * sizeof(*event));
	if (!event)
		return false;
	e->event = event;
	event = realloc(e->sorted, max * sizeof(*event));
	if (!event)
		return false;
	e->sorted = event;
	e->event_max = max;
	return true;
}

static void decode(void *ctx, const struct perf_event_header *record)
{
	struct events *e = ctx;
	struct cursor c = { .at = (const unsigned char *)(record + 1),
			    .bytes = record->size - sizeof(*record) };
	struct event event = { 0 };
	bool known = false;

	switch (record->type) {
	case PERF_RECORD_SAMPLE:
		known = decode_sample(e, &c, &event);
		break;
	case PERF_RECORD_SWITCH:
		known = decode_switch(&c, record->misc, &event);
		break;
	case PERF_RECORD_LOST:
		take(&c, 8); /* id */
		e->lost_records += take(&c, 8);
		break;
	default:
		break;
	}
	if (!known)
		return;
	if (reserve(e))
		e->event[e->event_nr++] = event;
	else
		e->dropped++;
}

/* Merges [from, middle) and [middle, to) of e->event, both in order. */
static void merge(struct events *e, size_t from, size_t middle, size_t to)
{
	size_t i = from, j = middle, at = from;

	if (e->event[middle - 1].time_ns <= e->event[middle].time_ns)
		return;
	while (i < middle && j < to) {
		if (e->event[i].time_ns <= e->event[j].time_ns)
			e->sorted[at++] = e->event[i++];
		else
			e->sorted[at++] = e->event[j++];
	}
	memcpy(e->sorted + at, e->event + i, (middle - i) * sizeof(*e->event));
	at += middle - i;
	/* What is left behind the second half is in its place. */
	memcpy(e->event + from, e->sorted + from, (at - from) * sizeof(*e->event));
}

/*
 * A stable sort; qsort() is none. A ring is almost in order (an interrupt between
 * the time of a record and its place makes the exceptions), which costs a
 * comparison a pair.
 */
static void sort(struct events *e)
{
	size_t width, at;

	for (width = 1; width < e->event_nr; width *= 2) {
		for (at = 0; at + width < e->event_nr; at += 2 * width) {
			size_t to = at + 2 * width;

			merge(e, at, at + width, to < e->event_nr ? to : e->event_nr);
		}
	}
}

void events_drain(struct events *e, uint64_t until_ns,
		  void (*fn)(void *ctx, const struct event *event), void *ctx)
{
	size_t i;

	for (i = 0; i < e->cpu_nr; i++)
		events_read_ring(&e->cpu[i].ring, e->record, decode, e);
	sort(e);
	for (i = 0; i < e->event_nr && e->event[i].time_ns < until_ns; i++)
		fn(ctx, &e->event[i]);
	e->event_nr -= i;
	/* Without any so far there is no memory for them either. */
	if (i && e->event_nr)
		memmove(e->event, e->event + i, e->event_nr * sizeof(*e->event));
}
