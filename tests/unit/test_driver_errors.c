// SPDX-License-Identifier: GPL-2.0-or-later
/* Short results and errors: what is counted, what ends, what goes on. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_harness.h"

/* Everything comes back only to who waits. */
static bool ready_never(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	(void)op;
	return false;
}

/* ---- short results ---- */

static int64_t some_short(uint64_t nr, const struct load_op *op)
{
	switch (nr % 10) {
	case 3:
		return op->len / 2;
	case 7:
		return 0;
	case 9:
		return op->len + 512; /* a lie */
	default:
		return op->len;
	}
}

static void test_short(void **state)
{
	const struct driver_row *row;
	struct run r;
	unsigned int lean;

	(void)state;
	for (lean = 0; lean < 2; lean++) {
		run_open(&r, "size=1m\nbs=4k\nmix=append:1\niodepth=4\nnumber_ios=100");
		r.lean = lean;
		sim.result = some_short;
		run_go(&r);
		row = &r.thread[0].row[0];
		assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
		assert_int_equal(driver_row_ops(row), 100);
		assert_int_equal(row->short_nr, 10);
		assert_int_equal(row->bytes, 70 * 4096 + 10 * 2048 + 10 * 4608);
		assert_int_equal(row->failed + row->refused, 0);
		assert_int_equal(hist_count(&row->lat), 90);
		assert_int_equal(hist_count(&row->slat), 90);
		assert_int_equal(r.thread[0].file[0].appended_bytes, row->bytes);
		run_close(&r);
	}
}

/* ---- errors that nobody asked for ---- */

static uint64_t fail_nr;
static int fail_errno;

static int64_t fail_at(uint64_t nr, const struct load_op *op)
{
	return nr == fail_nr ? -fail_errno : (int64_t)op->len;
}

static int64_t fail_from(uint64_t nr, const struct load_op *op)
{
	return nr >= fail_nr ? -fail_errno : (int64_t)op->len;
}

static void fail_open(struct run *r, const char *keys, uint64_t nr, int err)
{
	run_open(r, keys);
	fail_nr = nr;
	fail_errno = err;
	sim.result = fail_at;
	sim.ready = ready_never;
}

static void test_error(void **state)
{
	static const char *const keys[] = {
		"mix=overwrite+dsync:1\n",
		"mix=overwrite:5,append:5\n",
		"mix=append+nowait:1\nappend_depth=2\n",
		"mix=overwrite+unaligned:1\nfilename=x:y\n",
		"rw=write\nfallocate=none\n",
	};
	char text[400], want[600], name[KIND_NAME_MAX];
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct run_op *bad;

		snprintf(text, sizeof(text),
			 "size=1m\nbs=4k\niodepth=8\nnumber_ios=200\n%s", keys[i]);
		fail_open(&r, text, 37, EIO);
		run_go(&r);
		assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
		for (bad = r.log[0].op; bad->op.res != -EIO; bad++)
			;
		snprintf(want, sizeof(want),
			 "job a: %s of 4096 bytes at %llu in ./%s: %s",
			 kind_print(bad->class.kind, name),
			 (unsigned long long)bad->op.offset,
			 i != 3	      ? "a.0.0" :
			 bad->op.file ? "y" :
					"x",
			 strerror(EIO));
		assert_string_equal(r.thread[0].error.text, want);
		/* Nothing was submitted once it was seen; the rest came back. */
		assert_in_range(r.log[0].nr, 38, 38 + 8);
		assert_int_equal(run_ops(&r, NULL), r.log[0].nr);
		assert_int_equal(run_bytes(&r), (r.log[0].nr - 1) * 4096);
		run_close(&r);
	}
}

/* A tenth fails, of each sort; the job goes on where it ignores them, and counts them. */
static int64_t fail_tenth(uint64_t nr, const struct load_op *op)
{
	return nr % 10 ? (int64_t)op->len : op->class->is_write ? -EIO : -ENOSPC;
}

static void test_ignored(void **state)
{
	static const struct {
		const char *keys;
		bool ends;
	} row[] = {
		{ "ignore_error=ENOSPC,EIO", false },
		{ "ignore_error=28,5", false },
		{ "ignore_error=EINTR:ENOSPC,EIO:ENOSPC,EILSEQ", false },
		{ "continue_on_error=write\nignore_error=ENOSPC", false },
		{ "ignore_error=EIO,ENOSPC", true },
		{ "ignore_error=ENOSPC", true },
		{ "continue_on_error=io", true },
		{ "continue_on_error=read\nignore_error=ENOSPC", true },
		{ "continue_on_error=1\nignore_error=ENOSPC", false },
	};
	char text[300];
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t failed = 0;

		snprintf(text, sizeof(text),
			 "size=1m\nbs=4k\nmix=overwrite:4,append:4,read:2\niodepth=4\n"
			 "number_ios=500\n%s",
			 row[i].keys);
		run_open(&r, text);
		sim.result = fail_tenth;
		run_go(&r);
		if (row[i].ends) {
			assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
			assert_in_range(r.log[0].nr, 1, 499);
		} else {
			assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
			assert_int_equal(run_ops(&r, NULL), 500);
			for (k = 0; k < r.thread[0].row_nr; k++)
				failed += r.thread[0].row[k].failed;
			assert_int_equal(failed, 50);
			assert_int_equal(run_bytes(&r), 450 * 4096);
		}
		run_close(&r);
	}
}

static int64_t fail_syncs(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	return op->class->is_sync ? -EIO : (int64_t)op->len;
}

static void test_error_sync(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=overwrite:1\nfdatasync=5\niodepth=2\n"
		     "number_ios=200");
	sim.result = fail_syncs;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
	assert_string_equal(r.thread[0].error.text,
			    "job a: fdatasync of ./a.0.0: Input/output error");
	assert_int_equal(run_row(&r, 0, "fdatasync")->failed, 1);
	assert_int_equal(hist_count(&run_row(&r, 0, "fdatasync")->lat), 0);
	run_close(&r);
}

static uint64_t first_20ms(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr < 3 ? 20000000 : 0;
}

/* The ramp's end begins nothing anew. */
static void test_error_ramp(void **state)
{
	struct run r;

	(void)state;
	fail_open(&r,
		  "size=1m\nbs=4k\nmix=overwrite:1\niodepth=4\nramp_time=10ms\n"
		  "number_ios=200",
		  3, EIO);
	r.lean = true;
	sim.ready = NULL;
	sim.service_ns = first_20ms;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
	assert_int_equal(sim.nr, 4);
	run_close(&r);
}

static int64_t fail_all(uint64_t nr, const struct load_op *op)
{
	(void)op;
	/* None of these is ENOSPC; EAGAIN is an error like any other here. */
	return -(int64_t)(nr + 1);
}

/* The first line stays; more errnos than there is room for share the last. */
static void test_errors_many(void **state)
{
	const struct driver_row *row;
	struct run r;
	unsigned int i;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=overwrite:1\niodepth=16\nnumber_ios=200");
	sim.result = fail_all;
	sim.ready = ready_never;
	run_go(&r);
	row = &r.thread[0].row[0];
	assert_int_equal(row->failed, 16);
	assert_int_equal(row->error_nr, DRIVER_ERRORS_MAX);
	for (i = 0; i < DRIVER_ERRORS_MAX; i++) {
		assert_int_equal(row->error[i].err, i + 1);
		assert_int_equal(row->error[i].count, i + 1 < DRIVER_ERRORS_MAX ? 1 : 9);
	}
	assert_non_null(strstr(r.thread[0].error.text, strerror(1)));
	run_close(&r);
}

/* ---- ENOSPC ---- */

/* No space for who needs it, from operation fail_nr on. */
static int64_t full(uint64_t nr, const struct load_op *op)
{
	const uint8_t base = op->class->kind.base;

	if (nr < fail_nr || (!op->class->is_extending && base != KIND_HOLE))
		return op->len;
	return -ENOSPC;
}

static int64_t full_appends(uint64_t nr, const struct load_op *op)
{
	return nr >= fail_nr && op->class->kind.base == KIND_APPEND ? -ENOSPC :
								      (int64_t)op->len;
}

static int64_t full_holes(uint64_t nr, const struct load_op *op)
{
	return nr >= fail_nr && op->class->kind.base == KIND_HOLE ? -ENOSPC :
								    (int64_t)op->len;
}

/* When the first ENOSPC was seen. */
static uint64_t enospc_ns(const struct run *r)
{
	uint64_t first_ns = UINT64_MAX;
	size_t i;

	for (i = 0; i < r->log[0].nr; i++)
		if (r->log[0].op[i].op.res == -ENOSPC &&
		    r->log[0].op[i].op.complete_ns < first_ns)
			first_ns = r->log[0].op[i].op.complete_ns;
	assert_true(first_ns != UINT64_MAX);
	return first_ns;
}

static void test_enospc_extending(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	fail_open(
		&r,
		"size=4m\nbs=8k\nmix=overwrite:4,append:2,straddle:2,gap:2,unwritten:1\n"
		"iodepth=8\nnumber_ios=400",
		100, 0);
	/* One of them met it: none of them has space. */
	sim.result = full_appends;
	run_go(&r);
	/* Not an error; the others go on, to the last that was asked for. */
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_string_equal(r.thread[0].error.text, "");
	assert_int_equal(run_ops(&r, NULL), 400);
	assert_int_equal(r.thread[0].issued, 400);
	for (i = 0; i < r.log[0].nr; i++)
		if (r.log[0].op[i].op.submit_ns >= enospc_ns(&r))
			assert_false(r.log[0].op[i].class.is_extending);
	assert_in_range(run_ops(&r, "append") + run_ops(&r, "gap") +
				run_ops(&r, "straddle"),
			30, 108);
	assert_true(run_ops(&r, "unwritten") > 40);
	run_close(&r);
}

/* What append_depth holds back by then needs space as well. */
static void test_enospc_held(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	fail_open(&r,
		  "size=4m\nbs=8k\nmix=overwrite:5,append:5\niodepth=8\nappend_depth=1\n"
		  "number_ios=400",
		  100, 0);
	sim.result = full;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	for (i = 0; i < r.log[0].nr; i++)
		if (r.log[0].op[i].op.submit_ns >= enospc_ns(&r))
			assert_false(r.log[0].op[i].class.is_extending);
	/* They were not done, and others took their place. */
	assert_int_equal(run_ops(&r, NULL), 400);
	run_close(&r);
}

/* Holes alone: what extends has met no error of its own. */
static void test_enospc_hole(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	fail_open(&r,
		  "size=4m\nbs=4k\nmix=hole:3,hole+dsync:1,append:3,overwrite:3\n"
		  "iodepth=8\nnumber_ios=400",
		  100, 0);
	sim.result = full_holes;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_int_equal(run_ops(&r, NULL), 400);
	for (i = 0; i < r.log[0].nr; i++)
		if (r.log[0].op[i].op.submit_ns >= enospc_ns(&r))
			assert_int_not_equal(r.log[0].op[i].class.kind.base, KIND_HOLE);
	assert_true(run_ops(&r, "append") > 120);
	run_close(&r);
}

/* No kind is left that writes: reads alone are not the job. */
static void test_enospc_all(void **state)
{
	static const char *const keys[] = {
		"mix=append:8,read:2\n",
		"mix=append:8,straddle:2\nappend_depth=2\n",
		"mix=append:8,read:1,fdatasync:1\n",
		"rw=write\nfallocate=none\n",
	};
	char text[300];
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(text, sizeof(text),
			 "size=1m\nbs=8k\niodepth=4\nruntime=1000s\nio_size=100m\n%s",
			 keys[i / 2]);
		fail_open(&r, text, 20, ENOSPC);
		r.lean = i % 2;
		sim.result = i / 2 == 3 ? fail_from : full;
		run_go(&r);
		assert_int_equal(r.thread[0].end, DRIVER_END_USED_UP);
		assert_string_equal(r.thread[0].error.text, "");
		assert_in_range(sim.nr, 21, 100);
		run_close(&r);
	}
}

/* The lean path, too, sees that a kind has ended. */
static void test_enospc_lean(void **state)
{
	struct run r;

	(void)state;
	fail_open(&r,
		  "size=4m\nbs=4k\nmix=append:5,overwrite:5\niodepth=4\nnumber_ios=1000",
		  10, 0);
	r.lean = true;
	sim.result = full;
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
	assert_int_equal(run_ops(&r, NULL), 1000);
	assert_in_range(run_ops(&r, "append"), 1, 14);
	assert_in_range(run_row(&r, 0, "append")->failed, 1, 4);
	assert_int_equal(run_row(&r, 0, "overwrite")->bytes,
			 run_ops(&r, "overwrite") * 4096);
	run_close(&r);
}

/* ---- NOWAIT ---- */

static int64_t refused(uint64_t nr, const struct load_op *op)
{
	return nr % 5 == 2 ? -EAGAIN : (int64_t)op->len;
}

static void test_nowait(void **state)
{
	static const char *const keys[] = {
		"mix=append+nowait:6,read+nowait:4\n",
		"mix=append:6,read:4\nnowait=1\n",
		"rw=randwrite\nnowait=1\n",
	};
	char text[300];
	struct run r;
	unsigned int k;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(keys) / sizeof(keys[0]); i++) {
		uint64_t nr = 0, failed = 0;

		snprintf(text, sizeof(text),
			 "size=1m\nbs=4k\niodepth=4\nnumber_ios=200\n%s", keys[i / 2]);
		run_open(&r, text);
		r.lean = i % 2;
		sim.result = refused;
		run_go(&r);
		assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
		assert_int_equal(run_ops(&r, NULL), 200);
		assert_int_equal(run_bytes(&r), 160 * 4096);
		for (k = 0; k < r.thread[0].row_nr; k++) {
			const struct driver_row *row = &r.thread[0].row[k];

			assert_true(row->kind.mods & KIND_NOWAIT);
			nr += row->refused;
			failed += row->failed;
			if (row->refused) {
				assert_int_equal(row->error[0].err, EAGAIN);
				assert_int_equal(row->error[0].count, row->refused);
			}
		}
		assert_int_equal(nr, 40);
		assert_int_equal(failed, 0);
		run_close(&r);
	}
	/* A refused extending write has come back, too: the next may go. */
	run_open(&r, "size=1m\nbs=4k\nmix=append+nowait:5,overwrite+nowait:5\niodepth=4\n"
		     "append_depth=1\nnumber_ios=200");
	sim.result = refused;
	run_go(&r);
	assert_int_equal(run_ops(&r, NULL), 200);
	run_close(&r);
	/* Syncs know no NOWAIT. */
	run_job(&r, "size=1m\nbs=4k\nmix=append:5,fdatasync:5\nnowait=1\nnumber_ios=50");
	assert_true(driver_row_ops(run_row(&r, 0, "fdatasync")) > 0);
	run_close(&r);
	/* Not asked for, it is an error like any other. */
	fail_open(&r, "size=1m\nbs=4k\nmix=overwrite:1\nnumber_ios=9", 2, EAGAIN);
	run_go(&r);
	assert_int_equal(r.thread[0].end, DRIVER_END_ERROR);
	assert_int_equal(r.thread[0].row[0].refused, 0);
	assert_int_equal(r.thread[0].row[0].failed, 1);
	run_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_error_sync),
		cmocka_unit_test(test_error_ramp),
		cmocka_unit_test(test_errors_many),
		cmocka_unit_test(test_enospc_extending),
		cmocka_unit_test(test_enospc_held),
		cmocka_unit_test(test_enospc_hole),
		cmocka_unit_test(test_enospc_all),
		cmocka_unit_test(test_enospc_lean),
		cmocka_unit_test(test_nowait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
