#include "cli/analysis/windows.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 64u                   /* rows */
#define ROOMY (WINDOWS_MAX * 3 / 4) /* at most this many moments are left when some are forgotten */

static struct windows_row *row_at(const struct windows *windows, size_t index)
{
	return &windows->chunks[index / CHUNK][index % CHUNK];
}

const struct windows_row *windows_row(const struct windows *windows, size_t index)
{
	return row_at(windows, index);
}

/* Whether one of the clocks has moved by a step. */
static bool is_step(const struct windows *windows, const struct windows_tick *from, const struct windows_tick *to)
{
	double bytes = to->bytes - from->bytes;

	return to->seconds - from->seconds >= windows->step_seconds || (bytes > 0 && bytes >= windows->step_bytes);
}

/* Which moments stay: the first and the last, and between them those without which a step would be exceeded. */
static size_t choose(const struct windows *windows, size_t *kept)
{
	const struct windows_tick *ticks = windows->ticks;
	size_t n = 0;

	kept[n++] = 0;
	for (size_t i = 1; i + 1 < windows->n_ticks; i++)
		if (is_step(windows, &ticks[kept[n - 1]], &ticks[i + 1]))
			kept[n++] = i;
	kept[n++] = windows->n_ticks - 1;
	return n;
}

static void thin(struct windows *windows)
{
	const struct windows_tick *last = &windows->ticks[windows->n_ticks - 1];
	size_t kept[WINDOWS_MAX], n;

	windows->step_seconds = last->seconds / (WINDOWS_MAX / 2);
	windows->step_bytes = last->bytes / (WINDOWS_MAX / 2);
	while ((n = choose(windows, kept)) > ROOMY) {
		windows->step_seconds *= 1.25;
		windows->step_bytes *= 1.25;
	}
	for (size_t i = 0; i < n; i++)
		windows->ticks[i] = windows->ticks[kept[i]];
	for (size_t r = 0; r < windows->n_rows; r++) {
		struct windows_point *points = row_at(windows, r)->points;

		for (size_t i = 0; i < n; i++)
			points[i] = points[kept[i]];
	}
	windows->n_ticks = n;
}

static uint32_t *row_index(struct windows *windows, uint32_t stack)
{
	if (stack >= windows->n_ids) {
		size_t old = windows->n_ids;

		windows->row_of = xgrow(windows->row_of, &windows->n_ids, (size_t)stack + 1, sizeof(*windows->row_of));
		memset(windows->row_of + old, 0, (windows->n_ids - old) * sizeof(*windows->row_of));
	}
	return &windows->row_of[stack];
}

/* What had come and gone before is not of the last window. */
static struct windows_row *add_row(struct windows *windows, uint32_t stack, const struct process_use *use)
{
	struct windows_point before = {(float)(use->allocations - use->live_blocks),
				       (float)(use->allocated_bytes - use->live_bytes), 0};
	struct windows_row *row;

	if (windows->n_rows % CHUNK == 0) {
		size_t at = windows->n_rows / CHUNK;

		windows->chunks = xgrow(windows->chunks, &windows->cap_chunks, at + 1, sizeof(struct windows_row *));
		windows->chunks[at] = xreallocarray(NULL, CHUNK, sizeof(*row));
	}
	row = row_at(windows, windows->n_rows++);
	row->stack = stack;
	for (size_t i = 0; i < windows->n_ticks; i++)
		row->points[i] = before;
	return row;
}

static void add_point(void *ctx, uint32_t stack, const struct process_use *use)
{
	struct windows *windows = ctx;
	uint32_t *index = row_index(windows, stack);
	struct windows_row *row;

	if (!*index && !use->live_blocks)
		return;
	if (*index) {
		row = row_at(windows, *index - 1);
	} else {
		row = add_row(windows, stack, use);
		*index = (uint32_t)windows->n_rows;
	}
	row->points[windows->n_ticks - 1] =
		(struct windows_point){(float)use->allocations, (float)use->allocated_bytes, (float)use->live_bytes};
}

void windows_add(struct windows *windows, const struct process *process, double seconds, bool now)
{
	const struct windows_tick tick = {seconds, (double)process->totals.allocated_bytes};
	const struct windows_tick *last = windows->n_ticks ? &windows->ticks[windows->n_ticks - 1] : NULL;
	bool later = !last || seconds > last->seconds;

	if (last && !now && !(later && is_step(windows, last, &tick)))
		return;
	if (later && windows->n_ticks == WINDOWS_MAX)
		thin(windows);
	if (later)
		windows->ticks[windows->n_ticks++] = tick;
	else
		windows->ticks[windows->n_ticks - 1].bytes = tick.bytes;
	process_each_use(process, add_point, windows);
}

static double between(double x, double x0, double x1, double y0, double y1)
{
	return x1 > x0 ? y0 + (y1 - y0) * (x - x0) / (x1 - x0) : y1;
}

double windows_bytes_at(const struct windows *windows, double seconds)
{
	const struct windows_tick *t = windows->ticks;
	size_t low = 0, high = windows->n_ticks - 1;

	if (seconds >= t[high].seconds)
		return t[high].bytes;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		*(t[middle].seconds <= seconds ? &low : &high) = middle;
	}
	return between(seconds, t[low].seconds, t[high].seconds, t[low].bytes, t[high].bytes);
}

double windows_seconds_at(const struct windows *windows, double bytes)
{
	const struct windows_tick *t = windows->ticks;
	size_t i = 1;

	while (i + 1 < windows->n_ticks && t[i].bytes < bytes)
		i++;
	return between(bytes, t[i - 1].bytes, t[i].bytes, t[i - 1].seconds, t[i].seconds);
}

size_t windows_memory(const struct windows *windows)
{
	size_t n_chunks = (windows->n_rows + CHUNK - 1) / CHUNK;

	return n_chunks * CHUNK * sizeof(struct windows_row) + windows->n_ids * sizeof(*windows->row_of) +
	       windows->cap_chunks * sizeof(*windows->chunks);
}

void windows_release(struct windows *windows)
{
	for (size_t i = 0; i * CHUNK < windows->n_rows; i++)
		free(windows->chunks[i]);
	free(windows->chunks);
	free(windows->row_of);
	*windows = (struct windows){0};
}
