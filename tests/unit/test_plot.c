// SPDX-License-Identifier: GPL-2.0-or-later
/* The data files of each plot of results, from results made here. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot_harness.h"

static bool near(double a, double b)
{
	return a > 0.999999 * b && a < 1.000001 * b;
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

/* Where a line that was read is above x. */
static double value_at(const struct block *b, double x)
{
	size_t i;

	assert_true(b->nr > 1 && b->v[0][0] <= x && b->v[b->nr - 1][0] >= x);
	for (i = 1; b->v[i][0] < x; i++)
		;
	return b->v[i - 1][1] + (b->v[i][1] - b->v[i - 1][1]) * (x - b->v[i - 1][0]) /
					(b->v[i][0] - b->v[i - 1][0]);
}

/* The line of each kind goes through the percentiles that the report has. */
static void test_spectrum_values(void **state)
{
	static const double percentile[] = { 50, 90, 99 };
	struct plot_request q = svg;
	struct result *r = sample_result();
	size_t t, k, p;

	(void)state;
	q.times_given = true;
	for (t = 0; t < 2; t++) {
		q.times = t ? PLOT_SLAT : PLOT_LAT;
		assert_int_equal(plot("spectrum", r, &q), 0);
		read_blocks();
		assert_int_equal(block_nr, 2);
		for (k = 0; k < 2; k++)
			for (p = 0; p < 3; p++) {
				const struct result_kind *of = &r->variant->kind[k];
				double want = (double)result_dist_ns(
					r, t ? &of->slat : &of->lat, percentile[p]);
				double rank = ceil((double)of->ops * percentile[p] / 100);
				double got = value_at(
					&blocks[k],
					-log10(1 - (rank - 0.5) / (double)of->ops));

				/* Within what STEP leaves out, here 1 % of the writes. */
				if (got < 0.98 * want || got > 1.02 * want)
					fail_msg("%s p%g: %g, not %g", of->kind,
						 percentile[p], got, want);
			}
	}
	result_free(r);
}

/* Writes that all took the same are a level, and no slope to the next value. */
static void test_spectrum_levels(void **state)
{
	struct plot_request q = { .format = FIGURE_SVG, .kind = "overwrite" };
	struct result *r = sample_result();
	struct result_dist *d = &r->variant->kind[0].lat;
	struct hist *h = malloc(sizeof(*h));
	size_t i, below = 0;

	(void)state;
	hist_init(h);
	for (i = 0; i < 1000; i++)
		hist_add(h, i < 600 ? 100 : i < 990 ? 300 : 500);
	free(d->hist);
	free(d->percentile_ns);
	d->hist = NULL;
	d->percentile_ns = NULL;
	result_dist_fill(r, d, h, true);
	free(h);
	assert_int_equal(plot("spectrum", r, &q), 0);
	read_blocks();
	assert_int_equal(block_nr, 1);
	assert_true(blocks[0].v[0][0] < 0.001);
	for (i = 0; i < blocks[0].nr; i++) {
		double x = blocks[0].v[i][0];

		assert_true(blocks[0].v[i][1] == (x < -log10(0.4) ? 100 :
						  x < 2		  ? 300 :
								    500));
		below += x < -log10(0.4);
	}
	/* In a text it is made of these. */
	assert_true(below > 8);
	assert_true(value_at(&blocks[0], -log10(1 - 0.599)) == 100);
	assert_true(value_at(&blocks[0], -log10(1 - 0.601)) == 300);
	assert_true(value_at(&blocks[0], -log10(1 - 0.989)) == 300);
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
	/* What was not kept has no place in it. */
	d->percentile_ns[r->percentile_nr - 1] = RESULT_NO_NS;
	assert_int_equal(plot("spectrum", r, &svg), 0);
	read_blocks();
	assert_int_equal(blocks[0].nr, r->percentile_nr - 1);
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
	assert_non_null(strstr(plot_err, "no resp"));
	q.times = PLOT_LAT;
	q.kind = "hole";
	assert_int_equal(plot("spectrum", r, &q), -ENODATA);
	assert_non_null(strstr(plot_err, "'hole'"));
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
	assert_int_equal(count_of(file_of("tics.dat"), "\"drain\""), 16);
	q.x_key = "iodepth";
	assert_int_equal(plot("sweep", r, &q), -ENODATA);
	assert_non_null(strstr(plot_err, "mix, extend_wait, append%"));
	result_free(r);
}

/* Panels of a sweep of two lines have four blocks each: two bands, two lines. */
static const struct block *sweep_line(size_t panel, size_t line)
{
	return &blocks[4 * panel + 2 + line];
}

/* resp is as clat, which is there. */
static void open_loop(struct result_kind *k)
{
	struct result_dist was = k->resp;

	k->resp = k->clat;
	k->clat = was;
}

/* What each panel is called is what it shows. */
static void test_sweep_panels(void **state)
{
	struct plot_request q = svg;
	enum { LAT_P99 = 5, IOPS = 7, OF_APPEND = 8 };
	struct result *r = make_sweep();
	struct result_variant *first = &r->variant[0];
	const struct result_round *middle = &r->variant[3].round[1];
	size_t i;

	(void)state;
	/* 30 % is the largest x; the other variants have the rounds of the sample. */
	for (i = 0; i < 3; i++)
		first->round[i].kind[0].iops = i ? 400 - 100.0 * (double)i : 100;
	assert_int_equal(plot("sweep", r, &svg), 0);
	read_blocks();
	assert_int_equal(block_nr, 64);
	/* From 1 to 30 the axis is logarithmic. */
	for (i = 0; i < 16; i++) {
		assert_int_equal(sweep_line(i, 0)->nr, 3);
		assert_true(sweep_line(i, 0)->v[0][0] == 0);
		assert_true(near(sweep_line(i, 0)->v[1][0], log2(10)));
		assert_true(near(sweep_line(i, 0)->v[2][0], log2(30)));
	}
	assert_true(sweep_line(IOPS, 0)->v[2][1] == 200);
	assert_true(blocks[4 * IOPS].v[2][1] == 100 && blocks[4 * IOPS].v[2][2] == 300);
	assert_true(near(sweep_line(IOPS, 1)->v[2][1], middle->kind[0].iops));
	assert_true(near(sweep_line(IOPS + OF_APPEND, 0)->v[0][1], middle->kind[1].iops));
	assert_true(sweep_line(LAT_P99, 0)->v[0][1] ==
		    (double)result_dist_ns(r, &middle->kind[0].lat, 99));
	assert_true(sweep_line(LAT_P99 + OF_APPEND, 1)->v[2][1] ==
		    (double)result_dist_ns(r, &middle->kind[1].lat, 99));
	/* Of other times than those two, too. */
	q.times_given = true;
	q.times = PLOT_CLAT;
	assert_int_equal(plot("sweep", r, &q), 0);
	read_blocks();
	assert_int_equal(block_nr, 24);
	assert_true(sweep_line(1, 0)->v[0][1] ==
		    (double)result_dist_ns(r, &middle->kind[0].clat, 99));
	assert_true(result_dist_ns(r, &middle->kind[0].clat, 99) !=
		    result_dist_ns(r, &middle->kind[0].lat, 99));
	/* An open loop has a row of panels more. */
	q = svg;
	for (i = 0; i < r->variant_nr; i++) {
		struct result_kind *k = &r->variant[i].kind[0];
		size_t n;

		open_loop(k);
		for (n = 0; n < r->variant[i].round_nr; n++)
			open_loop(&r->variant[i].round[n].kind[0]);
	}
	assert_int_equal(plot("sweep", r, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 20);
	read_blocks();
	assert_true(sweep_line(IOPS + 2, 0)->v[0][1] ==
		    (double)result_dist_ns(r, &middle->kind[0].resp, 99));
	check_contains("text.dat", "mean resp: ");
	result_free(r);
}

/* Nothing is between two file systems: their points are no line. */
static void test_sweep_places(void **state)
{
	struct result *r[2] = { sample_result(), sample_result() };
	struct plot_source source[] = { { r[0], "old" }, { r[1], "new" } };
	struct plot_request q = { .source = source, .source_nr = 2, .kind = "append" };

	(void)state;
	facts_text(&r[0]->variant->keys, "append%", "10");
	facts_text(&r[1]->variant->keys, "append%", "20");
	assert_int_equal(plot("sweep", NULL, &q), 0);
	assert_int_equal(lines_of("legend.dat"), 1);
	read_blocks();
	assert_true(block_nr == 16 && blocks[1].nr == 2);
	facts_text(&r[1]->host, "filesystem.type", "xfs");
	assert_int_equal(plot("sweep", NULL, &q), 0);
	assert_int_equal(lines_of("legend.dat"), 2);
	check_contains("text.dat", "\"new\"");
	read_blocks();
	assert_true(block_nr == 32 && blocks[2].nr == 1);
	result_free(r[0]);
	result_free(r[1]);
}

/* Column at of a line of a data file. */
static unsigned int number_in(const char *name, size_t line, size_t at)
{
	const char *text = file_of(name);

	for (; line; line--)
		text = strchr(text, '\n') + 1;
	for (; at; at--)
		text = strchr(text, '\t') + 1;
	return (unsigned int)strtoul(text, NULL, 10);
}

/* The scripts' arrays are as large as the files have lines. */
static void test_setup(void **state)
{
	static const char *const file[] = { "panels.dat", "curves.dat", "tics.dat",
					    "legend.dat" };
	struct plot_request q = svg;
	struct result *r = make_sweep();
	size_t t, i;

	(void)state;
	sample_why(r);
	for (q.format = FIGURE_SVG; q.format <= FIGURE_TXT; q.format++)
		for (t = 0; plot_type_at(t); t++) {
			if (plot_type_at(t)->takes & PLOT_TAKES_SIDES)
				continue;
			assert_int_equal(plot(plot_type_at(t)->name, r, &q), 0);
			for (i = 0; i < 4; i++)
				assert_int_equal(number_in("setup.dat", 0, 3 + i),
						 lines_of(file[i]));
		}
	result_free(r);
}

/* A line looks as its entry in the legend does, in every panel. */
static void test_looks(void **state)
{
	struct result *r = make_sweep();
	size_t panel, i;

	(void)state;
	assert_int_equal(plot("sweep", r, &svg), 0);
	assert_int_equal(lines_of("legend.dat"), 2);
	assert_int_not_equal(number_in("legend.dat", 0, 4),
			     number_in("legend.dat", 1, 4));
	for (panel = 0; panel < 16; panel++)
		for (i = 0; i < 4; i++)
			assert_int_equal(number_in("curves.dat", 4 * panel + i, 0),
					 number_in("legend.dat", i % 2, 4));
	result_free(r);
	r = sample_result();
	assert_int_equal(plot("spectrum", r, &svg), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(number_in("curves.dat", i, 0),
				 number_in("legend.dat", i, 4));
	check_contains("tics.dat", "1\t1\t100000\t0\t\"100 us\"\n");
	check_contains("tics.dat", "1\t1\t1000000\t0\t\"1 ms\"\n");
	check_contains("tics.dat", "1\t0\t2\t0\t\"99 %%\"\n");
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
	check_contains("text.dat", "\"Points: medians of rounds; bands: 95 % intervals");
	/* One variant with too few: both are said, and the numbers. */
	r->variant[4].round_nr = 3;
	r->variant[5].round_nr = 7;
	assert_int_equal(plot("sweep", r, &q), 0);
	check_contains("text.dat", "medians of 3 to 10 rounds; bands: 95 % intervals");
	check_contains("text.dat", "3 to 10 rounds of mixed.job");
	check_contains("text.dat",
		       "of fewer than 6 rounds, from the least to the largest.");
	for (v = 0; v < r->variant_nr; v++)
		r->variant[v].round_nr = v == 4 ? 3 : 5;
	assert_int_equal(plot("sweep", r, &q), 0);
	check_contains("text.dat", "from the least to the largest of 3 to 5 rounds, too");
	for (v = 0; v < r->variant_nr; v++)
		r->variant[v].round_nr = 10;
	result_free(r);
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
	assert_non_null(strstr(plot_err, "nothing was swept"));
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
	read_blocks();
	/* Behind the block of bars, which a text has: p50, p99, p99.9, max. */
	assert_int_equal(block_nr, 5);
	for (i = 0; i < 4; i++)
		assert_true(blocks[1 + i].v[0][1] == 5 + (double)i &&
			    blocks[1 + i].v[i < 3 ? 2 : 1][1] == 13 + (double)i);
	q.times = PLOT_CLAT;
	assert_int_equal(plot("timeline", r, &q), -ENODATA);
	for (i = 0; i < r->variant->series_nr; i++)
		r->variant->series[i].point_nr = 0;
	assert_int_equal(plot("timeline", r, &svg), -ENODATA);
	assert_non_null(strstr(plot_err, "no series"));
	result_free(r);
}

static void test_causes(void **state)
{
	struct result *r = sample_result();
	const struct result_cause *c;
	double ns;

	(void)state;
	assert_int_equal(plot("causes", r, &svg), -ENODATA);
	assert_non_null(strstr(plot_err, "--why"));
	sample_why(r);
	/* Bars of a kind begin where the one before ends. */
	assert_int_equal(plot("causes", r, &svg), 0);
	assert_int_equal(lines_of("panels.dat"), 1);
	read_blocks();
	c = r->variant->kind[1].cause;
	ns = c[0].sleep.sum.mean_ns * (double)c[0].sleep.sum.n / 36000;
	assert_true(blocks[0].nr == 1 && blocks[1].nr == 1);
	assert_true(blocks[0].v[0][0] == 0 && near(blocks[0].v[0][1], ns));
	assert_true(blocks[1].v[0][0] == blocks[0].v[0][1]);
	assert_true(near(blocks[1].v[0][1],
			 ns + c[1].sleep.sum.mean_ns * (double)c[1].sleep.sum.n / 36000));
	assert_true(blocks[1].v[0][2] == blocks[0].v[0][2] &&
		    blocks[1].v[0][3] == blocks[0].v[0][3]);
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
	assert_non_null(strstr(plot_err, "--why"));
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
	assert_true(count_of(bar, "c") > 20 && count_of(bar, "c") < 30);
	assert_true(count_of(bar, "d") > 20 && count_of(bar, "d") < 30);
	result_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_spectrum_bins),
		cmocka_unit_test(test_spectrum_values),
		cmocka_unit_test(test_spectrum_levels),
		cmocka_unit_test(test_spectrum_list),
		cmocka_unit_test(test_spectrum_victim),
		cmocka_unit_test(test_punted),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_sweep_panels),
		cmocka_unit_test(test_sweep_places),
		cmocka_unit_test(test_setup),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_sweep_interval),
		cmocka_unit_test(test_sweep_damage),
		cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_worst),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, plot_dir_setup, plot_dir_teardown);
}
