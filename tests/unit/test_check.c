// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is said of data that are found where others belong: each way in which they may have
 * come there, and whatever has been written over since.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "missing.h"
#include "verify/private.h"

#define BLOCK 4096u
#define HOME BLOCK /* where what is found at 0 belongs */

/* When the write of HOME was made, by that of 0, which is the one that is expected there. */
enum when { TOGETHER, AFTER, BEFORE };

/* What is at HOME when it is looked at. */
enum at_home { ITSELF, OLDER, THE_OTHER, NEWER };

static struct board *board;
static struct verify *v;
static struct verify_file *f;
static char path[] = "check-XXXXXX";
static int fd;

static void put(uint64_t at, uint64_t stamped_at, uint32_t seq)
{
	char block[BLOCK];

	stamp_fill(ledger_id(f->ledger), stamped_at, seq, block, BLOCK);
	assert_int_equal(pwrite(fd, block, BLOCK, (off_t)at), BLOCK);
}

/* A new file of two blocks. False: no direct I/O here. */
static bool open_file(void)
{
	const struct verify_round round = { .threads = 1,
					    .block_bytes = BLOCK,
					    .sector_bytes = STAMP_BYTES };
	char block[BLOCK];
	uint64_t at;
	int rc;

	board = board_new();
	assert_non_null(board);
	assert_int_equal(verify_new(board, 77, &v), 0);
	assert_int_equal(verify_round_begin(v, &round), 0);
	f = verify_file(v);
	assert_non_null(f);
	strcpy(path, "check-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	for (at = 0; at < 2 * BLOCK; at += BLOCK) {
		verify_layout(f, block, at, BLOCK);
		assert_int_equal(pwrite(fd, block, BLOCK, (off_t)at), BLOCK);
	}
	rc = verify_file_ready(f, path);
	assert_true(!rc || rc == -EINVAL);
	return !rc;
}

static void close_file(void)
{
	close(fd);
	unlink(path);
	verify_round_end(v);
	verify_free(v);
	board_free(board);
}

static void end(uint32_t seq, uint64_t at, unsigned int change)
{
	ledger_end(f->ledger, seq, at, BLOCK, change, BLOCK);
}

static enum contract found(enum when when, enum at_home at_home, unsigned int change)
{
	struct reading *r = reading_new();
	enum contract contract;
	uint32_t here = 0, home, newer;

	assert_non_null(r);
	if (!open_file()) {
		close_file();
		missing("no direct I/O in this folder");
	}
	if (when != BEFORE)
		here = ledger_begin(f->ledger, 0, BLOCK, change);
	if (when == AFTER)
		end(here, 0, change);
	home = ledger_begin(f->ledger, HOME, BLOCK, 0);
	end(home, HOME, 0);
	if (when == BEFORE)
		here = ledger_begin(f->ledger, 0, BLOCK, change);
	if (when != AFTER)
		end(here, 0, change);
	put(0, HOME, home);
	if (at_home == ITSELF)
		put(HOME, HOME, home);
	else if (at_home == THE_OTHER)
		put(HOME, 0, here);
	else if (at_home == NEWER) {
		newer = ledger_begin(f->ledger, HOME, BLOCK, 0);
		put(HOME, HOME, newer);
		end(newer, HOME, 0);
	}
	assert_int_equal(verify_check(f, r, READ_DIRECT, 0, BLOCK, READ_BESIDE), BLOCK);
	assert_int_equal(board->finding_nr, 1);
	contract = board->finding[0].contract;
	reading_free(r);
	close_file();
	return contract;
}

static void test_home_is_seen(void **state)
{
	(void)state;
	assert_int_equal(found(TOGETHER, THE_OTHER, 0), CONTRACT_SWAPPED);
	assert_int_equal(found(AFTER, THE_OTHER, 0), CONTRACT_SWAPPED);
	assert_int_equal(found(TOGETHER, OLDER, 0), CONTRACT_MISDIRECTED);
	assert_int_equal(found(BEFORE, OLDER, 0), CONTRACT_MISDIRECTED);
	assert_int_equal(found(TOGETHER, ITSELF, 0), CONTRACT_STALE);
	assert_int_equal(found(AFTER, ITSELF, 0), CONTRACT_STALE);
}

static void test_home_is_written_over(void **state)
{
	const unsigned int append = LEDGER_EXTENDS | LEDGER_APPEND;

	(void)state;
	assert_int_equal(found(TOGETHER, NEWER, 0), CONTRACT_SWAPPED);
	assert_int_equal(found(AFTER, NEWER, 0), CONTRACT_MISDIRECTED);
	assert_int_equal(found(BEFORE, NEWER, 0), CONTRACT_STALE);
	assert_int_equal(found(TOGETHER, NEWER, append), CONTRACT_STALE);
	assert_int_equal(found(BEFORE, NEWER, append), CONTRACT_STALE);
}

/* Somebody else's bytes where a write is under way. */
static void test_under_way(void **state)
{
	struct reading *r = reading_new();
	char block[BLOCK];
	uint32_t seq;

	(void)state;
	assert_non_null(r);
	if (!open_file()) {
		close_file();
		missing("no direct I/O in this folder");
	}
	seq = ledger_begin(f->ledger, 0, BLOCK, 0);
	stamp_fill(ledger_id(f->ledger), 0, seq, block, BLOCK);
	/* The first sectors have arrived, and of one a half. */
	assert_int_equal(pwrite(fd, block, 1280, 0), 1280);
	assert_int_equal(verify_check(f, r, READ_DIRECT, 0, BLOCK, READ_BESIDE), BLOCK);
	assert_int_equal(board->finding_nr, 0);
	memset(block, 'x', STAMP_BYTES);
	assert_int_equal(pwrite(fd, block, STAMP_BYTES, 2048), STAMP_BYTES);
	assert_int_equal(verify_check(f, r, READ_DIRECT, 0, BLOCK, READ_BESIDE), BLOCK);
	assert_int_equal(board->finding_nr, 1);
	assert_int_equal(board->finding[0].contract, CONTRACT_FOREIGN);
	assert_int_equal(board->finding[0].offset, 2048);
	end(seq, 0, 0);
	reading_free(r);
	close_file();
}

static void cut(uint64_t bytes)
{
	uint32_t seq = ledger_truncate_begin(f->ledger, bytes);

	assert_int_not_equal(seq, 0);
	ledger_truncate_end(f->ledger, seq, bytes, true);
}

/* A read that ends inside the file; not where somebody cut it meanwhile. */
static void test_short_read(void **state)
{
	struct ledger_size before;

	(void)state;
	if (!open_file()) {
		close_file();
		missing("no direct I/O in this folder");
	}
	ledger_size(f->ledger, &before);
	assert_int_equal(before.least_bytes, 2 * BLOCK);
	verify_read_short(f, &before, "direct read", BLOCK, 2 * BLOCK, BLOCK);
	verify_read_short(f, &before, "direct read", 2 * BLOCK, BLOCK, 0);
	verify_read_short(f, &before, "direct read", 0, BLOCK, BLOCK);
	verify_read_short(f, &before, "direct read", 0, BLOCK, -EIO);
	assert_int_equal(board->finding_nr, 0);
	verify_read_short(f, &before, "direct read", 0, 2 * BLOCK, BLOCK);
	assert_int_equal(board->finding_nr, 1);
	assert_int_equal(board->finding[0].contract, CONTRACT_RESULT);
	/* The read was right, and the size is not. */
	assert_int_equal(ftruncate(fd, BLOCK), 0);
	verify_read_short(f, &before, "direct read", 0, 2 * BLOCK, BLOCK);
	assert_int_equal(board->finding_nr, 2);
	assert_int_equal(board->finding[1].contract, CONTRACT_SIZE_BACK);
	cut(BLOCK);
	verify_read_short(f, &before, "direct read", 0, 2 * BLOCK, BLOCK);
	assert_int_equal(board->finding_nr, 2);
	close_file();
}

/* In the end, when it was cut: no less than is acknowledged, no more than was ever to be. */
static void test_size_after_cut(void **state)
{
	(void)state;
	if (!open_file()) {
		close_file();
		missing("no direct I/O in this folder");
	}
	cut(BLOCK);
	assert_int_equal(ftruncate(fd, BLOCK), 0);
	verify_size_final(f, false);
	/* As if by a write that met the cut. */
	assert_int_equal(ftruncate(fd, 2 * BLOCK), 0);
	verify_size_final(f, false);
	assert_int_equal(board->finding_nr, 0);
	assert_int_equal(ftruncate(fd, 2 * BLOCK + 1), 0);
	verify_size_final(f, false);
	assert_int_equal(board->finding_nr, 1);
	assert_int_equal(board->finding[0].contract, CONTRACT_SIZE_EXACT);
	assert_int_equal(ftruncate(fd, BLOCK - 1), 0);
	verify_size_final(f, true);
	assert_int_equal(board->finding_nr, 2);
	assert_int_equal(board->finding[1].contract, CONTRACT_DURABLE);
	close_file();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home_is_seen),
		cmocka_unit_test(test_home_is_written_over),
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_short_read),
		cmocka_unit_test(test_size_after_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
