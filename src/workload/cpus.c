// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of processors. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "workload/workload.h"

/* A processor's number, and text behind it. 0 or -EINVAL. */
static int read_cpu(const char **text, unsigned long *cpu)
{
	char *end;

	if (**text < '0' || **text > '9')
		return -EINVAL;
	*cpu = strtoul(*text, &end, 10);
	*text = end;
	return *cpu < CPU_SETSIZE ? 0 : -EINVAL;
}

int workload_cpus(const char *text, cpu_set_t *set)
{
	unsigned long first, last;

	CPU_ZERO(set);
	for (;;) {
		if (read_cpu(&text, &first))
			return -EINVAL;
		last = first;
		if (*text == '-') {
			text++;
			if (read_cpu(&text, &last) || last < first)
				return -EINVAL;
		}
		for (; first <= last; first++)
			CPU_SET(first, set);
		if (!*text)
			return 0;
		if (*text++ != ',')
			return -EINVAL;
	}
}

char *workload_cpus_print(uint64_t mask, char *buf)
{
	unsigned int cpu;
	char *at = buf;

	*buf = '\0';
	for (cpu = 0; cpu < 64; cpu++)
		if (mask >> cpu & 1)
			at += sprintf(at, "%s%u", at == buf ? "" : ",", cpu);
	return buf;
}
