/*
 * When will the limit be reached? A straight line is laid through the live bytes of the later half of a history, by
 * least squares, and is believed only if it stands up to what heaps do besides leaking:
 * - points are gathered to at most FORECAST_BINS medians, so that a spike or the cleaning up at the end does not
 * matter;
 * - neighbouring residuals that are alike (a wave, a random walk) carry less information than as many independent
 *   ones: the confidence interval is made with the effective number of points n (1 − r) / (1 + r), r being their
 *   autocorrelation at lag 1;
 * - growth has to reach new heights, above all that was before, and must not fade within the window, as that of a
 *   warm-up does.
 */
#ifndef CLI_ANALYSIS_FORECAST_H
#define CLI_ANALYSIS_FORECAST_H

#include "cli/analysis/report.h"

#include <stddef.h>

#define FORECAST_BINS          24
#define FORECAST_SECONDS_LEAST 1.0 /* that the later half must span */

/* `limit_source` NULL: no limit is known. Sets all fields of *out. */
void forecast_fit(const struct report_sample *samples, size_t n, uint64_t limit_bytes, const char *limit_source,
		  struct report_forecast *out);

#endif
