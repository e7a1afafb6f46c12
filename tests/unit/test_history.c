#include "cli/analysis/history.h"

#include <criterion/criterion.h>

static struct report_sample at(double seconds, uint64_t live)
{
	return (struct report_sample){.seconds = seconds,
				      .live_bytes = live,
				      .high_bytes = live,
				      .allocated_bytes = (uint64_t)(seconds * 10)};
}

Test(history, a_week_takes_the_memory_of_a_minute)
{
	struct history history = {0};
	struct report_sample copy[HISTORY_POINTS];
	double week = 7 * 86400;

	for (int i = 0; i <= week; i++) {
		struct report_sample sample = at(i, 1000 + (uint64_t)i);

		if (i == 123456)
			sample.high_bytes = 99999999; /* between two points */
		history_add(&history, &sample);
		cr_assert_leq(history.n, HISTORY_POINTS);
	}
	cr_assert_leq(history.cap, 2 * HISTORY_POINTS);
	cr_assert_geq(history.n, HISTORY_POINTS / 2);
	history_copy(&history, copy);
	cr_expect_eq(copy[0].seconds, 0, "the start is kept");
	cr_expect_eq(copy[history.n - 1].seconds, week, "and the end");
	cr_expect_eq(copy[history.n - 1].live_bytes, 1000 + (uint64_t)week);
	history_release(&history);
}

Test(history, maxima_are_kept_and_times_rise)
{
	struct history history = {0};
	uint64_t highest = 0;
	size_t fine = 0;

	for (int i = 0; i < 100000; i++) {
		struct report_sample sample = at(i, 10);

		if (i == 777)
			sample.high_bytes = 5000;
		history_add(&history, &sample);
	}
	for (size_t i = 0; i < history.n; i++) {
		highest = history.points[i].high_bytes > highest ? history.points[i].high_bytes : highest;
		cr_assert(i == 0 || history.points[i].seconds > history.points[i - 1].seconds);
		fine += i && history.points[i].seconds - history.points[i - 1].seconds < 2;
	}
	cr_expect_eq(highest, 5000u);
	cr_expect_geq(fine, 1u, "what is recent is fine");
	cr_expect_geq(history.points[1].seconds, 256, "what is old is coarse");
	history_release(&history);
}

Test(history, rates_are_of_the_time_between_points)
{
	struct history history = {0};
	struct report_sample copy[3], samples[] = {at(0, 1), at(2, 1), at(3, 1)};

	for (int i = 0; i < 3; i++)
		history_add(&history, &samples[i]);
	history_copy(&history, copy);
	cr_expect_eq(copy[0].bytes_per_second, 0);
	cr_expect_float_eq(copy[1].bytes_per_second, 10, 1e-9);
	cr_expect_float_eq(copy[2].bytes_per_second, 10, 1e-9);
	history_release(&history);
}

Test(history, what_is_not_later_is_the_new_state_of_the_last_point)
{
	struct history history = {0};
	struct report_sample samples[] = {at(1, 70), at(1, 20), at(0.5, 30)};

	samples[0].rss_bytes = 4096;
	for (int i = 0; i < 3; i++)
		history_add(&history, &samples[i]);
	cr_assert_eq(history.n, 1u);
	cr_expect_eq(history.points[0].seconds, 1);
	cr_expect_eq(history.points[0].live_bytes, 30u);
	cr_expect_eq(history.points[0].high_bytes, 70u);
	cr_expect_eq(history.points[0].rss_bytes, 4096u);
	history_release(&history);
}
