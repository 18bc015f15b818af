// SPDX-License-Identifier: GPL-2.0-or-later
#include "result/lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/format.h"

#define UNIT_MAX 3 /* letters: "KiB" */

/*
 * True for a sequence that acts on the terminal instead of showing: C1 controls
 * and the marks that turn the direction of writing.
 */
static bool utf8_is_control(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;

	if (len == 2)
		return u[0] == 0xc2 && u[1] < 0xa0;
	if (len != 3 || u[0] != 0xe2)
		return false;
	return (u[1] == 0x80 &&
		((u[2] >= 0x8b && u[2] <= 0x8f) || (u[2] >= 0xa8 && u[2] <= 0xae))) ||
	       (u[1] == 0x81 && u[2] >= 0xa0 && u[2] <= 0xaf);
}

/* In place: what cannot be shown becomes '?', one for each character. */
static void make_printable(char *text, bool utf8)
{
	char *to = text;

	while (*text) {
		size_t len = format_utf8_len(text);

		if (len > 1 && utf8 && !utf8_is_control(text, len)) {
			memmove(to, text, len);
			to += len;
		} else if (len == 1 && *text >= ' ' && *text != 0x7f) {
			*to++ = *text;
		} else {
			*to++ = '?';
		}
		text += len ? len : 1;
	}
	*to = '\0';
}

/* True for the blank of "12 us" or "34.2 %"; "12 operations" may be torn. */
static bool before_unit(const char *text, size_t blank)
{
	const char *unit = text + blank + 1;
	size_t len;

	if (!isdigit((unsigned char)text[blank - 1]))
		return false;
	for (len = 0; isalpha((unsigned char)unit[len]) || unit[len] == '%'; len++)
		;
	return len && len <= UNIT_MAX;
}

/*
 * How many of the first room bytes to print: up to the last blank or comma,
 * better not one between a number and its unit, or all of them when that would
 * leave the line nearly empty.
 */
static size_t cut_at(const char *text, size_t room)
{
	size_t cut, tearing = 0;

	if (strlen(text) <= room)
		return strlen(text);
	for (cut = room; cut > room / 2; cut--) {
		if (text[cut] != ' ' && text[cut - 1] != ',')
			continue;
		if (text[cut] != ' ' || !before_unit(text, cut))
			return cut;
		tearing = tearing ? tearing : cut;
	}
	if (tearing)
		return tearing;
	/* Not inside a character. */
	for (cut = room; cut > 1 && (text[cut] & 0xc0) == 0x80; cut--)
		;
	return cut;
}

/* errno is 0 on entry, so that a stream that fails without one is seen. */
static void put_folded(struct lines *l, unsigned int hang, const char *text)
{
	size_t blanks = 0;

	do {
		size_t room = l->columns > blanks + 4 ? l->columns - blanks : 4;
		size_t cut = cut_at(text, room), shown = cut;

		while (shown && text[shown - 1] == ' ')
			shown--;
		if (fprintf(l->out, "%*s%.*s\n", shown ? (int)blanks : 0, "", (int)shown,
			    text) < 0) {
			l->err = errno ? -errno : -EIO;
			return;
		}
		text += cut;
		text += strspn(text, " ");
		blanks = hang;
	} while (*text);
}

void lines_put(struct lines *l, unsigned int hang, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	if (l->err)
		return;
	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0) {
		l->err = -ENOMEM;
		return;
	}
	make_printable(text, l->utf8);
	errno = 0;
	put_folded(l, hang, text);
	free(text);
}
