/* Figures that the kernel keeps of a process: proc_pid_stat(5) and beside it. */
#ifndef CLI_MONITOR_PROCSTAT_H
#define CLI_MONITOR_PROCSTAT_H

#include "cli/render/metrics.h"

#include <stdbool.h>
#include <stdint.h>

struct procstat {
	double cpu_seconds;   /* user and system, of all its threads */
	uint64_t start_ticks; /* since the system's start */
	uint64_t virtual_bytes, resident_bytes;
};

/* False if there is no such process, or it cannot be read. */
bool procstat_read(int pid, struct procstat *stat);

/* The same and its descriptors and limits, as metrics tell them. */
bool procstat_metrics(int pid, struct metrics_process *process);

#endif
