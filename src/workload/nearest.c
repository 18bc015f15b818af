/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/nearest.h"

#include <string.h>

/* Longer words are no slips of a key; the limit bounds the work, too. */
#define NEAREST_LEN_MAX 40

/*
 * Edits that turn a into b: insertion, deletion, replacement, and a swap of
 * neighbours, which is one slip of the fingers and counts as one. Only the two
 * last rows of the usual matrix are needed.
 */
static unsigned int edit_distance(const char *a, size_t a_len, const char *b,
				  size_t b_len)
{
	unsigned int row[3][NEAREST_LEN_MAX + 1];
	size_t i, j;

	for (j = 0; j <= b_len; j++)
		row[0][j] = (unsigned int)j;
	for (i = 1; i <= a_len; i++) {
		const unsigned int *up2 = row[(i + 1) % 3];
		const unsigned int *up = row[(i - 1) % 3];
		unsigned int *cur = row[i % 3];

		cur[0] = (unsigned int)i;
		for (j = 1; j <= b_len; j++) {
			unsigned int d = up[j - 1] + (a[i - 1] != b[j - 1]);

			if (d > up[j] + 1)
				d = up[j] + 1;
			if (d > cur[j - 1] + 1)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d > up2[j - 2] + 1)
				d = up2[j - 2] + 1;
			cur[j] = d;
		}
	}
	return row[a_len % 3][b_len];
}

struct nearest nearest_start(const char *word, size_t len)
{
	/* A third of the word may be wrong, and two letters of a short one. */
	struct nearest n = {
		.word = word,
		.len = len,
		.distance = len < 4 ? 2 : (len < 9 ? 3 : (unsigned int)len / 3),
	};

	return n;
}

void nearest_try(struct nearest *n, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned int d;

	if (n->len > NEAREST_LEN_MAX || len > NEAREST_LEN_MAX)
		return;
	/* The difference alone takes as many edits. */
	if (len >= n->len + n->distance || n->len >= len + n->distance)
		return;
	d = edit_distance(n->word, n->len, candidate, len);
	if (d < n->distance) {
		n->distance = d;
		n->best = candidate;
	}
}
