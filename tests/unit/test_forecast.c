/* Series whose nature is known. */
#include "cli/analysis/forecast.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>

#define N   400
#define MIB 1048576.0

static struct report_sample samples[N];
static uint64_t state;

/* Uniform in [-1, 1], the same in each run. */
static double noise(void)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(int64_t)(state >> 11) / 4503599627370496.0 - 1;
}

static struct report_forecast fit(double (*bytes)(double t), double seconds, uint64_t limit)
{
	struct report_forecast forecast;

	for (size_t i = 0; i < N; i++) {
		samples[i].seconds = seconds * (double)i / (N - 1);
		samples[i].live_bytes = (uint64_t)fmax(0, bytes(samples[i].seconds));
	}
	forecast_fit(samples, N, limit, limit ? "--limit" : NULL, &forecast);
	return forecast;
}

static double leak(double t)
{
	return 10 * MIB + MIB * t + 0.2 * MIB * noise();
}

static double exact(double t)
{
	return MIB * t;
}

static double stairs(double t)
{
	return MIB * floor(t);
}

static double sawtooth(double t)
{
	return 5 * MIB + MIB * fmod(t, 7);
}

static double long_sawtooth(double t)
{
	return 5 * MIB + MIB * fmod(t + 1, 24); /* the window is one rise */
}

static double leaking_sawtooth(double t)
{
	return MIB * t + 2 * MIB * fmod(t, 3);
}

static double warm_up(double t)
{
	return 50 * MIB * (1 - exp(-t / 5));
}

static double slow_warm_up(double t)
{
	return 50 * MIB * (1 - exp(-t / 50)) + 0.1 * MIB * noise();
}

static double table(double t)
{
	return MIB * exp2(floor(log2(t + 1))); /* doubles when it is full; ever more seldom */
}

static double flat(double t)
{
	(void)t;
	return 7 * MIB;
}

static double noisy_flat(double t)
{
	(void)t;
	return 7 * MIB + MIB * noise();
}

static double falling(double t)
{
	return 1000 * MIB - MIB * t + 0.1 * MIB * noise();
}

static double cleaned_up(double t)
{
	return t > 99.7 ? 0 : leak(t);
}

static double walk(double t)
{
	static double height;

	height = t > 0 ? height + MIB * noise() : 100 * MIB;
	return height;
}

Test(forecast, a_leak_grows_at_its_rate_and_the_limit_is_reached_when_it_is)
{
	struct report_forecast f = fit(leak, 100, (uint64_t)(210 * MIB));

	cr_assert_eq(f.trend, FORECAST_GROWING);
	cr_expect_float_eq(f.bytes_per_second, MIB, 0.02 * MIB);
	cr_expect(f.low_bytes_per_second < MIB && MIB < f.high_bytes_per_second);
	cr_expect(f.high_bytes_per_second - f.low_bytes_per_second < 0.1 * MIB);
	cr_expect(f.r2 > 0.98);
	cr_expect_float_eq(f.seconds_to_limit, 100, 3);
	cr_expect_eq(f.limit_bytes, (uint64_t)(210 * MIB));
}

Test(forecast, without_a_limit_there_is_no_time)
{
	struct report_forecast f = fit(exact, 100, 0);

	cr_assert_eq(f.trend, FORECAST_GROWING);
	cr_expect_float_eq(f.bytes_per_second, MIB, 1);
	cr_expect_float_eq(f.low_bytes_per_second, MIB, 1);
	cr_expect_lt(f.seconds_to_limit, 0);
	cr_expect_null(f.limit_source);
}

Test(forecast, growth_in_steps_and_under_waves_is_seen)
{
	cr_expect_eq(fit(stairs, 100, 0).trend, FORECAST_GROWING);
	cr_expect_eq(fit(leaking_sawtooth, 100, 0).trend, FORECAST_GROWING);
}

Test(forecast, cleaning_up_at_the_end_does_not_hide_it)
{
	cr_expect_eq(fit(cleaned_up, 100, 0).trend, FORECAST_GROWING);
}

Test(forecast, waves_warm_ups_and_growing_tables_are_no_growth)
{
	static double (*const series[])(double) = {sawtooth, long_sawtooth, warm_up, table, noisy_flat};

	for (size_t i = 0; i < sizeof(series) / sizeof(*series); i++) {
		cr_expect_neq(fit(series[i], 46, (uint64_t)(1e4 * MIB)).trend, FORECAST_GROWING, "series %zu", i);
		cr_expect_neq(fit(series[i], 100, 0).trend, FORECAST_GROWING, "series %zu, longer", i);
	}
	cr_expect_neq(fit(slow_warm_up, 100, 0).trend, FORECAST_GROWING);
}

Test(forecast, random_walks_are_rarely_taken_for_growth)
{
	int growing = 0;

	for (int i = 0; i < 2000; i++)
		growing += fit(walk, 100, 0).trend == FORECAST_GROWING;
	cr_expect_leq(growing, 40, "%d of 2000; each ends higher than it began with even odds", growing);
}

Test(forecast, what_stays_or_falls_is_steady)
{
	cr_expect_eq(fit(flat, 100, 0).trend, FORECAST_STEADY);
	cr_expect_eq(fit(flat, 100, (uint64_t)(8 * MIB)).trend, FORECAST_STEADY);
	cr_expect_eq(fit(falling, 100, 0).trend, FORECAST_STEADY);
}

Test(forecast, the_interval_spans_zero_in_most_noise)
{
	int spans = 0;

	for (int i = 0; i < 200; i++) {
		struct report_forecast f = fit(noisy_flat, 100, 0);

		spans += f.low_bytes_per_second <= 0 && f.high_bytes_per_second >= 0;
	}
	cr_expect_geq(spans, 180, "%d of 200; 190 are expected", spans);
}

Test(forecast, little_is_not_enough)
{
	struct report_forecast f = fit(exact, 1.5, 0);

	cr_expect_eq(f.trend, FORECAST_NONE, "the window is too short");
	cr_expect_not(f.fitted);
	forecast_fit(samples, 7, 0, NULL, &f);
	cr_expect_eq(f.trend, FORECAST_NONE);
	forecast_fit(NULL, 0, 5, "RAM", &f);
	cr_expect_eq(f.trend, FORECAST_NONE);
	cr_expect_eq(f.limit_bytes, 5u);
	cr_expect_str_eq(f.limit_source, "RAM");
}
