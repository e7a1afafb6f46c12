/*
 * Thresholds of a limit, in percent, and when they are crossed. One that was crossed can be crossed again only after
 * the use fell THRESHOLD_HYSTERESIS percent of the limit below it.
 */
#ifndef CLI_ANALYSIS_THRESHOLDS_H
#define CLI_ANALYSIS_THRESHOLDS_H

#include <stdint.h>

#define THRESHOLDS_MAX       16
#define THRESHOLD_HYSTERESIS 5u /* percentage points */

struct thresholds {
	unsigned n;
	unsigned percent[THRESHOLDS_MAX]; /* rising */
};

/* Which of them are crossed now; one for each process. All zero at the start. */
struct threshold_state {
	uint32_t above; /* set of 1 << index */
};

/* The set of indices crossed upwards by a use of `used` of `limit` bytes. */
uint32_t thresholds_step(const struct thresholds *thresholds, struct threshold_state *state, uint64_t used,
			 uint64_t limit);

/* "severe" from 90 % on, "warning" from 80 % on, else "notice". */
const char *threshold_severity(unsigned percent);

#endif
