/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one engine has and another has not. */
#include "workload/check.h"

#include "workload/error.h"
#include "workload/option.h"

/* They do nothing with another engine, which a sweep may come to. */
static int check_other_engine(struct workload *w, const struct workload_job *job,
			      struct workload_error *err)
{
	static const char *const keys[] = { "fixedbufs",	 "registerfiles",
					    "force_async",	 "sqthread_poll",
					    "sqthread_poll_cpu", "hipri" };
	char who[WORKLOAD_WHO_MAX];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (workload_is_set(job, keys[i]) &&
		    workload_note(w, "%s: %s has no effect: it is io_uring's",
				  workload_who(job, keys[i], who), keys[i]))
			return error_set_nomem(err);
	return 0;
}

/* What a ring that is polled does not take, or nobody polls for. */
static int check_hipri(const struct workload_job *job, struct workload_error *err)
{
	static const char *const keys[] = { "rate", "rate_iops", "latency_target" };
	size_t i;

	if (job->fsync || job->fdatasync)
		return check_fail(
			err, job, job->fsync ? "fsync" : "fdatasync",
			"can't be given with hipri=1: the kernel polls for no syncs");
	for (i = 0; i < job->mix.nr; i++)
		if (kind_row(job->mix.item[i].kind.base)->is_sync)
			return check_fail(
				err, job, "mix",
				"can't have fdatasync with hipri=1: the kernel polls for no syncs");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (workload_is_set(job, keys[i]))
			return check_fail(
				err, job, keys[i],
				"can't be given with hipri=1: between due times nobody polls");
	return 0;
}

int check_engine(struct workload *w, const struct workload_job *job,
		 struct workload_error *err)
{
	if (workload_is_set(job, "sqthread_poll_cpu") && !job->sqthread_poll)
		return check_fail(err, job, "sqthread_poll_cpu", "needs sqthread_poll=1");
	if (job->ioengine != WORKLOAD_IO_URING)
		return check_other_engine(w, job, err);
	if (job->sqthread_poll &&
	    workload_note(
		    w,
		    "[%s] sqthread_poll: slat is the handing over to the kernel's thread; what a submission waits for is in clat",
		    job->name))
		return error_set_nomem(err);
	return job->hipri ? check_hipri(job, err) : 0;
}
