// SPDX-License-Identifier: GPL-2.0-or-later
/* What a sector may look like while it is written: a part of each version, nothing else. */
#include "verify/ledger_private.h"

#include <string.h>

/* The bytes that a version would account for are marked. */
static void mix_mark(const struct ledger *l, const struct ledger_version *v,
		     uint64_t offset, const unsigned char *bytes, bool *known)
{
	unsigned char own[STAMP_BYTES] = { 0 };
	unsigned int i;

	if (!(v->change & LEDGER_ZERO))
		stamp_fill(&l->id, ledger_stamped_at(v, offset), v->seq, own,
			   sizeof(own));
	for (i = 0; i < STAMP_BYTES; i++)
		known[i] |= own[i] == bytes[i];
}

bool ledger_mixes(struct ledger *l, const struct ledger_sector *was, uint32_t tick,
		  uint64_t offset, const void *bytes)
{
	bool known[STAMP_BYTES] = { false };
	struct ledger_sector now;
	uint32_t unused;
	unsigned int i;

	ledger_copy(l, offset, 1, &now, &unused);
	if (was->vague || now.vague || ledger_shifted(l, tick, offset))
		return true;
	for (i = 0; i < was->nr; i++)
		mix_mark(l, &was->v[i], offset, bytes, known);
	for (i = 0; i < now.nr; i++) {
		if (now.v[i].seq <= tick)
			continue;
		/* Begun and ended since: others that were may have given way to it. */
		if (now.v[i].end && !now.v[i].failed)
			return true;
		mix_mark(l, &now.v[i], offset, bytes, known);
	}
	return !memchr(known, 0, sizeof(known));
}
