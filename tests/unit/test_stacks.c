#include "cli/model/stacks.h"

#include "common/wire.h"

#include <criterion/criterion.h>

static bool define(struct stacks *stacks, uint32_t id, uint32_t parent, uint64_t ip, uint32_t flags)
{
	struct stack_frame frame = {.ip = ip, .flags = flags};

	return stacks_define(stacks, id, parent, &frame);
}

Test(stacks, walks_innermost_first)
{
	struct stacks *stacks = stacks_new();
	struct stack_frame frames[8];
	bool truncated;

	define(stacks, 3, 2, 0x30, 0); /* before its parents: another stream */
	cr_assert_eq(stacks_walk(stacks, 3, frames, 8, &truncated), 1);
	cr_assert(truncated);
	define(stacks, 2, 1, 0x20, WIRE_NODE_EXACT);
	define(stacks, 1, 0, 0x10, 0);
	cr_assert_eq(stacks_walk(stacks, 3, frames, 8, &truncated), 3);
	cr_assert(!truncated);
	cr_assert(frames[0].ip == 0x30 && frames[1].ip == 0x20 && frames[2].ip == 0x10);
	cr_assert_eq(frames[1].flags, WIRE_NODE_EXACT);
	cr_assert_eq(stacks_walk(stacks, 3, frames, 2, &truncated), 2);
	cr_assert(truncated);
	stacks_free(stacks);
}

Test(stacks, truncated_by_the_shim)
{
	struct stacks *stacks = stacks_new();
	bool truncated = false;

	define(stacks, 1, 0, 0x10, WIRE_NODE_TRUNCATED);
	cr_assert_eq(stacks_walk(stacks, 1, NULL, 8, &truncated), 1);
	cr_assert(truncated);
	cr_assert_eq(stacks_walk(stacks, 99, NULL, 8, &truncated), 0);
	cr_assert(truncated);
	stacks_free(stacks);
}

Test(stacks, nonsense_is_refused_and_loops_end)
{
	struct stacks *stacks = stacks_new();
	bool truncated;

	cr_assert(!define(stacks, 0, 0, 0x10, 0));
	cr_assert(!define(stacks, 5, 5, 0x10, 0));
	cr_assert(!define(stacks, UINT32_MAX, 0, 0x10, 0));
	cr_assert(!define(stacks, 1, UINT32_MAX, 0x10, 0));
	cr_assert(define(stacks, 1, 2, 0x10, 0) && define(stacks, 2, 1, 0x20, 0));
	cr_assert_eq(stacks_walk(stacks, 1, NULL, SIZE_MAX, &truncated), STACKS_WALK_MAX);
	cr_assert(truncated);
	stacks_canonical(stacks, 1);
	stacks_free(stacks);
}

Test(stacks, canonical_merges_equal_stacks)
{
	struct stacks *stacks = stacks_new();

	define(stacks, 1, 0, 0x10, 0);
	define(stacks, 2, 1, 0x20, 0);
	define(stacks, 3, 0, 0x10, 0);
	define(stacks, 4, 3, 0x20, 0);
	define(stacks, 5, 3, 0x20, WIRE_NODE_EXACT);
	cr_assert_eq(stacks_canonical(stacks, 4), stacks_canonical(stacks, 2));
	cr_assert_neq(stacks_canonical(stacks, 5), stacks_canonical(stacks, 2));
	cr_assert_neq(stacks_canonical(stacks, 1), stacks_canonical(stacks, 2));
	define(stacks, 6, 2, 0x30, 0);
	define(stacks, 7, 4, 0x30, 0);
	cr_assert_eq(stacks_canonical(stacks, 6), stacks_canonical(stacks, 7));
	cr_assert_eq(stacks_canonical(stacks, 1000), 1000);
	stacks_free(stacks);
}

Test(stacks, late_module)
{
	struct stacks *stacks = stacks_new();
	struct stack_frame frame;

	define(stacks, 1, 0, 0x1000, 0); /* a return address at the end still belongs to the module */
	stacks_resolve(stacks, 0x800, 0x1000, 4);
	stacks_walk(stacks, 1, &frame, 1, NULL);
	cr_assert_eq(frame.module, 4);
	stacks_free(stacks);
}
