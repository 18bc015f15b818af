// SPDX-License-Identifier: GPL-2.0-or-later
/* How much a load thread does, of what, and that it can be replayed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_harness.h"

#define MIX "size=1m\nbs=4k\nmix=overwrite:50,append:30,read:20\n"

/* Most completions come only to who waits, so that the queue gets full. */
static bool ready_late(uint64_t nr, const struct load_op *op)
{
	(void)op;
	return nr % 3 == 0 && sim.nr > nr + 2;
}

/* Reads and writes that the observers saw, prepared at or after from_ns. */
static uint64_t planned_ios(const struct run *r, uint64_t from_ns)
{
	unsigned int n;
	uint64_t nr = 0;
	size_t i;

	for (n = 0; n < r->thread_nr; n++)
		for (i = 0; i < r->log[n].nr; i++)
			nr += !r->log[n].op[i].class.is_sync &&
			      r->log[n].op[i].op.submit_ns >= from_ns;
	return nr;
}

static void test_number_ios(void **state)
{
	static const char *const keys[] = {
		MIX "iodepth=1\nnumber_ios=777",
		MIX "iodepth=16\nnumber_ios=1",
		MIX "iodepth=16\nnumber_ios=1000",
		MIX "iodepth=16\niodepth_batch_submit=8\nnumber_ios=1001",
		MIX "iodepth=8\nappend_depth=1\nnumber_ios=999",
		MIX "iodepth=8\nreap=full\nnumber_ios=500",
		"size=1m\nbsrange=4k-16k\nmix=overwrite:5,append:5\niodepth=8\nnumber_ios=700",
	};
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		run_open(&r, keys[i]);
		sim.ready = ready_late;
		run_go(&r);
		assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
		assert_int_equal(run_ops(&r, NULL), r.job->number_ios);
		assert_int_equal(sim.nr, r.job->number_ios);
		assert_int_equal(r.log[0].nr, r.job->number_ios);
		assert_int_equal(r.thread[0].issued, r.job->number_ios);
		assert_int_equal(r.log[0].inflight_max,
				 r.job->number_ios < r.job->iodepth ? r.job->number_ios :
								      r.job->iodepth);
		run_close(&r);
	}
}

/* A sync of the mix is an operation, but none that counts. */
static void test_number_ios_syncs(void **state)
{
	struct run r;
	uint64_t syncs;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=overwrite:80,fdatasync:20\niodepth=8\n"
		     "number_ios=1000\nfsync=100");
	sim.ready = ready_late;
	run_go(&r);
	syncs = run_ops(&r, "fdatasync");
	assert_in_range(syncs, 150, 350);
	assert_int_equal(run_ops(&r, "overwrite"), 1000);
	assert_int_equal(run_ops(&r, "fsync"), 10);
	assert_int_equal(run_bytes(&r), 1000 * 4096);
	assert_int_equal(sim.nr, 1000 + syncs + 10);
	assert_int_equal(r.thread[0].issued, 1000);
	run_close(&r);
}

/* Own files by default; one file for all with filename=. */
static void test_threads(void **state)
{
	static const char *const where[] = { "", "filename=shared\n" };
	char keys[300];
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		unsigned int n, m;

		snprintf(keys, sizeof(keys), MIX "%snumjobs=3\niodepth=4\nnumber_ios=500",
			 where[i]);
		run_open(&r, keys);
		assert_int_equal(r.thread_nr, 3);
		assert_int_equal(r.x.target_nr, i ? 1 : 3);
		run_go(&r);
		assert_int_equal(run_ops(&r, NULL), 1500);
		assert_int_equal(run_bytes(&r), 1500 * 4096);
		for (n = 0; n < 3; n++) {
			assert_int_equal(r.log[n].nr, 500);
			assert_int_equal(r.thread[n].issued, 500);
		}
		/* Each thread has a plan of its own. */
		for (n = 0; n < 3; n++) {
			unsigned int kinds = 0, places = 0;

			m = (n + 1) % 3;
			for (k = 0; k < 500; k++) {
				const struct run_op *a = &r.log[n].op[k];
				const struct run_op *b = &r.log[m].op[k];

				kinds += a->class.row == b->class.row;
				places += a->op.offset == b->op.offset &&
					  !a->class.is_extending;
			}
			assert_in_range(kinds, 100, 300);
			assert_in_range(places, 0, 30);
		}
		run_close(&r);
	}
}

static void test_files_in_turn(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_job(&r, MIX "filename=a:b:c\niodepth=4\nnumber_ios=600\nappend_depth=1");
	assert_int_equal(r.thread[0].file_nr, 3);
	assert_int_equal(run_ops(&r, NULL), 600);
	for (i = 0; i < 600; i++)
		assert_int_equal(r.log[0].op[i].op.file, r.log[0].op[i].op.index % 3);
	for (i = 0; i < 3; i++)
		assert_true(r.thread[0].file[i].appended_bytes >= 30 * 4096);
	run_close(&r);
	/* Nothing held: file and operation walk in step. */
	run_job(&r, MIX "filename=a:b:c\niodepth=4\nnumber_ios=601");
	for (i = 0; i < 601; i++)
		assert_int_equal(r.log[0].op[i].op.file, i % 3);
	run_close(&r);
	/* Each has an EOF of its own. */
	run_job(&r, "size=1m\nbs=4k\nmix=append:1\nfilename=a:b:c\niodepth=4\n"
		    "number_ios=300");
	for (i = 0; i < 300; i++)
		assert_int_equal(r.log[0].op[i].op.offset, (1 << 20) + i / 3 * 4096);
	run_close(&r);
}

static void test_io_size(void **state)
{
	static const struct {
		const char *keys;
		uint64_t ios;
	} t[] = {
		{ MIX "iodepth=4\nio_size=400k", 100 },
		{ MIX "iodepth=4\nio_size=401k", 101 },
		{ MIX "iodepth=4", 256 }, /* size */
		{ MIX "iodepth=4\nio_size=400k\nnumber_ios=50", 50 },
		{ MIX "iodepth=4\nio_size=400k\nnumber_ios=500", 100 },
	};
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		run_job(&r, t[i].keys);
		assert_int_equal(run_ops(&r, NULL), t[i].ios);
		assert_int_equal(run_bytes(&r), t[i].ios * 4096);
		assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
		run_close(&r);
	}
}

/* The last operation is the one that reaches io_size. */
static void test_io_size_range(void **state)
{
	static const char *const depth[] = { "", "append_depth=1\n" };
	char keys[300];
	struct run r;
	size_t k;

	(void)state;
	for (k = 0; k < 2; k++) {
		uint64_t bytes = 0, last = 0, last_len = 0;
		size_t i;

		snprintf(keys, sizeof(keys),
			 "size=1m\nbsrange=4k-64k\nmix=append:9,fdatasync:1\niodepth=8\n"
			 "%sio_size=3m",
			 depth[k]);
		run_open(&r, keys);
		sim.ready = ready_late;
		run_go(&r);
		for (i = 0; i < r.log[0].nr; i++) {
			const struct load_op *op = &r.log[0].op[i].op;

			bytes += op->len;
			if (op->len && op->index >= last) {
				last = op->index;
				last_len = op->len;
			}
		}
		assert_true(bytes >= 3 << 20);
		assert_true(bytes - last_len < 3 << 20);
		assert_int_equal(run_bytes(&r), bytes);
		assert_int_equal(r.thread[0].issued_bytes, 3 << 20);
		run_close(&r);
	}
}

/* What is planned in the ramp does not count, however much it is. */
static void test_ramp(void **state)
{
	static const char *const keys[] = {
		MIX "iodepth=1\nramp_time=10ms\nnumber_ios=1000",
		MIX "iodepth=8\nramp_time=10ms\nnumber_ios=1000",
		MIX "iodepth=8\nramp_time=10ms\nnumber_ios=1000\nappend_depth=1",
		"size=1m\nbs=4k\nmix=overwrite:8,fdatasync:2\niodepth=8\nramp_time=10ms\n"
		"number_ios=1000\nfsync=10",
	};
	struct run r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		uint64_t from_ns, late = 0, ramp_bytes = 0;

		run_open(&r, keys[i]);
		sim.ready = ready_late;
		run_go(&r);
		from_ns = run_counts_from_ns(&r, 0);
		for (k = 0; k < r.log[0].nr; k++) {
			const struct load_op *op = &r.log[0].op[k].op;

			late += op->complete_ns >= from_ns;
			if (op->complete_ns < from_ns && r.log[0].op[k].class.is_write)
				ramp_bytes += op->len;
		}
		/* Held ones of the ramp are planned already. */
		if (!r.job->append_depth)
			assert_int_equal(planned_ios(&r, from_ns), 1000);
		assert_int_equal(r.thread[0].issued, 1000);
		assert_int_equal(run_ops(&r, NULL), late);
		assert_int_equal(r.thread[0].ramp_bytes, ramp_bytes);
		assert_int_equal(r.thread[0].end, DRIVER_END_LIMIT);
		run_close(&r);
	}
}

static void test_ramp_io_size(void **state)
{
	struct run r;

	(void)state;
	run_job(&r, MIX "iodepth=4\nramp_time=10ms\nio_size=400k");
	assert_int_equal(planned_ios(&r, run_counts_from_ns(&r, 0)), 100);
	run_close(&r);
	run_job(&r, "size=1m\nbsrange=4k-8k\nmix=append:1\niodepth=4\nramp_time=10ms\n"
		    "io_size=400k");
	assert_in_range(planned_ios(&r, run_counts_from_ns(&r, 0)), 50, 100);
	assert_int_equal(r.thread[0].issued_bytes, 400 << 10);
	run_close(&r);
}

/* fsync=: behind every so many writes, on the file of the last of them. */
static void test_sync_keys(void **state)
{
	unsigned int writes = 0, fsyncs = 0, fdatasyncs = 0;
	struct run r;
	size_t i;

	(void)state;
	run_open(&r, "size=1m\nbs=4k\nmix=overwrite:8,read:2\nfilename=a:b\nfsync=10\n"
		     "fdatasync=4\niodepth=8\nnumber_ios=500");
	sim.ready = ready_late;
	run_go(&r);
	for (i = 0; i < r.log[0].nr; i++) {
		const struct run_op *o = &r.log[0].op[i];

		if (!o->class.is_sync) {
			/* Both are due at once: fsync first. */
			assert_int_equal(fsyncs, writes / 10);
			assert_int_equal(fdatasyncs, writes / 4);
			writes += o->class.is_write;
			continue;
		}
		fsyncs += o->class.opcode == LOAD_FSYNC;
		fdatasyncs += o->class.opcode == LOAD_FDATASYNC;
		if (!r.log[0].op[i - 1].class.is_sync) {
			assert_true(r.log[0].op[i - 1].class.is_write);
			assert_int_equal(o->op.file, r.log[0].op[i - 1].op.file);
		}
	}
	assert_in_range(writes, 350, 450);
	assert_int_equal(run_ops(&r, "fsync"), writes / 10);
	assert_int_equal(run_ops(&r, "fdatasync"), writes / 4);
	assert_int_equal(run_ops(&r, "overwrite") + run_ops(&r, "read"), 500);
	run_close(&r);
	/* A last group that is complete is synced, too. */
	run_job(&r, "size=1m\nbs=4k\nmix=overwrite:1\nfsync=10\nnumber_ios=100");
	assert_int_equal(run_ops(&r, "fsync"), 10);
	run_close(&r);
}

/* Without a mix the block map tells what each write is. */
static void test_by_map(void **state)
{
	static const struct {
		const char *keys, *kind[2];
		uint64_t ops[2];
	} t[] = {
		{ "rw=write\nfallocate=none", { "append", "overwrite" }, { 64, 0 } },
		{ "rw=write\nfallocate=native", { "unwritten", "append" }, { 64, 0 } },
		{ "rw=randwrite\nfallocate=native\nio_size=512k",
		  { "unwritten", "overwrite" },
		  { 64, 64 } },
		{ "rw=write\nfallocate=truncate\nio_size=300k",
		  { "hole", "overwrite" },
		  { 64, 11 } },
		{ "rw=write\nfallocate=keep",
		  { "append-prealloc", "append" },
		  { 64, 0 } },
		{ "rw=write\noverwrite=1", { "overwrite", "hole" }, { 64, 0 } },
	};
	char keys[200];
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(keys, sizeof(keys), "size=256k\nbs=4k\niodepth=4\n%s",
			 t[i].keys);
		run_job(&r, keys);
		assert_int_equal(run_ops(&r, t[i].kind[0]), t[i].ops[0]);
		assert_int_equal(run_ops(&r, t[i].kind[1]), t[i].ops[1]);
		assert_int_equal(run_ops(&r, NULL), t[i].ops[0] + t[i].ops[1]);
		run_close(&r);
	}
}

/* ---- replay ---- */

#define TRACE_MAX 4096

struct trace {
	struct {
		uint64_t offset;
		uint32_t len;
		uint8_t base, mods;
	} op[TRACE_MAX];
	size_t nr;
};

static struct trace *tracing;

/* Seen by the engine: it works without an observer. */
static int64_t trace_result(uint64_t nr, const struct load_op *op)
{
	(void)nr;
	if (tracing->nr < TRACE_MAX) {
		tracing->op[tracing->nr].offset = op->offset;
		tracing->op[tracing->nr].len = op->len;
		tracing->op[tracing->nr].base = op->class->kind.base;
		tracing->op[tracing->nr].mods = op->class->kind.mods;
		tracing->nr++;
	}
	return op->len;
}

static struct trace *traced_run(const char *keys, bool lean, uint64_t *ops,
				uint64_t *bytes)
{
	struct run r;
	unsigned int i;

	tracing = calloc(1, sizeof(*tracing));
	assert_non_null(tracing);
	run_open(&r, keys);
	r.lean = lean;
	sim.result = trace_result;
	sim.ready = ready_late;
	run_go(&r);
	for (i = 0; i < r.thread[0].row_nr; i++) {
		const struct driver_row *row = &r.thread[0].row[i];

		ops[i] = driver_row_ops(row);
		bytes[i] = row->bytes;
		assert_int_equal(hist_count(&row->lat), ops[i]);
		assert_int_equal(hist_count(&row->slat), ops[i]);
	}
	run_close(&r);
	return tracing;
}

/* Writes carry the flag, reads and syncs don't. */
static void test_atomic(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	run_open(&r,
		 "size=1m\nbs=4k\nmix=overwrite:5,append:3,read:2,fdatasync:1\natomic=1\n"
		 "number_ios=300\n");
	run_go(&r);
	assert_true(r.log[0].nr >= 300);
	for (i = 0; i < r.log[0].nr; i++)
		assert_int_equal(r.log[0].op[i].class.rw_flags & 0x40,
				 r.log[0].op[i].class.is_write ? 0x40 : 0);
	run_close(&r);
}

static void test_replay(void **state)
{
	static const char *const keys[] = {
		"size=1m\nbs=4k\nmix=overwrite:5,append:3,read:2\niodepth=8\n"
		"number_ios=2000\n",
		"size=1m\nbs=4k\nmix=overwrite+unaligned:5,straddle+unaligned:2,read:1\n"
		"iodepth=8\niodepth_batch_submit=4\nreap=full\nnumber_ios=2000\n",
		"size=1m\nbsrange=4k-16k\nmix=overwrite:5,gap:3,fdatasync:2\niodepth=8\n"
		"number_ios=2000\n",
		"size=1m\nbsrange=4k-16k\nmix=overwrite:5,append:3\niodepth=8\n"
		"number_ios=2000\n",
		"size=1m\nbssplit=4k/60:16k/40\nmix=overwrite:5,append:3\niodepth=8\n"
		"number_ios=2000\n",
		"size=1m\nbs=4k\nmix=overwrite:5,append:3\niodepth=8\nappend_depth=2\n"
		"number_ios=2000\n",
	};
	uint64_t ops[4][4] = { 0 }, bytes[4][4] = { 0 };
	char again[300];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct trace *t[4];
		unsigned int same = 0;

		snprintf(again, sizeof(again), "%srandseed=4711\n", keys[i]);
		t[0] = traced_run(keys[i], false, ops[0], bytes[0]);
		t[1] = traced_run(keys[i], false, ops[1], bytes[1]);
		t[2] = traced_run(keys[i], true, ops[2], bytes[2]);
		t[3] = traced_run(again, true, ops[3], bytes[3]);
		assert_true(t[0]->nr >= 2000);
		assert_memory_equal(t[0], t[1], sizeof(*t[0]));
		assert_memory_equal(t[0], t[2], sizeof(*t[0]));
		assert_memory_equal(ops[0], ops[1], sizeof(ops[0]));
		assert_memory_equal(ops[0], ops[2], sizeof(ops[0]));
		assert_memory_equal(bytes[0], bytes[2], sizeof(bytes[0]));
		for (k = 0; k < 2000; k++)
			same += t[0]->op[k].base == t[3]->op[k].base &&
				t[0]->op[k].offset == t[3]->op[k].offset;
		assert_in_range(same, 0, 1000);
		for (k = 0; k < 4; k++)
			free(t[k]);
	}
	tracing = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number_ios),
		cmocka_unit_test(test_number_ios_syncs),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_files_in_turn),
		cmocka_unit_test(test_io_size),
		cmocka_unit_test(test_io_size_range),
		cmocka_unit_test(test_ramp),
		cmocka_unit_test(test_ramp_io_size),
		cmocka_unit_test(test_sync_keys),
		cmocka_unit_test(test_by_map),
		cmocka_unit_test(test_atomic),
		cmocka_unit_test(test_replay),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
