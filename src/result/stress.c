// SPDX-License-Identifier: GPL-2.0-or-later
/* What diowait stress found: in the document, in the report, as KTAP. */
#include "result/stress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "result/export_private.h"
#include "result/format.h"
#include "result/lines.h"
#include "result/report.h"

#define EVIDENCE_HANG 12

struct result_stress *result_stress_new(void)
{
	return calloc(1, sizeof(struct result_stress));
}

void result_stress_free(struct result_stress *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->contract_nr; i++) {
		free(s->contract[i].name);
		free(s->contract[i].promise);
	}
	for (i = 0; i < s->finding_nr; i++) {
		free(s->finding[i].contract);
		free(s->finding[i].where);
		free(s->finding[i].text);
		free(s->finding[i].replay);
	}
	for (i = 0; i < s->where_nr; i++)
		free(s->where[i]);
	for (i = 0; i < s->crash_nr; i++) {
		free(s->crash[i].filesystem);
		free(s->crash[i].skipped);
	}
	free(s->crash);
	free(s->contract);
	for (i = 0; i < s->kernel_nr; i++)
		free(s->kernel[i]);
	free(s->kernel);
	free(s->finding);
	free(s->where);
	free(s->broken);
	free(s);
}

uint64_t result_stress_broken(const struct result_stress *s)
{
	uint64_t broken = 0;
	size_t i;

	for (i = 0; i < s->contract_nr; i++)
		broken += s->contract[i].broken;
	return broken;
}

/* ---- document ---- */

static struct json_t *finding_object(struct doc *d, const struct result_finding *f)
{
	struct json_t *o = doc_new();

	doc_put(d, o, "contract", doc_text(f->contract));
	doc_put(d, o, "where", doc_text(f->where));
	doc_put(d, o, "seed", doc_count(f->seed));
	doc_put(d, o, "writes", doc_count(f->writes));
	doc_put(d, o, "at_s", doc_real(f->at_s));
	doc_put(d, o, "offset", doc_count(f->offset));
	doc_put(d, o, "bytes", doc_count(f->bytes));
	doc_put(d, o, "text", doc_text(f->text));
	doc_put(d, o, "replay", doc_text(f->replay));
	return o;
}

static struct json_t *crash_list(struct doc *d, const struct result_stress *s)
{
	struct json_t *list = doc_list();
	size_t i;

	for (i = 0; i < s->crash_nr; i++) {
		struct json_t *c = doc_new();

		doc_put(d, c, "filesystem", doc_text(s->crash[i].filesystem));
		doc_put(d, c, "cycles", doc_count(s->crash[i].cycles));
		doc_put(d, c, "skipped", doc_text(s->crash[i].skipped));
		doc_add(d, list, c);
	}
	return list;
}

struct json_t *stress_object(struct doc *d, const struct result_stress *s)
{
	struct json_t *o = doc_new(), *contracts = doc_list(), *findings = doc_list();
	struct json_t *where = doc_list(), *kernel = doc_list();
	size_t i;

	doc_put(d, o, "seed", doc_count(s->seed));
	doc_put(d, o, "writes", doc_count(s->writes));
	doc_put(d, o, "rounds", doc_count(s->rounds));
	doc_put(d, o, "seconds", doc_real(s->seconds));
	doc_put(d, o, "hung", doc_yes(s->hung));
	doc_put(d, o, "left_pid", s->left_pid ? doc_int(s->left_pid) : doc_none());
	for (i = 0; i < s->contract_nr; i++) {
		struct json_t *c = doc_new();

		doc_put(d, c, "name", doc_text(s->contract[i].name));
		doc_put(d, c, "promise", doc_text(s->contract[i].promise));
		doc_put(d, c, "checked", doc_count(s->contract[i].checked));
		doc_put(d, c, "broken", doc_count(s->contract[i].broken));
		doc_add(d, contracts, c);
	}
	doc_put(d, o, "contracts", contracts);
	for (i = 0; i < s->finding_nr; i++)
		doc_add(d, findings, finding_object(d, &s->finding[i]));
	doc_put(d, o, "findings", findings);
	for (i = 0; i < s->where_nr; i++) {
		struct json_t *w = doc_new();

		doc_put(d, w, "where", doc_text(s->where[i]));
		doc_put(d, w, "broken", doc_count(s->broken[i]));
		doc_add(d, where, w);
	}
	doc_put(d, o, "scenarios", where);
	if (s->crash)
		doc_put(d, o, "crashes", crash_list(d, s));
	for (i = 0; i < s->kernel_nr; i++)
		doc_add(d, kernel, doc_text(s->kernel[i]));
	doc_put(d, o, "kernel_log", kernel);
	return o;
}

/* A copy; what is missing is empty. Failure is kept in *rc. */
static char *copy_of(const struct json_t *o, const char *key, int *rc)
{
	const char *text = doc_text_of(doc_get(o, key));
	char *copy = strdup(text ? text : "");

	if (!copy)
		*rc = -ENOMEM;
	return copy;
}

static int crashes_of(const struct json_t *list, struct result_stress *s)
{
	int rc = 0;
	size_t i;

	if (!list)
		return 0;
	s->crash = calloc(doc_nr(list) + 1, sizeof(*s->crash));
	if (!s->crash)
		return -ENOMEM;
	for (i = 0; i < doc_nr(list); i++) {
		const struct json_t *one = doc_at(list, i);
		struct result_crash *c = &s->crash[s->crash_nr++];

		c->filesystem = copy_of(one, "filesystem", &rc);
		c->cycles = doc_count_of(doc_get(one, "cycles"));
		if (doc_text_of(doc_get(one, "skipped")))
			c->skipped = copy_of(one, "skipped", &rc);
	}
	return rc;
}

static int lists_of(const struct json_t *o, struct result_stress *s)
{
	const struct json_t *contracts = doc_get(o, "contracts"), *one;
	const struct json_t *findings = doc_get(o, "findings");
	const struct json_t *where = doc_get(o, "scenarios");
	const struct json_t *kernel = doc_get(o, "kernel_log");
	int rc = 0;
	size_t i;

	s->contract = calloc(doc_nr(contracts) + 1, sizeof(*s->contract));
	s->finding = calloc(doc_nr(findings) + 1, sizeof(*s->finding));
	s->where = calloc(doc_nr(where) + 1, sizeof(*s->where));
	s->broken = calloc(doc_nr(where) + 1, sizeof(*s->broken));
	s->kernel = calloc(doc_nr(kernel) + 1, sizeof(*s->kernel));
	if (!s->contract || !s->finding || !s->where || !s->broken || !s->kernel)
		return -ENOMEM;
	for (i = 0; i < doc_nr(kernel); i++) {
		s->kernel[i] = strdup(doc_text_of(doc_at(kernel, i)) ?
					      doc_text_of(doc_at(kernel, i)) :
					      "");
		s->kernel_nr += s->kernel[i] != NULL;
		if (!s->kernel[i])
			return -ENOMEM;
	}
	for (i = 0; i < doc_nr(contracts); i++) {
		struct result_contract *c = &s->contract[s->contract_nr++];

		one = doc_at(contracts, i);
		c->name = copy_of(one, "name", &rc);
		c->promise = copy_of(one, "promise", &rc);
		c->checked = doc_count_of(doc_get(one, "checked"));
		c->broken = doc_count_of(doc_get(one, "broken"));
	}
	for (i = 0; i < doc_nr(findings); i++) {
		struct result_finding *f = &s->finding[s->finding_nr++];

		one = doc_at(findings, i);
		f->contract = copy_of(one, "contract", &rc);
		f->where = copy_of(one, "where", &rc);
		f->seed = doc_count_of(doc_get(one, "seed"));
		f->writes = doc_count_of(doc_get(one, "writes"));
		f->at_s = doc_real_of(doc_get(one, "at_s"));
		f->offset = doc_count_of(doc_get(one, "offset"));
		f->bytes = doc_count_of(doc_get(one, "bytes"));
		f->text = copy_of(one, "text", &rc);
		f->replay = copy_of(one, "replay", &rc);
	}
	for (i = 0; i < doc_nr(where); i++) {
		one = doc_at(where, i);
		s->broken[s->where_nr] = doc_count_of(doc_get(one, "broken"));
		s->where[s->where_nr++] = copy_of(one, "where", &rc);
	}
	return rc;
}

int stress_of(const struct json_t *o, struct result_stress **out)
{
	struct result_stress *s = result_stress_new();

	if (!s)
		return -ENOMEM;
	*out = s;
	s->seed = doc_count_of(doc_get(o, "seed"));
	s->writes = doc_count_of(doc_get(o, "writes"));
	s->rounds = doc_count_of(doc_get(o, "rounds"));
	s->seconds = doc_real_of(doc_get(o, "seconds"));
	s->hung = doc_yes_of(doc_get(o, "hung"));
	s->left_pid = doc_int_of(doc_get(o, "left_pid"));
	return lists_of(o, s) ? -ENOMEM : crashes_of(doc_get(o, "crashes"), s);
}

/* ---- report ---- */

static void put_finding(struct lines *l, const struct result_finding *f, size_t nr)
{
	char *text = strdup(f->text), *line, *save = NULL;

	if (!text) {
		l->err = -ENOMEM;
		return;
	}
	lines_put(l, 0, "%s", "");
	lines_put(l, 4, "%zu. %s: %s, after %llu writes and %.1f s", nr, f->contract,
		  f->where, (unsigned long long)f->writes, f->at_s);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		lines_put(l, EVIDENCE_HANG, "   %s", line);
	/* A command is not folded: it is to be pasted. */
	l->columns += 1000;
	lines_put(l, 4, "   again: %s", f->replay);
	l->columns -= 1000;
	free(text);
}

static void put_crash(struct lines *l, const struct result_crash *c)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one of crash_nr */
	if (c->skipped)
		lines_put(l, 4, "%s: skipped: %s", c->filesystem, c->skipped);
	else
		lines_put(l, 4, "%s: %llu cycles of load, crash and recovery",
			  c->filesystem, (unsigned long long)c->cycles);
}

int stress_report(const struct result *r, const struct report_style *style, FILE *out)
{
	struct lines l = {
		.out = out,
		.columns = style && style->columns ? style->columns : LINES_COLUMNS,
		.utf8 = style && style->utf8,
	};
	const struct result_stress *s = r->stress;
	uint64_t broken = result_stress_broken(s);
	size_t i;

	if (r->interrupted)
		lines_put(&l, 4, "INTERRUPTED: what was checked until the signal");
	lines_put(
		&l, 4,
		"diowait stress%s: seed %llu, %.0f s, %llu %s of %zu scenarios, %llu writes checked",
		s->crash ? " --crash" : "", (unsigned long long)s->seed, s->seconds,
		(unsigned long long)s->rounds, s->crash ? "cycles" : "rounds",
		s->where_nr, (unsigned long long)s->writes);
	for (i = 0; i < s->crash_nr; i++)
		put_crash(&l, &s->crash[i]);
	report_host(r, &l);
	lines_put(&l, 0, "%s", "");
	lines_put(&l, 0, "%-14s %-37s %10s %7s", "contract", "promise", "checked",
		  "broken");
	for (i = 0; i < s->contract_nr; i++) {
		const struct result_contract *c = &s->contract[i];

		lines_put(&l, 15, "%-14s %-37s %10llu %7llu", c->name, c->promise,
			  (unsigned long long)c->checked, (unsigned long long)c->broken);
	}
	for (i = 0; i < s->finding_nr; i++)
		put_finding(&l, &s->finding[i], i + 1);
	lines_put(&l, 0, "%s", "");
	if (s->kernel_nr)
		lines_put(&l, 4, "the kernel's log meanwhile:");
	for (i = 0; i < s->kernel_nr; i++)
		lines_put(&l, 4, "  %s", s->kernel[i]);
	if (s->left_pid)
		lines_put(
			&l, 4,
			"process %lld, which wrote, hangs in the kernel and could not be killed",
			(long long)s->left_pid);
	if (broken == s->finding_nr && broken)
		lines_put(&l, 4, "BROKEN: see above");
	else if (broken)
		lines_put(&l, 4, "BROKEN: %llu times, of which %zu are above",
			  (unsigned long long)broken, s->finding_nr);
	else if (!s->writes)
		lines_put(&l, 4, "nothing was checked");
	else
		lines_put(&l, 4, "all contracts held");
	if (!l.err && fflush(out))
		l.err = -errno;
	return l.err;
}

static void put_again(FILE *out, const struct result_finding *f)
{
	fputs("# ", out);
	export_put_line(out, f->contract, "");
	fputs(": again: ", out);
	export_put_line(out, f->replay ? f->replay : "", "");
	putc('\n', out);
}

int stress_ktap(const struct result *r, FILE *out)
{
	const struct result_stress *s = r->stress;
	size_t i, k;

	fprintf(out, "KTAP version 1\n1..%zu\n", s->where_nr);
	for (i = 0; i < s->where_nr; i++) {
		for (k = 0; k < s->finding_nr; k++)
			if (!strcmp(s->finding[k].where, s->where[i]))
				put_again(out, &s->finding[k]);
		fprintf(out, "%sok %zu ", s->broken[i] ? "not " : "", i + 1);
		/* Names of files may hold anything; a '#' would begin a directive. */
		export_put_line(out, s->where[i], "#");
		putc('\n', out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
