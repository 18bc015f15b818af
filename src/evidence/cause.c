// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/cause.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/cause_pattern.h"

/* A function that does a file's fsync, whoever asked for it. */
#define SYNC_FILE \
	"ext4_sync_file|xfs_file_fsync|btrfs_sync_file|f2fs_sync_file|ocfs2_sync_file|" \
	"nfs_file_fsync|ovl_fsync|fuse_fsync|blkdev_fsync|vfs_fsync_range"

/* A thread that takes the lock of an inode, with what is between it and the lock. */
#define TAKES_I_RWSEM \
	"ext4_file_write_iter|ext4_dio_write_iter|ext4_dio_write_checks|" \
	"ext4_file_read_iter|ext4_dio_read_iter|" \
	"xfs_ilock_iocb|xfs_ilock_iocb_for_write|xfs_file_write_checks|" \
	"xfs_file_dio_write|xfs_file_dio_write_aligned|xfs_file_dio_write_unaligned|" \
	"xfs_file_dio_write_atomic|xfs_file_dio_read|xfs_file_read_iter|" \
	"xfs_file_write_iter|" \
	"btrfs_inode_lock|btrfs_direct_read|btrfs_file_read_iter|" \
	"f2fs_file_write_iter|f2fs_dio_write_iter|f2fs_file_read_iter|" \
	"ocfs2_file_write_iter|ocfs2_file_read_iter|nfs_start_io_direct|" \
	"ovl_write_iter|fuse_dio_lock|fuse_file_write_iter|fuse_direct_write_iter|" \
	"fuse_cache_write_iter"

/*
 * First match wins. So rows about what a thread is (a worker of the loop device),
 * what it was asked for (an fsync) or which way it took (buffered) precede those
 * about what it then met. On Linux 6.18 static functions are often inlined into
 * their callers, and each row has to hold with and without them.
 */
const struct cause_row cause_rows[] = {
	/* Not waits of writes. */
	{ "WAIT_EVENTS",
	  "read_events << do_io_getevents; io_cqring_wait << *io_uring_enter",
	  "waited for completions", CAUSE_EVENTS, false, CAUSE_TELLS_NOTHING },
	{ "IOWQ_IDLE", "schedule_timeout|wait_for_completion|do_exit < io_wq_worker",
	  "an io_uring worker without work, or at its end", CAUSE_IDLE, false,
	  CAUSE_TELLS_NOTHING },
	{ "SQPOLL_IDLE", "schedule < io_sq_thread",
	  "io_uring's polling thread without work", CAUSE_IDLE, false,
	  CAUSE_TELLS_NOTHING },
	{ "USER_FAULT", "asm_exc_page_fault < $",
	  "a page of the program's own memory had to be made or read", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_NOTHING },
	/* Before all others: in its worker they happen to the file behind the device. */
	{ "LOOP", "lo_rw_aio|loop_process_work << worker_thread",
	  "the loop device's worker waited for the file behind the device", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_NOTHING },

	/* Synchronous writes, and syncs. */
	{ "SYNC_OP", "io_fsync|aio_fsync_work", "a sync of the load did its own work",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "SYNC_FLUSH_IN_WORK",
	  SYNC_FILE "<< iomap_dio_complete_work|dio_aio_complete_work",
	  "the completion of a synchronous write flushed journal or device",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "SYNC_FLUSH_IN_SUBMIT", SYNC_FILE "<< iomap_dio_complete|aio_write|io_write",
	  "a synchronous write flushed journal or device within its submission",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },

	/* Page cache: the fallback takes locks, drains and waits for pages as well. */
	{ "BUFFERED_FALLBACK",
	  "generic_perform_write|iomap_file_buffered_write|btrfs_buffered_write|"
	  "ext4_buffered_write_iter|xfs_file_buffered_write|balance_dirty_pages*|"
	  "btrfs_fdatawrite_range;"
	  "filemap_fdatawait_range|__filemap_fdatawait_range|folio_wait_writeback"
	  " < btrfs_direct_write",
	  "the file system wrote through the page cache and waited for its pages",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_BUFFERED },
	{ "PAGECACHE",
	  "folio_wait_bit_common|folio_wait_writeback|__filemap_fdatawait_range|"
	  "invalidate_inode_pages2_range|filemap_write_and_wait_range <<"
	  "filemap_invalidate_pages|kiocb_invalidate_pages|kiocb_write_and_wait|"
	  "kiocb_invalidate_post_direct_write;"
	  "invalidate_inode_pages2_range < __iomap_dio_rw|iomap_dio_complete",
	  "cached pages of the same range had to be written or thrown away",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },

	/* Memory: may nest under anything that follows. */
	{ "MEM_RECLAIM",
	  "try_to_free_pages|try_to_free_mem_cgroup_pages|shrink_node|"
	  "throttle_direct_reclaim|reclaim_throttle|__alloc_pages_slowpath|"
	  "mempool_alloc|mempool_alloc_noprof|try_charge_memcg",
	  "no memory was free, or the cgroup was at its limit", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "GUP_FAULT",
	  "handle_mm_fault|faultin_page << __get_user_pages*|pin_user_pages_fast <<"
	  "iov_iter_extract_pages << bio_iov_iter_get_pages",
	  "a page of the write's buffer was not in memory", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },

	/* The subject of this program. */
	{ "FORCED_WAIT",
	  "blk_io_schedule|io_schedule_timeout|io_schedule < __iomap_dio_rw|"
	  "dio_await_one|dio_await_completion|__blockdev_direct_IO;"
	  "wait_for_completion < fuse_direct_IO",
	  "the kernel waited for the write's own I/O before it returned", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_FORCED },
	{ "DIO_DRAIN", "inode_dio_wait|__inode_dio_wait",
	  "waited until no direct I/O was in flight on the file", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_DRAIN },
	{ "I_RWSEM_W",
	  "rwsem_down_write_slowpath < [down_write*] < [xfs_ilock] <" TAKES_I_RWSEM,
	  "waited to have the inode's lock alone", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_LOCK },
	{ "I_RWSEM_R",
	  "rwsem_down_read_slowpath < [down_read*] < [xfs_ilock] <" TAKES_I_RWSEM,
	  "waited for a thread that had the inode's lock alone", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_LOCK },
	{ "FREEZE",
	  "percpu_rwsem_wait < __percpu_down_read <"
	  "[percpu_down_read*|*sb_start_write|*kiocb_start_write] < aio_write|io_write",
	  "the file system was frozen", CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "LEASE", "__break_lease << xfs_break_layouts|xfs_file_write_checks",
	  "another had a lease of the file's layout", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },

	{ "XFS_ILOCK",
	  "rwsem_down_read_slowpath|rwsem_down_write_slowpath < [down_read*|down_write*] <"
	  "[xfs_ilock*] < xfs_direct_write_iomap_begin|xfs_read_iomap_begin|"
	  "xfs_ilock_for_iomap|xfs_trans_alloc_inode|xfs_iomap_write_*|xfs_reflink_*|"
	  "xfs_vn_update_time|xfs_setfilesize",
	  "waited for XFS's lock of the inode's extents", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "XFS_LOG_GRANT",
	  "xlog_grant_head_wait << [xlog_grant_head_check] << xfs_log_reserve|xfs_log_regrant",
	  "XFS's log had no space", CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "XFS_LOG_CIL",
	  "rwsem_down_read_slowpath|rwsem_down_write_slowpath < [down_read*|down_write*] <"
	  "xlog_cil_commit|xfs_log_commit_cil",
	  "XFS's log was just taking over what was committed", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "XFS_BUF_LOCK",
	  "__down_common|__down << [down] << xfs_buf_lock|xfs_buf_find_lock",
	  "another transaction held a metadata block of XFS", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "XFS_ALLOC_WORKER", "wait_for_completion < xfs_btree_split",
	  "XFS had a worker with a larger stack allocate", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "XFS_EXTENT_BUSY", "xfs_extent_busy_flush",
	  "the free blocks were of a transaction that was not in the log", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_NOTHING },
	{ "XFS_BUF_READ", "xfs_buf_iowait << xfs_buf_submit|xfs_buf_read_map",
	  "XFS read metadata", CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },

	{ "EXT4_I_DATA_SEM",
	  "rwsem_down_read_slowpath|rwsem_down_write_slowpath < [down_read*|down_write*] <"
	  "ext4_map_blocks|ext4_map_query_blocks|ext4_map_create_blocks|"
	  "ext4_handle_inode_extension",
	  "waited for ext4's lock of the inode's extents", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "EXT4_ORPHAN_LOCK", "__mutex_lock* << ext4_orphan_add|ext4_orphan_del",
	  "waited for ext4's list of inodes to repair after a crash", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_NOTHING },
	{ "JBD2_LOCKED",
	  "wait_transaction_locked|wait_transaction_switching < [add_transaction_credits] <"
	  "start_this_handle << [jbd2__journal_start] << [__ext4_journal_start_sb];"
	  "schedule < start_this_handle",
	  "the journal was closing its running transaction", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "JBD2_CREDITS", "schedule < add_transaction_credits < start_this_handle",
	  "the journal had promised its space to others", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "JBD2_CHECKPOINT",
	  "jbd2_log_do_checkpoint|__jbd2_log_wait_for_space << add_transaction_credits",
	  "the journal was full and had to be written back", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "JBD2_COMMIT",
	  "jbd2_log_wait_commit << ext4_force_commit|jbd2_journal_force_commit*|"
	  "ext4_should_retry_alloc",
	  "waited for a commit of the journal", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "JBD2_SHADOW",
	  "out_of_line_wait_on_bit|__wait_on_bit < do_get_write_access <<"
	  "jbd2_journal_get_write_access|jbd2_journal_get_undo_access",
	  "a metadata block was being written to the journal", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "JBD2_BUFFER_LOCK",
	  "out_of_line_wait_on_bit_lock|__lock_buffer < do_get_write_access",
	  "a metadata block was being written or changed by another", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_NOTHING },
	{ "EXT4_META_READ",
	  "__wait_on_buffer|bit_wait_io << __read_extent_tree_block|ext4_find_extent|"
	  "ext4_wait_block_bitmap|ext4_mb_init_cache|ext4_mb_load_buddy_gfp",
	  "ext4 read metadata", CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },

	{ "BTRFS_EXTENT_LOCK", "btrfs_lock_extent_bits",
	  "waited for btrfs's lock of the extent", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "BTRFS_ORDERED", "btrfs_start_ordered_extent_nowriteback",
	  "an earlier write of the same extent was not complete", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "BTRFS_SPACE", "__reserve_bytes|btrfs_reserve_data_bytes",
	  "btrfs had to make space", CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "BTRFS_TREE_LOCK",
	  "rwsem_down_read_slowpath|rwsem_down_write_slowpath < [down_read*|down_write*] <"
	  "btrfs_tree_lock_nested|btrfs_tree_read_lock_nested",
	  "waited for a block of a btrfs tree", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },

	{ "EOF_ZERO", "iomap_zero_range|iomap_truncate_page|btrfs_truncate_block",
	  "the rest of the block at EOF was zeroed through the page cache", CAUSE_BLOCKED,
	  false, CAUSE_TELLS_NOTHING },

	/* Below the file system. */
	{ "BLK_TAG",
	  "io_schedule < blk_mq_get_tag << [__blk_mq_alloc_requests] << blk_mq_submit_bio",
	  "the device's queue was full", CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "RQ_QOS",
	  "rq_qos_wait|wbt_wait|ioc_rqos_throttle|blkcg_iolatency_throttle <<"
	  "__rq_qos_throttle",
	  "the block layer throttled the device", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "QUEUE_FROZEN", "__bio_queue_enter", "the device's queue was being changed",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },
	{ "FUSE", "request_wait_answer|fuse_get_req|fuse_block_alloc",
	  "waited for the file system's daemon", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "URING_LOCK", "__mutex_lock* < [mutex_lock] < io_issue_sqe|io_wq_submit_work",
	  "waited for the ring, which a thread that polls it had", CAUSE_BLOCKED, false,
	  CAUSE_TELLS_NOTHING },
	{ "DIO_WQ_INIT", "sb_init_dio_done_wq",
	  "the first direct write since the mount made the completion workers",
	  CAUSE_BLOCKED, false, CAUSE_TELLS_NOTHING },

	/* No chain tells these. */
	{ "PREEMPT", NULL, "could have run, but another thread had the processor",
	  CAUSE_PREEMPTED, true, CAUSE_TELLS_NOTHING },
	{ "MODEL", NULL, "diowait itself waited, as extend_wait asks", CAUSE_MODEL, true,
	  CAUSE_TELLS_NOTHING },

	/* What is left. */
	{ "IO_SCHED_OTHER", "io_schedule|io_schedule_timeout|blk_io_schedule",
	  "waited for I/O, in a place that this table doesn't know", CAUSE_BLOCKED, true,
	  CAUSE_TELLS_NOTHING },
	{ "OTHER", NULL, "slept in a place that this table doesn't know", CAUSE_BLOCKED,
	  true, CAUSE_TELLS_NOTHING },
};
const size_t cause_rows_nr = sizeof(cause_rows) / sizeof(cause_rows[0]);

struct cause_table {
	struct cause_pattern pattern[sizeof(cause_rows) / sizeof(cause_rows[0])];
};

int cause_open(struct cause_table **out, const struct cause_row **bad_row)
{
	struct cause_table *table = calloc(1, sizeof(*table));
	size_t i;

	if (!table)
		return -ENOMEM;
	for (i = 0; i < cause_rows_nr; i++) {
		int ret;

		if (!cause_rows[i].pattern)
			continue;
		ret = cause_pattern_parse(&table->pattern[i], cause_rows[i].pattern);
		if (ret) {
			*bad_row = &cause_rows[i];
			cause_close(table);
			return ret;
		}
	}
	*out = table;
	return 0;
}

void cause_close(struct cause_table *table)
{
	size_t i;

	if (!table)
		return;
	for (i = 0; i < cause_rows_nr; i++)
		cause_pattern_free(&table->pattern[i]);
	free(table);
}

const struct cause_row *cause_find(const struct cause_table *table,
				   const char *const *names, size_t nr)
{
	size_t i;

	/* A row without a pattern is a pattern of no chains, which never matches. */
	for (i = 0; i < cause_rows_nr - 1; i++) {
		if (cause_pattern_match(&table->pattern[i], names, nr))
			break;
	}
	return &cause_rows[i];
}

const struct cause_row *cause_by_label(const char *label)
{
	size_t i;

	for (i = 0; i < cause_rows_nr; i++) {
		if (!strcmp(cause_rows[i].label, label))
			return &cause_rows[i];
	}
	return NULL;
}

const struct cause_row *cause_preempted(void)
{
	return cause_by_label("PREEMPT");
}

const struct cause_row *cause_model(void)
{
	return cause_by_label("MODEL");
}
