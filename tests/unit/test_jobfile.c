/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar: fio's job files, right, wrong, and as nasty as they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parse_helper.h"
#include "workload/jobfile.h"

static void test_shape(void **state)
{
	static const char text[] = "\xef\xbb\xbf; a comment\r\n"
				   "# another\r\n"
				   "\r\n"
				   "  \t[global]  \r\n"
				   "\tioengine = io_uring \t; inline\r\n"
				   "direct=1# no blank needed\r\n"
				   "rw=write\r\n"
				   "size=1m\r\n"
				   "bs=8k\r\n"
				   "[globals, more]\r\n"
				   "bs=16k\r\n"
				   "[ first job.1-a ]\r\n"
				   "thread\r\n"
				   "time_based\r\n"
				   "timeout=5\r\n"
				   "[global]\r\n"
				   "bs=32k\r\n"
				   "[second]\r\n"
				   "stonewall\r\n"
				   "filename=x=y"; /* no newline at the end */
	struct workload *w = parse_ok(text, NULL, 0);
	const struct workload_job *a = &w->job[0], *b = &w->job[1];

	(void)state;
	assert_int_equal(w->job_nr, 2);
	assert_string_equal(w->name, "t.job");
	assert_string_equal(a->name, "first job.1-a");
	assert_string_equal(a->file, "t.job");
	assert_int_equal(a->line, 12);
	assert_int_equal(a->ioengine, WORKLOAD_IO_URING);
	assert_int_equal(a->bs.min_bytes, 16384);
	assert_true(a->thread && a->time_based && !a->stonewall);
	assert_int_equal(a->runtime_ns, 5000000000);
	/* A later [global] amends what follows, not what was. */
	assert_int_equal(b->bs.max_bytes, 32768);
	assert_true(b->stonewall && !b->thread);
	assert_string_equal(b->filename, "x=y");
	assert_true(workload_is_set(b, "blocksize"));
	assert_false(workload_is_set(b, "iodepth"));
	assert_false(workload_is_set(b, "nonsense"));
	assert_int_equal(w->note_nr, 0);
	check_fixpoint(w);
	workload_free(w);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *err;
	} row[] = {
		{ "", "t.job: no job section" },
		{ "# nothing\n\n", "t.job: no job section" },
		{ HEAD, "t.job: no job section" },
		{ "bs=4k\n[a]\n", "t.job:1: 'bs=4k' stands before the first [section]" },
		{ "include x\n[a]\n",
		  "t.job:1: 'include x' stands before the first [section]" },
		{ "[a\n", "t.job:1: '[a': a section must be [NAME]" },
		{ "[a # ]\n", "t.job:1: '[a': a section must be [NAME]" },
		{ "[a] b\n", "t.job:1: '[a] b': text behind the ']'" },
		{ "[a]]\n", "t.job:1: '[a]]': text behind the ']'" },
		{ "[ ]\n", "t.job:1: the section's name must have 1..255 bytes" },
		{ "[a\tb]\n", "t.job:1: [a?b]: must be printable UTF-8 text" },
		{ "[\xff]\n", "t.job:1: [\xff]: must be printable UTF-8 text" },
		{ PLAIN "[b]\n[a]\n", "t.job:8: [a]: this job is there "
				      "already, at t.job:6; each needs its own name" },
		{ PLAIN "=4k\n", "t.job:7: no option before the '='" },
		{ PLAIN "iodpeth=4\n", "t.job:7: unknown option 'iodpeth' "
				       "(did you mean 'iodepth'?)" },
		{ PLAIN "colour=4\n", "t.job:7: unknown option 'colour'" },
		{ PLAIN "rate_min=5\n",
		  "t.job:7: option 'rate_min' of fio is not supported"
		  ": it would end the run: how late an open loop was is in the report" },
		{ PLAIN "blockalign=6k\n",
		  "t.job:7: blockalign=6k: must be a multiple of the smallest "
		  "length, 4k" },
		{ PLAIN "loops=0\n", "t.job:7: loops=0: must be 1..1000000" },
		{ PLAIN "io_size=50%\nloops=2\nsize=50%\nfilename=/dev/x\n",
		  "t.job:8: loops=2: needs a size in bytes, or number_ios, that it can "
		  "multiply" },
		{ PLAIN "io_size=1024p\nloops=1000000\n",
		  "t.job:8: loops=1000000: is too large: it comes to more than 1024p of I/O" },
		{ PLAIN "number_ios=10000000000000000000\nloops=2\n",
		  "t.job:8: loops=2: is too large for number_ios=10000000000000000000" },
		{ PLAIN "ignore_error=EIO,EWRONG\n",
		  "t.job:7: ignore_error=EIO,EWRONG: must be errors, as EIO:28, of reads, "
		  "then after a comma of writes" },
		{ PLAIN "ignore_error=EIO:\n",
		  "t.job:7: ignore_error=EIO:: must be errors, as EIO:28, of reads, then "
		  "after a comma of writes" },
		{ PLAIN "ignore_error=,4096\n",
		  "t.job:7: ignore_error=,4096: must be errors, as EIO:28, of reads, then "
		  "after a comma of writes" },
		{ PLAIN "continue_on_error=never\n",
		  "t.job:7: continue_on_error=never: must be none, read, write or io" },
		{ PLAIN "iodepth=0\n", "t.job:7: iodepth=0: must be 1..65536" },
		{ PLAIN "bs=0\n", "t.job:7: bs=0: must be 512..1g bytes, a "
				  "multiple of 512" },
		{ PLAIN "iodepth\n", "t.job:7: iodepth: needs a value: 1..65536" },
		{ PLAIN "iodepth=\n", "t.job:7: iodepth=: needs a value: 1..65536" },
		{ PLAIN "filename_format=f.$jobs\n",
		  "t.job:7: filename_format=f.$jobs: must be a name without /, with no other $ than "
		  "$jobname, $jobnum and $filenum" },
		{ PLAIN "filename_format=f.$jobnum\nnumjobs=2\n[b]\nrw=write\n"
			"size=1m\nnumjobs=2\nfilename_format=f.$jobnum\n",
		  "t.job:13: filename_format=f.$jobnum: names the files of job a, too: put "
		  "$jobname in it" },
		{ PLAIN "filename=f.$jobnum\n",
		  "t.job:7: filename=f.$jobnum: "
		  "the keyword $jobnum is not supported yet; write the value "
		  "itself" },
		{ PLAIN "filename=${HOME\n",
		  "t.job:7: filename: '${' without "
		  "its '}', or more than a variable's name between them" },
		{ PLAIN "filename=${A${B}}\n",
		  "t.job:7: filename: '${' "
		  "without its '}', or more than a variable's name between "
		  "them" },
		{ PLAIN "filename=${}\n", "t.job:7: filename: ${} needs a "
					  "variable's name of 1..255 bytes" },
		{ PLAIN "iodepth=${DIOWAIT_UNSET}\n",
		  "t.job:7: "
		  "iodepth=${DIOWAIT_UNSET}: is empty: the variable is not "
		  "set" },
		{ PLAIN "filename=a\001b\n", "t.job:7: filename=a?b: must be "
					     "printable UTF-8 text" },
		{ PLAIN "include\n",
		  "t.job:7: include takes a file's name, without '='" },
		{ PLAIN "include = x\n",
		  "t.job:7: include takes a file's name, without '='" },
		{ PLAIN "include /nonexistent/x\n",
		  "t.job:7: can't read "
		  "/nonexistent/x: No such file or directory" },
		{ PLAIN "includes=x\n", "t.job:7: unknown option 'includes'" },
	};
	size_t i;

	(void)state;
	unsetenv("DIOWAIT_UNSET");
	for (i = 0; i < NR(row); i++)
		parse_fails(row[i].text, NULL, 0, row[i].err);
}

static void test_environment(void **state)
{
	struct workload *w;

	(void)state;
	setenv("DIOWAIT_A", " 8k ", 1);
	setenv("DIOWAIT_B", "x", 1);
	setenv("DIOWAIT_BAD", "a;b", 1);
	setenv("DIOWAIT_AGAIN", "${HOME}", 1);
	unsetenv("DIOWAIT_UNSET");
	w = parse_ok(PLAIN "bs=${DIOWAIT_A}\n"
			   "filename=f${DIOWAIT_B}${DIOWAIT_UNSET}.${DIOWAIT_B}\n",
		     NULL, 0);
	assert_int_equal(w->job[0].bs.min_bytes, 8192);
	assert_string_equal(w->job[0].filename, "fx.x");
	check_fixpoint(w);
	workload_free(w);
	parse_fails(PLAIN "filename=${DIOWAIT_BAD}\n", NULL, 0,
		    "t.job:7: filename=a;b: a value can't contain ';', '#' or "
		    "'${'");
	parse_fails(PLAIN "filename=${DIOWAIT_AGAIN}\n", NULL, 0,
		    "t.job:7: filename=${HOME}: a value can't contain ';', '#' "
		    "or '${'");
}

/* A string of n times c between before and after; the caller frees it. */
static char *pad(const char *before, char c, size_t n, const char *after)
{
	size_t head = strlen(before);
	char *s = malloc(head + n + strlen(after) + 1);

	assert_non_null(s);
	strcpy(s, before);
	memset(s + head, c, n);
	strcpy(s + head + n, after);
	return s;
}

static void test_limits(void **state)
{
	static const struct {
		const char *before;
		char c;
		size_t n;
		const char *after, *err; /* NULL: is fine */
	} row[] = {
		{ PLAIN ";", 'x', 4095, "\n", NULL },
		{ PLAIN ";", 'x', 4096, "\n",
		  "t.job:7: the line has more than 4096 bytes" },
		{ HEAD "rw=write\nsize=1m\n[", 'x', 255, "]\n", NULL },
		{ HEAD "rw=write\nsize=1m\n[", 'x', 256, "]\n",
		  "t.job:6: the section's name must have 1..255 bytes" },
		{ PLAIN, '\n', (1 << 20) - sizeof(PLAIN) + 1, "", NULL },
		{ PLAIN, '\n', (1 << 20) - sizeof(PLAIN) + 2, "",
		  "t.job: larger than 1048576 bytes" },
	};
	struct workload_error err;
	size_t i, len;
	char *text;
	FILE *out;

	(void)state;
	for (i = 0; i < NR(row); i++) {
		text = pad(row[i].before, row[i].c, row[i].n, row[i].after);
		if (row[i].err)
			parse_fails(text, NULL, 0, row[i].err);
		else
			workload_free(parse_ok(text, NULL, 0));
		free(text);
	}
	/* A key and a value of the whole line: one line, cut, whatever. */
	text = pad(PLAIN, 'k', 4096, "\n");
	assert_int_equal(workload_parse_text("t.job", text, NULL, 0, NULL, &err),
			 -EINVAL);
	assert_true(strlen(err.text) < 200);
	free(text);
	out = open_memstream(&text, &len);
	fputs(HEAD "rw=write\nsize=1m\n", out);
	for (i = 0; i <= 1024; i++)
		fprintf(out, "[j%zu]\n", i);
	fclose(out);
	parse_fails(text, NULL, 0, "t.job:1030: more than 1024 jobs");
	free(text);
}

struct files {
	char dir[64];
	char path[4][128];
};

static void file_write(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int setup_files(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	strcpy(f->dir, "/tmp/diowait-test-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path[0], sizeof(f->path[0]), "%s/a.job", f->dir);
	snprintf(f->path[1], sizeof(f->path[1]), "%s/b.job", f->dir);
	snprintf(f->path[2], sizeof(f->path[2]), "%s/c.inc", f->dir);
	snprintf(f->path[3], sizeof(f->path[3]), "%s/d.inc", f->dir);
	*state = f;
	return 0;
}

static int teardown_files(void **state)
{
	struct files *f = *state;
	size_t i;

	for (i = 0; i < NR(f->path); i++)
		(void)unlink(f->path[i]);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

/* Every "%s" of want becomes dir. */
static void put_dir(const char *want, const char *dir, char *line, size_t size)
{
	size_t at = 0;

	while (*want && at + 1 < size) {
		if (want[0] == '%' && want[1] == 's') {
			at += (size_t)snprintf(line + at, size - at, "%s", dir);
			want += 2;
		} else {
			line[at++] = *want++;
		}
	}
	assert_true(at < size);
	line[at] = '\0';
}

/* Parses the nr first files and expects success, or the line dir + want. */
static struct workload *parse_files(struct files *f, size_t nr, const char *want)
{
	const char *path[] = { f->path[0], f->path[1] };
	struct workload_error err = { "" };
	struct workload *w = NULL;
	char line[512];
	int ret;

	ret = workload_parse_files(path, nr, NULL, 0, &w, &err);
	if (!want) {
		if (ret)
			fail_msg("%s", err.text);
		return w;
	}
	assert_int_not_equal(ret, 0);
	assert_null(w);
	put_dir(want, f->dir, line, sizeof(line));
	assert_string_equal(err.text, line);
	return NULL;
}

static void put(struct files *f, size_t i, const char *text)
{
	file_write(f->path[i], text, strlen(text));
}

static void test_include(void **state)
{
	struct files *f = *state;
	struct workload *w;

	put(f, 0, PLAIN "bs=8k\ninclude c.inc ; here\niodepth=2\n");
	put(f, 2, "bs=16k\niodepth=7\n\tinclude ./d.inc");
	put(f, 3, "rounds=3");
	w = parse_files(f, 1, NULL);
	/* At the point of use: before it loses, after it wins. */
	assert_int_equal(w->job[0].bs.min_bytes, 16384);
	assert_int_equal(w->job[0].iodepth, 2);
	assert_int_equal(w->job[0].rounds, 3);
	assert_string_equal(w->text,
			    PLAIN "bs=8k\n"
				  "# include c.inc\nbs=16k\niodepth=7\n"
				  "# include ./d.inc\nrounds=3\n# end of ./d.inc\n"
				  "# end of c.inc\niodepth=2\n");
	assert_string_equal(w->name, "a.job");
	/* The expanded text is a job file of the same identity. */
	{
		struct workload *again = parse_ok(w->text, NULL, 0);

		assert_string_equal(again->sha256, w->sha256);
		workload_free(again);
	}
	check_fixpoint(w);
	workload_free(w);

	put(f, 3, "[b]\n");
	parse_files(f, 1,
		    "%s/./d.inc:1: an included file can't have sections "
		    "('[b]')");
	put(f, 3, "\n\niodepht=1\n");
	parse_files(f, 1,
		    "%s/./d.inc:3: unknown option 'iodepht' (did you "
		    "mean 'iodepth'?)");
	put(f, 2, "include a.inc\n");
	parse_files(f, 1,
		    "%s/c.inc:1: can't read %s/a.inc: No such file or "
		    "directory");
	put(f, 2, "include .\n");
	parse_files(f, 1, "%s/c.inc:1: can't read %s/.: Is a directory");
}

static void test_include_loop(void **state)
{
	struct files *f = *state;
	char *big;

	put(f, 0, PLAIN "include c.inc\n");
	put(f, 2, "include c.inc\n");
	parse_files(f, 1, "%s/c.inc:1: includes are nested deeper than 16");
	/* Wide instead of deep: the sum is limited, too. */
	put(f, 2,
	    "include d.inc\ninclude d.inc\ninclude d.inc\n"
	    "include d.inc\ninclude d.inc\n");
	big = pad("", '\n', 1 << 20, "");
	put(f, 3, big);
	free(big);
	parse_files(f, 1,
		    "%s/d.inc: more than 4194304 bytes with all "
		    "includes");
}

static void test_files(void **state)
{
	struct files *f = *state;
	struct workload *w;

	put(f, 0, HEAD "rw=write\nsize=1m\nbs=8k\n[a]\n[b]\n");
	put(f, 1, HEAD "rw=write\nsize=1m\n[c]\n[d]\n");
	w = parse_files(f, 2, NULL);
	assert_string_equal(w->name, "a.job+b.job");
	assert_int_equal(w->job_nr, 4);
	/* Globals end with their file; the second file waits for the first. */
	assert_int_equal(w->job[1].bs.min_bytes, 8192);
	assert_int_equal(w->job[2].bs.min_bytes, 4096);
	assert_false(w->job[0].stonewall || w->job[1].stonewall || w->job[3].stonewall);
	assert_true(w->job[2].stonewall);
	assert_string_equal(w->job[2].file, f->path[1]);
	check_fixpoint(w);
	workload_free(w);

	put(f, 1, PLAIN);
	parse_files(f, 2,
		    "%s/b.job:6: [a]: this job is there already, at "
		    "%s/a.job:7; each needs its own name");
	put(f, 1, "[global]\n");
	parse_files(f, 2, "%s/b.job: no job section");
	put(f, 1, "rw=write\n");
	parse_files(f, 2,
		    "%s/b.job:1: 'rw=write' stands before the first "
		    "[section]");
	unlink(f->path[1]);
	parse_files(f, 2, "can't read %s/b.job: No such file or directory");
	parse_files(f, 0, "no workload file");
}

static void test_nul(void **state)
{
	static const char text[] = PLAIN "; a\0b\n";
	struct files *f = *state;

	file_write(f->path[0], text, sizeof(text) - 1);
	parse_files(f, 1, "%s/a.job:7: a NUL byte: this is no text");
}

static void test_utf8_len(void **state)
{
	static const struct {
		const char *s;
		size_t len;
	} row[] = {
		{ "a", 1 },
		{ "\xc3\xa9", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x98\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "", 0 },
		{ "\x80", 0 },
		{ "\xc3", 0 },
		{ "\xc3(", 0 },
		{ "\xe2\x82", 0 },
		/* Overlong, surrogate, beyond the last one. */
		{ "\xc0\xaf", 0 },
		{ "\xe0\x80\xaf", 0 },
		{ "\xf0\x80\x80\xaf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xff", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NR(row); i++)
		assert_int_equal(jobfile_utf8_len(row[i].s, strlen(row[i].s)),
				 row[i].len);
}

/* What fails must say so in one line; what passes must be a fixpoint. */
static void try_text(const char *text)
{
	struct workload_error err = { "" };
	struct workload *w = NULL;
	const char *p;

	if (!workload_parse_text("t.job", text, NULL, 0, &w, &err)) {
		check_fixpoint(w);
		workload_free(w);
		return;
	}
	assert_null(w);
	assert_int_not_equal(err.text[0], 0);
	assert_null(strstr(err.text, "out of memory"));
	for (p = err.text; *p; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
}

static uint64_t rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* Random damage to a file that has everything; the same on every run. */
static void test_nasty(void **state)
{
	static const char seed_text[] =
		"[global]\nioengine=io_uring\ndirect=1\nbs=4k\niodepth=16\n"
		"rw=randwrite\n[mix]\nmix=overwrite:70,append+dsync:30.5\n"
		"size=256m\nfilename=x:y\\:z\nrounds=10\n"
		"percentile_list=50:99.9\n"
		"[fio]\nstonewall\nsize=10%\nfilename=/dev/x\n"
		"bsrange=4k-64k\noffset=1m ; c\nruntime=1.5m\n"
		"time_based\nblocked_min=5\nfallocate=keep\n";
	static const char bytes[] =
		"\n\n[]=:;#,.+-*%${}()\\ \t\r\"'0189akmgx\001\177\200\377";
	static const char *const word[] = {
		"${HOME}",
		"${",
		"[global]\n",
		"\nbs=",
		"mix=",
		"+unaligned",
		"99999999999999999999",
		"include /dev/null\n",
		"\n[a]\n",
		"filename=",
		"::",
		"\xef\xbb\xbf",
		"$jobnum",
		"0x",
		"-1",
	};
	uint64_t x = 88172645463325252ULL;
	size_t i, n;

	(void)state;
	try_text(seed_text);
	for (i = 0; i < 5000; i++) {
		char text[sizeof(seed_text) + 256];
		size_t len = sizeof(seed_text) - 1;

		strcpy(text, seed_text);
		for (n = rnd(&x) % 4; n < 4; n++) {
			size_t at = rnd(&x) % len, cut;
			const char *w = word[rnd(&x) % NR(word)];

			switch (rnd(&x) % 3) {
			case 0:
				text[at] = bytes[rnd(&x) % (sizeof(bytes) - 1)];
				break;
			case 1:
				cut = rnd(&x) % 9;
				cut = at + cut > len ? len - at : cut;
				memmove(text + at, text + at + cut, len - at - cut + 1);
				len -= cut;
				break;
			default:
				memmove(text + at + strlen(w), text + at, len - at + 1);
				memcpy(text + at, w, strlen(w));
				len += strlen(w);
				break;
			}
			if (!len)
				break;
		}
		try_text(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_limits),
		cmocka_unit_test_setup_teardown(test_include, setup_files,
						teardown_files),
		cmocka_unit_test_setup_teardown(test_include_loop, setup_files,
						teardown_files),
		cmocka_unit_test_setup_teardown(test_files, setup_files, teardown_files),
		cmocka_unit_test_setup_teardown(test_nul, setup_files, teardown_files),
		cmocka_unit_test(test_utf8_len),
		cmocka_unit_test(test_nasty),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
