// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of others in a plot: harmless, readable, and cut to their room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot_harness.h"
#include "result/format.h"
#include "result/plot_private.h"

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
	assert_int_equal(
		compare_variants(r, evil, 0, &options, &c, plot_err, sizeof(plot_err)),
		0);
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

#define LONG 4000

static void make_long(char emoji[LONG + 1], char name[LONG + 1])
{
	size_t i;

	for (i = 0; i < LONG; i += 4)
		memcpy(emoji + i, "\xf0\x9f\x98\x80", 4);
	memset(name, 'x', LONG);
	emoji[LONG] = name[LONG] = '\0';
}

/* Long names are cut to their room, in a text and in a picture. */
static void test_long_names(void **state)
{
	struct result *r = make_sweep();
	struct plot_source source[] = { { r, "old" }, { r, "new" } };
	struct plot_request q = { .source = source, .source_nr = 2 };
	char emoji[LONG + 1], name[LONG + 1];
	const char *tic;
	size_t i, t;

	(void)state;
	make_long(emoji, name);
	sample_why(r);
	set_text(&r->workload_name, name);
	set_text(&r->variant->kind[0].kind, emoji);
	set_text(&r->variant->kind[1].kind, name);
	set_text(&r->variant->kind[1].engine, "io_uring");
	set_text(&r->variant->series->kind, emoji);
	for (i = 0; i < r->variant_nr; i++) {
		name[LONG - 1] = (char)('0' + i);
		facts_text(&r->variant[i].keys, name, emoji);
		facts_text(&r->variant[i].keys, "extend_wait", name);
	}
	source[1].name = emoji;
	source[0].name = name;
	q.x_key = "extend_wait";
	for (t = 0; plot_type_at(t); t++) {
		if (plot_type_at(t)->takes & PLOT_TAKES_SIDES)
			continue;
		q.format = FIGURE_TXT;
		assert_int_equal(plot(plot_type_at(t)->name, r, &q), 0);
		check_fits();
		q.format = FIGURE_SVG;
		assert_int_equal(plot(plot_type_at(t)->name, r, &q), 0);
		/* No name is cut in the middle of a character. */
		assert_null(strstr(file_of("text.dat"), "\xef\xbf\xbd"));
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

/* What has no room is cut off, but never in the middle of a character. */
static void test_add(void **state)
{
	char buf[PLOT_NAME_MAX];
	size_t nr, at, len;

	(void)state;
	for (nr = 0; nr < PLOT_NAME_MAX; nr++) {
		memset(buf, 'x', nr);
		buf[nr] = '\0';
		plot_add(buf, sizeof(buf), ", ",
			 "\xf0\x9f\x98\x80\xc3\xbc\xf0\x9f\x98\x80");
		len = strlen(buf);
		assert_int_equal(strspn(buf, "x"), nr);
		for (at = nr; at < len; at += format_utf8_len(buf + at))
			assert_int_not_equal(format_utf8_len(buf + at), 0);
		/* All of it, or as much as fits. */
		assert_int_equal(len == nr + 10 + 2 * !!nr || len > PLOT_NAME_MAX - 5, 1);
	}
}

/* A key of characters of 4 bytes, and what is added to it as a label of x. */
static void test_long_key(void **state)
{
	struct plot_request q = { .format = FIGURE_SVG };
	struct result *r = make_sweep();
	char emoji[LONG + 1], name[LONG + 1];
	size_t i;

	(void)state;
	make_long(emoji, name);
	for (i = 0; i < r->variant_nr; i++)
		facts_text(&r->variant[i].keys, emoji, i % 2 ? "libaio" : "io_uring");
	q.x_key = emoji;
	assert_int_equal(plot("sweep", r, &q), 0);
	check_contains("text.dat", "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
	check_contains("text.dat", "punted)\"");
	q.format = FIGURE_TXT;
	assert_int_equal(plot("sweep", r, &q), 0);
	check_contains("text.dat", "\"?????..????? (io_uring: punted)\"");
	result_free(r);
}

/* Whether each of three names is there, with its number at its end. */
static void check_numbered(const char *name, size_t times)
{
	char want[20];
	size_t i;

	for (i = 1; i <= 3; i++) {
		snprintf(want, sizeof(want), "(%zu)\"\n", i);
		assert_int_equal(count_of(file_of(name), want), times);
	}
}

/* Results whose names are the same when they are cut stay results of their own. */
static void test_same_names(void **state)
{
	static const char *const name[] = {
		"runs-of-this-week/monday/at-noon/ext4-on-nvme",
		"runs-of-this-week/friday/at-noon/ext4-on-nvme",
		"runs-of-this-week/friday/at-noon/ext4-on-nvme",
	};
	struct plot_source source[3];
	struct plot_request q = {
		.source = source, .source_nr = 3, .kind = "overwrite", .times_given = true
	};
	struct result *r[3];
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		r[i] = sample_result();
		/* Only the result tells the last two apart, and they are of two worlds. */
		facts_text(&r[i]->variant->keys, "append%", i ? "2" : "1");
		facts_text(&r[i]->host, "kernel", i == 2 ? "6.19" : "6.18");
		source[i] = (struct plot_source){ r[i], name[i] };
	}
	assert_int_equal(plot("spectrum", NULL, &q), 0);
	assert_int_equal(lines_of("legend.dat"), 3);
	check_numbered("text.dat", 1);
	check_contains("text.dat", "(3): kernel 6.19\"");
	assert_int_equal(plot("sweep", NULL, &q), 0);
	assert_int_equal(lines_of("legend.dat"), 3);
	check_numbered("text.dat", 1);
	read_blocks();
	/* Of each of three panels three bands, then three lines, of a point each. */
	assert_int_equal(block_nr, 18);
	assert_int_equal(blocks[3].nr, 1);
	q.x_key = "result";
	assert_int_equal(plot("sweep", NULL, &q), 0);
	check_numbered("tics.dat", 3);
	/* What is told apart by their names needs no number. */
	source[1].name = "wednesday";
	source[2].name = "friday";
	assert_int_equal(plot("spectrum", NULL, &q), 0);
	assert_null(strstr(file_of("text.dat"), "(1)"));
	for (i = 0; i < 3; i++)
		result_free(r[i]);
}

/* A text of so many of these, until the call after the next. */
static const char *times(const char *one, size_t nr)
{
	static char text[2][400];
	static unsigned int turn;

	turn ^= 1;
	text[turn][0] = '\0';
	for (; nr; nr--)
		strcat(text[turn], one);
	return text[turn];
}

/* Names of every length that just fits, and some that don't, wherever there are any. */
static void write_named(const char *one, enum figure_format format)
{
	struct figure *f = figure_new(format);
	struct figure_panel *p;
	size_t i, k, of = format == FIGURE_TXT ? 1 : 2;

	f->columns = 2;
	for (k = 0; k < 4; k++) {
		p = figure_add_panel(f, "%s", times(one, k ? 15 : 44));
		figure_set_axis(f, &p->x, FIGURE_NAMES, times(one, 6));
		figure_set_axis(f, &p->y, FIGURE_NAMES, NULL);
		p->x.cut = k & 1;
		for (i = 0; i < 6; i++)
			figure_name_tic(f, &p->x, (double)i,
					times(one, k > 1 ? 3 : 8 / of));
		p->rows = 2;
		for (i = 1; i <= 2; i++) {
			figure_name_tic(f, &p->y, (double)i, times(one, i));
			figure_add_note(f, p, (unsigned int)i, times(one, 3 * i));
		}
		figure_begin(f, FIGURE_DOTS,
			     figure_add_entry(f, FIGURE_DOTS, times(one, 5 * k)));
		figure_put(f, 0, 1, 0, 0);
		figure_put(f, 5, 2, 0, 0);
	}
	figure_add_caption(f, "%s", times(one, 35));
	figure_add_caption(f, "%s %s", times(one, 35), times(one, 50));
	figure_add_caption(f, "%s", times(one, 90));
	assert_int_equal(plot_figure(f), 0);
	figure_free(f);
}

/* All that was written, without the texts where those are to differ. */
static char *take_places(bool texts)
{
	static const char *const file[] = { "setup.dat",  "panels.dat", "legend.dat",
					    "curves.dat", "text.dat",	"tics.dat" };
	bool inside = false;
	char *places;
	size_t i, size;
	FILE *all = open_memstream(&places, &size);
	const char *s;

	for (i = 0; i < sizeof(file) / sizeof(file[0]); i++)
		for (s = file_of(file[i]); *s; s++) {
			inside ^= *s == '"';
			/* What was left out, and how, is told by this. */
			if (!inside || texts || *s == '.')
				fputc(*s, all);
		}
	fclose(all);
	return places;
}

/*
 * Places go by characters, not by bytes: a name that is shown as '?' is laid out as
 * that many of these, and one of wide characters as twice as many letters.
 */
static void test_wide_names(void **state)
{
	static const struct {
		enum figure_format format;
		const char *wide, *ascii;
	} as[] = {
		{ FIGURE_TXT, "\xe8\xbf\xbd", "?" },
		{ FIGURE_TXT, "\xf0\x9f\x98\x80", "?" },
		{ FIGURE_PNG, "\xf0\x9f\x98\x80", "?" },
		{ FIGURE_SVG, "\xe8\xbf\xbd", "xx" },
		{ FIGURE_SVG, "\xf0\x9f\x98\x80", "xx" },
		{ FIGURE_SVG, "\xc3\xbc", "u" },
		{ FIGURE_SVG, "\xe2\x82\xac", "e" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(as) / sizeof(as[0]); i++) {
		char *wide, *ascii;

		write_named(as[i].wide, as[i].format);
		wide = take_places(as[i].format != FIGURE_SVG);
		write_named(as[i].ascii, as[i].format);
		ascii = take_places(as[i].format != FIGURE_SVG);
		assert_string_equal(wide, ascii);
		free(wide);
		free(ascii);
	}
}

static void test_compare_long_names(void **state)
{
	struct plot_request q = { .format = FIGURE_TXT };
	char emoji[LONG + 1], name[LONG + 1];
	struct sides s;
	size_t i;

	(void)state;
	make_long(emoji, name);
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
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_long_key),
		cmocka_unit_test(test_same_names),
		cmocka_unit_test(test_wide_names),
		cmocka_unit_test(test_compare_long_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, plot_dir_setup, plot_dir_teardown);
}
