// SPDX-License-Identifier: GPL-2.0-or-later
#include "experiment/kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEVEL_WARNING 4
#define RECORD_BYTES 8192 /* the kernel's own bound of one */

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* "4,123,4567,-;text\n KEY=value\n...": the text, cut off there; NULL: not of interest. */
static char *record_text(char *record)
{
	char *text = strchr(record, ';'), *at;

	/* The facility is in the bits above. */
	if (!text || (strtoul(record, NULL, 10) & 7) > LEVEL_WARNING)
		return NULL;
	text++;
	text[strcspn(text, "\n")] = '\0';
	for (at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return text;
}

char **kmsg_read(int fd, size_t max, size_t *nr)
{
	char **line = calloc(max + 1, sizeof(*line)), *text;
	char record[RECORD_BYTES + 1];
	ssize_t bytes;

	*nr = 0;
	while (line && fd >= 0 && *nr < max) {
		bytes = read(fd, record, RECORD_BYTES);
		/* Some were overwritten before they were read: the next is there. */
		if (bytes < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (bytes <= 0)
			break;
		record[bytes] = '\0';
		text = record_text(record);
		if (!text)
			continue;
		line[*nr] = strdup(text);
		if (!line[*nr])
			break;
		++*nr;
	}
	return line;
}
