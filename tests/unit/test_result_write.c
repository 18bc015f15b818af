// SPDX-License-Identifier: GPL-2.0-or-later
/* How the file of a result is replaced, and that nothing is lost on errors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "missing.h"
#include "result_sample.h"

static char dir[PATH_MAX];

static const char *in_dir(const char *name)
{
	static char path[2][PATH_MAX + NAME_MAX + 2];
	static unsigned int turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static int dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/test_result.XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int dir_teardown(void **state)
{
	struct dirent *d;
	DIR *all = opendir(dir);

	(void)state;
	while (all && (d = readdir(all)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..") &&
		    unlink(in_dir(d->d_name)))
			(void)rmdir(in_dir(d->d_name));
	if (all)
		closedir(all);
	return rmdir(dir);
}

static unsigned int files_in_dir(void)
{
	DIR *all = opendir(dir);
	unsigned int nr = 0;

	assert_non_null(all);
	while (readdir(all))
		nr++;
	closedir(all);
	return nr - 2;
}

static void put_file(const char *name, const char *text)
{
	FILE *out = fopen(in_dir(name), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void check_file(const char *name, const char *want)
{
	char text[64] = "";
	FILE *in = fopen(in_dir(name), "r");

	assert_non_null(in);
	if (!fgets(text, sizeof(text), in))
		text[0] = '\0';
	fclose(in);
	assert_string_equal(text, want);
}

static void check_is_document(const char *name)
{
	json_t *root = json_load_file(in_dir(name), 0, NULL);

	assert_non_null(root);
	assert_non_null(json_object_get(root, "variants"));
	json_decref(root);
}

/*
 * Stands before the C library's. Set by a test: a file system that cannot
 * exchange two names.
 */
static bool no_exchange;

int renameat2(int old_fd, const char *old, int new_fd, const char *new,
	      unsigned int flags)
{
	if (no_exchange && flags) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, old_fd, old, new_fd, new, flags);
}

static void check_write(void)
{
	struct result *r = sample_result();
	mode_t mask = umask(027);
	struct stat st;

	assert_int_equal(result_write(r, in_dir("r.json")), 0);
	check_is_document("r.json");
	assert_int_equal(files_in_dir(), 1);
	assert_int_equal(stat(in_dir("r.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	umask(mask);

	put_file("r.json", "first");
	put_file("r.json.old", "before");
	assert_int_equal(result_write(r, in_dir("r.json")), 0);
	check_is_document("r.json");
	check_file("r.json.old", "first");
	assert_int_equal(result_write(r, in_dir("r.json")), 0);
	check_is_document("r.json.old");
	assert_int_equal(files_in_dir(), 2);
	result_free(r);
}

static void test_write(void **state)
{
	(void)state;
	check_write();
}

static void test_write_no_exchange(void **state)
{
	(void)state;
	no_exchange = true;
	check_write();
	no_exchange = false;
}

/* A relative name in the current directory, as the default is. */
static void test_write_relative(void **state)
{
	struct result *r = sample_result();
	char *here = getcwd(NULL, 0);

	(void)state;
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(result_write(r, "diowait.json"), 0);
	assert_int_equal(result_write(r, "diowait.json"), 0);
	assert_int_equal(chdir(here), 0);
	check_is_document("diowait.json.old");
	free(here);
	result_free(r);
}

static void test_write_through_link(void **state)
{
	struct result *r = sample_result();
	struct stat st;

	(void)state;
	put_file("real", "first");
	assert_int_equal(symlink("real", in_dir("link")), 0);
	assert_int_equal(result_write(r, in_dir("link")), 0);
	assert_int_equal(lstat(in_dir("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	check_is_document("real");
	check_file("real.old", "first");
	result_free(r);
}

/* A link to what is not there yet: that is made, from where the link is. */
static void test_write_dangling(void **state)
{
	struct result *r = sample_result();
	struct stat st;

	(void)state;
	assert_int_equal(symlink("second", in_dir("first")), 0);
	assert_int_equal(symlink("third", in_dir("second")), 0);
	assert_int_equal(result_write(r, in_dir("first")), 0);
	assert_int_equal(lstat(in_dir("first"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(in_dir("second"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	check_is_document("third");
	assert_int_equal(files_in_dir(), 3);
	/* What leads nowhere is no place, and stays. */
	assert_int_equal(symlink("none/x", in_dir("astray")), 0);
	assert_int_equal(result_write(r, in_dir("astray")), -ENOENT);
	assert_int_equal(symlink("round", in_dir("round")), 0);
	assert_int_equal(result_write(r, in_dir("round")), -ELOOP);
	assert_int_equal(files_in_dir(), 5);
	result_free(r);
}

/* Who could read it, and whose it is, is not ours to change. */
static void test_write_mode(void **state)
{
	struct result *r = sample_result();
	uid_t owner = geteuid() ? geteuid() : 65534;
	mode_t mask = umask(022);
	struct stat st;

	(void)state;
	put_file("r.json", "first");
	assert_int_equal(chown(in_dir("r.json"), owner, (gid_t)-1), 0);
	assert_int_equal(chmod(in_dir("r.json"), 0620), 0);
	assert_int_equal(result_write(r, in_dir("r.json")), 0);
	umask(mask);
	check_is_document("r.json");
	assert_int_equal(stat(in_dir("r.json"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	assert_int_equal(st.st_uid, owner);
	result_free(r);
}

/*
 * What is no file is written to, not renamed over. With nodes of the test's
 * own: code that got this wrong would, as root, replace /dev/null itself.
 */
static void test_write_fifo(void **state)
{
	struct result *r = sample_result();
	char first[2] = "";
	struct stat st;
	int status, fd;
	pid_t pid;

	(void)state;
	assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
	pid = fork();
	if (!pid)
		_exit(-result_write(r, in_dir("fifo")));
	/* Nobody ever comes to the other end if it was replaced. */
	alarm(30);
	fd = open(in_dir("fifo"), O_RDONLY);
	alarm(0);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, first, 1), 1);
	assert_string_equal(first, "{");
	while (read(fd, first, 1) == 1)
		;
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(lstat(in_dir("fifo"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(files_in_dir(), 1);
	assert_int_equal(result_write(r, dir), -EISDIR);
	result_free(r);
}

static void test_write_device(void **state)
{
	struct result *r;
	struct stat st;
	int fd;

	(void)state;
	/* The numbers of /dev/full. */
	if (mknod(in_dir("full"), S_IFCHR | 0600, makedev(1, 7)))
		missing("device nodes are not for this user");
	fd = open(in_dir("full"), O_WRONLY);
	if (fd < 0)
		missing("device nodes are not for this directory");
	close(fd);
	r = sample_result();
	assert_int_equal(result_write(r, in_dir("full")), -ENOSPC);
	assert_int_equal(lstat(in_dir("full"), &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(files_in_dir(), 1);
	result_free(r);
}

static void check_untouched(unsigned int files)
{
	check_file("r.json", "first");
	check_file("r.json.old", "before");
	assert_int_equal(files_in_dir(), files);
}

/* The disk is full: a limit of the file size does the same to write(). */
static void test_write_full(void **state)
{
	struct result *r = sample_result();
	struct rlimit limit, small;

	(void)state;
	put_file("r.json", "first");
	put_file("r.json.old", "before");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4096;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(result_write(r, in_dir("r.json")), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	signal(SIGXFSZ, SIG_DFL);
	check_untouched(2);
	result_free(r);
}

/* The last step fails: r.json.old is a directory that is not empty. */
static void test_write_undone(void **state)
{
	struct result *r = sample_result();

	(void)state;
	put_file("r.json", "first");
	assert_int_equal(mkdir(in_dir("r.json.old"), 0777), 0);
	put_file("r.json.old/x", "kept");
	assert_true(result_write(r, in_dir("r.json")) < 0);
	check_file("r.json", "first");
	check_file("r.json.old/x", "kept");
	assert_int_equal(files_in_dir(), 2);
	no_exchange = true;
	assert_true(result_write(r, in_dir("r.json")) < 0);
	no_exchange = false;
	check_file("r.json", "first");
	assert_int_equal(files_in_dir(), 2);
	assert_int_equal(unlink(in_dir("r.json.old/x")), 0);
	result_free(r);
}

static void test_write_nowhere(void **state)
{
	struct result *r = sample_result();

	(void)state;
	assert_int_equal(result_write(r, in_dir("none/r.json")), -ENOENT);
	put_file("file", "x");
	assert_int_equal(result_write(r, in_dir("file/r.json")), -ENOTDIR);
	assert_int_equal(files_in_dir(), 1);
	result_free(r);
}

/* As root the mode of a directory stops nobody, so a child is somebody else. */
static void test_write_forbidden(void **state)
{
	struct result *r = sample_result();
	int status;
	pid_t pid;

	(void)state;
	put_file("r.json", "first");
	put_file("r.json.old", "before");
	assert_int_equal(chmod(dir, 0555), 0);
	pid = fork();
	if (!pid) {
		if (!geteuid() && setuid(65534))
			_exit(77);
		_exit(result_write(r, in_dir("r.json")) == -EACCES ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_true(WIFEXITED(status));
	result_free(r);
	if (WEXITSTATUS(status) == 77)
		missing("no user 65534 here");
	assert_int_equal(WEXITSTATUS(status), 0);
	check_untouched(2);
}

/* A file that a killed run with the same pid left does not stop this one. */
static void test_write_leftover(void **state)
{
	struct result *r = sample_result();
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "r.json.tmp%d.0", (int)getpid());
	put_file(name, "left");
	assert_int_equal(result_write(r, in_dir("r.json")), 0);
	check_is_document("r.json");
	check_file(name, "left");
	assert_int_equal(files_in_dir(), 2);
	result_free(r);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(test_write),	     IN_DIR(test_write_no_exchange),
		IN_DIR(test_write_relative), IN_DIR(test_write_through_link),
		IN_DIR(test_write_fifo),     IN_DIR(test_write_device),
		IN_DIR(test_write_full),     IN_DIR(test_write_undone),
		IN_DIR(test_write_nowhere),  IN_DIR(test_write_forbidden),
		IN_DIR(test_write_leftover), IN_DIR(test_write_dangling),
		IN_DIR(test_write_mode),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
