/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which known word did the user mean? */
#ifndef DIOWAIT_NEAREST_H
#define DIOWAIT_NEAREST_H

#include <stddef.h>

/* A search for the closest of many words; word is what the user wrote. */
struct nearest {
	const char *word;
	size_t len;
	const char *best;      /* NULL: none is close enough */
	unsigned int distance; /* of best */
};

/* Starts a search for the len bytes at word. */
struct nearest nearest_start(const char *word, size_t len);

/* Takes one more candidate into account; the first of equals stays. */
void nearest_try(struct nearest *n, const char *candidate);

#endif
