/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/check.h"
#include "workload/error.h"
#include "workload/option.h"

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

/* ---- keys ---- */

/* The key behind JOB/. */
static const char *key_name(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash ? slash + 1 : key;
}

/*
 * The key by its option's own name (KIND%: with modifiers in their order), so that one
 * key has one name in errors, labels and results; as it is, where it is none, for
 * whoever sets it to refuse. The caller frees it. NULL: no memory.
 */
static char *key_canonical(const char *text, size_t len)
{
	char *key = strndup(text, len), *better = NULL, kind_name[KIND_NAME_MAX];
	const char *name = key ? key_name(key) : NULL, *bad;
	const struct option_row *o = name ? option_find(name) : NULL;
	size_t name_len = name ? strlen(name) : 0, bad_len;
	struct kind kind = { 0 };

	if (!o && (!name_len || name[name_len - 1] != '%' ||
		   kind_parse(name, name_len - 1, &kind, &bad, &bad_len)))
		return key;
	if (asprintf(&better, "%.*s%s%s", (int)(name - key), key,
		     o ? o->name : kind_print(kind, kind_name), o ? "" : "%") < 0)
		better = NULL;
	free(key);
	return better;
}

/* Keys that are not of one variant alone, nor of one job. */
static bool is_run_wide(const char *key)
{
	static const char *const wide[] = { "sweep", "rounds", "percentile_list" };
	size_t i;

	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (!strcmp(wide[i], key_name(key)))
			return true;
	return false;
}

/* Whether both set the same field of the same job. */
static bool is_same_key(const char *a, const char *b)
{
	const struct option_row *x = option_find(key_name(a));
	const struct option_row *y = option_find(key_name(b));
	size_t job_len = (size_t)(key_name(a) - a);

	if (!x || !y || !x->shares_field || !y->shares_field)
		return !strcmp(a, b);
	return x->offset == y->offset && (size_t)(key_name(b) - b) == job_len &&
	       !memcmp(a, b, job_len);
}

/* ---- axes ---- */

/* The place of the line whose end text goes on from: lines were joined by blanks. */
static struct workload_where axis_where(const struct workload *w, const char *text)
{
	size_t i;

	for (i = 0; i < w->sweep_line_nr; i++) {
		const char *p = w->sweep_line[i].text;

		for (; p; p = strchr(p, ' ')) {
			size_t len;

			p += *p == ' ';
			len = strlen(p);
			if (len && !strncmp(p, text, len) &&
			    (!text[len] || text[len] == ' '))
				return w->sweep_line[i].at;
		}
	}
	return check_where(&w->job[0], "sweep");
}

/* The values of a, from the colon before the first on; *p moves behind them. */
static int axis_values(struct sweep_axis *a, const char **p, struct workload_error *err)
{
	const char *v = *p;

	do {
		size_t len = value_len(++v);

		if (!len)
			return error_set(err, &a->at, "sweep: %s has an empty value",
					 a->key);
		if (axis_add(a, v, len))
			return error_set_nomem(err);
		v += len;
	} while (*v == ',');
	*p = v;
	return 0;
}

/* One KEY:VALUE,...; *p moves behind it. */
static int axis_parse(struct sweep *s, const char **p, struct workload_error *err)
{
	size_t key_len = strcspn(*p, ": "), i;
	struct sweep_axis *grown, *a;
	const struct option_row *o;
	const char *v = *p + key_len;
	struct workload_where at = axis_where(s->base, *p);

	if (!key_len || *v != ':' || !v[1] || v[1] == ' ')
		return error_set(err, &at, "sweep: '%.*s' must be KEY:VALUE,VALUE,...",
				 ERROR_QUOTE_MAX, *p);
	grown = realloc(s->axis, (s->axis_nr + 1) * sizeof(*grown));
	if (!grown)
		return error_set_nomem(err);
	s->axis = grown;
	a = &grown[s->axis_nr++];
	*a = (struct sweep_axis){ .key = key_canonical(*p, key_len), .at = at };
	if (!a->key)
		return error_set_nomem(err);
	if (is_run_wide(a->key))
		return error_set(
			err, &at,
			"sweep: %s is run-wide: it can't differ between variants",
			a->key);
	o = option_find(key_name(a->key));
	if (o && o->status == OPTION_NOTED)
		return error_set(err, &at, "sweep: %s has no effect: %s", a->key, o->why);
	for (i = 0; i + 1 < s->axis_nr; i++)
		if (is_same_key(s->axis[i].key, a->key))
			return error_set(err, &at, "sweep: %s is swept twice",
					 s->axis[i].key);
	*p = v;
	return axis_values(a, p, err);
}

static int axes_parse(struct sweep *s, struct workload_error *err)
{
	const struct workload_job *job = &s->base->job[0];
	const char *p = job->sweep ? job->sweep : "";
	struct workload_where at;
	size_t nr = 1, i;
	int ret = 0;

	for (p += strspn(p, " "); *p && !ret; p += strspn(p, " "))
		ret = axis_parse(s, &p, err);
	for (i = 0; i < s->axis_nr && !ret && nr <= SWEEP_VARIANTS_MAX; i++)
		nr *= s->axis[i].nr;
	at = check_where(job, "sweep");
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

/* How errors name a value: by its line, or by the option that gave it. NULL: no memory. */
static char *axis_origin(const struct sweep_axis *a, const char *value)
{
	char *origin;
	int n = a->at.line ? asprintf(&origin, "%s:%d: sweep: %s=%s", a->at.file,
				      a->at.line, a->key, value) :
			     asprintf(&origin, "--sweep %s=%s", a->key, value);

	return n < 0 ? NULL : origin;
}

/* The files once more, with the variant's values over everything. */
static int variant_parse(struct sweep *s, size_t nr, const char *const *path,
			 size_t path_nr, const struct workload_override *ovr,
			 size_t ovr_nr, struct workload_error *err)
{
	struct workload_override *all = calloc(ovr_nr + s->axis_nr, sizeof(*all));
	char **origin = calloc(s->axis_nr, sizeof(*origin));
	size_t i, first = 0, last = s->axis_nr;
	int ret = 0;

	if (!all || !origin)
		ret = error_set_nomem(err);
	else if (ovr_nr)
		memcpy(all, ovr, ovr_nr * sizeof(*all));
	for (i = 0; i < s->axis_nr && !ret; i++) {
		const char *value = sweep_value(s, nr, i);
		const char *key = s->axis[i].key;
		/* Shares last: of the mix that another axis sets. */
		size_t at = strchr(key, '%') ? --last : first++;

		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): ret is not 0 then */
		origin[i] = axis_origin(&s->axis[i], value);
		if (!origin[i])
			ret = error_set_nomem(err);
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): ret is not 0 then */
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
