/*
 * Blocks that a thread was in the middle of resizing when it was stopped. The allocator may have moved what was in such
 * a block to an address that nobody outside knows yet, and what only the block holds must not be taken for lost.
 */
#ifndef CLI_SCAN_RESIZING_H
#define CLI_SCAN_RESIZING_H

#include "cli/scan/maps.h"
#include "cli/scan/memory.h"
#include "cli/scan/scan.h"
#include "cli/scan/stop.h"

/* Adds to the result's ranges: the blocks' old addresses, as if they were in a register; and for each word in the
 * thread's registers and innermost frames that may be a block's new address, as much memory there as the block had. */
void resizing_add_roots(const struct scan_request *request, const struct maps *maps, const struct stop *stop,
			const struct scan_memory *memory, struct scan_result *result);

#endif
