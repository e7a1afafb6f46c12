/* What a program says by memwatch.h, from records to what the model keeps of it. */
#include "cli/model/said.h"

#include "cli/analysis/build.h"
#include "cli/model/event.h"
#include "cli/model/state.h"

#include <criterion/criterion.h>
#include <string.h>

static struct process *process;

static void setup(void)
{
	const struct wire_hello hello = {.pid = 7, .monotonic_ns = 1000};

	process = process_new(&hello, PROCESS_RUN);
}

static void teardown(void)
{
	process_free(process);
}

TestSuite(said, .init = setup, .fini = teardown, .timeout = 20);

static bool announce(uint32_t stream, enum wire_ext type, uint32_t aux, const uint64_t *payload, unsigned n_words)
{
	uint64_t words[64] = {wire_ext_word(type, n_words, aux)};

	if (n_words)
		memcpy(words + 1, payload, n_words * 8);
	return process_announce(process, stream, words, n_words + 1);
}

static bool named(enum wire_ext type, const uint64_t *fixed, unsigned n_fixed, const char *name)
{
	uint64_t payload[40] = {0};
	size_t n = strlen(name);

	memcpy(payload, fixed, n_fixed * 8);
	memcpy(payload + n_fixed, name, n);
	return announce(0, type, (uint32_t)n, payload, n_fixed + (unsigned)(n + 7) / 8);
}

static bool mark(enum wire_ext type, uint64_t at_ns, const char *name)
{
	return named(type, &at_ns, 1, name);
}

static bool piece(uint64_t addr, uint64_t size, const char *pool)
{
	return named(WIRE_PIECE, (uint64_t[]){addr, size}, 2, pool);
}

static void apply(uint16_t stream, enum wire_op op, uint64_t addr, uint64_t size)
{
	const struct mem_event event = {.op = (uint8_t)op,
					.addr = addr,
					.size_bytes = size,
					.stack = 1,
					.stream = stream,
					.kind = WIRE_KIND_MALLOC};

	process_apply(process, &event, 1);
}

static bool ignored(uint64_t addr)
{
	struct process_block block;

	cr_assert(process_find_block(process, addr, &block));
	return block.ignored;
}

Test(said, marks_have_the_state_of_their_moment)
{
	const struct process_mark *marks;

	apply(0, WIRE_ALLOC, 0x1000, 100);
	cr_assert(mark(WIRE_MARK, 3000, "first"));
	apply(0, WIRE_ALLOC, 0x2000, 50);
	cr_assert(mark(WIRE_SNAPSHOT, 500, "")); /* before the start: the clocks differ */
	cr_assert_eq(process_marks(process, &marks), 2);
	cr_assert_str_eq(marks[0].name, "first");
	cr_assert_eq(marks[0].ns, 2000);
	cr_assert_eq(marks[0].live_bytes, 100);
	cr_assert_eq(marks[0].live_blocks, 1);
	cr_assert(!marks[0].snapshot);
	cr_assert_str_eq(marks[1].name, "");
	cr_assert_eq(marks[1].ns, 0);
	cr_assert_eq(marks[1].live_bytes, 150);
	cr_assert(marks[1].snapshot);
}

Test(said, the_number_of_marks_is_bounded_and_what_is_over_is_told)
{
	const struct process_exit how = {.kind = PROCESS_EXITED};
	const struct process_mark *marks;

	for (unsigned i = 0; i < SAID_MARKS_MAX + 3; i++)
		cr_assert(mark(WIRE_MARK, i, "again"));
	cr_assert_eq(process_marks(process, &marks), SAID_MARKS_MAX);
	cr_assert_eq(said_dropped(process->state->said), 3);
	process_finish(process, &how, 0);
	cr_assert(process->completeness.complete);
	cr_assert_str_eq(process->completeness.reasons[0],
			 "3 things that the program said by memwatch.h could not be kept.");
}

Test(said, a_stream_is_ignored_from_on_to_off)
{
	apply(1, WIRE_ALLOC, 0x1000, 8);
	cr_assert(announce(1, WIRE_IGNORE, 1, NULL, 0));
	apply(1, WIRE_ALLOC, 0x2000, 8);
	apply(2, WIRE_ALLOC, 0x3000, 8);
	cr_assert(announce(1, WIRE_IGNORE, 0, NULL, 0));
	apply(1, WIRE_ALLOC, 0x4000, 8);
	cr_assert(!ignored(0x1000));
	cr_assert(ignored(0x2000));
	cr_assert(!ignored(0x3000));
	cr_assert(!ignored(0x4000));
	apply(2, WIRE_FREE, 0x2000, 0);
	apply(2, WIRE_ALLOC, 0x2000, 8);
	cr_assert(!ignored(0x2000), "the address is another block's now");
}

Test(said, an_object_is_ignored_and_stays_so_when_it_moves)
{
	uint64_t addr = 0x1000, behind = 0x3008, none = 0x9000, past = 0x4040, zero = 0;

	apply(0, WIRE_ALLOC, 0x1000, 8);
	apply(0, WIRE_ALLOC, 0x3000, 48);
	apply(0, WIRE_ALLOC, 0x4000, 64);
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &addr, 1));
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &behind, 1)); /* new T[n] */
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &none, 1));
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &past, 1));
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &zero, 1));
	cr_assert(ignored(0x1000));
	cr_assert(ignored(0x3000));
	cr_assert(!ignored(0x4000));
	apply(0, WIRE_REALLOC_BEGIN, 0x1000, 0);
	apply(0, WIRE_REALLOC_END, 0x2000, 16);
	cr_assert(ignored(0x2000));
	apply(0, WIRE_ALLOC, 0x1000, 8);
	cr_assert(!ignored(0x1000));
	cr_assert_eq(process->totals.live_blocks, 4);
	cr_assert_eq(process->totals.live_bytes, 136);
}

Test(said, an_object_is_ignored_by_any_address_in_it)
{
	uint64_t inside = 0x1ff1, far = 0x1000000 + SAID_INSIDE_MAX - 1, too_far = 0x2000000 + SAID_INSIDE_MAX;
	uint64_t empty = 0x5008, low = 5;

	apply(0, WIRE_ALLOC, 0x1008, 0x1000);
	apply(0, WIRE_ALLOC, 0x5000, 8);
	apply(0, WIRE_ALLOC, 0x1000000, 1 << 20);
	apply(0, WIRE_ALLOC, 0x2000000, 1 << 20);
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &inside, 1));
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &empty, 1)); /* new T[0] */
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &far, 1));
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &too_far, 1));
	cr_assert(announce(0, WIRE_IGNORE_OBJECT, 0, &low, 1));
	cr_assert(ignored(0x1008));
	cr_assert(ignored(0x5000));
	cr_assert(ignored(0x1000000));
	cr_assert(!ignored(0x2000000));
}

Test(said, ignored_blocks_are_suppressed)
{
	const struct build_options options = {.why_not = "--no-scan was given"};
	struct report_process report;

	apply(0, WIRE_ALLOC, 0x1000, 8);
	cr_assert(announce(0, WIRE_IGNORE, 1, NULL, 0));
	apply(0, WIRE_ALLOC, 0x2000, 16);
	report_process_build(process, NULL, &options, &report);
	cr_assert_eq(report.n_leaks, 2, "one stack, but not one thing");
	cr_assert_eq(report.verdicts.by_verdict[VERDICT_SUPPRESSED].bytes, 16);
	cr_assert_eq(report.verdicts.by_verdict[VERDICT_UNCLASSIFIED].bytes, 8);
	cr_assert_str_eq(report.leaks[0].suppressed_by, "ignored by the program");
	cr_assert_eq(report.leaks[0].verdict, VERDICT_UNCLASSIFIED);
	cr_assert_null(report.leaks[1].suppressed_by);
	report_process_clear(&report);
}

Test(said, regions)
{
	const struct process_region *regions;
	uint64_t a[] = {0x1000, 0x100}, b[] = {0x5000, 0x10}, wrong[] = {0x1000, 0x80}, over[] = {UINT64_MAX - 4, 64};

	cr_assert(announce(0, WIRE_ROOT_REGION, 1, a, 2));
	cr_assert(announce(0, WIRE_ROOT_REGION, 1, b, 2));
	cr_assert(announce(0, WIRE_ROOT_REGION, 1, a, 2));
	cr_assert(announce(0, WIRE_ROOT_REGION, 0, wrong, 2));
	cr_assert_not(announce(0, WIRE_ROOT_REGION, 1, over, 2));
	cr_assert_eq(process_regions(process, &regions), 3);
	cr_assert(announce(0, WIRE_ROOT_REGION, 0, a, 2));
	cr_assert_eq(process_regions(process, &regions), 2);
	cr_assert(announce(0, WIRE_ROOT_REGION, 0, a, 2));
	cr_assert_eq(process_regions(process, &regions), 1);
	cr_assert_eq(regions[0].start, 0x5000);
	cr_assert_eq(regions[0].end, 0x5010);
}

Test(said, a_child_has_its_parents_regions_and_not_its_marks)
{
	const struct wire_hello hello = {.pid = 8, .start = WIRE_START_FORK};
	struct process *child = process_new(&hello, PROCESS_FORK);
	const struct process_region *regions;
	const struct process_mark *marks;
	uint64_t a[] = {0x1000, 0x100};

	cr_assert(announce(0, WIRE_ROOT_REGION, 1, a, 2));
	cr_assert(mark(WIRE_MARK, 1, "the parent's"));
	process_inherit(child, process_snapshot(process));
	cr_assert_eq(process_regions(child, &regions), 1);
	cr_assert_eq(process_marks(child, &marks), 0);
	process_free(child);
}

Test(said, pieces_are_counted_by_pool_and_apart)
{
	const struct process_pool *pools;
	uint64_t first = 0x1000, never = 0x7000;

	apply(0, WIRE_ALLOC, 0x1000, 1000);
	cr_assert(piece(0x1000, 100, "a")); /* begins where its block does */
	cr_assert(piece(0x1100, 50, "a"));
	cr_assert(piece(0x1200, 7, ""));
	cr_assert(announce(0, WIRE_PIECE_FREE, 0, &first, 1));
	cr_assert(announce(0, WIRE_PIECE_FREE, 0, &first, 1));
	cr_assert(announce(0, WIRE_PIECE_FREE, 0, &never, 1));
	cr_assert(piece(0x1100, 60, "a")); /* given out again, the free was not told */
	cr_assert_eq(process_pools(process, &pools), 2);
	cr_assert_str_eq(pools[0].name, "a");
	cr_assert_eq(pools[0].allocations, 3);
	cr_assert_eq(pools[0].frees, 2);
	cr_assert_eq(pools[0].live_blocks, 1);
	cr_assert_eq(pools[0].live_bytes, 60);
	cr_assert_eq(pools[0].peak_live_bytes, 150);
	cr_assert_eq(pools[1].live_bytes, 7);
	cr_assert_eq(process->totals.live_bytes, 1000);
	cr_assert_eq(process->totals.allocations, 1);
}

Test(said, records_that_make_no_sense)
{
	uint64_t payload[] = {0, 1, 2};

	cr_assert_not(announce(0, WIRE_MARK, 0, payload, 0));
	cr_assert_not(announce(0, WIRE_MARK, 9, payload, 2), "a name longer than the record");
	cr_assert_not(announce(0, WIRE_IGNORE_OBJECT, 0, payload, 0));
	cr_assert_not(announce(0, WIRE_ROOT_REGION, 1, payload, 1));
	cr_assert_not(announce(0, WIRE_PIECE, 0, payload, 1));
	cr_assert_not(announce(0, WIRE_PIECE, 0, payload, 2), "address 0");
	cr_assert_not(announce(0, WIRE_PIECE, UINT32_MAX, payload + 1, 2));
	cr_assert_not(announce(0, WIRE_PIECE_FREE, 0, payload, 0));
}
