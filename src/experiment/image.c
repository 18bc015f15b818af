// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verify/stamp.h"

/* One number for XFS, ext4 and btrfs; older headers have it by other names, or not. */
#define SHUTDOWN _IOR('X', 125, __u32)
#define NO_LOG_FLUSH 2u

#define FILL_BYTES (1u << 20)
#define NAP_NS 10000000
#define BUSY_NAPS 1000 /* 10 s */
#define ATTACH_TRIES 64

static const struct image_fs rows[IMAGE_FS_MAX] = {
	{ .name = "ext4",
	  .make = { "mkfs.ext4", "-q", "-F", "-b", "4096", "-O", "has_journal", "-E",
		    "nodiscard" },
	  .check = { "e2fsck", "-fn" },
	  .mib = 256 },
	{ .name = "xfs",
	  .make = { "mkfs.xfs", "-q", "-f", "-K" },
	  .check = { "xfs_repair", "-n" },
	  .mib = 400 },
	{ .name = "btrfs",
	  .make = { "mkfs.btrfs", "-q", "-f", "-K" },
	  .check = { "btrfs", "check", "--readonly" },
	  .mib = 256,
	  .anonymous = true },
};

const struct image_fs *image_fs(size_t i)
{
	return i < IMAGE_FS_MAX ? &rows[i] : NULL;
}

static void nap(void)
{
	const struct timespec t = { 0, NAP_NS };

	(void)nanosleep(&t, NULL);
}

/* Says what of which failed. Returns rc. */
static int failed(const struct image *im, struct load_error *err, const char *what,
		  int rc)
{
	load_error_set(err, "%s of %s on %s: %s", what, im->fs->name,
		       im->loop[0] ? im->loop : im->path, strerror(-rc));
	return rc;
}

/* ---- programs ---- */

/* In the new process. mkfs and fsck are where root has them, not always in PATH. */
static void run_child(char *const argv[], int out_fd, pid_t parent)
{
	const char *path = getenv("PATH");
	char *more;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	if (asprintf(&more, "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin") > 0)
		(void)setenv("PATH", more, 1);
	(void)setenv("LC_ALL", "C", 1);
	/* It reads nothing, and what it prints is read by us. */
	if (dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0) < 0 || dup2(out_fd, 1) < 0 ||
	    dup2(out_fd, 2) < 0)
		_exit(127);
	(void)execvp(argv[0], argv);
	_exit(127);
}

/*
 * Runs it on the device, without a shell. Its exit code, and the end of what it said in
 * text; -ENOENT: there is no such program; -errno.
 */
static int run(const struct image *im, const char *const *args, char *text, size_t size)
{
	int out_fd = memfd_create("diowait-said", MFD_CLOEXEC), status;
	const char *argv[IMAGE_ARGS_MAX + 2] = { NULL };
	pid_t pid, parent = getpid();
	ssize_t got = 0;
	size_t i;
	off_t end;

	if (out_fd < 0)
		return -errno;
	for (i = 0; i < IMAGE_ARGS_MAX && args[i]; i++)
		argv[i] = args[i];
	argv[i] = im->loop;
	pid = fork();
	if (!pid)
		run_child((char *const *)(uintptr_t)argv, out_fd, parent);
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		close(out_fd);
		return -errno;
	}
	end = lseek(out_fd, 0, SEEK_END);
	end -= end < (off_t)size - 1 ? end : (off_t)size - 1;
	got = pread(out_fd, text, size - 1, end);
	text[got > 0 ? got : 0] = '\0';
	close(out_fd);
	if (!WIFEXITED(status))
		return -EINTR;
	return WEXITSTATUS(status) == 127 ? -ENOENT : WEXITSTATUS(status);
}

int image_make(struct image *im, struct load_error *err)
{
	char said[300];
	int rc = run(im, im->fs->make, said, sizeof(said));

	if (rc < 0)
		return failed(im, err, im->fs->make[0], rc);
	if (!rc)
		return 0;
	load_error_set(err, "%s %s: exit %d: %.*s", im->fs->make[0], im->loop, rc,
		       (int)strcspn(said, "\n"), said);
	return -EIO;
}

int image_check(struct image *im, char *text, size_t size, struct load_error *err)
{
	int rc;

	/* What the loop device's cache has is of before it was mounted. */
	(void)ioctl(im->loop_fd, BLKFLSBUF, 0);
	rc = run(im, im->fs->check, text, size);
	if (rc < 0)
		return failed(im, err, im->fs->check[0], rc);
	return rc ? 1 : 0;
}

/* ---- the device ---- */

/* A free loop device over the file. 0 or -errno; -EBUSY: somebody else took it. */
static int attach_one(struct image *im, int control_fd, int file_fd)
{
	struct loop_config config = {
		.fd = (__u32)file_fd,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO,
	};
	int nr = ioctl(control_fd, LOOP_CTL_GET_FREE), fd, rc = 0;

	if (nr < 0)
		return -errno;
	(void)snprintf(im->loop, sizeof(im->loop), "/dev/loop%d", nr);
	fd = open(im->loop, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, LOOP_CONFIGURE, &config))
		rc = -errno;
	/* Kernels can refuse to mount what somebody may write to beside. */
	if (!rc) {
		im->loop_fd = open(im->loop, O_RDONLY | O_CLOEXEC);
		rc = im->loop_fd < 0 ? -errno : 0;
	}
	close(fd);
	return rc;
}

int image_attach(struct image *im, struct load_error *err)
{
	int control_fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC), file_fd;
	unsigned int tries;
	struct stat st;
	int rc = -EBUSY;

	im->loop_fd = im->root_fd = -1;
	im->loop[0] = '\0';
	if (control_fd < 0) {
		rc = -errno;
		load_error_set(err, "loop devices: /dev/loop-control: %s", strerror(-rc));
		return rc;
	}
	file_fd = open(im->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (file_fd < 0 || ftruncate(file_fd, (off_t)im->fs->mib << 20) ||
	    stat(im->mount, &st))
		rc = -errno;
	else
		im->under_dev = st.st_dev;
	for (tries = 0; rc == -EBUSY && tries < ATTACH_TRIES; tries++) {
		rc = attach_one(im, control_fd, file_fd);
		if (rc == -EBUSY)
			nap();
	}
	if (file_fd >= 0)
		close(file_fd);
	close(control_fd);
	if (!rc && fstat(im->loop_fd, &st))
		rc = -errno;
	if (rc)
		return failed(im, err, "loop device", rc);
	im->loop_dev = st.st_rdev;
	return 0;
}

void image_detach(struct image *im)
{
	if (im->loop[0] && im->loop_fd >= 0)
		close(im->loop_fd);
	im->loop_fd = -1;
}

int image_fill(struct image *im, uint64_t run_id, const volatile int *stop,
	       _Atomic uint64_t *beats, struct load_error *err)
{
	const struct stamp_file id = { .run = run_id };
	uint64_t at, end = (uint64_t)im->fs->mib << 20;
	char *buffer = aligned_alloc(4096, FILL_BYTES);
	int fd = open(im->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_DIRECT), rc = 0;

	/* tmpfs of old, and others, have no direct I/O. */
	if (fd < 0)
		fd = open(im->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		rc = -errno;
	if (!buffer)
		rc = -ENOMEM;
	for (at = 0; at < end && !rc; at += FILL_BYTES) {
		ssize_t done;

		stamp_fill(&id, at, 1, buffer, FILL_BYTES);
		done = pwrite(fd, buffer, FILL_BYTES, (off_t)at);
		if (done != FILL_BYTES)
			rc = done < 0 ? -errno : -ENOSPC;
		if (beats)
			atomic_fetch_add(beats, 1);
		if (*stop)
			rc = -EINTR;
	}
	if (!rc && fsync(fd))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	free(buffer);
	(void)ioctl(im->loop_fd, BLKFLSBUF, 0);
	if (!rc || rc == -EINTR)
		return rc;
	load_error_set(err, "%s: writing %u MiB: %s", im->path, im->fs->mib,
		       strerror(-rc));
	return rc;
}

/* ---- the mount ---- */

int image_own_mounts(void)
{
	if (unshare(CLONE_NEWNS))
		return -errno;
	/* Slave, not private: what others unmount must not stay busy for our sake. */
	return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ? -errno : 0;
}

/* Whether what lies at root_fd is the image, and nobody else's file system. */
static bool is_image(const struct image *im)
{
	struct stat st;

	if (fstat(im->root_fd, &st) || st.st_dev == im->under_dev)
		return false;
	return im->fs->anonymous || st.st_dev == im->loop_dev;
}

int image_mount(struct image *im, struct load_error *err)
{
	int rc = 0;

	(void)ioctl(im->loop_fd, BLKFLSBUF, 0);
	if (mount(im->loop, im->mount, im->fs->name, 0, NULL))
		return failed(im, err, "mount", -errno);
	im->root_fd = open(im->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (im->root_fd < 0)
		rc = failed(im, err, "root", -errno);
	else if (!is_image(im))
		rc = failed(im, err, "mount", -EIO);
	if (rc) {
		if (im->root_fd >= 0)
			close(im->root_fd);
		im->root_fd = -1;
		(void)umount2(im->mount, MNT_DETACH);
	}
	return rc;
}

int image_shutdown(struct image *im)
{
	__u32 how = NO_LOG_FLUSH;

	if (im->root_fd < 0 || !is_image(im))
		return -EBADF;
	return ioctl(im->root_fd, SHUTDOWN, &how) ? -errno : 0;
}

int image_unmount(struct image *im, struct load_error *err)
{
	unsigned int naps = 0;
	int rc;

	if (im->root_fd < 0)
		return 0;
	close(im->root_fd);
	im->root_fd = -1;
	/* A ring that was closed gives its files back a while later. */
	do {
		rc = umount2(im->mount, 0) ? -errno : 0;
		if (rc == -EBUSY)
			nap();
	} while (rc == -EBUSY && naps++ < BUSY_NAPS);
	return rc ? failed(im, err, "umount", rc) : 0;
}
