// SPDX-License-Identifier: GPL-2.0-or-later
/* The ledger: which versions a reader may find, by what overlapped what. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify/ledger.h"

static const struct stamp_file id = { .run = 5, .generation = 1 };

static struct ledger *make(bool crash)
{
	struct ledger *l;

	assert_int_equal(ledger_new(&id, crash, &l), 0);
	return l;
}

/* Whether write seq (0: zeros) may be found at offset by a read that begins now. */
static bool allowed(struct ledger *l, uint64_t offset, uint32_t seq)
{
	struct stamp s = { .id = id, .offset = offset, .seq = seq };
	struct ledger_sector was;
	uint32_t tick;

	ledger_copy(l, offset, 1, &was, &tick);
	return ledger_allows(l, &was, tick, offset, seq ? STAMP_WHOLE : STAMP_ZERO, &s);
}

static uint32_t written(struct ledger *l, uint64_t offset, uint64_t len)
{
	uint32_t seq = ledger_begin(l, offset, len, LEDGER_EXTENDS);

	assert_int_not_equal(seq, 0);
	ledger_end(l, seq, offset, len, LEDGER_EXTENDS, (int64_t)len);
	return seq;
}

/* Before, during and after: zeros, either, the write alone. */
static void test_one(void **state)
{
	struct ledger *l = make(false);
	uint32_t a;

	(void)state;
	assert_true(allowed(l, 0, 0));
	a = ledger_begin(l, 0, 4096, LEDGER_EXTENDS);
	assert_true(allowed(l, 512, 0));
	assert_true(allowed(l, 512, a));
	assert_false(allowed(l, 4096, a));
	ledger_end(l, a, 0, 4096, LEDGER_EXTENDS, 4096);
	assert_false(allowed(l, 512, 0));
	assert_true(allowed(l, 512, a));
	assert_false(allowed(l, 512, a + 100));
	ledger_free(l);
}

static void test_order(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 4096), b = written(l, 0, 4096), c, d;

	(void)state;
	assert_false(allowed(l, 0, a));
	assert_true(allowed(l, 0, b));
	/* c and d overlap: either may lie over the other, and b under both no more. */
	c = ledger_begin(l, 0, 4096, LEDGER_EXTENDS);
	d = ledger_begin(l, 0, 4096, LEDGER_EXTENDS);
	assert_true(allowed(l, 0, b));
	ledger_end(l, d, 0, 4096, LEDGER_EXTENDS, 4096);
	assert_false(allowed(l, 0, b));
	assert_true(allowed(l, 0, c));
	assert_true(allowed(l, 0, d));
	ledger_end(l, c, 0, 4096, LEDGER_EXTENDS, 4096);
	assert_true(allowed(l, 0, c));
	assert_true(allowed(l, 0, d));
	a = written(l, 0, 4096);
	assert_false(allowed(l, 0, c));
	assert_false(allowed(l, 0, d));
	assert_true(allowed(l, 0, a));
	ledger_free(l);
}

/* A read that was under way may show what began after it, and what ended before. */
static void test_read_between(void **state)
{
	struct ledger *l = make(false);
	struct stamp s = { .id = id };
	struct ledger_sector was;
	uint32_t a = written(l, 0, 512), b, tick;

	(void)state;
	ledger_copy(l, 0, 1, &was, &tick);
	b = written(l, 0, 512);
	s.seq = a;
	assert_true(ledger_allows(l, &was, tick, 0, STAMP_WHOLE, &s));
	s.seq = b;
	assert_true(ledger_allows(l, &was, tick, 0, STAMP_WHOLE, &s));
	assert_false(ledger_allows(l, &was, tick, 0, STAMP_ZERO, &s));
	/* Half of each, in a sector that was being written. */
	assert_true(ledger_allows(l, &was, tick, 0, STAMP_DAMAGED, &s));
	ledger_copy(l, 0, 1, &was, &tick);
	assert_false(ledger_allows(l, &was, tick, 0, STAMP_DAMAGED, &s));
	s.seq = b;
	s.offset = 512;
	assert_false(ledger_allows(l, &was, tick, 0, STAMP_WHOLE, &s));
	s.offset = 0;
	s.id.generation++;
	assert_false(ledger_allows(l, &was, tick, 0, STAMP_WHOLE, &s));
	ledger_free(l);
}

/* While it is written a sector is made of what may be there, and of no third thing. */
static void test_mixture(void **state)
{
	struct ledger *l = make(false);
	unsigned char old[STAMP_BYTES], new[STAMP_BYTES], is[STAMP_BYTES];
	struct ledger_sector was;
	uint32_t a = written(l, 0, 512), b, tick;

	(void)state;
	b = ledger_begin(l, 0, 512, 0);
	stamp_fill(ledger_id(l), 0, a, old, sizeof(old));
	stamp_fill(ledger_id(l), 0, b, new, sizeof(new));
	ledger_copy(l, 0, 1, &was, &tick);
	memcpy(is, old, sizeof(is));
	memcpy(is + 300, new + 300, sizeof(is) - 300);
	assert_true(ledger_mixes(l, &was, tick, 0, is));
	memset(is + 100, 0x5a, 64);
	assert_false(ledger_mixes(l, &was, tick, 0, is));
	/* Zeros are no part of it, but where a punch was under way. */
	memset(is + 100, 0, 64);
	assert_false(ledger_mixes(l, &was, tick, 0, is));
	ledger_end(l, ledger_begin(l, 0, 512, LEDGER_ZERO), 0, 512, LEDGER_ZERO, 512);
	assert_true(ledger_mixes(l, &was, tick, 0, is));
	ledger_end(l, b, 0, 512, 0, 512);
	/* What began behind the copy is one of them; and once it is over, so may others be. */
	a = written(l, 512, 512);
	ledger_copy(l, 512, 1, &was, &tick);
	b = ledger_begin(l, 512, 512, 0);
	stamp_fill(ledger_id(l), 512, a, old, sizeof(old));
	stamp_fill(ledger_id(l), 512, b, new, sizeof(new));
	memcpy(is, old, sizeof(is));
	memcpy(is, new, 8);
	assert_true(ledger_mixes(l, &was, tick, 512, is));
	is[256] ^= 1;
	assert_false(ledger_mixes(l, &was, tick, 512, is));
	ledger_end(l, b, 512, 512, 0, 512);
	assert_true(ledger_mixes(l, &was, tick, 512, is));
	ledger_free(l);
}

/* What failed, or was cut short, may be there or not; until the next. */
static void test_failed(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 4096), b;

	(void)state;
	b = ledger_begin(l, 0, 4096, LEDGER_EXTENDS);
	ledger_end(l, b, 0, 4096, LEDGER_EXTENDS, 1024);
	assert_false(allowed(l, 0, a));
	assert_true(allowed(l, 0, b));
	assert_true(allowed(l, 1024, a));
	assert_true(allowed(l, 1024, b));
	a = written(l, 0, 4096);
	assert_true(allowed(l, 1024, a));
	assert_false(allowed(l, 1024, b));
	b = ledger_begin(l, 0, 512, LEDGER_EXTENDS);
	ledger_end(l, b, 0, 512, LEDGER_EXTENDS, -5);
	assert_true(allowed(l, 0, a));
	assert_true(allowed(l, 0, b));
	ledger_free(l);
}

static void test_zeros(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 4096), z;

	(void)state;
	z = ledger_begin(l, 1024, 1024, LEDGER_ZERO);
	assert_true(allowed(l, 1024, a));
	assert_true(allowed(l, 1024, 0));
	assert_false(allowed(l, 512, 0));
	ledger_end(l, z, 1024, 1024, LEDGER_ZERO, 1024);
	assert_false(allowed(l, 1024, a));
	assert_true(allowed(l, 1024, 0));
	a = written(l, 1024, 512);
	assert_false(allowed(l, 1024, 0));
	assert_true(allowed(l, 1536, 0));
	ledger_free(l);
}

/* Zeros that were refused as a whole were never there; that broke off they may be. */
static void test_zeros_refused(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 4096), z;

	(void)state;
	z = ledger_begin(l, 0, 1024, LEDGER_ZERO);
	ledger_end(l, z, 0, 1024, LEDGER_ZERO, -EOPNOTSUPP);
	assert_false(allowed(l, 0, 0));
	assert_true(allowed(l, 0, a));
	z = ledger_begin(l, 0, 1024, LEDGER_ZERO);
	ledger_end(l, z, 0, 1024, LEDGER_ZERO, -EIO);
	assert_true(allowed(l, 0, 0));
	assert_true(allowed(l, 0, a));
	assert_false(allowed(l, 1024, 0));
	ledger_free(l);
}

/* Zeros that begin while it is read are legal where they are made, and nowhere else. */
static void test_zeros_elsewhere(void **state)
{
	const struct stamp none = { .seq = 0 };
	struct ledger *l = make(false);
	struct ledger_sector was[2];
	uint32_t tick, z;

	(void)state;
	(void)written(l, 0, 4096);
	ledger_copy(l, 0, 2, was, &tick);
	z = ledger_begin(l, 512, 512, LEDGER_ZERO);
	assert_false(ledger_allows(l, &was[0], tick, 0, STAMP_ZERO, &none));
	assert_true(ledger_allows(l, &was[1], tick, 512, STAMP_ZERO, &none));
	ledger_end(l, z, 512, 512, LEDGER_ZERO, 512);
	(void)written(l, 512, 512);
	/* They are gone from the ledger, and yet may have been read. */
	assert_false(ledger_allows(l, &was[0], tick, 0, STAMP_ZERO, &none));
	assert_true(ledger_allows(l, &was[1], tick, 512, STAMP_ZERO, &none));
	ledger_free(l);
}

/* A cut zeros what is behind it, also what is begun while it is under way. */
static void test_cut(void **state)
{
	struct ledger *l = make(false);
	struct ledger_size size;
	uint32_t a = written(l, 0, 8192), b, c, cut;

	(void)state;
	ledger_size(l, &size);
	assert_int_equal(size.least_bytes, 8192);
	b = ledger_begin(l, 8192, 4096, LEDGER_EXTENDS);
	cut = ledger_truncate_begin(l, 4096);
	c = ledger_begin(l, 12288, 4096, LEDGER_EXTENDS);
	ledger_size(l, &size);
	assert_true(size.cutting);
	assert_int_equal(size.least_bytes, 4096);
	assert_int_equal(size.most_bytes, 16384);
	ledger_end(l, b, 8192, 4096, LEDGER_EXTENDS, 4096);
	assert_true(ledger_was_cut(l, b));
	ledger_truncate_end(l, cut, 4096, true);
	ledger_end(l, c, 12288, 4096, LEDGER_EXTENDS, 4096);
	assert_true(ledger_was_cut(l, c));
	assert_false(allowed(l, 0, 0));
	assert_true(allowed(l, 0, a));
	assert_false(allowed(l, 4096, a));
	assert_true(allowed(l, 4096, 0));
	assert_true(allowed(l, 8192, 0));
	assert_true(allowed(l, 8192, b));
	assert_true(allowed(l, 12288, 0));
	assert_true(allowed(l, 12288, c));
	/* Neither of them says where the file ends now. */
	ledger_size(l, &size);
	assert_false(size.cutting);
	assert_int_equal(size.least_bytes, 4096);
	b = written(l, 4096, 512);
	assert_false(ledger_was_cut(l, b));
	ledger_size(l, &size);
	assert_int_equal(size.least_bytes, 4608);
	ledger_free(l);
}

static void test_durable(void **state)
{
	struct ledger *l = make(false);
	const struct ledger_version *v;
	struct ledger_sector was;
	uint32_t tick, sync, a = written(l, 0, 512), b;

	(void)state;
	sync = ledger_sync_begin(l);
	b = written(l, 512, 512);
	ledger_copy(l, 0, 1, &was, &tick);
	v = ledger_expected(&was);
	assert_int_equal(v->seq, a);
	assert_false(ledger_is_durable(l, v));
	ledger_sync_end(l, sync);
	assert_true(ledger_is_durable(l, v));
	ledger_copy(l, 512, 1, &was, &tick);
	v = ledger_expected(&was);
	assert_int_equal(v->seq, b);
	assert_false(ledger_is_durable(l, v));
	ledger_free(l);
}

/* For crashes an older version goes only when a durable one lies over it. */
static void test_crash(void **state)
{
	struct ledger *l = make(true);
	uint32_t a = written(l, 0, 512), b = written(l, 0, 512), c, sync;

	(void)state;
	assert_true(allowed(l, 0, 0));
	assert_true(allowed(l, 0, a));
	sync = ledger_sync_begin(l);
	c = written(l, 0, 512);
	ledger_sync_end(l, sync);
	assert_false(allowed(l, 0, 0));
	assert_false(allowed(l, 0, a));
	assert_true(allowed(l, 0, b));
	assert_true(allowed(l, 0, c));
	ledger_free(l);
}

static void test_known_good(void **state)
{
	struct ledger *l = make(false);
	struct ledger_version v = { 0 };
	struct ledger_sector was;
	uint32_t tick, a = written(l, 0, 512);

	(void)state;
	ledger_copy(l, 0, 1, &was, &tick);
	assert_false(ledger_expected(&was)->known_good);
	v.seq = a;
	assert_true(ledger_mark(l, 0, &v, LEDGER_GOOD));
	assert_false(ledger_mark(l, 0, &v, LEDGER_GOOD));
	v.seq = a + 1;
	assert_false(ledger_mark(l, 0, &v, LEDGER_GOOD));
	v = (struct ledger_version){ .seq = a, .moved_sectors = 1 };
	assert_false(ledger_mark(l, 0, &v, LEDGER_GOOD));
	ledger_copy(l, 0, 1, &was, &tick);
	assert_true(ledger_expected(&was)->known_good);
	ledger_free(l);
}

/* Whether what write seq put at `stamped` may be found at offset. */
static bool allowed_moved(struct ledger *l, uint64_t offset, uint32_t seq,
			  uint64_t stamped)
{
	struct stamp s = { .id = id, .offset = stamped, .seq = seq };
	struct ledger_sector was;
	uint32_t tick;

	ledger_copy(l, offset, 1, &was, &tick);
	return ledger_allows(l, &was, tick, offset, STAMP_WHOLE, &s);
}

static void shifted(struct ledger *l, uint64_t offset, uint64_t len, bool insert, int rc)
{
	ledger_shift_begin(l, offset, len, insert);
	ledger_shift_end(l, offset, len, insert, rc);
}

/* What is behind a range moves with it, and nothing else is legal where it was. */
static void test_shift(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 4096), b = written(l, 4096, 4096), c;

	(void)state;
	shifted(l, 0, 4096, false, 0);
	assert_true(allowed_moved(l, 0, b, 4096));
	assert_true(allowed_moved(l, 3584, b, 7680));
	assert_false(allowed_moved(l, 0, b, 4608));
	assert_false(allowed(l, 0, a));
	assert_false(allowed(l, 0, 0));
	assert_true(allowed(l, 4096, 0));
	assert_false(allowed(l, 4096, b));
	c = written(l, 0, 512);
	assert_true(allowed(l, 0, c));
	assert_false(allowed_moved(l, 0, b, 4096));

	/* Zeros are put in, between what stays and what goes up. */
	shifted(l, 512, 1024, true, 0);
	assert_true(allowed(l, 0, c));
	assert_false(allowed(l, 0, 0));
	assert_true(allowed(l, 512, 0));
	assert_true(allowed(l, 1024, 0));
	assert_false(allowed_moved(l, 512, b, 4608));
	assert_true(allowed_moved(l, 1536, b, 4608));
	assert_true(allowed_moved(l, 4608, b, 7680));
	assert_false(allowed(l, 1536, 0));
	assert_true(allowed(l, 5120, 0));

	/* What was refused has done nothing; of what broke off nothing is known. */
	shifted(l, 0, 4096, false, -EOPNOTSUPP);
	assert_true(allowed(l, 0, c));
	assert_false(allowed_moved(l, 0, b, 7680));
	shifted(l, 512, 1024, false, -EIO);
	assert_false(allowed(l, 0, 0));
	assert_true(allowed_moved(l, 512, b, 7680));
	ledger_free(l);
}

/* Zeros that are under way while they are moved are over when they are over. */
static void test_shift_meets_zeros(void **state)
{
	struct ledger *l = make(false);
	struct ledger_sector was;
	uint32_t seq = ledger_begin(l, 0, 32768, LEDGER_ZERO), tick;
	unsigned int i;

	(void)state;
	shifted(l, 0, 4096, true, 0);
	ledger_end(l, seq, 0, 32768, LEDGER_ZERO, 32768);
	seq = written(l, 16384, 512);
	ledger_copy(l, 16384, 1, &was, &tick);
	for (i = 0; i < was.nr; i++)
		assert_true(was.v[i].end);
	assert_non_null(ledger_expected(&was));
	assert_int_equal(ledger_expected(&was)->seq, seq);
	ledger_free(l);
}

/* Of two that overlapped, one of which never came back, either may be there. */
static void test_late_beside_one_in_flight(void **state)
{
	struct ledger *l = make(true);
	struct stamp s = { .id = id };
	struct ledger_sector was;
	uint32_t a = ledger_begin(l, 0, 512, 0),
		 b = ledger_begin(l, 0, 512, LEDGER_DSYNC);
	uint32_t tick;

	(void)state;
	ledger_crash(l);
	ledger_end(l, b, 0, 512, LEDGER_DSYNC, 512);
	ledger_copy(l, 0, 1, &was, &tick);
	s.seq = a;
	assert_false(ledger_lost_late(l, &was, STAMP_WHOLE, &s));
	ledger_free(l);
}

/* A write in flight meanwhile moves or not; the next ones are judged again. */
static void test_shift_in_flight(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 16384), w, x, y;
	struct ledger_sector was, behind;
	uint32_t tick, late;
	struct stamp s = { .id = id, .offset = 8192, .seq = 99 };

	(void)state;
	ledger_copy(l, 4096, 1, &behind, &tick);
	ledger_copy(l, 0, 1, &was, &tick);
	w = ledger_begin(l, 8192, 4096, LEDGER_EXTENDS);
	ledger_shift_begin(l, 4096, 4096, false);
	/* Meanwhile anything may be read behind it, also by who began before. */
	assert_true(allowed(l, 4096, 0));
	assert_true(allowed_moved(l, 8192, 77, 0));
	assert_false(ledger_allows(l, &was, UINT32_MAX, 0, STAMP_WHOLE, &s));
	x = ledger_begin(l, 12288, 512, LEDGER_EXTENDS);
	y = ledger_begin(l, 4096, 512, LEDGER_EXTENDS);
	ledger_end(l, y, 4096, 512, LEDGER_EXTENDS, 512);
	ledger_shift_end(l, 4096, 4096, false, 0);
	assert_true(ledger_allows(l, &behind, tick, 4096, STAMP_WHOLE, &s));
	assert_false(ledger_allows(l, &was, tick, 0, STAMP_WHOLE, &s));
	ledger_copy(l, 4096, 1, &behind, &late);
	assert_false(ledger_allows(l, &behind, late, 4096, STAMP_WHOLE, &s));

	/* Before: moved down. After: where it was written to; under it what moved there. */
	assert_true(allowed_moved(l, 4096, w, 8192));
	assert_true(allowed_moved(l, 4096, a, 8192));
	assert_true(allowed(l, 8192, w));
	assert_true(allowed_moved(l, 8192, a, 12288));
	assert_true(allowed_moved(l, 8192, x, 12288));
	assert_true(allowed(l, 12288, x));
	assert_true(allowed(l, 12288, 0));
	assert_true(allowed(l, 4096, y));
	assert_false(allowed(l, 4096, a));
	ledger_end(l, w, 8192, 4096, LEDGER_EXTENDS, 4096);
	ledger_end(l, x, 12288, 512, LEDGER_EXTENDS, 512);
	assert_true(allowed_moved(l, 8192, a, 12288));
	assert_true(allowed(l, 8192, w));
	assert_true(allowed(l, 12288, 0));

	/* Later writes end the doubt. */
	w = written(l, 4096, 8704);
	assert_true(allowed(l, 8192, w));
	assert_false(allowed_moved(l, 8192, a, 12288));
	assert_false(allowed(l, 12288, x));
	assert_false(allowed(l, 12288, 0));
	ledger_free(l);
}

/* An append begun while a range is put in may have been done before: then it moves on. */
static void test_shift_append(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 4096), w;
	struct ledger_size size;

	(void)state;
	ledger_shift_begin(l, 0, 8192, true);
	w = ledger_begin(l, 4096, 4096, LEDGER_EXTENDS);
	ledger_end(l, w, 4096, 4096, LEDGER_EXTENDS, 4096);
	ledger_shift_end(l, 0, 8192, true, 0);
	assert_true(allowed_moved(l, 8192, a, 0));
	assert_true(allowed_moved(l, 12288, w, 4096));
	assert_true(allowed(l, 12288, 0));
	assert_true(allowed(l, 4096, w));
	assert_true(allowed(l, 4096, 0));
	assert_int_equal(ledger_reach(l), 16384);
	ledger_size(l, &size);
	assert_int_equal(size.most_bytes, 16384);
	assert_int_equal(size.least_bytes, 12288);
	ledger_free(l);
}

static void test_shift_size(void **state)
{
	struct ledger *l = make(false);
	struct ledger_size size;

	(void)state;
	(void)written(l, 0, 16384);
	ledger_shift_begin(l, 4096, 4096, false);
	ledger_size(l, &size);
	assert_true(size.cutting);
	ledger_shift_end(l, 4096, 4096, false, 0);
	ledger_size(l, &size);
	assert_false(size.cutting);
	assert_int_equal(size.cuts, 1);
	assert_int_equal(size.least_bytes, 12288);
	shifted(l, 4096, 8192, true, 0);
	ledger_size(l, &size);
	assert_int_equal(size.least_bytes, 20480);
	assert_true(size.most_bytes >= 20480);
	shifted(l, 4096, 8192, true, -EINVAL);
	ledger_size(l, &size);
	assert_int_equal(size.least_bytes, 20480);
	ledger_free(l);
}

/* More versions than a cell holds: it is not judged any more, and nothing breaks. */
static void test_many(void **state)
{
	struct ledger *l = make(false);
	uint32_t seq[40], after;
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++)
		seq[i] = ledger_begin(l, 0, 512, LEDGER_EXTENDS);
	for (i = 0; i < 39; i++)
		ledger_end(l, seq[i], 0, 512, LEDGER_EXTENDS, 512);
	/* The last of those that found no room is still under way: it may go over this one. */
	after = written(l, 0, 512);
	for (i = 0; i < 40; i++)
		assert_true(allowed(l, 0, seq[i]));
	ledger_end(l, seq[39], 0, 512, LEDGER_EXTENDS, 512);
	assert_true(allowed(l, 0, seq[39]));
	assert_true(allowed(l, 0, after));
	/* And this one over all of them. */
	after = written(l, 0, 512);
	for (i = 0; i < 40; i++)
		assert_false(allowed(l, 0, seq[i]));
	assert_true(allowed(l, 0, after));
	assert_false(allowed(l, 0, 0));
	ledger_free(l);
}

/* What lies before a shift stays where it is, and is judged; behind it nobody knows. */
static void test_shift_beside_reads(void **state)
{
	const struct stamp none = { .seq = 0 };
	struct ledger *l = make(false);
	struct ledger_sector was[16];
	unsigned int i;
	uint32_t tick;

	(void)state;
	(void)written(l, 0, 8192);
	ledger_copy(l, 0, 16, was, &tick);
	ledger_shift_begin(l, 4096, 4096, true);
	assert_false(ledger_allows(l, &was[0], tick, 0, STAMP_ZERO, &none));
	assert_true(ledger_allows(l, &was[8], tick, 4096, STAMP_ZERO, &none));
	ledger_shift_end(l, 4096, 4096, true, 0);
	/* Of several that it met the furthest back counts. */
	ledger_shift_begin(l, 8192, 4096, true);
	ledger_shift_end(l, 8192, 4096, true, 0);
	assert_false(ledger_allows(l, &was[7], tick, 3584, STAMP_ZERO, &none));
	assert_true(ledger_allows(l, &was[8], tick, 4096, STAMP_ZERO, &none));
	/* So many that the first is forgotten. */
	for (i = 0; i < 8; i++) {
		ledger_shift_begin(l, 8192, 4096, true);
		ledger_shift_end(l, 8192, 4096, true, 0);
	}
	assert_true(ledger_allows(l, &was[8], tick, 4096, STAMP_ZERO, &none));
	ledger_copy(l, 0, 1, was, &tick);
	assert_false(ledger_allows(l, &was[0], tick, 0, STAMP_ZERO, &none));
	ledger_free(l);
}

/* What broke off is not known; what is written over it after that is. */
static void test_shift_broken_off(void **state)
{
	struct ledger *l = make(false);
	uint32_t a = written(l, 0, 8192), b, c;

	(void)state;
	c = ledger_begin(l, 4096, 512, LEDGER_EXTENDS);
	ledger_shift_begin(l, 4096, 4096, true);
	b = written(l, 4608, 512);
	ledger_shift_end(l, 4096, 4096, true, -EIO);
	assert_false(allowed(l, 0, 0));
	assert_true(allowed(l, 4096, 0));
	assert_true(allowed(l, 4608, a));
	assert_true(allowed(l, 4608, b));
	b = written(l, 4608, 512);
	assert_false(allowed(l, 4608, 0));
	assert_false(allowed(l, 4608, a));
	assert_true(allowed(l, 4608, b));
	/* c met it, and may still come. */
	b = written(l, 4096, 512);
	assert_true(allowed(l, 4096, b));
	assert_true(allowed(l, 4096, c));
	assert_false(allowed(l, 4096, a));
	ledger_free(l);
}

struct worker {
	pthread_t pthread;
	struct ledger *l;
	unsigned int nr, wrong;
};

/*
 * A file system in memory of one sector a thread may write anywhere, with a lock for
 * each: what it shows is always legal.
 */
#define SECTORS 16
static uint32_t disk[SECTORS];
static pthread_mutex_t disk_lock[SECTORS];

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t random = w->nr;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		struct stamp s = { .id = id };
		struct ledger_sector was;
		uint32_t seq, tick;
		unsigned int at;

		random = random * 6364136223846793005ull + 1442695040888963407ull;
		at = random >> 33 & (SECTORS - 1);
		s.offset = at * 512ull;
		if (random >> 60 & 1) {
			seq = ledger_begin(w->l, s.offset, 512, LEDGER_EXTENDS);
			pthread_mutex_lock(&disk_lock[at]);
			disk[at] = seq;
			pthread_mutex_unlock(&disk_lock[at]);
			ledger_end(w->l, seq, s.offset, 512, LEDGER_EXTENDS, 512);
			continue;
		}
		ledger_copy(w->l, s.offset, 1, &was, &tick);
		pthread_mutex_lock(&disk_lock[at]);
		s.seq = disk[at];
		pthread_mutex_unlock(&disk_lock[at]);
		w->wrong += !ledger_allows(w->l, &was, tick, s.offset,
					   s.seq ? STAMP_WHOLE : STAMP_ZERO, &s);
	}
	return NULL;
}

/* Wherever they are in the file; what is long gone is not known. */
static void test_met(void **state)
{
	struct ledger *l = make(false);
	uint32_t a, b, c;
	unsigned int i;

	(void)state;
	a = ledger_begin(l, 0, 4096, LEDGER_EXTENDS);
	b = ledger_begin(l, 1 << 20, 4096, LEDGER_EXTENDS);
	ledger_end(l, a, 0, 4096, LEDGER_EXTENDS, 4096);
	c = ledger_begin(l, 0, 4096, LEDGER_EXTENDS);
	ledger_end(l, b, 1 << 20, 4096, LEDGER_EXTENDS, 4096);
	ledger_end(l, c, 0, 4096, LEDGER_EXTENDS, 4096);
	assert_true(ledger_met(l, a, b) && ledger_met(l, b, a));
	assert_true(ledger_met(l, b, c) && ledger_met(l, c, b));
	assert_false(ledger_met(l, a, c) || ledger_met(l, c, a));
	for (i = 0; i < 20000; i++)
		(void)written(l, 0, 512);
	assert_false(ledger_met(l, a, b) || ledger_met(l, b, a));
	ledger_free(l);
}

static void test_threads(void **state)
{
	struct worker w[4];
	struct ledger *l = make(false);
	unsigned int i;

	(void)state;
	for (i = 0; i < SECTORS; i++)
		pthread_mutex_init(&disk_lock[i], NULL);
	for (i = 0; i < 4; i++) {
		w[i] = (struct worker){ .l = l, .nr = i };
		assert_int_equal(pthread_create(&w[i].pthread, NULL, work, &w[i]), 0);
	}
	for (i = 0; i < 4; i++) {
		pthread_join(w[i].pthread, NULL);
		assert_int_equal(w[i].wrong, 0);
	}
	ledger_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_read_between),
		cmocka_unit_test(test_mixture),
		cmocka_unit_test(test_shift_meets_zeros),
		cmocka_unit_test(test_late_beside_one_in_flight),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_zeros_refused),
		cmocka_unit_test(test_zeros_elsewhere),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_durable),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_known_good),
		cmocka_unit_test(test_shift),
		cmocka_unit_test(test_shift_in_flight),
		cmocka_unit_test(test_shift_append),
		cmocka_unit_test(test_shift_size),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_shift_broken_off),
		cmocka_unit_test(test_shift_beside_reads),
		cmocka_unit_test(test_met),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
