// SPDX-License-Identifier: GPL-2.0-or-later
/* After a crash: which files are legal. The file is made as each kernel would. */
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

#include "verify/stamp.h"
#include "verify/verify.h"

#define BLOCK 4096u
#define LAYOUT (4 * BLOCK)

static struct board *board;
static struct verify *v;
static struct verify_file *file;
static struct load_observer o;
static void *load;
static char *buffer;
static char path[64];
static int fd;

static struct load_class class_of(uint8_t base, uint8_t mods)
{
	struct load_class c = { .kind = { base, mods } };

	c.is_write = base != KIND_FDATASYNC;
	c.is_sync = !c.is_write;
	c.is_extending = base == KIND_APPEND;
	return c;
}

/* One operation of block nr that ends with res; put: its data come to the file. */
static void operation(uint8_t base, uint8_t mods, uint64_t nr, int64_t res, bool put)
{
	const struct load_class c = class_of(base, mods);
	struct load_op op = {
		.class = &c, .buffer = buffer, .offset = nr * BLOCK, .len = BLOCK
	};

	if (c.is_sync)
		op.offset = op.len = 0;
	o.prepare(load, &op, buffer);
	if (put)
		assert_int_equal(pwrite(fd, buffer, op.len, (off_t)op.offset), op.len);
	op.res = res == BLOCK ? op.len : res;
	o.complete(load, &op);
}

static void written(uint8_t base, uint8_t mods, uint64_t nr, bool put)
{
	operation(base, mods, nr, BLOCK, put);
}

/* A file of four blocks, written and durable; then a load begins. */
static int begin(void **state)
{
	const struct verify_round r = {
		.seed = 3, .threads = 1, .crash = true, .block_bytes = BLOCK
	};
	unsigned int i;

	(void)state;
	board = board_new();
	buffer = aligned_alloc(4096, LAYOUT);
	(void)snprintf(path, sizeof(path), "test_crash.%d.tmp", (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (!board || !buffer || fd < 0 || verify_new(board, 77, &v) ||
	    verify_round_begin(v, &r))
		return -1;
	file = verify_file(v);
	for (i = 0; i < LAYOUT / BLOCK; i++) {
		verify_layout(file, buffer, i * BLOCK, BLOCK);
		if (pwrite(fd, buffer, BLOCK, (off_t)(i * BLOCK)) != BLOCK)
			return -1;
	}
	if (verify_file_ready(file, path) || verify_map(v, 0, 0, file))
		return -1;
	verify_observer(v, &o);
	return o.open(o.ctx, 0, 1, &load);
}

static int end(void **state)
{
	(void)state;
	verify_free(v);
	board_free(board);
	free(buffer);
	close(fd);
	return unlink(path);
}

/* The load ends, and the file is judged. */
static void recover(void)
{
	o.round_end(load);
	verify_load_end(v);
	verify_recovered(v);
}

/* So many breaks of the contract, and of no other. */
static void broken(enum contract c, uint64_t nr)
{
	unsigned int i;

	for (i = 0; i < CONTRACT_NR; i++)
		if (board->broken[i] != (i == c ? nr : 0))
			fail_msg("%s: %llu broken: %s", contract_row(i)->name,
				 (unsigned long long)board->broken[i],
				 board->finding[0].text);
}

/* ---- what is legal ---- */

/* Everything there: each sector is counted, the durable ones apart. */
static void test_whole(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, KIND_DSYNC, 1, true);
	written(KIND_APPEND, KIND_DSYNC, 4, true);
	written(KIND_APPEND, 0, 5, true);
	verify_crashed(v);
	recover();
	broken(CONTRACT_FSCK, 0);
	assert_int_equal(board->checked[CONTRACT_CRASH_DURABLE], 5 * BLOCK / 512);
	assert_int_equal(board->checked[CONTRACT_CRASH_STALE], 6 * BLOCK / 512);
	assert_int_equal(board->checked[CONTRACT_CRASH_SIZE], 1);
	assert_int_equal(board->checked[CONTRACT_CRASH_ACK], 0);
	assert_int_equal(board->cycles_in[0], 1);
}

/* What nobody synced may be lost: data, place and size. */
static void test_not_durable(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, 0, 0, false);
	written(KIND_OVERWRITE, 0, 1, true);
	written(KIND_OVERWRITE, 0, 1, false);
	written(KIND_APPEND, 0, 5, true);
	verify_crashed(v);
	assert_int_equal(ftruncate(fd, LAYOUT), 0);
	recover();
	broken(CONTRACT_FSCK, 0);
}

/* From the crash on errors have their cause, and no size is looked at. */
static void test_errors(void **state)
{
	(void)state;
	verify_crashed(v);
	operation(KIND_OVERWRITE, 0, 0, -EIO, true);
	operation(KIND_OVERWRITE, KIND_DSYNC, 1, -ESHUTDOWN, false);
	operation(KIND_APPEND, KIND_DSYNC, 4, -EROFS, false);
	operation(KIND_APPEND, 0, 5, 512, false);
	operation(KIND_FDATASYNC, 0, 0, -EIO, false);
	broken(CONTRACT_FSCK, 0);
	operation(KIND_OVERWRITE, 0, 0, -EINVAL, false);
	recover();
	broken(CONTRACT_ERROR, 1);
}

static void test_error_before(void **state)
{
	(void)state;
	operation(KIND_OVERWRITE, 0, 0, -EIO, true);
	verify_crashed(v);
	recover();
	broken(CONTRACT_ERROR, 1);
}

/* ---- what is not ---- */

static void test_lost(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, KIND_DSYNC, 2, false);
	verify_crashed(v);
	recover();
	/* Read in three ways, told once. */
	broken(CONTRACT_CRASH_DURABLE, 1);
	assert_int_equal(board->finding[0].offset, 2 * BLOCK);
	assert_int_equal(board->finding[0].len, BLOCK);
}

/* One durable sector of the layout is the one that it was before. */
static void test_stale_sector(void **state)
{
	(void)state;
	memset(buffer, 0, 512);
	assert_int_equal(pwrite(fd, buffer, 512, BLOCK + 512), 512);
	verify_crashed(v);
	recover();
	broken(CONTRACT_CRASH_DURABLE, 1);
	assert_int_equal(board->finding[0].offset, BLOCK + 512);
	assert_int_equal(board->finding[0].len, 512);
}

/* A sync makes durable what was acknowledged before it began, and nothing else. */
static void test_synced(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, 0, 0, false);
	written(KIND_FDATASYNC, 0, 0, false);
	written(KIND_OVERWRITE, 0, 1, false);
	verify_crashed(v);
	recover();
	broken(CONTRACT_CRASH_DURABLE, 1);
	assert_int_equal(board->finding[0].offset, 0);
}

/* A sync that fails makes nothing durable. */
static void test_sync_failed(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, 0, 0, false);
	verify_crashed(v);
	operation(KIND_FDATASYNC, 0, 0, -EIO, false);
	recover();
	broken(CONTRACT_FSCK, 0);
}

static void test_size(void **state)
{
	(void)state;
	written(KIND_APPEND, KIND_DSYNC, 4, true);
	written(KIND_APPEND, 0, 5, true);
	verify_crashed(v);
	assert_int_equal(ftruncate(fd, LAYOUT), 0);
	recover();
	broken(CONTRACT_CRASH_SIZE, 1);
}

static void test_size_long(void **state)
{
	(void)state;
	written(KIND_APPEND, 0, 4, true);
	verify_crashed(v);
	assert_int_equal(ftruncate(fd, LAYOUT + 2 * BLOCK), 0);
	recover();
	broken(CONTRACT_CRASH_SIZE, 1);
}

/* What was in the blocks before: of no file, of an earlier one's place, of another. */
static void test_stale(void **state)
{
	const struct stamp_file id[] = { { 77, 0, 0 }, { 77, 9, 0 }, { 77, 1, 0 } };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		written(KIND_APPEND, 0, 4 + i, true);
	for (i = 0; i < 3; i++) {
		stamp_fill(&id[i], i == 1 ? 5 * BLOCK : 0, 1, buffer, 512);
		assert_int_equal(pwrite(fd, buffer, 512, (off_t)((4 + i) * BLOCK)), 512);
	}
	verify_crashed(v);
	recover();
	broken(CONTRACT_CRASH_STALE, 3);
}

static void test_flipped(void **state)
{
	(void)state;
	assert_int_equal(pread(fd, buffer, 512, 0), 512);
	buffer[200] ^= 1;
	assert_int_equal(pwrite(fd, buffer, 512, 0), 512);
	verify_crashed(v);
	recover();
	broken(CONTRACT_CRASH_STALE, 1);
}

static void test_gone(void **state)
{
	(void)state;
	verify_crashed(v);
	assert_int_equal(unlink(path), 0);
	recover();
	broken(CONTRACT_CRASH_DURABLE, 1);
	fd = open(path, O_RDWR | O_CREAT, 0600);
}

/* ---- acknowledged while it was shut down ---- */

/* Data and size may be lost, but then there should have been an error. */
static void test_late(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, KIND_DSYNC, 3, true);
	verify_crashed(v);
	written(KIND_OVERWRITE, KIND_DSYNC, 3, true);
	written(KIND_APPEND, KIND_DSYNC, 4, true);
	recover();
	broken(CONTRACT_FSCK, 0);
	assert_int_equal(board->checked[CONTRACT_CRASH_ACK], BLOCK / 512);
}

static void test_late_lost(void **state)
{
	(void)state;
	written(KIND_OVERWRITE, 0, 3, false);
	verify_crashed(v);
	written(KIND_FDATASYNC, 0, 0, false);
	recover();
	broken(CONTRACT_CRASH_ACK, 1);
	assert_int_equal(board->finding[0].len, BLOCK);
}

static void test_late_size(void **state)
{
	(void)state;
	verify_crashed(v);
	written(KIND_APPEND, KIND_DSYNC, 4, false);
	recover();
	broken(CONTRACT_CRASH_ACK, 1);
}

#define ROUND(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROUND(test_whole),     ROUND(test_not_durable),
		ROUND(test_errors),    ROUND(test_error_before),
		ROUND(test_lost),      ROUND(test_stale_sector),
		ROUND(test_synced),    ROUND(test_sync_failed),
		ROUND(test_size),      ROUND(test_size_long),
		ROUND(test_stale),     ROUND(test_flipped),
		ROUND(test_gone),      ROUND(test_late),
		ROUND(test_late_lost), ROUND(test_late_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
