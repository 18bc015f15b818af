/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DECIMAL_SCALE UINT64_C(1000000000) /* 9 digits behind the point */
#define DECIMAL_MAX UINT64_C(1000000)

static const char size_letters[] = "kmgtp";

/* Own digits: strtoull() takes signs, blanks and what a locale adds. */
static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Reads digits at *text and moves it behind them; at least one must be there. */
static int number_parse(const char **text, uint64_t *value)
{
	const char *p = *text;
	int base = 10;
	uint64_t v = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	if (digit_value(*p) >= base)
		return -EINVAL;
	for (; digit_value(*p) < base; p++) {
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit_value(*p), &v))
			return -ERANGE;
	}
	*text = p;
	*value = v;
	return 0;
}

/* The factor of a size suffix; 0: no such suffix. */
static uint64_t size_factor(const char *suffix, size_t len)
{
	uint64_t step = 1024, factor = 1;
	const char *letter;

	if (!len || (len == 1 && tolower(*suffix) == 'b'))
		return 1;
	letter = strchr(size_letters, tolower(*suffix));
	if (!letter)
		return 0;
	if (len == 3 && !strncasecmp(suffix + 1, "ib", 2))
		step = 1000;
	else if (len != 1 && !(len == 2 && tolower(suffix[1]) == 'b'))
		return 0;
	for (; letter >= size_letters; letter--)
		factor *= step;
	return factor;
}

/* Reads a size at *text up to one of the bytes in stop, or the end. */
static int size_parse(const char **text, const char *stop, uint64_t *value)
{
	const char *p = *text;
	uint64_t v, factor;
	size_t len;
	int ret;

	ret = number_parse(&p, &v);
	if (ret)
		return ret;
	len = strcspn(p, stop);
	factor = size_factor(p, len);
	if (!factor)
		return -EINVAL;
	if (__builtin_mul_overflow(v, factor, &v))
		return -ERANGE;
	*text = p + len;
	*value = v;
	return 0;
}

int units_parse_size(const char *text, uint64_t *value)
{
	return size_parse(&text, "", value);
}

int units_parse_share(const char *text, uint64_t *bytes, unsigned int *percent)
{
	const char *p = text;
	uint64_t v;
	int ret;

	ret = number_parse(&p, &v);
	if (!ret && !strcmp(p, "%")) {
		if (v > 100)
			return -ERANGE;
		*percent = (unsigned int)v;
		*bytes = 0;
		return 0;
	}
	ret = units_parse_size(text, bytes);
	if (!ret)
		*percent = 0;
	return ret;
}

int units_parse_part(const char *text, size_t len, uint64_t *number, int *percent)
{
	char part[UNITS_TEXT_MAX], *slash;
	uint64_t n, share = 0;

	if (len >= sizeof(part))
		return -EINVAL;
	memcpy(part, text, len);
	part[len] = '\0';
	slash = strchr(part, '/');
	if (slash)
		*slash++ = '\0';
	if (units_parse_size(part, &n) ||
	    (slash && *slash && (units_parse_size(slash, &share) || share > 100)))
		return -EINVAL;
	*number = n;
	*percent = slash && *slash ? (int)share : -1;
	return 0;
}

int units_parse_range(const char *text, uint64_t *min, uint64_t *max)
{
	uint64_t a, b;
	int ret;

	ret = size_parse(&text, "-:", &a);
	if (ret)
		return ret;
	if (!*text)
		return -EINVAL;
	text++;
	ret = size_parse(&text, "", &b);
	if (ret)
		return ret;
	*min = a < b ? a : b;
	*max = a < b ? b : a;
	return 0;
}

static const struct {
	const char *name;
	uint64_t ns;
} time_units[] = {
	/* Largest first: the order in which units_print_time() tries them. */
	{ "d", 86400 * UNITS_NS_PER_S },
	{ "h", 3600 * UNITS_NS_PER_S },
	{ "m", 60 * UNITS_NS_PER_S },
	{ "s", UNITS_NS_PER_S },
	{ "ms", UNITS_NS_PER_MS },
	{ "us", UNITS_NS_PER_US },
	{ "ns", 1 },
	{ "msec", UNITS_NS_PER_MS },
	{ "usec", UNITS_NS_PER_US },
	{ "nsec", 1 },
	{ "sec", UNITS_NS_PER_S },
};

#define TIME_UNITS_NR (sizeof(time_units) / sizeof(time_units[0]))

/*
 * Reads ".123" at *text, if it is there, in units of 10^-9. More digits than
 * nine are an error where strict, else cut off.
 */
static int fraction_parse(const char **text, const char *end, bool strict, uint64_t *frac)
{
	const char *p = *text;
	uint64_t scale = DECIMAL_SCALE, v = 0;

	*frac = 0;
	if (p == end || *p != '.')
		return 0;
	p++;
	if (p == end || !isdigit((unsigned char)*p))
		return -EINVAL;
	for (; p < end && isdigit((unsigned char)*p); p++) {
		scale /= 10;
		if (!scale && strict)
			return -ERANGE;
		v += scale * (uint64_t)(*p - '0');
	}
	*text = p;
	*frac = v;
	return 0;
}

int units_parse_time(const char *text, uint64_t bare_ns, uint64_t *ns)
{
	const char *end = text + strlen(text);
	uint64_t whole, frac, unit_ns = 0, v;
	size_t i;
	int ret;

	ret = number_parse(&text, &whole);
	if (!ret)
		ret = fraction_parse(&text, end, false, &frac);
	if (ret)
		return ret;
	if (!*text)
		unit_ns = bare_ns;
	for (i = 0; !unit_ns && i < TIME_UNITS_NR; i++) {
		if (!strcasecmp(text, time_units[i].name))
			unit_ns = time_units[i].ns;
	}
	if (!unit_ns)
		return -EINVAL;
	/* frac < 10^9 and a day is below 10^14 ns: the product needs 128 bits. */
	frac = (uint64_t)((unsigned __int128)frac * unit_ns / DECIMAL_SCALE);
	if (__builtin_mul_overflow(whole, unit_ns, &v) ||
	    __builtin_add_overflow(v, frac, &v))
		return -ERANGE;
	*ns = v;
	return 0;
}

int units_parse_decimal(const char *text, size_t len, double *value)
{
	const char *p = text, *end = text + len;
	uint64_t whole = 0, frac;
	int ret;

	if (!len || !isdigit((unsigned char)*p))
		return -EINVAL;
	for (; p < end && isdigit((unsigned char)*p); p++) {
		whole = whole * 10 + (uint64_t)(*p - '0');
		if (whole > DECIMAL_MAX)
			return -ERANGE;
	}
	ret = fraction_parse(&p, end, true, &frac);
	if (ret)
		return ret;
	if (p != end)
		return -EINVAL;
	if (whole == DECIMAL_MAX && frac)
		return -ERANGE;
	/* Below 2^53 in units of 10^-9, so that this division is all it loses. */
	*value = (double)(whole * DECIMAL_SCALE + frac) / (double)DECIMAL_SCALE;
	return 0;
}

/* For qsort(): no NaN comes here. */
static int double_compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Into a buffer of its own first: p is left alone where the list is wrong. */
int units_parse_percentiles(const char *text, double *p, unsigned int max,
			    unsigned int *nr)
{
	double v[256];
	unsigned int n = 0, i, kept = 0;
	int ret;

	for (;;) {
		size_t len = strcspn(text, ":");

		if (n == max || n == sizeof(v) / sizeof(v[0]))
			return -E2BIG;
		ret = units_parse_decimal(text, len, &v[n]);
		if (ret)
			return ret;
		if (!(v[n] > 0 && v[n] <= 100))
			return -ERANGE;
		n++;
		text += len;
		if (!*text++)
			break;
	}
	qsort(v, n, sizeof(v[0]), double_compare);
	for (i = 0; i < n; i++) {
		if (!kept || double_compare(&p[kept - 1], &v[i]))
			p[kept++] = v[i];
	}
	*nr = kept;
	return 0;
}

char *units_print_size(uint64_t bytes, char *buf)
{
	char letter[2] = "";
	size_t i;

	for (i = 0; bytes && bytes % 1024 == 0 && size_letters[i]; i++) {
		bytes /= 1024;
		letter[0] = size_letters[i];
	}
	snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 "%s", bytes, letter);
	return buf;
}

char *units_print_time(uint64_t ns, char *buf)
{
	size_t i = 0;

	if (!ns)
		return strcpy(buf, "0s");
	while (ns % time_units[i].ns)
		i++;
	snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 "%s", ns / time_units[i].ns,
		 time_units[i].name);
	return buf;
}

char *units_print_decimal(double value, char *buf)
{
	uint64_t v = (uint64_t)(value * (double)DECIMAL_SCALE + 0.5);
	int len;

	len = snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 ".%09" PRIu64, v / DECIMAL_SCALE,
		       v % DECIMAL_SCALE);
	while (buf[len - 1] == '0')
		buf[--len] = '\0';
	if (buf[len - 1] == '.')
		buf[--len] = '\0';
	return buf;
}

/* Three significant digits of 0 <= v; "1000" where rounding ends there. */
static void digits_print(double v, char *buf, size_t size)
{
	if (v < 9.995)
		snprintf(buf, size, "%.2f", v);
	else if (v < 99.95)
		snprintf(buf, size, "%.1f", v);
	else
		snprintf(buf, size, "%.0f", v);
}

/* v in the unit that leaves at most three digits before the point. */
static char *scaled_print(double v, double step, const char *const *unit, char *buf)
{
	const char *sign = v < 0 ? "-" : "";
	char digits[UNITS_TEXT_MAX - 8];
	unsigned int i = 0;

	if (v != v)
		return strcpy(buf, "-");
	if (v < 0)
		v = -v;
	/* What would round up to a whole step moves on: 1.00 us, not 1000 ns. */
	while (unit[i + 1] && v >= step - 0.5) {
		v /= step;
		i++;
	}
	if (v > 1e15)
		snprintf(digits, sizeof(digits), "%.3g", v);
	else if (!i && v < 999.5 && v == (double)(unsigned int)v)
		snprintf(digits, sizeof(digits), "%.0f", v);
	else
		digits_print(v, digits, sizeof(digits));
	snprintf(buf, UNITS_TEXT_MAX, "%s%s%s%s", sign, digits, *unit[i] ? " " : "",
		 unit[i]);
	return buf;
}

char *units_format_ns(double ns, char *buf)
{
	static const char *const unit[] = { "ns", "us", "ms", "s", NULL };

	return scaled_print(ns, 1000, unit, buf);
}

char *units_format_bytes(uint64_t bytes, char *buf)
{
	static const char *const unit[] = { "B",   "KiB", "MiB", "GiB",
					    "TiB", "PiB", "EiB", NULL };
	unsigned int i = 0;
	uint64_t v = bytes;

	/* Exact sizes, the usual case, stay whole: 256 MiB, not 256.00. */
	for (; v && v % 1024 == 0 && unit[i + 1]; i++)
		v /= 1024;
	if (v < 1024) {
		snprintf(buf, UNITS_TEXT_MAX, "%" PRIu64 " %s", v, unit[i]);
		return buf;
	}
	return scaled_print((double)bytes, 1024, unit, buf);
}

char *units_format_count(double count, char *buf)
{
	static const char *const unit[] = { "", "k", "M", "G", "T", NULL };

	return scaled_print(count, 1000, unit, buf);
}
