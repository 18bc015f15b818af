/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys come to; overrides, notes, identity, printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include <unistd.h>

#include "parse_helper.h"
#include "workload/identity.h"

static void test_resolved(void **state)
{
	struct workload *w;

	(void)state;
	w = parse_ok(PLAIN "iodepth=4\niodepth_batch_submit=0\n"
			   "iodepth_batch_complete_min=8\n"
			   "iodepth_batch_complete_max=8\n[b]\nrounds=3\n",
		     NULL, 0);
	assert_int_equal(w->job[0].iodepth_batch_submit, 4);
	assert_int_equal(w->job[0].iodepth_batch_complete_min, 4);
	assert_int_equal(w->job[0].iodepth_batch_complete_max, 4);
	assert_int_equal(w->job[0].append_depth, 0);
	assert_int_equal(w->job[0].rounds, 3);
	assert_int_equal(w->job[1].iodepth_batch_complete_max, 0);
	assert_int_equal(w->job[1].percentile_list.nr, 0);
	assert_int_equal(w->job[1].rw, WORKLOAD_WRITE);
	assert_int_equal(w->note_nr, 1);
	assert_string_equal(w->note[0], "[a] iodepth_batch_complete_min=8 is "
					"above iodepth: 4 is used");
	check_fixpoint(w);
	workload_free(w);

	w = parse_ok(MIX "mix=append+dsync:30.5,overwrite:70\nio_size=50%\n", NULL, 0);
	assert_int_equal(w->job[0].io_size.bytes, 512 << 10);
	assert_int_equal(w->job[0].io_size.percent, 0);
	assert_int_equal(w->job[0].rw, WORKLOAD_RW_NONE);
	assert_int_equal(w->job[0].mix.nr, 2);
	assert_int_equal(w->job[0].mix.item[0].kind.base, KIND_APPEND);
	assert_int_equal(w->job[0].mix.item[0].kind.mods, KIND_DSYNC);
	assert_true(w->job[0].mix.item[0].weight == 30.5);
	workload_free(w);
}

static void test_notes(void **state)
{
	struct workload *w;

	(void)state;
	w = parse_ok("[global]\nrw=write\nsize=1m\n[a]\nnumjobs=2\n[b]\nbs=4k\n"
		     "bs=8k\nnumjobs=3\n[c]\nbs=8k\n",
		     NULL, 0);
	assert_int_equal(w->note_nr, 4);
	assert_string_equal(w->note[0], "t.job:8: bs is given twice in this "
					"section; the later one counts");
	assert_string_equal(w->note[1], "ioengine not given: libaio");
	assert_string_equal(w->note[2], "direct not given: 1");
	assert_string_equal(w->note[3], "numjobs runs threads, not processes (thread=1)");
	workload_free(w);

	w = parse_ok(PLAIN "numjobs=2\nthread\n", NULL, 0);
	assert_int_equal(w->note_nr, 0);
	workload_free(w);
}

static void test_overrides(void **state)
{
	static const struct workload_override good[] = {
		{ "iodepth", "8", "-s iodepth=8" },
		{ "bs", "16k", "-s bs=16k" },
		{ "thread", NULL, "-s thread" },
		{ "iodepth", " 9 ", "-s iodepth= 9 " },
		{ "directory", "/tmp/x y", "-d" },
		{ "rounds", "4", "-r" },
	};
	static const struct {
		struct workload_override ovr;
		const char *err;
	} bad[] = {
		{ { "iodepth", "0", "-s iodepth=0" }, "-s iodepth=0: must be 1..65536" },
		{ { "rounds", "0", "-r" }, "-r: rounds=0: must be 1..10000" },
		{ { "iodepth", NULL, "-s iodepth" },
		  "-s iodepth: needs a value: 1..65536" },
		{ { "iodpeth", "4", "-s iodpeth=4" },
		  "-s iodpeth=4: unknown "
		  "option 'iodpeth' (did you mean 'iodepth'?)" },
		{ { "rate_min", "4", "-s rate_min=4" },
		  "-s rate_min=4: option 'rate_min' of fio is not supported"
		  ": it would end the run: how late an open loop was is in the report" },
		{ { "filename", "a;b", "-s filename=a;b" },
		  "-s filename=a;b: "
		  "filename=a;b: a value can't contain ';', '#' or '${'" },
		{ { "append_depth", "9", "-s append_depth=9" },
		  "-s append_depth=9: must be 1..1, the iodepth" },
		{ { "mix", "append:0", "-s mix=append:0" },
		  "-s mix=append:0: "
		  "the weights sum to 0; one at least must be above 0" },
		{ { "directory", "", "-d" }, "-d: directory=: needs a value: any text" },
	};
	struct workload *w;
	size_t i;

	(void)state;
	/* They win over sections, in their order, in every job. */
	w = parse_ok(PLAIN "iodepth=2\n[b]\niodepth=3\nbsrange=4k-8k\n", good, NR(good));
	for (i = 0; i < 2; i++) {
		assert_int_equal(w->job[i].iodepth, 9);
		assert_int_equal(w->job[i].bs.max_bytes, 16384);
		assert_true(w->job[i].thread);
		assert_string_equal(w->job[i].directory, "/tmp/x y");
		assert_int_equal(w->job[i].rounds, 4);
	}
	assert_false(workload_is_set(&w->job[1], "bsrange"));
	assert_non_null(strstr(w->text, "\n# -s iodepth=8\n# -s bs=16k\n"
					"# -s thread\n# -s iodepth=9\n# -s rounds=4\n"));
	check_fixpoint(w);
	workload_free(w);
	for (i = 0; i < NR(bad); i++)
		parse_fails(PLAIN, &bad[i].ovr, 1, bad[i].err);
}

/* Two texts and whether they are the same workload. */
static void test_identity(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} row[] = {
		{ PLAIN,
		  "; x\n\n" HEAD "\t[global]\n size = 1m ; y\nrw=write\n"
		  "  [a]\n",
		  true },
		{ PLAIN "bs=4096\n", PLAIN "blocksize=4k\n", true },
		{ PLAIN "runtime=60\n", PLAIN "timeout=1m\n", true },
		{ PLAIN "bs=8k\niodepth=2\n", PLAIN "iodepth=2\nbs=8k\n", true },
		{ PLAIN "directory=x\n", PLAIN, true },
		{ PLAIN "filename=x\n", PLAIN "filename=y\n", true },
		{ PLAIN "filename=x\n", PLAIN, false },
		{ PLAIN "filename=x:y\n", PLAIN "filename=v:w\n", true },
		{ PLAIN "filename=x:y\n", PLAIN "filename=x\n", false },
		{ PLAIN "filename=x\n[b]\nfilename=x\n",
		  PLAIN "filename=y\n[b]\nfilename=y\n", true },
		{ PLAIN "filename=x\n[b]\nfilename=y\n",
		  PLAIN "filename=y\n[b]\nfilename=y\n", false },
		{ PLAIN "bs=8k\n", PLAIN, false },
		{ PLAIN "[b]\n", PLAIN "[c]\n", false },
		{ PLAIN "[b]\nstonewall\n", PLAIN "[b]\n", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		struct workload *a = parse_ok(row[i].a, NULL, 0);
		struct workload *b = parse_ok(row[i].b, NULL, 0);

		assert_int_equal(strlen(a->sha256), 64);
		if (!strcmp(a->sha256, b->sha256) != row[i].same)
			fail_msg("'%s' and '%s'", row[i].a, row[i].b);
		workload_free(a);
		workload_free(b);
	}
}

static void test_identity_text(void **state)
{
	static const struct workload_override ovr[] = {
		{ "directory", "/tmp", "-d" },
		{ "iodepth", "4", "-s iodepth=4" },
	};
	struct workload *w = parse_ok(PLAIN "filename=q:r\nthread\n[b]\n"
					    "filename=s:q\n",
				      ovr, NR(ovr));
	char *text = identity_text(w);

	(void)state;
	assert_string_equal(text, "[a]\nioengine=libaio\ndirect=1\nrw=write\n"
				  "size=1m\nfilename=#0:#1\niodepth=4\nthread=1\n"
				  "[b]\nioengine=libaio\ndirect=1\nrw=write\n"
				  "size=1m\nfilename=#2:#0\niodepth=4\n");
	free(text);
	workload_free(w);
}

static void test_print(void **state)
{
	struct workload *w = parse_ok("[a]\nmix=append:1\nnumber_ios=7\n"
				      "bsrange=16k-8k\n[b]\nrw=write\nsize=1m\n"
				      "fallocate=native\n",
				      NULL, 0);
	char *text = workload_print(w);

	(void)state;
	assert_string_equal(text, "[a]\nmix=append:1\nbsrange=8k-16k\n"
				  "number_ios=7\n\n"
				  "[b]\nrw=write\nsize=1m\nfallocate=native\n");
	free(text);
	check_fixpoint(w);
	workload_free(w);
	workload_free(NULL);
}

/* What loops and filesize come to is said by the keys that they change. */
static void test_loops(void **state)
{
	struct workload *w = parse_ok(
		"[a]\nrw=write\nfilesize=1m\nloops=3\n"
		"[b]\nrw=write\nsize=1m\nfilesize=9m\nnumber_ios=5\nloops=2\n"
		"[c]\nmix=overwrite:1\nsize=1m\nnumber_ios=5\nloops=2\n",
		NULL, 0);

	(void)state;
	assert_int_equal(w->job[0].size.bytes, 1 << 20);
	assert_int_equal(w->job[0].io_size.bytes, 3 << 20);
	assert_int_equal(w->job[1].size.bytes, 1 << 20);
	assert_int_equal(w->job[1].io_size.bytes, 2 << 20);
	assert_int_equal(w->job[1].number_ios, 10);
	/* With a mix size is no end, where there is another. */
	assert_int_equal(w->job[2].io_size.bytes, 0);
	assert_int_equal(w->job[2].number_ios, 10);
	check_fixpoint(w);
	workload_free(w);
}

/* Files share size; what is given otherwise comes to the same keys. */
static void test_files(void **state)
{
	struct workload *w = parse_ok("[a]\nrw=write\nsize=1m\nnrfiles=3\n"
				      "[b]\nrw=write\nfilesize=64k\nfilename=x:y\n"
				      "nrfiles=7\ncpumask=0x15\n"
				      "[c]\nmix=overwrite:1\nsize=1m\nfilename=x:y\n"
				      "stonewall\n"
				      "[d]\nrw=write\nsize=1m\nnrfiles=2\n"
				      "filename_format=$jobname.$filenum\n",
				      NULL, 0);

	(void)state;
	assert_int_equal(w->job[0].size.bytes, 85 * 3 * 4096);
	assert_int_equal(workload_file_nr(&w->job[0]), 3);
	assert_int_equal(workload_file_bytes(&w->job[0]), 85 * 4096);
	assert_int_equal(w->job[1].size.bytes, 128 << 10);
	assert_int_equal(workload_file_nr(&w->job[1]), 2);
	assert_string_equal(w->job[1].cpus_allowed, "0,2,4");
	/* With a mix each has all of it. */
	assert_int_equal(workload_file_bytes(&w->job[2]), 1 << 20);
	assert_string_equal(w->job[3].filename, "d.0:d.1");
	assert_string_equal(
		w->note[0],
		"t.job:9: job b: nrfiles has no effect: filename names the files");
	check_fixpoint(w);
	workload_free(w);
}

/* More names than a line of a job file has room for stay a format. */
static void test_many_files(void **state)
{
	struct workload *w = parse_ok("[a]\nrw=write\nsize=16m\nnrfiles=1000\n"
				      "filename_format=name.$filenum\n",
				      NULL, 0);

	(void)state;
	assert_null(w->job[0].filename);
	assert_string_equal(w->job[0].filename_format, "name.$filenum");
	assert_int_equal(workload_file_nr(&w->job[0]), 1000);
	check_fixpoint(w);
	workload_free(w);
}

/* The name and the text go into a JSON document. */
static void test_utf8(void **state)
{
	struct workload_error err;
	struct workload *w = NULL;

	(void)state;
	assert_int_equal(workload_parse_text("d/\xe4.job",
					     "; caf\xe9 \xc3\xa9"
					     "\n" PLAIN,
					     NULL, 0, &w, &err),
			 0);
	assert_string_equal(w->name, "?.job");
	assert_string_equal(w->text, "; caf? \xc3\xa9\n" PLAIN);
	workload_free(w);
}

static void test_filename_next(void **state)
{
	const char *list = "a:b\\:c:d\\e";
	static const char *const want[] = { "a", "b:c", "d\\e" };
	size_t i;

	(void)state;
	for (i = 0; i < NR(want); i++) {
		char *name;

		assert_int_equal(workload_filename_next(&list, &name), 0);
		assert_string_equal(name, want[i]);
		free(name);
	}
	assert_int_equal(*list, 0);
}

/* Keys of fio: noted once a run whatever they say, or taken where they ask nothing. */
static void test_fio_keys(void **state)
{
	const struct workload_override ovr[] = { { "gtod_cpu", "1", "-s gtod_cpu=1" },
						 { "mem_align", "8k", "-s mem_align=8k" },
						 { "atomic", "0", "-s atomic=0" } };
	struct workload *w;

	(void)state;
	w = parse_ok(PLAIN "loops=1\natomic=0\nrandom_distribution=random\n", NULL, 0);
	assert_int_equal(w->note_nr, 0);
	check_fixpoint(w);
	workload_free(w);
	w = parse_ok(PLAIN "group_reporting\ngtod_cpu=0\n[b]\ngroup_reporting=1\n", ovr,
		     NR(ovr));
	assert_int_equal(w->note_nr, 3);
	assert_string_equal(w->note[0], "t.job:7: group_reporting has no effect: the "
					"threads of a job are always added up");
	assert_string_equal(w->note[1], "t.job:8: gtod_cpu has no effect: each thread "
					"reads the clock itself");
	assert_string_equal(w->note[2],
			    "-s mem_align=8k: iomem_align has no effect: buffers are "
			    "aligned to pages, or to what the device asks for if "
			    "that is more");
	check_fixpoint(w);
	workload_free(w);
}

static void test_offset_increment(void **state)
{
	struct workload *w;

	(void)state;
	w = parse_ok(PLAIN "offset=4k\nnumjobs=4\nthread\noffset_increment=1m\n", NULL,
		     0);
	assert_int_equal(workload_start(&w->job[0], 0), 4096);
	assert_int_equal(workload_start(&w->job[0], 3), 4096 + (3 << 20));
	check_fixpoint(w);
	workload_free(w);
	parse_fails(
		PLAIN "numjobs=1024\nthread\noffset_increment=1024p\n", NULL, 0,
		"t.job:9: offset_increment=1152921504606846976: is too large: the last "
		"of 1024 threads would start behind 2^60 bytes");
	parse_fails(
		PLAIN "offset_increment=100\n", NULL, 0,
		"t.job:7: offset_increment=100: must be 0..1152921504606846976 bytes, a "
		"multiple of 512");
}

/* Reads beside writes: what they share, and what they need. */
static void test_reads(void **state)
{
	static const struct {
		const char *text, *err;
	} bad[] = {
		{ HEAD "size=1m\n[a]\nrw=randread\n",
		  "t.job:6: rw=randread: no job writes, and diowait measures writes" },
		{ HEAD "size=1m\n[a]\nrw=rw\nrwmixread=100\n",
		  "t.job:6: rw=rw: no job writes, and diowait measures writes" },
		{ HEAD "size=1m\n[a]\nrw=rw\nrwmixread=70\nrwmixwrite=70\n",
		  "t.job:8: rwmixwrite=70: must be 30: rwmixread is 70" },
		{ HEAD "size=1m\n[a]\nrw=rw\nfile_append\n",
		  "t.job:7: file_append=1: can't be given with reads, which need data "
		  "there" },
		{ HEAD "size=1m\n[a]\nrw=randrw\nmix=append:1\n",
		  "t.job:6: rw=randrw: must be write or randwrite with mix, of which read "
		  "is a member" },
	};
	struct workload *w;
	size_t i;

	(void)state;
	for (i = 0; i < NR(bad); i++)
		parse_fails(bad[i].text, NULL, 0, bad[i].err);
	w = parse_ok(HEAD "size=1m\n[a]\nrw=read\n[b]\nrw=write\n"
			  "[c]\nreadwrite=readwrite\nrwmixwrite=30\n",
		     NULL, 0);
	assert_true(workload_reads(&w->job[0]) && !workload_writes(&w->job[0]));
	assert_true(!workload_reads(&w->job[1]) && workload_writes(&w->job[1]));
	assert_true(workload_reads(&w->job[2]) && workload_writes(&w->job[2]));
	assert_int_equal(w->job[2].read_percent, 70);
	check_fixpoint(w);
	workload_free(w);
}

/* Values that fio reads in another way get a note, with what was made of them. */
static void test_value_notes(void **state)
{
	struct workload *w;

	(void)state;
	w = parse_ok(PLAIN "blocksize=4k,8k\niodepth=(8*2)\nnumber_ios=8*$pagesize\n",
		     NULL, 0);
	assert_int_equal(w->note_nr, 1);
	assert_string_equal(w->note[0], "t.job:7: blocksize=4k,8k: reads have the "
					"length of writes, 8k");
	assert_int_equal(w->job[0].bs.max_bytes, 8192);
	assert_int_equal(w->job[0].iodepth, 16);
	assert_int_equal(w->job[0].number_ios, 8 * sysconf(_SC_PAGESIZE));
	check_fixpoint(w);
	workload_free(w);
	/* No length of writes in it: the one of before stays. */
	w = parse_ok(PLAIN "bs=8k,,16k\n", NULL, 0);
	assert_int_equal(w->job[0].bs.max_bytes, 4096);
	workload_free(w);
	w = parse_ok(PLAIN "iodepth=128*2\n", NULL, 0);
	assert_int_equal(w->note_nr, 1);
	assert_string_equal(w->note[0],
			    "t.job:7: iodepth=128*2: 256; fio would need parentheses");
	check_fixpoint(w);
	workload_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fio_keys),
		cmocka_unit_test(test_value_notes),
		cmocka_unit_test(test_offset_increment),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_resolved),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_text),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_many_files),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_filename_next),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
