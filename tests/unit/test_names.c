/* Frames of stacks, from events of the model. No object file can be read here: frames have no names. */
#include "cli/analysis/names.h"

#include "cli/model/event.h"
#include "common/wire.h"

#include <criterion/criterion.h>

static struct process *process;
static struct symbols *symbols;
static struct store *store;
static struct names *names;

static void begin(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .start = WIRE_START_EXEC};

	process = process_new(&hello, PROCESS_RUN);
	symbols = symbols_new(NULL);
	store = store_new();
	names = names_new(process, NULL, symbols, store);
}

static void end(void)
{
	names_free(names);
	store_free(store);
	symbols_free(symbols);
	process_free(process);
}

TestSuite(names, .init = begin, .fini = end);

static void node(uint32_t id, uint32_t parent, uint64_t ip)
{
	const struct mem_event event = {.op = WIRE_NODE, .addr = ip, .size_bytes = parent, .stack = id};

	process_apply(process, &event, 1);
}

static const struct report_frame *frame(uint32_t stack, size_t i)
{
	const struct report_stack frames = names_stack(names, stack, 0);

	cr_assert_lt(i, frames.n_frames);
	return frames.frames[i];
}

Test(names, stacks_share_the_frames_of_an_address)
{
	node(1, 0, 0x1001);
	node(2, 1, 0x2001);
	node(3, 1, 0x2001);
	node(4, 0, 0x1001);
	cr_assert_eq(names_stack(names, 2, 0).n_frames, 2);
	cr_assert_eq(frame(2, 0)->offset, 0x2000);
	cr_assert_eq(frame(2, 1)->offset, 0x1000);
	cr_assert_eq(frame(2, 0), frame(3, 0));
	cr_assert_eq(frame(2, 1), frame(4, 0));
}

/* Enough to make its tables grow, the later ones with names looked up already. */
Test(names, of_many_stacks)
{
	for (uint32_t id = 1; id <= 5000; id++) {
		node(id, id - 1 - (id - 1) % 8, 0x10001 + id);
		cr_assert_eq(frame(id, 0)->offset, 0x10000 + id);
	}
	for (uint32_t id = 1; id <= 5000; id++)
		cr_assert_eq(frame(id, 0)->offset, 0x10000 + id);
}

/* As a program does that runs while one looks at it. */
Test(names, a_frame_that_is_defined_anew_is_another)
{
	node(1, 0, 0x1001);
	node(2, 1, 0x2001);
	cr_assert_eq(frame(2, 1)->offset, 0x1000);
	node(1, 0, 0x3001);
	cr_assert_eq(frame(2, 0)->offset, 0x2000);
	cr_assert_eq(frame(2, 1)->offset, 0x3000);
}

Test(names, depth_cuts)
{
	struct report_stack stack;

	node(1, 0, 0x1001);
	node(2, 1, 0x2001);
	stack = names_stack(names, 2, 1);
	cr_assert_eq(stack.n_frames, 1);
	cr_assert(stack.truncated);
	cr_assert(!names_stack(names, 2, 2).truncated);
}
