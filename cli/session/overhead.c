#include "cli/session/overhead.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t resident_bytes(void)
{
	unsigned long long size_pages = 0, resident_pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return 0;
	if (fscanf(file, "%llu %llu", &size_pages, &resident_pages) != 2)
		resident_pages = 0;
	fclose(file);
	return resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

struct report_overhead overhead_now(void)
{
	struct rusage usage = {0};

	getrusage(RUSAGE_SELF, &usage);
	return (struct report_overhead){
		.reporter_bytes = resident_bytes(),
		.reporter_cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
					(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
	};
}
