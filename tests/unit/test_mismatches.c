#include "cli/model/mismatches.h"

#include <criterion/criterion.h>

Test(mismatches, equal_ones_are_counted_together)
{
	struct mismatches mismatches = {0};
	struct mismatch one = {.type = MISMATCH_OF_FAMILY,
			       .alloc_kind = 10,
			       .free_kind = 32,
			       .alloc_stack = 3,
			       .free_stack = 4,
			       .count = 1,
			       .bytes = 5};

	mismatches_add(&mismatches, &one);
	mismatches_add(&mismatches, &one);
	one.type = MISMATCH_FREED_AGAIN;
	mismatches_add(&mismatches, &one);
	one.free_stack = 0;
	mismatches_add(&mismatches, &one);
	one.alloc_kind = 11;
	mismatches_add(&mismatches, &one);
	cr_assert_eq(mismatches.n_items, 4);
	cr_assert_eq(mismatches.items[0].count, 2);
	cr_assert_eq(mismatches.items[0].bytes, 10);
	cr_assert_eq(mismatches.items[1].type, MISMATCH_FREED_AGAIN);
	cr_assert_eq(mismatches.items[1].count, 1);
	mismatches_release(&mismatches);
	cr_assert_null(mismatches.items);
}

Test(mismatches, the_number_of_different_ones_is_bounded)
{
	struct mismatches mismatches = {0};
	struct mismatch one = {.type = MISMATCH_OF_FAMILY, .count = 1};

	for (uint32_t i = 0; i < 2 * MISMATCHES_MAX; i++) {
		one.alloc_stack = i + 1;
		mismatches_add(&mismatches, &one);
		mismatches_add(&mismatches, &one);
	}
	cr_assert_eq(mismatches.n_items, MISMATCHES_MAX);
	cr_assert_eq(mismatches.n_others, 2 * MISMATCHES_MAX);
	for (size_t i = 0; i < mismatches.n_items; i++)
		cr_assert_eq(mismatches.items[i].count, 2);
	mismatches_release(&mismatches);
}
