/* Verdicts from built pictures of memory: what counts as a pointer, and what follows from it. */
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

TestSuite(scan, .init = reset, .fini = clear, .timeout = 20);

Test(scan, nothing_at_all)
{
	image_scan();
	assert_totals(0, 0, 0, 0);
	cr_assert_eq(scan_find(&image.result, HEAP), SCAN_NONE);
}

Test(scan, a_lost_block_is_definite)
{
	uint64_t a = add_block(24), b = add_block(24);

	add_global(3, b);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(b), SCAN_REACHABLE);
	cr_assert_eq(block_at(b).root, 0);
	cr_assert_eq(image.result.roots[0].addr, DATA + 24);
	cr_assert_eq(image.result.ranges[image.result.roots[0].range].kind, SCAN_ROOT_GLOBAL);
	cr_assert_eq(image.result.totals[SCAN_DEFINITE].bytes, 24);
}

Test(scan, a_chain_is_reachable_and_names_its_holders)
{
	uint64_t at[5];
	uint32_t chain[8], root;

	for (int i = 0; i < 5; i++) {
		at[i] = add_block(40);
		if (i)
			put_word(at[i - 1] + 16, at[i]);
	}
	add_global(0, at[0]);
	image_scan();
	assert_totals(0, 0, 0, 5);
	cr_assert_eq(scan_chain(&image.result, scan_find(&image.result, at[4]), chain, 8, &root), 5);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(scan_block_get(&image.result, chain[i]).addr, at[i]);
	cr_assert_eq(image.result.roots[root].addr, DATA);
	cr_assert_eq(scan_chain(&image.result, scan_find(&image.result, at[4]), chain, 2, &root), 5);
	cr_assert_eq(scan_block_get(&image.result, chain[1]).addr, at[1]);
}

Test(scan, the_way_is_a_shortest_one)
{
	uint64_t a = add_block(24), b = add_block(24), c = add_block(24);

	put_word(a, b);
	put_word(b, c);
	put_word(a + 16, c);
	add_global(0, a);
	image_scan();
	cr_assert_eq(scan_block_get(&image.result, block_at(c).holder).addr, a);
}

Test(scan, a_lost_chain_has_one_definite_block)
{
	uint64_t c = add_block(24), b = add_block(24), a = add_block(24);

	put_word(a, b);
	put_word(b + 4, 0);
	put_word(b + 8, c + 8); /* among the lost, any pointer will do */
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(b), SCAN_INDIRECT);
	cr_assert_eq(verdict_at(c), SCAN_INDIRECT);
	cr_assert_eq(scan_block_get(&image.result, block_at(c).leader).addr, a);
}

Test(scan, pointers_inside_are_possible_and_so_is_what_follows)
{
	uint64_t a = add_block(100), b = add_block(24), c = add_block(24);

	add_global(0, a + 40);
	put_word(a, b);
	put_word(b, c);
	image_scan();
	assert_totals(0, 0, 3, 0);
	cr_assert_eq(scan_block_get(&image.result, block_at(c).holder).addr, b);
}

Test(scan, possible_is_upgraded_by_a_better_way)
{
	uint64_t a = add_block(100), b = add_block(24), c = add_block(24), d = add_block(24);

	add_global(0, a + 40);
	put_word(a, b);
	put_word(d, a);
	put_word(a + 8, c + 8);
	add_global(1, d);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_REACHABLE);
	cr_assert_eq(verdict_at(b), SCAN_REACHABLE);
	cr_assert_eq(verdict_at(c), SCAN_POSSIBLE);
	cr_assert_eq(scan_block_get(&image.result, block_at(a).holder).addr, d);
}

Test(scan, the_byte_behind_is_outside)
{
	uint64_t a = add_block(40), b = add_block(13), c = add_block(13);

	add_global(0, a + 40);
	add_global(1, b + 13);
	add_global(2, c + 12);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(b), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(c), SCAN_POSSIBLE);
}

Test(scan, only_aligned_whole_words_are_pointers)
{
	uint64_t a = add_block(24), b = add_block(24), c = add_block(20);

	put_word(DATA + 4, a);
	put_word(c + 12, b);
	put_word(c + 16, b); /* its second half is not in the block */
	add_global(4, c);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(b), SCAN_DEFINITE);
}

Test(scan, a_cycle_has_one_definite_block)
{
	uint64_t a = add_block(24), b = add_block(24), c = add_block(24), tail = add_block(24);

	put_word(b, c);
	put_word(c, a);
	put_word(a, b);
	put_word(c + 8, tail);
	image_scan();
	assert_totals(1, 3, 0, 0);
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(scan_block_get(&image.result, block_at(tail).leader).addr, a);
}

Test(scan, a_cycle_held_by_a_lost_block_is_indirect)
{
	/* The cycle has the lower addresses, and what holds it points to its second member. */
	uint64_t a = add_block(24), b = add_block(24), holder = add_block(24);

	put_word(a, b);
	put_word(b, a);
	put_word(holder, b);
	image_scan();
	assert_totals(1, 2, 0, 0);
	cr_assert_eq(verdict_at(holder), SCAN_DEFINITE);
}

Test(scan, cycles_of_cycles)
{
	uint64_t at[12];

	for (int i = 0; i < 12; i++)
		at[i] = add_block(40);
	for (int ring = 0; ring < 4; ring++) /* four rings of three, the rings in a line: the last one leads */
		for (int i = 0; i < 3; i++)
			put_word(at[ring * 3 + i], at[ring * 3 + (i + 1) % 3]);
	for (int ring = 1; ring < 4; ring++)
		put_word(at[ring * 3 + ring % 3] + 8, at[(ring - 1) * 3 + 1]);
	image_scan();
	assert_totals(1, 11, 0, 0);
	cr_assert_eq(verdict_at(at[9]), SCAN_DEFINITE);
	image_reset();
	for (int i = 0; i < 12; i++)
		at[i] = add_block(40);
	for (int ring = 0; ring < 4; ring++) /* … and the rings in a ring */
		for (int i = 0; i < 3; i++)
			put_word(at[ring * 3 + i], at[ring * 3 + (i + 1) % 3]);
	for (int ring = 0; ring < 4; ring++)
		put_word(at[ring * 3 + 2] + 8, at[(ring + 1) % 4 * 3 + 1]);
	image_scan();
	assert_totals(1, 11, 0, 0);
	cr_assert_eq(verdict_at(at[0]), SCAN_DEFINITE);
}

Test(scan, two_leaders_share)
{
	uint64_t shared = add_block(24), a = add_block(24), b = add_block(24);

	put_word(a, shared);
	put_word(b, shared);
	image_scan();
	assert_totals(2, 1, 0, 0);
	cr_assert_eq(verdict_at(shared), SCAN_INDIRECT);
}

Test(scan, pointers_to_itself_do_not_count)
{
	uint64_t a = add_block(24), b = add_block(64);

	put_word(a, a);
	put_word(b + 8, b + 32);
	image_scan();
	assert_totals(2, 0, 0, 0);
}

Test(scan, what_is_reached_does_not_lead_the_lost)
{
	uint64_t lost = add_block(24), held = add_block(24);

	put_word(lost, held);
	add_global(0, held);
	image_scan();
	assert_totals(1, 0, 0, 1);
}

Test(scan, zero_size_blocks_are_one_byte_long)
{
	uint64_t a = add_block(0), b = add_block(0), c = add_block(0);

	add_global(0, a);
	add_global(1, b + 1);
	(void)c;
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_REACHABLE);
	assert_totals(2, 0, 0, 1);
}

Test(scan, an_empty_array_of_objects_is_held_behind_its_count)
{
	uint64_t array = add_flagged(8, BLOCK_NEW_ARRAY), other = add_block(8);

	add_global(0, array + 8);
	add_global(1, other + 8);
	image_scan();
	cr_assert_eq(verdict_at(array), SCAN_REACHABLE);
	cr_assert_eq(verdict_at(other), SCAN_DEFINITE);
}

Test(scan, heuristic_newarray_and_length64)
{
	uint64_t array = add_block(8 + 3 * 20), odd = add_block(8 + 61), sized = add_block(8 + 61),
		 zero = add_block(40);

	put_word(array, 3);
	put_word(odd, 3);
	put_word(sized, 61);
	add_global(0, array + 8);
	add_global(1, odd + 8);
	add_global(2, sized + 8);
	add_global(3, zero + 8);
	image_scan();
	cr_assert_eq(verdict_at(array), SCAN_REACHABLE);
	cr_assert_eq(verdict_at(odd), SCAN_POSSIBLE);
	cr_assert_eq(verdict_at(sized), SCAN_REACHABLE);
	cr_assert_eq(verdict_at(zero), SCAN_POSSIBLE);
}

Test(scan, heuristic_stdstring)
{
	uint64_t good = add_block(24 + 30 + 1), longer = add_block(24 + 30 + 1), holder = add_block(32);

	put_word(good, 30);
	put_word(good + 8, 30);
	put_word(longer, 31); /* longer than there is room for */
	put_word(longer + 8, 30);
	put_word(holder, good + 24);
	put_word(holder + 8, longer + 24);
	add_global(0, holder);
	image_scan();
	cr_assert_eq(verdict_at(good), SCAN_REACHABLE);
	cr_assert_eq(verdict_at(longer), SCAN_POSSIBLE);
}

Test(scan, heuristic_multiple_inheritance)
{
	const unsigned offsets[] = {8, 16, 24, 48};
	uint64_t at[8], plain;

	for (int i = 0; i < 4; i++) {
		at[i] = add_block(64);
		put_word(at[i], VTABLE_A);
		put_word(at[i] + offsets[i], VTABLE_B);
		add_global((unsigned)i, at[i] + offsets[i]);
	}
	plain = add_block(64);
	put_word(plain, VTABLE_A);
	put_word(plain + 32, TABLES + 512); /* zeros: no table */
	add_global(5, plain + 32);
	image_scan();
	for (int i = 0; i < 4; i++)
		cr_assert_eq(verdict_at(at[i]), SCAN_REACHABLE, "at %u", offsets[i]);
	cr_assert_eq(verdict_at(plain), SCAN_POSSIBLE);
}

Test(scan, addresses_of_free_chunks_are_no_pointers)
{
	uint64_t a = add_block(100), b = add_block(24), c = add_block(104), d = add_block(32);

	put_word(LIBC_DATA, a + 96); /* the next chunk's header, as in a bin */
	put_word(STACK, b + 16);
	put_word(d, c + 96);
	add_global(0, d);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(b), SCAN_DEFINITE);
	cr_assert_eq(verdict_at(c), SCAN_DEFINITE);
}

Test(scan, pointers_to_last_members_are_pointers)
{
	uint64_t first = add_block(24), second = add_block(24), last = add_block(24), end = add_block(24);

	add_global(0, first + 16); /* a list linked by the last member */
	put_word(first + 16, second + 16);
	put_word(second + 16, last + 16);
	(void)end;
	image_scan();
	cr_assert_eq(verdict_at(first), SCAN_POSSIBLE);
	cr_assert_eq(verdict_at(second), SCAN_POSSIBLE);
	cr_assert_eq(verdict_at(last), SCAN_POSSIBLE);
}

Test(scan, other_allocators_have_no_such_words)
{
	uint64_t a = add_block(100);

	image.jemalloc = true;
	put_word(STACK, a + 96);
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_POSSIBLE);
}

Test(scan, blocks_every_eight_bytes)
{
	uint64_t at[64];

	image.spacing = 8;
	image.jemalloc = true;
	for (int i = 0; i < 64; i++)
		at[i] = add_block(8);
	for (int i = 0; i < 64; i += 2)
		add_global((unsigned)i, at[i]);
	add_global(1, at[1] + 4);
	image_scan();
	assert_totals(31, 0, 1, 32);
	cr_assert_eq(verdict_at(at[1]), SCAN_POSSIBLE);
}

Test(scan, large_blocks_across_pages)
{
	uint64_t big = add_block(1 << 20), after = add_block(24), held = add_block(24), end = add_block(24);

	add_global(0, big + 700000);
	put_word(big + 600000 - 600000 % 8, held);
	put_word(big + (1 << 20) - 8, end);
	(void)after;
	image_scan();
	cr_assert_eq(verdict_at(big), SCAN_POSSIBLE);
	cr_assert_eq(verdict_at(held), SCAN_POSSIBLE);
	cr_assert_eq(verdict_at(end), SCAN_POSSIBLE);
	cr_assert_eq(verdict_at(after), SCAN_DEFINITE);
	cr_assert_geq(image.result.heap_bytes, (1 << 20) + 3 * 24);
}

Test(scan, pages_that_cannot_be_read_are_counted_and_passed)
{
	uint64_t big = add_block(40000), held = add_block(24);

	image.hole = (big + 8192) & ~UINT64_C(4095);
	image.hole_end = image.hole + 4096;
	put_word(big + 39000, held);
	add_global(0, big);
	image_scan();
	assert_totals(0, 0, 0, 2);
	cr_assert_eq(image.result.unreadable_heap_bytes, 4096);
}

Test(scan, far_apart_blocks)
{
	uint64_t previous = 0, first = 0;
	unsigned n = 0;

	image.spacing = 5008; /* a piece each: more than one call takes */
	while (image.top + 5008 < HEAP + HEAP_BYTES) {
		uint64_t block = add_block(48);

		if (previous)
			put_word(previous + 40, block);
		else
			first = block;
		previous = block;
		n++;
	}
	cr_assert_gt(n, MEMORY_PIECES_MAX);
	add_global(0, first);
	image_scan();
	assert_totals(0, 0, 0, n);
}

Test(scan, blocks_of_loader_and_parent_are_roots)
{
	uint64_t loader = add_flagged(24, BLOCK_ROOT), parent = add_flagged(24, BLOCK_INHERITED);
	uint64_t a = add_block(24), b = add_block(24);

	put_word(loader, a);
	put_word(parent, b);
	image_scan();
	assert_totals(0, 0, 0, 3); /* the parent's is not ours to count */
	cr_assert(block_at(parent).inherited);
	cr_assert_eq(verdict_at(parent), SCAN_REACHABLE);
	cr_assert_eq(image.result.ranges[image.result.roots[block_at(loader).root].range].kind, SCAN_ROOT_LOADER);
}

Test(scan, tagged_pointers_are_told)
{
	uint64_t a = add_block(24), b = add_block(24), c = add_block(24), d = add_block(24), other = add_block(24);

	add_global(0, a | UINT64_C(0x8001) << 48);
	put_word(a, b);
	put_word(b + 8, c | UINT64_C(1) << 63 | 1);
	put_word(d, other | UINT64_C(1) << 63);
	image_scan();
	assert_totals(4, 1, 0, 0);
	cr_assert(block_at(a).tagged && block_at(b).tagged && block_at(c).tagged);
	cr_assert(!block_at(d).tagged && !block_at(other).tagged);
}

Test(scan, a_long_list_of_tagged_pointers)
{
	uint64_t at[3000];

	for (int i = 0; i < 3000; i++)
		at[i] = add_block(24);
	for (int i = 1; i < 3000; i++)
		put_word(at[i], at[i - 1] | UINT64_C(7) << 48);
	add_global(0, at[2999] | UINT64_C(7) << 48);
	image_scan();
	assert_totals(3000, 0, 0, 0);
	cr_assert(block_at(at[0]).tagged);
}

Test(scan, registers_are_read_from_their_bytes)
{
	uint64_t a = add_block(24), words[4] = {0, 0, a, 0};

	image_range(SCAN_ROOT_REGISTER, 0, sizeof(words), true);
	image.result.ranges[0].bytes = (const uint8_t *)words;
	image_scan();
	cr_assert_eq(verdict_at(a), SCAN_REACHABLE);
	cr_assert_eq(image.result.roots[0].addr, 16);
}
