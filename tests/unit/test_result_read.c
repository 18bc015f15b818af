// SPDX-License-Identifier: GPL-2.0-or-later
/* The document read: written again it is the same; and what is wrong with it is said. */
#include <errno.h>
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

#include "result/doc.h"
#include "result_sample.h"

static void dump_to(const struct result *r, const char *path)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(result_dump(r, out), 0);
	fclose(out);
}

static char *slurp(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(in);
	assert_true(getdelim(&text, &size, 0, in) > 0);
	fclose(in);
	return text;
}

/* What is read and written again is the same, to the last byte. */
static void test_read_again(void **state)
{
	char path[] = "test_result.XXXXXX", err[256] = "", *was, *is;
	struct result *r = sample_result(), *again;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	sample_why(r);
	sample_steady(r);
	result_note_add(r, RESULT_NOTE_WARN, "a note");
	r->variant->kind[0].error = calloc(1, sizeof(struct result_error_count));
	r->variant->kind[0].error_nr = 1;
	r->variant->kind[0].error[0] = (struct result_error_count){ ENOSPC, 4 };
	dump_to(r, path);
	was = slurp(path);
	assert_int_equal(result_read(path, &again, err, sizeof(err)), 0);
	assert_string_equal(err, "");
	dump_to(again, path);
	is = slurp(path);
	unlink(path);
	assert_string_equal(is, was);
	/* Bins are the distribution that they were. */
	assert_true(again->variant->kind[0].lat.hist->sum_ns ==
		    r->variant->kind[0].lat.hist->sum_ns);
	/* Made small it is read as well, and is still what it was. */
	result_compact(r);
	dump_to(r, path);
	free(was);
	was = slurp(path);
	result_free(again);
	assert_int_equal(result_read(path, &again, err, sizeof(err)), 0);
	again->compact = true;
	dump_to(again, path);
	free(is);
	is = slurp(path);
	unlink(path);
	assert_string_equal(is, was);
	assert_null(again->variant->kind[0].lat.hist);
	assert_null(strstr(is, "bins"));
	assert_int_equal(
		result_dist_ns(again, &again->variant->round[0].kind[0].lat, 99.9),
		result_dist_ns(r, &r->variant->round[0].kind[0].lat, 99.9));
	assert_true(again->variant->round[0].kind[0].lat.percentile_ns[0] ==
		    RESULT_NO_NS);
	free(was);
	free(is);
	result_free(r);
	result_free(again);
}

/* An empty list in front of the first that is not, and a real where ns are whole. */
static void test_read_odd(void **state)
{
	static const char text[] =
		"{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		"\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		"\"variants\": [{\"kinds\": [{\"job\": \"j\", \"kind\": \"append\","
		"\"engine\": \"null\", \"slat_ns\": {\"N\": 2, \"percentile\": {}},"
		"\"lat_ns\": {\"N\": 2, \"percentile\": {\"50.000000\": 137000.5}}}]}]}";
	char path[] = "test_result.XXXXXX", err[256];
	struct result *r;
	int fd = mkstemp(path);
	const struct result_kind *k;

	(void)state;
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(result_read(path, &r, err, sizeof(err)), 0);
	unlink(path);
	k = r->variant->kind;
	assert_true(isnan(result_percentile_ns(r, &k->slat, 50)));
	assert_true(isnan(result_percentile_ns(r, &k->lat, 99)));
	assert_true(result_percentile_ns(r, &k->lat, 50) == 137001);
	result_free(r);
}

/* A document whose one kind has this; and, in its list of the slowest, a write. */
#define READ_KIND(kind) \
	"{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\"," \
	"\"workload\": {\"name\": \"a\", \"sha256\": \"b\"}," \
	"\"variants\": [{\"kinds\": [{\"job\": \"j\", \"kind\": \"append\"," \
	"\"engine\": \"null\"," kind "}]}]}"
#define READ_WORST(write) \
	READ_KIND("\"stages\": {}, \"causes\": [], \"worst\": [" write "]")
#define READ_LAT(lat) READ_KIND("\"lat_ns\": {\"N\": 2," lat "}")

/* The file, and what is wrong in it. */
static void test_read_wrong(void **state)
{
	static const char *const bad[][2] = {
		{ "{\n\"schema\": \"diowait", ":2: not JSON" },
		{ "[]", "no result of diowait run: its schema is missing" },
		{ "{\"schema\": \"diowait-probe-1\"}", "its schema is diowait-probe-1" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": 5}",
		  "started is no time" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\"}",
		  "workload.name is missing" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"}}",
		  "no variants" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		  "\"variants\": [{\"kinds\": [{\"job\": \"j\", \"kind\": \"append\","
		  "\"engine\": \"null\", \"lat_ns\": {\"N\": 2}}]}]}",
		  "N 2 has no percentiles" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		  "\"variants\": [{\"kinds\": [{\"job\": \"j\", \"kind\": \"append\","
		  "\"engine\": \"null\", \"lat_ns\": {\"N\": 2, \"percentile\": {\"50.000000\": 5},"
		  "\"bins\": {\"5\": 1}}}]}]}",
		  "N 2 has bins of 1 values" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Zjunk\"}",
		  "started is no time" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		  "\"variants\": {\"a\": 1}}",
		  "variants is no list" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		  "\"variants\": [{\"rounds\": [{}, 2]}]}",
		  "rounds[1] is no object" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		  "\"variants\": [{\"kinds\": [], \"series\": [], \"rounds\":"
		  "[{\"kinds\": [], \"steadystate\": [{\"job\": \"w\"}]}]}]}",
		  "steadystate[].criterion is missing" },
		{ "{\"schema\": \"diowait-result-1\", \"started\": \"2026-11-23T01:40:00Z\","
		  "\"workload\": {\"name\": \"a\", \"sha256\": \"b\"},"
		  "\"variants\": [{\"kinds\": [{\"job\": \"j\", \"kind\": \"append\","
		  "\"engine\": \"null\", \"lat_ns\": {\"N\": 2, \"percentile\": [5]}}]}]}",
		  "percentile is no object" },
		{ READ_LAT("\"percentile\": {\"99.000000\": 5, \"50.000000\": 4}"),
		  "percentile \"50.000000\" is no number that ascends to 100" },
		{ READ_LAT("\"percentile\": {\"100.5\": 5}"),
		  "percentile \"100.5\" is no number" },
		{ READ_LAT("\"percentile\": {\"p50\": 5}"), "percentile \"p50\" is no" },
		{ READ_LAT("\"percentile\": {\"50.000000\": 5}, \"bins\": {\"5x\": 2}"),
		  "bin \"5x\" is no number of ns below 2^37" },
		{ READ_LAT("\"percentile\": {\"50.000000\": 5},"
			   "\"bins\": {\"137438953472\": 2}"),
		  "bin \"137438953472\" is no number" },
		{ READ_KIND("\"slat_ns\": {\"N\": 1, \"percentile\": {\"50.000000\": 5}},"
			    "\"lat_ns\": {\"N\": 1, \"percentile\": {\"60.000000\": 5}}"),
		  "distributions with different lists of percentiles" },
		{ READ_WORST("{\"path\": \"queed\"}"), "'queed' is no path" },
		{ READ_WORST("{\"path\": \"punted\", \"then\": \"x\"}"),
		  "'x' is no path" },
		{ READ_WORST("{\"path\": \"queued\","
			     "\"stages\": [{\"stage\": \"dozing\"}]}"),
		  "'dozing' is no stage" },
		{ READ_WORST("{\"path\": \"queued\", \"stages\": [{}]}"),
		  "'null' is no stage" },
	};
	char path[] = "test_result.XXXXXX", err[256];
	struct result *r;
	int fd = mkstemp(path);
	size_t i;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		FILE *out = fopen(path, "w");

		fputs(bad[i][0], out);
		fclose(out);
		if (!result_read(path, &r, err, sizeof(err)))
			fail_msg("%s is read", bad[i][0]);
		assert_null(r);
		assert_non_null(strstr(err, path));
		if (!strstr(err, bad[i][1]))
			fail_msg("'%s' has no '%s'", err, bad[i][1]);
		assert_null(strchr(err, '\n'));
	}
	unlink(path);
	assert_int_not_equal(result_read(path, &r, err, sizeof(err)), 0);
	assert_non_null(strstr(err, "No such file"));
	assert_int_not_equal(result_read(".", &r, err, sizeof(err)), 0);
	assert_non_null(strstr(err, "Is a directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_again),
		cmocka_unit_test(test_read_odd),
		cmocka_unit_test(test_read_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
