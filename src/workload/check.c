/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/check.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/error.h"
#include "workload/mix.h"
#include "workload/option.h"
#include "workload/units.h"

#define SECTOR_BYTES 512

struct workload_where check_where(const struct workload_job *job, const char *key)
{
	const struct workload_where section = { job->file, job->line };
	const struct option_row *o = option_find(key);

	assert(o);
	return option_is_set(job, o) ? job->where[option_index(o)] : section;
}

const char *workload_who(const struct workload_job *job, const char *key, char *buf)
{
	const struct workload_where at = check_where(job, key);

	if (at.line)
		snprintf(buf, WORKLOAD_WHO_MAX, "%s:%d: job %s", at.file, at.line,
			 job->name);
	else
		snprintf(buf, WORKLOAD_WHO_MAX, "%s: job %s", at.file, job->name);
	return buf;
}

int check_fail(struct workload_error *err, const struct workload_job *job,
	       const char *key, const char *fmt, ...)
{
	const struct workload_where at = check_where(job, key);
	const struct option_row *o = option_find(key);
	char message[OPTION_TEXT_MAX];
	char *value;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (!option_is_set(job, o))
		return error_set(err, &at, "[%.*s]: %s", ERROR_QUOTE_MAX, job->name,
				 message);
	if (option_format(o, job, &value))
		return error_set_nomem(err);
	(void)error_set_value(err, &at, key, value, "%s", message);
	free(value);
	return -EINVAL;
}

/* As in fio, bssplit has the last word on lengths: bs and bsrange go. */
static void split_lengths(struct workload_job *job)
{
	struct workload_range *bs = &job->bs;
	unsigned int i;

	for (i = 0; i < job->bssplit.nr; i++) {
		const uint64_t bytes = job->bssplit.item[i].bytes;

		if (!i || bytes < bs->min_bytes)
			bs->min_bytes = bytes;
		if (!i || bytes > bs->max_bytes)
			bs->max_bytes = bytes;
	}
	if (job->bssplit.nr) {
		option_unmark_set(job, option_find("bs"));
		option_unmark_set(job, option_find("bsrange"));
	}
}

/* bs and bsrange write one field, where the other of the two would vanish. */
static int check_block_size(struct workload_job *job, struct workload_error *err)
{
	char buf[UNITS_TEXT_MAX];

	split_lengths(job);
	if (job->blockalign.min_bytes % job->bs.min_bytes)
		return check_fail(err, job, "blockalign",
				  "must be a multiple of the smallest length, %s",
				  units_print_size(job->bs.min_bytes, buf));
	if (job->percentage_random < 100 &&
	    job->random_distribution.how != DISTRIBUTION_RANDOM)
		return check_fail(err, job, "percentage_random",
				  "can't be given with random_distribution");
	if (workload_is_set(job, "bs") && workload_is_set(job, "bsrange"))
		return check_fail(err, job, "bs",
				  "bsrange is given, too; only one "
				  "of the two can be");
	if (mix_has_base(&job->mix, KIND_STRADDLE) &&
	    job->bs.min_bytes % (2 * SECTOR_BYTES))
		return check_fail(err, job,
				  job->bssplit.nr		  ? "bssplit" :
				  workload_is_set(job, "bsrange") ? "bsrange" :
								    "bs",
				  "straddle starts bs/2 inside "
				  "EOF: bs must be a multiple of %d bytes",
				  2 * SECTOR_BYTES);
	return 0;
}

/* fio clamps or reinterprets some of these; what it changes is noted. */
static int check_depths(struct workload *w, struct workload_job *job,
			struct workload_error *err)
{
	const unsigned int depth = job->iodepth;

	/* fio takes iodepth silently; whoever asks for more expects more. */
	if (job->iodepth_batch_submit > depth)
		return check_fail(err, job, "iodepth_batch_submit",
				  "must be 1..%u, the iodepth, or 0 for all of it",
				  depth);
	if (!job->iodepth_batch_submit)
		job->iodepth_batch_submit = depth;
	if (job->iodepth_batch_complete_max &&
	    job->iodepth_batch_complete_max < job->iodepth_batch_complete_min)
		return check_fail(err, job, "iodepth_batch_complete_max",
				  "must be 0 or at least iodepth_batch_complete_min,"
				  " %u",
				  job->iodepth_batch_complete_min);
	if (workload_is_set(job, "append_depth") && job->append_depth > depth)
		return check_fail(err, job, "append_depth", "must be 1..%u, the iodepth",
				  depth);
	/* More can't be in flight: these two change nothing but the number. */
	if (job->iodepth_batch_complete_max > depth)
		job->iodepth_batch_complete_max = depth;
	if (job->iodepth_batch_complete_min <= depth)
		return 0;
	if (workload_note(w,
			  "[%s] iodepth_batch_complete_min=%u is above "
			  "iodepth: %u is used",
			  job->name, job->iodepth_batch_complete_min, depth))
		return error_set_nomem(err);
	job->iodepth_batch_complete_min = depth;
	return 0;
}

/* An open loop has a rate, and only then a process. */
static int check_rate(const struct workload_job *job, struct workload_error *err)
{
	if (job->rate && job->rate_iops)
		return check_fail(
			err, job, "rate",
			"rate_iops= is given, too: one of both says when writes are due");
	if (!job->rate && !job->rate_iops && !job->latency_target_ns &&
	    workload_is_set(job, "rate_process"))
		return check_fail(err, job, "rate_process", "needs rate_iops= or rate=");
	return 0;
}

/* A model makes a thread wait for one write at a time. */
static int check_extend_wait(struct workload *w, const struct workload_job *job,
			     struct workload_error *err)
{
	size_t i;

	if (job->extend_wait == WORKLOAD_EXTEND_KERNEL)
		return 0;
	if (!job->mix.nr)
		return check_fail(
			err, job, "extend_wait",
			"needs a mix= with an extending kind, whose wait it models");
	if (job->iodepth_batch_submit > 1)
		return check_fail(
			err, job, "iodepth_batch_submit",
			"must be 1 with extend_wait, which models single writes");
	for (i = 0; i < w->job_nr; i++)
		if (mix_extending(&w->job[i].mix))
			return 0;
	/* As where a sweep comes to no extending writes at all. */
	if (workload_note(
		    w, "[%s] extend_wait has nothing to wait for: no kind of mix extends",
		    job->name))
		return error_set_nomem(err);
	return 0;
}

/* Keys by which fio lays files out; with mix the kinds decide the layout. */
static int check_mix_keys(const struct workload_job *job, struct workload_error *err)
{
	static const char *const layout[] = {
		"overwrite", "file_append",	 "create_on_open",
		"offset",    "offset_increment",
	};
	size_t i;

	for (i = 0; i < sizeof(layout) / sizeof(layout[0]); i++) {
		if (workload_is_set(job, layout[i]))
			return check_fail(err, job, layout[i],
					  "can't be given with "
					  "mix, whose kinds decide the layout");
	}
	if (workload_is_set(job, "fallocate") && job->fallocate != WORKLOAD_FALLOC_NONE)
		return check_fail(err, job, "fallocate",
				  "can't be given with mix, "
				  "whose kinds decide the layout (but fallocate=none "
				  "can: no space check)");
	return 0;
}

/* The weight of the kinds whose part of the file is in this state. */
static double state_weight(const struct workload_mix *mix, enum kind_state state)
{
	double sum = 0;
	unsigned int i;

	for (i = 0; i < mix->nr; i++) {
		const struct kind_row *row = kind_row(mix->item[i].kind.base);

		if (row->place == KIND_PLACE_INSIDE && row->state == state)
			sum += mix->item[i].weight;
	}
	return sum;
}

/*
 * size is split among the states that kinds inside EOF need, rounded down to
 * bs: a share below that would leave nothing for the first write. A write that
 * is shifted by a sector needs as much again.
 */
static int check_region(const struct workload_job *job, struct kind k,
			struct workload_error *err)
{
	const struct kind_row *row = kind_row(k.base);
	const bool inside = row->place == KIND_PLACE_INSIDE;
	const uint64_t need = job->bs.max_bytes * (k.mods & KIND_UNALIGNED ? 2 : 1);
	char name[KIND_NAME_MAX];
	double share = (double)job->size.bytes, sum = 0;
	unsigned int i;

	if (!inside && k.base != KIND_STRADDLE)
		return 0;
	kind_print(k, name);
	if (!workload_is_set(job, "size"))
		return check_fail(err, job, "size",
				  "size= is needed: %s needs a file with data", name);
	for (i = 0; i < KIND_STATE_NR; i++)
		sum += state_weight(&job->mix, i);
	if (inside)
		share *= state_weight(&job->mix, row->state) / sum;
	if (share < (double)need)
		return check_fail(
			err, job, "size",
			"is too small: the share of %s must be at least %" PRIu64
			" bytes",
			name, need);
	return 0;
}

/* A job with mix: its kinds decide what else makes sense. */
static int check_mix(const struct workload_job *job, struct workload_error *err)
{
	unsigned int i;
	int ret;

	if (workload_reads(job) || job->rw == WORKLOAD_RW || job->rw == WORKLOAD_RANDRW)
		return check_fail(
			err, job, "rw",
			"must be write or randwrite with mix, of which read is a member");
	if (job->size.percent)
		return check_fail(err, job, "size",
				  "must be in bytes with mix: it "
				  "is laid out in a new file");
	ret = check_mix_keys(job, err);
	for (i = 0; !ret && i < job->mix.nr; i++)
		ret = check_region(job, job->mix.item[i].kind, err);
	return ret;
}

/* Which share of a job's operations is reads, and what those need. */
static int check_reads(struct workload_job *job, struct workload_error *err)
{
	static const char *const none_to_read[] = { "file_append", "create_on_open" };
	const bool given[] = { job->file_append, job->create_on_open };
	size_t i;

	job->read_percent = workload_is_set(job, "rwmixwrite") ? 100 - job->rwmixwrite :
								 job->rwmixread;
	if (workload_is_set(job, "rwmixread") && job->read_percent != job->rwmixread)
		return check_fail(err, job, "rwmixwrite", "must be %u: rwmixread is %u",
				  100 - job->rwmixread, job->rwmixread);
	if (!workload_reads(job))
		return 0;
	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i])
			return check_fail(
				err, job, none_to_read[i],
				"can't be given with reads, which need data there");
	return 0;
}

/*
 * A job without mix does what fio does, but for sizes that fio takes from a file
 * that is there: here there is none yet.
 */
static int check_fio_job(struct workload_job *job, struct workload_error *err)
{
	const unsigned int nr = workload_file_nr(job);

	if (workload_is_set(job, "append_depth"))
		return check_fail(
			err, job, "append_depth",
			"needs mix=: without it a write's kind shows only at its place");
	if (job->rw == WORKLOAD_RW_NONE)
		return check_fail(err, job, "rw",
				  "rw= or mix= is needed (no writes "
				  "at all)");
	if (!workload_is_set(job, "size"))
		return check_fail(err, job, "size", "size= is needed");
	if (!job->size.percent && job->size.bytes / nr < job->bs.min_bytes)
		return check_fail(err, job, "size",
				  "must be at least bs, %" PRIu64 " bytes%s",
				  job->bs.min_bytes, nr > 1 ? ", for each file" : "");
	/* As fio, which gives each as many whole blocks. */
	if (nr > 1)
		job->size.bytes -= job->size.bytes % (nr * job->bs.min_bytes);
	if (job->size.percent && !job->filename)
		return check_fail(err, job, "size",
				  "a share needs filename= of a "
				  "block device");
	if (job->offset.percent && !job->filename)
		return check_fail(err, job, "offset",
				  "a share needs filename= of a "
				  "block device");
	/* Below 2^60 in all, which no file system has either. */
	if (job->offset_increment &&
	    (UINT64_C(1) << 60) / job->numjobs < job->offset_increment)
		return check_fail(
			err, job, "offset_increment",
			"is too large: the last of %u threads would start behind 2^60 bytes",
			job->numjobs);
	return check_reads(job, err);
}

/* filesize is of a file what size is of a job, which may have several. */
static int check_filesize(struct workload *w, struct workload_job *job,
			  struct workload_error *err)
{
	const struct option_row *o = option_find("filesize");
	char who[WORKLOAD_WHO_MAX];

	if (!workload_is_set(job, "filesize"))
		return 0;
	if (!workload_is_set(job, "size")) {
		job->size = job->filesize;
		if (!job->mix.nr &&
		    (__builtin_mul_overflow(job->size.bytes, workload_file_nr(job),
					    &job->size.bytes) ||
		     job->size.bytes > UINT64_C(1) << 60))
			return check_fail(err, job, "filesize",
					  "comes to more than 2^60 bytes in all files");
		option_mark_set(job, option_find("size"), check_where(job, "filesize"));
	} else if (workload_note(w, "%s: filesize has no effect: size is given",
				 workload_who(job, "filesize", who))) {
		return error_set_nomem(err);
	}
	option_unmark_set(job, o);
	return 0;
}

/* loops, done with: what ends the job comes later by so much. */
static int check_loops(struct workload_job *job, struct workload_error *err)
{
	const struct option_row *io_size = option_find("io_size");
	const unsigned int loops = job->loops;
	char most[UNITS_TEXT_MAX];
	/* With a mix size ends nothing where something else does. */
	const uint64_t bytes = job->io_size.bytes	      ? job->io_size.bytes :
			       job->mix.nr && job->number_ios ? 0 :
								job->size.bytes;

	if (loops == 1 || job->time_based)
		return 0;
	if (job->io_size.percent || (!bytes && !job->number_ios))
		return check_fail(
			err, job, "loops",
			"needs a size in bytes, or number_ios, that it can multiply");
	if (bytes > io_size->max / loops)
		return check_fail(err, job, "loops",
				  "is too large: it comes to more than %s of I/O",
				  units_print_size(io_size->max, most));
	if (job->number_ios > option_find("number_ios")->max / loops)
		return check_fail(err, job, "loops",
				  "is too large for number_ios=%" PRIu64,
				  job->number_ios);
	if (bytes) {
		job->io_size.bytes = bytes * loops;
		option_mark_set(job, io_size, check_where(job, "loops"));
	}
	job->number_ios *= loops;
	job->loops = 1;
	option_unmark_set(job, option_find("loops"));
	return 0;
}

/* Each thread must come to an end by itself. */
static int check_end(struct workload_job *job, struct workload_error *err)
{
	const bool size = job->size.bytes || job->size.percent;
	const bool io_size = job->io_size.bytes || job->io_size.percent;

	if (job->time_based && !job->runtime_ns)
		return check_fail(err, job, "time_based", "needs runtime=");
	if (!size && !io_size && !job->number_ios && !job->runtime_ns)
		return check_fail(err, job, "runtime",
				  "has no end: give one of "
				  "size, io_size, number_ios and runtime");
	if (job->io_size.percent && !size)
		return check_fail(err, job, "io_size",
				  "is a share of size, which is "
				  "not given");
	/* Where both are known, those below need not know of shares. */
	if (job->io_size.percent && job->size.bytes) {
		job->io_size.bytes = (uint64_t)((double)job->size.bytes *
						job->io_size.percent / 100);
		job->io_size.percent = 0;
	}
	if (job->io_size.bytes && job->io_size.bytes < job->bs.min_bytes)
		return check_fail(err, job, "io_size",
				  "must be at least bs, %" PRIu64 " bytes",
				  job->bs.min_bytes);
	return 0;
}

/* The rules that need no other job. */
static int check_job(struct workload *w, struct workload_job *job,
		     struct workload_error *err)
{
	int ret;

	ret = check_block_size(job, err);
	if (!ret)
		ret = check_filesize(w, job, err);
	if (!ret)
		ret = check_depths(w, job, err);
	if (!ret)
		ret = check_rate(job, err);
	if (!ret)
		ret = check_threads(w, job, err);
	if (!ret)
		ret = check_engine(w, job, err);
	if (!ret)
		ret = check_extend_wait(w, job, err);
	if (!ret)
		ret = job->mix.nr ? check_mix(job, err) : check_fio_job(job, err);
	if (!ret)
		ret = check_end(job, err);
	if (!ret)
		ret = check_loops(job, err);
	return ret;
}

/* rounds is run-wide: the jobs that say nothing get it from those that do. */
static int check_rounds(struct workload *w, struct workload_error *err)
{
	const struct option_row *o = option_find("rounds");
	const struct workload_job *first = NULL;
	size_t i;

	for (i = 0; i < w->job_nr; i++) {
		const struct workload_job *job = &w->job[i];

		if (!option_is_set(job, o))
			continue;
		if (!first)
			first = job;
		if (job->rounds != first->rounds)
			return check_fail(err, job, "rounds",
					  "is run-wide, and "
					  "[%.*s] has rounds=%u; give it once, in "
					  "[global]",
					  ERROR_QUOTE_MAX, first->name, first->rounds);
	}
	for (i = 0; first && i < w->job_nr; i++) {
		w->job[i].rounds = first->rounds;
		option_mark_set(&w->job[i], o, check_where(first, "rounds"));
	}
	return 0;
}

/* sweep is run-wide, too: the first job is where it is looked for. */
static int check_sweep(struct workload *w, struct workload_error *err)
{
	const struct option_row *o = option_find("sweep");
	const struct workload_job *first = NULL;
	size_t i;

	for (i = 0; i < w->job_nr; i++) {
		const struct workload_job *job = &w->job[i];

		if (!job->sweep)
			continue;
		if (!first)
			first = job;
		if (strcmp(job->sweep, first->sweep))
			return check_fail(
				err, job, "sweep",
				"is run-wide, and [%.*s] has another; give it once, in "
				"[global]",
				ERROR_QUOTE_MAX, first->name);
	}
	if (!first || w->job[0].sweep)
		return 0;
	w->job[0].sweep = strdup(first->sweep);
	option_mark_set(&w->job[0], o, check_where(first, "sweep"));
	return w->job[0].sweep ? 0 : error_set_nomem(err);
}

/* Reads have their place beside writes. */
static int check_writes(const struct workload *w, struct workload_error *err)
{
	size_t i;

	for (i = 0; i < w->job_nr; i++)
		if (w->job[i].mix.nr || workload_writes(&w->job[i]))
			return 0;
	return check_fail(err, &w->job[0], "rw",
			  "no job writes, and diowait measures writes");
}

/* True when some job lacks the key. */
static bool is_missing(const struct workload *w, const char *key)
{
	size_t i;

	for (i = 0; i < w->job_nr; i++) {
		if (!workload_is_set(&w->job[i], key))
			return true;
	}
	return false;
}

/* What fio would have done otherwise is said once, not for every job. */
static int note_defaults(struct workload *w)
{
	size_t i;
	int ret = 0;

	if (is_missing(w, "ioengine"))
		ret = workload_note(w, "ioengine not given: libaio");
	if (!ret && is_missing(w, "direct"))
		ret = workload_note(w, "direct not given: 1");
	for (i = 0; !ret && i < w->job_nr; i++) {
		if (w->job[i].numjobs < 2 || w->job[i].thread)
			continue;
		ret = workload_note(w, "numjobs runs threads, not processes "
				       "(thread=1)");
		break;
	}
	return ret;
}

int check_workload(struct workload *w, struct workload_error *err)
{
	size_t i;
	int ret = 0;

	/* Job by job first: an error is about the earliest line that has one. */
	for (i = 0; !ret && i < w->job_nr; i++)
		ret = check_job(w, &w->job[i], err);
	if (!ret)
		ret = check_writes(w, err);
	if (!ret)
		ret = check_rounds(w, err);
	if (!ret)
		ret = check_sweep(w, err);
	if (!ret)
		ret = check_order(w, err);
	if (!ret)
		ret = check_shared_files(w, err);
	if (!ret && note_defaults(w))
		ret = error_set_nomem(err);
	return ret;
}
