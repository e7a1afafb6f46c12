#include "cli/top/top_state.h"

#include <string.h>

#define AROUND_TABLE 8u /* lines above and below the table */

size_t top_state_page_rows(const struct top_state *state)
{
	return state->height > AROUND_TABLE ? state->height - AROUND_TABLE : 1;
}

static void select_row(struct top_state *state, const struct top_data *data, size_t row)
{
	size_t last = data->n_rows ? data->n_rows - 1 : 0;

	state->selected = row < last ? row : last;
	state->stack = data->n_rows ? data->rows[state->selected].stack : 0;
}

void top_state_follow(struct top_state *state, const struct top_data *data)
{
	for (size_t i = 0; i < data->n_rows && state->stack; i++) {
		if (data->rows[i].stack == state->stack) {
			state->selected = i;
			return;
		}
	}
	select_row(state, data, state->selected);
}

/* ---- the filter */

/* Takes the last character away, with all its bytes. */
static void erase_last(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
		n--;
	text[n > 0 ? n - 1 : 0] = '\0';
}

static void type(char *text, uint32_t code)
{
	size_t n = strlen(text);
	char bytes[5] = "";

	if (code < 0x80) {
		bytes[0] = (char)code;
	} else if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
	} else {
		bytes[0] = (char)(0xf0 | code >> 18);
		bytes[1] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[2] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[3] = (char)(0x80 | (code & 0x3f));
	}
	if (n + strlen(bytes) <= REQUEST_FILTER_MAX)
		strcpy(text + n, bytes);
}

static enum top_action key_of_filter(struct top_state *state, uint32_t key)
{
	if (key == TOP_KEY_ESCAPE) {
		state->typing = false;
		return TOP_DRAW;
	}
	if (key == TOP_KEY_ENTER) {
		state->typing = false;
		strcpy(state->filter, state->typed);
		state->selected = 0;
		state->stack = 0;
		return TOP_ASK;
	}
	if (key == TOP_KEY_BACKSPACE)
		erase_last(state->typed);
	else if (key == ('u' & 0x1f))
		state->typed[0] = '\0';
	else if (key >= ' ' && key != 0x7f && key < TOP_KEY_UP)
		type(state->typed, key);
	return TOP_DRAW;
}

/* ---- the pages */

static enum top_action sort_by(struct top_state *state, enum request_sort sort)
{
	state->sort = sort;
	state->selected = 0;
	state->stack = 0;
	return TOP_ASK;
}

static bool move(struct top_state *state, uint32_t key, const struct top_data *data)
{
	size_t page = top_state_page_rows(state), at = state->selected;

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		select_row(state, data, at ? at - 1 : 0);
		return true;
	case TOP_KEY_DOWN:
	case 'j':
		select_row(state, data, at + 1);
		return true;
	case TOP_KEY_PAGE_UP:
		select_row(state, data, at > page ? at - page : 0);
		return true;
	case TOP_KEY_PAGE_DOWN:
		select_row(state, data, at + page);
		return true;
	case TOP_KEY_HOME:
		select_row(state, data, 0);
		return true;
	case TOP_KEY_END:
		select_row(state, data, SIZE_MAX - 1);
		return true;
	default:
		return false;
	}
}

static enum top_action key_of_table(struct top_state *state, uint32_t key, const struct top_data *data)
{
	if (move(state, key, data))
		return TOP_DRAW;
	switch (key) {
	case 'l':
		return sort_by(state, SORT_LIVE);
	case 'b':
		return sort_by(state, SORT_BLOCKS);
	case 'g':
		return sort_by(state, SORT_GROWTH);
	case 'a':
		return sort_by(state, SORT_RATE);
	case 's':
		return sort_by(state, (state->sort + 1) % N_SORTS);
	case '/':
		state->typing = true;
		strcpy(state->typed, state->filter);
		return TOP_DRAW;
	case TOP_KEY_ESCAPE:
		if (!state->filter[0])
			return TOP_NOTHING;
		state->filter[0] = '\0';
		return TOP_ASK;
	case TOP_KEY_ENTER:
		if (data->n_rows == 0)
			return TOP_NOTHING;
		select_row(state, data, state->selected);
		state->opened = state->stack;
		state->page = TOP_STACK;
		state->scroll = 0;
		return TOP_ASK;
	default:
		return TOP_NOTHING;
	}
}

/* How far it can be scrolled is known when it is laid out. */
static enum top_action key_of_stack(struct top_state *state, uint32_t key)
{
	size_t page = state->height > 4 ? state->height - 4 : 1;

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		state->scroll -= state->scroll > 0;
		return TOP_DRAW;
	case TOP_KEY_DOWN:
	case 'j':
		state->scroll++;
		return TOP_DRAW;
	case TOP_KEY_PAGE_UP:
		state->scroll -= state->scroll < page ? state->scroll : page;
		return TOP_DRAW;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		state->scroll += page;
		return TOP_DRAW;
	case TOP_KEY_HOME:
		state->scroll = 0;
		return TOP_DRAW;
	case TOP_KEY_END:
		state->scroll = SIZE_MAX / 2;
		return TOP_DRAW;
	case TOP_KEY_ESCAPE:
	case TOP_KEY_BACKSPACE:
	case TOP_KEY_ENTER:
		state->page = TOP_TABLE;
		state->opened = 0;
		return TOP_ASK;
	default:
		return TOP_NOTHING;
	}
}

enum top_action top_state_key(struct top_state *state, uint32_t key, const struct top_data *data)
{
	if (state->typing)
		return key_of_filter(state, key);
	if (state->page == TOP_HELP) { /* any key */
		state->page = state->back;
		return TOP_DRAW;
	}
	switch (key) {
	case 'q':
		return TOP_QUIT;
	case '?':
	case 'h':
		state->back = state->page;
		state->page = TOP_HELP;
		return TOP_DRAW;
	case 'p':
		state->paused = !state->paused;
		return state->paused ? TOP_DRAW : TOP_ASK;
	default:
		return state->page == TOP_STACK ? key_of_stack(state, key) : key_of_table(state, key, data);
	}
}
