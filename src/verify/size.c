// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the size of a file must be, whenever somebody looks. statx() is asked for the
 * size alone: whoever asks for times makes the next write take a transaction.
 */
#include "verify/private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* After a read that ended early, so often, so long apart. */
#define SHORT_LOOKS 20
#define SHORT_NAP_NS 1000000

uint64_t verify_stat_size(const struct verify_file *f)
{
	struct statx sx;

	return statx(f->direct_fd, "", AT_EMPTY_PATH, STATX_SIZE, &sx) ? UINT64_MAX :
									 sx.stx_size;
}

/* The largest size that was seen since that cut: before it says nothing. */
static uint64_t seen(struct verify_file *f, uint32_t cuts, uint64_t now_bytes)
{
	uint64_t was;

	(void)pthread_mutex_lock(&f->seen_lock);
	if (cuts > f->seen_cuts) {
		f->seen_cuts = cuts;
		f->seen_bytes = 0;
	}
	was = cuts == f->seen_cuts ? f->seen_bytes : 0;
	if (cuts == f->seen_cuts && now_bytes > was)
		f->seen_bytes = now_bytes;
	(void)pthread_mutex_unlock(&f->seen_lock);
	return was;
}

/* Is, between what bounds; a cut in between makes all sizes possible. */
static bool look(struct verify_file *f, struct ledger_size *before, uint64_t *is,
		 uint64_t *was)
{
	struct ledger_size after;

	ledger_size(f->ledger, before);
	*was = seen(f, before->cuts, 0);
	if (f->v->round.sizes_race && *was > before->least_bytes)
		*was = before->least_bytes;
	*is = verify_stat_size(f);
	ledger_size(f->ledger, &after);
	if (*is == UINT64_MAX || before->cutting || after.cutting ||
	    before->cuts != after.cuts || f->v->crashed)
		return false;
	before->most_bytes = after.most_bytes;
	(void)seen(f, before->cuts, *is);
	return true;
}

void verify_size_look(struct verify_file *f)
{
	struct ledger_size size;
	uint64_t is, was;

	board_checked(f->v->board, CONTRACT_SIZE_BACK, 1);
	if (!look(f, &size, &is, &was))
		return;
	if (is < was || is < size.least_bytes)
		board_broke(
			f->v->board, is < was ? CONTRACT_SIZE_BACK : CONTRACT_SIZE_LATE,
			is, 0,
			"%s: st_size is %llu, and was %llu; writes up to %llu were acknowledged\n",
			f->path, (unsigned long long)is, (unsigned long long)was,
			(unsigned long long)size.least_bytes);
	else if (is > size.most_bytes)
		board_broke(f->v->board, CONTRACT_SIZE_EXACT, is, 0,
			    "%s: st_size is %llu, and no write was to end past %llu\n",
			    f->path, (unsigned long long)is,
			    (unsigned long long)size.most_bytes);
}

void verify_size_completed(struct verify_file *f, uint32_t seq, uint64_t end)
{
	struct ledger_size size;
	uint64_t is, was;

	board_checked(f->v->board, CONTRACT_SIZE_LATE, 1);
	if (!look(f, &size, &is, &was) || is >= end || ledger_was_cut(f->ledger, seq))
		return;
	/* Late for this one, unless it is even less than it was for others. */
	board_broke(
		f->v->board, is < was ? CONTRACT_SIZE_BACK : CONTRACT_SIZE_LATE, end, 0,
		"%s: st_size is %llu at the completion of write %u, which ends at %llu (%llu was seen before)\n",
		f->path, (unsigned long long)is, seq, (unsigned long long)end,
		(unsigned long long)was);
}

void verify_read_short(struct verify_file *f, const struct ledger_size *before,
		       const char *how, uint64_t offset, size_t len, int64_t got)
{
	const struct timespec nap = { 0, SHORT_NAP_NS };
	struct ledger_size after;
	bool cut = false;
	unsigned int looks;
	uint64_t is, was;

	ledger_size(f->ledger, &after);
	if (got < 0 || got >= (int64_t)len ||
	    offset + (uint64_t)got >= before->least_bytes || before->cutting ||
	    after.cutting || before->cuts != after.cuts ||
	    (f->v->crashed && !f->v->recovered))
		return;
	/* It may be the size that is wrong, also for a moment only, and the read right. */
	for (looks = 0; looks < SHORT_LOOKS && !cut; looks++) {
		is = verify_stat_size(f);
		ledger_size(f->ledger, &after);
		cut = after.cutting || before->cuts != after.cuts;
		if (is < before->least_bytes && !cut) {
			was = seen(f, before->cuts, 0);
			board_broke(
				f->v->board,
				is < was ? CONTRACT_SIZE_BACK : CONTRACT_SIZE_LATE, is, 0,
				"%s: st_size is %llu, and was %llu; writes up to %llu were acknowledged; %s of %zu bytes at offset %llu got %lld\n",
				f->path, (unsigned long long)is, (unsigned long long)was,
				(unsigned long long)before->least_bytes, how, len,
				(unsigned long long)offset, (long long)got);
			return;
		}
		(void)nanosleep(&nap, NULL);
	}
	board_broke(
		f->v->board, CONTRACT_RESULT, offset, len,
		"%s: %s of %zu bytes at offset %llu: the result is %lld, and the file goes on to %llu\n",
		f->path, how, len, (unsigned long long)offset, (long long)got,
		(unsigned long long)before->least_bytes);
}

void verify_blocks(struct verify *v, const char *path, uint64_t is_bytes,
		   uint64_t least_bytes, uint64_t most_bytes)
{
	board_checked(v->board, CONTRACT_BLOCKS_EXACT, 1);
	if (is_bytes >= least_bytes && is_bytes <= most_bytes)
		return;
	board_broke(
		v->board, CONTRACT_BLOCKS_EXACT, is_bytes, 0,
		"%s: st_blocks are %llu bytes; the extents take %llu, with their tree at most %llu\n",
		path, (unsigned long long)is_bytes, (unsigned long long)least_bytes,
		(unsigned long long)most_bytes);
}

void verify_size_final(struct verify_file *f, bool again)
{
	struct ledger_size size;
	uint64_t is = verify_stat_size(f);

	ledger_size(f->ledger, &size);
	board_checked(f->v->board, CONTRACT_SIZE_EXACT, 1);
	/* Nothing is under way. What met a cut may or may not have made it longer again. */
	if (is == UINT64_MAX || is == size.least_bytes ||
	    (size.cuts && is > size.least_bytes && is <= size.most_bytes))
		return;
	if (is < size.least_bytes)
		board_broke(
			f->v->board,
			again					  ? CONTRACT_DURABLE :
			seen(f, size.cuts, 0) >= size.least_bytes ? CONTRACT_SIZE_BACK :
								    CONTRACT_SIZE_LATE,
			is, 0,
			"%s: st_size is %llu%s, and writes up to %llu were acknowledged\n",
			f->path, (unsigned long long)is,
			again ? " after the file was closed and opened" : " in the end",
			(unsigned long long)size.least_bytes);
	else
		board_broke(f->v->board, CONTRACT_SIZE_EXACT, is, 0,
			    "%s: st_size is %llu in the end, and %s %llu\n", f->path,
			    (unsigned long long)is,
			    size.cuts ? "no write was to end past" :
					"acknowledged writes end at",
			    (unsigned long long)(size.cuts ? size.most_bytes :
							     size.least_bytes));
}
