// SPDX-License-Identifier: GPL-2.0-or-later
/* Host facts and noise, from a tree of files made here and from this machine. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "man_keys.h"
#include "missing.h"
#include "result/host.h"
#include "result/result.h"

#define CPU "/sys/devices/system/cpu"
#define LOOP "/sys/dev/block/7:3"

/* ---- the tree ---- */

static char root[PATH_MAX];

static void put(const char *path, const char *text)
{
	char full[2 * PATH_MAX], *at;
	FILE *out;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (at = full + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(full, 0755) && errno != EEXIST)
			fail_msg("%s: %s", full, strerror(errno));
		*at = '/';
	}
	out = fopen(full, "w");
	if (!out)
		fail_msg("%s: %s", full, strerror(errno));
	fputs(text, out);
	fclose(out);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int root_setup(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(root, sizeof(root), "%s/test_host.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(root))
		return -1;
	host_set_root(root);
	return 0;
}

static int root_teardown(void **state)
{
	(void)state;
	host_set_root(NULL);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put_machine(void)
{
	put("/proc/sys/kernel/osrelease", "6.18.0-test\n");
	put("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Mon\n");
	put("/proc/sys/kernel/random/boot_id", "1234-5678\n");
	put("/proc/cmdline", "root=/dev/sda1 quiet\n");
	put("/boot/config-6.18.0-test", "a");
	put("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Fast CPU\n"
			     "flags\t\t: fpu hypervisor tsc\n\nprocessor\t: 1\n"
			     "model name\t: Other CPU\n");
	put("/proc/irq/default_smp_affinity", "ff\n");
	put(CPU "/online", "0-2,5\n");
	put(CPU "/smt/active", "1\n");
	put(CPU "/vulnerabilities/meltdown", "Not affected\n");
	put(CPU "/vulnerabilities/spectre_v2", "Mitigation: Retpolines\n");
	put(CPU "/cpufreq/policy0/scaling_governor", "powersave\n");
	put(CPU "/cpufreq/policy1/scaling_governor", "performance\n");
	put(CPU "/cpufreq/policy2/scaling_governor", "powersave\n");
	put(CPU "/cpufreq/policy0/scaling_cur_freq", "1200000\n");
	put(CPU "/cpufreq/policy1/scaling_cur_freq", "3400000\n");
	put(CPU "/intel_pstate/no_turbo", "1\n");
	put(CPU "/cpuidle/current_driver", "intel_idle\n");
	put(CPU "/cpu0/cpuidle/state0/name", "POLL\n");
	put(CPU "/cpu0/cpuidle/state0/disable", "0\n");
	put(CPU "/cpu0/cpuidle/state10/name", "C10\n");
	put(CPU "/cpu0/cpuidle/state2/name", "C6\n");
	put(CPU "/cpu0/cpuidle/state2/disable", "1\n");
	put("/sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	put("/sys/devices/system/node/online", "0-1\n");
	put("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	put("/sys/class/dmi/id/sys_vendor", "QEMU\n");
	put("/sys/class/dmi/id/product_name", "Standard PC\n");
	put("/proc/self/cgroup", "0::/a/b\n");
	put("/sys/fs/cgroup/cgroup.controllers", "cpu io memory\n");
	put("/sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
	put("/sys/fs/cgroup/a/b/memory.max", "max\n");
	put("/sys/fs/cgroup/a/memory.max", "1073741824\n");
	put("/sys/fs/cgroup/a/b/io.max", "7:3 rbps=max wbps=1048576\n8:0 wbps=2097152\n");
}

static void put_loop(void)
{
	put(LOOP "/uevent", "MAJOR=7\nMINOR=3\nDEVNAME=loop3\nDEVTYPE=disk\n");
	put(LOOP "/loop/backing_file", "/no/such/file\n");
	put(LOOP "/loop/dio", "1\n");
	put(LOOP "/loop/offset", "4096\n");
	put(LOOP "/queue/scheduler", "none [mq-deadline] kyber\n");
	put(LOOP "/queue/wbt_lat_usec", "2000\n");
	put(LOOP "/queue/write_cache", "write back\n");
	put(LOOP "/queue/fua", "1\n");
	put(LOOP "/queue/nr_requests", "128\n");
	put(LOOP "/queue/discard_max_bytes", "4294966784\n");
	put(LOOP "/queue/logical_block_size", "512\n");
	put(LOOP "/queue/physical_block_size", "4096\n");
	put(LOOP "/queue/max_sectors_kb", "1280\n");
	put(LOOP "/queue/rotational", "0\n");
	put(LOOP "/queue/atomic_write_unit_max_bytes", "16384\n");
}

/* The mount of fd, as the running kernel numbers it, on the device 7:3. */
static void put_mountinfo(int fd, const char *type)
{
	struct statx sx;
	char text[512];

	assert_int_equal(
		statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &sx), 0);
	if (!(sx.stx_mask & STATX_MNT_ID))
		missing("statx() tells no mount here");
	snprintf(text, sizeof(text),
		 "1 0 0:1 / / rw - rootfs rootfs rw\n"
		 "%" PRIu64 " 1 7:3 / /mnt rw,noatime shared:1 - %s /dev/loop3 "
		 "rw,data=ordered\n",
		 (uint64_t)sx.stx_mnt_id, type);
	put("/proc/self/mountinfo", text);
}

/* ---- checks ---- */

static void check_text(const struct facts *f, const char *path, const char *want)
{
	const struct fact *fact = facts_get(f, path);

	if (!fact)
		fail_msg("no fact %s", path);
	if (fact->type != FACT_TEXT)
		fail_msg("%s is no text", path);
	assert_string_equal(fact->text, want);
}

static void check_int(const struct facts *f, const char *path, int64_t want)
{
	const struct fact *fact = facts_get(f, path);

	if (!fact || fact->type != FACT_INT)
		fail_msg("no number %s", path);
	assert_int_equal(fact->number, want);
}

static void check_bool(const struct facts *f, const char *path, bool want)
{
	const struct fact *fact = facts_get(f, path);

	if (!fact || fact->type != FACT_BOOL)
		fail_msg("no boolean %s", path);
	assert_int_equal(fact->yes, want);
}

static void check_null(const struct facts *f, const char *path)
{
	const struct fact *fact = facts_get(f, path);

	if (!fact || fact->type != FACT_NULL)
		fail_msg("%s is not null", path);
}

/* The keys of design 7, in its order. */
static const char *const top_key[] = {
	"kernel",  "config_hash", "cmdline",	   "boot_id",	   "mitigations",
	"preempt", "hz",	  "clocksource",   "hypervisor",   "cpu",
	"cpus",	   "smt",	  "governor",	   "turbo",	   "idle_states",
	"numa",	   "thp",	  "cgroup_limits", "irq_affinity", "loop",
	"block",   "filesystem",
};

static void check_top_keys(const struct facts *f)
{
	size_t i, next = 0, nr = sizeof(top_key) / sizeof(top_key[0]);
	const char *last = "";

	for (i = 0; i < f->nr; i++) {
		size_t len = strcspn(f->fact[i].path, ".");

		if (strlen(last) == len && !strncmp(f->fact[i].path, last, len))
			continue;
		assert_true(next < nr);
		if (strlen(top_key[next]) != len ||
		    strncmp(f->fact[i].path, top_key[next], len))
			fail_msg("%s, not %s", f->fact[i].path, top_key[next]);
		last = top_key[next++];
	}
	assert_int_equal(next, nr);
}

static void check_documented(const char *man, const struct facts *f)
{
	char path[256], *key, *rest;
	size_t i;

	for (i = 0; i < f->nr; i++) {
		snprintf(path, sizeof(path), "%s", f->fact[i].path);
		for (key = strtok_r(path, ".", &rest); key;
		     key = strtok_r(NULL, ".", &rest)) {
			if (!man_has_key(man, key))
				fail_msg("'%s' of %s is not in "
					 "diowait-result.5",
					 key, f->fact[i].path);
			/* Its keys are names of files of the kernel. */
			if (!strcmp(key, "mitigations"))
				break;
		}
	}
}

/* ---- tests ---- */

static void test_machine(void **state)
{
	struct facts f = { 0 };

	(void)state;
	put_machine();
	assert_int_equal(host_collect(&f, NULL), 0);
	check_top_keys(&f);
	check_text(&f, "kernel", "6.18.0-test");
	/* FNV-1a of "a", as published. */
	check_text(&f, "config_hash", "fnv1a64:af63dc4c8601ec8c");
	check_text(&f, "cmdline", "root=/dev/sda1 quiet");
	check_text(&f, "boot_id", "1234-5678");
	check_text(&f, "mitigations.meltdown", "Not affected");
	check_text(&f, "mitigations.spectre_v2", "Mitigation: Retpolines");
	check_text(&f, "preempt", "PREEMPT_DYNAMIC");
	check_null(&f, "hz");
	check_text(&f, "clocksource", "tsc");
	check_text(&f, "hypervisor", "QEMU Standard PC");
	check_text(&f, "cpu", "Fast CPU");
	check_int(&f, "cpus", 4);
	check_bool(&f, "smt", true);
	check_text(&f, "governor", "powersave performance");
	check_bool(&f, "turbo", false);
	check_text(&f, "idle_states", "intel_idle: POLL C6(off) C10");
	check_int(&f, "numa", 2);
	check_text(&f, "thp", "madvise");
	check_text(&f, "cgroup_limits.cpu_max", "50000 100000");
	check_text(&f, "cgroup_limits.memory_max", "1073741824");
	check_text(&f, "cgroup_limits.io_max",
		   "7:3 rbps=max wbps=1048576;8:0 wbps=2097152");
	check_text(&f, "irq_affinity", "ff");
	check_null(&f, "loop");
	check_null(&f, "block");
	check_null(&f, "filesystem");
	facts_clear(&f);

	put("/sys/kernel/debug/sched/preempt", "none voluntary (full) lazy\n");
	put("/sys/hypervisor/type", "xen\n");
	put("/proc/config.gz", "b");
	assert_int_equal(host_collect(&f, NULL), 0);
	check_text(&f, "preempt", "full");
	check_text(&f, "hypervisor", "xen");
	check_text(&f, "config_hash", "fnv1a64:af63df4c8601f1a5");
	facts_clear(&f);
}

static void test_cgroup_v1(void **state)
{
	struct facts f = { 0 };
	struct host h = { .facts = &f };

	(void)state;
	put("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/outer/x\n"
				 "3:blkio:/\n0::/\n");
	put("/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
	/* The group's path is seen from outside of this container. */
	put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put("/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device", "7:3 1048576\n");
	host_cgroup(&h);
	assert_int_equal(h.err, 0);
	check_text(&f, "cgroup_limits.cpu_max", "max");
	check_text(&f, "cgroup_limits.memory_max", "max");
	check_text(&f, "cgroup_limits.io_max", "7:3 1048576");
	facts_clear(&f);
}

/* Nothing can be read: every key is there, as null. */
static void test_nothing(void **state)
{
	struct facts f = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(host_collect(&f, "/"), 0);
	check_top_keys(&f);
	for (i = 0; i < f.nr; i++)
		check_null(&f, f.fact[i].path);
	facts_clear(&f);
}

static void test_block(void **state)
{
	struct facts f = { 0 };
	char *man = man_read("diowait-result.5");
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_non_null(man);
	put_machine();
	put_loop();
	put_mountinfo(fd, "ext4");
	put("/proc/fs/ext4/loop3/options", "rw\ndata=ordered\n");
	close(fd);
	assert_int_equal(host_collect(&f, "/"), 0);
	check_top_keys(&f);
	check_bool(&f, "loop.dio", true);
	check_int(&f, "loop.offset", 4096);
	check_text(&f, "loop.backing_file", "/no/such/file");
	check_null(&f, "loop.backing_fs");
	check_null(&f, "loop.backing_extents");
	check_text(&f, "block.name", "loop3");
	check_text(&f, "block.scheduler", "mq-deadline");
	check_int(&f, "block.wbt", 2000);
	check_text(&f, "block.write_cache", "write back");
	check_bool(&f, "block.fua", true);
	check_int(&f, "block.nr_requests", 128);
	check_int(&f, "block.discard", 4294966784);
	check_int(&f, "block.limits.logical_block_size", 512);
	check_int(&f, "block.limits.atomic_write_unit_max_bytes", 16384);
	check_null(&f, "block.limits.atomic_write_max_bytes");
	check_bool(&f, "block.limits.rotational", false);
	check_text(&f, "filesystem.type", "ext4");
	check_text(&f, "filesystem.source", "/dev/loop3");
	check_text(&f, "filesystem.mount_point", "/mnt");
	check_text(&f, "filesystem.mount_options", "rw,noatime,data=ordered");
	check_bool(&f, "filesystem.journal", true);
	check_text(&f, "filesystem.options_in_force", "rw,data=ordered");
	check_null(&f, "filesystem.mkfs_features");
	check_documented(man, &f);
	facts_clear(&f);
	free(man);
}

/* A partition has no queue of its own. */
static void test_partition(void **state)
{
	struct host_device d = {
		.major = 8, .minor = 1, .name = "sda1", .is_partition = true
	};
	struct facts f = { 0 };
	struct host h = { .facts = &f };
	char link[2 * PATH_MAX];

	(void)state;
	put("/sys/devices/sda/queue/scheduler", "[none]\n");
	put("/sys/devices/sda/device/model", "Some Disk  \n");
	put("/sys/devices/sda/sda1/partition", "1\n");
	put("/sys/devices/sda/sda1/uevent", "DEVNAME=sda1\n");
	put("/sys/dev/block/x", "");
	snprintf(link, sizeof(link), "%s/sys/dev/block/8:1", root);
	assert_int_equal(symlink("../../devices/sda/sda1", link), 0);
	host_block(&h, &d);
	host_loop(&h, &d);
	check_text(&f, "block.scheduler", "none");
	check_text(&f, "block.model", "Some Disk");
	check_null(&f, "loop");
	put("/sys/devices/sda/loop/backing_file", "/no/such/file\n");
	host_loop(&h, &d);
	check_text(&f, "loop.backing_file", "/no/such/file");
	assert_int_equal(h.err, 0);
	facts_clear(&f);
}

static void check_mount(const char *text, uint64_t id, unsigned int major,
			unsigned int minor, const char *point, const char *options)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	struct host_mount m = { 0 };
	int err = host_mount_parse(in, id, major, minor, &m);

	fclose(in);
	assert_int_equal(err, point ? 0 : -ENOENT);
	if (point) {
		assert_string_equal(m.mount_point, point);
		assert_string_equal(m.options, options);
	}
	host_mount_clear(&m);
}

static void test_mountinfo(void **state)
{
	static const char text[] =
		"20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		"not a mount\n"
		"21 20 0:30 / /my\\040dir\\134 rw - btrfs /dev/sdb rw,ssd\n"
		"22 20 8:1 /sub /over ro,noatime - ext4 /dev/sda1 "
		"rw,errors=continue,noatime\n"
		"23 20 0:31 / /empty rw - tmpfs  rw,size=4k\n"
		"24 20 0:32 / /short rw - tmpfs";

	(void)state;
	check_mount(text, 20, 0, 0, "/", "rw,relatime");
	check_mount(text, 21, 0, 0, "/my dir\\", "rw,ssd");
	/* By device: the mount that came last. */
	check_mount(text, 0, 8, 1, "/over", "ro,noatime,rw,errors=continue");
	check_mount(text, 23, 0, 0, "/empty", "rw,size=4k");
	check_mount(text, 24, 0, 0, NULL, NULL);
	check_mount(text, 99, 0, 0, NULL, NULL);
	check_mount(text, 0, 9, 9, NULL, NULL);
}

static void test_helpers(void **state)
{
	char text[64];

	(void)state;
	assert_int_equal(host_list_count("0"), 1);
	assert_int_equal(host_list_count("0-3,8,10-11"), 7);
	assert_int_equal(host_list_count(""), 0);
	assert_int_equal(host_list_count("x"), 0);
	strcpy(text, "none");
	host_pick_bracketed(text);
	assert_string_equal(text, "none");
	strcpy(text, "a [b");
	host_pick_bracketed(text);
	assert_string_equal(text, "a [b");
	/* Longer than the buffer: cut, and terminated. */
	put("/long", "0123456789");
	assert_int_equal(host_read(text, 5, "/long"), 4);
	assert_string_equal(text, "0123");
	assert_int_equal(host_read(text, 5, "/absent"), -ENOENT);
}

static void put_noise(unsigned int step)
{
	char text[256];

	snprintf(text, sizeof(text), "cpu  1 2 3 4 5 6 7 %u 0 0\ncpu0 1\n",
		 100 + 50 * step);
	put("/proc/stat", text);
	snprintf(text, sizeof(text),
		 "some avg10=0.00 avg60=0.00 avg300=0.00 "
		 "total=%u\nfull avg10=0.00 total=1\n",
		 1000 + 7 * step);
	put("/proc/pressure/cpu", text);
	snprintf(text, sizeof(text), "1 2 3 4 5 6 %u 8 9 10 11\n", 1000 + 100 * step);
	put(LOOP "/stat", text);
	snprintf(text, sizeof(text),
		 "x (1, #threads: 2)\n-----\n"
		 "se.nr_migrations : %u\nnr_switches : 5\n",
		 3 + step);
	put("/proc/self/task/1/sched", text);
	put("/proc/self/task/2/sched", text);
	snprintf(text, sizeof(text), "%u\n", 1200000 - 100000 * step);
	put(CPU "/cpufreq/policy0/scaling_cur_freq", text);
	put(CPU "/cpufreq/policy1/scaling_cur_freq", "3400000\n");
}

static void test_noise(void **state)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	struct timespec before, after, pause = { 0, 20000000 };
	long ticks = sysconf(_SC_CLK_TCK);
	char *man = man_read("diowait-result.5");
	struct host_noise *n;
	struct facts f = { 0 };

	(void)state;
	assert_non_null(man);
	put_loop();
	put_mountinfo(fd, "xfs");
	close(fd);
	put_noise(0);
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	n = host_noise_start("/");
	assert_non_null(n);
	put_noise(1);
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	assert_int_equal(host_noise_stop(n, 1200, &f), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(facts_get(&f, "window_ns")->number, pause.tv_nsec,
			(after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
				before.tv_nsec);
	check_int(&f, "steal_ns", 50 * (1000000000 / ticks));
	check_int(&f, "freq_khz.min", 1100000);
	check_int(&f, "freq_khz.max", 3400000);
	check_int(&f, "migrations", 2);
	check_int(&f, "psi.cpu_some_ns", 7000);
	check_null(&f, "psi.io_some_ns");
	check_null(&f, "psi.memory_some_ns");
	check_int(&f, "other_write_bytes", 100 * 512 - 1200);
	assert_int_equal(facts_get(&f, "ctxsw")->type, FACT_INT);
	check_documented(man, &f);
	facts_clear(&f);
	free(man);

	/* More ours than the device saw: some of it may still be on its way. */
	put_noise(0);
	n = host_noise_start("/");
	put_noise(1);
	assert_int_equal(host_noise_stop(n, 1 << 20, &f), 0);
	check_int(&f, "other_write_bytes", 0);
	facts_clear(&f);
}

static void test_noise_nothing(void **state)
{
	struct host_noise *n = host_noise_start(NULL);
	struct facts f = { 0 };

	(void)state;
	assert_non_null(n);
	assert_int_equal(host_noise_stop(n, 0, &f), 0);
	check_null(&f, "steal_ns");
	check_null(&f, "freq_khz");
	check_null(&f, "migrations");
	check_null(&f, "psi.cpu_some_ns");
	check_null(&f, "other_write_bytes");
	facts_clear(&f);
}

/* This machine, whatever it is: fast enough, and well-formed. */
static void test_real(void **state)
{
	struct facts f = { 0 };
	char *man = man_read("diowait-result.5");
	struct host_noise *n;

	(void)state;
	assert_non_null(man);
	host_set_root(NULL);
	assert_int_equal(host_collect(&f, "."), 0);
	check_top_keys(&f);
	assert_non_null(facts_get_text(&f, "kernel"));
	assert_non_null(facts_get_text(&f, "filesystem.type"));
	assert_true(facts_get(&f, "filesystem.free_bytes")->type == FACT_INT);
	check_documented(man, &f);
	facts_clear(&f);
	/* A directory that is not there: the machine alone. */
	assert_int_equal(host_collect(&f, "/no/such/dir"), 0);
	check_null(&f, "filesystem");
	facts_clear(&f);
	n = host_noise_start(".");
	assert_non_null(n);
	assert_int_equal(host_noise_stop(n, 0, &f), 0);
	check_documented(man, &f);
	facts_clear(&f);
	free(man);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, root_setup, root_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_ROOT(test_machine),	     IN_ROOT(test_cgroup_v1),
		IN_ROOT(test_nothing),	     IN_ROOT(test_block),
		IN_ROOT(test_partition),     cmocka_unit_test(test_mountinfo),
		IN_ROOT(test_helpers),	     IN_ROOT(test_noise),
		IN_ROOT(test_noise_nothing), cmocka_unit_test(test_real),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
