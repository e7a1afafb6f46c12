/* Limits found below a folder that stands for the root of the file system. */
#include "cli/monitor/limit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID 42

static char root[64];

static void make_root(void)
{
	strcpy(root, "/tmp/memwatch-limit-XXXXXX");
	cr_assert(mkdtemp(root));
}

static void remove_root(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(limit, .init = make_root, .fini = remove_root);

static void put(const char *path, const char *text)
{
	char full[512];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(full, 0700);
	}
	file = fopen(full, "w");
	cr_assert(file, "%s", full);
	fputs(text, file);
	fclose(file);
}

static void expect(uint64_t bytes, const char *source, enum limit_measure measure)
{
	struct limit limit = limit_find(root, PID);

	cr_expect_eq(limit.bytes, bytes, "%s: %llu", source, (unsigned long long)limit.bytes);
	cr_assert(limit.source);
	cr_expect_str_eq(limit.source, source);
	cr_expect_eq(limit.measure, measure);
}

#define V2_MOUNT "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
#define V1_MOUNTS                                                                                                      \
	"31 24 0:27 / /sys/fs/cgroup/cpu rw shared:5 - cgroup cgroup rw,cpu\n"                                         \
	"32 24 0:28 / /sys/fs/cgroup/memory rw shared:6 master:2 - cgroup cgroup rw,memory\n"

Test(limit, nothing_is_known_of_an_empty_system)
{
	struct limit limit = limit_find(root, PID);

	cr_expect_eq(limit.bytes, 0u);
	cr_expect_null(limit.source);
}

Test(limit, ram_is_the_last_resort)
{
	put("/proc/meminfo", "MemFree: 1 kB\nMemTotal:       16000 kB\n");
	put("/proc/42/limits", "Limit  Soft Limit Hard Limit Units\n"
			       "Max data size             unlimited            unlimited            bytes     \n"
			       "Max address space         unlimited            unlimited            bytes     \n");
	expect(16000 * 1024, "RAM", LIMIT_OF_RESIDENT);
}

Test(limit, resource_limits_are_the_soft_ones)
{
	put("/proc/meminfo", "MemTotal:       16000 kB\n");
	put("/proc/42/limits", "Max data size             9000000              unlimited            bytes     \n"
			       "Max stack size            8000                 unlimited            bytes     \n"
			       "Max address space         9500000              unlimited            bytes     \n");
	expect(9000000, "RLIMIT_DATA", LIMIT_OF_DATA);
	put("/proc/42/limits", "Max data size             9000000              unlimited            bytes     \n"
			       "Max address space         8500000              unlimited            bytes     \n");
	expect(8500000, "RLIMIT_AS", LIMIT_OF_ADDRESS_SPACE);
}

Test(limit, v2_is_walked_to_the_root)
{
	put("/proc/meminfo", "MemTotal:       16000000 kB\n");
	put("/proc/42/cgroup", "0::/system.slice/app.service/worker\n");
	put("/proc/self/mountinfo", "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n" V2_MOUNT);
	put("/sys/fs/cgroup/system.slice/app.service/worker/memory.max", "max\n");
	put("/sys/fs/cgroup/system.slice/app.service/worker/memory.high", "max\n");
	expect(UINT64_C(16000000) * 1024, "RAM", LIMIT_OF_RESIDENT);
	put("/sys/fs/cgroup/system.slice/memory.max", "3000000\n");
	expect(3000000, "cgroup v2 memory.max", LIMIT_OF_RESIDENT);
	put("/sys/fs/cgroup/system.slice/app.service/memory.high", "2000000\n");
	expect(2000000, "cgroup v2 memory.high", LIMIT_OF_RESIDENT);
	put("/sys/fs/cgroup/memory.max", "1000\n");
	expect(1000, "cgroup v2 memory.max", LIMIT_OF_RESIDENT);
}

Test(limit, v1_says_no_limit_by_a_large_number)
{
	put("/proc/meminfo", "MemTotal:       16000 kB\n");
	put("/proc/42/cgroup", "9:name=systemd:/x\n4:cpuset,memory:/docker/abc\n0::/\n");
	put("/proc/self/mountinfo", V1_MOUNTS);
	put("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
	put("/sys/fs/cgroup/cpu/docker/abc/memory.limit_in_bytes", "1\n");
	expect(16000 * 1024, "RAM", LIMIT_OF_RESIDENT);
	put("/sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "5000000\n");
	expect(5000000, "cgroup v1 memory.limit_in_bytes", LIMIT_OF_RESIDENT);
}

/* A container without a cgroup namespace sees its own group mounted, under a path that it has outside. */
Test(limit, a_part_of_the_hierarchy_may_be_mounted)
{
	put("/proc/42/cgroup", "0::/docker/abc/inner\n");
	put("/proc/self/mountinfo", "30 24 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	put("/sys/fs/cgroup/inner/memory.max", "700\n");
	expect(700, "cgroup v2 memory.max", LIMIT_OF_RESIDENT);
	put("/sys/fs/cgroup/memory.max", "600\n");
	put("/proc/42/cgroup", "0::/somewhere/else\n");
	expect(600, "cgroup v2 memory.max", LIMIT_OF_RESIDENT);
	put("/proc/42/cgroup", "0::/../outside\n");
	expect(600, "cgroup v2 memory.max", LIMIT_OF_RESIDENT);
}

Test(limit, names_with_blanks_are_read)
{
	put("/proc/42/cgroup", "0::/a b\n");
	put("/proc/self/mountinfo", "30 24 0:26 / /mnt/c\\040g rw - cgroup2 none rw\n");
	put("/mnt/c g/a b/memory.max", "800\n");
	expect(800, "cgroup v2 memory.max", LIMIT_OF_RESIDENT);
}

Test(limit, nonsense_is_ignored)
{
	put("/proc/meminfo", "MemTotal: much\nMemTotal:       16 kB\n");
	put("/proc/42/cgroup", "\n:\n::\n0:\n0::\n0::/x");
	put("/proc/self/mountinfo", " - \nx - cgroup2\n1 - cgroup2 a b\n" V2_MOUNT);
	put("/proc/42/limits", "Max address space -1\nMax data size\n");
	put("/sys/fs/cgroup/x/memory.max", "");
	put("/sys/fs/cgroup/x/memory.high", "-5\n");
	expect(16 * 1024, "RAM", LIMIT_OF_RESIDENT);
}

Test(limit, each_kind_has_its_measure)
{
	const struct limit_use use = {.rss = 500, .address_space = 9000, .data = 700};
	struct limit limit = {1000, "x", LIMIT_OF_LIVE};

	cr_expect_eq(limit_used(&limit, 600, &use), 600u);
	limit.measure = LIMIT_OF_RESIDENT;
	cr_expect_eq(limit_used(&limit, 600, &use), 600u, "not touched yet");
	cr_expect_eq(limit_used(&limit, 400, &use), 500u);
	limit.measure = LIMIT_OF_ADDRESS_SPACE;
	cr_expect_eq(limit_used(&limit, 600, &use), 9000u);
	limit.measure = LIMIT_OF_DATA;
	cr_expect_eq(limit_used(&limit, 600, &use), 700u);
}

Test(limit, use_of_this_process_and_of_none)
{
	struct limit_use use = limit_use_of(getpid());

	cr_expect_gt(use.rss, 100000u);
	cr_expect_gt(use.address_space, use.rss);
	cr_expect_gt(use.data, 0u);
	use = limit_use_of(-1);
	cr_expect_eq(use.rss, 0u);
}
