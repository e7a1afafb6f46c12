/*
 * What a process did over time, in memory that does not grow: HISTORY_POINTS points, and whenever they are used up,
 * neighbours are merged pairwise. So the resolution halves as the history ages, and recent points are the finest. A
 * merged point has the later one's state and the higher of the two maxima: no peak is lost.
 */
#ifndef CLI_ANALYSIS_HISTORY_H
#define CLI_ANALYSIS_HISTORY_H

#include "cli/analysis/report.h"

#include <stddef.h>
#include <stdint.h>

#define HISTORY_POINTS 512

/* All zero at the start. */
struct history {
	struct report_sample *points; /* by time; bytes_per_second is filled by history_copy() */
	size_t n, cap;
};

/* Appends a point. One that is not later than the last becomes the state of the last. */
void history_add(struct history *history, const struct report_sample *sample);
void history_release(struct history *history);

/* The points with their rates, to `to`, which has room for history->n. */
void history_copy(const struct history *history, struct report_sample *to);

#endif
