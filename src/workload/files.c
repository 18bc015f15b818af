// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of a job: their names, and how large each is. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload/workload.h"

int workload_filename_next(const char **list, char **name)
{
	const char *p = *list;
	char *out = malloc(strlen(p) + 1);
	size_t len = 0;

	if (!out)
		return -ENOMEM;
	for (; *p && *p != ':'; p++) {
		if (p[0] == '\\' && p[1] == ':')
			p++;
		out[len++] = *p;
	}
	out[len] = '\0';
	/* A colon at the very end announces one more name: an empty one. */
	if (!len || (p[0] == ':' && !p[1])) {
		free(out);
		return -EINVAL;
	}
	*list = *p ? p + 1 : p;
	*name = out;
	return 0;
}

int workload_format_filename(const char *format, const char *jobname, unsigned int jobnum,
			     unsigned int filenum, char **name)
{
	static const char *const word[] = { "$jobname", "$jobnum", "$filenum" };
	size_t bytes, i;
	FILE *out = open_memstream(name, &bytes);
	int ret = 0;

	if (!out)
		return -ENOMEM;
	while (*format && !ret) {
		size_t len = strcspn(format, "$");

		fwrite(format, 1, len, out);
		format += len;
		for (i = 0; i < 3 && strncmp(format, word[i], strlen(word[i])) != 0; i++)
			;
		if (i < 3) {
			format += strlen(word[i]);
			if (i)
				fprintf(out, "%u", i == 1 ? jobnum : filenum);
			else
				fputs(jobname, out);
		} else if (*format) {
			ret = -EINVAL;
		}
	}
	if (fclose(out))
		ret = -ENOMEM;
	if (!ret && !**name)
		ret = -EINVAL;
	if (ret) {
		free(*name);
		*name = NULL;
	}
	return ret;
}

unsigned int workload_file_nr(const struct workload_job *job)
{
	const char *list = job->filename;
	unsigned int nr = 0;
	char *name = NULL;

	if (!list)
		return job->nrfiles;
	for (; *list && !workload_filename_next(&list, &name); nr++) {
		free(name);
		name = NULL;
	}
	/* An empty name is said elsewhere. */
	return nr ? nr : 1;
}

uint64_t workload_file_bytes(const struct workload_job *job)
{
	return job->mix.nr ? job->size.bytes : job->size.bytes / workload_file_nr(job);
}
