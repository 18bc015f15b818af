/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/mix.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/nearest.h"
#include "workload/units.h"

/* Words of the user's in messages are cut to this. */
#define WORD_MAX 40

/* A piece of the value, in place: nothing is copied. */
struct text {
	const char *p;
	size_t len;
};

/* Where the caller wants to read what is wrong. */
struct reason {
	char *buf;
	size_t size;
};

static int refuse(struct reason r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct reason r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r.buf, r.size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* For %.*s: precision and pointer. */
static int word_len(struct text t)
{
	return t.len < WORD_MAX ? (int)t.len : WORD_MAX;
}

static struct text text_strip(struct text t)
{
	while (t.len && isspace((unsigned char)*t.p)) {
		t.p++;
		t.len--;
	}
	while (t.len && isspace((unsigned char)t.p[t.len - 1]))
		t.len--;
	return t;
}

/* Only kinds that may stand here are offered. */
static int refuse_kind(struct reason r, struct text bad)
{
	struct nearest n = nearest_start(bad.p, bad.len);
	unsigned int i;

	for (i = 0; i < KIND_BASE_NR; i++) {
		if (kind_row(i)->in_mix)
			nearest_try(&n, kind_row(i)->name);
	}
	if (n.best)
		return refuse(r, "unknown kind '%.*s' (did you mean '%s'?)",
			      word_len(bad), bad.p, n.best);
	return refuse(r, "unknown kind '%.*s'", word_len(bad), bad.p);
}

/* kind_parse() says which word is wrong; this says why. */
static int refuse_mod(struct reason r, struct text bad)
{
	static const char *const known[] = { "unaligned", "dsync", "nowait" };
	size_t i;

	if (bad.len == 6 && !memcmp(bad.p, "atomic", 6))
		return refuse(r, "'+atomic' is not supported yet");
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i]) == bad.len && !memcmp(bad.p, known[i], bad.len))
			return refuse(r, "'+%s' is given twice", known[i]);
	}
	return refuse(r,
		      "unknown modifier '+%.*s': must be +unaligned, +dsync "
		      "or +nowait",
		      word_len(bad), bad.p);
}

/* What the words mean together; kind_parse() knows them one by one. */
static int check_kind(struct kind k, struct reason r)
{
	const struct kind_row *row = kind_row(k.base);

	if (!row->in_mix)
		return refuse(r,
			      "'%s' can't be a member; use fdatasync, or "
			      "the key %s=N",
			      row->name, row->name);
	if (row->is_sync && k.mods)
		return refuse(r, "'%s' takes no modifier", row->name);
	if (!row->is_write && (k.mods & KIND_DSYNC))
		return refuse(r, "'%s' takes no +dsync: it writes nothing", row->name);
	return 0;
}

int mix_kind_parse(const char *text, size_t len, struct kind *kind, char *why,
		   size_t why_size)
{
	struct reason r = { why, why_size };
	struct text bad;
	int ret = kind_parse(text, len, kind, &bad.p, &bad.len);

	if (ret == -EINVAL)
		return refuse_kind(r, bad);
	return ret ? refuse_mod(r, bad) : check_kind(*kind, r);
}

/* One "KIND[+MOD]...:WEIGHT", blanks around its parts allowed. */
static int item_parse(struct text t, struct workload_mix_item *item, struct reason r)
{
	struct text kind = text_strip(t), weight;
	const char *colon;
	int ret;

	if (!kind.len)
		return refuse(r, "empty member; must be KIND[+MOD]...:WEIGHT");
	colon = memchr(kind.p, ':', kind.len);
	if (!colon)
		return refuse(r,
			      "'%.*s' has no weight; must be KIND:WEIGHT, "
			      "as in append:30",
			      word_len(kind), kind.p);
	weight.p = colon + 1;
	weight.len = kind.len - (size_t)(weight.p - kind.p);
	kind.len = (size_t)(colon - kind.p);
	kind = text_strip(kind);
	weight = text_strip(weight);
	ret = mix_kind_parse(kind.p, kind.len, &item->kind, r.buf, r.size);
	if (ret)
		return ret;
	ret = units_parse_decimal(weight.p, weight.len, &item->weight);
	if (ret)
		return refuse(r,
			      "weight '%.*s' of %.*s must be a decimal "
			      "above 0, at most 1000000 and 9 digits behind "
			      "the point",
			      word_len(weight), weight.p, word_len(kind), kind.p);
	return 0;
}

/* Rules over the whole list. */
static int check_mix(const struct workload_mix *mix, struct reason r)
{
	char name[KIND_NAME_MAX];
	double sum = 0;
	unsigned int i, j;

	/* Zeroes are let through so far, so that this can be told apart. */
	for (i = 0; i < mix->nr; i++)
		sum += mix->item[i].weight;
	if (!(sum > 0))
		return refuse(r, "the weights sum to 0; one at least must be "
				 "above 0");
	for (i = 0; i < mix->nr; i++) {
		const struct workload_mix_item *a = &mix->item[i];

		kind_print(a->kind, name);
		if (!(a->weight > 0))
			return refuse(r,
				      "weight of %s must be above 0; leave "
				      "the kind out instead",
				      name);
		for (j = 0; j < i; j++) {
			if (kind_same(a->kind, mix->item[j].kind))
				return refuse(r, "%s is given twice", name);
		}
	}
	if (!mix_has_write(mix))
		return refuse(r, "no kind of it writes; add one of overwrite, "
				 "unwritten, hole, append, append-prealloc, "
				 "straddle, gap");
	if (mix_has_base(mix, KIND_APPEND) && mix_has_base(mix, KIND_APPEND_PREALLOC))
		return refuse(r, "append and append-prealloc can't share a "
				 "file: the space past its one EOF is reserved or "
				 "is not");
	return 0;
}

/* There is one EOF: after a write off the block grid it is off for all. */
static int check_one_eof(const struct workload_mix *mix, struct reason r)
{
	const struct workload_mix_item *first = mix_extending(mix);
	char a[KIND_NAME_MAX], b[KIND_NAME_MAX];
	unsigned int i;

	for (i = 0; first && i < mix->nr; i++) {
		const struct kind k = mix->item[i].kind;

		if (!kind_is_extending(k) ||
		    !((k.mods ^ first->kind.mods) & KIND_UNALIGNED))
			continue;
		return refuse(r,
			      "%s and %s share one EOF: all extending "
			      "kinds must have +unaligned, or none",
			      kind_print(first->kind, a), kind_print(k, b));
	}
	return 0;
}

int mix_parse(const char *text, struct workload_mix *out, char *why, size_t why_size)
{
	struct reason r = { why, why_size };
	struct workload_mix mix = { .nr = 0 };
	int ret;

	for (;;) {
		struct text t = { text, strcspn(text, ",") };

		if (mix.nr == WORKLOAD_MIX_MAX)
			return refuse(r, "more than %d members", WORKLOAD_MIX_MAX);
		ret = item_parse(t, &mix.item[mix.nr], r);
		if (ret)
			return ret;
		mix.nr++;
		text += t.len;
		if (!*text++)
			break;
	}
	ret = check_mix(&mix, r);
	if (!ret)
		ret = check_one_eof(&mix, r);
	if (!ret)
		*out = mix;
	return ret;
}

char *mix_format(const struct workload_mix *mix)
{
	/* Per member its name and weight, a colon and a comma. */
	const size_t size = mix->nr * (KIND_NAME_MAX + UNITS_TEXT_MAX + 2) + 1;
	char *text = calloc(1, size);
	size_t len = 0;
	unsigned int i;

	for (i = 0; text && i < mix->nr; i++) {
		char name[KIND_NAME_MAX], weight[UNITS_TEXT_MAX];

		len += (size_t)snprintf(text + len, size - len, "%s%s:%s", i ? "," : "",
					kind_print(mix->item[i].kind, name),
					units_print_decimal(mix->item[i].weight, weight));
	}
	return text;
}

bool mix_has_write(const struct workload_mix *mix)
{
	unsigned int i;

	for (i = 0; i < mix->nr; i++) {
		if (kind_row(mix->item[i].kind.base)->is_write)
			return true;
	}
	return false;
}

bool mix_has_base(const struct workload_mix *mix, enum kind_base base)
{
	unsigned int i;

	for (i = 0; i < mix->nr; i++) {
		if (mix->item[i].kind.base == base)
			return true;
	}
	return false;
}

const struct workload_mix_item *mix_extending(const struct workload_mix *mix)
{
	unsigned int i;

	for (i = 0; i < mix->nr; i++) {
		if (kind_is_extending(mix->item[i].kind))
			return &mix->item[i];
	}
	return NULL;
}

bool mix_has(const struct workload_mix *mix, struct kind kind)
{
	unsigned int i;

	for (i = 0; i < mix->nr; i++)
		if (kind_same(mix->item[i].kind, kind))
			return true;
	return false;
}

int mix_share(struct workload_mix *mix, struct kind kind, double percent)
{
	struct workload_mix out = { .nr = 0 };
	double others = 0;
	unsigned int i;

	for (i = 0; i < mix->nr; i++)
		if (!kind_same(mix->item[i].kind, kind))
			others += mix->item[i].weight;
	/* Nobody is there to have the rest. */
	if (!(others > 0) && percent < 100)
		return -EINVAL;
	for (i = 0; i < mix->nr; i++) {
		struct workload_mix_item item = mix->item[i];

		if (kind_same(item.kind, kind))
			item.weight = percent;
		else
			item.weight *= (100 - percent) / others;
		if (item.weight > 0)
			out.item[out.nr++] = item;
	}
	if (!mix_has_write(&out))
		return -EINVAL;
	*mix = out;
	return 0;
}
