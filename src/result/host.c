// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine; its parts that concern the file system are in host_*.c. */
#include "result/host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "result/result.h"

#define CPU "/sys/devices/system/cpu"

/* FNV-1a: two kernels are told apart, nobody is kept from forging one. */
static bool hash_file(FILE *in, uint64_t *hash)
{
	unsigned char buf[16384];
	size_t got, i;
	bool good;

	*hash = 0xcbf29ce484222325ull;
	while ((got = fread(buf, 1, sizeof(buf), in)) > 0)
		for (i = 0; i < got; i++)
			*hash = (*hash ^ buf[i]) * 0x100000001b3ull;
	good = !ferror(in);
	fclose(in);
	return good;
}

static void put_config(struct host *h, const char *release)
{
	FILE *in = host_open("/proc/config.gz");
	char text[32];
	uint64_t hash;

	if (!in)
		in = host_open("/boot/config-%s", release);
	if (!in || !hash_file(in, &hash)) {
		host_put_null(h, "config_hash");
		return;
	}
	snprintf(text, sizeof(text), "fnv1a64:%016" PRIx64, hash);
	host_put_text(h, "config_hash", text);
}

/* One key per vulnerability, as the kernel words it. */
static void put_mitigations(struct host *h)
{
	char *names = host_list("", CPU "/vulnerabilities"), *name, *rest;
	char path[256];

	if (!names || !*names)
		host_put_null(h, "mitigations");
	else
		for (name = strtok_r(names, " ", &rest); name;
		     name = strtok_r(NULL, " ", &rest)) {
			snprintf(path, sizeof(path), "mitigations.%s", name);
			host_put_text_file(h, path, CPU "/vulnerabilities/%s", name);
		}
	free(names);
}

/* debugfs knows what PREEMPT_DYNAMIC chose, the version only what was built. */
static void put_preempt(struct host *h)
{
	static const char *const built[] = {
		"PREEMPT_RT",
		"PREEMPT_DYNAMIC",
		"PREEMPT_LAZY",
		"PREEMPT",
	};
	char text[256];
	size_t i;

	if (host_read(text, sizeof(text), "/sys/kernel/debug/sched/preempt") > 0) {
		host_pick_bracketed(text);
		host_put_text(h, "preempt", text);
		return;
	}
	if (host_read(text, sizeof(text), "/proc/sys/kernel/version") < 0) {
		host_put_null(h, "preempt");
		return;
	}
	for (i = 0; i < sizeof(built) / sizeof(built[0]); i++)
		if (strstr(text, built[i])) {
			host_put_text(h, "preempt", built[i]);
			return;
		}
	host_put_text(h, "preempt", "none or voluntary");
}

/* The coarse clock advances once a tick: its resolution is the tick. */
static void put_hz(struct host *h)
{
	struct timespec tick;

	if (host_has_root() || clock_getres(CLOCK_MONOTONIC_COARSE, &tick) ||
	    tick.tv_sec || tick.tv_nsec < 100000)
		host_put_null(h, "hz");
	else
		host_put_int(h, "hz", (1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
}

/* "KVMKVMKVM" and the like; empty when the processor does not tell. */
static void cpuid_hypervisor(char name[13])
{
	memset(name, 0, 13);
#if defined(__x86_64__) || defined(__i386__)
	if (!host_has_root()) {
		unsigned int eax, reg[3];

		__cpuid(0x40000000, eax, reg[0], reg[1], reg[2]);
		memcpy(name, reg, sizeof(reg));
	}
#endif
}

/* The value after "key\t: " in the first processor's part of cpuinfo. */
static bool cpuinfo_value(const char *cpuinfo, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);
	const char *line;

	for (line = cpuinfo; line; line = strchr(line, '\n')) {
		const char *at = line + (*line == '\n');

		line = at;
		if (strncmp(at, key, len))
			continue;
		at += len + strspn(at + len, " \t");
		if (*at != ':')
			continue;
		at++;
		at += strspn(at, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
		return true;
	}
	return false;
}

/* Whole words only: "hypervisor" is not in "hypervisor_x". */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while ((at = strstr(at, word))) {
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
		at += len;
	}
	return false;
}

/*
 * Who runs us. A guest without firmware tables still has the signature, and
 * Xen names itself elsewhere.
 */
static void put_hypervisor(struct host *h, const char *cpuinfo)
{
	char flags[8192], vendor[128], product[128], text[512], id[13];

	if (host_read(text, sizeof(text), "/sys/hypervisor/type") > 0) {
		host_put_text(h, "hypervisor", text);
		return;
	}
	if (!cpuinfo_value(cpuinfo, "flags", flags, sizeof(flags))) {
		/* Only x86 has a flag that says so; elsewhere nobody knows. */
		host_put_null(h, "hypervisor");
		return;
	}
	if (!has_word(flags, "hypervisor")) {
		host_put_text(h, "hypervisor", "none");
		return;
	}
	if (host_read(vendor, sizeof(vendor), "/sys/class/dmi/id/sys_vendor") < 0)
		vendor[0] = '\0';
	if (host_read(product, sizeof(product), "/sys/class/dmi/id/product_name") < 0)
		product[0] = '\0';
	cpuid_hypervisor(id);
	snprintf(text, sizeof(text), "%s%s%s%s%s", id, *id && *vendor ? " " : "", vendor,
		 *product && (*vendor || *id) ? " " : "", product);
	host_put_text(h, "hypervisor", *text ? text : "unknown");
}

static void put_cpu(struct host *h, const char *cpuinfo)
{
	static const char *const key[] = { "model name", "cpu model", "Processor",
					   "CPU part" };
	char text[512];
	long online;
	size_t i;

	for (i = 0; i < sizeof(key) / sizeof(key[0]); i++)
		if (cpuinfo_value(cpuinfo, key[i], text, sizeof(text)))
			break;
	host_put_text(h, "cpu", i < sizeof(key) / sizeof(key[0]) ? text : NULL);

	if (host_read(text, sizeof(text), CPU "/online") > 0) {
		host_put_int(h, "cpus", host_list_count(text));
	} else {
		online = host_has_root() ? -1 : sysconf(_SC_NPROCESSORS_ONLN);
		if (online > 0)
			host_put_int(h, "cpus", online);
		else
			host_put_null(h, "cpus");
	}
	host_put_bool_file(h, "smt", CPU "/smt/active");
}

/* All policies, as "performance" or "performance powersave" where they differ. */
static void put_governor(struct host *h)
{
	char *names = host_list("policy", CPU "/cpufreq"), *name, *rest;
	char all[256] = "", one[64];
	size_t len = 0;

	for (name = names ? strtok_r(names, " ", &rest) : NULL; name;
	     name = strtok_r(NULL, " ", &rest)) {
		if (host_read(one, sizeof(one), CPU "/cpufreq/%s/scaling_governor",
			      name) <= 0 ||
		    has_word(all, one))
			continue;
		if (len + strlen(one) + 2 > sizeof(all))
			break;
		len += (size_t)sprintf(all + len, "%s%s", len ? " " : "", one);
	}
	free(names);
	host_put_text(h, "governor", *all ? all : NULL);
}

/* Two drivers, two switches, and one of them is the other way round. */
static void put_turbo(struct host *h)
{
	int64_t value;

	if (!host_read_number(&value, CPU "/intel_pstate/no_turbo"))
		host_put_bool(h, "turbo", !value);
	else
		host_put_bool_file(h, "turbo", CPU "/cpufreq/boost");
}

/* "intel_idle: POLL C1 C6(off)" of the first processor. */
static void put_idle_states(struct host *h)
{
	char *names = host_list("state", CPU "/cpu0/cpuidle"), *name, *rest;
	char all[512], one[64];
	int64_t off;
	size_t len;

	if (host_read(one, sizeof(one), CPU "/cpuidle/current_driver") < 0 || !names ||
	    !*names) {
		host_put_null(h, "idle_states");
		free(names);
		return;
	}
	len = (size_t)snprintf(all, sizeof(all), "%s:", one);
	for (name = strtok_r(names, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		if (host_read(one, sizeof(one), CPU "/cpu0/cpuidle/%s/name", name) < 0)
			continue;
		if (host_read_number(&off, CPU "/cpu0/cpuidle/%s/disable", name))
			off = 0;
		if (len + strlen(one) + 8 > sizeof(all))
			break;
		len += (size_t)sprintf(all + len, " %s%s", one, off ? "(off)" : "");
	}
	free(names);
	host_put_text(h, "idle_states", all);
}

static void put_memory(struct host *h)
{
	char text[256];

	if (host_read(text, sizeof(text), "/sys/devices/system/node/online") > 0)
		host_put_int(h, "numa", host_list_count(text));
	else
		host_put_null(h, "numa");
	if (host_read(text, sizeof(text), "/sys/kernel/mm/transparent_hugepage/enabled") >
	    0) {
		host_pick_bracketed(text);
		host_put_text(h, "thp", text);
	} else {
		host_put_null(h, "thp");
	}
}

/* In the order of the document: facts keep the order in which they come. */
static void put_machine(struct host *h)
{
	char release[256], *cpuinfo;

	if (host_read(release, sizeof(release), "/proc/sys/kernel/osrelease") < 0)
		release[0] = '\0';
	host_put_text(h, "kernel", *release ? release : NULL);
	put_config(h, release);
	host_put_text_file(h, "cmdline", "/proc/cmdline");
	host_put_text_file(h, "boot_id", "/proc/sys/kernel/random/boot_id");
	put_mitigations(h);
	put_preempt(h);
	put_hz(h);
	host_put_text_file(h, "clocksource",
			   "/sys/devices/system/clocksource/"
			   "clocksource0/current_clocksource");
	/* The first processor speaks for all; its part fits easily. */
	cpuinfo = malloc(16384);
	if (!cpuinfo) {
		h->err = -ENOMEM;
		return;
	}
	if (host_read(cpuinfo, 16384, "/proc/cpuinfo") < 0)
		cpuinfo[0] = '\0';
	put_hypervisor(h, cpuinfo);
	put_cpu(h, cpuinfo);
	free(cpuinfo);
	put_governor(h);
	put_turbo(h);
	put_idle_states(h);
	put_memory(h);
	host_cgroup(h);
	host_put_text_file(h, "irq_affinity", "/proc/irq/default_smp_affinity");
}

int host_collect(struct facts *host, const char *dir)
{
	struct host h = { .facts = host };
	struct host_mount mount = { 0 };
	struct host_device device;
	bool has_mount, has_device;
	int fd = -1;

	put_machine(&h);
	if (dir)
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	has_mount = fd >= 0 && !host_mount_find(fd, &mount);
	has_device = has_mount && !host_device_find(&mount, &device);
	host_loop(&h, has_device ? &device : NULL);
	host_block(&h, has_device ? &device : NULL);
	host_filesystem(&h, fd, has_mount ? &mount : NULL, has_device ? &device : NULL);
	host_mount_clear(&mount);
	if (fd >= 0)
		close(fd);
	return h.err;
}
