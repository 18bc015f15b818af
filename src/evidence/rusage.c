// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/rusage.h"

#include <dirent.h>
#include <stdio.h>
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

bool rusage_has_workers(pid_t tid)
{
	char want[32], path[300], comm[32];
	bool found = false;
	struct dirent *de;
	DIR *dir;

	dir = opendir("/proc/self/task");
	if (!dir)
		return true; /* can't be ruled out */
	/* The kernel names its workers after the thread that made the ring. */
	snprintf(want, sizeof(want), "iou-wrk-%d\n", (int)tid);
	while (!found && (de = readdir(dir))) {
		FILE *f;

		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", de->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		/* comm is cut at 15 characters: "iou-wrk-4194304" just fits. */
		found = fgets(comm, sizeof(comm), f) && !strcmp(comm, want);
		fclose(f);
	}
	closedir(dir);
	return found;
}
