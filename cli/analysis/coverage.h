/* Asks for every name that a report of a process may tell, whatever its options: so that a recording has them. */
#ifndef CLI_ANALYSIS_COVERAGE_H
#define CLI_ANALYSIS_COVERAGE_H

#include "cli/analysis/build.h"

/* `how` is as for the report; what it leaves out is not left out here. */
void coverage_ask(const struct process *process, struct symbols *symbols, const struct build_options *how);

#endif
