/*
 * Many reports put together in one, program by program: the shards of a test suite. All processes of one program become
 * one process of the result, whatever their number: counts are added up, leaks and other findings by fingerprint, the
 * peak is the highest, the exit is that of the first that failed. What has no meaning across processes (history,
 * forecast, marks, MemStats) is left out. Memory grows with the number of different findings, not with that of reports.
 */
#ifndef CLI_ANALYSIS_MERGE_H
#define CLI_ANALYSIS_MERGE_H

#include "cli/analysis/report.h"

struct merge;

struct merge *merge_new(void);
void merge_free(struct merge *merge); /* NULL is accepted */

/* Keeps nothing of `report`. */
void merge_add(struct merge *merge, const struct report *report);

/* Fills *report (for report_clear()), in the order in which programs were first seen. `merge` is of no use afterwards
 * but for merge_free(). */
void merge_finish(struct merge *merge, struct report *report);

#endif
