/* When growth asks for a leak scan. */
#include "cli/session/rescan.h"

#include <criterion/criterion.h>

#define MIB ((uint64_t)1 << 20)

Test(rescan, the_first_comes_at_a_percentage_of_4_mib)
{
	cr_assert_leq(rescan_threshold(0, 100), 4 * MIB);
	cr_assert_gt(rescan_threshold(0, 100), 3 * MIB);
	cr_assert_leq(rescan_threshold(0, 50), 2 * MIB);
	cr_assert_gt(rescan_threshold(1000, 50), MIB);
}

Test(rescan, then_by_growth)
{
	cr_assert_eq(rescan_threshold(100 * MIB, 100), 200 * MIB);
	cr_assert_eq(rescan_threshold(100 * MIB, 25), 125 * MIB);
	cr_assert_eq(rescan_threshold((uint64_t)1 << 46, 100), (uint64_t)1 << 47);
}
