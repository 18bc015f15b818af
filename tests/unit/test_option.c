/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option table: sound rows, every value right and wrong, and near names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "parse_helper.h"
#include "workload/option.h"

static void test_rows(void **state)
{
	bool refused = false;
	size_t i, j;

	(void)state;
	assert_null(option_at(option_nr()));
	for (i = 0; i < option_nr(); i++) {
		const struct option_row *o = option_at(i);

		assert_int_equal(option_index(o), i);
		/* Found by each name: a twin would hide the later row. */
		assert_ptr_equal(option_find(o->name), o);
		if (o->alias)
			assert_ptr_equal(option_find(o->alias), o);
		/* Supported keys first: near names and bitmaps rely on it. */
		if (o->status != OPTION_SUPPORTED)
			refused = true;
		else
			assert_false(refused);
		if (o->status == OPTION_NOTED)
			assert_non_null(o->why);
		if (o->status != OPTION_SUPPORTED)
			continue;
		assert_non_null(o->help);
		assert_true(o->max >= o->min);
		for (j = 0; j < i; j++)
			assert_true(option_at(j)->offset != o->offset || o->shares_field);
	}
	assert_null(option_find(""));
	assert_null(option_find("IODEPTH"));
}

/* The keys of the issue, with fio's second names; nothing else works. */
static void test_supported(void **state)
{
	static const char *const key[][2] = {
		{ "ioengine" },
		{ "direct" },
		{ "buffered" },
		{ "bs", "blocksize" },
		{ "bsrange", "blocksize_range" },
		{ "bssplit" },
		{ "filename_format" },
		{ "random_distribution" },
		{ "atomic" },
		{ "force_async" },
		{ "sqthread_poll" },
		{ "sqthread_poll_cpu" },
		{ "hipri" },
		{ "steadystate", "ss" },
		{ "steadystate_duration", "ss_dur" },
		{ "steadystate_ramp_time", "ss_ramp" },
		{ "steadystate_check_interval", "ss_interval" },
		{ "loops" },
		{ "filesize" },
		{ "blockalign", "ba" },
		{ "size" },
		{ "io_size", "io_limit" },
		{ "offset", "fileoffset" },
		{ "offset_increment" },
		{ "filename" },
		{ "directory" },
		{ "iodepth" },
		{ "iodepth_batch_submit", "iodepth_batch" },
		{ "iodepth_batch_complete_min", "iodepth_batch_complete" },
		{ "iodepth_batch_complete_max" },
		{ "numjobs" },
		{ "thread" },
		{ "runtime", "timeout" },
		{ "time_based" },
		{ "ramp_time" },
		{ "number_ios" },
		{ "rw", "readwrite" },
		{ "rwmixread" },
		{ "rwmixwrite" },
		{ "fallocate" },
		{ "overwrite" },
		{ "file_append" },
		{ "create_on_open" },
		{ "sync" },
		{ "fsync" },
		{ "fdatasync" },
		{ "stonewall", "wait_for_previous" },
		{ "randseed" },
		{ "nowait" },
		{ "fixedbufs" },
		{ "registerfiles" },
		{ "unlink" },
		{ "percentile_list" },
		{ "mix" },
		{ "append_depth" },
		{ "reap" },
		{ "extend_wait" },
		{ "sweep" },
		{ "rounds" },
		{ "blocked_min" },
		{ "antagonists" },
		{ "rate" },
		{ "rate_iops" },
		{ "rate_process" },
		{ "percentage_random" },
		{ "offset_align" },
		{ "nrfiles", "nr_files" },
		{ "wait_for" },
		{ "startdelay" },
		{ "cpus_allowed" },
		{ "cpus_allowed_policy" },
		{ "cpumask" },
		{ "thinktime" },
		{ "thinktime_spin" },
		{ "thinktime_blocks" },
		{ "thinktime_blocks_type" },
		{ "thinktime_iotime" },
		{ "exitall" },
		{ "ignore_error" },
		{ "continue_on_error" },
		{ "latency_target" },
		{ "latency_percentile" },
		{ "latency_window" },
		{ "max_latency" },
		{ "write_lat_log" },
		{ "write_bw_log" },
		{ "write_iops_log" },
		{ "write_hist_log" },
		{ "log_avg_msec" },
		{ "log_hist_msec" },
		{ "log_hist_coarseness" },
		{ "log_offset" },
	};
	size_t i, nr = 0;

	(void)state;
	for (i = 0; i < NR(key); i++) {
		const struct option_row *o = option_find(key[i][0]);

		if (!o || o->status != OPTION_SUPPORTED)
			fail_msg("%s", key[i][0]);
		if (key[i][1])
			assert_ptr_equal(option_find(key[i][1]), o);
	}
	for (i = 0; i < option_nr(); i++)
		nr += option_at(i)->status == OPTION_SUPPORTED;
	assert_int_equal(nr, NR(key));
}

/* Each default, printed from the field that it filled, is the default. */
static void test_defaults(void **state)
{
	struct workload_job job = { .name = NULL };
	size_t i;

	(void)state;
	assert_int_equal(option_set_defaults(&job), 0);
	for (i = 0; i < option_nr(); i++) {
		const struct option_row *o = option_at(i);
		char *text;

		if (o->status != OPTION_SUPPORTED || !o->def)
			continue;
		assert_int_equal(option_format(o, &job, &text), 0);
		assert_string_equal(text, o->def);
		assert_string_equal(option_format_default(o), o->def);
		assert_false(option_is_set(&job, o));
		free(text);
	}
	assert_int_equal(job.bs.min_bytes, 4096);
	assert_int_equal(job.randseed, 0x89);
	assert_true(job.direct && job.unlink && !job.buffered);
	option_free(&job);
	option_free(&job);
}

static void test_values(void **state)
{
	static const struct {
		const char *key, *value, *canonical;
	} row[] = {
		{ "ioengine", "io_uring", "io_uring" },
		{ "ioengine", "null", "null" },
		{ "direct", NULL, "1" },
		{ "thread", "0", "0" },
		{ "thread", NULL, "1" },
		{ "bs", "16k", "16k" },
		{ "bs", "0x1000", "4k" },
		{ "bs", "4k,8k", "8k" },
		{ "bs", ",8k", "8k" },
		{ "bs", "4k, 8k ,16k", "8k" },
		{ "bs", "(4k*2)", "8k" },
		{ "bsrange", "4k-8k,1k-2k*2", "1k-4k" },
		{ "iodepth", "128*2", "256" },
		{ "iodepth", "(7-3)", "4" },
		{ "size", "10*10*1024", "100k" },
		{ "size", "(20+5)%", "25%" },
		{ "bsrange", "4k:64k", "4k-64k" },
		{ "bsrange", "64k-4k", "4k-64k" },
		{ "bssplit", "4k/10:16384/90", "4k/10:16k/90" },
		{ "bssplit", "4k/:8k:16k/1", "4k/49:8k/50:16k/1" },
		{ "bssplit", "4k/100,8k/60:16k/40,1m", "8k/60:16k/40" },
		{ "blockalign", "4k,8k", "8k" },
		{ "random_distribution", "zipf", "zipf:1.1" },
		{ "random_distribution", "pareto:0.30", "pareto:0.3" },
		{ "random_distribution", "zoned:60/10:40/", "zoned:60/10:40/90" },
		{ "size", "50%", "50%" },
		{ "size", "0", "0" },
		{ "size", "1mib", "1000000" },
		{ "size", "1024p", "1024p" },
		{ "offset", "512", "512" },
		{ "offset", "10%", "10%" },
		{ "filename", "a:b c", "a:b c" },
		{ "iodepth", "65536", "65536" },
		{ "iodepth", "1k", "1024" },
		{ "runtime", "90", "90s" },
		{ "timeout", "2m", "2m" },
		{ "ramp_time", "500ms", "500ms" },
		{ "blocked_min", "7", "7us" },
		{ "number_ios", "18446744073709551615", "18446744073709551615" },
		{ "rw", "randwrite", "randwrite" },
		{ "fallocate", "0", "none" },
		{ "fallocate", "1", "posix" },
		{ "sync", "1", "sync" },
		{ "sync", "0", "none" },
		{ "sync", "dsync", "dsync" },
		{ "reap", "full", "full" },
		{ "extend_wait", "drain", "drain" },
		{ "percentile_list", "99.9:50.0", "50:99.9" },
		{ "mix", " append+nowait+dsync : 30.50 , overwrite:70",
		  "append+dsync+nowait:30.5,overwrite:70" },
	};
	struct workload_job job = { .name = NULL };
	size_t i;

	(void)state;
	assert_int_equal(option_set_defaults(&job), 0);
	for (i = 0; i < NR(row); i++) {
		const struct option_row *o = option_find(row[i].key);
		char why[OPTION_TEXT_MAX] = "";
		char *text;

		if (option_set(o, &job, row[i].value, why))
			fail_msg("%s=%s: %s", row[i].key, row[i].value, why);
		assert_int_equal(option_format(o, &job, &text), 0);
		assert_string_equal(text, row[i].canonical);
		assert_int_equal(option_set(o, &job, text, why), 0);
		free(text);
	}
	option_free(&job);
}

#define MUST_DISTRIBUTION \
	"must be random, zipf:0.01..10 (not 1), pareto:0.001..0.5, normal:0.1..100, " \
	"or zoned:HITS/SIZE:HITS/SIZE:... with shares that come to 100 percent each, " \
	"at most 64"
#define MUST_SPLIT \
	"must be SIZE/PERCENT:SIZE/PERCENT:..., at most 64; sizes are 512..1g, " \
	"multiples of 512 and of the smallest, and shares come to 100"
#define MUST_BS "must be 512..1g bytes, a multiple of 512"
#define MUST_SIZE "must be 1%..100% or 0..1024p bytes"
#define MUST_RUNTIME "must be 0s..1000d (seconds, if without a unit)"
#define MUST_BLOCKED "must be 1ns..1000s (microseconds, if without a unit)"
#define MUST_RW \
	"must be write, randwrite, read, randread, rw or randrw: there are no trims, " \
	"and no :nr"
#define MUST_ENGINE \
	"must be libaio, io_uring or null: " \
	"diowait measures asynchronous writes"
#define MUST_P "must be P:P:..., at most 64, above 0 up to 100"
#define ARITHMETIC \
	"must be a number or arithmetic of whole numbers, with + - * / % ^ and " \
	"$pagesize, $mb_memory or $ncpus; - and % in parentheses"
#define LISTS "must be one value, or READS,WRITES,TRIMS"
#define KEYWORDS "$pagesize, $mb_memory and $ncpus are for numbers"

static void test_bad_values(void **state)
{
	static const struct {
		const char *key, *value, *why;
	} row[] = {
		{ "iodepth", "0", "must be 1..65536" },
		{ "iodepth", "65537", "must be 1..65536" },
		{ "iodepth", "-1", "must be 1..65536" },
		{ "iodepth", "4.5", "must be 1..65536" },
		{ "iodepth", "99999999999999999999", "must be 1..65536" },
		{ "iodepth", "deep", "must be 1..65536" },
		{ "iodepth", NULL, "needs a value: 1..65536" },
		{ "iodepth", "", "needs a value: 1..65536" },
		{ "iodepth", "128*", ARITHMETIC },
		{ "iodepth", "(4*4", ARITHMETIC },
		{ "iodepth", "4*4)", ARITHMETIC },
		{ "iodepth", "8/0", ARITHMETIC },
		{ "iodepth", "(2-4)", ARITHMETIC },
		{ "iodepth", "2^64", ARITHMETIC },
		{ "iodepth", "$ncpu", ARITHMETIC },
		{ "iodepth", "$ncpusx", ARITHMETIC },
		{ "iodepth", "256*257", "must be 1..65536" },
		{ "runtime", "(60*2)",
		  "a time can have no arithmetic, which fio takes for microseconds; "
		  "give one time" },
		{ "filename", "a.$pagesize", KEYWORDS },
		{ "mix", "append:$ncpus", KEYWORDS },
		{ "bs", "0", MUST_BS },
		{ "bs", "1000", MUST_BS },
		{ "bs", "2g", MUST_BS },
		{ "bs", "4k-8k", MUST_BS },
		{ "bs", "4KiB", MUST_BS " (kib is 1000 here, as in fio: write k)" },
		{ "bs", "4k,8k,16k,32k", LISTS },
		{ "bs", "4k,100", MUST_BS },
		{ "bs", NULL, "needs a value: 512..1g" },
		{ "bsrange", "4k",
		  "must be LOW-HIGH within 512..1g bytes, "
		  "a multiple of 512" },
		{ "bsrange", "1-4k",
		  "must be LOW-HIGH within 512..1g bytes, "
		  "a multiple of 512" },
		{ "bsrange", "4k-8k,1k-2k,,", LISTS },
		{ "bssplit", "4k/50:8k/49", MUST_SPLIT },
		{ "bssplit", "4k/50:8k/51", MUST_SPLIT },
		{ "bssplit", "4k/50:6k/50", MUST_SPLIT },
		{ "bssplit", "100/50:4k/50", MUST_SPLIT },
		{ "bssplit", "4k/x", MUST_SPLIT },
		{ "bssplit", "4k/-1:8k", MUST_SPLIT },
		{ "bssplit", ":", MUST_SPLIT },
		{ "random_distribution", "zipf:1", MUST_DISTRIBUTION },
		{ "random_distribution", "zipf:", MUST_DISTRIBUTION },
		{ "random_distribution", "zoned:50/50:60/50", MUST_DISTRIBUTION },
		{ "random_distribution", "zoned:50/101:50/", MUST_DISTRIBUTION },
		{ "random_distribution", "zoned:50/:50/50", MUST_DISTRIBUTION },
		{ "bssplit", "4k/100:", MUST_SPLIT },
		{ "bssplit", "4k/1e9999999999999999999999999999999999999", MUST_SPLIT },
		{ "size", "-1", MUST_SIZE },
		{ "size", "1025p", MUST_SIZE },
		{ "size", "101%", MUST_SIZE },
		{ "size", "0%", MUST_SIZE },
		{ "size", "1.5g", MUST_SIZE },
		{ "size", "99999999999999999999g", MUST_SIZE },
		{ "offset", "100", MUST_SIZE ", a multiple of 512" },
		{ "runtime", "soon", MUST_RUNTIME },
		{ "runtime", "1001d", MUST_RUNTIME },
		{ "runtime", "99999999999999999999", MUST_RUNTIME },
		{ "blocked_min", "0", MUST_BLOCKED },
		{ "number_ios", "18446744073709551616",
		  "must be 0..18446744073709551615" },
		{ "thread", "2", "must be 0 or 1" },
		{ "thread", "yes", "must be 0 or 1" },
		{ "direct", "0", "must be 1: diowait measures direct I/O only" },
		{ "buffered", "1", "must be 0: diowait measures direct I/O only" },
		{ "buffered", NULL, "must be 0: diowait measures direct I/O only" },
		{ "rw", "trim", MUST_RW },
		{ "rw", "readwrite:8", MUST_RW },
		{ "rw", "write:4k", MUST_RW },
		{ "rw", NULL,
		  "needs a value: write, randwrite, read, randread, rw or randrw" },
		{ "ioengine", "psync", MUST_ENGINE },
		{ "ioengine", "sim", MUST_ENGINE },
		{ "ioengine", "", "needs a value: libaio, io_uring or null" },
		{ "fallocate", "2", "must be none, native, posix, keep or truncate" },
		{ "sync", "2", "must be none, dsync or sync" },
		{ "reap", "some", "must be each or full" },
		{ "extend_wait", "some", "must be kernel, none, own, all or drain" },
		{ "rounds", "0", "must be 1..10000" },
		{ "append_depth", "0", "must be 1..65536" },
		{ "numjobs", "0", "must be 1..1024" },
		{ "filename", NULL, "needs a value: any text" },
		{ "percentile_list", "101", MUST_P },
		{ "percentile_list", "0", MUST_P },
		{ "percentile_list", "50,99", MUST_P },
		{ "percentile_list", "50:", MUST_P },
	};
	struct workload_job job = { .name = NULL };
	size_t i;

	(void)state;
	assert_int_equal(option_set_defaults(&job), 0);
	for (i = 0; i < NR(row); i++) {
		const struct option_row *o = option_find(row[i].key);
		char why[OPTION_TEXT_MAX] = "";
		char *before, *after;

#ifdef DIOWAIT_TEST_ENGINES
		/* One more engine in that build. */
		if (o->type == OPTION_ENUM && !strcmp(o->name, "ioengine"))
			continue;
#endif
		assert_int_equal(option_format(o, &job, &before), 0);
		if (option_set(o, &job, row[i].value, why) != -EINVAL)
			fail_msg("%s=%s", row[i].key, row[i].value);
		assert_string_equal(why, row[i].why);
		/* And the field is what it was. */
		assert_int_equal(option_format(o, &job, &after), 0);
		if (before)
			assert_string_equal(before, after);
		else
			assert_null(after);
		free(before);
		free(after);
	}
	option_free(&job);
}

static void test_nearest(void **state)
{
	static const struct {
		const char *word, *nearest;
	} row[] = {
		{ "iodpeth", "iodepth" },
		{ "iodept", "iodepth" },
		{ "IODEPTH", NULL },
		{ "block_size", "blocksize" },
		{ "filname", "filename" },
		{ "runtme", "runtime" },
		{ "rounnds", "rounds" },
		{ "mx", "mix" },
		{ "mxi", "mix" },
		{ "apend_depth", "append_depth" },
		{ "verfy", "verify" },
		{ "colour", NULL },
		{ "", NULL },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		const char *found = option_nearest(row[i].word);

		if (!row[i].nearest)
			assert_null(found);
		else if (!found || strcmp(found, row[i].nearest))
			fail_msg("%s -> %s", row[i].word, found);
	}
}

/* One line per key, seven columns, none empty. */
static void test_print_keys(void **state)
{
	char *text = NULL, *line, *save = NULL;
	size_t len, lines = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	option_print_keys(out);
	assert_int_equal(fclose(out), 0);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		const char *p;
		size_t tabs = 0;

		for (p = line; *p; p++)
			tabs += *p == '\t';
		assert_int_equal(tabs, 6);
		assert_null(strstr(line, "\t\t"));
		lines++;
	}
	assert_int_equal(lines, 92);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	   cmocka_unit_test(test_supported),
		cmocka_unit_test(test_defaults),   cmocka_unit_test(test_values),
		cmocka_unit_test(test_bad_values), cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_print_keys),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
