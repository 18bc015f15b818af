// SPDX-License-Identifier: GPL-2.0-or-later
/* From an operation and the evidence that waits for it to path, causes, stages. */
#include "evidence/join.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/join_private.h"

/* The call that began at submit_ns, if something switched in it. */
static struct join_slept *join_slept_find(struct join_task *t, uint64_t submit_ns)
{
	uint64_t low = t->slept_nr > JOIN_CALLS ? t->slept_nr - JOIN_CALLS : 0;
	uint64_t high = t->slept_nr;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;
		struct join_slept *s = &t->slept[mid % JOIN_CALLS];

		if (s->submit_ns == submit_ns)
			return s;
		if (s->submit_ns < submit_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Steps of an operation's life, as they are found; and what they add up to. */
struct join_story {
	const struct join_op *op;
	uint64_t at_ns; /* told up to here */
	uint64_t slat_ns[WHY_STAGE_NR], lat_ns[WHY_STAGE_NR];
	struct why_step step[WHY_STEPS_MAX];
	unsigned int step_nr;
};

/* From where the story stands to ns it was in that stage. */
static void join_tell(struct join_story *s, enum why_stage stage, uint64_t until_ns,
		      const struct join_sleep *sleep)
{
	const struct join_op *op = s->op;
	uint64_t ns;

	if (until_ns > op->complete_ns)
		until_ns = op->complete_ns;
	if (until_ns <= s->at_ns)
		return;
	ns = until_ns - s->at_ns;
	s->lat_ns[stage] += ns;
	if (s->at_ns < op->accepted_ns)
		s->slat_ns[stage] += until_ns < op->accepted_ns ?
					     ns :
					     op->accepted_ns - s->at_ns;
	if (s->step_nr < WHY_STEPS_MAX)
		s->step[s->step_nr++] = (struct why_step){
			.stage = stage,
			.after = s->at_ns >= op->accepted_ns,
			.at_ns = s->at_ns - op->submit_ns,
			.ns = ns,
			.chain = sleep && stage == WHY_SLEEP ? sleep->chain : NULL,
			.has_by = sleep && stage == WHY_SLEEP && sleep->has_by,
			.by_offset = sleep ? sleep->by_offset : 0,
		};
	s->at_ns = until_ns;
}

static uint64_t join_sleep_end(const struct join_sleep *s)
{
	return s->wake_ns ? s->wake_ns : s->in_ns;
}

/* A stay off the processor: asleep, then awake but waiting for a processor. */
static void join_tell_sleep(struct join_story *story, const struct join_sleep *s,
			    enum why_stage before)
{
	join_tell(story, before, s->out_ns, NULL);
	if (s->preempted) {
		join_tell(story, WHY_PREEMPTED, s->in_ns, s);
		return;
	}
	join_tell(story, WHY_SLEEP, join_sleep_end(s), s);
	join_tell(story, WHY_RUNQUEUE, s->in_ns, s);
}

static int join_hist_add(struct hist **h, uint64_t ns)
{
	if (!*h) {
		*h = malloc(sizeof(**h));
		if (!*h)
			return -ENOMEM;
		hist_init(*h);
	}
	hist_add(*h, ns);
	return 0;
}

static const struct cause_row *join_cause(const struct join_sleep *s)
{
	/* Without a chain: interruptible, where only uninterruptible ones have one. */
	return s->chain ? s->chain->cause : cause_by_label("OTHER");
}

/*
 * The same in a submission of op: what a model waits for (its own write, completions,
 * others) is its doing.
 */
static const struct cause_row *join_cause_of(const struct join_op *op,
					     const struct join_sleep *s)
{
	const struct cause_row *cause = join_cause(s);

	if ((op->seen & LOAD_SEEN_MODEL) && (!s->chain || cause->class == CAUSE_EVENTS ||
					     cause->tells == CAUSE_TELLS_FORCED))
		return cause_model();
	return cause;
}

/* A sleep of the row: its cause's count, and what it says of the operation. */
static void join_count_sleep(struct why_row *row, const struct join_sleep *s,
			     const struct cause_row *cause, bool in_completion)
{
	uint64_t ns = join_sleep_end(s) - s->out_ns;
	struct why_cause *c, *grown;
	size_t i;

	if (s->preempted ||
	    (cause->class != CAUSE_BLOCKED && cause->class != CAUSE_MODEL))
		return;
	if (!in_completion) {
		row->blocked_ns += ns;
		row->named_ns += cause->unnamed ? 0 : ns;
	}
	for (i = 0; i < row->cause_nr; i++)
		if (why_cause_is(&row->cause[i], cause, s->chain, in_completion))
			break;
	if (i == row->cause_nr) {
		grown = realloc(row->cause, (i + 1) * sizeof(*grown));
		if (!grown)
			return;
		row->cause = grown;
		row->cause[row->cause_nr++] = (struct why_cause){ cause, s->chain,
								  in_completion, NULL };
	}
	c = &row->cause[i];
	(void)join_hist_add(&c->sleep, ns);
}

/* What the sleeps of one operation say together. */
struct join_signs {
	bool buffered, drained, forced;
	bool slept;
	uint64_t convoy_ns;
};

static void join_sign(struct join_signs *signs, const struct join_sleep *s,
		      const struct cause_row *cause)
{
	enum cause_tells tells = cause->tells;

	if (s->preempted)
		return;
	signs->slept = true;
	signs->buffered |= tells == CAUSE_TELLS_BUFFERED;
	signs->drained |= tells == CAUSE_TELLS_DRAIN;
	signs->forced |= tells == CAUSE_TELLS_FORCED;
	if (tells == CAUSE_TELLS_LOCK)
		signs->convoy_ns += join_sleep_end(s) - s->out_ns;
}

/* The stretch of a shared call that belongs to one operation. */
struct join_stretch {
	bool known, forced;
	uint64_t before_ns; /* the begin before its own; or the call's begin */
	uint64_t begin_ns;  /* its own */
	uint64_t after_ns;  /* the next one's; or the call's end */
};

static struct join_stretch join_stretch(const struct join_task *t,
					const struct join_op *op,
					const struct join_begun *b)
{
	struct join_stretch s = { false, false, op->submit_ns, op->submit_ns,
				  op->accepted_ns };
	uint64_t i, low = t->begun_nr > JOIN_BEGINS ? t->begun_nr - JOIN_BEGINS : 0;

	if (!b)
		return s;
	s.known = true;
	s.forced = b->forced;
	s.begin_ns = b->ns;
	for (i = t->begun_nr; i > low; i--) {
		uint64_t ns = t->begun[(i - 1) % JOIN_BEGINS].ns;

		if (ns < op->submit_ns)
			break;
		if (ns < b->ns) {
			s.before_ns = ns;
			break;
		}
		if (ns > b->ns && ns < s.after_ns)
			s.after_ns = ns;
	}
	return s;
}

/* Whether a sleep inside a shared call is this operation's. */
static bool join_is_own(const struct join_stretch *st, const struct join_sleep *s)
{
	enum cause_tells tells = join_cause(s)->tells;
	bool before = tells == CAUSE_TELLS_LOCK || tells == CAUSE_TELLS_DRAIN;

	/* The begin between two may not have been seen. */
	if (tells == CAUSE_TELLS_FORCED && !st->forced)
		return false;
	if (before)
		return s->out_ns >= st->before_ns && s->out_ns < st->begin_ns;
	return s->out_ns >= st->begin_ns && s->out_ns < st->after_ns;
}

/*
 * The submission call. slat is the call's, also where it carried others; the
 * sleeps counted are the operation's own.
 */
static void join_submission(const struct join *j, struct why_row *row,
			    struct join_task *t, struct join_story *story,
			    const struct join_begun *b, struct join_signs *signs,
			    uint64_t *behind_ns)
{
	const struct join_op *op = story->op;
	struct join_slept *call = join_slept_find(t, op->submit_ns);
	struct join_stretch st = join_stretch(t, op, b);
	uint64_t own_before_ns = 0;
	unsigned int i;

	for (i = 0; call && i < call->nr; i++) {
		const struct join_sleep *s = join_sleep_at(t, call->first + i);
		bool own = op->batch == 1 || (st.known && join_is_own(&st, s)) ||
			   (!st.known && !call->claimed);

		if (t->sleep_nr - (call->first + i) > JOIN_SLEEPS)
			continue;
		join_tell_sleep(story, s, WHY_RUNNING);
		if (op->batch > 1 && !st.known)
			/* Nobody saw it begin: the call's fallback is its own. */
			signs->buffered |= join_cause(s)->tells == CAUSE_TELLS_BUFFERED;
		if (!own)
			continue;
		if (op->batch == 1 || st.known)
			join_sign(signs, s, join_cause_of(op, s));
		join_count_sleep(row, s, join_cause_of(op, s), false);
		if (st.known && s->out_ns < st.begin_ns)
			own_before_ns += s->in_ns - s->out_ns;
	}
	if (call && op->batch > 1 && !st.known)
		call->claimed = true;
	/* Its switch counter knows of a sleep that no event told of. */
	if (j->lossy && (op->seen & LOAD_SEEN_SLEPT) && !signs->slept)
		join_tell(story, WHY_UNACCOUNTED, op->accepted_ns, NULL);
	join_tell(story, WHY_RUNNING, op->accepted_ns, NULL);
	*behind_ns = 0;
	if (op->batch > 1 && st.known && st.begin_ns - op->submit_ns > own_before_ns)
		*behind_ns = st.begin_ns - op->submit_ns - own_before_ns;
}

static void join_worker(struct why_row *row, struct join_story *story,
			const struct join_served *s, struct join_signs *signs)
{
	unsigned int i;

	join_tell(story, WHY_IOWQ, s->start_ns, NULL);
	for (i = 0; i < s->sleep_nr; i++) {
		join_tell_sleep(story, &s->sleep[i], WHY_RUNNING);
		join_sign(signs, &s->sleep[i], join_cause(&s->sleep[i]));
		join_count_sleep(row, &s->sleep[i], join_cause(&s->sleep[i]), false);
	}
	/* It ends with the reply, or goes on by itself soon after its begin. */
	if (s->end_ns)
		join_tell(story, WHY_RUNNING, s->end_ns, NULL);
	else
		join_tell(story, WHY_RUNNING, s->begun.ns, NULL);
}

/* In flight after its submission, or after its worker passed it on. */
static void join_flight(struct why_row *row, struct join_story *story,
			const struct join_done *d)
{
	unsigned int i;

	if (!d) {
		join_tell(story, WHY_IN_FLIGHT, story->op->complete_ns, NULL);
		return;
	}
	for (i = 0; i < d->sleep_nr; i++)
		join_count_sleep(row, &d->sleep[i], join_cause(&d->sleep[i]), true);
	if (d->run_ns && d->queue_ns) {
		join_tell(story, WHY_DEVICE, d->queue_ns, NULL);
		join_tell(story, WHY_WQ_WAIT, d->run_ns, NULL);
		join_tell(story, WHY_WQ_RUN, d->ns, NULL);
	} else if (d->run_ns) {
		join_tell(story, WHY_IN_FLIGHT, d->run_ns, NULL);
		join_tell(story, WHY_WQ_RUN, d->ns, NULL);
	} else {
		join_tell(story, WHY_IN_FLIGHT, d->ns, NULL);
	}
	join_tell(story, WHY_REAP, story->op->complete_ns, NULL);
}

/* What the thread or worker that did the write met. */
static enum why_path join_met(const struct join_signs *signs)
{
	return signs->buffered ? WHY_BUFFERED :
	       signs->drained  ? WHY_DRAINED :
	       signs->forced   ? WHY_FORCED_WAIT :
				 WHY_UNKNOWN;
}

static enum why_path join_then(const struct join_served *s,
			       const struct join_signs *signs)
{
	enum why_path met = join_met(signs);

	if (!s || met != WHY_UNKNOWN)
		return met;
	return s->end_ns ? WHY_INLINE : WHY_QUEUED;
}

/* What would tell of the submission may be what was lost. */
static bool join_is_lost(const struct join *j, const struct join_op *op)
{
	return j->lossy && (op->seen & LOAD_SEEN_SLEPT || j->punt_ns);
}

static enum why_path join_path(const struct join *j, const struct join_op *op,
			       const struct join_signs *signs, const struct join_begun *b,
			       const struct join_done *d)
{
	enum why_path met = join_met(signs);

	if (met != WHY_UNKNOWN)
		return met;
	/* Its own wait is not in the way of the kernel's, but hides when it was done. */
	if (op->seen & LOAD_SEEN_MODEL)
		return d || !(op->seen & LOAD_SEEN_DONE) ? WHY_QUEUED : WHY_UNKNOWN;
	/* A punt, or a sleep that its switch counter knows of. */
	if (join_is_lost(j, op) && !signs->slept)
		return WHY_UNKNOWN;
	/* A kernel thread completed it: it was on its way when the call returned. */
	if (d || !(op->seen & (LOAD_SEEN_DONE | LOAD_SEEN_UNLOOKED)))
		return WHY_QUEUED;
	/* Told to wait, or completed by nobody else. */
	if ((b && b->forced) || op->submit_ns >= j->watched_ns)
		return WHY_INLINE;
	if (op->seen & LOAD_SEEN_UNLOOKED)
		return WHY_UNKNOWN;
	return op->seen & (LOAD_SEEN_SHARED | LOAD_SEEN_PREEMPTED) ? WHY_UNKNOWN :
								     WHY_INLINE;
}

/* Time that the thread was blocked in submissions after the kernel was done. */
static uint64_t join_held_ns(const struct join_task *t, const struct join_op *op,
			     uint64_t done_ns)
{
	uint64_t i, low = t->sleep_nr > JOIN_SLEEPS ? t->sleep_nr - JOIN_SLEEPS : 0;
	uint64_t held_ns = 0;

	for (i = t->sleep_nr; i > low; i--) {
		const struct join_sleep *s = join_sleep_at(t, i - 1);
		uint64_t from = s->out_ns > done_ns ? s->out_ns : done_ns;
		uint64_t to = s->in_ns < op->complete_ns ? s->in_ns : op->complete_ns;

		if (s->in_ns <= done_ns)
			break;
		if (s->in_call && !s->preempted && to > from)
			held_ns += to - from;
	}
	return held_ns;
}

static void join_worst(const struct join *j, unsigned int thread, struct why_row *row,
		       const struct join_story *story, enum why_path path,
		       enum why_path then)
{
	const struct join_op *op = story->op;
	uint64_t lat_ns = op->complete_ns - op->submit_ns;
	size_t at;

	if (row->worst_nr == WHY_WORST_NR &&
	    lat_ns <= row->worst[row->worst_nr - 1].lat_ns)
		return;
	if (!row->worst)
		row->worst = calloc(WHY_WORST_NR, sizeof(*row->worst));
	if (!row->worst)
		return;
	if (row->worst_nr < WHY_WORST_NR)
		row->worst_nr++;
	for (at = row->worst_nr - 1; at && row->worst[at - 1].lat_ns < lat_ns; at--)
		row->worst[at] = row->worst[at - 1];
	row->worst[at] = (struct why_worst){
		.round = j->round,
		.thread = thread,
		.index = op->index,
		.offset = op->offset,
		.len = op->len,
		.res = op->res,
		.slat_ns = op->accepted_ns - op->submit_ns,
		.lat_ns = lat_ns,
		.path = path,
		.then = then,
		.step_nr = story->step_nr,
	};
	memcpy(row->worst[at].step, story->step, story->step_nr * sizeof(story->step[0]));
}

static struct why_row *join_row_get(struct join_thread *t, unsigned int row)
{
	struct why_row *grown;

	if (row < t->row_nr)
		return &t->row[row];
	grown = realloc(t->row, (row + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	memset(grown + t->row_nr, 0, (row + 1 - t->row_nr) * sizeof(*grown));
	t->row = grown;
	t->row_nr = row + 1;
	return &t->row[row];
}

/* Evidence that stands for the place and falls into the operation's life. */
static const struct join_begun *join_begun_find(const struct join *j,
						const struct join_op *op)
{
	const struct join_begun *b = &j->begun[join_hash(op->ino, op->offset)];

	if (j->begun_ns < op->submit_ns)
		return NULL;
	return b->ino == op->ino && b->start == op->offset && b->ns >= op->submit_ns &&
			       b->ns <= op->complete_ns ?
		       b :
		       NULL;
}

static const struct join_done *join_done_find(const struct join *j,
					      const struct join_op *op)
{
	const struct join_done *d = &j->done[join_hash(op->ino, op->offset)];

	if (j->done_ns < op->submit_ns)
		return NULL;
	return d->ino == op->ino && d->start == op->offset && d->ns >= op->submit_ns &&
			       d->ns <= op->complete_ns ?
		       d :
		       NULL;
}

static bool join_is_punted(const struct join *j, const struct join_op *op)
{
	const struct join_request *r;

	if (j->punt_ns < op->submit_ns)
		return false;
	r = join_request(j, op->user_data);
	return r->user_data == op->user_data && r->punt_ns >= op->submit_ns &&
	       r->punt_ns <= op->complete_ns;
}

static void join_ran_as(struct why_row *row, const struct join_begun *b)
{
	if (b && b->ns)
		row->ran_as[b->start < b->isize	 ? WHY_RAN_INSIDE :
			    b->start == b->isize ? WHY_RAN_AT :
						   WHY_RAN_PAST]++;
}

/* How the operation got on: its story, its path and the damage done to it. */
static void join_op_row(struct join *j, unsigned int thread, struct why_row *row,
			const struct join_op *op)
{
	struct join_task *t = j->thread[thread].task;
	struct join_story story; /* of its steps, those that are told are set */
	struct join_signs signs = { 0 }, worker = { 0 };
	bool punted = join_is_punted(j, op);
	const struct join_served *s = punted ? join_served_find(j, op) : NULL;
	const struct join_begun *b = punted ? NULL : join_begun_find(j, op);
	const struct join_done *d = join_done_find(j, op);
	enum why_path path, then = WHY_PATH_NR;
	uint64_t behind_ns, sum = 0;
	unsigned int i;

	story.op = op;
	story.at_ns = op->submit_ns;
	memset(story.slat_ns, 0, sizeof(story.slat_ns));
	memset(story.lat_ns, 0, sizeof(story.lat_ns));
	story.step_nr = 0;
	join_submission(j, row, t, &story, b, &signs, &behind_ns);
	if (s)
		join_worker(row, &story, s, &worker);
	if (punted && !s)
		join_tell(&story, WHY_UNACCOUNTED, op->complete_ns, NULL);
	else if (s && s->end_ns)
		join_tell(&story, WHY_REAP, op->complete_ns, NULL);
	else
		join_flight(row, &story, d);
	path = punted ? WHY_PUNTED : join_path(j, op, &signs, b, d);
	if (punted)
		row->then[then = join_then(s, &worker)]++;
	row->path[path]++;
	if (path == WHY_UNKNOWN && join_is_lost(j, op))
		row->lost++;
	else if (path == WHY_UNKNOWN && (op->seen & LOAD_SEEN_MODEL))
		row->modelled++;
	row->flagged += path == WHY_INLINE && b && b->forced;
	join_ran_as(row, punted ? (s ? &s->begun : NULL) : b);
	for (i = 0; i < WHY_STAGE_NR; i++) {
		row->slat_stage_ns[i] += story.slat_ns[i];
		row->lat_stage_ns[i] += story.lat_ns[i];
		sum += story.lat_ns[i];
	}
	row->lat_stage_ns[WHY_UNACCOUNTED] += op->complete_ns - op->submit_ns - sum;
	if (signs.convoy_ns + worker.convoy_ns)
		(void)join_hist_add(&row->convoy, signs.convoy_ns + worker.convoy_ns);
	if (behind_ns)
		(void)join_hist_add(&row->behind, behind_ns);
	if (d || (s && s->end_ns)) {
		uint64_t held_ns = join_held_ns(t, op, d ? d->ns : s->end_ns);

		row->held_nr++;
		if (held_ns)
			(void)join_hist_add(&row->held, held_ns);
	}
	join_worst(j, thread, row, &story, path, then);
}

void join_op_add(struct join *j, unsigned int thread, const struct join_op *op)
{
	struct why_row *row;

	if (!op->counts)
		return;
	row = join_row_get(&j->thread[thread], op->row);
	if (!row)
		return;
	row->joined++;
	join_op_row(j, thread, row, op);
}
