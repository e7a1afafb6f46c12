#include "shim/tags.h"

#include <criterion/criterion.h>

#define BLOCK UINT64_C(0x7f1234567890)

Test(tags, a_release_that_fits_is_not_suspected)
{
	static const unsigned kinds[][2] = {{WIRE_KIND_MALLOC, WIRE_KIND_FREE},
					    {WIRE_KIND_PVALLOC, WIRE_KIND_FREE},
					    {WIRE_KIND_REALLOC, WIRE_KIND_REALLOC},
					    {WIRE_KIND_NEW, WIRE_KIND_DELETE},
					    {WIRE_KIND_NEW_ARRAY, WIRE_KIND_DELETE_ARRAY}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		mw_tags_alloc(BLOCK, kinds[i][0]);
		cr_assert(!mw_tags_release(BLOCK, kinds[i][1]), "pair %zu", i);
	}
}

Test(tags, another_family_and_a_second_release_are)
{
	mw_tags_alloc(BLOCK, WIRE_KIND_NEW);
	cr_assert(mw_tags_release(BLOCK, WIRE_KIND_FREE));
	cr_assert(mw_tags_release(BLOCK, WIRE_KIND_FREE), "freed already");
	mw_tags_alloc(BLOCK, WIRE_KIND_MALLOC);
	cr_assert(mw_tags_release(BLOCK, WIRE_KIND_DELETE));
	mw_tags_alloc(BLOCK, WIRE_KIND_NEW_ARRAY);
	cr_assert(mw_tags_release(BLOCK, WIRE_KIND_DELETE));
	mw_tags_alloc(BLOCK, WIRE_KIND_NEW);
	cr_assert(mw_tags_release(BLOCK, WIRE_KIND_REALLOC));
}

/* Whatever shares a place with a block is never taken for it. */
Test(tags, a_forgotten_block_is_not_suspected)
{
	unsigned n_displaced = 0;

	for (uint64_t other = 8; other < UINT64_C(1) << 47; other += (UINT64_C(1) << 20) + 16 * 1021 + 8) {
		mw_tags_alloc(BLOCK, WIRE_KIND_NEW);
		mw_tags_alloc(other, WIRE_KIND_MALLOC);
		cr_assert(!mw_tags_release(BLOCK, WIRE_KIND_DELETE), "0x%lx", (unsigned long)other);
		mw_tags_alloc(BLOCK, WIRE_KIND_MALLOC);
		mw_tags_alloc(other, WIRE_KIND_NEW);
		n_displaced += !mw_tags_release(BLOCK, WIRE_KIND_DELETE);
		if (other > UINT64_C(1) << 40)
			other += UINT64_C(1) << 26;
	}
	cr_assert_gt(n_displaced, 0, "some must have shared the place, or this tests nothing");
}

Test(tags, never_seen_addresses_are_suspected_a_bounded_number_of_times)
{
	unsigned n = 0;

	for (uint64_t addr = 0x10000000; addr < 0x10000000 + 16 * 20000; addr += 16)
		n += mw_tags_release(addr, WIRE_KIND_FREE);
	cr_assert_eq(n, 1000);
}
