/* What keys do. */
#include "cli/top/top_state.h"

#include <criterion/criterion.h>
#include <string.h>

static struct top_row rows[] = {{.stack = 5}, {.stack = 6}, {.stack = 7}, {.stack = 8}};
static const struct top_data data = {.pid = 1, .rows = rows, .n_rows = 4};
static const struct top_data none = {.pid = 1};

static enum top_action press(struct top_state *state, uint32_t key)
{
	return top_state_key(state, key, &data);
}

static void type_text(struct top_state *state, const char *text)
{
	for (; *text; text++)
		press(state, (unsigned char)*text);
}

Test(top_state, moves_and_stays_on_its_stack)
{
	struct top_row moved[] = {{.stack = 9}, {.stack = 8}, {.stack = 6}};
	const struct top_data later = {.rows = moved, .n_rows = 3};
	struct top_state state = {.height = 10};

	cr_expect_eq(press(&state, TOP_KEY_DOWN), TOP_DRAW);
	cr_expect_eq(state.stack, 6);
	top_state_follow(&state, &later);
	cr_expect_eq(state.selected, 2);
	press(&state, TOP_KEY_HOME);
	cr_expect_eq(state.selected, 0);
	press(&state, TOP_KEY_UP);
	cr_expect_eq(state.selected, 0);
	press(&state, TOP_KEY_END);
	cr_expect_eq(state.stack, 8);
	press(&state, 'j');
	cr_expect_eq(state.selected, 3);
	press(&state, TOP_KEY_PAGE_UP); /* two rows fit */
	cr_expect_eq(state.selected, 1);
	state.stack = 12345; /* it is gone */
	state.selected = 3;
	top_state_follow(&state, &later);
	cr_expect_eq(state.selected, 2);
	cr_expect_eq(state.stack, 6);
	top_state_follow(&state, &none);
	cr_expect_eq(state.selected, 0);
}

Test(top_state, sorts)
{
	struct top_state state = {.height = 10};

	cr_expect_eq(press(&state, 'b'), TOP_ASK);
	cr_expect_eq(state.sort, SORT_BLOCKS);
	press(&state, 'g');
	cr_expect_eq(state.sort, SORT_GROWTH);
	press(&state, 's');
	cr_expect_eq(state.sort, SORT_RATE);
	press(&state, 's');
	cr_expect_eq(state.sort, SORT_LIVE);
}

Test(top_state, types_a_filter)
{
	struct top_state state = {.height = 10};

	press(&state, '/');
	type_text(&state, "qa?");
	press(&state, 0xe9); /* e with an accent: two bytes */
	press(&state, 0x1f600);
	cr_expect_str_eq(state.typed, "qa?\xc3\xa9\xf0\x9f\x98\x80");
	press(&state, TOP_KEY_BACKSPACE);
	press(&state, TOP_KEY_BACKSPACE);
	press(&state, TOP_KEY_OTHER);
	cr_expect_str_eq(state.filter, "");
	cr_expect_eq(press(&state, TOP_KEY_ENTER), TOP_ASK);
	cr_expect_str_eq(state.filter, "qa?");
	cr_expect_not(state.typing);
	press(&state, '/');
	type_text(&state, "x");
	press(&state, TOP_KEY_ESCAPE);
	cr_expect_str_eq(state.filter, "qa?");
	cr_expect_eq(press(&state, TOP_KEY_ESCAPE), TOP_ASK);
	cr_expect_str_eq(state.filter, "");
	cr_expect_eq(press(&state, TOP_KEY_ESCAPE), TOP_NOTHING);
}

Test(top_state, a_filter_has_an_end)
{
	struct top_state state = {.typing = true};

	for (int i = 0; i < 100; i++)
		press(&state, 0x1f600);
	cr_expect_eq(strlen(state.typed), REQUEST_FILTER_MAX);
	for (int i = 0; i < 100; i++)
		press(&state, TOP_KEY_BACKSPACE);
	cr_expect_str_eq(state.typed, "");
}

Test(top_state, opens_a_stack_and_comes_back)
{
	struct top_state state = {.height = 10};

	cr_expect_eq(top_state_key(&state, TOP_KEY_ENTER, &none), TOP_NOTHING);
	press(&state, TOP_KEY_DOWN);
	cr_expect_eq(press(&state, TOP_KEY_ENTER), TOP_ASK);
	cr_expect_eq(state.page, TOP_STACK);
	cr_expect_eq(state.opened, 6);
	press(&state, TOP_KEY_UP);
	cr_expect_eq(state.scroll, 0);
	press(&state, TOP_KEY_PAGE_DOWN);
	press(&state, TOP_KEY_UP);
	cr_expect_eq(state.scroll, 5);
	press(&state, '?');
	cr_expect_eq(state.page, TOP_HELP);
	press(&state, 'q'); /* any key */
	cr_expect_eq(state.page, TOP_STACK);
	cr_expect_eq(press(&state, TOP_KEY_ESCAPE), TOP_ASK);
	cr_expect_eq(state.page, TOP_TABLE);
	cr_expect_eq(state.opened, 0);
}

Test(top_state, pauses_and_quits)
{
	struct top_state state = {.height = 10};

	cr_expect_eq(press(&state, 'p'), TOP_DRAW);
	cr_expect(state.paused);
	cr_expect_eq(press(&state, 'p'), TOP_ASK);
	cr_expect_not(state.paused);
	cr_expect_eq(press(&state, 'q'), TOP_QUIT);
}
