#include "shim/blocks.h"

#include <criterion/criterion.h>

#define BLOCK UINT64_C(0x7f1234567890)

static void made(uint64_t addr, unsigned kind)
{
	mw_blocks_alloc(addr, BLOCK_MADE(kind), 0, 0);
}

static bool suspected(uint64_t addr, unsigned kind)
{
	return mw_blocks_suspect(mw_blocks_release(addr), addr, kind);
}

Test(blocks, a_release_that_fits_is_not_suspected)
{
	static const unsigned kinds[][2] = {{WIRE_KIND_MALLOC, WIRE_KIND_FREE},
					    {WIRE_KIND_PVALLOC, WIRE_KIND_FREE},
					    {WIRE_KIND_REALLOC, WIRE_KIND_REALLOC},
					    {WIRE_KIND_NEW, WIRE_KIND_DELETE},
					    {WIRE_KIND_NEW_ARRAY, WIRE_KIND_DELETE_ARRAY}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		made(BLOCK, kinds[i][0]);
		cr_assert(!suspected(BLOCK, kinds[i][1]), "pair %zu", i);
	}
}

Test(blocks, another_family_and_a_second_release_are)
{
	made(BLOCK, WIRE_KIND_NEW);
	cr_assert(suspected(BLOCK, WIRE_KIND_FREE));
	cr_assert(suspected(BLOCK, WIRE_KIND_FREE), "freed already");
	made(BLOCK, WIRE_KIND_MALLOC);
	cr_assert(suspected(BLOCK, WIRE_KIND_DELETE));
	made(BLOCK, WIRE_KIND_NEW_ARRAY);
	cr_assert(suspected(BLOCK, WIRE_KIND_DELETE));
	made(BLOCK, WIRE_KIND_NEW);
	cr_assert(suspected(BLOCK, WIRE_KIND_REALLOC));
}

/* Whatever shares a place with a block is never taken for it. */
Test(blocks, a_forgotten_block_is_not_suspected)
{
	unsigned n_displaced = 0;

	for (uint64_t other = 8; other < UINT64_C(1) << 47; other += (UINT64_C(1) << 20) + 16 * 1021 + 8) {
		made(BLOCK, WIRE_KIND_NEW);
		made(other, WIRE_KIND_MALLOC);
		cr_assert(!suspected(BLOCK, WIRE_KIND_DELETE), "0x%lx", (unsigned long)other);
		made(BLOCK, WIRE_KIND_MALLOC);
		made(other, WIRE_KIND_NEW);
		n_displaced += !suspected(BLOCK, WIRE_KIND_DELETE);
		if (other > UINT64_C(1) << 40)
			other += UINT64_C(1) << 26;
	}
	cr_assert_gt(n_displaced, 0, "some must have shared the place, or this tests nothing");
}

Test(blocks, never_seen_addresses_are_suspected_a_bounded_number_of_times)
{
	unsigned n = 0;

	for (uint64_t addr = 0x10000000; addr < 0x10000000 + 16 * 20000; addr += 16)
		n += suspected(addr, WIRE_KIND_FREE);
	cr_assert_eq(n, 1000);
}

/* ---- near frees ---- */

static bool near(uint64_t entry, uint64_t addr, uint64_t mark)
{
	uint32_t at;

	return mw_blocks_near(entry, addr, mark, &at);
}

Test(blocks, a_block_is_near_in_its_chunk_only)
{
	uint64_t cycle = 0, mark = mw_blocks_next_mark(&cycle), later = mw_blocks_next_mark(&cycle), entry;
	uint32_t at;

	cr_assert_neq(mark, later);
	mw_blocks_alloc(BLOCK, BLOCK_MALLOC, mark, 8 * 777);
	entry = mw_blocks_release(BLOCK);
	cr_assert(mw_blocks_near(entry, BLOCK, mark, &at));
	cr_assert_eq(at, 8 * 777);
	cr_assert(!near(entry, BLOCK, later));
	cr_assert(!near(entry, BLOCK + (1 << 20), mark));
	cr_assert(!near(mw_blocks_release(BLOCK), BLOCK, mark), "freed");
	mw_blocks_alloc(BLOCK, BLOCK_MALLOC, 0, 0);
	cr_assert(!near(mw_blocks_release(BLOCK), BLOCK, mark), "without a record in a chunk");
}

Test(blocks, addresses_that_a_near_free_cannot_say_are_far)
{
	static const uint64_t far[] = {BLOCK + 8, UINT64_C(1) << 47 | BLOCK};
	uint64_t cycle = 0, mark = mw_blocks_next_mark(&cycle);

	for (size_t i = 0; i < MW_ARRAY_LEN(far); i++) {
		mw_blocks_alloc(far[i], BLOCK_MALLOC, mark, 0);
		cr_assert(!near(mw_blocks_release(far[i]), far[i], mark));
	}
}

Test(blocks, a_mark_that_comes_again_finds_nothing_of_the_last_round)
{
	uint64_t cycle = 0, first = mw_blocks_next_mark(&cycle), mark;

	mw_blocks_alloc(BLOCK, BLOCK_MALLOC, first, 0);
	do {
		mark = mw_blocks_next_mark(&cycle);
		cr_assert_neq(mark, 0);
	} while (mark != first);
	cr_assert(!near(mw_blocks_release(BLOCK), BLOCK, mark));
}

/* What one stream puts with an old mark, after another has begun the new round, is forgotten by the time that the first
 * takes its own next mark. */
Test(blocks, a_stream_that_slept_forgets_its_own)
{
	uint64_t sleeper = 0, other = 0, first;

	mw_blocks_next_mark(&sleeper);
	mw_blocks_next_mark(&sleeper);
	first = mw_blocks_next_mark(&sleeper);
	while (mw_blocks_next_mark(&other) != first - (UINT64_C(2) << BLOCK_MARK_SHIFT))
		;
	mw_blocks_alloc(BLOCK, BLOCK_MALLOC, first, 0);
	mw_blocks_next_mark(&other);
	cr_assert_eq(mw_blocks_next_mark(&sleeper), first);
	cr_assert(!near(mw_blocks_release(BLOCK), BLOCK, first));
}
