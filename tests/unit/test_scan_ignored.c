/* Blocks that the program wants ignored, and regions that it wants looked through, in built pictures of memory. */
#include "tests/unit/scan_image.h"

static void reset(void)
{
	image_reset();
}

static void clear(void)
{
	scan_result_clear(&image.result);
	maps_clear(&image.maps);
}

TestSuite(scan_ignored, .init = reset, .fini = clear, .timeout = 20);

Test(scan_ignored, with_all_that_hangs_on_it)
{
	uint64_t a = add_flagged(64, BLOCK_IGNORED), b = add_block(64), c = add_block(64), lost = add_block(64);

	put_word(a, b);
	put_word(b, c + 24); /* any pointer will do */
	image_scan();
	assert_totals(1, 0, 0, 0);
	cr_assert_eq(image.result.ignored.blocks, 3);
	cr_assert_eq(image.result.ignored.bytes, 192);
	cr_assert(block_at(a).ignored && block_at(b).ignored && block_at(c).ignored);
	cr_assert_not(block_at(lost).ignored);
	cr_assert_eq(verdict_at(lost), SCAN_DEFINITE);
}

Test(scan_ignored, what_others_hold_too_is_not)
{
	uint64_t a = add_flagged(24, BLOCK_IGNORED), b = add_block(24), c = add_block(24);

	put_word(a, b);
	put_word(b, c);
	add_global(0, b);
	image_scan();
	assert_totals(0, 0, 0, 2);
	cr_assert_not(block_at(b).ignored);
	cr_assert_not(block_at(c).ignored);
	cr_assert_eq(image.result.ignored.blocks, 1);
}

/* The way from a root through an ignored block is no other way. */
Test(scan_ignored, an_ignored_block_that_is_reachable_is_ignored_all_the_same)
{
	uint64_t a = add_flagged(24, BLOCK_IGNORED), b = add_block(24);
	uint32_t chain[4], root;

	add_global(0, a);
	put_word(a, b);
	image_scan();
	assert_totals(0, 0, 0, 0);
	cr_assert(block_at(a).ignored && block_at(b).ignored);
	cr_assert_eq(scan_chain(&image.result, scan_find(&image.result, b), chain, 4, &root), 2);
	cr_assert_eq(image.result.ranges[image.result.roots[root].range].kind, SCAN_ROOT_IGNORED);
}

Test(scan_ignored, a_possible_block_that_an_ignored_one_holds_by_its_start)
{
	uint64_t a = add_flagged(24, BLOCK_IGNORED), b = add_block(100), c = add_block(24), d = add_block(100);
	uint32_t chain[4], root;

	add_global(0, b + 40);
	add_global(1, d + 40);
	put_word(a, b);
	put_word(b, c);
	put_word(a + 8, d + 40);
	image_scan();
	assert_totals(0, 0, 1, 0);
	cr_assert(block_at(b).ignored && block_at(c).ignored);
	cr_assert_eq(verdict_at(d), SCAN_POSSIBLE);
	cr_assert_eq(scan_chain(&image.result, scan_find(&image.result, c), chain, 4, &root), 3);
}

Test(scan_ignored, a_cycle_of_ignored_ones)
{
	uint64_t a = add_flagged(24, BLOCK_IGNORED), b = add_flagged(24, BLOCK_IGNORED), c = add_block(24);

	put_word(a, b);
	put_word(b, c);
	put_word(c, a);
	image_scan();
	assert_totals(0, 0, 0, 0);
	cr_assert_eq(image.result.ignored.blocks, 3);
}

Test(scan_ignored, a_region_is_a_root)
{
	uint64_t a = add_block(24), b = add_block(24);

	put_word(LIBC_DATA + 4096 + 512, b); /* read as the stack, too: so the region comes first */
	image_range(SCAN_ROOT_REGION, STACK + 512, STACK + 520, false);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(b), SCAN_REACHABLE);
	cr_assert_eq(image.result.ranges[image.result.roots[block_at(b).root].range].kind, SCAN_ROOT_REGION);
}
