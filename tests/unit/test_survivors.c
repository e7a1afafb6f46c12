#include "cli/analysis/survivors.h"
#include "cli/model/event.h"

#include <criterion/criterion.h>

static struct process *process;
static struct windows windows;

/* Each second a block of each of three stacks; the third one's is freed. */
static void setup(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1, .start = WIRE_START_EXEC};

	process = process_new(&hello, PROCESS_RUN);
	for (uint32_t i = 1; i <= 3; i++) {
		const struct mem_event node = {.op = WIRE_NODE, .addr = 0x1000 + i, .stack = i};

		process_apply(process, &node, 1);
	}
	windows_add(&windows, process, 0, true);
	for (uint64_t second = 1; second <= 32; second++) {
		const struct mem_event events[] = {
			{.op = WIRE_ALLOC, .addr = second * 64, .size_bytes = 10, .stack = 1},
			{.op = WIRE_ALLOC, .addr = second * 64 + 16, .size_bytes = second, .stack = 2},
			{.op = WIRE_ALLOC, .addr = second * 64 + 32, .size_bytes = second > 16 ? 1000 : 0, .stack = 3},
			{.op = WIRE_FREE, .addr = second * 64 + 32}};

		process_clock(process, second * 1000000000);
		process_apply(process, events, 4);
		windows_add(&windows, process, (double)second, true);
	}
}

static void teardown(void)
{
	windows_release(&windows);
	process_free(process);
}

TestSuite(survivors, .init = setup, .fini = teardown);

Test(survivors, are_counted_by_birth_on_both_clocks)
{
	struct survivors_set set = {0};
	const struct survivors *s;
	double bytes = 0;

	cr_assert_eq(survivors_want(&set, 2, SURVIVORS_NEW), 0u);
	survivors_count(&set, process, &windows);
	s = &set.items[0];
	cr_assert_eq(s->n_blocks, 32u);
	cr_expect_eq(s->first_seconds, 1);
	cr_expect_eq(s->sample, 16 * 64u + 16, "the first of the later half");
	for (unsigned i = 0; i < SURVIVORS_BINS; i++) {
		uint32_t want = i == 0 ? 0 : i + 1 == SURVIVORS_BINS ? 2 : 1; /* the last second is now */

		cr_expect_eq(s->bins[CLOCK_SECONDS].blocks[i], want, "bin %u", i);
		bytes += (double)s->bins[CLOCK_BYTES].bytes[i];
	}
	cr_expect_eq(bytes, 32 * 33 / 2);
	cr_expect_geq(s->bins[CLOCK_BYTES].blocks[0], 14u, "little was allocated before the middle of the time");
	cr_expect_eq(set.all[CLOCK_SECONDS].blocks[20], 2u, "what was not wanted is in the sum");
	survivors_release(&set);
}

Test(survivors, of_several_ids_are_one)
{
	struct survivors_set set = {0};

	cr_assert_eq(survivors_want(&set, 3, SURVIVORS_NEW), 0u);
	cr_assert_eq(survivors_want(&set, 1, SURVIVORS_NEW), 1u);
	cr_assert_eq(survivors_want(&set, 2, 1), 1u);
	survivors_count(&set, process, &windows);
	cr_expect_eq(set.items[0].n_blocks, 0u);
	cr_expect_eq(set.items[1].n_blocks, 64u);
	survivors_release(&set);
}
