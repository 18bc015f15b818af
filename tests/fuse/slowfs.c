// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * slowfs: a file system whose requests take as long as they are told to.
 *
 *	slowfs [--NAME=VALUE]... [--log=FILE] [--fault-log=FILE] MOUNTPOINT
 *
 * Every write, read and fsync is answered a fixed time after it arrived, by
 * kind, and is logged: what diowait reports of it has to agree with that log.
 * Contents live in memory. Runs in the foreground until it is unmounted or gets
 * SIGTERM, SIGINT or SIGHUP, finishes the requests it has begun, and then writes
 * its log out.
 *
 * The settings (slowfs.h has the list) are set on the command line, and while it
 * runs by words NAME=VALUE written to MOUNTPOINT/.slowfs, a file that no listing
 * shows. The word "flush" there, or SIGUSR1, writes out the log; write(2) returns
 * when that is done.
 *
 * A line of the log is one request, times in CLOCK_MONOTONIC ns:
 *	ARRIVAL START END OFFSET LENGTH KIND INODE RESULT
 * ARRIVAL: read from /dev/fuse. START: its service time began to run; later than
 * ARRIVAL only in a stall. END: just before the reply. KIND: overwrite, extend
 * (ends past the file's size when it arrived, or begins at extend-from), layout (a write above
 * layout-above bytes: no delay), read, fsync. RESULT: bytes, or -errno.
 *
 * With --fault=NAME some of its answers are wrong, to prove those who look for that:
 * fault.c says which, and when.
 *
 * Each thread takes one request from the kernel and serves it to its end, so
 * --threads is how many are in service at once: at least twice the I/O depth.
 */
#include "slowfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define THREADS_MAX 1024
#ifndef FOPEN_PARALLEL_DIRECT_WRITES
#define FOPEN_PARALLEL_DIRECT_WRITES (1 << 6)
#endif

struct fuse_session *session;

static void fs_init(void *userdata, struct fuse_conn_info *conn)
{
	char byte = '\n';

	(void)userdata;
	conn->max_write = MAX_WRITE;
	/* libfuse's defaults queue all but about ten writes in the kernel. */
	conn->max_background = 4 * worker_nr;
	conn->congestion_threshold = 3 * worker_nr;
	conn->want |= conn->capable & FUSE_CAP_ASYNC_DIO;
	conn->want &= ~(unsigned int)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				      FUSE_CAP_SPLICE_MOVE);
	if (set.ready_fd && write((int)set.ready_fd, &byte, 1) != 1)
		perror("slowfs: ready-fd");
}

/*
 * Always FOPEN_DIRECT_IO: no page cache, whoever opens it. The reply is made by
 * hand, since libfuse 3.14 and older do not pass on PARALLEL_DIRECT_WRITES.
 */
static void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fuse_open_out out = { .open_flags = FOPEN_DIRECT_IO };

	(void)fi;
	if (ino != CONTROL_INO)
		fault_opened(node_get(ino));
	if (set.parallel)
		out.open_flags |= FOPEN_PARALLEL_DIRECT_WRITES;
	fuse_reply_buf(req, (const char *)&out, sizeof(out));
}

static void fs_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	if (ino != CONTROL_INO)
		fault_closed(node_get(ino));
	fuse_reply_err(req, 0);
}

static int control_write(const char *text, size_t bytes)
{
	char copy[4096], *word, *save = NULL;
	int err = 0;

	if (bytes >= sizeof(copy))
		return -E2BIG;
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	for (word = strtok_r(copy, " \t\n", &save); word && !err;
	     word = strtok_r(NULL, " \t\n", &save)) {
		err = setting_apply(word);
		if (err && *setting_why)
			fprintf(stderr, "slowfs: %s: %s\n", word, setting_why);
	}
	return err;
}

/* Stores the data of r and lets it take its time. Returns bytes or -errno. */
static int64_t write_served(struct service *s, struct record *r, struct node *n,
			    const char *buf)
{
	uint64_t end = r->offset + r->len, short_at = set.short_at;
	int64_t res = 0;

	if (r->kind != LAYOUT && eio_due(buf, r->len))
		res = -EIO;
	else if (set.size_limit && end > set.size_limit)
		res = -ENOSPC;
	if (r->offset < short_at && short_at < end)
		end = short_at;
	pthread_mutex_lock(&fs_lock);
	if (!res)
		res = node_reserve(n, end);
	pthread_mutex_unlock(&fs_lock);
	if (!res)
		res = fault_store(s, r, n, buf, end - r->offset);
	if (res > 0)
		fault_linger(s);
	serve(r);
	if (res > 0) {
		/* Only now: what arrives meanwhile extends the old size. */
		fault_answer(s);
		pthread_mutex_lock(&fs_lock);
		clock_gettime(CLOCK_REALTIME, &n->mtime);
		pthread_mutex_unlock(&fs_lock);
	} else if (res == -ENOSPC) {
		fault_refused(r, n, end);
	}
	return res;
}

static void fs_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
		     off_t off, struct fuse_file_info *fi)
{
	struct record r = { .arrival_ns = self->arrival_ns,
			    .ino = ino,
			    .offset = (uint64_t)off,
			    .len = size };
	struct service s;
	struct node *n;
	int err;

	(void)fi;
	if (ino == CONTROL_INO) {
		err = control_write(buf, size);
		if (err)
			fuse_reply_err(req, -err);
		else
			fuse_reply_write(req, size);
		return;
	}
	n = node_get(ino);
	pthread_mutex_lock(&fs_lock);
	if (set.layout_above && size > set.layout_above)
		r.kind = LAYOUT;
	else
		r.kind = r.offset + size > fault_size(n) ||
					 (set.extend_from &&
					  r.offset >= set.extend_from) ?
				 EXTEND :
				 OVERWRITE;
	pthread_mutex_unlock(&fs_lock);
	r.res = write_served(&s, &r, n, buf);
	if (r.res > 0 && fault_hold(&s, req))
		return;
	log_add(&r);
	if (r.res < 0)
		fuse_reply_err(req, (int)-r.res);
	else
		fuse_reply_write(req, (size_t)r.res);
}

static void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	struct record r = { .arrival_ns = self->arrival_ns,
			    .ino = ino,
			    .kind = READ,
			    .offset = (uint64_t)off,
			    .len = size };
	struct node *n;
	uint64_t eof;

	if (ino == CONTROL_INO) {
		fuse_reply_buf(req, NULL, 0);
		return;
	}
	n = node_get(ino);
	pthread_mutex_lock(&fs_lock);
	eof = fault_size(n);
	pthread_mutex_unlock(&fs_lock);
	if (size > MAX_WRITE)
		size = MAX_WRITE;
	if (r.offset + size > eof)
		size = r.offset < eof ? eof - r.offset : 0;
	/* The memfd may end before the file does: the rest is a hole. */
	memset(self->data, 0, size);
	r.res = fault_read(&r, n, self->data, size, fi->flags & O_DIRECT);
	serve(&r);
	log_add(&r);
	if (r.res < 0)
		fuse_reply_err(req, (int)-r.res);
	else
		fuse_reply_buf(req, self->data, (size_t)r.res);
}

static void fs_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
		     struct fuse_file_info *fi)
{
	struct record r = { .arrival_ns = self->arrival_ns, .ino = ino, .kind = FSYNC };

	(void)datasync;
	(void)fi;
	if (ino != CONTROL_INO) {
		serve(&r);
		fault_synced(node_get(ino));
		pthread_mutex_lock(&fs_lock);
		power_synced(node_get(ino));
		pthread_mutex_unlock(&fs_lock);
		log_add(&r);
	}
	fuse_reply_err(req, 0);
}

static void fs_fsyncdir(fuse_req_t req, fuse_ino_t ino, int datasync,
			struct fuse_file_info *fi)
{
	(void)ino;
	(void)datasync;
	(void)fi;
	fuse_reply_err(req, 0);
}

/* Space is only counted: memory is taken when data come. */
static void fs_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off, off_t len,
			 struct fuse_file_info *fi)
{
	uint64_t end = (uint64_t)off + (uint64_t)len;
	struct node *n = node_get(ino);
	int err = 0;

	(void)fi;
	if (!set.fallocate || ino == CONTROL_INO ||
	    (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))) {
		fuse_reply_err(req, EOPNOTSUPP);
		return;
	}
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		pthread_mutex_lock(&fs_lock);
		err = fallocate(n->fd, mode, off, len) ? errno : 0;
		fault_punched(n, (uint64_t)off, (uint64_t)len);
		pthread_mutex_unlock(&fs_lock);
		fuse_reply_err(req, err);
		return;
	}
	pthread_mutex_lock(&fs_lock);
	err = -node_reserve(n, end);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && n->size < end) {
		n->size = end;
		fault_resized(n);
	}
	pthread_mutex_unlock(&fs_lock);
	fuse_reply_err(req, err);
}

static void *worker_run(void *arg)
{
	int res;

	self = arg;
	/* Without it the kernel may add 50 us to each sleep. */
	prctl(PR_SET_TIMERSLACK, 1);
	while (!fuse_session_exited(session)) {
		res = fuse_session_receive_buf(session, &self->request);
		self->arrival_ns = now_ns();
		if (res == -EINTR)
			continue;
		if (res <= 0)
			break;
		fuse_session_process_buf(session, &self->request);
	}
	/* Unmounted, or told to end: wakes up main. */
	kill(getpid(), SIGTERM);
	return NULL;
}

static void on_wakeup(int sig)
{
	(void)sig;
}

/* 0 or -errno. All signals are blocked in the threads but SIGUSR2. */
static int workers_start(void)
{
	struct sigaction sa = { .sa_handler = on_wakeup };
	unsigned int nr = (unsigned int)set.threads, i;
	int err;

	sigaction(SIGUSR2, &sa, NULL);
	worker = calloc(nr, sizeof(*worker));
	if (!worker)
		return -ENOMEM;
	worker_nr = nr;
	for (i = 0; i < nr; i++) {
		pthread_mutex_init(&worker[i].lock, NULL);
		worker[i].data = malloc(MAX_WRITE);
		if (!worker[i].data)
			return -ENOMEM;
	}
	for (i = 0; i < nr; i++) {
		err = pthread_create(&worker[i].thread, NULL, worker_run, &worker[i]);
		if (err)
			return -err;
	}
	return 0;
}

/*
 * Ends the threads, each after the request it serves. One that sleeps in read(2)
 * is sent a signal, again and again, as it may just have looked and gone to sleep.
 */
static void workers_end(void)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned int i, left = worker_nr;

	fuse_session_exit(session);
	while (left) {
		for (i = left = 0; i < worker_nr; i++) {
			if (worker[i].joined)
				continue;
			pthread_kill(worker[i].thread, SIGUSR2);
			worker[i].joined = !pthread_tryjoin_np(worker[i].thread, NULL);
			left += !worker[i].joined;
		}
		if (left)
			nanosleep(&pause, NULL);
	}
}

static void workers_free(void)
{
	unsigned int i;

	for (i = 0; i < worker_nr; i++) {
		free(worker[i].request.mem);
		free(worker[i].data);
		free(worker[i].log);
	}
	free(worker);
}

/* Reads the command line; returns the mount point, or NULL after a message. */
static const char *parse_args(int argc, char **argv)
{
	const char *mountpoint = NULL;
	int i, err = 0;

	for (i = 1; i < argc && !err; i++) {
		if (!strncmp(argv[i], "--log=", 6))
			err = log_open(argv[i] + 6);
		else if (!strncmp(argv[i], "--fault-log=", 12))
			err = fault_log_open(argv[i] + 12);
		else if (!strncmp(argv[i], "--", 2))
			err = setting_apply(argv[i] + 2);
		else if (!mountpoint)
			mountpoint = argv[i];
		else
			err = -EINVAL;
		if (err)
			fprintf(stderr, "slowfs: %s: %s\n", argv[i],
				*setting_why ? setting_why : strerror(-err));
	}
	if (!err && (!mountpoint || !set.threads || set.threads > THREADS_MAX)) {
		fprintf(stderr, "slowfs: one mount point, 1 to %d threads\n",
			THREADS_MAX);
		return NULL;
	}
	return err ? NULL : mountpoint;
}

int main(int argc, char **argv)
{
	struct fuse_lowlevel_ops ops = names_ops;
	char *fuse_argv[] = { argv[0],
			      (char *)"-o",
			      (char *)"fsname=slowfs,subtype=slowfs,default_permissions",
			      (char *)"-o",
			      (char *)"allow_other",
			      NULL };
	/* allow_other is root's to give. */
	struct fuse_args args = FUSE_ARGS_INIT(geteuid() ? 3 : 5, fuse_argv);
	const char *mountpoint;
	sigset_t signals;
	int sig = 0, err;

	settings_init();
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		printf("usage: slowfs [--NAME=VALUE]... [--log=FILE] "
		       "[--fault-log=FILE] MOUNTPOINT\n");
		settings_help();
		fault_help();
		return 0;
	}
	mountpoint = parse_args(argc, argv);
	if (!mountpoint)
		return 1;
	ops.init = fs_init;
	ops.open = fs_open;
	ops.write = fs_write;
	ops.read = fs_read;
	ops.release = fs_release;
	ops.fsync = fs_fsync;
	ops.fsyncdir = fs_fsyncdir;
	ops.fallocate = fs_fallocate;
	names_init();
	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);

	session = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	fuse_opt_free_args(&args);
	if (!session)
		return 1;
	if (fuse_session_mount(session, mountpoint))
		return 1;
	err = workers_start();
	if (err) {
		fprintf(stderr, "slowfs: threads: %s\n", strerror(-err));
		fuse_session_unmount(session);
		return 1;
	}
	while (!sigwait(&signals, &sig) && sig == SIGUSR1)
		log_flush();
	workers_end();
	fault_end();
	fuse_session_unmount(session);
	fuse_session_destroy(session);
	log_flush();
	workers_free();
	return 0;
}
