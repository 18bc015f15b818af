// SPDX-License-Identifier: GPL-2.0-or-later
/* The report: number formats, folding, and what must be said. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "result/format.h"
#include "result/lines.h"
#include "missing.h"
#include "result_sample.h"

static void check_ns(double ns, const char *want)
{
	char buf[FORMAT_MAX];

	assert_string_equal(format_ns(buf, ns), want);
}

static void check_bytes(uint64_t bytes, const char *want)
{
	char buf[FORMAT_MAX];

	assert_string_equal(format_bytes(buf, bytes), want);
}

static void check_share(double part, double whole, const char *want)
{
	char buf[FORMAT_MAX];

	assert_string_equal(format_share(buf, part, whole), want);
}

static void test_formats(void **state)
{
	char buf[FORMAT_MAX];

	(void)state;
	check_ns(0, "0 ns");
	check_ns(999, "999 ns");
	check_ns(1000, "1.00 us");
	check_ns(1944, "1.94 us");
	check_ns(9996, "10.0 us");
	check_ns(99960, "100 us");
	check_ns(143210, "143 us");
	check_ns(999499, "999 us");
	check_ns(999500, "1.00 ms");
	check_ns(5020000, "5.02 ms");
	check_ns(137e9, "137 s");
	check_ns(123456e9, "123456 s");
	check_bytes(0, "0 B");
	check_bytes(4096, "4 KiB");
	check_bytes(268435456, "256 MiB");
	check_bytes(1300000000, "1.21 GiB");
	check_bytes(1023, "1023 B");
	check_bytes(513, "513 B");
	check_share(0, 0, "-");
	check_share(0, 5, "0.0 %");
	check_share(1, 100000, "<0.1 %");
	check_share(99999, 100000, ">99.9 %");
	check_share(7, 7, "100.0 %");
	check_share(342, 1000, "34.2 %");
	assert_string_equal(format_rate(buf, 0), "0");
	assert_string_equal(format_rate(buf, 87.4), "87.4");
	assert_string_equal(format_rate(buf, 999), "999");
	assert_string_equal(format_rate(buf, 87123), "87.1 k");
	assert_string_equal(format_count(buf, 9999999), "9999999");
	assert_string_equal(format_count(buf, 100000000), "100 M");
	assert_string_equal(format_errno(buf, ENOSPC), "ENOSPC");
	assert_string_equal(format_errno(buf, 4000), "errno 4000");
}

static void check_utf8(const char *in, const char *want)
{
	char *clean = format_utf8_clean(in);

	assert_non_null(clean);
	assert_string_equal(clean, want);
	free(clean);
}

#define BAD "\xef\xbf\xbd"

static void test_utf8(void **state)
{
	(void)state;
	check_utf8("plain", "plain");
	check_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		   "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	check_utf8("\xff", BAD);
	check_utf8("a\x80z", "a" BAD "z");
	check_utf8("\xc3", BAD); /* cut off */
	check_utf8("\xe2\x82", BAD BAD);
	check_utf8("\xc0\xaf", BAD BAD);	 /* overlong */
	check_utf8("\xed\xa0\x80", BAD BAD BAD); /* surrogate */
	check_utf8("\xf4\x90\x80\x80", BAD BAD BAD BAD);
}

/* The report as a string, to be freed. */
static char *report_text(const struct result *r, unsigned int columns, bool utf8)
{
	struct report_style style = { .columns = columns, .utf8 = utf8 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(report_write(r, &style, out), 0);
	fclose(out);
	assert_int_equal(strlen(text), size);
	return text;
}

static void check_lines(const char *text, size_t columns, bool ascii)
{
	assert_true(*text);
	while (*text) {
		size_t len = strcspn(text, "\n"), i;

		if (len > columns)
			fail_msg("%zu bytes: %.*s", len, (int)len, text);
		for (i = 0; i < len; i++) {
			unsigned char c = (unsigned char)text[i];

			assert_true(c >= ' ' && c != 0x7f);
			assert_true(!ascii || c < 0x80);
		}
		assert_true(!len || text[len - 1] != ' ');
		assert_int_equal(text[len], '\n');
		text += len + 1;
	}
}

/* Checked at the usual width; returned so wide that nothing is folded. */
static char *report_wide(const struct result *r)
{
	char *text = report_text(r, 0, false);

	check_lines(text, 72, true);
	free(text);
	return report_text(r, 1000, false);
}

static void assert_has(const char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("'%s' is not in:\n%s", want, text);
}

/* Position of what must be there. */
static size_t at(const char *text, const char *want)
{
	assert_has(text, want);
	return (size_t)(strstr(text, want) - text);
}

static void test_content(void **state)
{
	struct result *r = sample_result();
	char *text;

	(void)state;
	r->variant->kind[1].short_nr = 3;
	r->variant->kind[1].error = calloc(1, sizeof(struct result_error_count));
	r->variant->kind[1].error[0] = (struct result_error_count){ ENOSPC, 5 };
	r->variant->kind[1].error_nr = 1;
	result_note_add(r, RESULT_NOTE_INFO, "an info");
	result_note_add(r, RESULT_NOTE_WARN, "a warning");
	result_note_add(r, RESULT_NOTE_FIRST, "100 %% unwritten: none extended");
	text = report_wide(r);
	assert_int_equal(at(text, "! 100 % unwritten: none extended\n"), 0);
	assert_true(at(text, "diowait ") < at(text, "kernel   6.18.44"));
	assert_has(text, "mixed.job  2026-11-23 01:40:00 UTC\n");
	assert_has(text, ", hypervisor KVM\n");
	assert_has(text, "fs       ext4 on /dev/loop0");
	assert_has(text, "mount    rw,relatime,stripe=16,data=ordered\n");
	assert_has(text, "scheduler none, cache write back");
	assert_has(text, "loop     dio on, backed by ext4");
	assert_has(text, "libaio, 3 rounds, 3 s measured, iodepth 16, bs 4k, "
			 "reap each\n");
	assert_has(text, "job mixed, libaio\n");
	assert_has(text, " overwrite          84000  28.0 k slat");
	assert_has(text, "mix 70.0 % (asked 70.0 %), victim 34.0 % of lat");
	assert_has(text, "path queued >99.9 %, inline 9; done at return ");
	assert_has(text, "errors ENOSPC 5\n");
	assert_has(text, "short 3\n");
	assert_has(text, "rounds p50: slat 143 us .. 157 us, lat 148 us .. 163");
	assert_has(text, "size 805306368 -> 952762368 bytes (+147456000), "
			 "extended by 147456000, appended 147456000: all agree\n");
	assert_has(text, "before 3: 768 MiB written");
	assert_has(text, "tier 1 (times and context switches)");
	assert_has(text, "operations: the call slept, and the write was done when");
	assert_has(text, "noise    steal up to 0.4 %");
	assert_true(at(text, "growth ") < at(text, "evidence "));
	assert_true(at(text, "evidence ") < at(text, "noise "));
	assert_true(at(text, "noise ") < at(text, "warning: a warning\n"));
	assert_true(at(text, "warning: ") < at(text, "note: an info\n"));
	assert_null(strstr(text, "INTERRUPTED"));
	assert_null(strstr(text, "batched"));
	assert_null(strstr(text, "punted"));
	assert_null(strstr(text, "saturated"));
	free(text);
	result_free(r);
}

/* KVM signs thrice; others are shown as they sign, and vendors as they are. */
static void test_why(void **state)
{
	struct result *r = sample_result();
	char *text;

	(void)state;
	sample_why(r);
	text = report_wide(r);
	assert_has(text, "path forced_wait 49.9 %, inline 0.1 %, punted 50.0 %, of these "
			 "36 inline although told to wait; done at return");
	assert_has(text, "   punted, then forced_wait 66.7 %, queued 33.3 %\n");
	assert_has(text, "   ran inside EOF 16.7 %, at EOF 83.3 %\n");
	assert_has(text, "behind 0.0 %\n");
	assert_has(text, "   slat is running 25.0 %, sleep 75.0 %\n");
	assert_has(text, "   lat is sleep 99.0 %, unaccounted 1.0 %\n");
	assert_has(text, "   FORCED_WAIT 36000 times, ");
	assert_has(text, ": waited for its own I/O\n");
	/* What has no name is shown whole, so that it can get one. */
	assert_has(text, "stack io_schedule < never_seen < ext4_file_write_iter\n");
	assert_has(text, " slowest append: lat 2.00 ms, slat 3.00 us, round 2, thread 0, "
			 "offset 12288, punted, then forced_wait\n");
	assert_has(text, "   +100 us    sleep       900 us   I_RWSEM_W (ended by the "
			 "write at 4096)\n");
	assert_has(text, "   and 1 shorter, 3.00 us together\n");
	assert_has(text, "tier 2 (kernel events), 1.00 ms blocked, 99.2 % of it with a "
			 "named cause\n");
	assert_null(strstr(text, "--why"));
	/* The other kind had no events: victim stands where it always did. */
	assert_has(text, "victim 34.0 % of lat");
	free(text);
	r->named_known = false;
	r->evidence_tier = 1;
	r->evidence_missing = strdup("needs CAP_PERFMON");
	text = report_wide(r);
	assert_has(text, "no kernel events (tier 2): needs CAP_PERFMON\n");
	free(text);
	result_free(r);
}

static void test_hypervisor(void **state)
{
	static const char *const t[][2] = {
		{ "KVMKVMKVM", "KVM" },
		{ "KVMKVMKVM QEMU Standard PC", "KVM QEMU Standard PC" },
		{ "KVMKVMKVMX", "KVMKVMKVMX" },
		{ "Microsoft Hv", "Microsoft Hv" },
		{ "none", "none" },
	};
	struct result *r = sample_result();
	char want[80], *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		facts_text(&r->host, "hypervisor", t[i][0]);
		text = report_wide(r);
		snprintf(want, sizeof(want), ", hypervisor %s\n", t[i][1]);
		assert_has(text, want);
		free(text);
	}
	result_free(r);
}

/* What is only there when something is unusual. */
static void test_caveats(void **state)
{
	struct result *r = sample_result();
	struct result_kind *k = &r->variant->kind[1];
	char *text;

	(void)state;
	r->interrupted = true;
	r->blocked_min_ns = 5000;
	r->evidence_lost = 4;
	r->growth.appended_bytes++;
	r->growth.before.known = false;
	r->growth.after.known = false;
	k->batched = 36000;
	k->path[RESULT_PUNTED] = 18000;
	k->lat.sum.saturated = 2;
	k->modelled = true;
	free(k->engine);
	k->engine = strdup("io_uring");
	text = report_wide(r);
	assert_int_equal(at(text, "INTERRUPTED"), 0);
	assert_has(text, "slat is shared by the writes of a batched call: 36000");
	assert_has(text, "slat of a punted write is its hand-over");
	assert_has(text, "saturated: 2 times past 137 s");
	assert_has(text, "modelled in user space");
	assert_has(text, "THEY DIFFER");
	assert_has(text, "states unknown: no FIEMAP\n");
	assert_has(text, "a call of at least 5.00 us counts");
	assert_has(text, "4 events lost");
	/* Two engines: two tables, though one job. */
	assert_has(text, "job mixed, libaio\n");
	assert_has(text, "job mixed, io_uring\n");

	free(text);
	free(k->kind);
	k->kind = strdup("straddle");
	text = report_wide(r);
	assert_null(strstr(text, "THEY DIFFER"));
	assert_has(text, "straddle and gap");
	free(text);
	result_free(r);
}

/* Bytes that extended and were not appended: gaps, if there are some. */
static void test_growth_gaps(void **state)
{
	struct result *r = sample_result();
	char *text;

	(void)state;
	r->growth.appended_bytes -= 3 * 4096;
	text = report_wide(r);
	assert_has(text, "appended 147443712: THEY DIFFER\n");
	free(text);
	r->growth.gaps = 3;
	text = report_wide(r);
	assert_has(text, "appended 147443712: the difference is gaps: later ones "
			 "landed behind 3 that failed\n");
	free(text);
	/* They don't explain a size that is not what was acknowledged. */
	r->growth.size_after++;
	text = report_wide(r);
	assert_has(text, "THEY DIFFER\n");
	free(text);
	result_free(r);
}

/* What was counted is a share of the time in which it was. */
static void test_noise_window(void **state)
{
	struct result *r = sample_result();
	struct facts *noise = &r->variant->round[2].noise;
	char *text;

	(void)state;
	facts_int(noise, "psi.cpu_some_ns", 1500000000);
	facts_int(noise, "steal_ns", 2000000000);
	facts_int(noise, "window_ns", 2000000000);
	text = report_wide(r);
	assert_has(text, "noise    steal up to 50.0 % of the CPUs in a round, "
			 "CPU pressure up to 75.0 %,");
	free(text);
	result_free(r);
}

static void fill_hostile(char *buf, size_t size, unsigned int salt)
{
	size_t i;

	for (i = 0; i + 1 < size; i++)
		buf[i] = (char)(1 + (i * 37 + salt * 11) % 255);
	buf[size - 1] = '\0';
}

static void make_hostile(struct result *r)
{
	static const char *const path[] = {
		"kernel",
		"cpu",
		"hypervisor",
		"governor",
		"filesystem.type",
		"filesystem.source",
		"filesystem.mount_options",
		"block.name",
		"block.scheduler",
		"block.write_cache",
		"loop.backing_fs",
		"loop.backing_file",
	};
	char text[701];
	unsigned int i;
	size_t j;

	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		fill_hostile(text, sizeof(text), i);
		facts_text(&r->host, path[i], text);
	}
	facts_text(&r->variant->keys, text, text);
	free(r->workload_name);
	r->workload_name = strdup(text);
	for (j = 0; j < r->variant->kind_nr; j++) {
		struct result_kind *k = &r->variant->kind[j];

		free(k->job);
		k->job = strdup(text);
		free(k->kind);
		k->kind = strdup(text + 350);
		free(k->engine);
		k->engine = strdup("\xe2\x80\xae\x1b[2J\xc2\x9b");
		k->ops = UINT64_MAX;
		k->iops = 1e30;
		k->slat.sum.max_ns = UINT64_MAX;
	}
	result_note_add(r, RESULT_NOTE_FIRST, "%s", text);
	result_note_add(r, RESULT_NOTE_WARN, "%s%s", text, text);
	result_note_add(r, RESULT_NOTE_INFO, "%s", "");
}

static void test_hostile(void **state)
{
	static const unsigned int columns[] = { 0, 24, 40, 72, 200 };
	struct result *r = sample_result();
	size_t i;

	(void)state;
	make_hostile(r);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		unsigned int most = columns[i] ? columns[i] : 72;
		char *text = report_text(r, columns[i], false);

		check_lines(text, most, true);
		free(text);
		text = report_text(r, columns[i], true);
		check_lines(text, most, false);
		/* Neither the escape, nor CSI, nor right-to-left override. */
		assert_null(strstr(text, "\x1b"));
		assert_null(strstr(text, "\xc2\x9b"));
		assert_null(strstr(text, "\xe2\x80\xae"));
		free(text);
	}
	result_free(r);
}

static char *folded(unsigned int columns, bool utf8, const char *line)
{
	struct lines l = { .columns = columns, .utf8 = utf8 };
	char *text = NULL;
	size_t size = 0;

	l.out = open_memstream(&text, &size);
	assert_non_null(l.out);
	lines_put(&l, 2, "%s", line);
	fclose(l.out);
	assert_int_equal(l.err, 0);
	return text;
}

static void check_folded(unsigned int columns, bool utf8, const char *line,
			 const char *want)
{
	char *text = folded(columns, utf8, line);

	assert_string_equal(text, want);
	free(text);
}

static void test_folding(void **state)
{
	(void)state;
	check_folded(12, false, "", "\n");
	check_folded(12, false, "123456789012", "123456789012\n");
	check_folded(12, false, "1234567890123", "123456789012\n  3\n");
	check_folded(12, false, "one two three four", "one two\n  three four\n");
	check_folded(12, false, "one two thre four", "one two thre\n  four\n");
	check_folded(14, false, "rw,relatime,discard", "rw,relatime,\n  discard\n");
	check_folded(12, false, "tab\there\n", "tab?here?\n");
	check_folded(12, false, "caf\xc3\xa9 \xff", "caf? ?\n");
	check_folded(12, true, "caf\xc3\xa9 \xff", "caf\xc3\xa9 ?\n");
	/* A number stays with its unit. */
	check_folded(12, false, "it took 12 us, or so", "it took\n  12 us, or\n  so\n");
	check_folded(12, false, "it took 12 seconds", "it took 12\n  seconds\n");
	check_folded(12, false, "and up to 34.2 %", "and up to\n  34.2 %\n");
	check_folded(12, false, "of them 64 KiB", "of them\n  64 KiB\n");
	/* ... where the line would not be nearly empty. */
	check_folded(12, false, "1234567890 us", "1234567890\n  us\n");
	/* Not in the middle of a character. */
	check_folded(12, true, "aaaaaaaaaaa\xc3\xa9z", "aaaaaaaaaaa\n  \xc3\xa9z\n");
}

/* Nothing known of the host, nothing measured: still a report. */
static void test_bare(void **state)
{
	struct result *r = result_new(NULL, 0);
	char *text;

	(void)state;
	assert_non_null(r);
	text = report_wide(r);
	assert_has(text, "nothing was measured\n");
	assert_has(text, "tier 0 (times only)");
	free(text);
	result_free(r);
}

/* Several variants are told apart by their keys; empty kinds show no numbers. */
static void test_variants(void **state)
{
	struct result *r = sample_result(), *other = sample_result();
	struct result_kind *k;
	char *text;

	(void)state;
	r->variant = realloc(r->variant, 2 * sizeof(*r->variant));
	r->variant[1] = other->variant[0];
	r->variant_nr = 2;
	free(other->variant);
	other->variant = NULL;
	other->variant_nr = 0;
	result_free(other);
	facts_int(&r->variant[1].keys, "iodepth", 32);
	k = &r->variant[1].kind[0];
	memset(&k->lat.sum, 0, sizeof(k->lat.sum));
	memset(&k->slat.sum, 0, sizeof(k->slat.sum));
	k->ops = 0;
	k->iops = 0;
	memset(k->path, 0, sizeof(k->path));
	text = report_wide(r);
	assert_has(text,
		   "libaio, 2 variants, 3 rounds, 6 s measured, bs 4k, reap each\n");
	assert_has(text, "variant 1 of 2: iodepth 16\n");
	assert_has(text, "variant 2 of 2: iodepth 32\n");
	assert_has(text, " overwrite              0       0 slat        -");
	free(text);
	result_free(r);
}

static void test_stream_error(void **state)
{
	struct result *r = sample_result();
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	if (!out)
		missing("no /dev/full here");
	assert_int_equal(report_write(r, NULL, out), -ENOSPC);
	fclose(out);
	result_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),	     cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_content),	     cmocka_unit_test(test_caveats),
		cmocka_unit_test(test_hypervisor),   cmocka_unit_test(test_why),
		cmocka_unit_test(test_growth_gaps),  cmocka_unit_test(test_noise_window),
		cmocka_unit_test(test_hostile),	     cmocka_unit_test(test_folding),
		cmocka_unit_test(test_bare),	     cmocka_unit_test(test_variants),
		cmocka_unit_test(test_stream_error),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
