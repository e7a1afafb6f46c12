/* The live blocks of a process as leak records: one per (stack, verdict, allocation function). */
#ifndef CLI_ANALYSIS_LEAK_H
#define CLI_ANALYSIS_LEAK_H

#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"
#include "cli/scan/scan.h"

/*
 * Fills out->leaks and out->n_leaks from the process's own blocks (those inherited at a fork are its parent's), with
 * memory of `store`; largest first, equal ones in an order that does not depend on addresses. `depth` is as in
 * names_stack(). `scan` gives the verdicts and who holds what; NULL: all are unclassified.
 */
void leak_build(const struct process *process, const struct scan_result *scan, struct names *names,
		struct symbols *symbols, struct store *store, uint32_t depth, struct report_process *out);

#endif
