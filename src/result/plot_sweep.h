/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a sweep: which is x, and which tell its lines apart. */
#ifndef DIOWAIT_PLOT_SWEEP_H
#define DIOWAIT_PLOT_SWEEP_H

#include "result/plot_private.h"

#define KEYS_MAX 64

/* A key that is none of the document: which result it is. */
extern const char sweep_result_key[];

struct sweep {
	const struct plot_request *q;
	struct figure *f;
	const char *key[KEYS_MAX]; /* that differ, without x */
	size_t key_nr;
	const char *x; /* NULL: there is none */
	bool x_number;
	struct plot_item *item; /* of all kinds */
	size_t item_nr;
	char **x_text; /* different values of x, in order */
	size_t x_nr;
	bool tier2;
};

/* The value of a key of an item, in buf (PLOT_NAME_MAX bytes) or elsewhere. */
const char *plot_sweep_value(const struct sweep *s, const struct plot_item *i,
			     const char *key, char *buf);

/* Whether they have the same value of a key; of results, whether it is the same one. */
bool plot_sweep_same_value(const struct plot_item *a, const struct plot_item *b,
			   const char *key);

/* Fills x, x_number and key; s->f fails where nothing differs, or not what was asked. */
void plot_sweep_choose_keys(struct sweep *s);

/* Fills x_text: numbers ascending, words as they come. */
void plot_sweep_list_x(struct sweep *s);

/*
 * Where the value x_text[at] stands: a number by its size, or where they are far from
 * each other by its logarithm, a word by its turn.
 */
double plot_sweep_place(const struct sweep *s, size_t at);
double plot_sweep_place_of(const struct sweep *s, const struct plot_item *i);

#endif
