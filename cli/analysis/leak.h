/* The live blocks of a process as leak records: one per (stack, verdict, allocation function). */
#ifndef CLI_ANALYSIS_LEAK_H
#define CLI_ANALYSIS_LEAK_H

#include "cli/analysis/build.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"
#include "cli/symbols/symbols.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Leaks in the making, of the process's own blocks (those inherited at a fork are its parent's). The amounts are those
 * of the moment of leak_begin(); naming the stacks takes much longer and may be done bit by bit while the process goes
 * on. The scan, `names`, `symbols` and `store` are used up to leak_complete(), `store` up to leak_end().
 */
struct leaks;
struct leaks *leak_begin(const struct process *process, const struct build_options *options, struct names *names,
			 struct symbols *symbols, struct store *store);

/* Names up to `n` stacks more. True when all are. */
bool leak_name(struct leaks *leaks, size_t n);

/* Does all that is left to be done with the process, the scan and the names. */
void leak_complete(struct leaks *leaks);

/* Fills the leaks and suppressions of *out, and frees. Largest first, equal ones in an order that does not depend on
 * addresses. */
void leak_end(struct leaks *leaks, struct report_process *out);

#endif
