/*
 * The screen of `memwatch top`, laid out: lines of text from what the session told and what the user has chosen. Pure:
 * no terminal. Lines are at most as wide as the screen, in columns, and hold nothing that could move the cursor.
 */
#ifndef CLI_TOP_TOP_VIEW_H
#define CLI_TOP_TOP_VIEW_H

#include "cli/top/top_data.h"
#include "cli/top/top_state.h"

enum top_style {
	STYLE_PLAIN,
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_HEAD, /* over a table */
	STYLE_SELECTED,
	STYLE_ALARM,
};

struct top_line {
	char *text; /* UTF-8; ASCII unless state.utf8 */
	enum top_style style;
};

struct top_screen {
	struct top_line *lines; /* at most state.height */
	size_t n, cap;
};

/* `data` without an answer yet (pid 0) gives a screen, too. Limits state->scroll to what there is. */
struct top_screen top_view(struct top_state *state, const struct top_data *data);
void top_screen_release(struct top_screen *screen);

#endif
