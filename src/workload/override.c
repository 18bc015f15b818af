/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys from outside the files: -s, and the values of a sweep. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workload/build.h"
#include "workload/error.h"
#include "workload/jobfile.h"
#include "workload/mix.h"
#include "workload/nearest.h"
#include "workload/option.h"
#include "workload/units.h"

/* Of bs, bsrange and bssplit an override of one replaces the others, too. */
static void unset_twins(struct workload_job *job, const struct option_row *o)
{
	const struct option_row *other;

	if (!o->shares_field)
		return;
	for (other = option_table; other->name; other++) {
		if (other != o && other->shares_field)
			option_unmark_set(job, other);
	}
	if (o->type != OPTION_SPLIT)
		job->bssplit.nr = 0;
}

/* Whether an override is for the job: JOB/KEY is for one, KEY for all. */
static bool is_for(const struct workload_override *ovr, const struct workload_job *job)
{
	const char *slash = strrchr(ovr->key, '/');
	size_t len = slash ? (size_t)(slash - ovr->key) : 0;

	return !slash || (strlen(job->name) == len && !memcmp(job->name, ovr->key, len));
}

/* The key itself; NULL, and err filled: no job has that name. */
static const char *override_key(const struct workload *w,
				const struct workload_override *ovr,
				struct workload_error *err)
{
	struct workload_where at = { .file = ovr->origin };
	const char *slash = strrchr(ovr->key, '/');
	struct nearest n;
	size_t len, i;

	for (i = 0; i < w->job_nr; i++)
		if (is_for(ovr, &w->job[i]))
			return slash ? slash + 1 : ovr->key;
	len = (size_t)(slash - ovr->key);
	n = nearest_start(ovr->key, len);
	for (i = 0; i < w->job_nr; i++)
		nearest_try(&n, w->job[i].name);
	(void)error_set(err, &at,
			n.best ? "there is no job '%.*s' (did you mean '%s'?)" :
				 "there is no job '%.*s'",
			len < ERROR_QUOTE_MAX ? (int)len : ERROR_QUOTE_MAX, ovr->key,
			n.best);
	return NULL;
}

/* KIND%=PERCENT: in each job whose mix has the kind. */
static int apply_share(struct workload *w, const struct workload_override *ovr,
		       const char *key, FILE *text, struct workload_error *err)
{
	struct workload_where at = { .file = ovr->origin };
	const struct option_row *o = option_find("mix");
	const char *value = ovr->value ? ovr->value : "";
	size_t len = strlen(key) - 1, i;
	char why[OPTION_TEXT_MAX];
	bool found = false;
	struct kind kind;
	double percent;

	if (mix_kind_parse(key, len, &kind, why, sizeof(why)))
		return error_set_value(err, &at, ovr->key, ovr->value,
				       "%s; KIND%%=PERCENT sets its share of mix", why);
	if (units_parse_decimal(value, strlen(value), &percent) || percent > 100)
		return error_set_value(
			err, &at, ovr->key, ovr->value,
			"must be 0..100, a share of mix in percent, with at most 9 digits behind the point");
	if (workload_where_keep(w, &at))
		return error_set_nomem(err);
	for (i = 0; i < w->job_nr; i++) {
		struct workload_job *job = &w->job[i];

		if (!is_for(ovr, job) || !mix_has(&job->mix, kind))
			continue;
		found = true;
		if (mix_share(&job->mix, kind, percent))
			return error_set_value(
				err, &at, ovr->key, ovr->value,
				"leaves nothing that writes, or the rest to no other kind of mix");
		option_mark_set(job, o, at);
	}
	if (!found)
		return error_set_value(err, &at, ovr->key, ovr->value, "no mix has %.*s",
				       (int)len, key);
	fprintf(text, "# -s %s=%s\n", ovr->key, ovr->value);
	return 0;
}

int override_apply(struct workload *w, const struct workload_override *ovr, FILE *text,
		   struct workload_error *err)
{
	struct workload_where at = { .file = ovr->origin };
	const char *key = override_key(w, ovr, err);
	const struct option_row *o;
	char *value = NULL;
	bool given = false;
	size_t i;
	int ret;

	if (!key)
		return -EINVAL;
	if (*key && key[strlen(key) - 1] == '%')
		return apply_share(w, ovr, key, text, err);
	ret = workload_find_option(&at, key, &o, err);
	assert(ret || o);
	if (!ret && ovr->value)
		ret = jobfile_expand(&at, ovr->key, ovr->value, &value, err);
	if (!ret && o->status != OPTION_SUPPORTED) {
		ret = workload_take_fio_key(w, &at, o, key, value, err);
		goto out;
	}
	if (!ret && workload_where_keep(w, &at))
		ret = error_set_nomem(err);
	if (!ret && o->adds_up && value && workload_line_add(w, value, &at))
		ret = error_set_nomem(err);
	/* To what is run-wide it is added where that was given, or else in all jobs. */
	for (i = 0; !ret && o->adds_up && i < w->job_nr; i++)
		given |= option_is_set(&w->job[i], o);
	for (i = 0; !ret && i < w->job_nr; i++) {
		if (!is_for(ovr, &w->job[i]) || (given && !option_is_set(&w->job[i], o)))
			continue;
		unset_twins(&w->job[i], o);
		ret = workload_set_option(o, &w->job[i], &at, key, value, err);
	}
	/* Where it runs is not part of what runs: no line for directory. */
	if (!ret && strcmp(o->name, "directory"))
		fprintf(text, "# -s %s%s%s\n", ovr->key, value ? "=" : "",
			value ? value : "");
out:
	free(value);
	return ret;
}
