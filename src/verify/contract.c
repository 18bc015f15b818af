// SPDX-License-Identifier: GPL-2.0-or-later
#include "verify/contract.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define KEPT_OF_ONE 4 /* findings of one contract that keep their text */

static const struct contract_row rows[CONTRACT_NR] = {
	[CONTRACT_COMPLETION] = { "completion", "what was accepted completes",
				  CONTRACT_RESULT },
	[CONTRACT_ONCE] = { "once", "... and does so once", CONTRACT_RESULT },
	[CONTRACT_RESULT] = { "result", "all was done, or less for a cause",
			      CONTRACT_RESULT },
	[CONTRACT_ERROR] = { "error", "nothing fails without a cause", CONTRACT_RESULT },
	[CONTRACT_EAGAIN] = { "eagain", "EAGAIN comes to RWF_NOWAIT only",
			      CONTRACT_RESULT },
	[CONTRACT_SIZE_LATE] = { "size-late", "at completion the size covers it",
				 CONTRACT_SIZE_LATE },
	[CONTRACT_SIZE_BACK] = { "size-back", "the size shrinks by truncate only",
				 CONTRACT_SIZE_BACK },
	[CONTRACT_SIZE_EXACT] = { "size-exact", "it is where the last write ends",
				  CONTRACT_SIZE_EXACT },
	[CONTRACT_BLOCKS_EXACT] = { "blocks-exact", "st_blocks is what the extents take",
				    CONTRACT_BLOCKS_EXACT },
	[CONTRACT_LOST] = { "lost", "what was acknowledged is there", CONTRACT_LOST },
	[CONTRACT_TORN] = { "torn", "... all of it", CONTRACT_LOST },
	[CONTRACT_MISDIRECTED] = { "misdirected", "... at its own place", CONTRACT_LOST },
	[CONTRACT_SWAPPED] = { "swapped", "... not in exchange for another",
			       CONTRACT_LOST },
	[CONTRACT_ZEROED] = { "zeroed", "... and not zeros", CONTRACT_LOST },
	[CONTRACT_STALE] = { "stale", "no older data of elsewhere below EOF",
			     CONTRACT_LOST },
	[CONTRACT_FOREIGN] = { "foreign", "nothing there that nobody wrote",
			       CONTRACT_LOST },
	[CONTRACT_FLIPPED] = { "flipped", "no bit is another one", CONTRACT_LOST },
	[CONTRACT_UNTOUCHED] = { "untouched", "what is not written to stays",
				 CONTRACT_LOST },
	[CONTRACT_APPEND_ZEROS] = { "append-zeros", "appends in order show no zeros",
				    CONTRACT_LOST },
	[CONTRACT_CACHED] = { "cached", "cached reads are not older than direct",
			      CONTRACT_CACHED },
	[CONTRACT_DURABLE] = { "durable", "what was read outlives the last close",
			       CONTRACT_DURABLE },
	[CONTRACT_CRASH_DURABLE] = { "crash-durable", "synced data outlive a crash",
				     CONTRACT_CRASH_DURABLE },
	[CONTRACT_CRASH_SIZE] = { "crash-size", "... and so does the size",
				  CONTRACT_CRASH_SIZE },
	[CONTRACT_CRASH_STALE] = { "crash-stale", "none but its own data below EOF",
				   CONTRACT_CRASH_STALE },
	[CONTRACT_CRASH_ACK] = { "crash-ack", "what it took is not acknowledged",
				 CONTRACT_CRASH_ACK },
	[CONTRACT_FSCK] = { "fsck", "it mounts, and fsck finds nothing", CONTRACT_FSCK },
};

const struct contract_row *contract_row(unsigned int c)
{
	return &rows[c];
}

struct board *board_new(void)
{
	struct board *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return b == MAP_FAILED ? NULL : b;
}

void board_free(struct board *b)
{
	if (b)
		(void)munmap(b, sizeof(*b));
}

uint64_t board_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void board_broke(struct board *b, enum contract c, uint64_t offset, uint64_t len,
		 const char *fmt, ...)
{
	struct board_finding *f;
	uint32_t nr;
	va_list ap;

	atomic_fetch_add(&b->breaks, 1);
	atomic_fetch_add(&b->broken_in[b->variant % BOARD_VARIANTS_MAX], 1);
	if (atomic_fetch_add(&b->broken[c], 1) >= KEPT_OF_ONE)
		return;
	nr = atomic_fetch_add(&b->finding_nr, 1);
	if (nr >= BOARD_FINDINGS_MAX)
		return;
	f = &b->finding[nr];
	f->contract = c;
	f->variant = b->variant;
	f->seed = b->seed;
	f->writes = b->writes;
	f->at_ns = board_now_ns();
	f->offset = offset;
	f->len = len;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	f->whole = true;
}

int board_slots(struct board *b, unsigned int nr)
{
	uint32_t first = atomic_fetch_add(&b->call_nr, nr);

	return first + nr <= BOARD_CALLS_MAX ? (int)first : -1;
}

void board_begin(struct board *b, int slot, pid_t tid, const char *what, uint64_t offset,
		 uint32_t len)
{
	struct board_call *call;

	if (slot < 0)
		return;
	call = &b->call[slot];
	(void)snprintf(call->what, sizeof(call->what), "%s", what);
	call->tid = tid;
	call->offset = offset;
	call->len = len;
	call->since_ns = board_now_ns();
}

void board_end(struct board *b, int slot)
{
	if (slot >= 0)
		b->call[slot].since_ns = 0;
}

void board_clear_calls(struct board *b)
{
	uint32_t i;

	for (i = 0; i < b->call_nr && i < BOARD_CALLS_MAX; i++)
		b->call[i].since_ns = 0;
	b->call_nr = 0;
}
