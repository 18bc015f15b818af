// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * poke: does single things to a file, and prints what is seen.
 *
 *	poke FILE WORD...
 *
 *	wOFF,LEN,X	direct pwrite of LEN times the letter X
 *	aOFF,LEN,X	the same by AIO, waited for
 *	+OFF,LEN,X	the same, begun in a thread; "-" waits for it, up to 1 s
 *	i		sends it a signal; prints what it says
 *	rOFF,LEN	direct read: prints runs in each block: "A4096 A4095 ?1"
 *			(.: zeros; random: many runs)
 *	bOFF,LEN	the same by a descriptor without O_DIRECT
 *	nOFF,LEN	the same by AIO, direct
 *	s		the size by statx of the name: plain and with FORCE_SYNC
 *	f, d		fsync, fdatasync
 *	c		closes all and opens again
 *	u		truncates to 0
 *	tMS		sleeps
 *	=SETTING	to .slowfs in the folder of FILE
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BUF (1u << 20)
#define BLOCK 4096
#define RUNS_MAX 64

static const char *path;
static int fd, buffered;
static char *buf, *thread_buf;
static _Atomic int begun_done, begun_errno;
static struct {
	long off, len;
	char x;
} begun;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void files_open(void)
{
	fd = open(path, O_RDWR | O_CREAT | O_DIRECT, 0600);
	buffered = open(path, O_RDONLY);
	if (fd < 0 || buffered < 0)
		die(path);
}

static void result(const char *word, long res)
{
	if (res < 0)
		printf("%s %s\n", word, strerror(errno));
}

static long aio(int opcode, char *data, long off, long len)
{
	struct iocb cb = { .aio_lio_opcode = (unsigned short)opcode,
			   .aio_fildes = (unsigned int)fd,
			   .aio_buf = (unsigned long)data,
			   .aio_nbytes = (unsigned long)len,
			   .aio_offset = off };
	struct iocb *cbs = &cb;
	struct io_event event;
	aio_context_t ctx = 0;

	if (syscall(SYS_io_setup, 1, &ctx) || syscall(SYS_io_submit, ctx, 1, &cbs) != 1 ||
	    syscall(SYS_io_getevents, ctx, 1, 1, &event, NULL) != 1)
		die("aio");
	syscall(SYS_io_destroy, ctx);
	if (event.res < 0) {
		errno = (int)-event.res;
		return -1;
	}
	return (long)event.res;
}

/* A block of more than RUNS_MAX runs is no letter's. */
static void runs_block(const char *data, long len)
{
	long i, from = 0, nr = 0;

	for (i = 1; i < len; i++)
		nr += data[i] != data[i - 1];
	if (nr > RUNS_MAX) {
		printf(" random%ld", len);
		return;
	}
	for (i = 1; i <= len; i++) {
		if (i < len && data[i] == data[from])
			continue;
		if (data[from] == '\0')
			printf(" .%ld", i - from);
		else if (data[from] >= 'A' && data[from] <= 'Z')
			printf(" %c%ld", data[from], i - from);
		else
			printf(" ?%ld", i - from);
		from = i;
	}
}

static void runs(const char *data, long len)
{
	long i, n;

	for (i = 0; i < len; i += n) {
		n = len - i < BLOCK ? len - i : BLOCK;
		runs_block(data + i, n);
	}
	printf("%s\n", len ? "" : " nothing");
}

static void size_print(void)
{
	static const int flags[] = { 0, AT_STATX_FORCE_SYNC };
	struct statx st;
	int i;

	printf("s");
	for (i = 0; i < 2; i++) {
		if (statx(AT_FDCWD, path, flags[i], STATX_SIZE, &st))
			die("statx");
		printf(" %llu", (unsigned long long)st.stx_size);
	}
	printf("\n");
}

static void setting(const char *word)
{
	char name[4096];
	int control;

	snprintf(name, sizeof(name), "%s", path);
	strcpy(strrchr(name, '/') + 1, ".slowfs");
	control = open(name, O_WRONLY);
	if (control < 0)
		die(name);
	result(word, write(control, word, strlen(word)));
	close(control);
}

static void *begun_run(void *unused)
{
	(void)unused;
	memset(thread_buf, begun.x, (size_t)begun.len);
	if (pwrite(fd, thread_buf, (size_t)begun.len, begun.off) == begun.len)
		begun_done = 1;
	begun_errno = errno;
	return NULL;
}

static void msleep(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void word_do(const char *word)
{
	const struct sigaction sa = { .sa_handler = on_signal };
	static pthread_t thread;
	long off = 0, len = 0, res = 0;
	char x = '\0';

	sscanf(word + 1, "%ld,%ld,%c", &off, &len, &x);
	memset(buf, x, BUF);
	switch (word[0]) {
	case 'w':
		result(word, pwrite(fd, buf, (size_t)len, off));
		break;
	case 'a':
		result(word, aio(IOCB_CMD_PWRITE, buf, off, len));
		break;
	case '+':
		begun.off = off;
		begun.len = len;
		begun.x = x;
		begun_done = 0;
		if (pthread_create(&thread, NULL, begun_run, NULL))
			die("thread");
		msleep(100);
		break;
	case '-':
		for (res = 0; res < 500 && !begun_done; res++)
			msleep(2);
		printf("- %s\n", begun_done ? "done" : "pending");
		break;
	case 'i':
		sigaction(SIGUSR1, &sa, NULL);
		pthread_kill(thread, SIGUSR1);
		pthread_join(thread, NULL);
		printf("i %s\n", strerror(begun_errno));
		break;
	case 'r':
	case 'b':
	case 'n':
		res = word[0] == 'n' ? aio(IOCB_CMD_PREAD, buf, off, len) :
				       pread(word[0] == 'r' ? fd : buffered, buf,
					     (size_t)len, off);
		result(word, res);
		if (res < 0)
			break;
		printf("%c", word[0]);
		runs(buf, res);
		break;
	case 's':
		size_print();
		break;
	case 'f':
	case 'd':
		result(word, word[0] == 'f' ? fsync(fd) : fdatasync(fd));
		break;
	case 'c':
		close(fd);
		close(buffered);
		files_open();
		break;
	case 'u':
		result(word, ftruncate(fd, 0));
		break;
	case 't':
		msleep(off);
		break;
	case '=':
		setting(word + 1);
		break;
	default:
		fprintf(stderr, "poke: no such word: %s\n", word);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return 1;
	path = argv[1];
	if (posix_memalign((void **)&buf, 4096, BUF) ||
	    posix_memalign((void **)&thread_buf, 4096, BUF))
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	files_open();
	for (i = 2; i < argc; i++)
		word_do(argv[i]);
	_exit(0);
}
