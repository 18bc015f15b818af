// SPDX-License-Identifier: GPL-2.0-or-later
/* See plot_harness.h. */
#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plot_harness.h"

#define FILE_MAX (1 << 20)

static char dir[PATH_MAX];
char plot_err[512];

struct block blocks[CURVES_MAX];
size_t block_nr;

int plot_dir_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/test_plot.XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

int plot_dir_teardown(void **state)
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

const char *file_of(const char *name)
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

size_t lines_of(const char *name)
{
	const char *text = file_of(name);
	size_t nr = 0;

	for (; (text = strchr(text, '\n')); text++)
		nr++;
	return nr;
}

void read_blocks(void)
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

int plot(const char *type, const struct result *r, const struct plot_request *more)
{
	struct plot_source source = { r, "one" };
	struct plot_request q = *more;

	if (!q.source) {
		q.source = &source;
		q.source_nr = 1;
	}
	plot_err[0] = '\0';
	assert_non_null(plot_type_find(type));
	return plot_write(plot_type_find(type), &q, dir, plot_err, sizeof(plot_err));
}

const struct plot_request svg = { .format = FIGURE_SVG };

void check_contains(const char *name, const char *text)
{
	if (!strstr(file_of(name), text))
		fail_msg("%s has no '%s': %s", name, text, file_of(name));
}

size_t count_of(const char *text, const char *what)
{
	size_t nr = 0;

	for (; (text = strstr(text, what)); text++)
		nr++;
	return nr;
}

struct result *make_sweep(void)
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

int plot_figure(struct figure *f)
{
	return figure_write(f, dir);
}

int plot_sides(struct sides *s, struct plot_request *q)
{
	q->compare = sides_compare(s);
	return plot("compare", NULL, q);
}
