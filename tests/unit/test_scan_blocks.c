/* The table of live blocks that the scan looks words up in. */
#include "cli/scan/blocks.h"

#include <criterion/criterion.h>

static struct blocks *table_of(const struct blocks_item *items, size_t n)
{
	struct blocks *blocks = blocks_new(4);

	blocks_see(blocks, items, n);
	cr_assert(blocks_number(blocks));
	blocks_put(blocks, items, n);
	blocks_seal(blocks);
	return blocks;
}

Test(scan_blocks, every_pointer_to_a_block_is_in_a_span)
{
	static const struct blocks_item items[] = {
		{0x3a5e010, 24, 0},          {0x3a5e030, 100, 0},       {0x3b00000, UINT64_C(5) << 30, 0},
		{0x7f1200000010, 300000, 0}, {0x7f1234567890, 8000, 0}, {0x7ffff0000010, 0, 0},
	};
	size_t n = sizeof(items) / sizeof(items[0]);

	for (size_t first = 0; first < n; first++) {
		for (size_t end = first + 1; end <= n; end++) {
			struct blocks *blocks = table_of(items + first, end - first);

			for (size_t i = first; i < end; i++) {
				cr_assert(blocks_may_hold(blocks, items[i].addr), "%zu of %zu-%zu", i, first, end);
				cr_assert(blocks_may_hold(blocks, items[i].addr + items[i].size_bytes));
			}
			cr_assert(!blocks_may_hold(blocks, items[first].addr - 1));
			cr_assert(!blocks_may_hold(blocks, items[end - 1].addr + items[end - 1].size_bytes + 1));
			blocks_free(blocks);
		}
	}
}

Test(scan_blocks, the_widest_gap_is_in_no_span)
{
	static const struct blocks_item items[] = {
		{0x3a5e010, 24, 0}, {0x4000000, 64, 0}, {0x7f1200000010, 64, 0}, {0x7f1234567890, 64, 0}};
	struct blocks *blocks = table_of(items, 4);

	cr_assert(blocks_may_hold(blocks, 0x3b00000), "the narrow ones are");
	cr_assert(blocks_may_hold(blocks, 0x7f1210000000));
	cr_assert(!blocks_may_hold(blocks, 0x4000041));
	cr_assert(!blocks_may_hold(blocks, UINT64_C(0x1234567812345678) >> 16));
	cr_assert(!blocks_may_hold(blocks, 0x7f120000000f));
	blocks_free(blocks);
}

/* A size beyond the next block, as of a stream that lies. */
Test(scan_blocks, a_size_that_cannot_be_ends_at_the_next_block)
{
	static const struct blocks_item items[] = {{0x10000, UINT64_C(1) << 40, 0}, {0x20000, 16, 0}};
	struct blocks *blocks = table_of(items, 2);

	cr_assert(blocks_may_hold(blocks, 0x1ffff));
	cr_assert(blocks_may_hold(blocks, 0x20010));
	cr_assert(!blocks_may_hold(blocks, 0x20011));
	blocks_free(blocks);
}
