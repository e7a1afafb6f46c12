/* What a run tells GitHub Actions: annotations on stdout, and a summary of the step in the file that it names. */
#ifndef CLI_OUTPUTS_ACTIONS_H
#define CLI_OUTPUTS_ACTIONS_H

#include "cli/analysis/report.h"
#include "cli/base/err.h"
#include "cli/opts/opts.h"

/* Whether we run in a job of GitHub Actions. */
bool actions_are_here(void);

/*
 * Writes both; nothing at all if nothing was found and no gate failed. Call it behind all other output. The summary is
 * appended to the file that GITHUB_STEP_SUMMARY names, unless that would become larger than GitHub takes. -1 and a
 * sentence if something could not be written.
 */
int actions_write(const struct options *options, const struct report *report, struct err *err);

#endif
