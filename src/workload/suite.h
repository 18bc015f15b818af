/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A suite: what a night runs. The lines are those of job files: sections, KEY=VALUE,
 * comments behind ; and #. A section is an entry, a line of the history; [global] holds
 * what the entries after it have unless they say otherwise. Keys: suite_keys().
 */
#ifndef DIOWAIT_SUITE_H
#define DIOWAIT_SUITE_H

#include <stddef.h>

#define SUITE_ENTRIES_MAX 64
#define SUITE_SET_MAX 32
#define SUITE_BYTES_MAX (1u << 20)

struct suite_entry {
	char *name;
	unsigned int line;	  /* of its section */
	char *workload;		  /* path; relative ones were to the suite's folder */
	char *filesystem;	  /* made for it; or NULL: */
	char *directory;	  /* there it runs */
	char *engine;		  /* NULL: the workload's */
	char *rounds;		  /* of a sitting; NULL: the workload's */
	char *sittings;		  /* of a night; NULL: 1 */
	char *set[SUITE_SET_MAX]; /* KEY=VALUE of all jobs */
	size_t set_nr;
};

struct suite {
	char *file;
	struct suite_entry *entry;
	size_t entry_nr;
};

/*
 * 0 and *out (suite_free()), or -errno and a line in err (err_size bytes) that names file,
 * line, key, and what would be right. Whether workloads and directories are there is not
 * looked at.
 */
int suite_read(const char *file, struct suite **out, char *err, size_t err_size);
void suite_free(struct suite *s);

/* The i-th key and what it is; NULL: no more. */
const char *suite_key(size_t i, const char **help);

#endif
