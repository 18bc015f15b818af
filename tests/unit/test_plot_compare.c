// SPDX-License-Identifier: GPL-2.0-or-later
/* The data files of a plot of a comparison: verdicts, refusals, what is cut. */
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
	check_contains("text.dat",
		       "\"kernel 6.18.44, ext4 on /dev/loop0; workload "
		       "mixed.job; diowait " PACKAGE_VERSION ", 2026-11-23\"");
	check_contains("text.dat", "\"old: 3 sittings, 30 rounds, 2026-11-23");
	check_contains("text.dat", "\"new: 3 sittings, 30 rounds, 2026-11-23");
	assert_null(strstr(file_of("text.dat"), "Arrows"));
	q.kind = "append";
	assert_int_equal(plot_sides(&s, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 1);
	assert_null(strstr(file_of("text.dat"), "overwrite"));
	q.kind = "hole";
	assert_int_equal(plot_sides(&s, &q), -ENODATA);
	assert_non_null(strstr(plot_err, "'hole'"));
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
	assert_non_null(strstr(plot_err, "growths that differ"));
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
	assert_int_equal(
		compare_variants(r, "r", 1, &options, &c, plot_err, sizeof(plot_err)), 0);
	q.compare = c;
	assert_int_equal(plot("compare", NULL, &q), 0);
	assert_int_equal(lines_of("panels.dat"), 9);
	check_contains("text.dat", "iodepth 32");
	check_contains("text.dat", ": append, libaio\"");
	check_contains("text.dat", "10 %: append (in 1 of 5 variants).");
	check_contains("text.dat", "rounds cannot show a difference");
	check_contains("text.dat", "\"All variants are new, and old is ");
	check_contains("text.dat", "\"sitting: 1 sitting, 18 rounds, 2026-11-23");
	assert_int_equal(count_of(file_of("text.dat"), "\"new / old\""), 2);
	compare_free(c);
	result_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_compare_verdicts),
		cmocka_unit_test(test_compare_refused),
		cmocka_unit_test(test_compare_cut),
		cmocka_unit_test(test_compare_text),
		cmocka_unit_test(test_compare_variants),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, plot_dir_setup, plot_dir_teardown);
}
