/*
 * What is gathered of a running process for its MemStats, beside its model: what its allocator says of itself, where
 * its memory is, how long its calls of the allocator take.
 */
#ifndef CLI_MONITOR_GAUGE_H
#define CLI_MONITOR_GAUGE_H

#include "cli/analysis/memstats.h"
#include "cli/monitor/places.h"
#include "common/shm.h"

#include <stdbool.h>
#include <stdint.h>

struct capture;
struct process;

/* All zero at the start. */
struct gauge {
	bool has_heap, has_places;
	bool at_end; /* the last look was made while it waited at its end */
	struct shm_heap heap;
	struct places places;
	uint64_t asked_ns; /* CLOCK_MONOTONIC, when the allocator was last asked while the process ran */

	uint64_t most_blocks; /* that were live at once, of the moments looked at */

	bool has_times;
	struct shm_times times; /* all in all */
};

/* Looks at the calls that were timed since the last time, and has others timed: a few, each time at a random place. */
void gauge_time(struct gauge *gauge, struct capture *capture, const struct process *process);

/* Asks the allocator and the kernel. `wait_ms`: how long the process has for an answer; 0: it waits at its end and has
 * said it already. It is not asked more often than costs it a hundredth of its time. */
void gauge_look(struct gauge *gauge, struct capture *capture, const struct process *process, unsigned wait_ms);

/* The process has ended: takes what it had said of its allocator. */
void gauge_end(struct gauge *gauge, struct capture *capture, const struct process *process);

/* Fills the members that it knows of; *to is zeros before. */
void gauge_fill(const struct gauge *gauge, const struct process *process, struct memstats_input *to);

#endif
