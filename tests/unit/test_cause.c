// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The notation of call chains; the table of causes against itself; and against
 * call chains of real sleeps, tests/stacks/ *.txt (README there).
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/cause.h"
#include "evidence/cause_pattern.h"

#define FRAMES_MAX 127 /* PERF_MAX_STACK_DEPTH */

/* A call chain, innermost first, with the names it owns. */
struct chain {
	const char *name[FRAMES_MAX];
	size_t nr;
	char text[FRAMES_MAX * 64];
	size_t used;
};

static void chain_add(struct chain *c, const char *before, const char *name, size_t bytes,
		      const char *after)
{
	assert_true(c->nr < FRAMES_MAX);
	assert_true(c->used + strlen(before) + bytes + strlen(after) < sizeof(c->text));
	c->name[c->nr++] = c->text + c->used;
	c->used += (size_t)sprintf(c->text + c->used, "%s%.*s%s", before, (int)bytes,
				   name, after) +
		   1;
}

/* Names with blanks between; ? is a frame without a name. */
static void chain_set(struct chain *c, const char *names)
{
	c->nr = c->used = 0;
	while (*names) {
		size_t bytes = strcspn(names, " ");

		chain_add(c, "", names, bytes, "");
		if (names[0] == '?')
			c->name[c->nr - 1] = NULL;
		names += bytes + (names[bytes] == ' ');
	}
}

static bool matches(const char *pattern, const char *names)
{
	struct cause_pattern p;
	struct chain c;
	bool ret;

	assert_int_equal(cause_pattern_parse(&p, pattern), 0);
	chain_set(&c, names);
	ret = cause_pattern_match(&p, c.name, c.nr);
	cause_pattern_free(&p);
	return ret;
}

static void test_relations(void **state)
{
	(void)state;
	assert_true(matches("a", "a"));
	assert_true(matches("a", "x a y"));
	assert_false(matches("a", "x ab aa y"));
	assert_true(matches("a < b", "x a b y"));
	assert_false(matches("a < b", "a x b"));
	assert_false(matches("a < b", "b a"));
	assert_true(matches("a < b", "a x a b"));
	assert_true(matches("a << b", "a b"));
	assert_true(matches("a << b", "a x y b z"));
	assert_false(matches("a << b", "b a"));
	assert_false(matches("a << a", "a"));
	assert_true(matches("a << b < c", "a b x b c"));
	assert_true(matches("a < b << c", "a x a b x c"));
	assert_false(matches("a < b << c", "a x b x c"));
	assert_true(matches("a|b < c|d", "b d"));
	assert_false(matches("a|b < c|d", "a b"));
	assert_true(matches("a < b ; c", "x c"));
	assert_true(matches("a < b ; c", "a b"));
	assert_false(matches("a < b ; c", "a x b"));
}

static void test_missing_frames(void **state)
{
	(void)state;
	assert_true(matches("a < [b] < c", "a b c"));
	assert_true(matches("a < [b] < c", "a c"));
	assert_false(matches("a < [b] < c", "a x c"));
	assert_false(matches("a < [b] < c", "a b x c"));
	assert_true(matches("a < [b] << c", "a x c"));
	assert_true(matches("a << [b] < c", "a x c"));
	assert_true(matches("a < [b] < [c] < d", "a c d"));
	assert_true(matches("a < [b] < [c] < d", "a d"));
	assert_false(matches("a < [b] < [c] < d", "a c b d"));
	assert_true(matches("a < [b|c]", "a"));
	assert_true(matches("[a] < b", "b"));
	assert_true(matches("[a] < b", "x b"));
}

static void test_names(void **state)
{
	(void)state;
	assert_true(matches("a*", "abc"));
	assert_true(matches("a*", "a"));
	assert_false(matches("a*", "ba"));
	assert_true(matches("*c", "abc"));
	assert_true(matches("*c", "c"));
	assert_false(matches("*c", "cd"));
	assert_false(matches("*abc", "bc"));
	/* What the compiler appends is not part of a name. */
	assert_true(matches("a < b", "a.isra.0 b.constprop.0.cold"));
	assert_true(matches("*c", "abc.part.0"));
	assert_false(matches("*0", "abc.part.0"));
	/* A frame without a name stands between others, and matches nothing. */
	assert_false(matches("a < b", "a ? b"));
	assert_true(matches("a << b", "a ? b"));
	assert_false(matches("a*", "?"));
	assert_false(matches("a", ""));
}

static void test_outermost(void **state)
{
	(void)state;
	assert_true(matches("a < $", "x a"));
	assert_false(matches("a < $", "a x"));
	assert_true(matches("a < $", "a x a"));
	assert_false(matches("a < $", "a ?"));
}

static void test_not_patterns(void **state)
{
	static const char *const bad[] = {
		"",	     " ",	"a <",	   "< a",    "a < < b",	    "a | ",
		"|a",	     "a b",	"a;",	   ";a",     "a ; ; b",	    "*",
		"**",	     "*a*",	"a*b",	   "[a",     "a]",	    "[]",
		"[a] < [b]", "[a]",	"a.b",	   "a << $", "$",	    "a < $ < b",
		"a < [$]",   "a < $|b", "a <<< b", "a,b",    "a < [b] < $",
	};
	struct cause_pattern p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (cause_pattern_parse(&p, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken for a pattern", bad[i]);
		assert_null(p.term);
		cause_pattern_free(&p);
	}
}

/* 127 frames that match almost: not to take for ever. */
static void test_deep(void **state)
{
	struct cause_pattern p;
	struct chain c;

	(void)state;
	c.nr = c.used = 0;
	while (c.nr < FRAMES_MAX)
		chain_add(&c, "", "a", 1, "");
	assert_int_equal(cause_pattern_parse(&p, "a << a << [a] << a < a << a << b"), 0);
	assert_false(cause_pattern_match(&p, c.name, c.nr));
	c.name[FRAMES_MAX - 1] = "b";
	assert_true(cause_pattern_match(&p, c.name, c.nr));
	cause_pattern_free(&p);
}

static struct cause_table *open_table(void **state)
{
	return *state;
}

static const char *find(const struct cause_table *t, const struct chain *c)
{
	return cause_find(t, c->name, c->nr)->label;
}

static void test_rows(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < cause_rows_nr; i++) {
		const struct cause_row *row = &cause_rows[i];

		assert_non_null(row->label);
		assert_int_equal(
			strspn(row->label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"),
			strlen(row->label));
		for (k = 0; k < i; k++)
			assert_string_not_equal(row->label, cause_rows[k].label);
		assert_ptr_equal(cause_by_label(row->label), row);
		/* A line of a report, with the label before it, has 72. */
		assert_in_range(strlen(row->help), 10, 72);
		assert_int_not_equal(row->help[strlen(row->help) - 1], '.');
	}
	assert_string_equal(cause_rows[cause_rows_nr - 1].label, "OTHER");
	assert_null(cause_by_label("NONE"));
	assert_string_equal(cause_preempted()->label, "PREEMPT");
	assert_int_equal(cause_preempted()->class, CAUSE_PREEMPTED);
	assert_string_equal(cause_model()->label, "MODEL");
	assert_int_equal(cause_model()->class, CAUSE_MODEL);
	/* These never count as named. */
	for (i = 0; i < cause_rows_nr; i++) {
		static const char *const unnamed[] = { "PREEMPT", "MODEL",
						       "IO_SCHED_OTHER", "OTHER" };
		bool want = false;

		for (k = 0; k < sizeof(unnamed) / sizeof(unnamed[0]); k++)
			want |= !strcmp(cause_rows[i].label, unnamed[k]);
		assert_int_equal(cause_rows[i].unnamed, want);
	}
}

/*
 * A chain that chain number t_first of p describes: in every term its first name,
 * in term number `term` its name number `name`; with or without the frames that may
 * be missing; with strangers wherever << allows them, or none.
 */
static void make_chain(const struct cause_pattern *p, size_t first, size_t term,
		       uint16_t name, bool with_optional, bool with_strangers,
		       struct chain *c)
{
	size_t t;

	chain_set(c, "");
	for (t = first; t < p->term_nr && (t == first || !p->term[t].starts); t++) {
		const struct cause_term *at = &p->term[t];
		const struct cause_name *n = &p->name[at->first + (t == term ? name : 0)];

		if (at->end || (at->optional && !with_optional && t != term))
			continue;
		if (at->below && with_strangers) {
			chain_add(c, "", "stranger", 8, "");
			c->name[c->nr++] = NULL;
		}
		chain_add(c, n->any_start ? "synthetic_" : "", n->text, n->bytes,
			  n->any_end ? "_synthetic" : "");
	}
}

/*
 * Each name of each pattern can bring its row about: no row, and no part of one, is
 * hidden by a row before it, or can't match.
 */
static void test_no_row_is_hidden(void **state)
{
	struct cause_table *table = open_table(state);
	size_t i, t, first, hidden = 0;
	struct chain c;

	for (i = 0; i < cause_rows_nr; i++) {
		const struct cause_row *row = &cause_rows[i];
		struct cause_pattern p;

		if (!row->pattern)
			continue;
		assert_int_equal(cause_pattern_parse(&p, row->pattern), 0);
		for (t = 0, first = 0; t < p.term_nr; t++) {
			uint16_t name;

			if (p.term[t].starts)
				first = t;
			for (name = 0; name < p.term[t].nr; name++) {
				unsigned int how;
				bool found = false;

				for (how = 0; how < 4; how++) {
					make_chain(&p, first, t, name, how & 1, how & 2,
						   &c);
					assert_true(
						cause_pattern_match(&p, c.name, c.nr));
					found |= !strcmp(find(table, &c), row->label);
				}
				if (!found) {
					print_error("%s: '%.40s' is always %s\n",
						    row->label,
						    p.name[p.term[t].first + name].text,
						    find(table, &c));
					hidden++;
				}
			}
		}
		cause_pattern_free(&p);
	}
	assert_int_equal(hidden, 0);
}

/* What kernel developers would call a test of precedence. */
static void test_order(void **state)
{
	static const struct {
		const char *names, *label;
	} want[] = {
		/* ext4's buffered fallback takes the lock, and drains. */
		{ "schedule inode_dio_wait ext4_buffered_write_iter aio_write",
		  "BUFFERED_FALLBACK" },
		{ "schedule inode_dio_wait ext4_dio_write_checks aio_write",
		  "DIO_DRAIN" },
		{ "schedule __inode_dio_wait ext4_file_write_iter aio_write",
		  "DIO_DRAIN" },
		/* btrfs waits for its own pages; or for those of another, before. */
		{ "io_schedule folio_wait_writeback __filemap_fdatawait_range "
		  "btrfs_direct_write aio_write",
		  "BUFFERED_FALLBACK" },
		{ "io_schedule folio_wait_writeback __filemap_fdatawait_range "
		  "filemap_write_and_wait_range kiocb_invalidate_pages __iomap_dio_rw "
		  "btrfs_direct_write aio_write",
		  "PAGECACHE" },
		/* Own I/O means right below the function that waits for it. */
		{ "io_schedule_timeout __iomap_dio_rw iomap_dio_rw aio_write",
		  "FORCED_WAIT" },
		{ "io_schedule blk_mq_get_tag __blk_mq_alloc_requests blk_mq_submit_bio "
		  "iomap_dio_bio_iter __iomap_dio_rw aio_write",
		  "BLK_TAG" },
		{ "io_schedule strange_wait __iomap_dio_rw aio_write", "IO_SCHED_OTHER" },
		{ "io_schedule_timeout mempool_alloc_noprof bio_alloc_bioset "
		  "__iomap_dio_rw aio_write",
		  "MEM_RECLAIM" },
		/* Who holds a lock depends on which lock it is. */
		{ "schedule rwsem_down_write_slowpath down_write ext4_file_write_iter",
		  "I_RWSEM_W" },
		{ "schedule rwsem_down_write_slowpath down_write_killable "
		  "ext4_file_write_iter",
		  "I_RWSEM_W" },
		{ "schedule rwsem_down_read_slowpath down_read ext4_map_blocks "
		  "ext4_iomap_begin ext4_file_write_iter",
		  "EXT4_I_DATA_SEM" },
		{ "schedule rwsem_down_read_slowpath down_read xfs_ilock "
		  "xfs_ilock_iocb_for_write xfs_file_dio_write_aligned",
		  "I_RWSEM_R" },
		{ "schedule rwsem_down_read_slowpath down_read xfs_ilock "
		  "xfs_ilock_for_iomap xfs_direct_write_iomap_begin "
		  "xfs_file_dio_write_aligned",
		  "XFS_ILOCK" },
		{ "schedule rwsem_down_write_slowpath down_write strange_lock", "OTHER" },
		/* The journal: who waits for what. */
		{ "schedule wait_transaction_locked add_transaction_credits "
		  "start_this_handle jbd2__journal_start",
		  "JBD2_LOCKED" },
		{ "schedule add_transaction_credits start_this_handle jbd2__journal_start",
		  "JBD2_CREDITS" },
		{ "io_schedule jbd2_log_do_checkpoint __jbd2_log_wait_for_space "
		  "add_transaction_credits start_this_handle jbd2__journal_start",
		  "JBD2_CHECKPOINT" },
		{ "schedule jbd2_log_wait_commit __jbd2_log_wait_for_space "
		  "add_transaction_credits start_this_handle jbd2__journal_start",
		  "JBD2_CHECKPOINT" },
		/* Flushes: in the call, in its completion, or asked for. */
		{ "schedule jbd2_log_wait_commit ext4_sync_file iomap_dio_complete "
		  "iomap_dio_rw ext4_file_write_iter aio_write",
		  "SYNC_FLUSH_IN_SUBMIT" },
		{ "schedule jbd2_log_wait_commit ext4_sync_file vfs_fsync_range "
		  "iomap_dio_complete iomap_dio_complete_work process_one_work",
		  "SYNC_FLUSH_IN_WORK" },
		{ "schedule jbd2_log_wait_commit ext4_sync_file vfs_fsync_range io_fsync",
		  "SYNC_OP" },
		/* A fault of the program, or of a system call. */
		{ "io_schedule handle_mm_fault exc_page_fault asm_exc_page_fault",
		  "USER_FAULT" },
		{ "schedule handle_mm_fault exc_page_fault asm_exc_page_fault "
		  "fault_in_readable generic_perform_write aio_write",
		  "BUFFERED_FALLBACK" },
		{ "schedule handle_mm_fault faultin_page __get_user_pages "
		  "pin_user_pages_fast iov_iter_extract_pages bio_iov_iter_get_pages "
		  "__iomap_dio_rw aio_write",
		  "GUP_FAULT" },
		{ "schedule_timeout io_wq_worker ret_from_fork", "IOWQ_IDLE" },
		{ "schedule io_cqring_wait __arm64_sys_io_uring_enter", "WAIT_EVENTS" },
		/* A loop device's worker writes to a file, too. */
		{ "io_schedule_timeout __iomap_dio_rw ext4_file_write_iter lo_rw_aio "
		  "loop_process_work process_one_work worker_thread",
		  "LOOP" },
	};
	struct cause_table *table = open_table(state);
	struct chain c;
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		chain_set(&c, want[i].names);
		assert_string_equal(find(table, &c), want[i].label);
	}
}

/* Chains that say little or nothing. */
static void test_strange(void **state)
{
	struct cause_table *table = open_table(state);
	struct chain c;
	size_t i;

	assert_string_equal(cause_find(table, NULL, 0)->label, "OTHER");
	chain_set(&c, "? ? ?");
	assert_string_equal(find(table, &c), "OTHER");
	chain_set(&c, "__schedule schedule");
	assert_string_equal(find(table, &c), "OTHER");
	chain_set(&c, "__schedule schedule io_schedule ? ?");
	assert_string_equal(find(table, &c), "IO_SCHED_OTHER");
	/* As deep as perf goes, and cut off there. */
	chain_set(&c, "__schedule schedule inode_dio_wait.isra.0 xfs_file_write_checks");
	for (i = c.nr; i < FRAMES_MAX; i++)
		chain_add(&c, "", "deep", 4, "");
	assert_string_equal(find(table, &c), "DIO_DRAIN");
}

/* One file of tests/stacks. Lines: "# about it", "label LABEL", one name a frame. */
static const struct cause_row *read_fixture(const char *path, struct chain *c)
{
	const struct cause_row *row = NULL;
	unsigned int comments = 0;
	char line[256];
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	chain_set(c, "");
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			comments++;
		else if (!strncmp(line, "label ", 6))
			row = cause_by_label(line + 6);
		else
			chain_add(c, "", line, strlen(line), "");
	}
	fclose(f);
	if (comments < 4 || c->nr < 3)
		fail_msg("%s: incomplete", path);
	if (!row)
		fail_msg("%s: no such label", path);
	return row;
}

static int is_text(const struct dirent *d)
{
	size_t bytes = strlen(d->d_name);

	return bytes > 4 && !strcmp(d->d_name + bytes - 4, ".txt");
}

static void test_stacks(void **state)
{
	const char *top = getenv("srcdir");
	struct cause_table *table = open_table(state);
	struct dirent **list;
	char dir[4096];
	int nr, i, wrong = 0;

	snprintf(dir, sizeof(dir), "%s/tests/stacks", top && *top ? top : ".");
	nr = scandir(dir, &list, is_text, alphasort);
	if (nr < 40)
		fail_msg("%s: %d recorded chains", dir, nr);
	for (i = 0; i < nr; i++) {
		const struct cause_row *want, *got;
		char path[5000];
		struct chain c;
		size_t cut;

		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		want = read_fixture(path, &c);
		got = cause_find(table, c.name, c.nr);
		if (got != want) {
			print_error("%s: %s, not %s\n", path, got->label, want->label);
			wrong++;
		}
		/* A chain cut short may say less; it has an answer. */
		for (cut = 0; cut < c.nr; cut++)
			assert_non_null(cause_find(table, c.name, cut)->label);
		free(list[i]);
	}
	free(list);
	assert_int_equal(wrong, 0);
}

static int setup(void **state)
{
	const struct cause_row *bad = NULL;
	struct cause_table *table;
	int ret = cause_open(&table, &bad);

	if (ret) {
		print_error("%s: %s\n", bad ? bad->label : "table", strerror(-ret));
		return -1;
	}
	*state = table;
	return 0;
}

static int teardown(void **state)
{
	cause_close(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relations),
		cmocka_unit_test(test_missing_frames),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_outermost),
		cmocka_unit_test(test_not_patterns),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_row_is_hidden),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_strange),
		cmocka_unit_test(test_stacks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
