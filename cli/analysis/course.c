#include "cli/analysis/course.h"

#include "cli/analysis/forecast.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void course_warn(struct course *course, const struct report_warning *warning)
{
	if (course->n_warnings >= COURSE_WARNINGS_MAX)
		return;
	course->warnings =
		xgrow(course->warnings, &course->cap_warnings, course->n_warnings + 1, sizeof(*course->warnings));
	course->warnings[course->n_warnings++] = *warning;
}

void course_scan(struct course *course, const struct report_scan *scan)
{
	if (course->n_scans >= COURSE_SCANS_MAX)
		return;
	course->scans = xgrow(course->scans, &course->cap_scans, course->n_scans + 1, sizeof(*course->scans));
	course->scans[course->n_scans++] = *scan;
}

void course_release(struct course *course)
{
	history_release(&course->history);
	free(course->scans);
	growth_release(&course->growth);
	free(course->warnings);
	*course = (struct course){0};
}

/* ---- the peak */

struct share {
	uint32_t stack;
	struct report_amount live;
};

struct shares {
	struct share *items;
	size_t n, cap;
};

static void add_share(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes)
{
	struct shares *shares = ctx;

	shares->items = xgrow(shares->items, &shares->cap, shares->n + 1, sizeof(*shares->items));
	shares->items[shares->n++] = (struct share){stack, {n_blocks, n_bytes}};
}

static int larger_first(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->live.bytes != y->live.bytes)
		return x->live.bytes < y->live.bytes ? 1 : -1;
	if (x->live.blocks != y->live.blocks)
		return x->live.blocks < y->live.blocks ? 1 : -1;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

void course_build_peak(const struct process *process, struct names *names, struct store *store, uint32_t depth,
		       size_t n_most, struct report_process *out)
{
	struct shares shares = {0};
	struct report_peak *peak;
	size_t n;

	if (n_most == 0)
		return;
	process_each_peak(process, add_share, &shares);
	if (shares.n > 1)
		qsort(shares.items, shares.n, sizeof(*shares.items), larger_first);
	n = shares.n < n_most ? shares.n : n_most;
	peak = store_alloc(store, n, sizeof(*peak));
	for (size_t i = 0; i < n; i++) {
		struct report_stack stack = names_stack(names, shares.items[i].stack, depth);
		const struct report_frame **frames = store_alloc(store, stack.n_frames, sizeof(*frames));

		if (stack.n_frames)
			memcpy(frames, stack.frames, stack.n_frames * sizeof(*frames));
		stack.frames = frames;
		peak[i] = (struct report_peak){shares.items[i].live, stack};
	}
	free(shares.items);
	out->peak = peak;
	out->n_peak = n;
}

/* ---- over time */

void course_build(const struct course *course, struct store *store, struct report_process *out)
{
	struct report_sample *samples;
	struct report_warning *warnings;
	struct report_scan *scans;

	out->forecast.seconds_to_limit = -1;
	if (!course)
		return;
	samples = store_alloc(store, course->history.n, sizeof(*samples));
	history_copy(&course->history, samples);
	out->history = samples;
	out->n_history = course->history.n;
	warnings = store_alloc(store, course->n_warnings, sizeof(*warnings));
	if (course->n_warnings)
		memcpy(warnings, course->warnings, course->n_warnings * sizeof(*warnings));
	out->warnings = warnings;
	out->n_warnings = course->n_warnings;
	scans = store_alloc(store, course->n_scans, sizeof(*scans));
	if (course->n_scans)
		memcpy(scans, course->scans, course->n_scans * sizeof(*scans));
	out->scans = scans;
	out->n_scans = course->n_scans;
	forecast_fit(samples, out->n_history, course->limit_bytes, course->limit_source, &out->forecast);
}
