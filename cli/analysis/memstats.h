/*
 * Go's runtime.MemStats in native terms: which field is made of what. Each says where it comes from and whether it is
 * an estimate; one that cannot be had is not there.
 */
#ifndef CLI_ANALYSIS_MEMSTATS_H
#define CLI_ANALYSIS_MEMSTATS_H

#include "cli/analysis/report.h"
#include "cli/model/process.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/* A figure of the allocator's, or made of several. */
struct memstats_value {
	const char *source; /* static; NULL = not known */
	bool estimated;
	uint64_t value;
};

/* What is known of a process beside its model. All zero: nothing. */
struct memstats_input {
	const char *allocator; /* "glibc", "jemalloc", … ; NULL = not known */
	const char *version;   /* of it; "" = not known */
	double heap_seconds;   /* the process's age when its allocator was asked … */
	uint64_t heap_held_ns; /* … and for how long that held it up */
	struct memstats_value heap_sys, heap_idle, heap_inuse, heap_released;
	struct memstats_value metadata, thread_caches, arenas, purges, trimmable, heap_sys_max;

	bool has_places; /* the next ones, from /proc/PID/smaps and the like */
	uint64_t rss_bytes, peak_rss_bytes;
	uint64_t heap_size_bytes, heap_rss_bytes; /* mappings that hold blocks */
	uint64_t stack_size_bytes, stack_rss_bytes;
	unsigned n_threads;
	bool stacks_estimated; /* not all threads' stacks were found */
	double cpu_seconds;    /* of the process, user and system; 0 = not known */

	uint64_t n_timed;       /* calls of the allocator whose time was taken; 0: the next ones are not known */
	double call_ns, own_ns; /* in all of them, estimated from those */
	double median_ns, p99_ns, most_ns; /* of those that were timed */

	uint64_t n_scans, n_forced_scans, pause_ns, last_pause_ns;
	int64_t last_scan_realtime_ns; /* 0 = none was made */
	uint64_t limit_bytes;
	const char *limit_source; /* NULL = none is known */
};

/* Fills out->memstats, from its totals and overhead as well. */
void memstats_build(const struct process *process, const struct memstats_input *input, struct store *store,
		    struct report_process *out);

#endif
