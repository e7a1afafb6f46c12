/*
 * What the functions of a program have allocated and hold: each stack counts for the innermost frame of the program's
 * own code. For what is asked again and again, as metrics are: a stack is named once, and later ones cost an addition.
 */
#ifndef CLI_ANALYSIS_FUNCTIONS_H
#define CLI_ANALYSIS_FUNCTIONS_H

#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"
#include "cli/symbols/string_pool.h"

/* Of one process. All zero at the start. */
struct functions {
	struct string_pool names;
	const char **of_stack; /* by stack id; NULL = not named yet */
	size_t n_stacks;
};

/* Fills out->functions. */
void functions_build(struct functions *functions, const struct process *process, struct names *names,
		     struct store *store, struct report_process *out);
void functions_release(struct functions *functions);

#endif
