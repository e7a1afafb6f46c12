#include "cli/analysis/history.h"
#include "cli/analysis/windows.h"
#include "cli/model/event.h"

#include <criterion/criterion.h>
#include <math.h>

static struct process *make(uint32_t n_stacks)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1, .start = WIRE_START_EXEC};
	struct process *process = process_new(&hello, PROCESS_RUN);

	for (uint32_t i = 1; i <= n_stacks; i++) {
		const struct mem_event node = {.op = WIRE_NODE, .addr = 0x1000 + i, .stack = i};

		process_apply(process, &node, 1);
	}
	return process;
}

static void alloc(struct process *process, uint32_t stack, uint64_t addr, uint64_t n_bytes)
{
	const struct mem_event event = {.op = WIRE_ALLOC, .addr = addr, .size_bytes = n_bytes, .stack = stack};

	process_apply(process, &event, 1);
}

Test(windows, a_week_of_fifty_thousand_stacks_takes_little_memory)
{
	struct process *process = make(50000);
	struct windows windows = {0};
	double week = 7 * 86400;

	for (uint32_t i = 1; i <= 50000; i++)
		alloc(process, i, i * 64u, 10);
	for (double seconds = 0; seconds <= week; seconds = fmax(seconds + 0.01, seconds * 1.01)) {
		alloc(process, 1, 0x10000000 + (uint64_t)(seconds * 16) * 16, 1000);
		windows_add(&windows, process, seconds, false);
		cr_assert_leq(windows.n_ticks, WINDOWS_MAX);
	}
	cr_expect_eq(windows.n_rows, 50000u);
	cr_expect_lt(windows_memory(&windows) + HISTORY_POINTS * sizeof(struct report_sample), 50u << 20, "%zu bytes",
		     windows_memory(&windows));
	cr_expect_eq(windows.ticks[0].seconds, 0);
	windows_release(&windows);
	process_free(process);
}

/* Bytes come all at once, in the middle of the time. */
static void fill(struct windows *windows, struct process *process)
{
	for (int i = 0; i <= 10000; i++) {
		if (i >= 5000 && i < 5100)
			alloc(process, 1, 64u * (uint64_t)i, 10000);
		windows_add(windows, process, i / 100.0, false);
	}
}

Test(windows, neither_clock_has_long_windows)
{
	struct process *process = make(1);
	struct windows windows = {0};
	const struct windows_row *row;

	fill(&windows, process);
	cr_assert_eq(windows.n_rows, 1u);
	row = windows_row(&windows, 0);
	for (size_t i = 1; i < windows.n_ticks; i++) {
		double seconds = windows.ticks[i].seconds - windows.ticks[i - 1].seconds;

		cr_expect(seconds > 0 && seconds < 8, "%g s", seconds);
		cr_expect_leq(windows.ticks[i].bytes - windows.ticks[i - 1].bytes, 1e6 / 8);
		cr_expect_eq(row->points[i].allocated_bytes, (float)windows.ticks[i].bytes);
		cr_expect_eq(row->points[i].live_bytes, (float)windows.ticks[i].bytes);
		cr_expect_eq(row->points[i].allocations, (float)(windows.ticks[i].bytes / 10000));
	}
	windows_release(&windows);
	process_free(process);
}

Test(windows, one_clock_tells_the_other)
{
	struct process *process = make(1);
	struct windows windows = {0};

	fill(&windows, process);
	cr_expect_float_eq(windows_bytes_at(&windows, 20), 0, 1);
	cr_expect_float_eq(windows_bytes_at(&windows, 50.5), 5e5, 1e5);
	cr_expect_eq(windows_bytes_at(&windows, 1000), 1e6);
	cr_expect_float_eq(windows_seconds_at(&windows, 5e5), 50.5, 0.2);
	cr_expect_leq(windows_seconds_at(&windows, 1e7), 101);
	windows_release(&windows);
	process_free(process);
}

Test(windows, now_is_always_the_last_moment)
{
	struct process *process = make(2);
	struct windows windows = {0};

	fill(&windows, process);
	alloc(process, 2, 16, 100);
	windows_add(&windows, process, 100.0001, false);
	cr_expect_eq(windows.n_rows, 1u, "it is no time for a moment yet");
	windows_add(&windows, process, 100.0001, true);
	cr_assert_eq(windows.n_rows, 2u);
	cr_expect_eq(windows.ticks[windows.n_ticks - 1].seconds, 100.0001);
	cr_expect_eq(windows_row(&windows, 1)->points[0].live_bytes, 0);
	cr_expect_eq(windows_row(&windows, 1)->points[windows.n_ticks - 1].live_bytes, 100);
	alloc(process, 2, 32, 11);
	windows_add(&windows, process, 99, true);
	cr_expect_eq(windows.ticks[windows.n_ticks - 1].seconds, 100.0001, "time does not go back");
	cr_expect_eq(windows_row(&windows, 1)->points[windows.n_ticks - 1].live_bytes, 111);
	windows_release(&windows);
	process_free(process);
}

Test(windows, a_stack_without_live_blocks_has_no_row)
{
	struct process *process = make(1);
	struct windows windows = {0};
	const struct mem_event event = {.op = WIRE_FREE, .addr = 16};

	alloc(process, 1, 16, 100);
	process_apply(process, &event, 1);
	windows_add(&windows, process, 1, true);
	cr_expect_eq(windows.n_rows, 0u);
	alloc(process, 1, 16, 7);
	windows_add(&windows, process, 2, true);
	cr_assert_eq(windows.n_rows, 1u);
	cr_expect_eq(windows_row(&windows, 0)->points[0].allocated_bytes, 100, "what had come and gone before");
	cr_expect_eq(windows_row(&windows, 0)->points[1].allocated_bytes, 107);
	windows_release(&windows);
	process_free(process);
}
