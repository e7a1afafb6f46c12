#include "cli/render/trend.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect(const struct trend *trend, bool utf8, const char *want)
{
	struct out *out = out_memory();

	setenv("TZ", "UTC", 1);
	trend_print(trend, utf8, out);
	cr_expect_str_eq(out_text(out, NULL), want);
	cr_assert_eq(out_close(out, NULL), 0);
}

Test(trend, a_line)
{
	const struct trend trend = {
		.time = 12 * 3600 + 5,
		.n_processes = 1,
		.live_bytes = 12897485,
		.live_blocks = 10234,
		.rss_bytes = 31 << 20,
		.change_bytes = 419430,
		.percent = 61.7,
		.limit_bytes = 50 << 20,
		.values = {800, 300, 200, 100},
		.n_values = 4,
	};

	expect(&trend, true, "12:00:05 live 12.3M (+410K) objs 10,234 rss 31.0M 62% of 50.0M ▁▂▃█\n");
	expect(&trend, false, "12:00:05 live 12.3M (+410K) objs 10,234 rss 31.0M 62% of 50.0M _.,#\n");
}

Test(trend, several_processes_no_limit_and_a_fall)
{
	const struct trend trend = {.n_processes = 3,
				    .live_bytes = 999,
				    .change_bytes = -1500,
				    .percent = -1,
				    .values = {7, 7},
				    .n_values = 2};

	expect(&trend, false, "00:00:00 live 999B (-1.5K) objs 0 rss 0B in 3 processes __\n");
}

Test(trend, the_locale_says_whether_it_may_be_utf8)
{
	setenv("TERM", "xterm", 1);
	unsetenv("LC_ALL");
	unsetenv("LC_CTYPE");
	setenv("LANG", "de_DE.UTF-8", 1);
	cr_expect(trend_wants_utf8());
	setenv("LC_CTYPE", "C", 1);
	cr_expect_not(trend_wants_utf8());
	setenv("LC_ALL", "C.utf8", 1);
	cr_expect(trend_wants_utf8());
	setenv("TERM", "dumb", 1);
	cr_expect_not(trend_wants_utf8());
}
