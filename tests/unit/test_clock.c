#include "cli/base/clock.h"

#include <criterion/criterion.h>

Test(clock, never_goes_back)
{
	uint64_t before = clock_now_ns();

	cr_assert_gt(before, 0);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now_ns();

		cr_assert_geq(now, before);
		before = now;
	}
}
