// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/logs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/replace.h"

#define MS_NS 1000000u

/* fio's directions, which are no kinds. */
enum direction { DIR_READ, DIR_WRITE, DIR_NR };

/* fio's bins: of 64 in each power of two, 29 groups of them. */
#define BINS_BITS 6
#define BINS (29u << BINS_BITS)

enum measure { MEASURE_SLAT, MEASURE_CLAT, MEASURE_LAT, MEASURE_BW, MEASURE_IOPS };

/* A file: of which key, its measure, how its name ends. */
static const struct log_kind {
	size_t offset; /* of the key's text in struct workload_job */
	enum measure measure;
	const char *suffix;
} log_kinds[] = {
	{ offsetof(struct workload_job, write_lat_log), MEASURE_SLAT, "slat" },
	{ offsetof(struct workload_job, write_lat_log), MEASURE_CLAT, "clat" },
	{ offsetof(struct workload_job, write_lat_log), MEASURE_LAT, "lat" },
	{ offsetof(struct workload_job, write_bw_log), MEASURE_BW, "bw" },
	{ offsetof(struct workload_job, write_iops_log), MEASURE_IOPS, "iops" },
};
#define LOG_KINDS (sizeof(log_kinds) / sizeof(log_kinds[0]))

static const char *const log_keys[] = { "write_lat_log", "write_bw_log", "write_iops_log",
					"write_hist_log" };
static const size_t log_offsets[] = { offsetof(struct workload_job, write_lat_log),
				      offsetof(struct workload_job, write_bw_log),
				      offsetof(struct workload_job, write_iops_log),
				      offsetof(struct workload_job, write_hist_log) };

/* One operation, or all of one direction in a window: sums then. */
struct sample {
	uint64_t at_ms;
	uint64_t ns[3]; /* by measure */
	uint64_t bytes, offset, nr;
	uint8_t dir;
};

struct bins {
	uint64_t at_ms, bytes;
	uint8_t dir;
	uint32_t bin[BINS];
};

/* A list that grows. */
struct list {
	void *item;
	size_t nr, max;
};

/* What one thread did. */
struct log_thread {
	const struct workload_job *job;
	unsigned int job_thread, number; /* of the job's threads; of the file */
	uint64_t epoch_ns;		 /* its first submission; 0: none so far */
	struct list sample, bins;
	bool lost; /* no memory for all of it */
};

struct logs {
	struct log_thread *thread;
	unsigned int thread_nr;
};

static const char *log_name(const struct workload_job *job, size_t offset)
{
	const char *name;

	memcpy(&name, (const char *)job + offset, sizeof(name));
	return name;
}

static bool wants_samples(const struct workload_job *job)
{
	return job->write_lat_log || job->write_bw_log || job->write_iops_log;
}

bool logs_wanted(const struct workload_job *job)
{
	return wants_samples(job) || job->write_hist_log;
}

int logs_check(const struct workload_job *job, struct load_error *err)
{
	const char *name, *slash;
	char *dir;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(log_keys) / sizeof(log_keys[0]) && !rc; i++) {
		name = log_name(job, log_offsets[i]);
		slash = name ? strrchr(name, '/') : NULL;
		dir = slash ? strndup(name, (size_t)(slash - name) + 1) : strdup(".");
		if (!dir)
			return -ENOMEM;
		if (name && access(dir, W_OK | X_OK)) {
			rc = -errno;
			load_error_job(err, job, log_keys[i], "%s=%s: %s", log_keys[i],
				       name, strerror(-rc));
		}
		free(dir);
	}
	return rc;
}

/* ---- while it runs ---- */

/* Room for one more at the end; NULL: no memory. */
static void *list_add(struct list *l, size_t item_bytes)
{
	size_t max = l->max ? 2 * l->max : 64;
	void *bigger;

	if (l->nr == l->max) {
		bigger = realloc(l->item, max * item_bytes);
		if (!bigger)
			return NULL;
		l->item = bigger;
		l->max = max;
	}
	bigger = (char *)l->item + l->nr++ * item_bytes;
	memset(bigger, 0, item_bytes);
	return bigger;
}

/* The end of the window of width_ms that at_ms lies in. */
static uint64_t window_end_ms(uint64_t at_ms, unsigned int width_ms)
{
	return (at_ms / width_ms + 1) * width_ms;
}

/* The sample that an operation belongs to: its own, or its window's. */
static struct sample *sample_of(struct log_thread *t, uint64_t at_ms, uint8_t dir)
{
	struct sample *s;
	size_t i;

	if (t->job->log_avg_msec) {
		at_ms = window_end_ms(at_ms, t->job->log_avg_msec);
		/* That of the other direction may have come between. */
		for (i = t->sample.nr; i > 0 && t->sample.nr - i < DIR_NR; i--) {
			s = (struct sample *)t->sample.item + i - 1;
			if (s->at_ms == at_ms && s->dir == dir)
				return s;
		}
	}
	s = list_add(&t->sample, sizeof(*s));
	if (s) {
		s->at_ms = at_ms;
		s->dir = dir;
	}
	return s;
}

static struct bins *bins_of(struct log_thread *t, uint64_t at_ms, uint8_t dir)
{
	struct bins *b;
	size_t i;

	at_ms = window_end_ms(at_ms, t->job->log_hist_msec);
	for (i = t->bins.nr; i > 0 && t->bins.nr - i < DIR_NR; i--) {
		b = (struct bins *)t->bins.item + i - 1;
		if (b->at_ms == at_ms && b->dir == dir)
			return b;
	}
	b = list_add(&t->bins, sizeof(*b));
	if (b) {
		b->at_ms = at_ms;
		b->dir = dir;
	}
	return b;
}

/* fio's plat_val_to_idx(): linear within each power of two. */
static unsigned int bin_of(uint64_t ns)
{
	unsigned int top = ns ? 63 - (unsigned int)__builtin_clzll(ns) : 0, shift, bin;

	if (top <= BINS_BITS)
		return (unsigned int)ns;
	shift = top - BINS_BITS;
	bin = (shift + 1) << BINS_BITS | (ns >> shift & ((1u << BINS_BITS) - 1));
	return bin < BINS ? bin : BINS - 1;
}

static int hook_open(void *ctx, unsigned int thread, unsigned int iodepth, void **state)
{
	struct logs *l = ctx;

	(void)iodepth;
	*state = logs_wanted(l->thread[thread].job) ? &l->thread[thread] : NULL;
	return 0;
}

static void hook_accepted(void *state, const struct load_op *op)
{
	struct log_thread *t = state;

	if (t && !t->epoch_ns)
		t->epoch_ns = op->submit_ns;
}

static void hook_complete(void *state, const struct load_op *op)
{
	struct log_thread *t = state;
	uint8_t dir = op->class->is_write ? DIR_WRITE : DIR_READ;
	uint64_t clat_ns = op->complete_ns - op->accepted_ns, at_ms;
	struct sample *s;
	struct bins *b;

	if (!t || !op->counts || op->class->is_sync || op->res <= 0)
		return;
	at_ms = (op->complete_ns - t->epoch_ns) / MS_NS;
	s = wants_samples(t->job) ? sample_of(t, at_ms, dir) : NULL;
	if (s) {
		s->ns[MEASURE_SLAT] += op->accepted_ns - op->submit_ns;
		s->ns[MEASURE_CLAT] += clat_ns;
		s->ns[MEASURE_LAT] += op->complete_ns - op->submit_ns;
		s->bytes += (uint64_t)op->res;
		s->offset = op->offset;
		s->nr++;
	}
	t->lost |= !s && wants_samples(t->job);
	b = t->job->write_hist_log ? bins_of(t, at_ms, dir) : NULL;
	if (b) {
		b->bin[bin_of(clat_ns)]++;
		b->bytes = (uint64_t)op->res;
	}
	t->lost |= !b && t->job->write_hist_log;
}

void logs_observer(struct logs *l, struct load_observer *out)
{
	*out = (struct load_observer){ .name = "logs",
				       .ctx = l,
				       .open = hook_open,
				       .accepted = hook_accepted,
				       .complete = hook_complete };
}

/* ---- files ---- */

static uint64_t sample_value(const struct sample *s, enum measure m, unsigned int avg_ms)
{
	uint64_t ns = s->ns[MEASURE_CLAT] ? s->ns[MEASURE_CLAT] : s->ns[MEASURE_LAT];

	switch (m) {
	case MEASURE_BW: /* KiB/s */
		return avg_ms ? s->bytes * 1000 / avg_ms / 1024 :
		       ns     ? s->bytes * 1000000000 / ns / 1024 :
				0;
	case MEASURE_IOPS:
		return avg_ms ? s->nr * 1000 / avg_ms : 1;
	default:
		return s->ns[m] / s->nr;
	}
}

/* time [ms], value, direction, bytes, [offset,] priority */
static int write_samples(const struct log_thread *t, enum measure m, FILE *out)
{
	const struct sample *s = t->sample.item;
	const unsigned int avg_ms = t->job->log_avg_msec;
	size_t i;

	for (i = 0; i < t->sample.nr; i++, s++) {
		fprintf(out, "%" PRIu64 ", %" PRIu64 ", %u, %" PRIu64, s->at_ms,
			sample_value(s, m, avg_ms), s->dir, avg_ms ? 0 : s->bytes);
		if (t->job->log_offset)
			fprintf(out, ", %" PRIu64, avg_ms ? 0 : s->offset);
		fputs(", 0\n", out);
	}
	return ferror(out) ? -EIO : 0;
}

/* time [ms], direction, bytes, then the counts of all bins, as coarse as asked for */
static int write_bins(const struct log_thread *t, FILE *out)
{
	const struct bins *b = t->bins.item;
	unsigned int step = 1u << t->job->log_hist_coarseness, k, j;
	uint64_t sum;
	size_t i;

	for (i = 0; i < t->bins.nr; i++, b++) {
		fprintf(out, "%" PRIu64 ", %u, %" PRIu64, b->at_ms, b->dir, b->bytes);
		for (k = 0; k < BINS; k += step) {
			for (sum = 0, j = k; j < k + step; j++)
				sum += b->bin[j];
			fprintf(out, ", %" PRIu64, sum);
		}
		fputc('\n', out);
	}
	return ferror(out) ? -EIO : 0;
}

/* NAME_SUFFIX.NUMBER.log, to be freed; NULL: no memory. */
static char *file_name(const struct log_thread *t, const char *name, const char *suffix)
{
	char *path = NULL, *text;

	if (!workload_format_filename(name, t->job->name, t->job_thread, 0, &text)) {
		if (asprintf(&path, "%s_%s.%u.log", text, suffix, t->number) < 0)
			path = NULL;
		free(text);
	}
	return path;
}

/* kind NULL: the bins. */
static int write_file(const struct log_thread *t, const char *name,
		      const struct log_kind *kind, struct load_error *err)
{
	char *path = file_name(t, name, kind ? kind->suffix : "clat_hist");
	struct replace file;
	int rc = path ? replace_begin(&file, path) : -ENOMEM;

	if (!rc) {
		rc = kind ? write_samples(t, kind->measure, file.out) :
			    write_bins(t, file.out);
		rc = replace_end(&file, rc, true);
	}
	if (rc)
		load_error_set(err, "job %s: log %s: %s", t->job->name,
			       path ? path : name, strerror(-rc));
	free(path);
	return rc;
}

static int write_thread(const struct log_thread *t, struct load_error *err)
{
	int rc = t->lost ? -ENOMEM : 0;
	size_t i;

	if (rc)
		load_error_set(err, "job %s: no memory for all lines of its logs",
			       t->job->name);
	for (i = 0; i < LOG_KINDS && !rc; i++) {
		const char *name = log_name(t->job, log_kinds[i].offset);

		if (name)
			rc = write_file(t, name, &log_kinds[i], err);
	}
	if (t->job->write_hist_log && !rc)
		rc = write_file(t, t->job->write_hist_log, NULL, err);
	return rc;
}

/* ---- groups ---- */

static void logs_clear(struct logs *l)
{
	unsigned int i;

	for (i = 0; i < l->thread_nr; i++) {
		free(l->thread[i].sample.item);
		free(l->thread[i].bins.item);
	}
	free(l->thread);
	l->thread = NULL;
	l->thread_nr = 0;
}

struct logs *logs_new(void)
{
	return calloc(1, sizeof(struct logs));
}

void logs_free(struct logs *l)
{
	if (l)
		logs_clear(l);
	free(l);
}

int logs_begin(struct logs *l, const struct experiment_group *g, unsigned int first)
{
	unsigned int i;

	logs_clear(l);
	l->thread = calloc(g->thread_nr, sizeof(*l->thread));
	if (!l->thread)
		return -ENOMEM;
	l->thread_nr = g->thread_nr;
	for (i = 0; i < l->thread_nr; i++) {
		l->thread[i].job = g->thread[i].job;
		l->thread[i].job_thread = g->thread[i].job_thread;
		l->thread[i].number = first + i + 1;
	}
	return 0;
}

int logs_end(struct logs *l, struct load_error *err)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < l->thread_nr && !rc; i++)
		if (logs_wanted(l->thread[i].job))
			rc = write_thread(&l->thread[i], err);
	logs_clear(l);
	return rc;
}
