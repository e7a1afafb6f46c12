/* What each stack allocated, for profiles: needs names for every stack, not only for those with live blocks. */
#ifndef CLI_ANALYSIS_SITES_H
#define CLI_ANALYSIS_SITES_H

#include "cli/analysis/names.h"
#include "cli/analysis/report.h"

#include <stdint.h>

/* Fills out->sites and out->modules; out->exe must be set. `depth`: as of names_stack(). */
void sites_build(const struct process *process, struct names *names, struct store *store, uint32_t depth,
		 struct report_process *out);

#endif
