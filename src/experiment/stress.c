// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/kmsg.h"
#include "experiment/stress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "experiment/crash.h"
#include "result/host.h"
#include "verify/verify.h"

#define KERNEL_LINES 20 /* of its log, at most */
#define TICK_NS 50000000
#define STOPPED_NS 1000000000ull /* a tick that took so long: we were stopped */
#define DRAIN_NS 2000000000ull	 /* before the end: the last round is read back */
#define KILL_NS 3000000000ull	 /* so long a child may take to die */
#define STACKS_MAX 4		 /* of hung threads */
#define SILENCE_TIMES 6		 /* the watchdog: so long nothing at all may move */

/* What the child tells beside the board; both are in memory that they share. */
struct stress_shared {
	volatile int stop;
	struct load_error err;
};

struct stress {
	const struct stress_setup *setup;
	struct board *board;
	struct crash *crash; /* NULL: none asked for */
	struct stress_shared *shared;
	struct load_error *err;
	uint64_t start_ns;
	uint64_t awake_ns; /* since then nobody has stopped us; 0: since the start */
	uint64_t moved;	   /* of the board, when something last moved on it ... */
	uint64_t moved_ns; /* ... at that time */
	int fd;		   /* of the child's result */
	int kmsg_fd;	   /* -1: may not be read */
	pid_t pid;
	bool hung;
	bool left;   /* ... and could not be killed */
	bool failed; /* something broke, and then the run ended with an error */
	struct result *result;
};

/* ---- the child ---- */

/* Cycles until somebody wants an end; *total is what they come to. 0 or -errno. */
static int child_cycles(const struct stress *s, struct verify *v, struct result **total)
{
	struct experiment_setup setup = { .stop = &s->shared->stop, .verify = v };
	const struct stress_setup *in = s->setup;
	uint64_t cycle;
	size_t i, k;
	int rc = 0;

	for (cycle = 0; !rc && !s->shared->stop && (!in->cycles || cycle < in->cycles);
	     cycle++) {
		struct result *r = NULL;

		for (i = 0; i < in->variant_nr; i++)
			for (k = 0; k < in->variant[i].w->job_nr; k++)
				in->variant[i].w->job[k].randseed = in->seed + cycle;
		rc = experiment_run(in->whole, in->variant, in->variant_nr, &setup, &r,
				    &s->shared->err);
		if ((rc == -EINTR || rc == -ENODATA) && s->shared->stop) {
			/* The end came before anything was measured. */
			s->shared->err.text[0] = '\0';
			rc = 0;
			break;
		}
		if (!rc && *total)
			rc = result_merge(r, *total);
		*total = rc ? NULL : r;
		if (!rc && s->shared->err.text[0])
			rc = -EIO;
	}
	return rc;
}

static void child_run(const struct stress *s, pid_t parent)
{
	struct timespec now;
	struct result *total = NULL;
	struct verify *v = NULL;
	uint64_t run;
	FILE *out;
	int rc;

	/* The parent decides when to end; without it nobody would. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	run = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	rc = verify_new(s->board, run, &v);
	if (!rc && s->crash)
		rc = crash_cycles(s->crash, v, s->board, run, &s->shared->stop,
				  &s->shared->err);
	else if (!rc)
		rc = child_cycles(s, v, &total);
	verify_free(v);
	out = rc || !total ? NULL : fdopen(s->fd, "w");
	if (out) {
		rc = result_dump(total, out);
		if (fclose(out) && !rc)
			rc = -errno;
	}
	result_free(total);
	if (rc && !s->shared->err.text[0])
		load_error_set(&s->shared->err, "%s", strerror(-rc));
	_exit(rc ? 1 : 0);
}

/* ---- what hangs ---- */

/* The kernel's stack of a thread of the child, a frame a line. */
static size_t put_stack(pid_t pid, pid_t tid, char *text, size_t size)
{
	char path[64], line[128];
	size_t at = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stack", (int)pid, (int)tid);
	f = fopen(path, "re");
	while (f && at + sizeof(line) < size && fgets(line, sizeof(line), f))
		at += (size_t)snprintf(text + at, size - at, "    %s", line);
	if (f)
		fclose(f);
	return at;
}

/* Says what is under way for longer than it may. True: something is. */
static bool hung(struct stress *s, uint64_t now_ns)
{
	struct board *b = s->board;
	char text[BOARD_TEXT_MAX] = "";
	uint64_t offset = 0, len = 0;
	unsigned int shown = 0, nr = 0;
	size_t at = 0;
	uint32_t i;

	for (i = 0; i < b->call_nr && i < BOARD_CALLS_MAX; i++) {
		const struct board_call *c = &b->call[i];
		uint64_t since_ns = c->since_ns;

		/* While we were stopped, so was the child, as with ^Z. */
		if (since_ns && since_ns < s->awake_ns)
			since_ns = s->awake_ns;
		if (!since_ns || now_ns < since_ns ||
		    now_ns - since_ns < s->setup->watchdog_ns)
			continue;
		if (!nr++) {
			offset = c->offset;
			len = c->len;
		}
		if (shown == STACKS_MAX || at + 200 > sizeof(text))
			continue;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s", c->what);
		if (c->len)
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       " of %u bytes at offset %llu", c->len,
					       (unsigned long long)c->offset);
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       ": under way for %.1f s, thread %d\n",
				       (double)(now_ns - since_ns) / 1e9, (int)c->tid);
		if (!shown++)
			at += put_stack(s->pid, c->tid, text + at, sizeof(text) - at);
	}
	if (nr)
		board_broke(b, CONTRACT_COMPLETION, offset, len,
			    "%u under way for too long; the first:\n%s", nr, text);
	return nr > 0;
}

/*
 * Whether nothing has moved on the board for too long: what hangs is nothing that is written
 * down there, such as mkfs, or a lock.
 */
static bool silent(struct stress *s, uint64_t now_ns)
{
	struct board *b = s->board;
	uint64_t moved = b->writes + b->rounds + b->beats;
	char stack[BOARD_TEXT_MAX - 200] = "";
	uint32_t i;

	for (i = 0; i < CONTRACT_NR; i++)
		moved += b->checked[i];
	for (i = 0; i < b->call_nr && i < BOARD_CALLS_MAX; i++)
		moved += b->call[i].since_ns;
	if (moved != s->moved || s->moved_ns < s->awake_ns) {
		s->moved = moved;
		s->moved_ns = now_ns;
	}
	if ((now_ns - s->moved_ns) / SILENCE_TIMES < s->setup->watchdog_ns)
		return false;
	(void)put_stack(s->pid, s->pid, stack, sizeof(stack));
	board_broke(
		b, CONTRACT_COMPLETION, 0, 0,
		"nothing was begun or ended for %.1f s, and no write is under way; process %d%s\n%s",
		(double)(now_ns - s->moved_ns) / 1e9, (int)s->pid, *stack ? " is in" : "",
		stack);
	return true;
}

/* ---- the parent ---- */

static void tell(const struct stress *s, uint64_t now_ns)
{
	struct stress_progress p = {
		.seconds = (double)(now_ns - s->start_ns) / 1e9,
		.writes = s->board->writes,
		.rounds = s->board->rounds,
		.where = s->setup->where[s->board->variant % s->setup->variant_nr],
	};
	unsigned int c;

	for (c = 0; c < CONTRACT_NR; c++)
		p.broken += s->board->broken[c];
	if (s->setup->progress)
		s->setup->progress(s->setup->ctx, &p);
}

/*
 * A process that hangs in a direct write dies only when the write comes back. True: it
 * has died.
 */
static bool kill_child(const struct stress *s, int *status)
{
	const struct timespec tick = { 0, TICK_NS };
	uint64_t end = board_now_ns() + KILL_NS;

	(void)kill(s->pid, SIGKILL);
	while (!waitpid(s->pid, status, WNOHANG)) {
		if (board_now_ns() >= end)
			return false;
		(void)nanosleep(&tick, NULL);
	}
	return true;
}

/* Until the child has ended, or hangs. 0 or -errno with err. */
static int watch(struct stress *s)
{
	const struct stress_setup *in = s->setup;
	const struct timespec tick = { 0, TICK_NS };
	uint64_t end_ns, now_ns, last_ns = s->start_ns;
	int status = 0, rc;

	if (__builtin_add_overflow(s->start_ns, in->duration_ns, &end_ns))
		end_ns = UINT64_MAX;
	if (in->duration_ns > 4 * DRAIN_NS)
		end_ns -= DRAIN_NS;
	for (;;) {
		(void)nanosleep(&tick, NULL);
		rc = waitpid(s->pid, &status, WNOHANG);
		if (rc < 0)
			return -errno;
		if (rc)
			break;
		now_ns = board_now_ns();
		if (now_ns - last_ns > STOPPED_NS)
			s->awake_ns = now_ns;
		last_ns = now_ns;
		if (now_ns >= end_ns || (in->stop && *in->stop) ||
		    (in->stop_on_first && s->board->finding_nr))
			s->shared->stop = 1;
		tell(s, now_ns);
		if (!hung(s, now_ns) && !silent(s, now_ns))
			continue;
		s->hung = true;
		s->left = !kill_child(s, &status);
		return 0;
	}
	if (WIFSIGNALED(status)) {
		load_error_set(s->err, "the process that wrote died of signal %d (%s)",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
		return -EIO;
	}
	if (WEXITSTATUS(status)) {
		*s->err = s->shared->err;
		return -EIO;
	}
	return 0;
}

/* ---- the result ---- */

/* The child's document; one without variants where it has none. 0 or -errno. */
static int read_result(struct stress *s)
{
	char path[64], err[512];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->fd);
	if (!s->hung && !s->failed && lseek(s->fd, 0, SEEK_END) > 0)
		return result_read(path, &s->result, err, sizeof(err));
	s->result = result_new(NULL, 0);
	if (!s->result)
		return -ENOMEM;
	(void)clock_gettime(CLOCK_REALTIME, &s->result->started);
	s->result->workload_name = strdup(s->setup->whole->name);
	s->result->workload_text = strdup(s->setup->whole->text);
	s->result->workload_sha256 = strdup(s->setup->whole->sha256);
	if (!s->result->workload_name || !s->result->workload_text ||
	    !s->result->workload_sha256)
		return -ENOMEM;
	/* Not of the directory: what hangs there may hang us. */
	return host_collect(&s->result->host, NULL);
}

static int add_contracts(const struct stress *s, struct result_stress *out)
{
	unsigned int nr = s->crash ? CONTRACT_NR : CONTRACT_CRASH_DURABLE, c;

	out->contract = calloc(CONTRACT_NR, sizeof(*out->contract));
	if (!out->contract)
		return -ENOMEM;
	for (c = 0; c < nr; c++) {
		const struct contract_row *row = contract_row(c);
		struct result_contract *one = &out->contract[out->contract_nr++];

		one->name = strdup(row->name);
		one->promise = strdup(row->promise);
		one->checked = s->board->checked[row->counted_as];
		one->broken = s->board->broken[c];
		if (!one->name || !one->promise)
			return -ENOMEM;
	}
	return 0;
}

static int add_findings(const struct stress *s, struct result_stress *out)
{
	const struct board *b = s->board;
	uint32_t i;

	out->finding = calloc(BOARD_FINDINGS_MAX, sizeof(*out->finding));
	if (!out->finding)
		return -ENOMEM;
	for (i = 0; i < b->finding_nr && i < BOARD_FINDINGS_MAX; i++) {
		const struct board_finding *f = &b->finding[i];
		struct result_finding *one = &out->finding[out->finding_nr];

		if (!f->whole)
			continue;
		out->finding_nr++;
		one->contract = strdup(contract_row(f->contract)->name);
		one->where = strdup(s->setup->where[f->variant]);
		one->text = strdup(f->text);
		if (asprintf(&one->replay, "%s --seed=%llu%s", s->setup->command,
			     (unsigned long long)f->seed,
			     s->setup->replay[f->variant]) < 0)
			one->replay = NULL;
		if (!one->contract || !one->where || !one->text || !one->replay)
			return -ENOMEM;
		one->seed = f->seed;
		one->writes = f->writes;
		one->at_s = (double)(f->at_ns - s->start_ns) / 1e9;
		one->offset = f->offset;
		one->bytes = f->len;
	}
	return 0;
}

static int add_scenarios(const struct stress *s, struct result_stress *out)
{
	size_t i;

	out->where = calloc(s->setup->variant_nr, sizeof(*out->where));
	out->broken = calloc(s->setup->variant_nr, sizeof(*out->broken));
	if (!out->where || !out->broken)
		return -ENOMEM;
	for (i = 0; i < s->setup->variant_nr; i++) {
		out->where[i] = strdup(s->setup->where[i]);
		if (!out->where[i])
			return -ENOMEM;
		out->broken[out->where_nr++] = i < BOARD_VARIANTS_MAX ?
						       s->board->broken_in[i] :
						       0;
	}
	return 0;
}

/* Cycles of each file system, and why there were none. */
static int add_crashes(const struct stress *s, struct result_stress *out)
{
	const char *skipped;
	size_t fs, i;

	out->crash = calloc(IMAGE_FS_MAX, sizeof(*out->crash));
	if (!out->crash)
		return -ENOMEM;
	for (fs = 0; fs < IMAGE_FS_MAX; fs++) {
		struct result_crash *one = &out->crash[out->crash_nr];

		if (!crash_used(s->crash, fs, &skipped))
			continue;
		out->crash_nr++;
		one->filesystem = strdup(image_fs(fs)->name);
		one->skipped = *skipped ? strdup(skipped) : NULL;
		if (!one->filesystem || (*skipped && !one->skipped))
			return -ENOMEM;
		for (i = 0; i < s->setup->variant_nr; i++)
			if (s->setup->crash->fs[i] == fs)
				one->cycles += s->board->cycles_in[i];
	}
	return 0;
}

static int make_result(struct stress *s)
{
	struct result_stress *out;
	int rc = read_result(s);

	if (rc)
		return rc;
	out = s->result->stress = result_stress_new();
	if (!out)
		return -ENOMEM;
	s->result->interrupted = s->setup->stop && *s->setup->stop;
	out->seed = s->setup->seed;
	out->writes = s->board->writes;
	out->rounds = s->board->rounds;
	out->seconds = (double)(board_now_ns() - s->start_ns) / 1e9;
	out->hung = s->hung;
	out->left_pid = s->left ? s->pid : 0;
	if (s->board->breaks || s->hung) {
		out->kernel = kmsg_read(s->kmsg_fd, KERNEL_LINES, &out->kernel_nr);
		if (!out->kernel)
			return -ENOMEM;
	}
	rc = add_contracts(s, out);
	if (!rc)
		rc = add_findings(s, out);
	if (!rc && s->crash)
		rc = add_crashes(s, out);
	return rc ? rc : add_scenarios(s, out);
}

static int start(struct stress *s)
{
	pid_t parent;

	s->board = board_new();
	s->shared = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s->fd = memfd_create("diowait-stress", MFD_CLOEXEC);
	if (!s->board || s->shared == MAP_FAILED || s->fd < 0)
		return -ENOMEM;
	s->kmsg_fd = kmsg_open();
	s->board->watchdog_ns = s->setup->watchdog_ns;
	s->start_ns = s->moved_ns = board_now_ns();
	if (s->setup->crash) {
		int rc = crash_open(s->setup, &s->crash, s->err);

		if (rc)
			return rc;
	}
	/* A caller that ignores it would have us never hear how the child ended. */
	(void)signal(SIGCHLD, SIG_DFL);
	parent = getpid();
	s->pid = fork();
	if (s->pid < 0)
		return -errno;
	if (!s->pid)
		child_run(s, parent);
	return 0;
}

/* Where it hangs the images' folder may, too: then a process that nobody waits for. */
static void close_crash(const struct stress *s)
{
	pid_t pid = s->crash && s->hung ? fork() : 0;

	if (pid)
		return;
	crash_close(s->crash);
	if (s->crash && s->hung)
		_exit(0);
}

int stress_run(const struct stress_setup *setup, struct result **out,
	       struct load_error *err)
{
	struct stress s = { .setup = setup, .err = err, .fd = -1, .kmsg_fd = -1 };
	int rc;

	err->text[0] = '\0';
	if (setup->variant_nr > BOARD_VARIANTS_MAX) {
		load_error_set(err, "more than %d scenarios and engines",
			       BOARD_VARIANTS_MAX);
		return -E2BIG;
	}
	rc = start(&s);
	if (!rc)
		rc = watch(&s);
	/* What was found before an error is what there is to tell. */
	s.failed = rc && s.board && s.board->breaks;
	if (s.failed && !err->text[0])
		load_error_set(err, "%s", strerror(-rc));
	if (!rc || s.failed)
		rc = make_result(&s);
	if (rc && !err->text[0])
		load_error_set(err, "%s", strerror(-rc));
	close_crash(&s);
	if (s.fd >= 0)
		close(s.fd);
	if (s.kmsg_fd >= 0)
		close(s.kmsg_fd);
	if (s.shared && s.shared != MAP_FAILED)
		(void)munmap(s.shared, sizeof(*s.shared));
	board_free(s.board);
	if (rc) {
		result_free(s.result);
		return rc;
	}
	*out = s.result;
	return 0;
}
