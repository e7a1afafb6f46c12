/* What each stack allocated, for profiles: needs names for every stack, not only for those with live blocks. */
#ifndef CLI_ANALYSIS_SITES_H
#define CLI_ANALYSIS_SITES_H

#include "cli/analysis/build.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"

/* What each stack has allocated up to now, to be taken off what it will have allocated later. */
struct sites_base *sites_base_new(const struct process *process);
void sites_base_free(struct sites_base *base); /* NULL is accepted */

/* Only what was allocated will be taken off: what is live is told as it is then. */
void sites_base_forget_live(struct sites_base *base);

/*
 * Fills out->sites and out->modules; out->exe must be set. Of the options `depth`, `ages` and `sites_base` count: with
 * a base (of the same process) amounts are the changes since then, less than 0 as two's complements; those of the peak
 * stay, and so do ages.
 */
void sites_build(const struct process *process, struct names *names, struct store *store,
		 const struct build_options *options, struct report_process *out);

#endif
