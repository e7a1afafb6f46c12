/* What a user of `memwatch top` has chosen, and what keys do to it. No terminal, no session. */
#ifndef CLI_TOP_TOP_STATE_H
#define CLI_TOP_TOP_STATE_H

#include "cli/serve/request.h"
#include "cli/top/top_data.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys that are no characters. */
enum top_key {
	TOP_KEY_UP = 0x110000, /* beyond all of Unicode */
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_BACKSPACE,
	TOP_KEY_OTHER,
};

enum top_page {
	TOP_TABLE,
	TOP_STACK, /* one stack in full */
	TOP_HELP,
};

enum top_action {
	TOP_NOTHING,
	TOP_DRAW,
	TOP_ASK, /* and draw: what is to be shown has to be asked for */
	TOP_QUIT,
};

struct top_state {
	enum top_page page;
	enum request_sort sort;
	char filter[REQUEST_FILTER_MAX + 1]; /* that holds */
	char typed[REQUEST_FILTER_MAX + 1];  /* … and the one that is being typed */
	bool typing, paused, utf8;
	uint64_t interval_ns;
	unsigned height, width;
	size_t selected;    /* row of the table */
	uint32_t stack;     /* of that row, which is followed; 0 = none yet */
	uint32_t opened;    /* of the page TOP_STACK */
	size_t scroll;      /* lines of TOP_STACK that are above the screen */
	enum top_page back; /* from the help */
	const char *notice; /* told instead of the keys; NULL = nothing */
};

/* Does what a key means; a character is its code point. */
enum top_action top_state_key(struct top_state *state, uint32_t key, const struct top_data *data);

/* New data has come: the selection stays on its stack. */
void top_state_follow(struct top_state *state, const struct top_data *data);

/* How many rows of the table fit on the screen. */
size_t top_state_page_rows(const struct top_state *state);

#endif
