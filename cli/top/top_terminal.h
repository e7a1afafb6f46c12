/* The terminal of `memwatch top`: all that knows ncurses. One at a time. */
#ifndef CLI_TOP_TOP_TERMINAL_H
#define CLI_TOP_TOP_TERMINAL_H

#include "cli/base/err.h"
#include "cli/top/top_view.h"

#include <stdbool.h>
#include <stdint.h>

/* Takes over the terminal on stdin and stdout. -1 and a sentence on failure. Sets the locale's character set; *utf8
 * tells whether it is UTF-8. */
int top_terminal_open(bool *utf8, struct err *err);

/* Gives it back as it was. Does nothing when it is not open. */
void top_terminal_close(void);

/* Of now; after SIGWINCH it has to be asked for. */
void top_terminal_size(unsigned *height, unsigned *width);

/* The next key that has come: a character or an enum top_key; false if none has. */
bool top_terminal_key(uint32_t *key);

void top_terminal_draw(const struct top_screen *screen);

#endif
