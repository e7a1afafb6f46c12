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

Test(stacks, canonical_after_later_definitions)
{
	struct stacks *stacks = stacks_new();

	define(stacks, 1, 0, 0x10, 0);
	define(stacks, 2, 1, 0x20, 0);
	define(stacks, 3, 4, 0x30, 0); /* whose parent comes later */
	define(stacks, 5, 2, 0x30, 0);
	cr_assert_eq(stacks_canonical(stacks, 2), 2);
	cr_assert_neq(stacks_canonical(stacks, 3), stacks_canonical(stacks, 5));
	define(stacks, 4, 1, 0x20, 0);
	cr_assert_eq(stacks_canonical(stacks, 4), stacks_canonical(stacks, 2));
	cr_assert_eq(stacks_canonical(stacks, 3), stacks_canonical(stacks, 5));
	define(stacks, 6, 90, 0x40, 0); /* beyond all so far */
	define(stacks, 7, 2, 0x40, 0);
	cr_assert_neq(stacks_canonical(stacks, 6), stacks_canonical(stacks, 7));
	define(stacks, 90, 1, 0x20, 0);
	cr_assert_eq(stacks_canonical(stacks, 6), stacks_canonical(stacks, 7));
	define(stacks, 90, 1, 0x21, 0); /* another one */
	cr_assert_neq(stacks_canonical(stacks, 6), stacks_canonical(stacks, 7));
	stacks_free(stacks);
}

/* Each stack twice, asked for as they come: as if all had been there from the beginning. */
Test(stacks, canonical_of_many_that_come_bit_by_bit)
{
	struct stacks *stacks = stacks_new();
	uint32_t n = 5000;

	define(stacks, 1, 0, 0x10, 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = 2 + 2 * i, parent = i ? id - 2 : 1;

		if (i % 1000 == 0) /* no stack is deeper than this */
			parent = 1;
		define(stacks, id, parent, 0x100 + i, 0);
		define(stacks, id + 1, i % 1000 ? parent + i % 2 : 1, 0x100 + i, 0);
		cr_assert_eq(stacks_canonical(stacks, id), id);
		cr_assert_eq(stacks_canonical(stacks, id + 1), id);
	}
	for (uint32_t i = 0; i < n; i++)
		cr_assert_eq(stacks_canonical(stacks, 3 + 2 * i), stacks_canonical(stacks, 2 + 2 * i));
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

Test(stacks, ids_of_a_walk_and_their_frames)
{
	struct stacks *stacks = stacks_new();
	const struct stack_frame outer = {0x1000, 1, 0}, inner = {0x2000, 2, WIRE_NODE_EXACT};
	uint32_t ids[8] = {0};
	bool truncated = true;

	stacks_define(stacks, 7, 0, &outer);
	stacks_define(stacks, 9, 7, &inner);
	cr_assert_eq(stacks_walk_ids(stacks, 9, ids, 8, &truncated), 2);
	cr_assert(!truncated);
	cr_assert_eq(ids[0], 9);
	cr_assert_eq(ids[1], 7);
	cr_assert_eq(stacks_frame(stacks, 9).ip, 0x2000);
	cr_assert_eq(stacks_frame(stacks, 9).module, 2);
	cr_assert_eq(stacks_frame(stacks, 9).flags, WIRE_NODE_EXACT);
	cr_assert_eq(stacks_frame(stacks, 8).ip, 0);
	stacks_free(stacks);
}

Test(stacks, changes_are_of_frames_that_were_there)
{
	struct stacks *stacks = stacks_new();
	const struct stack_frame frame = {0x1000, 0, 0}, other = {0x2000, 0, 0};
	uint64_t changes;

	stacks_define(stacks, 1, 0, &frame);
	stacks_define(stacks, 2, 1, &frame);
	changes = stacks_changes(stacks);
	stacks_define(stacks, 3, 1, &frame);
	stacks_define(stacks, 1, 0, &frame);
	stacks_resolve(stacks, 0x5000, 0x6000, 1);
	cr_assert_eq(stacks_changes(stacks), changes);
	stacks_define(stacks, 1, 0, &other);
	cr_assert_gt(stacks_changes(stacks), changes);
	changes = stacks_changes(stacks);
	stacks_resolve(stacks, 0x500, 0x1500, 1);
	cr_assert_gt(stacks_changes(stacks), changes);
	stacks_free(stacks);
}
