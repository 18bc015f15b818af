/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The logs that write_lat_log= and its relatives ask for: files of the format that fio
 * writes, a line for each read and write, or for each window of log_avg_msec=. One file
 * for each thread and measure, NAME_lat.1.log for the run's first thread; what had the
 * name before is kept as NAME_lat.1.log.old.
 */
#ifndef DIOWAIT_EXPERIMENT_LOGS_H
#define DIOWAIT_EXPERIMENT_LOGS_H

#include "experiment/private.h"

struct logs;

/* Whether a job asks for a log. */
bool logs_wanted(const struct workload_job *job);

/* That files can be made where its logs go. 0, or -errno with err. */
int logs_check(const struct workload_job *job, struct load_error *err);

/* Over a whole run. NULL: no memory. */
struct logs *logs_new(void);
void logs_free(struct logs *l);

void logs_observer(struct logs *l, struct load_observer *out);

/* The next operations are those of the group; first: threads of all groups before. */
int logs_begin(struct logs *l, const struct experiment_group *g, unsigned int first);

/* Writes the files of the group. 0, or -errno with err. */
int logs_end(struct logs *l, struct load_error *err);

#endif
