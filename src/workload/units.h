/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers with units, read and written. Text goes in as fio has it: suffixes
 * k m g t p (also kb, mb, ...) are powers of 1024 and kib, mib, ... powers of
 * 1000, in any case; that inversion is fio's default and is kept on purpose.
 * All readers take the whole text or fail, and leave their outputs alone then.
 */
#ifndef DIOWAIT_UNITS_H
#define DIOWAIT_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define UNITS_NS_PER_US UINT64_C(1000)
#define UNITS_NS_PER_MS UINT64_C(1000000)
#define UNITS_NS_PER_S UINT64_C(1000000000)

/* Enough for every text made here, with its NUL. */
#define UNITS_TEXT_MAX 32

/*
 * A whole number, decimal or 0x hexadecimal, with an optional size suffix.
 * 0; -EINVAL: no such number; -ERANGE: does not fit.
 */
int units_parse_size(const char *text, uint64_t *value);

/*
 * A size in *bytes, or a share "25%" of something else in *percent (0..100);
 * the one not given is set to 0. Errors as units_parse_size().
 */
int units_parse_share(const char *text, uint64_t *bytes, unsigned int *percent);

/*
 * "NUMBER/PERCENT", the len bytes at text, which need no NUL. A percentage that is left out,
 * with or without its slash, makes *percent -1. Errors as units_parse_size().
 */
int units_parse_part(const char *text, size_t len, uint64_t *number, int *percent);

/*
 * Two sizes "4k-16k" or "4k:16k", in either order; *min <= *max afterwards.
 * Errors as units_parse_size().
 */
int units_parse_range(const char *text, uint64_t *min, uint64_t *max);

/*
 * A time with one of ns us usec ms msec s m h d, or without: then in units of
 * bare_ns. Decimals are fine ("1.5s"); what is below 1 ns is cut off.
 * Errors as units_parse_size().
 */
int units_parse_time(const char *text, uint64_t bare_ns, uint64_t *ns);

/*
 * A plain decimal >= 0 with at most 9 digits behind the point, up to 10^6: such
 * a number survives units_print_decimal() exactly. The len bytes at text need
 * no NUL. Errors as units_parse_size().
 */
int units_parse_decimal(const char *text, size_t len, double *value);

/*
 * Percentages "50:99:99.9", each above 0 and up to 100, into p, sorted and
 * without repetitions. -E2BIG: more than max of them; else as above.
 */
int units_parse_percentiles(const char *text, double *p, unsigned int max,
			    unsigned int *nr);

/*
 * The shortest exact text that the reader of the same name takes back:
 * "256m", "1500ms", "99.95". buf holds UNITS_TEXT_MAX bytes; returns buf.
 */
char *units_print_size(uint64_t bytes, char *buf);
char *units_print_time(uint64_t ns, char *buf);
char *units_print_decimal(double value, char *buf);

/*
 * For people, three significant digits: "87 ns", "4.21 us", "12.3 ms",
 * "1.52 s"; "256 MiB", "1.50 GiB"; "87.1 k". NaN gives "-". buf holds
 * UNITS_TEXT_MAX bytes; returns buf.
 */
char *units_format_ns(double ns, char *buf);
char *units_format_bytes(uint64_t bytes, char *buf);
char *units_format_count(double count, char *buf);

#endif
