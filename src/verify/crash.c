// SPDX-License-Identifier: GPL-2.0-or-later
/* What is left of the files of a round after the file system was shut down in it. */
#include "verify/private.h"

#include <string.h>

void verify_crashed(struct verify *v)
{
	unsigned int i;

	v->crashed = true;
	for (i = 0; i < v->file_nr; i++)
		ledger_crash(v->file[i].ledger);
}

/* Between the end of what is durable and the end of what was ever begun. */
static void check_size(const struct verify_file *f)
{
	uint64_t is = verify_stat_size(f), least = ledger_durable_end(f->ledger, false);
	uint64_t late = ledger_durable_end(f->ledger, true);
	struct ledger_size size;

	if (least < f->start_bytes)
		least = f->start_bytes;
	ledger_size(f->ledger, &size);
	board_checked(f->v->board, CONTRACT_CRASH_SIZE, 1);
	if (is < least)
		board_broke(
			f->v->board, CONTRACT_CRASH_SIZE, is, least - is,
			"%s: st_size is %llu after the crash, and durable data end at %llu\n",
			f->path, (unsigned long long)is, (unsigned long long)least);
	else if (is < late)
		board_broke(
			f->v->board, CONTRACT_CRASH_ACK, is, late - is,
			"%s: st_size is %llu after the crash, and data up to %llu were acknowledged as durable, while the file system was shut down\n",
			f->path, (unsigned long long)is, (unsigned long long)late);
	else if (is > size.most_bytes)
		board_broke(
			f->v->board, CONTRACT_CRASH_SIZE, is, is - size.most_bytes,
			"%s: st_size is %llu after the crash, and no write was to end past %llu\n",
			f->path, (unsigned long long)is,
			(unsigned long long)size.most_bytes);
}

/* What was laid out and synced: if not even that can be read, it is lost. */
static void check_file(struct verify_file *f)
{
	int rc = verify_file_open(f);

	if (!rc) {
		check_size(f);
		rc = verify_read_file(f, READ_BACK);
	}
	if (rc)
		board_broke(f->v->board, CONTRACT_CRASH_DURABLE, 0, f->start_bytes,
			    "%s after the crash: %s\n", f->path, strerror(-rc));
}

void verify_recovered(struct verify *v)
{
	struct board *b = v->board;
	unsigned int i;

	v->recovered = true;
	for (i = 0; i < v->file_nr; i++)
		check_file(&v->file[i]);
	verify_files_close(v);
	atomic_fetch_add(&b->rounds, 1);
	atomic_fetch_add(&b->cycles_in[v->round.variant % BOARD_VARIANTS_MAX], 1);
}
