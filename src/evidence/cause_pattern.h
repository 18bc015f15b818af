/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The notation in which the table of causes describes call chains, innermost
 * function first:
 *
 *	a < b		b is the immediate caller of a
 *	a << b		b is somewhere below a, also at once
 *	a|b		either function
 *	a*  *a		every function whose name begins, or ends, so
 *	[a|b]		the frame may be missing
 *	a < $		nothing called a: it is the outermost frame
 *	p ; q		the chain matches p or q
 *
 * A pattern may begin at any frame. The relation on either side of a missing
 * frame is << if one of the two is.
 */
#ifndef DIOWAIT_CAUSE_PATTERN_H
#define DIOWAIT_CAUSE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A slice of the pattern's text. */
struct cause_name {
	const char *text;
	uint16_t bytes;		 /* without the asterisk */
	bool any_start, any_end; /* where the asterisk was */
};

/* One frame. */
struct cause_term {
	uint16_t first, nr; /* in cause_pattern.name */
	bool below;	    /* << before it, and for the first term of a chain */
	bool optional;
	bool end;    /* $: nr is 0 */
	bool starts; /* first term of a chain */
};

struct cause_pattern {
	struct cause_name *name;
	struct cause_term *term; /* chain after chain */
	size_t name_nr, term_nr;
};

/*
 * text has to live as long as the pattern. Returns 0, -ENOMEM, or -EINVAL for what
 * is no pattern: an empty name or chain, a chain of optional frames only, a
 * character that no function's name has, $ anywhere but at the end after <.
 * On an error p is empty, so that cause_pattern_free() is always right.
 */
int cause_pattern_parse(struct cause_pattern *p, const char *text);

void cause_pattern_free(struct cause_pattern *p);

/*
 * Whether the chain of nr names, innermost first, matches. NULL is a frame without
 * a name, which no term matches. What follows a dot in a name is the compiler's
 * and not looked at.
 */
bool cause_pattern_match(const struct cause_pattern *p, const char *const *names,
			 size_t nr);

#endif
