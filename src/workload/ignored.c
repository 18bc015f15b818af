// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors that a job lives with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workload/workload.h"

#define ERRNO_MAX 4095 /* of the kernel */

/* An error's name or number. Negative: neither. */
static int error_parse(const char *text, size_t len)
{
	const char *name;
	char *end;
	long nr;
	int i;

	for (i = 1; i <= ERRNO_MAX; i++) {
		name = strerrorname_np(i);
		if (name && strlen(name) == len && !strncmp(name, text, len))
			return i;
	}
	if (!len || *text < '0' || *text > '9')
		return -1;
	nr = strtol(text, &end, 10);
	return end == text + len && nr > 0 && nr <= ERRNO_MAX ? (int)nr : -1;
}

int workload_errors(const char *text, unsigned int list, int error)
{
	unsigned int at = 0;
	int found = 0, one;
	size_t len;

	for (;;) {
		len = strcspn(text, ",:");
		one = len ? error_parse(text, len) : 0;
		/* A list may be empty, a place in one may not. */
		if (one < 0 || (!len && text[len] == ':') || at >= 3)
			return -EINVAL;
		found |= at == list && one == error;
		text += len;
		if (!*text)
			return found;
		if (*text == ':' && (!text[1] || text[1] == ','))
			return -EINVAL;
		at += *text++ == ',';
	}
}

bool workload_ignores_error(const struct workload_job *job, bool is_read, int error)
{
	if (job->ignore_error && workload_errors(job->ignore_error, !is_read, error) == 1)
		return true;
	/* fio has one more: EILSEQ, which its verification ends with. */
	return error == EIO &&
	       job->continue_on_error &
		       (is_read ? WORKLOAD_CONTINUE_READ : WORKLOAD_CONTINUE_WRITE);
}
