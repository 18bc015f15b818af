// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands beside a finding of stress: extents, and the kernel's log. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "experiment/kmsg.h"
#include "verify/private.h"

static void test_extents(void **state)
{
	char path[] = "tests/extents.XXXXXX", data[65536], text[600], cut[20];
	int fd = mkstemp(path);
	size_t nr;

	(void)state;
	assert_true(fd >= 0);
	memset(data, 1, sizeof(data));
	/* 64 KiB, a hole of as much, 64 KiB. */
	assert_int_equal(pwrite(fd, data, sizeof(data), 0), sizeof(data));
	assert_int_equal(pwrite(fd, data, sizeof(data), 131072), sizeof(data));
	assert_int_equal(fsync(fd), 0);
	nr = verify_extents(path, 0, 4096, text, sizeof(text));
	if (!nr) {
		close(fd);
		unlink(path);
		skip(); /* no FIEMAP on this file system */
	}
	assert_int_equal(nr, strlen(text));
	/* How many there are is the file system's. */
	assert_non_null(strstr(text, "extents:  0 +"));
	assert_int_equal(verify_extents(path, 98304, 4096, text, sizeof(text)), 17);
	assert_string_equal(text, "extents:  a hole\n");
	verify_extents(path, 131072, 4096, text, sizeof(text));
	assert_non_null(strstr(text, "extents:  131072 +"));
	/* Two of them, and no room: cut, but a text. */
	nr = verify_extents(path, 60000, 70000, text, sizeof(text));
	assert_non_null(strstr(text, " at "));
	assert_int_equal(verify_extents(path, 60000, 70000, cut, sizeof(cut)), 19);
	assert_int_equal(strlen(cut), 19);
	close(fd);
	unlink(path);
	assert_int_equal(verify_extents(path, 0, 4096, text, sizeof(text)), 0);
}

/* Records as /dev/kmsg has them: one a read. */
static void test_kmsg(void **state)
{
	static const char *const record[] = {
		"6,1,100,-;an information\n",
		"4,2,101,-;a warning\n SUBSYSTEM=block\n DEVICE=b7:0\n",
		"30,3,102,-;of another facility, an information\n",
		"27,4,103,-;of another facility, an error\n",
		"3,5,104,-;bell \a and \xc3\xa4\n",
		"0,6,105,c;the worst",
		"4,7,106,-;one too many\n",
	};
	int fd[2];
	char **line;
	size_t nr, i;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fd), 0);
	for (i = 0; i < sizeof(record) / sizeof(record[0]); i++)
		assert_int_equal(write(fd[1], record[i], strlen(record[i])),
				 strlen(record[i]));
	line = kmsg_read(fd[0], 4, &nr);
	assert_int_equal(nr, 4);
	assert_string_equal(line[0], "a warning");
	assert_string_equal(line[1], "of another facility, an error");
	assert_string_equal(line[2], "bell ? and ??");
	assert_string_equal(line[3], "the worst");
	while (nr)
		free(line[--nr]);
	free(line);
	line = kmsg_read(fd[0], 4, &nr);
	assert_int_equal(nr, 1);
	free(line[0]);
	free(line);
	close(fd[0]);
	close(fd[1]);
	/* Where the log may not be read. */
	line = kmsg_read(-1, 4, &nr);
	assert_non_null(line);
	assert_int_equal(nr, 0);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extents),
		cmocka_unit_test(test_kmsg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
