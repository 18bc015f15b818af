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

enum measure {
	MEASURE_SLAT,
	MEASURE_CLAT,
	MEASURE_LAT,
	MEASURE_BW,
	MEASURE_IOPS,
	MEASURE_BINS /* a histogram of clat */
};

/* A file: of which key, what it has, how its name ends. */
#define LOG(key, measure, suffix) \
	{ \
#key, offsetof(struct workload_job, key), measure, suffix \
	}
static const struct log_kind {
	const char *key;
	size_t offset; /* of the key's text in struct workload_job */
	enum measure measure;
	const char *suffix;
} log_kinds[] = {
	LOG(write_lat_log, MEASURE_SLAT, "slat"),
	LOG(write_lat_log, MEASURE_CLAT, "clat"),
	LOG(write_lat_log, MEASURE_LAT, "lat"),
	LOG(write_bw_log, MEASURE_BW, "bw"),
	LOG(write_iops_log, MEASURE_IOPS, "iops"),
	LOG(write_hist_log, MEASURE_BINS, "clat_hist"),
};
#define LOG_KINDS (sizeof(log_kinds) / sizeof(log_kinds[0]))

/* What each item of a list begins with. */
struct line {
	uint64_t at_ms;
	enum direction dir;
};

/* One operation, or all of one direction in a window: sums then. */
struct sample {
	struct line line;
	uint64_t ns[3]; /* by measure */
	uint64_t bytes, offset, nr;
};

struct bins {
	struct line line;
	uint64_t bytes;
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

/* The key's text; NULL: not given. */
static const char *log_text(const struct workload_job *job, const struct log_kind *kind)
{
	const char *text;

	memcpy(&text, (const char *)job + kind->offset, sizeof(text));
	return text;
}

/* What the log's name begins with, for one of the job's threads: 0, to be freed. */
static int log_name(const struct workload_job *job, const struct log_kind *kind,
		    unsigned int job_thread, char **name)
{
	return workload_format_filename(log_text(job, kind), job->name, job_thread, 0,
					name);
}

static bool wants_samples(const struct workload_job *job)
{
	return job->write_lat_log || job->write_bw_log || job->write_iops_log;
}

bool logs_wanted(const struct workload_job *job)
{
	return wants_samples(job) || job->write_hist_log;
}

/* That a file can be made beside the name. */
static int log_check(const struct workload_job *job, const struct log_kind *kind,
		     const char *name, struct load_error *err)
{
	const char *slash = strrchr(name, '/');
	int dir_len = slash ? (int)(slash - name) + 1 : 1;
	char *dir;
	int rc;

	if (asprintf(&dir, "%.*s", dir_len, slash ? name : ".") < 0)
		return -ENOMEM;
	rc = access(dir, W_OK | X_OK) ? -errno : 0;
	if (rc)
		load_error_job(
			err, job, kind->key,
			"%s=%s: %s: %s: must be in a folder that can be written to",
			kind->key, log_text(job, kind), dir, strerror(-rc));
	free(dir);
	return rc;
}

int logs_check(const struct workload_job *job, struct load_error *err)
{
	unsigned int k;
	char *name;
	size_t i;
	int rc = 0;

	for (i = 0; i < LOG_KINDS && !rc; i++)
		for (k = 0; k < job->numjobs && log_text(job, &log_kinds[i]) && !rc;
		     k++) {
			rc = log_name(job, &log_kinds[i], k, &name);
			if (rc)
				break;
			rc = log_check(job, &log_kinds[i], name, err);
			free(name);
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

/*
 * The item that an operation of this time and direction belongs to: its own, or with
 * window_ms its window's. Items begin with a struct line. NULL: no memory.
 */
static void *item_of(struct list *l, size_t item_bytes, uint64_t at_ms,
		     enum direction dir, unsigned int window_ms)
{
	struct line *line;
	size_t i;

	if (window_ms) {
		at_ms = (at_ms / window_ms + 1) * window_ms;
		/* That of the other direction may have come between. */
		for (i = l->nr; i > 0 && l->nr - i < DIR_NR; i--) {
			line = (struct line *)((char *)l->item + (i - 1) * item_bytes);
			if (line->at_ms == at_ms && line->dir == dir)
				return line;
		}
	}
	line = list_add(l, item_bytes);
	if (line)
		*line = (struct line){ .at_ms = at_ms, .dir = dir };
	return line;
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
	enum direction dir = op->class->is_write ? DIR_WRITE : DIR_READ;
	uint64_t clat_ns = op->complete_ns - op->accepted_ns, at_ms;
	struct sample *s;
	struct bins *b;

	if (!t || !op->counts || op->class->is_sync || op->res <= 0)
		return;
	at_ms = (op->complete_ns - t->epoch_ns) / MS_NS;
	s = wants_samples(t->job) ?
		    item_of(&t->sample, sizeof(*s), at_ms, dir, t->job->log_avg_msec) :
		    NULL;
	if (s) {
		s->ns[MEASURE_SLAT] += op->accepted_ns - op->submit_ns;
		s->ns[MEASURE_CLAT] += clat_ns;
		s->ns[MEASURE_LAT] += op->complete_ns - op->submit_ns;
		s->bytes += (uint64_t)op->res;
		s->offset = op->offset;
		s->nr++;
	}
	t->lost |= !s && wants_samples(t->job);
	b = t->job->write_hist_log ?
		    item_of(&t->bins, sizeof(*b), at_ms, dir, t->job->log_hist_msec) :
		    NULL;
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
		fprintf(out, "%" PRIu64 ", %" PRIu64 ", %u, %" PRIu64, s->line.at_ms,
			sample_value(s, m, avg_ms), s->line.dir, avg_ms ? 0 : s->bytes);
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
		fprintf(out, "%" PRIu64 ", %u, %" PRIu64, b->line.at_ms, b->line.dir,
			b->bytes);
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
static char *file_name(const struct log_thread *t, const struct log_kind *kind)
{
	char *path = NULL, *name;

	if (!log_name(t->job, kind, t->job_thread, &name)) {
		if (asprintf(&path, "%s_%s.%u.log", name, kind->suffix, t->number) < 0)
			path = NULL;
		free(name);
	}
	return path;
}

static int write_file(const struct log_thread *t, const struct log_kind *kind,
		      struct load_error *err)
{
	char *path = file_name(t, kind);
	struct replace file;
	int rc = path ? replace_begin(&file, path) : -ENOMEM;

	if (!rc) {
		rc = kind->measure == MEASURE_BINS ?
			     write_bins(t, file.out) :
			     write_samples(t, kind->measure, file.out);
		rc = replace_end(&file, rc, true);
	}
	if (rc)
		load_error_set(err, "job %s: log %s: %s", t->job->name,
			       path ? path : log_text(t->job, kind), strerror(-rc));
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
	for (i = 0; i < LOG_KINDS && !rc; i++)
		if (log_text(t->job, &log_kinds[i]))
			rc = write_file(t, &log_kinds[i], err);
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
