/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The end of a path says more than its start. */
#define ERROR_PATH_MAX 160

/* Prints "FILE:LINE: " or "ORIGIN: ", and returns its length. */
static size_t prefix_print(const struct workload_where *at, char *buf, size_t size)
{
	const char *dots = "";
	const char *file;
	size_t len;
	int n;

	if (!at)
		return 0;
	file = at->file;
	len = strlen(file);
	if (len > ERROR_PATH_MAX) {
		file += len - ERROR_PATH_MAX;
		dots = "...";
	}
	if (at->line)
		n = snprintf(buf, size, "%s%s:%d: ", dots, file, at->line);
	else
		n = snprintf(buf, size, "%s%s: ", dots, file);
	return (size_t)n;
}

/* One line, whatever the user wrote. */
static void clean(char *p)
{
	for (; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	}
}

int error_set(struct workload_error *err, const struct workload_where *at,
	      const char *fmt, ...)
{
	const size_t size = sizeof(err->text);
	va_list ap;
	size_t len;

	if (!err)
		return -EINVAL;
	len = prefix_print(at, err->text, size);
	va_start(ap, fmt);
	(void)vsnprintf(err->text + len, size - len, fmt, ap);
	va_end(ap);
	clean(err->text);
	return -EINVAL;
}

int error_set_value(struct workload_error *err, const struct workload_where *at,
		    const char *key, const char *value, const char *fmt, ...)
{
	char name[2 * ERROR_QUOTE_MAX + 2];
	char message[sizeof(err->text)];
	va_list ap;

	if (value)
		snprintf(name, sizeof(name), "%.*s=%.*s", ERROR_QUOTE_MAX, key,
			 ERROR_QUOTE_MAX, value);
	else
		snprintf(name, sizeof(name), "%.*s", ERROR_QUOTE_MAX, key);
	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	/* "-s bs=0: bs=0: ..." says it once too often. */
	if (!at->line && strstr(at->file, name))
		return error_set(err, at, "%s", message);
	return error_set(err, at, "%s: %s", name, message);
}

int error_set_nomem(struct workload_error *err)
{
	(void)error_set(err, NULL, "out of memory");
	return -ENOMEM;
}
