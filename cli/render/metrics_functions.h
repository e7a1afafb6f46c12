/* Metrics by function of the program, of a few of them: each is a series of its own where they are kept. */
#ifndef CLI_RENDER_METRICS_FUNCTIONS_H
#define CLI_RENDER_METRICS_FUNCTIONS_H

#include "cli/analysis/report.h"
#include "cli/render/metric_lines.h"

#define METRICS_FUNCTIONS_MAX 10

/* What the functions with the most live bytes hold and have allocated; how fast what is found to grow does. `ended`:
 * also of processes that do not run any more. */
void metrics_functions(const struct metric_lines *lines, const struct report *report, bool ended);

#endif
