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
	bool open;		     /* in this round */
	bool made;		     /* opened before, in any round */
	bool used;		     /* by a group that ran, since it was opened */
	struct verify_file *checked; /* stress, and open; NULL */
};

/* Jobs that run at the same time: between stonewalls. */
struct experiment_group {
	size_t first_job, job_nr;
	size_t *target; /* indices of the targets it uses */
	size_t target_nr;
	struct driver_thread *thread;
	unsigned int thread_nr;
	bool ran; /* in this round */
	struct steady_job *
		*steady; /* by job, from first_job on; one that is NULL: not asked for */
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
	struct driver_late late;
	struct hist slat, clat, lat, victim, resp;
};

struct experiment_rows {
	struct experiment_row *row;
	size_t nr;
};

/* What all variants share. */
struct experiment_run {
	const struct experiment_setup *setup;
	struct experiment_dir *dir;
	size_t dir_nr;
	struct result *result;
	struct load_error *err;
	struct why *why;   /* NULL: below tier 2 */
	long why_cpu_nr;   /* on line when its events were opened */
	struct logs *logs; /* NULL: nobody asked for any */
	struct load_observer observer[3];
	unsigned int observer_nr;
	uint64_t why_blocked_ns, why_named_ns; /* of variants that are complete */
	struct experiment *variant;
	size_t variant_nr;
	size_t done, todo; /* rounds of all variants; see experiment_progress */
	bool crashed;	   /* the file system is shut down: what fails there is no news */
};

/* One variant. */
struct experiment {
	struct experiment_run *run;
	struct workload *w;
	struct result_variant *v; /* in run->result */
	char *label;		  /* "append%=30, iodepth=4"; NULL: the only variant */
	struct experiment_target *target;
	size_t target_nr;
	struct experiment_group *group;
	size_t group_nr;
	struct experiment_rows total;
	struct result_note *note;
	size_t note_nr;
	bool *noted;	    /* by job: why a round ended early has been said */
	uint64_t own_bytes; /* written by this round, layout too */
	bool checking;	    /* stress: the checker's round is under way */
};

/* ---- experiment.c ---- */

/* Somebody wants an end, or it has come. */
bool experiment_stopped(const struct experiment *x);

/* Tells whoever watches where the run stands; g and since_ns: of a load. */
void experiment_tell(struct experiment *x, enum experiment_phase phase,
		     unsigned int round, const struct experiment_group *g,
		     uint64_t since_ns);

/* Lays out the group's targets, where that is not done. 0 or -errno with err. */
int experiment_open_group(struct experiment *x, struct experiment_group *g);
void experiment_close_targets(struct experiment *x);

/* Loads the group's targets, to the end of all its threads. 0 or -errno with err. */
int experiment_run_group(struct experiment *x, struct experiment_group *g,
			 unsigned int round);

/* Threads' figures of the round into the result; then the round is past. */
int experiment_round_result(struct experiment *x);

/* ---- setup.c ---- */

/*
 * Groups, targets and threads of the workload; then every check that needs no
 * file made. 0 or -errno with err.
 */
int experiment_prepare(struct experiment *x);

/* Scratch directories and what direct I/O asks for in them. 0 or -errno. */
int experiment_open_dirs(struct experiment *x);

/* Frees all. Takes a half-prepared experiment. */
void experiment_release(struct experiment *x);

/* Removes the scratch directories, and frees the list. */
void experiment_close_dirs(struct experiment_run *run);

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

/* The keys of a variant, those that it is swept by first. 0 or -ENOMEM. */
int experiment_keys(const struct experiment_variant *in, struct facts *keys);

/* ---- notes.c ---- */

/* A note about a variant; the same text again is none. 0 or -ENOMEM. */
int experiment_note(struct experiment *x, enum result_note_level level, const char *fmt,
		    ...) __attribute__((format(printf, 3, 4)));

/* What there is to say of a variant whose rounds are past. 0 or -ENOMEM. */
int experiment_notes(struct experiment *x);

/*
 * Notes of all variants into the result: once what is true of all of them, the rest with
 * the name of the variant. 0 or -ENOMEM.
 */
int experiment_notes_result(struct experiment_run *run);
void experiment_notes_free(struct experiment *x);

/* ---- timeline.c ---- */

/* Points that the series of a thread may have in a round. */
unsigned int experiment_points_max(const struct experiment *x);

/* Appends the round at hand, of all threads, to the variant's series. 0 or -ENOMEM. */
int experiment_series(struct experiment *x);

/* ---- steady.c: steadystate= ---- */

/* Before the group's first threads of a round. 0 or -ENOMEM. */
int experiment_steady_begin(struct experiment *x, struct experiment_group *g);

/* Adds the verdicts of a group that ran to the round. 0 or -ENOMEM. */
int experiment_steady_result(const struct experiment *x, const struct experiment_group *g,
			     struct result_round *rr);
void experiment_steady_free(struct experiment_group *g);

/* ---- kernel.c: tier 2 ---- */

/* Opens it, if it was asked for; what is missing goes into the result. 0 or -ENOMEM. */
int experiment_why_open(struct experiment_run *run);

/* The variant's totals are complete: what was slept, and how much of it has a name. */
void experiment_why_total(struct experiment *x);

/* What that comes to replaces what tier 1 measured. */
void experiment_why_close(struct experiment_run *run);

/* The group's rows are empty from here on. 0 or -ENOMEM. */
int experiment_why_reset(struct experiment *x, struct experiment_group *g);

/* All threads of the group wait for the start. 0 or -errno with err. */
int experiment_why_start(struct experiment *x, struct experiment_group *g,
			 unsigned int round);

/* Says of processors that went off or on line what that costs. 0 or -ENOMEM. */
int experiment_why_cpus(struct experiment *x);

/* The group has ended, with all its segments: its rows are taken over. 0 or -ENOMEM. */
int experiment_why_collect(struct experiment *x, struct experiment_group *g);

/* What tier 2 found of thread n of the group; NULL: nothing. */
const struct why_row *experiment_why_rows(const struct experiment_group *g,
					  unsigned int n);
void experiment_why_free(struct experiment_group *g);

/* From a row to the result. 0 or -ENOMEM. */
int experiment_why_result(const struct result *r, const struct why_row *why, bool bins,
			  struct result_kind *out);

/* ---- check.c: stress; without it all of these do nothing ---- */

/* Each path has one layout: what is checked stays until the round's end. As below. */
int experiment_check_paths(const struct experiment *x);

/* antagonists= where it is of use, and known. 0 or -errno with err. */
int experiment_check_antagonists(const struct experiment *x,
				 const struct workload_job *job);

/* Begins the checker's round, unless it has begun; ends it, if it has. 0 or -errno. */
int experiment_check_begin(struct experiment *x);
void experiment_check_end(struct experiment *x);

/* Before and after the layout of a target. 0 or -errno. */
int experiment_check_layout(struct experiment *x, struct experiment_target *t);
int experiment_check_ready(struct experiment *x, struct experiment_target *t);

/* Before and after the load of a group. 0 or -errno; after: with run->err. */
int experiment_check_load(struct experiment *x, struct experiment_group *g);
int experiment_check_after(struct experiment *x);

/* Shuts the file system down, once, with setup->crash. 0 or -errno with run->err. */
int experiment_check_crash(struct experiment *x);

/* A contract broke in this round. */
bool experiment_check_found(const struct experiment *x);

#endif
