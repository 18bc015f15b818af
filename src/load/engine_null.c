// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An engine without a kernel: every operation is done, whole, the moment it is
 * submitted. What a run with it costs is the tool's own cost.
 */
#include "load/engine.h"

#include <errno.h>
#include <stdlib.h>

struct engine {
	unsigned int queued; /* not yet submitted */
	unsigned int ready;  /* submitted, not yet taken: the first of done[] */
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
	*out = e;
	return 0;
}

static void null_prep(struct engine *e, struct load_op *op)
{
	struct engine_done *d = &e->done[e->ready + e->queued++];

	d->op = op;
	d->res = op->len;
}

static int null_submit(struct engine *e)
{
	int nr = (int)e->queued;

	e->ready += e->queued;
	e->queued = 0;
	return nr;
}

/* Last in, first out, so that what stays need not move. */
static unsigned int null_look(struct engine *e, unsigned int max,
			      struct engine_done *done)
{
	unsigned int nr = 0;

	while (e->ready && nr < max)
		done[nr++] = e->done[--e->ready];
	return nr;
}

static int null_wait(struct engine *e, unsigned int min, unsigned int max,
		     struct engine_done *done)
{
	(void)min;
	return (int)null_look(e, max, done);
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
	.look = null_look,
	.wait = null_wait,
	.close = null_close,
};
