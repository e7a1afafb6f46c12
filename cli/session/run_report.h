/* Reports of all processes of a run as of now, ended ones too: what is served over HTTP, written and pushed. */
#ifndef CLI_SESSION_RUN_REPORT_H
#define CLI_SESSION_RUN_REPORT_H

#include "cli/session/parts.h"
#include "cli/session/tracker.h"

/* The program itself: the first that runs and is no shell. NULL: none runs. */
struct tracked *run_report_main(const struct tracker *tracker);

/* The metrics of now, in Prometheus's text format or as OpenMetrics. */
void run_report_print_metrics(struct tracker *tracker, bool openmetrics, struct out *out);

/* All that is known, bit by bit. */
void run_report_begin(struct tracker *tracker, struct report *report, struct parts *parts);

#endif
