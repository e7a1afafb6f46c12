/* The releases that do not fit, with names: one record per kind, functions and both stacks. */
#ifndef CLI_ANALYSIS_MISMATCH_H
#define CLI_ANALYSIS_MISMATCH_H

#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"

/*
 * Fills out->mismatches and out->n_mismatches with memory of `store`, most frequent first; those that could only be
 * counted add a sentence to the completeness reasons. `depth` is as in names_stack().
 */
void mismatch_build(const struct process *process, struct names *names, struct store *store, uint32_t depth,
		    struct report_process *out);

#endif
