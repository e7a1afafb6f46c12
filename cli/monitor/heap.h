/* What the numbers that an allocator gives of itself (struct shm_heap) are in MemStats' terms. */
#ifndef CLI_MONITOR_HEAP_H
#define CLI_MONITOR_HEAP_H

#include "cli/analysis/memstats.h"
#include "common/shm.h"

/* Fills the members about the allocator. `heap` comes from another process: nothing of it is trusted. */
void heap_fill(const struct shm_heap *heap, struct memstats_input *to);

#endif
