/* The screens of `memwatch top`: what is laid out from data, at any size. */
#include "cli/top/top_view.h"

#include <criterion/criterion.h>
#include <string.h>

static struct top_row rows[] = {
	{.stack = 7,
	 .live_bytes = 10 << 20,
	 .live_blocks = 1234,
	 .growth = 12288,
	 .rate = 2e6,
	 .verdict = "growing",
	 .where = "cache_add (cache.c:42) < main"},
	{.stack = 9, .live_bytes = 512, .live_blocks = 1, .growth = -2048, .where = "evil\x1b[2J name"},
};

static const char *frames[] = {"cache_add (cache.c:42)", "main (main.c:7)"};
static const char *holders[] = {"global head in prog"};

static struct top_data sample(void)
{
	return (struct top_data){
		.pid = 4711,
		.program = "/opt/server",
		.seconds = 61,
		.period_seconds = 1,
		.live_bytes = 11 << 20,
		.live_blocks = 1235,
		.peak_live_bytes = 12 << 20,
		.allocated_bytes = 1 << 30,
		.allocations = 5000,
		.rss_bytes = 31 << 20,
		.limit_bytes = 64 << 20,
		.limit_source = "--limit",
		.scanned = true,
		.growing = 1,
		.scan_age_seconds = 2,
		.judged_age_seconds = 3,
		.live = {{1, 2, 8}, 3},
		.rate = {{1 << 20}, 1},
		.rss = {{3, 3}, 2},
		.n_stacks = 2,
		.n_matching = 1,
		.rows = rows,
		.n_rows = 2,
	};
}

static struct top_state state_of(unsigned height, unsigned width)
{
	return (struct top_state){.height = height, .width = width, .interval_ns = 1000000000, .utf8 = true};
}

static void expect(const struct top_screen *screen, size_t line, const char *text, enum top_style style)
{
	cr_assert_lt(line, screen->n);
	cr_expect_str_eq(screen->lines[line].text, text);
	cr_expect_eq(screen->lines[line].style, style, "style of line %zu", line);
}

Test(top_view, a_table)
{
	struct top_state state = state_of(12, 100);
	struct top_data data = sample();
	struct top_screen screen = top_view(&state, &data);

	cr_assert_eq(screen.n, 12);
	expect(&screen, 0, "memwatch top  4711 server, running 1 min 01 s; every 1.00 s", STYLE_BOLD);
	expect(&screen, 1, "Live  11.0 MiB in 1,235 blocks, peak 12.0 MiB                   ▁▂█", STYLE_PLAIN);
	expect(&screen, 2, "Rate  1.0 MiB/s allocated; in all 1.0 GiB in 5,000 calls        ▁", STYLE_PLAIN);
	expect(&screen, 3, "RSS   31.0 MiB; limit 64.0 MiB (--limit)                        ▁▁", STYLE_PLAIN);
	expect(&screen, 4, "Leaks nothing definitely lost, 2.00 s ago; 1 stack growing, judged 3.00 s ago",
	       STYLE_ALARM);
	expect(&screen, 5, "     >LIVE       BLOCKS         GROWTH      ALLOCATED   WHERE", STYLE_HEAD);
	expect(&screen, 6, "  10.0 MiB        1,234    +12.0 KiB/s      1.9 MiB/s ! cache_add (cache.c:42) < main",
	       STYLE_SELECTED);
	expect(&screen, 7, " 512 bytes            1     -2.0 KiB/s              0   evil\\x1b[2J name", STYLE_PLAIN);
	expect(&screen, 8, "", STYLE_PLAIN);
	expect(&screen, 10, "1 of 2 stacks; rates of the last 1.00 s", STYLE_DIM);
	expect(&screen, 11, "q quit  ? help  Enter stack  / filter  l b g a sort  p pause", STYLE_DIM);
	top_screen_release(&screen);
}

Test(top_view, the_selected_row_is_on_the_screen)
{
	struct top_state state = state_of(9, 100); /* room for one row */
	struct top_data data = sample();
	struct top_screen screen;

	state.selected = 1;
	state.sort = SORT_GROWTH;
	strcpy(state.filter, "evil");
	data.n_unsearched = 4000;
	screen = top_view(&state, &data);
	expect(&screen, 5, "      LIVE       BLOCKS        >GROWTH      ALLOCATED   WHERE", STYLE_HEAD);
	expect(&screen, 6, " 512 bytes            1     -2.0 KiB/s              0   evil\\x1b[2J name", STYLE_SELECTED);
	expect(&screen, 7, "2 of 1 stack with \"evil\", of 2; 4,000 still to be searched; rates of the last 1.00 s",
	       STYLE_DIM);
	top_screen_release(&screen);
}

Test(top_view, a_stack_in_full_is_scrolled_no_further_than_its_end)
{
	struct top_state state = state_of(30, 100);
	struct top_data data = sample();
	struct top_screen screen;

	state.page = TOP_STACK;
	state.opened = 7;
	screen = top_view(&state, &data);
	expect(&screen, 1, "Asking ...", STYLE_DIM);
	top_screen_release(&screen);
	data.has_stack = true;
	data.stack = (struct top_stack){
		.row = rows[0],
		.allocated_bytes = 20 << 20,
		.allocations = 2468,
		.lifetime_seconds = 0.5,
		.walked = true,
		.oldest_seconds = 60,
		.verdicts = {{"reachable", 1200, 10 << 20}},
		.n_verdicts = 1,
		.unscanned_blocks = 34,
		.why = "It rises.",
		.held_by = holders,
		.n_held_by = 1,
		.frames = frames,
		.n_frames = 2,
	};
	screen = top_view(&state, &data);
	expect(&screen, 1,
	       "Live      10,485,760 bytes in 1,234 blocks; allocated in all 20,971,520 bytes in 2,468 blocks",
	       STYLE_PLAIN);
	expect(&screen, 2, "Lifetimes freed after 0.50 s on average; the oldest live one is 1 min 00 s old",
	       STYLE_PLAIN);
	expect(&screen, 3, "Growth    +12.0 KiB/s now, allocates 1.9 MiB/s", STYLE_PLAIN);
	expect(&screen, 4, "          judged growing: It rises.", STYLE_ALARM);
	expect(&screen, 5, "Verdicts  reachable 10,485,760 bytes in 1,200 blocks, 34 blocks since the scan",
	       STYLE_PLAIN);
	expect(&screen, 7, "     0  cache_add (cache.c:42)", STYLE_PLAIN);
	expect(&screen, 10, "        global head in prog", STYLE_PLAIN);
	top_screen_release(&screen);

	state.height = 5;
	state.scroll = 1000;
	screen = top_view(&state, &data);
	cr_expect_eq(state.scroll, 7);
	expect(&screen, 3, "        global head in prog", STYLE_PLAIN);
	expect(&screen, 4, "q quit  ? help  Esc back  up/down scroll  p pause", STYLE_DIM);
	top_screen_release(&screen);
}

/* Each character of these texts has one column. */
static size_t columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

Test(top_view, fits_each_size)
{
	for (unsigned height = 0; height < 20; height++) {
		for (unsigned width = 0; width < 90; width += 3) {
			for (int page = TOP_TABLE; page <= TOP_HELP; page++) {
				struct top_state state = state_of(height, width);
				struct top_data data = sample();
				struct top_screen screen;

				state.page = (enum top_page)page;
				screen = top_view(&state, &data);
				cr_assert_leq(screen.n, height);
				for (size_t i = 0; i < screen.n; i++)
					cr_assert_leq(columns(screen.lines[i].text), width);
				top_screen_release(&screen);
			}
		}
	}
}

Test(top_view, before_the_first_answer)
{
	struct top_state state = state_of(3, 80);
	struct top_data none = {0};
	struct top_screen screen = top_view(&state, &none);

	expect(&screen, 0, "memwatch top: asking ...", STYLE_DIM);
	top_screen_release(&screen);
}
