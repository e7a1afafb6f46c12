/* --metrics-file: the metrics of --http in a file, for the textfile collector of Prometheus's node-exporter. */
#ifndef CLI_MONITOR_METRICS_FILE_H
#define CLI_MONITOR_METRICS_FILE_H

#include <stdbool.h>

struct monitor;
struct report;
struct tracker;

/* Has the file written on each --interval, if the options ask for it. `tracker` must outlive `monitor`. */
void metrics_file_start(struct tracker *tracker, struct monitor *monitor);

/* What stays: of processes that have ended, as they were at their end. False, told, if it cannot be written. */
bool metrics_file_finish(const struct tracker *tracker, const struct report *report);

#endif
