/* Who holds a block: the way from a named root through blocks named by where they were allocated. */
#ifndef CLI_ANALYSIS_HELD_H
#define CLI_ANALYSIS_HELD_H

#include "cli/analysis/names.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"
#include "cli/scan/scan.h"
#include "cli/symbols/symbols.h"

/*
 * Lines such as "global cache_head in prog", "block of 48 bytes from cache_add", from the root to the last holder of
 * block `index` (of the scan), in memory of `store`; *n of them. 0 lines when nothing holds it.
 */
const char *const *held_by(const struct process *process, const struct scan_result *scan, uint32_t index,
			   struct names *names, struct symbols *symbols, struct store *store, size_t *n);

#endif
