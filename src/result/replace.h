/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file takes the place of another of its name: at every moment there is a whole one. */
#ifndef DIOWAIT_REPLACE_H
#define DIOWAIT_REPLACE_H

#include <stdbool.h>
#include <stdio.h>

struct replace {
	FILE *out;    /* to be written to */
	char *target; /* where it goes, links followed */
	char *tmp;    /* beside the target; NULL: that is no file, and written itself */
};

/*
 * Where a file of that name really is or would be: links are followed, also to what is
 * not there, since renaming would replace the link. *regular is false for what can't
 * be renamed over, as /dev/null. 0 and *target, to be freed; or -errno.
 */
int replace_find(const char *path, char **target, bool *regular);

/*
 * Opens a temporary file beside the target, for the same owner and with the same mode
 * if there is one. 0, or -errno and nothing to be ended.
 */
int replace_begin(struct replace *r, const char *path);

/*
 * Syncs the file and gives it its name; with keep what was there becomes NAME.old. err,
 * not 0: gives up. Frees all of r. 0, err or -errno: then nothing that stood there is
 * lost, and the temporary file is gone.
 */
int replace_end(struct replace *r, int err, bool keep);

#endif
