/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One event of the kernel, decoded: what events.c hands to join.c. No code.
 */
#ifndef DIOWAIT_EVENT_H
#define DIOWAIT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

struct chain;

enum event_type {
	EVENT_SLEEP,	  /* sched_switch: the thread goes to sleep; has its chain */
	EVENT_OUT,	  /* the thread left its processor, for whatever reason */
	EVENT_IN,	  /* the thread is on a processor again */
	EVENT_WAKING,	  /* the thread makes another runnable */
	EVENT_BEGIN,	  /* iomap_dio_rw_begin */
	EVENT_COMPLETE,	  /* iomap_dio_complete */
	EVENT_PUNT,	  /* io_uring_queue_async_work: to a worker */
	EVENT_REPLY,	  /* io_uring_complete */
	EVENT_WORK_QUEUE, /* workqueue_queue_work of a direct write's completion */
	EVENT_WORK_START, /* workqueue_execute_start of one */
	EVENT_WORK_END,	  /* workqueue_execute_end of one */
	EVENT_TYPE_NR
};

struct event {
	uint64_t time_ns; /* CLOCK_MONOTONIC, as the driver's stamps */
	int32_t tid;	  /* thread in whose context it happened; 0: idle */
	uint8_t type;	  /* enum event_type */
	uint16_t cpu;
	union {
		const struct chain *chain; /* EVENT_SLEEP; lives as long as the chains */
		bool preempted;		   /* EVENT_OUT: it was still runnable */
		int32_t woken;		   /* EVENT_WAKING: tid that is woken */
		struct {
			uint64_t dev; /* major << 20 | minor of the superblock */
			uint64_t ino;
			uint64_t start; /* byte of the file where the write starts */
			/* Bytes asked (begin), or the result: bytes or -errno. */
			int64_t bytes;
			uint64_t isize; /* i_size then */
			bool forced;	/* begin: has IOMAP_DIO_FORCE_WAIT */
			bool nowait;	/* begin: has IOCB_NOWAIT */
		} dio;			/* EVENT_BEGIN, EVENT_COMPLETE */
		struct {
			uint64_t user_data;
			int64_t res; /* of a reply */
		} ring;		     /* EVENT_PUNT, EVENT_REPLY */
		uint64_t work;	     /* EVENT_WORK_*: address of the work item */
	};
};

#endif
