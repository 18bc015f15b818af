// SPDX-License-Identifier: GPL-2.0-or-later
/* What else went on while a round ran: counters at its start and at its end. */
#include "result/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "result/result.h"

#define SECTOR_BYTES 512
#define POLICIES_MAX 64 /* a reading may interrupt that processor */

enum psi { PSI_CPU, PSI_IO, PSI_MEMORY, PSI_NR };

static const char *const psi_name[PSI_NR] = { "cpu", "io", "memory" };

/* -1: not to be had. */
struct counters {
	int64_t steal_ticks;
	int64_t freq_min_khz, freq_max_khz;
	int64_t ctxsw;
	int64_t migrations;
	int64_t psi_us[PSI_NR];
	int64_t written_sectors;
};

struct host_noise {
	struct counters start;
	int64_t start_ns;
	bool has_device;
	struct host_device device;
};

/* "cpu  user nice system idle iowait irq softirq steal ...", all CPUs. */
static int64_t read_steal_ticks(void)
{
	char text[512];
	long long steal;

	if (host_read(text, sizeof(text), "/proc/stat") < 0 ||
	    sscanf(text, "cpu %*u %*u %*u %*u %*u %*u %*u %lld", &steal) != 1)
		return -1;
	return steal;
}

static void read_freq_khz(struct counters *c)
{
	char *names = host_list("policy", "/sys/devices/system/cpu/cpufreq");
	char *name, *rest;
	unsigned int nr = 0;
	int64_t khz;

	c->freq_min_khz = -1;
	c->freq_max_khz = -1;
	for (name = names ? strtok_r(names, " ", &rest) : NULL; name && nr < POLICIES_MAX;
	     name = strtok_r(NULL, " ", &rest), nr++) {
		if (host_read_number(&khz,
				     "/sys/devices/system/cpu/cpufreq/%s/"
				     "scaling_cur_freq",
				     name) ||
		    khz <= 0)
			continue;
		if (c->freq_min_khz < 0 || khz < c->freq_min_khz)
			c->freq_min_khz = khz;
		if (khz > c->freq_max_khz)
			c->freq_max_khz = khz;
	}
	free(names);
}

/* Threads that are alive now; those that ended took their count with them. */
static int64_t read_migrations(void)
{
	char *tasks = host_list("", "/proc/self/task"), *task, *rest, *at;
	int64_t sum = -1;
	char text[1024];

	for (task = tasks ? strtok_r(tasks, " ", &rest) : NULL; task;
	     task = strtok_r(NULL, " ", &rest)) {
		if (host_read(text, sizeof(text), "/proc/self/task/%s/sched", task) < 0)
			continue;
		at = strstr(text, "nr_migrations");
		at = at ? strchr(at, ':') : NULL;
		if (at)
			sum = (sum < 0 ? 0 : sum) + strtoll(at + 1, NULL, 10);
	}
	free(tasks);
	return sum;
}

static int64_t read_psi_us(enum psi which)
{
	char text[256], *at;

	if (host_read(text, sizeof(text), "/proc/pressure/%s", psi_name[which]) < 0 ||
	    strncmp(text, "some ", 5))
		return -1;
	at = strstr(text, "total=");
	return at ? strtoll(at + strlen("total="), NULL, 10) : -1;
}

static int64_t read_written_sectors(const struct host_device *d)
{
	char text[512];
	long long sectors;

	if (host_read(text, sizeof(text), "/sys/dev/block/%u:%u/stat", d->major,
		      d->minor) < 0 ||
	    sscanf(text, "%*u %*u %*u %*u %*u %*u %lld", &sectors) != 1)
		return -1;
	return sectors;
}

static void read_counters(const struct host_noise *n, struct counters *c)
{
	struct rusage usage;
	unsigned int i;

	c->steal_ticks = read_steal_ticks();
	read_freq_khz(c);
	c->migrations = read_migrations();
	for (i = 0; i < PSI_NR; i++)
		c->psi_us[i] = read_psi_us(i);
	c->written_sectors = n->has_device ? read_written_sectors(&n->device) : -1;
	/* Last, so that the reading above is not in the count at the start. */
	c->ctxsw = getrusage(RUSAGE_SELF, &usage) ? -1 : usage.ru_nvcsw + usage.ru_nivcsw;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

struct host_noise *host_noise_start(const char *dir)
{
	struct host_noise *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->has_device = dir && !host_device_of_dir(dir, &n->device);
	/* Outside all readings: no time counted between them is longer. */
	n->start_ns = now_ns();
	read_counters(n, &n->start);
	return n;
}

/* The growth of a counter in units of its own; null when either is missing. */
static void put_delta(struct host *h, const char *path, int64_t before, int64_t after,
		      int64_t unit)
{
	if (before < 0 || after < before)
		host_put_null(h, path);
	else
		host_put_int(h, path, (after - before) * unit);
}

static void put_freq(struct host *h, const struct counters *a, const struct counters *b)
{
	if (a->freq_min_khz < 0 || b->freq_min_khz < 0) {
		host_put_null(h, "freq_khz");
		return;
	}
	host_put_int(h, "freq_khz.min",
		     a->freq_min_khz < b->freq_min_khz ? a->freq_min_khz :
							 b->freq_min_khz);
	host_put_int(h, "freq_khz.max",
		     a->freq_max_khz > b->freq_max_khz ? a->freq_max_khz :
							 b->freq_max_khz);
}

int host_noise_stop(struct host_noise *n, uint64_t own_bytes, struct facts *out)
{
	struct host h = { .facts = out };
	struct counters *a = &n->start, b;
	long ticks = sysconf(_SC_CLK_TCK);
	int64_t other_bytes;
	char path[64];
	unsigned int i;

	read_counters(n, &b);
	host_put_int(&h, "window_ns", now_ns() - n->start_ns);
	put_delta(&h, "steal_ns", a->steal_ticks, b.steal_ticks,
		  1000000000 / (ticks > 0 ? ticks : 100));
	put_freq(&h, a, &b);
	put_delta(&h, "ctxsw", a->ctxsw, b.ctxsw, 1);
	put_delta(&h, "migrations", a->migrations, b.migrations, 1);
	for (i = 0; i < PSI_NR; i++) {
		snprintf(path, sizeof(path), "psi.%s_some_ns", psi_name[i]);
		put_delta(&h, path, a->psi_us[i], b.psi_us[i], 1000);
	}
	if (a->written_sectors < 0 || b.written_sectors < a->written_sectors) {
		host_put_null(&h, "other_write_bytes");
	} else {
		other_bytes = (b.written_sectors - a->written_sectors) * SECTOR_BYTES -
			      (int64_t)own_bytes;
		host_put_int(&h, "other_write_bytes", other_bytes > 0 ? other_bytes : 0);
	}
	free(n);
	return h.err;
}
