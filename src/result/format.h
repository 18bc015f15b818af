/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and strings as the report and the document show them: three digits
 * and a unit that fits, so that a column stays narrow whatever it holds.
 */
#ifndef DIOWAIT_FORMAT_H
#define DIOWAIT_FORMAT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* Bytes that any of the number formats needs, its NUL included. */
#define FORMAT_MAX 32

/* Each fills buf (FORMAT_MAX bytes) and returns it. */

/* "850 ns", "1.94 us", "143 us", "5.02 ms", "12.0 s". */
char *format_ns(char *buf, double ns);

/* "999", "87.1 k", "1.20 M": a rate or a count of which three digits matter. */
char *format_rate(char *buf, double value);

/* Exact up to seven digits, then as format_rate(). */
char *format_count(char *buf, uint64_t value);

/* "512 B", "4 KiB", "1.21 GiB": exact where it has no decimals. */
char *format_bytes(char *buf, uint64_t bytes);

/* part of whole: "34.2 %"; "-" when whole is 0. Never 0.0 or 100.0 unless so. */
char *format_share(char *buf, double part, double whole);

/* "ENOSPC"; "errno 4096" when it has no name. err is positive. */
char *format_errno(char *buf, int err);

/* "2026-11-23" of CLOCK_REALTIME, in UTC; "" where that has no day. */
char *format_day(char *buf, const struct timespec *t);

/* The same with its time: "2026-11-23T04:28:53Z". */
char *format_time(char *buf, const struct timespec *t);

/*
 * s, which is UTF-8, as text or as an attribute's value of XML or HTML, so that a reader
 * has s again; U+FFFD for what XML 1.0 can't have at all.
 */
void format_put_markup(FILE *out, const char *s);

/* Length of the valid UTF-8 sequence at s (1 to 4), 0 when it is none. */
size_t format_utf8_len(const char *s);

/* Copy of s with U+FFFD for what is not UTF-8; to be freed. NULL: no memory. */
char *format_utf8_clean(const char *s);

#endif
