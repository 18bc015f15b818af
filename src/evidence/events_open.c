// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens the rings and the events. */
#include "evidence/events_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RING_BYTES (2u << 20)
#define RING_MIN_BYTES (16u << 10)
#define CPUS_MAX 8192

const struct events_kind events_kinds[SLOT_NR] = {
	[SLOT_SWITCH] = { .inherited = true },
	[SLOT_SLEEP] = { "sched",
			 "sched_switch",
			 { NULL },
			 EVENT_SLEEP,
			 .inherited = true,
			 .chain = true },
	[SLOT_SLEEP_EVERY] = { "sched",
			       "sched_switch",
			       { NULL },
			       EVENT_SLEEP,
			       .inherited = true,
			       .chain = true },
	[SLOT_PUNT] = { "io_uring",
			"io_uring_queue_async_work",
			{ "user_data" },
			EVENT_PUNT,
			.inherited = true,
			.optional = true },
	[SLOT_REPLY] = { "io_uring",
			 "io_uring_complete",
			 { "user_data", "res" },
			 EVENT_REPLY,
			 .inherited = true,
			 .optional = true },
	[SLOT_BEGIN] = { "iomap",
			 "iomap_dio_rw_begin",
			 { "dev", "ino", "isize", "pos", "count", "ki_flags",
			   "dio_flags" },
			 EVENT_BEGIN,
			 .turn = EVENTS_BEGINS },
	[SLOT_WAKING] = { "sched",
			  "sched_waking",
			  { "pid" },
			  EVENT_WAKING,
			  .turn = EVENTS_WAKINGS },
	[SLOT_COMPLETE] = { "iomap",
			    "iomap_dio_complete",
			    { "dev", "ino", "isize", "pos", "ret" },
			    EVENT_COMPLETE,
			    .turn = EVENTS_COMPLETIONS },
	[SLOT_WORK_QUEUE] = { "workqueue",
			      "workqueue_queue_work",
			      { "work", "function" },
			      EVENT_WORK_QUEUE,
			      .turn = EVENTS_COMPLETIONS,
			      .optional = true },
	[SLOT_WORK_START] = { "workqueue",
			      "workqueue_execute_start",
			      { "work", "function" },
			      EVENT_WORK_START,
			      .turn = EVENTS_COMPLETIONS,
			      .optional = true },
	[SLOT_WORK_END] = { "workqueue",
			    "workqueue_execute_end",
			    { "work", "function" },
			    EVENT_WORK_END,
			    .turn = EVENTS_COMPLETIONS,
			    .optional = true },
};

static int perf_open(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	struct rlimit limit;
	int fd;

	fd = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	/* The soft limit is for programs that use select(). */
	if (fd < 0 && errno == EMFILE && !getrlimit(RLIMIT_NOFILE, &limit) &&
	    limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		fd = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1,
				  PERF_FLAG_FD_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

static void set_attr(const struct events *e, enum events_slot slot, pid_t pid,
		     struct perf_event_attr *attr)
{
	const struct events_kind *kind = &events_kinds[slot];

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = kind->name ? PERF_TYPE_TRACEPOINT : PERF_TYPE_SOFTWARE;
	attr->config = kind->name ? e->config[slot] : PERF_COUNT_SW_DUMMY;
	attr->sample_period = 1;
	attr->sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			    PERF_SAMPLE_CPU;
	attr->read_format = PERF_FORMAT_LOST;
	attr->disabled = 1;
	attr->sample_id_all = 1;
	attr->use_clockid = 1;
	attr->clockid = CLOCK_MONOTONIC;
	/* Nobody is to be woken. */
	attr->watermark = 1;
	attr->wakeup_watermark = UINT32_MAX;
	attr->inherit = attr->inherit_thread = !pid;
	attr->context_switch = slot == SLOT_SWITCH || pid > 0;
	if (kind->chain) {
		attr->sample_type |= PERF_SAMPLE_CALLCHAIN;
		attr->exclude_callchain_user = 1;
		attr->sample_max_stack = e->stack_max;
	} else if (kind->name) {
		attr->sample_type |= PERF_SAMPLE_RAW;
	}
}

static int add_id(struct events *e, int fd, enum events_slot slot)
{
	struct events_id *bigger;
	uint64_t id;
	size_t i;

	if (ioctl(fd, PERF_EVENT_IOC_ID, &id))
		return -errno;
	if (e->id_nr == e->id_max) {
		size_t max = e->id_max ? e->id_max * 2 : 256;

		bigger = realloc(e->id, max * sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		e->id = bigger;
		e->id_max = max;
	}
	/* By id. The kernel counts them up, so that this is the last one. */
	for (i = e->id_nr; i > 0 && e->id[i - 1].id > id; i--)
		e->id[i] = e->id[i - 1];
	e->id[i].id = id;
	e->id[i].slot = (uint8_t)slot;
	e->id[i].open = false;
	e->id_nr++;
	return 0;
}

int events_open_slot(struct events *e, struct events_cpu *cpu, enum events_slot slot,
		     pid_t pid, const char *filter)
{
	struct perf_event_attr attr;
	int fd, ret;

	set_attr(e, slot, pid, &attr);
	fd = perf_open(&attr, pid, cpu->cpu);
	if (fd == -EOVERFLOW && e->stack_max) {
		/* kernel.perf_event_max_stack is lower; then as many as that. */
		e->stack_max = 0;
		attr.sample_max_stack = 0;
		fd = perf_open(&attr, pid, cpu->cpu);
	}
	if (fd < 0)
		return fd;
	ret = add_id(e, fd, slot);
	if (ret)
		goto fail;
	if ((filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter)) ||
	    (slot != SLOT_SWITCH &&
	     ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, cpu->fd[SLOT_SWITCH]))) {
		ret = -errno;
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return ret;
}

static int map_ring(struct events_cpu *cpu, size_t *bytes)
{
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	struct events_ring *ring = &cpu->ring;
	void *map;

	if (*bytes < page_bytes)
		*bytes = page_bytes;
	for (;;) {
		map = mmap(NULL, page_bytes + *bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			   cpu->fd[SLOT_SWITCH], 0);
		if (map != MAP_FAILED)
			break;
		/* Past the limit on locked memory: a smaller one loses more. */
		if ((errno != EPERM && errno != ENOMEM) || *bytes <= RING_MIN_BYTES ||
		    *bytes <= page_bytes)
			return -errno;
		*bytes /= 2;
	}
	ring->page = map;
	ring->map_bytes = page_bytes + *bytes;
	ring->data = (const unsigned char *)map + page_bytes;
	ring->bytes = *bytes;
	return 0;
}

static int add_cpu(struct events *e, int number)
{
	struct events_cpu *cpu;
	size_t i;

	cpu = realloc(e->cpu, (e->cpu_nr + 1) * sizeof(*cpu));
	if (!cpu)
		return -ENOMEM;
	e->cpu = cpu;
	cpu += e->cpu_nr++;
	memset(cpu, 0, sizeof(*cpu));
	cpu->cpu = number;
	for (i = 0; i < SLOT_NR; i++)
		cpu->fd[i] = -1;
	return 0;
}

/* Processors that are online: "0-3,8". */
static int find_cpus(struct events *e)
{
	int first, last, ret = 0, n;
	FILE *f;

	f = fopen("/sys/devices/system/cpu/online", "re");
	if (!f)
		return -errno;
	while (!ret && fscanf(f, "%d", &first) == 1) {
		last = first;
		n = fgetc(f);
		if (n == '-') {
			if (fscanf(f, "%d", &last) != 1)
				ret = -EINVAL;
			n = fgetc(f);
		}
		if (first < 0 || last < first || last > CPUS_MAX)
			ret = -EINVAL;
		for (; !ret && first <= last; first++)
			ret = add_cpu(e, first);
		if (n != ',')
			break;
	}
	fclose(f);
	return !ret && !e->cpu_nr ? -EINVAL : ret;
}

static int open_rings(struct events *e, size_t ring_bytes, const char **why)
{
	size_t i;
	int ret;

	for (i = 0; i < e->cpu_nr; i++) {
		struct events_cpu *cpu = &e->cpu[i];

		ret = events_open_slot(e, cpu, SLOT_SWITCH, 0, NULL);
		if (ret < 0)
			return ret;
		cpu->fd[SLOT_SWITCH] = ret;
		ret = map_ring(cpu, &ring_bytes);
		if (ret) {
			*why = "no locked memory for rings: raise ulimit -l or "
			       "kernel.perf_event_mlock_kb";
			return ret;
		}
	}
	return 0;
}

static int read_formats(struct events *e, bool *there, const char **why)
{
	int fd, slot, ret = tracefs_open(&fd, why);

	if (ret)
		return ret;
	for (slot = 0; slot < SLOT_NR && !ret; slot++) {
		const struct events_kind *kind = &events_kinds[slot];
		size_t nr = 0;

		there[slot] = true;
		if (!kind->name)
			continue;
		while (nr < EVENTS_FIELDS_MAX && kind->field[nr])
			nr++;
		ret = tracefs_format(fd, kind->system, kind->name, kind->field,
				     e->field[slot], nr, &e->config[slot], why);
		if (ret == -ENOENT && !strcmp(kind->system, "iomap"))
			*why = "the kernel has no iomap events: 6.4 or later";
		if (ret == -ENOENT && kind->optional) {
			there[slot] = false;
			ret = 0;
		}
	}
	close(fd);
	return ret;
}

static int open_slots(struct events *e, const bool *there)
{
	uint64_t work = chains_address(e->chains, "iomap_dio_complete_work");
	char work_filter[64];
	size_t i;
	int slot, fd;

	snprintf(work_filter, sizeof(work_filter), "function == 0x%llx",
		 (unsigned long long)work);
	for (slot = SLOT_SWITCH + 1; slot < SLOT_NR; slot++) {
		const struct events_kind *kind = &events_kinds[slot];
		const char *filter = NULL;

		if (slot == SLOT_SLEEP)
			filter = "prev_state & 2";
		else if (slot == SLOT_SLEEP_EVERY)
			filter = "prev_state != 0 && prev_state != 256";
		else if (!strcmp(kind->system, "workqueue"))
			filter = work_filter;
		if (!there[slot] || (filter == work_filter && !work))
			continue;
		for (i = 0; i < e->cpu_nr; i++) {
			fd = events_open_slot(e, &e->cpu[i], (enum events_slot)slot,
					      kind->inherited ? 0 : -1, filter);
			if (fd < 0)
				return fd;
			e->cpu[i].fd[slot] = fd;
		}
	}
	return 0;
}

int events_open(const struct events_setup *setup, struct events **out, const char **why)
{
	size_t ring_bytes = setup->ring_bytes ? setup->ring_bytes : RING_BYTES;
	bool there[SLOT_NR] = { false };
	const char *missing = NULL;
	struct events *e;
	int ret;

	*why = "built without libtraceevent";
	if (!tracefs_built())
		return -ENOTSUP;
	*why = "no memory";
	e = calloc(1, sizeof(*e));
	if (!e)
		return -ENOMEM;
	e->chains = setup->chains;
	e->stack_max = CHAIN_FRAMES_MAX;
	ret = find_cpus(e);
	if (ret)
		goto out;
	e->watch_fd = calloc(e->cpu_nr * EVENTS_WATCHED_MAX, sizeof(*e->watch_fd));
	if (!e->watch_fd) {
		ret = -ENOMEM;
		goto out;
	}
	ret = open_rings(e, ring_bytes, &missing);
	if (!ret)
		ret = read_formats(e, there, &missing);
	if (!ret) {
		missing = NULL;
		ret = open_slots(e, there);
	}
out:
	if (!ret) {
		*out = e;
		return 0;
	}
	events_close(e);
	if (!missing && (ret == -EACCES || ret == -EPERM)) {
		ret = -EPERM;
		missing = "needs CAP_PERFMON (or root, or kernel.perf_event_paranoid=-1)";
	}
	if (ret == -EMFILE)
		missing = "too few files may be open: raise ulimit -n";
	*why = missing ? missing : strerror(-ret);
	return ret;
}

void events_close(struct events *e)
{
	size_t i;
	int slot;

	if (!e)
		return;
	events_stop(e);
	for (i = 0; i < e->cpu_nr; i++) {
		struct events_cpu *cpu = &e->cpu[i];

		/* The ring's own event last: the others write into its ring. */
		for (slot = SLOT_NR - 1; slot >= 0; slot--) {
			if (cpu->fd[slot] < 0)
				continue;
			if (slot == SLOT_SWITCH && cpu->ring.page)
				munmap(cpu->ring.page, cpu->ring.map_bytes);
			close(cpu->fd[slot]);
		}
	}
	free(e->cpu);
	free(e->id);
	free(e->event);
	free(e->sorted);
	free(e->watch_fd);
	free(e);
}

struct events_hold {
	struct events events; /* has the numbers of the tracepoints, and nothing open */
	int fd[SLOT_NR];
};

struct events_hold *events_hold(void)
{
	struct events_hold *h = calloc(1, sizeof(*h));
	bool there[SLOT_NR] = { false };
	const char *missing;
	int slot;

	if (!h)
		return NULL;
	if (!tracefs_built() || read_formats(&h->events, there, &missing)) {
		free(h);
		return NULL;
	}
	for (slot = 0; slot < SLOT_NR; slot++) {
		struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT,
						.size = sizeof(attr),
						.config = h->events.config[slot],
						.disabled = 1 };

		/* Of this thread alone: no other pays for it. */
		h->fd[slot] = there[slot] && events_kinds[slot].name ?
				      perf_open(&attr, 0, -1) :
				      -1;
	}
	return h;
}

void events_release(struct events_hold *h)
{
	int slot;

	for (slot = 0; h && slot < SLOT_NR; slot++) {
		if (h->fd[slot] >= 0)
			close(h->fd[slot]);
	}
	free(h);
}
