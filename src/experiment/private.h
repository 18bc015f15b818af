/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of experiment/ share: an experiment at work. */
#ifndef DIOWAIT_EXPERIMENT_PRIVATE_H
#define DIOWAIT_EXPERIMENT_PRIVATE_H

#include "evidence/why.h"
#include "experiment/experiment.h"
#include "load/driver.h"
#include "load/target.h"

/* A directory that targets lie in. */
struct experiment_dir {
	char *path;
	struct scratch *scratch;
	struct target_limits limits;
};

/* A target of the workload; laid out when the first group needs it. */
struct experiment_target {
	struct target target;
	size_t group; /* its first job; SIZE_MAX: no mix, any group's */
	size_t dir;   /* index; unused for devices and null */
	bool is_block, virt;
	bool open; /* in this round */
	bool made; /* opened before, in any round */
	bool used; /* by a group that ran, since it was opened */
};

/* Jobs that run at the same time: between stonewalls. */
struct experiment_group {
	size_t first_job, job_nr;
	size_t *target; /* indices of the targets it uses */
	size_t target_nr;
	struct driver_thread *thread;
	unsigned int thread_nr;
	bool ran; /* in this round */
	/* Tier 2: thread by thread, row by row; why_first[n] is thread n's first. */
	struct why_row *why;
	size_t *why_first, why_nr;
};

/* Statistics of one (job, kind), merged over threads. */
struct experiment_row {
	const struct workload_job *job;
	struct kind kind;
	double weight; /* asked share; 0: none */
	uint64_t ops, bytes, short_nr, blocked, batched, done_at_return;
	uint64_t path[RESULT_PATH_NR], unknown[RESULT_UNKNOWN_NR];
	struct driver_error error[DRIVER_ERRORS_MAX];
	unsigned int error_nr;
	double seconds;
	struct why_row why; /* joined 0: below tier 2, or nothing */
	struct hist slat, clat, lat, victim;
};

struct experiment_rows {
	struct experiment_row *row;
	size_t nr;
};

struct experiment {
	struct workload *w;
	const struct experiment_setup *setup;
	struct experiment_dir *dir;
	size_t dir_nr;
	struct experiment_target *target;
	size_t target_nr;
	struct experiment_group *group;
	size_t group_nr;
	struct result *result;
	struct experiment_rows total;
	bool *noted; /* by job: why a round ended early has been said */
	struct load_error *err;
	struct why *why; /* NULL: below tier 2 */
	struct load_observer observer;
	uint64_t own_bytes; /* written by this round, layout too */
};

/* ---- setup.c ---- */

/*
 * Groups, targets and threads of the workload; then every check that needs no
 * file made. 0 or -errno with err.
 */
int experiment_prepare(struct experiment *x);

/* Scratch directories and what direct I/O asks for in them. 0 or -errno. */
int experiment_open_dirs(struct experiment *x);

/* Removes and frees all. Takes a half-prepared experiment. */
void experiment_release(struct experiment *x);

/* ---- collect.c ---- */

/*
 * Adds a thread's rows to rows (kinds by name and job), with what tier 2 found of
 * them (t->row_nr rows; NULL: nothing). 0 or -ENOMEM.
 */
int experiment_rows_add(struct experiment_rows *rows, const struct driver_thread *t,
			const struct why_row *why);

/* Adds all of one to another, seconds too. 0 or -ENOMEM. */
int experiment_rows_merge(struct experiment_rows *into,
			  const struct experiment_rows *from);
void experiment_rows_free(struct experiment_rows *rows);

/* Rows as the result keeps them; the caller owns *out. 0 or -ENOMEM. */
int experiment_rows_result(const struct result *r, const struct experiment_rows *rows,
			   bool bins, struct result_kind **out, size_t *out_nr);

/* What the reader must know that the numbers alone don't say. */
int experiment_notes(struct experiment *x);

/* ---- kernel.c: tier 2 ---- */

/* Opens it, if it was asked for; what is missing goes into the result. 0 or -ENOMEM. */
int experiment_why_open(struct experiment *x);
void experiment_why_close(struct experiment *x);

/* The group's rows are empty from here on. 0 or -ENOMEM. */
int experiment_why_reset(struct experiment *x, struct experiment_group *g);

/* All threads of the group wait for the start. 0 or -errno with err. */
int experiment_why_start(struct experiment *x, struct experiment_group *g,
			 unsigned int round);

/* The group has ended, with all its segments: its rows are taken over. 0 or -ENOMEM. */
int experiment_why_collect(struct experiment *x, struct experiment_group *g);

/* What tier 2 found of thread n of the group; NULL: nothing. */
const struct why_row *experiment_why_rows(const struct experiment_group *g,
					  unsigned int n);
void experiment_why_free(struct experiment_group *g);

/* From a row to the result. 0 or -ENOMEM. */
int experiment_why_result(const struct result *r, const struct why_row *why, bool bins,
			  struct result_kind *out);

/* ---- collect.c ---- */

/* The keys of the one variant. */
int experiment_keys(const struct workload *w, struct facts *keys);

#endif
