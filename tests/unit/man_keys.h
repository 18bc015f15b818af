/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks things up in the manual pages. */
#ifndef DIOWAIT_MAN_KEYS_H
#define DIOWAIT_MAN_KEYS_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The page man/NAME as one string, to be freed. NULL: not found. */
static inline char *man_read(const char *name)
{
	const char *top = getenv("srcdir");
	char path[4096], *text = NULL;
	size_t size = 0, got;
	FILE *in, *out;

	snprintf(path, sizeof(path), "%s/man/%s", top && *top ? top : ".", name);
	in = fopen(path, "r");
	if (!in)
		return NULL;
	out = open_memstream(&text, &size);
	while (out && (got = fread(path, 1, sizeof(path), in)) > 0)
		fwrite(path, 1, got, out);
	fclose(in);
	if (out)
		fclose(out);
	return text;
}

/* True when an item of a list is headed by key: ".It Va key", ".It Va a , key". */
static inline bool man_has_key(const char *man, const char *key)
{
	size_t len = strlen(key);
	const char *line = man;

	while ((line = strstr(line, "\n.It Va "))) {
		const char *at = line + 8, *end = at + strcspn(at, "\n");

		for (; at < end; at++)
			if (at[-1] == ' ' && !strncmp(at, key, len) &&
			    isspace((unsigned char)at[len]))
				return true;
		line = end;
	}
	return false;
}

#endif
