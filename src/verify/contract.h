/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file system promises of direct writes, a row each; and the board on which
 * it is written down what was checked, what broke, and what is under way. The board
 * lies in memory that two processes share: the one that does the I/O may hang in
 * the kernel, and the other one tells of it.
 */
#ifndef DIOWAIT_CONTRACT_H
#define DIOWAIT_CONTRACT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum contract {
	CONTRACT_COMPLETION,
	CONTRACT_ONCE,
	CONTRACT_RESULT,
	CONTRACT_ERROR,
	CONTRACT_EAGAIN,
	CONTRACT_SIZE_LATE,
	CONTRACT_SIZE_BACK,
	CONTRACT_SIZE_EXACT,
	CONTRACT_BLOCKS_EXACT,
	CONTRACT_LOST,
	CONTRACT_TORN,
	CONTRACT_MISDIRECTED,
	CONTRACT_SWAPPED,
	CONTRACT_ZEROED,
	CONTRACT_STALE,
	CONTRACT_FOREIGN,
	CONTRACT_FLIPPED,
	CONTRACT_UNTOUCHED,
	CONTRACT_APPEND_ZEROS,
	CONTRACT_CACHED,
	CONTRACT_DURABLE,
	CONTRACT_CRASH_DURABLE, /* from here on: after a crash only */
	CONTRACT_CRASH_SIZE,
	CONTRACT_CRASH_STALE,
	CONTRACT_CRASH_ACK,
	CONTRACT_FSCK,
	CONTRACT_NR
};

struct contract_row {
	const char *name;
	const char *promise;	 /* one line, 37 characters at most */
	unsigned int counted_as; /* contract that counts what is checked for it, too */
};

/* Never NULL for c < CONTRACT_NR. */
const struct contract_row *contract_row(unsigned int c);

/* ---- the board ---- */

#define BOARD_FINDINGS_MAX 32
#define BOARD_CALLS_MAX 2048
#define BOARD_TEXT_MAX 3072
#define BOARD_VARIANTS_MAX 256

/* One break of a contract, with its evidence. */
struct board_finding {
	uint32_t contract;
	uint32_t variant; /* number of the scenario and engine */
	uint64_t seed;	  /* that the round's plan was made from */
	uint64_t writes;  /* acknowledged until then, of all */
	uint64_t at_ns;	  /* CLOCK_MONOTONIC */
	uint64_t offset, len;
	_Atomic bool whole; /* false: it is being written, or its writer was killed */
	char text[BOARD_TEXT_MAX]; /* lines: what was expected, what was found */
};

/* A system call, or an operation, that is under way. */
struct board_call {
	_Atomic uint64_t since_ns; /* 0: none */
	_Atomic pid_t tid;
	_Atomic uint64_t offset;
	_Atomic uint32_t len;
	char what[28]; /* "append", "mmap reader" */
};

struct board {
	_Atomic uint64_t checked[CONTRACT_NR], broken[CONTRACT_NR];
	_Atomic uint64_t broken_in[BOARD_VARIANTS_MAX];
	_Atomic uint64_t cycles_in[BOARD_VARIANTS_MAX]; /* crashes, recovered from */
	_Atomic uint64_t writes;			/* acknowledged */
	_Atomic uint64_t rounds;			/* whole */
	_Atomic uint64_t beats; /* of what moves, and is nothing of the above */
	_Atomic uint32_t variant;
	_Atomic uint64_t seed;
	_Atomic uint32_t finding_nr; /* also of those that found no room */
	_Atomic uint64_t breaks;     /* of all contracts, kept or not */
	uint64_t watchdog_ns;	     /* how long a call may take; 0: nobody watches */
	struct board_finding finding[BOARD_FINDINGS_MAX];
	struct board_call call[BOARD_CALLS_MAX];
	_Atomic uint32_t call_nr; /* slots ever used */
};

/* In memory that children share. NULL: none. */
struct board *board_new(void);
void board_free(struct board *b); /* takes NULL */

/* CLOCK_MONOTONIC, ns. */
uint64_t board_now_ns(void);

/* Adds to what was checked. */
static inline void board_checked(struct board *b, enum contract c, uint64_t nr)
{
	atomic_fetch_add_explicit(&b->checked[c], nr, memory_order_relaxed);
}

/*
 * A contract broke. The first ones keep their text (printf-like, lines of evidence);
 * of each contract at most four, so that others have room.
 */
void board_broke(struct board *b, enum contract c, uint64_t offset, uint64_t len,
		 const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* nr slots for calls; the number of the first, or -1: all are taken. */
int board_slots(struct board *b, unsigned int nr);

/* A call begins in the slot; what it is ends where it is cut. Not for shared slots. */
void board_begin(struct board *b, int slot, pid_t tid, const char *what, uint64_t offset,
		 uint32_t len);
void board_end(struct board *b, int slot);

/* All slots are free again: threads have ended. */
void board_clear_calls(struct board *b);

#endif
