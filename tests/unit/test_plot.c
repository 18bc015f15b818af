// SPDX-License-Identifier: GPL-2.0-or-later
/* The data files of each plot, from results made here; and that names are harmless. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compare_sample.h"
#include "result/plot.h"
#include "result_sample.h"

#define CURVES_MAX 80
#define POINTS_MAX 4096
#define FILE_MAX (1 << 20)

static char dir[PATH_MAX];
static char err[512];

/* One block of data.dat: a curve. */
struct block {
	double v[POINTS_MAX][4];
	size_t nr;
};

static struct block blocks[CURVES_MAX];
static size_t block_nr;

static int dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/test_plot.XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int dir_teardown(void **state)
{
	const struct dirent *d;
	DIR *all = opendir(dir);

	(void)state;
	while (all && (d = readdir(all)))
		(void)unlinkat(dirfd(all), d->d_name, 0);
	if (all)
		closedir(all);
	return rmdir(dir);
}

/* A data file, until the next call. */
static const char *file_of(const char *name)
{
	static char text[FILE_MAX];
	char path[PATH_MAX + 32];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	assert_true(len < sizeof(text) - 1);
	text[len] = '\0';
	fclose(f);
	return text;
}

static size_t lines_of(const char *name)
{
	const char *text = file_of(name);
	size_t nr = 0;

	for (; (text = strchr(text, '\n')); text++)
		nr++;
	return nr;
}

/* The curves of data.dat, without the line at its end that keeps it from being empty. */
static void read_blocks(void)
{
	const char *text = file_of("data.dat");
	bool in = false;

	block_nr = 0;
	for (; *text; text = strchr(text, '\n') + 1) {
		struct block *b;

		if (*text == '\n') {
			block_nr += in;
			in = false;
			continue;
		}
		assert_true(block_nr < CURVES_MAX);
		b = &blocks[block_nr];
		if (!in)
			b->nr = 0;
		in = true;
		assert_true(b->nr < POINTS_MAX);
		assert_true(sscanf(text, "%lf %lf %lf %lf", &b->v[b->nr][0],
				   &b->v[b->nr][1], &b->v[b->nr][2],
				   &b->v[b->nr][3]) >= 1);
		b->nr++;
	}
}

static int plot(const char *type, const struct result *r, const struct plot_request *more)
{
	struct plot_source source = { r, "one" };
	struct plot_request q = *more;

	if (!q.source) {
		q.source = &source;
		q.source_nr = 1;
	}
	err[0] = '\0';
	assert_non_null(plot_type_find(type));
	return plot_write(plot_type_find(type), &q, dir, err, sizeof(err));
}

static const struct plot_request svg = { .format = FIGURE_SVG };

static void check_contains(const char *name, const char *text)
{
	if (!strstr(file_of(name), text))
		fail_msg("%s has no '%s': %s", name, text, file_of(name));
}

static void test_types(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; plot_type_at(i); i++) {
		assert_ptr_equal(plot_type_find(plot_type_at(i)->name), plot_type_at(i));
		for (k = 0; k < i; k++)
			assert_string_not_equal(plot_type_at(k)->name,
						plot_type_at(i)->name);
	}
	assert_string_equal(plot_type_at(0)->name, "spectrum");
	assert_null(plot_type_find("pie"));
}

static void test_spectrum_bins(void **state)
{
	struct result *r = sample_result();
	size_t i;

	(void)state;
	assert_int_equal(plot("spectrum", r, &svg), 0);
	read_blocks();
	assert_int_equal(lines_of("panels.dat"), 1);
	assert_int_equal(lines_of("legend.dat"), 2);
	assert_int_equal(block_nr, 2);
	assert_true(blocks[0].nr > 100);
	for (i = 1; i < blocks[0].nr; i++) {
		assert_true(blocks[0].v[i][0] > blocks[0].v[i - 1][0]);
		assert_true(blocks[0].v[i][1] >= blocks[0].v[i - 1][1]);
	}
	/* The last point is the largest write, at 1 - 1 / 2N. */
	i = blocks[0].nr - 1;
	assert_true(blocks[0].v[i][1] == (double)r->variant->kind->lat.sum.max_ns);
	assert_true(blocks[0].v[i][0] > 5.2 && blocks[0].v[i][0] < 5.23);
	check_contains("text.dat", "\"overwrite\"");
	check_contains("text.dat", "kernel 6.18.44; ext4 on loop0");
	check_contains("text.dat", "libaio, reap each, 3 rounds of mixed.job");
	check_contains("text.dat", "diowait " PACKAGE_VERSION ", 2026-11-23");
	result_free(r);
}

/* A result without bins: what is committed to the repository. */
static void test_spectrum_list(void **state)
{
	struct result *r = sample_result();
	struct result_dist *d = &r->variant->kind[0].lat;
	size_t i;

	(void)state;
	free(d->hist);
	d->hist = NULL;
	assert_int_equal(plot("spectrum", r, &svg), 0);
	read_blocks();
	assert_int_equal(blocks[0].nr, r->percentile_nr);
	for (i = 0; i < r->percentile_nr; i++)
		assert_true(blocks[0].v[i][1] == (double)d->percentile_ns[i]);
	/* 99 % is two nines. */
	for (i = 0; r->percentile[i] < 99; i++)
		;
	assert_true(blocks[0].v[i][0] > 1.9999 && blocks[0].v[i][0] < 2.0001);
	result_free(r);
}

/* Victim never stands alone where kernel events were watched. */
static void test_spectrum_victim(void **state)
{
	struct plot_request q = { .times_given = true, .times = PLOT_VICTIM };
	struct result *r = sample_result();

	(void)state;
	assert_int_equal(plot("spectrum", r, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 1);
	sample_why(r);
	assert_int_equal(plot("spectrum", r, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 3);
	check_contains("text.dat", "\"held\"");
	check_contains("text.dat", "\"convoy\"");
	q.times = PLOT_RESP;
	assert_int_equal(plot("spectrum", r, &q), -ENODATA);
	assert_non_null(strstr(err, "no resp"));
	q.times = PLOT_LAT;
	q.kind = "hole";
	assert_int_equal(plot("spectrum", r, &q), -ENODATA);
	assert_non_null(strstr(err, "'hole'"));
	result_free(r);
}

static void test_punted(void **state)
{
	struct plot_request q = { .times_given = true, .times = PLOT_SLAT };
	struct result *r = sample_result(), *u = sample_result();
	struct plot_source source[] = { { r, "old" }, { u, "new" } };
	size_t i;

	(void)state;
	for (i = 0; i < u->variant->kind_nr; i++)
		set_text(&u->variant->kind[i].engine, "io_uring");
	q.source = source;
	q.source_nr = 2;
	assert_int_equal(plot("spectrum", NULL, &q), 0);
	check_contains("text.dat", "new, io_uring, punted: not known");
	sample_why(u);
	u->variant->kind[0].why = true;
	assert_int_equal(plot("spectrum", NULL, &q), 0);
	check_contains("text.dat", "new, io_uring, punted up to 50.0 %");
	facts_text(&r->variant->keys, "ioengine", "libaio");
	facts_text(&u->variant->keys, "ioengine", "io_uring");
	q.times_given = false;
	assert_int_equal(plot("sweep", NULL, &q), 0);
	check_contains("text.dat", "ioengine (io_uring: punted)");
	result_free(r);
	result_free(u);
}

/* ---- sweeps ---- */

/* Six variants: two designs, three shares; mix says the share once more. */
static struct result *make_sweep(void)
{
	static const char *const wait[] = { "own", "drain" };
	static const int share[] = { 30, 1, 10 };
	struct result *r = NULL, *one;
	struct facts *keys;
	char mix[40];
	size_t d, n;

	for (d = 0; d < 2; d++)
		for (n = 0; n < 3; n++) {
			one = sample_result();
			if (!r) {
				r = one;
			} else {
				r->variant = realloc(r->variant,
						     (r->variant_nr + 1) *
							     sizeof(*r->variant));
				r->variant[r->variant_nr++] = one->variant[0];
				one->variant_nr = 0;
				result_free(one);
			}
			keys = &r->variant[r->variant_nr - 1].keys;
			snprintf(mix, sizeof(mix), "overwrite:%d,append:%d",
				 100 - share[n], share[n]);
			facts_text(keys, "mix", mix);
			facts_text(keys, "extend_wait", wait[d]);
			snprintf(mix, sizeof(mix), "%d", share[n]);
			facts_text(keys, "append%", mix);
		}
	return r;
}

static int count(const char *text, const char *what)
{
	int nr = 0;

	for (; (text = strstr(text, what)); text++)
		nr++;
	return nr;
}

static void test_sweep(void **state)
{
	struct result *r = make_sweep();
	struct plot_request q = svg;
	double median;

	(void)state;
	assert_int_equal(plot("sweep", r, &q), 0);
	/* 2 kinds: slat and lat at 50, 99 and 99.9, damage, IOPS. */
	assert_int_equal(lines_of("panels.dat"), 16);
	assert_int_equal(lines_of("legend.dat"), 2);
	check_contains("text.dat", "\"extend_wait=own\"");
	check_contains("text.dat", "\"append%\"");
	check_contains("text.dat", "Damage to others: victim");
	check_contains("text.dat", "of 3 rounds, too few for a 95 % interval");
	assert_null(strstr(file_of("text.dat"), "mix="));
	read_blocks();
	/* The band, of least and largest, then the line: x ascends, y is the median. */
	assert_int_equal(blocks[0].nr, 3);
	assert_true(blocks[0].v[0][0] < blocks[0].v[1][0]);
	assert_true(blocks[0].v[1][0] < blocks[0].v[2][0]);
	median = (double)result_dist_ns(r, &r->variant->round[1].kind[0].slat, 50);
	assert_true(blocks[2].v[0][1] == median);
	assert_true(blocks[0].v[0][1] < median && blocks[0].v[0][2] > median);
	q.x_key = "extend_wait";
	assert_int_equal(plot("sweep", r, &q), 0);
	assert_int_equal(lines_of("legend.dat"), 3);
	check_contains("text.dat", "\"append%=30\"");
	assert_int_equal(count(file_of("tics.dat"), "\"drain\""), 16);
	q.x_key = "iodepth";
	assert_int_equal(plot("sweep", r, &q), -ENODATA);
	assert_non_null(strstr(err, "mix, extend_wait, append%"));
	result_free(r);
}

/* From six rounds on the band is an interval for the median, not the range. */
static void test_sweep_interval(void **state)
{
	struct plot_request q = { .times_given = true, .kind = "overwrite" };
	struct result *r = make_sweep();
	const unsigned int order[] = { 5, 2, 8, 0, 7, 3, 9, 1, 6, 4 };
	size_t v, i;

	(void)state;
	for (v = 0; v < r->variant_nr; v++) {
		struct result_variant *one = &r->variant[v];

		one->round = realloc(one->round, 10 * sizeof(*one->round));
		memset(one->round + one->round_nr, 0,
		       (10 - one->round_nr) * sizeof(*one->round));
		for (i = 0; i < 10; i++) {
			if (i >= one->round_nr)
				sample_round(r, &one->round[i], sample_mixed, 2, 0);
			for (size_t p = 0; p < r->percentile_nr; p++)
				one->round[i].kind[0].lat.percentile_ns[p] = 1000 +
									     order[i];
		}
		one->round_nr = 10;
	}
	assert_int_equal(plot("sweep", r, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 3);
	read_blocks();
	/* Of 10 values the 2nd to the 9th: 97.9 %; the 3rd to the 8th would be 89 %. */
	assert_true(blocks[0].v[0][1] == 1001 && blocks[0].v[0][2] == 1008);
	assert_true(blocks[2].v[0][1] == 1004.5);
	check_contains("text.dat", "95 % intervals");
	result_free(r);
}

static bool near(double a, double b)
{
	return a > 0.999999 * b && a < 1.000001 * b;
}

static void test_sweep_damage(void **state)
{
	struct plot_request q = { .times_given = true,
				  .times = PLOT_VICTIM,
				  .kind = "append" };
	struct result *r = make_sweep();
	const struct result_kind *k;

	(void)state;
	sample_why(r);
	assert_int_equal(plot("sweep", r, &svg), 0);
	check_contains("text.dat", "Damage to others: held + convoy");
	assert_null(strstr(file_of("text.dat"), "victim"));
	k = &r->variant[0].kind[1];
	assert_int_equal(plot("sweep", r, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 4);
	read_blocks();
	/* Only of the one variant that events were watched in: its point is the last. */
	assert_true(near(blocks[block_nr - 1].v[0][1],
			 k->held.sum.mean_ns + k->convoy.sum.mean_ns));
	result_free(r);
	r = sample_result();
	assert_int_equal(plot("sweep", r, &svg), -ENODATA);
	assert_non_null(strstr(err, "nothing was swept"));
	result_free(r);
}

/* ---- time, causes, the slowest ---- */

static void test_timeline(void **state)
{
	struct plot_request q = { .format = FIGURE_TXT };
	struct result *r = sample_result();
	size_t i;

	(void)state;
	assert_int_equal(plot("timeline", r, &svg), 0);
	assert_int_equal(lines_of("panels.dat"), 2);
	read_blocks();
	/* Of lat: p50..p99, p99..p99.9, p50, max, rounds; as steps. */
	assert_int_equal(block_nr, 10);
	assert_int_equal(blocks[0].nr, 4);
	assert_true(blocks[0].v[3][0] == 1.5 && blocks[0].v[3][1] == 9 &&
		    blocks[0].v[3][2] == 10);
	assert_true(blocks[1].v[0][1] == 2 && blocks[1].v[0][2] == 3);
	assert_true(blocks[2].v[0][1] == 1);
	assert_true(blocks[3].nr == 2 && blocks[3].v[1][0] == 1.25 &&
		    blocks[3].v[1][1] == 12);
	assert_true(blocks[4].nr == 1 && blocks[4].v[0][0] == 1);
	q.times_given = true;
	q.times = PLOT_SLAT;
	assert_int_equal(plot("timeline", r, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 1);
	check_contains("text.dat", "\"p99.9\"");
	q.times = PLOT_CLAT;
	assert_int_equal(plot("timeline", r, &q), -ENODATA);
	for (i = 0; i < r->variant->series_nr; i++)
		r->variant->series[i].point_nr = 0;
	assert_int_equal(plot("timeline", r, &svg), -ENODATA);
	assert_non_null(strstr(err, "no series"));
	result_free(r);
}

static void test_causes(void **state)
{
	struct result *r = sample_result();
	const struct result_cause *c;
	double ns;

	(void)state;
	assert_int_equal(plot("causes", r, &svg), -ENODATA);
	assert_non_null(strstr(err, "--why"));
	sample_why(r);
	r->variant->kind[1].cause[1].in_completion = true;
	assert_int_equal(plot("causes", r, &svg), 0);
	assert_int_equal(lines_of("panels.dat"), 2);
	check_contains("text.dat", "slept in the completion");
	check_contains("text.dat", "\"FORCED_WAIT\"");
	read_blocks();
	c = &r->variant->kind[1].cause[0];
	ns = c->sleep.sum.mean_ns * (double)c->sleep.sum.n / 36000;
	assert_true(blocks[0].v[0][0] == 0);
	assert_true(near(blocks[0].v[0][1], ns));
	result_free(r);
}

static void test_worst(void **state)
{
	struct plot_request q = { .format = FIGURE_TXT };
	struct result *r = sample_result();
	const char *bar;

	(void)state;
	assert_int_equal(plot("worst", r, &svg), -ENODATA);
	assert_non_null(strstr(err, "--why"));
	sample_why(r);
	assert_int_equal(plot("worst", r, &svg), 0);
	check_contains("text.dat", "\"sleep I_RWSEM_W\"");
	check_contains("tics.dat", "\"round 2\"");
	read_blocks();
	/* The return of the call, then the stages. */
	assert_int_equal(block_nr, 5);
	assert_true(blocks[0].v[0][0] == 3000);
	assert_true(blocks[3].v[0][0] == 100000 && blocks[3].v[0][1] == 1000000);
	/* A result keeps so many stages; the bar is as long as the write. */
	r->variant->kind[1].worst->lat_ns += 500000;
	assert_int_equal(plot("worst", r, &svg), 0);
	check_contains("text.dat", "\"stages not kept\"");
	read_blocks();
	assert_true(blocks[5].v[0][0] == 2000000 && blocks[5].v[0][1] == 2500000);
	r->variant->kind[1].worst->lat_ns -= 500000;
	/* In a text a bar is letters, each where its time is. */
	assert_int_equal(plot("worst", r, &q), 0);
	bar = strchr(strstr(file_of("data.dat"), "\n") + 1, '"');
	assert_int_equal(strspn(bar + 1, "abcd"), strcspn(bar + 1, "\""));
	assert_true(count(bar, "c") > 20 && count(bar, "c") < 30);
	assert_true(count(bar, "d") > 20 && count(bar, "d") < 30);
	result_free(r);
}

/* ---- comparisons ---- */

static int plot_sides(struct sides *s, struct plot_request *q)
{
	q->compare = sides_compare(s);
	return plot("compare", NULL, q);
}

/* What a row of a panel of a text shows: panels are blocks, rows count from below. */
static const char *text_row(size_t panel, unsigned int row)
{
	static char line[FIGURE_COLUMNS + 8];
	const char *text = file_of("data.dat");

	while (panel--)
		text = strstr(text, "\n\n\n") + 3;
	while (row--)
		text = strchr(text, '\n') + 1;
	text = strchr(text, '"') + 1;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\""), text);
	return line;
}

static void test_compare(void **state)
{
	struct plot_request q = svg;
	const struct compare_row *row;
	double from, to;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	assert_int_equal(plot_sides(&s, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 2);
	assert_int_equal(lines_of("legend.dat"), 5);
	check_contains("text.dat", "\"overwrite, libaio\"");
	check_contains("text.dat", "\"append, libaio\"");
	check_contains("text.dat", "\"no difference shown (~)\"");
	check_contains("text.dat", "\"1.000 ~\"");
	check_contains("text.dat", "\"1.100 slower\"");
	check_contains("text.dat", "\"1.100\"");
	check_contains("text.dat", "\"threshold, 2 %\"");
	check_contains("tics.dat", "\"1.00\"");
	check_contains("tics.dat", "\"1.10\"");
	check_contains("tics.dat", "\"0.94\"");
	check_contains("tics.dat", "\"victim share\"");
	/* 1 is in the middle. */
	assert_int_equal(
		sscanf(file_of("panels.dat"), "%*f %*f %*f %*f %lf %lf", &from, &to), 2);
	assert_true(to > log(1.1) && to < log(1.2) && from == -to);
	read_blocks();
	/* Threshold, 1, what is as before, what is slower, what is for looking. */
	assert_true(fabs(blocks[0].v[0][0] - log(0.98)) < 1e-6);
	assert_true(fabs(blocks[0].v[1][0] - log(1.02)) < 1e-6);
	assert_true(blocks[1].nr == 1 && blocks[1].v[0][0] == 0);
	row = row_of(s.c, 0, COMPARE_SLAT_P50);
	assert_int_equal(blocks[2].nr, 1);
	assert_true(fabs(blocks[2].v[0][0] - log(row->ratio)) < 1e-6);
	assert_true(blocks[2].v[0][3] == 6);
	row = row_of(s.c, 0, COMPARE_LAT_P99);
	assert_int_equal(blocks[3].nr, 2);
	assert_true(fabs(blocks[3].v[1][0] - log(row->ratio)) < 1e-6);
	assert_true(fabs(blocks[3].v[1][1] - log(row->low)) < 1e-6);
	assert_true(fabs(blocks[3].v[1][2] - log(row->high)) < 1e-6);
	assert_true(blocks[3].v[1][3] == 4);
	assert_true(blocks[4].nr == 3 && blocks[4].v[2][3] == 1);
	check_contains("text.dat", "\"SLOWER: 5 of 6 rows in the gate; 0 faster\"");
	check_contains("text.dat", "Test: Welch t of medians");
	check_contains("text.dat",
		       "\"Too few samples in a round: overwrite: slat p99.9, lat "
		       "p99.9; append: slat p99.9, lat p99.9.\"");
	check_contains("text.dat", "no ratio: append: victim share.\"");
	check_contains("text.dat", "\"kernel 6.18.44, ext4 on /dev/loop0; workload "
				   "mixed.job; diowait " PACKAGE_VERSION "\"");
	check_contains("text.dat", "\"old: 3 sittings, 30 rounds, 2026-11-23");
	check_contains("text.dat", "\"new: 3 sittings, 30 rounds, 2026-11-23");
	assert_null(strstr(file_of("text.dat"), "Arrows"));
	q.kind = "append";
	assert_int_equal(plot_sides(&s, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 1);
	assert_null(strstr(file_of("text.dat"), "overwrite"));
	q.kind = "hole";
	assert_int_equal(plot_sides(&s, &q), -ENODATA);
	assert_non_null(strstr(err, "'hole'"));
	sides_free(&s);
}

/* Verdicts are words, and in a picture looks, whichever rows there are. */
static void test_compare_verdicts(void **state)
{
	struct plot_request q = svg;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 0.9);
	assert_int_equal(plot_sides(&s, &q), 0);
	check_contains("text.dat", "\"0.900 faster\"");
	/* Green, a triangle. */
	check_contains("legend.dat", "\t7\t2\n");
	s.options.threshold = 0.5;
	assert_int_equal(plot_sides(&s, &q), 0);
	check_contains("text.dat", "\"0.900 small\"");
	check_contains("text.dat", "\"threshold, 50 %\"");
	check_contains("legend.dat", "\t7\t3\n");
	/* Without one there is nothing to be light behind. */
	s.options.threshold = 0;
	assert_int_equal(plot_sides(&s, &q), 0);
	assert_null(strstr(file_of("text.dat"), "threshold"));
	sides_free(&s);

	sides_make(&s, 1, 1, 1.1);
	facts_text(&s.r[COMPARE_NEW][0]->host, "kernel", "6.19.0");
	assert_int_equal(plot_sides(&s, &q), 0);
	check_contains("text.dat",
		       "\"NO VERDICT: 1 old and 1 new sitting: a verdict needs 3");
	check_contains("text.dat", "\"in the gate, no verdict\"");
	check_contains("text.dat", "No test.");
	check_contains("text.dat", "\"1.10");
	check_contains("text.dat", "2026-11-23; kernel 6.18.44, ext4 on /dev/loop0\"");
	check_contains("text.dat", "; kernel 6.19.0, ext4 on /dev/loop0\"");
	check_contains("text.dat", "\"Not the same on both sides: kernel.\"");
	assert_null(strstr(file_of("text.dat"), "slower"));
	sides_free(&s);
}

static void test_compare_refused(void **state)
{
	struct plot_request q = svg;
	struct sides s;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	s.r[COMPARE_NEW][0]->variant->growth.extended_bytes = ROUNDS << 19;
	s.r[COMPARE_NEW][1]->interrupted = true;
	assert_int_equal(plot_sides(&s, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 1);
	check_contains("text.dat", "growths differ by more than 10 %: append.\"");
	assert_null(strstr(file_of("text.dat"), "append: slat"));
	check_contains("text.dat", "\"warning: b is of an interrupted run");
	q.kind = "append";
	assert_int_equal(plot_sides(&s, &q), -ENODATA);
	assert_non_null(strstr(err, "growths that differ"));
	sides_free(&s);
}

/* What goes further than there is room ends at the frame, with an arrow. */
static void test_compare_cut(void **state)
{
	struct plot_request q = svg;
	const char *line;
	struct sides s;
	size_t i, k;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	for (i = 0; i < 3; i++)
		for (k = 0; k < ROUNDS; k++) {
			s.r[COMPARE_NEW][i]->variant->round[k].kind[0].iops *= 1000;
			s.r[COMPARE_NEW][i]->variant->round[k].kind[1].iops /= 1000;
		}
	assert_int_equal(plot_sides(&s, &q), 0);
	check_contains("text.dat", "\"Arrows: further than there is room.\"");
	check_contains("text.dat", "\"909\"");
	/* The gate still says how far the axis goes. */
	check_contains("tics.dat", "\"1.10\"");
	q.format = FIGURE_TXT;
	assert_int_equal(plot_sides(&s, &q), 0);
	check_contains("text.dat", "\"Ends that are < or >: further");
	line = text_row(0, 2);
	assert_true(line[strlen(line) - 1] == '>' && !strchr(line, 'o'));
	line = text_row(1, 1);
	assert_true(line[0] == '<' && !strchr(line, 'o') && strchr(line, '|'));
	sides_free(&s);
}

static void test_compare_text(void **state)
{
	struct plot_request q = { .format = FIGURE_TXT };
	double left, right, reach, columns, at;
	const char *line, *frame;
	struct sides s;
	size_t i, k;

	(void)state;
	sides_make(&s, 3, 3, 1.1);
	for (i = 0; i < 6; i++)
		for (k = 0; k < ROUNDS; k++)
			set_dist(s.r[i / 3][i % 3],
				 &s.r[i / 3][i % 3]->variant->round[k].kind[0].lat,
				 5e6 * (i / 3 ? 1.1 : 1) * (1 + 0.02 * (double)(k % 4)),
				 2000);
	s.options.threshold = 0.05;
	assert_int_equal(plot_sides(&s, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 2);
	check_contains("text.dat", "\"in the gate\"");
	check_contains("text.dat", "slower\"");
	line = text_row(0, 5);
	assert_non_null(strstr(line, "[="));
	assert_non_null(strstr(line, "=]"));
	assert_non_null(strstr(line, "..|.."));
	assert_true(strchr(line, 'O') > strchr(line, '|'));
	/* At 1.1, as far right of 1 as the axis says. */
	at = (double)(strchr(line, 'O') - strchr(line, '|'));
	frame = strchr(text_row(0, 5), '|');
	assert_int_equal(sscanf(file_of("panels.dat"), "%lf %lf %*f %*f %*f %lf", &left,
				&right, &reach),
			 3);
	columns = floor(right * (FIGURE_COLUMNS - 1)) - floor(left * FIGURE_COLUMNS) - 1;
	assert_true(fabs(at - log(1.1) / (2 * reach) * columns) < 1.5);
	/* 1 is in the middle, with as many columns on both sides. */
	assert_true((double)(frame - line) == (columns - 1) / 2);
	line = text_row(0, 3);
	assert_true(strchr(line, 'o') > strchr(line, '|'));
	sides_free(&s);
}

/* Variants: a row of panels each, and what only some of them have is said once. */
static void test_compare_variants(void **state)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct result *r = make_sweep();
	struct plot_request q = svg;
	struct compare *c;
	size_t i;

	(void)state;
	options.draw_nr = 100;
	for (i = 0; i < r->variant_nr; i++)
		facts_int(&r->variant[i].keys, "iodepth", 1 << i);
	r->variant[2].growth.extended_bytes *= 2;
	assert_int_equal(compare_variants(r, "r", 1, &options, &c, err, sizeof(err)), 0);
	q.compare = c;
	assert_int_equal(plot("compare", NULL, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 9);
	check_contains("text.dat", "iodepth 32");
	check_contains("text.dat", ": append, libaio\"");
	check_contains("text.dat", "10 %: append (in 1 of 5 variants).");
	check_contains("text.dat", "rounds cannot show a difference");
	check_contains("text.dat", "\"All variants are new, and old is ");
	check_contains("text.dat", "\"sitting: 1 sitting, 18 rounds, 2026-11-23");
	assert_int_equal(count(file_of("text.dat"), "\"new / old\""), 2);
	compare_free(c);
	result_free(r);
}

/* ---- names ---- */

static const char evil[] =
	"'; system(\"touch X\") #`touch X`$(touch X)\n\x1b\x7f@A\\n%s%n|<{}_^";

/* Each line: tabs, numbers and strings; a string has nothing that means something. */
static void check_harmless(const char *name)
{
	const char *text = file_of(name);
	bool inside = false;

	for (; *text; text++) {
		if (*text == '"') {
			inside = !inside;
			continue;
		}
		if (inside && (strchr("'`$@\\", *text) || (unsigned char)*text < ' ' ||
			       *text == 0x7f))
			fail_msg("%s: byte %d in a string", name, *text);
		if (!inside && !strchr("0123456789.e+-\t\n", *text))
			fail_msg("%s: '%c' outside of a string", name, *text);
		/* A label of a tic is a format. */
		if (inside && *text == '%' && !strcmp(name, "tics.dat")) {
			assert_int_equal(text[1], '%');
			text++;
		}
	}
	assert_false(inside);
}

static void rename_list(struct result_kind *list, size_t nr, const char *kind,
			const char *engine)
{
	size_t k;

	for (k = 0; k < nr; k++) {
		set_text(&list[k].job, k ? "other" : kind);
		set_text(&list[k].kind, kind);
		set_text(&list[k].engine, engine);
	}
}

/* In all variants and their rounds. */
static void rename_kinds(struct result *r, const char *kind, const char *engine)
{
	size_t v, i;

	for (v = 0; v < r->variant_nr; v++) {
		struct result_variant *one = &r->variant[v];

		rename_list(one->kind, one->kind_nr, kind, engine);
		for (i = 0; i < one->round_nr; i++)
			rename_list(one->round[i].kind, one->round[i].kind_nr, kind,
				    engine);
	}
}

static void poison(struct result *r)
{
	size_t v, k, i;
	char key[200];

	rename_kinds(r, evil, evil);
	facts_text(&r->host, "kernel", evil);
	facts_text(&r->host, "filesystem.type", evil);
	facts_text(&r->host, "block.name", evil);
	set_text(&r->workload_name, evil);
	for (v = 0; v < r->variant_nr; v++) {
		struct result_variant *one = &r->variant[v];

		snprintf(key, sizeof(key), "%s%zu", evil, v);
		facts_text(&one->keys, evil, key);
		facts_text(&one->keys, "reap", evil);
		for (k = 0; k < one->kind_nr; k++) {
			for (i = 0; i < one->kind[k].cause_nr; i++)
				set_text(&one->kind[k].cause[i].label, evil);
			for (i = 0; i < one->kind[k].worst_nr; i++)
				set_text(&one->kind[k].worst[i].step[2].cause, evil);
		}
		for (i = 0; i < one->series_nr; i++) {
			set_text(&one->series[i].job, evil);
			set_text(&one->series[i].kind, evil);
		}
	}
}

static void test_hostile(void **state)
{
	static const char *const files[] = { "setup.dat", "text.dat", "legend.dat",
					     "tics.dat",  "data.dat", "panels.dat",
					     "curves.dat" };
	struct result *r = make_sweep();
	struct compare_options options = COMPARE_DEFAULTS;
	struct plot_source source = { r, evil };
	struct plot_request q = { .source = &source, .source_nr = 1 };
	struct compare *c;
	size_t t, f, i;

	(void)state;
	sample_why(r);
	poison(r);
	result_note_add(r, RESULT_NOTE_FIRST, "%s", evil);
	options.draw_nr = 100;
	assert_int_equal(compare_variants(r, evil, 0, &options, &c, err, sizeof(err)), 0);
	q.compare = c;
	for (t = 0; plot_type_at(t); t++)
		for (f = 0; f < 3; f++) {
			q.format = f;
			assert_int_equal(plot(plot_type_at(t)->name, r, &q), 0);
			for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
				check_harmless(files[i]);
		}
	compare_free(c);
	result_free(r);
}

/* What fonts may not have is "?" in a png, and itself where the reader draws it. */
static void test_letters(void **state)
{
	struct plot_request q = { .format = FIGURE_PNG };
	struct result *r = sample_result();

	(void)state;
	set_text(&r->workload_name, "k\xc3\xbc-\xe4\xb8\xad\xe2\x82\xac.job");
	assert_int_equal(plot("spectrum", r, &q), 0);
	check_contains("text.dat", "k\xc3\xbc-??.job");
	assert_int_equal(plot("spectrum", r, &svg), 0);
	check_contains("text.dat", "k\xc3\xbc-\xe4\xb8\xad\xe2\x82\xac.job");
	q.format = FIGURE_TXT;
	assert_int_equal(plot("spectrum", r, &q), 0);
	check_contains("text.dat", "k?-??.job");
	result_free(r);
}

/* In a text nothing is past its last column; in bytes, since all are ASCII. */
static void check_fits(void)
{
	const char *line;

	for (line = file_of("text.dat"); *line; line = strchr(line, '\n') + 1) {
		double x = strtod(line, NULL) * (FIGURE_COLUMNS - 1);

		assert_true(x + (double)strcspn(strchr(line, '"') + 1, "\"") <=
			    FIGURE_COLUMNS + 0.5);
	}
}

/* Long names are cut to their room, in a text and in a picture. */
static void test_long_names(void **state)
{
	struct result *r = make_sweep();
	struct plot_source source[] = { { r, "old" }, { r, "new" } };
	struct plot_request q = { .source = source, .source_nr = 2 };
	char emoji[4001], name[4001];
	const char *tic;
	size_t i, t;

	(void)state;
	for (i = 0; i < 1000; i++)
		memcpy(emoji + 4 * i, "\xf0\x9f\x98\x80", 4);
	emoji[4000] = '\0';
	memset(name, 'x', sizeof(name) - 1);
	name[4000] = '\0';
	sample_why(r);
	set_text(&r->workload_name, name);
	set_text(&r->variant->kind[0].kind, emoji);
	set_text(&r->variant->kind[1].kind, name);
	set_text(&r->variant->kind[1].engine, "io_uring");
	set_text(&r->variant->series->kind, emoji);
	for (i = 0; i < r->variant_nr; i++) {
		name[3999] = (char)('0' + i);
		facts_text(&r->variant[i].keys, name, emoji);
		facts_text(&r->variant[i].keys, "extend_wait", name);
	}
	source[1].name = emoji;
	source[0].name = name;
	q.x_key = "extend_wait";
	for (t = 0; plot_type_at(t); t++) {
		if (plot_type_at(t)->compares)
			continue;
		q.format = FIGURE_TXT;
		assert_int_equal(plot(plot_type_at(t)->name, r, &q), 0);
		check_fits();
		q.format = FIGURE_SVG;
		assert_int_equal(plot(plot_type_at(t)->name, r, &q), 0);
		if (!strcmp(plot_type_at(t)->name, "worst"))
			/* Of a slat, whatever else is cut. */
			check_contains("text.dat", "punted 50.0 %\"");
		if (strcmp(plot_type_at(t)->name, "sweep"))
			continue;
		/* Six words beside each other: the ends tell them apart. */
		tic = strstr(file_of("tics.dat"), "x5\"");
		assert_non_null(tic);
		while (tic[-1] != '"')
			tic--;
		assert_true(strcspn(tic, "\"") < 10);
		assert_true(strstr(tic, "..") && strstr(tic, "..") < strchr(tic, '"'));
	}
	result_free(r);
}

static void test_compare_long_names(void **state)
{
	struct plot_request q = { .format = FIGURE_TXT };
	char emoji[4001], name[4001];
	struct sides s;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		memcpy(emoji + 4 * i, "\xf0\x9f\x98\x80", 4);
	emoji[4000] = '\0';
	memset(name, 'x', sizeof(name) - 1);
	name[4000] = '\0';
	sides_make(&s, 3, 3, 1.1);
	for (i = 0; i < 6; i++) {
		struct result *r = s.r[i / 3][i % 3];

		rename_kinds(r, name, emoji);
		set_text(&r->workload_name, name);
		facts_text(&r->host, "kernel", i < 3 ? name : emoji);
		facts_text(&r->host, name, i < 3 ? "1" : "2");
		result_note_add(r, RESULT_NOTE_FIRST, "%s", name);
	}
	assert_int_equal(plot_sides(&s, &q), 0);
	check_fits();
	/* The end of the word on the right is in the last column but one. */
	check_contains("text.dat", "\"1.100 slower\"");
	for (i = 0; i < 2; i++) {
		q.format = i ? FIGURE_PNG : FIGURE_SVG;
		assert_int_equal(plot_sides(&s, &q), 0);
		check_contains("text.dat", "\"1.100 slower\"");
	}
	sides_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_spectrum_bins),
		cmocka_unit_test(test_spectrum_list),
		cmocka_unit_test(test_spectrum_victim),
		cmocka_unit_test(test_punted),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_sweep_interval),
		cmocka_unit_test(test_sweep_damage),
		cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_compare_verdicts),
		cmocka_unit_test(test_compare_refused),
		cmocka_unit_test(test_compare_cut),
		cmocka_unit_test(test_compare_text),
		cmocka_unit_test(test_compare_variants),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_compare_long_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, dir_setup, dir_teardown);
}
