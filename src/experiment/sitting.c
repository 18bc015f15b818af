// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/sitting.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "experiment/image.h"
#include "load/scratch.h"

#define NAP_NS 20000000
#define ROOM_MIB 16 /* beside the image */
#define SAID_BYTES 4096

/* What both processes see. */
struct shared {
	struct load_error err; /* of the child, before it became the program */
};

struct sitting {
	const struct sitting_setup *setup;
	struct shared *shared;
	struct scratch *scratch;
	struct image_fs fs;
	struct image image;
	char *mount;
	int said_fd;
};

static const struct image_fs *find_fs(const char *name)
{
	size_t i;

	for (i = 0; i < IMAGE_FS_MAX; i++)
		if (!strcmp(image_fs(i)->name, name))
			return image_fs(i);
	return NULL;
}

/* ---- the image's file ---- */

static int check_room(const struct sitting *s, struct load_error *err)
{
	struct statvfs vfs;
	uint64_t free_mib;

	if (statvfs(s->setup->directory, &vfs) || !vfs.f_blocks)
		return 0; /* scratch_open() says it better */
	free_mib = (uint64_t)vfs.f_bavail * vfs.f_frsize >> 20;
	if (free_mib >= SITTING_IMAGE_MIB + ROOM_MIB)
		return 0;
	load_error_set(err, "%s needs an image of %u MiB, but %s has %llu MiB free",
		       s->fs.name, SITTING_IMAGE_MIB, s->setup->directory,
		       (unsigned long long)free_mib);
	return -ENOSPC;
}

static int make_file(struct sitting *s, struct load_error *err)
{
	int rc = check_room(s, err), fd;

	if (!rc)
		rc = scratch_open(s->setup->directory, &s->scratch, err);
	if (!rc)
		rc = scratch_begin_round(s->scratch);
	if (rc)
		return rc;
	s->image = (struct image){ .fs = &s->fs, .loop_fd = -1, .root_fd = -1 };
	fd = scratch_create(s->scratch, "night.image", 0, &s->image.path);
	if (fd < 0)
		return fd;
	close(fd);
	/* Nothing else of ours lies in that folder. */
	s->mount = strndup(s->image.path,
			   (size_t)(strrchr(s->image.path, '/') - s->image.path));
	s->image.mount = s->mount;
	return s->mount ? 0 : -ENOMEM;
}

/* ---- the child ---- */

/* Its file system is there, in a mount namespace of its own. 0 or -errno with err. */
static int child_mount(struct sitting *s)
{
	struct load_error *err = &s->shared->err;
	int rc = image_own_mounts();

	if (rc)
		load_error_set(err, "a file system for %s: mount namespace: %s",
			       s->fs.name, strerror(-rc));
	if (!rc)
		rc = image_attach(&s->image, err);
	if (!rc)
		rc = image_fill(&s->image, 0, s->setup->stop, NULL, err);
	if (!rc)
		rc = image_make(&s->image, err);
	if (!rc)
		rc = image_mount(&s->image, err);
	/* Others than root may be meant to look, none to write. */
	if (!rc)
		*s->setup->where = s->mount;
	return rc;
}

static void child(struct sitting *s, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A terminal's SIGINT is ours, which passes it on: twice would stop it at once. */
	(void)setpgid(0, 0);
	if (getppid() != parent)
		_exit(127);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (s->setup->filesystem && child_mount(s))
		_exit(126);
	if (dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0) < 0 ||
	    dup2(s->setup->out_fd, 1) < 0 || dup2(s->said_fd, 2) < 0)
		_exit(127);
	(void)execv("/proc/self/exe", s->setup->argv);
	load_error_set(&s->shared->err, "%s: %s", s->setup->argv[0], strerror(errno));
	_exit(126);
}

/* ---- the parent ---- */

static int wait_for(pid_t pid, const volatile int *stop)
{
	const struct timespec nap = { 0, NAP_NS };
	int status = 0, told = 0;
	pid_t got;

	while (!(got = waitpid(pid, &status, WNOHANG)) || (got < 0 && errno == EINTR)) {
		if (*stop && !told)
			told = !kill(pid, SIGINT);
		(void)nanosleep(&nap, NULL);
	}
	return got < 0 ? -errno : status;
}

/* The last line that it wrote to standard error. */
static void read_said(int fd, char *said, size_t size)
{
	static const char prefix[] = "diowait: ";
	char text[SAID_BYTES + 1], *line;
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t got = pread(fd, text, SAID_BYTES,
			    end > SAID_BYTES ? end - SAID_BYTES : 0);

	text[got > 0 ? got : 0] = '\0';
	for (got = (ssize_t)strlen(text); got > 0 && text[got - 1] == '\n'; got--)
		text[got - 1] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (!strncmp(line, prefix, sizeof(prefix) - 1))
		line += sizeof(prefix) - 1;
	(void)snprintf(said, size, "%s", line);
}

int sitting_run(const struct sitting_setup *setup, char *said, size_t size,
		struct load_error *err)
{
	struct sitting s = { .setup = setup, .said_fd = -1 };
	const struct image_fs *fs = setup->filesystem ? find_fs(setup->filesystem) : NULL;
	pid_t pid, self = getpid();
	int rc = 0;

	*err = (struct load_error){ 0 };
	s.shared = mmap(NULL, sizeof(*s.shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s.said_fd = memfd_create("diowait-said", MFD_CLOEXEC);
	if (s.shared == MAP_FAILED || s.said_fd < 0 || (setup->filesystem && !fs))
		rc = setup->filesystem && !fs ? -EINVAL : -errno;
	if (!rc && fs) {
		s.fs = *fs;
		s.fs.mib = SITTING_IMAGE_MIB;
		rc = make_file(&s, err);
	}
	pid = rc ? -1 : fork();
	if (!pid)
		child(&s, self);
	if (!rc)
		rc = pid < 0 ? -errno : wait_for(pid, setup->stop);
	if (rc >= 0) {
		*err = s.shared->err;
		read_said(s.said_fd, said, size);
		if (err->text[0])
			rc = -EIO;
	} else if (!err->text[0]) {
		load_error_set(err, "%s", strerror(-rc));
	}
	(void)scratch_close(s.scratch);
	free(s.image.path);
	free(s.mount);
	if (s.said_fd >= 0)
		close(s.said_fd);
	if (s.shared != MAP_FAILED)
		(void)munmap(s.shared, sizeof(*s.shared));
	return rc;
}
