/* What each stack allocated, for profiles: needs names for every stack, not only for those with live blocks. */
#ifndef CLI_ANALYSIS_SITES_H
#define CLI_ANALYSIS_SITES_H

#include "cli/analysis/build.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"

#include <stdbool.h>
#include <stddef.h>

/* What each stack has allocated up to now, to be taken off what it will have allocated later. */
struct sites_base *sites_base_new(const struct process *process);
void sites_base_free(struct sites_base *base); /* NULL is accepted */

/* Only what was allocated will be taken off: what is live is told as it is then. */
void sites_base_forget_live(struct sites_base *base);

/*
 * Sites in the making. The amounts are those of the moment of sites_begin(); naming the stacks takes much longer and
 * may be done bit by bit while the process goes on. Of the options `depth`, `ages` and `sites_base` count: with a base
 * (of the same process) amounts are the changes since then, less than 0 as two's complements; those of the peak stay,
 * and so do ages. `names` and `store` are used up to sites_complete().
 */
struct sites;
struct sites *sites_begin(const struct process *process, struct names *names, struct store *store,
			  const struct build_options *options);

/* Names up to `n` stacks more. True when all are. */
bool sites_name(struct sites *sites, size_t n);

/* Does all that is left: the process is not read any more. `exe`: as of the report. */
void sites_complete(struct sites *sites, const char *exe);

/* Fills out->sites and out->modules, and frees. */
void sites_end(struct sites *sites, struct report_process *out);

#endif
