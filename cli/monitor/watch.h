/* --watch: a line for each interval, on standard error. */
#ifndef CLI_MONITOR_WATCH_H
#define CLI_MONITOR_WATCH_H

#include "cli/render/trend.h"

/* What was live at the earlier lines. All zero at the start. */
struct watch {
	uint64_t values[TREND_VALUES]; /* the last first */
	size_t n;
};

/* Completes `trend` with what came before, and prints it. */
void watch_print(struct watch *watch, struct trend *trend);

#endif
