/* Metrics of a run as Prometheus reads them: the text format 0.0.4, or OpenMetrics 1.0.0. */
#ifndef CLI_RENDER_METRICS_H
#define CLI_RENDER_METRICS_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

#include <stdbool.h>

/*
 * Of all processes of the run together: counters count those that have ended as well, so that they never fall; gauges
 * are of those that run; with `ended` also of those that do not any more, as they were last.
 */
void metrics_print(const struct report *report, bool openmetrics, bool ended, struct out *out);

/* Whether a client that sends this Accept header would rather have OpenMetrics. */
bool metrics_wants_openmetrics(const char *accept);

#endif
