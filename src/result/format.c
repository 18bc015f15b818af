// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers for readers: the document has them all exactly. */
#include "result/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Three digits of value, which is below 1000 once the unit is chosen. */
static void three_digits(char *buf, double value, const char *unit)
{
	/* The bounds are where rounding would make a fourth digit. */
	int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	snprintf(buf, FORMAT_MAX, "%.*f%s", decimals, value, unit);
}

static void with_unit(char *buf, double value, double step, const char *const *unit,
		      size_t unit_nr)
{
	size_t i = 0;

	while (i + 1 < unit_nr && value >= step * (1 - 0.0005)) {
		value /= step;
		i++;
	}
	/* Whole below the first step: there are no parts of a byte or an op. */
	if (!i)
		snprintf(buf, FORMAT_MAX, "%.0f%s", value, unit[0]);
	else if (value >= 999.5)
		snprintf(buf, FORMAT_MAX, "%.0f%s", value, unit[i]);
	else
		three_digits(buf, value, unit[i]);
}

char *format_ns(char *buf, double ns)
{
	static const char *const unit[] = { " ns", " us", " ms", " s" };

	with_unit(buf, ns, 1000, unit, 4);
	return buf;
}

char *format_rate(char *buf, double value)
{
	static const char *const unit[] = { "", " k", " M", " G", " T" };

	if (value > 0 && value < 99.95)
		three_digits(buf, value, "");
	else
		with_unit(buf, value, 1000, unit, 5);
	return buf;
}

char *format_count(char *buf, uint64_t value)
{
	if (value < 10000000)
		snprintf(buf, FORMAT_MAX, "%" PRIu64, value);
	else
		format_rate(buf, (double)value);
	return buf;
}

char *format_bytes(char *buf, uint64_t bytes)
{
	static const char *const unit[] = {
		" B", " KiB", " MiB", " GiB", " TiB", " PiB"
	};

	uint64_t whole = bytes;
	size_t i = 0;

	/* Sizes are round more often than not: "4 KiB", not "4.00 KiB". */
	while (whole && !(whole % 1024) && i < 5) {
		whole /= 1024;
		i++;
	}
	if (whole < 1000)
		snprintf(buf, FORMAT_MAX, "%" PRIu64 "%s", whole, unit[i]);
	else
		with_unit(buf, (double)bytes, 1024, unit, 6);
	return buf;
}

char *format_share(char *buf, double part, double whole)
{
	double percent;

	if (!(whole > 0)) {
		strcpy(buf, "-");
		return buf;
	}
	percent = 100 * part / whole;
	/* "0.0 %" would deny what happened, "100.0 %" what did not. */
	if (percent > 0 && percent < 0.05)
		strcpy(buf, "<0.1 %");
	else if (percent < 100 && percent > 99.95)
		strcpy(buf, ">99.9 %");
	else if (percent < 999.95)
		snprintf(buf, FORMAT_MAX, "%.1f %%", percent);
	else
		snprintf(buf, FORMAT_MAX, "%.3g %%", percent);
	return buf;
}

char *format_errno(char *buf, int err)
{
	const char *name = strerrorname_np(err);

	if (name && err)
		snprintf(buf, FORMAT_MAX, "%s", name);
	else
		snprintf(buf, FORMAT_MAX, "errno %d", err);
	return buf;
}

char *format_day(char *buf, const struct timespec *t)
{
	struct tm tm;

	if (!gmtime_r(&t->tv_sec, &tm) || !strftime(buf, FORMAT_MAX, "%Y-%m-%d", &tm))
		buf[0] = '\0';
	return buf;
}

char *format_time(char *buf, const struct timespec *t)
{
	struct tm tm;

	if (!gmtime_r(&t->tv_sec, &tm) ||
	    !strftime(buf, FORMAT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf[0] = '\0';
	return buf;
}

size_t format_utf8_len(const char *s)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	uint32_t code;
	size_t len, i;

	if (u[0] < 0x80)
		return 1;
	if ((u[0] & 0xe0) == 0xc0)
		len = 2;
	else if ((u[0] & 0xf0) == 0xe0)
		len = 3;
	else if ((u[0] & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	code = u[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		/* Stops at a NUL, too. */
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3f);
	}
	/* Overlong forms, surrogates and what lies past Unicode are no UTF-8. */
	if (code < smallest[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

char *format_utf8_clean(const char *s)
{
	/* A replacement is three bytes where one was. */
	char *clean = malloc(3 * strlen(s) + 1), *to = clean;

	if (!clean)
		return NULL;
	while (*s) {
		size_t len = format_utf8_len(s);

		if (len) {
			memcpy(to, s, len);
			to += len;
			s += len;
		} else {
			memcpy(to, "\xef\xbf\xbd", 3);
			to += 3;
			s++;
		}
	}
	*to = '\0';
	return clean;
}

/* Characters that XML 1.0 can't have at all, not even as references. */
static bool is_forbidden(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return (c < ' ' && c != '\t' && c != '\n' && c != '\r') ||
	       !strncmp(s, "\xef\xbf\xbe", 3) || !strncmp(s, "\xef\xbf\xbf", 3);
}

void format_put_markup(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (is_forbidden(s)) {
			fputs("\xef\xbf\xbd", out);
			s += (unsigned char)*s == 0xef ? 2 : 0;
			continue;
		}
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
		case '\t':
		case '\n':
		case '\r':
			/* The last three a reader turns into blanks in attributes. */
			fprintf(out, "&#%d;", *s);
			break;
		default:
			putc(*s, out);
		}
	}
}
