#include "cli/analysis/forecast.h"

#include "common/compiler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BINS_LEAST    8
#define YEAR_SECONDS  (365.25 * 86400)
#define FADING        0.7       /* of the slope of the window's earlier half, that its later half must keep */
#define NOTHING_BYTES 1048576.0 /* doubling less than this within a year is no growth */

struct point {
	double x, y;
};

struct line {
	double slope, middle_x, middle_y, r2, residual_squares, x_squares;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The samples of one bin as one point: the mean of their times, the median of their bytes. */
static struct point gather(const struct report_sample *samples, size_t n)
{
	double bytes[512];
	struct point point = {0};
	size_t step = (n + MW_ARRAY_LEN(bytes) - 1) / MW_ARRAY_LEN(bytes), used = 0;

	for (size_t i = 0; i < n; i += step) {
		bytes[used++] = (double)samples[i].live_bytes;
		point.x += samples[i].seconds;
	}
	qsort(bytes, used, sizeof(*bytes), compare);
	point.x /= (double)used;
	point.y = (bytes[used / 2] + bytes[(used - 1) / 2]) / 2;
	return point;
}

/* Bins of equal time; those without a sample are left out. Returns how many there are. */
static size_t gather_all(const struct report_sample *samples, size_t n, struct point *points)
{
	double first = samples[0].seconds, span = samples[n - 1].seconds - first;
	size_t bins = n < FORECAST_BINS ? n : FORECAST_BINS, used = 0, i = 0;

	for (size_t bin = 0; bin < bins; bin++) {
		double end = first + span * (double)(bin + 1) / (double)bins;
		size_t from = i;

		while (i < n && (samples[i].seconds < end || bin + 1 == bins))
			i++;
		if (i > from)
			points[used++] = gather(samples + from, i - from);
	}
	return used;
}

static struct line fit(const struct point *points, size_t n)
{
	struct line line = {0};
	double xy = 0, yy = 0;

	for (size_t i = 0; i < n; i++) {
		line.middle_x += points[i].x / (double)n;
		line.middle_y += points[i].y / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		double dx = points[i].x - line.middle_x, dy = points[i].y - line.middle_y;

		line.x_squares += dx * dx;
		xy += dx * dy;
		yy += dy * dy;
	}
	if (line.x_squares > 0)
		line.slope = xy / line.x_squares;
	line.residual_squares = yy - line.slope * xy;
	if (line.residual_squares < 0)
		line.residual_squares = 0;
	line.r2 = yy > 0 ? 1 - line.residual_squares / yy : 0;
	return line;
}

/* Of neighbouring residuals, without the bias (1 + 3 r) / n of an estimate from so few; 0 when the line goes through
 * all points. */
static double autocorrelation(const struct point *points, size_t n, const struct line *line)
{
	double before = 0, products = 0, r;

	if (line->residual_squares <= 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		double residual = points[i].y - line->middle_y - line->slope * (points[i].x - line->middle_x);

		products += i ? before * residual : 0;
		before = residual;
	}
	r = products / line->residual_squares;
	return fmin(0.99, r + (1 + 3 * r) / (double)n);
}

/* The 97.5 % quantile of Student's t: by the expansion of Cornish and Fisher, within 1 % from 3 degrees on; below that
 * between the exact values. */
static double student(double degrees)
{
	static const double exact[] = {12.706, 4.303, 3.182}; /* of 1, 2 and 3 degrees */
	const double z = 1.959964, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;

	if (degrees < 3) {
		size_t i = degrees < 2 ? 0 : 1;

		return exact[i] + (exact[i + 1] - exact[i]) * (degrees - 1 - (double)i);
	}
	return z + (z3 + z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96 * degrees * degrees) +
	       (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * degrees * degrees * degrees);
}

/* Half the width of the slope's confidence interval. Points that say the same as their neighbours leave one degree of
 * freedom at least, whose interval is wide. */
static double slope_margin(const struct point *points, size_t n, const struct line *line)
{
	double r = fmax(0, autocorrelation(points, n, line));
	double degrees = fmax(1, (double)n * (1 - r) / (1 + r) - 2);

	return student(degrees) * sqrt(line->residual_squares / degrees / line->x_squares);
}

/* Whether the rises from point to point add up to more than a walk of such steps would reach by chance: the mean of the
 * differences against its standard error. */
static bool drifts(const struct point *points, size_t n)
{
	double steps = (double)(n - 1), mean = (points[n - 1].y - points[0].y) / steps, squares = 0;

	for (size_t i = 1; i < n; i++) {
		double deviation = points[i].y - points[i - 1].y - mean;

		squares += deviation * deviation;
	}
	return mean > student(steps - 1) * sqrt(squares / (steps - 1) / steps);
}

/* Whether the end of the window is above all that was before the window, and the growth goes on until the end. */
static bool lasts(const struct report_sample *samples, size_t n_before, const struct point *points, size_t n)
{
	double height = 0, earlier = fit(points, n / 2).slope, later = fit(points + n / 2, n - n / 2).slope;

	for (size_t i = 0; i < n_before; i++)
		height = fmax(height, (double)samples[i].live_bytes);
	return points[n - 1].y > height && later > 0 && later > FADING * earlier;
}

/* Whether growth at this rate would neither reach the limit nor double the heap within a year. */
static bool negligible(double bytes_per_second, double level, const struct report_forecast *forecast)
{
	double grown = bytes_per_second * YEAR_SECONDS;

	if (forecast->limit_source && level + grown >= (double)forecast->limit_bytes && grown > 0)
		return false;
	return grown < fmax(level, NOTHING_BYTES);
}

void forecast_fit(const struct report_sample *samples, size_t n, uint64_t limit_bytes, const char *limit_source,
		  struct report_forecast *out)
{
	struct point points[FORECAST_BINS];
	size_t first = 0, n_points;
	double margin, level;
	struct line line;

	*out = (struct report_forecast){
		.limit_bytes = limit_bytes, .limit_source = limit_source, .seconds_to_limit = -1};
	while (first < n && samples[first].seconds < samples[n - 1].seconds / 2)
		first++;
	if (n - first < BINS_LEAST || samples[n - 1].seconds - samples[first].seconds < FORECAST_SECONDS_LEAST * 0.9)
		return;
	n_points = gather_all(samples + first, n - first, points);
	if (n_points < BINS_LEAST)
		return;
	line = fit(points, n_points);
	margin = slope_margin(points, n_points, &line);
	out->fitted = true;
	out->bytes_per_second = line.slope;
	out->low_bytes_per_second = line.slope - margin;
	out->high_bytes_per_second = line.slope + margin;
	out->r2 = line.r2;
	level = fmax(0, line.middle_y + line.slope * (samples[n - 1].seconds - line.middle_x));
	if (out->high_bytes_per_second <= 0 || negligible(out->high_bytes_per_second, level, out)) {
		out->trend = FORECAST_STEADY;
	} else if (out->low_bytes_per_second > 0 && drifts(points, n_points) &&
		   lasts(samples, first, points, n_points)) {
		out->trend = FORECAST_GROWING;
		if (limit_source)
			out->seconds_to_limit = fmax(0, ((double)limit_bytes - level) / line.slope);
	}
}
