// SPDX-License-Identifier: GPL-2.0-or-later
/* slowfs: the settings, the service times made from them, and the log. */
#include "slowfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings set;
__thread char setting_why[160];
struct worker *worker;
unsigned int worker_nr;
__thread struct worker *self;

static const char *const kind_name[KIND_NR] = { "overwrite", "extend", "layout", "read",
						"fsync" };

#define SETTING_ROW(field, name, value, help) { name, help, &set.field, value },
static const struct setting {
	const char *name, *help;
	_Atomic uint64_t *value;
	uint64_t initial;
} settings[] = { SETTINGS(SETTING_ROW) };
#define SETTINGS_NR (sizeof(settings) / sizeof(settings[0]))

static FILE *log_file;
static _Atomic int64_t eio_countdown;
static _Atomic uint64_t stall_start_ns, stall_end_ns;

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void settings_init(void)
{
	size_t i;

	for (i = 0; i < SETTINGS_NR; i++)
		*settings[i].value = settings[i].initial;
}

void settings_help(void)
{
	size_t i;

	for (i = 0; i < SETTINGS_NR; i++)
		printf("  %-14s %-14" PRIu64 " %s\n", settings[i].name,
		       settings[i].initial, settings[i].help);
}

static void setting_changed(const struct setting *s)
{
	if (s->value == &set.power) {
		pthread_mutex_lock(&fs_lock);
		power_changed();
		pthread_mutex_unlock(&fs_lock);
	}
	if (s->value == &set.eio_at)
		eio_countdown = (int64_t)set.eio_at;
	if (s->value == &set.stall_at_ms && set.stall_at_ms) {
		stall_end_ns = 0;
		stall_start_ns = now_ns() + set.stall_at_ms * 1000 * NS_PER_US;
		stall_end_ns = stall_start_ns + set.stall_ms * 1000 * NS_PER_US;
	}
}

static bool setting_refused(const struct setting *s, uint64_t value)
{
	if (s->value == &set.fault_heal_ms)
		return fault_heal_check(value);
	if (s->value != &set.fault_every || value)
		return false;
	snprintf(setting_why, sizeof(setting_why), "fault-every has to be 1 or more");
	return true;
}

int setting_apply(const char *word)
{
	size_t len = strcspn(word, "="), i;
	uint64_t value;
	char *end;

	setting_why[0] = '\0';
	if (!strcmp(word, "flush")) {
		log_flush();
		return 0;
	}
	if (!strncmp(word, "fault=", 6))
		return fault_select(word + 6);
	if (word[len] != '=' || word[len + 1] < '0' || word[len + 1] > '9')
		return -EINVAL;
	value = strtoull(word + len + 1, &end, 10);
	switch (*end) {
	case 'g':
		value <<= 10;
		/* fall through */
	case 'm':
		value <<= 10;
		/* fall through */
	case 'k':
		value <<= 10;
		end++;
	}
	if (*end)
		return -EINVAL;
	for (i = 0; i < SETTINGS_NR; i++) {
		if (strlen(settings[i].name) != len ||
		    strncmp(settings[i].name, word, len))
			continue;
		if (setting_refused(&settings[i], value))
			return -EINVAL;
		*settings[i].value = value;
		setting_changed(&settings[i]);
		return 0;
	}
	return -EINVAL;
}

int log_open(const char *path)
{
	log_file = fopen(path, "we");
	return log_file ? 0 : -errno;
}

static int by_arrival(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return (x->arrival_ns > y->arrival_ns) - (x->arrival_ns < y->arrival_ns);
}

void log_flush(void)
{
	static pthread_mutex_t flushing = PTHREAD_MUTEX_INITIALIZER;
	struct record *all = NULL, *more;
	size_t nr = 0, i;
	unsigned int w;

	if (!log_file)
		return;
	pthread_mutex_lock(&flushing);
	for (w = 0; w < worker_nr; w++) {
		pthread_mutex_lock(&worker[w].lock);
		more = realloc(all, (nr + worker[w].log_nr + 1) * sizeof(*all));
		if (more) {
			all = more;
			if (worker[w].log_nr)
				memcpy(all + nr, worker[w].log,
				       worker[w].log_nr * sizeof(*all));
			nr += worker[w].log_nr;
			worker[w].log_nr = 0;
		}
		pthread_mutex_unlock(&worker[w].lock);
	}
	if (nr)
		qsort(all, nr, sizeof(*all), by_arrival);
	for (i = 0; i < nr; i++)
		fprintf(log_file,
			"%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
			" %s %" PRIu64 " %" PRId64 "\n",
			all[i].arrival_ns, all[i].start_ns, all[i].end_ns, all[i].offset,
			all[i].len, kind_name[all[i].kind], all[i].ino, all[i].res);
	fflush(log_file);
	free(all);
	pthread_mutex_unlock(&flushing);
}

void log_add(const struct record *r)
{
	struct record *more;

	if (!log_file)
		return;
	pthread_mutex_lock(&self->lock);
	if (self->log_nr == self->log_max) {
		more = realloc(self->log, (self->log_max * 2 + 1024) * sizeof(*more));
		if (!more) {
			/* A log with a hole in it would prove nothing. */
			perror("slowfs: log");
			abort();
		}
		self->log = more;
		self->log_max = self->log_max * 2 + 1024;
	}
	self->log[self->log_nr++] = *r;
	pthread_mutex_unlock(&self->lock);
}

/* Where a stamp has its magic number, and what tells of the write: src/verify/stamp.c. */
#define STAMP_MAGIC_AT 8
#define STAMP_SEQ_AT 40
#define LAYOUT_SEQ_MAX 100 /* a tick or two for each MiB that is laid out */

bool is_stamped(const char *data, uint64_t len)
{
	static const char magic[] = "!oidtiaW";

	return len >= STAMP_MAGIC_AT + 8 && !memcmp(data + STAMP_MAGIC_AT, magic, 8);
}

bool eio_due(const char *data, uint64_t len)
{
	static _Atomic uint64_t drawn;
	uint32_t seq;

	if (eio_countdown > 0 && atomic_fetch_sub(&eio_countdown, 1) == 1)
		return true;
	if (!set.eio_stamped || len < STAMP_SEQ_AT + sizeof(seq) ||
	    !is_stamped(data, len))
		return false;
	memcpy(&seq, data + STAMP_SEQ_AT, sizeof(seq));
	if (seq <= LAYOUT_SEQ_MAX)
		return false;
	return hash(set.fault_seed + ++drawn * 0x9e3779b97f4a7c15ull) <=
	       UINT64_MAX / set.eio_stamped;
}

void serve(struct record *r)
{
	const uint64_t us[KIND_NR] = {
		[OVERWRITE] = set.overwrite_us,
		[EXTEND] = set.extend_us,
		[READ] = set.read_us,
		[FSYNC] = set.fsync_us,
	};
	uint64_t service_ns = set.delays ? us[r->kind] * NS_PER_US : 0;
	uint64_t stall_from = stall_start_ns, stall_to = stall_end_ns;
	uint64_t due_ns, wake_ns;
	struct timespec ts;

	r->start_ns = r->arrival_ns;
	due_ns = r->arrival_ns + service_ns;
	if (r->kind != LAYOUT && r->arrival_ns < stall_to && due_ns > stall_from) {
		if (r->start_ns > stall_from) {
			r->start_ns = stall_to;
			due_ns = stall_to + service_ns;
		} else {
			due_ns += stall_to - stall_from;
		}
	}
	wake_ns = due_ns - set.spin_us * NS_PER_US;
	if (due_ns > r->arrival_ns && wake_ns > now_ns()) {
		ts.tv_sec = (time_t)(wake_ns / NS_PER_S);
		ts.tv_nsec = (long)(wake_ns % NS_PER_S);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
		       EINTR)
			;
	}
	do
		r->end_ns = now_ns();
	while (r->end_ns < due_ns);
}
