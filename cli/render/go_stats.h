/* Go's runtime.MemStats, by its names, of a process: for readers that know Go's. */
#ifndef CLI_RENDER_GO_STATS_H
#define CLI_RENDER_GO_STATS_H

#include "cli/analysis/report.h"

/*
 * The value of a field: of the report's memstats, where they have it; of its totals, for those that count allocations;
 * else negative: it is not known.
 */
double go_stat(const struct report_process *process, const char *name);

/* The names of the plain fields, in Go's order; ended by NULL. */
extern const char *const go_stat_names[];

#endif
