// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An engine without a kernel: every operation is done, whole, the moment it is
 * submitted. What a run with it costs is the tool's own cost.
 */
#include "load/engine.h"

#include <errno.h>
#include <stdlib.h>

struct engine {
	unsigned int depth;
	unsigned int queued;	/* not yet submitted: the last of done[] */
	unsigned int ready;	/* submitted, not yet reaped: the first of done[] */
	struct engine_done done[];
};

static int null_open(const struct engine_setup *setup, struct engine **out,
		     const char **what)
{
	struct engine *e;

	e = calloc(1, sizeof(*e) + setup->depth * sizeof(e->done[0]));
	if (!e) {
		*what = "calloc";
		return -ENOMEM;
	}
	e->depth = setup->depth;
	*out = e;
	return 0;
}

static void null_prep(struct engine *e, const struct load_op *op)
{
	struct engine_done *d = &e->done[e->ready + e->queued++];

	d->slot = op->slot;
	d->res = op->len;
}

static int null_submit(struct engine *e)
{
	int nr = (int)e->queued;

	e->ready += e->queued;
	e->queued = 0;
	return nr;
}

static int null_reap(struct engine *e, unsigned int min, unsigned int max,
		     struct engine_done *done)
{
	unsigned int nr = e->ready < max ? e->ready : max;
	unsigned int i;

	(void)min;
	for (i = 0; i < nr; i++)
		done[i] = e->done[i];
	e->ready -= nr;
	for (i = 0; i < e->ready + e->queued; i++)
		e->done[i] = e->done[i + nr];
	return (int)nr;
}

static void null_close(struct engine *e)
{
	free(e);
}

const struct engine_ops engine_null = {
	.name = "null",
	.open = null_open,
	.prep = null_prep,
	.submit = null_submit,
	.reap = null_reap,
	.close = null_close,
};
