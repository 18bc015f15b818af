// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/symbols.h"

#define SLOTS 8192	       /* a power of two */
#define CHAINS_MAX (SLOTS / 2) /* so that a search always meets an empty slot */

struct chains {
	const struct symbols *symbols;
	struct cause_table *causes;
	struct chain none; /* cause OTHER, no frames */
	struct chain *slot[SLOTS];
	size_t nr;
};

int chains_open(const struct symbols *symbols, struct chains **out)
{
	const struct cause_row *bad_row;
	struct chains *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	c->symbols = symbols;
	rc = cause_open(&c->causes, &bad_row);
	if (rc) {
		chains_close(c);
		return rc;
	}
	c->none.cause = cause_find(c->causes, NULL, 0);
	*out = c;
	return 0;
}

static void chain_free(struct chain *chain)
{
	if (!chain)
		return;
	free(chain->name);
	free(chain->address);
	free(chain);
}

void chains_close(struct chains *c)
{
	size_t i;

	if (!c)
		return;
	for (i = 0; i < SLOTS; i++)
		chain_free(c->slot[i]);
	cause_close(c->causes);
	free(c);
}

uint64_t chains_address(const struct chains *c, const char *name)
{
	return symbols_address(c->symbols, name);
}

static uint64_t chain_hash(const uint64_t *address, size_t nr)
{
	uint64_t h = nr;
	size_t i;

	for (i = 0; i < nr; i++) {
		h = (h ^ address[i]) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 32;
	}
	return h;
}

static struct chain *chain_new(const struct chains *c, const uint64_t *address, size_t nr)
{
	struct chain *chain = calloc(1, sizeof(*chain));
	size_t i;

	if (!chain)
		return NULL;
	chain->name = calloc(nr + 1, sizeof(*chain->name));
	chain->address = calloc(nr + 1, sizeof(*chain->address));
	if (!chain->name || !chain->address) {
		chain_free(chain);
		return NULL;
	}
	chain->nr = nr;
	memcpy(chain->address, address, nr * sizeof(*address));
	/* All but the innermost are return addresses: see symbols.h. */
	for (i = 0; i < nr; i++)
		chain->name[i] = symbols_name(c->symbols, address[i] - (i > 0));
	chain->cause = cause_find(c->causes, chain->name, nr);
	return chain;
}

const struct chain *chains_find(struct chains *c, const uint64_t *address, size_t nr)
{
	struct chain *chain;
	uint64_t at;

	if (nr > CHAIN_FRAMES_MAX)
		nr = CHAIN_FRAMES_MAX;
	for (at = chain_hash(address, nr);; at++) {
		chain = c->slot[at % SLOTS];
		if (!chain)
			break;
		if (chain->nr == nr &&
		    !memcmp(chain->address, address, nr * sizeof(*address)))
			return chain;
	}
	if (!nr || c->nr == CHAINS_MAX)
		return &c->none;
	chain = chain_new(c, address, nr);
	if (!chain)
		return &c->none;
	c->slot[at % SLOTS] = chain;
	c->nr++;
	return chain;
}

/* What every sleep goes through. */
static bool chain_is_scheduler(const char *name)
{
	return name && (!strcmp(name, "__schedule") || !strcmp(name, "schedule"));
}

char *chain_text(const struct chain *chain)
{
	size_t first = 0, i, bytes = 1, at = 0;
	char *text;

	while (first < chain->nr && chain_is_scheduler(chain->name[first]))
		first++;
	for (i = first; i < chain->nr; i++)
		bytes += (chain->name[i] ? strlen(chain->name[i]) : 18) + 3;
	text = malloc(bytes);
	if (!text)
		return NULL;
	text[0] = '\0';
	for (i = first; i < chain->nr; i++) {
		const char *sep = i > first ? " < " : "";

		if (chain->name[i])
			at += (size_t)snprintf(text + at, bytes - at, "%s%s", sep,
					       chain->name[i]);
		else
			at += (size_t)snprintf(text + at, bytes - at, "%s0x%llx", sep,
					       (unsigned long long)chain->address[i]);
	}
	return text;
}
