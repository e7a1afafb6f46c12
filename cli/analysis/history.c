#include "cli/analysis/history.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

static uint64_t higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The later point, with what was highest in both. */
static struct report_sample merged(const struct report_sample *earlier, const struct report_sample *later)
{
	struct report_sample point = *later;

	point.high_bytes = higher(earlier->high_bytes, later->high_bytes);
	if (!point.rss_bytes)
		point.rss_bytes = earlier->rss_bytes;
	return point;
}

/* The first point, which is the start, stays. */
static void halve(struct history *history)
{
	size_t to = 1;

	for (size_t i = 1; i + 1 < history->n; i += 2)
		history->points[to++] = merged(&history->points[i], &history->points[i + 1]);
	if (history->n % 2 == 0)
		history->points[to++] = history->points[history->n - 1];
	history->n = to;
}

void history_add(struct history *history, const struct report_sample *sample)
{
	struct report_sample *last = history->n ? &history->points[history->n - 1] : NULL;

	if (last && !(sample->seconds > last->seconds)) {
		double seconds = last->seconds;

		*last = merged(last, sample);
		last->seconds = seconds;
		return;
	}
	if (history->n == HISTORY_POINTS)
		halve(history);
	history->points = xgrow(history->points, &history->cap, history->n + 1, sizeof(*history->points));
	history->points[history->n++] = *sample;
}

void history_release(struct history *history)
{
	free(history->points);
	*history = (struct history){0};
}

void history_copy(const struct history *history, struct report_sample *to)
{
	for (size_t i = 0; i < history->n; i++) {
		const struct report_sample *before = i ? &history->points[i - 1] : NULL;

		to[i] = history->points[i];
		to[i].bytes_per_second = 0;
		if (before)
			to[i].bytes_per_second = (double)(to[i].allocated_bytes - before->allocated_bytes) /
						 (to[i].seconds - before->seconds);
	}
}
