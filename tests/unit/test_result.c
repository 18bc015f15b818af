// SPDX-License-Identifier: GPL-2.0-or-later
/* The tree, and the document: its keys, their order, the page about them. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "man_keys.h"
#include "result/doc.h"
#include "result_sample.h"

/* ---- the tree ---- */

static void test_percentile_list(void **state)
{
	static const double extra[] = { 2.5, 50, 99, 99.999, 99.999 };
	struct result *r = result_new(extra, 5);
	size_t i;

	(void)state;
	assert_non_null(r);
	assert_int_equal(r->percentile_nr, result_default_percentile_nr + 2);
	for (i = 1; i < r->percentile_nr; i++)
		assert_true(r->percentile[i] > r->percentile[i - 1]);
	assert_true(r->percentile[1] == 2.5);
	assert_true(r->percentile[r->percentile_nr - 1] == 99.999);
	result_free(r);
	r = result_new(NULL, 0);
	assert_int_equal(r->percentile_nr, 17);
	result_free(r);
	result_free(NULL);
}

static void test_dist(void **state)
{
	struct result *r = result_new(NULL, 0);
	struct hist *h = malloc(sizeof(*h));
	struct result_dist d = { 0 };
	unsigned int i;

	(void)state;
	assert_int_equal(result_dist_ns(r, &d, 50), 0);
	hist_init(h);
	for (i = 1; i <= 1000; i++)
		hist_add(h, i);
	assert_int_equal(result_dist_fill(r, &d, h, true), 0);
	assert_int_equal(result_dist_ns(r, &d, 50), 500);
	assert_int_equal(result_dist_ns(r, &d, 99.9), 999);
	assert_memory_equal(d.hist, h, sizeof(*h));
	/* A second time replaces, and drops the bins. */
	hist_add(h, 2000);
	assert_int_equal(result_dist_fill(r, &d, h, false), 0);
	assert_null(d.hist);
	assert_int_equal(d.sum.n, 1001);
	free(d.percentile_ns);
	free(h);
	result_free(r);
}

static void test_facts(void **state)
{
	struct facts f = { 0 };

	(void)state;
	assert_int_equal(facts_int(&f, "a.b", 1), 0);
	assert_int_equal(facts_text(&f, "c", "text"), 0);
	assert_int_equal(facts_bool(&f, "a.b", true), 0);
	assert_int_equal(f.nr, 2);
	assert_int_equal(facts_get(&f, "a.b")->type, FACT_BOOL);
	assert_string_equal(facts_get_text(&f, "c"), "text");
	/* From itself, too. */
	assert_int_equal(facts_text(&f, "c", facts_get_text(&f, "c")), 0);
	assert_string_equal(facts_get_text(&f, "c"), "text");
	assert_int_equal(facts_text(&f, "c", NULL), 0);
	assert_null(facts_get_text(&f, "c"));
	assert_int_equal(facts_get(&f, "c")->type, FACT_NULL);
	assert_null(facts_get(&f, "d"));
	facts_clear(&f);
	assert_int_equal(f.nr, 0);
}

/* ---- the document ---- */

static json_t *parse(const struct result *r)
{
	char *text = NULL;
	size_t size = 0;
	json_error_t error;
	FILE *out = open_memstream(&text, &size);
	json_t *root;

	assert_non_null(out);
	assert_int_equal(result_dump(r, out), 0);
	fclose(out);
	assert_int_equal(text[size - 1], '\n');
	root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("line %d: %s", error.line, error.text);
	free(text);
	return root;
}

/* The keys of an object in order, joined by blanks. */
static void check_keys(const json_t *object, const char *want)
{
	char got[1024] = "";
	const char *key;
	json_t *value;

	assert_true(json_is_object(object));
	json_object_foreach((json_t *)object, key, value)
	{
		if (*got)
			strcat(got, " ");
		strcat(got, key);
	}
	assert_string_equal(got, want);
}

static json_t *get(const json_t *root, const char *path)
{
	char copy[256], *key, *rest;

	snprintf(copy, sizeof(copy), "%s", path);
	for (key = strtok_r(copy, "/", &rest); key && root;
	     key = strtok_r(NULL, "/", &rest))
		root = json_is_array(root) ?
			       json_array_get(root, strtoul(key, NULL, 10)) :
			       json_object_get(root, key);
	if (!root)
		fail_msg("no %s", path);
	return (json_t *)root;
}

static long long number(const json_t *root, const char *path)
{
	assert_true(json_is_integer(get(root, path)));
	return json_integer_value(get(root, path));
}

#define KIND "variants/0/kinds/0"
#define KIND_KEYS \
	"job kind engine modelled ops bytes short errors iops paths ran_as " \
	"slat_ns clat_ns lat_ns resp_ns late victim_ns held_ns convoy_ns behind_ns " \
	"causes worst stages weight blocked batched done_at_return unknown write extending"

static void check_nulls(const json_t *root)
{
	static const char *const path[] = {
		KIND "/ran_as",
		KIND "/resp_ns",
		KIND "/held_ns",
		KIND "/convoy_ns",
		KIND "/behind_ns",
		KIND "/paths/then",
		KIND "/paths/flagged",
		KIND "/stages",
		"evidence/missing",
		"evidence/named_ns",
		"evidence/blocked_min_ns",
		"host/governor",
		"variants/0/rounds/0/noise/freq_khz",
	};
	size_t i;

	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		assert_true(json_is_null(get(root, path[i])));
	assert_int_equal(json_array_size(get(root, KIND "/causes")), 0);
	assert_int_equal(json_array_size(get(root, KIND "/worst")), 0);
	assert_int_equal(json_array_size(get(root, "variants/0/series")), 1);
	assert_int_equal(json_array_size(get(root, "notes")), 0);
}

static void test_shape(void **state)
{
	struct result *r = sample_result();
	json_t *root = parse(r);

	(void)state;
	check_keys(root, "schema version started interrupted host workload "
			 "evidence growth variants notes");
	assert_string_equal(json_string_value(get(root, "schema")), "diowait-result-1");
	assert_string_equal(json_string_value(get(root, "started")),
			    "2026-11-23T01:40:00Z");
	assert_true(json_is_false(get(root, "interrupted")));
	assert_true(json_is_true(get(root, "host/loop/dio")));
	check_keys(get(root, "host/loop"), "backing_file backing_fs dio");
	check_keys(get(root, "workload"), "name text sha256");
	check_keys(get(root, "evidence"), "tier lost blocked_ns named_ns "
					  "unplaced blocked_min_ns missing");
	check_keys(get(root, "growth"), "size_before size_after "
					"extended_bytes extents appended_bytes gaps");
	check_keys(get(root, "growth/extents/after"), "count written_bytes "
						      "unwritten_bytes delalloc_bytes");
	assert_int_equal(number(root, "growth/extents/after/count"), 41);
	check_keys(get(root, "variants/0"), "keys kinds series rounds seconds growth");
	check_keys(get(root, "variants/0/rounds/2"), "kinds noise seconds");
	check_keys(get(root, KIND), KIND_KEYS);
	check_keys(get(root, "variants/0/rounds/1/kinds/1"), KIND_KEYS);
	check_keys(get(root, KIND "/paths"),
		   "queued forced_wait drained inline "
		   "punted buffered refused unknown flagged then");
	check_keys(get(root, KIND "/slat_ns"), "min max mean stddev N "
					       "percentile bins");
	check_keys(get(root, "variants/0/rounds/0/kinds/0/slat_ns"),
		   "min max mean stddev N percentile");
	check_nulls(root);
	assert_int_equal(number(root, KIND "/paths/queued"), 83991);
	assert_int_equal(json_object_size(get(root, KIND "/lat_ns/percentile")), 17);
	assert_true(number(root, KIND "/lat_ns/percentile/50.000000") > 0);
	assert_true(number(root, KIND "/lat_ns/percentile/99.900000") > 0);
	json_decref(root);
	result_free(r);
}

/* Not a constant, or gcc checks a path of hist_add() that it cannot take. */
static volatile uint64_t limit_ns = HIST_LIMIT_NS, zero_ns;

static void test_bins(void **state)
{
	struct result *r = sample_result();
	struct result_kind *k = &r->variant->kind[0];
	struct hist *h = malloc(sizeof(*h));
	json_t *root;

	(void)state;
	hist_init(h);
	hist_add(h, zero_ns);
	hist_add_zeros(h, 1);
	hist_add_zeros(h, 1);
	hist_add(h, 1023);
	hist_add(h, 1025);
	hist_add(h, limit_ns);
	result_dist_fill(r, &k->victim, h, true);
	hist_init(h);
	result_dist_fill(r, &k->lat, h, true);
	root = parse(r);
	check_keys(get(root, KIND "/victim_ns"), "min max mean stddev N "
						 "saturated percentile bins");
	check_keys(get(root, KIND "/victim_ns/bins"), "0 1023 1024");
	assert_int_equal(number(root, KIND "/victim_ns/bins/0"), 3);
	assert_int_equal(number(root, KIND "/victim_ns/N"), 6);
	assert_int_equal(number(root, KIND "/victim_ns/saturated"), 1);
	/* Nothing to have percentiles of. */
	check_keys(get(root, KIND "/lat_ns"), "min max mean stddev N bins");
	check_keys(get(root, KIND "/lat_ns/bins"), "");
	json_decref(root);
	free(h);
	result_free(r);
}

#define WHY "variants/0/kinds/1"

static const char *string_at(const json_t *root, const char *path)
{
	const char *text = json_string_value(get(root, path));

	return text ? text : "(none)";
}

static void test_why(void **state)
{
	struct result *r = sample_result();
	json_t *root;

	(void)state;
	sample_why(r);
	r->evidence_missing = strdup("of no use here");
	root = parse(r);
	assert_string_equal(string_at(root, "evidence/missing"), "of no use here");
	check_keys(get(root, WHY), KIND_KEYS);
	assert_int_equal(number(root, WHY "/paths/flagged"), 36);
	assert_int_equal(number(root, WHY "/paths/then/forced_wait"), 12000);
	assert_int_equal(number(root, WHY "/paths/then/queued"), 6000);
	check_keys(get(root, WHY "/ran_as"), "inside at past");
	assert_int_equal(number(root, WHY "/ran_as/at"), 30000);
	assert_int_equal(number(root, WHY "/held_ns/N"), 100);
	assert_int_equal(number(root, WHY "/convoy_ns/N"), 36000);
	assert_int_equal(number(root, WHY "/behind_ns/max"), 0);
	check_keys(get(root, WHY "/causes/0"), "cause count total_ns named in_completion "
					       "help sleep_ns stack");
	assert_string_equal(string_at(root, WHY "/causes/0/cause"), "FORCED_WAIT");
	assert_int_equal(number(root, WHY "/causes/0/count"), 36000);
	assert_int_equal(number(root, WHY "/causes/0/total_ns"),
			 r->variant->kind[1].cause[0].sleep.hist->sum_ns);
	assert_true(json_is_true(get(root, WHY "/causes/0/named")));
	assert_true(json_is_false(get(root, WHY "/causes/1/named")));
	assert_string_equal(string_at(root, WHY "/causes/1/stack"),
			    "io_schedule < never_seen < ext4_file_write_iter");
	check_keys(get(root, WHY "/worst/0"), "round thread index offset bytes result "
					      "slat_ns lat_ns path then stages");
	assert_string_equal(string_at(root, WHY "/worst/0/then"), "forced_wait");
	check_keys(get(root, WHY "/worst/0/stages/2"),
		   "stage after at_ns ns cause by stack");
	assert_string_equal(string_at(root, WHY "/worst/0/stages/2/by"),
			    "the write at 4096");
	assert_string_equal(string_at(root, WHY "/worst/0/stages/3/stage"),
			    "unaccounted");
	check_keys(get(root, WHY "/stages/slat_ns"),
		   "running sleep runqueue preempted unaccounted");
	assert_int_equal(number(root, WHY "/stages/lat_ns/unaccounted"), 1);
	assert_int_equal(json_object_size(get(root, WHY "/stages/lat_ns")),
			 RESULT_STAGE_NR);
	json_decref(root);
	result_free(r);
}

static void test_values(void **state)
{
	struct result *r = sample_result();
	struct result_kind *k = &r->variant->kind[0];
	json_t *root;

	(void)state;
	r->interrupted = true;
	r->evidence_tier = 2;
	r->named_known = true;
	r->named_ns = 77;
	r->blocked_min_ns = 5000;
	r->growth.before.known = false;
	k->error = calloc(2, sizeof(*k->error));
	k->error_nr = 2;
	k->error[0] = (struct result_error_count){ ENOSPC, 4 };
	k->error[1] = (struct result_error_count){ EIO, 1 };
	k->weight = 0;
	k->iops = 1.0 / 3;
	k->bytes = UINT64_MAX;
	result_note_add(r, RESULT_NOTE_WARN, "%d of them", 3);
	root = parse(r);
	check_keys(get(root, KIND "/errors"), "ENOSPC EIO");
	assert_int_equal(number(root, KIND "/errors/ENOSPC"), 4);
	assert_true(json_is_null(get(root, KIND "/weight")));
	assert_true(json_is_true(get(root, "interrupted")));
	assert_int_equal(number(root, "evidence/named_ns"), 77);
	assert_int_equal(number(root, "evidence/blocked_min_ns"), 5000);
	/* Without events of its own a kind has no such counter. */
	assert_true(json_is_null(get(root, KIND "/paths/flagged")));
	assert_true(json_is_null(get(root, "growth/extents/before")));
	assert_int_equal(number(root, KIND "/bytes"), INT64_MAX);
	assert_string_equal(json_string_value(get(root, "notes/0/level")), "warn");
	assert_string_equal(json_string_value(get(root, "notes/0/text")), "3 of them");
	json_decref(root);

	r->growth.known = false;
	k->iops = 0.0 / 0.0;
	root = parse(r);
	assert_true(json_is_null(get(root, "growth")));
	assert_true(json_is_null(get(root, KIND "/iops")));
	json_decref(root);
	result_free(r);
}

/* Reals print short and come back as they were printed, to the last bit. */
static void test_reals(void **state)
{
	static const double in[] = { 0.1,	   0.7,	   1.0 / 3,
				     87123.456789, 1e-9,   123456789012345.0,
				     1e300,	   DBL_MIN };
	static const char *const want[] = {
		"0.1,",
		"0.7,",
		"0.333333333333333,",
		"87123.456789,",
	};
	struct result *r = result_new(NULL, 0);
	char *first = NULL, *again = NULL, key[16];
	size_t size = 0, i;
	json_t *root;
	FILE *out;

	(void)state;
	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		snprintf(key, sizeof(key), "x%zu", i);
		facts_real(&r->host, key, in[i]);
	}
	out = open_memstream(&first, &size);
	assert_int_equal(result_dump(r, out), 0);
	fclose(out);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_non_null(strstr(first, want[i]));
	root = json_loads(first, 0, NULL);
	assert_non_null(root);
	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		double x;

		snprintf(key, sizeof(key), "host/x%zu", i);
		x = json_real_value(get(root, key));
		assert_true(x >= in[i] * (1 - 1e-14) && x <= in[i] * (1 + 1e-14));
	}
	again = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
	assert_int_equal(strncmp(first, again, strlen(again)), 0);
	json_decref(root);
	free(first);
	free(again);
	result_free(r);
}

static void test_not_utf8(void **state)
{
	struct result *r = sample_result();
	struct result_kind *k = &r->variant->kind[0];
	json_t *root;

	(void)state;
	facts_text(&r->host, "filesystem.source", "/dev/\xff\xfe");
	facts_text(&r->host, "b\xc3.k\xff", "v");
	free(r->workload_name);
	r->workload_name = strdup("m\xc3\xa9l\xed\xa0\x80\x01.job");
	free(k->job);
	k->job = strdup("\xc0\xaf");
	result_note_add(r, RESULT_NOTE_FIRST, "\x80");
	root = parse(r);
	assert_string_equal(json_string_value(get(root, "host/filesystem/source")),
			    "/dev/\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(json_string_value(get(root, "workload/name")),
			    "m\xc3\xa9l\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
			    "\x01.job");
	assert_string_equal(
		json_string_value(get(root, "host/b\xef\xbf\xbd/k\xef\xbf\xbd")), "v");
	json_decref(root);
	result_free(r);
}

/* ---- the page ---- */

/* Objects whose keys are names of something, not words of the format. */
static bool has_free_keys(const char *key)
{
	static const char *const name[] = { "percentile", "bins", "errors",
					    "keys",	  "host", "noise" };
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (!strcmp(key, name[i]))
			return true;
	return false;
}

static void check_documented(const char *man, const json_t *value)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach((json_t *)value, i, child)
			check_documented(man, child);
		return;
	}
	json_object_foreach((json_t *)value, key, child)
	{
		if (!man_has_key(man, key))
			fail_msg("'%s' is not in diowait-result.5", key);
		/* host and noise: test_host knows all that there can be. */
		if (!has_free_keys(key))
			check_documented(man, child);
	}
}

static void test_man_page(void **state)
{
	struct result *r = sample_result();
	struct result_kind *k = &r->variant->kind[0];
	char *man = man_read("diowait-result.5");
	json_t *root;

	(void)state;
	assert_non_null(man);
	k->lat.sum.saturated = 1;
	sample_why(r);
	sample_steady(r);
	sample_stress(r);
	result_note_add(r, RESULT_NOTE_FIRST, "a note");
	root = parse(r);
	check_documented(man, root);
	assert_false(man_has_key(man, "no_such_key"));
	json_decref(root);
	free(man);
	result_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentile_list),
		cmocka_unit_test(test_dist),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_bins),
		cmocka_unit_test(test_why),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_reals),
		cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_man_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
