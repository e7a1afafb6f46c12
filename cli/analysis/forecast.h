/*
 * When will the limit be reached? A straight line is laid through the live bytes of the later half of a history, by
 * least squares, and is believed only if it stands up to what heaps do besides leaking:
 * - points are gathered to at most FORECAST_BINS medians, so that a spike or the cleaning up at the end does not
 * matter;
 * - neighbouring residuals that are alike (a wave, a random walk) carry less information than as many independent
 *   ones: the confidence interval is made with the effective number of points n (1 − r) / (1 + r), r being their
 *   autocorrelation at lag 1 (G. V. Bayley and J. M. Hammersley, The "effective" number of independent observations in
 *   an autocorrelated time series, 1946, for residuals of order one);
 * - a random walk seems to have a trend more often than such an interval says (C. R. Nelson and H. Kang, Pitfalls in
 *   the use of time as an explanatory variable in regression, 1984). So the mean of its steps, too, has to be positive
 *   with the same confidence, which is right for a walk: there the steps are what is independent (J. D. Hamilton, Time
 *   Series Analysis, 1994, chapter 17). A block bootstrap would say the same at a higher price;
 * - growth has to reach new heights, above all that was before, and must not fade within the window, as that of a
 *   warm-up does: its later half must rise at FADING of the earlier half's rate.
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
