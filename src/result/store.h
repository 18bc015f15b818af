/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results of many nights: DIR/HOST/ENTRY/UTC-KERNEL.json, one result document a
 * sitting, as diowait nightly keeps them. ENTRY is what one line of the history is made
 * of: a workload in one place. Beside the results of an entry lies index.json with the
 * figures of all of them, so that a thousand nights are read at once; it is made anew
 * whenever it is missing or not of these files, and can be removed at any time.
 */
#ifndef DIOWAIT_STORE_H
#define DIOWAIT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "result/compare.h"

#define STORE_INDEX_SCHEMA "diowait-index-1"

/* The figures of one kind in one sitting: the median over its rounds, as compare's. */
struct store_row {
	char *variant; /* "iodepth 8"; "" without a sweep */
	char *job, *kind, *engine;
	double value[COMPARE_MEASURE_NR]; /* ns, 1/s, a share; NaN: none */
};

struct store_run {
	char *file; /* "20261126T013000Z-6.18.44.json" */
	struct timespec started;
	bool interrupted;
	char *kernel;
	/*
	 * The workload and the machine, of which all must be alike for two sittings to be
	 * compared: a text, "name=value" a line. What else changed is told, not forbidden.
	 */
	char *fingerprint;
	struct store_row *row;
	size_t row_nr;
};

struct store_entry {
	char *host, *name;
	char *path;	       /* of its folder */
	struct store_run *run; /* by time */
	size_t run_nr;
};

struct store {
	char *root;
	struct store_entry *entry; /* by host and name */
	size_t entry_nr;
	char **skipped; /* a line for each file that is no result, or folder not read */
	size_t skipped_nr;
};

/*
 * Reads all there is of a host and an entry (NULL: of all), from indexes where they fit,
 * and writes those that did not, where it may. 0 and *out (store_free()), or -errno and a
 * line in err. A folder without any is an empty store.
 */
int store_open(const char *root, const char *host, const char *entry, struct store **out,
	       char *err, size_t err_size);
void store_free(struct store *s);

/* A name made fit for a path: what is not [A-Za-z0-9._+@-] becomes '_', and so does a
 * leading dot; at most 100 bytes, "" becomes "_". To be freed; NULL: no memory. */
char *store_name(const char *name);

/* "20261126T013000Z-6.18.44.json" of a result; to be freed. NULL: no memory. */
char *store_file(const struct result *r);

/* The fingerprint of a result; to be freed. NULL: no memory. */
char *store_fingerprint(const struct result *r);

#endif
