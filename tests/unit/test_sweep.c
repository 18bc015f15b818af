// SPDX-License-Identifier: GPL-2.0-or-later
/* Sweeps: lines to axes, axes to variants, and a share of a mix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "workload/mix.h"
#include "workload/sweep.h"

#define JOB \
	"[global]\ndirect=1\nsize=16m\nmix=overwrite:6,unwritten:1,append:3\n%s\n[w]\n"

static char path[] = "test_sweep.XXXXXX";

static int file_setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int file_teardown(void **state)
{
	(void)state;
	return unlink(path);
}

/* NULL, and err filled. */
static struct sweep *parse(const char *keys, const struct workload_override *ovr,
			   size_t ovr_nr, struct workload_error *err)
{
	const char *file = path;
	struct sweep *s = NULL;
	FILE *out = fopen(path, "w");

	fprintf(out, JOB, keys);
	fclose(out);
	err->text[0] = '\0';
	if (sweep_parse_files(&file, 1, ovr, ovr_nr, &s, err))
		return NULL;
	return s;
}

static struct sweep *parse_ok(const char *keys)
{
	struct workload_error err;
	struct sweep *s = parse(keys, NULL, 0, &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static void test_none(void **state)
{
	struct sweep *s = parse_ok("");

	(void)state;
	assert_int_equal(s->axis_nr, 0);
	assert_int_equal(s->variant_nr, 1);
	assert_ptr_equal(s->variant[0], s->base);
	sweep_free(s);
	sweep_free(NULL);
}

/* The last axis changes fastest; lines add up, also those of the command line. */
static void test_product(void **state)
{
	static const struct workload_override ovr = { "sweep", "append_depth:1,2",
						      "--sweep append_depth=1,2" };
	struct workload_error err;
	struct sweep *s = parse(
		"sweep=iodepth:4,8,16 bs:4k,8k\nsweep=extend_wait:none,own", &ovr, 1,
		&err);
	char name[4][16];
	size_t i;

	(void)state;
	if (!s)
		fail_msg("%s", err.text);
	assert_int_equal(s->axis_nr, 4);
	assert_int_equal(s->variant_nr, 24);
	for (i = 0; i < 24; i++) {
		const struct workload_job *job = &s->variant[i]->job[0];

		snprintf(name[0], sizeof(name[0]), "%u", job->iodepth);
		snprintf(name[1], sizeof(name[1]), "%uk",
			 (unsigned int)(job->bs.min_bytes >> 10));
		snprintf(name[2], sizeof(name[2]), "%s",
			 job->extend_wait == WORKLOAD_EXTEND_OWN ? "own" : "none");
		snprintf(name[3], sizeof(name[3]), "%u", job->append_depth);
		assert_string_equal(sweep_value(s, i, 0), name[0]);
		assert_string_equal(sweep_value(s, i, 1), name[1]);
		assert_string_equal(sweep_value(s, i, 2), name[2]);
		assert_string_equal(sweep_value(s, i, 3), name[3]);
		assert_int_equal(job->iodepth, 4 << i / 8);
		assert_int_equal(job->append_depth, 1 + i % 2);
	}
	sweep_free(s);
}

static void test_share(void **state)
{
	static const double want[3][3] = { { 6, 1, 0 }, { 60, 10, 30 }, { 0, 0, 100 } };
	struct sweep *s = parse_ok("sweep=append%:0,30,100");
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		const struct workload_mix *mix = &s->variant[i]->job[0].mix;
		double sum = 0, asked = 0;
		unsigned int k, nr = 0;

		for (k = 0; k < 3; k++)
			nr += want[i][k] > 0;
		assert_int_equal(mix->nr, nr);
		for (k = 0; k < mix->nr; k++)
			sum += mix->item[k].weight;
		for (k = 0; k < 3; k++)
			asked += want[i][k];
		for (k = 0; k < mix->nr; k++) {
			const double w = mix->item[k].kind.base == KIND_APPEND ?
						 want[i][2] :
					 mix->item[k].kind.base == KIND_OVERWRITE ?
						 want[i][0] :
						 want[i][1];

			assert_true(mix->item[k].weight / sum - w / asked < 1e-9);
			assert_true(w / asked - mix->item[k].weight / sum < 1e-9);
		}
	}
	sweep_free(s);
}

/* One key has one name, in whichever of its spellings it was swept. */
static void test_alias(void **state)
{
	struct sweep *s = parse_ok("sweep=blocksize:4k,8k w/timeout:1 "
				   "append+nowait+dsync%:50\n"
				   "mix=overwrite:6,append+dsync+nowait:3\n");

	(void)state;
	assert_int_equal(s->axis_nr, 3);
	assert_string_equal(s->axis[0].key, "bs");
	assert_string_equal(s->axis[1].key, "w/runtime");
	assert_string_equal(s->axis[2].key, "append+dsync+nowait%");
	assert_int_equal(s->variant[1]->job[0].bs.min_bytes, 8192);
	sweep_free(s);
}

/* What the command line adds is added where the file has its sweep, if it has one. */
static void test_command_line(void **state)
{
	static const char *const keys[] = {
		"[a]\nfilename=a\nsweep=iodepth:1,2\n[b]\nfilename=b",
		"[a]\nfilename=a\n[b]\nfilename=b\nsweep=iodepth:1,2",
		"sweep=iodepth:1,2\n[b]\nfilename=b",
	};
	static const struct workload_override ovr[] = {
		{ "sweep", "bs:4k,8k", "--sweep bs=4k,8k" },
		{ "sweep", "reap:each,full", "--sweep reap=each,full" },
	};
	static const struct workload_override bad = { "sweep", "bs:4k,5",
						      "--sweep bs=4k,5" };
	struct workload_error err;
	struct sweep *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		s = parse(keys[i], ovr, 2, &err);
		if (!s)
			fail_msg("%s", err.text);
		assert_int_equal(s->axis_nr, 3);
		assert_int_equal(s->variant_nr, 8);
		sweep_free(s);
		assert_null(parse(keys[i], &bad, 1, &err));
		assert_non_null(strstr(err.text, "--sweep bs=5: must be"));
	}
	s = parse("[a]\nfilename=a", ovr, 2, &err);
	if (!s)
		fail_msg("%s", err.text);
	assert_int_equal(s->variant_nr, 4);
	sweep_free(s);
}

/* JOB/KEY is for one job. */
static void test_one_job(void **state)
{
	struct sweep *s = parse_ok("sweep=w/iodepth:4,8 b/iodepth:16 b/append%:50\n[b]\n"
				   "filename=b\n[a]\nfilename=a");

	(void)state;
	assert_int_equal(s->variant_nr, 2);
	/* Behind [global] come b, a and w. */
	assert_int_equal(s->variant[1]->job_nr, 3);
	assert_int_equal(s->variant[1]->job[0].iodepth, 16);
	assert_int_equal(s->variant[1]->job[1].iodepth, 1);
	assert_int_equal(s->variant[1]->job[2].iodepth, 8);
	assert_true(s->variant[1]->job[0].mix.item[2].weight == 50);
	assert_true(s->variant[1]->job[1].mix.item[2].weight == 3);
	sweep_free(s);
}

/* A share is one of the mix that another axis sets, whatever their order. */
static void test_share_of_mix(void **state)
{
	struct sweep *s = parse_ok(
		"sweep=append%:50 mix:{gap:1,append:9},{hole:3,append:1}");
	size_t i;

	(void)state;
	assert_int_equal(s->variant_nr, 2);
	for (i = 0; i < 2; i++) {
		const struct workload_mix *mix = &s->variant[i]->job[0].mix;

		assert_int_equal(mix->nr, 2);
		assert_int_equal(mix->item[0].kind.base, i ? KIND_HOLE : KIND_GAP);
		assert_true(mix->item[0].weight == mix->item[1].weight);
	}
	sweep_free(s);
}

static void test_braces(void **state)
{
	struct sweep *s = parse_ok("sweep=mix:{overwrite:1,append:1},append:1");

	(void)state;
	assert_int_equal(s->variant_nr, 2);
	assert_int_equal(s->variant[0]->job[0].mix.nr, 2);
	assert_int_equal(s->variant[1]->job[0].mix.nr, 1);
	sweep_free(s);
}

/* One line, that names where, the key, and what would be right. */
static void test_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "sweep=iodepth", ":5: sweep: 'iodepth' must be KEY:VALUE,VALUE,..." },
		{ "sweep=iodepth:", "must be KEY:VALUE" },
		{ "sweep=:1", "must be KEY:VALUE" },
		{ "sweep=iodepth:1,,2", ":5: sweep: iodepth has an empty value" },
		{ "sweep=rounds:1,2", "rounds is run-wide" },
		{ "sweep=w/gtod_cpu:1,2",
		  ":5: sweep: w/gtod_cpu has no effect: each thread reads the clock itself" },
		{ "sweep=sweep:1", "sweep is run-wide" },
		{ "sweep=w/rounds:1,5", "rounds is run-wide" },
		{ "sweep=mix:append:1 append%:50", "the rest to no other kind" },
		{ "sweep=iodepth:1 iodepth:2", ":5: sweep: iodepth is swept twice" },
		{ "sweep=bs:4k blocksize:8k", "bs is swept twice" },
		{ "sweep=w/blocksize:4k w/bs:8k", "w/bs is swept twice" },
		{ "sweep=bs:4k blocksize_range:4k-8k", "bs is swept twice" },
		{ "sweep=append+nowait+dsync%:1 append+dsync+nowait%:2",
		  "append+dsync+nowait% is swept twice" },
		{ "sweep=iodepth:1,0", ":5: sweep: iodepth=0: must be 1..65536" },
		{ "sweep=bs:4k\nsweep=iodepth:1,0\nsweep=append_depth:1",
		  ":6: sweep: iodepth=0: must be" },
		{ "sweep=bs:4k\nsweep=iodepth:1 iodepth:2", ":6: sweep: iodepth is" },
		{ "sweep=bs:4k,8k bs:4k\nsweep=bs:4k,8k", ":5: sweep: bs is" },
		{ "sweep=iodpeth:1", "did you mean 'iodepth'?" },
		{ "sweep=gap%:1", "no mix has gap" },
		{ "sweep=x/iodepth:1", "there is no job 'x'" },
		{ "sweep=x/append%:1", "there is no job 'x'" },
		{ "sweep=w/gap%:1", "no mix has gap" },
		{ "sweep=append%:101", "must be 0..100" },
		{ "sweep=append%:x", "must be 0..100" },
		{ "sweep=append%:1e1", "must be 0..100" },
		{ "sweep=append%:nan", "must be 0..100" },
		{ "sweep=append%:{}", "must be 0..100" },
		{ "sweep=apend%:1", "unknown kind 'apend' (did you mean 'append'?)" },
		{ "sweep=append+dsink%:1", "unknown modifier '+dsink'" },
		{ "sweep=work/iodepth:1\n[works]\nfilename=b",
		  "there is no job 'work' (did you mean 'works'?)" },
		{ "sweep=iodepth:1,2,3,4,5,6,7,8,9,10,11 bs:4k,8k,12k,16k,20k,24k,28k,32k,36k,40k "
		  "append_depth:1,1,1,1,1,1,1,1,1,1",
		  "more than 1000 variants" },
	};
	struct workload_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(parse(bad[i][0], NULL, 0, &err));
		if (!strstr(err.text, bad[i][1]))
			fail_msg("%s: '%s' has no '%s'", bad[i][0], err.text, bad[i][1]);
		assert_null(strchr(err.text, '\n'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),	     cmocka_unit_test(test_product),
		cmocka_unit_test(test_share),	     cmocka_unit_test(test_braces),
		cmocka_unit_test(test_refused),	     cmocka_unit_test(test_one_job),
		cmocka_unit_test(test_share_of_mix), cmocka_unit_test(test_alias),
		cmocka_unit_test(test_command_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, file_setup, file_teardown);
}
