// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/rusage.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct load_switches rusage_switches(void)
{
	struct rusage ru;

	(void)getrusage(RUSAGE_THREAD, &ru);
	return (struct load_switches){
		.voluntary = (uint64_t)ru.ru_nvcsw,
		.involuntary = (uint64_t)ru.ru_nivcsw,
	};
}

/* The thread of this process that the kernel has named kind-tid; 0: none. -1: no list. */
static int rusage_thread(const char *kind, int tid)
{
	char want[32], path[300], comm[32];
	int found = 0;
	struct dirent *de;
	DIR *dir;

	dir = opendir("/proc/self/task");
	if (!dir)
		return -1;
	snprintf(want, sizeof(want), "%s-%d\n", kind, tid);
	while (!found && (de = readdir(dir))) {
		FILE *f;

		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", de->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		/* comm is cut at 15 characters: "iou-wrk-4194304" just fits. */
		if (fgets(comm, sizeof(comm), f) && !strcmp(comm, want))
			found = atoi(de->d_name);
		fclose(f);
	}
	closedir(dir);
	return found;
}

bool rusage_has_workers(pid_t tid)
{
	/* The kernel names its workers after the thread that submits to the ring. */
	int found = rusage_thread("iou-wrk", tid), submits;

	if (found)
		return true; /* or it can't be ruled out */
	/* With sqthread_poll that is a thread named after the one that made the ring. */
	submits = rusage_thread("iou-sqp", tid);
	return submits && rusage_thread("iou-wrk", submits);
}
