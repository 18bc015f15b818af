/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two sides, old and new, put beside each other: plain data, made from trees of
 * results by compare_sittings() or compare_variants(), and independent of them
 * afterwards. compare_report.c prints it, compare_document.c writes it as
 * "diowait-compare-1" (man/diowait-compare.1 has every key), and a plot may draw it:
 * a row is value[2], ratio and [low, high].
 *
 * A sitting is one result document. Its rounds are what stands inside it; never
 * is the single write the unit. What is tested how:
 *
 *	COMPARE_SITTINGS  three sittings a side or more: Welch's t-test on the logs of
 *			  each sitting's median over its rounds
 *	COMPARE_NIGHT     one new sitting against five old ones or more: is it inside
 *			  the prediction interval that the old ones make?
 *			  (of both: the spread between sittings is taken to be at least
 *			  what their rounds leave open of each)
 *	COMPARE_ROUNDS    variants of one sitting, or --rounds-suffice: the rank-sum
 *			  test of the rounds
 *	COMPARE_NONE	  too few sittings for any: values and intervals, no verdict
 *
 * The gate is slat p50, lat p50 and lat p99 of every kind that both sides have; the
 * other rows are for looking. A row of the gate is slower (or faster) when its p, by
 * Holm over the gate, is below 0.05, the 95 % interval of its ratio excludes 1, and
 * the difference is at least the threshold of its own old value and of the old lat
 * p50 of its kind.
 */
#ifndef DIOWAIT_COMPARE_H
#define DIOWAIT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "result/result.h"

#define COMPARE_SCHEMA "diowait-compare-1"
#define COMPARE_ALPHA 0.05
#define COMPARE_BEYOND 10  /* samples past a quantile, in every round */
#define COMPARE_GROWTH 0.1 /* growths that differ by more are not comparable */

enum compare_side_of { COMPARE_OLD, COMPARE_NEW, COMPARE_SIDES };

enum compare_design {
	COMPARE_NONE,
	COMPARE_ROUNDS,
	COMPARE_SITTINGS,
	COMPARE_NIGHT,
};

enum compare_measure {
	/* The gate. */
	COMPARE_SLAT_P50,
	COMPARE_LAT_P50,
	COMPARE_LAT_P99,
	COMPARE_GATE_MEASURES,
	/* For looking. */
	COMPARE_SLAT_P99 = COMPARE_GATE_MEASURES,
	COMPARE_SLAT_P99_9,
	COMPARE_LAT_P99_9,
	COMPARE_IOPS,	/* per second */
	COMPARE_VICTIM, /* sum of victim times by sum of lat */
	COMPARE_MEASURE_NR
};

/* How far a row could be taken. */
enum compare_state {
	COMPARE_ABSENT,	 /* neither side has it (slat where there is no call) */
	COMPARE_FEW,	 /* too few samples beyond the quantile in some round */
	COMPARE_ZERO,	 /* 0 in some round: no ratio */
	COMPARE_ENGINES, /* slat and victim of two engines: not the same thing */
	COMPARE_RATIO,	 /* a ratio with its interval, not in the gate */
	COMPARE_IN_GATE	 /* in the gate */
};

enum compare_verdict {
	COMPARE_NO_VERDICT,
	COMPARE_SAME,	/* no difference shown */
	COMPARE_SMALL,	/* shown, but below the threshold */
	COMPARE_SLOWER, /* a regression */
	COMPARE_FASTER
};

struct compare_row {
	enum compare_measure measure;
	enum compare_state state;
	double value[COMPARE_SIDES]; /* ns, 1/s or a share; NaN: none */
	uint64_t samples;	     /* COMPARE_FEW: in the round with the fewest */
	uint64_t needed;	     /* COMPARE_FEW: in every round */
	double ratio, low, high;     /* new / old and its 95 % interval; NaN: none */
	double p, p_holm;	     /* NaN: not tested */
	enum compare_verdict verdict;
};

struct compare_kind {
	char *job, *kind;
	char *engine[COMPARE_SIDES];
	bool is_extending;
	bool refused; /* the growths differ: no rows were made */
	struct compare_row row[COMPARE_MEASURE_NR];
};

/* One variant against one: what a sitting has without a sweep. */
struct compare_pair {
	char *name[COMPARE_SIDES];	/* "iodepth 8"; "" where there is only one */
	size_t round_nr[COMPARE_SIDES]; /* in all sittings */
	bool growth_known;
	double growth_bytes[COMPARE_SIDES]; /* extended by a round, on the average */
	struct compare_kind *kind;
	size_t kind_nr;
};

struct compare_side {
	size_t sitting_nr;
	size_t round_nr;	     /* of all variants, in all sittings */
	size_t boot_nr;		     /* 0: no boot_id known */
	struct timespec first, last; /* when sittings began */
	char *workload;
	char *where; /* "6.18.44, ext4 on /dev/loop0, loop0": of the first sitting */
};

/* A fact of the host, or of the run, that is not the same on both sides. */
struct compare_difference {
	char *what, *old_text, *new_text;
};

struct compare {
	enum compare_design design;
	bool variants; /* sides are variants of one result */
	bool rounds_suffice;
	double threshold; /* 0.02 */
	uint64_t seed;
	size_t draw_nr;
	struct compare_side side[COMPARE_SIDES];
	struct compare_pair *pair;
	size_t pair_nr;
	size_t gate_nr, slower_nr, faster_nr; /* rows */
	char *cannot; /* why there can be no verdict, and what it would take; or NULL */
	struct compare_difference *difference;
	size_t difference_nr;
	char **warning; /* sentences */
	size_t warning_nr;
};

struct compare_options {
	double threshold; /* share, 0 or more */
	bool rounds_suffice;
	bool any_workload;
	uint64_t seed;	/* of the bootstrap */
	size_t draw_nr; /* of the bootstrap, at least 40 */
};

#define COMPARE_DEFAULTS \
	{ \
		.threshold = 0.02, .seed = 1, .draw_nr = 4000 \
	}

/* Results of one side, with the names that messages call them by. */
struct compare_input {
	const struct result *const *result;
	const char *const *name;
	size_t nr; /* at least 1 */
};

/*
 * 0 and *out (compare_free()), or -errno and one line in err (err_size bytes): other
 * workloads, no kind that both sides have.
 */
int compare_sittings(const struct compare_input side[COMPARE_SIDES],
		     const struct compare_options *options, struct compare **out,
		     char *err, size_t err_size);

/* Each variant of r against its variant base (from 0). As above. */
int compare_variants(const struct result *r, const char *name, size_t base,
		     const struct compare_options *options, struct compare **out,
		     char *err, size_t err_size);

void compare_free(struct compare *c);

/* "slat p50", "victim share": for people. */
const char *compare_measure_name(enum compare_measure measure);

/* "slat_p50_ns", "victim_share": in documents. */
const char *compare_measure_key(enum compare_measure measure);

/*
 * A kind of a variant of a sitting as one number: the median over its rounds. NaN where
 * a round has too few samples, as in a comparison. *out is ns, 1/s or a share. 0 or
 * -ENOMEM.
 */
int compare_sitting_value(const struct result *r, const struct result_variant *v,
			  const struct result_kind *k, enum compare_measure measure,
			  double *out);

/* The keys of a variant that others of its result have otherwise: "iodepth 8", "" where
 * there is one. 0 and *out, to be freed, or -ENOMEM. */
int compare_variant_name(const struct result *r, size_t which, char **out);

/* ---- compare_report.c ---- */

#define COMPARE_DAYS_MAX 80

/* "SLOWER: 5 of 6 rows in the gate; 0 faster", or why there is no verdict; to be freed.
 * NULL: no memory. */
char *compare_verdict_text(const struct compare *c);

/* "~", "small", "slower", "faster"; "": none. */
const char *compare_verdict_word(enum compare_verdict verdict);

/* "ranks of rounds": what was tested, and how. Without quotes, which no picture has. */
const char *compare_test_name(enum compare_design design);

/* "1.098", "12.3", "2.1e+06" in buf (FORMAT_MAX bytes): at most seven. */
char *compare_ratio_text(char *buf, double ratio);

/* "2026-11-23 .. 2026-11-25" in buf (COMPARE_DAYS_MAX bytes). */
char *compare_side_days(char *buf, const struct compare_side *s);

/* Whether kinds have to be told apart by their jobs. */
bool compare_several_jobs(const struct compare *c);

/* For people. 0 or -errno of the stream. */
int compare_report(const struct compare *c, const struct report_style *style, FILE *out);

/* ---- compare_document.c ---- */

/* As JSON. 0 or -errno. */
int compare_dump(const struct compare *c, FILE *out);

#endif
