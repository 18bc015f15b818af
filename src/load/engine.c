// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of engines: one row each. */
#include "load/engine.h"

#include "workload/workload.h"

const struct engine_ops *engine_sim;

const struct engine_ops *engine_find(const struct workload_job *job)
{
	switch (job->ioengine) {
	case WORKLOAD_LIBAIO:
		return &engine_libaio;
	case WORKLOAD_IO_URING:
		return job->hipri	  ? &engine_io_uring_hipri :
		       job->sqthread_poll ? &engine_io_uring_sqpoll :
					    &engine_io_uring;
	case WORKLOAD_SIM:
		return engine_sim;
	default:
		return &engine_null;
	}
}
