/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/arith.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workload/units.h"

#define ARITH_DEPTH_MAX 32 /* of parentheses and powers */
#define ARITH_OPERAND_MAX 64

/* Where the reading is. */
struct arith {
	const char *p;
	unsigned int depth, paren;
};

static int sum_parse(struct arith *a, uint64_t *value);

bool arith_is_in(const char *value)
{
	return strpbrk(value, "()*+/^$");
}

bool arith_is_bare(const char *value)
{
	return strpbrk(value, "*+/^") && !strpbrk(value, "($");
}

static void skip_blanks(struct arith *a)
{
	while (*a->p == ' ' || *a->p == '\t')
		a->p++;
}

static int keyword_parse(struct arith *a, uint64_t *value)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const struct {
		const char *name;
		uint64_t value;
	} keyword[] = {
		{ "$pagesize", page },
		{ "$mb_memory", (uint64_t)sysconf(_SC_PHYS_PAGES) * page >> 20 },
		{ "$ncpus", (uint64_t)sysconf(_SC_NPROCESSORS_ONLN) },
	};
	size_t i;

	for (i = 0; i < sizeof(keyword) / sizeof(keyword[0]); i++) {
		size_t len = strlen(keyword[i].name);

		if (!strncmp(a->p, keyword[i].name, len) &&
		    !isalnum((unsigned char)a->p[len]) && a->p[len] != '_') {
			a->p += len;
			*value = keyword[i].value;
			return 0;
		}
	}
	return -EINVAL;
}

static int operand_parse(struct arith *a, uint64_t *value)
{
	char text[ARITH_OPERAND_MAX];
	size_t len;
	int ret;

	skip_blanks(a);
	if (*a->p == '$')
		return keyword_parse(a, value);
	if (*a->p != '(') {
		for (len = 0; isalnum((unsigned char)a->p[len]); len++)
			;
		if (len >= sizeof(text))
			return -ERANGE;
		memcpy(text, a->p, len);
		text[len] = '\0';
		a->p += len;
		return units_parse_size(text, value);
	}
	if (++a->depth > ARITH_DEPTH_MAX)
		return -EINVAL;
	a->p++;
	a->paren++;
	ret = sum_parse(a, value);
	/* What is not closed ends here. */
	if (*a->p == ')')
		a->p++;
	else if (!ret)
		ret = -EINVAL;
	a->paren--;
	a->depth--;
	return ret;
}

static int power_parse(struct arith *a, uint64_t *value)
{
	uint64_t base = 0, exponent, v = 1;
	int ret = operand_parse(a, &base);

	skip_blanks(a);
	*value = base;
	if (ret || *a->p != '^')
		return ret;
	if (++a->depth > ARITH_DEPTH_MAX)
		return -EINVAL;
	a->p++;
	ret = power_parse(a, &exponent);
	a->depth--;
	if (ret)
		return ret;
	/* Whatever is above 1 leaves the range before the count does harm. */
	if (base < 2 && exponent)
		exponent = 1;
	for (; exponent; exponent--)
		if (__builtin_mul_overflow(v, base, &v))
			return -ERANGE;
	*value = v;
	return 0;
}

static int product_parse(struct arith *a, uint64_t *value)
{
	uint64_t other;
	int ret = power_parse(a, value);
	char op;

	for (;;) {
		skip_blanks(a);
		op = *a->p;
		if (ret || (op != '*' && op != '/' && (op != '%' || !a->paren)))
			return ret;
		a->p++;
		ret = power_parse(a, &other);
		if (ret)
			return ret;
		if (op == '*' && __builtin_mul_overflow(*value, other, value))
			return -ERANGE;
		if (op != '*' && !other)
			return -EINVAL;
		if (op == '/')
			*value /= other;
		else if (op == '%')
			*value %= other;
	}
}

static int sum_parse(struct arith *a, uint64_t *value)
{
	uint64_t other;
	int ret = product_parse(a, value);
	char op;

	for (;;) {
		skip_blanks(a);
		op = *a->p;
		if (ret || (op != '+' && (op != '-' || !a->paren)))
			return ret;
		a->p++;
		ret = product_parse(a, &other);
		if (ret)
			return ret;
		if (op == '+' && __builtin_add_overflow(*value, other, value))
			return -ERANGE;
		if (op == '-' && __builtin_sub_overflow(*value, other, value))
			return -EINVAL;
	}
}

/* Length of the part at p: up to a divider that is in no parentheses. */
static size_t part_len(const char *p)
{
	unsigned int paren = 0;
	size_t len;

	for (len = 0; p[len]; len++) {
		if (p[len] == '(')
			paren++;
		else if (p[len] == ')' && paren)
			paren--;
		else if (!paren && strchr(":,-", p[len]))
			break;
	}
	return len;
}

int arith_reduce(const char *value, char *out, size_t size)
{
	size_t used = 0;
	int n;

	for (;;) {
		const size_t len = part_len(value);
		struct arith a = { .p = value };
		const char *end = value + len;
		uint64_t v;
		int ret;

		n = 0;
		if (strcspn(value, "()*+/^$") < len) {
			ret = sum_parse(&a, &v);
			if (ret)
				return ret;
			/* A share: its sign stays. */
			if (a.p != end && (*a.p != '%' || a.p + 1 != end))
				return -EINVAL;
			n = snprintf(out + used, size - used, "%" PRIu64, v);
			value = a.p;
		}
		if ((size_t)n >= size - used)
			return -ERANGE;
		used += (size_t)n;
		/* The rest of the part, and the divider behind it. */
		end += *end ? 1 : 0;
		n = snprintf(out + used, size - used, "%.*s", (int)(end - value), value);
		if ((size_t)n >= size - used)
			return -ERANGE;
		used += (size_t)n;
		if (!*end)
			return 0;
		value = end;
	}
}
