/* Where the memory of a process is: heap, stacks, the rest; from /proc/PID/maps and pagemap, or smaps, which is slower,
 * and from task and status (proc(5)). */
#ifndef CLI_MONITOR_PLACES_H
#define CLI_MONITOR_PLACES_H

#include <stdbool.h>
#include <stdint.h>

struct process;

struct places {
	uint64_t rss_bytes, peak_rss_bytes;
	uint64_t heap_size_bytes, heap_rss_bytes;
	uint64_t stack_size_bytes, stack_rss_bytes;
	unsigned n_threads, n_unknown; /* threads; those whose stack was not found */
	double cpu_seconds;            /* user and system */
};

/* How large the smallest block is that tells the heap's mappings. */
#define PLACES_BLOCK_BYTES ((uint64_t)64 << 10)

/*
 * False if it cannot be read. A mapping is the heap's if it is named so, begins as an arena of glibc's (at a multiple
 * of 64 MiB), or has a live block in it of at least `least_bytes`.
 */
bool places_read(struct places *places, const struct process *process, uint64_t least_bytes);

#endif
