// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * idle-event COMMAND [ARGUMENT]...
 *
 * Runs COMMAND with one kernel event open on every processor, inherited by all its
 * threads, that never fires there (iomap_dio_invalidate_fail). The control of
 * why-pairs.sh: what it costs that events are open at all, apart from what they tell.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EVENT "events/iomap/iomap_dio_invalidate_fail/id"

static long long event_id(void)
{
	static const char *const where[] = { "/sys/kernel/tracing/" EVENT,
					     "/sys/kernel/debug/tracing/" EVENT };
	long long id = -1;
	size_t i;

	for (i = 0; i < 2 && id < 0; i++) {
		FILE *f = fopen(where[i], "re");

		if (f && fscanf(f, "%lld", &id) != 1)
			id = -1;
		if (f)
			fclose(f);
	}
	return id;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.inherit = 1,
	};
	long long id = event_id();
	long cpu, nr = sysconf(_SC_NPROCESSORS_CONF);
	unsigned int open = 0;

	if (argc < 2) {
		fputs("usage: idle-event COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	if (id < 0) {
		fputs("idle-event: no tracefs, or no " EVENT "\n", stderr);
		return 2;
	}
	attr.config = (unsigned long long)id;
	/* Descriptors stay open over exec, and events over threads. */
	for (cpu = 0; cpu < nr; cpu++)
		open += syscall(SYS_perf_event_open, &attr, 0, (int)cpu, -1, 0) >= 0;
	if (!open) {
		perror("idle-event: perf_event_open");
		return 2;
	}
	(void)execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
