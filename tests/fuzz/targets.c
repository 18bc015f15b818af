// SPDX-License-Identifier: GPL-2.0-or-later
#include "targets.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/symbols.h"
#include "evidence/tracefs.h"
#include "result/result.h"
#include "workload/arith.h"
#include "workload/suite.h"
#include "workload/units.h"
#include "workload/workload.h"

#define CHECK(what) ((what) ? (void)0 : fuzz_fail(__LINE__, #what))

static void fuzz_fail(int line, const char *what)
{
	fprintf(stderr, "targets.c:%d: not so: %s\n", line, what);
	abort();
}

/* The input as a file, the same one each time; its path is in name. */
static const char *as_file(const uint8_t *data, size_t size)
{
	static char name[40];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	}
	CHECK(!ftruncate(fd, 0));
	CHECK(pwrite(fd, data, size, 0) == (ssize_t)size);
	return name;
}

/* The input as text, up to its first NUL; to be freed. */
static char *as_text(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	CHECK(text);
	return text;
}

/* Whoever prints an error makes one line of it; that there is one is the reader's part. */
static void check_error(const char *text)
{
	CHECK(*text);
}

/* As a report outside of a terminal is: 72 columns of ASCII, whatever names are in it. */
static void check_report(const char *text)
{
	size_t column = 0;

	for (; *text; text++) {
		column = *text == '\n' ? 0 : column + 1;
		CHECK(*text == '\n' || (*text >= ' ' && *text <= '~'));
		CHECK(column <= 72);
	}
}

/* A workload that is taken is printed, and what is printed is the same workload. */
static void run_job(const uint8_t *data, size_t size)
{
	struct workload *w, *again;
	struct workload_error err = { { 0 } };
	char *text = as_text(data, size), *printed, *twice;

	if (workload_parse_text("fuzz.job", text, NULL, 0, &w, &err)) {
		check_error(err.text);
	} else {
		printed = workload_print(w);
		CHECK(printed);
		if (workload_parse_text("printed.job", printed, NULL, 0, &again, &err))
			fprintf(stderr, "%s\n%s", err.text, printed);
		else
			err.text[0] = '\0';
		CHECK(!err.text[0]);
		twice = workload_print(again);
		CHECK(twice);
		if (strcmp(printed, twice))
			fprintf(stderr, "%s---\n%s", printed, twice);
		CHECK(!strcmp(printed, twice));
		free(printed);
		free(twice);
		workload_free(again);
		workload_free(w);
	}
	free(text);
}

/* What a number reads as, it is again when it was printed. */
static void run_number(const uint8_t *data, size_t size)
{
	char *text = as_text(data, size), buf[UNITS_TEXT_MAX], reduced[256];
	uint64_t a, b, c;
	unsigned int percent, nr;
	double x, p[16];

	if (!units_parse_size(text, &a))
		CHECK(!units_parse_size(units_print_size(a, buf), &b) && a == b);
	if (!units_parse_time(text, UNITS_NS_PER_S, &a))
		CHECK(!units_parse_time(units_print_time(a, buf), UNITS_NS_PER_S, &b) &&
		      a == b);
	if (!units_parse_range(text, &a, &b))
		CHECK(a <= b);
	if (!units_parse_share(text, &a, &percent))
		CHECK(!percent || (percent <= 100 && !a));
	if (!units_parse_decimal(text, strlen(text), &x)) {
		double y;

		units_print_decimal(x, buf);
		CHECK(!units_parse_decimal(buf, strlen(buf), &y) && x == y);
	}
	if (!units_parse_percentiles(text, p, 16, &nr))
		for (c = 0; c < nr; c++)
			CHECK(p[c] > 0 && p[c] <= 100 && (!c || p[c - 1] < p[c]));
	if (!arith_reduce(text, reduced, sizeof(reduced)))
		CHECK(memchr(reduced, '\0', sizeof(reduced)));
	(void)arith_is_in(text);
	(void)arith_is_bare(text);
	free(text);
}

/* A result that is taken is written, reported, and taken again. */
static void run_result(const uint8_t *data, size_t size)
{
	const struct report_style style = { 0 };
	char err[1024] = "", *text = NULL;
	struct result *r = NULL;
	size_t bytes;
	FILE *out;

	if (result_read(as_file(data, size), &r, err, sizeof(err))) {
		check_error(err);
		return;
	}
	out = open_memstream(&text, &bytes);
	CHECK(out && !report_write(r, &style, out) && !fclose(out));
	check_report(text);
	free(text);
	text = NULL;
	out = open_memstream(&text, &bytes);
	CHECK(out && !result_dump(r, out) && !fclose(out));
	result_free(r);
	if (result_read(as_file((const uint8_t *)text, bytes), &r, err, sizeof(err)))
		fprintf(stderr, "%s\n", err);
	else
		result_free(r);
	CHECK(r);
	free(text);
}

static void run_suite(const uint8_t *data, size_t size)
{
	struct suite *s = NULL;
	char err[1024] = "";

	if (suite_read(as_file(data, size), &s, err, sizeof(err)))
		check_error(err);
	suite_free(s);
}

static void run_symbols(const uint8_t *data, size_t size)
{
	struct symbols *s;
	uint64_t at;
	const char *name;

	if (symbols_load(as_file(data, size), &s))
		return;
	CHECK(symbols_count(s) > 0);
	for (at = 0xffffffff80000000u; at < 0xffffffff80001000u; at += 64) {
		name = symbols_name(s, at);
		CHECK(!name || *name);
	}
	(void)symbols_name(s, 0);
	(void)symbols_name(s, UINT64_MAX);
	(void)symbols_address(s, "a");
	symbols_free(s);
}

/* events/s/e/format below a folder that stands for tracefs. */
static void run_format(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "ino", "pos" };
	static int root = -1;
	struct tracefs_field field[2];
	const char *why = NULL;
	uint64_t id;
	int i;

	if (root < 0) {
		CHECK(!mkdir("events", 0700) && !mkdir("events/s", 0700) &&
		      !mkdir("events/s/e", 0700) &&
		      !symlink(as_file(data, size), "events/s/e/format"));
		root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	(void)as_file(data, size);
	if (tracefs_format(root, "s", "e", names, field, 2, &id, &why)) {
		CHECK(why && *why);
		return;
	}
	for (i = 0; i < 2; i++)
		CHECK(field[i].bytes && field[i].bytes <= 8 &&
		      !(field[i].bytes & (field[i].bytes - 1)));
}

static const struct fuzz_target targets[] = {
	{ "job", run_job },	{ "number", run_number },   { "result", run_result },
	{ "suite", run_suite }, { "symbols", run_symbols }, { "format", run_format },
};

/*
 * Includes of a job file are looked for in a folder that is gone already, so that nothing
 * is left, however the process ends; format needs one that is there, and leaves it where
 * it ends badly.
 */
static char folder[] = "/tmp/diowait-fuzz.XXXXXX";

static void leave(void)
{
	(void)unlink("events/s/e/format");
	(void)rmdir("events/s/e");
	(void)rmdir("events/s");
	(void)rmdir("events");
	(void)rmdir(folder);
}

const struct fuzz_target *fuzz_target_open(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(targets[i].name, name))
			continue;
		CHECK(mkdtemp(folder) && !chdir(folder));
		CHECK(targets[i].run == run_format ? !atexit(leave) : !rmdir(folder));
		CHECK(freopen("/dev/null", "r", stdin));
		return &targets[i];
	}
	return NULL;
}
