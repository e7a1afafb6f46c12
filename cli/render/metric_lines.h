/* The lines of Prometheus's text format and of OpenMetrics, which differ in little. */
#ifndef CLI_RENDER_METRIC_LINES_H
#define CLI_RENDER_METRIC_LINES_H

#include "cli/base/out.h"

#include <stdbool.h>
#include <stdint.h>

struct metric_lines {
	struct out *out;
	bool openmetrics;
};

/* What a metric is; its samples follow. `type` is "gauge" or "counter", whose name ends in _total. */
void metric_head(const struct metric_lines *lines, const char *name, const char *type, const char *help);

/* A metric with one sample. */
void metric_whole(const struct metric_lines *lines, const char *name, const char *type, const char *help,
		  uint64_t value);
void metric_real(const struct metric_lines *lines, const char *name, const char *type, const char *help, double value);

/* NAME{LABEL="VALUE"} NUMBER */
void metric_labelled(const struct metric_lines *lines, const char *name, const char *label, const char *value,
		     double number);

#endif
