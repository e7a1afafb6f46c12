/* Any bytes as a session's answer to top: refused, or laid out without a crash on screens of several sizes. */
#include "cli/top/top_view.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1); /* nothing behind it may be read */
	struct top_data top;
	struct err err = {""};

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (top_data_read(text, size, &top, &err) == 0) {
		for (unsigned i = 0; i < 3 * 4; i++) {
			struct top_state state = {.page = i % 3, .height = i * 7, .width = i * 11, .utf8 = i & 1};
			struct top_screen screen;

			state.opened = top.stack.row.stack;
			top_state_follow(&state, &top);
			screen = top_view(&state, &top);
			if (screen.n > state.height)
				abort();
			top_screen_release(&screen);
		}
	} else if (!err.text[0]) {
		abort();
	}
	top_data_release(&top);
	free(text);
	return 0;
}
