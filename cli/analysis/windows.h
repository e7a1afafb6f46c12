/*
 * The run cut into windows, for the growth of stacks: at WINDOWS_MAX moments at most, what each stack had allocated and
 * had live. There are two clocks, seconds and bytes allocated: whichever has moved by a step makes a moment. When all
 * places are used up, the steps double and the moments between are forgotten. So a week costs the memory of a minute,
 * and on either clock no window is longer than a twentieth or so of the run.
 *
 * A stack gets a row when it first has live blocks at such a moment: most never do.
 */
#ifndef CLI_ANALYSIS_WINDOWS_H
#define CLI_ANALYSIS_WINDOWS_H

#include "cli/model/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOWS_MAX 64u

/* Both since the start. */
struct windows_tick {
	double seconds, bytes;
};

/* float: a millionth is exact enough, and halves the memory. */
struct windows_point {
	float allocations, allocated_bytes; /* since the start */
	float live_bytes;
};

struct windows_row {
	uint32_t stack;
	struct windows_point points[WINDOWS_MAX]; /* at ticks[i] */
};

/* All zero at the start. */
struct windows {
	struct windows_tick ticks[WINDOWS_MAX];
	size_t n_ticks;
	double step_seconds, step_bytes;
	struct windows_row **chunks; /* WINDOWS_CHUNK rows each */
	size_t n_rows, cap_chunks;
	uint32_t *row_of; /* by stack id: index of its row + 1; 0 = none */
	size_t n_ids;
};

/* To be called often; it makes a moment when it is time for one. `now`: it is, so that the last moment is this one. */
void windows_add(struct windows *windows, const struct process *process, double seconds, bool now);

const struct windows_row *windows_row(const struct windows *windows, size_t index);

/* The time of either clock when the other's was this: between two moments, in proportion. */
double windows_bytes_at(const struct windows *windows, double seconds);
double windows_seconds_at(const struct windows *windows, double bytes);

size_t windows_memory(const struct windows *windows);
void windows_release(struct windows *windows);

#endif
