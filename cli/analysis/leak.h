/* The live blocks of a process as leak records: one per (stack, verdict, allocation function). */
#ifndef CLI_ANALYSIS_LEAK_H
#define CLI_ANALYSIS_LEAK_H

#include "cli/analysis/build.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"

/*
 * Fills out->leaks and out->n_leaks from the process's own blocks (those inherited at a fork are its parent's), with
 * memory of `store`; largest first, equal ones in an order that does not depend on addresses.
 */
void leak_build(const struct process *process, const struct build_options *options, struct names *names,
		struct symbols *symbols, struct store *store, struct report_process *out);

#endif
