/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/check.h"
#include "workload/error.h"

/* ---- KEY:VALUE,VALUE KEY:VALUE ... ---- */

/* Length of the value at p: to a comma or a blank that is not in braces. */
static size_t value_len(const char *p)
{
	size_t len = 0, depth = 0;

	for (; p[len]; len++) {
		if (!depth && (p[len] == ',' || p[len] == ' '))
			break;
		depth += p[len] == '{';
		depth -= depth && p[len] == '}';
	}
	return len;
}

/* Adds the value, without the braces around it. 0 or -ENOMEM. */
static int axis_add(struct sweep_axis *a, const char *p, size_t len)
{
	char **grown = realloc(a->value, (a->nr + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	a->value = grown;
	if (len >= 2 && p[0] == '{' && p[len - 1] == '}') {
		p++;
		len -= 2;
	}
	grown[a->nr] = strndup(p, len);
	return grown[a->nr] ? (int)(a->nr++, 0) : -ENOMEM;
}

/* Keys that are not of one variant alone. */
static bool is_run_wide(const char *key, size_t len)
{
	static const char *const wide[] = { "sweep", "rounds", "percentile_list" };
	const char *slash = memrchr(key, '/', len);
	size_t i;

	/* Not of one job either. */
	if (slash) {
		len -= (size_t)(slash + 1 - key);
		key = slash + 1;
	}
	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strlen(wide[i]) == len && !memcmp(wide[i], key, len))
			return true;
	return false;
}

/* One KEY:VALUE,...; *p moves behind it. */
static int axis_parse(struct sweep *s, const struct workload_where *at, const char **p,
		      struct workload_error *err)
{
	size_t key_len = strcspn(*p, ": "), i;
	struct sweep_axis *grown, *a;
	const char *v = *p + key_len;

	if (!key_len || *v != ':' || !v[1] || v[1] == ' ')
		return error_set(err, at, "sweep: '%.*s' must be KEY:VALUE,VALUE,...",
				 ERROR_QUOTE_MAX, *p);
	if (is_run_wide(*p, key_len))
		return error_set(
			err, at,
			"sweep: %.*s is run-wide: it can't differ between variants",
			(int)key_len, *p);
	for (i = 0; i < s->axis_nr; i++)
		if (strlen(s->axis[i].key) == key_len &&
		    !memcmp(s->axis[i].key, *p, key_len))
			return error_set(err, at, "sweep: %.*s is swept twice",
					 (int)key_len, *p);
	grown = realloc(s->axis, (s->axis_nr + 1) * sizeof(*grown));
	if (!grown)
		return error_set_nomem(err);
	s->axis = grown;
	a = &grown[s->axis_nr++];
	*a = (struct sweep_axis){ .key = strndup(*p, key_len) };
	if (!a->key)
		return error_set_nomem(err);
	do {
		size_t len = value_len(++v);

		if (!len)
			return error_set(err, at, "sweep: %s has an empty value", a->key);
		if (axis_add(a, v, len))
			return error_set_nomem(err);
		v += len;
	} while (*v == ',');
	*p = v;
	return 0;
}

static int axes_parse(struct sweep *s, struct workload_error *err)
{
	const struct workload_job *job = &s->base->job[0];
	const struct workload_where at = check_where(job, "sweep");
	const char *p = job->sweep ? job->sweep : "";
	size_t nr = 1, i;
	int ret = 0;

	for (p += strspn(p, " "); *p && !ret; p += strspn(p, " "))
		ret = axis_parse(s, &at, &p, err);
	for (i = 0; i < s->axis_nr && !ret && nr <= SWEEP_VARIANTS_MAX; i++)
		nr *= s->axis[i].nr;
	if (!ret && nr > SWEEP_VARIANTS_MAX)
		return error_set(err, &at, "sweep: more than %d variants",
				 SWEEP_VARIANTS_MAX);
	s->variant_nr = ret ? 0 : nr;
	return ret;
}

/* ---- variants ---- */

const char *sweep_value(const struct sweep *s, size_t variant, size_t axis)
{
	size_t i;

	for (i = s->axis_nr - 1; i > axis; i--)
		variant /= s->axis[i].nr;
	return s->axis[axis].value[variant % s->axis[axis].nr];
}

/* The files once more, with the variant's values over everything. */
static int variant_parse(struct sweep *s, size_t nr, const char *const *path,
			 size_t path_nr, const struct workload_override *ovr,
			 size_t ovr_nr, struct workload_error *err)
{
	struct workload_override *all = calloc(ovr_nr + s->axis_nr, sizeof(*all));
	char **origin = calloc(s->axis_nr, sizeof(*origin));
	int ret = all && origin ? 0 : error_set_nomem(err);
	size_t i, first = 0, last = s->axis_nr;

	if (!ret && ovr_nr)
		memcpy(all, ovr, ovr_nr * sizeof(*all));
	for (i = 0; i < s->axis_nr && !ret; i++) {
		const char *value = sweep_value(s, nr, i);
		const char *key = s->axis[i].key;
		/* Shares last: of the mix that another axis sets. */
		size_t at = strchr(key, '%') ? --last : first++;

		if (asprintf(&origin[i], "sweep=%s:%s", s->axis[i].key, value) < 0) {
			origin[i] = NULL;
			ret = error_set_nomem(err);
		}
		all[ovr_nr + at] = (struct workload_override){ key, value, origin[i] };
	}
	if (!ret)
		ret = workload_parse_files(path, path_nr, all, ovr_nr + s->axis_nr,
					   &s->variant[nr], err);
	for (i = 0; origin && i < s->axis_nr; i++)
		free(origin[i]);
	free(origin);
	free(all);
	return ret;
}

int sweep_parse_files(const char *const *path, size_t path_nr,
		      const struct workload_override *ovr, size_t ovr_nr,
		      struct sweep **out, struct workload_error *err)
{
	struct sweep *s = calloc(1, sizeof(*s));
	size_t i;
	int ret;

	if (!s)
		return error_set_nomem(err);
	ret = workload_parse_files(path, path_nr, ovr, ovr_nr, &s->base, err);
	if (!ret)
		ret = axes_parse(s, err);
	for (i = 0; i < path_nr && !ret && s->axis_nr; i++)
		if (!strcmp(path[i], "-"))
			ret = error_set(
				err, NULL,
				"a sweep reads its files once for each variant: give a file, not -");
	if (!ret) {
		s->variant = calloc(s->variant_nr, sizeof(struct workload *));
		ret = s->variant ? 0 : error_set_nomem(err);
	}
	if (!ret && !s->axis_nr)
		s->variant[0] = s->base;
	for (i = 0; i < s->variant_nr && !ret && s->axis_nr; i++)
		ret = variant_parse(s, i, path, path_nr, ovr, ovr_nr, err);
	if (ret) {
		sweep_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

void sweep_free(struct sweep *s)
{
	size_t i, k;

	if (!s)
		return;
	for (i = 0; i < s->axis_nr; i++) {
		for (k = 0; k < s->axis[i].nr; k++)
			free(s->axis[i].value[k]);
		free(s->axis[i].value);
		free(s->axis[i].key);
	}
	free(s->axis);
	for (i = 0; s->variant && i < s->variant_nr; i++)
		if (s->variant[i] != s->base)
			workload_free(s->variant[i]);
	free(s->variant);
	workload_free(s->base);
	free(s);
}
