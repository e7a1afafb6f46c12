#include "cli/analysis/thresholds.h"

#include <criterion/criterion.h>

static const struct thresholds usual = {3, {70, 80, 90}};

static uint32_t step(struct threshold_state *state, uint64_t used)
{
	return thresholds_step(&usual, state, used, 1000);
}

Test(thresholds, each_is_crossed_once)
{
	struct threshold_state state = {0};

	cr_expect_eq(step(&state, 699), 0u);
	cr_expect_eq(step(&state, 700), 1u);
	cr_expect_eq(step(&state, 750), 0u);
	cr_expect_eq(step(&state, 1200), 6u, "two at once");
	cr_expect_eq(step(&state, 1300), 0u);
}

Test(thresholds, a_use_that_sways_does_not_cross_again)
{
	struct threshold_state state = {0};

	cr_expect_eq(step(&state, 710), 1u);
	for (int i = 0; i < 100; i++)
		cr_expect_eq(step(&state, i % 2 ? 710 : 651), 0u);
	cr_expect_eq(step(&state, 650), 0u);
	cr_expect_eq(step(&state, 710), 0u, "650 is not below 65 %%");
	cr_expect_eq(step(&state, 649), 0u);
	cr_expect_eq(step(&state, 710), 1u);
}

Test(thresholds, without_a_limit_nothing_is_crossed)
{
	struct threshold_state state = {0};

	cr_expect_eq(thresholds_step(&usual, &state, UINT64_MAX, 0), 0u);
}

Test(thresholds, severity_is_by_level)
{
	cr_expect_str_eq(threshold_severity(1), "notice");
	cr_expect_str_eq(threshold_severity(70), "notice");
	cr_expect_str_eq(threshold_severity(80), "warning");
	cr_expect_str_eq(threshold_severity(89), "warning");
	cr_expect_str_eq(threshold_severity(90), "severe");
}
