#include "cli/session/overhead.h"

#include "cli/monitor/limit.h"

#include <sys/resource.h>
#include <unistd.h>

struct report_overhead overhead_now(void)
{
	struct rusage usage = {0};

	getrusage(RUSAGE_SELF, &usage);
	return (struct report_overhead){
		.reporter_bytes = limit_use_of(getpid()).rss,
		.reporter_cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
					(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
	};
}
