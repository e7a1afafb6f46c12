/* The part of a report that tells each allocation and free: whose stacks these are. */
#ifndef CLI_ANALYSIS_EVENT_STACKS_H
#define CLI_ANALYSIS_EVENT_STACKS_H

#include "cli/analysis/build.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"

/* Fills out->events, for options->events. */
void event_stacks_build(const struct process *process, struct names *names, struct store *store,
			const struct build_options *options, struct report_process *out);

#endif
