// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading, and saying what is wrong with what was read. */
#include "verify/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SECTORS_MAX (VERIFY_READ_BYTES / STAMP_BYTES)
#define FLIPPED_BITS_MAX 8    /* fewer bits off than that are flips */
#define SEARCHES_MAX 4	      /* of a whole file, in a round */
#define SEARCH_NS 1000000000u /* at most, where there is no watchdog */
#define DUMP_LINES 4
#define SETTLE_NAP_NS 1000000 /* until a write has ended; at most so often */
#define SETTLE_TRIES 100

struct reading {
	char *buffer; /* VERIFY_READ_BYTES */
	struct ledger_sector was[SECTORS_MAX];
	uint32_t tick;
};

/* A sector that must not be there, and all that tells why. */
struct odd {
	struct verify_file *f;
	const struct ledger_sector *was; /* of all sectors read; this one is at i */
	const char *buffer;
	size_t i, nr, same; /* so many from it on are wrong alike */
	uint64_t offset;    /* of this one */
	enum reading_how how;
	bool again;
	enum stamp_found found;
	struct stamp stamp;
	struct ledger_version expected; /* seq 0: zeros, or several could be */
	uint64_t seen_at;		/* where the expected one is instead */
};

struct reading *reading_new(void)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->buffer = aligned_alloc(4096, VERIFY_READ_BYTES);
	if (r->buffer)
		return r;
	free(r);
	return NULL;
}

void reading_free(struct reading *r)
{
	if (r)
		free(r->buffer);
	free(r);
}

/* ---- reading ---- */

static const char *const how_names[] = { "direct read", "buffered read", "mmap" };

/*
 * Through the page tables; a page that is gone, or can't be read, is an end, and no SIGBUS.
 * -ENODEV: there are no mappings here, or nobody may read through them.
 */
static int64_t read_mapped(const struct verify_file *f, void *buffer, uint64_t offset,
			   size_t len)
{
	uint64_t size = verify_stat_size(f), page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t from = offset / page * page;
	struct iovec local = { buffer, len }, remote;
	int64_t got;
	char *map;

	if (size == UINT64_MAX || size <= offset)
		return 0;
	if (len > size - offset)
		len = size - offset;
	map = mmap(NULL, len + (offset - from), PROT_READ, MAP_SHARED, f->cached_fd,
		   (off_t)from);
	if (map == MAP_FAILED)
		return errno == ENOMEM ? -ENODEV : -errno;
	local.iov_len = len;
	remote = (struct iovec){ map + (offset - from), len };
	got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	/* Of the file, if anything: other errors are of the call. */
	if (got < 0)
		got = errno == EFAULT ? 0 : -ENODEV;
	(void)munmap(map, len + (offset - from));
	return got;
}

static int64_t read_how(const struct verify_file *f, void *buffer, enum reading_how how,
			uint64_t offset, size_t len)
{
	int64_t got;

	if (how == READ_MAPPED)
		return read_mapped(f, buffer, offset, len);
	got = pread(how == READ_DIRECT ? f->direct_fd : f->cached_fd, buffer, len,
		    (off_t)offset);
	return got < 0 ? -errno : got;
}

int64_t verify_check(struct verify_file *f, struct reading *r, enum reading_how how,
		     uint64_t offset, size_t len, enum reading_when when)
{
	struct ledger_size size;
	int64_t got;

	if (len > VERIFY_READ_BYTES)
		len = VERIFY_READ_BYTES;
	ledger_size(f->ledger, &size);
	/* What it came to after a cut, or a crash, only the file knows. */
	if (when != READ_BESIDE)
		size.least_bytes = verify_stat_size(f);
	if (size.least_bytes == UINT64_MAX)
		size.least_bytes = 0;
	ledger_copy(f->ledger, offset, len / STAMP_BYTES, r->was, &r->tick);
	got = read_how(f, r->buffer, how, offset, len);
	if (got == -ENODEV && how == READ_MAPPED)
		return 0;
	if (got > 0)
		verify_judge(f, r->was, r->tick, offset, r->buffer, (size_t)got, how,
			     when == READ_AGAIN);
	verify_read_short(f, &size, how_names[how], offset, len, got);
	return got;
}

/* ---- explaining ---- */

/* One sector, into 4 KiB at buffer; what it is. False: past EOF. */
static bool read_sector(struct verify_file *f, enum reading_how how, uint64_t offset,
			char *buffer, enum stamp_found *found, struct stamp *s)
{
	uint64_t from = offset / 4096 * 4096;
	int64_t got = read_how(f, buffer, how, from, 4096);

	if (got < (int64_t)(offset - from + STAMP_BYTES))
		return false;
	*found = stamp_read(buffer + (offset - from), s);
	return true;
}

/* Whether a sector read in some way now, into 4 KiB at buffer, is as it may be. */
static bool is_legal_by(struct verify_file *f, enum reading_how how, uint64_t offset,
			char *buffer, struct stamp *s)
{
	struct ledger_sector was;
	enum stamp_found found;
	uint32_t tick;

	ledger_copy(f->ledger, offset, 1, &was, &tick);
	return read_sector(f, how, offset, buffer, &found, s) &&
	       ledger_allows(f->ledger, &was, tick, offset, found, s);
}

/* Waits, not for ever, until nobody writes to that sector. */
static void settle(struct verify_file *f, uint64_t offset)
{
	const struct timespec nap = { 0, SETTLE_NAP_NS };
	struct ledger_sector now;
	bool under_way = true;
	unsigned int i, tries;
	uint32_t tick;

	for (tries = 0; under_way && tries < SETTLE_TRIES; tries++) {
		ledger_copy(f->ledger, offset, 1, &now, &tick);
		for (under_way = false, i = 0; i < now.nr; i++)
			under_way |= !now.v[i].end;
		if (under_way)
			(void)nanosleep(&nap, NULL);
	}
}

/* Where else that version of the sector at not_at is; UINT64_MAX: nowhere, so far as seen. */
static uint64_t search(struct verify_file *f, const struct ledger_version *v,
		       uint64_t not_at)
{
	const uint64_t stamped_at = ledger_stamped_at(v, not_at);
	char *buffer = aligned_alloc(4096, VERIFY_READ_BYTES);
	/* All that there may be, one after another, take no longer than a write may. */
	const uint64_t may_ns = f->v->board->watchdog_ns / (2 * SEARCHES_MAX);
	const uint64_t end_ns = board_now_ns() + (may_ns ? may_ns : SEARCH_NS);
	uint64_t at, seen = UINT64_MAX;
	struct stamp s;
	int64_t got = 1, i;

	for (at = 0; buffer && got > 0 && seen == UINT64_MAX && board_now_ns() < end_ns;
	     at += VERIFY_READ_BYTES) {
		got = read_how(f, buffer, READ_DIRECT, at, VERIFY_READ_BYTES);
		for (i = 0; i + (int64_t)STAMP_BYTES <= got; i += STAMP_BYTES)
			if (stamp_read(buffer + i, &s) == STAMP_WHOLE &&
			    s.seq == v->seq &&
			    !memcmp(&s.id, ledger_id(f->ledger), sizeof(s.id)) &&
			    not_at != at + (uint64_t)i && s.offset == stamped_at) {
				seen = at + (uint64_t)i;
				break;
			}
	}
	free(buffer);
	return seen;
}

/* Other sectors of the write that is expected here are where they belong. */
static bool is_torn(const struct odd *o)
{
	struct stamp s;
	size_t i;

	for (i = 0; o->expected.seq && i < o->nr; i++) {
		const struct ledger_version *v = ledger_expected(&o->was[i]);

		if (i != o->i && v && v->seq == o->expected.seq &&
		    stamp_read(o->buffer + i * STAMP_BYTES, &s) == STAMP_WHOLE &&
		    s.seq == v->seq)
			return true;
	}
	return false;
}

/* Zeros, or an older version: the expected one is not there. */
static enum contract explain_missing(struct odd *o)
{
	struct verify *v = o->f->v;

	if (o->again && o->expected.known_good)
		return CONTRACT_DURABLE;
	if (o->found == STAMP_ZERO && o->expected.known_good)
		return CONTRACT_UNTOUCHED;
	if (is_torn(o))
		return CONTRACT_TORN;
	if (o->expected.seq && atomic_fetch_add(&v->searches, 1) < SEARCHES_MAX)
		o->seen_at = search(o->f, &o->expected, o->offset);
	if (o->seen_at != UINT64_MAX)
		return CONTRACT_MISDIRECTED;
	return o->found == STAMP_ZERO ? CONTRACT_ZEROED : CONTRACT_LOST;
}

/* Where these data belong are those that belong here: of one sector, at least. */
static bool is_exchanged(const struct odd *o, char *buffer)
{
	enum stamp_found found;
	struct stamp s;
	size_t i;

	for (i = 0; i < o->same; i++)
		if (read_sector(o->f, READ_DIRECT, o->stamp.offset + i * STAMP_BYTES,
				buffer, &found, &s) &&
		    found == STAMP_WHOLE && s.offset == o->offset + i * STAMP_BYTES &&
		    !memcmp(&s.id, &o->stamp.id, sizeof(s.id)))
			return true;
	return false;
}

/* What is known of the place where data belong that are elsewhere. */
enum home { HOME_HAS_THEM, HOME_LACKS_THEM, HOME_WRITTEN_OVER };

static enum home look_home(const struct odd *o, char *buffer)
{
	const struct ledger_version *there;
	struct ledger_sector was;
	struct stamp s;
	uint64_t at;
	uint32_t tick;
	size_t i;

	settle(o->f, o->stamp.offset);
	for (i = 0; i < o->same; i++) {
		at = o->stamp.offset + i * STAMP_BYTES;
		ledger_copy(o->f->ledger, at, 1, &was, &tick);
		there = ledger_expected(&was);
		if (there && there->seq == o->stamp.seq)
			return is_legal_by(o->f, READ_DIRECT, at, buffer, &s) ?
				       HOME_HAS_THEM :
				       HOME_LACKS_THEM;
	}
	return HOME_WRITTEN_OVER;
}

/*
 * All that is left is when they were written. Beside what belongs here: one went where the
 * other should have gone. After it: they came here instead. Before it, or where nothing was
 * before: they were here.
 */
static enum contract explain_by_time(const struct odd *o)
{
	const struct ledger_sector *was = &o->was[o->i];
	unsigned int i;

	for (i = 0; i < was->nr; i++)
		if (was->v[i].seq && !(was->v[i].change & LEDGER_APPEND) &&
		    ledger_met(o->f->ledger, was->v[i].seq, o->stamp.seq))
			return CONTRACT_SWAPPED;
	return o->expected.end && o->stamp.seq > o->expected.end ? CONTRACT_MISDIRECTED :
								   CONTRACT_STALE;
}

/* Data of this file that belong elsewhere in it. The sooner it is looked, the better. */
static enum contract explain_elsewhere(const struct odd *o)
{
	char *buffer = aligned_alloc(4096, 4096);
	enum contract c = CONTRACT_STALE;

	if (buffer && is_exchanged(o, buffer))
		c = CONTRACT_SWAPPED;
	else if (buffer)
		switch (look_home(o, buffer)) {
		case HOME_HAS_THEM:
			break;
		case HOME_LACKS_THEM:
			c = CONTRACT_MISDIRECTED;
			break;
		case HOME_WRITTEN_OVER:
			c = explain_by_time(o);
			break;
		}
	free(buffer);
	return c;
}

/* No stamp, or one that does not fit what follows it. */
static enum contract explain_damaged(const struct odd *o)
{
	const struct ledger_sector *was = &o->was[o->i];
	struct stamp s = { .id = *ledger_id(o->f->ledger), .offset = o->offset };
	const char *sector = o->buffer + o->i * STAMP_BYTES;
	unsigned int i;

	for (i = 0; i < was->nr; i++) {
		s.seq = was->v[i].seq;
		s.offset = ledger_stamped_at(&was->v[i], o->offset);
		if (!(was->v[i].change & LEDGER_ZERO) &&
		    stamp_distance_bits(sector, &s) <= FLIPPED_BITS_MAX)
			return CONTRACT_FLIPPED;
	}
	s.offset = o->offset;
	if (o->found == STAMP_DAMAGED && o->stamp.offset == s.offset &&
	    !memcmp(&o->stamp.id, &s.id, sizeof(s.id)))
		return CONTRACT_TORN;
	return CONTRACT_FOREIGN;
}

/*
 * A direct read finds what is expected; or, when that has been written over since,
 * is right where a cached one still is not.
 */
static bool is_cached_only(const struct odd *o)
{
	char *buffer = aligned_alloc(4096, 4096);
	struct stamp s = { 0 }, unused;
	bool is = buffer && is_legal_by(o->f, READ_DIRECT, o->offset, buffer, &s) &&
		  (s.seq == o->expected.seq ||
		   !is_legal_by(o->f, o->how, o->offset, buffer, &unused));

	free(buffer);
	return is;
}

static enum contract explain(struct odd *o)
{
	const struct stamp_file *id = ledger_id(o->f->ledger);
	bool same = o->found == STAMP_WHOLE && !memcmp(&o->stamp.id, id, sizeof(*id));
	bool old = o->found == STAMP_ZERO || (same && o->stamp.offset == o->offset);

	if (old && o->how != READ_DIRECT && is_cached_only(o))
		return CONTRACT_CACHED;
	if (old)
		return explain_missing(o);
	if (same)
		return explain_elsewhere(o);
	if (o->found == STAMP_WHOLE)
		return CONTRACT_STALE;
	return explain_damaged(o);
}

/* After a crash: what is durable is gone, or what is there is not the file's. */
static enum contract explain_crash(const struct odd *o)
{
	if (o->found == STAMP_ZERO ||
	    (o->found == STAMP_WHOLE && o->stamp.offset == o->offset &&
	     !memcmp(&o->stamp.id, ledger_id(o->f->ledger), sizeof(o->stamp.id))))
		return CONTRACT_CRASH_DURABLE;
	return CONTRACT_CRASH_STALE;
}

/* ---- the text of a finding ---- */

struct text {
	char t[2600];
	size_t at;
};

static void add(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->t + t->at, sizeof(t->t) - t->at, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->at += (size_t)n;
	if (t->at >= sizeof(t->t))
		t->at = sizeof(t->t) - 1;
}

static void add_found(struct text *t, const struct odd *o)
{
	const struct stamp_file *id = ledger_id(o->f->ledger);
	const struct stamp *s = &o->stamp;

	add(t, "found:    ");
	if (o->found == STAMP_ZERO)
		add(t, "zeros\n");
	else if (o->found == STAMP_NONE)
		add(t, "no stamp\n");
	else if (s->id.run != id->run)
		add(t, "write %u for offset %llu, of another run\n", s->seq,
		    (unsigned long long)s->offset);
	else
		add(t, "write %u for offset %llu%s%s\n", s->seq,
		    (unsigned long long)s->offset,
		    s->id.generation != id->generation ? ", of an earlier file" :
		    s->id.file != id->file	       ? ", of another file" :
							 "",
		    o->found == STAMP_DAMAGED ? ", whose hash does not fit" : "");
	if (o->seen_at != UINT64_MAX)
		add(t, "          write %u is at offset %llu\n", o->expected.seq,
		    (unsigned long long)o->seen_at);
}

/* The lines of 16 bytes in which the sector is not what was expected. */
static void add_dump(struct text *t, const struct odd *o)
{
	struct stamp s = { .id = *ledger_id(o->f->ledger),
			   .offset = ledger_stamped_at(&o->expected, o->offset),
			   .seq = o->expected.seq };
	const unsigned char *is = (const unsigned char *)o->buffer + o->i * STAMP_BYTES;
	unsigned char want[STAMP_BYTES] = { 0 };
	unsigned int line, k, shown = 0;

	if (s.seq)
		stamp_fill(&s.id, s.offset, s.seq, want, sizeof(want));
	for (line = 0; line < STAMP_BYTES && shown < DUMP_LINES; line += 16) {
		if (!memcmp(is + line, want + line, 16))
			continue;
		add(t, "%03x is   ", line);
		for (k = 0; k < 16; k++)
			add(t, " %02x", is[line + k]);
		add(t, "\n    want ");
		for (k = 0; k < 16; k++)
			add(t, " %02x", want[line + k]);
		add(t, "\n");
		shown++;
	}
}

static void tell(const struct odd *o, enum contract c, uint64_t len)
{
	const struct ledger_sector *was = &o->was[o->i];
	struct text t = { "", 0 };
	unsigned int i;

	add(&t, "%s, %llu bytes at offset %llu, by %s%s\nexpected:", o->f->path,
	    (unsigned long long)len, (unsigned long long)o->offset, how_names[o->how],
	    o->f->v->recovered ? " after the crash" :
	    o->again	       ? " after the file was closed and opened" :
				 "");
	for (i = 0; i < was->nr; i++) {
		const struct ledger_version *v = &was->v[i];

		add(&t, "%s", i ? ", or" : "");
		if (v->change & LEDGER_ZERO)
			add(&t, " zeros");
		else
			add(&t, " write %u", v->seq);
		if (v->moved_sectors)
			add(&t, " for offset %llu, moved here",
			    (unsigned long long)ledger_stamped_at(v, o->offset));
		add(&t, "%s%s%s%s",
		    !o->f->v->recovered ?
			    "" :
		    ledger_is_durable(o->f->ledger, v) ?
			    " (durable)" :
		    ledger_is_late(o->f->ledger, v) ?
			    " (durable, and acknowledged after the crash began)" :
			    "",
		    !v->end   ? " (under way)" :
		    v->failed ? " (may be there)" :
				"",
		    v->change & LEDGER_LAYOUT ? " (of the layout)" : "",
		    v->known_good && v->seq && !(v->change & LEDGER_LAYOUT) ?
			    " (was read before)" :
			    "");
	}
	add(&t, "\n");
	add_found(&t, o);
	t.at += verify_extents(o->f->path, o->offset, len, t.t + t.at,
			       sizeof(t.t) - t.at);
	add_dump(&t, o);
	board_broke(o->f->v->board, c, o->offset, len, "%s", t.t);
}

/* ---- judging ---- */

/*
 * Zeros where an append is under way, though the size already covers it. Not of cached
 * reads: a page that was filled before the write, and is thrown away only after the
 * size has moved, is none that a file system promises anything of.
 */
static bool is_append_zeros(const struct verify_file *f, const struct ledger_sector *was,
			    enum stamp_found found, enum reading_how how)
{
	bool append = false;
	unsigned int i;

	if (found != STAMP_ZERO || how != READ_DIRECT || !f->v->round.strict_append)
		return false;
	for (i = 0; i < was->nr; i++) {
		/* Other zeros than those of the file's making: a cut, a hole. */
		if (was->v[i].change & LEDGER_ZERO && was->v[i].seq)
			return false;
		append |= !was->v[i].end && was->v[i].change & LEDGER_APPEND;
	}
	return append;
}

/*
 * The append that the zeros were found under has ended. If they are still there, they are
 * what it has left, and whoever reads it back says so, or the size does where it failed.
 */
static bool has_arrived(struct verify_file *f, uint64_t offset)
{
	char *buffer = aligned_alloc(4096, 4096);
	enum stamp_found found;
	struct stamp s;
	bool arrived;

	settle(f, offset);
	arrived = buffer && read_sector(f, READ_DIRECT, offset, buffer, &found, &s) &&
		  found == STAMP_WHOLE;
	free(buffer);
	return arrived;
}

/* Sectors that are held against the ledger. After a crash each counts once. */
static void count(const struct verify_file *f, const struct ledger_sector *was,
		  uint32_t tick, uint64_t offset, size_t nr, enum reading_how how,
		  bool again)
{
	struct board *b = f->v->board;
	uint64_t known = 0, durable = 0, late = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		bool strict = f->v->recovered &&
			      ledger_has_durable(f->ledger, &was[i], false);

		known += !was[i].vague &&
			 !ledger_shifted(f->ledger, tick, offset + i * STAMP_BYTES);
		durable += strict && !was[i].vague;
		late += f->v->recovered && !strict && !was[i].vague &&
			ledger_has_durable(f->ledger, &was[i], true);
	}
	if (f->v->recovered) {
		if (how != READ_DIRECT)
			return;
		board_checked(b, CONTRACT_CRASH_DURABLE, durable);
		board_checked(b, CONTRACT_CRASH_ACK, late);
		board_checked(b, CONTRACT_CRASH_STALE, known);
		return;
	}
	board_checked(b, CONTRACT_LOST, known);
	if (how != READ_DIRECT)
		board_checked(b, CONTRACT_CACHED, known);
	if (again)
		board_checked(b, CONTRACT_DURABLE, known);
}

/* Sectors from i on that are wrong in the same way: one finding. */
static size_t same_oddness(const struct odd *o)
{
	struct stamp s;
	size_t k;

	for (k = o->i + 1; k < o->nr; k++) {
		const struct ledger_version *v = ledger_expected(&o->was[k]);

		if (!v || v->seq != o->expected.seq ||
		    stamp_read(o->buffer + k * STAMP_BYTES, &s) != o->found)
			break;
		if (o->found == STAMP_WHOLE && s.seq != o->stamp.seq)
			break;
	}
	return k - o->i;
}

/* What is missing is told of once, whoever comes upon it after that. */
static bool first_told(const struct odd *o, size_t nr)
{
	bool first = !o->expected.seq;
	size_t i;

	/* A stale page may hide what is there. */
	if (o->how != READ_DIRECT)
		return !o->expected.told;
	for (i = 0; o->expected.seq && i < nr; i++)
		first |= ledger_mark(o->f->ledger, o->offset + i * STAMP_BYTES,
				     &o->expected, LEDGER_TOLD);
	return first;
}

void verify_judge(struct verify_file *f, const struct ledger_sector *was, uint32_t tick,
		  uint64_t offset, const void *buffer, size_t len, enum reading_how how,
		  bool again)
{
	struct odd o = { .f = f,
			 .was = was,
			 .buffer = buffer,
			 .nr = len / STAMP_BYTES,
			 .how = how,
			 .again = again };
	const struct ledger_version *v;
	size_t i, same;
	bool legal;

	if (f->v->no_memory || (f->v->crashed && !f->v->recovered))
		return;
	count(f, was, tick, offset, o.nr, how, again);
	for (i = 0; i < o.nr; i += same) {
		same = 1;
		o.i = i;
		o.offset = offset + i * STAMP_BYTES;
		o.found = stamp_read(o.buffer + i * STAMP_BYTES, &o.stamp);
		v = ledger_expected(&was[i]);
		o.seen_at = UINT64_MAX;
		o.expected = v ? *v : (struct ledger_version){ 0 };
		if (is_append_zeros(f, &was[i], o.found, how)) {
			if (has_arrived(f, o.offset))
				tell(&o, CONTRACT_APPEND_ZEROS, STAMP_BYTES);
			continue;
		}
		legal = ledger_allows(f->ledger, &was[i], tick, o.offset, o.found,
				      &o.stamp);
		/* What is under way may be a part of each, and no third thing. */
		if (legal && o.found != STAMP_WHOLE && o.found != STAMP_ZERO &&
		    !f->v->recovered)
			legal = ledger_mixes(f->ledger, &was[i], tick, o.offset,
					     o.buffer + i * STAMP_BYTES);
		if (legal && v && v->seq && !v->known_good &&
		    (v->change & LEDGER_ZERO ? o.found == STAMP_ZERO :
		     o.found == STAMP_WHOLE  ? o.stamp.seq == v->seq :
					       false))
			(void)ledger_mark(f->ledger, o.offset, v, LEDGER_GOOD);
		if (legal && !ledger_lost_late(f->ledger, &was[i], o.found, &o.stamp))
			continue;
		same = o.same = same_oddness(&o);
		if (first_told(&o, same))
			tell(&o,
			     legal	     ? CONTRACT_CRASH_ACK :
			     f->v->recovered ? explain_crash(&o) :
					       explain(&o),
			     same * STAMP_BYTES);
	}
}
