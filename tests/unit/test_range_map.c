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
