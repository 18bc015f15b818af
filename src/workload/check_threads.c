/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the threads of a job begin, pause and end, and on which processors. */
#include "workload/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workload/error.h"
#include "workload/option.h"

/* cpumask, done with: a list says the same. */
static int check_cpus(struct workload_job *job, struct workload_error *err)
{
	const struct option_row *mask = option_find("cpumask");
	char buf[256];
	cpu_set_t set;

	if (option_is_set(job, mask) && job->cpus_allowed)
		return check_fail(err, job, "cpumask",
				  "cpus_allowed= is given, too: one of both");
	if (option_is_set(job, mask)) {
		job->cpus_allowed = strdup(workload_cpus_print(job->cpumask, buf));
		if (!job->cpus_allowed)
			return error_set_nomem(err);
		option_mark_set(job, option_find("cpus_allowed"),
				check_where(job, "cpumask"));
		option_unmark_set(job, mask);
	}
	if (job->cpus_allowed && workload_cpus(job->cpus_allowed, &set))
		return check_fail(err, job, "cpus_allowed",
				  "must be processors, as 0-3,8, below %d", CPU_SETSIZE);
	if (!job->cpus_allowed && workload_is_set(job, "cpus_allowed_policy"))
		return check_fail(err, job, "cpus_allowed_policy",
				  "needs cpus_allowed= or cpumask=");
	return 0;
}

/* Pauses, and only then how long and how often. */
static int check_thinktime(const struct workload_job *job, struct workload_error *err)
{
	static const char *const more[] = { "thinktime_spin", "thinktime_blocks",
					    "thinktime_blocks_type", "thinktime_iotime" };
	size_t i;

	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (!job->thinktime_ns && workload_is_set(job, more[i]))
			return check_fail(err, job, more[i], "needs thinktime=");
	if (job->thinktime_spin_ns > job->thinktime_ns)
		return check_fail(err, job, "thinktime_spin",
				  "is more than thinktime, of which it is a part");
	if (!job->thinktime_ns)
		return 0;
	if (job->rate || job->rate_iops)
		return check_fail(
			err, job, "thinktime",
			"can't be given with %s=, which says when writes are due",
			job->rate ? "rate" : "rate_iops");
	if (job->extend_wait != WORKLOAD_EXTEND_KERNEL)
		return check_fail(err, job, "thinktime",
				  "can't be given with extend_wait=");
	return 0;
}

/* Into which files: those of a second round would replace the first's. */
static int check_log(const struct workload_job *job, const struct option_row *o,
		     bool searches, struct workload_error *err)
{
	const char *name = *(char *const *)((const char *)job + o->offset);
	char *text = NULL;
	int ret = workload_format_filename(name, job->name, 0, 0, &text);

	free(text);
	if (ret == -ENOMEM)
		return error_set_nomem(err);
	if (ret)
		return check_fail(
			err, job, o->name,
			"must have no other $ than $jobname, $jobnum and $filenum");
	if (job->rounds > 1 || job->sweep)
		return check_fail(
			err, job, o->name, "is for one round without a sweep: %s",
			job->sweep ? "leave sweep= out" : "give rounds=1, or -r 1");
	if (searches)
		return check_fail(err, job, o->name,
				  "is for one run, and latency_target= makes several");
	return 0;
}

static int check_logs(const struct workload_job *job, bool searches,
		      struct workload_error *err)
{
	const struct option_row *o;
	int ret = 0;
	size_t i;

	if (job->write_hist_log && !job->log_hist_msec)
		return check_fail(err, job, "write_hist_log", "needs log_hist_msec=");
	for (i = 0; (o = option_at(i)) && !ret; i++)
		if (o->keywords && o->output && option_is_set(job, o))
			ret = check_log(job, o, searches, err);
	return ret;
}

/* A search sets the rate itself. */
static int check_search(const struct workload_job *job, struct workload_error *err)
{
	static const char *const more[] = { "latency_percentile", "latency_window" };
	size_t i;

	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (!job->latency_target_ns && workload_is_set(job, more[i]))
			return check_fail(err, job, more[i], "needs latency_target=");
	if (job->latency_percentile.nr != 1)
		return check_fail(err, job, "latency_percentile",
				  "must be one percentage");
	if (job->latency_target_ns && (job->rate || job->rate_iops))
		return check_fail(err, job, "latency_target",
				  "can't be given with %s=, which it searches",
				  job->rate ? "rate" : "rate_iops");
	if (job->latency_target_ns && job->thinktime_ns)
		return check_fail(err, job, "latency_target",
				  "can't be given with thinktime=");
	return 0;
}

/* A round that ends when it is steady, as judged by whole seconds. */
static int check_steady(const struct workload_job *job, struct workload_error *err)
{
	static const char *const more[] = { "steadystate_duration",
					    "steadystate_ramp_time",
					    "steadystate_check_interval" };
	const uint64_t given_ns[] = { job->steadystate_duration_ns,
				      job->steadystate_ramp_time_ns,
				      job->steadystate_check_interval_ns };
	const uint64_t interval_ns = job->steadystate_check_interval_ns;
	struct workload_steady steady;
	size_t i;

	for (i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (!job->steadystate && workload_is_set(job, more[i]))
			return check_fail(err, job, more[i], "needs steadystate=");
		if (given_ns[i] % 1000000000u)
			return check_fail(err, job, more[i], "must be whole seconds");
	}
	if (!job->steadystate)
		return 0;
	if (workload_steady(job->steadystate, &steady))
		return check_fail(
			err, job, "steadystate",
			"must be iops, bw, lat, iops_slope, bw_slope or lat_slope, a colon, and a limit above 0, as iops_slope:0.3%%");
	if (job->steadystate_duration_ns < 2 * interval_ns ||
	    job->steadystate_duration_ns % interval_ns)
		return check_fail(err, job,
				  workload_is_set(job, more[0]) ? more[0] : "steadystate",
				  "needs a steadystate_duration of several whole "
				  "steadystate_check_intervals");
	if (job->latency_target_ns)
		return check_fail(err, job, "steadystate",
				  "can't be given with latency_target=");
	return 0;
}

int check_threads(struct workload *w, struct workload_job *job,
		  struct workload_error *err)
{
	const struct option_row *o = option_find("nrfiles");
	char who[WORKLOAD_WHO_MAX];
	int ret = check_cpus(job, err);

	if (!ret && job->ignore_error && workload_errors(job->ignore_error, 0, 0) < 0)
		ret = check_fail(
			err, job, "ignore_error",
			"must be errors, as EIO:28, of reads, then after a comma of writes");
	if (!ret)
		ret = check_thinktime(job, err);
	if (!ret)
		ret = check_search(job, err);
	if (!ret)
		ret = check_steady(job, err);
	if (ret || !job->filename || !option_is_set(job, o))
		return ret;
	if (workload_note(w, "%s: nrfiles has no effect: filename names the files",
			  workload_who(job, "nrfiles", who)))
		return error_set_nomem(err);
	job->nrfiles = 1;
	option_unmark_set(job, o);
	return 0;
}

int check_order(const struct workload *w, struct workload_error *err)
{
	bool searches = false;
	size_t i, k;
	int ret;

	for (i = 0; i < w->job_nr; i++)
		searches |= w->job[i].latency_target_ns > 0;
	for (i = 0; i < w->job_nr; i++) {
		const struct workload_job *job = &w->job[i];

		ret = check_logs(job, searches, err);
		if (ret)
			return ret;
		if (job->latency_target_ns && w->job[0].sweep)
			return check_fail(
				err, job, "latency_target",
				"can't be given with a sweep: it is one, by rate_iops");
		for (k = 0; job->wait_for && k < i; k++)
			if (!strcmp(w->job[k].name, job->wait_for))
				break;
		if (job->wait_for && k == i)
			return check_fail(err, job, "wait_for",
					  "must be the name of a job above");
	}
	return 0;
}
