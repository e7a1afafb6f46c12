/*
 * How much memory a process may have, and how much of that it has. What is compared with a limit is what the limit is
 * about: --limit with live bytes; that of a control group, and the machine's memory, with the larger of live and
 * resident bytes, since the kernel counts resident pages, and live bytes that are not resident yet may become so;
 * RLIMIT_AS and RLIMIT_DATA with what they count.
 */
#ifndef CLI_MONITOR_LIMIT_H
#define CLI_MONITOR_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum limit_measure {
	LIMIT_OF_LIVE,
	LIMIT_OF_RESIDENT,
	LIMIT_OF_ADDRESS_SPACE,
	LIMIT_OF_DATA,
};

struct limit {
	uint64_t bytes;     /* 0 = none is known */
	const char *source; /* static: "--limit", "cgroup v2 memory.max", "RLIMIT_AS", … ; NULL = none is known */
	enum limit_measure measure;
};

/*
 * The lowest of: memory.max and memory.high (cgroup v2) and memory.limit_in_bytes (v1) of the process's control group
 * and those above it, RLIMIT_AS, RLIMIT_DATA, MemTotal. `root` is put before each path: "", or a test's folder.
 * Formats: cgroups(7), proc_pid_mountinfo(5), proc_pid_limits(5), proc_meminfo(5).
 */
struct limit limit_find(const char *root, int pid);

/* In bytes; all 0 if it cannot be read, as of a process that has ended. From proc_pid_statm(5). */
struct limit_use {
	uint64_t rss, address_space, data;
};
struct limit_use limit_use_of(int pid);

/* What counts against `limit`. */
uint64_t limit_used(const struct limit *limit, uint64_t live_bytes, const struct limit_use *use);

#endif
