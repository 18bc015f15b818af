// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scratch directories: what a run makes is gone after it, what a dead run left
 * goes with the next, and nothing else is ever touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <dirent.h>

#include <cmocka.h>

#include "load/scratch.h"

#define MAGIC "diowait scratch 1\n"
#define LEFT SCRATCH_PREFIX "1.0" /* of a run that is dead */

static char top[64]; /* this test's own directory */

static int setup(void **state)
{
	(void)state;
	strcpy(top, "test_scratch.XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static const char *in_top(const char *name)
{
	static char path[4][800];
	static unsigned int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", top, name);
	return path[next];
}

static bool exists(const char *name)
{
	struct stat st;

	return !lstat(in_top(name), &st);
}

static void make_dir(const char *name)
{
	assert_int_equal(mkdir(in_top(name), 0700), 0);
}

static void make_file(const char *name, const char *text)
{
	FILE *f = fopen(in_top(name), "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Entries of a directory; name, when there is one, is that of the last. */
static unsigned int entries(const char *dir, char *name)
{
	unsigned int nr = 0;
	struct dirent *de;
	DIR *d = opendir(dir);

	assert_non_null(d);
	while ((de = readdir(d))) {
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		nr++;
		if (name)
			snprintf(name, 256, "%s", de->d_name);
	}
	closedir(d);
	return nr;
}

/* The tests' own directory: links are removed, not followed. */
static void remove_all(const char *dir)
{
	char path[800];
	struct dirent *de;
	DIR *d = opendir(dir);

	while (d && (de = readdir(d))) {
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
		if (unlink(path) && errno == EISDIR)
			remove_all(path);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
}

static int teardown(void **state)
{
	(void)state;
	remove_all(top);
	return 0;
}

/* A run that sweeps, does nothing and ends. */
static void sweep(void)
{
	struct load_error err;
	struct scratch *s;

	assert_int_equal(scratch_open(top, &s, &err), 0);
	assert_int_equal(scratch_close(s), 0);
}

/* ---- one run ---- */

static void test_life(void **state)
{
	struct load_error err;
	struct scratch *s;
	char name[256], *path[2];
	struct stat st, named;
	int fd;

	(void)state;
	assert_int_equal(scratch_open(top, &s, &err), 0);
	assert_int_equal(entries(top, name), 1);
	assert_memory_equal(name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX));
	assert_int_equal(scratch_begin_round(s), 0);
	fd = scratch_create(s, "a.dat", 0, &path[0]);
	assert_true(fd >= 0);
	/* The descriptor is that of the path, and of nobody else. */
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(stat(path[0], &named), 0);
	assert_int_equal(st.st_ino, named.st_ino);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(scratch_create(s, "a.dat", 0, NULL), -EEXIST);
	fd = scratch_create(s, "b.dat", O_APPEND, &path[1]);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	close(fd);
	assert_int_equal(scratch_remove(s, "a.dat"), 0);
	assert_int_equal(access(path[0], F_OK), -1);
	assert_int_equal(scratch_remove(s, "a.dat"), -ENOENT);
	assert_int_equal(access(path[1], F_OK), 0);
	assert_int_equal(scratch_end_round(s), 0);
	assert_int_equal(access(path[1], F_OK), -1);
	assert_int_equal(scratch_close(s), 0);
	assert_int_equal(entries(top, NULL), 0);
	free(path[0]);
	free(path[1]);
	assert_int_equal(scratch_close(NULL), 0);
}

/* A name that is taken in the round must not lose its file to the second try. */
static void test_create_twice(void **state)
{
	struct load_error err;
	struct scratch *s;
	char *path;
	int fd;

	(void)state;
	assert_int_equal(scratch_open(top, &s, &err), 0);
	assert_int_equal(scratch_begin_round(s), 0);
	fd = scratch_create(s, "a.dat", 0, &path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(scratch_create(s, "a.dat", 0, NULL), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
	free(path);
	assert_int_equal(scratch_close(s), 0);
	assert_int_equal(entries(top, NULL), 0);
}

/* Each round has a directory of its own, and leaves nothing. */
static void test_rounds(void **state)
{
	char dir[3][600], name[256];
	struct load_error err;
	struct scratch *s;
	unsigned int i;

	(void)state;
	assert_int_equal(scratch_open(top, &s, &err), 0);
	for (i = 0; i < 3; i++) {
		char *path;
		int fd;

		assert_int_equal(scratch_begin_round(s), 0);
		fd = scratch_create(s, "same.dat", 0, &path);
		assert_true(fd >= 0);
		close(fd);
		snprintf(dir[i], sizeof(dir[i]), "%s", path);
		*strrchr(dir[i], '/') = '\0';
		free(path);
		assert_true(!i || strcmp(dir[i], dir[i - 1]));
		assert_int_equal(entries(dir[i], NULL), 1);
		if (i == 2)
			break; /* closed in the middle of a round */
		assert_int_equal(scratch_end_round(s), 0);
		assert_int_equal(access(dir[i], F_OK), -1);
	}
	/* What somebody else put there stays, and that is said. */
	assert_int_equal(entries(top, name), 1);
	assert_int_equal(scratch_close(s), 0);
	assert_int_equal(entries(top, NULL), 0);
}

static void test_foreign_in_round(void **state)
{
	struct load_error err;
	char name[256], foreign[300];
	struct scratch *s;

	(void)state;
	assert_int_equal(scratch_open(top, &s, &err), 0);
	assert_int_equal(scratch_begin_round(s), 0);
	assert_int_equal(entries(top, name), 1);
	snprintf(foreign, sizeof(foreign), "%s/r1/foreign", name);
	make_file(foreign, "mine");
	assert_int_equal(scratch_close(s), -ENOTEMPTY);
	assert_true(exists(foreign));
}

/* Two at a time: neither is a left-over of the other. */
static void test_neighbours(void **state)
{
	struct scratch *a, *b;
	struct load_error err;

	(void)state;
	assert_int_equal(scratch_open(top, &a, &err), 0);
	assert_int_equal(scratch_begin_round(a), 0);
	assert_int_equal(scratch_open(top, &b, &err), 0);
	assert_int_equal(entries(top, NULL), 2);
	close(scratch_create(a, "a.dat", 0, NULL));
	sweep();
	assert_int_equal(entries(top, NULL), 2);
	assert_int_equal(scratch_close(b), 0);
	assert_int_equal(scratch_close(a), 0);
	assert_int_equal(entries(top, NULL), 0);
}

/* ---- what a dead run left ---- */

/* A run that ends without a word: _exit() closes, and so unlocks, all. */
static void test_killed(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid) {
		struct load_error err;
		struct scratch *s;

		if (scratch_open(top, &s, &err) || scratch_begin_round(s) ||
		    scratch_create(s, "a.dat", 0, NULL) < 0 ||
		    scratch_create(s, "b with blank.dat", 0, NULL) < 0 ||
		    scratch_end_round(s) || scratch_begin_round(s) ||
		    scratch_create(s, "c.dat", 0, NULL) < 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(entries(top, NULL), 1);
	sweep();
	assert_int_equal(entries(top, NULL), 0);
}

static void left_over(const char *list)
{
	make_dir(LEFT);
	make_file(LEFT "/owner", list);
	make_dir(LEFT "/r1");
	make_file(LEFT "/r1/a.dat", "x");
}

/* It names what was never made, too: that is no obstacle. */
static void test_swept(void **state)
{
	(void)state;
	left_over(MAGIC "d r1\nf r1/a.dat\nf r1/never.dat\nd r2\n");
	sweep();
	assert_int_equal(entries(top, NULL), 0);
}

static void test_locked(void **state)
{
	int fd;

	(void)state;
	left_over(MAGIC "d r1\nf r1/a.dat\n");
	fd = open(in_top(LEFT "/owner"), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	sweep();
	assert_true(exists(LEFT "/r1/a.dat"));
	assert_true(exists(LEFT "/owner"));
	close(fd);
	sweep();
	assert_int_equal(entries(top, NULL), 0);
}

/* What is not listed stays where it is, and so does what leads to it. */
static void test_foreign(void **state)
{
	(void)state;
	left_over(MAGIC "d r1\nf r1/a.dat\n");
	make_file(LEFT "/r1/foreign", "mine");
	make_file(LEFT "/other", "mine");
	make_dir(LEFT "/r7");
	sweep();
	assert_false(exists(LEFT "/r1/a.dat"));
	assert_true(exists(LEFT "/r1/foreign"));
	assert_true(exists(LEFT "/other"));
	assert_true(exists(LEFT "/r7"));
	/* Once they are gone, the next run ends what this one began. */
	assert_int_equal(unlink(in_top(LEFT "/r1/foreign")), 0);
	assert_int_equal(unlink(in_top(LEFT "/other")), 0);
	assert_int_equal(rmdir(in_top(LEFT "/r7")), 0);
	sweep();
	assert_int_equal(entries(top, NULL), 0);
}

/* A list that somebody else made leads to nothing outside. */
static void test_list_leads_out(void **state)
{
	char cwd[200], list[2000];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	make_file("victim", "mine");
	make_dir("r9");
	make_file("r9/victim", "mine");
	make_dir("empty");
	snprintf(list, sizeof(list),
		 MAGIC
		 "f ../victim\nf ../r9/victim\nf r1/../../victim\nf %s/%s/victim\n"
		 "f r1/../../r9/victim\nd ../empty\nd r1/..\nd r1/.\nd .\nd ..\nd r\n"
		 "f r1/sub/deep\nf owner\nf r1x/a\nf \nf\n\nx r1/keep\nd r\nf r1/\n"
		 "f x1\nf rest\nf r1x/a\n"
		 "d r1\nf r1/a.dat\n",
		 cwd, top);
	left_over(list);
	make_dir(LEFT "/r1/sub");
	make_file(LEFT "/r1/sub/deep", "mine");
	make_file(LEFT "/x1", "mine");
	make_file(LEFT "/rest", "mine");
	make_dir(LEFT "/r1x");
	make_file(LEFT "/r1x/a", "mine");
	sweep();
	assert_true(exists(LEFT "/x1"));
	assert_true(exists(LEFT "/rest"));
	assert_true(exists(LEFT "/r1x/a"));
	assert_true(exists("victim"));
	assert_true(exists("r9/victim"));
	assert_true(exists("empty"));
	assert_true(exists(LEFT "/r1/sub/deep"));
	assert_false(exists(LEFT "/r1/a.dat"));
}

/* A directory on the way is ours, or it is not gone through. */
static void test_round_is_link(void **state)
{
	(void)state;
	make_dir("elsewhere");
	make_file("elsewhere/a.dat", "mine");
	make_dir(LEFT);
	make_file(LEFT "/owner", MAGIC "d r1\nf r1/a.dat\n");
	assert_int_equal(symlink("../elsewhere", in_top(LEFT "/r1")), 0);
	sweep();
	assert_true(exists("elsewhere/a.dat"));
}

static void test_bad_magic(void **state)
{
	static const char *const list[] = {
		"",
		"diowait scratch 2\nd r1\nf r1/a.dat\n",
		"diowait scratch 1",
		"d r1\nf r1/a.dat\n",
		" " MAGIC "d r1\nf r1/a.dat\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		left_over(list[i]);
		sweep();
		assert_true(exists(LEFT "/owner"));
		assert_true(exists(LEFT "/r1/a.dat"));
		assert_int_equal(unlink(in_top(LEFT "/r1/a.dat")), 0);
		assert_int_equal(rmdir(in_top(LEFT "/r1")), 0);
		assert_int_equal(unlink(in_top(LEFT "/owner")), 0);
		assert_int_equal(rmdir(in_top(LEFT)), 0);
	}
}

/* Killed before there was a list: an empty directory goes, a full one stays. */
static void test_no_list(void **state)
{
	(void)state;
	make_dir(LEFT);
	make_dir(SCRATCH_PREFIX "2.0");
	make_file(SCRATCH_PREFIX "2.0/a", "mine");
	make_dir("other.1.0");
	sweep();
	assert_false(exists(LEFT));
	assert_true(exists(SCRATCH_PREFIX "2.0/a"));
	assert_true(exists("other.1.0"));
}

static void test_symlinks(void **state)
{
	(void)state;
	/* The directory is a link ... */
	make_dir("elsewhere");
	make_file("elsewhere/owner", MAGIC "d r1\nf r1/a.dat\n");
	make_dir("elsewhere/r1");
	make_file("elsewhere/r1/a.dat", "mine");
	assert_int_equal(symlink("elsewhere", in_top(LEFT)), 0);
	sweep();
	assert_true(exists("elsewhere/r1/a.dat"));
	assert_true(exists("elsewhere/owner"));
	assert_true(exists(LEFT));
	/* ... or the list is. */
	make_dir(SCRATCH_PREFIX "2.0");
	assert_int_equal(
		symlink("../elsewhere/owner", in_top(SCRATCH_PREFIX "2.0/owner")), 0);
	make_dir(SCRATCH_PREFIX "2.0/r1");
	make_file(SCRATCH_PREFIX "2.0/r1/a.dat", "mine");
	sweep();
	assert_true(exists(SCRATCH_PREFIX "2.0/r1/a.dat"));
	/* A plain file of that name is nobody's business either. */
	make_file(SCRATCH_PREFIX "3.0", "mine");
	sweep();
	assert_true(exists(SCRATCH_PREFIX "3.0"));
}

/* ---- directories that can't be had ---- */

static void refused(const char *name, int want)
{
	struct scratch *s = NULL;
	struct load_error err = { "" };

	assert_int_equal(scratch_open(in_top(name), &s, &err), want);
	assert_null(s);
	assert_non_null(strstr(err.text, in_top(name)));
	assert_non_null(strstr(err.text, strerror(-want)));
	assert_null(strchr(err.text, '\n'));
}

static void test_no_directory(void **state)
{
	(void)state;
	make_file("file", "mine");
	refused("missing", -ENOENT);
	refused("file", -ENOTDIR);
	refused("file/below", -ENOTDIR);
	assert_int_equal(entries(top, NULL), 1);
}

/* Root writes anywhere: somebody else tries. */
static void test_not_permitted(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	make_dir("closed");
	assert_int_equal(chmod(top, 0755), 0);
	assert_int_equal(chmod(in_top("closed"), 0555), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct load_error err = { "" };
		struct scratch *s;

		/* From here, where an uid without rights still finds it. */
		if (chdir(top) || (!geteuid() && (setgid(65534) || setuid(65534))))
			_exit(1);
		_exit(scratch_open("closed", &s, &err) != -EACCES ? 2 :
		      !strstr(err.text, strerror(EACCES))	  ? 3 :
								    0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(in_top("closed"), 0755), 0);
	assert_int_equal(status, 0);
	assert_int_equal(entries(in_top("closed"), NULL), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life),	  TEST(test_create_twice),
		TEST(test_rounds),	  TEST(test_foreign_in_round),
		TEST(test_neighbours),	  TEST(test_killed),
		TEST(test_swept),	  TEST(test_locked),
		TEST(test_foreign),	  TEST(test_list_leads_out),
		TEST(test_round_is_link), TEST(test_bad_magic),
		TEST(test_no_list),	  TEST(test_symlinks),
		TEST(test_no_directory),  TEST(test_not_permitted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
