#include "cli/monitor/procstat.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

bool procstat_read(int pid, struct procstat *stat)
{
	uint64_t user, system, start, resident_pages;
	char path[48], text[1024];
	const char *end;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	/* fields 14, 15 and 22 to 24, behind the name, which may have any characters */
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1,
			   " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
			   " %*d %*d %*d %*d %*d %*d %" SCNu64 " %" SCNu64 " %" SCNu64,
			   &user, &system, &start, &stat->virtual_bytes, &resident_pages) != 5)
		return false;
	stat->cpu_seconds = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
	stat->start_ticks = start;
	stat->resident_bytes = resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return true;
}

/* When the system started, in seconds since 1970; the kernel's word, which stays the same. */
static double boot_seconds(void)
{
	FILE *file = fopen("/proc/stat", "re");
	uint64_t seconds = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "btime %" SCNu64, &seconds) == 1)
			break;
	if (file)
		fclose(file);
	return (double)seconds;
}

/* -1: it cannot be read. */
static double count_descriptors(int pid)
{
	char path[48];
	double n = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	if (!folder)
		return -1;
	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n;
}

/* The soft limit; what has none is infinite. */
static double limit_of(int pid, __rlimit_resource_t resource)
{
	struct rlimit limit;

	if (prlimit(pid, resource, NULL, &limit))
		return -1;
	return limit.rlim_cur == RLIM_INFINITY ? INFINITY : (double)limit.rlim_cur;
}

bool procstat_metrics(int pid, struct metrics_process *process)
{
	struct procstat stat;

	if (!procstat_read(pid, &stat))
		return false;
	*process = (struct metrics_process){
		.cpu_seconds = stat.cpu_seconds,
		.start_seconds = boot_seconds() + (double)stat.start_ticks / (double)sysconf(_SC_CLK_TCK),
		.virtual_bytes = stat.virtual_bytes,
		.resident_bytes = stat.resident_bytes,
		.open_fds = count_descriptors(pid),
		.max_fds = limit_of(pid, RLIMIT_NOFILE),
		.max_virtual_bytes = limit_of(pid, RLIMIT_AS),
	};
	return true;
}
