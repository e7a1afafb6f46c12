/* Metrics of a run as Prometheus reads them: the text format 0.0.4, or OpenMetrics 1.0.0. */
#ifndef CLI_RENDER_METRICS_H
#define CLI_RENDER_METRICS_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

#include <stdbool.h>
#include <stdint.h>

/* What the kernel says of the program itself. */
struct metrics_process {
	double cpu_seconds, start_seconds; /* user and system; since 1970 */
	uint64_t virtual_bytes, resident_bytes;
	double open_fds, max_fds, max_virtual_bytes; /* negative = not known; infinite = no limit */
};

struct metrics_options {
	bool openmetrics;
	bool ended; /* gauges are also of processes that do not run any more, as they were last */
	const struct metrics_process *process; /* NULL = it does not run */
};

/* Of all processes of the run together: counters count those that have ended as well, so that they never fall; gauges
 * are of those that run. */
void metrics_print(const struct report *report, const struct metrics_options *how, struct out *out);

/* Whether a client that sends this Accept header would rather have OpenMetrics. */
bool metrics_wants_openmetrics(const char *accept);

#endif
