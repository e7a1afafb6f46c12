#include "cli/symbols/range_map.h"

#include <criterion/criterion.h>

#include <stdlib.h>

Test(range_map, empty_and_edges, .timeout = 10)
{
	struct range_map map = {0};

	cr_expect_null(range_map_find(&map, 0));
	range_map_add(&map, 10, 10, 1);
	range_map_add(&map, 10, 5, 2);
	cr_expect_eq(map.n, 0);
	range_map_add(&map, 10, 20, 3);
	cr_expect_null(range_map_find(&map, 9));
	cr_expect_eq(range_map_find(&map, 10)->value, 3);
	cr_expect_eq(range_map_find(&map, 19)->value, 3);
	cr_expect_null(range_map_find(&map, 20));
	range_map_add(&map, UINT64_MAX - 1, UINT64_MAX, 4);
	cr_expect_eq(range_map_find(&map, UINT64_MAX - 1)->value, 4);
	range_map_release(&map);
}

Test(range_map, inner_first_then_outer, .timeout = 10)
{
	struct range_map map = {0};
	size_t cursor = RANGE_MAP_START;

	range_map_add(&map, 0, 100, 0);
	range_map_add(&map, 0, 50, 1);
	range_map_add(&map, 10, 20, 2);
	range_map_add(&map, 10, 20, 3);
	range_map_add(&map, 30, 40, 4);
	for (uint32_t want = 4; want-- > 0;)
		cr_expect_eq(range_map_next(&map, 15, &cursor)->value, want);
	cr_expect_null(range_map_next(&map, 15, &cursor));
	cr_expect_null(range_map_next(&map, 15, &cursor));
	cr_expect_eq(range_map_find(&map, 60)->value, 0);
	range_map_release(&map);
}

Test(range_map, equals_a_linear_search, .timeout = 20)
{
	struct range_map map = {0};
	struct {
		uint64_t lo, hi;
	} all[300];
	unsigned seed = 7;

	for (uint32_t i = 0; i < 300; i++) {
		all[i].lo = (uint64_t)rand_r(&seed) % 1000;
		all[i].hi = all[i].lo + 1 + (uint64_t)rand_r(&seed) % 80;
		range_map_add(&map, all[i].lo, all[i].hi, i);
	}
	for (uint64_t addr = 0; addr < 1100; addr++) {
		size_t cursor = RANGE_MAP_START, n = 0, want = 0;
		const struct range *r;

		for (size_t i = 0; i < 300; i++)
			want += all[i].lo <= addr && addr < all[i].hi;
		for (; (r = range_map_next(&map, addr, &cursor)) != NULL; n++)
			cr_assert(r->lo <= addr && addr < r->hi);
		cr_assert_eq(n, want, "at %d", (int)addr);
	}
	range_map_release(&map);
}

/* So many that they are sorted by digits: what one map says of each address, a few small ones must say together. */
static void expect_like_small_ones(uint64_t base, uint64_t span)
{
	enum { N = 3000, N_SMALL = 10 };
	struct range_map large = {0}, small[N_SMALL] = {{0}};
	unsigned seed = 3;

	for (uint32_t i = 0; i < N; i++) {
		uint64_t lo = base + (uint64_t)rand_r(&seed) * 7919 % span, hi = lo + 1 + (uint64_t)rand_r(&seed) % 90;

		range_map_add(&large, lo, hi, i);
		range_map_add(&small[i / (N / N_SMALL)], lo, hi, i);
	}
	for (size_t i = 0; i < N; i++) {
		uint64_t addr = large.items[i].lo;
		size_t cursor = RANGE_MAP_START, n = 0, n_small = 0, sum = 0, sum_small = 0;
		const struct range *r, *outer = NULL;

		for (; (r = range_map_next(&large, addr, &cursor)) != NULL; outer = r, n++, sum += r->value) {
			cr_assert(r->lo <= addr && addr < r->hi);
			cr_assert(!outer || r->lo < outer->lo ||
				  (r->lo == outer->lo && (r->hi > outer->hi || r->value < outer->value)));
		}
		for (size_t j = 0; j < N_SMALL; j++)
			for (cursor = RANGE_MAP_START; (r = range_map_next(&small[j], addr, &cursor)) != NULL;) {
				n_small++;
				sum_small += r->value;
			}
		cr_assert_gt(n, 0);
		cr_assert_eq(n, n_small);
		cr_assert_eq(sum, sum_small);
	}
	range_map_release(&large);
	for (size_t j = 0; j < N_SMALL; j++)
		range_map_release(&small[j]);
}

Test(range_map, many_are_like_a_few, .timeout = 20)
{
	expect_like_small_ones(0, 200);
	expect_like_small_ones(0x400000, 1 << 20);
	expect_like_small_ones(UINT64_MAX / 3, UINT64_MAX / 2);
	expect_like_small_ones(1, UINT64_MAX - 200);
}

Test(range_map, many_at_one_place, .timeout = 20)
{
	struct range_map map = {0};
	size_t cursor = RANGE_MAP_START;

	for (uint32_t i = 0; i < 100000; i++)
		range_map_add(&map, 5, 6 + i, i);
	for (uint32_t i = 0; i < 100000; i++)
		cr_assert_eq(range_map_next(&map, 5, &cursor)->value, i);
	range_map_release(&map);
}
